#include "audit/fidelity/logistic.h"
#include "tests/metrics_fixture.h"

Test(propensity, shares_by_hand)
{
    pv_schema *schema = parse(LABELS("a", REQUIRED) "," LABELS("b", REQUIRED));
    /* b is a copy of a: aliased */
    const double a[] = {0, 0, 0, 0, 0, 0, 1, 1}, b[] = {0, 0, 1, 1, 1, 1, 1, 1};
    pv_table *real = fill(schema, 4, a), *other = fill(schema, 4, b);
    pv_findings *f = probe(&pv_probe_propensity, real, other);
    /* p from the other table with 1/4, q with 3/4 */
    check(f, "pmse", 1.0 / 16);
    check(f, "pmse.coefficients", 2);
    check(f, "pmse.null", 0.25 * 0.5 / 8);
    cr_assert_float_eq(value_of(f, "pmse.ratio"), 4, 1e-8);
    check(f, "specks", 0.5);
    /* 6 of 8 told rightly; 3 above 3, and ties of 1 x 3 and 3 x 1 */
    check(f, "po50", 25);
    check(f, "propensity.u", 3 * 3 + 0.5 * (3 * 1 + 1 * 3));
    pv_findings_free(f);
    f = probe(&pv_probe_tree, real, other);
    check(f, "pmse.tree", 1.0 / 16);
    pv_findings_free(f);
    pv_table_free(real);
    pv_table_free(other);
    pv_schema_free(schema);
}

Test(propensity, a_level_of_one_table_alone)
{
    pv_schema *schema = parse(LABELS("a", REQUIRED));
    pv_table *real = fill(schema, 4, (const double[]){0, 0, 0, 0});
    pv_table *other = fill(schema, 2, (const double[]){0, 1});
    pv_findings *f = probe(&pv_probe_propensity, real, other);
    const double p = 1.0 / 5 - 1.0 / 3, q = 2.0 / 3;
    cr_assert_float_eq(value_of(f, "pmse"), (5 * p * p + q * q) / 6, 1e-7);
    check(f, "pmse.null", 4.0 / 9 / 3 / 6);
    pv_findings_free(f);
    f = probe(&pv_probe_tree, real, other);
    check(f, "pmse.tree", (5 * p * p + q * q) / 6);
    pv_findings_free(f);
    pv_table_free(real);
    pv_table_free(other);
    pv_schema_free(schema);
}

/* Nothing to tell by: every row is at the share itself. */
Test(propensity, constant_columns_tell_nothing)
{
    pv_schema *schema = parse(LABELS("a", "") "," NUMBER("x", 100));
    const double cell[] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    pv_table *real = fill(schema, 4, cell), *other = fill(schema, 1, cell);
    pv_table *none = fill(schema, 0, cell);
    pv_findings *f = probe(&pv_probe_propensity, real, other);
    check(f, "po50", 0);
    check(f, "propensity.u", 2);
    check(f, "pmse", 0);
    check_skipped(f, "pmse.ratio", "no column varies");
    pv_findings_free(f);
    f = probe(&pv_probe_propensity, none, other);
    check_skipped(f, "po50", "the real table has no rows");
    check_skipped(f, "propensity.u", "the real table has no rows");
    pv_findings_free(f);
    pv_table_free(none);
    pv_table_free(real);
    pv_table_free(other);
    pv_schema_free(schema);
}

Test(propensity, separable_tables_end)
{
    enum { rows = 60 };
    pv_schema *schema = parse(NUMBER("x", 100) "," NUMBER("y", 100));
    double a[2 * rows], b[2 * rows];
    uint64_t seed = 1;
    for (size_t i = 0; i < 2 * rows; i++) {
        a[i] = 24 * draw(&seed);
        b[i] = 26 + 40 * draw(&seed);
    }
    pv_table *real = fill(schema, rows, a), *other = fill(schema, rows, b);
    pv_findings *f = probe(&pv_probe_propensity, real, other);
    cr_assert_float_eq(value_of(f, "pmse"), 0.25, 1e-6);
    cr_assert_null(pv_findings_find(f, "pmse")->reason);
    check(f, "specks", 1);
    check(f, "po50", 50);
    check(f, "propensity.u", rows * rows);
    check(f, "propensity.auc", 1);
    pv_findings_free(f);
    f = probe(&pv_probe_tree, real, other);
    check(f, "pmse.tree", 0.25);
    pv_findings_free(f);
    pv_table_free(real);
    pv_table_free(other);
    pv_schema_free(schema);
}

/* At a maximum the gradient is 0, whatever the effects. */
static void check_gradient(const pv_effects *d, const double *beta,
                           double ridge)
{
    double gradient[64] = {0}, value[64];
    uint16_t which[64];
    for (size_t r = 0; r < d->rows; r++) {
        const double p = 1 / (1 + exp(-pv_effects_score(d, beta, r)));
        const size_t n = pv_effects_row(d, r, which, value);
        for (size_t i = 0; i < n; i++)
            gradient[which[i]] += ((r >= d->real) - p) * value[i];
    }
    for (size_t i = 0; i < d->coefficients; i++)
        cr_assert_float_eq(gradient[i], i > 0 ? ridge * beta[i] : 0, 1e-6,
                           "coefficient %zu: %g", i, gradient[i]);
}

Test(propensity, fits_are_maxima)
{
    enum { rows = 300 };
    pv_schema *schema = parse(LABELS("a", "") "," NUMBER("x", 100) "," LABELS(
        "b", REQUIRED) "," INTEGER("y", 9));
    for (uint64_t seed = 1; seed < 5; seed++) {
        double cell[2][4 * rows], beta[64];
        uint64_t state = seed;
        for (size_t t = 0; t < 2; t++)
            for (size_t r = 0; r < rows; r++) {
                double *at = &cell[t][4 * r];
                at[0] = floor(4 * draw(&state));
                at[0] = at[0] > 2 ? NAN : at[0];
                at[1] = draw(&state) < 0.2
                            ? NAN
                            : (80 + 20 * (double)t) * draw(&state);
                at[2] = floor((2 + (double)t) * draw(&state));
                at[3] = floor(10 * sqrt(draw(&state)));
            }
        pv_table *real = fill(schema, rows, cell[0]);
        pv_table *other = fill(schema, rows / 2, cell[1]);
        const pv_probe_input input = {
            .schema = schema, .real = real, .synthetic = other};
        pv_effects d;
        cr_assert_eq(pv_effects_make(&input, &d, &err), PV_OK);
        /* intercept, x and y, x missing, 3 of a and 2 of b */
        cr_assert_eq(d.coefficients, 9);
        pv_logistic fit = {.ridge = 1, .tolerance = 1e-12, .beta = beta};
        cr_assert_eq(pv_logistic_fit(&d, &fit, &err), PV_OK);
        cr_assert(fit.ended);
        check_gradient(&d, beta, 1);
        fit = (pv_logistic){.tolerance = 1e-12, .beta = beta};
        cr_assert_eq(pv_logistic_fit(&d, &fit, &err), PV_OK);
        cr_assert(fit.ended);
        cr_assert_eq(fit.rank, 9);
        check_gradient(&d, beta, 0);
        pv_effects_clear(&d);
        pv_table_free(real);
        pv_table_free(other);
    }
    pv_schema_free(schema);
}

/* Parity: no single split gains anything, two together tell all. */
Test(tree, looks_below_a_split_that_gains_nothing)
{
    pv_schema *schema = parse(LABELS("a", REQUIRED) "," LABELS("b", REQUIRED));
    const double a[] = {0, 0, 1, 1}, b[] = {0, 1, 1, 0};
    pv_table *real = fill(schema, 2, a), *other = fill(schema, 2, b);
    pv_findings *f = probe(&pv_probe_tree, real, other);
    check(f, "pmse.tree", 0.25);
    pv_findings_free(f);
    pv_table_free(real);
    pv_table_free(other);
    pv_schema_free(schema);
}

/* 2^7 cells that alternate by one column of many levels: depth 6 has 64 leaves
 * and so no more than two cells each. */
Test(tree, has_a_depth_of_six)
{
    pv_schema *schema = parse(INTEGER("x", 127));
    double a[64], b[64];
    for (size_t i = 0; i < 64; i++) {
        a[i] = 2 * (double)i;
        b[i] = 2 * (double)i + 1;
    }
    pv_table *real = fill(schema, 64, a), *other = fill(schema, 64, b);
    pv_findings *f = probe(&pv_probe_tree, real, other);
    const double pmse = value_of(f, "pmse.tree");
    cr_assert(pmse > 0 && pmse < 0.25, "%g", pmse);
    pv_findings_free(f);
    pv_table_free(real);
    pv_table_free(other);
    pv_schema_free(schema);
}

Test(propensity, too_many_coefficients_are_skipped)
{
    char *field = malloc(40000);
    cr_assert_not_null(field);
    strcpy(field, "{\"fields\":[{\"name\":\"a\",\"type\":\"string\","
                  "\"categories\":[");
    for (int i = 0; i < 1200; i++)
        sprintf(field + strlen(field), "%s\"%d\"", i > 0 ? "," : "", i);
    strcat(field, "]}]}");
    pv_schema *schema = NULL;
    cr_assert_eq(pv_schema_parse(field, strlen(field), "test", &schema, &err),
                 PV_OK);
    double cell[1200];
    for (int i = 0; i < 1200; i++)
        cell[i] = i;
    pv_table *table = fill(schema, 1200, cell);
    pv_findings *f = probe(&pv_probe_propensity, table, table);
    check_skipped(f, "pmse.ratio",
                  "the labels have too many levels for a regression: more than "
                  "1000 coefficients");
    pv_findings_free(f);
    pv_table_free(table);
    pv_schema_free(schema);
    free(field);
}
