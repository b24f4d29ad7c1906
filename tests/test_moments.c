/* Tenths of the real numbers, and the interval of a difference of means. */
#include "tests/metrics_fixture.h"

/* One column of whole numbers up to 99. */
static pv_findings *compare(const double *a, size_t n, const double *b, size_t m)
{
    pv_schema *schema = parse(
        "{\"name\":\"i\",\"type\":\"integer\",\"constraints\":"
        "{\"minimum\":0,\"maximum\":99}}");
    pv_table *real = fill(schema, n, a), *other = fill(schema, m, b);
    pv_findings *f = probe(&pv_probe_oneway, real, other);
    pv_table_free(real);
    pv_table_free(other);
    pv_schema_free(schema);
    return f;
}

Test(moments, tenths_by_hand)
{
    double real[20];
    for (size_t i = 0; i < 20; i++)
        real[i] = 3 * (double)i; /* two of each tenth: 0 3, 6 9, ... 54 57 */
    /* 9 real ones below 25: the fifth tenth; 3 and 6, the first and second; 99, the
     * last; 28 has 10 below, an edge: the sixth */
    const double other[] = {25, 3, 6, 99, 28};
    pv_findings *f = compare(real, 20, other, 5);
    check(f, "qmse.i", (5 * 0.01 + 5 * 0.01) / 10);
    pv_findings_free(f);
    /* all in the first tenth; none has it */
    f = compare(real + 1, 10, (const double[]){0, 0}, 2);
    check(f, "qmse.i", (0.81 + 9 * 0.01) / 10);
    pv_findings_free(f);
}

Test(moments, ties_are_shared)
{
    /* 0 has ranks 0 to 15 of 20: seven tenths and a half; 1 the rest */
    double real[20] = {0};
    for (size_t i = 15; i < 20; i++)
        real[i] = 1;
    pv_findings *f = compare(real, 20, real, 20);
    check(f, "qmse.i", 0);
    pv_findings_free(f);
    f = compare(real, 20, (const double[]){0}, 1);
    const double each = 1 / 7.5 - 0.1, half = 0.5 / 7.5 - 0.1;
    check(f, "qmse.i", (7 * each * each + half * half + 2 * 0.01) / 10);
    pv_findings_free(f);
    /* fewer rows than tenths */
    f = compare((const double[]){5}, 1, (const double[]){5}, 1);
    check(f, "qmse.i", 0);
    check_skipped(f, "mean.diff.i", "the real table's numbers do not vary");
    pv_findings_free(f);
}

Test(moments, interval_of_a_difference)
{
    /* sd 1 and 2 */
    const double real[] = {1, 2, 3, NAN}, other[] = {3, 5, 7};
    pv_findings *f = compare(real, 4, other, 3);
    const pv_metric *m = pv_findings_find(f, "mean.diff.i");
    const double half = 1.959963984540054 * sqrt((1 + 4) / 3.0);
    check(f, "mean.diff.i", 3);
    cr_assert(m->has_ci);
    cr_assert_float_eq(m->ci[0], 3 - half, 1e-12);
    cr_assert_float_eq(m->ci[1], 3 + half, 1e-12);
    cr_assert_not(pv_findings_find(f, "sd.diff.i")->has_ci);
    pv_findings_free(f);
    /* one number has no spread */
    f = compare(real, 4, other, 1);
    check(f, "mean.diff.i", 1);
    cr_assert_not(pv_findings_find(f, "mean.diff.i")->has_ci);
    pv_findings_free(f);
}

Test(moments, without_numbers_there_is_a_reason)
{
    const double none[] = {NAN, NAN}, some[] = {1, 4};
    pv_findings *f = compare(none, 2, some, 2);
    check_skipped(f, "qmse.i", "the column has no numbers in the real table");
    pv_findings_free(f);
    f = compare(some, 2, none, 2);
    check_skipped(f, "qmse.i", "the column has no numbers in the other table");
    pv_findings_free(f);
    f = compare(some, 2, none, 0);
    check_skipped(f, "qmse.i", "the synthetic table has no rows");
    check_skipped(f, "mean.diff.i", "the synthetic table has no rows");
    pv_findings_free(f);
    f = compare(some, 0, some, 2);
    check_skipped(f, "qmse.i", "the real table has no rows");
    pv_findings_free(f);
}
