/* gen/mechanism.h - a generator as something to be tried, many times over.
 *
 * An auditor that plays a game trains the same generator on thousands of tables
 * in one process. A mechanism is a command line of privet-gen, checked and
 * planned once; a training is one fit to one table, from which releases of any
 * size are drawn. It is the code of privet-gen itself: the same questions of the
 * same curator, the same noise law, the same fit. Only the randomness comes from
 * a given key, and no release is written: a training protects nobody, and is for
 * tables made for the game. */
#ifndef PV_GEN_MECHANISM_H
#define PV_GEN_MECHANISM_H

#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"
#include "dp/curator.h"
#include "io/release.h"
#include "io/schema.h"
#include "io/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* rho at which the noise of any method is 0 in every cell: the budget of
 * `no_noise` below. It is the largest that --rho takes; see
 * tests/test_mechanism.c. */
#define PV_NO_NOISE_RHO 65536.0

typedef struct pv_mechanism pv_mechanism;
typedef struct pv_training pv_training;

/* Words of a command line as a user would type it: words[0] is the program
 * (not looked at), words[1] a method, then options. {in}, -o {out},
 * --rows {rows} and --insecure-test-seed {seed} may be there and mean nothing;
 * a --schema must be the one given here. With `no_noise` the budget is
 * PV_NO_NOISE_RHO whatever the words say. PV_EUSAGE for what privet-gen would
 * refuse and for options that make no sense here; PV_EUNSUPPORTED for a schema
 * with private bins, bounds or labels; else as pv_plan_make. `schema` must
 * outlive the mechanism, which is not for several threads at once. */
PV_API PV_CHECKED pv_status pv_mechanism_parse(size_t words,
                                               char *const *word,
                                               const pv_schema *schema,
                                               bool no_noise,
                                               pv_mechanism **mechanism,
                                               pv_error *err);
PV_API void pv_mechanism_free(pv_mechanism *mechanism); /* NULL is legal */

/* The name of the method, owned by the registry. */
PV_API const char *pv_mechanism_method(const pv_mechanism *mechanism);

/* What its releases claim: rho-zCDP, hence (epsilon, delta)-DP with epsilon =
 * pv_zcdp_epsilon(rho, delta), for these neighbours. */
typedef struct pv_mechanism_claim {
    double rho, delta;
    pv_neighbours neighbours;
} pv_mechanism_claim;
PV_API pv_mechanism_claim pv_mechanism_claims(const pv_mechanism *mechanism);

/* Has `listener` hear every question of the trainings to come
 * (pv_curator_listen). NULL: nobody. */
PV_API void pv_mechanism_listen(pv_mechanism *mechanism, pv_listener *listener,
                                void *context);

/* Trains on the table in the file `input`, with a run directory made in the
 * directory `scratch`, which must hold no other; all randomness from `key`. The
 * caller removes what is left in `scratch` after pv_training_free. Errors as
 * pv_curator_open and pv_generate; PV_ESTOPPED after
 * pv_curator_request_stop. The mechanism must outlive the training. */
PV_API PV_CHECKED pv_status pv_mechanism_train(const pv_mechanism *mechanism,
                                               const char *input,
                                               const char *scratch,
                                               const pv_key *key,
                                               pv_training **training,
                                               pv_error *err);
PV_API void pv_training_free(pv_training *training); /* NULL is legal */

/* The release that --rows `rows` gives (-1: the noisy total), the caller's to
 * free. Equal numbers of rows give equal tables; different ones share no
 * randomness. */
PV_API PV_CHECKED pv_status pv_training_release(const pv_training *training,
                                                int64_t rows,
                                                pv_table **table,
                                                pv_error *err);

/* The noisy marginals that the release would publish, owned by the training. */
PV_API const pv_measurement *pv_training_measurements(
    const pv_training *training, size_t *count);

#endif
