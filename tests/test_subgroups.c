#include "tests/metrics_fixture.h"

Test(subgroups, by_hand)
{
    enum { n = 75, m = 50 };
    pv_schema *schema = parse(
        LABELS("g", "") "," LABELS("a", REQUIRED) "," LABELS("b", REQUIRED));
    double real_cell[3 * n], other_cell[3 * m];
    /* 30 of p, 31 of q, 14 missing; a and b are p in all of them */
    for (size_t r = 0; r < n; r++) {
        real_cell[3 * r] = r < 30 ? 0 : r < 61 ? 1 : NAN;
        real_cell[3 * r + 1] = real_cell[3 * r + 2] = 0;
    }
    /* 40 of p, a quarter of them with a = q; 10 missing */
    for (size_t r = 0; r < m; r++) {
        other_cell[3 * r] = r < 40 ? 0 : NAN;
        other_cell[3 * r + 1] = r < 10;
        other_cell[3 * r + 2] = 0;
    }
    pv_table *real = fill(schema, n, real_cell);
    pv_table *other = fill(schema, m, other_cell);
    pv_findings *f = probe_group(&pv_probe_subgroups, real, other, "g");
    check(f, "subgroup.tv.1way.mean.p", 0.125);
    check(f, "subgroup.share.p", 0.8 - 0.4);
    check(f, "subgroup.share.q", -31.0 / 75);
    check(f, "subgroup.tv.1way.mean.q", 1);
    cr_assert_str_eq(pv_findings_find(f, "subgroup.tv.1way.mean.q")->reason,
                     "the other table has no row of the group");
    check_skipped(f, "subgroup.tv.1way.mean.(missing)",
                  "the group has fewer than 30 real rows");
    check_skipped(f, "subgroup.share.r",
                  "the group has fewer than 30 real rows");
    check(f, "subgroup.worst", 1);
    cr_assert_str_eq(pv_findings_find(f, "subgroup.worst")->reason,
                     "the group q");
    check(f, "subgroup.worst.ratio", 1 / 0.1); /* a is off by 10 of 50 */
    pv_findings_free(f);
    f = probe_group(&pv_probe_subgroups, real, real, "g");
    check(f, "subgroup.worst", 0);
    check_skipped(f, "subgroup.worst.ratio",
                  "all columns are equal in the whole table");
    pv_findings_free(f);
    f = probe_group(&pv_probe_subgroups, real, other, "a");
    check(f, "subgroup.tv.1way.mean.p",
          (fabs(0.4 - 30.0 / 40) + 31.0 / 75 + fabs(14.0 / 75 - 10.0 / 40)) /
              4);
    pv_findings_free(f);
    pv_table_free(real);
    pv_table_free(other);
    pv_schema_free(schema);
}
