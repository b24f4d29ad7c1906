/* audit/epsilon/witness.h - what one run shows of which table it was run on.
 *
 * Features, for audit/epsilon/distinguish.h. From the release, which anyone
 * sees: its rows, and how many of them have the target's values in each of some
 * sets of columns (all sets, where there are few columns). From the transcript,
 * which is published with a release of ours or could be: the log-likelihood
 * ratio of every noisy answer and of every selection, given the two tables, which
 * is exact, since the attacker of differential privacy knows everything but which
 * of two tables it was. It is computed from the tables by code of its own, that
 * shares nothing with the curator's but counting, and what vectors rows are.
 *
 * The sum of all ratios is the privacy loss of the run: by Neyman and Pearson no
 * test tells the tables apart better, as long as noise is what it is said to be. */
#ifndef PV_AUDIT_EPSILON_WITNESS_H
#define PV_AUDIT_EPSILON_WITNESS_H

#include "audit/epsilon/distinguish.h"
#include "audit/epsilon/pair.h"
#include "core/api.h"
#include "core/status.h"
#include "dp/curator.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct pv_witness pv_witness;

/* A witness of runs on a pair, which must outlive it. `transcript`: what a
 * mechanism of ours is heard to ask (pv_witness_hear is its listener) makes
 * features. */
PV_API PV_CHECKED pv_status pv_witness_alloc(const pv_pair *pair,
                                             pv_neighbours neighbours,
                                             bool transcript,
                                             pv_witness **witness,
                                             pv_error *err);
PV_API void pv_witness_free(pv_witness *witness); /* NULL is legal */

/* The features: how many, their names, and the groups that go together. They
 * depend on the schema and on `transcript` alone. */
PV_API size_t pv_witness_width(const pv_witness *witness);
PV_API const char *const *pv_witness_names(const pv_witness *witness);
PV_API size_t pv_witness_groups(const pv_witness *witness,
                                const pv_feature_group **group);

/* A run: begin, let the mechanism be heard, show its release; then the features
 * (finite), valid until the next run. `outside`: values that are none of the
 * schema's. */
PV_API void pv_witness_begin(pv_witness *witness);
PV_API pv_listener pv_witness_hear; /* its context is the witness */
PV_API void pv_witness_see(pv_witness *witness, const pv_table *release,
                           uint64_t outside);
PV_API const double *pv_witness_features(const pv_witness *witness);

/* rho of all that was heard in this run: the squared sensitivity of a marginal
 * (of votes: of the grid, of persons with several rows) over 2 sigma2 for each measured, epsilon^2 / 8 for each selection, recomputed
 * from what was asked: of ours, whatever it is shown. 0 when nothing was heard. */
PV_API double pv_witness_rho(const pv_witness *witness);

#endif
