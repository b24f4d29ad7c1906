/* io/table_internal.h - the inside of a table, for table.c and table_raw.c. */
#ifndef PV_IO_TABLE_INTERNAL_H
#define PV_IO_TABLE_INTERNAL_H

#include "io/rows.h"
#include "io/texts.h"

/* One column. */
typedef struct pv_vector {
    void *codes;
    size_t width;
    double *values; /* NULL: not kept */
    pv_texts *texts; /* raw labels */
    bool raw;
} pv_vector;

struct pv_table {
    const pv_schema *schema;
    size_t columns, rows, capacity;
    pv_vector *column;
    uint32_t *persons;
    size_t persons_room; /* rows when they were set: what to wipe */
    uint32_t person_count;
};

/* Makes a table; `values` and `raw` as in pv_table_alloc and
 * pv_table_alloc_raw. */
PV_CHECKED pv_status pv_table_start(const pv_schema *schema, size_t rows,
                                    bool values, bool raw, pv_table **table,
                                    pv_error *err);

#endif
