/* io/numbers.h - numbers for binned columns of a synthetic table. */
#ifndef PV_IO_NUMBERS_H
#define PV_IO_NUMBERS_H

#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"
#include "io/table.h"

/* Gives each BINS column of a table with values a number for each code, drawn
 * uniformly inside the bin (whole numbers stay whole), NAN where missing. A
 * determined column (pv_table_determine) has the numbers of its function. The
 * key belongs to post-processing: there is no privacy cost. */
PV_API PV_CHECKED pv_status pv_numbers_fill(pv_table *table,
                                            const pv_key *key, pv_error *err);

#endif
