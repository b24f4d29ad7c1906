/* marginals/sweep.h - the tables behind answers to many queries. Internal to
 * marginals/.
 *
 * Answers to many queries from one calibrated tree. Three kinds of table are
 * made, each once however many queries need it:
 *   cut      p(some columns of a clique);
 *   message  p(carried columns | separator): what a query's columns below a
 *            clique mean to its parent;
 *   part     p(a query's columns within one component), at the lowest clique
 *            whose subtree holds them.
 * They are listed first, by the structure alone, then made clique by clique
 * from the leaves. Koller and Friedman 2009, section 10.3.3. */
#ifndef PV_MARGINALS_SWEEP_H
#define PV_MARGINALS_SWEEP_H

#include "marginals/model_internal.h"

typedef enum pv_sweep_kind { PV_SWEEP_CUT, PV_SWEEP_MESSAGE, PV_SWEEP_PART } pv_sweep_kind;

typedef struct pv_sweep_table {
    pv_sweep_kind kind;
    size_t at;          /* clique */
    pv_clique columns;  /* of a message: without the separator's */
    pv_clique needed;   /* message, part: the cut it starts from */
    pv_factor factor;
} pv_sweep_table;

typedef struct pv_sweep {
    const pv_model *model;
    size_t *child, *first_child; /* children of i: child[first..first[i + 1]) */
    pv_sweep_table *tables;
    size_t count, room;
    size_t *slot, slots; /* hash: 1 + place in tables */
    size_t *order;       /* tables by clique, then kind, then larger first */
    size_t *begin;       /* in order, by 3 x clique + kind; one more */
    _Atomic bool failed;
} pv_sweep;

/* For one model: open, list all queries, sort; the tables are then made in
 * `order`, the last clique first. */
PV_CHECKED pv_status pv_sweep_open(pv_sweep *s, pv_error *err);
PV_CHECKED pv_status pv_sweep_list(pv_sweep *s, const pv_clique *query,
                                   pv_error *err);
PV_CHECKED pv_status pv_sweep_sort(pv_sweep *s, pv_error *err);
void pv_sweep_close(pv_sweep *s);

/* A table that was listed. */
const pv_sweep_table *pv_sweep_find(const pv_sweep *s, pv_sweep_kind kind,
                                    size_t at, const pv_clique *columns);

/* The query columns that reach clique i by its child j. */
pv_clique pv_sweep_carried(const pv_sweep *s, size_t i, size_t j,
                           const pv_clique *columns);

/* The lowest clique under `root` whose subtree holds the columns. */
size_t pv_sweep_top(const pv_sweep *s, size_t root, const pv_clique *columns);

/* A query's share of one component: from *root on, the next one that has any. */
bool pv_sweep_part(const pv_sweep *s, const pv_clique *query, size_t *root,
                   pv_clique *part);

#endif
