/* How much the associations of pairs of columns differ: Pearson, Spearman and
 * Kendall of numbers, correlation ratio of labels and numbers, Cramer's V. */
#include "audit/fidelity/association.h"
#include "audit/fidelity/write.h"
#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { worst_kept = 10, most_series_columns = 256 };

/* The two tables' matrices of one measure, and which pairs it is about. */
typedef struct measure {
    const char *prefix;
    const char *too_few; /* the reason when there is no such pair */
    double *matrix[2];
    bool (*applies)(const pv_column *a, const pv_column *b);
} measure;

static bool both_numbers(const pv_column *a, const pv_column *b)
{
    return pv_is_numeric(a) && pv_is_numeric(b);
}

static bool one_number(const pv_column *a, const pv_column *b)
{
    return pv_is_numeric(a) != pv_is_numeric(b);
}

static bool any_pair(const pv_column *a, const pv_column *b)
{
    (void)a;
    (void)b;
    return true;
}

typedef struct ranked {
    double difference;
    uint32_t column[2];
} ranked;

typedef struct outcome {
    size_t compared, skipped;
    uint32_t first_skipped[2];
    double sum;
    size_t kept;
    ranked worst[worst_kept]; /* falling; of equals the first in order */
} outcome;

static void note(outcome *o, double difference, uint32_t i, uint32_t j)
{
    size_t at = o->kept;
    o->compared++;
    o->sum += difference;
    while (at > 0 && difference > o->worst[at - 1].difference)
        at--;
    if (at == worst_kept)
        return;
    if (o->kept < worst_kept)
        o->kept++;
    for (size_t k = o->kept - 1; k > at; k--)
        o->worst[k] = o->worst[k - 1];
    o->worst[at] = (ranked){difference, {i, j}};
}

static void compare(const pv_schema *schema, const measure *m, outcome *o)
{
    const uint32_t columns = (uint32_t)pv_schema_columns(schema);
    for (uint32_t i = 0; i < columns; i++)
        for (uint32_t j = i + 1; j < columns; j++) {
            const size_t cell = (size_t)i * columns + j;
            if (!m->applies(pv_schema_column(schema, i),
                            pv_schema_column(schema, j)))
                continue;
            const double d = fabs(m->matrix[0][cell] - m->matrix[1][cell]);
            if (!isnan(d)) {
                note(o, d, i, j);
            } else if (o->skipped++ == 0) {
                o->first_skipped[0] = i;
                o->first_skipped[1] = j;
            }
        }
}

static pv_status write_skipped(const pv_writing *w, const measure *m,
                               const outcome *o, pv_error *err)
{
    return pv_write(w, m->prefix, "skipped", (double)o->skipped,
                    o->skipped > 0
                        ? "pairs left out: a column does not vary in one of "
                          "the tables; the first of them is named"
                        : NULL,
                    o->first_skipped, o->skipped > 0 ? 2 : 0, err);
}

/* `none`: why nothing was measured, or NULL. */
static pv_status write_measure(const pv_writing *w, const measure *m,
                               const char *none, pv_error *err)
{
    pv_status status = PV_OK;
    outcome o = {0};
    if (none == NULL) {
        compare(w->input->schema, m, &o);
        PV_TRY(write_skipped(w, m, &o, err));
        if (o.compared == 0)
            none = o.skipped > 0 ? "no pair of columns varies in both tables"
                                 : m->too_few;
    }
    PV_TRY(pv_write(w, m->prefix, "mean_abs_diff",
                    none == NULL ? o.sum / (double)o.compared : NAN, none, NULL,
                    0, err));
    PV_TRY(pv_write(w, m->prefix, "max_abs_diff",
                    none == NULL ? o.worst[0].difference : NAN, none,
                    o.worst[0].column, none == NULL ? 2 : 0, err));
    for (size_t i = 0; i < o.kept; i++) {
        char name[32];
        snprintf(name, sizeof name, "worst.%zu", i + 1);
        PV_TRY(pv_write(w, m->prefix, name, o.worst[i].difference, NULL,
                        o.worst[i].column, 2, err));
    }
out:
    return status;
}

/* --- numbers -------------------------------------------------------------- */

/* Measures of numbers: three of ranks, and the correlation ratio. */
enum { pearson, spearman, kendall, ratio, number_measures };

static pv_status measure_numbers(const pv_probe_input *input, measure *m,
                                 pv_error *err)
{
    pv_status status = PV_OK;
    const size_t columns = pv_schema_columns(input->schema);
    pv_rank_association *matrix =
        pv_array_alloc(columns * columns, sizeof *matrix);
    pv_numbers *numbers = pv_array_calloc(columns, sizeof *numbers);
    if (matrix == NULL || numbers == NULL) {
        status = pv_fail_memory(err, "correlations");
        goto out;
    }
    for (size_t c = 0; c < columns; c++)
        if (pv_is_numeric(pv_schema_column(input->schema, c)))
            PV_TRY(pv_numbers_make(input, c, &numbers[c], err));
    for (size_t t = 0; t < 2; t++) {
        const pv_table *table = pv_either(input, t);
        PV_TRY(pv_associate_numbers(numbers, columns, t, pv_table_rows(table),
                                    matrix, err));
        for (size_t i = 0; i < columns * columns; i++) {
            m[pearson].matrix[t][i] = matrix[i].pearson;
            m[spearman].matrix[t][i] = matrix[i].spearman;
            m[kendall].matrix[t][i] = matrix[i].kendall;
        }
        PV_TRY(pv_associate_mixed(table, numbers, t, m[ratio].matrix[t], err));
    }
out:
    for (size_t c = 0; numbers != NULL && c < columns; c++)
        pv_numbers_clear(&numbers[c]);
    free(numbers);
    free(matrix);
    return status;
}

static pv_status new_matrices(measure *m, size_t measures, size_t columns,
                              pv_error *err)
{
    for (size_t i = 0; i < measures; i++)
        for (size_t t = 0; t < 2; t++) {
            m[i].matrix[t] =
                pv_array_alloc(columns * columns, sizeof *m[i].matrix[t]);
            if (m[i].matrix[t] == NULL)
                return pv_fail_memory(err, "associations");
        }
    return PV_OK;
}

static void free_matrices(measure *m, size_t measures)
{
    for (size_t i = 0; i < measures; i++)
        for (size_t t = 0; t < 2; t++)
            free(m[i].matrix[t]);
}

static pv_status run_numbers(const pv_probe_input *input, pv_findings *findings,
                             pv_error *err)
{
    static const char two[] = "the schema has fewer than 2 numeric columns";
    measure m[number_measures] = {
        [pearson] = {"pearson", two, {NULL, NULL}, both_numbers},
        [spearman] = {"spearman", two, {NULL, NULL}, both_numbers},
        [kendall] = {"kendall", two, {NULL, NULL}, both_numbers},
        [ratio] = {"eta",
                   "the schema has no labels beside numbers",
                   {NULL, NULL},
                   one_number}};
    const pv_writing w = {input, findings};
    const char *none = pv_no_rows(input);
    pv_status status = PV_OK;
    PV_TRY(new_matrices(m, number_measures, pv_schema_columns(input->schema),
                        err));
    if (none == NULL)
        PV_TRY(measure_numbers(input, m, err));
    for (size_t i = 0; i < number_measures; i++)
        PV_TRY(write_measure(&w, &m[i], none, err));
out:
    free_matrices(m, number_measures);
    return status;
}

const pv_probe pv_probe_correlation = {
    .name = "correlation",
    .kind = "fidelity",
    .summary = "Pearson, Spearman and Kendall of numbers, correlation ratio",
    .yardstick = true,
    .run = run_numbers};

/* --- codes ---------------------------------------------------------------- */

/* The matrix in full: 0 on the diagonal and where nothing varies. */
static pv_status write_matrix(const pv_writing *w, const char *name,
                              double *matrix, size_t columns, pv_error *err)
{
    for (size_t i = 0; i < columns; i++) {
        matrix[i * columns + i] = 0;
        for (size_t j = i + 1; j < columns; j++) {
            const double v = matrix[i * columns + j];
            matrix[i * columns + j] = matrix[j * columns + i] =
                isnan(v) ? 0 : v;
        }
    }
    return pv_write_series(w, name, 0, matrix, columns * columns, err);
}

static pv_status run_codes(const pv_probe_input *input, pv_findings *findings,
                           pv_error *err)
{
    measure m = {"cramersv",
                 "the table has fewer than 2 columns",
                 {NULL, NULL},
                 any_pair};
    const pv_writing w = {input, findings};
    const size_t columns = pv_schema_columns(input->schema);
    const char *none = pv_no_rows(input);
    pv_status status = PV_OK;
    PV_TRY(new_matrices(&m, 1, columns, err));
    for (size_t t = 0; t < 2 && none == NULL; t++)
        PV_TRY(pv_associate_codes(pv_either(input, t), m.matrix[t], err));
    PV_TRY(write_measure(&w, &m, none, err));
    if (none != NULL || columns > most_series_columns)
        goto out;
    PV_TRY(write_matrix(&w, "cramersv.real.matrix", m.matrix[0], columns, err));
    PV_TRY(write_matrix(&w, "cramersv.synthetic.matrix", m.matrix[1], columns,
                        err));
out:
    free_matrices(&m, 1);
    return status;
}

const pv_probe pv_probe_cramersv = {.name = "cramersv",
                                    .kind = "fidelity",
                                    .summary = "Cramer's V of all pairs",
                                    .yardstick = true,
                                    .distances = true,
                                    .run = run_codes};
