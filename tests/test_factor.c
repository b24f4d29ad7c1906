#include "marginals/factor.h"

#include "marginals/jtree.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static pv_error err;

static double noise(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-53;
}

Test(expmath, exp_is_within_an_ulp_or_two_of_libm)
{
    uint64_t state = 1;
    double worst = 0;
    for (int i = 0; i < 200000; i++) {
        const double x = -700 + 1399 * noise(&state);
        double y = x;
        pv_exp_array(&y, 1, 0);
        const double relative = fabs((double)((long double)y / expl(x) - 1));
        worst = relative > worst ? relative : worst;
    }
    cr_assert_lt(worst, 1e-15, "worst relative error %g", worst);
    double edge[] = {-INFINITY, -701, 0, 1};
    pv_exp_array(edge, 4, 1);
    cr_assert_eq(edge[0], 0);
    cr_assert_eq(edge[1], 0);
    cr_assert_eq(edge[3], 1);
}

Test(expmath, log_is_within_an_ulp_or_two_of_libm)
{
    uint64_t state = 2;
    double worst = 0;
    for (int i = 0; i < 200000; i++) {
        const double x = ldexp(1 + noise(&state), (int)(noise(&state) * 2000) - 1000);
        const double expected = (double)logl(x);
        const double error =
            fabs(pv_log(x) - expected) / (fabs(expected) + 1e-3);
        worst = error > worst ? error : worst;
    }
    cr_assert_lt(worst, 1e-15, "worst error %g", worst);
    cr_assert_eq(pv_log(1), 0);
    cr_assert_float_eq(pv_log(0x1p-1070), -1070 * log(2), 1e-10);
}

Test(expmath, sums_do_not_depend_on_where_they_start)
{
    double x[100];
    uint64_t state = 3;
    long double exact = 0;
    for (int i = 0; i < 100; i++)
        exact += x[i] = noise(&state) - 0.5;
    for (size_t n = 0; n <= 100; n++)
        cr_assert_float_eq(pv_sum(x, n) + pv_sum(x + n, 100 - n),
                           (double)exact, 1e-13);
    cr_assert_eq(pv_maximum(x, 0), -INFINITY);
}

/* The value of `sub` at the cell of `table` numbered k, found the slow way. */
static size_t sub_cell(const pv_factor *table, const pv_factor *sub, size_t k)
{
    size_t digit[PV_FACTOR_RANK], at = 0;
    for (size_t i = table->rank; i-- > 0;) {
        digit[i] = k % table->shape[i];
        k /= table->shape[i];
    }
    for (size_t j = 0; j < sub->rank; j++)
        for (size_t i = 0; i < table->rank; i++)
            if (table->column[i] == sub->column[j])
                at = at * sub->shape[j] + digit[i];
    return at;
}

static void check_map(const pv_domain *domain, unsigned of, unsigned first,
                      unsigned in, unsigned sub_first)
{
    pv_clique all = {{of}}, front = {{first}}, part = {{in}},
              part_front = {{sub_first}};
    pv_factor table, sub;
    pv_map map;
    uint64_t state = of * 64 + in;
    cr_assert_eq(pv_factor_init(&table, domain, &all, &front, &err), PV_OK);
    cr_assert_eq(pv_factor_init(&sub, domain, &part, &part_front, &err), PV_OK);
    cr_assert_eq(pv_map_init(&map, &table, &sub, &err), PV_OK);
    double *expected = calloc(sub.cells, sizeof *expected);
    double *before = malloc(table.cells * sizeof *before);
    for (size_t k = 0; k < table.cells; k++) {
        before[k] = table.cell[k] = (double)(int)(noise(&state) * 100);
        expected[sub_cell(&table, &sub, k)] += table.cell[k];
    }
    pv_map_project(&map, table.cell, sub.cell, sub.cells);
    for (size_t k = 0; k < sub.cells; k++)
        cr_assert_eq(sub.cell[k], expected[k]);
    pv_map_multiply(&map, table.cell, sub.cell);
    for (size_t k = 0; k < table.cells; k++)
        cr_assert_eq(table.cell[k],
                     before[k] * expected[sub_cell(&table, &sub, k)]);
    memcpy(table.cell, before, table.cells * sizeof *before);
    pv_map_add(&map, table.cell, sub.cell);
    for (size_t k = 0; k < table.cells; k++)
        cr_assert_eq(table.cell[k],
                     before[k] + expected[sub_cell(&table, &sub, k)]);
    free(expected);
    free(before);
    pv_map_clear(&map);
    pv_factor_clear(&table);
    pv_factor_clear(&sub);
}

Test(factor, maps_agree_with_the_definition_for_every_subset_and_order)
{
    const pv_domain small = {5, {3, 2, 4, 1, 5}};
    const pv_domain wide = {5, {2, 19, 3, 2, 11}};
    for (unsigned of = 0; of < 32; of++)
        for (unsigned in = of;; in = (in - 1) & of) {
            check_map(&small, of, 0, in, 0);
            check_map(&wide, of, of & 0x15, in, in & 0x0a);
            if (in == 0)
                break;
        }
}

Test(factor, too_large_is_refused)
{
    pv_domain domain = {4, {60000, 60000, 60000, 60000}};
    const pv_clique all = {{15}}, none = {{0}};
    pv_factor factor;
    cr_assert_eq(pv_factor_init(&factor, &domain, &all, &none, &err),
                 PV_ETOOBIG);
    pv_factor_clear(&factor);
}

/* ---- junction trees ---------------------------------------------------- */

static void check_tree(const pv_domain *domain, const pv_clique *clique,
                       size_t count)
{
    pv_jtree tree;
    cr_assert_eq(pv_jtree_build(domain, clique, count, &tree, &err), PV_OK);
    for (size_t i = 0; i < count; i++) { /* every clique has a home */
        bool held = false;
        for (size_t j = 0; j < tree.cliques; j++)
            held |= pv_clique_subset(&clique[i], &tree.clique[j]);
        cr_assert(held);
    }
    for (size_t c = 0; c < domain->columns; c++) {
        /* running intersection: exactly one clique with c has no parent
         * that has c too */
        size_t tops = 0;
        for (size_t j = 0; j < tree.cliques; j++)
            tops += pv_clique_has(&tree.clique[j], c) &&
                    !pv_clique_has(&tree.separator[j], c);
        cr_assert_eq(tops, 1, "column %zu has %zu tops", c, tops);
    }
    for (size_t j = 0; j < tree.cliques; j++) {
        for (size_t k = 0; k < tree.cliques; k++)
            cr_assert(j == k ||
                      !pv_clique_subset(&tree.clique[j], &tree.clique[k]));
        if (tree.parent[j] == PV_NO_PARENT)
            continue;
        cr_assert_lt(tree.parent[j], j);
        const pv_clique shared = pv_clique_intersection(
            &tree.clique[j], &tree.clique[tree.parent[j]]);
        cr_assert(pv_clique_equal(&shared, &tree.separator[j]));
        cr_assert_gt(pv_clique_count(&shared), 0);
    }
    cr_assert_eq(tree.cells, pv_jtree_size(domain, clique, count));
    pv_jtree_clear(&tree);
}

Test(jtree, random_graphs_give_junction_forests)
{
    uint64_t state = 7;
    for (int trial = 0; trial < 400; trial++) {
        pv_domain domain = {.columns = 2 + (size_t)(noise(&state) * 70)};
        pv_clique clique[40];
        const size_t count = (size_t)(noise(&state) * 40);
        for (size_t c = 0; c < domain.columns; c++)
            domain.levels[c] = 1 + (uint32_t)(noise(&state) * 5);
        for (size_t i = 0; i < count; i++) {
            clique[i] = pv_clique_empty();
            for (int k = 0; k < 1 + trial % 3; k++)
                pv_clique_add(&clique[i], (size_t)(noise(&state) *
                                                   (double)domain.columns));
        }
        check_tree(&domain, clique, count);
    }
}

Test(jtree, a_cycle_of_four_needs_two_triangles)
{
    const pv_domain domain = {4, {10, 2, 10, 2}};
    const pv_clique cycle[] = {{{3}}, {{6}}, {{12}}, {{9}}};
    pv_jtree tree;
    cr_assert_eq(pv_jtree_build(&domain, cycle, 4, &tree, &err), PV_OK);
    cr_assert_eq(tree.cliques, 2);
    /* the chord joins the two columns of 2 levels: 2 x (10 x 2 x 2) cells */
    cr_assert_eq(tree.cells, 80);
    pv_jtree_clear(&tree);
}
