/* marginals/balance.h - which row of a group gets which value. Internal to
 * marginals/.
 *
 * Rows with the same parents are alike to the model, so the values drawn for
 * them may be dealt out in any order. A random order leaves the counts of the
 * new column with two earlier ones about as far from the model's as an
 * independent sample would. Here each row in turn takes that value, of those
 * left in its group, whose counts with the row's other columns and pairs of
 * columns are most behind what the model expects of the rows so far: the
 * vector balancing of discrepancy theory (Spencer 1977), greedy. Expected
 * counts are conditional on the parents, so conditional independence is kept,
 * only with less noise (doc/inference.md has figures). */
#ifndef PV_MARGINALS_BALANCE_H
#define PV_MARGINALS_BALANCE_H

#include "core/status.h"
#include "io/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pv_balance pv_balance;

/* For a column of `levels` values after the `count` columns `made`. *balance is
 * NULL when that would cost too much for so many rows, which then need it
 * least, or when there is nothing to balance against. */
PV_CHECKED pv_status pv_balance_alloc(const pv_table *table,
                                      const uint32_t *made, size_t count,
                                      size_t levels, pv_balance **balance,
                                      pv_error *err);
void pv_balance_free(pv_balance *balance);

/* Deals out anew the values of rows row[0..rows-1], one group after another as
 * group[] says; p[g * levels ...] is proportional to the values' probabilities
 * in group g. Values within a group stay the same. One work item: its counts
 * begin at nothing. False on short memory. */
bool pv_balance_deal(const pv_balance *balance, const double *p,
                     const uint32_t *group, const uint32_t *row, size_t rows,
                     uint32_t *value);

#endif
