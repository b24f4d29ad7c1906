#include "core/log.h"
#include "core/memory.h"
#include "gen/budget.h"
#include "gen/methods.h"
#include "marginals/estimate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Maximum spanning tree (McKenna, Miklau and Sheldon 2021, the winner of the
 * 2018 NIST contest): one-way marginals, then a tree of two-way marginals
 * chosen by a private Kruskal on how far each pair is from independence, then
 * those pairs measured. */

typedef struct tree {
    pv_workload pairs;     /* every pair of columns */
    pv_candidate *open;    /* those that may still be chosen */
    size_t *index;         /* their places in pairs */
    double **expected;     /* each pair under independence */
    size_t component[PV_MAX_COLUMNS];
    pv_clique *edge;
    size_t edges;
} tree;

static void clear(tree *t)
{
    for (size_t i = 0; t->expected != NULL && i < t->pairs.count; i++)
        free(t->expected[i]);
    free(t->expected);
    free(t->open);
    free(t->index);
    free(t->edge);
    pv_workload_clear(&t->pairs);
}

/* A fit of what was measured so far: independent columns. */
static pv_status fit_independent(const pv_request *request,
                                 pv_curator *curator, pv_model **model,
                                 pv_error *err)
{
    pv_status status = PV_OK;
    pv_domain domain;
    pv_target *targets = NULL;
    pv_zero *zeros = NULL;
    size_t zero_count = 0, rows = 0;
    const pv_measurement *measurements;
    const size_t count = pv_curator_measurements(curator, &measurements);
    (void)pv_curator_public_rows(curator, &rows);
    const pv_fit_options options = {.total = (double)rows,
                                    .memory = request->memory};
    pv_domain_of_model(request->schema, &domain);
    PV_TRY(pv_schema_zero_array(request->schema, &zeros, &zero_count, err));
    PV_TRY(pv_targets_of(measurements, count, &targets, err));
    PV_TRY(pv_estimate(&domain, zeros, zero_count, targets, count, &options,
                       NULL, model, NULL, err));
out:
    free(targets);
    free(zeros);
    return status;
}

static pv_status expect_pairs(const pv_model *model, tree *t, pv_error *err)
{
    pv_status status = PV_OK;
    t->expected = pv_array_calloc(t->pairs.count, sizeof *t->expected);
    if (t->expected == NULL)
        return pv_fail_memory(err, "the pairs");
    for (size_t i = 0; i < t->pairs.count; i++) {
        t->expected[i] = pv_array_alloc(
            pv_domain_cells(pv_model_domain(model), &t->pairs.clique[i]),
            sizeof **t->expected);
        if (t->expected[i] == NULL) {
            status = pv_fail_memory(err, "the pairs");
            goto out;
        }
    }
    PV_TRY(pv_model_answers(model, t->pairs.clique, t->pairs.count,
                            t->expected, err));
out:
    return status;
}

/* The pairs that join two components become this round's candidates. */
static size_t list_open(tree *t)
{
    size_t open = 0;
    for (size_t i = 0; i < t->pairs.count; i++) {
        const pv_clique *pair = &t->pairs.clique[i];
        const size_t a = pv_clique_next(pair, 0);
        const size_t b = pv_clique_next(pair, a + 1);
        if (t->component[a] == t->component[b])
            continue;
        t->open[open] = (pv_candidate){
            .clique = *pair, .estimate = t->expected[i], .weight = 1};
        t->index[open++] = i;
    }
    return open;
}

static void join(tree *t, const pv_clique *pair, size_t columns)
{
    const size_t a = pv_clique_next(pair, 0);
    const size_t from = t->component[pv_clique_next(pair, a + 1)];
    const size_t to = t->component[a];
    for (size_t c = 0; c < columns; c++)
        if (t->component[c] == from)
            t->component[c] = to;
    t->edge[t->edges++] = *pair;
}

/* `columns` of them vary: a tree over them has one edge less. */
static pv_status grow(const pv_request *request, pv_curator *curator, tree *t,
                      size_t columns, uint64_t units, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t all = pv_schema_columns(request->schema);
    const uint64_t epsilon =
        pv_epsilon_for_units(columns > 1 ? units / (columns - 1) : 0);
    t->open = pv_array_alloc(t->pairs.count, sizeof *t->open);
    t->index = pv_array_alloc(t->pairs.count, sizeof *t->index);
    t->edge = pv_array_alloc(columns, sizeof *t->edge);
    if (t->open == NULL || t->index == NULL || t->edge == NULL)
        return pv_fail_memory(err, "the pairs");
    for (size_t c = 0; c < all; c++)
        t->component[c] = c;
    pv_progress_begin("choosing pairs", columns - 1);
    for (size_t round = 0; round + 1 < columns; round++) {
        size_t chosen;
        const size_t open = list_open(t);
        PV_TRY(pv_ask_select(curator, t->open, open, epsilon, &chosen, err));
        join(t, &t->pairs.clique[t->index[chosen]], all);
        pv_progress_update(round + 1);
    }
out:
    pv_progress_end();
    return status;
}

static pv_status ask(const pv_request *request, pv_curator *curator,
                     pv_fit_path *path, pv_error *err)
{
    (void)path;
    pv_status status = PV_OK;
    tree t = {0};
    pv_workload single = {0};
    pv_model *model = NULL;
    const uint64_t for_one_way =
        pv_budget_part(request->budget, request->one_way_share);
    const uint64_t for_choice =
        pv_budget_part(request->budget, request->select_share);
    PV_TRY(pv_one_way(request->schema, &single, err));
    if (single.count == 1) { /* a column alone has no pairs */
        PV_TRY(pv_measure_split(curator, request->budget, single.clique, NULL,
                                1, err));
        goto out;
    }
    PV_TRY(pv_measure_split(curator, for_one_way, single.clique, NULL,
                            single.count, err));
    PV_TRY(fit_independent(request, curator, &model, err));
    PV_TRY(pv_workload_varying(pv_model_domain(model), 2, 0, &t.pairs, err));
    PV_TRY(expect_pairs(model, &t, err));
    PV_TRY(grow(request, curator, &t, single.count, for_choice, err));
    PV_TRY(pv_measure_split(curator, pv_budget_left(request, curator), t.edge,
                            NULL, t.edges, err));
out:
    pv_model_free(model);
    pv_workload_clear(&single);
    clear(&t);
    return status;
}

/* Every pair is counted and compared with what independence gives, an integer
 * and a double a cell; returns how many cells there are. */
static pv_status check_pairs(const pv_request *request,
                             const pv_domain *domain, double *cells,
                             pv_error *err)
{
    double largest = 0;
    uint32_t column[PV_MAX_COLUMNS];
    const size_t n = pv_domain_varying(domain, column);
    *cells = 0;
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++) {
            const double pair = (double)domain->levels[column[a]] *
                                domain->levels[column[b]];
            *cells += pair;
            largest = pair > largest ? pair : largest;
        }
    const double bytes = *cells * (sizeof(int64_t) + sizeof(double));
    if (largest <= UINT32_MAX &&
        (request->memory == 0 || bytes <= (double)request->memory))
        return PV_OK;
    return pv_fail(err, PV_ETOOBIG,
                   "method mst compares all pairs of columns, which takes "
                   "%.1f MB (the largest pair has %.0f cells), more than the "
                   "%.1f MB allowed; use coarser bins, method direct, or raise "
                   "--memory",
                   bytes / 1048576.0, largest,
                   (double)request->memory / 1048576.0);
}

/* The geometric mean of all pairs' sizes. */
static double typical_pair(const pv_domain *domain)
{
    uint32_t column[PV_MAX_COLUMNS];
    const size_t n = pv_domain_varying(domain, column);
    double logs = 0;
    for (size_t i = 0; i < n; i++)
        logs += log((double)domain->levels[column[i]]);
    return exp(2 * logs / (double)n);
}

/* Which pairs will be chosen is not known: the plan shows a typical one. */
static pv_status plan(const pv_request *request, pv_plan *out, pv_error *err)
{
    pv_status status = PV_OK;
    pv_workload single = {0};
    char what[160];
    pv_domain domain;
    double cells;
    const uint64_t first =
        pv_budget_part(request->budget, request->one_way_share);
    const uint64_t second =
        pv_budget_part(request->budget, request->select_share);
    pv_rational sigma2;
    pv_domain_of_model(request->schema, &domain);
    PV_TRY(pv_one_way(request->schema, &single, err));
    const size_t columns = single.count;
    PV_TRY(pv_plan_cliques(request, single.clique, NULL, single.count,
                           columns > 1 ? first : request->budget, out, err));
    if (columns < 2)
        goto out;
    PV_TRY(check_pairs(request, &domain, &cells, err));
    PV_TRY(pv_sigma2_for_units(
        (request->budget - first - second) / (columns - 1),
        pv_sensitivity2(request->schema, request->neighbours), &sigma2, err));
    (void)snprintf(what, sizeof what, "each of %zu chosen pairs (typical size)",
                   columns - 1);
    PV_TRY(pv_plan_add(out, what, sigma2, (size_t)typical_pair(&domain),
                       (double)(request->budget - first - second) /
                           (double)request->budget / (double)(columns - 1),
                       request->rows_hint, err));
    /* each round scores every pair that is still open */
    out->bytes = (size_t)(cells * (sizeof(int64_t) + sizeof(double)));
    out->seconds = 2e-9 * cells * (double)(columns - 1);
    out->note = "pairs are chosen privately when the run asks; what is not chosen "
                "follows from the model";
out:
    pv_workload_clear(&single);
    return status;
}

const pv_generator pv_generator_mst = {
    .name = "mst",
    .summary = "a tree of two-way marginals, chosen privately",
    .one_way_share = 0.3,
    .select_share = 0.15,
    .plan = plan,
    .ask = ask};
