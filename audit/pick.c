#include "audit/pick.h"

#include "core/memory.h"
#include "io/rows.h"

#include <stdlib.h>
#include <string.h>

static void pick_column(const pv_table *table, size_t column,
                        const uint32_t *row, size_t count, pv_table *to)
{
    enum { block = 1024 };
    uint32_t code[block];
    double value[block];
    const pv_codes codes = pv_table_codes(table, column);
    const double *values = pv_table_values(table, column);
    for (size_t first = 0; first < count; first += block) {
        const size_t n = count - first < block ? count - first : block;
        for (size_t i = 0; i < n; i++) {
            code[i] = pv_codes_at(codes, row[first + i]);
            value[i] = values != NULL ? values[row[first + i]] : 0;
        }
        pv_table_put(to, column, first, n, code);
        if (values != NULL)
            pv_table_put_values(to, column, first, n, value);
    }
}

static bool has_values(const pv_table *table)
{
    const size_t columns = pv_schema_columns(pv_table_schema(table));
    for (size_t c = 0; c < columns; c++)
        if (pv_table_values(table, c) != NULL)
            return true;
    return false;
}

pv_status pv_pick_rows(const pv_table *table, const uint32_t *row, size_t count,
                       pv_table **picked, pv_error *err)
{
    const pv_schema *schema = pv_table_schema(table);
    const pv_status status =
        pv_table_alloc(schema, count, has_values(table), picked, err);
    if (status != PV_OK)
        return status;
    for (size_t c = 0; c < pv_schema_columns(schema); c++)
        pick_column(table, c, row, count, *picked);
    return PV_OK;
}

void pv_table_digest(const pv_table *table, pv_key *digest)
{
    pv_key next;
    const size_t rows = pv_table_rows(table);
    memset(digest, 0, sizeof *digest);
    for (size_t c = 0; c < pv_schema_columns(pv_table_schema(table)); c++) {
        const pv_codes codes = pv_table_codes(table, c);
        const double *values = pv_table_values(table, c);
        pv_key_derive(digest, "column", codes.data, rows * codes.width, &next);
        *digest = next;
        if (values == NULL)
            continue;
        pv_key_derive(digest, "numbers", values, rows * sizeof *values, &next);
        *digest = next;
    }
}

pv_status pv_coins_make(const pv_table *table, const pv_secret *secret,
                        pv_coins *coins, pv_error *err)
{
    const size_t rows = pv_table_rows(table);
    const pv_codes codes = pv_table_codes(table, secret->column);
    size_t at = 0;
    *coins = (pv_coins){.table = table, .secret = secret};
    coins->row = pv_array_alloc(rows, sizeof *coins->row);
    if (coins->row == NULL)
        return pv_fail_memory(err, "the secrets");
    for (uint32_t class = 0; class < secret->levels; class++) {
        const size_t before = at;
        for (size_t row = 0; row < rows; row++)
            if (secret->class[pv_codes_at(codes, row)] == class)
                coins->row[at++] = (uint32_t)row;
        if (at == before)
            continue;
        coins->face[coins->faces] = class;
        coins->start[coins->faces++] = before;
    }
    coins->start[coins->faces] = at;
    if (coins->faces >= 2)
        return PV_OK;
    pv_coins_clear(coins);
    return pv_fail(err, PV_EUSAGE,
                   "everyone has the same secret: choose another --secret");
}

void pv_coins_clear(pv_coins *coins)
{
    free(coins->row);
    memset(coins, 0, sizeof *coins);
}

uint32_t pv_coins_toss(const pv_coins *coins, pv_stream *stream,
                       pv_table *table, size_t row)
{
    const size_t column = coins->secret->column;
    const uint32_t face = (uint32_t)pv_stream_below(stream, coins->faces);
    const size_t first = coins->start[face];
    const uint32_t from =
        coins->row[first + pv_stream_below(stream,
                                           coins->start[face + 1] - first)];
    const uint32_t code =
        pv_codes_at(pv_table_codes(coins->table, column), from);
    const double *values = pv_table_values(coins->table, column);
    pv_table_put(table, column, row, 1, &code);
    if (values != NULL && pv_table_values(table, column) != NULL)
        pv_table_put_values(table, column, row, 1, &values[from]);
    return face;
}
