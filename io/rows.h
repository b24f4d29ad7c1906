/* io/rows.h - reading the rows of a table.
 *
 * Private rows are read only by io, marginals/count, dp and audit.
 * tests/check-layers keeps gen/ from including this file. */
#ifndef PV_IO_ROWS_H
#define PV_IO_ROWS_H

#include "core/api.h"
#include "io/table.h"

#include <stdbool.h>
#include <stdint.h>

/* The codes of a column: an array of rows elements of `width` bytes (1, 2 or
 * 4: uint8_t, uint16_t, uint32_t), owned by the table. */
typedef struct pv_codes {
    const void *data;
    size_t width;
} pv_codes;

PV_API pv_codes pv_table_codes(const pv_table *table, size_t column);

static inline uint32_t pv_codes_at(pv_codes codes, size_t row)
{
    switch (codes.width) {
    case 1:
        return ((const uint8_t *)codes.data)[row];
    case 2:
        return ((const uint16_t *)codes.data)[row];
    default:
        return ((const uint32_t *)codes.data)[row];
    }
}

/* The numbers of a BINS column, NAN where missing; NULL when not kept. */
PV_API const double *pv_table_values(const pv_table *table, size_t column);

/* A column that has no levels yet (pv_table_alloc_raw). Numbers: the codes are
 * PV_RAW_VALUE, with the number in pv_table_values, or PV_RAW_MISSING. Labels:
 * PV_RAW_MISSING, PV_RAW_REST (too long, not UTF-8: no label of its own), or
 * PV_RAW_TEXT + i for the i-th different text, in order of appearance. */
enum { PV_RAW_VALUE = 0, PV_RAW_MISSING = 1, PV_RAW_REST = 2, PV_RAW_TEXT = 3 };

/* True when the column is held so. */
PV_API bool pv_table_is_raw(const pv_table *table, size_t column);
PV_API size_t pv_table_texts(const pv_table *table, size_t column);
PV_API const char *pv_table_text(const pv_table *table, size_t column,
                                 size_t i, size_t *length);
/* The code of a text of a raw label column, which is added if it is new. */
PV_API PV_CHECKED pv_status pv_table_text_code(pv_table *table, size_t column,
                                               const char *text, size_t length,
                                               uint32_t *code, pv_error *err);

/* Encodes a table with raw columns anew under a schema that gives them levels
 * (pv_schema_resolve of the table's own): row by row, by the cell's own value
 * and the new schema alone. What was held before is wiped. On failure the
 * table is as it was. */
PV_API PV_CHECKED pv_status pv_table_recode(pv_table **table,
                                            const pv_schema *resolved,
                                            pv_error *err);

/* Which person each row belongs to, as numbers 0..persons-1 in order of first
 * appearance; NULL when the table was loaded without its unit. */
PV_API const uint32_t *pv_table_persons(const pv_table *table);
PV_API uint32_t pv_table_person_count(const pv_table *table);

/* Takes ownership of `persons` (rows entries, free()). */
PV_API void pv_table_set_persons(pv_table *table, uint32_t *persons,
                                 uint32_t count);

/* Keeps the rows whose `keep` is true, in order. */
PV_API void pv_table_filter(pv_table *table, const bool *keep);

#endif
