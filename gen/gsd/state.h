/* gen/gsd/state.h - rows under search, and how far their answers are from targets.
 * Internal to gen/.
 *
 * The population is `rows` rows over the modelled columns, a cell of the column's axis
 * each (marginals/queries.h), with a number inside the cell where cells are intervals.
 * A target is a group of queries with the answers it should have, in rows of the
 * population. Counts are whole numbers and the only truth; everything else is
 * a function of them, so no error builds up (pv_gsd_recount).
 *
 * The objective is F = sum over all targets' cells of w (t - c)^2, t the target, c the
 * count, w = 1 / variance of the target relative to the least. Taking a row from
 * a cell and putting it into another changes F by w ((2 r + 1) - (2 r' - 1)), r = t - c.
 * So with the potential p = w (2 r - 1) of each cell, the best value of a column, others
 * as they are, is the one whose cells' potentials have the largest sum: each pair of
 * columns gives a contiguous row of them, and all values are scored at once. */
#ifndef PV_GEN_GSD_STATE_H
#define PV_GEN_GSD_STATE_H

#include "core/status.h"
#include "core/stream.h"
#include "marginals/queries.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PV_GSD_MOST_COLUMNS = 8 }; /* of one layer */

typedef struct pv_gsd_state pv_gsd_state;

/* A population of rows whose cells and numbers are all 0, until put. `queries` must
 * outlive it. */
PV_CHECKED pv_status pv_gsd_alloc(const pv_queries *queries, size_t rows,
                                  pv_gsd_state **state, pv_error *err);
void pv_gsd_free(pv_gsd_state *state);

/* Adds a target: a group (of the queries, or of the same axes; it must outlive the
 * state), its answers (copied) and the weight of each. Then
 * pv_gsd_begin once rows are set. PV_ENOMEM; PV_ETOOBIG for a layer of more columns
 * than the engine has. */
PV_CHECKED pv_status pv_gsd_add(pv_gsd_state *state, const pv_group *group,
                                const double *target, double weight,
                                pv_error *err);

size_t pv_gsd_rows(const pv_gsd_state *state);
size_t pv_gsd_columns(const pv_gsd_state *state); /* modelled ones */
uint32_t pv_gsd_column(const pv_gsd_state *state, size_t place); /* of the schema */
uint32_t pv_gsd_cells(const pv_gsd_state *state, size_t place);
/* Whether any target or zero speaks of the column. */
bool pv_gsd_touched(const pv_gsd_state *state, size_t place);

/* Whether the column is of numbers, and their range. */
bool pv_gsd_is_number(const pv_gsd_state *state, size_t place);
void pv_gsd_range(const pv_gsd_state *state, size_t place, double *low,
                  double *high);

uint32_t pv_gsd_cell(const pv_gsd_state *state, size_t row, size_t place);
double pv_gsd_number(const pv_gsd_state *state, size_t row, size_t place);
/* Before pv_gsd_begin alone. */
void pv_gsd_put(pv_gsd_state *state, size_t row, size_t place, uint32_t cell,
                double number);
/* Whether the row breaks a zero; *place is then one of the columns of one that it
 * breaks, by a number drawn by the caller. */
bool pv_gsd_breaks(const pv_gsd_state *state, size_t row, size_t lot,
                   size_t *place);
/* A number inside a cell, uniform; whole where the column is. */
double pv_gsd_inside(const pv_gsd_state *state, size_t place, uint32_t cell,
                     pv_stream *stream);

/* Counts the rows and readies the potentials. */
PV_CHECKED pv_status pv_gsd_begin(pv_gsd_state *state, pv_error *err);

/* Whether every count and potential is what a full recount gives, to the bit. */
PV_CHECKED pv_status pv_gsd_recount(const pv_gsd_state *state, bool *equal,
                                    pv_error *err);

/* F; and the sum of (t - c)^2 without weights, over rows^2. */
double pv_gsd_objective(const pv_gsd_state *state);
double pv_gsd_distance(const pv_gsd_state *state);
size_t pv_gsd_answers(const pv_gsd_state *state); /* cells of all targets */

/* The answers of any group of the queries, a target or not, of the rows as they are:
 * each row is looked at. */
void pv_gsd_counts(const pv_gsd_state *state, const pv_group *group,
                   double *answer);

/* One cell of a row to be changed. */
typedef struct pv_gsd_change {
    size_t place;
    uint32_t cell;
    double number;
} pv_gsd_change;

/* The change of a column of numbers to this one, rounded down where it is whole. */
void pv_gsd_change_to_number(const pv_gsd_state *state, size_t place,
                             double number, pv_gsd_change *change);

/* By how much F changes when these cells of a row, of different columns, do; +INFINITY
 * when the row would break a zero. Exact: the same sum for any order of work. */
double pv_gsd_delta(const pv_gsd_state *state, size_t row,
                    const pv_gsd_change *change, size_t changes);
void pv_gsd_apply(pv_gsd_state *state, size_t row,
                  const pv_gsd_change *change, size_t changes);

/* Scratch of one thread. */
typedef struct pv_gsd_scratch pv_gsd_scratch;
PV_CHECKED pv_status pv_gsd_scratch_alloc(const pv_gsd_state *state,
                                          pv_gsd_scratch **scratch,
                                          pv_error *err);
void pv_gsd_scratch_free(pv_gsd_scratch *scratch);

/* The best cell of a column for a row, others as they are, and about how much F falls
 * by it (0: it has the best one). Numbers inside cells are drawn from `stream` where a
 * plane looks at them, else left to the caller. Cells scored are added to *scored. */
double pv_gsd_best(const pv_gsd_state *state, size_t row, size_t place,
                   pv_gsd_scratch *scratch, pv_stream *stream,
                   pv_gsd_change *best, uint64_t *scored);

#endif
