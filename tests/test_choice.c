/* Which marginals to measure: limits, shares, brute force on small cases. */
#include "dp_fixture.h"
#include "gen/choice.h"
#include "gen/tree.h"
#include "marginals/jtree.h"

#include <math.h>

static pv_error err;

/* A pool over all pairs and triples of a domain, errors by a small generator. */
static pv_choice make(const pv_domain *domain, uint64_t seed)
{
    pv_choice pool;
    cr_assert_eq(pv_tree_candidates(NULL, domain, &pool, &err), PV_OK);
    for (size_t i = 0; i < pool.count; i++) {
        pv_choice_item *q = &pool.item[i];
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        q->error = (double)(seed >> 40) / 1e4;
        for (size_t k = 0; k < q->parts; k++)
            q->error = fmax(q->error, pool.item[q->part[k]].error);
        for (int level = 0; level < PV_CHOICE_LEVELS; level++)
            q->noise[level] = (double)q->cells * sqrt((double)(1 << level));
    }
    return pool;
}

static size_t size_of(const pv_choice *pool, const pv_domain *domain)
{
    pv_clique *chosen = pv_array_alloc(pool->count, sizeof *chosen);
    size_t n = 0;
    for (size_t i = 0; i < pool->count; i++)
        if (pool->item[i].share > 0)
            chosen[n++] = pool->item[i].clique;
    const size_t cells = pv_jtree_size(domain, chosen, n);
    free(chosen);
    return cells;
}

static double sum_of(const pv_choice *pool)
{
    double sum = 0;
    for (size_t i = 0; i < pool->count; i++) {
        cr_assert_geq(pool->item[i].share, 0);
        sum += pool->item[i].share;
    }
    return sum;
}

static void give_nothing(pv_choice *pool)
{
    for (size_t i = 0; i < pool->count; i++)
        pool->item[i].share = 0;
}

static const pv_domain eight = {8, {2, 3, 4, 5, 6, 7, 8, 9}};

Test(choice, limits_are_kept)
{
    static const size_t limit[] = {45, 100, 300, 1000, 5000, 50000};
    for (uint64_t seed = 1; seed <= 5; seed++)
        for (size_t l = 0; l < sizeof limit / sizeof *limit; l++)
            for (int price = 0; price <= 4; price += 2) {
                pv_choice pool = make(&eight, seed);
                give_nothing(&pool);
                const double before = pv_choice_value(&pool);
                cr_assert_eq(pv_choose(&pool, &eight, NULL, 0, limit[l], price,
                                       &err),
                             PV_OK);
                cr_assert_leq(size_of(&pool, &eight), limit[l]);
                cr_assert_leq(sum_of(&pool), 1);
                cr_assert_lt(pv_choice_value(&pool), before);
                pv_choice_clear(&pool);
            }
}

/* A limit that the fixed cliques pass already: only what they contain. */
Test(choice, inside_what_is_there)
{
    pv_choice pool = make(&eight, 3);
    const pv_clique fixed = pv_clique_of((uint32_t[]){1, 4, 6}, 3);
    cr_assert_eq(pv_choose(&pool, &eight, &fixed, 1,
                           pv_jtree_size(&eight, &fixed, 1), 0, &err),
                 PV_OK);
    size_t chosen = 0;
    for (size_t i = 0; i < pool.count; i++)
        if (pool.item[i].share > 0) {
            cr_assert(pv_clique_subset(&pool.item[i].clique, &fixed));
            chosen++;
        }
    cr_assert_gt(chosen, 0);
    pv_choice_clear(&pool);
}

Test(choice, more_room_is_no_worse_at_several_prices)
{
    double last = INFINITY;
    for (size_t limit = 100; limit < 200000; limit *= 4) {
        pv_choice pool = make(&eight, 11);
        cr_assert_eq(pv_tree_choose(&pool, &eight, NULL, 0, limit, &err),
                     PV_OK);
        cr_assert_leq(size_of(&pool, &eight), limit);
        const double value = pv_choice_value(&pool);
        cr_assert_leq(value, last * 1.02); /* greedy: nearly monotone */
        last = value;
        pv_choice_clear(&pool);
    }
}

/* The best of all splits of the budget into eighths over the pool's items. */
static double brute(pv_choice *pool, size_t item, int left)
{
    if (item + 1 == pool->count) {
        pool->item[item].share = left / 8.0;
        return pv_choice_value(pool);
    }
    double best = INFINITY;
    for (int eighths = 0; eighths <= left; eighths++) {
        pool->item[item].share = eighths / 8.0;
        best = fmin(best, brute(pool, item + 1, left - eighths));
    }
    return best;
}

Test(choice, near_the_best_split)
{
    static const pv_domain three = {3, {3, 4, 5}};
    for (uint64_t seed = 1; seed <= 20; seed++) {
        pv_choice pool = make(&three, seed);
        cr_assert_eq(pool.count, 4); /* three pairs, one triple */
        give_nothing(&pool);
        const double before = pv_choice_value(&pool);
        const double best = brute(&pool, 0, 8);
        cr_assert_eq(pv_choose(&pool, &three, NULL, 0, SIZE_MAX, 0, &err),
                     PV_OK);
        const double value = pv_choice_value(&pool);
        cr_assert_leq(before - best, (before - value) * 1.1, "%g %g %g", before,
                      best, value);
        pv_choice_clear(&pool);
    }
}

/* By hand: a pair known with half of the budget, and what its triple gains. */
Test(choice, value)
{
    static const pv_domain three = {3, {2, 2, 2}};
    pv_choice pool = make(&three, 1);
    for (size_t i = 0; i < 4; i++) {
        pv_choice_item *q = &pool.item[i];
        q->error = i < 3 ? 30 : 60;
        for (int level = 0; level < PV_CHOICE_LEVELS; level++)
            q->noise[level] = 10 * sqrt((double)(1 << level));
    }
    give_nothing(&pool);
    cr_assert_float_eq(pv_choice_value(&pool), 60, 1e-9);
    pool.item[0].share = 0.5; /* off by sqrt(200) */
    cr_assert_float_eq(pv_choice_value(&pool), sqrt(3600 - 900 + 200), 1e-9);
    pool.item[3].share = 0.5; /* the triple itself: sqrt(200) */
    cr_assert_float_eq(pv_choice_value(&pool), sqrt(200), 1e-9);
    /* half the budget on the triple is a quarter on each of its pairs, which
     * have half its cells */
    give_nothing(&pool);
    pool.item[3].share = 0.5;
    pool.item[1].weight = 2;
    cr_assert_float_eq(pv_choice_value(&pool), sqrt(200) + 2 * 20, 1e-9);
    pv_choice_clear(&pool);
}

Test(choice, nothing_to_gain)
{
    pv_choice pool = make(&eight, 1);
    for (size_t i = 0; i < pool.count; i++)
        pool.item[i].error = 0;
    cr_assert_eq(pv_choose(&pool, &eight, NULL, 0, SIZE_MAX, 0, &err), PV_OK);
    cr_assert_eq(sum_of(&pool), 0);
    pv_choice_clear(&pool);
}

/* ---- candidates --------------------------------------------------------- */

Test(choice, candidates)
{
    static const pv_domain five = {5, {3, 1, 2, 4, 2}}; /* column 1 fixed */
    pv_choice pool;
    pv_workload w = {0};
    cr_assert_eq(pv_tree_candidates(NULL, &five, &pool, &err), PV_OK);
    cr_assert_eq(pool.count, 6 + 4);
    for (size_t i = 0; i < pool.count; i++)
        cr_assert_eq(pool.item[i].weight, i < 6 ? 0 : 1);
    pv_choice_clear(&pool);
    /* weight 6 over three columns of which one is fixed, and twice a triple */
    const pv_clique one = pv_clique_of((uint32_t[]){0, 1, 3}, 3);
    const pv_clique triple = pv_clique_of((uint32_t[]){0, 2, 4}, 3);
    const pv_clique single = pv_clique_of((uint32_t[]){2}, 1);
    cr_assert_eq(pv_workload_add(&w, one, 6, &err), PV_OK);
    cr_assert_eq(pv_workload_add(&w, triple, 2, &err), PV_OK);
    cr_assert_eq(pv_workload_add(&w, triple, 3, &err), PV_OK);
    cr_assert_eq(pv_workload_add(&w, single, 9, &err), PV_OK);
    cr_assert_eq(pv_tree_candidates(&w, &five, &pool, &err), PV_OK);
    cr_assert_eq(pool.count, 4 + 1); /* 02 03 04 24 and 024 */
    const pv_clique pair = pv_clique_of((uint32_t[]){0, 3}, 2);
    cr_assert(pv_clique_equal(&pool.item[1].clique, &pair));
    cr_assert_eq(pool.item[1].weight, 6);
    cr_assert_eq(pool.item[0].weight, 0);
    cr_assert_eq(pool.item[4].weight, 5);
    cr_assert_eq(pool.item[4].cells, 12);
    pv_choice_clear(&pool);
    pv_workload_clear(&w);
}

/* Too many triples: their weights go to the pairs, none is lost. */
Test(choice, wide_tables_have_pairs_alone)
{
    pv_domain wide = {30, {0}};
    pv_choice pool;
    double sum = 0;
    for (size_t i = 0; i < wide.columns; i++)
        wide.levels[i] = 2 + (uint32_t)i;
    cr_assert_eq(pv_tree_candidates(NULL, &wide, &pool, &err), PV_OK);
    cr_assert_eq(pool.count, 30 * 29 / 2);
    for (size_t i = 0; i < pool.count; i++)
        sum += pool.item[i].weight;
    cr_assert_float_eq(sum, 30 * 29 * 28 / 6, 1e-6);
    pv_choice_clear(&pool);
}

Test(choice, one_column)
{
    static const pv_domain one = {1, {7}};
    pv_choice pool;
    cr_assert_eq(pv_tree_candidates(NULL, &one, &pool, &err), PV_OK);
    cr_assert_eq(pool.count, 0);
    pv_choice_clear(&pool);
}

/* The parts of a budget are the whole, none more. */
Test(choice, budget)
{
    for (uint64_t units = 1; units < UINT64_C(1) << 50; units = units * 3 + 1) {
        const pv_request r = {.budget = units, .one_way_share = 0.1,
                              .select_share = 0.08};
        const pv_tree_budget b = pv_tree_budget_of(&r);
        uint64_t sum = b.one_way;
        for (size_t i = 0; i < PV_TREE_ROUNDS; i++)
            sum += b.scores[i] + b.measured[i];
        cr_assert_eq(sum, units);
    }
}

Test(choice, noise_is_small_where_nothing_is_expected)
{
    const double empty[4] = {0}, full[4] = {1e6, 1e6, 1e6, 1e6};
    pv_choice_item a = {.cells = 4}, b = {.cells = 4};
    pv_tree_noise(&a, empty, UINT64_C(1) << 40, 1);
    pv_tree_noise(&b, full, UINT64_C(1) << 40, 1);
    for (int level = 0; level < PV_CHOICE_LEVELS; level++) {
        const double sigma = sqrt((double)(1 << level) / 2);
        cr_assert_float_eq(a.noise[level], 4 * 0.1 * sigma, 1e-9 * sigma);
        cr_assert_float_eq(b.noise[level],
                           4 * sqrt(0.5 / acos(-1.0)) * sigma, 1e-9 * sigma);
    }
}
