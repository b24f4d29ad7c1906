#include "gen/pe/axes.h"

#include "core/memory.h"
#include "embeddings/space.h"
#include "marginals/factor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct axis {
    size_t column, bins;
    const pv_column *of;
    bool number;          /* has a range: all but labels */
    double low, high;     /* of numbers: the range; whole ones are whole */
    uint32_t *bin;        /* of each code */
    uint32_t *first;      /* bins + 1: the first code of each */
    double *measure;      /* of each bin: its share of the column, were values alike */
    double *until;        /* classes x bins: sums of the law up to and with a bin */
    double *density;      /* classes x bins: ln (share / measure) */
} axis;

struct pv_axes {
    size_t count, classes;
    axis *axis;
};

/* --- bins ------------------------------------------------------------------------- */

static double code_low(const pv_column *c, uint32_t code)
{
    return c->kind == PV_COLUMN_BINS ? c->edges[code] : c->minimum + code;
}

/* Where the values of a code end: of whole numbers the last one. */
static double code_high(const pv_column *c, uint32_t code)
{
    const uint32_t named = c->levels - (c->missing ? 1 : 0);
    if (c->kind != PV_COLUMN_BINS)
        return c->minimum + code;
    return c->integer && code + 1 < named ? c->edges[code + 1] - 1
                                          : c->edges[code + 1];
}

/* How much of a column lies in codes first .. last. */
static double extent(const axis *a, uint32_t first, uint32_t last)
{
    const double low = code_low(a->of, first), high = code_high(a->of, last);
    const double whole = a->of->integer ? 1 : 0;
    const double all = a->high - a->low + whole;
    return all > 0 ? (high - low + whole) / all : 1;
}

static bool make_room(axis *a, size_t classes)
{
    a->bin = pv_array_alloc(a->of->levels, sizeof *a->bin);
    a->first = pv_array_alloc(a->bins + 1, sizeof *a->first);
    a->measure = pv_array_alloc(a->bins, sizeof *a->measure);
    a->until = pv_array_alloc(classes * a->bins, sizeof *a->until);
    a->density = pv_array_alloc(classes * a->bins, sizeof *a->density);
    return a->bin != NULL && a->first != NULL && a->measure != NULL &&
           a->until != NULL && a->density != NULL;
}

static void cut(axis *a, size_t named)
{
    const size_t whole = a->bins - (a->of->missing ? 1 : 0);
    const double level = 1.0 / (double)a->of->levels;
    for (size_t b = 0; b < whole; b++)
        a->first[b] = (uint32_t)(b * named / whole);
    a->first[whole] = (uint32_t)named;
    a->first[a->bins] = a->of->levels;
    for (size_t b = 0; b < a->bins; b++) {
        for (uint32_t code = a->first[b]; code < a->first[b + 1]; code++)
            a->bin[code] = (uint32_t)b;
        /* what is missing is a level like any other; a part of nothing, as a
         * maximum by itself is, is drawn never else */
        a->measure[b] = !a->number || b >= whole
                            ? level
                            : fmax(extent(a, a->first[b], a->first[b + 1] - 1),
                                   1e-9) *
                                  (a->of->missing ? 1 - level : 1);
    }
}

static pv_status make_axis(const pv_schema *schema, size_t column,
                           size_t classes, size_t most, pv_axes *axes,
                           pv_error *err)
{
    axis *a = &axes->axis[axes->count++];
    *a = (axis){.column = column, .of = pv_schema_column(schema, column)};
    const size_t named = a->of->levels - (a->of->missing ? 1 : 0);
    a->number = a->of->kind != PV_COLUMN_LABELS;
    a->bins = a->number && named > most ? most : named;
    a->bins += a->of->missing ? 1 : 0;
    if (a->number) {
        a->low = code_low(a->of, 0);
        a->high = code_high(a->of, (uint32_t)named - 1);
    }
    if (!make_room(a, classes))
        return pv_fail_memory(err, "the columns");
    cut(a, named);
    double *alike = pv_array_alloc(classes * a->bins, sizeof *alike);
    if (alike == NULL)
        return pv_fail_memory(err, "the columns");
    for (size_t i = 0; i < classes * a->bins; i++)
        alike[i] = a->measure[i % a->bins];
    pv_axes_set_law(axes, axes->count - 1, alike);
    free(alike);
    return PV_OK;
}

pv_status pv_axes_alloc(const pv_schema *schema, size_t by, size_t classes,
                        size_t most, pv_axes **axes, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t columns = pv_schema_columns(schema);
    pv_axes *a = pv_array_calloc(1, sizeof *a);
    *axes = NULL;
    if (a == NULL)
        return pv_fail_memory(err, "the columns");
    a->classes = classes;
    a->axis = pv_array_calloc(columns, sizeof *a->axis);
    if (a->axis == NULL) {
        status = pv_fail_memory(err, "the columns");
        goto out;
    }
    for (size_t c = 0; c < columns; c++)
        if (c != by && pv_schema_root(schema, c) == c &&
            pv_schema_column(schema, c)->levels > 1)
            PV_TRY(make_axis(schema, c, classes, most, a, err));
    *axes = a;
    a = NULL;
out:
    pv_axes_free(a);
    return status;
}

void pv_axes_free(pv_axes *axes)
{
    if (axes == NULL)
        return;
    for (size_t i = 0; i < axes->count; i++) {
        free(axes->axis[i].bin);
        free(axes->axis[i].first);
        free(axes->axis[i].measure);
        free(axes->axis[i].until);
        free(axes->axis[i].density);
    }
    free(axes->axis);
    free(axes);
}

size_t pv_axes_count(const pv_axes *axes)
{
    return axes->count;
}

size_t pv_axes_column(const pv_axes *axes, size_t i)
{
    return axes->axis[i].column;
}

size_t pv_axes_bins(const pv_axes *axes, size_t i)
{
    return axes->axis[i].bins;
}

uint32_t pv_axes_bin(const pv_axes *axes, size_t i, uint32_t code)
{
    return axes->axis[i].bin[code];
}

bool pv_axes_is_number(const pv_axes *axes, size_t i)
{
    return axes->axis[i].number;
}

/* --- laws ---------------------------------------------------------------------------- */

void pv_axes_set_law(pv_axes *axes, size_t i, const double *share)
{
    axis *a = &axes->axis[i];
    for (size_t c = 0; c < axes->classes; c++, share += a->bins) {
        double sum = 0;
        const double all = pv_sum(share, a->bins);
        for (size_t b = 0; b < a->bins; b++) {
            sum += share[b] / all;
            a->until[c * a->bins + b] = sum;
            a->density[c * a->bins + b] =
                pv_log(share[b] / all / a->measure[b]);
        }
        a->until[(c + 1) * a->bins - 1] = 1;
    }
}

/* A value of codes first .. last, all alike. */
static void draw_within(const axis *a, uint32_t first, uint32_t last,
                        pv_stream *stream, uint32_t *code, double *value)
{
    *value = NAN;
    if (!a->number || (a->of->missing && last == a->of->levels - 1)) {
        *code = first + (uint32_t)pv_stream_below(stream, last - first + 1);
        return;
    }
    const double low = code_low(a->of, first), high = code_high(a->of, last);
    *value = a->of->integer
                 ? low + (double)pv_stream_below(stream,
                                                 (uint64_t)(high - low) + 1)
                 : low + pv_stream_double(stream) * (high - low);
    *code = pv_column_encode_number(a->of, *value);
}

void pv_axes_draw(const pv_axes *axes, size_t i, size_t class,
                  pv_stream *stream, uint32_t *code, double *value)
{
    const axis *a = &axes->axis[i];
    const double *until = a->until + class * a->bins;
    const double u = pv_stream_double(stream);
    size_t low = 0, high = a->bins - 1; /* the first bin that u lies below */
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (u < until[middle])
            high = middle;
        else
            low = middle + 1;
    }
    draw_within(a, a->first[low], a->first[low + 1] - 1, stream, code, value);
}

void pv_axes_draw_alike(const pv_axes *axes, size_t i, pv_stream *stream,
                        uint32_t *code, double *value)
{
    const axis *a = &axes->axis[i];
    const uint32_t levels = a->of->levels;
    /* what is missing is a level like a label's, as likely as one in all */
    if (!a->number || (a->of->missing && pv_stream_below(stream, levels) == 0))
        draw_within(a, a->number ? levels - 1 : 0, levels - 1, stream, code,
                    value);
    else
        draw_within(a, 0, levels - 1 - (a->of->missing ? 1 : 0), stream, code,
                    value);
}

double pv_axes_density(const pv_axes *axes, size_t i, size_t class,
                       uint32_t code)
{
    const axis *a = &axes->axis[i];
    return a->density[class * a->bins + a->bin[code]];
}

bool pv_axes_shift(const pv_axes *axes, size_t i, double shift, uint32_t *code,
                   double *value)
{
    const axis *a = &axes->axis[i];
    if (!a->number || isnan(*value))
        return false;
    /* whole numbers stand for half a unit on either side: reflected at the last one it
     * would be reached from its neighbour half as often as the other way round */
    const double rim = a->of->integer ? 0.5 : 0;
    const double low = a->low - rim, high = a->high + rim;
    double x = *value + shift * (a->high - a->low);
    x = x < low ? 2 * low - x : x > high ? 2 * high - x : x;
    x = a->of->integer ? floor(x + 0.5) : x;
    *value = x < a->low ? a->low : x > a->high ? a->high : x;
    *code = pv_column_encode_number(a->of, *value);
    return true;
}

/* --- spread ----------------------------------------------------------------------------- */

/* The share of a bin in all classes. */
static double share_of(const pv_axes *axes, const axis *a, size_t b,
                       const double *rows)
{
    double sum = 0, all = 0;
    for (size_t c = 0; c < axes->classes; c++) {
        const double *until = a->until + c * a->bins;
        sum += rows[c] * (until[b] - (b > 0 ? until[b - 1] : 0));
        all += rows[c];
    }
    return all > 0 ? sum / all : 0;
}

double pv_axes_spread(const pv_axes *axes, size_t i, const double *rows)
{
    const axis *a = &axes->axis[i];
    const size_t whole = a->bins - (a->of->missing ? 1 : 0);
    double all = 0, mean = 0, square = 0, squares = 0;
    for (size_t b = 0; b < a->bins; b++) {
        const double q = share_of(axes, a, b, rows);
        squares += q * q;
        if (!a->number || b >= whole)
            continue;
        const double middle = (code_low(a->of, a->first[b]) +
                               code_high(a->of, a->first[b + 1] - 1)) / 2;
        const double x =
            a->high > a->low ? (middle - a->low) / (a->high - a->low) : 0;
        all += q;
        mean += q * x;
        square += q * x * x;
    }
    if (!a->number)
        return sqrt(fmax(1 - squares, 0));
    return all > 0 ? sqrt(fmax(square / all - mean * mean / all / all, 0)) : 0;
}
