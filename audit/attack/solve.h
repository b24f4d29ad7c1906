/* audit/attack/solve.h - people's secrets from noisy sums over groups of them.
 *
 * An instance has users, queries and for each query and level an answer
 * b ~ (A t)_query. Solvers look for t in [0, 1] (with more than two levels: t of
 * each user on the simplex), users x levels:
 *
 *   l1    min sum |A t - b|, exactly: HiGHS or GLPK, of the dual program, which has
 *         a row a user alone (Annamalai et al. 2023); each level by itself
 *   pdhg  the same up to a certified relative gap: primal-dual hybrid gradient
 *         with diagonal steps and restarts (Chambolle and Pock; PDLP)
 *   ls    min sum (A t - b)^2: accelerated projected gradient, for noise that is
 *         alike in every answer (the noise of a mechanism)
 *   wls   min sum w (A t - b)^2: for the sampling noise of a finite release
 *
 * Results do not depend on threads. */
#ifndef PV_AUDIT_ATTACK_SOLVE_H
#define PV_AUDIT_ATTACK_SOLVE_H

#include "audit/attack/queries.h"
#include "core/api.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct pv_instance {
    const pv_incidence *incidence;
    size_t levels;          /* 1: b counts those who have the secret, t in [0,1];
                               more: t of a user sums to 1 */
    const double *answer;   /* queries x levels */
    const double *variance; /* queries; for wls; NULL: the size of the query */
} pv_instance;

typedef struct pv_solve_options {
    double gap;       /* relative, at which pdhg stops; 0: 1e-2 */
    size_t most;      /* iterations; 0: the solver's own limit */
} pv_solve_options;

typedef struct pv_solution {
    double *t;        /* users x levels */
    double objective; /* of t */
    double bound;     /* certified: no t has a smaller objective; -INFINITY when
                         the solver has none (ls, wls: of the optimality gap) */
    size_t iterations;
    bool converged;
} pv_solution;
PV_API void pv_solution_clear(pv_solution *solution);

typedef struct pv_solver {
    const char *name, *summary;
    pv_status (*run)(const pv_instance *instance,
                     const pv_solve_options *options, pv_solution *solution,
                     pv_error *err);
} pv_solver;

enum { PV_SOLVERS = 4 };
/* l1, pdhg, ls, wls, in this order: bit i of pv_attack_terms.solvers. */
PV_API const pv_solver *pv_solver_at(size_t i);
/* "all", or names separated by commas; PV_EUSAGE lists them. */
PV_API PV_CHECKED pv_status pv_solvers_parse(const char *text,
                                             unsigned *solvers, pv_error *err);

/* Runs solver i; options may be NULL. With two levels the second is solved for
 * and the first is what is left. */
PV_API PV_CHECKED pv_status pv_solve(size_t i, const pv_instance *instance,
                                     const pv_solve_options *options,
                                     pv_solution *solution, pv_error *err);

#endif
