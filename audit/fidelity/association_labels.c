#include "audit/fidelity/association.h"
#include "core/memory.h"
#include "core/threads.h"
#include "io/rows.h"

#include <math.h>
#include <stdlib.h>

typedef struct working {
    const pv_table *table;
    const pv_numbers *numbers; /* NULL for pairs of codes */
    size_t t, columns;
    double *matrix;
    pv_status *status; /* of each column's item */
} working;

static uint32_t levels_of(const working *w, size_t column)
{
    return pv_schema_column(pv_table_schema(w->table), column)->levels;
}

static pv_status run_items(working *w, pv_work_fn *fn, pv_error *err)
{
    pv_status status = PV_OK;
    w->columns = pv_schema_columns(pv_table_schema(w->table));
    w->status = pv_array_calloc(w->columns, sizeof *w->status);
    if (w->status == NULL)
        return pv_fail_memory(err, "associations");
    for (size_t i = 0; i < w->columns * w->columns; i++)
        w->matrix[i] = NAN;
    pv_parallel_for(w->columns, fn, w);
    for (size_t i = 0; i < w->columns && status == PV_OK; i++)
        if (w->status[i] != PV_OK)
            status = pv_fail_memory(err, "associations");
    free(w->status);
    return status;
}

/* --- Cramer's V ----------------------------------------------------------- */

/* Rows by a column's code: those of code c are start[c] .. start[c + 1] - 1. */
typedef struct grouping {
    uint32_t levels;
    size_t *start, *next;
    uint32_t *row;
} grouping;

static void clear_grouping(grouping *g)
{
    free(g->start);
    free(g->next);
    free(g->row);
}

static pv_status make_grouping(const working *w, size_t column, grouping *g)
{
    const size_t rows = pv_table_rows(w->table);
    const pv_codes codes = pv_table_codes(w->table, column);
    *g = (grouping){.levels = levels_of(w, column)};
    g->start = pv_array_calloc((size_t)g->levels + 1, sizeof *g->start);
    g->next = pv_array_alloc(g->levels, sizeof *g->next);
    g->row = pv_array_alloc(rows, sizeof *g->row);
    if (g->start == NULL || g->next == NULL || g->row == NULL)
        return PV_ENOMEM;
    for (size_t r = 0; r < rows; r++)
        g->start[pv_codes_at(codes, r) + 1]++;
    for (uint32_t c = 0; c < g->levels; c++) {
        g->start[c + 1] += g->start[c];
        g->next[c] = g->start[c];
    }
    for (size_t r = 0; r < rows; r++)
        g->row[g->next[pv_codes_at(codes, r)]++] = (uint32_t)r;
    return PV_OK;
}

/* What one group's rows add to sum of n_xy^2 / (n_x n_y). Only levels that some
 * row of the group has are looked at, so large domains cost no more. */
static double add_group(const grouping *g, uint32_t x, pv_codes y,
                        const uint64_t *total, uint64_t *count,
                        uint32_t *touched)
{
    size_t seen = 0;
    double sum = 0;
    for (size_t i = g->start[x]; i < g->start[x + 1]; i++) {
        const uint32_t code = pv_codes_at(y, g->row[i]);
        if (count[code]++ == 0)
            touched[seen++] = code;
    }
    for (size_t i = 0; i < seen; i++) {
        const double here = (double)count[touched[i]];
        sum += here * here / (double)total[touched[i]];
        count[touched[i]] = 0;
    }
    return seen == 0 ? 0 : sum / (double)(g->start[x + 1] - g->start[x]);
}

/* Chi-squared is n (sum of n_xy^2 / (n_x n_y) - 1). */
static double cramers_v(const working *w, const grouping *g, size_t j,
                        uint64_t *total, uint64_t *count, uint32_t *touched)
{
    const size_t rows = pv_table_rows(w->table);
    const pv_codes y = pv_table_codes(w->table, j);
    size_t of_x = 0, of_y = 0;
    double sum = 0;
    for (uint32_t c = 0; c < levels_of(w, j); c++)
        total[c] = 0;
    for (size_t r = 0; r < rows; r++)
        total[pv_codes_at(y, r)]++;
    for (uint32_t c = 0; c < levels_of(w, j); c++)
        of_y += total[c] > 0;
    for (uint32_t x = 0; x < g->levels; x++) {
        of_x += g->start[x + 1] > g->start[x];
        sum += add_group(g, x, y, total, count, touched);
    }
    const size_t least = of_x < of_y ? of_x : of_y;
    if (least < 2)
        return NAN;
    return fmin(1, sqrt(fmax(0, sum - 1) / (double)(least - 1)));
}

static void associate_codes(size_t i, void *context)
{
    const working *w = context;
    uint32_t most = 1;
    grouping g;
    uint64_t *total = NULL, *count = NULL;
    uint32_t *touched = NULL;
    pv_status status = PV_OK;
    for (size_t j = i + 1; j < w->columns; j++)
        most = levels_of(w, j) > most ? levels_of(w, j) : most;
    PV_TRY(make_grouping(w, i, &g));
    total = pv_array_alloc(most, sizeof *total);
    count = pv_array_calloc(most, sizeof *count);
    touched = pv_array_alloc(most, sizeof *touched);
    if (total == NULL || count == NULL || touched == NULL) {
        status = PV_ENOMEM;
        goto out;
    }
    for (size_t j = i + 1; j < w->columns; j++)
        w->matrix[i * w->columns + j] =
            cramers_v(w, &g, j, total, count, touched);
out:
    clear_grouping(&g);
    free(total);
    free(count);
    free(touched);
    w->status[i] = status;
}

pv_status pv_associate_codes(const pv_table *table, double *matrix,
                             pv_error *err)
{
    working w = {.table = table, .matrix = matrix};
    if (pv_table_rows(table) >= UINT32_MAX)
        return pv_fail(err, PV_ETOOBIG,
                       "too many rows to associate: audit a sample");
    return run_items(&w, associate_codes, err);
}

/* --- correlation ratio ---------------------------------------------------- */

/* The share of the variance of the numbers that lies between the labels. */
static double correlation_ratio(const working *w, size_t numeric, size_t label,
                                double *sum, uint64_t *count)
{
    const pv_numbers *n = &w->numbers[numeric];
    const uint32_t *place = n->place[w->t];
    const uint32_t levels = levels_of(w, label);
    const pv_codes codes = pv_table_codes(w->table, label);
    const size_t rows = pv_table_rows(w->table);
    double all = 0, mean, between = 0, whole = 0;
    uint64_t present = 0, used = 0;
    for (uint32_t c = 0; c < levels; c++) {
        sum[c] = 0;
        count[c] = 0;
    }
    for (size_t r = 0; r < rows; r++)
        if (place[r] != PV_NO_PLACE) {
            const uint32_t code = pv_codes_at(codes, r);
            sum[code] += n->value[place[r]];
            count[code]++;
        }
    for (uint32_t c = 0; c < levels; c++) {
        all += sum[c];
        present += count[c];
        used += count[c] > 0;
    }
    mean = all / (double)present;
    for (size_t r = 0; r < rows; r++)
        if (place[r] != PV_NO_PLACE) {
            const double off = n->value[place[r]] - mean;
            whole += off * off;
        }
    for (uint32_t c = 0; c < levels; c++)
        if (count[c] > 0) {
            const double off = sum[c] / (double)count[c] - mean;
            between += (double)count[c] * off * off;
        }
    return used < 2 || !(whole > 0) ? NAN : fmin(1, sqrt(between / whole));
}

static void associate_mixed(size_t i, void *context)
{
    const working *w = context;
    uint32_t most = 1;
    if (w->numbers[i].count == 0)
        return;
    for (size_t j = 0; j < w->columns; j++)
        most = levels_of(w, j) > most ? levels_of(w, j) : most;
    double *sum = pv_array_alloc(most, sizeof *sum);
    uint64_t *count = pv_array_alloc(most, sizeof *count);
    if (sum == NULL || count == NULL)
        w->status[i] = PV_ENOMEM;
    for (size_t j = 0; w->status[i] == PV_OK && j < w->columns; j++) {
        const size_t cell = i < j ? i * w->columns + j : j * w->columns + i;
        if (!pv_is_numeric(pv_schema_column(pv_table_schema(w->table), j)))
            w->matrix[cell] = correlation_ratio(w, i, j, sum, count);
    }
    free(sum);
    free(count);
}

pv_status pv_associate_mixed(const pv_table *table, const pv_numbers *numbers,
                             size_t t, double *matrix, pv_error *err)
{
    working w = {.table = table, .numbers = numbers, .t = t, .matrix = matrix};
    return run_items(&w, associate_mixed, err);
}
