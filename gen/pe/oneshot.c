#include "core/log.h"
#include "core/memory.h"
#include "gen/pe/embedded.h"

#include <math.h>
#include <stdlib.h>

size_t pv_pe_cells(double rows, double classes, double sigma)
{
    const double cells = floor(1.25 * rows / classes / fmax(sigma, 1));
    return cells < 8 ? 8 : cells > 4096 ? 4096 : (size_t)cells;
}

/* What a cell's noisy count is taken for: less the threshold, not below 0. */
static double weight_of(double votes, double threshold)
{
    return fmax(votes - threshold, 0);
}

/* A class's cells share its rows by their weights; alike where all are 0. */
static pv_status open_class(const pv_pe_run *run, const pv_pool_source *pool,
                            const pv_population *p, uint32_t class,
                            const double *votes, double threshold,
                            pv_outcome *outcome, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t from = p->first[class], end = p->first[class + 1];
    double sum = 0;
    for (size_t i = from; i < end; i++)
        sum += weight_of(votes[i], threshold);
    for (size_t i = from; i < end; i++) {
        const double share = sum > 0 ? weight_of(votes[i], threshold) / sum
                                     : 1.0 / (double)(end - from);
        if (share > 0)
            PV_TRY(pv_pool_open_cell(pool, class, p->item[i],
                                     share * run->rows[class], outcome, err));
    }
    if (!(sum > 0))
        pv_log_warning("noise drowned all votes of class %u: its records are "
                       "drawn from the whole pool",
                       class);
out:
    return status;
}

pv_status pv_pe_one_shot(pv_pe_run *run, pv_pool_source *pool,
                         pv_outcome *outcome, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_pe_options *o = run->request->pe;
    pv_population population = {0};
    pv_rational unused;
    double sigma, *votes = NULL;
    size_t *wanted = pv_array_alloc(run->classes, sizeof *wanted);
    if (wanted == NULL)
        return pv_fail_memory(err, "the classes");
    for (size_t c = 0; c < run->classes; c++)
        wanted[c] = 1;
    PV_TRY(pv_pe_noise(run, &unused, &sigma, err));
    const size_t cells =
        o->one_shot != PV_PE_AUTO
            ? o->one_shot
            : pv_pe_cells(pv_pe_total(run), (double)run->classes, sigma);
    PV_TRY(pv_population_make(pv_pool_source_of(pool)->width, run->classes,
                              &population, err));
    PV_TRY(pv_pool_cells(pool, cells, wanted, &population, err));
    PV_TRY(pv_population_settle(&population, err));
    votes = pv_array_alloc(population.count, sizeof *votes);
    if (votes == NULL) {
        status = pv_fail_memory(err, "the votes");
        goto out;
    }
    PV_TRY(pv_pe_vote(run, NULL, &population, votes, &sigma, err));
    for (uint32_t c = 0; c < run->classes; c++)
        PV_TRY(open_class(run, pool, &population, c, votes,
                          o->threshold * sigma, outcome, err));
out:
    free(wanted);
    free(votes);
    pv_population_clear(&population);
    return status;
}
