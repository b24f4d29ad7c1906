/* marginals/contract.h - products of tables summed over shared columns.
 * Internal to marginals/. */
#ifndef PV_MARGINALS_CONTRACT_H
#define PV_MARGINALS_CONTRACT_H

#include "marginals/factor.h"

/* result = sum over the shared columns that are not in `retain` of a x b; the
 * columns that a or b has alone are all kept. The order of result's axes is for
 * the function to choose, and fixed by the shapes. Free with pv_factor_clear. */
PV_CHECKED pv_status pv_contract(const pv_domain *domain, const pv_factor *a,
                                 const pv_factor *b, const pv_clique *retain,
                                 pv_factor *result, pv_error *err);

/* Sums `from` into `to`, whose columns are some of from's, in to's order. */
PV_CHECKED pv_status pv_factor_sum(const pv_factor *from, pv_factor *to,
                                   pv_error *err);

pv_clique pv_factor_clique(const pv_factor *factor);

#endif
