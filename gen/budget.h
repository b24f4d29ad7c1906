/* gen/budget.h - splitting a budget over marginals. Internal to gen/. */
#ifndef PV_GEN_BUDGET_H
#define PV_GEN_BUDGET_H

#include "gen/generator.h"
#include "marginals/estimate.h"

/* floor(share x units), at least 0. */
uint64_t pv_budget_part(uint64_t units, double share);

/* What a method may still spend: what is left of the run's budget, less what is kept
 * for others. */
uint64_t pv_budget_left(const pv_request *request, const pv_curator *curator);

/* x^power for positive x by our own exp and log: a resumed run must ask the
 * same on any processor. */
double pv_power(double x, double power);

/* The L1 error that noise leaves in a fitted marginal in which the model expects
 * expected[] rows: the sum over cells of min(sqrt(2/pi) sigma, 2 E + 0.2 sigma),
 * since a fit keeps a nearly empty cell from falling below nothing. Found by
 * trying on Adult (doc/methods.md). */
double pv_noise_left(const double *expected, size_t cells, double sigma);

/* Variances for measuring the cliques together with at most `units`: parts
 * proportional to (weight x cells)^(2/3), which minimises the expected sum of
 * weighted absolute noise; weight NULL: all 1. A part too small for the
 * sampler's range is an error. */
PV_CHECKED pv_status pv_budget_split(const pv_schema *schema,
                                     uint64_t sensitivity2, uint64_t units,
                                     const pv_clique *clique,
                                     const double *weight, size_t count,
                                     pv_rational *sigma2, pv_error *err);

/* Measures the cliques with `units` split so. */
PV_CHECKED pv_status pv_measure_split(pv_curator *curator, uint64_t units,
                                      const pv_clique *clique,
                                      const double *weight, size_t count,
                                      pv_error *err);

/* The zeros over modelled columns as an array (free() it); *count of them. */
PV_CHECKED pv_status pv_schema_zero_array(const pv_schema *schema,
                                          pv_zero **zeros, size_t *count,
                                          pv_error *err);

/* The measurements as targets of a fit (free() the array). */
PV_CHECKED pv_status pv_targets_of(const pv_measurement *measurements,
                                   size_t count, pv_target **targets,
                                   pv_error *err);

/* Refuses more rows than the machine's memory can hold. */
PV_CHECKED pv_status pv_check_rows(const pv_schema *schema, double rows,
                                   pv_error *err);

/* Plan lines for measuring the cliques with `units`. */
PV_CHECKED pv_status pv_plan_cliques(const pv_request *request,
                                     const pv_clique *clique,
                                     const double *weight, size_t count,
                                     uint64_t units, pv_plan *plan,
                                     pv_error *err);

#endif
