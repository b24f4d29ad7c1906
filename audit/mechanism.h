/* audit/mechanism.h - what an audit puts to the test: a mechanism, of any make.
 *
 * A subject turns a table of people into releases of a number of rows each. It
 * is one of
 *
 *   privet-gen METHOD OPTIONS   ours, in this process (gen/mechanism.h)
 *   reference:bootstrap         rows drawn with replacement: no privacy
 *   reference:copy              all rows, repeated or cut: none at all
 *   reference:coins             bootstrap, each secret a fair coin: nothing
 *                               depends on anyone's secret
 *   reference:gaussian:SIGMA    no rows, but the attacker's own queries answered
 *                               with independent N(0, SIGMA^2)
 *   PROGRAM ARGUMENTS           anything else, run without a shell, with {in}
 *                               (a CSV of the people), {out} (CSV or HDF5 that
 *                               it writes), {rows} (how many) and {seed} (a
 *                               number below 2^63) replaced wherever they stand
 *
 * A subject trains again and again, each time from the key it is given alone. */
#ifndef PV_AUDIT_MECHANISM_H
#define PV_AUDIT_MECHANISM_H

#include "audit/pick.h"
#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"
#include "gen/mechanism.h"
#include "io/release.h"
#include "io/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum pv_subject_kind {
    PV_SUBJECT_PRIVET,
    PV_SUBJECT_BOOTSTRAP,
    PV_SUBJECT_COPY,
    PV_SUBJECT_COINS,
    PV_SUBJECT_GAUSSIAN,
    PV_SUBJECT_EXTERNAL
} pv_subject_kind;

typedef struct pv_subject_options {
    const pv_schema *schema; /* of the people and the releases */
    const pv_coins *coins;   /* for reference:coins; may be NULL for others */
    bool no_noise;           /* ours: a budget at which there is no noise */
    bool ignore_extra;       /* columns of {out} that the schema lacks */
    double timeout;          /* seconds for a program; 0: none */
} pv_subject_options;

typedef struct pv_subject pv_subject;
typedef struct pv_trained pv_trained;

/* From a command line (see above); `options` and what it points to must outlive
 * the subject. PV_EUSAGE for what cannot be run: unknown names, no {in} or
 * {out}, --no-noise for what is not ours. */
PV_API PV_CHECKED pv_status pv_subject_make(const char *command,
                                            const pv_subject_options *options,
                                            pv_subject **subject,
                                            pv_error *err);
PV_API void pv_subject_free(pv_subject *subject); /* NULL is legal */
PV_API pv_subject_kind pv_subject_kind_of(const pv_subject *subject);
/* The mechanism when it is ours, else NULL; the subject's. */
PV_API pv_mechanism *pv_subject_ours(const pv_subject *subject);
/* Of reference:gaussian; else 0. */
PV_API double pv_subject_sigma(const pv_subject *subject);

/* Trains on `people`, who must outlive the training, for releases of at most
 * `most` rows; files, where there are any, go to a directory of their own below
 * `scratch` and are removed by pv_trained_free. Not for PV_SUBJECT_GAUSSIAN.
 * PV_ESTOPPED when asked to stop. */
PV_API PV_CHECKED pv_status pv_subject_train(const pv_subject *subject,
                                             const pv_table *people,
                                             size_t most, const pv_key *key,
                                             const char *scratch,
                                             pv_trained **trained,
                                             pv_error *err);
PV_API void pv_trained_free(pv_trained *trained); /* NULL is legal */

/* The same on people who are in a CSV file too, which spares writing it. */
PV_API PV_CHECKED pv_status pv_subject_train_file(const pv_subject *subject,
                                                  const pv_table *people,
                                                  const char *file,
                                                  size_t most,
                                                  const pv_key *key,
                                                  const char *scratch,
                                                  pv_trained **trained,
                                                  pv_error *err);

/* As many rows as the mechanism itself gives: a noisy total, or all that a
 * program wrote; of a reference as many as there are people. */
#define PV_ROWS_OF_ITS_OWN SIZE_MAX

/* A release of so many rows (free it). A program's are drawn without
 * replacement from the one of `most` rows that it wrote; PV_EIO when that has
 * fewer. */
PV_API PV_CHECKED pv_status pv_trained_release(const pv_trained *trained,
                                               size_t rows, pv_table **table,
                                               pv_error *err);

/* Values of what a program wrote that are none of the schema's. */
PV_API uint64_t pv_trained_outside(const pv_trained *trained);

/* Noisy marginals that the release would publish: none unless it is ours. */
PV_API const pv_measurement *pv_trained_measurements(const pv_trained *trained,
                                                     size_t *count);

#endif
