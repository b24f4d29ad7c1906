/* audit/fidelity/logistic.h - logistic regression: which table is a row from.
 *
 * Newton's method on the log-likelihood, or on it less ridge / 2 times the sum
 * of squares of all coefficients but the intercept. Without a ridge,
 * coefficients that follow from those before are left out (0), and where the
 * tables can be told apart with certainty there is no maximum: the fit then
 * ends when the likelihood has no more than `tolerance` to gain, its
 * probabilities near 0 and 1. Sums are over fixed blocks of rows. */
#ifndef PV_AUDIT_FIDELITY_LOGISTIC_H
#define PV_AUDIT_FIDELITY_LOGISTIC_H

#include "audit/fidelity/effects.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

typedef struct pv_logistic {
    double ridge;
    const uint8_t
        *fold;         /* of each row; those of fold `left_out` do not count. */
    unsigned left_out; /* NULL: all count */
    double tolerance;  /* of the gain in likelihood, 1e-8 say */
    /* results */
    double *beta; /* the caller's, effects->coefficients of them */
    size_t rank;  /* coefficients that do not follow from others */
    unsigned steps;
    bool ended; /* within the tolerance; else the steps ran out */
} pv_logistic;

PV_CHECKED pv_status pv_logistic_fit(const pv_effects *effects,
                                     pv_logistic *fit, pv_error *err);

#endif
