/* gen/columns.h - columns whose levels have to be found. Internal to gen/.
 *
 * Before any method asks, each column with private bins, bounds or labels gets
 * an equal part of a share of the budget (columns_share) and is asked about:
 *
 *   bounds  two questions about intervals: the powers of two of either sign,
 *           then sixteenths of the outermost ones that have rows
 *   bins    a question about intervals for each depth of a tree that splits
 *           the range into sixteenths, only where many rows are, and one about
 *           single numbers where many rows may be heaped
 *   labels  one question, with an equal part of the delta for labels
 *
 * Everything that is asked follows from the schema, the options and earlier
 * answers by integers and by +, -, *, / and sqrt of doubles, which every
 * machine rounds alike. */
#ifndef PV_GEN_COLUMNS_H
#define PV_GEN_COLUMNS_H

#include "gen/generator.h"

/* What one column may spend, in units of 2^-40 rho and of 2^-60 delta. */
typedef struct pv_column_task {
    size_t column;
    uint64_t bounds; /* of both questions; 0: the range is public */
    uint64_t bins;   /* of all depths; 0: nothing to ask */
    uint64_t labels, delta;
} pv_column_task;

/* The columns with needs, in order (free() the array). Columns of no cost (a
 * public range of few integers) have all parts 0. PV_EBUDGET when a part is too
 * small for its questions. */
PV_CHECKED pv_status pv_column_tasks(const pv_request *request,
                                     pv_column_task **tasks, size_t *count,
                                     pv_error *err);

/* Asks for all of them and resolves the curator's schema; nothing when the
 * schema needs nothing. */
PV_CHECKED pv_status pv_columns_ask(const pv_request *request,
                                    pv_curator *curator, pv_error *err);

/* Plan lines for what pv_columns_ask would ask; *units is the most it spends. */
PV_CHECKED pv_status pv_columns_plan(const pv_request *request, pv_plan *plan,
                                     uint64_t *units, pv_error *err);

/* A schema as an answer might resolve it: of as many levels as there may be
 * (for sizes), or with the fewest (whatever the answers are, the levels of
 * these kinds will be there: what is possible under it stays possible). */
PV_CHECKED pv_status pv_columns_assume(const pv_schema *schema, bool fewest,
                                       pv_schema **assumed, pv_error *err);

/* --- bins.c ------------------------------------------------------------- */

enum { PV_SPLIT = 16, PV_MAX_DEPTH = 6 };

/* How many depths the tree of a range has; 0 when it needs no question: every
 * integer can have a level of its own. */
unsigned pv_bins_depth(const pv_column *column, double low, double high);

/* The most questions that a tree of this depth asks: one a depth, and one about
 * heaped values where single ones cannot be told apart. */
unsigned pv_bins_questions(unsigned depth);

/* Least variance for one of `parts` equal questions out of `units`. */
PV_CHECKED pv_status pv_part_sigma2(uint64_t units, unsigned parts,
                                    uint64_t sensitivity2, pv_rational *sigma2,
                                    pv_error *err);

/* True when a noisy count is more than this many standard deviations of its
 * noise. */
bool pv_is_heavy(int64_t count, double deviations, pv_rational sigma2);

/* At most sixteen pieces of [low, high), whole numbers where the column is,
 * appended to edges[] after low: returns how many; the last ends at high. */
size_t pv_split(const pv_column *column, double low, double high,
                double edges[PV_SPLIT]);

/* Bins of near equal numbers of rows for a column whose range is low..high, as
 * edges of a pv_found (free() them), at most private_levels of them. */
PV_CHECKED pv_status pv_find_bins(pv_curator *curator, size_t column,
                                  double low, double high, uint64_t units,
                                  double **edges, size_t *count, pv_error *err);

/* `bins` bins of equal width, in the same form. */
PV_CHECKED pv_status pv_equal_edges(const pv_column *column, double low,
                                    double high, uint32_t bins, double **edges,
                                    size_t *count, pv_error *err);

#endif
