/* io/csv.h - streaming CSV in and out (libcsv, zlib). */
#ifndef PV_IO_CSV_H
#define PV_IO_CSV_H

#include "io/load.h"

/* As pv_load, for CSV and CSV.gz ("-": standard input): header row, columns in
 * any order, delimiter, BOM, CRLF and quoting detected. */
PV_API PV_CHECKED pv_status pv_csv_load(const char *path,
                                        const pv_schema *schema,
                                        const pv_load_options *options,
                                        pv_table **table,
                                        pv_load_report *report, pv_error *err);

/* Writes a table with its labels and numbers (missing as the schema's first
 * missing text), quoting where RFC 4180 needs it; gzip when `path` ends in
 * .gz; "-" is standard output. BINS columns without numbers write their bin's
 * midpoint (integers: rounded down). Written to a temporary name, renamed.
 * PV_EEXIST without `force`. */
PV_API PV_CHECKED pv_status pv_csv_write(const pv_table *table,
                                         const char *path, bool force,
                                         pv_error *err);

#endif
