#include "dp/curator_internal.h"

#include "core/atomicfile.h"
#include "core/log.h"
#include "core/memory.h"
#include "io/rows.h"
#include "marginals/clique.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

static const char *rng_text(const pv_curator *c)
{
    return c->insecure ? "INSECURE-TEST" : "secure";
}

static pv_status set_up(pv_curator *c, const pv_curator_options *options,
                        pv_error *err)
{
    c->schema = options->schema;
    c->neighbours = options->neighbours;
    c->rows_per_unit = pv_schema_unit_rows(options->schema);
    c->unit_is_row = pv_schema_unit(options->schema) == NULL;
    c->insecure = options->test_key != NULL;
    c->force = options->force;
    c->numbers = options->numbers;
    c->of_vectors = options->vectors;
    c->delta = options->delta;
    c->budget = options->budget;
    c->delta_budget = options->delta_labels;
    c->next_sequence = 1;
    pv_domain_of_schema(options->schema, &c->domain);
    c->run_dir = pv_strdup(options->run_dir);
    c->output = pv_strdup(options->output);
    c->method = pv_strdup(options->method);
    c->settings = pv_strdup(options->settings);
    c->unit = c->unit_is_row
                  ? pv_strdup("row")
                  : pv_sprintf_alloc("person, at most %llu rows",
                                     (unsigned long long)c->rows_per_unit);
    if (c->run_dir == NULL || c->output == NULL || c->method == NULL ||
        c->settings == NULL || c->unit == NULL)
        return pv_fail_memory(err, "the curator");
    c->account.cap = options->account_cap;
    c->account.unit = c->unit;
    c->account.neighbours = pv_curator_neighbours_text(c);
    c->account.rng = rng_text(c);
    if (options->account != NULL) {
        c->account_path = pv_strdup(options->account);
        c->account.path = c->account_path;
        if (c->account_path == NULL)
            return pv_fail_memory(err, "the curator");
    }
    return PV_OK;
}

static pv_status check_options(const pv_curator_options *options, pv_error *err)
{
    if (pv_schema_columns(options->schema) == 0)
        return pv_fail(err, PV_ESCHEMA,
                       "the schema declares no column to release");
    if (options->numbers && pv_schema_has_needs(options->schema))
        return pv_fail(err, PV_ESCHEMA,
                       "queries and votes need levels that are public: give "
                       "bins, bounds and categories in the schema");
    if (options->delta_labels > 0 &&
        (options->delta_labels >> PV_DELTA_BITS != 0 ||
         pv_delta_left(options->delta, options->delta_labels) <= 0))
        return pv_fail(err, PV_EBUDGET,
                       "finding labels may not spend all of delta: epsilon is "
                       "stated at what is left of it");
    return PV_OK;
}

/* What must be the same when a run is resumed. */
static json_t *opening(const pv_curator *c)
{
    char schema[2 * PV_DIGEST_BYTES + 1];
    const char *json = pv_schema_json(c->schema);
    pv_hash_hex(json, strlen(json), schema);
    return json_pack(
        "{s:s, s:i, s:s, s:I, s:f, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "kind",
        "open", "format", 1, "rng", rng_text(c), "budget",
        (json_int_t)c->budget, "delta", c->delta, "delta_labels",
        (json_int_t)c->delta_budget, "neighbours",
        pv_curator_neighbours_text(c), "unit", c->unit, "schema", schema,
        "method", c->method, "settings", c->settings, "input", c->digest,
        "account", c->account.path != NULL);
}

/* All but the input, which takes the key and the rows to tell, can be compared
 * before either is touched. */
static pv_status compare_opening(const pv_curator *c, bool input,
                                 const json_t *now, pv_error *err)
{
    enum { input_last = 1 };
    static const char *const what[][2] = {
        {"rng", "--insecure-test-seed was given or left out"},
        {"schema", "the schema changed"},
        {"budget", "the budget (--epsilon, --delta, --rho) changed"},
        {"delta", "delta changed"},
        {"delta_labels", "what labels may spend of delta changed"},
        {"neighbours", "--neighbors changed"},
        {"unit", "the unit of privacy changed"},
        {"method", "the method changed"},
        {"settings", "the method's options changed"},
        {"account", "--account was given or left out"},
        {"input", "the input changed"}};
    const json_t *before = pv_ledger_line(c->ledger, 0);
    const size_t count = sizeof what / sizeof *what;
    for (size_t i = 0; i < (input ? count : count - input_last); i++)
        if (!json_equal(json_object_get(before, what[i][0]),
                        json_object_get(now, what[i][0])))
            return pv_fail(err, PV_EMISMATCH,
                           "%s: %s since this run began, so it cannot be "
                           "resumed; what was spent stays spent: undo the "
                           "change, or start a new run with another --run-dir",
                           c->run_dir, what[i][1]);
    return PV_OK;
}

/* Before the key is looked for: a run begun in the other mode of randomness, or
 * with other parameters, is refused even when it is finished. */
static pv_status check_ledger(pv_curator *c, pv_error *err)
{
    pv_status status = PV_OK;
    pv_ledger_summary summary;
    if (pv_ledger_lines(c->ledger) == 0)
        return PV_OK;
    json_t *now = opening(c);
    if (now == NULL)
        return pv_fail_memory(err, "the ledger");
    PV_TRY(compare_opening(c, false, now, err));
    PV_TRY(pv_ledger_check(pv_ledger_bodies(c->ledger), &summary, err));
    c->spent = summary.spent;
    c->delta_spent = summary.delta_spent;
out:
    json_decref(now);
    return status;
}

/* The run's name in the account: of the key and of all that is charged for. So
 * a run whose ledger is lost finds its reservation again only by asking the
 * same of the same rows with the same noise. */
static pv_status name_run(pv_curator *c, const json_t *now, pv_error *err)
{
    pv_key id;
    char *text = json_dumps(now, JSON_COMPACT | JSON_SORT_KEYS);
    if (text == NULL)
        return pv_fail_memory(err, "the ledger");
    pv_key_derive(&c->key, "run id", text, strlen(text), &id);
    (void)sodium_bin2hex(c->run_id, sizeof c->run_id, id.bytes, 16);
    free(text);
    return PV_OK;
}

/* The account first, then the run's own ledger. A resumed run asks the account
 * too, which must not have been changed behind its back; one that is closed may
 * have settled for what it spent, any other has its whole budget there. */
static pv_status begin_or_resume(pv_curator *c, pv_error *err)
{
    pv_status status = PV_OK;
    pv_spend total;
    json_t *now = opening(c);
    if (now == NULL)
        return pv_fail_memory(err, "the ledger");
    const bool resumed = pv_ledger_lines(c->ledger) > 0;
    if (resumed)
        PV_TRY(compare_opening(c, true, now, err));
    PV_TRY(name_run(c, now, err));
    if (c->account.path != NULL)
        PV_TRY(pv_account_reserve(
            &c->account, c->run_id,
            pv_curator_has_line(c, "close")
                ? (pv_spend){c->spent, c->delta_spent}
                : (pv_spend){c->budget, c->delta_budget},
            &total, err));
    if (resumed) {
        pv_log_info("resuming the run in %s: rho = %.6g of %.6g spent",
                    c->run_dir, pv_units_to_rho(c->spent),
                    pv_units_to_rho(c->budget));
        goto out;
    }
    json_incref(now);
    PV_TRY(pv_ledger_append(c->ledger, now, err));
out:
    json_decref(now);
    return status;
}

pv_status pv_curator_open(const pv_curator_options *options,
                          pv_curator **result, pv_error *err)
{
    pv_status status = PV_OK;
    bool finished = false;
    pv_curator *c = pv_array_calloc(1, sizeof *c);
    *result = NULL;
    if (c == NULL)
        return pv_fail_memory(err, "the curator");
    (void)prctl(PR_SET_DUMPABLE, 0); /* no core file with rows or key */
    PV_TRY(pv_crypto_init(err));
    PV_TRY(check_options(options, err));
    PV_TRY(set_up(c, options, err));
    PV_TRY(pv_rundir_open(c, err));
    PV_TRY(check_ledger(c, err));
    PV_TRY(pv_rundir_key(c, options->test_key, err));
    PV_TRY(pv_publish_resume(c, &finished, err));
    if (finished)
        goto out;
    PV_TRY(pv_release_check(c->output, c->insecure, c->force, err));
    PV_TRY(pv_intake(c, options->input, options->ignore_extra, err));
    PV_TRY(begin_or_resume(c, err));
    *result = c;
    c = NULL;
out:
    pv_curator_close(c);
    return status;
}

void pv_curator_close(pv_curator *c)
{
    if (c == NULL)
        return;
    pv_curator_wipe_rows(c);
    for (size_t i = 0; i < c->measured; i++)
        pv_measurement_clear(&c->measurements[i]);
    free(c->measurements);
    pv_ledger_close(c->ledger);
    pv_key_wipe(&c->key);
    free(c->run_dir);
    free(c->output);
    free(c->method);
    free(c->settings);
    free(c->unit);
    free(c->account_path);
    pv_schema_free(c->resolved);
    free(c);
}

pv_status pv_curator_resolve(pv_curator *c, const pv_found *found, size_t count,
                             pv_error *err)
{
    pv_status status = PV_OK;
    pv_schema *resolved = NULL;
    PV_CHECK(c->resolved == NULL && c->truths == 0);
    PV_TRY(pv_schema_resolve(c->schema, found, count, &resolved, err));
    PV_TRY(pv_table_recode(&c->rows, resolved, err));
    c->schema = c->resolved = resolved;
    pv_hash_hex(pv_schema_json(resolved), strlen(pv_schema_json(resolved)),
                c->levels);
    pv_domain_of_schema(resolved, &c->domain);
    resolved = NULL;
out:
    pv_schema_free(resolved);
    return status;
}

const char *pv_curator_neighbours_text(const pv_curator *c)
{
    return c->neighbours == PV_REPLACE ? "replace" : "add-remove";
}

const pv_schema *pv_curator_schema(const pv_curator *c)
{
    return c->schema;
}

size_t pv_curator_width(const pv_curator *c)
{
    return c->width;
}

uint64_t pv_curator_remaining(const pv_curator *c)
{
    /* on resume, what later questions have spent is theirs again */
    return c->budget - pv_curator_spent_before(c, c->next_sequence);
}

uint64_t pv_curator_spent_before(const pv_curator *c, uint64_t sequence)
{
    uint64_t spent = 0;
    for (size_t i = 0; i < pv_ledger_lines(c->ledger); i++) {
        const json_t *body = pv_ledger_line(c->ledger, i);
        const char *kind = json_string_value(json_object_get(body, "kind"));
        if (kind == NULL || strcmp(kind, "reserve") != 0)
            continue;
        if ((uint64_t)json_integer_value(json_object_get(body, "sequence")) <
            sequence)
            spent += (uint64_t)json_integer_value(
                json_object_get(body, "units"));
    }
    return spent;
}

bool pv_curator_has_line(const pv_curator *c, const char *kind)
{
    for (size_t i = 0; i < pv_ledger_lines(c->ledger); i++) {
        const char *k = json_string_value(
            json_object_get(pv_ledger_line(c->ledger, i), "kind"));
        if (k != NULL && strcmp(k, kind) == 0)
            return true;
    }
    return false;
}

bool pv_curator_public_rows(const pv_curator *c, size_t *rows)
{
    if (c->neighbours != PV_REPLACE || !c->unit_is_row)
        return false;
    *rows = pv_table_rows(c->rows);
    return true;
}

size_t pv_curator_measurements(const pv_curator *c,
                               const pv_measurement **measurements)
{
    *measurements = c->measurements;
    return c->measured;
}

void pv_curator_post_key(const pv_curator *c, const char *purpose, pv_key *key)
{
    pv_key_derive(&c->key, "post-processing", purpose, strlen(purpose), key);
}

void pv_curator_listen(pv_curator *c, pv_listener *listener, void *context)
{
    c->listener = listener;
    c->listening = context;
}

pv_status pv_curator_tell(const pv_curator *c, const pv_heard *heard,
                          pv_error *err)
{
    return c->listener != NULL ? c->listener(c->listening, heard, err) : PV_OK;
}
