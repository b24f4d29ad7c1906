#include "tests/metrics_fixture.h"

enum { k = 5 };

/* Gower's distance of rows of an integer 0..64 and a label, times 64: whole. */
static double gower(const double *a, const double *b)
{
    return fabs(a[0] - b[0]) + (a[1] == b[1] ? 0 : 64);
}

static double radius(const double *cell, size_t rows, size_t of)
{
    double least[k + 1];
    for (size_t i = 0; i <= k; i++)
        least[i] = INFINITY;
    for (size_t j = 0; j < rows; j++) {
        double d = gower(&cell[2 * of], &cell[2 * j]);
        for (size_t i = 0; i <= k && j != of; i++)
            if (d < least[i]) {
                const double swap = least[i];
                least[i] = d;
                d = swap;
            }
    }
    return least[k - 1];
}

Test(neighbours, by_definition)
{
    pv_schema *schema = parse(INTEGER("x", 64) "," LABELS("l", REQUIRED));
    uint64_t seed = 1;
    for (size_t n = 6; n < 40; n += 11) {
        enum { m = 23 };
        double a[80], b[2 * m], precise = 0, recalled = 0, dense = 0,
                                covered = 0;
        for (size_t i = 0; i < 2 * n; i++)
            a[i] = floor((i % 2 ? 3 : 65) * draw(&seed));
        for (size_t i = 0; i < 2 * m; i++)
            b[i] = floor((i % 2 ? 2 : 40) * draw(&seed));
        for (size_t j = 0; j < m; j++) {
            double balls = 0;
            for (size_t i = 0; i < n; i++)
                balls += gower(&a[2 * i], &b[2 * j]) <= radius(a, n, i);
            precise += balls > 0;
            dense += balls;
        }
        for (size_t i = 0; i < n; i++) {
            bool in = false, has = false;
            for (size_t j = 0; j < m; j++) {
                const double d = gower(&a[2 * i], &b[2 * j]);
                in = in || d <= radius(b, m, j);
                has = has || d <= radius(a, n, i);
            }
            recalled += in;
            covered += has;
        }
        pv_table *real = fill(schema, n, a), *other = fill(schema, m, b);
        pv_findings *f = probe(&pv_probe_neighbours, real, other);
        check(f, "nn.precision", precise / m);
        check(f, "nn.recall", recalled / (double)n);
        check(f, "nn.density", dense / (k * m));
        check(f, "nn.coverage", covered / (double)n);
        cr_assert_null(pv_findings_find(f, "nn.coverage")->reason);
        pv_findings_free(f);
        pv_table_free(real);
        pv_table_free(other);
    }
    pv_schema_free(schema);
}

Test(neighbours, a_sample_is_said)
{
    enum { rows = 2500 };
    static double cell[2 * rows];
    pv_schema *schema = parse(INTEGER("x", 64) "," LABELS("l", REQUIRED));
    uint64_t seed = 1;
    for (size_t i = 0; i < 2 * rows; i++)
        cell[i] = floor((i % 2 ? 3 : 65) * draw(&seed));
    pv_table *table = fill(schema, rows, cell);
    pv_findings *f = probe(&pv_probe_neighbours, table, table);
    check(f, "nn.coverage", 1);
    cr_assert_str_eq(pv_findings_find(f, "nn.recall")->reason,
                     "a seeded sample of at most 2000 rows");
    pv_findings_free(f);
    pv_table *few = fill(schema, 5, cell);
    f = probe(&pv_probe_neighbours, few, table);
    check_skipped(f, "nn.density",
                  "a table has too few rows to have neighbours");
    pv_findings_free(f);
    pv_table_free(few);
    pv_table_free(table);
    pv_schema_free(schema);
}
