/* audit/attack/shift.h - whether the control's people are like the others. */
#ifndef PV_AUDIT_ATTACK_SHIFT_H
#define PV_AUDIT_ATTACK_SHIFT_H

#include "audit/attack/terms.h"
#include "core/status.h"
#include "io/table.h"

#include <stddef.h>

/* Right guesses, and of how many people. */
typedef struct pv_shift {
    size_t real, real_of, holdout, holdout_of;
} pv_shift;

/* How well a model (pv_predict_model) of one half of the real people guesses
 * the secrets of the other half and of the holdout. Neither is in what the model
 * saw, so a difference is not leakage: the holdout is another population, or
 * harder to guess. Each half guesses the other and every other person of the
 * holdout. */
PV_CHECKED pv_status pv_shift_measure(const pv_table *real,
                                      const pv_attack_terms *terms,
                                      pv_shift *shift, pv_error *err);

#endif
