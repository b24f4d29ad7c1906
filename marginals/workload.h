/* marginals/workload.h - cliques with weights. */
#ifndef PV_MARGINALS_WORKLOAD_H
#define PV_MARGINALS_WORKLOAD_H

#include "core/api.h"
#include "core/status.h"
#include "io/schema.h"
#include "marginals/clique.h"

typedef struct pv_workload {
    size_t count;
    pv_clique *clique;
    double *weight;
} pv_workload;

/* All k-way cliques of the domain's columns, in lexicographic order, weight 1,
 * leaving out those of more than `max_cells` cells (0: no limit). */
PV_API PV_CHECKED pv_status pv_workload_all(const pv_domain *domain, size_t k,
                                            size_t max_cells,
                                            pv_workload *workload,
                                            pv_error *err);

/* Appends; for workloads that were made by these functions, or are zeroed. */
PV_API PV_CHECKED pv_status pv_workload_add(pv_workload *workload,
                                            pv_clique clique, double weight,
                                            pv_error *err);

/* As pv_workload_all over the columns of more than one level: the others add nothing to
 * any marginal. k may be more than there are: then there is none. */
PV_API PV_CHECKED pv_status pv_workload_varying(const pv_domain *domain,
                                                size_t k, size_t max_cells,
                                                pv_workload *workload,
                                                pv_error *err);

/* The columns of more than one level into column[] (room for all); how many. */
PV_API size_t pv_domain_varying(const pv_domain *domain, uint32_t *column);

/* `spec` is all-1way, all-2way, all-3way ... or the path of a JSON file:
 * {"marginals": [["age","job"], {"columns": ["sex","job"], "weight": 2}, ...]}
 * PV_EUSAGE / PV_EFORMAT name the entry and the columns there are. */
PV_API PV_CHECKED pv_status pv_workload_parse(const char *spec,
                                              const pv_schema *schema,
                                              pv_workload *workload,
                                              pv_error *err);

PV_API void pv_workload_clear(pv_workload *workload);

#endif
