#include "marginals/estimate.h"

#include "core/memory.h"
#include "marginals/goals.h"
#include "marginals/lbfgs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct fit {
    pv_goals goals;
    pv_model *model;
    double tau;
    double loss; /* at the last evaluation */
} fit;

static void load_potentials(fit *f, const double *x)
{
    for (size_t i = 0; i < f->goals.count; i++) {
        const pv_goal *g = &f->goals.goal[i];
        double *theta = pv_model_potential(f->model, i, NULL);
        for (size_t k = 0; k < g->cells; k++)
            theta[k] = g->base[k] + (g->isolated ? 0.0 : x[g->at + k]);
    }
}

/* The dual of one proximal step at x, to be minimised:
 * N ln Z(base + x) - y'x + tau sigma^2 x'x / 2. */
static void dual(void *context, const double *x, double *value,
                 double *gradient, double *metric, double *gap)
{
    fit *f = context;
    double log_z = 0, linear = 0;
    load_potentials(f, x);
    f->loss = *gap = 0;
    if (pv_model_calibrate(f->model, &log_z, NULL) != PV_OK) {
        *value = INFINITY; /* a step too far: the search shortens it */
        return;
    }
    for (size_t i = 0; i < f->goals.count; i++) {
        const pv_goal *g = &f->goals.goal[i];
        if (g->isolated)
            continue;
        const double kappa = f->tau * g->sigma2;
        const double *xi = x + g->at;
        double *gi = gradient + g->at, *mi = metric + g->at;
        double sum = 0, misfit = 0, norm = 0;
        pv_model_project(f->model, i, gi);
        for (size_t k = 0; k < g->cells; k++) {
            const double mu = gi[k], target = g->y[k] - kappa * xi[k];
            misfit += (mu - g->y[k]) * (mu - g->y[k]);
            gi[k] = mu - target;
            norm += gi[k] * gi[k];
            /* a rising cell is curved by where it goes, not where it is */
            mi[k] = 1.0 / ((mu > target ? mu : target) + kappa);
            sum += xi[k] * (0.5 * kappa * xi[k] - g->y[k]);
        }
        linear += sum;
        f->loss += 0.5 * misfit / g->sigma2;
        *gap += 0.5 * norm / g->sigma2;
    }
    *value = pv_model_total(f->model) * log_z + linear;
}

/* --- the path --------------------------------------------------------------- */

/* A target's unknowns at the end of every step, one after another. */
typedef struct trace {
    pv_clique clique;
    size_t cells;
    double *x;
} trace;

struct pv_fit_path {
    size_t steps, traces;
    double tau;
    trace *trace;
};

pv_status pv_fit_path_alloc(pv_fit_path **path, pv_error *err)
{
    *path = pv_array_calloc(1, sizeof **path);
    return *path != NULL ? PV_OK : pv_fail_memory(err, "the fit");
}

static void forget(pv_fit_path *path)
{
    for (size_t i = 0; path->trace != NULL && i < path->traces; i++)
        free(path->trace[i].x);
    free(path->trace);
    memset(path, 0, sizeof *path);
}

void pv_fit_path_free(pv_fit_path *path)
{
    if (path != NULL)
        forget(path);
    free(path);
}

static pv_status trace_init(pv_fit_path *path, const fit *f, size_t steps,
                            pv_error *err)
{
    *path = (pv_fit_path){.steps = steps, .tau = f->tau};
    path->trace = pv_array_calloc(f->goals.count, sizeof *path->trace);
    if (path->trace == NULL)
        return pv_fail_memory(err, "the fit");
    for (size_t i = 0; i < f->goals.count; i++) {
        const pv_goal *g = &f->goals.goal[i];
        if (g->isolated)
            continue;
        trace *t = &path->trace[path->traces++];
        *t = (trace){.clique = g->clique, .cells = g->cells};
        t->x = pv_array_calloc(steps * g->cells, sizeof *t->x);
        if (t->x == NULL)
            return pv_fail_memory(err, "the fit");
    }
    return PV_OK;
}

static const trace *trace_of(const pv_fit_path *path, const pv_clique *clique)
{
    for (size_t i = 0; i < path->traces; i++)
        if (pv_clique_equal(&path->trace[i].clique, clique))
            return &path->trace[i];
    return NULL;
}

/* Where the earlier fit's step ended, in this fit's scale: at the same misfit
 * a change is inverse to tau. */
static void recall(const pv_fit_path *path, const fit *f, size_t step,
                   double *x)
{
    const double rescale = path->tau / f->tau;
    for (size_t i = 0; step < path->steps && i < f->goals.count; i++) {
        const pv_goal *g = &f->goals.goal[i];
        const trace *t = g->isolated ? NULL : trace_of(path, &g->clique);
        for (size_t k = 0; t != NULL && k < g->cells; k++)
            x[g->at + k] = rescale * t->x[step * g->cells + k];
    }
}

static void record(pv_fit_path *path, const fit *f, size_t step,
                   const double *x)
{
    size_t at = 0;
    for (size_t i = 0; i < f->goals.count; i++) {
        const pv_goal *g = &f->goals.goal[i];
        if (!g->isolated)
            memcpy(path->trace[at++].x + step * g->cells, x + g->at,
                   g->cells * sizeof *x);
    }
}

/* The next step starts from what this one reached, its change shrunk by about
 * what the changes shrink by. */
static void move_centre(fit *f, double *x)
{
    const double expected = 0.4;
    for (size_t i = 0; i < f->goals.count; i++) {
        pv_goal *g = &f->goals.goal[i];
        for (size_t k = 0; !g->isolated && k < g->cells; k++) {
            g->base[k] += x[g->at + k];
            x[g->at + k] *= expected;
        }
    }
}

/* --- the fit ---------------------------------------------------------------- */

typedef struct descent {
    pv_lbfgs *solver;
    double *x;
    double wanted; /* duality gap of a step */
    size_t limit;  /* evaluations in all */
} descent;

static void run_step(fit *f, const descent *d)
{
    pv_lbfgs_start(d->solver, dual, f, d->x);
    if (!isfinite(pv_lbfgs_gap(d->solver))) { /* guessed out of range */
        memset(d->x, 0, f->goals.unknowns * sizeof *d->x);
        pv_lbfgs_start(d->solver, dual, f, d->x);
    }
    while (pv_lbfgs_gap(d->solver) > d->wanted &&
           pv_lbfgs_evaluations(d->solver) < d->limit)
        if (!pv_lbfgs_step(d->solver))
            break;
}

static pv_status iterate(fit *f, const pv_fit_options *options,
                         pv_fit_path *path, pv_fit_report *report,
                         pv_error *err)
{
    pv_status status = PV_OK;
    pv_fit_path fresh = {0};
    const size_t steps = options->steps > 0 ? options->steps : 4;
    descent d = {
        .x = pv_array_calloc(f->goals.unknowns, sizeof *d.x),
        .wanted = 0.5 * (double)f->goals.unknowns *
                  (options->gap > 0 ? options->gap : 2e-2),
        .limit = options->max_iterations > 0 ? options->max_iterations : 10000};
    if (d.x == NULL) {
        status = pv_fail_memory(err, "the fit");
        goto out;
    }
    PV_TRY(pv_lbfgs_alloc(f->goals.unknowns, &d.solver, err));
    f->tau = (options->weight > 0 ? options->weight : 4.0) /
             sqrt(f->goals.least_sigma2);
    if (path != NULL)
        PV_TRY(trace_init(&fresh, f, steps, err));
    for (size_t step = 0; step < steps; step++) {
        if (path != NULL)
            recall(path, f, step, d.x);
        run_step(f, &d);
        if (pv_lbfgs_gap(d.solver) > report->gap)
            report->gap = pv_lbfgs_gap(d.solver);
        if (path != NULL)
            record(&fresh, f, step, d.x);
        move_centre(f, d.x);
    }
    memset(d.x, 0, f->goals.unknowns * sizeof *d.x);
    load_potentials(f, d.x);
    report->converged = report->gap <= d.wanted;
    report->loss = f->loss;
    report->iterations = pv_lbfgs_evaluations(d.solver);
    if (path != NULL) {
        forget(path);
        *path = fresh;
        memset(&fresh, 0, sizeof fresh);
    }
out:
    forget(&fresh);
    pv_lbfgs_free(d.solver);
    free(d.x);
    return status;
}

pv_status pv_estimate(const pv_domain *domain, const pv_zero *zero,
                      size_t zeros, const pv_target *target, size_t targets,
                      const pv_fit_options *options, pv_fit_path *path,
                      pv_model **model, pv_fit_report *report, pv_error *err)
{
    pv_status status = PV_OK;
    fit f = {0};
    pv_fit_report own = {0};
    PV_TRY(pv_goals_init(&f.goals, domain, zero, zeros, target, targets, err));
    const double total =
        options->total > 0 ? options->total : pv_goals_total(&f.goals);
    PV_TRY(pv_goals_model(&f.goals, domain, zero, zeros, total,
                          options->memory, &f.model, err));
    PV_TRY(pv_goals_start(&f.goals, domain, total, err));
    own.cells = f.goals.unknowns;
    own.converged = true;
    if (f.goals.unknowns > 0)
        PV_TRY(iterate(&f, options, path, &own, err));
    else
        load_potentials(&f, NULL); /* all are isolated: no unknowns */
    PV_TRY(pv_model_calibrate(f.model, NULL, err));
    *model = f.model;
    f.model = NULL;
    if (report != NULL)
        *report = own;
out:
    pv_goals_clear(&f.goals);
    pv_model_free(f.model);
    return status;
}
