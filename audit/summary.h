/* audit/summary.h - findings as a short text for people. */
#ifndef PV_AUDIT_SUMMARY_H
#define PV_AUDIT_SUMMARY_H

#include "audit/findings.h"
#include "core/api.h"

#include <stdbool.h>
#include <stdio.h>

/* Writes the fidelity findings: what the numbers mean, which file is which,
 * the distances of all orders (with the holdout's beside them when it is
 * there), the worst columns and pairs, violations, and what is missing and
 * why. Names and paths are hostile: control characters become "?". */
PV_API void pv_summary_fidelity(FILE *out, const pv_findings *findings,
                                bool colour);

/* Writes the findings of attacks: in words, by attacker with the control's
 * figures beside, other attacks, and what is missing and why. */
PV_API void pv_summary_attack(FILE *out, const pv_findings *findings,
                              bool colour);

/* Writes the findings of the game: what was played, each attacker's accuracy and
 * area by release, and a sentence on the best. */
PV_API void pv_summary_game(FILE *out, const pv_findings *findings,
                            bool colour);

/* Writes epsilon's estimates and bounds, a line each, and a sentence that says
 * what the numbers mean and whether a claim is exceeded. */
PV_API void pv_summary_epsilon(FILE *out, const pv_findings *findings,
                               bool colour);

/* Writes what the curator's questions show beside what they are charged, a case
 * in two lines, and which of them show more. */
PV_API void pv_summary_primitive(FILE *out, const pv_findings *findings,
                                 bool colour);

/* Writes the findings of a contest: what was run, a line a set of counts with its
 * bounds and estimates, and a sentence on the claim. */
PV_API void pv_summary_contest(FILE *out, const pv_findings *findings,
                               bool colour);

#endif
