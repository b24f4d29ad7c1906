/* marginals/tally.h - the inner loops of counting. Not a public header.
 *
 * A row's cell is its codes as a number of mixed radix. Cliques that differ in
 * their last column only share the number of all columns before it, the stem.
 * A bundle of such cliques is tallied in one walk over the rows: an increment
 * waits for the last one of the same cell, which in skewed tables is often the
 * same cell, so the walk alternates among the histograms of its bundle. */
#ifndef PV_MARGINALS_TALLY_H
#define PV_MARGINALS_TALLY_H

#include "io/rows.h"

#include <stddef.h>
#include <stdint.h>

enum { PV_TALLY_BUNDLE = 4 };

/* What to read: one entry of `codes` and `levels` a column of the table. */
typedef struct pv_tally_rows {
    const pv_codes *codes;
    const uint32_t *levels;
} pv_tally_rows;

/* The cliques stem + leaf[0], stem + leaf[1], ..., columns increasing. The
 * sizes of a bundle's cliques need indices of the same width. */
typedef struct pv_tally_bundle {
    const uint32_t *stem;
    size_t stem_columns;
    size_t leaves; /* 1..PV_TALLY_BUNDLE */
    uint32_t leaf[PV_TALLY_BUNDLE];
    int64_t *counts[PV_TALLY_BUNDLE];
    size_t cells[PV_TALLY_BUNDLE];
} pv_tally_bundle;

/* Bytes of an index into so many cells: 2, 4 or 8. The narrowest is much the
 * fastest. */
static inline int pv_tally_width(size_t cells)
{
    return cells <= (size_t)1 << 16 ? 2 : cells <= (size_t)1 << 32 ? 4 : 8;
}

/* Adds rows first..first+rows-1 to the counts. */
void pv_tally(const pv_tally_rows *table, const pv_tally_bundle *bundle,
              size_t first, size_t rows);

#endif
