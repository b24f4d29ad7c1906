/* Principal components of the real table, and the synthetic rows seen in
 * them. Columns are standardised by the real table: numbers as they are
 * (missing at the mean), labels by their code, as SDNist has them. */
#include "audit/attack/people.h"
#include "audit/fidelity/numbers.h"
#include "audit/fidelity/write.h"
#include "core/memory.h"
#include "core/threads.h"
#include "io/rows.h"

#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_components = 5, most_points = 500, block_rows = 4096 };

typedef struct projecting {
    const pv_probe_input *input;
    size_t columns; /* those that vary in the real table */
    uint32_t *column;
    double *number[2]; /* of each such column, row by row, standardised */
    size_t rows[2];
    double *product; /* columns x columns: correlations of the real table */
    gsl_matrix *vector;
    gsl_vector *value; /* variances, falling */
    size_t components;
    double *score[2][most_components];
    double total; /* variance of the synthetic table, all columns */
} projecting;

static double *column_of(const projecting *p, size_t t, size_t i)
{
    return p->number[t] + i * p->rows[t];
}

/* --- columns -------------------------------------------------------------- */

static double mean_of(const double *number, size_t rows)
{
    double sum = 0;
    size_t n = 0;
    for (size_t first = 0; first < rows; first += block_rows) {
        double part = 0;
        for (size_t r = first; r < first + block_rows && r < rows; r++)
            if (!isnan(number[r])) {
                part += number[r];
                n++;
            }
        sum += part;
    }
    return sum / (double)n;
}

static double add_products(const double *a, const double *b, size_t rows)
{
    double sum = 0;
    for (size_t first = 0; first < rows; first += block_rows) {
        double part = 0;
        for (size_t r = first; r < first + block_rows && r < rows; r++)
            part += a[r] * b[r];
        sum += part;
    }
    return sum;
}

static bool varies(const double *number, size_t rows)
{
    double first = NAN;
    for (size_t r = 0; r < rows; r++) {
        if (isnan(first))
            first = number[r];
        if (number[r] < first || number[r] > first)
            return true;
    }
    return false;
}

/* Fills the next column's numbers; false when the real ones do not vary. */
static bool take_column(projecting *p, uint32_t column)
{
    double *real = column_of(p, 0, p->columns);
    double *other = column_of(p, 1, p->columns);
    pv_numbers_rows(p->input, 0, column, real);
    pv_numbers_rows(p->input, 1, column, other);
    if (!varies(real, p->rows[0]))
        return false;
    const double mean = mean_of(real, p->rows[0]);
    for (size_t r = 0; r < p->rows[0]; r++)
        real[r] = isnan(real[r]) ? 0 : real[r] - mean;
    const double sd =
        sqrt(add_products(real, real, p->rows[0]) / (double)p->rows[0]);
    for (size_t r = 0; r < p->rows[0]; r++)
        real[r] /= sd;
    for (size_t r = 0; r < p->rows[1]; r++)
        other[r] = isnan(other[r]) ? 0 : (other[r] - mean) / sd;
    return true;
}

static pv_status take_columns(projecting *p, pv_error *err)
{
    const size_t all = pv_schema_columns(p->input->schema);
    size_t size;
    p->column = pv_array_alloc(all, sizeof *p->column);
    for (size_t t = 0; t < 2; t++) {
        p->rows[t] = pv_table_rows(pv_either(p->input, t));
        p->number[t] = pv_size_mul(p->rows[t], all, &size)
                           ? pv_array_alloc(size, sizeof *p->number[t])
                           : NULL;
    }
    if (p->column == NULL || p->number[0] == NULL || p->number[1] == NULL)
        return pv_fail_memory(err, "principal components");
    for (uint32_t c = 0; c < all; c++)
        if (take_column(p, c))
            p->column[p->columns++] = c;
    return PV_OK;
}

/* --- components ----------------------------------------------------------- */

static void correlate(size_t i, void *context)
{
    const projecting *p = context;
    for (size_t j = i; j < p->columns; j++)
        p->product[i * p->columns + j] = p->product[j * p->columns + i] =
            add_products(column_of(p, 0, i), column_of(p, 0, j), p->rows[0]) /
            (double)p->rows[0];
}

/* A direction and its opposite are the same component: the largest weight (the
 * first of equals, up to rounding) is made positive. */
static void fix_sign(gsl_matrix *vector, size_t component)
{
    size_t largest = 0;
    for (size_t i = 1; i < vector->size1; i++)
        if (fabs(gsl_matrix_get(vector, i, component)) >
            fabs(gsl_matrix_get(vector, largest, component)) + 1e-9)
            largest = i;
    if (gsl_matrix_get(vector, largest, component) < 0)
        for (size_t i = 0; i < vector->size1; i++)
            gsl_matrix_set(vector, i, component,
                           -gsl_matrix_get(vector, i, component));
}

static pv_status find_components(projecting *p, pv_error *err)
{
    const size_t n = p->columns;
    pv_status status = PV_OK;
    gsl_eigen_symmv_workspace *work = gsl_eigen_symmv_alloc(n);
    p->product = pv_array_alloc(n * n, sizeof *p->product);
    p->vector = gsl_matrix_alloc(n, n);
    p->value = gsl_vector_alloc(n);
    if (work == NULL || p->product == NULL || p->vector == NULL ||
        p->value == NULL) {
        status = pv_fail_memory(err, "principal components");
        goto out;
    }
    pv_parallel_for(n, correlate, p);
    gsl_matrix_view view = gsl_matrix_view_array(p->product, n, n);
    const int threads = pv_serial_algebra_begin();
    const int failed =
        gsl_eigen_symmv(&view.matrix, p->value, p->vector, work);
    pv_serial_algebra_end(threads);
    if (failed != 0 ||
        gsl_eigen_symmv_sort(p->value, p->vector, GSL_EIGEN_SORT_VAL_DESC) !=
            0) {
        status = pv_fail(err, PV_ENUMERIC, "the eigenvalues of a table");
        goto out;
    }
    p->components = n < most_components ? n : most_components;
    for (size_t k = 0; k < p->components; k++)
        fix_sign(p->vector, k);
out:
    gsl_eigen_symmv_free(work);
    return status;
}

static void project(size_t item, void *context)
{
    const projecting *p = context;
    const size_t t = item / p->components, k = item % p->components;
    double *score = p->score[t][k];
    memset(score, 0, p->rows[t] * sizeof *score);
    for (size_t i = 0; i < p->columns; i++) {
        const double weight = gsl_matrix_get(p->vector, i, k);
        const double *number = column_of(p, t, i);
        for (size_t r = 0; r < p->rows[t]; r++)
            score[r] += weight * number[r];
    }
}

static pv_status project_all(projecting *p, pv_error *err)
{
    for (size_t t = 0; t < 2; t++)
        for (size_t k = 0; k < p->components; k++) {
            p->score[t][k] = pv_array_alloc(p->rows[t], sizeof *p->score[t][k]);
            if (p->score[t][k] == NULL)
                return pv_fail_memory(err, "principal components");
        }
    pv_parallel_for(2 * p->components, project, p);
    return PV_OK;
}

/* --- comparisons ---------------------------------------------------------- */

static double variance_of(const double *number, size_t rows)
{
    const double mean = mean_of(number, rows);
    return add_products(number, number, rows) / (double)rows - mean * mean;
}

static int rising(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Of two lists, which it sorts. */
static double smirnov(double *a, size_t n, double *b, size_t m)
{
    size_t i = 0, j = 0;
    double most = 0;
    qsort(a, n, sizeof *a, rising);
    qsort(b, m, sizeof *b, rising);
    while (i < n && j < m) {
        const double at = a[i] < b[j] ? a[i] : b[j];
        while (i < n && a[i] <= at)
            i++;
        while (j < m && b[j] <= at)
            j++;
        most = fmax(most, fabs((double)i * (double)m - (double)j * (double)n));
    }
    return most / ((double)n * (double)m);
}

typedef struct shares {
    double real[most_components], synthetic[most_components],
        ks[most_components];
    double max_diff;
} shares;

typedef struct comparing {
    const projecting *p;
    shares *s;
} comparing;

static void compare(size_t k, void *context)
{
    const comparing *c = context;
    const projecting *p = c->p;
    c->s->real[k] = gsl_vector_get(p->value, k) / (double)p->columns;
    c->s->synthetic[k] =
        p->total > 0 ? variance_of(p->score[1][k], p->rows[1]) / p->total : 0;
    c->s->ks[k] =
        smirnov(p->score[0][k], p->rows[0], p->score[1][k], p->rows[1]);
}

/* --- to findings ---------------------------------------------------------- */

/* A sample of the rows as points of a picture, before they are sorted. */
static pv_status write_points(const pv_writing *w, const projecting *p,
                              size_t t, pv_error *err)
{
    static const char *const name[] = {"pca.real", "pca.synthetic"};
    static const pv_key key = {{0}};
    pv_status status = PV_OK;
    pv_people people;
    uint32_t *drawn = NULL;
    double point[most_points];
    PV_TRY(pv_people_draw(&key, name[t], pv_either(p->input, t), most_points,
                          &people, &drawn, err));
    for (size_t k = 0; k < 2 && k < p->components; k++) {
        for (size_t i = 0; i < people.count; i++)
            point[i] = p->score[t][k][drawn[i]];
        PV_TRY(pv_write_series(w, name[t], k + 1, point, people.count, err));
    }
out:
    free(drawn);
    return status;
}

static pv_status write_all(const pv_writing *w, const projecting *p,
                           const shares *s, pv_error *err)
{
    pv_status status = PV_OK;
    double sum = 0;
    for (size_t k = 0; k < p->components; k++) {
        char name[32];
        snprintf(name, sizeof name, "ks.%zu", k + 1);
        PV_TRY(pv_write(w, "pca", name, s->ks[k], NULL, NULL, 0, err));
        sum += s->ks[k];
    }
    PV_TRY(pv_write(w, "pca.ks", "mean", sum / (double)p->components, NULL,
                    NULL, 0, err));
    PV_TRY(pv_write(w, "pca.variance", "max_diff", s->max_diff, NULL, NULL, 0,
                    err));
    PV_TRY(pv_write_series(w, "pca.variance.real", 0, s->real, p->components,
                           err));
    PV_TRY(pv_write_series(w, "pca.variance.synthetic", 0, s->synthetic,
                           p->components, err));
out:
    return status;
}

static pv_status write_none(const pv_writing *w, const char *reason,
                            pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(pv_write(w, "pca.ks", "mean", NAN, reason, NULL, 0, err));
    PV_TRY(pv_write(w, "pca.variance", "max_diff", NAN, reason, NULL, 0, err));
out:
    return status;
}

static void free_all(projecting *p)
{
    for (size_t t = 0; t < 2; t++) {
        free(p->number[t]);
        for (size_t k = 0; k < most_components; k++)
            free(p->score[t][k]);
    }
    free(p->column);
    free(p->product);
    if (p->vector != NULL)
        gsl_matrix_free(p->vector);
    if (p->value != NULL)
        gsl_vector_free(p->value);
}

static pv_status measure(const pv_writing *w, projecting *p, pv_error *err)
{
    pv_status status = PV_OK;
    shares s = {0};
    comparing c = {p, &s};
    PV_TRY(find_components(p, err));
    PV_TRY(project_all(p, err));
    for (size_t t = 0; t < 2; t++)
        PV_TRY(write_points(w, p, t, err));
    for (size_t i = 0; i < p->columns; i++)
        p->total += variance_of(column_of(p, 1, i), p->rows[1]);
    pv_parallel_for(p->components, compare, &c);
    for (size_t k = 0; k < p->components; k++)
        s.max_diff = fmax(s.max_diff, fabs(s.real[k] - s.synthetic[k]));
    PV_TRY(write_all(w, p, &s, err));
out:
    return status;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    projecting p = {.input = input};
    const pv_writing w = {input, findings};
    const char *none = pv_no_rows(input);
    if (none == NULL) {
        PV_TRY(take_columns(&p, err));
        if (p.columns == 0)
            none = "no column varies in the real table";
    }
    if (none != NULL)
        PV_TRY(write_none(&w, none, err));
    else
        PV_TRY(measure(&w, &p, err));
out:
    free_all(&p);
    return status;
}

const pv_probe pv_probe_pca = {.name = "pca",
                               .kind = "fidelity",
                               .summary = "principal components of the real "
                                          "table, and KS along each",
                               .yardstick = true,
                               .run = run};
