/* io/header.h - which columns a file of a table has, without reading its rows. */
#ifndef PV_IO_HEADER_H
#define PV_IO_HEADER_H

#include "core/api.h"
#include "core/status.h"
#include "io/schema.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct pv_header {
    bool *present; /* of each column of the schema: whether the file has it */
    size_t absent; /* columns that it lacks */
    char **extra;  /* names that the schema does not declare, in file order */
    size_t extras;
} pv_header;

/* Reads the names of CSV, CSV.gz or native HDF5, not of standard input. `header`
 * is the caller's to clear, after a failure too. PV_EIO, PV_EFORMAT, PV_ENOMEM.
 * Of a file without a header the extra names may be values: not for private
 * tables. */
PV_API PV_CHECKED pv_status pv_header_read(const char *path,
                                           const pv_schema *schema,
                                           pv_header *header, pv_error *err);
PV_API void pv_header_clear(pv_header *header);

#endif
