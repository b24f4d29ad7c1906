/* Cox's hazard ratio of the tables. */
#include "audit/utility/uses.h"
#include "tests/metrics_fixture.h"

static pv_findings *compare(const double *a, size_t n, const double *b, size_t m)
{
    static const char fields[] =
        "{\"name\":\"t\",\"type\":\"integer\",\"constraints\":"
        "{\"minimum\":0,\"maximum\":99}},{\"name\":\"e\",\"type\":\"string\","
        "\"categories\":[\"no\",\"yes\"],\"constraints\":{\"required\":true}}";
    pv_schema *schema = parse(fields);
    pv_uses uses = {0};
    cr_assert_eq(pv_uses_set_survival(&uses, schema, "t,e=yes", &err), PV_OK);
    pv_table *real = fill(schema, n, a), *other = fill(schema, m, b);
    const pv_probe_input input = {.schema = schema, .real = real,
                                  .synthetic = other, .uses = &uses};
    pv_findings *f = NULL;
    cr_assert_eq(pv_findings_new("test", "fidelity", &f, &err), PV_OK);
    cr_assert_eq(pv_probe_survival.run(&input, f, &err), PV_OK);
    pv_uses_clear(&uses);
    pv_table_free(real);
    pv_table_free(other);
    pv_schema_free(schema);
    return f;
}

/* Real: an event at 3, one left at 5. Synthetic: an event at 2. With h the ratio,
 * at 2 there are two real and one synthetic, at 3 two real alone: the likelihood
 * h / (2 + h) has no maximum. With another synthetic one left at 4 it is
 * 2 h / (2 + 2 h) 1 / (2 + h), largest at h^2 = 2. */
Test(hazard, by_hand)
{
    const double real[] = {3, 1, 5, 0}, other[] = {2, 1, 4, 0};
    pv_findings *f = compare(real, 2, other, 1);
    cr_assert_eq(pv_findings_find(f, "survival.hazard.ratio")->status,
                 PV_METRIC_SKIPPED);
    pv_findings_free(f);
    f = compare(real, 2, other, 2);
    const double h = sqrt(2), p = h / (1 + h), q = h / (2 + h);
    const double half =
        1.959963984540054 / sqrt(p * (1 - p) + q * (1 - q));
    check(f, "survival.hazard.ratio", h);
    const pv_metric *m = pv_findings_find(f, "survival.hazard.ratio");
    cr_assert(m->has_ci);
    cr_assert_float_eq(m->ci[0], exp(log(h) - half), 1e-9);
    cr_assert_float_eq(m->ci[1], exp(log(h) + half), 1e-9);
    pv_findings_free(f);
}

/* Breslow: of two events at once each has all that are at risk. Real: 1 1 2;
 * synthetic: 1 2 3, all events: h (3 + 3 h)^-3 . h (1 + 2 h)^-2, and 3 alone. */
Test(hazard, ties)
{
    const double real[] = {1, 1, 1, 1, 2, 1}, other[] = {1, 1, 2, 1, 3, 1};
    pv_findings *f = compare(real, 3, other, 3);
    /* 2 / h = 3 / (1 + h) + 4 / (1 + 2 h): 6 h^2 + h - 2 = 0 */
    check(f, "survival.hazard.ratio", 0.5);
    pv_findings_free(f);
    f = compare(real, 3, real, 3);
    check(f, "survival.hazard.ratio", 1);
    pv_findings_free(f);
}

Test(hazard, none_that_is_finite)
{
    const double dead[] = {1, 1, 2, 1}, left[] = {7, 0, 8, 0};
    const double unknown[] = {NAN, 1, NAN, 0};
    const double *const pair[][2] = {{dead, left}, {left, dead}, {left, left}};
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++) {
        pv_findings *f = compare(pair[i][0], 2, pair[i][1], 2);
        check_skipped(f, "survival.hazard.ratio",
                      "no finite ratio: while both tables have people at risk, "
                      "events befall those of one alone, or nobody");
        pv_findings_free(f);
    }
    for (size_t n = 0; n < 3; n++) {
        pv_findings *f = compare(dead, 2, unknown, n);
        cr_assert_eq(pv_findings_find(f, "survival.area")->status,
                     PV_METRIC_SKIPPED);
        pv_findings_free(f);
    }
}
