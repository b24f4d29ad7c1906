#include "model_fixture.h"

#include "core/threads.h"
#include "io/rows.h"

#include <stdio.h>

static pv_error err;

static pv_schema *schema_for(const pv_domain *domain)
{
    char text[2048] = "{\"fields\":[", field[160];
    pv_schema *schema = NULL;
    for (size_t c = 0; c < domain->columns; c++) {
        snprintf(field, sizeof field,
                 "%s{\"name\":\"c%zu\",\"type\":\"integer\",\"constraints\":"
                 "{\"required\":true,\"minimum\":0,\"maximum\":%u}}",
                 c == 0 ? "" : ",", c, domain->levels[c] - 1);
        strcat(text, field);
    }
    strcat(text, "]}");
    cr_assert_eq(pv_schema_parse(text, strlen(text), "test", &schema, &err),
                 PV_OK);
    return schema;
}

static pv_model *chain_model(const pv_domain *domain, const pair_zero *zero)
{
    static const pv_clique clique[] = {{{3}}, {{6}}, {{20}}};
    uint64_t seed = 9;
    pv_model *model = NULL;
    cr_assert_eq(pv_model_alloc(domain, zero ? &zero->zero : NULL,
                                zero ? 1 : 0, clique, 3, 1000, 0, &model,
                                &err),
                 PV_OK);
    for (size_t i = 0; i < 3; i++) {
        size_t n;
        double *theta = pv_model_potential(model, i, &n);
        for (size_t k = 0; k < n; k++)
            theta[k] = 4 * uniform(&seed) - 2;
    }
    cr_assert_eq(pv_model_calibrate(model, NULL, &err), PV_OK);
    return model;
}

static void count_rows(const pv_table *table, const pv_domain *domain,
                       const pv_clique *clique, double *counts)
{
    memset(counts, 0, pv_domain_cells(domain, clique) * sizeof *counts);
    for (size_t r = 0; r < pv_table_rows(table); r++) {
        size_t at = 0;
        for (size_t c = 0; c < domain->columns; c++)
            if (pv_clique_has(clique, c))
                at = at * domain->levels[c] +
                     pv_codes_at(pv_table_codes(table, c), r);
        counts[at]++;
    }
}

static const pv_domain five = {5, {4, 3, 5, 2, 3}};
static const pv_key key = {{42}};

Test(sample, marginals_inside_the_model_are_met_within_a_few_rows)
{
    const size_t rows = 20000;
    pv_schema *schema = schema_for(&five);
    pv_model *model = chain_model(&five, NULL);
    pv_table *table = NULL;
    cr_assert_eq(pv_table_alloc(schema, rows, false, &table, &err), PV_OK);
    cr_assert_eq(pv_model_sample(model, &key, table, &err), PV_OK, "%s",
                 err.message);
    for (unsigned mask = 1; mask < 32; mask++) {
        const pv_clique q = {{mask}};
        const size_t n = pv_domain_cells(&five, &q);
        double expected[360], counts[360];
        cr_assert_eq(pv_model_answer(model, &q, expected, &err), PV_OK);
        count_rows(table, &five, &q, counts);
        const bool inside = mask == 3 || mask == 6 || mask == 20 ||
                            (mask & (mask - 1)) == 0;
        for (size_t k = 0; k < n; k++) {
            const double mean = expected[k] * (double)rows / 1000;
            /* in the model: rounding alone. Outside: drawn, so within 6
             * standard deviations of a count */
            const double slack = inside ? 4 : 6 * sqrt(mean + 1);
            cr_assert_float_eq(counts[k], mean, slack,
                               "clique %u cell %zu: %g, expected %g", mask, k,
                               counts[k], mean);
        }
    }
    pv_table_free(table);
    pv_model_free(model);
    pv_schema_free(schema);
}

/* Columns that share a parent are independent given it: without the shuffle
 * inside groups their order would tie them together. */
Test(sample, children_of_one_parent_are_not_tied)
{
    static const pv_domain domain = {3, {2, 4, 4}};
    static const pv_clique clique[] = {{{3}}, {{5}}};
    pv_schema *schema = schema_for(&domain);
    pv_model *model = NULL;
    pv_table *table = NULL;
    double counts[16];
    const pv_clique children = {{6}};
    cr_assert_eq(pv_model_alloc(&domain, NULL, 0, clique, 2, 1, 0, &model,
                                &err),
                 PV_OK);
    cr_assert_eq(pv_model_calibrate(model, NULL, &err), PV_OK);
    cr_assert_eq(pv_table_alloc(schema, 16000, false, &table, &err), PV_OK);
    cr_assert_eq(pv_model_sample(model, &key, table, &err), PV_OK);
    count_rows(table, &domain, &children, counts);
    for (size_t k = 0; k < 16; k++)
        cr_assert_float_eq(counts[k], 1000, 6 * sqrt(1000));
    pv_table_free(table);
    pv_model_free(model);
    pv_schema_free(schema);
}

Test(sample, no_forbidden_row_is_ever_made)
{
    pair_zero zero;
    pair_zero_init(&zero, 0, 3);
    zero.first[1] = zero.first[2] = zero.second[1] = true;
    pv_schema *schema = schema_for(&five);
    pv_model *model = chain_model(&five, &zero);
    for (size_t rows = 0; rows < 3000; rows = rows * 3 + 1) {
        pv_table *table = NULL;
        cr_assert_eq(pv_table_alloc(schema, rows, false, &table, &err), PV_OK);
        cr_assert_eq(pv_model_sample(model, &key, table, &err), PV_OK);
        for (size_t r = 0; r < rows; r++)
            cr_assert_not(
                zero.first[pv_codes_at(pv_table_codes(table, 0), r)] &&
                zero.second[pv_codes_at(pv_table_codes(table, 3), r)]);
        pv_table_free(table);
    }
    pv_model_free(model);
    pv_schema_free(schema);
}

Test(sample, threads_do_not_matter_and_keys_do)
{
    const size_t rows = 50000;
    pv_schema *schema = schema_for(&five);
    pv_model *model = chain_model(&five, NULL);
    pv_table *table[4] = {NULL};
    const pv_key other = {{43}};
    for (int i = 0; i < 4; i++) {
        pv_threads_set(i == 3 ? 1 : 1 << i);
        cr_assert_eq(pv_table_alloc(schema, rows, false, &table[i], &err),
                     PV_OK);
        cr_assert_eq(pv_model_sample(model, i == 3 ? &other : &key, table[i],
                                     &err),
                     PV_OK);
    }
    for (size_t c = 0; c < 5; c++) {
        const void *first = pv_table_codes(table[0], c).data;
        cr_assert_eq(memcmp(first, pv_table_codes(table[1], c).data, rows), 0);
        cr_assert_eq(memcmp(first, pv_table_codes(table[2], c).data, rows), 0);
        cr_assert_neq(memcmp(first, pv_table_codes(table[3], c).data, rows), 0);
    }
    for (int i = 0; i < 4; i++)
        pv_table_free(table[i]);
    pv_model_free(model);
    pv_schema_free(schema);
}

/* The expected number of rows in a cell is the model's, however small. */
Test(sample, remainders_are_drawn_by_their_fractions)
{
    static const pv_domain domain = {1, {3}};
    static const pv_clique clique = {{1}};
    pv_schema *schema = schema_for(&domain);
    pv_model *model = NULL;
    size_t seen[3] = {0};
    enum { trials = 4000 };
    cr_assert_eq(pv_model_alloc(&domain, NULL, 0, &clique, 1, 1, 0, &model,
                                &err),
                 PV_OK);
    double *theta = pv_model_potential(model, 0, NULL);
    theta[0] = log(0.5);
    theta[1] = log(0.2);
    theta[2] = log(0.3);
    cr_assert_eq(pv_model_calibrate(model, NULL, &err), PV_OK);
    for (int i = 0; i < trials; i++) {
        pv_table *table = NULL;
        pv_key k = {{1, (unsigned char)i, (unsigned char)(i >> 8)}};
        cr_assert_eq(pv_table_alloc(schema, 1, false, &table, &err), PV_OK);
        cr_assert_eq(pv_model_sample(model, &k, table, &err), PV_OK);
        seen[pv_codes_at(pv_table_codes(table, 0), 0)]++;
        pv_table_free(table);
    }
    cr_assert_float_eq((double)seen[0] / trials, 0.5, 0.04);
    cr_assert_float_eq((double)seen[1] / trials, 0.2, 0.032);
    cr_assert_float_eq((double)seen[2] / trials, 0.3, 0.036);
    pv_model_free(model);
    pv_schema_free(schema);
}

/* Values dealt out in balance: groups keep theirs, and columns that share no
 * clique come out nearer to the model than independent draws would be. */
Test(sample, rows_follow_the_model_closer_than_random_ones)
{
    enum { rows = 4000, trials = 10 };
    pv_model *model = chain_model(&five, NULL);
    pv_schema *schema = schema_for(&five);
    const pv_clique apart[] = {{{9}}, {{11}}, {{25}}};
    double expected[60], counts[60];
    for (size_t q = 0; q < 3; q++) {
        const size_t cells = pv_domain_cells(&five, &apart[q]);
        double squares = 0, variance = 0;
        cr_assert_eq(pv_model_answer(model, &apart[q], expected, &err), PV_OK);
        for (size_t k = 0; k < cells; k++) {
            expected[k] *= rows / 1000.0;
            variance += trials * expected[k] * (1 - expected[k] / rows);
        }
        for (unsigned char trial = 0; trial < trials; trial++) {
            pv_table *table = NULL;
            const pv_key own = {{trial, (unsigned char)q}};
            cr_assert_eq(pv_table_alloc(schema, rows, false, &table, &err),
                         PV_OK);
            cr_assert_eq(pv_model_sample(model, &own, table, &err), PV_OK);
            count_rows(table, &five, &apart[q], counts);
            for (size_t k = 0; k < cells; k++)
                squares += (counts[k] - expected[k]) * (counts[k] - expected[k]);
            pv_table_free(table);
        }
        cr_assert_lt(squares, 0.35 * variance, "clique %zu: %g of %g", q,
                     squares, variance);
    }
    pv_model_free(model);
    pv_schema_free(schema);
}
