/* audit/epsilon/primitive.h - the curator's questions one by one: each is tried
 * very many times on two neighbouring tables that are as far apart as two can
 * be, and what the answers show is held against what the curator would charge.
 *
 * The tables are made here, small, and of nobody; the curators have a test key.
 * The numbers that answers are compared with (true counts, distances, the law of
 * a choice) are computed here, from the tables, by code of our own. */
#ifndef PV_AUDIT_EPSILON_PRIMITIVE_H
#define PV_AUDIT_EPSILON_PRIMITIVE_H

#include "audit/findings.h"
#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"
#include "dp/curator.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum pv_primitive {
    PV_PRIMITIVE_MEASURE,
    PV_PRIMITIVE_SELECT,
    PV_PRIMITIVE_SCORES,
    PV_PRIMITIVE_INTERVALS,
    PV_PRIMITIVE_LABELS,
    PV_PRIMITIVE_QUERIES,
    PV_PRIMITIVE_GROUP,
    PV_PRIMITIVE_VOTES,
    PV_PRIMITIVES
} pv_primitive;

/* "measure", "select", ... */
PV_API const char *pv_primitive_name(pv_primitive primitive);

/* What is asked, and of whom. */
typedef struct pv_primitive_case {
    pv_primitive primitive;
    pv_neighbours neighbours;
    bool person; /* the unit has many rows, the k + 1st of which must not count */
    bool other;  /* measure: several marginals in one question; labels: a label
                    that the unit alone holds; group: by all answers, not by the
                    one that is furthest off; votes: a row's among equal candidates,
                    a person's in several classes. Else false */
} pv_primitive_case;

enum { PV_PRIMITIVE_CASES = 2 * 2 * (PV_PRIMITIVES + 4), PV_CASE_NAME = 80 };

/* "measure, replace, person of 3 rows, several marginals" */
PV_API void pv_primitive_case_name(const pv_primitive_case *which, uint64_t rows,
                                   char name[PV_CASE_NAME]);

/* All cases of a primitive, by neighbours, then unit; their number. */
PV_API size_t pv_primitive_cases(pv_primitive primitive,
                                 pv_primitive_case cases[]);

/* Bounds of a case that may accuse: of epsilon, and of rho, or of delta where the
 * promise is approximate zCDP. */
enum { PV_PRIMITIVE_BOUNDS = 2 };

enum {
    PV_PRIMITIVE_RUNS_LEAST = 100,
    PV_PRIMITIVE_RUNS_MOST = 50000000,
    PV_PRIMITIVE_CELLS_MOST = 65536,
    PV_PRIMITIVE_CANDIDATES_MOST = 10000,
    PV_PRIMITIVE_ROWS_MOST = 1000
};

typedef struct pv_primitive_options {
    size_t runs;          /* of each case, half of them on each table */
    size_t cells;         /* of the marginal that is asked for, or intervals;
                             candidates of votes in each class */
    size_t candidates;    /* of a selection or a group; distances of scores */
    uint64_t rows;        /* of a person: k */
    pv_rational sigma2;   /* num 0: k^2 times the vectors that one unit moves (of
                             votes the grid's square), at which rho = 1/2 for one
                             added */
    double epsilon;       /* of a selection or a group, 2^-20 to 64 */
    double delta;         /* at which an epsilon is stated */
    double delta_labels;  /* that a question about labels is charged */
    double alpha;         /* of each bound, two-sided */
    pv_key key;           /* all randomness derives from it */
    int workers;          /* processes; no result depends on it */
    const char *scratch;  /* where small files may lie until the end */
} pv_primitive_options;

/* Runs a case and adds what doc/metrics.md lists under "Primitives", with the
 * case's name as scope.table. *violated: a bound that may accuse lies above the
 * charge, or the noise is not of the law that the ledger states. Needs
 * pv_stop_on_signals; PV_ESTOPPED when a signal came: nothing is kept. */
PV_API PV_CHECKED pv_status pv_primitive_audit(
    const pv_primitive_case *which, const pv_primitive_options *options,
    pv_findings *findings, bool *violated, pv_error *err);

#endif
