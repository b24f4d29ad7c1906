#include "gen/pe/rows_source.h"

#include "core/memory.h"
#include "gen/pe/particles_internal.h"
#include "io/numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { tries_most = 10000, tries_of_child = 20 };

/* Rows that were made: an item is a row's number. */
typedef struct rows_source {
    pv_source source;
    pv_ground ground; /* of which zeros are asked: no evidence */
    size_t columns, count, room;
    uint32_t *code;
    double *value;
    float *vector;
} rows_source;

static rows_source *of(pv_source *source)
{
    return (rows_source *)source;
}

/* A new row, a copy of another or (SIZE_MAX) of zeros. */
static pv_status add_row(rows_source *s, size_t from, pv_error *err)
{
    if (s->count == s->room) {
        const size_t room = s->room > 0 ? 2 * s->room : 1024;
        uint32_t *code =
            pv_array_realloc(s->code, room * s->columns, sizeof *code);
        if (code != NULL)
            s->code = code;
        double *value =
            pv_array_realloc(s->value, room * s->columns, sizeof *value);
        if (value != NULL)
            s->value = value;
        if (code == NULL || value == NULL)
            return pv_fail_memory(err, "the rows");
        s->room = room;
    }
    uint32_t *code = s->code + s->count * s->columns;
    double *value = s->value + s->count * s->columns;
    for (size_t c = 0; c < s->columns; c++) {
        code[c] = from != SIZE_MAX ? s->code[from * s->columns + c] : 0;
        value[c] = from != SIZE_MAX ? s->value[from * s->columns + c] : NAN;
    }
    s->count++;
    return PV_OK;
}

static pv_status to_population(rows_source *s, size_t row, uint32_t class,
                               uint32_t generation, pv_population *into,
                               pv_error *err)
{
    pv_space_embed(s->ground.space, s->code + row * s->columns,
                   s->value + row * s->columns, s->vector);
    return pv_population_add(into, class, row, generation, s->vector, err);
}

static pv_status draw_first(rows_source *s, uint32_t class, pv_stream *stream,
                            pv_error *err)
{
    const pv_axes *axes = s->ground.axes;
    const pv_status status = add_row(s, SIZE_MAX, err);
    if (status != PV_OK)
        return status;
    uint32_t *code = s->code + (s->count - 1) * s->columns;
    double *value = s->value + (s->count - 1) * s->columns;
    if (s->ground.by != PV_NO_COLUMN)
        code[s->ground.by] = class;
    for (int tries = 0; tries < tries_most; tries++) {
        for (size_t a = 0; a < pv_axes_count(axes); a++) {
            const size_t c = pv_axes_column(axes, a);
            pv_axes_draw(axes, a, class, stream, &code[c], &value[c]);
        }
        if (pv_particle_legal(&s->ground, code))
            return PV_OK;
    }
    return pv_fail(err, PV_EUNSUPPORTED,
                   "the schema's zeros leave so few rows that none is found by "
                   "drawing columns one by one; use another method, such as "
                   "mst or aim");
}

static pv_status random_rows(pv_source *source, const size_t *wanted,
                             pv_population *into, pv_error *err)
{
    pv_status status = PV_OK;
    rows_source *s = of(source);
    for (uint32_t c = 0; c < source->classes; c++) {
        pv_stream stream;
        pv_source_stream(source, "first", 0, c, &stream);
        for (size_t i = 0; i < wanted[c] && status == PV_OK; i++) {
            status = draw_first(s, c, &stream, err);
            if (status == PV_OK)
                status = to_population(s, s->count - 1, c, 0, into, err);
        }
        pv_stream_wipe(&stream);
        if (status != PV_OK)
            break;
    }
    return status;
}

static void vary_row(rows_source *s, double degree, pv_stream *stream)
{
    const pv_axes *axes = s->ground.axes;
    uint32_t *code = s->code + (s->count - 1) * s->columns;
    double *value = s->value + (s->count - 1) * s->columns;
    for (size_t a = 0; a < pv_axes_count(axes); a++) {
        const size_t c = pv_axes_column(axes, a);
        const double shift = degree * (2 * pv_stream_double(stream) - 1);
        const bool redraw = pv_stream_double(stream) < degree;
        if (!pv_axes_shift(axes, a, shift, &code[c], &value[c]) && redraw)
            pv_axes_draw_alike(axes, a, stream, &code[c], &value[c]);
    }
}

static pv_status make_child(rows_source *s, size_t parent, double degree,
                            pv_stream *stream, pv_error *err)
{
    for (int tries = 0; tries <= tries_of_child; tries++) {
        const pv_status status = add_row(s, parent, err);
        if (status != PV_OK)
            return status;
        if (tries < tries_of_child)
            vary_row(s, degree, stream);
        if (pv_particle_legal(&s->ground,
                              s->code + (s->count - 1) * s->columns))
            break;
        s->count--;
    }
    return PV_OK;
}

static pv_status vary(pv_source *source, const pv_population *parents,
                      const pv_variation *how, pv_population *into,
                      pv_error *err)
{
    pv_status status = PV_OK;
    rows_source *s = of(source);
    for (size_t i = 0; i < parents->count; i++) {
        pv_stream stream;
        pv_source_stream(source, how->ahead ? "ahead" : "vary", how->step, i,
                         &stream);
        for (size_t k = 0; k < how->fold && status == PV_OK; k++) {
            status = make_child(s, (size_t)parents->item[i], how->degree,
                                &stream, err);
            if (status == PV_OK)
                status = to_population(s, s->count - 1, parents->class[i],
                                       (uint32_t)how->step, into, err);
        }
        pv_stream_wipe(&stream);
        if (status != PV_OK)
            break;
    }
    return status;
}

/* --- a table ---------------------------------------------------------------------- */

static void put_row(const rows_source *s, size_t item, size_t row, bool numbers,
                    pv_table *table)
{
    const pv_schema *schema = s->ground.schema;
    for (size_t c = 0; c < s->columns; c++) {
        const size_t at = item * s->columns + c;
        if (pv_schema_root(schema, c) != c)
            continue;
        if (!numbers)
            pv_table_put(table, c, row, 1, &s->code[at]);
        else if (pv_schema_column(schema, c)->kind == PV_COLUMN_BINS &&
                 !isnan(s->value[at]))
            pv_table_put_values(table, c, row, 1, &s->value[at]);
    }
}

static void put_all(const rows_source *s, const pv_outcome *outcome,
                    const uint32_t *copies, const uint32_t *order, bool numbers,
                    pv_table *table)
{
    for (size_t i = 0, at = 0; i < outcome->count; i++)
        for (uint32_t k = 0; k < copies[i]; k++)
            put_row(s, (size_t)outcome->item[i], order[at++], numbers, table);
}

static pv_status rows(pv_source *source, const pv_outcome *outcome,
                      size_t count, const pv_key *key, pv_table **result,
                      pv_error *err)
{
    pv_status status = PV_OK;
    const rows_source *s = of(source);
    pv_key of_numbers;
    pv_table *table = NULL;
    uint32_t *copies = NULL, *order = NULL;
    PV_TRY(pv_outcome_deal(outcome, count, key, &copies, &order, err));
    PV_TRY(pv_table_alloc(s->ground.schema, count, true, &table, err));
    put_all(s, outcome, copies, order, false, table);
    PV_TRY(pv_table_determine(table, err));
    pv_key_derive(key, "numbers", NULL, 0, &of_numbers);
    PV_TRY(pv_numbers_fill(table, &of_numbers, err));
    put_all(s, outcome, copies, order, true, table);
    *result = table;
    table = NULL;
out:
    pv_table_free(table);
    free(copies);
    free(order);
    return status;
}

static void rows_free(pv_source *source)
{
    rows_source *s = of(source);
    free(s->code);
    free(s->value);
    free(s->vector);
    pv_key_wipe(&source->key);
    free(s);
}

pv_status pv_rows_source_alloc(const pv_schema *schema, size_t by,
                               size_t classes, const pv_axes *axes,
                               const pv_space *space, const pv_key *key,
                               pv_source **source, pv_error *err)
{
    rows_source *s = pv_array_calloc(1, sizeof *s);
    *source = NULL;
    if (s == NULL)
        return pv_fail_memory(err, "the rows");
    s->source = (pv_source){.random = random_rows,
                            .vary = vary,
                            .rows = rows,
                            .free = rows_free,
                            .width = pv_space_width(space),
                            .classes = classes,
                            .key = *key};
    s->ground = (pv_ground){.schema = schema,
                            .by = by,
                            .classes = classes,
                            .axes = axes,
                            .space = space};
    s->columns = pv_schema_columns(schema);
    s->vector = pv_array_alloc(pv_space_width(space), sizeof *s->vector);
    if (s->vector == NULL) {
        rows_free(&s->source);
        return pv_fail_memory(err, "the rows");
    }
    *source = &s->source;
    return PV_OK;
}
