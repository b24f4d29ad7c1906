/* marginals/jtree.h - triangulation and junction tree.
 *
 * The graph joins the columns of each given clique. Columns are eliminated
 * greedily, the one whose table would be smallest first (greedy minimum result
 * size); the maximal cliques so made form a junction forest: a tree for each
 * connected component, edges chosen by the largest separators (maximum
 * spanning tree; Koller and Friedman 2009, section 10.4). Every column of
 * `columns` is in some clique. */
#ifndef PV_MARGINALS_JTREE_H
#define PV_MARGINALS_JTREE_H

#include "core/api.h"
#include "core/status.h"
#include "marginals/clique.h"

#include <stdbool.h>
#include <stddef.h>

#define PV_NO_PARENT SIZE_MAX

/* Cliques are in an order in which parents come before their children. */
typedef struct pv_jtree {
    size_t cliques;
    pv_clique *clique;
    size_t *parent;       /* index, or PV_NO_PARENT for a root */
    pv_clique *separator; /* with the parent; empty for a root */
    size_t cells;         /* sum over cliques, SIZE_MAX when it overflows */
} pv_jtree;

PV_API PV_CHECKED pv_status pv_jtree_build(const pv_domain *domain,
                                           const pv_clique *clique,
                                           size_t cliques, pv_jtree *tree,
                                           pv_error *err);
PV_API void pv_jtree_clear(pv_jtree *tree);

/* Cells that the junction tree of these cliques would have, without building
 * it; SIZE_MAX when it overflows or memory is short. */
PV_API size_t pv_jtree_size(const pv_domain *domain, const pv_clique *clique,
                            size_t cliques);

/* The same for some cliques and each of many others in turn: microseconds for
 * a table of at most 64 columns. Not for several threads at once. */
typedef struct pv_jtree_sizer pv_jtree_sizer;
PV_API PV_CHECKED pv_status pv_jtree_sizer_alloc(const pv_domain *domain,
                                                 const pv_clique *clique,
                                                 size_t cliques,
                                                 pv_jtree_sizer **sizer,
                                                 pv_error *err);
PV_API void pv_jtree_sizer_free(pv_jtree_sizer *sizer);
PV_API size_t pv_jtree_sizer_with(const pv_jtree_sizer *sizer,
                                  const pv_clique *clique);

#endif
