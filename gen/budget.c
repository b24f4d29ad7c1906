#include "gen/budget.h"

#include "core/memory.h"
#include "marginals/estimate.h"
#include "marginals/factor.h"
#include "marginals/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t pv_budget_part(uint64_t units, double share)
{
    const double part = floor((double)units * share);
    return part > 0 ? (part < (double)units ? (uint64_t)part : units) : 0;
}

pv_status pv_budget_split(const pv_schema *schema, uint64_t sensitivity2,
                          uint64_t units, const pv_clique *clique,
                          const double *weight, size_t count,
                          pv_rational *sigma2, pv_error *err)
{
    pv_status status = PV_OK;
    pv_domain domain;
    double total = 0;
    double *part = pv_array_alloc(count, sizeof *part);
    if (part == NULL)
        return pv_fail_memory(err, "the budget");
    pv_domain_of_schema(schema, &domain);
    for (size_t i = 0; i < count; i++) {
        const double w = weight != NULL ? weight[i] : 1.0;
        /* by our own exp and log: a resumed run must ask for the same noise on
         * any processor */
        part[i] = pv_log(w * (double)pv_domain_cells(&domain, &clique[i])) *
                  (2.0 / 3.0);
        pv_exp_array(&part[i], 1, 0.0);
        total += part[i];
    }
    for (size_t i = 0; i < count; i++)
        PV_TRY(pv_sigma2_for_units(pv_budget_part(units, part[i] / total),
                                   sensitivity2, &sigma2[i], err));
out:
    free(part);
    return status;
}

pv_status pv_measure_split(pv_curator *curator, uint64_t units,
                           const pv_clique *clique, const double *weight,
                           size_t count, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_measurement *answers;
    pv_rational *sigma2 = pv_array_alloc(count, sizeof *sigma2);
    if (sigma2 == NULL)
        return pv_fail_memory(err, "the budget");
    PV_TRY(pv_budget_split(pv_curator_schema(curator),
                           pv_curator_sensitivity2(curator), units, clique,
                           weight, count, sigma2, err));
    PV_TRY(pv_ask_measure(curator, clique, sigma2, count, &answers, err));
out:
    free(sigma2);
    return status;
}

pv_status pv_schema_zero_array(const pv_schema *schema, pv_zero **zeros,
                               size_t *count, pv_error *err)
{
    *count = pv_schema_zeros(schema);
    *zeros = pv_array_alloc(*count, sizeof **zeros);
    if (*zeros == NULL)
        return pv_fail_memory(err, "the structural zeros");
    for (size_t i = 0; i < *count; i++)
        (*zeros)[i] = *pv_schema_zero(schema, i);
    return PV_OK;
}

pv_status pv_check_model(const pv_request *request, const pv_clique *clique,
                         size_t count, pv_error *err)
{
    pv_domain domain;
    pv_zero *zeros = NULL;
    size_t zero_count = 0;
    const double megabyte = 1048576.0;
    pv_domain_of_schema(request->schema, &domain);
    pv_status status =
        pv_schema_zero_array(request->schema, &zeros, &zero_count, err);
    if (status != PV_OK)
        return status;
    const size_t bytes =
        pv_model_bytes(&domain, zeros, zero_count, clique, count);
    free(zeros);
    if (request->memory == 0 || bytes <= request->memory)
        return PV_OK;
    return pv_fail(err, PV_ETOOBIG,
                   "the model of these marginals would take %.0f MB, more than "
                   "the %.0f MB allowed; nothing was paid for it: raise "
                   "--memory, or choose fewer or smaller marginals",
                   (double)bytes / megabyte,
                   (double)request->memory / megabyte);
}

pv_status pv_targets_of(const pv_measurement *measurements, size_t count,
                        pv_target **targets, pv_error *err)
{
    *targets = pv_array_alloc(count, sizeof **targets);
    if (*targets == NULL)
        return pv_fail_memory(err, "the fit");
    for (size_t i = 0; i < count; i++) {
        const pv_measurement *m = &measurements[i];
        (*targets)[i] = (pv_target){
            .clique = pv_clique_of(m->column, m->columns),
            .counts = m->counts,
            .sigma2 = (double)m->sigma2_num / (double)m->sigma2_den};
    }
    return PV_OK;
}

void pv_plan_clear(pv_plan *plan)
{
    free(plan->line);
    memset(plan, 0, sizeof *plan);
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
    line->error = sqrt(2.0 / acos(-1.0)) * line->sigma * (double)cells /
                  rows_hint;
    return PV_OK;
}

pv_status pv_plan_cliques(const pv_request *request, const pv_clique *clique,
                          const double *weight, size_t count, uint64_t units,
                          pv_plan *plan, pv_error *err)
{
    pv_status status = PV_OK;
    pv_domain domain;
    pv_rational *sigma2 = pv_array_alloc(count, sizeof *sigma2);
    const uint64_t d2 = pv_sensitivity2(request->schema, request->neighbours);
    if (sigma2 == NULL)
        return pv_fail_memory(err, "the plan");
    pv_domain_of_schema(request->schema, &domain);
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
    free(sigma2);
    return status;
}
