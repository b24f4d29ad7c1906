#include "audit/attack/people.h"

#include "core/memory.h"
#include "io/rows.h"

#include <stdlib.h>

void pv_people_stream(const pv_key *key, const char *purpose,
                      pv_stream *stream)
{
    pv_key derived;
    pv_key_derive(key, purpose, NULL, 0, &derived);
    pv_stream_init(stream, &derived, 0);
    pv_key_wipe(&derived);
}

pv_status pv_people_draw(const pv_key *key, const char *purpose,
                         const pv_table *table, size_t most, pv_people *people,
                         uint32_t **drawn, pv_error *err)
{
    const size_t rows = pv_table_rows(table);
    pv_stream stream;
    *drawn = NULL;
    if (rows >= UINT32_MAX)
        return pv_fail(err, PV_ETOOBIG,
                       "too many rows to draw people from: audit a sample");
    uint32_t *row = pv_array_alloc(rows, sizeof *row);
    if (row == NULL)
        return pv_fail_memory(err, "a draw of people");
    for (uint32_t r = 0; r < rows; r++)
        row[r] = r;
    const size_t count = most > 0 && most < rows ? most : rows;
    pv_people_stream(key, purpose, &stream);
    for (size_t i = 0; i < count; i++) {
        const size_t j = i + (size_t)pv_stream_below(&stream, rows - i);
        const uint32_t taken = row[j];
        row[j] = row[i];
        row[i] = taken;
    }
    pv_stream_wipe(&stream);
    *people = (pv_people){table, row, count};
    *drawn = row;
    return PV_OK;
}

pv_status pv_people_copy(const pv_people *people, pv_table **table,
                         pv_error *err)
{
    enum { chunk = 1024 };
    pv_status status = PV_OK;
    const pv_schema *schema = pv_table_schema(people->table);
    uint32_t code[chunk];
    PV_TRY(pv_table_alloc(schema, people->count, false, table, err));
    for (size_t c = 0; c < pv_schema_columns(schema); c++) {
        const pv_codes from = pv_table_codes(people->table, c);
        for (size_t first = 0; first < people->count; first += chunk) {
            const size_t left = people->count - first;
            const size_t n = left < chunk ? left : chunk;
            for (size_t i = 0; i < n; i++)
                code[i] = pv_codes_at(from, people->row != NULL
                                                ? people->row[first + i]
                                                : first + i);
            pv_table_put(*table, c, first, n, code);
        }
    }
out:
    return status;
}
