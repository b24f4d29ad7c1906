#include "audit/attack/solve.h"

#include "audit/attack/solve_internal.h"
#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const pv_solver *const registry[PV_SOLVERS] = {
    &pv_solver_l1, &pv_solver_pdhg, &pv_solver_ls, &pv_solver_wls};

const pv_solver *pv_solver_at(size_t i)
{
    return i < PV_SOLVERS ? registry[i] : NULL;
}

static bool solver_named(const char *name, size_t length, unsigned *bit)
{
    for (unsigned i = 0; i < PV_SOLVERS; i++)
        if (strlen(registry[i]->name) == length &&
            strncmp(registry[i]->name, name, length) == 0) {
            *bit = 1U << i;
            return true;
        }
    return false;
}

pv_status pv_solvers_parse(const char *text, unsigned *solvers, pv_error *err)
{
    *solvers = 0;
    if (strcmp(text, "all") == 0) {
        *solvers = (1U << PV_SOLVERS) - 1;
        return PV_OK;
    }
    for (const char *at = text;;) {
        const size_t length = strcspn(at, ",");
        unsigned bit = 0;
        if (!solver_named(at, length, &bit))
            return pv_fail(err, PV_EUSAGE,
                           "\"%.*s\" is no solver; there are l1, pdhg, ls and "
                           "wls (separated by commas), or all",
                           (int)(length < 100 ? length : 100), at);
        *solvers |= bit;
        if (at[length] == '\0')
            return PV_OK;
        at += length + 1;
    }
}

void pv_solution_clear(pv_solution *solution)
{
    free(solution->t);
    *solution = (pv_solution){0};
}

/* --- shared by solvers ---------------------------------------------------- */

void pv_project(double *t, size_t levels)
{
    if (levels == 1) {
        *t = fmin(1, fmax(0, *t));
        return;
    }
    /* the simplex: t - shift cut at 0, the shift found by rising support
     * (Condat 2016 has the history); levels are few */
    double sorted[PV_SECRET_MOST], sum = 0, shift = 0;
    for (size_t l = 0; l < levels; l++) {
        size_t at = l;
        for (; at > 0 && sorted[at - 1] < t[l]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = t[l];
    }
    for (size_t l = 0; l < levels; l++) {
        sum += sorted[l];
        const double s = (sum - 1) / (double)(l + 1);
        if (sorted[l] > s)
            shift = s;
    }
    for (size_t l = 0; l < levels; l++)
        t[l] = fmax(0, t[l] - shift);
}

double pv_least_product(const double *g, size_t levels)
{
    if (levels == 1)
        return fmin(0, g[0]);
    double least = g[0];
    for (size_t l = 1; l < levels; l++)
        least = fmin(least, g[l]);
    return least;
}

void pv_local_mean(const pv_instance *instance, double *t)
{
    const pv_incidence *a = instance->incidence;
    const size_t levels = instance->levels;
    for (size_t j = 0; j < a->users; j++) {
        double *of = t + j * levels;
        const size_t first = a->user_start[j], last = a->user_start[j + 1];
        for (size_t l = 0; l < levels; l++)
            of[l] = first < last ? 0
                    : levels == 1 ? 0.5
                                  : 1 / (double)levels;
        for (size_t e = first; e < last; e++) {
            const size_t i = a->query[e];
            for (size_t l = 0; l < levels; l++)
                of[l] += instance->answer[i * levels + l] /
                         (pv_query_size(a, i) * (double)(last - first));
        }
        pv_project(of, levels);
    }
}

/* --- levels --------------------------------------------------------------- */

/* Two levels are one problem: both answers speak of the second, with |query|
 * less the first. */
static pv_status solve_two(size_t which, const pv_instance *instance,
                           const pv_solve_options *options,
                           pv_solution *solution, pv_error *err)
{
    const pv_incidence *a = instance->incidence;
    pv_status status = PV_OK;
    double *answer = pv_array_alloc(a->queries, sizeof *answer);
    double *t = pv_array_alloc(a->users, 2 * sizeof *t);
    if (answer == NULL || t == NULL) {
        status = pv_fail_memory(err, "a reconstruction");
        goto out;
    }
    for (size_t i = 0; i < a->queries; i++)
        answer[i] = (pv_query_size(a, i) - instance->answer[2 * i] +
                     instance->answer[2 * i + 1]) / 2;
    const pv_instance one = {.incidence = a,
                             .levels = 1,
                             .answer = answer,
                             .variance = instance->variance};
    PV_TRY(registry[which]->run(&one, options, solution, err));
    for (size_t j = 0; j < a->users; j++) {
        t[2 * j] = 1 - solution->t[j];
        t[2 * j + 1] = solution->t[j];
    }
    free(solution->t);
    solution->t = t;
    t = NULL;
out:
    free(answer);
    free(t);
    return status;
}

pv_status pv_solve(size_t i, const pv_instance *instance,
                   const pv_solve_options *options, pv_solution *solution,
                   pv_error *err)
{
    static const pv_solve_options usual = {0};
    PV_CHECK(i < PV_SOLVERS && instance->levels >= 1 &&
             instance->levels <= PV_SECRET_MOST);
    *solution = (pv_solution){0};
    if (options == NULL)
        options = &usual;
    const pv_status status =
        instance->levels == 2
            ? solve_two(i, instance, options, solution, err)
            : registry[i]->run(instance, options, solution, err);
    return status == PV_OK ? PV_OK
                           : pv_fail_context(err, status, "solver %s",
                                             registry[i]->name);
}
