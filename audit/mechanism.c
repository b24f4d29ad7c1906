#include "audit/mechanism_internal.h"

#include "audit/attack/people.h"
#include "core/atomicfile.h"
#include "core/memory.h"
#include "core/scratch.h"
#include "core/words.h"
#include "gen/mechanism.h"
#include "io/csv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- making --------------------------------------------------------------- */

static const char prefix[] = "reference:";
static const char gaussian[] = "gaussian:";

static pv_status make_reference(const char *name, pv_subject *s, pv_error *err)
{
    static const struct {
        const char *name;
        pv_subject_kind kind;
    } known[] = {{"bootstrap", PV_SUBJECT_BOOTSTRAP},
                 {"copy", PV_SUBJECT_COPY},
                 {"coins", PV_SUBJECT_COINS}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(name, known[i].name) == 0) {
            s->kind = known[i].kind;
            return PV_OK;
        }
    if (strncmp(name, gaussian, sizeof gaussian - 1) == 0) {
        char *end;
        const char *text = name + sizeof gaussian - 1;
        s->kind = PV_SUBJECT_GAUSSIAN;
        s->sigma = strtod(text, &end);
        if (end != text && *end == '\0' && isfinite(s->sigma) && s->sigma > 0)
            return PV_OK;
        return pv_fail(err, PV_EUSAGE,
                       "reference:gaussian takes a positive standard deviation, "
                       "as reference:gaussian:3, not \"%s\"",
                       text);
    }
    return pv_fail(err, PV_EUSAGE,
                   "reference:%s: there are reference:bootstrap, "
                   "reference:copy, reference:coins and "
                   "reference:gaussian:SIGMA",
                   name);
}

static bool has_word(char *const *word, const char *name)
{
    for (; *word != NULL; word++)
        if (strstr(*word, name) != NULL)
            return true;
    return false;
}

static pv_status make_external(pv_subject *s, pv_error *err)
{
    s->kind = PV_SUBJECT_EXTERNAL;
    if (has_word(s->word + 1, "{in}") && has_word(s->word + 1, "{out}"))
        return PV_OK;
    return pv_fail(err, PV_EUSAGE,
                   "%s: the command line must have {in}, where the people's CSV "
                   "is put, and {out}, where the program writes its release",
                   s->word[0]);
}

static bool is_ours(const char *word)
{
    const char *slash = strrchr(word, '/');
    return strcmp(slash != NULL ? slash + 1 : word, "privet-gen") == 0;
}

static pv_status make(const char *command, pv_subject *s, pv_error *err)
{
    size_t words = 0;
    pv_status status = pv_words_split(command, &s->word, &words, err);
    if (status != PV_OK)
        return status;
    if (words == 0)
        return pv_fail(err, PV_EUSAGE, "the mechanism is an empty command");
    if (is_ours(s->word[0])) {
        s->kind = PV_SUBJECT_PRIVET;
        return pv_mechanism_parse(words, s->word, s->options.schema,
                                  s->options.no_noise, &s->ours, err);
    }
    if (s->options.no_noise)
        return pv_fail(err, PV_EUSAGE,
                       "--no-noise is for privet-gen in the mechanism alone");
    return strncmp(s->word[0], prefix, sizeof prefix - 1) != 0
               ? make_external(s, err)
           : words > 1 ? pv_fail(err, PV_EUSAGE, "%s takes no arguments",
                                 s->word[0])
                       : make_reference(s->word[0] + sizeof prefix - 1, s, err);
}

pv_status pv_subject_make(const char *command,
                          const pv_subject_options *options,
                          pv_subject **subject, pv_error *err)
{
    pv_subject *s = pv_array_calloc(1, sizeof *s);
    if (s == NULL)
        return pv_fail_memory(err, "the mechanism");
    s->options = *options;
    const pv_status status = make(command, s, err);
    if (status != PV_OK) {
        pv_subject_free(s);
        return pv_fail_context(err, status, "--mechanism");
    }
    *subject = s;
    return PV_OK;
}

void pv_subject_free(pv_subject *s)
{
    if (s == NULL)
        return;
    pv_mechanism_free(s->ours);
    pv_words_free(s->word);
    free(s);
}

pv_subject_kind pv_subject_kind_of(const pv_subject *s)
{
    return s->kind;
}

pv_mechanism *pv_subject_ours(const pv_subject *s)
{
    return s->ours;
}

double pv_subject_sigma(const pv_subject *s)
{
    return s->sigma;
}

/* --- training ------------------------------------------------------------- */

/* The people as CSV, for the owner alone. */
static pv_status write_people(const pv_trained *t, char **in, pv_error *err)
{
    *in = pv_sprintf_alloc("%s/in.csv", t->scratch);
    if (*in == NULL)
        return pv_fail_memory(err, "a path");
    const mode_t before = umask(077);
    const pv_status status = pv_csv_write(t->people, *in, false, err);
    (void)umask(before);
    return status;
}

static pv_status copy_people(const pv_trained *t, const char *file, char **in,
                             pv_error *err)
{
    const size_t limit = (size_t)8 << 30;
    unsigned char *text = NULL;
    size_t size = 0;
    *in = pv_sprintf_alloc("%s/in.csv", t->scratch);
    if (*in == NULL)
        return pv_fail_memory(err, "a path");
    pv_status status = pv_file_read(file, limit, &text, &size, err);
    if (status == PV_OK)
        status = pv_file_write_atomic(*in, text, size, 0600, err);
    free(text);
    return status;
}

/* Everything that takes files; `file` may be NULL. */
static pv_status train_on_file(pv_trained *t, const char *file, size_t most,
                               const char *scratch, pv_error *err)
{
    pv_status status = PV_OK;
    char *in = NULL;
    PV_TRY(pv_scratch_make(scratch, &t->scratch, err));
    /* a program gets a copy, which it may change or move; and whose name says
     * nothing */
    if (file == NULL)
        PV_TRY(write_people(t, &in, err));
    else if (t->subject->kind == PV_SUBJECT_EXTERNAL)
        PV_TRY(copy_people(t, file, &in, err));
    const char *people = in != NULL ? in : file;
    PV_TRY(t->subject->kind == PV_SUBJECT_PRIVET
               ? pv_mechanism_train(t->subject->ours, people, t->scratch,
                                    &t->key, &t->ours, err)
               : pv_program_train(t, people, most, err));
out:
    free(in);
    return status;
}

pv_status pv_subject_train(const pv_subject *s, const pv_table *people,
                           size_t most, const pv_key *key, const char *scratch,
                           pv_trained **trained, pv_error *err)
{
    return pv_subject_train_file(s, people, NULL, most, key, scratch, trained,
                                 err);
}

pv_status pv_subject_train_file(const pv_subject *s, const pv_table *people,
                                const char *file, size_t most,
                                const pv_key *key, const char *scratch,
                                pv_trained **trained, pv_error *err)
{
    pv_status status = PV_OK;
    PV_CHECK(s->kind != PV_SUBJECT_GAUSSIAN);
    pv_trained *t = pv_array_calloc(1, sizeof *t);
    if (t == NULL)
        return pv_fail_memory(err, "a training");
    t->subject = s;
    t->people = people;
    t->key = *key;
    if (s->kind == PV_SUBJECT_PRIVET || s->kind == PV_SUBJECT_EXTERNAL)
        status = train_on_file(t, file, most, scratch, err);
    if (status != PV_OK) {
        pv_trained_free(t);
        return status;
    }
    *trained = t;
    return PV_OK;
}

void pv_trained_free(pv_trained *t)
{
    if (t == NULL)
        return;
    pv_training_free(t->ours);
    pv_table_free(t->written);
    pv_scratch_remove(t->scratch);
    free(t->scratch);
    pv_key_wipe(&t->key);
    free(t);
}

/* --- releases ------------------------------------------------------------- */

static void begin_stream(const pv_trained *t, size_t rows, pv_stream *stream)
{
    pv_key key;
    pv_key_derive(&t->key, "release", NULL, 0, &key);
    pv_stream_init(stream, &key, rows);
}

/* With replacement; or, of a copy, one after the other, again and again. */
static pv_status bootstrap(const pv_trained *t, size_t rows, pv_table **table,
                           pv_error *err)
{
    pv_stream stream;
    const size_t people = pv_table_rows(t->people);
    const bool copy = t->subject->kind == PV_SUBJECT_COPY;
    const bool coins = t->subject->kind == PV_SUBJECT_COINS;
    uint32_t *row = pv_array_alloc(rows, sizeof *row);
    if (row == NULL)
        return pv_fail_memory(err, "rows");
    begin_stream(t, rows, &stream);
    for (size_t i = 0; i < rows; i++)
        row[i] = (uint32_t)(copy ? i % people
                                 : pv_stream_below(&stream, people));
    const pv_status status = pv_pick_rows(t->people, row, rows, table, err);
    for (size_t i = 0; status == PV_OK && coins && i < rows; i++)
        (void)pv_coins_toss(t->subject->options.coins, &stream, *table, i);
    free(row);
    return status;
}

static pv_status subsample(const pv_trained *t, size_t rows, pv_table **table,
                           pv_error *err)
{
    pv_status status = PV_OK;
    pv_stream stream;
    uint32_t *row;
    const size_t written = pv_table_rows(t->written);
    if (written < rows)
        return pv_fail(err, PV_EIO,
                       "%s wrote %zu rows where %zu are asked for: have it "
                       "write {rows} rows, or ask for fewer with --releases",
                       t->subject->word[0], written, rows);
    begin_stream(t, rows, &stream);
    row = pv_array_alloc(rows, sizeof *row);
    if (row == NULL)
        return pv_fail_memory(err, "rows");
    PV_TRY(pv_people_shuffle(&stream, written, rows, row, err));
    PV_TRY(pv_pick_rows(t->written, row, rows, table, err));
out:
    free(row);
    return status;
}

/* All that a program wrote. */
static pv_status whole(const pv_trained *t, pv_table **table, pv_error *err)
{
    const pv_people all = {.table = t->written,
                           .count = pv_table_rows(t->written)};
    return pv_people_copy(&all, table, err);
}

pv_status pv_trained_release(const pv_trained *t, size_t rows,
                             pv_table **table, pv_error *err)
{
    const bool own = rows == PV_ROWS_OF_ITS_OWN;
    if (t->subject->kind == PV_SUBJECT_PRIVET)
        return pv_training_release(t->ours, own ? -1 : (int64_t)rows, table,
                                   err);
    if (t->subject->kind == PV_SUBJECT_EXTERNAL)
        return own ? whole(t, table, err) : subsample(t, rows, table, err);
    return bootstrap(t, own ? pv_table_rows(t->people) : rows, table, err);
}

uint64_t pv_trained_outside(const pv_trained *t)
{
    return t->outside;
}

const pv_measurement *pv_trained_measurements(const pv_trained *t,
                                              size_t *count)
{
    *count = 0;
    return t->ours != NULL ? pv_training_measurements(t->ours, count) : NULL;
}
