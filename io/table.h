/* io/table.h - a columnar table: its shape, and building one.
 *
 * Codes are held in the smallest of 8, 16 or 32 bits a column can do with;
 * numeric columns may keep the numbers beside. A table refers to its schema,
 * which must outlive it. Reading rows back is io/rows.h, which generators may
 * not include. */
#ifndef PV_IO_TABLE_H
#define PV_IO_TABLE_H

#include "core/api.h"
#include "core/status.h"
#include "io/schema.h"

#include <stddef.h>
#include <stdint.h>

typedef struct pv_table pv_table;

/* A table of `rows` rows, all codes 0. With `values`, numeric (BINS) columns
 * have numbers, all NAN. Rows may be added later with pv_table_resize. */
PV_API PV_CHECKED pv_status pv_table_alloc(const pv_schema *schema, size_t rows,
                                           bool values, pv_table **table,
                                           pv_error *err);
/* The same without numbers, and with columns that have no levels yet (private
 * bins, bounds, open labels) held raw: see io/rows.h. */
PV_API PV_CHECKED pv_status pv_table_alloc_raw(const pv_schema *schema,
                                               size_t rows, pv_table **table,
                                               pv_error *err);
/* Overwrites the contents, then frees. NULL is legal. */
PV_API void pv_table_free(pv_table *table);

/* Changes the number of rows; new rows hold code 0. Amortised constant. */
PV_API PV_CHECKED pv_status pv_table_resize(pv_table *table, size_t rows,
                                            pv_error *err);

PV_API size_t pv_table_rows(const pv_table *table);
PV_API const pv_schema *pv_table_schema(const pv_table *table);
/* Bytes of a code of this column: 1, 2 or 4. */
PV_API size_t pv_table_width(const pv_table *table, size_t column);

/* Stores `count` codes from row `first` on. Codes must be below the column's
 * levels. */
PV_API void pv_table_put(pv_table *table, size_t column, size_t first,
                         size_t count, const uint32_t *codes);
/* As above for the numbers of a BINS column of a table made with `values`. */
PV_API void pv_table_put_values(pv_table *table, size_t column, size_t first,
                                size_t count, const double *values);

/* Gives every determined column the codes that follow from its root's. */
PV_API PV_CHECKED pv_status pv_table_determine(pv_table *table, pv_error *err);

#endif
