/* io/release_internal.h - parts of reading a release, for release_*.c and
 * measured*.c. */
#ifndef PV_IO_RELEASE_INTERNAL_H
#define PV_IO_RELEASE_INTERNAL_H

#include "io/hdf5_internal.h"
#include "io/release.h"

/* Numbers of a marginal measured elsewhere must be within this, and variances
 * between its inverse and itself squared: fits stay finite. */
#define PV_MEASURED_LIMIT 1e15

/* Columns to increasing order, the values with them: dims[i] are the levels of
 * column[i]. False when a column is there twice or memory is short. */
bool pv_measurement_sort(pv_measurement *measurement, const uint64_t *dims);

/* Whether values and variance are numbers a fit can work with. */
bool pv_measurement_sane(const pv_measurement *measurement);

/* Group NNNN of `parent`. On failure what was allocated is the measurement's. */
bool pv_measurement_read(hid_t parent, const pv_schema *schema, size_t number,
                         pv_measurement *measurement);

/* /privacy/measurements into a release whose schema is there. */
bool pv_release_read_measurements(hid_t privacy, pv_release *release);

#endif
