/* Axes: the cells of columns, by all limits that anyone names. */
#include "core/memory.h"
#include "marginals/queries_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool pv_column_varies(const pv_column *column)
{
    return column->kind != PV_COLUMN_LABELS && column->minimum < column->maximum;
}

/* Whole numbers are below 2.5 when they are below 3. The 0 has no sign. */
static double whole_limit(const pv_column *column, double limit)
{
    const bool whole = column->integer || column->kind == PV_COLUMN_INTEGERS;
    return (whole ? ceil(limit) : limit) + 0.0;
}

pv_status pv_limits_add(pv_queries *q, uint32_t column, double limit,
                        pv_error *err)
{
    const pv_column *c = pv_schema_column(q->schema, column);
    pv_limits *l = &q->limits[column];
    limit = whole_limit(c, limit);
    /* below the minimum there is nothing, below what is above the maximum all */
    if (c->kind != PV_COLUMN_BINS || !(limit > c->minimum) ||
        !(limit <= c->maximum))
        return PV_OK;
    if (l->count == l->room) {
        const size_t room = l->room == 0 ? 32 : 2 * l->room;
        double *value = pv_array_realloc(l->value, room, sizeof *value);
        if (value == NULL)
            return pv_fail_memory(err, "limits");
        l->value = value;
        l->room = room;
    }
    l->value[l->count++] = limit;
    return PV_OK;
}

static int rising(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Sorts, and drops what is there twice. */
static void sort_limits(pv_limits *l)
{
    size_t n = 0;
    if (l->count > 0)
        qsort(l->value, l->count, sizeof *l->value, rising);
    for (size_t i = 0; i < l->count; i++)
        if (n == 0 || l->value[i] > l->value[n - 1])
            l->value[n++] = l->value[i];
    l->count = n;
}

static pv_status cut_bins(pv_queries *q, uint32_t column, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_column *c = pv_schema_column(q->schema, column);
    pv_axis *axis = &q->axis[column];
    pv_limits *l = &q->limits[column];
    const uint32_t bins = c->levels - c->missing;
    for (uint32_t i = 1; i < bins; i++)
        PV_TRY(pv_limits_add(q, column, c->edges[i], err));
    sort_limits(l);
    double *edge = pv_queries_alloc(q, l->count + 2, sizeof *edge);
    if (edge == NULL)
        return pv_fail_memory(err, "axes");
    edge[0] = c->minimum;
    if (l->count > 0)
        memcpy(edge + 1, l->value, l->count * sizeof *edge);
    edge[l->count + 1] = c->maximum;
    axis->numbers = true;
    axis->edge = edge;
    axis->cells = (uint32_t)(l->count + 1) + c->missing;
out:
    return status;
}

static pv_status make_axis(pv_queries *q, uint32_t column, pv_error *err)
{
    const pv_column *c = pv_schema_column(q->schema, column);
    pv_axis *axis = &q->axis[column];
    *axis = (pv_axis){.cells = c->levels, .missing = c->missing};
    if (c->kind == PV_COLUMN_BINS) {
        const pv_status status = cut_bins(q, column, err);
        if (status != PV_OK)
            return status;
    }
    if (c->kind == PV_COLUMN_LABELS)
        return PV_OK;
    q->ramp[column] = pv_queries_alloc(q, 2 * (size_t)axis->cells, sizeof(bool));
    if (q->ramp[column] == NULL)
        return pv_fail_memory(err, "axes");
    for (uint32_t i = 0; i < axis->cells; i++)
        q->ramp[column][i] = true;
    return PV_OK;
}

pv_status pv_axes_make(pv_queries *q, pv_error *err)
{
    pv_status status = PV_OK;
    for (size_t i = 0; i < q->free_count; i++)
        PV_TRY(make_axis(q, q->free_column[i], err));
out:
    return status;
}

const bool *pv_cells_first(const pv_queries *q, uint32_t column, uint32_t cells)
{
    /* so many true ones before the false ones */
    return q->ramp[column] + (q->axis[column].cells - cells);
}

double pv_cell_least(const pv_queries *q, uint32_t column, uint32_t cell)
{
    const pv_axis *axis = &q->axis[column];
    return axis->numbers ? axis->edge[cell]
                         : pv_schema_column(q->schema, column)->minimum + cell;
}

/* How many of edge[1..inner] are at most `number`. */
static uint32_t count_edges(const double *edge, uint32_t inner, double number)
{
    uint32_t low = 0, high = inner;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (edge[middle + 1] <= number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t pv_cells_below(const pv_queries *q, uint32_t column, double limit)
{
    const pv_axis *axis = &q->axis[column];
    const pv_column *c = pv_schema_column(q->schema, column);
    const uint32_t values = axis->cells - axis->missing;
    limit = whole_limit(c, limit);
    if (!(limit > c->minimum))
        return 0;
    if (limit > c->maximum)
        return values;
    /* `limit` is the least number of a cell: as many cells are before it */
    return axis->numbers ? count_edges(axis->edge, values - 1, limit)
                         : (uint32_t)(limit - c->minimum);
}

uint32_t pv_axis_cell(const pv_axis *axis, const pv_column *column,
                      uint32_t code, double number)
{
    if (!axis->numbers)
        return code;
    const uint32_t values = axis->cells - axis->missing;
    if (column->missing && code + 1 == column->levels)
        return values;
    if (isnan(number))
        number = pv_column_number(column, code);
    return count_edges(axis->edge, values - 1, number);
}

uint32_t pv_axis_code(const pv_axis *axis, const pv_column *column,
                      uint32_t cell)
{
    if (!axis->numbers)
        return cell;
    if (axis->missing && cell + 1 == axis->cells)
        return column->levels - 1;
    return pv_column_encode_number(column, axis->edge[cell]);
}
