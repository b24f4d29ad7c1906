/* audit/attack/interval.h - rates with intervals that hold at 0 and 100 %.
 *
 * All intervals are 95 % unless z is given (1.96 is 95 %), and finite for any
 * counts; without trials they are [0, 1]. */
#ifndef PV_AUDIT_ATTACK_INTERVAL_H
#define PV_AUDIT_ATTACK_INTERVAL_H

#include "core/api.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>

#define PV_Z95 1.959963984540054

/* Wilson's score interval of `successes` of `trials`: centre and half width,
 * (k + z^2/2) / (n + z^2) and z / (n + z^2) sqrt(k (n - k) / n + z^2 / 4). */
PV_API void pv_wilson(double successes, double trials, double z,
                      double *centre, double *half);
/* The same as an interval, clipped to [0, 1]. */
PV_API void pv_wilson_interval(double successes, double trials, double ci[2]);

/* p1 - p2 of independent rates k1/n1, k2/n2: Newcombe's hybrid of two Wilson
 * intervals (1998, method 10). */
PV_API void pv_difference_interval(double k1, double n1, double k2, double n2,
                                   double ci[2]);

/* The residual risk of an attack beside its control, as the Anonymeter paper
 * has it: Wilson's centres r = (r_attack - r_control) / (1 - r_control),
 * clipped to [0, 1], its half widths propagated; the ends clipped too. */
PV_API double pv_residual_risk(double k_attack, double n_attack,
                               double k_control, double n_control,
                               double ci[2]);

/* P(score of a positive > score of a negative) + half of ties; NAN when one
 * class is empty. PV_ENOMEM alone. */
PV_API PV_CHECKED pv_status pv_auc(const double *score, const bool *positive,
                                   size_t count, double *auc, pv_error *err);
/* Newcombe's interval (2006, method 5): the theta with |auc - theta| = z
 * sqrt(V(theta)), V that of Hanley and McNeil with (m + n) / 2 for both. */
PV_API void pv_auc_interval(double auc, size_t positives, size_t negatives,
                            double ci[2]);

#endif
