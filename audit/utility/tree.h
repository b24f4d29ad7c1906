/* audit/utility/tree.h - a regression tree on codes: for predictions, not for
 * reading. */
#ifndef PV_AUDIT_UTILITY_TREE_H
#define PV_AUDIT_UTILITY_TREE_H

#include "core/api.h"
#include "core/status.h"
#include "io/table.h"

#include <stddef.h>
#include <stdint.h>

typedef struct pv_tree pv_tree;

/* Grows a tree (Breiman et al. 1984) that predicts y[row] (NAN: left out) of the
 * rows row[0..count-1] from the codes of columns: splits of the least squared
 * error, of codes in order where they are numbers, else in the order of their mean
 * y, which is optimal; missing is a code like others. At most `depth` (1 to 20)
 * splits deep, no leaf with fewer than `least` rows. Of equal splits the first
 * column wins, so nothing is random. PV_EINVAL when no row is left. */
PV_API PV_CHECKED pv_status pv_tree_grow(const pv_table *table,
                                         const uint32_t *column, size_t columns,
                                         const uint32_t *row, size_t count,
                                         const double *y, unsigned depth,
                                         size_t least, pv_tree **tree,
                                         pv_error *err);
PV_API void pv_tree_free(pv_tree *tree); /* NULL is legal */

/* The prediction for a row of a table of the same schema: the mean of its leaf. */
PV_API double pv_tree_predict(const pv_tree *tree, const pv_table *table,
                              size_t row);

#endif
