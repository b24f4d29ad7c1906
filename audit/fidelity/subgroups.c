/* How good the synthetic table is within each level of a group column. */
#include "audit/fidelity/numbers.h"
#include "audit/fidelity/write.h"
#include "core/memory.h"
#include "core/threads.h"
#include "io/rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { least_rows = 30, text_size = 256 };

typedef struct grouping {
    const pv_probe_input *input;
    size_t group, columns;
    uint32_t groups;
    uint64_t *rows[2]; /* of each group; of all in the last place */
    uint32_t *row[2];  /* rows of each group, one group after another */
    double *tv;        /* columns x (groups + 1), the last of all rows */
    pv_status *status; /* of each column's item */
} grouping;

/* --- distances ------------------------------------------------------------ */

static double distance(const uint64_t *a, const uint64_t *b, uint32_t levels,
                       uint64_t n, uint64_t m)
{
    double sum = 0;
    for (uint32_t c = 0; c < levels; c++)
        sum += fabs((double)a[c] * (double)m - (double)b[c] * (double)n);
    return sum / (2.0 * (double)n * (double)m);
}

static void add_counts(const grouping *g, size_t t, size_t column, size_t first,
                       uint64_t rows, uint64_t *count)
{
    const pv_codes codes = pv_table_codes(pv_either(g->input, t), column);
    for (uint64_t i = 0; i < rows; i++)
        count[pv_codes_at(codes, g->row[t][first + i])]++;
}

/* Of every group with rows in both tables, and of all rows. */
static void measure_column(size_t column, void *context)
{
    const grouping *g = context;
    const uint32_t levels = pv_schema_column(g->input->schema, column)->levels;
    double *tv = g->tv + column * ((size_t)g->groups + 1);
    uint64_t *count = pv_array_alloc(levels, 2 * sizeof *count);
    size_t first[2] = {0, 0};
    if (count == NULL) {
        g->status[column] = PV_ENOMEM;
        return;
    }
    for (uint32_t k = 0; k <= g->groups; k++) {
        memset(count, 0, levels * 2 * sizeof *count);
        for (size_t t = 0; t < 2; t++) {
            if (k == g->groups)
                first[t] = 0;
            add_counts(g, t, column, first[t], g->rows[t][k],
                       count + t * levels);
            first[t] += g->rows[t][k];
        }
        tv[k] = distance(count, count + levels, levels, g->rows[0][k],
                         g->rows[1][k]);
    }
    free(count);
}

static pv_status sort_rows(grouping *g, size_t t)
{
    const pv_table *table = pv_either(g->input, t);
    const pv_codes codes = pv_table_codes(table, g->group);
    const size_t rows = pv_table_rows(table);
    size_t *next = pv_array_calloc((size_t)g->groups + 1, sizeof *next);
    g->rows[t] = pv_array_calloc((size_t)g->groups + 1, sizeof *g->rows[t]);
    g->row[t] = pv_array_alloc(rows, sizeof *g->row[t]);
    if (next == NULL || g->rows[t] == NULL || g->row[t] == NULL) {
        free(next);
        return PV_ENOMEM;
    }
    for (size_t r = 0; r < rows; r++)
        g->rows[t][pv_codes_at(codes, r)]++;
    for (uint32_t k = 0; k < g->groups; k++)
        next[k + 1] = next[k] + g->rows[t][k];
    for (size_t r = 0; r < rows; r++)
        g->row[t][next[pv_codes_at(codes, r)]++] = (uint32_t)r;
    g->rows[t][g->groups] = rows;
    free(next);
    return PV_OK;
}

static pv_status measure(grouping *g, pv_error *err)
{
    pv_status status = PV_OK;
    size_t cells;
    g->groups = pv_schema_column(g->input->schema, g->group)->levels;
    if (pv_size_mul(g->columns, (size_t)g->groups + 1, &cells))
        g->tv = pv_array_alloc(cells, sizeof *g->tv);
    g->status = pv_array_calloc(g->columns, sizeof *g->status);
    if (g->tv == NULL || g->status == NULL || sort_rows(g, 0) != PV_OK ||
        sort_rows(g, 1) != PV_OK)
        return pv_fail_memory(err, "groups");
    pv_parallel_for(g->columns, measure_column, g);
    for (size_t c = 0; c < g->columns && status == PV_OK; c++)
        if (g->status[c] != PV_OK)
            status = pv_fail_memory(err, "groups");
    return status;
}

/* The mean over all columns but the group's own. */
static double mean_of(const grouping *g, uint32_t k)
{
    double sum = 0;
    for (size_t c = 0; c < g->columns; c++)
        if (c != g->group)
            sum += g->tv[c * ((size_t)g->groups + 1) + k];
    return sum / (double)(g->columns - 1);
}

/* --- to findings ---------------------------------------------------------- */

static pv_status write_group(const pv_writing *w, const grouping *g, uint32_t k,
                             double *mean, pv_error *err)
{
    pv_status status = PV_OK;
    const uint32_t column = (uint32_t)g->group;
    const bool small = g->rows[0][k] < least_rows;
    const double p = (double)g->rows[0][k] / (double)g->rows[0][g->groups];
    const double q = (double)g->rows[1][k] / (double)g->rows[1][g->groups];
    const char *reason = small ? "the group has fewer than 30 real rows" : NULL;
    char label[text_size];
    pv_column_describe(pv_schema_column(w->input->schema, g->group), k, label,
                       sizeof label);
    PV_TRY(pv_write(w, "subgroup.share", label, small ? NAN : q - p, reason,
                    &column, 1, err));
    *mean = NAN;
    if (!small && g->rows[1][k] > 0) {
        *mean = mean_of(g, k);
    } else if (!small) {
        *mean = 1;
        reason = "the other table has no row of the group";
    }
    PV_TRY(pv_write(w, "subgroup.tv.1way.mean", label, *mean, reason, &column,
                    1, err));
out:
    return status;
}

static pv_status write_groups(const pv_writing *w, const grouping *g,
                              pv_error *err)
{
    static const char none[] = "no group has 30 real rows";
    pv_status status = PV_OK;
    const uint32_t column = (uint32_t)g->group;
    double worst = NAN;
    uint32_t of = 0;
    char label[text_size], note[text_size + 32];
    for (uint32_t k = 0; k < g->groups; k++) {
        double mean;
        PV_TRY(write_group(w, g, k, &mean, err));
        if (!isnan(mean) && !(mean <= worst)) {
            worst = mean;
            of = k;
        }
    }
    pv_column_describe(pv_schema_column(w->input->schema, g->group), of, label,
                       sizeof label);
    snprintf(note, sizeof note, "the group %s", label);
    PV_TRY(pv_write(w, "subgroup.worst", NULL, worst,
                    isnan(worst) ? none : note, &column, 1, err));
    const double whole = mean_of(g, g->groups);
    PV_TRY(pv_write(w, "subgroup.worst", "ratio",
                    whole > 0 ? worst / whole : NAN,
                    isnan(worst)   ? none
                    : !(whole > 0) ? "all columns are equal in the whole table"
                                   : NULL,
                    &column, 1, err));
out:
    return status;
}

static pv_status write_none(const pv_writing *w, const char *reason,
                            pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(pv_write(w, "subgroup.worst", NULL, NAN, reason, NULL, 0, err));
    PV_TRY(pv_write(w, "subgroup.worst", "ratio", NAN, reason, NULL, 0, err));
out:
    return status;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    const pv_writing w = {input, findings};
    grouping g = {.input = input, .columns = pv_schema_columns(input->schema)};
    if (input->group == NULL)
        return PV_OK; /* not asked for */
    const ptrdiff_t group = pv_schema_find(input->schema, input->group);
    if (group < 0)
        return pv_fail(err, PV_EUSAGE, "the schema has no column \"%s\"",
                       input->group);
    g.group = (size_t)group;
    const char *none = pv_no_rows(input);
    if (none == NULL && g.columns < 2)
        none = "the table has no column beside the group";
    if (none == NULL && pv_table_rows(input->real) >= UINT32_MAX)
        none = "too many rows to group: audit a sample";
    if (none != NULL)
        return write_none(&w, none, err);
    PV_TRY(measure(&g, err));
    PV_TRY(write_groups(&w, &g, err));
out:
    for (size_t t = 0; t < 2; t++) {
        free(g.rows[t]);
        free(g.row[t]);
    }
    free(g.tv);
    free(g.status);
    return status;
}

const pv_probe pv_probe_subgroups = {
    .name = "subgroups",
    .kind = "fidelity",
    .summary = "each column's distance within the levels of a group",
    .yardstick = true,
    .run = run};
