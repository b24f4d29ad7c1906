/* How the numbers of a column lie, from noisy counts of nested partitions. */
#include "gen/gsd/targets.h"

#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The nested layers of a group of one column, the finest last: each part's best
 * estimate from its own count and its parts' (up), then from the whole as well (down).
 * That is least squares with all counts' noise (Hay, Rastogi, Miklau and Suciu, VLDB
 * 2010), for parts of any number. */
typedef struct nest {
    const pv_group *group;
    const pv_axis *axis;
    const double *answer;
    double variance;
    double **value, **spread; /* of each layer's parts: estimate and its variance */
    uint32_t **parent;        /* of each layer's parts: the part of the layer above */
} nest;

static bool alloc_nest(nest *n)
{
    const size_t layers = n->group->layers;
    n->value = pv_array_calloc(layers, sizeof *n->value);
    n->spread = pv_array_calloc(layers, sizeof *n->spread);
    n->parent = pv_array_calloc(layers, sizeof *n->parent);
    if (n->value == NULL || n->spread == NULL || n->parent == NULL)
        return false;
    for (size_t l = 0; l < layers; l++) {
        const uint32_t parts = n->group->layer[l].partition->parts;
        n->value[l] = pv_array_calloc(parts, sizeof **n->value);
        n->spread[l] = pv_array_calloc(parts, sizeof **n->spread);
        n->parent[l] = pv_array_calloc(parts, sizeof **n->parent);
        if (n->value[l] == NULL || n->spread[l] == NULL ||
            n->parent[l] == NULL)
            return false;
    }
    return true;
}

static void free_nest(nest *n)
{
    for (size_t l = 0; l < n->group->layers; l++) {
        if (n->value != NULL)
            free(n->value[l]);
        if (n->spread != NULL)
            free(n->spread[l]);
        if (n->parent != NULL)
            free(n->parent[l]);
    }
    free(n->value);
    free(n->spread);
    free(n->parent);
}

/* False when a part is in several of the layer above: a user's grids need not nest. */
static bool find_parents(const nest *n)
{
    for (size_t l = 1; l < n->group->layers; l++) {
        const uint32_t *above = n->group->layer[l - 1].partition->map;
        const uint32_t *own = n->group->layer[l].partition->map;
        for (uint32_t c = 0; c < n->axis->cells; c++)
            n->parent[l][own[c]] = above[c];
        for (uint32_t c = 0; c < n->axis->cells; c++)
            if (n->parent[l][own[c]] != above[c])
                return false;
    }
    return true;
}

static void go_up(const nest *n)
{
    const double *answer = n->answer + n->group->cells;
    for (size_t l = n->group->layers; l-- > 0;) {
        const uint32_t parts = n->group->layer[l].partition->parts;
        const bool finest = l + 1 == n->group->layers;
        answer -= parts;
        for (uint32_t p = 0; p < parts; p++) {
            double share = 1; /* of the own count */
            if (!finest)
                share = n->spread[l][p] / (n->spread[l][p] + n->variance);
            n->value[l][p] = share * answer[p] + (1 - share) * n->value[l][p];
            n->spread[l][p] = share * n->variance;
            if (l > 0) {
                n->value[l - 1][n->parent[l][p]] += n->value[l][p];
                n->spread[l - 1][n->parent[l][p]] += n->spread[l][p];
            }
        }
    }
}

/* What the parts of a part lack of it is shared among them by their variance. */
static bool go_down(const nest *n)
{
    for (size_t l = 1; l < n->group->layers; l++) {
        const uint32_t above = n->group->layer[l - 1].partition->parts;
        double *sum = pv_array_calloc(2 * (size_t)above, sizeof *sum);
        if (sum == NULL)
            return false;
        for (uint32_t p = 0; p < n->group->layer[l].partition->parts; p++) {
            sum[n->parent[l][p]] += n->value[l][p];
            sum[above + n->parent[l][p]] += n->spread[l][p];
        }
        for (uint32_t p = 0; p < n->group->layer[l].partition->parts; p++) {
            const uint32_t up = n->parent[l][p];
            n->value[l][p] += n->spread[l][p] / sum[above + up] *
                              (n->value[l - 1][up] - sum[up]);
        }
        free(sum);
    }
    return true;
}

static bool is_nest(const pv_group *g, size_t column)
{
    if (g->kind != PV_GROUP_GRID || g->layers < 2)
        return false;
    for (size_t l = 0; l < g->layers; l++)
        if (g->layer[l].partitions != 1 ||
            g->layer[l].partition->column != column)
            return false;
    return true;
}

bool pv_gsd_shape(const pv_gsd_targets *t, size_t column, double *count)
{
    bool found = false;
    for (size_t i = 0; i < t->groups && !found; i++) {
        const pv_gsd_noisy *g = &t->group[i];
        if (!is_nest(g->group, column))
            continue;
        nest n = {.group = g->group,
                  .axis = pv_queries_axis(t->queries, column),
                  .answer = g->answer,
                  .variance = g->variance};
        const pv_partition *finest =
            g->group->layer[g->group->layers - 1].partition;
        found = alloc_nest(&n) && find_parents(&n);
        if (found) {
            go_up(&n);
            found = go_down(&n);
        }
        if (found)
            pv_gsd_spread(
                n.axis,
                pv_schema_column(pv_queries_schema(t->queries), column)->integer,
                finest, n.value[g->group->layers - 1], count);
        free_nest(&n);
    }
    return found;
}
