/* gen/candidates.h - the marginals that an adaptive method may choose from.
 * Internal to gen/.
 *
 * All non-empty subsets of the workload's marginals (its downward closure),
 * each with the weight sum over s in the workload of weight(s) |r and s|: how
 * much of the workload it tells about (McKenna, Mullins, Sheldon and Miklau
 * 2022). Everything here is public: the workload, the domain, the fitted
 * model. */
#ifndef PV_GEN_CANDIDATES_H
#define PV_GEN_CANDIDATES_H

#include "gen/generator.h"
#include "marginals/model.h"

typedef struct pv_candidates {
    pv_domain domain;
    size_t count;
    pv_clique *clique;  /* increasing */
    double *weight;     /* at most 1 */
    size_t *cells;
    /* the round at hand, pv_candidates_open */
    size_t open;
    pv_candidate *ask;  /* for pv_ask_select */
    size_t *index;      /* of ask[i] among all */
    double *growth;     /* of the model by ask[i], as a share of the limit */
    double *priority;   /* weight, less for those that make the model grow */
    double *answer;     /* the model's answers, one block */
} pv_candidates;

/* PV_ETOOBIG when the workload's closure has more than a million marginals. */
PV_CHECKED pv_status pv_candidates_init(pv_candidates *c,
                                        const pv_request *request,
                                        pv_error *err);
void pv_candidates_clear(pv_candidates *c);

/* What may be chosen this round. */
typedef struct pv_candidates_round {
    const pv_clique *have; /* in the model already, structural zeros too */
    size_t haves;
    double limit;          /* cells of the model, when they would grow */
    double sigma;          /* of the measurement to come */
    size_t memory;         /* bytes for counts and answers; 0: no limit */
} pv_candidates_round;

/* Lists the marginals that keep the model under the limit, with the model's
 * answers, biases and weights:
 *   bias    0.7 of the L1 error that the noise would leave (pv_noise_left)
 *   weight  the candidate's, times (1 + 20 growth)^-0.15
 * PV_EBUDGET when nothing may be chosen. */
PV_CHECKED pv_status pv_candidates_open(pv_candidates *c,
                                        const pv_model *model,
                                        const pv_candidates_round *round,
                                        pv_error *err);

#endif
