#include "gen/budget.h"
#include "gen/candidates.h"
#include "marginals/estimate.h"
#include "marginals/jtree.h"
#include "model_fixture.h"

static pv_error err;

static pv_clique random_clique(uint64_t *seed, size_t columns, size_t most)
{
    pv_clique c = pv_clique_empty();
    for (size_t k = 0; k < most; k++)
        pv_clique_add(&c, (size_t)(uniform(seed) * (double)columns));
    return c;
}

Test(candidates, sizes_are_those_of_the_junction_tree)
{
    uint64_t seed = 3;
    for (int trial = 0; trial < 300; trial++) {
        pv_domain domain = {.columns = trial % 10 == 0 ? 70 : 3 + (size_t)trial % 30};
        pv_clique clique[13];
        pv_jtree_sizer *sizer = NULL;
        for (size_t i = 0; i < domain.columns; i++)
            domain.levels[i] = 1 + (uint32_t)(uniform(&seed) * 9);
        for (size_t i = 0; i < 12; i++)
            clique[i] = random_clique(&seed, domain.columns, 3);
        cr_assert_eq(pv_jtree_sizer_alloc(&domain, clique, 12, &sizer, &err),
                     PV_OK);
        for (int q = 0; q < 20; q++) {
            clique[12] = random_clique(&seed, domain.columns, 4);
            cr_assert_eq(pv_jtree_sizer_with(sizer, &clique[12]),
                         pv_jtree_size(&domain, clique, 13));
        }
        pv_jtree_sizer_free(sizer);
    }
}

Test(candidates, powers_are_powers)
{
    for (double x = 1e-6; x < 1e7; x *= 3.7)
        for (double p = -2; p <= 2; p += 0.25)
            cr_assert_float_eq(pv_power(x, p), pow(x, p),
                               1e-12 * pow(x, p));
}

Test(candidates, noise_left_is_the_lesser_of_two)
{
    const double expected[] = {0, 1, 100};
    /* sigma 10: 0.2 sigma = 2 in the empty cell, 2 + 2 in the next, and the
     * mean absolute noise in the full one */
    cr_assert_float_eq(pv_noise_left(expected, 3, 10),
                       2 + 4 + 10 * sqrt(2 / acos(-1.0)), 1e-9);
}

static pv_schema *schema_of(const char *fields)
{
    char text[2048];
    pv_schema *schema = NULL;
    snprintf(text, sizeof text, "{\"fields\":[%s]}", fields);
    cr_assert_eq(pv_schema_parse(text, strlen(text), "test", &schema, &err),
                 PV_OK, "%s", err.message);
    return schema;
}

#define FIELD(name, most)                                                      \
    "{\"name\":\"" name "\",\"type\":\"integer\",\"constraints\":"             \
    "{\"required\":true,\"minimum\":0,\"maximum\":" #most "}}"

Test(candidates, the_closure_has_every_subset_once_with_its_weight)
{
    pv_schema *schema =
        schema_of(FIELD("a", 1) "," FIELD("b", 2) "," FIELD("c", 3) ","
                  FIELD("d", 1));
    pv_clique clique[] = {{{7}}, {{12}}, {{6}}};
    double weight[] = {1, 2, 0.5};
    const pv_workload workload = {3, clique, weight};
    const pv_request request = {.schema = schema, .workload = &workload};
    pv_candidates c;
    size_t expected = 0;
    double top = 0;
    cr_assert_eq(pv_candidates_init(&c, &request, &err), PV_OK);
    for (unsigned mask = 1; mask < 16; mask++) {
        double w = 0;
        bool below = false;
        for (size_t s = 0; s < 3; s++) {
            w += weight[s] * __builtin_popcountll(mask & clique[s].word[0]);
            below = below || (mask & ~clique[s].word[0]) == 0;
        }
        if (below) {
            cr_assert_lt(expected, c.count);
            cr_assert_eq(c.clique[expected].word[0], mask);
            expected++;
            top = w > top ? w : top;
        }
    }
    cr_assert_eq(c.count, expected);
    for (size_t i = 0; i < c.count; i++) {
        double w = 0;
        for (size_t s = 0; s < 3; s++)
            w += weight[s] * __builtin_popcountll(c.clique[i].word[0] &
                                                  clique[s].word[0]);
        cr_assert_float_eq(c.weight[i], w / top, 1e-12);
    }
    pv_candidates_clear(&c);
    pv_schema_free(schema);
}

Test(candidates, what_is_open_keeps_the_limit_and_the_memory)
{
    pv_schema *schema =
        schema_of(FIELD("a", 9) "," FIELD("b", 9) "," FIELD("c", 9) ","
                  FIELD("d", 1));
    pv_domain domain;
    pv_workload workload = {0};
    pv_model *model = NULL;
    pv_candidates c;
    pv_clique have[] = {{{1}}, {{2}}, {{4}}, {{8}}};
    pv_candidates_round round = {have, 4, 130, 1, 0};
    pv_domain_of_schema(schema, &domain);
    cr_assert_eq(pv_workload_all(&domain, 3, 0, &workload, &err), PV_OK);
    const pv_request request = {.schema = schema, .workload = &workload};
    cr_assert_eq(pv_model_alloc(&domain, NULL, 0, have, 4, 5000, 0, &model,
                                &err),
                 PV_OK);
    cr_assert_eq(pv_model_calibrate(model, NULL, &err), PV_OK);
    cr_assert_eq(pv_candidates_init(&c, &request, &err), PV_OK);
    cr_assert_eq(pv_candidates_open(&c, model, &round, &err), PV_OK);
    cr_assert_eq(c.open, 10); /* no triple: the least makes 200 cells */
    for (size_t i = 0; i < c.open; i++) {
        pv_clique with[5] = {have[0], have[1], have[2], have[3],
                             c.ask[i].clique};
        cr_assert_leq(pv_jtree_size(&domain, with, 5), 130);
        cr_assert_float_eq(
            c.ask[i].bias,
            0.7 * pv_noise_left(c.ask[i].estimate, c.cells[c.index[i]], 1),
            1e-9);
    }
    round.limit = 1e6;
    cr_assert_eq(pv_candidates_open(&c, model, &round, &err), PV_OK);
    cr_assert_eq(c.open, 14);
    round.memory = 16 * 1000; /* not the triple of 1000 cells and the rest */
    cr_assert_eq(pv_candidates_open(&c, model, &round, &err), PV_OK);
    cr_assert_lt(c.open, 14);
    size_t cells = 0;
    for (size_t i = 0; i < c.open; i++)
        cells += c.cells[c.index[i]];
    cr_assert_leq(cells, 1000);
    pv_candidates_clear(&c);
    pv_model_free(model);
    pv_workload_clear(&workload);
    pv_schema_free(schema);
}
