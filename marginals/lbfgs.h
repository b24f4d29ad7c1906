/* marginals/lbfgs.h - limited-memory BFGS for a smooth convex function, with a
 * diagonal metric that the function supplies at each point (Liu and Nocedal
 * 1989; Nocedal and Wright 2006, algorithm 7.5). Sums are in a fixed order:
 * the same input gives the same iterates. Internal to marginals/. */
#ifndef PV_MARGINALS_LBFGS_H
#define PV_MARGINALS_LBFGS_H

#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct pv_lbfgs pv_lbfgs;

/* Evaluates at x: the value, gradient[], metric[] (the inverse of an estimate
 * of the diagonal of the Hessian, all positive) and the distance from the
 * optimum that the caller goes by. A point out of range answers the value inf. */
typedef void pv_lbfgs_fn(void *context, const double *x, double *value,
                         double *gradient, double *metric, double *gap);

pv_status pv_lbfgs_alloc(size_t n, pv_lbfgs **solver, pv_error *err);
void pv_lbfgs_free(pv_lbfgs *solver);

/* Begins at x (n entries, which stays the caller's and holds the iterate). */
void pv_lbfgs_start(pv_lbfgs *solver, pv_lbfgs_fn *fn, void *context,
                    double *x);

/* One iteration; false when no step could improve. The curvature pairs survive
 * pv_lbfgs_start, so that a slightly changed function starts with what is
 * known. */
bool pv_lbfgs_step(pv_lbfgs *solver);

/* The gap that fn gave for the iterate; inf when it is out of range. */
double pv_lbfgs_gap(const pv_lbfgs *solver);
size_t pv_lbfgs_evaluations(const pv_lbfgs *solver);

#endif
