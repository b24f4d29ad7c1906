/* audit/attack/tries.h - how often an attack succeeded, as metrics. */
#ifndef PV_AUDIT_ATTACK_TRIES_H
#define PV_AUDIT_ATTACK_TRIES_H

#include "audit/findings.h"
#include "core/api.h"
#include "core/status.h"

#include <stddef.h>

/* Without trials the reason (not NULL) says why, and metrics are skipped. */
typedef struct pv_tries {
    size_t successes, trials;
    const char *reason;
} pv_tries;

PV_API extern const char pv_no_holdout[]; /* "no holdout" */

/* <prefix>.<name>: successes / trials with Wilson's interval; `table` (or NULL)
 * is the scope's. */
PV_API PV_CHECKED pv_status pv_tries_add(pv_findings *findings,
                                         const char *prefix, const char *name,
                                         const char *table,
                                         const pv_tries *tries, pv_error *err);

/* <prefix>.risk: pv_residual_risk of the attack beside its control. */
PV_API PV_CHECKED pv_status pv_tries_add_risk(pv_findings *findings,
                                              const char *prefix,
                                              const pv_tries *attack,
                                              const pv_tries *control,
                                              pv_error *err);

/* <prefix>.<name> with this value, or skipped when it is NAN; the reason may be
 * NULL unless it is. `ci` may be NULL. */
PV_API PV_CHECKED pv_status pv_tries_add_value(pv_findings *findings,
                                               const char *prefix,
                                               const char *name, double value,
                                               const double *ci,
                                               const char *reason,
                                               pv_error *err);

#endif
