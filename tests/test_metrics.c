/* What holds for every fidelity metric: equal tables, the order of rows, the
 * number of threads, and tables that hardly are any. */
#include "core/threads.h"
#include "tests/metrics_fixture.h"

enum { columns = 6, most = 1500 };

static pv_schema *mixed(void)
{
    return parse(LABELS("g", REQUIRED) "," LABELS("l", "") "," INTEGER(
        "i", 9) "," NUMBER("x",
                           1000) "," LABELS("m",
                                            "") ","
                                                "{\"name\":\"w\",\"type\":"
                                                "\"integer\",\"constraints\":"
                                                "{\"minimum\":0,\"maximum\":50}"
                                                ",\"privet\":{\"bins\":5,"
                                                "\"role\":\"weight\"}}");
}

static void draw_cells(double *cell, size_t rows, uint64_t seed)
{
    for (size_t r = 0; r < rows; r++) {
        double *at = &cell[r * columns];
        const double common = draw(&seed);
        at[0] = floor(3 * common);
        at[1] = draw(&seed) < 0.1 ? NAN : floor(3 * draw(&seed));
        at[2] = floor(5 * common + 5 * draw(&seed));
        at[3] = draw(&seed) < 0.05 ? NAN : 1000 * common * draw(&seed);
        at[4] = draw(&seed) < 0.5 ? NAN : floor(2 * draw(&seed));
        at[5] = floor(51 * draw(&seed));
    }
}

static pv_findings *audit(const pv_table *real, const pv_table *other)
{
    pv_findings *findings = NULL;
    const pv_probe_input input = {.schema = pv_table_schema(real),
                                  .real = real,
                                  .synthetic = other,
                                  .group = "g"};
    cr_assert_eq(pv_findings_new("test", "fidelity", &findings, &err), PV_OK);
    cr_assert_eq(pv_probes_run("fidelity", &input, findings, &err), PV_OK, "%s",
                 err.message);
    return findings;
}

Test(metrics, equal_tables)
{
    static double cell[columns * most];
    static const char *const zero[] = {"ks.max",
                                       "wasserstein.x",
                                       "mean.diff.x",
                                       "sd.diff.i",
                                       "median.diff.w",
                                       "missing.max",
                                       "jsd.1way.max",
                                       "hellinger.1way.max",
                                       "pearson.max_abs_diff",
                                       "spearman.max_abs_diff",
                                       "kendall.max_abs_diff",
                                       "eta.max_abs_diff",
                                       "cramersv.max_abs_diff",
                                       "pca.ks.mean",
                                       "subgroup.worst",
                                       "subgroup.share.p",
                                       "specks",
                                       "pmse.tree"};
    static const char *const one[] = {"coverage.mean",
                                      "totals.weight.w",
                                      "nn.precision",
                                      "nn.recall",
                                      "nn.coverage",
                                      "exact_match.rows",
                                      "exact_match.unique.share"};
    pv_schema *schema = mixed();
    draw_cells(cell, most, 3);
    pv_table *table = fill(schema, most, cell);
    pv_findings *f = audit(table, table);
    for (size_t i = 0; i < sizeof zero / sizeof *zero; i++)
        cr_assert_eq(value_of(f, zero[i]), 0, "%s: %g", zero[i],
                     value_of(f, zero[i]));
    for (size_t i = 0; i < sizeof one / sizeof *one; i++)
        check(f, one[i], 1);
    check(f, "propensity.auc", 0.5);
    check(f, "pmse", 0);
    check(f, "pca.variance.max_diff", 0);
    pv_findings_free(f);
    pv_table_free(table);
    pv_schema_free(schema);
}

/* All but what depends on how rows are dealt into folds and samples. */
Test(metrics, the_order_of_rows_does_not_matter)
{
    static double cell[2][columns * most], turned[columns * most];
    pv_schema *schema = mixed();
    draw_cells(cell[0], most, 3);
    draw_cells(cell[1], most, 4);
    for (size_t r = 0; r < most; r++)
        memcpy(&turned[r * columns], &cell[1][(most - 1 - r) * columns],
               columns * sizeof *turned);
    pv_table *real = fill(schema, most, cell[0]);
    pv_table *other = fill(schema, most, cell[1]);
    pv_table *again = fill(schema, most, turned);
    pv_findings *f = audit(real, other), *g = audit(real, again);
    cr_assert_eq(pv_findings_count(f), pv_findings_count(g));
    for (size_t i = 0; i < pv_findings_count(f); i++) {
        const pv_metric *m = pv_findings_metric(f, i);
        const pv_metric *n = pv_findings_metric(g, i);
        cr_assert_str_eq(m->id, n->id);
        cr_assert_eq(m->status, n->status);
        if (m->status == PV_METRIC_OK && strcmp(m->id, "propensity.auc") != 0)
            cr_assert_float_eq(m->value, n->value, 1e-10, "%s: %.15g, %.15g",
                               m->id, m->value, n->value);
    }
    pv_findings_free(f);
    pv_findings_free(g);
    pv_table_free(real);
    pv_table_free(other);
    pv_table_free(again);
    pv_schema_free(schema);
}

Test(metrics, threads_change_no_byte)
{
    static double cell[2][columns * most];
    static const int threads[] = {1, 2, 5};
    char *text[3];
    pv_schema *schema = mixed();
    draw_cells(cell[0], most, 3);
    draw_cells(cell[1], most, 4);
    pv_table *real = fill(schema, most, cell[0]);
    pv_table *other = fill(schema, most - 300, cell[1]);
    for (size_t i = 0; i < 3; i++) {
        pv_threads_set(threads[i]);
        pv_findings *f = audit(real, other);
        cr_assert_eq(pv_findings_json(f, &text[i], &err), PV_OK);
        pv_findings_free(f);
    }
    cr_assert_str_eq(text[0], text[1]);
    cr_assert_str_eq(text[0], text[2]);
    for (size_t i = 0; i < 3; i++)
        free(text[i]);
    pv_table_free(real);
    pv_table_free(other);
    pv_schema_free(schema);
}

/* Every metric ends as ok or skipped with a reason, none as an error. */
static void check_ends(const pv_table *real, const pv_table *other,
                       const char *what)
{
    pv_findings *f = audit(real, other);
    char *text;
    for (size_t i = 0; i < pv_findings_count(f); i++) {
        const pv_metric *m = pv_findings_metric(f, i);
        cr_assert_neq(m->status, PV_METRIC_ERROR, "%s: %s: %s", what, m->id,
                      m->reason);
    }
    static const char *const there[] = {"ks.mean",
                                        "ks.max",
                                        "missing.max",
                                        "coverage.mean",
                                        "jsd.1way.mean",
                                        "hellinger.1way.max",
                                        "pearson.mean_abs_diff",
                                        "eta.max_abs_diff",
                                        "kendall.mean_abs_diff",
                                        "cramersv.mean_abs_diff",
                                        "pmse",
                                        "pmse.ratio",
                                        "propensity.auc",
                                        "specks",
                                        "pmse.tree",
                                        "pca.ks.mean",
                                        "nn.coverage",
                                        "exact_match.unique",
                                        "duplicates.synthetic",
                                        "subgroup.worst",
                                        "totals.weight.w"};
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        cr_assert_not_null(pv_findings_find(f, there[i]), "%s: no %s", what,
                           there[i]);
    cr_assert_eq(pv_findings_json(f, &text, &err), PV_OK);
    free(text);
    pv_findings_free(f);
}

Test(metrics, odd_tables_end_well)
{
    enum { rows = 40 };
    static double usual[columns * rows], constant[columns * rows],
        missing[columns * rows];
    pv_schema *schema = mixed();
    draw_cells(usual, rows, 5);
    for (size_t i = 0; i < columns * rows; i++) {
        const size_t c = i % columns;
        constant[i] = c == 3 ? 0.1 : 1;
        missing[i] = c == 0 || c == 2 ? 1 : NAN;
    }
    const struct {
        const char *name;
        pv_table *table;
    } odd[] = {{"usual", fill(schema, rows, usual)},
               {"other", fill(schema, rows / 2, usual + columns * rows / 2)},
               {"no rows", fill(schema, 0, usual)},
               {"one row", fill(schema, 1, usual)},
               {"two rows", fill(schema, 2, usual)},
               {"constant", fill(schema, rows, constant)},
               {"all missing", fill(schema, rows, missing)}};
    enum { tables = sizeof odd / sizeof *odd };
    for (size_t i = 0; i < tables; i++)
        for (size_t j = 0; j < tables; j++) {
            char what[64];
            snprintf(what, sizeof what, "%s, %s", odd[i].name, odd[j].name);
            check_ends(odd[i].table, odd[j].table, what);
        }
    for (size_t i = 0; i < tables; i++)
        pv_table_free(odd[i].table);
    pv_schema_free(schema);
}

Test(metrics, more_than_a_million_triples_are_skipped)
{
    enum { wide = 183 };
    char *text = malloc(32768);
    pv_schema *schema = NULL;
    cr_assert_not_null(text);
    strcpy(text, "{\"fields\":[");
    for (int c = 0; c < wide; c++)
        sprintf(text + strlen(text),
                "%s{\"name\":\"c%d\",\"type\":\"integer\",\"constraints\":"
                "{\"required\":true,\"minimum\":0,\"maximum\":1}}",
                c > 0 ? "," : "", c);
    strcat(text, "]}");
    cr_assert_eq(pv_schema_parse(text, strlen(text), "test", &schema, &err),
                 PV_OK);
    double cell[wide] = {0};
    pv_table *table = fill(schema, 1, cell);
    pv_findings *f = probe(&pv_probe_marginals, table, table);
    check(f, "tv.2way.max", 0);
    check_skipped(f, "error.3way.l1",
                  "more than a million marginals: choose fewer columns");
    pv_findings_free(f);
    pv_table_free(table);
    pv_schema_free(schema);
    free(text);
}
