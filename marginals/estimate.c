#include "marginals/estimate.h"

#include "core/memory.h"
#include "marginals/factor.h"
#include "marginals/lbfgs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One merged target. Forbidden cells have y = 0 and do not count. */
typedef struct goal {
    pv_clique clique;
    size_t cells, legal;
    double *y;
    double sigma2;
    double *base;       /* log potential at the proximal centre */
    double *mu;         /* the model's marginal at the last evaluation */
    bool isolated;
    size_t at;          /* first unknown, when not isolated */
} goal;

typedef struct fit {
    pv_model *model;
    goal *goal;
    size_t goals;
    size_t unknowns;
    double tau;         /* weight of the proximal term */
    double *pull;       /* scratch: gradients of the loss */
    const double **gain;
} fit;

void pv_project_simplex(double *y, size_t n, double sum)
{
    /* Michelot 1986: drop what falls below the threshold until none does */
    size_t active = n, before = n + 1;
    double threshold = 0;
    double total = pv_sum(y, n);
    while (active > 0 && active < before) {
        before = active;
        threshold = (total - sum) / (double)active;
        active = 0;
        total = 0;
        for (size_t i = 0; i < n; i++)
            if (y[i] > threshold) {
                active++;
                total += y[i];
            }
    }
    for (size_t i = 0; i < n; i++)
        y[i] = y[i] > threshold ? y[i] - threshold : 0.0;
}

double pv_estimate_total(const pv_domain *domain, const pv_target *target,
                         size_t targets)
{
    double weighted = 0, weights = 0;
    for (size_t i = 0; i < targets; i++) {
        const size_t cells = pv_domain_cells(domain, &target[i].clique);
        double sum = 0;
        for (size_t k = 0; k < cells; k++)
            sum += (double)target[i].counts[k];
        const double weight = 1.0 / (target[i].sigma2 * (double)cells);
        weighted += weight * sum;
        weights += weight;
    }
    const double total = weights > 0 ? weighted / weights : 1.0;
    return total > 1.0 ? total : 1.0;
}

/* Marks the cells of g that a zero inside its clique forbids. */
static void mark_forbidden(const pv_domain *domain, const pv_zero *zero,
                           const goal *g, bool *forbidden)
{
    uint32_t column[PV_FACTOR_RANK];
    const size_t rank = pv_clique_columns(&g->clique, column, PV_FACTOR_RANK);
    for (size_t cell = 0; cell < g->cells; cell++) {
        size_t rest = cell, left = zero->columns;
        bool all = true;
        for (size_t j = rank; j-- > 0 && all;) {
            const uint32_t levels = domain->levels[column[j]];
            if (left > 0 && zero->column[left - 1] == column[j])
                all = zero->mask[--left][rest % levels];
            rest /= levels;
        }
        if (all)
            forbidden[cell] = true;
    }
}

static pv_status clear_forbidden(const pv_domain *domain, const pv_zero *zero,
                                 size_t zeros, goal *g, pv_error *err)
{
    bool *forbidden = pv_array_calloc(g->cells, sizeof *forbidden);
    if (forbidden == NULL)
        return pv_fail_memory(err, "the fit");
    for (size_t i = 0; i < zeros; i++) {
        const pv_clique c = pv_clique_of(zero[i].column, zero[i].columns);
        if (pv_clique_subset(&c, &g->clique))
            mark_forbidden(domain, &zero[i], g, forbidden);
    }
    g->legal = g->cells;
    for (size_t k = 0; k < g->cells; k++)
        if (forbidden[k]) {
            g->y[k] = 0;
            g->legal--;
        }
    free(forbidden);
    return PV_OK;
}

/* Merges a target into the goals: those over one clique are averaged by
 * inverse variance. */
static pv_status add_goal(fit *f, const pv_domain *domain,
                          const pv_target *target, pv_error *err)
{
    for (size_t i = 0; i < f->goals; i++) {
        goal *g = &f->goal[i];
        if (!pv_clique_equal(&g->clique, &target->clique))
            continue;
        const double share = g->sigma2 / (g->sigma2 + target->sigma2);
        for (size_t k = 0; k < g->cells; k++)
            g->y[k] += share * ((double)target->counts[k] - g->y[k]);
        g->sigma2 *= 1 - share;
        return PV_OK;
    }
    goal *g = &f->goal[f->goals++];
    g->clique = target->clique;
    g->cells = pv_domain_cells(domain, &g->clique);
    if (g->cells == SIZE_MAX)
        return pv_fail(err, PV_ETOOBIG, "a measured marginal is too large");
    g->sigma2 = target->sigma2;
    g->y = pv_aligned_alloc(g->cells, sizeof *g->y);
    g->base = pv_aligned_alloc(g->cells, sizeof *g->base);
    g->mu = pv_aligned_alloc(g->cells, sizeof *g->mu);
    if (g->y == NULL || g->base == NULL || g->mu == NULL)
        return pv_fail_memory(err, "the fit");
    for (size_t k = 0; k < g->cells; k++)
        g->y[k] = (double)target->counts[k];
    return PV_OK;
}

static double goals_total(const fit *f)
{
    double weighted = 0, weights = 0;
    for (size_t i = 0; i < f->goals; i++) {
        const goal *g = &f->goal[i];
        if (g->legal == 0)
            continue;
        const double weight = 1.0 / (g->sigma2 * (double)g->legal);
        weighted += weight * pv_sum(g->y, g->cells);
        weights += weight;
    }
    const double total = weights > 0 ? weighted / weights : 1.0;
    return total > 1.0 ? total : 1.0;
}

static pv_status prepare(fit *f, const pv_domain *domain, const pv_zero *zero,
                         size_t zeros, const pv_target *target, size_t targets,
                         const pv_fit_options *options, pv_error *err)
{
    pv_status status = PV_OK;
    pv_clique *clique = NULL;
    size_t cells = 0;
    f->goal = pv_array_calloc(targets, sizeof *f->goal);
    clique = pv_array_alloc(targets, sizeof *clique);
    f->gain = pv_array_calloc(targets, sizeof *f->gain);
    if (f->goal == NULL || clique == NULL || f->gain == NULL) {
        status = pv_fail_memory(err, "the fit");
        goto out;
    }
    for (size_t i = 0; i < targets; i++)
        PV_TRY(add_goal(f, domain, &target[i], err));
    for (size_t i = 0; i < f->goals; i++) {
        PV_TRY(clear_forbidden(domain, zero, zeros, &f->goal[i], err));
        clique[i] = f->goal[i].clique;
    }
    const double total = options->total > 0 ? options->total : goals_total(f);
    PV_TRY(pv_model_alloc(domain, zero, zeros, clique, f->goals, total,
                          options->memory, &f->model, err));
    for (size_t i = 0; i < f->goals; i++) {
        goal *g = &f->goal[i];
        g->isolated = pv_model_isolated(f->model, i);
        g->at = f->unknowns;
        f->unknowns += g->isolated ? 0 : g->cells;
        cells += g->cells;
    }
    f->pull = pv_aligned_alloc(cells, sizeof *f->pull);
    if (f->pull == NULL)
        status = pv_fail_memory(err, "the fit");
out:
    free(clique);
    return status;
}

static void clear(fit *f)
{
    for (size_t i = 0; f->goal != NULL && i < f->goals; i++) {
        free(f->goal[i].y);
        free(f->goal[i].base);
        free(f->goal[i].mu);
    }
    free(f->goal);
    free(f->gain);
    free(f->pull);
    pv_model_free(f->model);
}

/* Log potentials of a marginal by itself; `least` bounds them from below. */
static void log_of_projection(const fit *f, goal *g, double least)
{
    memcpy(g->base, g->y, g->cells * sizeof *g->base);
    pv_project_simplex(g->base, g->cells, pv_model_total(f->model));
    for (size_t k = 0; k < g->cells; k++)
        g->base[k] = pv_log(g->base[k] > least ? g->base[k] : least);
}

static const double *warm_potential(pv_model *warm, const pv_clique *clique)
{
    for (size_t j = 0; warm != NULL && j < pv_model_potentials(warm); j++)
        if (pv_clique_equal(pv_model_potential_clique(warm, j), clique))
            return pv_model_potential(warm, j, NULL);
    return NULL;
}

static void load_potentials(fit *f)
{
    for (size_t i = 0; i < f->goals; i++)
        memcpy(pv_model_potential(f->model, i, NULL), f->goal[i].base,
               f->goal[i].cells * sizeof(double));
}

/* Where to begin: what an earlier model says, single columns by themselves,
 * and for each larger new target one step of proportional fitting. */
static pv_status begin(fit *f, pv_model *warm, pv_error *err)
{
    pv_status status = PV_OK;
    bool stepped = false;
    for (size_t i = 0; i < f->goals; i++) {
        goal *g = &f->goal[i];
        const double *known = warm_potential(warm, &g->clique);
        const double slack = 0.02 * sqrt(g->sigma2);
        memset(g->base, 0, g->cells * sizeof *g->base);
        if (g->isolated)
            log_of_projection(f, g, 1e-290);
        else if (known != NULL)
            for (size_t k = 0; k < g->cells; k++)
                g->base[k] = known[k] > pv_log(slack) - 40 ? known[k]
                                                           : pv_log(slack) - 40;
        else if (pv_clique_count(&g->clique) == 1)
            log_of_projection(f, g, slack);
        else
            stepped = true;
    }
    load_potentials(f);
    PV_TRY(pv_model_calibrate(f->model, NULL, err));
    if (!stepped)
        goto out;
    for (size_t i = 0; i < f->goals; i++) {
        goal *g = &f->goal[i];
        if (g->isolated || pv_clique_count(&g->clique) == 1 ||
            warm_potential(warm, &g->clique) != NULL)
            continue;
        const double slack = sqrt(g->sigma2);
        pv_model_project(f->model, i, g->mu);
        for (size_t k = 0; k < g->cells; k++)
            g->base[k] = pv_log(((g->y[k] > 0 ? g->y[k] : 0) + slack) /
                                (g->mu[k] + slack));
    }
    load_potentials(f);
out:
    return status;
}

/* The dual of one proximal step at x, the change of the log potentials:
 * N ln Z(base + x) - y'x + tau sigma^2 x'x / 2, with gradient
 * mu - y + tau sigma^2 x. */
static pv_status dual(void *context, const double *x, double *value,
                      double *gradient, double *metric, pv_error *err)
{
    fit *f = context;
    double log_z = 0, linear = 0;
    for (size_t i = 0; i < f->goals; i++) {
        const goal *g = &f->goal[i];
        double *theta = pv_model_potential(f->model, i, NULL);
        for (size_t k = 0; !g->isolated && k < g->cells; k++)
            theta[k] = g->base[k] + x[g->at + k];
    }
    if (pv_model_calibrate(f->model, &log_z, err) != PV_OK) {
        *value = INFINITY;
        return PV_OK;
    }
    for (size_t i = 0; i < f->goals; i++) {
        const goal *g = &f->goal[i];
        if (g->isolated)
            continue;
        const double kappa = f->tau * g->sigma2;
        const double *xi = x + g->at;
        double *gi = gradient + g->at, *mi = metric + g->at;
        pv_model_project(f->model, i, g->mu);
        double sum = 0;
        for (size_t k = 0; k < g->cells; k++) {
            const double target = g->y[k] - kappa * xi[k];
            const double mu = g->mu[k];
            gi[k] = mu - target;
            /* rising cells are curved by where they go, not where they are */
            mi[k] = 1.0 / ((mu > target ? mu : target) + kappa);
            sum += xi[k] * (0.5 * kappa * xi[k] - g->y[k]);
        }
        linear += sum;
    }
    *value = pv_model_total(f->model) * log_z + linear;
    return PV_OK;
}

/* L at the model's marginals, and its distance to the lower bound
 * L(mu) + min over distributions v of grad L(mu)'(v - mu). */
static pv_status measure_gap(fit *f, double *loss, double *gap, pv_error *err)
{
    double *pull = f->pull;
    double at_mu = 0, best = 0;
    *loss = 0;
    for (size_t i = 0; i < f->goals; i++) {
        const goal *g = &f->goal[i];
        double sum = 0, along = 0;
        pv_model_project(f->model, i, g->mu);
        for (size_t k = 0; k < g->cells; k++) {
            const double r = g->y[k] - g->mu[k];
            pull[k] = r / g->sigma2;
            sum += r * r;
            along += pull[k] * g->mu[k];
        }
        *loss += 0.5 * sum / g->sigma2;
        at_mu += along;
        f->gain[i] = pull;
        pull += g->cells;
    }
    const pv_status status = pv_model_maximum(f->model, f->gain, &best, err);
    *gap = pv_model_total(f->model) * best - at_mu;
    return status;
}

static void move_centre(fit *f, double *x)
{
    for (size_t i = 0; i < f->goals; i++)
        for (size_t k = 0; !f->goal[i].isolated && k < f->goal[i].cells; k++)
            f->goal[i].base[k] += x[f->goal[i].at + k];
    memset(x, 0, f->unknowns * sizeof *x);
}

#include <stdio.h>
static double envd(const char*n,double d){const char*s=getenv(n);return s?atof(s):d;}
static double fit_tau(void){return envd("FIT_TAU",1);}
static double fit_inner(void){return envd("FIT_INNER",1);}
static double fit_shrink(void){return envd("FIT_SHRINK",.5);}
static double least_sigma2(const fit *f)
{
    double least = INFINITY;
    for (size_t i = 0; i < f->goals; i++)
        if (!f->goal[i].isolated && f->goal[i].sigma2 < least)
            least = f->goal[i].sigma2;
    return least;
}

static pv_status iterate(fit *f, const pv_fit_options *options,
                         pv_fit_report *report, pv_error *err)
{
    pv_status status = PV_OK;
    pv_lbfgs *solver = NULL;
    const size_t limit =
        options->max_iterations > 0 ? options->max_iterations : 5000;
    const double wanted = 0.5 * (double)f->unknowns *
                          (options->gap > 0 ? options->gap : 1e-2);
    double *x = pv_array_calloc(f->unknowns, sizeof *x);
    if (x == NULL) {
        status = pv_fail_memory(err, "the fit");
        goto out;
    }
    PV_TRY(pv_lbfgs_alloc(f->unknowns, &solver, err));
    f->tau = fit_tau() / sqrt(least_sigma2(f));
    while (!report->converged && pv_lbfgs_evaluations(solver) < limit) {
        bool moved = true;
        PV_TRY(pv_lbfgs_start(solver, dual, f, x, err));
        while (moved && pv_lbfgs_evaluations(solver) < limit &&
               f->tau * pv_lbfgs_decrement(solver) > fit_inner() * wanted)
            PV_TRY(pv_lbfgs_step(solver, &moved, err));
        move_centre(f, x);
        load_potentials(f);
        PV_TRY(pv_model_calibrate(f->model, NULL, err));
        PV_TRY(measure_gap(f, &report->loss, &report->gap, err));
        report->converged = report->gap <= wanted;
        if (getenv("FIT_DEBUG")) fprintf(stderr,"evals %zu loss %.3f gap %.4f wanted %.4f tau %g\n", pv_lbfgs_evaluations(solver), report->loss, report->gap, wanted, f->tau);
        f->tau *= fit_shrink();
    }
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
    PV_TRY(prepare(&f, domain, zero, zeros, target, targets, options, err));
    PV_TRY(begin(&f, warm, err));
    own.cells = f.unknowns;
    if (f.unknowns > 0)
        PV_TRY(iterate(&f, options, &own, err));
    else
        own.converged = true;
    PV_TRY(pv_model_calibrate(f.model, NULL, err));
    *model = f.model;
    f.model = NULL;
    if (report != NULL)
        *report = own;
out:
    clear(&f);
    return status;
}
