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

pv_status pv_people_shuffle(pv_stream *stream, size_t of, size_t count,
                            uint32_t *row, pv_error *err)
{
    uint32_t *left = pv_array_alloc(of, sizeof *left);
    if (left == NULL)
        return pv_fail_memory(err, "a draw of people");
    for (size_t i = 0; i < of; i++)
        left[i] = (uint32_t)i;
    for (size_t i = 0; i < count; i++) {
        const size_t j = i + (size_t)pv_stream_below(stream, of - i);
        row[i] = left[j];
        left[j] = left[i];
    }
    free(left);
    return PV_OK;
}

pv_status pv_people_draw(const pv_key *key, const char *purpose,
                         const pv_table *table, size_t most, pv_people *people,
                         uint32_t **drawn, pv_error *err)
{
    const size_t rows = pv_table_rows(table);
    const size_t count = most > 0 && most < rows ? most : rows;
    pv_stream stream;
    *drawn = NULL;
    if (rows >= UINT32_MAX)
        return pv_fail(err, PV_ETOOBIG,
                       "too many rows to draw people from: audit a sample");
    uint32_t *row = pv_array_alloc(count, sizeof *row);
    if (row == NULL)
        return pv_fail_memory(err, "a draw of people");
    pv_people_stream(key, purpose, &stream);
    const pv_status status = pv_people_shuffle(&stream, rows, count, row, err);
    pv_stream_wipe(&stream);
    if (status != PV_OK) {
        free(row);
        return status;
    }
    *people = (pv_people){table, row, count};
    *drawn = row;
    return PV_OK;
}

static void copy_column(const pv_people *people, size_t column, size_t to,
                        pv_table *table)
{
    enum { chunk = 1024 };
    uint32_t code[chunk];
    const pv_codes from = pv_table_codes(people->table, column);
    for (size_t first = 0; first < people->count; first += chunk) {
        const size_t left = people->count - first;
        const size_t n = left < chunk ? left : chunk;
        for (size_t i = 0; i < n; i++)
            code[i] = pv_codes_at(from, people->row != NULL
                                            ? people->row[first + i]
                                            : first + i);
        pv_table_put(table, column, to + first, n, code);
    }
}

pv_status pv_people_join(const pv_people *part, size_t parts, pv_table **table,
                         pv_error *err)
{
    const pv_schema *schema = pv_table_schema(part[0].table);
    size_t rows = 0;
    for (size_t i = 0; i < parts; i++)
        rows += part[i].count;
    const pv_status status = pv_table_alloc(schema, rows, false, table, err);
    if (status != PV_OK)
        return status;
    for (size_t c = 0; c < pv_schema_columns(schema); c++)
        for (size_t i = 0, to = 0; i < parts; to += part[i++].count)
            copy_column(&part[i], c, to, *table);
    return PV_OK;
}

pv_status pv_people_copy(const pv_people *people, pv_table **table,
                         pv_error *err)
{
    return pv_people_join(people, 1, table, err);
}
