/* marginals/query_count.h - exact counts of groups of queries over a table.
 *
 * Reads rows: not for gen/ (tests/check-layers). */
#ifndef PV_MARGINALS_QUERY_COUNT_H
#define PV_MARGINALS_QUERY_COUNT_H

#include "marginals/queries.h"

/* counts[i] (the group's cells of them) gets the answers of group[i], for `groups`
 * of them. The table must be of the queries' schema; columns of bins need the numbers
 * kept beside their codes, else their bins' middles stand for them. Groups are counted
 * in parallel, all in one walk over the rows; counts do not depend on the number of
 * threads. Memory: the cells of 65,536 rows. Scratch is wiped. PV_ENOMEM;
 * PV_EINVAL for another schema. */
PV_API PV_CHECKED pv_status pv_query_counts(const pv_queries *queries,
                                            const pv_table *table,
                                            const size_t *group, size_t groups,
                                            int64_t *const *counts,
                                            pv_error *err);

#endif
