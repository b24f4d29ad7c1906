#include <config.h>

#include "core/threads.h"
#include "tests/metrics_fixture.h"

#include <jansson.h>

static double series_at(const pv_findings *f, const char *name, size_t i,
                        size_t length)
{
    char *text;
    cr_assert_eq(pv_findings_json(f, &text, &err), PV_OK);
    json_t *root = json_loads(text, 0, NULL);
    const json_t *list = json_object_get(json_object_get(root, "series"), name);
    cr_assert_eq(json_array_size(list), length, "%s", name);
    const double value = json_number_value(json_array_get(list, i));
    json_decref(root);
    free(text);
    return value;
}

Test(pca, by_hand)
{
    pv_schema *schema = parse(INTEGER("x", 9) "," INTEGER("y", 9));
    /* on the diagonal, and across it */
    const double a[] = {1, 1, 2, 2, 3, 3}, b[] = {1, 3, 2, 2, 3, 1};
    pv_table *real = fill(schema, 3, a), *other = fill(schema, 3, b);
    pv_findings *f = probe(&pv_probe_pca, real, other);
    check(f, "pca.variance.max_diff", 1); /* all of the first, none of it */
    check(f, "pca.ks.1", 1.0 / 3);        /* -1, 0, 1 against 0, 0, 0 */
    cr_assert_null(pv_findings_find(f, "pca.ks.3"));
    cr_assert_float_eq(series_at(f, "pca.variance.real", 0, 2), 1, 1e-12);
    cr_assert_float_eq(series_at(f, "pca.variance.synthetic", 1, 2), 1, 1e-12);
    /* standardised by sqrt(2/3): -1 / sqrt(2/3) times sqrt(2) */
    double least = INFINITY;
    for (size_t i = 0; i < 3; i++)
        least = fmin(least, series_at(f, "pca.real.1", i, 3));
    cr_assert_float_eq(least, -sqrt(3), 1e-12);
    pv_findings_free(f);
    pv_table_free(real);
    pv_table_free(other);
    pv_schema_free(schema);
}

Test(pca, missing_is_the_mean_and_constants_are_left_out)
{
    pv_schema *schema = parse(NUMBER("x", 10) "," INTEGER("y", 9));
    const double a[] = {2, 5, 4, 5, NAN, 5, 6, 5}, b[] = {4, 1, NAN, 9};
    pv_table *real = fill(schema, 4, a), *other = fill(schema, 2, b);
    pv_findings *f = probe(&pv_probe_pca, real, other);
    check(f, "pca.ks.1", 0.25); /* -2, 0, 0, 2 against 0, 0 */
    cr_assert_null(pv_findings_find(f, "pca.ks.2"));
    pv_findings_free(f);
    pv_table_free(real);
    real = fill(schema, 2, (const double[]){1, 1, 1, 1});
    f = probe(&pv_probe_pca, real, other);
    check_skipped(f, "pca.ks.mean", "no column varies in the real table");
    pv_findings_free(f);
    pv_table_free(real);
    pv_table_free(other);
    pv_schema_free(schema);
}

#ifdef HAVE_OPENBLAS
extern int openblas_get_num_threads(void);
extern void openblas_set_num_threads(int threads);

/* Whatever the linear algebra library would do by itself, and it is left as found. */
Test(pca, no_figure_depends_on_threads)
{
    enum { rows = 400, columns = 64 };
    static double cell[rows * columns], score[2][rows];
    static char fields[8192];
    uint64_t seed = 5;
    for (int c = 0; c < columns; c++)
        (void)sprintf(fields + strlen(fields),
                      "%s{\"name\":\"c%d\",\"type\":\"integer\",\"constraints\":"
                      "{\"required\":true,\"minimum\":0,\"maximum\":99}}",
                      c > 0 ? "," : "", c);
    pv_schema *schema = parse(fields);
    for (size_t i = 0; i < rows * columns; i++)
        cell[i] = floor(100 * draw(&seed));
    pv_table *table = fill(schema, rows, cell);
    for (int t = 0; t < 2; t++) {
        openblas_set_num_threads(1 + t);
        const int before = openblas_get_num_threads();
        pv_threads_set(1 + t);
        pv_findings *f = probe(&pv_probe_pca, table, table);
        cr_assert_eq(pv_findings_series(f, "pca.real.1", score[t], rows), rows);
        cr_assert_eq(openblas_get_num_threads(), before);
        pv_findings_free(f);
    }
    cr_assert_arr_eq(score[0], score[1], sizeof score[0]);
    pv_table_free(table);
    pv_schema_free(schema);
}
#endif
