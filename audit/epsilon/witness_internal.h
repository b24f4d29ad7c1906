/* The inside of a witness, for audit/epsilon/witness*.c alone. */
#ifndef PV_AUDIT_EPSILON_WITNESS_INTERNAL_H
#define PV_AUDIT_EPSILON_WITNESS_INTERNAL_H

#include "audit/epsilon/witness.h"
#include "marginals/clique.h"

/* Questions of a kind that have features of their own; those after the last
 * share its. */
enum { PV_WITNESS_SLOTS = 12, PV_WITNESS_SETS = 64, PV_WITNESS_GROUPS = 3 };

/* A marginal, or the answers of a group of queries, of both tables: of the first in
 * full, and where they differ. */
typedef struct pv_known_marginal {
    pv_clique clique;
    int64_t *count;      /* of "out" */
    size_t cells;
    size_t *cell;        /* that differ */
    int64_t *in;         /* counts of "in" there */
    size_t differing;
} pv_known_marginal;

struct pv_witness {
    const pv_pair *pair;
    const pv_schema *schema;
    pv_domain domain;
    bool replace, transcript, short_of_memory;
    uint32_t unit_rows;
    char **name;
    double *feature;
    size_t width;
    pv_feature_group group[PV_WITNESS_GROUPS];
    size_t groups;
    uint64_t set[PV_WITNESS_SETS]; /* of columns, as bits */
    size_t sets;
    /* places of features */
    size_t rows, outside, share, counts;
    size_t loss, loss_measured, loss_selected, questions, spent;
    size_t measured[PV_WITNESS_SLOTS], rest[PV_WITNESS_SLOTS];
    size_t selected[PV_WITNESS_SLOTS], scored[PV_WITNESS_SLOTS];
    /* of this run */
    size_t measurements, selections, scores;
    double rho;
    /* of all runs */
    pv_known_marginal *known;
    size_t knowns, room, cells; /* cells of all */
    size_t *slot;               /* hash table: 1 + place in known, 0: empty */
    size_t slots;
    const pv_queries *queries;      /* those whose groups are known */
    pv_known_marginal *known_group; /* each group of them; count NULL: not yet */
    size_t groups_known;
};

/* Frees what is known of the tables. */
void pv_witness_forget(pv_witness *witness);
void pv_known_clear(pv_known_marginal *known);
/* PV_ETOOBIG when so many cells more are too many to keep. */
PV_CHECKED pv_status pv_witness_room(pv_witness *witness, size_t cells,
                                     pv_error *err);
/* Notes the cells where the counts of the other table differ; false on short
 * memory. */
bool pv_witness_keep(pv_known_marginal *known, const int64_t *in);

/* A feature grows by a log-likelihood ratio, and stays finite. */
void pv_witness_add(pv_witness *witness, size_t place, double value);
/* The slot of a question: of its own, or that of the last. */
size_t pv_witness_slot(size_t number);
/* A public estimate as the curator rounds it: to 2^-16. */
double pv_witness_on_grid(double estimate);
/* The L1 distances of both tables' counts from a public estimate. */
void pv_witness_distances(const pv_known_marginal *known,
                          const double *estimate, double distance[2]);
/* ln of the sum of exponentials of every step-th number. */
double pv_witness_log_sum(const double *x, size_t count, size_t step);

/* witness_queries.c */
PV_CHECKED pv_status pv_witness_hear_queries(pv_witness *witness,
                                             const pv_heard *heard,
                                             pv_error *err);
PV_CHECKED pv_status pv_witness_hear_group(pv_witness *witness,
                                           const pv_heard *heard,
                                           pv_error *err);
/* witness_votes.c */
PV_CHECKED pv_status pv_witness_hear_votes(pv_witness *witness,
                                           const pv_heard *heard,
                                           pv_error *err);

#endif
