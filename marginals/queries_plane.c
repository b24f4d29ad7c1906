/* Random half-spaces. Libraries of mathematics may differ in the last bits of a
 * logarithm or a cosine; weights are rounded to the grid of 2^-20, so that such bits
 * matter only where a weight is within them of the middle between two points of the
 * grid: about once in 2^30 weights. */
#include "core/memory.h"
#include "marginals/queries_internal.h"

#include <math.h>
#include <stdlib.h>

enum { sample_rows = 1000 };

double pv_plane_part(const pv_plane_term *term, const pv_column *column,
                     uint32_t code, double number)
{
    if (term->weight != NULL)
        return term->weight[code];
    if (column->missing && code + 1 == column->levels)
        return term->missing;
    if (column->kind == PV_COLUMN_INTEGERS || isnan(number))
        number = pv_column_number(column, code);
    const double range = column->maximum - column->minimum;
    return range > 0 ? term->slope * ((number - column->minimum) / range) : 0;
}

/* Box and Muller: one of the two that a pair gives. */
static double draw_weight(pv_stream *stream, size_t terms)
{
    const double pi = 3.14159265358979323846;
    const double u = 1 - pv_stream_double(stream); /* in (0, 1] */
    const double v = pv_stream_double(stream);
    const double normal = sqrt(-2 * log(u)) * cos(2 * pi * v);
    return nearbyint(normal / sqrt((double)terms) * 0x1p20) * 0x1p-20;
}

static pv_status draw_terms(pv_queries *q, pv_stream *stream,
                            pv_plane_term *term, pv_error *err)
{
    for (size_t t = 0; t < q->free_count; t++) {
        const uint32_t column = q->free_column[t];
        const pv_column *c = pv_schema_column(q->schema, column);
        term[t] = (pv_plane_term){.column = column};
        if (c->kind != PV_COLUMN_LABELS) {
            term[t].slope = draw_weight(stream, q->free_count);
            term[t].missing =
                c->missing ? draw_weight(stream, q->free_count) : 0;
            continue;
        }
        double *weight = pv_queries_alloc(q, c->levels, sizeof *weight);
        if (weight == NULL)
            return pv_fail_memory(err, "queries");
        for (uint32_t i = 0; i < c->levels; i++)
            weight[i] = draw_weight(stream, q->free_count);
        term[t].weight = weight;
    }
    return PV_OK;
}

/* A row of the schema: codes uniform, numbers uniform over the range. */
static double draw_row(const pv_queries *q, const pv_plane_term *term,
                       pv_stream *stream)
{
    double sum = 0;
    for (size_t t = 0; t < q->free_count; t++) {
        const pv_column *c = pv_schema_column(q->schema, term[t].column);
        const uint32_t code = (uint32_t)pv_stream_below(stream, c->levels);
        double number = NAN;
        if (c->kind == PV_COLUMN_BINS) {
            const double u = pv_stream_double(stream);
            const double range = c->maximum - c->minimum;
            number = c->integer ? c->minimum + floor(u * (range + 1))
                                : c->minimum + u * range;
        }
        sum += pv_plane_part(&term[t], c, code, number);
    }
    return sum;
}

static int rising(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The u-quantile, in the middle between it and the next value there is, so that the
 * last bits of a sum do not decide and some row is above it: unless all are equal. */
static double draw_bound(const pv_queries *q, const pv_plane_term *term,
                         pv_stream *stream)
{
    double value[sample_rows];
    const double u = 0.05 + 0.9 * pv_stream_double(stream);
    for (size_t i = 0; i < sample_rows; i++)
        value[i] = draw_row(q, term, stream);
    qsort(value, sample_rows, sizeof *value, rising);
    size_t at = (size_t)(u * (sample_rows - 1));
    while (at > 0 && value[at] >= value[sample_rows - 1])
        at--;
    size_t next = at;
    while (next + 1 < sample_rows && value[next] <= value[at])
        next++;
    return value[at] / 2 + value[next] / 2;
}

static pv_status add_plane(pv_queries *q, pv_stream *stream, size_t number,
                           pv_error *err)
{
    pv_status status = PV_OK;
    pv_plane_term *term = pv_queries_alloc(q, q->free_count, sizeof *term);
    if (term == NULL)
        return pv_fail_memory(err, "queries");
    PV_TRY(draw_terms(q, stream, term, err));
    pv_group group = {.kind = PV_GROUP_PLANE,
                      .most = 1,
                      .cross = -1,
                      .crossed = 1,
                      .terms = q->free_count,
                      .term = term,
                      .bound = draw_bound(q, term, stream)};
    PV_TRY(pv_queries_add(q, &group,
                          pv_queries_text(q, "half-space %zu over %zu columns",
                                          number, q->free_count),
                          err));
out:
    return status;
}

pv_status pv_halfspace_add(pv_queries *q, const pv_family *family,
                           pv_error *err)
{
    pv_status status = PV_OK;
    pv_stream stream;
    pv_key key;
    PV_TRY(pv_queries_room(q, family->number, err));
    pv_family_key("halfspace", family->seed, &key);
    for (size_t i = 0; i < family->number; i++) {
        pv_stream_init(&stream, &key, i);
        PV_TRY(add_plane(q, &stream, i + 1, err));
    }
out:
    return status;
}
