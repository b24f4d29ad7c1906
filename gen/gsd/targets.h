/* gen/gsd/targets.h - noisy answers made to agree before they are searched for.
 * Internal to gen/.
 *
 * The tables of several groups tell of the same smaller ones: every pair of columns has
 * its own noisy copy of each column's counts and of the total. Each shared margin is
 * taken as the mean of its copies by inverse variance, smallest sets of columns first,
 * and the tables are shifted evenly to have it (Qardaji, Yang and Li, SIGMOD 2014), a
 * few times over. What is taken off is noise that no rows could have; so the distance
 * that is left is smaller, and the noise that is in it is known. Negative counts stay:
 * to cut each table off at 0 by itself moves its other cells down, and rows, which
 * cannot be fewer than none, do it better for all tables at once (doc/gsd.md has the
 * figures). All of it is made of answers and costs nothing. */
#ifndef PV_GEN_GSD_TARGETS_H
#define PV_GEN_GSD_TARGETS_H

#include "core/status.h"
#include "io/release.h"
#include "marginals/queries.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Noisy answers of a group: in rows of the private table. */
typedef struct pv_gsd_noisy {
    const pv_group *group;
    double *answer;   /* the group's cells */
    double variance;  /* of the noise of each */
    struct pv_gsd_own *own; /* a marginal's, which is no group of the queries; NULL */
} pv_gsd_noisy;

typedef struct pv_gsd_targets {
    const pv_queries *queries;
    pv_gsd_noisy *group;
    size_t groups, room;
    uint32_t **code;  /* of each column: the schema's code of each cell */
} pv_gsd_targets;

/* Clear it in any case. */
PV_CHECKED pv_status pv_gsd_targets_init(pv_gsd_targets *targets,
                                         const pv_queries *queries,
                                         pv_error *err);
void pv_gsd_targets_clear(pv_gsd_targets *targets);
/* Adds the answers of a group of the queries (copied); those of one that is there are
 * merged by inverse variance. PV_ETOOBIG: of more columns than are searched. */
PV_CHECKED pv_status pv_gsd_targets_add(pv_gsd_targets *targets,
                                        const pv_group *group,
                                        const double *answer, double variance,
                                        pv_error *err);
/* The same of a noisy marginal by the schema's codes. */
PV_CHECKED pv_status pv_gsd_targets_marginal(pv_gsd_targets *targets,
                                             const pv_measurement *measurement,
                                             pv_error *err);

/* The total that the grids' tables speak for, by inverse variance; NAN without any. */
double pv_gsd_targets_total(const pv_gsd_targets *targets);

/* Makes them agree, in place, with `total` rows. */
PV_CHECKED pv_status pv_gsd_targets_agree(pv_gsd_targets *targets,
                                          double total, pv_error *err);

/* Shares of the cells of a column's axis that the targets speak for, summing to 1:
 * by the finest partition that there is, evenly by width inside a part; even over all
 * cells when no grid has the column. */
PV_CHECKED pv_status pv_gsd_targets_shares(const pv_gsd_targets *targets,
                                           size_t column, double *share,
                                           pv_error *err);

/* How many of a column's values are in a cell: of whole numbers their number, of others
 * the width of the interval, which is 0 of one that holds the maximum alone; of labels
 * 1. */
double pv_gsd_cell_width(const pv_axis *axis, bool whole, uint32_t cell);

/* Counts of parts as shares of the cells in them, by width (of `whole` numbers: by how
 * many there are); negative ones are none. */
void pv_gsd_spread(const pv_axis *axis, bool whole,
                   const pv_partition *partition, const double *count,
                   double *share);

/* Shares of the cells of a column's axis by a group of nested partitions of that column
 * alone; false when there is none (or no memory). */
bool pv_gsd_shape(const pv_gsd_targets *targets, size_t column, double *share);

/* Whether a group is of nested partitions of one column alone, such as a tree of it. */
bool pv_gsd_is_nest(const pv_group *group);

#endif
