/* audit/epsilon/contest_findings.h - what the runs of a contest show. */
#ifndef PV_AUDIT_EPSILON_CONTEST_FINDINGS_H
#define PV_AUDIT_EPSILON_CONTEST_FINDINGS_H

#include "audit/epsilon/contest.h"
#include "audit/epsilon/estimate.h"
#include "audit/findings.h"
#include "core/api.h"
#include "core/status.h"

#include <stdbool.h>

/* What is claimed, and how it is to be judged. */
typedef struct pv_contest_claim {
    double delta, alpha;
    pv_prior prior;
    bool gaussian;                    /* as pv_epsilon_audit */
    bool has_epsilon, has_rho;
    double epsilon, rho;
} pv_contest_claim;

typedef struct pv_contest_verdict {
    bool exceeded;  /* a bound that may accuse, or the sum of what was asked */
    bool identical; /* all runs on one table gave the same, whatever the seed */
} pv_contest_verdict;

/* Of each pair: the first half of its runs teaches two distinguishers, one for
 * epsilon and one for rho; the second half is counted. With p pairs there are 2 p
 * sets of counts that may accuse, each judged at alpha / (2 p) (Bonferroni), so
 * that a sound mechanism is accused with probability alpha at most, and alpha / 2
 * but for guesses that turn out worse than chance and are turned round. `settings` are those of the contest. The set of
 * counts with the largest lower bound comes first, without a scope; then all, with
 * the pair and the attack. PV_EINVAL with fewer than 20 runs of a pair. */
PV_API PV_CHECKED pv_status pv_contest_findings(
    const json_t *settings, const pv_contest_records *records,
    const pv_contest_claim *claim, pv_findings *findings,
    pv_contest_verdict *verdict, pv_error *err);

#endif
