/* audit/epsilon/primitive_internal.h - a case made ready, its runs, and what they
 * show; for primitive*.c alone. */
#ifndef PV_AUDIT_EPSILON_PRIMITIVE_INTERNAL_H
#define PV_AUDIT_EPSILON_PRIMITIVE_INTERNAL_H

#include "audit/epsilon/primitive.h"
#include "dp/trial.h"

/* Rows alike that one person (row: each their own) holds. */
typedef struct pv_case_rows {
    uint32_t a, b, c;  /* codes; of a column without levels the number */
    const char *label; /* of the open column */
    bool target;       /* the unit in which tables differ */
    size_t held;       /* in the file */
    size_t counted;    /* of them, those that may count */
} pv_case_rows;

enum {
    PV_OUT = 0, PV_IN = 1, /* the worlds */
    PV_CASE_COLUMNS = 3,
    PV_CASE_CLASSES = 3,   /* of votes: column b */
    PV_CASE_KINDS = 8,     /* of rows */
    PV_CASE_MARGINALS = 3,
    PV_CASE_LABELS = 4,
    PV_CASE_MATES = 4,
    PV_CASE_FEATURES = 8,
    PV_CASE_LEVELS = 3,    /* of a tree */
    PV_CHUNK = 1024        /* numbers whose noise is from one stream */
};

typedef struct pv_case_world {
    pv_case_rows rows[PV_CASE_KINDS];
    size_t kinds; /* of rows */
    pv_curator *curator;
    pv_trial *trial;
    int64_t *truth; /* vectors: what is answered, but for the noise */
    double *law;    /* else: the probability of each outcome */
} pv_case_world;

/* Answers are noisy vectors (measure, scores, intervals, queries, votes), or one of
 * `outcomes`: the candidate chosen, or the set of labels that came out as bits. */
typedef struct pv_case {
    pv_primitive_case which;
    const pv_primitive_options *options;
    uint64_t k, moved; /* rows of a unit; rows that may change, k or 2k */
    pv_rational sigma2;
    pv_schema *schema;
    pv_case_world world[2];
    pv_spend cost;
    size_t size, outcomes;       /* one of them 0 */
    size_t *chunk, chunks;       /* where parts of one stream begin */
    size_t mate[PV_CASE_MATES], mates; /* to compare the first number with */
    const char *feature[PV_CASE_FEATURES];
    size_t width;                /* features of a run */
    double *llr;                 /* of each outcome */
    /* what trials point to */
    pv_clique clique[PV_CASE_MARGINALS], *cliques;
    double *up, *down; /* estimates from which a distance grows, or shrinks */
    const double **estimate;
    pv_candidate *candidate;
    pv_interval *interval;
    pv_queries *queries; /* their first group is the tree of column a */
    pv_group_candidate *group_candidate;
    pv_space *space;
    float *vector;
    size_t first[PV_CASE_CLASSES + 1];
    pv_ballot ballot;
    size_t equals; /* pairs of equal candidates at its front; 0: none */
} pv_case;

/* The two tables and their curators, below `directory`. Clear it in any case. */
PV_CHECKED pv_status pv_case_tables(const pv_primitive_case *which,
                                    const pv_primitive_options *options,
                                    const char *directory, const pv_key *key,
                                    pv_case *c, pv_error *err);
void pv_case_clear(pv_case *c);

/* How many rows of a world fall in a cell: a column's, or b and c's together. */
typedef enum pv_case_view { PV_VIEW_A, PV_VIEW_B, PV_VIEW_BC } pv_case_view;
void pv_case_counts(const pv_case_world *world, pv_case_view view,
                    int64_t *counts);

/* The question, on both tables, and what it should answer. */
PV_CHECKED pv_status pv_case_ask(pv_case *c, pv_error *err);

/* Room for an answer of `size` numbers, whose noise comes from one stream after the
 * other; and for the law of one of `outcomes`. */
PV_CHECKED pv_status pv_case_vector(pv_case *c, size_t size, size_t chunks,
                                    pv_error *err);
void pv_case_chunks(pv_case *c, size_t from, size_t cells);
PV_CHECKED pv_status pv_case_outcomes(pv_case *c, size_t outcomes,
                                      pv_error *err);
/* The law of a choice among candidates of two kinds in turn, whose distances from
 * estimates are given, when a unit moves one by `moved` at most. */
void pv_case_choice(pv_case *c, const double distance[2][2], double epsilon,
                    double moved);
/* Whether the answer is a candidate. */
bool pv_case_chooses(const pv_case *c);

/* primitive_queries.c: the parts of a tree's levels over so many values that differ,
 * their number; and the two questions about it. */
size_t pv_case_levels(size_t values, size_t parts[PV_CASE_LEVELS]);
PV_CHECKED pv_status pv_case_ask_queries(pv_case *c, pv_error *err);
PV_CHECKED pv_status pv_case_ask_group(pv_case *c, pv_error *err);

/* primitive_votes.c: the rows of a case, the grid of their votes, and the question. */
void pv_case_vote_rows(pv_case *c);
uint64_t pv_case_vote_grid(const pv_case *c);
PV_CHECKED pv_status pv_case_ask_votes(pv_case *c, pv_error *err);

/* The texts of bits 0.. of an outcome of labels. */
extern const char *const pv_case_label[PV_CASE_LABELS];

/* Sums of the noise of runs: exact, so that their order does not matter. */
__extension__ typedef __int128 pv_int128;
enum {
    PV_NOISE_MEAN, PV_NOISE_VARIANCE, PV_NOISE_NEXT, PV_NOISE_CHUNKS,
    PV_NOISE_TABLES, PV_NOISE_RUNS, PV_NOISE_SUMS
};
typedef struct pv_noise_sums {
    pv_int128 sum[PV_NOISE_SUMS];
    uint64_t terms[PV_NOISE_SUMS];
} pv_noise_sums;

/* Runs of a case, in order; the worlds alternate. */
typedef struct pv_case_runs {
    size_t count;
    double *feature;       /* count x width */
    unsigned char *world;
    uint64_t *outcome[2];  /* how often, of each world; NULL for vectors */
    pv_noise_sums noise;
    void *area;            /* shared memory that holds the features */
    size_t area_size;
} pv_case_runs;

/* Draws all runs in processes. PV_ESTOPPED. Clear it in any case. */
PV_CHECKED pv_status pv_case_run(const pv_case *c, pv_case_runs *runs,
                                 pv_error *err);
void pv_case_runs_clear(pv_case_runs *runs);

/* What one process needs to make runs; `noise` holds that of three runs. */
typedef struct pv_case_hand {
    const pv_case *c;
    int64_t *answer, *noise[3];
    pv_noise_sums *sums;
} pv_case_hand;
PV_CHECKED pv_status pv_case_hand_alloc(const pv_case *c, pv_noise_sums *sums,
                                        pv_case_hand *hand, pv_error *err);
void pv_case_hand_free(pv_case_hand *hand);

/* Run `run` into its features; `place` is that in its block of runs, in which
 * noise is compared with that of the runs before. */
PV_CHECKED pv_status pv_case_draw(pv_case_hand *hand, size_t run, size_t place,
                                  double *feature, pv_error *err);

/* The exact variance of the discrete Gaussian, and its fourth moment. */
void pv_case_moments(double sigma2, double *variance, double *fourth);
/* P(noise >= least). */
double pv_case_tail(double sigma2, int64_t least);

/* How far from the stated law the noise is, in standard deviations; NAN where
 * there are too few runs to say. */
typedef struct pv_case_z {
    const char *id;
    double z;
} pv_case_z;
enum { PV_CASE_Z_MOST = PV_NOISE_SUMS };
size_t pv_case_noise(const pv_case *c, const pv_case_runs *runs,
                     pv_case_z z[PV_CASE_Z_MOST]);

#endif
