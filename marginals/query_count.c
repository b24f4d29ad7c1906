#include "marginals/query_count.h"

#include "core/memory.h"
#include "core/threads.h"
#include "io/rows.h"
#include "marginals/query_count_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows are taken a stretch at a time, whose cells are looked up once. An item of work
 * is a chunk of groups, asked about the stretch block by block: what is known of a
 * block's rows fits into a cache. A group belongs to one item, so that no two write to
 * the same counts. */
enum { stretch_rows = 1 << 16, chunk_groups = 16 };

typedef struct counting {
    const pv_queries *queries;
    const pv_table *table;
    const size_t *group;
    size_t groups;
    int64_t *const *counts;
    size_t *column; /* those in use */
    size_t columns, views;
    pv_query_view *view; /* a column of the schema */
    size_t room;         /* rows of a view */
    size_t first, count; /* the stretch at hand */
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

static pv_status open_view(const pv_column *column, size_t room,
                           pv_query_view *view, pv_error *err)
{
    const bool number = column->kind != PV_COLUMN_LABELS;
    view->cell = pv_array_alloc(room, sizeof *view->cell);
    if (number)
        view->scaled = pv_array_alloc(2 * room, sizeof *view->scaled);
    if (view->cell == NULL || (number && view->scaled == NULL))
        return pv_fail_memory(err, "counts");
    if (number)
        view->missing = view->scaled + room;
    return PV_OK;
}

/* Which columns there are to look at, and room for a stretch of each. */
static pv_status prepare(counting *c, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_schema *schema = pv_queries_schema(c->queries);
    const size_t rows = pv_table_rows(c->table);
    c->room = rows < stretch_rows ? rows : stretch_rows;
    c->views = pv_schema_columns(schema);
    bool *used = pv_array_calloc(c->views, sizeof *used);
    c->column = pv_array_alloc(c->views, sizeof *c->column);
    c->view = pv_array_calloc(c->views, sizeof *c->view);
    if (used == NULL || c->column == NULL || c->view == NULL) {
        status = pv_fail_memory(err, "counts");
        goto out;
    }
    for (size_t i = 0; i < c->groups; i++)
        note_columns(pv_queries_group(c->queries, c->group[i]), used);
    for (size_t i = 0; i < c->views; i++) {
        if (!used[i])
            continue;
        c->column[c->columns++] = i;
        PV_TRY(open_view(pv_schema_column(schema, i), c->room, &c->view[i],
                         err));
    }
out:
    free(used);
    return status;
}

static void clear(counting *c)
{
    for (size_t i = 0; c->view != NULL && i < c->views; i++) {
        pv_wipe_free(c->view[i].cell, c->room * sizeof *c->view[i].cell);
        pv_wipe_free(c->view[i].scaled,
                     2 * c->room * sizeof *c->view[i].scaled);
    }
    free(c->view);
    free(c->column);
}

/* --- a stretch ------------------------------------------------------------- */

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
    const pv_query_view *view = &c->view[i];
    for (size_t r = 0; r < c->count; r++) {
        const size_t row = c->first + r;
        const uint32_t code = pv_codes_at(codes, row);
        const double number = value != NULL ? value[row] : NAN;
        view->cell[r] = pv_axis_cell(axis, column, code, number);
        if (view->scaled == NULL)
            continue;
        view->scaled[r] = pv_plane_part(&unit, column, code, number);
        view->missing[r] = column->missing && code + 1 == column->levels;
    }
}

static void count_group(const pv_group *group, const pv_query_rows *rows,
                        int64_t *counts)
{
    switch (group->kind) {
    case PV_GROUP_GRID:
        pv_count_grid(group, rows, counts);
        break;
    case PV_GROUP_BOXES:
        pv_count_boxes(group, rows, counts);
        break;
    default:
        pv_count_plane(group, rows, counts);
        break;
    }
}

static void count_chunk(size_t item, void *context)
{
    const counting *c = context;
    const size_t first = item * chunk_groups;
    const size_t end = c->groups - first < chunk_groups ? c->groups
                                                        : first + chunk_groups;
    pv_query_rows rows = {.view = c->view};
    for (; rows.first < c->count; rows.first += rows.count) {
        const size_t left = c->count - rows.first;
        rows.count = left < PV_QUERY_BLOCK ? left : PV_QUERY_BLOCK;
        for (size_t i = first; i < end; i++)
            count_group(pv_queries_group(c->queries, c->group[i]), &rows,
                        c->counts[i]);
    }
}

pv_status pv_query_counts(const pv_queries *queries, const pv_table *table,
                          const size_t *group, size_t groups,
                          int64_t *const *counts, pv_error *err)
{
    pv_status status = PV_OK;
    counting c = {.queries = queries,
                  .table = table,
                  .group = group,
                  .groups = groups,
                  .counts = counts};
    const size_t rows = pv_table_rows(table);
    const pv_schema *schema = pv_queries_schema(queries);
    if (pv_table_schema(table) != schema &&
        strcmp(pv_schema_json(pv_table_schema(table)),
               pv_schema_json(schema)) != 0)
        return pv_fail(err, PV_EINVAL,
                       "the table and the queries have different schemas");
    PV_TRY(prepare(&c, err));
    for (size_t i = 0; i < groups; i++)
        memset(counts[i], 0,
               pv_queries_group(queries, group[i])->cells * sizeof *counts[i]);
    for (; c.first < rows; c.first += c.count) {
        c.count = rows - c.first < c.room ? rows - c.first : c.room;
        pv_parallel_for(c.columns, view_column, &c);
        pv_parallel_for((groups + chunk_groups - 1) / chunk_groups, count_chunk,
                        &c);
    }
out:
    clear(&c);
    return status;
}
