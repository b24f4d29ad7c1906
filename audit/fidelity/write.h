/* audit/fidelity/write.h - what the fidelity probes share in writing metrics.
 */
#ifndef PV_AUDIT_FIDELITY_WRITE_H
#define PV_AUDIT_FIDELITY_WRITE_H

#include "audit/probe.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

typedef struct pv_writing {
    const pv_probe_input *input;
    pv_findings *findings;
} pv_writing;

/* Adds <prefix>.<name> (name NULL: <prefix>), which speaks of the columns
 * column[0..columns-1]. A value of NAN with a reason is skipped for that
 * reason; with any other value the reason is a remark, and may be NULL. */
PV_CHECKED pv_status pv_write(const pv_writing *w, const char *prefix,
                              const char *name, double value,
                              const char *reason, const uint32_t *column,
                              size_t columns, pv_error *err);

/* The same with the 95 % interval of a standard error; NAN: without one. */
PV_CHECKED pv_status pv_write_error(const pv_writing *w, const char *prefix,
                                    const char *name, double value,
                                    double error, const char *reason,
                                    const uint32_t *column, size_t columns,
                                    pv_error *err);

/* Adds a series, "<name>" or "<name>.<number>" (number > 0); of the yardstick
 * none is kept. */
PV_CHECKED pv_status pv_write_series(const pv_writing *w, const char *name,
                                     size_t number, const double *value,
                                     size_t count, pv_error *err);

/* Why nothing at all can be compared: a table has no rows. NULL: it can. */
const char *pv_no_rows(const pv_probe_input *input);

#endif
