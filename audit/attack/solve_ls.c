/* Least squares on a box or simplex: min 1/2 sum w (A t - b)^2 by accelerated
 * projected gradient steps under a diagonal majoriser: A'WA <= diag(A'W|q|), as
 * every query's sum of n users has (sum t)^2 <= n sum t^2. */
#include "audit/attack/solve_internal.h"
#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct work {
    const pv_instance *in;
    size_t levels, wide, tall; /* entries of a vector of users, of queries */
    double *weight, *majoriser;          /* queries; users */
    double *t, *last, *ahead, *gradient; /* wide */
    double *sums, *sums_last, *residual; /* tall */
    double momentum;
} work;

static void free_work(work *w)
{
    double *const block[] = {w->weight,   w->majoriser, w->t,
                             w->last,     w->ahead,     w->gradient,
                             w->sums,     w->sums_last, w->residual};
    for (size_t i = 0; i < sizeof block / sizeof *block; i++)
        free(block[i]);
}

static bool alloc_work(const pv_instance *in, work *w)
{
    const pv_incidence *a = in->incidence;
    *w = (work){.in = in, .levels = in->levels, .momentum = 1};
    if (!pv_size_mul(a->users, in->levels, &w->wide) ||
        !pv_size_mul(a->queries, in->levels, &w->tall))
        return false;
    w->weight = pv_array_alloc(a->queries, sizeof(double));
    w->majoriser = pv_array_alloc(a->users, sizeof(double));
    double **const of_users[] = {&w->t, &w->last, &w->ahead, &w->gradient};
    double **const of_queries[] = {&w->sums, &w->sums_last, &w->residual};
    bool all = w->weight != NULL && w->majoriser != NULL;
    for (size_t i = 0; i < 4; i++)
        all &= (*of_users[i] = pv_array_alloc(w->wide, sizeof(double))) != NULL;
    for (size_t i = 0; i < 3; i++)
        all &=
            (*of_queries[i] = pv_array_alloc(w->tall, sizeof(double))) != NULL;
    return all;
}

/* Weights of mean 1, so that objectives compare. */
static void set_weights(work *w, bool weighted)
{
    const pv_incidence *a = w->in->incidence;
    double total = 0;
    for (size_t i = 0; i < a->queries; i++) {
        const double size = pv_query_size(a, i);
        const double variance =
            w->in->variance != NULL ? w->in->variance[i] : size;
        w->weight[i] = !weighted                    ? 1
                       : size > 0 && variance > 0 ? 1 / variance
                                                  : 0;
        total += w->weight[i];
    }
    for (size_t i = 0; i < a->queries && total > 0; i++)
        w->weight[i] *= (double)a->queries / total;
    for (size_t i = 0; i < a->queries; i++)
        w->residual[i] = w->weight[i] * pv_query_size(a, i);
    pv_incidence_gather(a, 1, w->residual, w->majoriser);
}

/* gradient = A' W (sums - b); returns the objective where the sums are. */
static double differentiate(work *w, const double *sums)
{
    const size_t levels = w->levels;
    double objective = 0;
    for (size_t i = 0, at = 0; i < w->in->incidence->queries; i++)
        for (size_t l = 0; l < levels; l++, at++) {
            const double r = sums[at] - w->in->answer[at];
            w->residual[at] = w->weight[i] * r;
            objective += w->residual[at] * r;
        }
    pv_incidence_gather(w->in->incidence, levels, w->residual, w->gradient);
    return objective / 2;
}

/* How far the objective at t is from its minimum, at most: the gradient's
 * largest fall over the set (Frank and Wolfe's gap). */
static double gap_at(const work *w)
{
    double gap = 0;
    for (size_t j = 0; j < w->in->incidence->users; j++) {
        const double *g = w->gradient + j * w->levels;
        for (size_t l = 0; l < w->levels; l++)
            gap += g[l] * w->t[j * w->levels + l];
        gap -= pv_least_product(g, w->levels);
    }
    return fmax(0, gap);
}

/* One step from the point ahead, whose gradient is there. True when the step
 * goes against the momentum, which then begins anew. */
static bool step(work *w)
{
    const size_t levels = w->levels;
    double against = 0;
    memcpy(w->last, w->t, w->wide * sizeof *w->t);
    for (size_t j = 0; j < w->in->incidence->users; j++) {
        double *t = w->t + j * levels;
        const double *ahead = w->ahead + j * levels;
        if (w->majoriser[j] <= 0)
            continue;
        for (size_t l = 0; l < levels; l++)
            t[l] = ahead[l] - w->gradient[j * levels + l] / w->majoriser[j];
        pv_project(t, levels);
        for (size_t l = 0; l < levels; l++)
            against += w->majoriser[j] * (ahead[l] - t[l]) *
                       (t[l] - w->last[j * levels + l]);
    }
    return against > 0;
}

/* Moves the point ahead, and its sums with it: they are linear in t. */
static void look_ahead(work *w, bool anew)
{
    const double next = (1 + sqrt(1 + 4 * w->momentum * w->momentum)) / 2;
    const double beta = anew ? 0 : (w->momentum - 1) / next;
    w->momentum = anew ? 1 : next;
    for (size_t k = 0; k < w->wide; k++)
        w->ahead[k] = w->t[k] + beta * (w->t[k] - w->last[k]);
    for (size_t k = 0; k < w->tall; k++) {
        const double now = w->sums[k];
        w->sums[k] += beta * (now - w->sums_last[k]);
        w->sums_last[k] = now;
    }
}

static void iterate(work *w, const pv_solve_options *options,
                    pv_solution *solution)
{
    enum { check = 20 };
    const pv_incidence *a = w->in->incidence;
    const size_t most = options->most > 0 ? options->most : 300;
    const double wanted = options->gap > 0 ? options->gap : 1e-3;
    double scale = 0;
    for (size_t k = 0; k < w->tall; k++)
        scale += w->weight[k / w->levels] * w->in->answer[k] * w->in->answer[k];
    pv_incidence_sums(a, w->levels, w->t, w->sums);
    memcpy(w->sums_last, w->sums, w->tall * sizeof *w->sums);
    memcpy(w->ahead, w->t, w->wide * sizeof *w->t);
    for (;; solution->iterations++) {
        if (solution->iterations % check == 0 || solution->iterations >= most) {
            /* sums_last has those of t itself */
            solution->objective = differentiate(w, w->sums_last);
            const double gap = gap_at(w);
            solution->bound = fmax(0, solution->objective - gap);
            solution->converged =
                gap <= wanted * solution->objective || gap <= 1e-12 * scale;
            if (solution->converged || solution->iterations >= most)
                return;
        }
        (void)differentiate(w, w->sums);
        const bool anew = step(w);
        pv_incidence_sums(a, w->levels, w->t, w->sums);
        look_ahead(w, anew);
    }
}

static pv_status least_squares(const pv_instance *instance, bool weighted,
                               const pv_solve_options *options,
                               pv_solution *solution, pv_error *err)
{
    work w;
    if (!alloc_work(instance, &w)) {
        free_work(&w);
        return pv_fail_memory(err, "a reconstruction");
    }
    set_weights(&w, weighted);
    pv_local_mean(instance, w.t);
    iterate(&w, options, solution);
    solution->t = w.t;
    w.t = NULL;
    free_work(&w);
    return PV_OK;
}

static pv_status run_ls(const pv_instance *instance,
                        const pv_solve_options *options, pv_solution *solution,
                        pv_error *err)
{
    return least_squares(instance, false, options, solution, err);
}

static pv_status run_wls(const pv_instance *instance,
                         const pv_solve_options *options,
                         pv_solution *solution, pv_error *err)
{
    return least_squares(instance, true, options, solution, err);
}

const pv_solver pv_solver_ls = {
    .name = "ls",
    .summary = "least squares: for the noise of a mechanism",
    .run = run_ls};
const pv_solver pv_solver_wls = {
    .name = "wls",
    .summary = "weighted least squares: for the sampling noise of a release",
    .run = run_wls};
