#include "marginals/query_count.h"

#include "core/memory.h"
#include "core/threads.h"
#include "io/rows.h"
#include "marginals/query_count_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows are taken a block at a time: what is known of a block's rows fits into a
 * cache, and all groups are asked about it before the next. A group belongs to one
 * item of work, so that no two write to the same counts. */

typedef struct counting {
    const pv_queries *queries;
    const pv_table *table;
    const size_t *group;
    int64_t *const *counts;
    size_t *column; /* those in use */
    size_t columns;
    pv_query_rows rows;
} counting;

static void use_column(bool *used, ptrdiff_t column)
{
    if (column >= 0)
        used[column] = true;
}

static void note_columns(const pv_group *g, bool *used)
{
    use_column(used, g->cross);
    for (size_t l = 0; l < g->layers; l++)
        for (size_t i = 0; i < g->layer[l].partitions; i++)
            used[g->layer[l].partition[i].column] = true;
    for (size_t b = 0; b < g->boxes; b++)
        for (size_t i = 0; i < g->box[b].conditions; i++)
            used[g->box[b].condition[i].column] = true;
    for (size_t t = 0; t < g->terms; t++)
        used[g->term[t].column] = true;
}

/* Which columns there are to look at, and room for a block of each. */
static pv_status prepare(counting *c, size_t groups, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t all = pv_schema_columns(pv_queries_schema(c->queries));
    bool *used = pv_array_calloc(all, sizeof *used);
    c->column = pv_array_alloc(all, sizeof *c->column);
    c->rows.view = pv_array_calloc(all, sizeof *c->rows.view);
    c->rows.views = all;
    if (used == NULL || c->column == NULL || c->rows.view == NULL) {
        status = pv_fail_memory(err, "counts");
        goto out;
    }
    for (size_t i = 0; i < groups; i++)
        note_columns(pv_queries_group(c->queries, c->group[i]), used);
    for (size_t i = 0; i < all; i++) {
        pv_query_view *view = &c->rows.view[i];
        const pv_column *column =
            pv_schema_column(pv_queries_schema(c->queries), i);
        if (!used[i])
            continue;
        c->column[c->columns++] = i;
        view->cell = pv_array_alloc(PV_QUERY_BLOCK, sizeof *view->cell);
        if (column->kind != PV_COLUMN_LABELS)
            view->scaled = pv_array_alloc(2 * PV_QUERY_BLOCK, sizeof *view->scaled);
        if (view->cell == NULL ||
            (column->kind != PV_COLUMN_LABELS && view->scaled == NULL)) {
            status = pv_fail_memory(err, "counts");
            goto out;
        }
        if (view->scaled != NULL)
            view->missing = view->scaled + PV_QUERY_BLOCK;
    }
out:
    free(used);
    return status;
}

static void clear(counting *c)
{
    for (size_t i = 0; c->rows.view != NULL && i < c->rows.views; i++) {
        pv_wipe_free(c->rows.view[i].cell,
                     PV_QUERY_BLOCK * sizeof *c->rows.view[i].cell);
        pv_wipe_free(c->rows.view[i].scaled,
                     2 * PV_QUERY_BLOCK * sizeof *c->rows.view[i].scaled);
    }
    free(c->rows.view);
    free(c->column);
}

/* --- a block --------------------------------------------------------------- */

static void view_column(size_t item, void *context)
{
    const counting *c = context;
    const size_t i = c->column[item];
    const pv_column *column =
        pv_schema_column(pv_queries_schema(c->queries), i);
    const pv_axis *axis = pv_queries_axis(c->queries, i);
    const pv_codes codes = pv_table_codes(c->table, i);
    const double *value = column->kind == PV_COLUMN_BINS
                              ? pv_table_values(c->table, i)
                              : NULL;
    /* a plane of slope 1, to leave each plane its product */
    const pv_plane_term unit = {.slope = 1, .missing = 0};
    pv_query_view *view = &c->rows.view[i];
    for (size_t r = 0; r < c->rows.count; r++) {
        const size_t row = c->rows.first + r;
        const uint32_t code = pv_codes_at(codes, row);
        const double number = value != NULL ? value[row] : NAN;
        view->cell[r] = pv_axis_cell(axis, column, code, number);
        if (view->scaled == NULL)
            continue;
        view->scaled[r] = pv_plane_part(&unit, column, code, number);
        view->missing[r] = column->missing && code + 1 == column->levels;
    }
}

static void count_group(size_t item, void *context)
{
    const counting *c = context;
    const pv_group *group = pv_queries_group(c->queries, c->group[item]);
    int64_t *counts = c->counts[item];
    if (c->rows.first == 0)
        memset(counts, 0, group->cells * sizeof *counts);
    switch (group->kind) {
    case PV_GROUP_GRID:
        pv_count_grid(group, &c->rows, counts);
        break;
    case PV_GROUP_BOXES:
        pv_count_boxes(group, &c->rows, counts);
        break;
    default:
        pv_count_plane(group, &c->rows, counts);
        break;
    }
}

pv_status pv_query_counts(const pv_queries *queries, const pv_table *table,
                          const size_t *group, size_t groups,
                          int64_t *const *counts, pv_error *err)
{
    pv_status status = PV_OK;
    counting c = {
        .queries = queries, .table = table, .group = group, .counts = counts};
    const size_t rows = pv_table_rows(table);
    const pv_schema *schema = pv_queries_schema(queries);
    if (pv_table_schema(table) != schema &&
        strcmp(pv_schema_json(pv_table_schema(table)),
               pv_schema_json(schema)) != 0)
        return pv_fail(err, PV_EINVAL,
                       "the table and the queries have different schemas");
    PV_TRY(prepare(&c, groups, err));
    do {
        c.rows.count = rows - c.rows.first < PV_QUERY_BLOCK ? rows - c.rows.first
                                                        : PV_QUERY_BLOCK;
        pv_parallel_for(c.columns, view_column, &c);
        pv_parallel_for(groups, count_group, &c);
        c.rows.first += c.rows.count;
    } while (c.rows.first < rows);
out:
    clear(&c);
    return status;
}
