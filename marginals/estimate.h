/* marginals/estimate.h - fit a model to noisy marginals, to convergence.
 *
 * Minimises L(mu) = 1/2 sum_r ||mu_r - y_r||^2 / sigma_r^2 over the marginals
 * mu of distributions with the given total and structural zeros (McKenna,
 * Sheldon and Miklau 2019; the minimiser of maximum entropy is the graphical
 * model whose cliques are the targets').
 *
 * Method: entropic proximal steps (Chen and Teboulle 1993), each solved in its
 * smooth concave dual, where the unknowns are changes of the log potentials and
 * one evaluation is one belief propagation, by L-BFGS with a diagonal metric. A
 * target that is a component of its own is projected in closed form.
 *
 * It stops when the duality gap L(mu) - lower bound, the bound being that of
 * the linearised loss over all distributions (one max-product pass), is at most
 * `gap` times half the number of fitted cells, which is about what L would be
 * if the model were true. */
#ifndef PV_MARGINALS_ESTIMATE_H
#define PV_MARGINALS_ESTIMATE_H

#include "core/api.h"
#include "core/status.h"
#include "marginals/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A noisy marginal: counts over the clique (row-major, increasing columns),
 * each with independent noise of variance sigma2. Borrowed. */
typedef struct pv_target {
    pv_clique clique;
    const int64_t *counts;
    double sigma2;
} pv_target;

typedef struct pv_fit_options {
    double total;          /* number of rows when known, else 0: estimated */
    double gap;            /* relative duality gap to stop at; 0: 1e-2 */
    size_t max_iterations; /* belief propagations at most; 0: 5000 */
    size_t memory;         /* bytes for the model's tables; 0: no limit */
} pv_fit_options;

typedef struct pv_fit_report {
    size_t iterations;     /* belief propagations done */
    size_t cells;          /* of the targets that were fitted iteratively */
    double loss, gap;      /* L, and L minus its lower bound */
    bool converged;        /* the gap that was asked for was reached */
} pv_fit_report;

/* Fits; the model returned is calibrated. Targets over the same clique are
 * merged. `warm` (may be NULL) is an earlier model over the same domain whose
 * potentials are the start for the cliques it shares. `report` may be NULL. */
PV_API PV_CHECKED pv_status pv_estimate(const pv_domain *domain,
                                        const pv_zero *zero, size_t zeros,
                                        const pv_target *target, size_t targets,
                                        const pv_fit_options *options,
                                        pv_model *warm, pv_model **model,
                                        pv_fit_report *report, pv_error *err);

/* The total that the targets speak for: the mean of their sums weighted by
 * inverse variance, at least 1. Forbidden cells should hold 0. */
PV_API double pv_estimate_total(const pv_domain *domain,
                                const pv_target *target, size_t targets);

/* In place: the nearest point (least squares) with entries >= 0 and the given
 * sum. */
PV_API void pv_project_simplex(double *y, size_t n, double sum);

#endif
