/* The exact least absolute deviations, by the dual program.
 *
 *   min sum |A t - b|, 0 <= t <= 1   has the dual
 *   max b'y - 1'z,  A'y - z <= 0,  z >= 0,  -1 <= y <= 1
 *
 * which has a row for each user alone. The rows' multipliers are t. HiGHS solves
 * it where configure found it, else GLPK. */
#include "audit/attack/solve_internal.h"
#include "core/memory.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

static pv_status solve_level(const pv_instance *in, size_t level,
                             const pv_solve_options *options,
                             pv_solution *solution, pv_error *err)
{
    const pv_incidence *a = in->incidence;
    double *multiplier = pv_array_alloc(a->users, sizeof *multiplier);
    if (multiplier == NULL)
        return pv_fail_memory(err, "a linear program");
    const pv_status status =
        pv_lp_level(in, level, options, multiplier, solution, err);
    for (size_t j = 0; j < a->users && status == PV_OK; j++)
        solution->t[j * in->levels + level] =
            a->user_start[j] < a->user_start[j + 1]
                ? fmin(1, fmax(0, multiplier[j]))
                : 1 / fmax(2, (double)in->levels); /* nothing is known */
    free(multiplier);
    return status;
}

/* Levels were solved apart: their t of a user need not sum to 1. */
static void normalise(double *t, size_t users, size_t levels)
{
    for (size_t j = 0; j < users; j++) {
        double sum = 0;
        for (size_t l = 0; l < levels; l++)
            sum += t[j * levels + l];
        for (size_t l = 0; l < levels; l++)
            t[j * levels + l] = sum > 0 ? t[j * levels + l] / sum
                                        : 1 / (double)levels;
    }
}

static pv_status run(const pv_instance *in, const pv_solve_options *options,
                     pv_solution *solution, pv_error *err)
{
    const pv_incidence *a = in->incidence;
    const size_t levels = in->levels, tall = a->queries * levels;
    pv_status status = PV_OK;
    double *sums = NULL;
    if (a->queries + a->users >= INT_MAX || a->entries >= INT_MAX)
        return pv_fail(err, PV_ETOOBIG,
                       "%zu queries with %zu entries are too many for %s; "
                       "take pdhg, or fewer with --queries",
                       a->queries, a->entries, pv_lp_name);
    solution->t = pv_array_calloc(a->users, levels * sizeof(double));
    sums = pv_array_alloc(tall, sizeof *sums);
    if (solution->t == NULL || sums == NULL) {
        status = pv_fail_memory(err, "a reconstruction");
        goto out;
    }
    for (size_t level = 0; level < levels; level++)
        PV_TRY(solve_level(in, level, options, solution, err));
    if (levels > 1)
        normalise(solution->t, a->users, levels);
    pv_incidence_sums(a, levels, solution->t, sums);
    for (size_t k = 0; k < tall; k++)
        solution->objective += fabs(sums[k] - in->answer[k]);
    solution->bound = fmin(solution->bound, solution->objective);
    solution->converged = true;
out:
    free(sums);
    if (status != PV_OK)
        pv_solution_clear(solution);
    return status;
}

const pv_solver pv_solver_l1 = {
    .name = "l1",
    .summary = "least absolute deviations, exactly (a linear program)",
    .run = run};
