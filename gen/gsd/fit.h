/* gen/gsd/fit.h - what a run of gsd was told, and rows made of it. Internal to gen/. */
#ifndef PV_GEN_GSD_FIT_H
#define PV_GEN_GSD_FIT_H

#include "gen/generator.h"
#include "gen/gsd/search.h"
#include "gen/gsd/targets.h"
#include "marginals/model.h"

typedef struct pv_gsd_fit pv_gsd_fit;

/* Nothing known yet. `queries` must outlive it. */
PV_CHECKED pv_status pv_gsd_fit_alloc(const pv_queries *queries,
                                      pv_gsd_scheme scheme, pv_gsd_fit **fit,
                                      pv_error *err);
void pv_gsd_fit_free(pv_gsd_fit *fit);

/* Adds noisy answers of a group. With an `estimate` of them (NULL: none), an answer
 * that is no further from it than noise alone may be tells nothing new, and the estimate
 * stays: most are, since groups are asked about for a few answers that are wrong. */
PV_CHECKED pv_status pv_gsd_fit_add(pv_gsd_fit *fit, size_t group,
                                    const int64_t *answer, pv_rational sigma2,
                                    const double *estimate, pv_error *err);

/* All that is known at the moment: the noisy marginals are targets too (those over
 * columns of the queries' grids by their groups, others as groups of their own), and
 * rows begin with a model of as many of them as `memory` holds, else of those of the
 * tree that tells most. `total`: the public number of rows, or 0. May be called again
 * when more is known. */
PV_CHECKED pv_status pv_gsd_fit_begin(pv_gsd_fit *fit,
                                      const pv_measurement *measurements,
                                      size_t count, double total, size_t memory,
                                      pv_error *err);

/* The number of rows that the answers speak for. */
double pv_gsd_fit_total(const pv_gsd_fit *fit);

/* A population of `rows` rows, searched; `from` (may be NULL) is one to go on from. */
PV_CHECKED pv_status pv_gsd_fit_search(const pv_gsd_fit *fit, size_t rows,
                                       const pv_gsd_state *from,
                                       const pv_key *key, pv_gsd_watch *watch,
                                       void *watching, pv_gsd_state **state,
                                       pv_gsd_progress *progress,
                                       pv_error *err);

/* Has pv_gsd_fit_rows write a line a sweep to a file (kept by pointer; NULL: none), CSV:
 * sweep,cpu_seconds,objective,floor,distance,scored,moved, as in pv_gsd_progress, with
 * the objective at which the search ends for `floor`. A file that cannot be written
 * is warned of, and the search goes on. */
void pv_gsd_fit_trace(pv_gsd_fit *fit, const char *path);

/* The table of such a population, complete with determined columns and numbers;
 * rows -1: the total. Sweeps show as progress on stderr. */
PV_CHECKED pv_status pv_gsd_fit_rows(const pv_gsd_fit *fit,
                                     const pv_schema *schema, int64_t rows,
                                     const pv_key *key, pv_table **table,
                                     pv_error *err);

#endif
