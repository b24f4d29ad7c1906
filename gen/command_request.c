#include "gen/command.h"

#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

pv_status pv_command_budget(const pv_command *c, const pv_schema *schema,
                            pv_command_terms *terms, pv_error *err)
{
    if (c->rho > 0 && c->epsilon > 0)
        return pv_fail(err, PV_EUSAGE,
                       "give the budget as --rho, or as --epsilon and --delta, "
                       "not as both");
    if (c->rho <= 0 && (c->epsilon <= 0 || c->delta <= 0))
        return pv_fail(err, PV_EUSAGE,
                       "a budget is missing: --epsilon E --delta D, or --rho "
                       "R; delta should be far below 1/rows, for example 1e-9");
    terms->delta = c->delta > 0 ? c->delta : 1e-9;
    const pv_status status =
        pv_label_delta(schema, terms->delta, &terms->delta_labels, err);
    if (status != PV_OK)
        return status;
    return pv_units_of_rho(
        c->rho > 0 ? c->rho
                   : pv_zcdp_rho(c->epsilon, pv_delta_left(c->delta,
                                                           terms->delta_labels)),
        &terms->budget, err);
}

static pv_status check_shares(const pv_request *r, pv_error *err)
{
    if (r->method->select_share > 0 && r->one_way_share + r->select_share >= 1)
        return pv_fail(err, PV_EUSAGE,
                       "--one-way-share and --select-share leave nothing for "
                       "the chosen marginals; together they must be below 1");
    return PV_OK;
}

/* Without a workload, triples of columns; pairs alone of a table so wide that it
 * has more than 40,000 of them (63 columns). */
static size_t usual_degree(const pv_schema *schema)
{
    pv_domain domain;
    uint32_t column[PV_MAX_COLUMNS];
    pv_domain_of_model(schema, &domain);
    const size_t n = pv_domain_varying(&domain, column);
    return n > 2 && n * (n - 1) * (n - 2) / 6 > 40000 ? 2 : 0;
}

static pv_status request_workload(const pv_command *c, pv_request *request,
                                  pv_workload *workload, pv_error *err)
{
    const pv_workload_use use = request->method->workload;
    pv_workload_spec spec = {.source = c->workload,
                             .degree = c->degree,
                             .max_cells = c->max_cells,
                             .target = c->target};
    const bool chosen =
        c->workload != NULL || c->degree > 0 || c->target != NULL;
    if (request->method->evolves && c->workload == NULL && c->degree == 0 &&
        c->max_cells == 0)
        return PV_OK; /* its --target is the class */
    if (use == PV_WORKLOAD_NONE && (chosen || c->max_cells > 0))
        return pv_fail(err, PV_EUSAGE,
                       "method %s takes no --workload, --degree, --target or "
                       "--max-cells",
                       request->method->name);
    if (use == PV_WORKLOAD_REQUIRED && !chosen)
        return pv_fail(err, PV_EUSAGE,
                       "method %s needs --workload: all-2way, all-3way or a "
                       "JSON file of marginals; or --degree or --target",
                       request->method->name);
    if (use == PV_WORKLOAD_NONE)
        return PV_OK;
    if (!chosen)
        spec.degree = usual_degree(request->schema);
    request->workload = workload;
    return pv_workload_make(&spec, request->schema, workload, err);
}

/* --- queries ---------------------------------------------------------------------- */

enum { usual_rounds = 4, usual_picks = 2 };
static const double usual_base = 0.84, usual_shape = 0.06;

static bool has_query_options(const pv_command *c)
{
    return c->queries != NULL || c->base != NULL || c->base_share >= 0 ||
           c->picks >= 0 || c->faithful;
}

/* Marginals alone can be asked about at once, as the paper does. Others need to be
 * chosen, and rows to begin with that are nearly right. */
static bool only_marginals(const pv_queries *queries)
{
    for (size_t f = 0; f < pv_queries_families(queries); f++)
        if (strncmp(pv_queries_family(queries, f), "marginals:", 10) != 0)
            return false;
    return true;
}

static bool has_bins(const pv_schema *schema)
{
    for (size_t c = 0; c < pv_schema_columns(schema); c++)
        if (pv_schema_column(schema, c)->kind == PV_COLUMN_BINS &&
            pv_schema_root(schema, c) == c)
            return true;
    return false;
}

/* How numbers lie inside the schema's bins is asked about first, and alone: one more
 * family, the last. */
static pv_status add_shapes(const char *specification, pv_request *request,
                            size_t most, pv_queries **queries, pv_error *err)
{
    char *longer = pv_sprintf_alloc("%s,tree:1:10", specification);
    if (longer == NULL)
        return pv_fail_memory(err, "the queries");
    pv_queries_free(*queries);
    *queries = NULL;
    const pv_status status =
        pv_queries_parse(longer, request->schema, most, queries, err);
    request->shapes = status == PV_OK;
    free(longer);
    return status;
}

static pv_status find_base(const pv_command *c, bool marginals,
                           pv_request *request, pv_error *err)
{
    const char *name = c->base != NULL ? c->base
                       : marginals     ? "independent"
                                       : "tree";
    request->base = pv_generator_find(name);
    if (request->base == NULL || request->base->ask == NULL)
        return pv_fail(err, PV_EUSAGE,
                       "--base: \"%s\" is no method that measures marginals",
                       name);
    request->base_share = c->base_share >= 0 ? c->base_share
                          : marginals        ? request->one_way_share
                                             : usual_base;
    return PV_OK;
}

/* Adds what the user can do about queries that do not fit. */
static pv_status say_memory(pv_status status, pv_error *err)
{
    char text[sizeof err->message];
    if (status != PV_ETOOBIG || err == NULL)
        return status;
    memcpy(text, err->message, sizeof text);
    return pv_fail(err, status, "--queries: %s; or raise --memory", text);
}

static pv_status parse_queries(const pv_command *c, pv_request *request,
                               pv_queries **queries, bool *marginals,
                               pv_error *err)
{
    pv_status status = PV_OK;
    const size_t most = request->memory > 0 ? request->memory / 64 : SIZE_MAX;
    PV_TRY(pv_queries_parse(c->queries != NULL ? c->queries : "marginals:2",
                            request->schema, most, queries, err));
    *marginals = only_marginals(*queries);
    if (!*marginals && has_bins(request->schema))
        PV_TRY(add_shapes(c->queries, request, most, queries, err));
out:
    return say_memory(status, err);
}

static pv_status request_queries(const pv_command *c, pv_request *request,
                                 pv_queries **queries, pv_error *err)
{
    pv_status status = PV_OK;
    bool marginals = true;
    if (!request->method->queries) {
        if (has_query_options(c) ||
            (c->rounds >= 0 && !request->method->evolves))
            return pv_fail(err, PV_EUSAGE,
                           "method %s takes no --queries, --base, --rounds, "
                           "--picks or --search",
                           request->method->name);
        return PV_OK;
    }
    PV_TRY(parse_queries(c, request, queries, &marginals, err));
    request->queries = *queries;
    request->numbers = true;
    request->faithful = c->faithful;
    request->rounds = c->rounds >= 0  ? (size_t)c->rounds
                      : marginals     ? 0
                                      : usual_rounds;
    request->picks = c->picks > 0 ? (size_t)c->picks : usual_picks;
    PV_TRY(find_base(c, marginals, request, err));
    /* something is left for what the shapes are for */
    request->shape_share =
        fmin(usual_shape, (1 - request->base_share) * 2 / 3);
out:
    return status;
}

/* --- private evolution ------------------------------------------------------------ */

/* The class: the target; of embeddings the schema's one column. */
static pv_status find_class(const pv_command *c, pv_request *request,
                            pv_error *err)
{
    const pv_schema *schema = request->schema;
    if (request->vectors) {
        request->pe_by = 0;
        if (pv_schema_columns(schema) == 1 && c->target == NULL)
            return PV_OK;
        return pv_fail(err, PV_EUSAGE,
                       "of embeddings the schema declares one column, their "
                       "label, which is the class; --target is for tables");
    }
    request->pe_by = PV_NO_COLUMN;
    if (c->target == NULL)
        return PV_OK;
    const ptrdiff_t at = pv_schema_find(schema, c->target);
    if (at < 0 || pv_schema_root(schema, (size_t)at) != (size_t)at ||
        pv_schema_column(schema, (size_t)at)->kind == PV_COLUMN_BINS)
        return pv_fail(err, PV_EUSAGE,
                       "--target: \"%s\" is no column of labels or whole "
                       "numbers that classes could be",
                       c->target);
    request->pe_by = (size_t)at;
    return PV_OK;
}

static pv_status open_pool(const pv_request *request, pv_pe_options *pe,
                           pv_pool_source **pool, pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(pv_pool_open(pe->where, request->schema, pe->metric,
                        pe->metric_given, pool, err));
    pe->metric = pv_pool_metric(*pool);
out:
    return status;
}

static pv_status request_pe(const pv_command *c, pv_request *request,
                            pv_command_parts *parts, pv_error *err)
{
    pv_status status = PV_OK;
    pv_pe_options *pe = &parts->pe;
    if (!request->method->evolves) {
        if (c->pe.given)
            return pv_fail(err, PV_EUSAGE,
                           "method %s takes no options of private evolution "
                           "(--api, --one-shot, --candidates, --select and so "
                           "on)",
                           request->method->name);
        return PV_OK;
    }
    *pe = c->pe;
    request->pe = pe;
    request->vectors = pe->api != PV_PE_TABLE;
    request->numbers = !request->vectors;
    PV_TRY(pv_pe_settle(pe, err));
    PV_TRY(find_class(c, request, err));
    request->rounds = pe->one_shot > 0 ? 1
                      : c->rounds >= 0 ? (size_t)c->rounds
                      : pe->api == PV_PE_TABLE ? PV_PE_ROUNDS
                                               : PV_PE_POOL_ROUNDS;
    if (request->rounds > PV_PE_MOST_ROUNDS)
        return pv_fail(err, PV_EUSAGE,
                       "--rounds: at most %d rounds of votes; more would only "
                       "divide the budget",
                       PV_PE_MOST_ROUNDS);
    if (pe->api == PV_PE_POOL)
        PV_TRY(open_pool(request, pe, &parts->pool, err));
    request->pool = parts->pool;
out:
    return status;
}

void pv_command_parts_clear(pv_command_parts *parts)
{
    if (parts->pool != NULL)
        pv_source_free(pv_pool_source_of(parts->pool));
    parts->pool = NULL;
    pv_workload_clear(&parts->workload);
    pv_queries_free(parts->queries);
    parts->queries = NULL;
}

pv_status pv_command_request(const pv_command *c, const pv_generator *method,
                             const pv_schema *schema,
                             const pv_command_terms *terms,
                             pv_command_parts *parts, pv_request *request,
                             pv_error *err)
{
    memset(parts, 0, sizeof *parts);
    *request = (pv_request){
        .method = method,
        .schema = schema,
        .neighbours = c->replace ? PV_REPLACE : PV_ADD_REMOVE,
        .budget = terms->budget,
        .delta_labels = terms->delta_labels,
        .columns_share = c->columns_share > 0 ? c->columns_share : 0.1,
        .rows = c->rows,
        .rows_hint = c->rows_hint,
        .memory = c->memory,
        .one_way_share = c->one_way_share > 0 ? c->one_way_share
                                              : method->one_way_share,
        .select_share =
            c->select_share > 0 ? c->select_share : method->select_share,
        .model_size = c->model_size};
    pv_status status = PV_OK;
    PV_TRY(check_shares(request, err));
    PV_TRY(request_workload(c, request, &parts->workload, err));
    PV_TRY(request_queries(c, request, &parts->queries, err));
    PV_TRY(request_pe(c, request, parts, err));
out:
    return status;
}
