#include "gen/gsd/start.h"

#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { most_repairs = 1000 };

/* As many rows of each cell as its share, one draw deciding all fractions. */
static void deal(const double *share, uint32_t cells, uint32_t *value,
                 size_t rows, pv_stream *stream)
{
    const double offset = pv_stream_double(stream);
    double reached = 0;
    size_t at = 0;
    for (uint32_t c = 0; c < cells; c++) {
        reached += share[c] * (double)rows;
        while (at < rows && (double)at + offset < reached)
            value[at++] = c;
    }
    while (at < rows)
        value[at++] = cells - 1;
    pv_stream_shuffle(stream, value, rows);
}

static pv_status fill_columns(pv_gsd_state *s, const pv_gsd_targets *targets,
                              pv_stream *stream, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t rows = pv_gsd_rows(s);
    uint32_t *value = pv_array_alloc(rows, sizeof *value);
    double *share = NULL;
    if (value == NULL)
        return pv_fail_memory(err, "rows");
    for (size_t p = 0; p < pv_gsd_columns(s); p++) {
        const uint32_t cells = pv_gsd_cells(s, p);
        free(share);
        share = pv_array_alloc(cells, sizeof *share);
        if (share == NULL) {
            status = pv_fail_memory(err, "rows");
            goto out;
        }
        if (targets != NULL) {
            PV_TRY(pv_gsd_targets_shares(targets, pv_gsd_column(s, p),
                                         share, err));
            deal(share, cells, value, rows, stream);
        } else {
            for (size_t r = 0; r < rows; r++)
                value[r] = (uint32_t)pv_stream_below(stream, cells);
        }
        for (size_t r = 0; r < rows; r++)
            pv_gsd_put(s, r, p, value[r],
                       pv_gsd_inside(s, p, value[r], stream));
    }
out:
    free(value);
    free(share);
    return status;
}

/* Gives columns of a rule that the row breaks other values until it breaks none. */
static bool repair(pv_gsd_state *s, size_t row, pv_stream *stream)
{
    size_t place;
    for (int i = 0; i < most_repairs; i++) {
        if (!pv_gsd_breaks(s, row, (size_t)pv_stream_below(stream, 1 << 20),
                           &place))
            return true;
        const uint32_t cell =
            (uint32_t)pv_stream_below(stream, pv_gsd_cells(s, place));
        pv_gsd_put(s, row, place, cell, pv_gsd_inside(s, place, cell, stream));
    }
    return false;
}

static void copy_row(pv_gsd_state *s, size_t row, const pv_gsd_state *from,
                     size_t source)
{
    for (size_t p = 0; p < pv_gsd_columns(s); p++)
        pv_gsd_put(s, row, p, pv_gsd_cell(from, source, p),
                   pv_gsd_number(from, source, p));
}

/* A row that cannot be repaired becomes a copy of one that is legal. */
static pv_status obey_zeros(pv_gsd_state *s, pv_stream *stream, pv_error *err)
{
    const size_t rows = pv_gsd_rows(s);
    size_t legal = SIZE_MAX, broken = 0;
    for (size_t r = 0; r < rows; r++) {
        if (repair(s, r, stream)) {
            legal = r;
        } else if (legal != SIZE_MAX) {
            copy_row(s, r, s, legal);
        } else {
            broken = r + 1;
        }
        if (broken > 100)
            break;
    }
    if (rows > 0 && legal == SIZE_MAX)
        return pv_fail(err, PV_EUNSUPPORTED,
                       "no row was found that breaks no structural zero; "
                       "check the zeros, or use a method with a model (mst, "
                       "aim, tree)");
    for (size_t r = 0; r < broken; r++)
        if (!repair(s, r, stream))
            copy_row(s, r, s, legal);
    return PV_OK;
}

pv_status pv_gsd_start(pv_gsd_state *s, const pv_gsd_targets *targets,
                       const pv_key *key, pv_error *err)
{
    pv_status status = PV_OK;
    pv_stream stream;
    pv_stream_init(&stream, key, 0);
    PV_TRY(fill_columns(s, targets, &stream, err));
    PV_TRY(obey_zeros(s, &stream, err));
out:
    return status;
}

/* Of a column of numbers: where each code's cells begin, and the sums of their shares
 * up to each. */
typedef struct inside {
    uint32_t *first;
    double *reached;
} inside;

static bool find_inside(const pv_axis *axis, const pv_column *column,
                        const double *share, inside *in)
{
    in->first = pv_array_calloc((size_t)column->levels + 1, sizeof *in->first);
    in->reached = pv_array_alloc((size_t)axis->cells + 1, sizeof *in->reached);
    if (in->first == NULL || in->reached == NULL)
        return false;
    in->reached[0] = 0;
    for (uint32_t c = 0, code = 0; c < axis->cells; c++) {
        in->reached[c + 1] = in->reached[c] + share[c];
        while (code < pv_axis_code(axis, column, c))
            in->first[++code] = c;
    }
    in->first[column->levels] = axis->cells;
    return true;
}

/* A cell of a code by its share of the code's; any of them where there is none. */
static uint32_t draw_cell(const inside *in, uint32_t code, pv_stream *stream)
{
    const uint32_t from = in->first[code], to = in->first[code + 1];
    const double all = in->reached[to] - in->reached[from];
    const double u = pv_stream_double(stream);
    uint32_t low = from, high = to - 1;
    if (!(all > 0))
        return from + (uint32_t)(u * (double)(to - from));
    while (low < high) { /* the first that reaches beyond the lot */
        const uint32_t middle = low + (high - low) / 2;
        if (in->reached[middle + 1] - in->reached[from] > u * all)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static pv_status put_codes(pv_gsd_state *s, const pv_gsd_targets *t,
                           size_t place, const uint32_t *codes,
                           pv_stream *stream, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_schema *schema = pv_queries_schema(t->queries);
    const size_t columns = pv_schema_columns(schema);
    const uint32_t c = pv_gsd_column(s, place);
    const pv_axis *axis = pv_queries_axis(t->queries, c);
    inside in = {NULL, NULL};
    double *share = pv_array_alloc(axis->cells, sizeof *share);
    if (share == NULL)
        return pv_fail_memory(err, "rows");
    if (axis->numbers) {
        PV_TRY(pv_gsd_targets_shares(t, c, share, err));
        if (!find_inside(axis, pv_schema_column(schema, c), share, &in)) {
            status = pv_fail_memory(err, "rows");
            goto out;
        }
    }
    for (size_t r = 0; r < pv_gsd_rows(s); r++) {
        const uint32_t code = codes[r * columns + c];
        const uint32_t cell =
            axis->numbers ? draw_cell(&in, code, stream) : code;
        pv_gsd_put(s, r, place, cell, pv_gsd_inside(s, place, cell, stream));
    }
out:
    free(share);
    free(in.first);
    free(in.reached);
    return status;
}

pv_status pv_gsd_start_codes(pv_gsd_state *s, const pv_gsd_targets *targets,
                             const uint32_t *codes, const pv_key *key,
                             pv_error *err)
{
    pv_status status = PV_OK;
    pv_stream stream;
    pv_stream_init(&stream, key, 0);
    for (size_t p = 0; p < pv_gsd_columns(s); p++)
        PV_TRY(put_codes(s, targets, p, codes, &stream, err));
out:
    return status;
}

void pv_gsd_start_from(pv_gsd_state *s, const pv_gsd_state *from,
                       const pv_key *key)
{
    const size_t rows = pv_gsd_rows(s), have = pv_gsd_rows(from);
    pv_stream stream;
    pv_stream_init(&stream, key, 0);
    size_t left = rows % have, place = 0;
    for (size_t r = 0; r < rows - left; r++)
        copy_row(s, r, from, r % have);
    /* the rest: each of `have` with the same chance, in order */
    for (size_t r = rows - left; r < rows; place++)
        if (pv_stream_below(&stream, have - place) < left) {
            copy_row(s, r++, from, place);
            left--;
        }
}
