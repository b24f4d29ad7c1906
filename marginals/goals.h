/* marginals/goals.h - the targets of a fit, merged and prepared. Internal to
 * marginals/. */
#ifndef PV_MARGINALS_GOALS_H
#define PV_MARGINALS_GOALS_H

#include "marginals/estimate.h"

typedef struct pv_goal {
    pv_clique clique;
    size_t cells, legal; /* legal: not forbidden by a zero inside the clique */
    double *y;           /* 0 where forbidden */
    double sigma2;
    double *base;        /* log potential at the proximal centre */
    bool isolated;       /* a component of its own, solved in closed form */
    size_t at;           /* its first unknown, when not isolated */
} pv_goal;

typedef struct pv_goals {
    size_t count, unknowns;
    pv_goal *goal;
    double least_sigma2; /* over those not isolated */
} pv_goals;

/* Merges targets over the same clique by inverse variance. */
PV_CHECKED pv_status pv_goals_init(pv_goals *goals, const pv_domain *domain,
                                   const pv_zero *zero, size_t zeros,
                                   const pv_target *target, size_t targets,
                                   pv_error *err);
void pv_goals_clear(pv_goals *goals);

/* Mean of the targets' sums by inverse variance, at least 1. */
double pv_goals_total(const pv_goals *goals);

/* The model whose potentials are the goals; numbers the unknowns. */
PV_CHECKED pv_status pv_goals_model(pv_goals *goals, const pv_domain *domain,
                                    const pv_zero *zero, size_t zeros,
                                    double total, size_t memory,
                                    pv_model **model, pv_error *err);

/* Sets the bases: isolated goals to the log of their projection, the others so
 * that the model is the product of the one-way marginals that all goals
 * together speak for. */
PV_CHECKED pv_status pv_goals_start(pv_goals *goals, const pv_domain *domain,
                                    double total, pv_error *err);

#endif
