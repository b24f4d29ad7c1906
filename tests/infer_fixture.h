/* What the tests of attacks share: small schemas, random tables, terms. */
#ifndef PV_TESTS_INFER_FIXTURE_H
#define PV_TESTS_INFER_FIXTURE_H

#include "audit/attack/terms.h"
#include "core/memory.h"
#include "io/rows.h"
#include "io/schema.h"
#include "tests/io_fixture.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static inline uint32_t draw_below(uint64_t *state, uint32_t n)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)((*state >> 33) % n);
}

/* Numbers with and without missing, labels, bins; `s` is the last column. */
static const char mixed_schema[] =
    "{\"fields\":["
    "{\"name\":\"n\",\"type\":\"integer\",\"constraints\":"
    "{\"required\":true,\"minimum\":-3,\"maximum\":8}},"
    "{\"name\":\"l\",\"type\":\"string\",\"categories\":"
    "[\"a\",\"b\",\"c\",\"d\"]},"
    "{\"name\":\"b\",\"type\":\"number\",\"constraints\":"
    "{\"minimum\":0,\"maximum\":10},\"privet\":{\"bins\":5}},"
    "{\"name\":\"m\",\"type\":\"integer\",\"constraints\":"
    "{\"minimum\":1,\"maximum\":3}},"
    "{\"name\":\"s\",\"type\":\"integer\",\"constraints\":"
    "{\"required\":true,\"minimum\":0,\"maximum\":2}}]}";

/* Codes skewed to the low ones; columns of a row are dependent. */
static inline pv_table *random_table(const pv_schema *schema, size_t rows,
                                     uint64_t seed)
{
    pv_table *table = NULL;
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(pv_table_alloc(schema, rows, false, &table, &err), PV_OK);
    for (size_t r = 0; r < rows; r++) {
        const uint32_t kind = draw_below(&seed, 3);
        for (size_t c = 0; c < pv_schema_columns(schema); c++) {
            const uint32_t levels = pv_schema_column(schema, c)->levels;
            const uint32_t far = draw_below(&seed, levels) + kind;
            const uint32_t code = draw_below(&seed, 1 + far % levels);
            pv_table_put(table, c, r, 1, &code);
        }
    }
    return table;
}

static inline uint32_t code_at(const pv_table *table, size_t column, size_t row)
{
    return pv_codes_at(pv_table_codes(table, column), row);
}

/* A table of the rows whose numbers leave `remainder` when divided. */
static inline pv_table *take_rows(const pv_table *from, size_t by,
                                  size_t remainder, size_t most)
{
    const pv_schema *schema = pv_table_schema(from);
    pv_table *table = NULL;
    pv_error err = PV_ERROR_INIT;
    size_t count = 0;
    for (size_t r = remainder; r < pv_table_rows(from) && count < most; r += by)
        count++;
    cr_assert_eq(pv_table_alloc(schema, count, false, &table, &err), PV_OK);
    for (size_t c = 0; c < pv_schema_columns(schema); c++)
        for (size_t i = 0; i < count; i++) {
            const uint32_t code = code_at(from, c, remainder + i * by);
            pv_table_put(table, c, i, 1, &code);
        }
    return table;
}

/* All columns but the secret. */
static inline size_t list_known(const pv_schema *schema, uint32_t secret,
                                uint32_t *known)
{
    size_t count = 0;
    for (uint32_t c = 0; c < pv_schema_columns(schema); c++)
        if (c != secret)
            known[count++] = c;
    return count;
}

#endif
