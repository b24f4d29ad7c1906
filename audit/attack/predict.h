/* audit/attack/predict.h - guesses that need no record of the person.
 *
 * Baselines of reconstruction: what anyone infers about a person from the
 * release and the person's quasi-identifiers, as from a textbook. Each fills
 * belief[row * levels + class] for the rows of `people`, non-negative and
 * summing to 1 for each row. The tables share a schema. */
#ifndef PV_AUDIT_ATTACK_PREDICT_H
#define PV_AUDIT_ATTACK_PREDICT_H

#include "audit/attack/terms.h"
#include "core/api.h"
#include "core/status.h"
#include "io/table.h"

/* A model fitted to the synthetic rows: averaged one-dependence estimators
 * (Webb, Boughton and Wang 2005) on the quasi-identifiers, smoothed. Of no rows
 * every class is believed alike. */
PV_API PV_CHECKED pv_status pv_predict_model(const pv_table *synthetic,
                                             const pv_attack_terms *terms,
                                             const pv_table *people,
                                             double *belief, pv_error *err);

/* The nearest synthetic records by Gower's distance: the share of each class
 * among all that are equally near. */
PV_API PV_CHECKED pv_status pv_predict_nearest(const pv_table *synthetic,
                                               const pv_attack_terms *terms,
                                               const pv_table *people,
                                               double *belief, pv_error *err);

#endif
