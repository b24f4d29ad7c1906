/* io/load.h - any input file (CSV, CSV.gz, native HDF5) as a table. */
#ifndef PV_IO_LOAD_H
#define PV_IO_LOAD_H

#include "core/api.h"
#include "core/status.h"
#include "io/table.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct pv_load_options {
    bool values;       /* keep numbers beside the codes of BINS columns */
    bool raw;          /* hold columns without levels raw (io/rows.h), and no
                          values beside codes */
    bool unit;         /* read the unit column into person numbers */
    bool ignore_extra; /* skip columns that the schema does not declare */
    bool private_rows; /* the rows are private: no message repeats a value or
                          gives a row number or a count of anything */
    char delimiter;    /* 0: detect among , ; tab | */
} pv_load_options;

/* What was redirected on the way in. For the curator's terminal at most. */
typedef struct pv_load_report {
    uint64_t rows;
    uint64_t clamped;    /* numbers moved into range */
    uint64_t to_missing; /* values outside the domain made missing */
    uint64_t to_other;   /* or given the `other` label */
} pv_load_report;

/* Reads `path` under `schema`. The format is recognised by content. "-" is
 * standard input (CSV). Memory is the encoded table plus a constant.
 * Errors: PV_EIO, PV_EFORMAT (place and remedy), PV_EDOMAIN (a value outside
 * the schema where no rule says what to do), PV_ESCHEMA (a column needs a paid
 * question), PV_ENOMEM. `report` may be NULL. */
PV_API PV_CHECKED pv_status pv_load(const char *path, const pv_schema *schema,
                                    const pv_load_options *options,
                                    pv_table **table, pv_load_report *report,
                                    pv_error *err);

#endif
