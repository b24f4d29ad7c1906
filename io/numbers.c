#include "io/numbers.h"

#include "core/memory.h"
#include "io/rows.h"

#include <math.h>
#include <stdlib.h>

enum { block_rows = 4096 };

static double draw(const pv_column *column, uint32_t code, pv_stream *stream)
{
    const uint32_t bins = column->levels - (column->missing ? 1 : 0);
    if (code >= bins)
        return NAN;
    const double low = column->edges[code], high = column->edges[code + 1];
    if (!column->integer) {
        const double x = low + pv_stream_double(stream) * (high - low);
        return x < high ? x : low; /* rounding may reach the next bin */
    }
    /* inner edges belong to the bin above, the last to the last bin */
    const double last = code + 1 == bins ? high : high - 1;
    return low + (double)pv_stream_below(stream, (uint64_t)(last - low) + 1);
}

pv_status pv_numbers_fill(pv_table *table, const pv_key *key, pv_error *err)
{
    const pv_schema *schema = pv_table_schema(table);
    const size_t rows = pv_table_rows(table);
    double *values = pv_array_alloc(block_rows, sizeof *values);
    if (values == NULL)
        return pv_fail_memory(err, "the numbers");
    for (size_t c = 0; c < pv_schema_columns(schema); c++) {
        const pv_column *column = pv_schema_column(schema, c);
        if (column->kind != PV_COLUMN_BINS)
            continue;
        /* a number that follows from another column is the one stated */
        const double *stated = pv_schema_map_numbers(schema, c);
        const pv_codes codes = pv_table_codes(
            table, stated != NULL ? pv_schema_root(schema, c) : c);
        for (size_t from = 0; from < rows; from += block_rows) {
            const size_t n = rows - from < block_rows ? rows - from : block_rows;
            pv_stream stream;
            pv_stream_init(&stream, key, (uint64_t)c << 40 | from / block_rows);
            for (size_t i = 0; i < n; i++)
                values[i] =
                    stated != NULL
                        ? stated[pv_codes_at(codes, from + i)]
                        : draw(column, pv_codes_at(codes, from + i), &stream);
            pv_table_put_values(table, c, from, n, values);
        }
    }
    free(values);
    return PV_OK;
}
