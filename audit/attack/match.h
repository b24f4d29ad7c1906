/* audit/attack/match.h - how many rows have what a person has, in some columns.
 *
 * Only the combinations that the people have are counted, in a hash table: the
 * number of cells does not matter. Combinations are told apart by their number
 * of mixed radix while it fits in 64 bits, else by a hash of 64 bits: of 1e5
 * people and 1e6 rows two different ones are taken for equal with a chance of
 * less than 1 in 1e8. */
#ifndef PV_AUDIT_ATTACK_MATCH_H
#define PV_AUDIT_ATTACK_MATCH_H

#include "audit/attack/people.h"
#include "core/api.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

typedef struct pv_match pv_match;

/* Room for so many people. */
PV_API PV_CHECKED pv_status pv_match_new(size_t people, pv_match **match,
                                         pv_error *err);
PV_API void pv_match_free(pv_match *match); /* NULL is legal */

/* Whom to ask about, in one or more groups, and in which columns; forgets what
 * was there before. At most as many people as there is room for. */
PV_API void pv_match_people(pv_match *match, const pv_people *group,
                            size_t groups, const uint32_t *column,
                            size_t columns);

/* count[i] of person i (through all groups) is the number of `rows` that are
 * equal in all columns. */
PV_API void pv_match_count(pv_match *match, const pv_people *rows,
                           uint32_t *count);

#endif
