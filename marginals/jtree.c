#include "marginals/jtree.h"

#include "core/memory.h"
#include "marginals/factor.h"

#include <stdlib.h>
#include <string.h>

/* ln of the cells of {column} and its neighbours: what eliminating it makes. */
static double elimination_cost(const double *log_levels, const pv_clique *near,
                               size_t column)
{
    double cost = log_levels[column];
    for (size_t i = pv_clique_next(near, 0); i < PV_MAX_COLUMNS;
         i = pv_clique_next(near, i + 1))
        cost += log_levels[i];
    return cost;
}

static void connect(pv_clique *near, const pv_clique *clique)
{
    for (size_t i = pv_clique_next(clique, 0); i < PV_MAX_COLUMNS;
         i = pv_clique_next(clique, i + 1)) {
        near[i] = pv_clique_union(&near[i], clique);
        pv_clique_remove(&near[i], i);
    }
}

/* Keeps `made` unless an earlier elimination's clique contains it. */
static void keep_maximal(pv_clique *kept, size_t *count, const pv_clique *made)
{
    for (size_t i = 0; i < *count; i++)
        if (pv_clique_subset(made, &kept[i]))
            return;
    kept[(*count)++] = *made;
}

/* Maximal cliques of the triangulated graph into kept[]; returns how many.
 * near[] is consumed. */
static size_t triangulate(const pv_domain *domain, pv_clique *near,
                          pv_clique *kept)
{
    double log_levels[PV_MAX_COLUMNS], cost[PV_MAX_COLUMNS];
    pv_clique left = pv_clique_empty();
    size_t count = 0;
    for (size_t i = 0; i < domain->columns; i++) {
        log_levels[i] = pv_log((double)domain->levels[i]);
        pv_clique_add(&left, i);
    }
    for (size_t i = 0; i < domain->columns; i++)
        cost[i] = elimination_cost(log_levels, &near[i], i);
    for (size_t step = 0; step < domain->columns; step++) {
        size_t best = pv_clique_next(&left, 0);
        for (size_t i = best; i < PV_MAX_COLUMNS;
             i = pv_clique_next(&left, i + 1))
            if (cost[i] < cost[best] - 1e-9) /* ties: the first column */
                best = i;
        const pv_clique around = near[best];
        pv_clique made = around;
        pv_clique_add(&made, best);
        keep_maximal(kept, &count, &made);
        connect(near, &around);
        pv_clique_remove(&left, best);
        for (size_t i = pv_clique_next(&around, 0); i < PV_MAX_COLUMNS;
             i = pv_clique_next(&around, i + 1)) {
            pv_clique_remove(&near[i], best);
            cost[i] = elimination_cost(log_levels, &near[i], i);
        }
    }
    return count;
}

/* Prim's maximum spanning forest on the sizes of intersections, giving an
 * order in which parents come first. */
static void span(pv_jtree *tree, const pv_clique *kept, size_t *weight,
                 size_t *link, bool *placed)
{
    const size_t n = tree->cliques;
    memset(placed, 0, n * sizeof *placed);
    for (size_t i = 0; i < n; i++) {
        weight[i] = 0;
        link[i] = PV_NO_PARENT;
    }
    for (size_t at = 0; at < n; at++) {
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < n; i++)
            if (!placed[i] && (best == SIZE_MAX || weight[i] > weight[best]))
                best = i;
        placed[best] = true;
        tree->clique[at] = kept[best];
        tree->parent[at] = link[best];
        tree->separator[at] =
            link[best] == PV_NO_PARENT
                ? pv_clique_empty()
                : pv_clique_intersection(&kept[best],
                                         &tree->clique[link[best]]);
        for (size_t i = 0; i < n; i++) {
            const pv_clique shared =
                pv_clique_intersection(&kept[i], &kept[best]);
            const size_t w = pv_clique_count(&shared);
            if (!placed[i] && w > weight[i]) {
                weight[i] = w;
                link[i] = at;
            }
        }
    }
}

static size_t sum_cells(const pv_domain *domain, const pv_clique *kept,
                        size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t cells = pv_domain_cells(domain, &kept[i]);
        if (cells == SIZE_MAX || !pv_size_add(total, cells, &total))
            return SIZE_MAX;
    }
    return total;
}

/* Allocates near[] and kept[], one entry a column, and triangulates. */
static pv_clique *maximal_cliques(const pv_domain *domain,
                                  const pv_clique *clique, size_t cliques,
                                  size_t *count)
{
    pv_clique *near = pv_array_calloc(2 * domain->columns, sizeof *near);
    if (near == NULL)
        return NULL;
    for (size_t i = 0; i < cliques; i++)
        connect(near, &clique[i]);
    pv_clique *kept = near + domain->columns;
    *count = triangulate(domain, near, kept);
    memmove(near, kept, *count * sizeof *near);
    return near;
}

size_t pv_jtree_size(const pv_domain *domain, const pv_clique *clique,
                     size_t cliques)
{
    size_t count = 0;
    pv_clique *kept = maximal_cliques(domain, clique, cliques, &count);
    const size_t total =
        kept != NULL ? sum_cells(domain, kept, count) : SIZE_MAX;
    free(kept);
    return total;
}

pv_status pv_jtree_build(const pv_domain *domain, const pv_clique *clique,
                         size_t cliques, pv_jtree *tree, pv_error *err)
{
    pv_status status = PV_OK;
    size_t *weight = NULL;
    bool *placed = NULL;
    memset(tree, 0, sizeof *tree);
    pv_clique *kept = maximal_cliques(domain, clique, cliques, &tree->cliques);
    const size_t n = tree->cliques;
    weight = pv_array_alloc(2 * n, sizeof *weight);
    placed = pv_array_alloc(n, sizeof *placed);
    tree->clique = pv_array_alloc(n, sizeof *tree->clique);
    tree->parent = pv_array_alloc(n, sizeof *tree->parent);
    tree->separator = pv_array_alloc(n, sizeof *tree->separator);
    if (kept == NULL || weight == NULL || placed == NULL ||
        tree->clique == NULL || tree->parent == NULL ||
        tree->separator == NULL) {
        status = pv_fail_memory(err, "a junction tree");
        goto out;
    }
    tree->cells = sum_cells(domain, kept, n);
    span(tree, kept, weight, weight + n, placed);
out:
    free(kept);
    free(weight);
    free(placed);
    if (status != PV_OK)
        pv_jtree_clear(tree);
    return status;
}

void pv_jtree_clear(pv_jtree *tree)
{
    free(tree->clique);
    free(tree->parent);
    free(tree->separator);
    memset(tree, 0, sizeof *tree);
}
