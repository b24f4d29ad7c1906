#include "gen/mechanism.h"

#include "core/memory.h"
#include "gen/command.h"
#include "gen/fit.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

struct pv_mechanism {
    char **word; /* ours; the command's strings point into them */
    size_t words;
    pv_command command;
    pv_command_parts parts;
    pv_request request;
    pv_command_terms terms;
    pv_listener *listener;
    void *listening;
};

struct pv_training {
    pv_curator *curator;
    pv_fitted fitted;
    pv_key rows; /* of which each size of release has its own */
};

/* --- words ---------------------------------------------------------------- */

static bool is_placeholder(const char *text)
{
    static const char *const name[] = {"{in}", "{out}", "{seed}", "{rows}"};
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        if (strcmp(text, name[i]) == 0)
            return true;
    return false;
}

/* -o{out}, --rows={rows} */
static bool ends_in_placeholder(const char *word)
{
    const char *equals = strchr(word, '=');
    return is_placeholder(word) ||
           (strncmp(word, "-o", 2) == 0 && is_placeholder(word + 2)) ||
           (equals != NULL && is_placeholder(equals + 1));
}

/* Copies the words without placeholders and the options they belong to. */
static pv_status copy_words(size_t words, char *const *word, pv_mechanism *m,
                            pv_error *err)
{
    m->word = pv_array_calloc(words + 1, sizeof *m->word);
    if (m->word == NULL)
        return pv_fail_memory(err, "the command");
    for (size_t i = 0; i < words; i++) {
        if (i > 0 && ends_in_placeholder(word[i]))
            continue;
        if (i > 0 && i + 1 < words && word[i][0] == '-' &&
            strchr(word[i], '=') == NULL && is_placeholder(word[i + 1]) &&
            strcmp(word[i + 1], "{in}") != 0) {
            i++;
            continue;
        }
        m->word[m->words] = pv_strdup(word[i]);
        if (m->word[m->words] == NULL)
            return pv_fail_memory(err, "the command");
        m->words++;
    }
    return PV_OK;
}

/* What belongs to a run of its own, or is the game's to say. */
static pv_status check_command(const pv_command *c, pv_error *err)
{
    const struct {
        bool given;
        const char *option, *why;
    } refused[] = {
        {c->rest_count > 1, c->rest_count > 1 ? c->rest[1] : "", "the input is "
         "each trial's own table: leave it out, or write {in}"},
        {c->output != NULL, "--output", "no release is written: leave it out"},
        {c->force, "--force", "no release is written: leave it out"},
        {c->run_dir != NULL, "--run-dir", "trainings keep none: leave it out"},
        {c->account != NULL || c->account_cap > 0, "--account",
         "trainings are not releases of anyone: leave it out"},
        {c->from_measurements != NULL, "--from-measurements",
         "it does not train on the trial's table"},
        {c->claim != NULL, "--claim", "nothing is measured elsewhere"},
        {c->test_seed != NULL, "--insecure-test-seed",
         "every trial has its own key: leave it out"},
        {c->rows >= 0, "--rows", "the sizes of releases are asked for "
         "separately: leave it out"},
        {c->threads > 0, "--threads", "trials run side by side, each in one "
         "thread: leave it out"},
        {c->marginals > 0, "--marginal", "it is of another command"},
        {c->json, "--json", "it is of another command"}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (refused[i].given)
            return pv_fail(err, PV_EUSAGE, "privet-gen: %s: %s",
                           refused[i].option, refused[i].why);
    return PV_OK;
}

static pv_status parse_words(pv_mechanism *m, pv_error *err)
{
    bool done = false;
    const int before = optind;
    for (size_t i = 1; i < m->words; i++)
        if (strcmp(m->word[i], "--help") == 0 ||
            strcmp(m->word[i], "--version") == 0)
            return pv_fail(err, PV_EUSAGE, "privet-gen: %s trains nothing",
                           m->word[i]);
    optind = 0; /* getopt begins anew */
    pv_status status = pv_command_parse((int)m->words, m->word, &m->command,
                                        &done, err);
    optind = before;
    if (status == PV_OK && done)
        status = pv_fail(err, PV_EUSAGE, "privet-gen: nothing to train");
    if (status == PV_OK)
        status = check_command(&m->command, err);
    return status;
}

/* A schema that was pasted along must be the same one. */
static pv_status check_schema(const pv_command *c, const pv_schema *schema,
                              pv_error *err)
{
    pv_status status = PV_OK;
    pv_schema *own = NULL;
    if (pv_schema_has_needs(schema))
        return pv_fail(err, PV_EUNSUPPORTED,
                       "the schema leaves levels to be found (private bins or "
                       "bounds, open labels), differently in every trial; "
                       "give bins and categories, for example those of a "
                       "release");
    if (c->schema == NULL)
        return PV_OK;
    PV_TRY(pv_schema_read(c->schema, &own, err));
    if (strcmp(pv_schema_json(own), pv_schema_json(schema)) != 0)
        status = pv_fail(err, PV_EUSAGE,
                         "%s: is not the schema of the tables; leave --schema "
                         "out of the mechanism",
                         c->schema);
out:
    pv_schema_free(own);
    return status;
}

pv_status pv_mechanism_parse(size_t words, char *const *word,
                             const pv_schema *schema, bool no_noise,
                             pv_mechanism **mechanism, pv_error *err)
{
    pv_status status = PV_OK;
    pv_plan plan = {0};
    pv_mechanism *m = pv_array_calloc(1, sizeof *m);
    if (m == NULL)
        return pv_fail_memory(err, "the mechanism");
    PV_TRY(copy_words(words, word, m, err));
    PV_TRY(parse_words(m, err));
    const pv_generator *method = pv_generator_find(m->command.rest[0]);
    if (method == NULL) {
        status = pv_fail(err, PV_EUSAGE,
                         "privet-gen: \"%s\" is not a method; privet-gen "
                         "methods lists them",
                         m->command.rest[0]);
        goto out;
    }
    if (m->command.pe.api != PV_PE_TABLE) {
        status = pv_fail(err, PV_EUNSUPPORTED,
                         "privet-gen: a mechanism is tried on tables, and this "
                         "one takes embeddings");
        goto out;
    }
    PV_TRY(check_schema(&m->command, schema, err));
    if (no_noise) {
        m->command.rho = PV_NO_NOISE_RHO;
        m->command.epsilon = 0;
    }
    PV_TRY(pv_command_budget(&m->command, schema, &m->terms, err));
    PV_TRY(pv_command_request(&m->command, method, schema, &m->terms,
                              &m->parts, &m->request, err));
    PV_TRY(pv_plan_make(&m->request, &plan, err));
    *mechanism = m;
    m = NULL;
out:
    pv_plan_clear(&plan);
    pv_mechanism_free(m);
    return status;
}

void pv_mechanism_free(pv_mechanism *m)
{
    if (m == NULL)
        return;
    pv_command_parts_clear(&m->parts);
    for (size_t i = 0; i < m->words; i++)
        free(m->word[i]);
    free(m->word);
    free(m);
}

const char *pv_mechanism_method(const pv_mechanism *m)
{
    return m->request.method->name;
}

pv_mechanism_claim pv_mechanism_claims(const pv_mechanism *m)
{
    return (pv_mechanism_claim){.rho = pv_units_to_rho(m->request.budget),
                                .delta = m->terms.delta,
                                .neighbours = m->request.neighbours};
}

void pv_mechanism_listen(pv_mechanism *m, pv_listener *listener, void *context)
{
    m->listener = listener;
    m->listening = context;
}

/* --- training ------------------------------------------------------------- */

pv_status pv_mechanism_train(const pv_mechanism *m, const char *input,
                             const char *scratch, const pv_key *key,
                             pv_training **training, pv_error *err)
{
    pv_status status = PV_OK;
    pv_training *t = pv_array_calloc(1, sizeof *t);
    char *run_dir = pv_sprintf_alloc("%s/run", scratch);
    char *output = pv_sprintf_alloc("%s/release.h5", scratch);
    if (t == NULL || run_dir == NULL || output == NULL) {
        status = pv_fail_memory(err, "a training");
        goto out;
    }
    const pv_curator_options options = {.input = input,
                                        .schema = m->request.schema,
                                        .ignore_extra = m->command.ignore_extra,
                                        .numbers = m->request.numbers,
                                        .vectors = m->request.vectors,
                                        .run_dir = run_dir,
                                        .output = output,
                                        .budget = m->request.budget,
                                        .delta = m->terms.delta,
                                        .delta_labels = m->request.delta_labels,
                                        .neighbours = m->request.neighbours,
                                        .method = m->request.method->name,
                                        .settings = "a training",
                                        .test_key = key};
    PV_TRY(pv_curator_open(&options, &t->curator, err));
    pv_curator_listen(t->curator, m->listener, m->listening);
    PV_TRY(pv_ask_and_fit(&m->request, t->curator, &t->fitted, err));
    pv_curator_post_key(t->curator, m->request.method->name, &t->rows);
    *training = t;
    t = NULL;
out:
    free(run_dir);
    free(output);
    pv_training_free(t);
    return status;
}

void pv_training_free(pv_training *t)
{
    if (t == NULL)
        return;
    pv_fitted_clear(&t->fitted);
    pv_curator_close(t->curator);
    pv_key_wipe(&t->rows);
    free(t);
}

pv_status pv_training_release(const pv_training *t, int64_t rows,
                              pv_table **table, pv_error *err)
{
    pv_key key;
    unsigned char size[8];
    for (unsigned i = 0; i < sizeof size; i++)
        size[i] = (unsigned char)((uint64_t)rows >> 8 * i);
    pv_key_derive(&t->rows, "release", size, sizeof size, &key);
    return pv_fitted_rows(&t->fitted, pv_curator_schema(t->curator), rows, &key,
                          table, err);
}

const pv_measurement *pv_training_measurements(const pv_training *t,
                                               size_t *count)
{
    const pv_measurement *measurements = NULL;
    *count = pv_curator_measurements(t->curator, &measurements);
    return measurements;
}
