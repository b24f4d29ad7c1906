/* gen/pe/evidence.h - all noisy counts of a run, taken together. Internal to gen/.
 *
 * A noisy histogram of votes says how many private rows lie in each cell of a public
 * partition: the rows that are nearest to one candidate. So does a noisy marginal. All
 * of them are kept, and weights of public points (rows drawn from the schema, rows of a
 * pool, whatever a source made) are sought that agree with all:
 *
 *     log w(x) = offset(x) + sum over partitions p of lambda_p(cell of x in p),
 *
 * in each class apart, with weights that add up to the class's rows. lambda is the
 * maximum of the entropy's dual with a ridge: at the end lambda = g (noisy - fitted)
 * / sigma^2, where g, `strength` times the rows a cell, is how far the prior lets the
 * logarithm of a cell's share go. That is the posterior mode of a log-linear model with
 * Gaussian noise and a Gaussian prior. Answers alone enter; it costs nothing.
 * All floating sums are in a fixed order and exp is our own, so that a resumed run asks
 * the same on any processor. */
#ifndef PV_GEN_PE_EVIDENCE_H
#define PV_GEN_PE_EVIDENCE_H

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

typedef struct pv_evidence pv_evidence;

/* Of `classes` classes with rows[c] >= 0 rows each. */
PV_CHECKED pv_status pv_evidence_alloc(size_t classes, const double *rows,
                                       pv_evidence **evidence, pv_error *err);
void pv_evidence_free(pv_evidence *evidence); /* NULL is legal */

/* Adds a partition: the cells of class c are first[c] .. first[c+1]-1, noisy[] their
 * counts, each with noise of standard deviation `sigma`. lambda is 0 at first. */
PV_CHECKED pv_status pv_evidence_add(pv_evidence *evidence, const size_t *first,
                                     const double *noisy, double sigma,
                                     double strength, pv_error *err);
size_t pv_evidence_count(const pv_evidence *evidence);
const double *pv_evidence_lambda(const pv_evidence *evidence, size_t partition);
double pv_evidence_rows(const pv_evidence *evidence, size_t class);

/* Sets the partition's lambda by itself, as if the points were spread alike over its
 * cells: where fits begin from. */
PV_CHECKED pv_status pv_evidence_begin(pv_evidence *evidence, size_t partition,
                                       pv_error *err);

/* Points of class c are start[c] .. start[c+1]-1; cell[p][i] is point i's cell in
 * partition p, offset[i] finite. Goes over all partitions `sweeps` times; weight[i]
 * gets what each point stands for. A class without points is passed over, and where a class has no
 * cells in a partition its points need none. Classes are
 * fitted in parallel. */
PV_CHECKED pv_status pv_evidence_fit(pv_evidence *evidence, const size_t *start,
                                     uint32_t *const *cell,
                                     const double *offset, size_t sweeps,
                                     double *weight, pv_error *err);

#endif
