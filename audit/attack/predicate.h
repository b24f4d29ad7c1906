/* audit/attack/predicate.h - ranges of codes, and the rows within.
 *
 * A predicate is a conjunction of ranges, one for each of some columns:
 * "age >= 88 and job = 'judge' and children <= 1". */
#ifndef PV_AUDIT_ATTACK_PREDICATE_H
#define PV_AUDIT_ATTACK_PREDICATE_H

#include "core/api.h"
#include "io/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PV_PREDICATE_MOST = 12 };

/* Codes low..high of a column. */
typedef struct pv_range {
    uint32_t column, low, high;
} pv_range;

typedef struct pv_predicate {
    size_t ranges;
    pv_range range[PV_PREDICATE_MOST]; /* columns increasing */
} pv_predicate;

PV_API bool pv_predicate_equal(const pv_predicate *a, const pv_predicate *b);

/* True when exactly one row of the table is within all ranges. Stops at the
 * second. */
PV_API bool pv_predicate_isolates(const pv_predicate *predicate,
                                  const pv_table *table);

#endif
