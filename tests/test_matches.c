#include "tests/metrics_fixture.h"

Test(matches, by_hand)
{
    pv_schema *schema = parse(LABELS("l", "") "," NUMBER("x", 100));
    /* 10 and 11 are in one bin */
    const double a[] = {0, 10, 0, 10, 1, 10, NAN, NAN, 2, 30};
    const double b[] = {1, 11, NAN, NAN, NAN, NAN, 0, 10};
    pv_table *real = fill(schema, 5, a), *other = fill(schema, 4, b);
    pv_findings *f = probe(&pv_probe_matches, real, other);
    /* unique: (q, 10), (missing, missing), (r, 30) */
    check(f, "exact_match.unique", 1);
    check(f, "exact_match.unique.share", 1.0 / 3);
    check(f, "exact_match.rows", 0.75);
    check(f, "exact_match.codes.unique", 2);
    check(f, "exact_match.codes.rows", 1);
    check(f, "duplicates.real", 0.2);
    check(f, "duplicates.synthetic", 0.25);
    pv_findings_free(f);
    pv_table *same = fill(schema, 2, a);
    f = probe(&pv_probe_matches, same, other);
    check_skipped(f, "exact_match.unique.share",
                  "no row is unique in the real table");
    check(f, "exact_match.unique", 0);
    pv_findings_free(f);
    pv_table_free(same);
    pv_table_free(real);
    pv_table_free(other);
    pv_schema_free(schema);
}

static bool equal(const double *a, const double *b)
{
    return a[0] == b[0] && a[1] == b[1];
}

Test(matches, by_definition)
{
    enum { n = 300, m = 200 };
    pv_schema *schema = parse(INTEGER("x", 99) "," INTEGER("y", 9));
    static double a[2 * n], b[2 * m];
    uint64_t seed = 7;
    for (size_t i = 0; i < 2 * n; i++)
        a[i] = floor((i % 2 ? 5 : 70) * draw(&seed));
    for (size_t i = 0; i < 2 * m; i++)
        b[i] = floor((i % 2 ? 6 : 90) * draw(&seed));
    double unique = 0, matched = 0, rows = 0, repeated = 0;
    for (size_t i = 0; i < n; i++) {
        size_t same = 0, there = 0, before = 0;
        for (size_t j = 0; j < n; j++) {
            same += equal(&a[2 * i], &a[2 * j]);
            before += j < i && equal(&a[2 * i], &a[2 * j]);
        }
        for (size_t j = 0; j < m; j++)
            there += equal(&a[2 * i], &b[2 * j]);
        unique += same == 1;
        matched += same == 1 && there > 0;
        repeated += before > 0;
        rows += before == 0 ? (double)there : 0;
    }
    pv_table *real = fill(schema, n, a), *other = fill(schema, m, b);
    pv_findings *f = probe(&pv_probe_matches, real, other);
    cr_assert(matched > 0 && matched < unique);
    check(f, "exact_match.unique", matched);
    check(f, "exact_match.unique.share", matched / unique);
    check(f, "exact_match.codes.unique", matched);
    check(f, "exact_match.rows", rows / m);
    check(f, "duplicates.real", repeated / n);
    pv_findings_free(f);
    pv_table_free(real);
    pv_table_free(other);
    pv_schema_free(schema);
}
