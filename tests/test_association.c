#include "audit/fidelity/association.h"
#include "tests/metrics_fixture.h"

/* Of the rows that have both numbers, by the definitions. */
typedef struct pairs {
    size_t n;
    double x[200], y[200];
} pairs;

static double pearson(const double *x, const double *y, size_t n)
{
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        mx += x[i] / (double)n;
        my += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xy / sqrt(xx * yy);
}

static void rank(const double *x, size_t n, double *ranks)
{
    for (size_t i = 0; i < n; i++) {
        ranks[i] = 0.5;
        for (size_t j = 0; j < n; j++)
            ranks[i] += x[j] < x[i] ? 1 : x[j] == x[i] ? 0.5 : 0;
    }
}

static double kendall(const pairs *p)
{
    double balance = 0, in_x = 0, in_y = 0;
    for (size_t i = 0; i < p->n; i++)
        for (size_t j = 0; j < i; j++) {
            const double dx = p->x[i] - p->x[j], dy = p->y[i] - p->y[j];
            balance += (dx * dy > 0) - (dx * dy < 0);
            in_x += dx != 0;
            in_y += dy != 0;
        }
    return balance / sqrt(in_x * in_y);
}

static void check_close(double value, double expected, const char *what)
{
    cr_assert_float_eq(value, expected, 1e-10, "%s: %.15g, not %.15g", what,
                       value, expected);
}

/* Few places go by their table, many by rows. */
static void check_pair(const char *fields, double scale, uint64_t seed)
{
    enum { rows = 200 };
    pv_schema *schema = parse(fields);
    double cell[2 * rows], rx[rows], ry[rows];
    pairs p = {0};
    for (size_t r = 0; r < rows; r++) {
        double *at = &cell[2 * r];
        at[0] = scale * draw(&seed);
        at[1] = (at[0] + 2 * scale * draw(&seed)) / 3;
        if (scale < 100) {
            at[0] = floor(at[0]);
            at[1] = floor(at[1]);
        }
        for (size_t i = 0; i < 2; i++)
            if (pv_schema_column(schema, i)->missing && draw(&seed) < 0.1)
                at[i] = NAN;
        if (!isnan(at[0]) && !isnan(at[1])) {
            p.x[p.n] = at[0];
            p.y[p.n++] = at[1];
        }
    }
    pv_table *table = fill(schema, rows, cell);
    const pv_probe_input input = {
        .schema = schema, .real = table, .synthetic = table};
    pv_numbers numbers[2];
    pv_rank_association matrix[4];
    for (size_t c = 0; c < 2; c++)
        cr_assert_eq(pv_numbers_make(&input, c, &numbers[c], &err), PV_OK);
    cr_assert_eq(pv_associate_numbers(numbers, 2, 1, rows, matrix, &err),
                 PV_OK);
    check_close(matrix[1].pearson, pearson(p.x, p.y, p.n), "Pearson");
    rank(p.x, p.n, rx);
    rank(p.y, p.n, ry);
    check_close(matrix[1].spearman, pearson(rx, ry, p.n), "Spearman");
    check_close(matrix[1].kendall, kendall(&p), "Kendall");
    for (size_t c = 0; c < 2; c++)
        pv_numbers_clear(&numbers[c]);
    pv_table_free(table);
    pv_schema_free(schema);
}

Test(association, numbers_by_definition)
{
    for (uint64_t seed = 1; seed < 6; seed++) {
        check_pair(INTEGER("x", 9) "," INTEGER("y", 9), 9, seed);
        check_pair(NUMBER("x", 1000) "," NUMBER("y", 1000), 1000, seed);
        check_pair(INTEGER("x", 9) "," NUMBER("y", 1000), 9, seed);
        check_pair(NUMBER("x", 60) "," NUMBER("y", 60), 60, seed);
    }
}

Test(association, labels_by_hand)
{
    pv_schema *schema =
        parse(LABELS("a", REQUIRED) "," LABELS("b", "") "," INTEGER("x", 9));
    /* a x b: p with p twice, q with q once, q with missing once */
    const double cell[] = {0, 0, 0, 0, 0, 3, 1, 1, 5, 1, NAN, 9};
    pv_table *table = fill(schema, 4, cell);
    double matrix[9];
    cr_assert_eq(pv_associate_codes(table, matrix, &err), PV_OK);
    check_close(matrix[1], 1, "V of a function"); /* a follows from b */
    /* a x x: each of x alone: 4 (2 * 1/2 + 2 * 1/2 - 1) / (4 * 1) = 1 */
    check_close(matrix[2], 1, "V of a key");
    const pv_probe_input input = {
        .schema = schema, .real = table, .synthetic = table};
    pv_numbers numbers[3] = {0};
    cr_assert_eq(pv_numbers_make(&input, 2, &numbers[2], &err), PV_OK);
    cr_assert_eq(pv_associate_mixed(table, numbers, 0, matrix, &err), PV_OK);
    /* about 4.25, squares 42.75 in all; means by a 1.5 and 7: 4 * 2.75^2; by b
     * 1.5, 5 and 9: 2 * 2.75^2 + 0.75^2 + 4.75^2 */
    check_close(matrix[2], sqrt(30.25 / 42.75), "eta of a");
    check_close(matrix[5], sqrt(38.25 / 42.75), "eta of b");
    cr_assert(isnan(matrix[1]));
    pv_numbers_clear(&numbers[2]);
    pv_table_free(table);
    pv_schema_free(schema);
}

/* Chi-squared cell by cell, also with far more cells than rows. */
static void check_codes(const char *fields, uint64_t seed)
{
    enum { rows = 90 };
    pv_schema *schema = parse(fields);
    double cell[2 * rows], square = 0, matrix[4];
    for (size_t r = 0; r < rows; r++) {
        cell[2 * r] = floor(9 * draw(&seed));
        cell[2 * r + 1] = floor((cell[2 * r] + 6 * draw(&seed)) / 2);
    }
    pv_table *table = fill(schema, rows, cell);
    for (double x = 0; x < 9; x++)
        for (double y = 0; y < 9; y++) {
            double n = 0, of_x = 0, of_y = 0;
            for (size_t r = 0; r < rows; r++) {
                of_x += cell[2 * r] == x;
                of_y += cell[2 * r + 1] == y;
                n += cell[2 * r] == x && cell[2 * r + 1] == y;
            }
            const double expected = of_x * of_y / rows;
            if (expected > 0)
                square += (n - expected) * (n - expected) / expected;
        }
    double levels[2] = {0, 0};
    for (size_t c = 0; c < 2; c++)
        for (double x = 0; x < 9; x++) {
            bool seen = false;
            for (size_t r = 0; r < rows; r++)
                seen = seen || cell[2 * r + c] == x;
            levels[c] += seen;
        }
    cr_assert_eq(pv_associate_codes(table, matrix, &err), PV_OK);
    check_close(matrix[1],
                sqrt(square / rows / (fmin(levels[0], levels[1]) - 1)),
                "Cramer's V");
    pv_table_free(table);
    pv_schema_free(schema);
}

Test(association, codes_by_definition)
{
    for (uint64_t seed = 1; seed < 6; seed++) {
        check_codes(INTEGER("x", 9) "," INTEGER("y", 8), seed);
        check_codes(INTEGER("x", 65000) "," INTEGER("y", 65000), seed);
    }
}

Test(association, differences_and_what_is_left_out)
{
    pv_schema *schema =
        parse(INTEGER("x", 9) "," INTEGER("y", 9) "," INTEGER("z", 9));
    const double a[] = {1, 1, 4, 2, 2, 4, 3, 3, 4};
    const double b[] = {1, 3, 1, 2, 2, 2, 3, 1, 3};
    pv_table *real = fill(schema, 3, a), *other = fill(schema, 3, b);
    pv_findings *f = probe(&pv_probe_correlation, real, other);
    check(f, "pearson.mean_abs_diff", 2); /* from 1 to -1; z is constant */
    check(f, "pearson.max_abs_diff", 2);
    check(f, "spearman.worst.1", 2);
    check(f, "kendall.mean_abs_diff", 2);
    check(f, "kendall.skipped", 2);
    const pv_metric *m = pv_findings_find(f, "kendall.skipped");
    cr_assert_str_eq(m->scope.column[0], "x");
    cr_assert_str_eq(m->scope.column[1], "z");
    cr_assert_not_null(m->reason);
    cr_assert_null(pv_findings_find(f, "pearson.worst.2"));
    check_skipped(f, "eta.mean_abs_diff",
                  "the schema has no labels beside numbers");
    pv_findings_free(f);
    f = probe(&pv_probe_cramersv, real, other);
    check(f, "cramersv.mean_abs_diff", 0); /* 1 in both: keys */
    check(f, "cramersv.skipped", 2);
    pv_findings_free(f);
    pv_table_free(real);
    pv_table_free(other);
    pv_schema_free(schema);
}
