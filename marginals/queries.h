/* marginals/queries.h - statistics that one can count, beyond marginals.
 *
 * A query is a predicate on a row; its answer is the number of rows for which it
 * holds. Queries come in groups that are asked for together, each with a proven
 * bound on how many of its queries one row can be in.
 *
 * Axes. A query looks at a row through the cells of axes, one axis a column: labels
 * and integers without bins have their codes for cells, columns of bins (numbers)
 * the intervals between all limits that any query or the schema names, half open
 * but for the last; the missing level is the last cell. Grids and boxes are
 * functions of cells alone; half-spaces look at the numbers themselves.
 *
 * Groups.
 *   PV_GROUP_GRID   one or more layers; a layer is the cross of partitions of
 *                   columns, each a map from cells to parts. A row is in exactly one
 *                   cell of each layer. A marginal is one layer with the schema's
 *                   codes for parts, a tree as many layers as it has different levels.
 *   PV_GROUP_BOXES  predicates that are conjunctions of sets of cells, perhaps
 *                   crossed with the cells of one column (a prefix query: two
 *                   thresholds, crossed with a category).
 *   PV_GROUP_PLANE  1(sum_j w_j(x_j) > bound), perhaps crossed with a column; w_j is
 *                   a weight a code for labels, and slope * (x - minimum) / (maximum -
 *                   minimum) for numbers, each with a weight of its own for missing.
 *
 * Determined columns (io/schema.h) are in no family. A schema must have no needs.
 * Specifications, files and the proofs of the bounds: doc/queries.md. */
#ifndef PV_MARGINALS_QUERIES_H
#define PV_MARGINALS_QUERIES_H

#include "core/api.h"
#include "core/status.h"
#include "io/schema.h"
#include "io/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pv_axis {
    uint32_t cells;     /* the missing one included */
    bool missing;       /* the last cell is the missing level */
    bool numbers;       /* cells are intervals of numbers */
    const double *edge; /* numbers: cells - missing + 1, increasing, from the column's
                           minimum to its maximum, the last two equal where the last
                           cell holds the maximum alone; else NULL */
} pv_axis;

typedef enum pv_group_kind {
    PV_GROUP_GRID,
    PV_GROUP_BOXES,
    PV_GROUP_PLANE
} pv_group_kind;

/* A partition of a column's cells. */
typedef struct pv_partition {
    uint32_t column, parts;
    const uint32_t *map; /* of each cell: its part */
} pv_partition;

/* Cells are numbered row-major, the last partition fastest. */
typedef struct pv_layer {
    size_t partitions;
    const pv_partition *partition; /* columns increasing */
    size_t cells;
} pv_layer;

/* Cells of one column: in[cell] says whether it is among them. */
typedef struct pv_condition {
    uint32_t column;
    const bool *in;
} pv_condition;

typedef struct pv_box {
    size_t conditions;
    const pv_condition *condition; /* columns increasing */
} pv_box;

typedef struct pv_plane_term {
    uint32_t column;
    const double *weight; /* labels: of each code, the missing one too; else NULL */
    double slope, missing; /* numbers */
} pv_plane_term;

/* The answers of a group, `cells` of them: of the layers one after the other; of
 * each box, its `cross` cells in order; of a plane, its cross cells. */
typedef struct pv_group {
    pv_group_kind kind;
    uint32_t family;  /* which part of the specification it came from, from 0 */
    size_t cells;
    uint32_t most;    /* queries of the group that one row can be in, at most */
    size_t layers;
    const pv_layer *layer;
    ptrdiff_t cross;  /* column, or -1 */
    uint32_t crossed; /* its cells; 1 */
    size_t boxes;
    const pv_box *box;
    size_t terms;
    const pv_plane_term *term;
    double bound;
} pv_group;

typedef struct pv_queries pv_queries;

/* Families by a specification, separated by commas:
 *   marginals:K              all K-way marginals by the schema's codes
 *   tree:K[:L]               all sets of K columns with a column of numbers among them
 *                            (bins or integers); numbers in 2, 4, 8, ... 2^L equal
 *                            parts (L 1 to 10; default 5), other columns by code. One
 *                            group a set; levels that give the same partition are one
 *   prefix:N[:SEED]          N random (category, two numbers, two thresholds): number a
 *                            < t and number b < u, crossed with the category. With one
 *                            number alone a single threshold; without labels uncrossed
 *   halfspace:N[:SEED]       N random planes over all numbers and one-hot labels, each
 *                            weight normal / sqrt(terms), bound a quantile of what
 *                            uniform random rows have (made public: by SEED alone)
 *   FILE.json                groups as they are written there (doc/queries.md)
 * Random families depend on the schema and SEED (default 1) alone. PV_EUSAGE for what
 * is malformed or has no column to speak of, or a schema with needs; PV_EFORMAT for a
 * file (place and remedy); PV_ETOOBIG when there would be more than `most_cells` cells.
 * The schema must outlive the queries. */
PV_API PV_CHECKED pv_status pv_queries_parse(const char *specification,
                                             const pv_schema *schema,
                                             size_t most_cells,
                                             pv_queries **queries,
                                             pv_error *err);
PV_API void pv_queries_free(pv_queries *queries); /* NULL is legal */

PV_API const pv_schema *pv_queries_schema(const pv_queries *queries);
PV_API size_t pv_queries_count(const pv_queries *queries); /* groups */
PV_API const pv_group *pv_queries_group(const pv_queries *queries, size_t i);
PV_API size_t pv_queries_families(const pv_queries *queries);
/* "tree:2", as it stood in the specification. */
PV_API const char *pv_queries_family(const pv_queries *queries, size_t family);
/* Of a determined column: no cells. */
PV_API const pv_axis *pv_queries_axis(const pv_queries *queries, size_t column);
/* A digest of the definition of group i, all of it: 32 bytes. What a ledger names. */
PV_API void pv_queries_digest(const pv_queries *queries, size_t i,
                              unsigned char digest[32]);
/* Group i in words, cut to `size`. */
PV_API void pv_queries_describe(const pv_queries *queries, size_t i, char *text,
                                size_t size);

/* The cell of a value: of a code (labels, integers), or of a number kept beside a bin's
 * code (not a number: by the code, the middle of its bin). */
PV_API uint32_t pv_axis_cell(const pv_axis *axis, const pv_column *column,
                             uint32_t code, double number);

/* The schema's code of all values in a cell: cells never cross the limit of a bin. */
PV_API uint32_t pv_axis_code(const pv_axis *axis, const pv_column *column,
                             uint32_t cell);

/* What a row adds to a plane through one term; `number` as above. */
PV_API double pv_plane_part(const pv_plane_term *term, const pv_column *column,
                            uint32_t code, double number);

#endif
