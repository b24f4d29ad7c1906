/* dp/curator_internal.h - the inside of a curator, for dp/ alone. */
#ifndef PV_DP_CURATOR_INTERNAL_H
#define PV_DP_CURATOR_INTERNAL_H

#include "dp/curator.h"
#include "dp/ledger.h"
#include "embeddings/nearest.h"
#include "io/private_vectors.h"
#include "io/table.h"

/* True counts of marginals asked about before; wiped with the rows. */
typedef struct pv_truth {
    pv_clique clique;
    int64_t *counts;
    size_t cells;
} pv_truth;

/* True answers of a group of queries, whose cells are noted here: the queries may be
 * gone when it is wiped. */
typedef struct pv_query_truth {
    int64_t *counts; /* NULL until asked about */
    size_t cells;
} pv_query_truth;

struct pv_curator {
    const pv_schema *schema;     /* the caller's, later `resolved` */
    pv_schema *resolved;         /* NULL until then */
    char levels[2 * PV_DIGEST_BYTES + 1]; /* its hash; "" until then */
    pv_domain domain;
    pv_neighbours neighbours;
    uint64_t rows_per_unit;      /* k */
    bool unit_is_row;
    bool insecure;
    bool force;                  /* the output may be replaced */
    bool numbers;                /* rows keep numbers beside the codes of bins */
    char *run_dir, *output, *method, *settings;
    char *unit;                  /* in words */
    double delta;
    uint64_t budget, spent;      /* units of 2^-40 rho */
    uint64_t delta_budget, delta_spent; /* units of 2^-60: for labels */
    pv_key key;                  /* the run key */
    char run_id[33];             /* in the account: of the key and opening */
    pv_account_terms account;    /* path NULL: none */
    char *account_path;
    pv_ledger *ledger;
    uint64_t next_sequence;      /* of the next question, from 1 */
    pv_table *rows;              /* private; NULL when wiped */
    bool of_vectors;             /* they have embeddings: */
    pv_vectors *vectors;         /* private, a row each; NULL when wiped */
    size_t width;                /* of those; public */
    char digest[2 * PV_DIGEST_BYTES + 1];
    pv_truth *truth;
    size_t truths;
    size_t *truth_slot;          /* hash table: 1 + place in truth, 0: empty */
    size_t truth_slots;
    const pv_queries *queries;   /* of the questions so far; NULL: none */
    pv_query_truth *query_truth; /* of each group; wiped with the rows */
    size_t query_truths;
    pv_measurement *measurements;
    size_t measured;
    pv_listener *listener;
    void *listening;             /* its context */
};

/* Tells the listener, if there is one, what was asked and answered. */
PV_CHECKED pv_status pv_curator_tell(const pv_curator *curator,
                                     const pv_heard *heard, pv_error *err);

/* Cells whose noise comes from one stream. */
enum { PV_CHUNK_CELLS = 1024 };

/* The state of the question at hand. */
typedef struct pv_question {
    uint64_t sequence;
    char *record;       /* canonical text */
    bool committed;     /* answer holds what was stored */
    unsigned char *answer;
    size_t answer_size;
} pv_question;

/* Charges `cost` for the question whose record (a new reference, stolen) is
 * given, or finds it among those asked before. Once levels were found, their
 * hash is put into the record: a question is of them. After PV_OK either the stored
 * answer is there, or the caller computes it and calls pv_question_commit. */
PV_CHECKED pv_status pv_question_open(pv_curator *curator, json_t *record,
                                      pv_spend cost, pv_question *question,
                                      pv_error *err);
PV_CHECKED pv_status pv_question_commit(pv_curator *curator,
                                        pv_question *question,
                                        const void *answer, size_t size,
                                        pv_error *err);
void pv_question_clear(pv_question *question);

/* A question that was checked: the record that names it, what it costs, and what
 * its answer is drawn from. Arrays are the asker's unless freed by
 * pv_inquiry_clear. */
typedef struct pv_inquiry pv_inquiry;

/* The one place where a kind's answers come from: truth and noise, by the key of
 * the question. */
typedef pv_status pv_inquiry_draw(pv_curator *curator,
                                  const pv_question *question,
                                  const pv_inquiry *asked, int64_t *answer,
                                  pv_error *err);

struct pv_inquiry {
    json_t *record;        /* NULL on short memory, or once it was asked */
    pv_spend cost;
    pv_inquiry_draw *draw; /* NULL: labels, whose answer is no numbers */
    size_t size;           /* numbers in the answer */
    size_t count;          /* of cliques, candidates or intervals */
    const pv_clique *clique;
    const pv_candidate *candidate;
    const double *const *estimate;
    const pv_interval *interval;
    const pv_queries *queries;
    const size_t *group;
    pv_group_distance distance;
    const pv_ballot *ballot;
    size_t column, most;
    uint64_t threshold, epsilon_num, sensitivity;
    pv_gaussian *gaussian; /* freed */
    pv_clique *own_clique; /* freed */
    size_t *own_group;     /* freed */
    pv_candidate *own_candidate; /* freed */
};

/* As the pv_ask_ functions say, up to where they charge. Clear it in any case. */
PV_CHECKED pv_status pv_measure_inquire(const pv_curator *curator,
                                        const pv_clique *clique,
                                        const pv_rational *sigma2, size_t count,
                                        pv_inquiry *asked, pv_error *err);
PV_CHECKED pv_status pv_select_inquire(const pv_curator *curator,
                                       const pv_candidate *candidate,
                                       size_t count, uint64_t epsilon_num,
                                       pv_inquiry *asked, pv_error *err);
PV_CHECKED pv_status pv_scores_inquire(const pv_curator *curator,
                                       const pv_clique *clique,
                                       const double *const *estimate,
                                       size_t count, pv_rational sigma2,
                                       pv_inquiry *asked, pv_error *err);
PV_CHECKED pv_status pv_intervals_inquire(const pv_curator *curator,
                                          size_t column,
                                          const pv_interval *interval,
                                          size_t count, pv_rational sigma2,
                                          pv_inquiry *asked, pv_error *err);
PV_CHECKED pv_status pv_labels_inquire(const pv_curator *curator, size_t column,
                                       pv_rational sigma2, uint64_t delta,
                                       size_t most, pv_inquiry *asked,
                                       pv_error *err);
PV_CHECKED pv_status pv_queries_inquire(const pv_curator *curator,
                                        const pv_queries *queries,
                                        const size_t *group, size_t count,
                                        pv_rational sigma2, pv_inquiry *asked,
                                        pv_error *err);
PV_CHECKED pv_status pv_group_inquire(const pv_curator *curator,
                                      const pv_queries *queries,
                                      const pv_group_candidate *candidate,
                                      size_t count, pv_group_distance distance,
                                      uint64_t epsilon_num, pv_inquiry *asked,
                                      pv_error *err);
PV_CHECKED pv_status pv_votes_inquire(const pv_curator *curator,
                                      const pv_ballot *ballot,
                                      pv_rational sigma2, pv_inquiry *asked,
                                      pv_error *err);
void pv_inquiry_clear(pv_inquiry *asked);

/* Its noise, when all numbers have one variance. */
PV_CHECKED pv_status pv_inquiry_noise(pv_inquiry *asked, pv_rational sigma2,
                                      pv_error *err);
/* Its cost, when that noise is on numbers of this squared sensitivity (0: it does not
 * fit). */
PV_CHECKED pv_status pv_inquiry_charge(pv_inquiry *asked, uint64_t sensitivity2,
                                       pv_error *err);
/* pv_question_open of its record and cost. */
PV_CHECKED pv_status pv_inquiry_open(pv_curator *curator, pv_inquiry *asked,
                                     pv_question *question, pv_error *err);
/* Charges and draws, or finds what was stored: asked->size numbers, handed out
 * once they are committed. */
PV_CHECKED pv_status pv_inquiry_answer(pv_curator *curator, pv_inquiry *asked,
                                       int64_t *answer, pv_error *err);

/* The same of a selection: one of its asked->count candidates. */
PV_CHECKED pv_status pv_inquiry_choice(pv_curator *curator, pv_inquiry *asked,
                                       size_t *chosen, pv_error *err);

/* The labels' answer as it is stored (free()), and as labels. */
PV_CHECKED pv_status pv_labels_draw(const pv_curator *curator,
                                    const pv_question *question,
                                    const pv_inquiry *asked,
                                    unsigned char **answer, size_t *size,
                                    pv_error *err);
PV_CHECKED pv_status pv_labels_unpack(const unsigned char *bytes, size_t size,
                                      pv_labels *labels, pv_error *err);

/* The key of a question's noise: from the run key, the purpose ("noise",
 * "selection"), the input's digest and the question's record. */
void pv_question_key(const pv_curator *curator, const pv_question *question,
                     const char *purpose, pv_key *key);

/* Chunk `chunk` of the question's stream. */
void pv_question_stream(const pv_question *question, const pv_key *key,
                        uint64_t chunk, pv_stream *stream);

/* The clique's column names as an array (new reference; NULL on short
 * memory). */
json_t *pv_question_names(const pv_curator *curator, const pv_clique *clique);

/* Cliques must be of the domain and small enough for chunks to be numbered;
 * *cells is their sum. */
PV_CHECKED pv_status pv_question_cliques(const pv_curator *curator,
                                         const pv_clique *clique, size_t count,
                                         size_t *cells, pv_error *err);

/* A candidate's score: weight (sum |count 2^16 - E| - bias), an integer. */
int64_t pv_select_score(const int64_t *counts, size_t cells,
                        const pv_candidate *candidate);
/* Weights and epsilon of a selection; the largest weight. */
PV_CHECKED pv_status pv_select_check(const pv_candidate *candidate,
                                     size_t count, uint64_t epsilon_num,
                                     uint32_t *heaviest, pv_error *err);
/* The sensitivity of its scores when a unit moves a distance by `moved`. */
uint64_t pv_select_sensitivity(uint32_t heaviest, uint64_t moved);
/* The same by the count that is furthest off: weight (max |count 2^16 - E| - bias). */
int64_t pv_furthest_score(const int64_t *counts, size_t cells,
                          const pv_candidate *candidate);
/* Chooses by the scores, asked->count of them. */
void pv_select_choose(const pv_curator *curator, const pv_question *question,
                      const pv_inquiry *asked, const int64_t *scores,
                      int64_t *chosen);

/* Answers of a group that one row moves, at most, and the sum of what it moves them
 * by: `most`, or when it is replaced min(2 most, cells). */
uint64_t pv_group_moved(const pv_group *group, pv_neighbours neighbours);
/* True answers of groups, from the cache or the rows. */
PV_CHECKED pv_status pv_curator_answers(pv_curator *curator,
                                        const pv_queries *queries,
                                        const size_t *group, size_t count,
                                        const int64_t **answers, pv_error *err);

/* True votes on the grid, first[classes] of them; overwrites what is there. */
PV_CHECKED pv_status pv_curator_votes(const pv_curator *curator,
                                      const pv_ballot *ballot, int64_t *votes,
                                      pv_error *err);

/* Cliques and weights as a digest in hexadecimal: by column numbers, whose names
 * the run's schema fixes. */
void pv_candidates_digest(const pv_candidate *candidate, size_t count,
                          char hex[2 * PV_DIGEST_BYTES + 1]);

/* floor(sum |count 2^16 - E| / 2^16), the distance that pv_ask_scores asks for. */
int64_t pv_distance_score(const int64_t *counts, size_t cells,
                          const pv_clique *clique, const double *estimate);

/* Embeddings as rows: loads them and their labels, by the schema's one column, and
 * whose they are. */
PV_CHECKED pv_status pv_intake_vectors(pv_curator *curator, const char *input,
                                       pv_error *err);
/* Loads, digests and truncates the private rows. */
PV_CHECKED pv_status pv_intake(pv_curator *curator, const char *input,
                               bool ignore_extra, pv_error *err);
void pv_curator_wipe_rows(pv_curator *curator);

/* The run directory: makes it, opens and locks the ledger. */
PV_CHECKED pv_status pv_rundir_open(pv_curator *curator, pv_error *err);
/* Finds or makes the key. A finished run may have none. */
PV_CHECKED pv_status pv_rundir_key(pv_curator *curator, const pv_key *test_key,
                                   pv_error *err);
PV_CHECKED pv_status pv_rundir_wipe_key(const pv_curator *curator,
                                        pv_error *err);
char *pv_rundir_path(const pv_curator *curator, const char *name);
/* BLAKE2b-256 of a block or a file in hexadecimal. */
void pv_hash_hex(const void *data, size_t size, char *hex);
PV_CHECKED pv_status pv_hash_file(const char *path, char *hex, pv_error *err);

/* A run whose ledger says it is final: puts its release in place if that was
 * cut short. *finished when nothing is left to do. */
PV_CHECKED pv_status pv_publish_resume(pv_curator *curator, bool *finished,
                                       pv_error *err);

/* "add-remove" or "replace". */
const char *pv_curator_neighbours_text(const pv_curator *curator);

/* Whether the ledger has a line of this kind. */
bool pv_curator_has_line(const pv_curator *curator, const char *kind);

/* Units reserved by questions before `sequence`. */
uint64_t pv_curator_spent_before(const pv_curator *curator, uint64_t sequence);

/* The number of rows whose value lies in each interval; of raw rows. */
void pv_interval_counts(const pv_table *rows, size_t column,
                        const pv_interval *interval, size_t count,
                        int64_t *counts);

/* Every text of a raw label column that rows hold and that may become a label,
 * in bytewise order, with its number of rows. */
typedef struct pv_text_count {
    const char *text; /* the table's */
    size_t length;
    int64_t count;
} pv_text_count;
PV_CHECKED pv_status pv_text_counts(const pv_table *rows, size_t column,
                                    pv_text_count **counts, size_t *count,
                                    pv_error *err);

/* A sigma2 as a record holds it, "num/den". */
void pv_question_sigma2(const pv_gaussian *gaussian, char text[64]);

/* Adds independent noise to counts: answer[i] = counts[i] + noise. */
void pv_question_noise(const pv_question *question, const pv_key *key,
                       const pv_gaussian *gaussian, const int64_t *counts,
                       size_t count, int64_t *answer);

/* True counts, from the cache or the rows. */
PV_CHECKED pv_status pv_curator_count(pv_curator *curator,
                                      const pv_clique *clique, size_t count,
                                      const int64_t **counts, pv_error *err);

#endif
