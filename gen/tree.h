/* gen/tree.h - the method `tree`. Internal to gen/.
 *
 * One-way marginals; then twice: noisy distances of all candidates from the
 * model so far (pv_ask_scores), a choice among them without further questions
 * (gen/choice.h), the chosen marginals measured together, a fit. The first
 * round makes a small tree; the second, which has the most of the budget, sees
 * what that tree leaves unexplained and may grow the model to its full size. */
#ifndef PV_GEN_TREE_H
#define PV_GEN_TREE_H

#include "gen/choice.h"
#include "gen/generator.h"

enum {
    PV_TREE_ROUNDS = 2,
    PV_TREE_TRIPLES = 1500 /* with more, pairs alone are candidates */
};

/* A round's shares of the whole budget; 0: the rest. */
typedef struct pv_tree_round {
    double scores;   /* of select_share */
    double measured; /* of the whole budget */
} pv_tree_round;
extern const pv_tree_round pv_tree_round_of[PV_TREE_ROUNDS];

/* Candidates: pairs, and triples when they are few enough, inside the
 * workload's marginals (NULL: all triples) over columns that vary. A marginal
 * of the workload hands its weight in equal parts to its triples, or to its
 * pairs. There may be none. */
PV_CHECKED pv_status pv_tree_candidates(const pv_workload *workload,
                                        const pv_domain *domain,
                                        pv_choice *pool, pv_error *err);

/* Cells of all candidates together, and how large the model may get in
 * a round: by what a tree of average pairs would take, within memory. */
size_t pv_tree_cells(const pv_choice *pool);
size_t pv_tree_limit(const pv_choice *pool, const pv_domain *domain,
                     size_t memory, size_t round);

/* Expected errors of an item (PV_CHOICE_LEVELS of them) after a measurement
 * that spends 2^-level of `units`; `estimate` is the model's. */
void pv_tree_noise(pv_choice_item *item, const double *estimate,
                   uint64_t units, uint64_t sensitivity2);

/* pv_choose at several prices of size; the best by pv_choice_value stays. */
PV_CHECKED pv_status pv_tree_choose(pv_choice *pool, const pv_domain *domain,
                                    const pv_clique *fixed, size_t count,
                                    size_t limit, pv_error *err);

/* The budgets in units. */
typedef struct pv_tree_budget {
    uint64_t one_way;
    uint64_t scores[PV_TREE_ROUNDS], measured[PV_TREE_ROUNDS];
} pv_tree_budget;
pv_tree_budget pv_tree_budget_of(const pv_request *request);

pv_status pv_tree_plan(const pv_request *request, pv_plan *plan,
                       pv_error *err);

#endif
