/* How the numbers of a column lie, from noisy counts of nested partitions. */
#include "gen/gsd/targets.h"

#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The nested layers of a group of one column, the finest last: each part's best
 * estimate from its own count and those of its parts (up: least squares with all their
 * noise, as Hay, Rastogi, Miklau and Suciu, VLDB 2010, for parts of any number), then
 * shared out from the whole (down). */
typedef struct nest {
    const pv_group *group;
    const pv_axis *axis;
    bool integer;             /* numbers are whole */
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

/* Whether a part's estimate tells how its own parts share it: below this many deviations
 * it is noise, and shares are by width. */
static const double told = 3;
/* An interval that holds the maximum alone has no width. */
static const double least = 1e-9;

/* Of the parts of a part. */
typedef struct family {
    double sum, spread, positive, width;
    bool negative; /* one would be less than none */
} family;

/* What the parts lack of the whole, shared by their variance: least squares. */
static double shifted(const nest *n, size_t l, uint32_t part, const family *f,
                      double rows)
{
    return n->value[l][part] +
           n->spread[l][part] / f->spread * (rows - f->sum);
}

static double rows_of(const nest *n, size_t l, uint32_t parent,
                      const family *f)
{
    return l > 0 ? n->value[l - 1][parent] : fmax(f->sum, 0);
}

static void go_down_layer(const nest *n, size_t l, family *f, double *width)
{
    const pv_partition *own = n->group->layer[l].partition;
    const uint32_t *parent = n->parent[l];
    for (uint32_t c = 0; c < n->axis->cells; c++)
        width[own->map[c]] += pv_gsd_cell_width(n->axis, n->integer, c);
    for (uint32_t p = 0; p < own->parts; p++) {
        f[parent[p]].sum += n->value[l][p];
        f[parent[p]].spread += n->spread[l][p];
        f[parent[p]].positive += fmax(n->value[l][p], 0);
        f[parent[p]].width += width[p] + least;
    }
    for (uint32_t p = 0; p < own->parts; p++)
        if (shifted(n, l, p, &f[parent[p]],
                    rows_of(n, l, parent[p], &f[parent[p]])) < 0)
            f[parent[p]].negative = true;
    for (uint32_t p = 0; p < own->parts; p++) {
        const family *of = &f[parent[p]];
        const double rows = rows_of(n, l, parent[p], of);
        const bool clear =
            l == 0 || rows > told * sqrt(n->spread[l - 1][parent[p]]);
        if (clear && !of->negative)
            n->value[l][p] = shifted(n, l, p, of, rows);
        else if (clear && of->positive > 0)
            n->value[l][p] = rows * fmax(n->value[l][p], 0) / of->positive;
        else
            n->value[l][p] = rows * (width[p] + least) / of->width;
    }
}

/* From the whole down: each part's rows are shared among its parts by least squares;
 * where one would get less than none, by the estimates of those that have some; and where
 * the part's own rows are hardly told from noise, by width. (Least squares alone leaves as
 * many negative counts as positive ones where nobody is.) */
static bool go_down(const nest *n)
{
    for (size_t l = 0; l < n->group->layers; l++) {
        const uint32_t parts = n->group->layer[l].partition->parts;
        const uint32_t above =
            l > 0 ? n->group->layer[l - 1].partition->parts : 1;
        family *f = pv_array_calloc(above, sizeof *f);
        double *width = pv_array_calloc(parts, sizeof *width);
        const bool done = f != NULL && width != NULL;
        if (done)
            go_down_layer(n, l, f, width);
        free(f);
        free(width);
        if (!done)
            return false;
    }
    return true;
}

bool pv_gsd_is_nest(const pv_group *g)
{
    if (g->kind != PV_GROUP_GRID || g->layers < 2)
        return false;
    for (size_t l = 0; l < g->layers; l++)
        if (g->layer[l].partitions != 1 ||
            g->layer[l].partition->column != g->layer->partition->column)
            return false;
    return true;
}

bool pv_gsd_shape(const pv_gsd_targets *t, size_t column, double *count)
{
    bool found = false;
    for (size_t i = 0; i < t->groups && !found; i++) {
        const pv_gsd_noisy *g = &t->group[i];
        if (!pv_gsd_is_nest(g->group) ||
            g->group->layer->partition->column != column)
            continue;
        nest n = {.group = g->group,
                  .axis = pv_queries_axis(t->queries, column),
                  .integer =
                      pv_schema_column(pv_queries_schema(t->queries), column)
                          ->integer,
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
            pv_gsd_spread(n.axis, n.integer, finest,
                          n.value[g->group->layers - 1], count);
        free_nest(&n);
    }
    return found;
}
