/* audit/attack/incidence.h - who is in which query: a sparse 0/1 matrix. */
#ifndef PV_AUDIT_ATTACK_INCIDENCE_H
#define PV_AUDIT_ATTACK_INCIDENCE_H

#include "core/api.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

/* By rows (queries) and by columns (users),
 * indices increasing within each. */
typedef struct pv_incidence {
    size_t queries, users, entries;
    size_t *query_start; /* queries + 1 */
    uint32_t *user;      /* entries */
    size_t *user_start;  /* users + 1 */
    uint32_t *query;     /* entries */
} pv_incidence;

/* From rows alone: takes over query_start and user (free()), makes the columns.
 * On failure they stay the caller's. */
PV_API PV_CHECKED pv_status pv_incidence_make(size_t queries, size_t users,
                                              size_t *query_start,
                                              uint32_t *user,
                                              pv_incidence *incidence,
                                              pv_error *err);
PV_API void pv_incidence_clear(pv_incidence *incidence);

/* sums[i][l] = sum of t[j][l] over the users j of query i; and gathered[j][l] =
 * sum of y[i][l] over the queries i of user j. Sums are taken in one order, for
 * any number of threads. */
PV_API void pv_incidence_sums(const pv_incidence *incidence, size_t levels,
                              const double *t, double *sums);
PV_API void pv_incidence_gather(const pv_incidence *incidence, size_t levels,
                                const double *y, double *gathered);

#endif
