#include "gen/budget.h"

#include "core/memory.h"
#include "marginals/factor.h"

#include <math.h>
#include <stdlib.h>

uint64_t pv_budget_part(uint64_t units, double share)
{
    const double part = floor((double)units * share);
    return part > 0 ? (part < (double)units ? (uint64_t)part : units) : 0;
}

uint64_t pv_budget_left(const pv_request *request, const pv_curator *curator)
{
    const uint64_t left = pv_curator_remaining(curator);
    return left > request->kept ? left - request->kept : 0;
}

double pv_power(double x, double power)
{
    double y = pv_log(x) * power;
    pv_exp_array(&y, 1, 0.0);
    return y;
}

static const double mean_of_half_normal = 0.79788456080286535588; /* sqrt(2/pi) */

double pv_noise_left(const double *expected, size_t cells, double sigma)
{
    double sum = 0;
    for (size_t k = 0; k < cells; k++) {
        const double fitted = 2 * expected[k] + 0.2 * sigma;
        const double raw = mean_of_half_normal * sigma;
        sum += fitted < raw ? fitted : raw;
    }
    return sum;
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
    pv_domain_of_model(schema, &domain);
    for (size_t i = 0; i < count; i++) {
        const double w = weight != NULL ? weight[i] : 1.0;
        part[i] = pv_power(w * (double)pv_domain_cells(&domain, &clique[i]),
                           2.0 / 3.0);
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
    *count = pv_schema_model_zeros(schema);
    *zeros = pv_array_alloc(*count, sizeof **zeros);
    if (*zeros == NULL)
        return pv_fail_memory(err, "the structural zeros");
    for (size_t i = 0; i < *count; i++)
        (*zeros)[i] = *pv_schema_model_zero(schema, i);
    return PV_OK;
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
            .sigma2 = pv_measurement_variance(m),
            .values = m->values};
    }
    return PV_OK;
}
