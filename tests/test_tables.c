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
    pv_findings_free(f);
    pv_table *none = fill(schema, 0, real_cell);
    f = probe(&pv_probe_tables, real, none);
    cr_assert_eq(pv_findings_find(f, "vw.ratio.mean")->status,
                 PV_METRIC_SKIPPED);
    pv_findings_free(f);
    pv_table_free(none);
    pv_table_free(other);
    pv_table_free(real);
    pv_schema_free(schema);
}

/* Independent samples of one law have VW about its degrees of freedom. */
Test(tables, the_ratio_of_two_samples_is_about_one)
{
    enum { n = 4000, columns = 4 };
    uint64_t state = 7;
    pv_schema *schema =
        parse(LABELS("a", REQUIRED) "," LABELS("b", REQUIRED) "," LABELS(
            "c", REQUIRED) "," LABELS("d", REQUIRED));
    static double cell[2][n * columns];
    for (size_t t = 0; t < 2; t++)
        for (size_t i = 0; i < n * columns; i++)
            cell[t][i] = floor(3 * draw(&state));
    pv_table *real = fill(schema, n, cell[0]);
    pv_table *other = fill(schema, n, cell[1]);
    pv_findings *f = probe(&pv_probe_tables, real, other);
    const double ratio = value_of(f, "vw.ratio.mean");
    cr_expect(ratio > 0.5 && ratio < 1.7, "%g", ratio);
    pv_findings_free(f);
    pv_table_free(other);
    pv_table_free(real);
    pv_schema_free(schema);
}
