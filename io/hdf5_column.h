/* io/hdf5_column.h - the cells of one stored column to codes (internal). */
#ifndef PV_IO_HDF5_COLUMN_H
#define PV_IO_HDF5_COLUMN_H

#include "io/hdf5_internal.h"

typedef struct pv_h5_column {
    const char *path;
    const pv_schema *schema;
    const pv_load_options *options;
    pv_table *table;
    pv_load_report report;
    size_t index; /* the column of the schema */
    bool sized;   /* a first column has told how many rows there are */

    /* a block of rows */
    uint32_t *codes;
    double *values, *numbers;
    int64_t *integers;
    int8_t *mask;
} pv_h5_column;

PV_CHECKED pv_status pv_h5_column_start(pv_h5_column *c, pv_error *err);
void pv_h5_column_end(pv_h5_column *c); /* leaves the table alone */

/* Reads the object `link` of `group`, which holds the file's column `stored`,
 * into column c->index: a categorical group, a nullable-integer group, or an
 * array of numbers. */
PV_CHECKED pv_status pv_h5_read_column(hid_t group, const char *link,
                                       const pv_column *stored,
                                       pv_h5_column *c, pv_error *err);
/* Reads an array of integers as the persons of the rows. */
PV_CHECKED pv_status pv_h5_read_persons(hid_t group, const char *link,
                                        pv_h5_column *c, pv_error *err);

#endif
