/* Precision and recall of typical rows, authenticity. */
#include "audit/fidelity/alpha.h"
#include "tests/metrics_fixture.h"

Test(alpha, medoid)
{
    /* of places 0, 1, 5: the middle */
    const uint32_t distance[] = {0, 1, 5, 1, 0, 4, 5, 4, 0};
    cr_assert_eq(pv_medoid(distance, 3), 1);
    const uint32_t equal[] = {0, 2, 2, 0};
    cr_assert_eq(pv_medoid(equal, 2), 0);
}

/* Places 0, 10, 20, 30, 40 against 20, 25, 41. Distances from 20: 0, 10, 10, 20, 20,
 * and of the others 0, 5, 21; the others' centre is 25: 5, 0, 16. */
Test(alpha, by_hand)
{
    const uint32_t apart[] = {20, 10, 0,  10, 20, 25, 15, 5,
                              5,  15, 41, 31, 21, 11, 1};
    const uint32_t closest[] = {10, 10, 10, 10, 10};
    const uint32_t real[] = {20, 10, 0, 10, 20}, other[] = {5, 0, 16};
    pv_alpha a = {.rows = {5, 3}, .apart = apart, .closest = closest,
                  .centre = {2, 1}, .within = {real, other}};
    cr_assert_eq(pv_alpha_measure(&a, &err), PV_OK);
    /* balls: 6 quantiles reach 0 (1 of 5 real; 1 of 3), 12 reach 10 (3; 2), 12 reach
     * 20 (5; 2) */
    const double off = 6 * (1 / 3.0 - 0.2) + 12 * (2 / 3.0 - 0.6) + 12 / 3.0;
    cr_expect_float_eq(a.precision, 1 - off / (6 * 0.2 + 12 * 0.6 + 12), 1e-12);
    /* nearest others: 0 -> 20 (20, too far), 10 -> 20 (10), 20 -> 20, 30 -> 25,
     * 40 -> 41; they are 5, 5, 0, 16 from the centre. Balls: 10 reach 0 (1 of 3; 1
     * of 5), 10 reach 5 (2; 3), 10 reach 16 (3; 4) */
    const double missed = 10 * (1 / 3.0 - 0.2) + 10 * (2 / 3.0 - 0.6) + 10 * 0.2;
    cr_expect_float_eq(a.recall, 1 - missed / 20, 1e-12);
    /* each is no farther from its nearest real than that from its own */
    cr_expect_float_eq(a.authenticity, 0, 1e-12);
    const uint32_t dense[] = {10, 10, 10, 10, 0};
    a.closest = dense;
    cr_assert_eq(pv_alpha_measure(&a, &err), PV_OK);
    cr_expect_float_eq(a.authenticity, 1 / 3.0, 1e-12, "41 is not 40's");
}

Test(alpha, a_copy_and_another_place)
{
    enum { rows = 200 };
    pv_schema *schema = parse(INTEGER("x", 1000) "," INTEGER("y", 1000));
    double cell[2 * rows], far[2 * rows];
    uint64_t seed = 3;
    for (size_t i = 0; i < 2 * rows; i++) {
        cell[i] = floor(400 * draw(&seed));
        far[i] = cell[i] + 600;
    }
    pv_table *real = fill(schema, rows, cell), *other = fill(schema, rows, far);
    pv_findings *f = probe(&pv_probe_neighbours, real, real);
    check(f, "alpha.precision", 1);
    check(f, "beta.recall", 1);
    check(f, "authenticity", 0);
    pv_findings_free(f);
    f = probe(&pv_probe_neighbours, real, other);
    check(f, "alpha.precision", 0);
    check(f, "beta.recall", 0);
    check(f, "authenticity", 1);
    pv_findings_free(f);
    pv_table_free(real);
    pv_table_free(other);
    pv_schema_free(schema);
}

Test(alpha, constant_and_few)
{
    pv_schema *schema = parse(LABELS("a", "") "," LABELS("b", ""));
    double cell[20];
    for (size_t i = 0; i < 20; i++)
        cell[i] = NAN;
    pv_table *same = fill(schema, 10, cell), *one = fill(schema, 1, cell);
    pv_table *none = fill(schema, 0, cell);
    pv_findings *f = probe(&pv_probe_neighbours, same, same);
    check(f, "alpha.precision", 1);
    check(f, "beta.recall", 1);
    check(f, "authenticity", 0);
    pv_findings_free(f);
    f = probe(&pv_probe_neighbours, same, one);
    check_skipped(f, "authenticity",
                  "a table has too few rows to have neighbours");
    pv_findings_free(f);
    f = probe(&pv_probe_neighbours, same, none);
    check_skipped(f, "alpha.precision", "the synthetic table has no rows");
    check_skipped(f, "beta.recall", "the synthetic table has no rows");
    pv_findings_free(f);
    pv_table_free(same);
    pv_table_free(one);
    pv_table_free(none);
    pv_schema_free(schema);
}
