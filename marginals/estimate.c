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

/* Potentials of an earlier fit as the first guess, spread over the steps. */
static void guess(const fit *f, pv_model *warm, size_t steps, double *x)
{
    for (size_t i = 0; i < f->goals.count; i++) {
        const pv_goal *g = &f->goals.goal[i];
        for (size_t j = 0; j < pv_model_potentials(warm); j++) {
            if (g->isolated || !pv_clique_equal(pv_model_potential_clique(
                                                    warm, j),
                                                &g->clique))
                continue;
            const double *theta = pv_model_potential(warm, j, NULL);
            for (size_t k = 0; k < g->cells; k++)
                x[g->at + k] = (theta[k] - g->base[k]) / (double)steps;
            break;
        }
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

static pv_status iterate(fit *f, const pv_fit_options *options, pv_model *warm,
                         pv_fit_report *report, pv_error *err)
{
    pv_status status = PV_OK;
    pv_lbfgs *solver = NULL;
    const size_t limit =
        options->max_iterations > 0 ? options->max_iterations : 10000;
    const size_t steps = options->steps > 0 ? options->steps : 4;
    const double wanted = 0.5 * (double)f->goals.unknowns *
                          (options->gap > 0 ? options->gap : 5e-3);
    double *x = pv_array_calloc(f->goals.unknowns, sizeof *x);
    if (x == NULL) {
        status = pv_fail_memory(err, "the fit");
        goto out;
    }
    PV_TRY(pv_lbfgs_alloc(f->goals.unknowns, &solver, err));
    f->tau = (options->weight > 0 ? options->weight : 4.0) /
             sqrt(f->goals.least_sigma2);
    if (warm != NULL)
        guess(f, warm, steps, x);
    for (size_t step = 0; step < steps; step++) {
        pv_lbfgs_start(solver, dual, f, x);
        if (!isfinite(pv_lbfgs_gap(solver))) { /* guessed out of range */
            memset(x, 0, f->goals.unknowns * sizeof *x);
            pv_lbfgs_start(solver, dual, f, x);
        }
        while (pv_lbfgs_gap(solver) > wanted &&
               pv_lbfgs_evaluations(solver) < limit)
            if (!pv_lbfgs_step(solver))
                break;
        if (pv_lbfgs_gap(solver) > report->gap)
            report->gap = pv_lbfgs_gap(solver);
        move_centre(f, x);
    }
    memset(x, 0, f->goals.unknowns * sizeof *x);
    load_potentials(f, x);
    report->converged = report->gap <= wanted;
    report->loss = f->loss;
    report->iterations = pv_lbfgs_evaluations(solver);
out:
    pv_lbfgs_free(solver);
    free(x);
    return status;
}

pv_status pv_estimate(const pv_domain *domain, const pv_zero *zero,
                      size_t zeros, const pv_target *target, size_t targets,
                      const pv_fit_options *options, pv_model *warm,
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
        PV_TRY(iterate(&f, options, warm, &own, err));
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
