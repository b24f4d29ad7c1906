/* The inside of a witness, for audit/epsilon/witness*.c alone. */
#ifndef PV_AUDIT_EPSILON_WITNESS_INTERNAL_H
#define PV_AUDIT_EPSILON_WITNESS_INTERNAL_H

#include "audit/epsilon/witness.h"
#include "marginals/clique.h"

/* Questions of a kind that have features of their own; those after the last
 * share its. */
enum { PV_WITNESS_SLOTS = 12, PV_WITNESS_SETS = 64, PV_WITNESS_GROUPS = 3 };

/* A marginal of both tables: of the first in full, and where they differ. */
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
};

/* Adds to a feature, which stays finite. */
void pv_witness_add(pv_witness *witness, size_t place, double value);
/* The features of a question of a kind by its number. */
size_t pv_witness_slot(size_t number);
/* A public estimate as the curator rounds it: to 2^-16. */
double pv_witness_on_grid(double estimate);
/* ln of the sum of exponentials of x[0], x[step], ..., shifted by the largest. */
double pv_witness_log_sum(const double *x, size_t count, size_t step);

/* Answers of groups of queries, and a group chosen. */
pv_status pv_witness_hear_queries(pv_witness *witness, const pv_heard *heard,
                                  pv_error *err);
pv_status pv_witness_hear_group(pv_witness *witness, const pv_heard *heard,
                                pv_error *err);

/* Frees the marginals. */
void pv_witness_forget(pv_witness *witness);

#endif
