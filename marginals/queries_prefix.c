/* Random prefix queries: numbers below thresholds, crossed with a category. Query i
 * has a stream of its own, so that fewer queries are the first of more. */
#include "core/memory.h"
#include "marginals/queries_internal.h"

#include <math.h>
#include <stdio.h>

/* Uniform over the numbers above the minimum: below it some row may be. */
static double draw_threshold(const pv_column *column, pv_stream *stream)
{
    const double low = column->minimum, high = column->maximum;
    const double u = 1 - pv_stream_double(stream); /* in (0, 1] */
    double t = low + (high - low) * u;
    if (column->integer || column->kind == PV_COLUMN_INTEGERS)
        t = ceil(t);
    return t > low && t <= high ? t : high;
}

/* The columns of numbers with a threshold to draw. */
static size_t list_varying(const pv_queries *q, uint32_t *column)
{
    size_t n = 0;
    for (size_t i = 0; i < q->number_count; i++)
        if (pv_column_varies(pv_schema_column(q->schema, q->number[i])))
            column[n++] = q->number[i];
    return n;
}

static void draw(const pv_queries *q, const uint32_t *column, size_t columns,
                 pv_stream *stream, pv_prefix *prefix)
{
    *prefix = (pv_prefix){.category = -1};
    if (q->label_count > 0)
        prefix->category =
            (ptrdiff_t)q->label[pv_stream_below(stream, q->label_count)];
    size_t a = (size_t)pv_stream_below(stream, columns), b = a;
    prefix->thresholds = columns > 1 ? 2 : 1;
    if (columns > 1) {
        b = (size_t)pv_stream_below(stream, columns - 1);
        b += b >= a;
    }
    prefix->column[0] = column[a < b ? a : b];
    prefix->column[1] = column[a < b ? b : a];
    for (size_t i = 0; i < prefix->thresholds; i++)
        prefix->below[i] = draw_threshold(
            pv_schema_column(q->schema, prefix->column[i]), stream);
}

pv_status pv_prefix_limits(pv_queries *q, pv_family *family, pv_error *err)
{
    pv_status status = PV_OK;
    uint32_t column[PV_MAX_COLUMNS];
    const size_t columns = list_varying(q, column);
    pv_stream stream;
    pv_key key;
    if (columns == 0)
        return pv_fail(err, PV_EUSAGE,
                       "\"%s\": the schema has no column of numbers with more "
                       "than one value; write marginals:K",
                       family->text);
    PV_TRY(pv_queries_room(q, family->number, err));
    family->prefix = pv_array_alloc(family->number, sizeof *family->prefix);
    if (family->prefix == NULL)
        return pv_fail_memory(err, "queries");
    pv_family_key("prefix", family->seed, &key);
    for (size_t i = 0; i < family->number; i++) {
        pv_prefix *p = &family->prefix[i];
        pv_stream_init(&stream, &key, i);
        draw(q, column, columns, &stream, p);
        for (size_t t = 0; t < p->thresholds; t++)
            PV_TRY(pv_limits_add(q, p->column[t], p->below[t], err));
    }
out:
    return status;
}

static const char *describe(pv_queries *q, const pv_prefix *p)
{
    const pv_schema *s = q->schema;
    const bool two = p->thresholds == 2, crossed = p->category >= 0;
    char second[256] = "";
    if (two)
        (void)snprintf(second, sizeof second, " and %s < %.17g",
                       pv_schema_column(s, p->column[1])->name, p->below[1]);
    return pv_queries_text(
        q, "%s < %.17g%s%s%s", pv_schema_column(s, p->column[0])->name,
        p->below[0], second, crossed ? " by " : "",
        crossed ? pv_schema_column(s, (size_t)p->category)->name : "");
}

static pv_status add_prefix(pv_queries *q, const pv_prefix *p, pv_error *err)
{
    pv_box *box = pv_queries_alloc(q, 1, sizeof *box);
    pv_condition *c = pv_queries_alloc(q, p->thresholds, sizeof *c);
    if (box == NULL || c == NULL)
        return pv_fail_memory(err, "queries");
    *box = (pv_box){.conditions = p->thresholds, .condition = c};
    for (size_t i = 0; i < p->thresholds; i++) {
        const uint32_t cells = pv_cells_below(q, p->column[i], p->below[i]);
        c[i] = (pv_condition){p->column[i],
                              pv_cells_first(q, p->column[i], cells)};
    }
    pv_group group = {.kind = PV_GROUP_BOXES,
                      .most = 1,
                      .cross = p->category,
                      .crossed = p->category < 0 ? 1 : q->axis[p->category].cells,
                      .boxes = 1,
                      .box = box};
    return pv_queries_add(q, &group, describe(q, p), err);
}

pv_status pv_prefix_add(pv_queries *q, const pv_family *family, pv_error *err)
{
    pv_status status = PV_OK;
    for (size_t i = 0; i < family->number; i++)
        PV_TRY(add_prefix(q, &family->prefix[i], err));
out:
    return status;
}
