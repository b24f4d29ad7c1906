#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "marginals/lbfgs.h"

#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { pairs = 10 };

struct pv_lbfgs {
    size_t n;
    pv_lbfgs_fn *fn;
    void *context;
    double *x;
    double value, gap, slope;
    double *gradient, *metric, *direction;
    double *trial, *trial_gradient, *trial_metric;
    double *s[pairs], *y[pairs], rho[pairs];
    size_t used, next; /* pairs held, and where the next goes */
    double *block;
    size_t evaluations;
};

PV_WIDE static double dot(const double *a, const double *b, size_t n)
{
    double lane[8] = {0};
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (size_t j = 0; j < 8; j++)
            lane[j] += a[i + j] * b[i + j];
    for (size_t j = 0; i < n; i++, j++)
        lane[j] += a[i] * b[i];
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

PV_WIDE static void add_scaled(double *x, double a, const double *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] += a * y[i];
}

pv_status pv_lbfgs_alloc(size_t n, pv_lbfgs **result, pv_error *err)
{
    pv_lbfgs *solver = pv_array_calloc(1, sizeof *solver);
    size_t total;
    if (solver != NULL && pv_size_mul(n, 6 + 2 * pairs, &total))
        solver->block = pv_aligned_alloc(total, sizeof *solver->block);
    if (solver == NULL || solver->block == NULL) {
        free(solver);
        return pv_fail_memory(err, "the fit");
    }
    double *at = solver->block;
    double **const fixed[] = {&solver->gradient, &solver->metric,
                              &solver->direction, &solver->trial,
                              &solver->trial_gradient, &solver->trial_metric};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++, at += n)
        *fixed[i] = at;
    for (size_t i = 0; i < pairs; i++, at += 2 * n) {
        solver->s[i] = at;
        solver->y[i] = at + n;
    }
    solver->n = n;
    *result = solver;
    return PV_OK;
}

void pv_lbfgs_free(pv_lbfgs *solver)
{
    if (solver == NULL)
        return;
    free(solver->block);
    free(solver);
}

void pv_lbfgs_start(pv_lbfgs *solver, pv_lbfgs_fn *fn, void *context,
                    double *x)
{
    solver->fn = fn;
    solver->context = context;
    solver->x = x;
    solver->evaluations++;
    fn(context, x, &solver->value, solver->gradient, solver->metric,
       &solver->gap);
}

double pv_lbfgs_gap(const pv_lbfgs *solver)
{
    return isfinite(solver->value) ? solver->gap : INFINITY;
}

size_t pv_lbfgs_evaluations(const pv_lbfgs *solver)
{
    return solver->evaluations;
}

/* The two-loop recursion with the metric in the middle. */
static void find_direction(pv_lbfgs *solver)
{
    double alpha[pairs];
    double *d = solver->direction;
    const size_t n = solver->n;
    for (size_t i = 0; i < n; i++)
        d[i] = -solver->gradient[i];
    for (size_t k = 0; k < solver->used; k++) {
        const size_t p = (solver->next + pairs - 1 - k) % pairs;
        alpha[p] = solver->rho[p] * dot(solver->s[p], d, n);
        add_scaled(d, -alpha[p], solver->y[p], n);
    }
    for (size_t i = 0; i < n; i++)
        d[i] *= solver->metric[i];
    for (size_t k = solver->used; k-- > 0;) {
        const size_t p = (solver->next + pairs - 1 - k) % pairs;
        const double beta = solver->rho[p] * dot(solver->y[p], d, n);
        add_scaled(d, alpha[p] - beta, solver->s[p], n);
    }
    solver->slope = dot(d, solver->gradient, n);
}

static void keep_pair(pv_lbfgs *solver)
{
    const size_t n = solver->n, p = solver->next;
    double *s = solver->s[p], *y = solver->y[p];
    for (size_t i = 0; i < n; i++) {
        s[i] = solver->trial[i] - solver->x[i];
        y[i] = solver->trial_gradient[i] - solver->gradient[i];
    }
    const double sy = dot(s, y, n);
    if (!(sy > 1e-14 * sqrt(dot(s, s, n) * dot(y, y, n))))
        return; /* rounding has eaten the curvature */
    solver->rho[p] = 1.0 / sy;
    solver->next = (p + 1) % pairs;
    if (solver->used < pairs)
        solver->used++;
}

static void swap(double **a, double **b)
{
    double *t = *a;
    *a = *b;
    *b = t;
}

/* Tries x + step d; accepted when the value falls enough or, where the value's
 * digits are used up, when the slope has shrunk (enough for a convex fn). */
static bool try_step(pv_lbfgs *solver, double step)
{
    const size_t n = solver->n;
    double value, gap;
    for (size_t i = 0; i < n; i++)
        solver->trial[i] = solver->x[i] + step * solver->direction[i];
    solver->evaluations++;
    solver->fn(solver->context, solver->trial, &value, solver->trial_gradient,
               solver->trial_metric, &gap);
    if (!isfinite(value))
        return false;
    const double slope = dot(solver->direction, solver->trial_gradient, n);
    const bool falls = value <= solver->value + 1e-4 * step * solver->slope;
    const bool flattens = fabs(slope) <= 0.5 * fabs(solver->slope);
    if (!isfinite(slope) || !(falls || flattens))
        return false;
    keep_pair(solver);
    memcpy(solver->x, solver->trial, n * sizeof *solver->x);
    swap(&solver->gradient, &solver->trial_gradient);
    swap(&solver->metric, &solver->trial_metric);
    solver->value = value;
    solver->gap = gap;
    return true;
}

bool pv_lbfgs_step(pv_lbfgs *solver)
{
    enum { shortenings = 12 };
    if (!isfinite(solver->value))
        return false; /* no gradient to go by */
    for (;;) {
        find_direction(solver);
        double step = 1;
        for (int i = 0; solver->slope < 0 && i < shortenings; i++) {
            if (try_step(solver, step))
                return true;
            step *= 0.35;
        }
        if (solver->used == 0)
            return false;
        solver->used = 0; /* stale pairs: once more by the metric alone */
    }
}
