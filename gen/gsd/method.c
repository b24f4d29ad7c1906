#include "gen/gsd/fit.h"
#include "gen/gsd/plan.h"

#include "core/log.h"
#include "core/memory.h"
#include "core/threads.h"
#include "gen/budget.h"
#include "gen/methods.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Private-GSD (Liu, Tang, Vietri and Wu, ICML 2023): rows are searched for whose
 * answers to any statistics that can be counted come near to noisy ones. Where this
 * differs from the paper, and what each difference gave, is in doc/gsd.md. */

enum {
    round_rows = 20000, /* of the population between rounds, at most */
    least_rows = 1000
};
static const char marginals[] = "marginals:";

typedef struct asking {
    const pv_request *request;
    const pv_queries *queries;
    pv_curator *curator;
    pv_gsd_fit *fit;
    pv_gsd_state *state;  /* rows so far, between rounds */
    double public_rows;   /* 0: not public */
    size_t *open;         /* groups that may be chosen, `opens` of them */
    size_t opens;
} asking;

static bool is_marginal(const pv_queries *queries, size_t group)
{
    const pv_group *g = pv_queries_group(queries, group);
    return strncmp(pv_queries_family(queries, g->family), marginals,
                   sizeof marginals - 1) == 0;
}

static pv_clique clique_of(const pv_queries *queries, size_t group)
{
    const pv_layer *l = pv_queries_group(queries, group)->layer;
    pv_clique clique = pv_clique_empty();
    for (size_t k = 0; k < l->partitions; k++)
        pv_clique_add(&clique, l->partition[k].column);
    return clique;
}

/* Of a group: what the rows so far answer, in rows of the private table. */
static void estimate_of(const asking *a, size_t group, double *estimate)
{
    const pv_group *g = pv_queries_group(a->queries, group);
    const double scale =
        pv_gsd_fit_total(a->fit) / (double)pv_gsd_rows(a->state);
    pv_gsd_counts(a->state, g, estimate);
    for (size_t c = 0; c < g->cells; c++)
        estimate[c] *= scale;
}

/* --- asking ------------------------------------------------------------------------ */

static pv_status ask_marginals(asking *a, const size_t *group, size_t count,
                               pv_rational sigma2, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_measurement *answers;
    pv_clique *clique = pv_array_alloc(count, sizeof *clique);
    pv_rational *each = pv_array_alloc(count, sizeof *each);
    if (clique == NULL || each == NULL) {
        status = pv_fail_memory(err, "the queries");
        goto out;
    }
    for (size_t i = 0; i < count; i++) {
        clique[i] = clique_of(a->queries, group[i]);
        each[i] = sigma2;
    }
    if (count > 0)
        PV_TRY(pv_ask_measure(a->curator, clique, each, count, &answers, err));
out:
    free(clique);
    free(each);
    return status;
}

static pv_status ask_others(asking *a, const size_t *group, size_t count,
                            pv_rational sigma2, pv_error *err)
{
    pv_status status = PV_OK;
    size_t cells = 0;
    for (size_t i = 0; i < count; i++)
        cells += pv_queries_group(a->queries, group[i])->cells;
    int64_t *answer = pv_array_alloc(cells, sizeof *answer);
    double *estimate = pv_array_alloc(cells, sizeof *estimate);
    if (answer == NULL || estimate == NULL) {
        status = pv_fail_memory(err, "the queries");
        goto out;
    }
    if (count > 0)
        PV_TRY(pv_ask_queries(a->curator, a->queries, group, count, sigma2,
                              answer, err));
    for (size_t i = 0, at = 0; i < count; i++) {
        const size_t here = pv_queries_group(a->queries, group[i])->cells;
        if (a->state != NULL)
            estimate_of(a, group[i], estimate);
        PV_TRY(pv_gsd_fit_add(a->fit, group[i], answer + at, sigma2,
                              a->state != NULL ? estimate : NULL, err));
        at += here;
    }
out:
    free(answer);
    free(estimate);
    return status;
}

/* Asks about these groups with `units`, all with the same noise; marginals are asked
 * for as such, and so are part of the release. */
static pv_status ask_groups(asking *a, const size_t *group, size_t count,
                            uint64_t units, pv_error *err)
{
    pv_status status = PV_OK;
    pv_rational sigma2;
    size_t first = 0, last = count;
    size_t *order = pv_array_alloc(count, sizeof *order);
    if (order == NULL)
        return pv_fail_memory(err, "the queries");
    for (size_t i = 0; i < count; i++)
        if (is_marginal(a->queries, group[i]))
            order[first++] = group[i];
    last = first;
    for (size_t i = 0; i < count; i++)
        if (!is_marginal(a->queries, group[i]))
            order[last++] = group[i];
    PV_TRY(pv_gsd_variance(a->request, units, group, count, &sigma2, err));
    PV_TRY(ask_marginals(a, order, first, sigma2, err));
    PV_TRY(ask_others(a, order + first, count - first, sigma2, err));
out:
    free(order);
    return status;
}

static pv_status take_in(asking *a, pv_error *err)
{
    const pv_measurement *m;
    const size_t count = pv_curator_measurements(a->curator, &m);
    return pv_gsd_fit_begin(a->fit, m, count, a->public_rows,
                            a->request->memory, err);
}

/* --- rounds -------------------------------------------------------------------------- */

static bool keep_on(void *context, const pv_gsd_progress *progress)
{
    const size_t *sweeps = context;
    return progress->sweeps < *sweeps;
}

/* Rows that have what is known so far, from those of the round before. */
static pv_status search_round(asking *a, size_t round, pv_error *err)
{
    size_t sweeps = a->state == NULL ? 3 : 1;
    pv_gsd_state *next = NULL;
    pv_key own, key;
    unsigned char number[4];
    const double n = fmin(fmax(pv_gsd_fit_total(a->fit), least_rows), round_rows);
    for (unsigned i = 0; i < sizeof number; i++)
        number[i] = (unsigned char)(round >> 8 * i);
    pv_curator_post_key(a->curator, "gsd rounds", &own);
    pv_key_derive(&own, "round", number, sizeof number, &key);
    const pv_status status =
        pv_gsd_fit_search(a->fit, (size_t)n, a->state, &key, keep_on, &sweeps,
                          &next, NULL, err);
    if (status == PV_OK) {
        pv_gsd_free(a->state);
        a->state = next;
    }
    return status;
}

static void tell_choice(const asking *a, size_t group)
{
    char text[160];
    pv_queries_describe(a->queries, group, text, sizeof text);
    pv_log_detail("chosen: %s", text);
}

typedef struct estimates {
    const asking *asking;
    double **of; /* of each open group */
} estimates;

static void estimate_open(size_t item, void *context)
{
    const estimates *e = context;
    estimate_of(e->asking, e->asking->open[item], e->of[item]);
}

/* One group of those that are open, by how far the rows are from one of its answers,
 * beyond the noise that measuring it would have. */
static pv_status choose(asking *a, double sigma, uint64_t epsilon, size_t *chosen,
                        pv_error *err)
{
    pv_status status = PV_OK;
    size_t cells = 0, place;
    for (size_t i = 0; i < a->opens; i++)
        cells += pv_queries_group(a->queries, a->open[i])->cells;
    pv_group_candidate *candidate = pv_array_alloc(a->opens, sizeof *candidate);
    double *estimate = pv_array_alloc(cells, sizeof *estimate);
    estimates each = {a, pv_array_alloc(a->opens, sizeof *each.of)};
    if (candidate == NULL || estimate == NULL || each.of == NULL) {
        status = pv_fail_memory(err, "the queries");
        goto out;
    }
    for (size_t i = 0, at = 0; i < a->opens; i++) {
        const pv_group *g = pv_queries_group(a->queries, a->open[i]);
        each.of[i] = estimate + at;
        candidate[i] = (pv_group_candidate){
            .group = a->open[i],
            .estimate = estimate + at,
            .bias = sigma * sqrt(2 * log((double)g->cells + 1)),
            .weight = 1};
        at += g->cells;
    }
    pv_parallel_for(a->opens, estimate_open, &each);
    PV_TRY(pv_ask_group(a->curator, a->queries, candidate, a->opens,
                        PV_FURTHEST, epsilon, &place, err));
    *chosen = a->open[place];
    tell_choice(a, *chosen);
    a->open[place] = a->open[--a->opens];
out:
    free(candidate);
    free(estimate);
    free(each.of);
    return status;
}

static pv_status run_round(asking *a, size_t round, uint64_t units,
                           pv_error *err)
{
    pv_status status = PV_OK;
    const size_t picks =
        a->request->picks < a->opens ? a->request->picks : a->opens;
    const uint64_t select =
        pv_budget_part(units, a->request->select_share);
    const uint64_t epsilon = pv_epsilon_for_units(select / picks);
    size_t *chosen = pv_array_alloc(picks, sizeof *chosen);
    if (chosen == NULL)
        return pv_fail_memory(err, "the queries");
    if (epsilon == 0 || units - select <= picks) {
        status = pv_fail(err, PV_EBUDGET,
                         "the budget is too small for %zu rounds of %zu "
                         "choices; take fewer (--rounds, --picks)",
                         a->request->rounds, picks);
        goto out;
    }
    /* about: groups differ by how many answers a row moves */
    const double k = pv_schema_unit_rows(a->request->schema);
    const double sigma = sqrt(
        k * k * (double)picks / (2 * pv_units_to_rho(units - select)));
    PV_TRY(take_in(a, err));
    PV_TRY(search_round(a, round, err));
    for (size_t i = 0; i < picks; i++)
        PV_TRY(choose(a, sigma, epsilon, &chosen[i], err));
    PV_TRY(ask_groups(a, chosen, picks, units - select - picks, err));
out:
    free(chosen);
    return status;
}

static pv_status run_rounds(asking *a, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t rounds = a->request->rounds;
    pv_progress_begin("choosing queries", rounds);
    for (size_t i = 0; i < rounds && a->opens > 0 && status == PV_OK; i++) {
        status = run_round(a, i,
                           pv_curator_remaining(a->curator) / (rounds - i),
                           err);
        pv_progress_update(i + 1);
    }
    pv_progress_end();
    return status;
}

/* --- the run -------------------------------------------------------------------------- */

/* What the base method asks with its share: there is always something to begin with,
 * and to tell the number of rows. */
static pv_status ask_base(asking *a, pv_error *err)
{
    pv_status status = PV_OK;
    pv_fit_path *path = NULL;
    const pv_request *r = a->request;
    pv_request base = *r;
    base.method = r->base;
    base.budget = pv_budget_part(r->budget, r->base_share);
    base.kept = r->budget - base.budget;
    base.one_way_share = r->base->one_way_share;
    base.select_share = r->base->select_share;
    PV_TRY(pv_fit_path_alloc(&path, err));
    PV_TRY(r->base->ask(&base, a->curator, path, err));
out:
    pv_fit_path_free(path);
    return status;
}

/* Takes the groups of the last family from those that are open. */
static pv_status ask_shapes(asking *a, pv_error *err)
{
    size_t shapes = 0, kept = 0;
    const size_t last = pv_queries_families(a->queries) - 1;
    if (!a->request->shapes)
        return PV_OK;
    size_t *shape = pv_array_alloc(a->opens, sizeof *shape);
    if (shape == NULL)
        return pv_fail_memory(err, "the queries");
    for (size_t i = 0; i < a->opens; i++)
        if (pv_gsd_is_shape(a->request, a->open[i]))
            shape[shapes++] = a->open[i];
        else if (pv_queries_group(a->queries, a->open[i])->family != last)
            a->open[kept++] = a->open[i];
    a->opens = kept;
    const pv_status status = ask_groups(
        a, shape, shapes,
        pv_budget_part(a->request->budget, a->request->shape_share), err);
    free(shape);
    return status;
}

static pv_status make_asking(const pv_request *r, pv_curator *curator,
                             asking *a, pv_error *err)
{
    size_t rows = 0;
    const size_t groups = pv_queries_count(r->queries);
    *a = (asking){.request = r, .queries = r->queries, .curator = curator};
    if (pv_curator_public_rows(curator, &rows))
        a->public_rows = (double)rows;
    a->open = pv_array_alloc(groups, sizeof *a->open);
    if (a->open == NULL)
        return pv_fail_memory(err, "the queries");
    for (size_t i = 0; i < groups; i++)
        a->open[a->opens++] = i;
    return pv_gsd_fit_alloc(r->queries,
                            r->faithful ? PV_GSD_FAITHFUL : PV_GSD_FAST,
                            &a->fit, err);
}

static pv_status search(const pv_request *request, pv_curator *curator,
                        void **found, pv_error *err)
{
    pv_status status = PV_OK;
    asking a;
    PV_TRY(make_asking(request, curator, &a, err));
    PV_TRY(ask_base(&a, err));
    PV_TRY(ask_shapes(&a, err));
    if (request->rounds == 0)
        PV_TRY(ask_groups(&a, a.open, a.opens,
                          pv_curator_remaining(curator), err));
    else
        PV_TRY(run_rounds(&a, err));
    PV_TRY(take_in(&a, err));
    pv_gsd_fit_trace(a.fit, request->trace);
    *found = a.fit;
    a.fit = NULL;
out:
    free(a.open);
    pv_gsd_free(a.state);
    pv_gsd_fit_free(a.fit);
    return status;
}

static pv_status found_rows(void *found, const pv_schema *schema,
                            int64_t rows, const pv_key *key, pv_table **table,
                            pv_error *err)
{
    return pv_gsd_fit_rows(found, schema, rows, key, table, err);
}

static void forget(void *found)
{
    pv_gsd_fit_free(found);
}

pv_status pv_search_rows(const pv_schema *schema,
                         const pv_measurement *measurements, size_t count,
                         int64_t rows, double total, size_t memory,
                         bool faithful, const pv_key *key, pv_table **table,
                         pv_error *err)
{
    pv_status status = PV_OK;
    pv_queries *queries = NULL;
    pv_gsd_fit *fit = NULL;
    PV_TRY(pv_queries_parse("marginals:1", schema, SIZE_MAX, &queries, err));
    PV_TRY(pv_gsd_fit_alloc(queries, faithful ? PV_GSD_FAITHFUL : PV_GSD_FAST,
                            &fit, err));
    PV_TRY(pv_gsd_fit_begin(fit, measurements, count, total, memory, err));
    PV_TRY(pv_gsd_fit_rows(fit, schema, rows, key, table, err));
out:
    pv_gsd_fit_free(fit);
    pv_queries_free(queries);
    return status;
}

const pv_generator pv_generator_gsd = {
    .name = "gsd",
    .summary = "rows searched for by any statistics that can be counted",
    .workload = PV_WORKLOAD_OPTIONAL,
    .one_way_share = 0.1,
    .select_share = 0.3,
    .plan = pv_gsd_plan,
    .queries = true,
    .search = search,
    .rows = found_rows,
    .forget = forget};
