/* audit/attack/solve_internal.h - what the solvers share. */
#ifndef PV_AUDIT_ATTACK_SOLVE_INTERNAL_H
#define PV_AUDIT_ATTACK_SOLVE_INTERNAL_H

#include "audit/attack/solve.h"

extern const pv_solver pv_solver_l1, pv_solver_pdhg, pv_solver_ls,
    pv_solver_wls;

/* Moves t to the nearest point of [0, 1] (one level) or of the simplex. */
void pv_project(double *t, size_t levels);
/* A first guess: for each user the mean share over its queries; users in none
 * get one half, or all levels alike. */
void pv_local_mean(const pv_instance *instance, double *t);
/* A user's least g . s over s in the same set. */
double pv_least_product(const double *g, size_t levels);

/* One level of the dual program of solve_lp.c to its optimum: multiplier[j] of
 * the row of each user; adds the optimum to the solution's bound and the steps to
 * its iterations. lp_glpk.c or lp_highs.c. */
pv_status pv_lp_level(const pv_instance *in, size_t level,
                      const pv_solve_options *options, double *multiplier,
                      pv_solution *solution, pv_error *err);
extern const char *const pv_lp_name;

/* Size of query i. */
static inline double pv_query_size(const pv_incidence *a, size_t i)
{
    return (double)(a->query_start[i + 1] - a->query_start[i]);
}

#endif
