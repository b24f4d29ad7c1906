/* dp/curator.h - the privacy boundary: the one who holds the private rows.
 *
 * A curator is opened on an input, a public schema, a total budget and a run
 * directory. It answers questions, each charged to the ledger (and synced to
 * disk) before anything is drawn. Generators see nothing else of the data.
 *
 * The run directory (mode 0700) holds the key, the ledger and the answers. A
 * run that was stopped is resumed by opening it again with the same input,
 * schema, budget and settings: committed questions are answered from the store,
 * a question that was reserved but not committed is answered again with the
 * same noise. A question is matched by its kind, cliques and parameters, never
 * by public estimates, whose last bits may differ between processors; so an
 * answer that depends on them is handed out only once it is committed.
 *
 * Neighbours are tables that differ by one unit: added or removed, or replaced
 * by another. The unit is a row, or a person with at most k rows; persons with
 * more are cut down to k by a keyed hash of their own rows alone. A marginal
 * then has squared L2 sensitivity k^2, or 2 k^2 for replacement
 * (doc/privacy.md has the proofs). */
#ifndef PV_DP_CURATOR_H
#define PV_DP_CURATOR_H

#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"
#include "dp/account.h"
#include "dp/accountfile.h"
#include "dp/ledger.h"
#include "embeddings/metric.h"
#include "embeddings/space.h"
#include "io/release.h"
#include "io/schema.h"
#include "marginals/clique.h"
#include "marginals/queries.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum pv_neighbours { PV_ADD_REMOVE, PV_REPLACE } pv_neighbours;

typedef struct pv_curator_options {
    const char *input;         /* CSV, CSV.gz or native HDF5 */
    const pv_schema *schema;   /* must outlive the curator */
    bool ignore_extra;         /* as pv_load_options */
    bool numbers;              /* keep numbers beside the codes of bins, for queries
                                  and votes, that look at them; of schemas without
                                  needs */
    bool vectors;              /* the input is embeddings, /private of io/vectors.h;
                                  the schema's one column is their label */
    const char *run_dir;       /* made when missing */
    const char *output;        /* the release */
    bool force;                /* it may replace an existing file */
    uint64_t budget;           /* units of 2^-40 rho */
    double delta;              /* at which epsilon is stated */
    uint64_t delta_labels;     /* of it, what finding labels may spend: units
                                  of 2^-60; 0 when no column is open */
    pv_neighbours neighbours;
    const char *method;        /* the generator's name and its settings, as */
    const char *settings;      /* canonical text: must not change in a run */
    const char *account;       /* NULL: none */
    uint64_t account_cap;      /* units; 0: as the account says */
    const pv_key *test_key;    /* NULL: a fresh secret key. Otherwise the run
                                  is NOT PRIVATE and says so everywhere */
} pv_curator_options;

typedef struct pv_curator pv_curator;

/* Opens or resumes. When the run was finished before, *curator is NULL and the
 * release is in place. Errors: PV_ELOCKED (another process), PV_EMISMATCH (what
 * changed, and that the spend stays), PV_ETAMPER, PV_EBUDGET (account), those
 * of pv_load. */
PV_API PV_CHECKED pv_status pv_curator_open(const pv_curator_options *options,
                                            pv_curator **curator,
                                            pv_error *err);

/* Wipes the rows; a run not published stays resumable. NULL is legal. */
PV_API void pv_curator_close(pv_curator *curator);

PV_API const pv_schema *pv_curator_schema(const pv_curator *curator);
PV_API uint64_t pv_curator_remaining(const pv_curator *curator);

/* The number of rows when it is public (replacement of single rows): true. */
PV_API bool pv_curator_public_rows(const pv_curator *curator, size_t *rows);

/* Squared L2 sensitivity of one marginal, and how much one unit can change the
 * L1 distance of a marginal from anything: k^2 or 2k^2, and k or 2k. For
 * planning; the curator charges by its own. */
PV_API uint64_t pv_sensitivity2(const pv_schema *schema,
                                pv_neighbours neighbours);
PV_API uint64_t pv_curator_sensitivity2(const pv_curator *curator);

/* Noisy marginals: for each clique i its counts plus independent discrete
 * Gaussian noise of parameter sigma2[i]. One question; cost the sum over i of
 * D2 / (2 sigma2[i]) in rho, each rounded up to a unit. *answers (count of
 * them) are the curator's, valid until its next question; they are kept for
 * the release, and pv_curator_measurements lists them all.
 * PV_EBUDGET before anything is drawn; PV_ESTOPPED when a signal asked for it;
 * PV_EDIVERGED when a resumed run asks what it did not ask before. */
PV_API PV_CHECKED pv_status pv_ask_measure(pv_curator *curator,
                                           const pv_clique *clique,
                                           const pv_rational *sigma2,
                                           size_t count,
                                           const pv_measurement **answers,
                                           pv_error *err);

/* One candidate of a selection: the marginal's distance from a public estimate
 * (cells of the clique; not a number counts as 0), less a public bias, times a
 * public weight: score = weight (||counts - estimate||_1 - bias), on a grid of
 * 2^-16. */
typedef struct pv_candidate {
    pv_clique clique;
    const double *estimate;
    double bias;
    uint32_t weight; /* 1 .. 4096 */
} pv_candidate;

/* Index of a candidate by the exponential mechanism, epsilon = epsilon_num /
 * 2^20 and sensitivity (largest weight) x k (x 2 for replacement). Cost
 * epsilon^2 / 8 in rho. Otherwise as pv_ask_measure. */
PV_API PV_CHECKED pv_status pv_ask_select(pv_curator *curator,
                                          const pv_candidate *candidate,
                                          size_t count, uint64_t epsilon_num,
                                          size_t *chosen, pv_error *err);

/* How far each of `count` marginals is from a public estimate (cells of the
 * clique; not a number counts as 0): score[i] gets the integer
 * floor(||counts - estimate||_1), the distance taken on a grid of 2^-16, plus
 * discrete Gaussian noise of parameter sigma2. A unit moves each distance by
 * k at most (2k for replacement), so the squared L2 sensitivity is D2 =
 * count k^2 (count 4 k^2) and the cost D2 / (2 sigma2) in rho. The marginals
 * are counted in blocks and forgotten. The same clique may be asked about
 * several times, and is counted as often. Otherwise as pv_ask_measure. */
PV_API PV_CHECKED pv_status pv_ask_scores(pv_curator *curator,
                                          const pv_clique *clique,
                                          const double *const *estimate,
                                          size_t count, pv_rational sigma2,
                                          int64_t *score, pv_error *err);

/* D2 of such a question; 0 when it does not fit. For planning and for checking
 * ledgers. */
PV_API uint64_t pv_scores_sensitivity2(uint64_t rows_per_unit,
                                       pv_neighbours neighbours, size_t count);

/* Groups of queries (marginals/queries.h), whose digests the ledger names. They
 * must be of the curator's schema, one object for the whole run, and outlive its
 * questions. A unit of k rows changes the answers of a group by a vector of squared L2
 * norm k^2 most when it is added or removed, k^2 min(2 most, cells) when it is
 * replaced; D2 is the sum of that over the groups of a question, 0 when it does not
 * fit. Groups may be named more than once and are counted as often. */
PV_API uint64_t pv_queries_sensitivity2(const pv_queries *queries,
                                        const size_t *group, size_t count,
                                        uint64_t rows_per_unit,
                                        pv_neighbours neighbours);

/* Noisy answers of groups: answer[] gets those of one group after the other, each
 * plus independent discrete Gaussian noise of one parameter sigma2. Cost D2 / (2
 * sigma2) in rho. Otherwise as pv_ask_measure; they are not part of the release. */
PV_API PV_CHECKED pv_status pv_ask_queries(pv_curator *curator,
                                           const pv_queries *queries,
                                           const size_t *group, size_t count,
                                           pv_rational sigma2, int64_t *answer,
                                           pv_error *err);

/* A group in a selection, by its distance from a public estimate, as pv_candidate:
 * score = weight (distance - bias), the distance of the answer that is furthest off
 * (PV_FURTHEST) or the sum of all (PV_ALL). */
typedef enum pv_group_distance { PV_FURTHEST, PV_ALL } pv_group_distance;
typedef struct pv_group_candidate {
    size_t group;
    const double *estimate;
    double bias;
    uint32_t weight; /* 1 .. 4096 */
} pv_group_candidate;

/* Index of a candidate by the exponential mechanism, epsilon = epsilon_num / 2^20.
 * A unit of k rows moves each answer by k at most, and so the furthest distance; the sum
 * by k most when it is added or removed, by k min(2 most, cells) when it is replaced.
 * The sensitivity is the largest of that times the weight. Cost epsilon^2 / 8 in rho.
 * Otherwise as pv_ask_select. */
PV_API PV_CHECKED pv_status pv_ask_group(pv_curator *curator,
                                         const pv_queries *queries,
                                         const pv_group_candidate *candidate,
                                         size_t count,
                                         pv_group_distance distance,
                                         uint64_t epsilon_num, size_t *chosen,
                                         pv_error *err);

/* A public population that private rows vote on. Candidates lie in one array by class:
 * those of class c are first[c] .. first[c + 1] - 1, and first[0] is 0. A row votes
 * for the nearest candidate of its class; of several for the first, so duplicates
 * have to be merged by the asker. */
typedef struct pv_ballot {
    const pv_space *space;  /* of the curator's schema, which makes rows vectors; NULL:
                               the input's own embeddings */
    pv_vector_metric metric;
    size_t by;              /* the column whose codes are the classes: the space's own
                               `without`, or that of embeddings; PV_NO_COLUMN: one
                               class */
    size_t classes;         /* levels of `by`, or 1 */
    const size_t *first;    /* classes + 1 entries */
    size_t width;
    const float *vector;    /* first[classes] x width, finite */
} pv_ballot;

/* Noisy votes: votes[] gets for each candidate PV_VOTE_GRID (or 1 where a unit is a
 * single row) times the number of private rows that voted for it, plus discrete
 * Gaussian noise of parameter sigma2, on candidates that nobody voted for too. sigma2
 * is in units of that grid.
 *
 * A row gives one vote at most: none when its class has no candidate or its vector is
 * not valid (pv_vectors_nearest). So the squared L2 sensitivity of single rows is 1, or 2
 * for replacement. The votes of a person with several rows, in whatever classes,
 * are scaled to an L2 norm of one, rounded down on the grid; the sensitivity is
 * PV_VOTE_GRID^2, or twice that for replacement, since no vote is negative. Both are of
 * all classes together. Cost D2 / (2 sigma2). Otherwise as pv_ask_measure; the
 * candidates are part of what a resumed run must ask again. */
enum { PV_VOTE_GRID = 256 };
PV_API PV_CHECKED pv_status pv_ask_votes(pv_curator *curator,
                                         const pv_ballot *ballot,
                                         pv_rational sigma2, int64_t *votes,
                                         pv_error *err);

/* The grid and D2 of such a question. */
PV_API uint64_t pv_votes_grid(uint64_t rows_per_unit);
PV_API uint64_t pv_votes_sensitivity2(uint64_t rows_per_unit,
                                      pv_neighbours neighbours);

/* Coordinates of the input's embeddings: public. 0 when it is a table. */
PV_API size_t pv_curator_width(const pv_curator *curator);

/* The questions of columns that have no levels yet. They come first; when all
 * needs are met, pv_curator_resolve fixes the levels, and only then marginals
 * can be asked for. */

/* The numbers v with low <= v < high. */
typedef struct pv_interval {
    double low, high;
} pv_interval;

/* Noisy numbers of rows whose value of a numeric column lies in each of `count`
 * disjoint public intervals, increasing: counts[i] gets the count plus discrete
 * Gaussian noise of parameter sigma2. A row is in one interval at most, so this
 * has the sensitivity of a marginal and costs the same: D2 / (2 sigma2).
 * Missing values are in none. Otherwise as pv_ask_measure; the intervals are
 * part of what a resumed run must ask again. */
PV_API PV_CHECKED pv_status pv_ask_intervals(pv_curator *curator, size_t column,
                                             const pv_interval *interval,
                                             size_t count, pv_rational sigma2,
                                             int64_t *counts, pv_error *err);

/* Labels, in bytewise order. */
typedef struct pv_labels {
    char **label;
    size_t count;
} pv_labels;
PV_API void pv_labels_clear(pv_labels *labels);

/* The labels of an open column that enough rows have: every label present gets
 * a noisy count (discrete Gaussian, sigma2), and those whose noisy count
 * reaches pv_label_threshold(sigma2, k, delta) come out, at most `most` of them
 * and 2 MiB over all open columns, the largest noisy counts. Texts longer than a schema allows, or no UTF-8, are
 * never labels, nor is the label of the column's rest. delta-approximate
 * zCDP at D2 / (2 sigma2) in rho (doc/privacy.md); `delta` in units of 2^-60
 * is charged too. `labels` is the caller's to clear. */
PV_API PV_CHECKED pv_status pv_ask_labels(pv_curator *curator, size_t column,
                                          pv_rational sigma2, uint64_t delta,
                                          size_t most, pv_labels *labels,
                                          pv_error *err);

/* Gives every column levels: pv_schema_resolve of the curator's schema, then
 * each private row encoded anew by it. Free: `found` is made of answers and of
 * what is public. pv_curator_schema is the resolved schema from here on. */
PV_API PV_CHECKED pv_status pv_curator_resolve(pv_curator *curator,
                                               const pv_found *found,
                                               size_t count, pv_error *err);

/* All measurements so far, in order of asking. */
PV_API size_t pv_curator_measurements(const pv_curator *curator,
                                      const pv_measurement **measurements);

/* A key for randomness after the fact (row sampling): free of privacy cost,
 * independent of the noise, the same on resume. */
PV_API void pv_curator_post_key(const pv_curator *curator, const char *purpose,
                                pv_key *key);

/* Ends the run: closes it to questions, settles the account, writes the release
 * beside its final name, notes its hash in the ledger, wipes rows and key, renames. */
PV_API PV_CHECKED pv_status pv_curator_publish(pv_curator *curator,
                                               const pv_table *synthetic,
                                               pv_error *err);

/* What a generator said and was told in one question about marginals: nothing
 * but its own arguments and the answer that it got. For an auditor of test
 * runs, who may know as much as a generator does. */
typedef struct pv_heard {
    enum {
        PV_HEARD_MEASURE,
        PV_HEARD_SELECT,
        PV_HEARD_SCORES,
        PV_HEARD_QUERIES,
        PV_HEARD_GROUP,
        PV_HEARD_VOTES
    } kind;
    size_t count;                      /* cliques, candidates or groups */
    const pv_measurement *measurement; /* measure: the answers */
    const pv_candidate *candidate;     /* select */
    uint64_t epsilon_num;
    size_t chosen;
    const pv_clique *clique;           /* scores */
    const double *const *estimate;
    pv_rational sigma2;                /* scores, queries, votes */
    const int64_t *score;              /* scores; queries, votes: the answers */
    const pv_queries *queries;         /* queries, group */
    const size_t *group;               /* queries */
    const pv_group_candidate *group_candidate; /* group: and epsilon_num, chosen */
    pv_group_distance distance;
    const pv_ballot *ballot;           /* votes */
} pv_heard;

typedef pv_status pv_listener(void *context, const pv_heard *heard,
                              pv_error *err);

/* Has `listener` called after each such question is answered; what it points to
 * is valid during the call. Its failure is the question's. NULL: nobody. */
PV_API void pv_curator_listen(pv_curator *curator, pv_listener *listener,
                              void *context);

/* Asks every curator to stop at the next question (for signal handlers). */
PV_API void pv_curator_request_stop(void);
/* Whether that was asked: for long work after the answers. */
PV_API bool pv_curator_stopping(void);

/* What a question costs by its record in the ledger, in units; false when the
 * record is not one. The sensitivity is taken as stated. */
PV_API bool pv_question_cost(const json_t *question, pv_spend *cost);

/* Checks a ledger's lines: sequence, cost of each question recomputed from its
 * parameters, running totals, budget. PV_ETAMPER names the line. */
typedef struct pv_ledger_summary {
    uint64_t budget, spent;       /* units */
    uint64_t delta_budget, delta_spent; /* units of 2^-60 */
    size_t questions, uncommitted;
    bool closed;                  /* nothing may be asked any more */
    bool finished;
} pv_ledger_summary;
PV_API PV_CHECKED pv_status pv_ledger_check(const json_t *bodies,
                                            pv_ledger_summary *summary,
                                            pv_error *err);

#endif
