#include "audit/report/share.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pv_error err;

/* The table of the rule, worked out by hand. */
Test(share, counts)
{
    static const double rule[][2] = {
        {0, -1},          {14, -1},         {15, 20},       {16, 20},
        {24, 20},         {25, 20},         {35, 40},       {94, 90},
        {95, 100},        {99, 100},        {100, 100},     {124, 100},
        {125, 100},       {126, 150},       {175, 200},     {999, 1000},
        {1000, 1000},     {1049, 1000},     {1050, 1000},   {1150, 1200},
        {9949, 9900},     {9950, 10000},    {9999, 10000},  {10000, 10000},
        {10250, 10000},   {10251, 10500},   {10750, 11000}, {99999, 100000},
        {100499, 100000}, {100500, 100000}, {101500, 102000},
        {999499, 999000}, {999999, 1000000},
        {1000000, 1000000}, {1234567, 1235000}, {1234500, 1234000},
        {123456789, 123500000}};
    for (size_t i = 0; i < sizeof rule / sizeof *rule; i++)
        cr_assert_eq(pv_share_count(rule[i][0]), rule[i][1], "%g gives %g",
                     rule[i][0], pv_share_count(rule[i][0]));
}

/* Two tables of n people, one person apart, are told apart by a rounded share only
 * at the edge of a step, and a step is 15 people at least. */
Test(share, a_step_of_a_share_is_15_people)
{
    static const int64_t people[] = {15, 60, 100, 500, 1000, 27253, 1000000};
    for (size_t p = 0; p < sizeof people / sizeof *people; p++) {
        const int64_t n = people[p];
        int64_t since = 0;
        bool first = true;
        double last = pv_share_estimate(0, n);
        for (int64_t k = 1; k <= n && k < 30000; k++) {
            const double now = pv_share_estimate((double)k / (double)n, n);
            cr_assert_leq(fabs(now - (double)k / (double)n),
                          n < 60 ? 1 : 38.0 / (double)n);
            if (now != last) {
                /* the first and the last steps are half ones */
                cr_assert(first || k - since >= 14, "%lld of %lld after %lld",
                          (long long)k, (long long)n, (long long)since);
                first = false;
                since = k;
                last = now;
            }
        }
    }
}

Test(share, estimates)
{
    cr_assert_eq(pv_share_estimate(1234.567, 1000), 1230.0);
    cr_assert_eq(pv_share_estimate(0.12345, 15000), 0.123);
    cr_assert_eq(pv_share_estimate(-0.12345, 15000), -0.123);
    cr_assert_eq(pv_share_estimate(0.4, 0), 0.0);
    cr_assert(isnan(pv_share_estimate(NAN, 100)));
}

static pv_schema *schema(void)
{
    static const char text[] =
        "{\"fields\":[{\"name\":\"g\",\"categories\":[\"common\",\"rare\"],"
        "\"constraints\":{\"required\":true}}]}";
    pv_schema *s = NULL;
    cr_assert_eq(pv_schema_parse(text, sizeof text - 1, "s", &s, &err), PV_OK,
                 "%s", err.message);
    return s;
}

static void add(pv_findings *f, const char *id, double value, const char *reason)
{
    const pv_metric m = {.id = id, .value = value, .reason = reason};
    cr_assert_eq(pv_findings_add(f, &m, &err), PV_OK);
}

/* Findings that have what must not get out, and what may. */
static pv_findings *secrets(void)
{
    pv_findings *f = NULL;
    static const double real[] = {12331.0 / 12345, 14.0 / 12345};
    static const double point[] = {123.456, 7, 8};
    static const double time[] = {1, 2, 777}, survival[] = {0.9, 0.8, 0.7};
    cr_assert_eq(pv_findings_new("privet-audit", "fidelity", &f, &err), PV_OK);
    cr_assert_eq(pv_findings_add_input(f, "real", "/home/u/real.csv", 12345, 1,
                                       &err),
                 PV_OK);
    cr_assert_eq(pv_findings_add_option(f, "group", "g", &err), PV_OK);
    cr_assert_eq(pv_findings_add_option(f, "mechanism", "/home/u/p", &err), PV_OK);
    add(f, "tv.1way.mean", 0.0123456, NULL);
    add(f, "rows.ratio", 1.0000810, NULL);
    add(f, "exact_match.unique", 14, NULL);
    add(f, "zeros.violations.real", 1234, NULL);
    add(f, "zeros.violations", 3, NULL);
    add(f, "kmarginal.group.common", 987.654, NULL);
    add(f, "kmarginal.group.rare", 123.456, NULL);
    add(f, "range.real.max", 98765, NULL);
    add(f, "attack.best.accuracy", 0.5, "chosen on 3017 others");
    cr_assert_eq(pv_findings_add_series(f, "oneway.real.0", real, 2, &err), PV_OK);
    cr_assert_eq(pv_findings_add_series(f, "pca.real.1", point, 3, &err), PV_OK);
    cr_assert_eq(pv_findings_add_series(f, "anything", point, 3, &err), PV_OK);
    cr_assert_eq(pv_findings_add_series(f, "km.real.time", time, 3, &err), PV_OK);
    cr_assert_eq(pv_findings_add_series(f, "km.real.survival", survival, 3, &err),
                 PV_OK);
    cr_assert_eq(pv_findings_add_series(f, "km.synthetic.time", time, 2, &err),
                 PV_OK);
    cr_assert_eq(pv_findings_add_series(f, "km.synthetic.survival", survival, 2,
                                        &err),
                 PV_OK);
    return f;
}

Test(share, what_must_not_get_out_does_not)
{
    static const char *const never[] = {"12345", "12331", "home",     "1234,",
                                        "rare",  "98765", "123.456",  "0.01234",
                                        "3017",  "777",   "1.000081", "mechanism"};
    pv_findings *f = secrets(), *shared = NULL;
    pv_schema *s = schema();
    size_t withheld = 0;
    char *text = NULL;
    cr_assert_eq(pv_share(f, s, &shared, &withheld, &err), PV_OK, "%s",
                 err.message);
    cr_assert_eq(pv_findings_json(shared, &text, &err), PV_OK);
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        cr_assert(strstr(text, never[i]) == NULL, "%s is there: %.60s", never[i],
                  strstr(text, never[i]));
    /* rows.ratio, range.real.max, the groups; two series */
    cr_assert_eq(withheld, 6);
    free(text);
    pv_findings_free(f);
    pv_findings_free(shared);
    pv_schema_free(s);
}

Test(share, what_may_get_out_is_rounded)
{
    pv_findings *f = secrets(), *shared = NULL;
    pv_schema *s = schema();
    size_t withheld = 0;
    double level[2];
    cr_assert_eq(pv_share(f, s, &shared, &withheld, &err), PV_OK);
    cr_assert_eq(pv_findings_input(shared, "real")->rows, 12500);
    cr_assert_eq(pv_findings_find(shared, "tv.1way.mean")->value, 0.012);
    cr_assert_eq(pv_findings_find(shared, "zeros.violations")->value, 3.0);
    cr_assert_eq(pv_findings_find(shared, "zeros.violations.real")->value, 1200.0);
    cr_assert_eq(pv_findings_find(shared, "exact_match.unique")->status,
                 PV_METRIC_SKIPPED);
    cr_assert_null(pv_findings_find(shared, "kmarginal.group.common"));
    cr_assert_eq(pv_share_value("yardstick.tv.2way.mean", 34, 12345), 30.0);
    cr_assert_eq(pv_share_value("domain.to_other.holdout", 20, 12345), 20.0);
    cr_assert(isnan(pv_share_value("domain.to_other.holdout", 3, 12345)));
    /* steps of 15 people of 40, not of 1 in 1,000 */
    cr_assert_float_eq(pv_share_value("kmarginal.score", 925, 40), 1000, 1e-9);
    static const char *const personal[] = {
        "regression.1.real", "regression.1.overlap.min", "coverage.a",
        "cramersv.max_abs_diff", "pearson.mean_abs_diff", "hellinger.1way.max",
        "eta.mean_abs_diff", "wasserstein.a", "survival.rmst.diff",
        "survival.median.diff", "singling_out.univariate.rate",
        "subgroup.tv.1way.mean.rare", "pmse.coefficients", "vw.z.max",
        "qmse.a", "ft.ratio.mean", "g2.ratio.max", "po50", "propensity.u",
        "alpha.precision", "beta.recall", "authenticity", "mean.diff.a",
        "survival.hazard.ratio"};
    for (size_t i = 0; i < sizeof personal / sizeof *personal; i++)
        cr_assert(isnan(pv_share_value(personal[i], 0.5, 12345)), "%s",
                  personal[i]);
    cr_assert_float_eq(pv_share_value("regression.1.overlap.mean", 0.5, 12345),
                       0.5, 1e-9);
    cr_assert(isnan(pv_share_value("survival.horizon.ratio", 0.5, 12345)));
    cr_assert(isnan(pv_share_value("survivalist", 0.5, 12345)));
    cr_assert_float_eq(pv_share_value("queries.1.mean", 0.5, 12345), 0.5, 1e-2);
    cr_assert_float_eq(pv_share_value("queries.2.mean.holdout", 0.5, 12345), 0.5,
                       1e-2);
    cr_assert(isnan(pv_share_value("queries.1.max", 0.5, 12345)));
    cr_assert(isnan(pv_share_value("queries.1.max.holdout", 0.5, 12345)));
    cr_assert_null(pv_findings_find(shared, "attack.best.accuracy")->reason);
    cr_assert_eq(pv_findings_series(shared, "oneway.real.0", level, 2), 2);
    cr_assert_eq(level[1], PV_SUPPRESSED);
    cr_assert(level[0] > 0.9 && level[0] <= 1);
    cr_assert_eq(pv_findings_series(shared, "km.real.time", level, 2), 0);
    cr_assert_eq(pv_findings_series(shared, "km.synthetic.time", level, 2), 21);
    pv_findings_free(f);
    pv_findings_free(shared);
    pv_schema_free(s);
}

Test(share, without_the_shares_no_level_is_named)
{
    pv_findings *f = NULL, *shared = NULL;
    pv_schema *s = schema();
    size_t withheld = 0;
    cr_assert_eq(pv_findings_new("t", "fidelity", &f, &err), PV_OK);
    cr_assert_eq(pv_findings_add_input(f, "real", "r", 12345, 1, &err), PV_OK);
    cr_assert_eq(pv_findings_add_option(f, "group", "g", &err), PV_OK);
    add(f, "kmarginal.group.common", 900, NULL);
    cr_assert_eq(pv_share(f, s, &shared, &withheld, &err), PV_OK);
    cr_assert_eq(pv_findings_count(shared), 0);
    cr_assert_eq(withheld, 1);
    pv_findings_free(f);
    pv_findings_free(shared);
    pv_schema_free(s);
}
