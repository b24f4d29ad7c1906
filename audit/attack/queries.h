/* audit/attack/queries.h - the questions of a linear reconstruction.
 *
 * A query is a conjunction of values of some quasi-identifiers; it covers the
 * people (users) who have them. For each class of the secret the release gives
 * how many of those people it holds for: a linear equation in the users' unknown
 * secrets. Queries are made of the values that users have, of all sets of
 * k - 1 quasi-identifiers for each order k, so every user is in one query of
 * each set (Annamalai, Gadotti and Rocher, "A linear reconstruction approach
 * for attribute inference attacks against synthetic data", 2023). */
#ifndef PV_AUDIT_ATTACK_QUERIES_H
#define PV_AUDIT_ATTACK_QUERIES_H

#include "audit/attack/incidence.h"
#include "audit/attack/terms.h"
#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"
#include "io/release.h"
#include "io/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pv_query_spec {
    const uint32_t *known; /* quasi-identifiers, increasing */
    size_t known_count;
    unsigned orders;       /* bit k (2..8): sets of k - 1 of them */
    size_t most;           /* 0: all queries; else so many, drawn without
                              replacement from all */
    bool distinct;         /* one query for each set of users: equal ones are
                              merged, their answers averaged */
    size_t memory;         /* bytes for the matrix and the answers; 0: no
                              limit */
    size_t levels;         /* of the answers to come; 0: there will be none */
    const pv_key *key;     /* for the draw; may be NULL without `most` */
} pv_query_spec;

/* The queries, a clause each: what is not so is in marginals/queries.h. */
typedef struct pv_clauses pv_clauses;

/* All queries about the rows of `users`. PV_EUSAGE when an order asks for more
 * quasi-identifiers than there are; PV_ETOOBIG (with the size and remedies)
 * beyond the memory. */
PV_API PV_CHECKED pv_status pv_clauses_make(const pv_table *users,
                                            const pv_query_spec *spec,
                                            pv_clauses **queries,
                                            pv_error *err);
PV_API void pv_clauses_free(pv_clauses *queries); /* NULL is legal */
PV_API const pv_incidence *pv_clauses_incidence(const pv_clauses *queries);

/* Answers as the attacker derives them. */
typedef struct pv_answers {
    size_t queries, levels;
    double *value;    /* queries x levels: people of each class among those of
                         the query */
    double *variance; /* queries: how far off each value is from noise or
                         sampling, relative between queries */
} pv_answers;
PV_API void pv_answers_clear(pv_answers *answers);

/* From the rows of a release, in one pass over them: conditional scaling, the
 * share of each class among the rows that match (among all rows when none do),
 * times the number of users in the query. Where several queries were merged,
 * the mean. The release must have the users' schema. */
PV_API PV_CHECKED pv_status pv_clauses_answer(const pv_clauses *queries,
                                              const pv_table *release,
                                              const pv_secret *secret,
                                              pv_answers *answers,
                                              pv_error *err);

/* The true answers, for experiments with chosen noise: class_of has a class for
 * each user. */
PV_API PV_CHECKED pv_status pv_clauses_truth(const pv_clauses *queries,
                                             const uint32_t *class_of,
                                             uint32_t levels,
                                             pv_answers *answers,
                                             pv_error *err);

/* White box: queries and answers from the noisy marginals that a release
 * publishes, those that have the secret and at least one of the known columns,
 * on the users of the table it was made of. Counts are added up over columns
 * that are neither. The variances are the noise's. PV_EINVAL when there is no
 * such marginal. */
PV_API PV_CHECKED pv_status pv_clauses_measured(
    const pv_table *users, const pv_secret *secret, const uint32_t *known,
    size_t known_count, const pv_measurement *measurement, size_t count,
    pv_clauses **queries, pv_answers *answers, pv_error *err);

#endif
