#include "gen/budget.h"
#include "gen/methods.h"
#include "gen/tree.h"

#include <math.h>
#include <stdio.h>

static pv_status check_memory(const pv_request *r, double bytes, pv_error *err)
{
    if (r->memory == 0 || bytes <= (double)r->memory)
        return PV_OK;
    return pv_fail(err, PV_ETOOBIG,
                   "method tree keeps its model's answer to every candidate, "
                   "which takes %.1f MB, more than the %.1f MB allowed; use "
                   "coarser bins, a workload of fewer marginals, or raise "
                   "--memory",
                   bytes / 1048576.0, (double)r->memory / 1048576.0);
}

static pv_status plan_scores(const pv_request *r, const pv_tree_budget *b,
                             size_t candidates, size_t round, pv_plan *plan,
                             pv_error *err)
{
    pv_status status = PV_OK;
    char what[160];
    pv_rational sigma2;
    PV_TRY(pv_sigma2_for_units(
        b->scores[round],
        pv_scores_sensitivity2(pv_schema_unit_rows(r->schema), r->neighbours,
                               candidates),
        &sigma2, err));
    (void)snprintf(what, sizeof what,
                   "round %zu: distance of each of %zu candidates", round + 1,
                   candidates);
    PV_TRY(pv_plan_add(plan, what, sigma2, 1,
                       (double)b->scores[round] / (double)r->budget,
                       r->rows_hint, err));
out:
    return status;
}

/* Of the size of an average pair. */
static size_t typical_cells(const pv_choice *pool)
{
    size_t cells = 0, pairs = 0;
    for (; pairs < pool->count && pool->item[pairs].parts == 0; pairs++)
        cells += pool->item[pairs].cells;
    return cells / pairs;
}

/* How many it will be depends on the answers; on Adult it was about three
 * times the columns in each round, mostly small ones. A share too small for the sampler is
 * refused at the least that a choice gives. */
static pv_status plan_measured(const pv_request *r, const pv_tree_budget *b,
                               const pv_choice *pool, size_t columns,
                               size_t round, pv_plan *plan, pv_error *err)
{
    pv_status status = PV_OK;
    char what[160];
    pv_rational sigma2;
    const uint64_t d2 = pv_sensitivity2(r->schema, r->neighbours);
    const size_t chosen =
        3 * columns < pool->count ? 3 * columns : pool->count;
    PV_TRY(pv_sigma2_for_units(b->measured[round] >> PV_CHOICE_LEVELS, d2,
                               &sigma2, err));
    PV_TRY(pv_sigma2_for_units(b->measured[round] / chosen, d2, &sigma2, err));
    (void)snprintf(what, sizeof what,
                   "round %zu: each of about %zu chosen marginals", round + 1,
                   chosen);
    PV_TRY(pv_plan_add(plan, what, sigma2, typical_cells(pool),
                       (double)b->measured[round] / (double)r->budget /
                           (double)chosen,
                       r->rows_hint, err));
out:
    return status;
}

/* On one core: two ns a count, 40 an answer and its choice; the last fit took
 * 7 ns a cell and about 1,600 sqrt(rho) passes of Adult's 49,000 rows. */
static double seconds_of(const pv_request *r, double cells, double candidates,
                         double limit)
{
    const double rho = pv_units_to_rho(r->budget);
    const double passes = 30 + 1600 * sqrt(rho * r->rows_hint / 48842);
    return PV_TREE_ROUNDS * (2e-9 * candidates * r->rows_hint + 40e-9 * cells) +
           7e-9 * (passes < 5000 ? passes : 5000) * limit;
}

pv_status pv_tree_plan(const pv_request *r, pv_plan *plan, pv_error *err)
{
    pv_status status = PV_OK;
    pv_workload single = {0};
    pv_choice pool = {0};
    pv_domain domain;
    const pv_tree_budget budget = pv_tree_budget_of(r);
    pv_domain_of_model(r->schema, &domain);
    PV_TRY(pv_one_way(r->schema, &single, err));
    PV_TRY(pv_tree_candidates(r->workload, &domain, &pool, err));
    PV_TRY(pv_plan_cliques(r, single.clique, NULL, single.count,
                           pool.count > 0 ? budget.one_way : r->budget, plan,
                           err));
    if (pool.count == 0)
        goto out;
    const double cells = (double)pv_tree_cells(&pool);
    const double limit = (double)pv_tree_limit(&pool, &domain, r->memory,
                                               PV_TREE_ROUNDS - 1);
    PV_TRY(check_memory(r, cells * sizeof(double), err));
    for (size_t round = 0; round < PV_TREE_ROUNDS; round++) {
        PV_TRY(plan_scores(r, &budget, pool.count, round, plan, err));
        PV_TRY(plan_measured(r, &budget, &pool, single.count, round, plan,
                             err));
    }
    plan->bytes = (size_t)(cells * sizeof(double) + limit * 24);
    plan->seconds = seconds_of(r, cells, (double)pool.count, limit);
    plan->note = "marginals are chosen when the run asks; errors are of the "
                 "noise alone, before the fit";
out:
    pv_workload_clear(&single);
    pv_choice_clear(&pool);
    return status;
}
