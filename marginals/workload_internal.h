/* marginals/workload_internal.h - for the workload files alone. */
#ifndef PV_MARGINALS_WORKLOAD_INTERNAL_H
#define PV_MARGINALS_WORKLOAD_INTERNAL_H

#include "marginals/workload.h"

/* The columns there are, for messages; as many as fit. */
void pv_workload_columns_text(const pv_schema *schema, char *text, size_t size);

/* Equal cliques become one, at the first's place, with the sum of weights. */
PV_CHECKED pv_status pv_workload_merge(pv_workload *workload, pv_error *err);

/* workload_file.c: a JSON file; the smaller of its max_cells and the one given
 * holds. On failure the workload is the caller's to clear. */
PV_CHECKED pv_status pv_workload_read(const char *path, size_t max_cells,
                                      const pv_schema *schema,
                                      pv_workload *workload, pv_error *err);

#endif
