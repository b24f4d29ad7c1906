#include "gen/tree.h"

#include "core/log.h"
#include "core/memory.h"
#include "core/threads.h"
#include "gen/budget.h"
#include "gen/methods.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Tried on Adult: doc/methods.md. */
const pv_tree_round pv_tree_round_of[PV_TREE_ROUNDS] = {{0.375, 0.3},
                                                        {0.625, 0}};

pv_tree_budget pv_tree_budget_of(const pv_request *r)
{
    pv_tree_budget b = {.one_way = pv_budget_part(r->budget, r->one_way_share)};
    uint64_t left = r->budget - b.one_way;
    for (size_t i = 0; i < PV_TREE_ROUNDS; i++) {
        b.scores[i] = pv_budget_part(
            r->budget, r->select_share * pv_tree_round_of[i].scores);
        left -= b.scores[i];
    }
    for (size_t i = 0; i + 1 < PV_TREE_ROUNDS; i++) {
        b.measured[i] = pv_budget_part(
            left, pv_tree_round_of[i].measured /
                      (1 - r->one_way_share - r->select_share));
        left -= b.measured[i];
    }
    b.measured[PV_TREE_ROUNDS - 1] = left;
    return b;
}

/* As measurements overlap, a fit halves the error of one alone: found by trying
 * on Adult. */
void pv_tree_noise(pv_choice_item *item, const double *estimate,
                   uint64_t units, uint64_t sensitivity2)
{
    const double rho = (double)units / (double)(UINT64_C(1) << PV_UNIT_BITS);
    for (int level = 0; level < PV_CHOICE_LEVELS; level++) {
        const double sigma =
            sqrt((double)sensitivity2 * (double)(1 << level) / (2 * rho));
        item->noise[level] = 0.5 * pv_noise_left(estimate, item->cells, sigma);
    }
}

pv_status pv_tree_choose(pv_choice *pool, const pv_domain *domain,
                         const pv_clique *fixed, size_t count, size_t limit,
                         pv_error *err)
{
    static const double price[] = {0, 0.25, 0.5, 1, 2, 4};
    pv_status status = PV_OK;
    double best = 0;
    double *share = pv_array_alloc(pool->count, sizeof *share);
    if (share == NULL)
        return pv_fail_memory(err, "the choice");
    for (size_t k = 0; k < sizeof price / sizeof *price; k++) {
        PV_TRY(pv_choose(pool, domain, fixed, count, limit, price[k], err));
        const double value = pv_choice_value(pool);
        if (k > 0 && value >= best)
            continue;
        best = value;
        for (size_t i = 0; i < pool->count; i++)
            share[i] = pool->item[i].share;
    }
    for (size_t i = 0; i < pool->count; i++)
        pool->item[i].share = share[i];
out:
    free(share);
    return status;
}

typedef struct tree {
    const pv_request *request;
    pv_curator *curator;
    pv_fit_path *path;
    pv_domain domain;
    pv_zero *zeros;
    size_t zero_count;
    pv_choice pool;
    pv_clique *clique;  /* the candidates' */
    double **estimate;  /* the model's, into block */
    double *block;
    int64_t *score;
    pv_clique *fixed;   /* what the model has: zeros and measured marginals */
    size_t fixed_count;
    pv_model *model;
} tree;

static void clear(tree *t)
{
    pv_choice_clear(&t->pool);
    free(t->zeros);
    free(t->clique);
    free(t->estimate);
    free(t->block);
    free(t->score);
    free(t->fixed);
    pv_model_free(t->model);
}

static pv_status prepare(tree *t, const pv_workload *single, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t n = t->pool.count;
    t->clique = pv_array_alloc(n, sizeof *t->clique);
    t->estimate = pv_array_alloc(n, sizeof *t->estimate);
    t->block = pv_array_alloc(pv_tree_cells(&t->pool), sizeof *t->block);
    t->score = pv_array_alloc(n, sizeof *t->score);
    t->fixed = pv_array_alloc(single->count + t->zero_count +
                                  PV_TREE_ROUNDS * n,
                              sizeof *t->fixed);
    if (t->clique == NULL || t->estimate == NULL || t->block == NULL ||
        t->score == NULL || t->fixed == NULL)
        return pv_fail_memory(err, "the candidates");
    for (size_t i = 0, at = 0; i < n; i++) {
        t->clique[i] = t->pool.item[i].clique;
        t->estimate[i] = t->block + at;
        at += t->pool.item[i].cells;
    }
    for (size_t i = 0; i < single->count; i++)
        t->fixed[t->fixed_count++] = single->clique[i];
    for (size_t i = 0; i < t->zero_count; i++)
        t->fixed[t->fixed_count++] =
            pv_clique_of(t->zeros[i].column, t->zeros[i].columns);
    return status;
}

static pv_status fit(tree *t, pv_error *err)
{
    pv_status status = PV_OK;
    pv_target *targets = NULL;
    const pv_measurement *measurements;
    pv_model *model = NULL;
    size_t rows = 0;
    const size_t count = pv_curator_measurements(t->curator, &measurements);
    (void)pv_curator_public_rows(t->curator, &rows);
    const pv_fit_options options = {.total = (double)rows,
                                    .memory = t->request->memory};
    PV_TRY(pv_targets_of(measurements, count, &targets, err));
    PV_TRY(pv_estimate(&t->domain, t->zeros, t->zero_count, targets, count,
                       &options, t->path, &model, NULL, err));
    pv_model_free(t->model);
    t->model = model;
out:
    free(targets);
    return status;
}

/* Noisy distances of all candidates from the model. */
static pv_status ask_errors(tree *t, uint64_t units, pv_error *err)
{
    pv_status status = PV_OK;
    pv_rational sigma2;
    PV_TRY(pv_model_answers(t->model, t->clique, t->pool.count, t->estimate,
                            err));
    PV_TRY(pv_sigma2_for_units(
        units,
        pv_scores_sensitivity2(pv_schema_unit_rows(t->request->schema),
                               t->request->neighbours, t->pool.count),
        &sigma2, err));
    PV_TRY(pv_ask_scores(t->curator, t->clique,
                         (const double *const *)t->estimate, t->pool.count,
                         sigma2, t->score, err));
    for (size_t i = 0; i < t->pool.count; i++)
        t->pool.item[i].error = t->score[i] > 0 ? (double)t->score[i] : 0;
out:
    return status;
}

typedef struct noise_work {
    tree *tree;
    uint64_t units, sensitivity2;
} noise_work;

static void expect_noise(size_t i, void *context)
{
    const noise_work *w = context;
    pv_tree_noise(&w->tree->pool.item[i], w->tree->estimate[i], w->units,
                  w->sensitivity2);
}

/* Those with a share, which are scaled up to the whole. */
static pv_status measure(tree *t, uint64_t units, pv_error *err)
{
    pv_status status = PV_OK;
    size_t n = 0;
    double sum = 0;
    const pv_measurement *answers;
    const size_t first = t->fixed_count;
    const uint64_t d2 = pv_curator_sensitivity2(t->curator);
    pv_rational *sigma2 = pv_array_alloc(t->pool.count, sizeof *sigma2);
    if (sigma2 == NULL)
        return pv_fail_memory(err, "the measurements");
    for (size_t i = 0; i < t->pool.count; i++)
        sum += t->pool.item[i].share;
    for (size_t i = 0; i < t->pool.count; i++) {
        const pv_choice_item *item = &t->pool.item[i];
        if (item->share <= 0)
            continue;
        PV_TRY(pv_sigma2_for_units(pv_budget_part(units, item->share / sum), d2,
                                   &sigma2[n++], err));
        t->fixed[t->fixed_count++] = item->clique;
    }
    if (n > 0)
        PV_TRY(pv_ask_measure(t->curator, t->fixed + first, sigma2, n, &answers,
                              err));
out:
    free(sigma2);
    return status;
}

static pv_status one_round(tree *t, const pv_tree_budget *budget, size_t round,
                           pv_error *err)
{
    pv_status status = PV_OK;
    const size_t before = t->fixed_count;
    const bool last = round + 1 == PV_TREE_ROUNDS;
    PV_TRY(fit(t, err));
    PV_TRY(ask_errors(t, budget->scores[round], err));
    const uint64_t units =
        last ? pv_budget_left(t->request, t->curator) : budget->measured[round];
    noise_work work = {t, units, pv_curator_sensitivity2(t->curator)};
    pv_parallel_for(t->pool.count, expect_noise, &work);
    PV_TRY(pv_tree_choose(
        &t->pool, &t->domain, t->fixed, t->fixed_count,
        pv_tree_limit(&t->pool, &t->domain, t->request->memory, round), err));
    PV_TRY(measure(t, units, err));
    pv_log_detail("round %zu: %zu of %zu candidates measured", round + 1,
                  t->fixed_count - before, t->pool.count);
out:
    return status;
}

static pv_status ask(const pv_request *request, pv_curator *curator,
                     pv_fit_path *path, pv_error *err)
{
    pv_status status = PV_OK;
    tree t = {.request = request, .curator = curator, .path = path};
    pv_workload single = {0};
    const pv_tree_budget budget = pv_tree_budget_of(request);
    pv_domain_of_model(request->schema, &t.domain);
    PV_TRY(pv_one_way(request->schema, &single, err));
    PV_TRY(pv_tree_candidates(request->workload, &t.domain, &t.pool, err));
    PV_TRY(pv_schema_zero_array(request->schema, &t.zeros, &t.zero_count, err));
    if (t.pool.count == 0) { /* one column, or a workload of single ones */
        PV_TRY(pv_measure_split(curator, request->budget, single.clique, NULL,
                                single.count, err));
        goto out;
    }
    PV_TRY(prepare(&t, &single, err));
    PV_TRY(pv_measure_split(curator, budget.one_way, single.clique, NULL,
                            single.count, err));
    for (size_t round = 0; round < PV_TREE_ROUNDS; round++)
        PV_TRY(one_round(&t, &budget, round, err));
out:
    pv_workload_clear(&single);
    clear(&t);
    return status;
}

const pv_generator pv_generator_tree = {
    .name = "tree",
    .summary = "many marginals on a junction tree, chosen in two rounds",
    .workload = PV_WORKLOAD_OPTIONAL,
    .one_way_share = 0.1,
    .select_share = 0.08,
    .plan = pv_tree_plan,
    .ask = ask};
