/* io/hdf5.h - tables in HDF5: native layout and the pytables export.
 *
 * Native layout: group /table, an anndata-style dataframe. Attributes
 * encoding-type "dataframe", encoding-version "0.2.0", _index, column-order.
 * LABELS columns are groups (encoding-type "categorical") with `codes` (-1:
 * missing) and `categories`; integer columns are arrays, or nullable-integer
 * groups (values, mask) when the column has a missing level; number columns
 * are float64 with NaN for missing. Datasets are chunked, shuffled, deflated,
 * with fletcher32; no time stamps, so equal tables give equal bytes. /schema
 * holds the schema as JSON, and names columns and labels for the reader, which
 * reads no text of variable length: a damaged file could misuse them. A table
 * with persons has them as a last column named as the unit. A file that the
 * schema does not match is refused; labels are matched by their text, so the
 * schema a file is read under need not be the one it holds. */
#ifndef PV_IO_HDF5_H
#define PV_IO_HDF5_H

#include "io/load.h"

/* True when the file at `path` starts like HDF5. */
PV_API bool pv_hdf5_detect(const char *path);

PV_API PV_CHECKED pv_status pv_hdf5_load(const char *path,
                                         const pv_schema *schema,
                                         const pv_load_options *options,
                                         pv_table **table,
                                         pv_load_report *report,
                                         pv_error *err);

/* Writes the native layout to a temporary name and renames it. */
PV_API PV_CHECKED pv_status pv_hdf5_write(const pv_table *table,
                                          const char *path, bool force,
                                          pv_error *err);

/* Writes one H5TB compound table named "table" for pandas.read_hdf. */
PV_API PV_CHECKED pv_status pv_hdf5_write_pytables(const pv_table *table,
                                                   const char *path, bool force,
                                                   pv_error *err);

/* Reads the schema stored in a native file or release. */
PV_API PV_CHECKED pv_status pv_hdf5_read_schema(const char *path,
                                                pv_schema **schema,
                                                pv_error *err);

#endif
