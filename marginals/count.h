/* marginals/count.h - exact counts, many cliques in one pass.
 *
 * Reads rows, so gen/ may not include it. Counts are integers and do not
 * depend on the number of threads. */
#ifndef PV_MARGINALS_COUNT_H
#define PV_MARGINALS_COUNT_H

#include "core/api.h"
#include "core/status.h"
#include "io/table.h"
#include "marginals/clique.h"

#include <stddef.h>
#include <stdint.h>

/* counts[i] points to pv_domain_cells(clique[i]) integers, overwritten with
 * the marginal of clique i over all rows: row-major, columns increasing, the
 * last fastest. Cliques may have any order (1, 2, 3, ...) and be mixed; the
 * empty clique has one cell, the number of rows. */
PV_API PV_CHECKED pv_status pv_count(const pv_table *table,
                                     const pv_clique *clique, size_t cliques,
                                     int64_t *const *counts, pv_error *err);

/* Allocates and counts; free with pv_count_free. */
PV_API PV_CHECKED pv_status pv_count_alloc(const pv_table *table,
                                           const pv_clique *clique,
                                           size_t cliques, int64_t ***counts,
                                           pv_error *err);
PV_API void pv_count_free(int64_t **counts, size_t cliques);

#endif
