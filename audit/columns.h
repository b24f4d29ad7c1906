/* audit/columns.h - a synthetic table that lacks columns or has others. Not a public
 * header: part of the program. */
#ifndef PV_AUDIT_COLUMNS_H
#define PV_AUDIT_COLUMNS_H

#include "audit/findings.h"
#include "core/status.h"
#include "io/header.h"

/* Compares the header of `path` with the schema, which becomes the part that the table
 * has, with a warning, when some columns are not there; a table that has none of them
 * is left for the reader to refuse. `*whole` is the schema as it was, or NULL. Both
 * are the caller's to free, as is the header. Nothing is done for standard input. */
PV_CHECKED pv_status pv_columns_match(const char *path, pv_schema **schema,
                                      pv_schema **whole, pv_header *header,
                                      pv_error *err);

/* `columns.missing`, `columns.extra`, and a skipped `tv.1way.<column>` for each that
 * is missing. `whole` may be NULL: none is. */
PV_CHECKED pv_status pv_columns_findings(const pv_header *header,
                                         const pv_schema *whole,
                                         pv_findings *findings, pv_error *err);

#endif
