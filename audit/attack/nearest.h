/* audit/attack/nearest.h - nearest rows by Gower's distance, exactly.
 *
 * The distance of two rows is the sum over chosen columns: numbers
 * |a - b| / (range of the schema), labels 0 or 1; missing is 0 from missing and
 * 1 from all else. It is a whole number, each column's part rounded to units of
 * 1 / PV_NEAREST_UNIT: ties are exact, and no result depends on threads or on
 * the order of columns. */
#ifndef PV_AUDIT_ATTACK_NEAREST_H
#define PV_AUDIT_ATTACK_NEAREST_H

#include "audit/attack/people.h"
#include "core/api.h"
#include "core/status.h"
#include "io/table.h"

#include <stddef.h>
#include <stdint.h>

enum { PV_NEAREST_UNIT = 1 << 20 }; /* the most that one column adds */
#define PV_NEAREST_NONE UINT32_MAX

typedef struct pv_nearest pv_nearest;

/* Readies the rows of `table`, which must outlive it, for questions about
 * `column`. PV_ETOOBIG beyond 2^32 - 2 rows. */
PV_API PV_CHECKED pv_status pv_nearest_new(const pv_table *table,
                                           const uint32_t *column,
                                           size_t columns,
                                           pv_nearest **nearest, pv_error *err);
PV_API void pv_nearest_free(pv_nearest *nearest); /* NULL is legal */

/* The k nearest rows of each person i, nearest first, of equals the lowest
 * number first: found[i * k + j], and their distances unless NULL. Where there
 * are fewer than k rows both are PV_NEAREST_NONE. */
PV_API PV_CHECKED pv_status pv_nearest_find(const pv_nearest *nearest,
                                            const pv_people *people, size_t k,
                                            uint32_t *found,
                                            uint32_t *distance, pv_error *err);

/* The distance of every row: distance[i * rows + r] of person i from row r. */
PV_API PV_CHECKED pv_status pv_nearest_distances(const pv_nearest *nearest,
                                                 const pv_people *people,
                                                 uint32_t *distance,
                                                 pv_error *err);

/* All rows that are equally near: votes[i * classes + c] is how many of those
 * nearest to person i have class_of[row] == c. */
PV_API PV_CHECKED pv_status pv_nearest_vote(const pv_nearest *nearest,
                                            const pv_people *people,
                                            const uint32_t *class_of,
                                            uint32_t classes, uint32_t *votes,
                                            pv_error *err);

#endif
