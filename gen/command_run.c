#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "core/atomicfile.h"
#include "core/log.h"
#include "core/memory.h"
#include "core/stream.h"
#include "gen/command.h"
#include "io/measured.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The workload as text, or the digest of a long one. NULL on short memory. */
static char *workload_text(const pv_request *r)
{
    enum { shown = 4096 };
    static const pv_key no_key = {{0}};
    char *text = NULL, hex[2 * PV_KEY_BYTES + 1];
    size_t size = 0;
    pv_key digest;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    for (size_t i = 0; r->workload != NULL && i < r->workload->count; i++) {
        char name[1024];
        pv_clique_describe(&r->workload->clique[i], r->schema, name,
                           sizeof name);
        (void)fprintf(out, " [%s]*%.17g", name, r->workload->weight[i]);
    }
    const bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    if (size <= shown)
        return text;
    pv_key_derive(&no_key, "workload", text, size, &digest);
    free(text);
    for (size_t i = 0; i < PV_KEY_BYTES; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", digest.bytes[i]);
    return pv_sprintf_alloc(" workload=%zu:%s", r->workload->count, hex);
}

/* The queries by their definitions; "" without any. */
static void queries_text(const pv_request *r, char text[512])
{
    static const pv_key no_key = {{0}};
    pv_key all = no_key, own;
    *text = '\0';
    if (r->queries == NULL)
        return;
    for (size_t i = 0; i < pv_queries_count(r->queries); i++) {
        unsigned char digest[PV_DIGEST_BYTES];
        pv_queries_digest(r->queries, i, digest);
        own = all;
        pv_key_derive(&own, "queries", digest, sizeof digest, &all);
    }
    char hex[2 * PV_KEY_BYTES + 1];
    for (size_t i = 0; i < PV_KEY_BYTES; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", all.bytes[i]);
    (void)snprintf(text, 512,
                   " queries=%zu:%s base=%s base-share=%.17g rounds=%zu "
                   "picks=%zu search=%s",
                   pv_queries_count(r->queries), hex, r->base->name,
                   r->base_share, r->rounds, r->picks,
                   r->faithful ? "faithful" : "fast");
}

/* The options of private evolution that shape a run, and which pool it is of. */
static char *pe_text(const pv_request *r)
{
    const pv_pe_options *o = r->pe;
    char pool[2 * PV_DIGEST_BYTES + 1] = "";
    if (o == NULL)
        return pv_strdup("");
    if (r->pool != NULL)
        pv_pool_digest(r->pool, pool);
    return pv_sprintf_alloc(
        " api=%d pool=%s rounds=%zu one-shot=%zu candidates=%zu children=%zu "
        "lookahead=%zu select=%d keep=%d threshold=%.17g degrees=%.17g,%.17g "
        "marginals=%d metric=%d target=%s",
        (int)o->api, pool, r->rounds, o->one_shot, o->candidates, o->children,
        o->lookahead, (int)o->select, o->keep, o->threshold, o->degree[0],
        o->degree[1], o->marginals, (int)o->metric,
        r->pe_by == PV_NO_COLUMN ? ""
                                 : pv_schema_column(r->schema, r->pe_by)->name);
}

/* What of the request must not change between a run and its resumption. */
static char *settings_of(const pv_request *r)
{
    char columns[64] = "", queries[512];
    char *text = NULL, *workload = workload_text(r), *pe = pe_text(r);
    queries_text(r, queries);
    if (pv_schema_has_needs(r->schema))
        (void)snprintf(columns, sizeof columns, " columns-share=%.17g",
                       r->columns_share);
    if (workload != NULL && pe != NULL)
        text = pv_sprintf_alloc(
            "rows=%lld one-way-share=%.17g select-share=%.17g "
            "model-size=%zu%s%s%s%s",
            (long long)r->rows, r->one_way_share, r->select_share,
            r->model_size, columns, workload, queries, pe);
    free(workload);
    free(pe);
    return text;
}

static pv_status test_key(const pv_command *c, pv_key *key, pv_error *err)
{
    if (!pv_key_from_hex(c->test_seed, key))
        return pv_fail(err, PV_EUSAGE,
                       "--insecure-test-seed takes 1 to 64 hexadecimal digits");
    pv_log_warning("a test seed is in use: the release is NOT PRIVATE and "
                   "says so");
    return PV_OK;
}

static pv_status run(const pv_command *c, const pv_request *request,
                     double delta, const char *run_dir, const char *settings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    pv_key seed = {{0}};
    pv_curator *curator = NULL;
    uint64_t cap = 0;
    if (c->test_seed != NULL)
        PV_TRY(test_key(c, &seed, err));
    if (c->account_cap > 0)
        PV_TRY(pv_units_of_rho(c->account_cap, &cap, err));
    const pv_curator_options options = {
        .input = c->rest[1],
        .schema = request->schema,
        .ignore_extra = c->ignore_extra,
        .numbers = request->numbers,
        .vectors = request->vectors,
        .run_dir = run_dir,
        .output = c->output,
        .force = c->force,
        .budget = request->budget,
        .delta = delta,
        .delta_labels = request->delta_labels,
        .neighbours = request->neighbours,
        .method = request->method->name,
        .settings = settings,
        .account = c->account,
        .account_cap = cap,
        .test_key = c->test_seed != NULL ? &seed : NULL};
    PV_TRY(pv_curator_open(&options, &curator, err));
    if (curator != NULL) {
        PV_TRY(pv_generate(request, curator, err));
        pv_log_info("wrote %s", c->output);
    }
out:
    pv_key_wipe(&seed);
    pv_curator_close(curator);
    return status;
}

/* --force replaces an old release, never a file that the run reads. */
static pv_status check_output(const pv_command *c, const char *input,
                              pv_error *err)
{
    const struct {
        const char *path, *what;
    } read[] = {{input, "the input"},
                {c->schema, "the schema"},
                {c->workload, "the workload"},
                {c->queries, "the queries"},
                {c->pe.where, "the pool"},
                {c->account, "the account"}};
    for (size_t i = 0; i < sizeof read / sizeof *read; i++)
        if (read[i].path != NULL && pv_file_same(read[i].path, c->output))
            return pv_fail(err, PV_EEXIST,
                           "%s: is %s; choose another output", c->output,
                           read[i].what);
    return PV_OK;
}

/* Beside the release, and of its name: OUT.h5.payloads.jsonl. */
static char *payloads_name(const pv_command *c)
{
    char *file = pv_release_file_name(c->output, c->test_seed != NULL);
    char *name =
        file != NULL ? pv_sprintf_alloc("%s.payloads.jsonl", file) : NULL;
    free(file);
    return name;
}

pv_status pv_command_run(const pv_command *c, const pv_generator *method,
                         pv_error *err)
{
    pv_status status = PV_OK;
    pv_schema *schema = NULL;
    pv_command_parts parts = {0};
    pv_request request;
    pv_plan plan = {0};
    pv_command_terms terms;
    char *run_dir = NULL, *settings = NULL, *trace = NULL, *store = NULL;
    char *payloads = NULL;
    if (c->rest_count != 2 || c->schema == NULL || c->output == NULL)
        return pv_fail(err, PV_EUSAGE,
                       "usage: privet-gen %s INPUT --schema S --epsilon E "
                       "--delta D -o OUT.h5",
                       method->name);
    if (c->claim != NULL)
        return pv_fail(err, PV_EUSAGE, "--claim needs --from-measurements");
    if (c->account_cap > 0 && c->account == NULL)
        return pv_fail(err, PV_EUSAGE, "--account-cap needs --account");
    PV_TRY(check_output(c, c->rest[1], err));
    PV_TRY(pv_schema_read(c->schema, &schema, err));
    PV_TRY(pv_command_budget(c, schema, &terms, err));
    PV_TRY(pv_command_request(c, method, schema, &terms, &parts, &request,
                              err));
    PV_TRY(pv_plan_make(&request, &plan, err)); /* refuse before spending */
    settings = settings_of(&request);
    run_dir = c->run_dir != NULL ? pv_strdup(c->run_dir)
                                 : pv_sprintf_alloc("%s.run", c->output);
    trace = run_dir != NULL ? pv_sprintf_alloc("%s/search.csv", run_dir) : NULL;
    store = run_dir != NULL ? pv_sprintf_alloc("%s/candidates", run_dir) : NULL;
    payloads = payloads_name(c);
    if (trace == NULL || settings == NULL || store == NULL || payloads == NULL) {
        status = pv_fail_memory(err, "the run");
        goto out;
    }
    request.trace = trace;
    request.store = store;
    request.payloads = payloads;
    PV_TRY(run(c, &request, terms.delta, run_dir, settings, err));
out:
    free(run_dir);
    free(settings);
    free(trace);
    free(store);
    free(payloads);
    pv_plan_clear(&plan);
    pv_command_parts_clear(&parts);
    pv_schema_free(schema);
    return status;
}

/* independent wants the one-way marginals alone; the others take all. Only the
 * order changes, so nothing is copied: kept ones come first. */
static size_t wanted(const pv_generator *method, pv_measurement *m, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(method->name, "independent") == 0 && m[i].columns != 1)
            continue;
        const pv_measurement swap = m[kept];
        m[kept++] = m[i];
        m[i] = swap;
    }
    return kept;
}

static pv_status write_refit(const pv_command *c, const pv_generator *method,
                             const pv_release *source, pv_table *table,
                             pv_error *err)
{
    pv_status status = PV_OK;
    char *temporary = pv_sprintf_alloc("%s.partial", c->output);
    char *name = pv_sprintf_alloc("%s from measurements", method->name);
    if (temporary == NULL || name == NULL) {
        status = pv_fail_memory(err, "the release");
        goto out;
    }
    const bool insecure =
        strcmp(source->rng, "INSECURE-TEST") == 0 || c->test_seed != NULL;
    const pv_release_info info = {
        .method = name,
        .tool_version = PV_VERSION,
        .neighbours = source->neighbours,
        .unit = source->unit,
        .rng = insecure ? "INSECURE-TEST" : source->rng,
        .epsilon = source->epsilon,
        .delta = source->delta,
        .delta_labels = source->delta_labels,
        .rho = source->rho,
        .public_rows = source->public_rows,
        .dataset_rho = source->dataset_rho,
        .dataset_delta = source->dataset_delta,
        .claim = source->claim};
    PV_TRY(pv_release_write(temporary, table, &info, source->ledger,
                            source->measurements, source->count, err));
    PV_TRY(pv_release_publish(temporary, c->output, insecure, c->force, err));
    pv_log_info("wrote %s at no further cost", c->output);
    if (source->claim != NULL)
        pv_log_info("its privacy: %s", source->claim);
out:
    if (status != PV_OK && temporary != NULL)
        (void)unlink(temporary);
    free(temporary);
    free(name);
    return status;
}

/* A marginal over a determined column is not one over its root. */
static pv_status check_modelled(const pv_release *source, pv_error *err)
{
    for (size_t i = 0; i < source->count; i++) {
        const pv_measurement *m = &source->measurements[i];
        const pv_clique clique = pv_clique_of(m->column, m->columns);
        pv_error why = PV_ERROR_INIT;
        if (pv_clique_modelled(&clique, source->schema, &why) != PV_OK)
            return pv_fail(err, PV_EINVAL,
                           "marginal %zu: %s; leave the marginal out, or the "
                           "function",
                           i + 1, why.message);
    }
    return PV_OK;
}

/* What was measured is what rows are searched for. */
static pv_status check_no_queries(const pv_command *c,
                                  const pv_generator *method, pv_error *err)
{
    if (c->queries != NULL || c->base != NULL || c->base_share >= 0 ||
        c->rounds >= 0 || c->picks >= 0)
        return pv_fail(err, PV_EUSAGE,
                       "--from-measurements asks nothing: leave out --queries, "
                       "--base, --base-share, --rounds and --picks");
    if (c->pe.given)
        return pv_fail(err, PV_EUSAGE,
                       "--from-measurements holds no vote: leave out --api, "
                       "--select, --candidates and whatever else is of pe's "
                       "rounds");
    if (c->faithful && !method->queries)
        return pv_fail(err, PV_EUSAGE, "method %s takes no --search",
                       method->name);
    return PV_OK;
}

pv_status pv_command_from_measurements(const pv_command *c,
                                       const pv_generator *method,
                                       pv_error *err)
{
    pv_status status = PV_OK;
    pv_release *source = NULL;
    pv_table *table = NULL;
    pv_key key = {{0}};
    if (c->rest_count != 1 || c->output == NULL)
        return pv_fail(err, PV_EUSAGE,
                       "usage: privet-gen %s --from-measurements RELEASE.h5 -o "
                       "OUT.h5 [--rows N], or FILE.h5, FILE.csv or DIR with "
                       "--schema S",
                       method->name);
    PV_TRY(check_no_queries(c, method, err));
    PV_TRY(pv_crypto_init(err));
    PV_TRY(check_output(c, c->from_measurements, err));
    PV_TRY(pv_output_check(c->output, c->force, err));
    PV_TRY(pv_measured_read(c->from_measurements, c->schema, c->claim, &source,
                            err));
    PV_TRY(check_modelled(source, err));
    if (c->test_seed != NULL)
        PV_TRY(test_key(c, &key, err));
    else
        PV_TRY(pv_key_random(&key, err));
    const size_t count = wanted(method, source->measurements, source->count);
    const double total =
        source->public_rows > 0 ? (double)source->public_rows : 0;
    PV_TRY(method->queries
               ? pv_search_rows(source->schema, source->measurements, count,
                                c->rows, total, c->memory, c->faithful, &key,
                                &table, err)
               : pv_fit_rows(source->schema, source->measurements, count,
                             c->rows, total, c->memory, NULL, &key, &table,
                             err));
    PV_TRY(write_refit(c, method, source, table, err));
out:
    pv_key_wipe(&key);
    pv_table_free(table);
    pv_release_free(source);
    return status;
}
