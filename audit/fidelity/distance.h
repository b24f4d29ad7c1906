/* audit/fidelity/distance.h - how far two tables' marginals are apart.
 *
 * Sums of integers throughout, so the result depends neither on threads nor on
 * the way a marginal was counted. */
#ifndef PV_AUDIT_FIDELITY_DISTANCE_H
#define PV_AUDIT_FIDELITY_DISTANCE_H

#include "core/status.h"
#include "io/table.h"
#include "marginals/clique.h"

#include <stddef.h>
#include <stdint.h>

typedef struct pv_distance {
    double tv; /* 1/2 sum |p - q| of relative frequencies, in [0, 1]; NAN when
                  either table has no rows */
    double l1; /* sum |a - b| of counts over the rows of the first table; NAN
                  when that has none */
} pv_distance;

/* A dense marginal has a counter for every cell of the domain; a sparse one
 * only for the cells that some row is in, found by sorting the rows' cells.
 * AUTO is dense until the cells are many times the rows. */
typedef enum pv_distance_way {
    PV_DISTANCE_AUTO,
    PV_DISTANCE_DENSE,
    PV_DISTANCE_SPARSE
} pv_distance_way;

/* What counts are divided by: the rows of each table, or of the larger tables
 * that they are parts of. */
typedef struct pv_distance_rows {
    uint64_t first, second;
} pv_distance_rows;

/* Writes distance[i] for each clique, of one schema's columns. Memory: dense
 * marginals are held a batch at a time, 256 MiB at most (or one marginal);
 * sparse ones take 16 bytes for each row of both tables and thread. */
PV_CHECKED pv_status pv_distances(const pv_table *first, const pv_table *second,
                                  const pv_clique *clique, size_t cliques,
                                  pv_distance_way way, pv_distance *distance,
                                  pv_error *err);

/* As above, of parts: the share of the whole distance that rows of these parts
 * make, when the parts are rows of larger tables. */
PV_CHECKED pv_status pv_distances_of_parts(
    const pv_table *first, const pv_table *second, pv_distance_rows whole,
    const pv_clique *clique, size_t cliques, pv_distance_way way,
    pv_distance *distance, pv_error *err);

#endif
