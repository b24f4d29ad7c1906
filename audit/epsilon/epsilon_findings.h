/* audit/epsilon/epsilon_findings.h - every estimator on one set of counts. */
#ifndef PV_AUDIT_EPSILON_EPSILON_FINDINGS_H
#define PV_AUDIT_EPSILON_EPSILON_FINDINGS_H

#include "audit/epsilon/estimate.h"
#include "audit/findings.h"
#include "core/api.h"
#include "core/status.h"

#include <stdbool.h>

typedef struct pv_epsilon_audit {
    pv_confusion counts;
    double delta, alpha;
    pv_prior prior;
    bool gaussian; /* the mechanism is mu-GDP: bounds for it may accuse */
    /* of several challenge points a trained model (pv_confusion_thin), which
     * accuse nobody; 0 or 1: one point a model */
    double design_effect;
    bool only_counts; /* no word of one-run bounds */
    bool has_run;
    pv_one_run run;
    bool has_claim;
    double claim; /* epsilon at delta, >= 0 */
    bool has_rho_claim;
    double rho_claim; /* zCDP, >= 0 */
    pv_scope scope;   /* of the metrics; zeroed: none */
} pv_epsilon_audit;

/* Adds what doc/metrics.md lists under "Empirical epsilon", one-run bounds at
 * level alpha/2. An estimator that fails numerically leaves an error among the
 * metrics; infinite values are skipped with the reason "infinite". *exceeded:
 * there is a claim, and a bound that may accuse lies above it, at alpha over the
 * number of independent sets of counts that may (those of many runs, of one run,
 * of one run by a Gaussian law). PV_EINVAL as in
 * estimate.h, or for a claim that is negative or not finite. */
PV_API PV_CHECKED pv_status pv_epsilon_findings(const pv_epsilon_audit *audit,
                                                pv_findings *findings,
                                                bool *exceeded, pv_error *err);

#endif
