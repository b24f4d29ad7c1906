/* Least absolute deviations up to a certified gap: min over t of the maximum
 * over |y| <= 1 of y'(A t - b), by the primal-dual hybrid gradient with the
 * diagonal steps of Pock and Chambolle (2011), restarted from the average or the
 * current point, whichever has the smaller gap (Applegate et al. 2023). Any y
 * certifies a bound: sum over users of min over t of (A'y) t, less b'y. */
#include "audit/attack/solve_internal.h"
#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A primal and a dual point with their products. */
typedef struct point {
    double *t, *gathered; /* users: A'y beside t */
    double *y, *sums;     /* queries: A t beside y */
    double primal, dual;
} point;

typedef struct work {
    const pv_instance *in;
    size_t levels, wide, tall;
    point now, mean, start; /* mean: sums since the restart, then means */
    double *beyond, *sums_beyond;
    double *best;           /* the t of the smallest objective */
    double objective, bound;
    double weight;          /* of the dual steps against the primal ones */
    double gap_at_start;
    size_t since, restarts;
} work;

static bool alloc_point(const work *w, point *p)
{
    p->t = pv_array_calloc(w->wide, sizeof(double));
    p->gathered = pv_array_calloc(w->wide, sizeof(double));
    p->y = pv_array_calloc(w->tall, sizeof(double));
    p->sums = pv_array_calloc(w->tall, sizeof(double));
    return p->t != NULL && p->gathered != NULL && p->y != NULL &&
           p->sums != NULL;
}

static void free_point(point *p)
{
    free(p->t);
    free(p->gathered);
    free(p->y);
    free(p->sums);
}

static bool alloc_work(const pv_instance *in, work *w)
{
    *w = (work){.in = in, .levels = in->levels, .objective = INFINITY,
                .bound = -INFINITY, .weight = 1};
    if (!pv_size_mul(in->incidence->users, in->levels, &w->wide) ||
        !pv_size_mul(in->incidence->queries, in->levels, &w->tall))
        return false;
    w->beyond = pv_array_alloc(w->wide, sizeof(double));
    w->sums_beyond = pv_array_alloc(w->tall, sizeof(double));
    w->best = pv_array_alloc(w->wide, sizeof(double));
    const bool points = alloc_point(w, &w->now);
    const bool means = alloc_point(w, &w->mean);
    return alloc_point(w, &w->start) && points && means && w->beyond != NULL &&
           w->sums_beyond != NULL && w->best != NULL;
}

static void free_work(work *w)
{
    free_point(&w->now);
    free_point(&w->mean);
    free_point(&w->start);
    free(w->beyond);
    free(w->sums_beyond);
    free(w->best);
}

/* --- one step ------------------------------------------------------------- */

/* t and beyond = 2 t - its last value; needs A'y. */
static void step_users(work *w)
{
    const pv_incidence *a = w->in->incidence;
    const size_t levels = w->levels;
    for (size_t j = 0; j < a->users; j++) {
        const double degree = (double)(a->user_start[j + 1] - a->user_start[j]);
        double *t = w->now.t + j * levels, *beyond = w->beyond + j * levels;
        const double *g = w->now.gathered + j * levels;
        memcpy(beyond, t, levels * sizeof *t);
        if (degree <= 0)
            continue;
        for (size_t l = 0; l < levels; l++)
            t[l] -= g[l] / (degree * w->weight);
        pv_project(t, levels);
        for (size_t l = 0; l < levels; l++)
            beyond[l] = 2 * t[l] - beyond[l];
    }
}

/* y, and A t from the product with `beyond`. */
static void step_queries(work *w)
{
    const pv_incidence *a = w->in->incidence;
    const size_t levels = w->levels;
    for (size_t i = 0, k = 0; i < a->queries; i++) {
        const double rate = w->weight / fmax(1, pv_query_size(a, i));
        for (size_t l = 0; l < levels; l++, k++) {
            const double y =
                w->now.y[k] + rate * (w->sums_beyond[k] - w->in->answer[k]);
            w->now.y[k] = fmin(1, fmax(-1, y));
            w->now.sums[k] = (w->now.sums[k] + w->sums_beyond[k]) / 2;
        }
    }
}

static void iterate_once(work *w)
{
    const pv_incidence *a = w->in->incidence;
    step_users(w);
    pv_incidence_sums(a, w->levels, w->beyond, w->sums_beyond);
    step_queries(w);
    pv_incidence_gather(a, w->levels, w->now.y, w->now.gathered);
    for (size_t k = 0; k < w->wide; k++) {
        w->mean.t[k] += w->now.t[k];
        w->mean.gathered[k] += w->now.gathered[k];
    }
    for (size_t k = 0; k < w->tall; k++) {
        w->mean.y[k] += w->now.y[k];
        w->mean.sums[k] += w->now.sums[k];
    }
    w->since++;
}

/* --- certificates and restarts -------------------------------------------- */

/* The objective and bound of a point whose vectors are `scale` times the true
 * ones; keeps the best of both. */
static void certify(work *w, point *p, double scale)
{
    double primal = 0, dual = 0;
    for (size_t k = 0; k < w->tall; k++) {
        primal += fabs(p->sums[k] / scale - w->in->answer[k]);
        dual -= p->y[k] / scale * w->in->answer[k];
    }
    for (size_t j = 0; j < w->in->incidence->users; j++)
        dual += pv_least_product(p->gathered + j * w->levels, w->levels) /
                scale;
    p->primal = primal;
    p->dual = dual;
    w->bound = fmax(w->bound, dual);
    if (primal < w->objective) {
        w->objective = primal;
        for (size_t k = 0; k < w->wide; k++)
            w->best[k] = p->t[k] / scale;
    }
}

static void copy_scaled(const work *w, point *to, const point *from,
                        double scale)
{
    for (size_t k = 0; k < w->wide; k++) {
        to->t[k] = from->t[k] / scale;
        to->gathered[k] = from->gathered[k] / scale;
    }
    for (size_t k = 0; k < w->tall; k++) {
        to->y[k] = from->y[k] / scale;
        to->sums[k] = from->sums[k] / scale;
    }
}

/* How far dual and primal points went since the last restart tells how their
 * steps should be weighed: half way, in logarithms, as PDLP does. */
static void reweigh(work *w)
{
    const pv_incidence *a = w->in->incidence;
    double primal = 0, dual = 0;
    for (size_t k = 0; k < w->wide; k++) {
        const double d = w->now.t[k] - w->start.t[k];
        const size_t j = k / w->levels;
        primal += d * d * (double)(a->user_start[j + 1] - a->user_start[j]);
    }
    for (size_t k = 0; k < w->tall; k++) {
        const double d = w->now.y[k] - w->start.y[k];
        dual += d * d * pv_query_size(a, k / w->levels);
    }
    if (primal > 1e-12 && dual > 1e-12)
        w->weight = fmin(1e3, fmax(1e-3, sqrt(w->weight * sqrt(dual / primal))));
}

static void restart(work *w, bool from_mean, double gap)
{
    if (from_mean)
        copy_scaled(w, &w->now, &w->mean, (double)w->since);
    if (w->restarts++ > 0)
        reweigh(w);
    copy_scaled(w, &w->start, &w->now, 1);
    memset(w->mean.t, 0, w->wide * sizeof(double));
    memset(w->mean.gathered, 0, w->wide * sizeof(double));
    memset(w->mean.y, 0, w->tall * sizeof(double));
    memset(w->mean.sums, 0, w->tall * sizeof(double));
    w->gap_at_start = gap;
    w->since = 0;
}

static void consider_restart(work *w, size_t iterations)
{
    const double of_mean = w->mean.primal - w->mean.dual;
    const double of_now = w->now.primal - w->now.dual;
    const double gap = fmin(of_mean, of_now);
    if (gap <= 0.3 * w->gap_at_start ||
        (gap <= 0.8 * w->gap_at_start && w->since >= 100) ||
        (double)w->since >= fmax(40, 0.36 * (double)iterations))
        restart(w, of_mean < of_now, gap);
}

static void iterate(work *w, const pv_solve_options *options,
                    pv_solution *solution)
{
    enum { check = 10 };
    const pv_incidence *a = w->in->incidence;
    const size_t most = options->most > 0 ? options->most : 20000;
    const double wanted = options->gap > 0 ? options->gap : 1e-2;
    double scale = 0; /* of answers: what is below its rounding is 0 */
    for (size_t k = 0; k < w->tall; k++)
        scale += fabs(w->in->answer[k]);
    pv_local_mean(w->in, w->now.t);
    pv_incidence_sums(a, w->levels, w->now.t, w->now.sums);
    certify(w, &w->now, 1);
    restart(w, false, w->now.primal - w->now.dual);
    for (;;) {
        solution->converged =
            w->objective - fmax(0, w->bound) <= wanted * w->objective ||
            w->objective <= 1e-12 * scale;
        if (solution->converged || solution->iterations >= most)
            return;
        for (int i = 0; i < check; i++)
            iterate_once(w);
        solution->iterations += check;
        certify(w, &w->now, 1);
        certify(w, &w->mean, (double)w->since);
        consider_restart(w, solution->iterations);
    }
}

static pv_status run(const pv_instance *in, const pv_solve_options *options,
                     pv_solution *solution, pv_error *err)
{
    work w;
    if (!alloc_work(in, &w)) {
        free_work(&w);
        return pv_fail_memory(err, "a reconstruction");
    }
    iterate(&w, options, solution);
    solution->objective = w.objective;
    /* where they meet, rounding may put the bound above */
    solution->bound = fmin(fmax(0, w.bound), w.objective);
    solution->t = w.best;
    w.best = NULL;
    free_work(&w);
    return PV_OK;
}

const pv_solver pv_solver_pdhg = {
    .name = "pdhg",
    .summary = "least absolute deviations up to a certified gap",
    .run = run};
