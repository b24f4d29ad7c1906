#include "tests/metrics_fixture.h"

/* Real: (p,p) 4, (p,q) 0, (q,p) 1, (q,q) 3; synthetic: (p,p) 2, (p,q) 2, (q,p) 0,
 * (q,q) 0. r = 1/2, c = 1/3. */
Test(tables, by_hand)
{
    pv_schema *schema = parse(LABELS("a", REQUIRED) "," LABELS("b", REQUIRED));
    double real_cell[16], other_cell[8];
    for (size_t i = 0; i < 8; i++) {
        real_cell[2 * i] = i < 4 ? 0 : 1;
        real_cell[2 * i + 1] = i < 5 ? 0 : 1;
    }
    for (size_t i = 0; i < 4; i++) {
        other_cell[2 * i] = 0;
        other_cell[2 * i + 1] = i < 2 ? 0 : 1;
    }
    pv_table *real = fill(schema, 8, real_cell);
    pv_table *other = fill(schema, 4, other_cell);
    pv_findings *f = probe(&pv_probe_tables, real, other);
    const double sum = 0 + 4 / (2 / 3.0) + 0.25 / (1 / 3.0) + 2.25 / (3 / 3.0);
    check(f, "vw.ratio.mean", sum / 3);
    check(f, "vw.ratio.max", sum / 3);
    check(f, "vw.worst.1", sum / 3);
    check(f, "vw.z.max", sqrt(6));
    const double ft = 0 + 4 * 2 + 4 * 0.5 + 4 * 1.5;
    check(f, "ft.ratio.mean", ft / 3);
    check(f, "ft.ratio.max", ft / 3);
    /* they share one cell */
    check_skipped(f, "g2.ratio.mean",
                  "no two columns share two cells in both tables");
    check_skipped(f, "g2.ratio.max",
                  "no two columns share two cells in both tables");
    /* synthetic: a is constant, so b tells nothing of it */
    const double mutual = 4 / 8.0 * log(4 / 8.0 / (4 / 8.0 * 5 / 8.0)) +
                          1 / 8.0 * log(1 / 8.0 / (4 / 8.0 * 5 / 8.0)) +
                          3 / 8.0 * log(3 / 8.0 / (4 / 8.0 * 3 / 8.0));
    check(f, "information.mean_abs_diff", mutual);
    check(f, "information.max_abs_diff", mutual);
    pv_findings_free(f);
    f = probe(&pv_probe_tables, real, real);
    check(f, "vw.ratio.mean", 0);
    check(f, "information.mean_abs_diff", 0);
    check(f, "ft.ratio.max", 0);
    check(f, "g2.ratio.max", 0);
    pv_findings_free(f);
    pv_table *none = fill(schema, 0, real_cell);
    f = probe(&pv_probe_tables, real, none);
    cr_assert_eq(pv_findings_find(f, "vw.ratio.mean")->status,
                 PV_METRIC_SKIPPED);
    check_skipped(f, "g2.ratio.mean", "the synthetic table has no rows");
    check_skipped(f, "ft.ratio.mean", "the synthetic table has no rows");
    pv_findings_free(f);
    pv_table_free(none);
    pv_table_free(other);
    pv_table_free(real);
    pv_schema_free(schema);
}

/* Real (p,p) 3, (q,q) 1, (r,p) 2; synthetic (p,p) 1, (q,q) 3, (q,p) 5: shared are 4
 * and 4 rows. */
Test(tables, likelihood_by_hand)
{
    pv_schema *schema = parse(LABELS("a", REQUIRED) "," LABELS("b", REQUIRED));
    const double a[] = {0, 0, 0, 0, 0, 0, 1, 1, 2, 0, 2, 0};
    const double b[] = {0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0};
    pv_table *real = fill(schema, 6, a), *other = fill(schema, 9, b);
    pv_findings *f = probe(&pv_probe_tables, real, other);
    check(f, "g2.ratio.max", 2 * (log(1 / 3.0) + 3 * log(3)));
    check(f, "g2.ratio.mean", 2 * (log(1 / 3.0) + 3 * log(3)));
    pv_findings_free(f);
    pv_table_free(other);
    pv_table_free(real);
    pv_schema_free(schema);
}

/* Rows drawn from the real ones have each statistic about its degrees of freedom;
 * an independent sample of the same law has 1 + m / n times that. */
Test(tables, the_ratio_of_a_resample_is_about_one)
{
    enum { n = 4000, columns = 4 };
    uint64_t state = 7;
    pv_schema *schema =
        parse(LABELS("a", REQUIRED) "," LABELS("b", REQUIRED) "," LABELS(
            "c", REQUIRED) "," LABELS("d", REQUIRED));
    static double cell[3][n * columns];
    static const char *const id[] = {"vw.ratio.mean", "ft.ratio.mean",
                                     "g2.ratio.mean"};
    for (size_t i = 0; i < n * columns; i++)
        for (size_t t = 0; t < 2; t++)
            cell[t][i] = floor(3 * draw(&state));
    for (size_t i = 0; i < n; i++) {
        const size_t from = (size_t)(n * draw(&state));
        for (size_t c = 0; c < columns; c++)
            cell[2][i * columns + c] = cell[0][from * columns + c];
    }
    pv_table *real = fill(schema, n, cell[0]);
    pv_table *other = fill(schema, n, cell[1]);
    pv_table *drawn = fill(schema, n, cell[2]);
    pv_findings *f = probe(&pv_probe_tables, real, drawn);
    pv_findings *g = probe(&pv_probe_tables, real, other);
    for (size_t i = 0; i < sizeof id / sizeof *id; i++) {
        const double one = value_of(f, id[i]), two = value_of(g, id[i]);
        cr_expect(one > 0.6 && one < 1.4, "%s: %g", id[i], one);
        cr_expect(two > 1.3 && two < 2.7, "%s: %g", id[i], two);
    }
    pv_findings_free(g);
    pv_table_free(drawn);
    pv_findings_free(f);
    pv_table_free(other);
    pv_table_free(real);
    pv_schema_free(schema);
}
