/* audit/fidelity/numbers.h - the numbers of a column of both tables.
 *
 * Numbers are those kept beside the codes when both tables have them, else
 * those that stand for the codes. Order is all that ranks, KS and Kendall's tau
 * look at, so each row's number is its place among the different ones. */
#ifndef PV_AUDIT_FIDELITY_NUMBERS_H
#define PV_AUDIT_FIDELITY_NUMBERS_H

#include "audit/probe.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

#define PV_NO_PLACE UINT32_MAX /* the number is missing */

/* Table 0 is the real one, table 1 the synthetic one, here and in all probes.*/
typedef struct pv_numbers {
    size_t count;       /* places; some may have no row */
    double *value;      /* of each place, rising */
    uint32_t *place[2]; /* of each row of each table */
} pv_numbers;

bool pv_is_numeric(const pv_column *column);

/* PV_ETOOBIG beyond 2^32 - 2 rows of both together. Free with pv_numbers_clear,
 * which a zeroed or failed one may have too. */
PV_CHECKED pv_status pv_numbers_make(const pv_probe_input *input, size_t column,
                                     pv_numbers *numbers, pv_error *err);
void pv_numbers_clear(pv_numbers *numbers);

/* The numbers of table t, row by row, NAN where missing. Labels count by their
 * code, the missing one too. */
void pv_numbers_rows(const pv_probe_input *input, size_t t, size_t column,
                     double *number);

static inline const pv_table *pv_either(const pv_probe_input *input, size_t t)
{
    return t == 0 ? input->real : input->synthetic;
}

#endif
