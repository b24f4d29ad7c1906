/* audit/attack/score.h - how good guesses of a secret were. */
#ifndef PV_AUDIT_ATTACK_SCORE_H
#define PV_AUDIT_ATTACK_SCORE_H

#include "audit/findings.h"
#include "core/api.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

/* Intervals are 95 %, as if targets were independent. */
typedef struct pv_score {
    size_t targets, right;
    double accuracy, accuracy_ci[2];  /* Wilson's interval */
    double auc, auc_ci[2];            /* NAN where all have one class; of two
                                         targets of whom one has a class and the
                                         other has not, how often the first is
                                         believed more to have it */
    double advantage, advantage_ci[2]; /* NAN as well; mean over the classes
                                         there are of the share guessed right,
                                         scaled so that naming one of them every
                                         time is 0 and certainty 1 */
} pv_score;

/* The class guessed from belief[0..levels-1]: the largest; of equals the last,
 * so that of two classes the second is guessed from one half on. */
PV_API uint32_t pv_score_guess(const double *belief, uint32_t levels);

/* belief: targets x levels; truth: the class of each target. PV_ENOMEM alone. */
PV_API PV_CHECKED pv_status pv_score_beliefs(const double *belief,
                                             const uint32_t *truth,
                                             size_t targets, uint32_t levels,
                                             pv_score *score, pv_error *err);

/* Adds <prefix>.accuracy, .auc and .advantage; `note` (or NULL) is given as
 * their reason. What does not exist is skipped with a reason. */
PV_API PV_CHECKED pv_status pv_score_add(const pv_score *score,
                                         const char *prefix,
                                         const pv_scope *scope,
                                         const char *note,
                                         pv_findings *findings, pv_error *err);

/* Adds one metric of this name, skipped with this reason. */
PV_API PV_CHECKED pv_status pv_score_skip(const char *id, const pv_scope *scope,
                                          const char *reason,
                                          pv_findings *findings, pv_error *err);

#endif
