/* audit/fidelity/moments.h - what is told of one column's numbers. */
#ifndef PV_AUDIT_FIDELITY_MOMENTS_H
#define PV_AUDIT_FIDELITY_MOMENTS_H

#include "audit/fidelity/numbers.h"

#include <stdint.h>

typedef struct pv_moments {
    uint64_t present;
    double mean, sd, median; /* NAN of too few numbers; sd by n - 1 */
} pv_moments;

/* Of the numbers of which there are count[i] at place i. */
pv_moments pv_moments_of(const pv_numbers *numbers, const uint64_t *count);

/* The mean over the tenths of the real numbers of (the share of the other
 * table's numbers there - 1/10)^2. A number that real rows have is spread evenly
 * over the ranks of those rows, so that a tie across an edge counts on both sides
 * as the real rows do; one that none has goes by the share of real numbers below
 * it, at an edge upward. Both tables must have numbers. */
double pv_decile_error(const pv_numbers *numbers, uint64_t *const *count);

#endif
