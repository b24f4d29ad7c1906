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

/* The columns of more than one level into column[] (room for all); how many. One
 * whose levels are not known yet (0) counts as varying. */
PV_API size_t pv_domain_varying(const pv_domain *domain, uint32_t *column);

enum { PV_WORKLOAD_DEGREE = 3 }; /* unless something else is asked for */

/* All marginals of `degree` of the columns that a model has, or, when fewer
 * vary, of all that do; with `target` (a column's name, or NULL) those that
 * include it. A table in which nothing varies gives one column, for the number
 * of rows. PV_ETOOBIG, with the number, when they are more than a million;
 * PV_EUSAGE when none has at most `max_cells` cells (0: no limit), or the
 * target is no column or does not vary. */
PV_API PV_CHECKED pv_status pv_workload_ways(const pv_schema *schema,
                                             size_t degree, size_t max_cells,
                                             const char *target,
                                             pv_workload *workload,
                                             pv_error *err);

/* What a user asks for. */
typedef struct pv_workload_spec {
    const char *source; /* all-1way, all-2way, all-3way ..., the path of a JSON
                           file (doc/files.md), or NULL: all of the degree */
    size_t degree;      /* 0: not given */
    size_t max_cells;   /* leaves out marginals of more; 0: not given */
    const char *target; /* only marginals with this column; NULL: not given */
} pv_workload_spec;

/* Determined columns are replaced by their roots, and equal cliques become one
 * with the sum of the weights. PV_EUSAGE, PV_EFORMAT and PV_ETOOBIG name the
 * entry and the columns there are. */
PV_API PV_CHECKED pv_status pv_workload_make(const pv_workload_spec *spec,
                                             const pv_schema *schema,
                                             pv_workload *workload,
                                             pv_error *err);

/* The same with a source alone. */
PV_API PV_CHECKED pv_status pv_workload_parse(const char *source,
                                              const pv_schema *schema,
                                              pv_workload *workload,
                                              pv_error *err);

PV_API void pv_workload_clear(pv_workload *workload);

#endif
