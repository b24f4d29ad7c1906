#include "gen/pe/plan.h"

#include "core/log.h"
#include "core/memory.h"
#include "gen/budget.h"
#include "gen/pe/embedded.h"
#include "gen/pe/learn.h"

#include <math.h>
#include <stdio.h>

/* Classes and columns that the schema leaves to be drawn. */
typedef struct shape {
    double classes;
    size_t columns, cells; /* of all marginals with the class */
} shape;

static shape shape_of(const pv_request *r)
{
    const size_t by = r->pe_by;
    shape s = {.classes = 1};
    if (by != PV_NO_COLUMN)
        s.classes = pv_schema_column(r->schema, by)->levels;
    for (size_t c = 0; c < pv_schema_columns(r->schema); c++) {
        const size_t levels = pv_schema_column(r->schema, c)->levels;
        if (c == by || pv_schema_root(r->schema, c) != c || levels < 2)
            continue;
        s.columns++;
        s.cells += levels * (size_t)s.classes;
    }
    return s;
}

static pv_status plan_sizes(const pv_request *r, const shape *s, double share,
                            pv_plan *plan, pv_error *err)
{
    pv_status status = PV_OK;
    pv_rational sigma2;
    PV_TRY(pv_sigma2_for_units(pv_budget_part(r->budget, share),
                               pv_sensitivity2(r->schema, r->neighbours),
                               &sigma2, err));
    PV_TRY(pv_plan_add(plan, "rows of each class", sigma2, (size_t)s->classes,
                       share, r->rows_hint, err));
out:
    return status;
}

static pv_status plan_marginals(const pv_request *r, const shape *s,
                                pv_plan *plan, pv_error *err)
{
    pv_status status = PV_OK;
    pv_rational sigma2;
    char what[160];
    if (s->columns == 0)
        return PV_OK;
    PV_TRY(pv_pe_marginal_noise(r, s->columns, &sigma2, err));
    (void)snprintf(what, sizeof what, "each of %zu columns with the class",
                   s->columns);
    PV_TRY(pv_plan_add(plan, what, sigma2, s->cells / s->columns,
                       r->one_way_share / (double)s->columns, r->rows_hint,
                       err));
out:
    return status;
}

/* Candidates of a class in one round, were all classes alike. */
static double candidates_of(const pv_request *r, const shape *s, double sigma)
{
    const pv_pe_options *o = r->pe;
    const double rows = r->rows_hint / s->classes;
    const double family = o->select == PV_PE_RANK
                              ? (double)o->children + o->keep
                              : 1;
    if (o->one_shot == PV_PE_AUTO)
        return (double)pv_pe_cells(r->rows_hint, s->classes, sigma);
    if (o->one_shot > 0)
        return (double)o->one_shot;
    if (o->candidates > 0)
        return fmax(1, (double)o->candidates / s->classes * family);
    return fmin(fmax(floor(rows / fmax(sigma, 1)), 4),
                o->api == PV_PE_TABLE && o->select == PV_PE_FIT ? 300 : 1000);
}

static pv_status plan_votes(const pv_request *r, const shape *s, double spent,
                            pv_plan *plan, pv_error *err)
{
    pv_status status = PV_OK;
    pv_rational sigma2;
    char what[160];
    const uint64_t k = pv_schema_unit_rows(r->schema);
    const double grid = (double)pv_votes_grid(k);
    if (r->rounds == 0)
        return PV_OK;
    PV_TRY(pv_sigma2_for_units(
        pv_budget_part(r->budget, 1 - spent) / r->rounds,
        pv_votes_sensitivity2(k, r->neighbours), &sigma2, err));
    const double sigma =
        sqrt((double)sigma2.num / (double)sigma2.den) / grid;
    const double each = candidates_of(r, s, sigma);
    const double votes = r->rows_hint / s->classes / each;
    (void)snprintf(what, sizeof what,
                   "each of %zu rounds: %.1f votes a candidate", r->rounds,
                   votes);
    PV_TRY(pv_plan_add(plan, what, sigma2, (size_t)(each * s->classes),
                       (1 - spent) / (double)r->rounds, r->rows_hint, err));
    plan->line[plan->count - 1].sigma = sigma;
    if (votes < sigma)
        plan->note = "noise will drown the votes: fewer rounds or candidates, "
                     "or a larger budget, help; a pool is better asked once "
                     "(--one-shot auto)";
out:
    return status;
}

static pv_status check_pool(const pv_request *r, double classes, pv_error *err)
{
    const pv_pe_options *o = r->pe;
    const size_t most =
        o->one_shot > 0 && o->one_shot != PV_PE_AUTO
            ? o->one_shot
            : (size_t)ceil((double)o->candidates / classes);
    if (r->pool == NULL || most <= pv_pool_count(r->pool))
        return PV_OK;
    return pv_fail(err, PV_EINVAL,
                   "%s: the pool has %zu rows, fewer than the %zu candidates "
                   "of a class asked for",
                   o->where, pv_pool_count(r->pool), most);
}

/* A million distances of rows to candidates take about a thousandth of a second a
 * coordinate. */
static void estimate(const pv_request *r, const shape *s, pv_plan *plan)
{
    const double width = r->pool != NULL
                             ? (double)pv_pool_source_of(r->pool)->width
                             : 3 * (double)s->columns;
    const double pool = r->pool != NULL ? (double)pv_pool_count(r->pool) : 0;
    const double each = plan->count > 0
                            ? (double)plan->line[plan->count - 1].cells
                            : 0;
    plan->seconds += (r->rows_hint + pool * s->classes) * each / s->classes *
                     width * (double)r->rounds * 2e-11;
    plan->bytes += (size_t)((r->vectors ? r->rows_hint * width * 4 : 0) +
                            pool * (width * 4 + s->classes * 24));
    if (!r->vectors && r->pe->select == PV_PE_FIT)
        plan->seconds += 5e-6 * 8000 * s->classes * (double)r->rounds;
}

pv_status pv_pe_plan(const pv_request *r, pv_plan *plan, pv_error *err)
{
    pv_status status = PV_OK;
    const shape s = shape_of(r);
    const bool marginals = r->pe->marginals;
    const double sizes = marginals ? pv_pe_size_share : pv_pe_label_share;
    if (pv_schema_has_needs(r->schema))
        return pv_fail(err, PV_EUNSUPPORTED,
                       "method pe compares rows with candidates, so columns "
                       "need levels that are public: give bins, bounds and "
                       "categories in the schema");
    PV_TRY(check_pool(r, s.classes, err));
    plan->note = r->pool != NULL && r->pe->one_shot == 0
                     ? "of a pool that stays as it is, one histogram over its "
                       "cells mostly tells more than rounds of votes: "
                       "--one-shot auto"
                     : "what is drawn follows from the noisy answers";
    PV_TRY(plan_sizes(r, &s, sizes, plan, err));
    if (marginals)
        PV_TRY(plan_marginals(r, &s, plan, err));
    PV_TRY(plan_votes(r, &s, sizes + (marginals ? r->one_way_share : 0), plan,
                      err));
    estimate(r, &s, plan);
out:
    return status;
}
