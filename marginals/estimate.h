/* marginals/estimate.h - fit a model to noisy marginals, to convergence.
 *
 * The loss is L(mu) = 1/2 sum_r ||mu_r - y_r||^2 / sigma_r^2 over the marginals
 * mu of distributions with the given total and structural zeros (McKenna,
 * Sheldon and Miklau 2019). Its exact minimiser follows the noise; what is
 * computed is an iterated regularisation of it, which measures a fifth to
 * a quarter nearer to the truth (doc/inference.md): a fixed, small number of
 * entropic proximal steps
 *     mu_k+1 = argmin L(mu) + tau KL(mu || mu_k),  tau = weight / min sigma,
 * from mu_0, the product of one-way marginals that the targets speak for. With
 * many steps mu_k tends to the minimiser of L (Chen and Teboulle 1993).
 *
 * A step is solved in its smooth concave dual, where the unknowns are changes
 * of the log potentials and one evaluation is one belief propagation, by
 * L-BFGS. For the change x, with g = mu - y + tau sigma^2 x, the step's duality
 * gap is exactly sum_r ||g_r||^2 / (2 sigma_r^2): a step ends when that is at
 * most `gap` times half the number of fitted cells, which is about what L is
 * when the model is true. A target that is a component of its own is projected
 * in closed form. */
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
    const double *values; /* in the place of counts when not NULL */
} pv_target;

typedef struct pv_fit_options {
    double total;          /* number of rows when known, else 0: estimated */
    double gap;            /* relative duality gap of a step; 0: 2e-2 */
    size_t steps;          /* proximal steps; 0: 4 */
    double weight;         /* of the proximal term; 0: 4 */
    size_t max_iterations; /* belief propagations at most; 0: 10000 */
    size_t memory;         /* bytes for the model's tables; 0: no limit */
} pv_fit_options;

typedef struct pv_fit_report {
    size_t iterations;     /* belief propagations done */
    size_t cells;          /* of the targets that were fitted iteratively */
    double loss;           /* L at the model */
    double gap;            /* largest duality gap that a step ended with */
    bool converged;        /* every step reached the gap that was asked for */
} pv_fit_report;

/* Where the proximal steps of a fit ended, so that a fit of almost the same
 * targets can begin each step there: it then takes a third of the passes. */
typedef struct pv_fit_path pv_fit_path;
PV_API PV_CHECKED pv_status pv_fit_path_alloc(pv_fit_path **path,
                                              pv_error *err);
PV_API void pv_fit_path_free(pv_fit_path *path);

/* Fits; the model returned is calibrated. Targets over the same clique are
 * merged. `path` (may be NULL) is that of an earlier fit over the same domain,
 * or empty; it is the new fit's afterwards. `report` may be NULL. */
PV_API PV_CHECKED pv_status pv_estimate(const pv_domain *domain,
                                        const pv_zero *zero, size_t zeros,
                                        const pv_target *target, size_t targets,
                                        const pv_fit_options *options,
                                        pv_fit_path *path, pv_model **model,
                                        pv_fit_report *report, pv_error *err);

/* In place: the nearest point (least squares) with entries >= 0 and the given
 * sum. */
PV_API void pv_project_simplex(double *y, size_t n, double sum);

#endif
