/* dp/trial.h - one question, answered again and again with fresh noise.
 *
 * For auditors and tests of the noise itself. ONLY of a curator that was opened
 * with a test key, whose run is NOT PRIVATE and says so; of any other nothing is
 * prepared, counted or drawn (PV_EINVAL).
 *
 * A trial is drawn by the very functions that draw the curator's answers, by a
 * key of its own: "trial N of ..." stands where a question's record does (which
 * begins with a brace), and 0 where its sequence number does (which begins at
 * 1). Nothing is charged, written or stored; ledger, sequence and later answers
 * are those of a curator without trials. One thread at a time for one curator;
 * processes forked after preparing may share the trial numbers out, where parent
 * and children use one thread (core/threads.h). */
#ifndef PV_DP_TRIAL_H
#define PV_DP_TRIAL_H

#include "core/api.h"
#include "core/status.h"
#include "dp/curator.h"

#include <stddef.h>
#include <stdint.h>

typedef struct pv_trial pv_trial;

/* Prepares a question with the checks of the pv_ask_ function of that name, and
 * their errors. The curator and the arrays must outlive the trial. */
PV_API PV_CHECKED pv_status pv_trial_measure(pv_curator *curator,
                                             const pv_clique *clique,
                                             const pv_rational *sigma2,
                                             size_t count, pv_trial **trial,
                                             pv_error *err);
PV_API PV_CHECKED pv_status pv_trial_select(pv_curator *curator,
                                            const pv_candidate *candidate,
                                            size_t count, uint64_t epsilon_num,
                                            pv_trial **trial, pv_error *err);
PV_API PV_CHECKED pv_status pv_trial_scores(pv_curator *curator,
                                            const pv_clique *clique,
                                            const double *const *estimate,
                                            size_t count, pv_rational sigma2,
                                            pv_trial **trial, pv_error *err);
PV_API PV_CHECKED pv_status pv_trial_intervals(pv_curator *curator,
                                               size_t column,
                                               const pv_interval *interval,
                                               size_t count, pv_rational sigma2,
                                               pv_trial **trial, pv_error *err);
PV_API PV_CHECKED pv_status pv_trial_queries(pv_curator *curator,
                                             const pv_queries *queries,
                                             const size_t *group, size_t count,
                                             pv_rational sigma2,
                                             pv_trial **trial, pv_error *err);
PV_API PV_CHECKED pv_status pv_trial_group(pv_curator *curator,
                                           const pv_queries *queries,
                                           const pv_group_candidate *candidate,
                                           size_t count,
                                           pv_group_distance distance,
                                           uint64_t epsilon_num,
                                           pv_trial **trial, pv_error *err);
PV_API PV_CHECKED pv_status pv_trial_votes(pv_curator *curator,
                                           const pv_ballot *ballot,
                                           pv_rational sigma2,
                                           pv_trial **trial, pv_error *err);
PV_API PV_CHECKED pv_status pv_trial_labels(pv_curator *curator, size_t column,
                                            pv_rational sigma2, uint64_t delta,
                                            size_t most, pv_trial **trial,
                                            pv_error *err);
PV_API void pv_trial_free(pv_trial *trial); /* NULL is legal */

/* What the curator would charge for the question, and how many numbers answer
 * it: the cells of all marginals or groups in order, one index, the scores, the
 * intervals, the candidates; none for labels. */
PV_API pv_spend pv_trial_cost(const pv_trial *trial);
PV_API size_t pv_trial_size(const pv_trial *trial);

/* The answer of trial `number`: pv_trial_size numbers, or labels (the caller's to
 * clear). The same number gives the same answer. PV_EINVAL when the rows are
 * wiped or encoded anew since, or the answer is of the other kind. */
PV_API PV_CHECKED pv_status pv_trial_draw(pv_trial *trial, uint64_t number,
                                          int64_t *answer, pv_error *err);
PV_API PV_CHECKED pv_status pv_trial_draw_labels(pv_trial *trial,
                                                 uint64_t number,
                                                 pv_labels *labels,
                                                 pv_error *err);

#endif
