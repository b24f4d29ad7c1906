/* audit/fidelity/association.h - how pairs of columns hang together.
 *
 * Matrices are columns x columns, row-major; only pairs i < j are written, and
 * NAN says that a column does not vary among the rows that count. */
#ifndef PV_AUDIT_FIDELITY_ASSOCIATION_H
#define PV_AUDIT_FIDELITY_ASSOCIATION_H

#include "audit/fidelity/numbers.h"
#include "core/status.h"
#include "io/table.h"

#include <stddef.h>

typedef struct pv_rank_association {
    double pearson, spearman, kendall;
} pv_rank_association;

/* Of all pairs of numeric columns of table t, over the rows that have both
 * numbers; numbers[c].count is 0 for columns that are not numeric. Kendall's is
 * tau-b. */
PV_CHECKED pv_status pv_associate_numbers(const pv_numbers *numbers,
                                          size_t columns, size_t t, size_t rows,
                                          pv_rank_association *matrix,
                                          pv_error *err);

/* Cramer's V of all pairs of columns, from their codes. */
PV_CHECKED pv_status pv_associate_codes(const pv_table *table, double *matrix,
                                        pv_error *err);

/* The correlation ratio of each pair of labels and numbers. */
PV_CHECKED pv_status pv_associate_mixed(const pv_table *table,
                                        const pv_numbers *numbers, size_t t,
                                        double *matrix, pv_error *err);

#endif
