/* gen/bins.h - the tree of intervals that bins are made of (bins.c, binning.c).
 */
#ifndef PV_GEN_BINS_H
#define PV_GEN_BINS_H

#include "gen/columns.h"

/* A tree of public intervals with noisy counts. A node is [low, high); some are
 * not split further: single values (of integers; of numbers the minimum, zero
 * and the maximum), and intervals at the last depth. A heavy one of these may
 * hold a heaped value; the likeliest is that of the fewest digits, and a last
 * question tells whether it is. */
typedef struct pv_node {
    double low, high;
    double count, variance; /* as asked, then with what the children say */
    size_t child, children; /* places in the tree */
    bool single, last;
    bool heap;          /* most of it is one value: */
    double value;
} pv_node;

typedef struct pv_tree {
    const pv_column *column;
    double low, high;   /* the range, closed */
    pv_node *node;
    size_t nodes, room;
    size_t roots;
    pv_rational sigma2; /* of every count */
    unsigned depth;
} pv_tree;

/* The standard deviation of noise of this parameter. */
double pv_deviation(pv_rational sigma2);

/* The next number of the column. */
double pv_just_after(const pv_tree *t, double value);

/* All rows, as the roots have them; at least 0. */
double pv_tree_total(const pv_tree *t);

/* As many bins as there may be (binning.c): edges of a pv_found, free(). */
PV_CHECKED pv_status pv_tree_bins(const pv_tree *t, double **edges,
                                  size_t *count, pv_error *err);

#endif
