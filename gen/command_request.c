#include "gen/command.h"

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

pv_status pv_command_request(const pv_command *c, const pv_generator *method,
                             const pv_schema *schema,
                             const pv_command_terms *terms,
                             pv_workload *workload, pv_request *request,
                             pv_error *err)
{
    memset(workload, 0, sizeof *workload);
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
    const pv_status status = check_shares(request, err);
    if (status != PV_OK)
        return status;
    return request_workload(c, request, workload, err);
}
