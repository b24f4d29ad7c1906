/* Declared uses: formulas, regressions, curves, trees, on tables small enough to
 * be worked out by hand. */
#include "audit/probe.h"
#include "audit/utility/linear.h"
#include "audit/utility/tree.h"
#include "audit/utility/uses.h"
#include "dp_fixture.h"

#include <gsl/gsl_errno.h>
#include <stdint.h>

static const char text[] =
    "{\"fields\": ["
    "{\"name\": \"y\", \"type\": \"integer\", \"constraints\":"
    " {\"minimum\": 0, \"maximum\": 50}},"
    "{\"name\": \"a b\", \"type\": \"integer\", \"constraints\":"
    " {\"minimum\": 0, \"maximum\": 9, \"required\": true}},"
    "{\"name\": \"g+\", \"type\": \"string\", \"categories\": [\"p\",\"q\",\"r\"],"
    " \"constraints\": {\"required\": true}},"
    "{\"name\": \"dead\", \"type\": \"string\", \"categories\": [\"no\",\"yes\"],"
    " \"constraints\": {\"required\": true}}]}";

enum { y_column, number_column, label_column, dead_column, all_columns };

static pv_error err;
static pv_schema *schema;
static pv_table *table;
static pv_uses uses;

static void set_up(void)
{
    (void)gsl_set_error_handler_off();
    cr_assert_eq(pv_schema_parse(text, strlen(text), "s", &schema, &err), PV_OK,
                 "%s", err.message);
}

static void tear_down(void)
{
    pv_uses_clear(&uses);
    pv_table_free(table);
    pv_schema_free(schema);
}

TestSuite(utility, .init = set_up, .fini = tear_down);

static void must(pv_status status)
{
    cr_assert_eq(status, PV_OK, "%s", err.message);
}

static pv_table *make(size_t rows, const uint32_t (*row)[all_columns])
{
    pv_table *t = NULL;
    must(pv_table_alloc(schema, rows, false, &t, &err));
    for (size_t i = 0; i < rows; i++)
        for (size_t c = 0; c < all_columns; c++)
            pv_table_put(t, c, i, 1, &row[i][c]);
    return t;
}

Test(utility, formulas)
{
    static const char *const wrong[] = {
        "", "y", "y ~", "~ y", "y ~ none", "none ~ y", "y + dead", "y ~ y",
        "y ~ dead + dead", "\"g+\" ~ y", "y ~ dead ~ y", "y ~ \"g+", "y ~ + dead"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_expect_eq(pv_uses_add_model(&uses, schema, wrong[i], &err),
                     PV_EUSAGE, "%s", wrong[i]);
    must(pv_uses_add_model(&uses, schema, " y~a b +  \"g+\" ", &err));
    must(pv_uses_add_model(&uses, schema, "dead ~ y", &err));
    cr_expect_eq(uses.models, 2);
    cr_expect_eq(uses.model[0].response, y_column);
    cr_expect_eq(uses.model[0].columns, 2);
    cr_expect_eq(uses.model[0].column[0], number_column);
    cr_expect_eq(uses.model[0].column[1], label_column);
    cr_expect_eq(pv_uses_set_survival(&uses, schema, "y,dead", &err), PV_EUSAGE);
    cr_expect_eq(pv_uses_set_survival(&uses, schema, "y,dead=x", &err),
                 PV_EUSAGE);
    cr_expect_eq(pv_uses_set_survival(&uses, schema, "g+,dead=no", &err),
                 PV_EUSAGE);
    must(pv_uses_set_survival(&uses, schema, "y,dead=yes", &err));
    cr_expect_eq(uses.event_code, 1);
    cr_expect_eq(pv_uses_set_target(&uses, schema, "none", &err), PV_EUSAGE);
}

/* y = 2 + 3 x + noise on five points; textbook formulas. A row without y is left
 * out, and a term that repeats another is aliased. */
Test(utility, least_squares_by_hand)
{
    static const uint32_t row[][all_columns] = {
        {5, 1, 0, 0}, {9, 2, 0, 0}, {10, 3, 0, 0}, {14, 4, 0, 0},
        {18, 5, 0, 0}, {51, 9, 0, 0}};
    const double x[] = {1, 2, 3, 4, 5}, y[] = {5, 9, 10, 14, 18};
    double sx = 0, sy = 0, sxx = 0, sxy = 0, rss = 0;
    for (int i = 0; i < 5; i++) {
        sx += x[i];
        sy += y[i];
    }
    for (int i = 0; i < 5; i++) {
        sxx += (x[i] - sx / 5) * (x[i] - sx / 5);
        sxy += (x[i] - sx / 5) * (y[i] - sy / 5);
    }
    const double slope = sxy / sxx, cut = sy / 5 - slope * sx / 5;
    for (int i = 0; i < 5; i++)
        rss += (y[i] - cut - slope * x[i]) * (y[i] - cut - slope * x[i]);
    table = make(6, row);
    pv_design design;
    pv_linear fit;
    const uint32_t column[] = {number_column, label_column};
    const double response[] = {5, 9, 10, 14, 18, NAN};
    must(pv_design_make(schema, column, 2, false, &design, &err));
    cr_assert_eq(design.terms, 4);
    must(pv_linear_fit(&design, table, NULL, 6, response, false, 0, &fit,
                       &err));
    cr_expect_eq(fit.rows, 5);
    cr_expect_eq(fit.rank, 2);
    cr_expect(fit.aliased[2] && fit.aliased[3]);
    cr_expect(near(fit.coefficient[1], slope, 1e-12));
    cr_expect(near(fit.coefficient[0], cut, 1e-10));
    cr_expect(near(fit.error[1], sqrt(rss / 3 / sxx), 1e-10));
    cr_expect(near(fit.error[0],
                   sqrt(rss / 3 * (1.0 / 5 + sx * sx / 25 / sxx)), 1e-10));
    pv_linear_clear(&fit);
    pv_design_clear(&design);
}

/* One predictor of two levels: the coefficient is the log odds ratio, its variance
 * the sum of the reciprocal counts. */
Test(utility, logistic_by_hand)
{
    enum { a = 30, b = 10, c = 15, d = 25, rows = a + b + c + d };
    static uint32_t row[rows][all_columns];
    static double y[rows];
    for (size_t i = 0; i < rows; i++) {
        row[i][label_column] = i < a + b ? 0 : 1;
        y[i] = i < a ? 0 : i < a + b ? 1 : i < a + b + c ? 0 : 1;
    }
    table = make(rows, (const uint32_t(*)[all_columns])row);
    pv_design design;
    pv_linear fit;
    const uint32_t column[] = {label_column};
    must(pv_design_make(schema, column, 1, false, &design, &err));
    must(pv_linear_fit(&design, table, NULL, rows, y, true, 0, &fit, &err));
    cr_expect(fit.converged && !fit.separated);
    cr_expect(fit.aliased[2], "a level that nobody has");
    cr_expect(near(fit.coefficient[0], log((double)b / a), 1e-9));
    cr_expect(near(fit.coefficient[1], log((double)d * a / (c * b)), 1e-9));
    cr_expect(near(fit.error[1],
                   sqrt(1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d), 1e-7));
    pv_linear_clear(&fit);
    for (size_t i = 0; i < rows; i++)
        y[i] = row[i][label_column];
    must(pv_linear_fit(&design, table, NULL, rows, y, true, 0, &fit, &err));
    cr_expect(fit.separated);
    pv_linear_clear(&fit);
    must(pv_linear_fit(&design, table, NULL, rows, y, true, 1, &fit, &err));
    cr_expect(!fit.separated && isfinite(fit.coefficient[1]));
    pv_linear_clear(&fit);
    cr_expect_eq(pv_linear_fit(&design, table, NULL, 0, y, true, 0, &fit, &err),
                 PV_EINVAL);
    pv_design_clear(&design);
}

/* The mean of each cell of two columns is found by two splits, in whatever order
 * the labels' means are. */
Test(utility, tree_finds_cells)
{
    enum { rows = 120 };
    static uint32_t row[rows][all_columns];
    static double y[rows];
    uint32_t all[rows];
    const double of_label[] = {5, -1, 2};
    for (uint32_t i = 0; i < rows; i++) {
        row[i][number_column] = i / 3 % 2 ? 7 : 3;
        row[i][label_column] = i % 3;
        y[i] = of_label[i % 3] + (i / 3 % 2 ? 10 : 0);
        all[i] = i;
    }
    y[4] = NAN;
    table = make(rows, (const uint32_t(*)[all_columns])row);
    pv_tree *tree = NULL;
    const uint32_t column[] = {number_column, label_column};
    must(pv_tree_grow(table, column, 2, all, rows, y, 3, 5, &tree, &err));
    for (size_t i = 0; i < rows; i++)
        if (i != 4)
            cr_expect(near(pv_tree_predict(tree, table, i), y[i], 1e-12));
    pv_tree_free(tree);
    must(pv_tree_grow(table, column, 2, all, rows, y, 3, 61, &tree, &err));
    cr_expect(near(pv_tree_predict(tree, table, 0),
                   pv_tree_predict(tree, table, 1), 1e-12), "no leaf is allowed");
    pv_tree_free(tree);
    cr_expect_eq(pv_tree_grow(table, column, 2, all + 4, 1, y, 3, 1, &tree,
                              &err),
                 PV_EINVAL);
}

/* --- probes --------------------------------------------------------------- */

static pv_findings *findings;

static void probe(const pv_probe *which, const pv_table *synthetic,
                  const pv_table *holdout)
{
    const pv_probe_input input = {.schema = schema, .real = table,
                                  .synthetic = synthetic, .holdout = holdout,
                                  .uses = &uses};
    pv_findings_free(findings);
    must(pv_findings_new("privet-audit", "fidelity", &findings, &err));
    must(which->run(&input, findings, &err));
}

static double value(const char *id)
{
    const pv_metric *m = pv_findings_find(findings, id);
    cr_assert_not_null(m, "no %s", id);
    cr_assert_eq(m->status, PV_METRIC_OK, "%s: %s", id, m->reason);
    return m->value;
}

static const char *skipped(const char *id)
{
    const pv_metric *m = pv_findings_find(findings, id);
    cr_assert_not_null(m, "no %s", id);
    cr_assert_eq(m->status, PV_METRIC_SKIPPED, "%s", id);
    return m->reason;
}

/* Kaplan and Meier's own kind of example: deaths at 2, 4, 4, 7; censored at 3 and
 * 9. Against all dying at 6. */
Test(utility, survival_by_hand)
{
    static const uint32_t real[][all_columns] = {
        {2, 0, 0, 1}, {3, 0, 0, 0}, {4, 0, 0, 1},
        {4, 0, 0, 1}, {7, 0, 0, 1}, {9, 0, 0, 0}, {51, 0, 0, 1}};
    static const uint32_t other[][all_columns] = {{6, 0, 0, 1}, {6, 0, 0, 1}};
    table = make(7, real);
    pv_table *synthetic = make(2, other);
    must(pv_uses_set_survival(&uses, schema, "y,dead=yes", &err));
    probe(&pv_probe_survival, synthetic, NULL);
    /* 5/6 from 2, 5/12 from 4, 5/24 from 7; the other 1 to 6, then 0 */
    const double area = 2 * (1.0 / 6) + 2 * (7.0 / 12);
    cr_expect(near(value("survival.area"), area / 6, 1e-12));
    cr_expect(near(value("survival.optimism"), area / 6, 1e-12));
    cr_expect(near(value("survival.max"), 7.0 / 12, 1e-12), "%g",
              value("survival.max"));
    cr_expect(near(value("survival.rmst.diff"), area, 1e-12));
    cr_expect(near(value("survival.median.diff"), 2, 1e-12));
    cr_expect(near(value("survival.horizon.ratio"), 6.0 / 9, 1e-12));
    /* observed - expected of the real: 1 - 6/8, 2 - 2 * 4/6, 0 - 2 * 2/4, 0 */
    const double apart = (1 - 6.0 / 8) + (2 - 8.0 / 6) + (0 - 1.0) + 0;
    const double variance = 6.0 / 8 * 2 / 8 + 2 * 4.0 / 6 * 2 / 6 * 4 / 5 +
                            2 * 0.5 * 0.5 * 2 / 3;
    cr_expect(near(value("survival.logrank.chi2"), apart * apart / variance,
                   1e-10));
    probe(&pv_probe_survival, table, NULL);
    cr_expect_eq(value("survival.area"), 0);
    cr_expect_eq(value("survival.logrank.chi2"), 0);
    pv_table_free(synthetic);
}

static void fill_random(uint32_t (*row)[all_columns], size_t rows,
                        uint64_t seed)
{
    for (size_t i = 0; i < rows; i++) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        const uint32_t x = (uint32_t)(seed >> 33);
        row[i][number_column] = x % 10;
        row[i][label_column] = x / 10 % 3;
        row[i][dead_column] = (x % 10 >= 5) != (x / 30 % 8 == 0);
        row[i][y_column] = x % 50 == 0 ? 51 : 3 * (x % 10) + x / 30 % 5;
    }
}

Test(utility, the_same_table_is_as_useful)
{
    enum { rows = 600 };
    static uint32_t real[rows][all_columns], held[rows][all_columns];
    fill_random(real, rows, 1);
    fill_random(held, rows, 2);
    table = make(rows, (const uint32_t(*)[all_columns])real);
    pv_table *holdout = make(rows, (const uint32_t(*)[all_columns])held);
    must(pv_uses_set_target(&uses, schema, "dead", &err));
    must(pv_uses_add_model(&uses, schema, "y ~ a b + dead", &err));
    probe(&pv_probe_transfer, table, holdout);
    cr_expect_gt(value("trtr.tree.score"), 0.8);
    cr_expect(fabs(value("tstr.linear.gap")) < 1e-6, "%g",
              value("tstr.linear.gap"));
    cr_expect_gt(value("tstr.linear.score"), 0.8);
    probe(&pv_probe_transfer, table, NULL);
    cr_expect(strstr(pv_findings_find(findings, "tstr.tree.gap")->reason,
                     "saw") != NULL);
    probe(&pv_probe_regression, table, NULL);
    cr_expect(near(value("regression.1.overlap.mean"), 1, 1e-12));
    cr_expect_eq(value("regression.1.covered.share"), 1);
    pv_uses_clear(&uses);
    must(pv_uses_set_target(&uses, schema, "y", &err));
    probe(&pv_probe_transfer, table, holdout);
    cr_expect_gt(value("trtr.linear.score"), 0.9);
    pv_table_free(holdout);
}

Test(utility, what_cannot_be_done_says_why)
{
    static const uint32_t real[][all_columns] = {
        {1, 1, 0, 0}, {2, 2, 1, 1}, {3, 3, 2, 1}, {4, 4, 0, 0}};
    table = make(4, real);
    pv_table *empty = make(0, real);
    probe(&pv_probe_regression, empty, NULL);
    (void)skipped("regression.1.overlap.mean");
    probe(&pv_probe_transfer, empty, NULL);
    (void)skipped("tstr.linear.score");
    probe(&pv_probe_survival, empty, NULL);
    (void)skipped("survival.area");
    must(pv_uses_add_model(&uses, schema, "y ~ a b", &err));
    must(pv_uses_add_model(&uses, schema, "dead ~ \"g+\"", &err));
    must(pv_uses_set_target(&uses, schema, "dead", &err));
    must(pv_uses_set_survival(&uses, schema, "y,dead=yes", &err));
    probe(&pv_probe_regression, empty, NULL);
    cr_expect(strstr(skipped("regression.1.overlap.mean"), "no row") != NULL);
    cr_expect(strstr(skipped("regression.2.overlap.mean"), "infinite") != NULL);
    probe(&pv_probe_transfer, empty, NULL);
    cr_expect(strstr(skipped("tstr.linear.score"), "too few") != NULL);
    probe(&pv_probe_survival, empty, NULL);
    cr_expect(strstr(skipped("survival.area"), "no time") != NULL);
    pv_table_free(empty);
}
