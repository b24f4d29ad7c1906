#include "core/memory.h"
#include "gen/budget.h"
#include "gen/columns.h"
#include "marginals/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void pv_plan_clear(pv_plan *plan)
{
    free(plan->line);
    memset(plan, 0, sizeof *plan);
}

/* The L1 error of a fitted marginal over the rows, were these spread over the
 * cells by Zipf's law: of the k-th largest the noise, sqrt(2/pi) sigma, or its
 * rows and a little more where they are fewer; in closed form. */
static double expected_error(double sigma, double cells, double rows)
{
    const double raw = sqrt(2.0 / acos(-1.0)) * sigma, little = 0.05 * sigma;
    const double top = rows / (log(cells) + 0.5772); /* the largest cell */
    double full = top / (raw - little); /* cells that noise does not drown */
    full = full < 1 ? 1 : full > cells ? cells : full;
    return (raw * full + little * (cells - full) + top * log(cells / full)) /
           rows;
}

pv_status pv_plan_add(pv_plan *plan, const char *what, pv_rational sigma2,
                      size_t cells, double share, double rows_hint,
                      pv_error *err)
{
    pv_plan_line *line =
        pv_array_realloc(plan->line, plan->count + 1, sizeof *line);
    if (line == NULL)
        return pv_fail_memory(err, "the plan");
    plan->line = line;
    line += plan->count++;
    (void)snprintf(line->what, sizeof line->what, "%s", what);
    line->sigma = sqrt((double)sigma2.num / (double)sigma2.den);
    line->cells = cells;
    line->share = share;
    line->error = expected_error(line->sigma, (double)cells, rows_hint);
    return PV_OK;
}

pv_status pv_plan_cliques(const pv_request *request, const pv_clique *clique,
                          const double *weight, size_t count, uint64_t units,
                          pv_plan *plan, pv_error *err)
{
    pv_status status = PV_OK;
    pv_domain domain;
    pv_zero *zeros = NULL;
    size_t zero_count = 0;
    pv_rational *sigma2 = pv_array_alloc(count, sizeof *sigma2);
    const uint64_t d2 = pv_sensitivity2(request->schema, request->neighbours);
    if (sigma2 == NULL)
        return pv_fail_memory(err, "the plan");
    pv_domain_of_model(request->schema, &domain);
    PV_TRY(pv_schema_zero_array(request->schema, &zeros, &zero_count, err));
    PV_TRY(pv_model_fits(&domain, zeros, zero_count, clique, count,
                         request->memory, err));
    PV_TRY(pv_budget_split(request->schema, d2, units, clique, weight, count,
                           sigma2, err));
    for (size_t i = 0; i < count; i++) {
        char what[160];
        uint64_t cost = 0;
        pv_clique_describe(&clique[i], request->schema, what, sizeof what);
        (void)pv_cost_gaussian(d2, sigma2[i], &cost);
        PV_TRY(pv_plan_add(plan, what, sigma2[i],
                           pv_domain_cells(&domain, &clique[i]),
                           (double)cost / (double)request->budget,
                           request->rows_hint, err));
    }
out:
    free(zeros);
    free(sigma2);
    return status;
}

/* Dealing rows out in balance (marginals/balance.h): a line of levels for each
 * column and pair of columns made before, for every row and column. */
static void add_balance(const pv_request *r, pv_plan *plan)
{
    const double columns = (double)pv_schema_columns(r->schema);
    double levels = 0;
    for (size_t i = 0; i < pv_schema_columns(r->schema); i++)
        levels += (double)pv_schema_column(r->schema, i)->levels / columns;
    if (r->rows_hint > 524288) /* single columns alone */
        plan->seconds +=
            fmin(r->rows_hint, 2097152) * columns * columns * levels * 0.3e-9;
    else
        plan->seconds +=
            r->rows_hint * fmin(columns * columns * levels / 6, 16384) *
            columns * 0.4e-9;
    plan->bytes += 4 * (size_t)fmin(16777216.0, 1.5 * columns * columns *
                                                    levels * levels * levels);
}

/* Rough: rows, counts of all pairs, and a fit of about a hundred passes
 * (measured on one core), on top of what the method knows of its own. */
static void estimate_cost(const pv_request *r, pv_plan *plan)
{
    const double columns = (double)pv_schema_columns(r->schema);
    double cells = 0;
    for (size_t i = 0; i < plan->count; i++)
        cells += (double)plan->line[i].cells;
    plan->bytes += (size_t)(r->rows_hint * (4 * columns + 16) + 200 * cells) +
                   (size_t)20 * 1048576;
    plan->seconds += 0.05 + r->rows_hint * columns * (150e-9 + columns * 1e-9) +
                     100 * cells * 40e-9;
    add_balance(r, plan);
}

/* Zeros may contradict one another: then every fit would fail. The question is
 * public, so it is settled before any budget is spent. */
static pv_status check_zeros(const pv_request *request, pv_error *err)
{
    pv_status status = PV_OK;
    pv_domain domain;
    pv_zero *zeros = NULL;
    size_t count = 0;
    pv_model *model = NULL;
    pv_schema *fewest = NULL;
    const pv_schema *schema = request->schema;
    if (pv_schema_has_needs(schema)) {
        PV_TRY(pv_columns_assume(schema, true, &fewest, err));
        schema = fewest;
    }
    pv_domain_of_model(schema, &domain);
    PV_TRY(pv_schema_zero_array(schema, &zeros, &count, err));
    PV_TRY(pv_model_alloc(&domain, zeros, count, NULL, 0, 1.0,
                          request->memory, &model, err));
    status = pv_model_calibrate(model, NULL, err);
    if (status == PV_ENUMERIC)
        status = pv_fail(err, PV_ESCHEMA,
                         "the schema's zeros leave no possible row: each row "
                         "is forbidden by one of them; see \"zeros\" in the "
                         "schema");
out:
    pv_model_free(model);
    free(zeros);
    pv_schema_free(fewest);
    return status;
}

/* What the rows to be written take while they are drawn: codes, numbers, and
 * four integers a row. */
static double bytes_of_rows(const pv_schema *schema, double rows)
{
    double each = 4 * sizeof(uint32_t);
    for (size_t i = 0; i < pv_schema_columns(schema); i++) {
        const pv_column *c = pv_schema_column(schema, i);
        each += c->levels <= 256 ? 1 : c->levels <= 65536 ? 2 : 4;
        if (c->kind == PV_COLUMN_BINS)
            each += sizeof(double);
    }
    return rows * each;
}

pv_status pv_check_rows(const pv_schema *schema, double rows, pv_error *err)
{
    const double page = (double)sysconf(_SC_PAGESIZE);
    const double machine = page * (double)sysconf(_SC_PHYS_PAGES);
    const double bytes = bytes_of_rows(schema, rows);
    if (rows <= 0 || machine <= 0 || bytes <= machine) /* -1: not known yet */
        return PV_OK;
    return pv_fail(err, PV_ETOOBIG,
                   "%.0f rows would take %.1f GB of memory while they are "
                   "drawn, this machine has %.1f GB; ask for fewer with "
                   "--rows, several times if need be (--from-measurements)",
                   rows, bytes / 1073741824.0,
                   machine / 1073741824.0);
}

/* A method's plan under levels that there may be, with what is left of the
 * budget; its lines then are shares of the whole. */
static pv_status plan_method(const pv_request *request, uint64_t spent,
                             pv_plan *plan, pv_error *err)
{
    pv_status status = PV_OK;
    pv_schema *assumed = NULL;
    pv_request rest = *request;
    const size_t before = plan->count;
    rest.budget = request->budget - spent;
    if (pv_schema_has_needs(request->schema)) {
        PV_TRY(pv_columns_assume(request->schema, false, &assumed, err));
        rest.schema = assumed;
    }
    PV_TRY(pv_check_rows(rest.schema, (double)request->rows, err));
    PV_TRY(request->method->plan(&rest, plan, err));
    for (size_t i = before; i < plan->count; i++)
        plan->line[i].share *= (double)rest.budget / (double)request->budget;
    estimate_cost(&rest, plan);
out:
    pv_schema_free(assumed);
    return status;
}

pv_status pv_plan_make(const pv_request *request, pv_plan *plan, pv_error *err)
{
    pv_status status = PV_OK;
    uint64_t spent = 0;
    memset(plan, 0, sizeof *plan);
    PV_TRY(check_zeros(request, err));
    PV_TRY(pv_columns_plan(request, plan, &spent, err));
    PV_TRY(plan_method(request, spent, plan, err));
out:
    if (status != PV_OK)
        pv_plan_clear(plan);
    return status;
}
