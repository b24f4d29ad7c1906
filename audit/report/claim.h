/* audit/report/claim.h - what a release claims of privacy, recomputed.
 *
 * The ledger that a release carries is checked line by line: the chain of hashes,
 * the cost of each question by the curator's own functions, the running totals, the
 * budget; then the release's statement is held against what comes out, and each
 * published marginal, count by count, against the answer of the question that paid
 * for it. A ledger proves what was charged for, not that the program drew its noise
 * as it says: that is what privet-audit epsilon asks. Nor is it signed: whoever can
 * write the file can write one that adds up. */
#ifndef PV_AUDIT_REPORT_CLAIM_H
#define PV_AUDIT_REPORT_CLAIM_H

#include "audit/findings.h"
#include "core/api.h"
#include "core/status.h"
#include "io/release.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A question of the ledger. */
typedef struct pv_claim_line {
    uint64_t sequence;
    char *question, *noise; /* in words */
    double sensitivity2;    /* NAN where the noise is not scaled by it */
    double rho, total;      /* its cost, and the sum so far */
    double epsilon;         /* of the sum, at the claim's delta */
} pv_claim_line;

typedef struct pv_claim {
    pv_release *release; /* the statement */
    pv_claim_line *line;
    size_t lines;
    bool has_ledger; /* false: marginals measured elsewhere */
    char *measured_by; /* the method that asked; another may have fitted the rows.
                          NULL without a ledger */
    char *problem;   /* why the claim does not hold; NULL: it does */
    double rho, epsilon; /* recomputed, as far as the ledger could be read */
    double epsilon_left; /* delta at which epsilon is stated: what labels left */
    bool secure;         /* the noise is of a secret key */
} pv_claim;

/* Reads a release and recomputes its claim. A claim that does not hold is a result
 * and no failure; those are PV_EIO and PV_EFORMAT, when there is no release. */
PV_API PV_CHECKED pv_status pv_claim_read(const char *path, pv_claim **claim,
                                          pv_error *err);
/* The same of a release that was read, which it takes, whatever happens. */
PV_API PV_CHECKED pv_status pv_claim_check(pv_release *release,
                                           pv_claim **claim, pv_error *err);
/* Notes a problem that a caller found; the first that is noted counts. */
PV_API PV_CHECKED pv_status pv_claim_object(pv_claim *claim,
                                            const char *problem, pv_error *err);
PV_API void pv_claim_free(pv_claim *claim); /* NULL is legal */

/* The claim as metrics that criteria can name (doc/report.md); NULL: no release
 * was given, and all are skipped for that reason. */
PV_API PV_CHECKED pv_status pv_claim_findings(const pv_claim *claim,
                                              pv_findings *findings,
                                              pv_error *err);

/* The highest true positive rate of any attack with this false positive rate on
 * one unit's membership: by (epsilon, delta), and by all (epsilon, delta(epsilon))
 * that rho gives, with `labels` more of delta. */
PV_API double pv_attack_power(double epsilon, double delta, double fpr);
PV_API double pv_attack_power_rho(double rho, double labels, double fpr);

/* The highest accuracy of a guess at a fair coin whether the unit is in. */
PV_API double pv_attack_success(double epsilon, double delta);
PV_API double pv_attack_success_rho(double rho, double labels);

#endif
