/* audit/utility/linear.h - least squares and logistic regression, on rows of few
 * terms that are not 0. */
#ifndef PV_AUDIT_UTILITY_LINEAR_H
#define PV_AUDIT_UTILITY_LINEAR_H

#include "audit/utility/design.h"
#include "core/api.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct pv_linear {
    size_t terms, rows, rank;
    double *coefficient; /* of each term; 0 where aliased */
    double *error;       /* standard error; NAN where aliased, or with a ridge */
    bool *aliased;       /* a combination of terms before it */
    bool converged;
    bool separated;      /* logistic: the terms predict without error, so that
                            there is no finite maximum */
} pv_linear;
PV_API void pv_linear_clear(pv_linear *fit);

/* Fits y[row] (NAN: the row is left out) to the terms of the rows row[0..count-1]
 * of a table (row NULL: all). `logistic`: y is 0 or 1; iteratively reweighted
 * least squares, at most 50 steps, until no coefficient moves by 1e-9 of its
 * standard error (or, with a ridge, of itself). `ridge` is added to the diagonal
 * but for the intercept. Terms that repeat others are aliased: a pivot below 1e-9
 * of what it was. PV_EINVAL when no row is left. */
PV_API PV_CHECKED pv_status pv_linear_fit(const pv_design *design,
                                          const pv_table *table,
                                          const uint32_t *row, size_t count,
                                          const double *y, bool logistic,
                                          double ridge, pv_linear *fit,
                                          pv_error *err);

/* The linear predictor of a row; NAN when the row is left out. `index` and
 * `value` have room as pv_design_row wants. */
PV_API double pv_linear_predict(const pv_linear *fit, const pv_design *design,
                                const pv_table *table, size_t row,
                                uint32_t *index, double *value);

#endif
