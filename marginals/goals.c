#include "marginals/goals.h"

#include "core/memory.h"
#include "marginals/factor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* Zeroes y where a structural zero inside the clique forbids the cell. */
static void clear_forbidden(const pv_domain *domain, const pv_zero *zero,
                            pv_goal *g)
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
        if (all && !isnan(g->y[cell])) {
            g->y[cell] = NAN; /* marked, so that it is counted once */
            g->legal--;
        }
    }
}

static void apply_zeros(const pv_domain *domain, const pv_zero *zero,
                        size_t zeros, pv_goal *g)
{
    g->legal = g->cells;
    for (size_t i = 0; i < zeros; i++) {
        const pv_clique c = pv_clique_of(zero[i].column, zero[i].columns);
        if (pv_clique_subset(&c, &g->clique))
            clear_forbidden(domain, &zero[i], g);
    }
    for (size_t k = 0; k < g->cells; k++)
        if (isnan(g->y[k]))
            g->y[k] = 0;
}

static double count_of(const pv_target *target, size_t k)
{
    return target->values != NULL ? target->values[k]
                                  : (double)target->counts[k];
}

static void merge(pv_goal *g, const pv_target *target)
{
    const double share = g->sigma2 / (g->sigma2 + target->sigma2);
    for (size_t k = 0; k < g->cells; k++)
        g->y[k] += share * (count_of(target, k) - g->y[k]);
    g->sigma2 *= 1 - share;
}

static pv_status add(pv_goals *goals, const pv_domain *domain,
                     const pv_target *target, pv_error *err)
{
    for (size_t i = 0; i < goals->count; i++)
        if (pv_clique_equal(&goals->goal[i].clique, &target->clique)) {
            merge(&goals->goal[i], target);
            return PV_OK;
        }
    pv_goal *g = &goals->goal[goals->count++];
    g->clique = target->clique;
    g->cells = pv_domain_cells(domain, &g->clique);
    if (g->cells == SIZE_MAX || pv_clique_count(&g->clique) > PV_FACTOR_RANK)
        return pv_fail(err, PV_ETOOBIG,
                       "a measured marginal of %zu columns is too large to be "
                       "fitted",
                       pv_clique_count(&g->clique));
    g->sigma2 = target->sigma2;
    g->y = pv_aligned_alloc(g->cells, sizeof *g->y);
    g->base = pv_aligned_alloc(g->cells, sizeof *g->base);
    if (g->y == NULL || g->base == NULL)
        return pv_fail_memory(err, "the fit");
    for (size_t k = 0; k < g->cells; k++)
        g->y[k] = count_of(target, k);
    return PV_OK;
}

pv_status pv_goals_init(pv_goals *goals, const pv_domain *domain,
                        const pv_zero *zero, size_t zeros,
                        const pv_target *target, size_t targets, pv_error *err)
{
    goals->goal = pv_array_calloc(targets, sizeof *goals->goal);
    if (goals->goal == NULL)
        return pv_fail_memory(err, "the fit");
    for (size_t i = 0; i < targets; i++) {
        const pv_status status = add(goals, domain, &target[i], err);
        if (status != PV_OK)
            return status;
    }
    for (size_t i = 0; i < goals->count; i++)
        apply_zeros(domain, zero, zeros, &goals->goal[i]);
    return PV_OK;
}

void pv_goals_clear(pv_goals *goals)
{
    for (size_t i = 0; goals->goal != NULL && i < goals->count; i++) {
        free(goals->goal[i].y);
        free(goals->goal[i].base);
    }
    free(goals->goal);
    memset(goals, 0, sizeof *goals);
}

double pv_goals_total(const pv_goals *goals)
{
    double weighted = 0, weights = 0;
    for (size_t i = 0; i < goals->count; i++) {
        const pv_goal *g = &goals->goal[i];
        if (g->legal == 0)
            continue;
        const double weight = 1.0 / (g->sigma2 * (double)g->legal);
        weighted += weight * pv_sum(g->y, g->cells);
        weights += weight;
    }
    const double total = weights > 0 ? weighted / weights : 1.0;
    return total > 1.0 ? total : 1.0;
}

pv_status pv_goals_model(pv_goals *goals, const pv_domain *domain,
                         const pv_zero *zero, size_t zeros, double total,
                         size_t memory, pv_model **model, pv_error *err)
{
    pv_clique *clique = pv_array_alloc(goals->count, sizeof *clique);
    if (clique == NULL)
        return pv_fail_memory(err, "the fit");
    for (size_t i = 0; i < goals->count; i++)
        clique[i] = goals->goal[i].clique;
    const pv_status status =
        pv_model_alloc(domain, zero, zeros, clique, goals->count, total,
                       memory, model, err);
    free(clique);
    if (status != PV_OK)
        return status;
    goals->least_sigma2 = INFINITY;
    for (size_t i = 0; i < goals->count; i++) {
        pv_goal *g = &goals->goal[i];
        g->isolated = pv_model_isolated(*model, i);
        g->at = goals->unknowns;
        if (g->isolated)
            continue;
        goals->unknowns += g->cells;
        if (g->sigma2 < goals->least_sigma2)
            goals->least_sigma2 = g->sigma2;
    }
    return PV_OK;
}

/* Which level of `column` a cell of the goal has: (cell / inner) % levels. */
static size_t inner_of(const pv_domain *domain, const pv_goal *g,
                       size_t column)
{
    size_t inner = 1;
    for (size_t c = pv_clique_next(&g->clique, column + 1); c < PV_MAX_COLUMNS;
         c = pv_clique_next(&g->clique, c + 1))
        inner *= domain->levels[c];
    return inner;
}

/* The column's one-way marginal: every goal that contains the column, summed
 * down to it, averaged by inverse variance; as log shares, bounded below. */
static void one_way(const pv_goals *goals, const pv_domain *domain,
                    size_t column, double total, double *share, double *sum)
{
    const size_t levels = domain->levels[column];
    double weights = 0;
    memset(share, 0, levels * sizeof *share);
    for (size_t i = 0; i < goals->count; i++) {
        const pv_goal *g = &goals->goal[i];
        if (!pv_clique_has(&g->clique, column))
            continue;
        const size_t inner = inner_of(domain, g, column);
        const double weight =
            (double)levels / (g->sigma2 * (double)g->cells);
        memset(sum, 0, levels * sizeof *sum);
        for (size_t k = 0; k < g->cells; k++)
            sum[k / inner % levels] += g->y[k];
        for (size_t v = 0; v < levels; v++)
            share[v] += weight * sum[v];
        weights += weight;
    }
    for (size_t v = 0; v < levels; v++)
        share[v] = weights > 0 ? share[v] / weights : 1.0;
    pv_project_simplex(share, levels, total);
    /* far below the noise, but not so far that a later target that finds
     * the level populated has no way back */
    const double least = weights > 0 ? 0.02 / sqrt(weights) : 1.0;
    for (size_t v = 0; v < levels; v++)
        share[v] =
            pv_log((share[v] > least ? share[v] : least) / total);
}

/* The smallest goal that holds the column: it takes the column's start. */
static pv_goal *smallest_with(pv_goals *goals, size_t column)
{
    pv_goal *best = NULL;
    for (size_t i = 0; i < goals->count; i++)
        if (pv_clique_has(&goals->goal[i].clique, column) &&
            (best == NULL || goals->goal[i].cells < best->cells))
            best = &goals->goal[i];
    return best;
}

static void start_isolated(pv_goal *g, double total)
{
    memcpy(g->base, g->y, g->cells * sizeof *g->base);
    pv_project_simplex(g->base, g->cells, total);
    for (size_t k = 0; k < g->cells; k++)
        g->base[k] = g->base[k] > 0 ? pv_log(g->base[k] / total) : -1e4;
}

pv_status pv_goals_start(pv_goals *goals, const pv_domain *domain,
                         double total, pv_error *err)
{
    size_t widest = 1;
    for (size_t c = 0; c < domain->columns; c++)
        if (domain->levels[c] > widest)
            widest = domain->levels[c];
    double *share = pv_array_alloc(2 * widest, sizeof *share);
    if (share == NULL)
        return pv_fail_memory(err, "the fit");
    for (size_t i = 0; i < goals->count; i++)
        memset(goals->goal[i].base, 0,
               goals->goal[i].cells * sizeof *goals->goal[i].base);
    for (size_t c = 0; c < domain->columns; c++) {
        pv_goal *g = smallest_with(goals, c);
        if (g == NULL || g->isolated)
            continue;
        one_way(goals, domain, c, total, share, share + widest);
        const size_t inner = inner_of(domain, g, c);
        for (size_t k = 0; k < g->cells; k++)
            g->base[k] += share[k / inner % domain->levels[c]];
    }
    for (size_t i = 0; i < goals->count; i++)
        if (goals->goal[i].isolated)
            start_isolated(&goals->goal[i], total);
    free(share);
    return PV_OK;
}
