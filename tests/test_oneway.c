#include "tests/metrics_fixture.h"

Test(oneway, by_hand)
{
    pv_schema *schema = parse(LABELS("l", "") "," INTEGER(
        "i",
        9) ","
           "{\"name\":\"w\",\"type\":\"number\",\"constraints\":{\"minimum\":0,"
           "\"maximum\":100},\"privet\":{\"bins\":4,\"role\":\"weight\"}}");
    const double real_cell[] = {0, 1, 10, 0, 2, 20, 1, 3, 30, NAN, 4, NAN};
    const double other_cell[] = {0, 3, 30, 2, 5, 45};
    pv_table *real = fill(schema, 4, real_cell);
    pv_table *other = fill(schema, 2, other_cell);
    pv_findings *f = probe(&pv_probe_oneway, real, other);
    /* F of 1, 2, 3, 4 against G of 3, 5: apart 1/4, 1/2, 1/4, 1/2 from 1, 2,
     * 3, 4 on; sd sqrt(5/3) */
    const double sd = sqrt(5.0 / 3);
    check(f, "ks.i", 0.5);
    check(f, "wasserstein.i", (0.25 + 0.5 + 0.25 + 0.5) / sd);
    check(f, "mean.diff.i", 1.5 / sd);
    check(f, "sd.diff.i", (sqrt(2.0) - sd) / sd);
    check(f, "median.diff.i", 1.5 / sd);
    /* w without its missing value: 10, 20, 30 against 30, 45 */
    check(f, "ks.w", 2.0 / 3);
    check(f, "wasserstein.w", (10 / 3.0 + 20 / 3.0 + 15 / 2.0) / 10);
    check(f, "median.diff.w", 1.75);
    check(f, "totals.weight.w", 75.0 / 60);
    check(f, "ks.mean", (0.5 + 2.0 / 3) / 2);
    check(f, "ks.max", 2.0 / 3);
    cr_assert_str_eq(pv_findings_find(f, "ks.max")->scope.column[0], "w");
    check(f, "missing.l", 0.25);
    check(f, "missing.w", 0.25);
    check(f, "missing.max", 0.25);
    cr_assert_null(pv_findings_find(f, "missing.i")); /* it is required */
    /* l: of p, q and missing p is there; of p, q, r, missing p and r are */
    check(f, "coverage.l", 1.0 / 3);
    check(f, "coverage.domain.l", 0.5);
    check(f, "coverage.i", 0.25);
    check(f, "coverage.domain.i", 0.2);
    /* w: bins [0,25) [25,50) missing of real rows; the second is there */
    check(f, "coverage.mean", (1.0 / 3 + 0.25 + 1.0 / 3) / 3);
    cr_assert_null(pv_findings_find(f, "ks.l"));
    pv_findings_free(f);
    pv_table_free(real);
    pv_table_free(other);
    pv_schema_free(schema);
}

Test(oneway, divergences_by_hand)
{
    pv_schema *schema = parse(LABELS("l", REQUIRED));
    pv_table *real = fill(schema, 2, (const double[]){0, 1});
    pv_table *other = fill(schema, 1, (const double[]){1});
    pv_findings *f = probe(&pv_probe_oneway, real, other);
    /* p (1/2, 1/2), q (0, 1), m (1/4, 3/4) */
    const double p = 0.5 * (0.5 * log2(2) + 0.5 * log2(0.5 / 0.75));
    check(f, "jsd.1way.mean", p + 0.5 * log2(1 / 0.75));
    check(f, "hellinger.1way.max", sqrt(1 - sqrt(0.5)));
    check_skipped(f, "ks.mean", "no column of the schema is of this kind");
    check_skipped(f, "missing.max", "no column of the schema is of this kind");
    pv_findings_free(f);
    /* nothing in common: 1 */
    pv_table *none = fill(schema, 1, (const double[]){2});
    f = probe(&pv_probe_oneway, real, none);
    check(f, "jsd.1way.max", 1);
    check(f, "hellinger.1way.max", 1);
    check(f, "coverage.mean", 0);
    pv_findings_free(f);
    pv_table_free(real);
    pv_table_free(other);
    pv_table_free(none);
    pv_schema_free(schema);
}

/* The definition of KS and of the area, at every number there is. */
static void compare_at_all(const double *a, size_t n, const double *b, size_t m,
                           double *ks, double *area)
{
    *ks = *area = 0;
    for (size_t i = 0; i < n + m; i++) {
        const double x = i < n ? a[i] : b[i - n];
        double below[2] = {0, 0}, next = INFINITY;
        bool first = true;
        for (size_t j = 0; j < n + m; j++) {
            const double y = j < n ? a[j] : b[j - n];
            below[j >= n] += y <= x;
            next = y > x && y < next ? y : next;
            first = first && !(j < i && y == x);
        }
        const double d = fabs(below[0] / (double)n - below[1] / (double)m);
        *ks = fmax(*ks, d);
        if (first && next < INFINITY)
            *area += d * (next - x);
    }
}

Test(oneway, numbers_by_definition)
{
    pv_schema *schema = parse(NUMBER("x", 1000));
    uint64_t seed = 1;
    for (size_t n = 2; n < 40; n += 7) {
        double a[40], b[25], ks, area, mean = 0, square = 0;
        const size_t m = 25;
        for (size_t i = 0; i < n; i++)
            a[i] = n % 2 ? 1000 * draw(&seed) : floor(20 * draw(&seed));
        for (size_t i = 0; i < m; i++)
            b[i] = n % 2 ? 900 * draw(&seed) : floor(25 * draw(&seed));
        pv_table *real = fill(schema, n, a), *other = fill(schema, m, b);
        pv_findings *f = probe(&pv_probe_oneway, real, other);
        compare_at_all(a, n, b, m, &ks, &area);
        for (size_t i = 0; i < n; i++)
            mean += a[i] / (double)n;
        for (size_t i = 0; i < n; i++)
            square += (a[i] - mean) * (a[i] - mean);
        check(f, "ks.x", ks);
        check(f, "wasserstein.x", area / sqrt(square / (double)(n - 1)));
        pv_findings_free(f);
        pv_table_free(real);
        pv_table_free(other);
    }
    pv_schema_free(schema);
}

Test(oneway, without_numbers)
{
    pv_schema *schema = parse(NUMBER("x", 10) "," NUMBER("y", 10));
    const double real_cell[] = {NAN, 3, NAN, 3}, other_cell[] = {1, 3, 2, 4};
    pv_table *real = fill(schema, 2, real_cell);
    pv_table *other = fill(schema, 2, other_cell);
    pv_findings *f = probe(&pv_probe_oneway, real, other);
    check_skipped(f, "ks.x", "the column has no numbers in the real table");
    check_skipped(f, "wasserstein.y", "the real table's numbers do not vary");
    check(f, "ks.y", 0.5);
    check(f, "ks.mean", 0.5);
    pv_findings_free(f);
    f = probe(&pv_probe_oneway, other, real);
    check_skipped(f, "ks.x", "the column has no numbers in the other table");
    check(f, "sd.diff.y", -1);
    pv_findings_free(f);
    pv_table *one = fill(schema, 1, other_cell);
    f = probe(&pv_probe_oneway, other, one);
    check_skipped(f, "sd.diff.x", "the other table has fewer than two numbers");
    check(f, "ks.x", 0.5);
    pv_findings_free(f);
    pv_table_free(one);
    pv_table_free(real);
    pv_table_free(other);
    pv_schema_free(schema);
}
