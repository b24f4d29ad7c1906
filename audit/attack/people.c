#include "audit/attack/people.h"

#include "core/memory.h"
#include "io/rows.h"

#include <stdlib.h>

pv_status pv_people_draw(pv_stream *stream, size_t of, size_t count,
                         uint32_t *row, pv_error *err)
{
    uint32_t *left = pv_array_alloc(of, sizeof *left);
    if (left == NULL)
        return pv_fail_memory(err, "a draw of people");
    for (size_t i = 0; i < of; i++)
        left[i] = (uint32_t)i;
    for (size_t i = 0; i < count; i++) {
        const size_t j = i + pv_stream_below(stream, of - i);
        row[i] = left[j];
        left[j] = left[i];
    }
    free(left);
    return PV_OK;
}

static void put_column(const pv_table *from, size_t column, const uint32_t *row,
                       size_t count, size_t first, uint32_t *code,
                       pv_table *people)
{
    const pv_codes codes = pv_table_codes(from, column);
    for (size_t i = 0; i < count; i++)
        code[i] = pv_codes_at(codes, row[i]);
    pv_table_put(people, column, first, count, code);
}

pv_status pv_people_take(const pv_table *from, const uint32_t *row,
                         size_t count, const pv_table *and,
                         const uint32_t *more_row, size_t more,
                         pv_table **people, pv_error *err)
{
    const pv_schema *schema = pv_table_schema(from);
    pv_status status = PV_OK;
    uint32_t *code =
        pv_array_alloc(count > more ? count : more, sizeof *code);
    *people = NULL;
    if (code == NULL)
        return pv_fail_memory(err, "some of the people");
    PV_TRY(pv_table_alloc(schema, count + more, false, people, err));
    for (size_t c = 0; c < pv_schema_columns(schema); c++) {
        put_column(from, c, row, count, 0, code, *people);
        if (more > 0)
            put_column(and, c, more_row, more, count, code, *people);
    }
out:
    free(code);
    return status;
}
