/* Ways to fit the same marginals: passes and CPU seconds that each takes to a
 * duality gap. The problem is one proximal step (marginals/estimate.h) on the
 * measurements of a release, whose gap is known exactly at every point. */
#include "bench/clock.h"
#include "core/threads.h"
#include "io/release.h"
#include "marginals/goals.h"
#include "marginals/lbfgs.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_passes = 20000 };
static const double most_seconds = 60;
static const double wanted[] = {0.2, 0.02, 0.002};
enum { levels = sizeof wanted / sizeof *wanted };

typedef struct problem {
    pv_goals goals;
    pv_model *model;
    double tau;
    size_t passes;
    double since, gap_unit; /* half the number of cells */
    size_t reached;         /* of wanted[] */
} problem;

static void load(problem *p, const double *x)
{
    for (size_t i = 0; i < p->goals.count; i++) {
        const pv_goal *g = &p->goals.goal[i];
        double *theta = pv_model_potential(p->model, i, NULL);
        for (size_t k = 0; k < g->cells; k++)
            theta[k] = g->base[k] + (g->isolated ? 0.0 : x[g->at + k]);
    }
}

/* Says when a gap is reached for the first time; true when all are, or time is
 * up. */
static bool watch(problem *p, double gap)
{
    const double seconds = bench_cpu_seconds() - p->since;
    while (p->reached < levels && gap <= wanted[p->reached] * p->gap_unit)
        (void)printf("  gap %-6g %6zu passes %8.3f s\n", wanted[p->reached++],
                     p->passes, seconds);
    if (p->reached < levels &&
        (p->passes >= most_passes || seconds > most_seconds)) {
        (void)printf("  stopped at a gap of %.3g after %zu passes, %.1f s\n",
                     gap / p->gap_unit, p->passes, seconds);
        return true;
    }
    return p->reached == levels;
}

static void evaluate(void *context, const double *x, double *value,
                     double *gradient, double *metric, double *gap)
{
    problem *p = context;
    double log_z = 0, linear = 0;
    load(p, x);
    p->passes++;
    *gap = 0;
    if (pv_model_calibrate(p->model, &log_z, NULL) != PV_OK) {
        *value = INFINITY;
        return;
    }
    for (size_t i = 0; i < p->goals.count; i++) {
        const pv_goal *g = &p->goals.goal[i];
        const double kappa = p->tau * g->sigma2;
        if (g->isolated)
            continue;
        pv_model_project(p->model, i, gradient + g->at);
        for (size_t k = 0; k < g->cells; k++) {
            const size_t j = g->at + k;
            const double mu = gradient[j], target = g->y[k] - kappa * x[j];
            gradient[j] = mu - target;
            *gap += 0.5 * gradient[j] * gradient[j] / g->sigma2;
            metric[j] = 1.0 / ((mu > target ? mu : target) + kappa);
            linear += x[j] * (0.5 * kappa * x[j] - g->y[k]);
        }
    }
    *value = pv_model_total(p->model) * log_z + linear;
}

static void begin(problem *p, const char *name)
{
    (void)printf("%s\n", name);
    p->passes = p->reached = 0;
    p->since = bench_cpu_seconds();
}

static bool with_lbfgs(problem *p)
{
    pv_lbfgs *solver = NULL;
    double *x = calloc(p->goals.unknowns, sizeof *x);
    if (x == NULL || pv_lbfgs_alloc(p->goals.unknowns, &solver, NULL) != PV_OK)
        return false;
    begin(p, "L-BFGS with a diagonal metric");
    pv_lbfgs_start(solver, evaluate, p, x);
    while (!watch(p, pv_lbfgs_gap(solver)))
        if (!pv_lbfgs_step(solver))
            break;
    pv_lbfgs_free(solver);
    free(x);
    return true;
}

/* Nesterov's accelerated gradient in the metric of the starting point, with
 * backtracking, begun again when the value rises (O'Donoghue and Candes). */
static bool with_acceleration(problem *p)
{
    const size_t n = p->goals.unknowns;
    double *block = calloc(6 * n, sizeof *block);
    if (block == NULL)
        return false;
    double *x = block, *y = x + n, *last = y + n, *g = last + n, *m = g + n,
           *metric = m + n;
    double value, at_y, gap, step = 1, momentum = 1, before = INFINITY;
    begin(p, "accelerated gradient, diagonal metric, restarts");
    evaluate(p, y, &at_y, g, metric, &gap);
    while (!watch(p, gap)) {
        double slope = 0;
        memcpy(last, x, n * sizeof *x);
        for (size_t i = 0; i < n; i++)
            slope += g[i] * g[i] * metric[i];
        for (;; step *= 0.5) {
            for (size_t i = 0; i < n; i++)
                x[i] = y[i] - step * metric[i] * g[i];
            double *gx = m; /* the metric there is not used */
            double *spare = malloc(n * sizeof *spare);
            if (spare == NULL)
                exit(1);
            evaluate(p, x, &value, spare, gx, &gap);
            free(spare);
            if (value <= at_y - 0.5 * step * slope || step < 1e-12)
                break;
        }
        step *= 1.2;
        const double next = 0.5 * (1 + sqrt(1 + 4 * momentum * momentum));
        double keep = (momentum - 1) / next;
        momentum = next;
        if (value > before) {
            keep = 0;
            momentum = 1;
        }
        before = value;
        for (size_t i = 0; i < n; i++)
            y[i] = x[i] + keep * (x[i] - last[i]);
        evaluate(p, y, &at_y, g, m, &gap);
    }
    free(block);
    return true;
}

/* mu e^d - y + kappa (x + d) = 0: the block's minimiser but for the total. */
static double scale_cell(double mu, double y, double x, double kappa)
{
    double d = 0;
    for (int i = 0; i < 30; i++) {
        const double f = mu * exp(d) - y + kappa * (x + d);
        const double move = f / (mu * exp(d) + kappa);
        d -= move > 2 ? 2 : move < -2 ? -2 : move;
        if (fabs(move) < 1e-10)
            break;
    }
    return d;
}

/* Iterative scaling: one marginal after another is brought to its minimiser. */
static bool with_blocks(problem *p)
{
    const size_t n = p->goals.unknowns;
    double *x = calloc(3 * n, sizeof *x), value, gap = INFINITY;
    double *mu = malloc(n * sizeof *mu);
    if (x == NULL || mu == NULL)
        return false;
    begin(p, "block scaling, one marginal a pass");
    do {
        for (size_t i = 0; i < p->goals.count; i++) {
            const pv_goal *g = &p->goals.goal[i];
            if (g->isolated)
                continue;
            load(p, x);
            p->passes++;
            if (pv_model_calibrate(p->model, NULL, NULL) != PV_OK)
                goto out;
            pv_model_project(p->model, i, mu);
            for (size_t k = 0; k < g->cells; k++)
                x[g->at + k] += scale_cell(mu[k], g->y[k], x[g->at + k],
                                           p->tau * g->sigma2);
        }
        evaluate(p, x, &value, x + n, x + 2 * n, &gap);
    } while (!watch(p, gap));
out:
    free(x);
    free(mu);
    return true;
}

static bool prepare(problem *p, const pv_release *r, pv_error *err)
{
    pv_domain domain;
    bool ready = false;
    pv_target *target = calloc(r->count, sizeof *target);
    pv_domain_of_model(r->schema, &domain);
    for (size_t i = 0; target != NULL && i < r->count; i++) {
        const pv_measurement *m = &r->measurements[i];
        target[i] = (pv_target){.clique = pv_clique_of(m->column, m->columns),
                                .counts = m->counts,
                                .sigma2 = pv_measurement_variance(m)};
    }
    if (target != NULL &&
        pv_goals_init(&p->goals, &domain, NULL, 0, target, r->count, err) ==
            PV_OK) {
        const double total = pv_goals_total(&p->goals);
        ready = pv_goals_model(&p->goals, &domain, NULL, 0, total, 0,
                               &p->model, err) == PV_OK &&
                pv_goals_start(&p->goals, &domain, total, err) == PV_OK;
        p->tau = 4 / sqrt(p->goals.least_sigma2);
        p->gap_unit = 0.5 * (double)p->goals.unknowns;
    }
    free(target);
    return ready;
}

int main(int argc, char **argv)
{
    pv_error err = {0};
    pv_release *release = NULL;
    problem p = {0};
    if (argc != 2) {
        (void)printf("usage: bench_solvers RELEASE.h5, one made by method aim\n");
        return 0;
    }
    pv_threads_set(1);
    if (pv_release_read(argv[1], &release, &err) != PV_OK ||
        !prepare(&p, release, &err)) {
        (void)fprintf(stderr, "bench_solvers: %s\n", err.message);
        return 1;
    }
    (void)printf("%zu marginals of %zu cells, a model of %zu\n",
                 p.goals.count, p.goals.unknowns, pv_model_cells(p.model));
    return with_lbfgs(&p) && with_acceleration(&p) && with_blocks(&p) ? 0 : 1;
}
