/* What a run of gsd will ask, and the noise that its budget gives. */
#include "gen/gsd/plan.h"

#include "core/memory.h"
#include "gen/budget.h"
#include "gen/gsd/state.h"

#include <stdio.h>
#include <stdlib.h>

/* Squared sensitivity of asking about all these groups with one variance. */
static uint64_t sensitivity2(const pv_request *r, const size_t *group,
                             size_t count)
{
    return pv_queries_sensitivity2(r->queries, group, count,
                                   pv_schema_unit_rows(r->schema),
                                   r->neighbours);
}

/* Each question's cost is rounded up. */
pv_status pv_gsd_variance(const pv_request *r, uint64_t units,
                          const size_t *group, size_t count,
                          pv_rational *sigma2, pv_error *err)
{
    const uint64_t rounding = count + 2;
    const uint64_t d2 = sensitivity2(r, group, count);
    if (units <= rounding || d2 == 0)
        return pv_fail(err, PV_EBUDGET,
                       "the budget is too small for %zu groups of queries; "
                       "take fewer, or raise the budget",
                       count);
    return pv_sigma2_for_units(units - rounding, d2, sigma2, err);
}

static pv_status check_width(const pv_request *r, pv_error *err)
{
    for (size_t i = 0; i < pv_queries_count(r->queries); i++) {
        const pv_group *g = pv_queries_group(r->queries, i);
        for (size_t l = 0; l < g->layers; l++)
            if (g->layer[l].partitions > PV_GSD_MOST_COLUMNS)
                return pv_fail(err, PV_EUSAGE,
                               "--queries: %s has groups of %zu columns; take "
                               "at most %d",
                               pv_queries_family(r->queries, g->family),
                               g->layer[l].partitions, PV_GSD_MOST_COLUMNS);
    }
    return PV_OK;
}

bool pv_gsd_is_shape(const pv_request *r, size_t group)
{
    const pv_group *g = pv_queries_group(r->queries, group);
    return r->shapes && g->family + 1 == pv_queries_families(r->queries) &&
           pv_schema_column(r->schema, g->layer->partition->column)->kind ==
               PV_COLUMN_BINS;
}

static pv_status plan_family(const pv_request *r, size_t family,
                             pv_rational sigma2, double share, pv_plan *out,
                             pv_error *err)
{
    size_t groups = 0, cells = 0;
    char what[160];
    const bool shapes =
        r->shapes && family + 1 == pv_queries_families(r->queries);
    for (size_t i = 0; i < pv_queries_count(r->queries); i++) {
        const pv_group *g = pv_queries_group(r->queries, i);
        if (shapes ? pv_gsd_is_shape(r, i) : g->family == family) {
            groups++;
            cells += g->cells;
        }
    }
    if (groups == 0)
        return PV_OK;
    (void)snprintf(what, sizeof what, "%s: %zu groups, of each about",
                   pv_queries_family(r->queries, family), groups);
    return pv_plan_add(out, what, sigma2, cells / groups, share, r->rows_hint,
                       err);
}

static pv_status plan_base(const pv_request *r, pv_plan *out, pv_error *err)
{
    pv_request base = *r;
    base.method = r->base;
    base.budget = pv_budget_part(r->budget, r->base_share);
    base.one_way_share = r->base->one_way_share;
    base.select_share = r->base->select_share;
    const pv_status status = r->base->plan(&base, out, err);
    for (size_t i = 0; i < out->count; i++)
        out->line[i].share *= r->base_share;
    return status;
}

/* All at once, of the groups from `first` on. */
static pv_status plan_shapes(const pv_request *r, size_t first, pv_plan *out,
                             pv_error *err)
{
    pv_status status = PV_OK;
    pv_rational sigma2;
    size_t count = 0;
    size_t *shape =
        pv_array_alloc(pv_queries_count(r->queries), sizeof *shape);
    if (shape == NULL)
        return pv_fail_memory(err, "the plan");
    for (size_t i = first; i < pv_queries_count(r->queries); i++)
        if (pv_gsd_is_shape(r, i))
            shape[count++] = i;
    PV_TRY(pv_gsd_variance(r, pv_budget_part(r->budget, r->shape_share), shape,
                        count, &sigma2, err));
    PV_TRY(plan_family(r, pv_queries_families(r->queries) - 1, sigma2,
                       r->shape_share, out, err));
out:
    free(shape);
    return status;
}

/* Of the groups before `count`; all at once, or those of one round. */
static pv_status plan_others(const pv_request *r, size_t count, double share,
                             size_t families, pv_plan *out, pv_error *err)
{
    pv_status status = PV_OK;
    pv_rational sigma2;
    const bool once = r->rounds == 0;
    const uint64_t left = pv_budget_part(r->budget, share);
    const size_t asked = once || r->picks > count ? count : r->picks;
    const uint64_t units =
        once ? left : pv_budget_part(left / r->rounds, 1 - r->select_share);
    size_t *all = pv_array_alloc(count, sizeof *all);
    if (all == NULL)
        return pv_fail_memory(err, "the plan");
    for (size_t i = 0; i < count; i++)
        all[i] = i;
    PV_TRY(pv_gsd_variance(r, units, all, asked, &sigma2, err));
    for (size_t f = 0; f < families; f++)
        PV_TRY(plan_family(r, f, sigma2, share / (double)families, out, err));
out:
    free(all);
    return status;
}

pv_status pv_gsd_plan(const pv_request *r, pv_plan *out, pv_error *err)
{
    pv_status status = PV_OK;
    size_t count = pv_queries_count(r->queries);
    const size_t families = pv_queries_families(r->queries) - r->shapes;
    while (r->shapes && count > 0 &&
           pv_queries_group(r->queries, count - 1)->family == families)
        count--;
    PV_TRY(check_width(r, err));
    PV_TRY(plan_base(r, out, err));
    if (r->shapes)
        PV_TRY(plan_shapes(r, count, out, err));
    PV_TRY(plan_others(r, count,
                       1 - r->base_share - (r->shapes ? r->shape_share : 0),
                       families, out, err));
    out->note = r->rounds == 0
                    ? "all queries are asked about at once, with one noise"
                    : "queries are chosen privately when the run asks; the "
                      "noise is that of one round";
out:
    return status;
}
