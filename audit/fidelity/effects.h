/* audit/fidelity/effects.h - the rows of both tables as a regression sees them.
 *
 * Main effects: for each column of labels an indicator of every level that some
 * row of either table has but the first such; for each numeric column its
 * number, standardised over both tables, and, where some are missing, an
 * indicator of that (the number is then 0). The missing level of labels is a
 * level. A coefficient is that of a number (first) or an indicator; the
 * intercept comes before all.
 *
 * A row has few indicators that are 1, so these are kept as a list. */
#ifndef PV_AUDIT_FIDELITY_EFFECTS_H
#define PV_AUDIT_FIDELITY_EFFECTS_H

#include "audit/probe.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

enum { PV_EFFECTS_MOST = 1000 }; /* coefficients */
#define PV_NO_INDICATOR UINT16_MAX

typedef struct pv_effects {
    size_t rows, real;   /* rows 0 .. real - 1 are those of the real table */
    size_t coefficients; /* the intercept, numbers and indicators */
    size_t numbers;      /* of each row */
    size_t lists;        /* indicators of each row, or PV_NO_INDICATOR */
    double *number;      /* rows x numbers */
    uint16_t *one;       /* rows x lists: coefficients, rising */
} pv_effects;

/* With more than PV_EFFECTS_MOST coefficients only their number is set. Free with
 * pv_effects_clear, which a zeroed or failed one may have too. */
PV_CHECKED pv_status pv_effects_make(const pv_probe_input *input,
                                     pv_effects *effects, pv_error *err);
void pv_effects_clear(pv_effects *effects);

/* x'beta of a row. */
double pv_effects_score(const pv_effects *effects, const double *beta,
                        size_t row);

/* A row's coefficients that are not 0, and their values, rising, into arrays
 * with room for 1 + numbers + lists; how many. */
size_t pv_effects_row(const pv_effects *effects, size_t row, uint16_t *which,
                      double *value);

#endif
