/* marginals/factor.h - dense tensors over a clique.
 *
 * A factor holds one double a cell, in any order of its axes (axis rank-1
 * fastest). Tables of a model put the separator towards the parent first, so
 * that messages are sums over contiguous blocks; marginals handed to users have
 * their columns increasing.
 *
 * A map relates a table to a sub-table over some of its columns: it is
 * computed once for a structure and then drives projections (sums) and
 * products. All sums run in an order fixed by the shapes alone. */
#ifndef PV_MARGINALS_FACTOR_H
#define PV_MARGINALS_FACTOR_H

#include "core/api.h"
#include "core/status.h"
#include "marginals/clique.h"

#include <stddef.h>
#include <stdint.h>

enum { PV_FACTOR_RANK = 64 }; /* axes of more than one level fit memory far below */

typedef struct pv_factor {
    size_t rank;
    uint32_t column[PV_FACTOR_RANK];
    size_t shape[PV_FACTOR_RANK];
    size_t cells;
    double *cell;
} pv_factor;

/* Shapes a factor over `clique` with the columns of `first` (a subset) before
 * the others, both in increasing order, and allocates its cells (not set).
 * PV_ETOOBIG when it cannot be. Free with pv_factor_clear. */
PV_API PV_CHECKED pv_status pv_factor_init(pv_factor *factor,
                                           const pv_domain *domain,
                                           const pv_clique *clique,
                                           const pv_clique *first,
                                           pv_error *err);
PV_API void pv_factor_clear(pv_factor *factor);

/* The same with the axes in order of `parts` disjoint sets, each increasing;
 * in the order given; and in the order in which `like` has them. */
PV_API PV_CHECKED pv_status pv_factor_order(pv_factor *factor,
                                            const pv_domain *domain,
                                            const pv_clique *part,
                                            size_t parts, pv_error *err);
PV_API PV_CHECKED pv_status pv_factor_columns(pv_factor *factor,
                                              const pv_domain *domain,
                                              const uint32_t *column,
                                              size_t rank, pv_error *err);
PV_API PV_CHECKED pv_status pv_factor_like(pv_factor *factor,
                                           const pv_domain *domain,
                                           const pv_clique *clique,
                                           const pv_factor *like,
                                           pv_error *err);

/* The map of a table onto a sub-table; offsets of the sub-table's cells for
 * a tail of the table's axes are tabulated, the other axes are walked. */
typedef struct pv_map {
    size_t inner;            /* cells of a contiguous run */
    size_t step;             /* sub-table step inside a run: 0, 1, or tabulated */
    uint32_t *offset;        /* inner entries when tabulated, else NULL */
    size_t axes;             /* walked axes, slowest first */
    size_t extent[PV_FACTOR_RANK];
    size_t stride[PV_FACTOR_RANK]; /* in the sub-table */
    size_t runs;             /* product of extents */
} pv_map;

PV_API PV_CHECKED pv_status pv_map_init(pv_map *map, const pv_factor *table,
                                        const pv_factor *sub, pv_error *err);
PV_API void pv_map_clear(pv_map *map);

/* sub = sums of table; table *= sub; table += sub. */
PV_API void pv_map_project(const pv_map *map, const double *table, double *sub,
                           size_t sub_cells);
PV_API void pv_map_multiply(const pv_map *map, double *table,
                            const double *sub);
PV_API void pv_map_add(const pv_map *map, double *table, const double *sub);

/* Sum in an order fixed by n; maximum (-inf for n = 0). */
PV_API double pv_sum(const double *x, size_t n);
PV_API double pv_maximum(const double *x, size_t n);

/* x[i] = exp(x[i] - shift), and ln x for positive finite x: plain arithmetic,
 * the same bits with every compiler and processor, unlike libm's. Relative
 * error below 1e-15; arguments below -700 give 0. */
PV_API void pv_exp_array(double *x, size_t n, double shift);
PV_API double pv_log(double x);

#endif
