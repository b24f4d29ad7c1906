/* io/measured.h - noisy marginals to fit, wherever they were measured.
 *
 * A source is a release; an HDF5 file with /privacy/measurements alone, as
 * doc/files.md has it; or CSV, a file a marginal, one file or a directory of
 * them. Each CSV has the marginal's columns under their names, a column "count"
 * (a real number) and a column "sigma2" (the variance of its noise, the same in
 * each row), and a row for each cell: binned columns hold a number inside the
 * bin, missing is one of the schema's missing texts. A file may be hostile.
 *
 * What a source of another hand states of its privacy is passed on as its own
 * statement, in `claim`; nothing is made up. */
#ifndef PV_IO_MEASURED_H
#define PV_IO_MEASURED_H

#include "core/api.h"
#include "core/status.h"
#include "io/release.h"

/* `schema` is a path; NULL for files that hold theirs. `claim` (may be NULL) is
 * what the source states of its privacy, for those that cannot hold it. */
PV_API PV_CHECKED pv_status pv_measured_read(const char *path,
                                             const char *schema,
                                             const char *claim,
                                             pv_release **release,
                                             pv_error *err);

/* One CSV. The measurement is cleared on failure. */
PV_API PV_CHECKED pv_status pv_measured_read_csv(const char *path,
                                                 const pv_schema *schema,
                                                 pv_measurement *measurement,
                                                 pv_error *err);

#endif
