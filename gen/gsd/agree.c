/* Noisy tables made to agree on what they share, and what they say of columns. */
#include "gen/gsd/targets.h"

#include "core/memory.h"
#include "gen/gsd/state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { rounds = 3, most_shared = 2 };

/* --- layers as tables --------------------------------------------------------------- */

/* A layer of a group with its part of the answers. */
typedef struct table {
    const pv_layer *layer;
    double *value;
    double variance;
} table;

typedef struct tables {
    table *table;
    size_t count;
} tables;

static pv_status list_tables(const pv_gsd_targets *t, tables *all,
                             pv_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < t->groups; i++)
        count += t->group[i].group->layers;
    *all = (tables){pv_array_alloc(count, sizeof *all->table), 0};
    if (all->table == NULL)
        return pv_fail_memory(err, "the targets");
    for (size_t i = 0; i < t->groups; i++) {
        const pv_group *g = t->group[i].group;
        double *value = t->group[i].answer;
        for (size_t k = 0; k < g->layers; k++) {
            all->table[all->count++] =
                (table){&g->layer[k], value, t->group[i].variance};
            value += g->layer[k].cells;
        }
    }
    return PV_OK;
}

double pv_gsd_targets_total(const pv_gsd_targets *t)
{
    double sum = 0, weight = 0;
    tables all;
    if (list_tables(t, &all, NULL) != PV_OK)
        return NAN;
    for (size_t i = 0; i < all.count; i++) {
        const table *a = &all.table[i];
        const double w = 1 / (a->variance * (double)a->layer->cells);
        double rows = 0;
        for (size_t c = 0; c < a->layer->cells; c++)
            rows += a->value[c];
        sum += w * rows;
        weight += w;
    }
    free(all.table);
    return weight > 0 ? sum / weight : NAN;
}

/* --- margins ------------------------------------------------------------------------- */

/* Some partitions of a layer, by their positions. */
typedef struct subset {
    size_t count;
    size_t position[most_shared];
} subset;

static size_t subset_cells(const pv_layer *l, const subset *s)
{
    size_t cells = 1;
    for (size_t i = 0; i < s->count; i++)
        cells *= l->partition[s->position[i]].parts;
    return cells;
}

/* For each cell of a layer, which cell of the margin it is in. */
static void margin_cells(const pv_layer *l, const subset *s, uint32_t *margin)
{
    size_t stride[PV_GSD_MOST_COLUMNS];
    size_t next = 1;
    for (size_t k = l->partitions; k-- > 0;) {
        stride[k] = next;
        next *= l->partition[k].parts;
    }
    for (size_t c = 0; c < l->cells; c++) {
        size_t at = 0;
        for (size_t i = 0; i < s->count; i++) {
            const size_t k = s->position[i];
            at = at * l->partition[k].parts +
                 c / stride[k] % l->partition[k].parts;
        }
        margin[c] = (uint32_t)at;
    }
}

static bool same_partition(const pv_partition *a, const pv_partition *b,
                           const pv_queries *queries)
{
    return a->column == b->column && a->parts == b->parts &&
           (a->map == b->map ||
            memcmp(a->map, b->map,
                   pv_queries_axis(queries, a->column)->cells *
                       sizeof *a->map) == 0);
}

/* Where layer `l` has the same partitions; false when it has not all of them. */
static bool find_subset(const pv_layer *l, const pv_layer *of,
                        const subset *wanted, const pv_queries *queries,
                        subset *found)
{
    found->count = wanted->count;
    for (size_t i = 0; i < wanted->count; i++) {
        bool there = false;
        for (size_t k = 0; k < l->partitions && !there; k++)
            if (same_partition(&l->partition[k],
                               &of->partition[wanted->position[i]], queries)) {
                found->position[i] = k;
                there = true;
            }
        if (!there)
            return false;
    }
    return true;
}

/* --- agreeing ------------------------------------------------------------------------- */

typedef struct agreeing {
    const pv_queries *queries;
    tables all;
    double total;
    double *mean, *own;   /* of a margin */
    uint32_t *margin;     /* of a layer's cells */
    subset *at;           /* of each table: the margin at hand */
    bool *has;
} agreeing;

static void sum_margin(const agreeing *a, size_t i, double *into)
{
    const table *t = &a->all.table[i];
    const size_t cells = subset_cells(t->layer, &a->at[i]);
    margin_cells(t->layer, &a->at[i], a->margin);
    memset(into, 0, cells * sizeof *into);
    for (size_t c = 0; c < t->layer->cells; c++)
        into[a->margin[c]] += t->value[c];
}

/* A margin's cell has the noise of all cells that it adds up. */
static double margin_weight(const table *t, size_t cells)
{
    return (double)cells / (t->variance * (double)t->layer->cells);
}

static void shift_to_mean(const agreeing *a, size_t i, size_t cells)
{
    const table *t = &a->all.table[i];
    const double each = (double)cells / (double)t->layer->cells;
    sum_margin(a, i, a->own); /* and the margin's cells */
    for (size_t c = 0; c < t->layer->cells; c++)
        t->value[c] +=
            (a->mean[a->margin[c]] - a->own[a->margin[c]]) * each;
}

/* Brings all tables that share this margin of table `first` to its mean. */
static void agree_on(agreeing *a, size_t first, const subset *wanted)
{
    const pv_layer *of = a->all.table[first].layer;
    const size_t cells = subset_cells(of, wanted);
    double weight = 0;
    size_t sharing = 0;
    memset(a->mean, 0, cells * sizeof *a->mean);
    for (size_t i = first; i < a->all.count; i++) {
        a->has[i] = find_subset(a->all.table[i].layer, of, wanted, a->queries,
                                &a->at[i]);
        if (!a->has[i])
            continue;
        const double w = margin_weight(&a->all.table[i], cells);
        sum_margin(a, i, a->own);
        for (size_t c = 0; c < cells; c++)
            a->mean[c] += w * a->own[c];
        weight += w;
        sharing++;
    }
    for (size_t c = 0; c < cells; c++)
        a->mean[c] = wanted->count == 0 ? a->total : a->mean[c] / weight;
    for (size_t i = first; i < a->all.count; i++)
        if (a->has[i] && (sharing > 1 || wanted->count == 0))
            shift_to_mean(a, i, cells);
}

/* Whether an earlier table has the same partitions: they were agreed on there. */
static bool agreed_before(const agreeing *a, size_t first,
                          const subset *wanted)
{
    subset found;
    for (size_t i = 0; i < first; i++)
        if (find_subset(a->all.table[i].layer, a->all.table[first].layer,
                        wanted, a->queries, &found))
            return true;
    return false;
}

static void agree_once(agreeing *a, size_t shared)
{
    for (size_t i = 0; i < a->all.count; i++) {
        const pv_layer *l = a->all.table[i].layer;
        subset s = {.count = shared};
        if (shared == 0) {
            if (i == 0)
                agree_on(a, i, &s);
            continue;
        }
        if (l->partitions < shared)
            continue;
        for (s.position[0] = 0; s.position[0] < l->partitions; s.position[0]++)
            for (s.position[1] = s.position[0] + 1;
                 shared == 1 ? s.position[1] == s.position[0] + 1
                             : s.position[1] < l->partitions;
                 s.position[1]++)
                if (!agreed_before(a, i, &s))
                    agree_on(a, i, &s);
    }
}

static void clear_agreeing(agreeing *a)
{
    free(a->all.table);
    free(a->mean);
    free(a->own);
    free(a->margin);
    free(a->at);
    free(a->has);
}

static pv_status make_room(agreeing *a, pv_error *err)
{
    size_t most = 1;
    for (size_t i = 0; i < a->all.count; i++)
        most = a->all.table[i].layer->cells > most
                   ? a->all.table[i].layer->cells
                   : most;
    a->mean = pv_array_alloc(most, sizeof *a->mean);
    a->own = pv_array_alloc(most, sizeof *a->own);
    a->margin = pv_array_alloc(most, sizeof *a->margin);
    a->at = pv_array_alloc(a->all.count, sizeof *a->at);
    a->has = pv_array_alloc(a->all.count, sizeof *a->has);
    return a->mean != NULL && a->own != NULL && a->margin != NULL &&
                   a->at != NULL && a->has != NULL
               ? PV_OK
               : pv_fail_memory(err, "the targets");
}

pv_status pv_gsd_targets_agree(pv_gsd_targets *t, double total, pv_error *err)
{
    pv_status status = PV_OK;
    agreeing a = {.queries = t->queries, .total = total};
    PV_TRY(list_tables(t, &a.all, err));
    PV_TRY(make_room(&a, err));
    for (int round = 0; round < rounds; round++) {
        for (size_t shared = 0; shared <= most_shared; shared++)
            agree_once(&a, shared);
    }
    for (size_t i = 0; i < t->groups; i++) {
        const pv_group *g = t->group[i].group;
        for (size_t c = 0; g->layers == 0 && c < g->cells; c++)
            t->group[i].answer[c] =
                fmin(fmax(t->group[i].answer[c], 0), total);
    }
out:
    clear_agreeing(&a);
    return status;
}

/* --- columns --------------------------------------------------------------------------- */

/* How many of a column's values are in a cell: of whole numbers their number, of others
 * the width of the interval, which is 0 of one that holds the maximum alone. */
double pv_gsd_cell_width(const pv_axis *axis, bool whole, uint32_t cell)
{
    const uint32_t intervals = axis->cells - axis->missing;
    if (!axis->numbers || cell >= intervals)
        return 1;
    return axis->edge[cell + 1] - axis->edge[cell] +
           (whole && cell + 1 == intervals ? 1 : 0);
}

void pv_gsd_spread(const pv_axis *axis, bool whole, const pv_partition *p,
                   const double *count, double *share)
{
    double sum = 0;
    for (uint32_t part = 0; part < p->parts; part++) {
        double width = 0, each = 0;
        for (uint32_t c = 0; c < axis->cells; c++)
            if (p->map[c] == part)
                width += pv_gsd_cell_width(axis, whole, c);
        if (!(width > 0)) /* the maximum alone */
            each = width = 1;
        for (uint32_t c = 0; c < axis->cells; c++)
            if (p->map[c] == part)
                share[c] = fmax(count[part], 0) *
                           (pv_gsd_cell_width(axis, whole, c) + each) / width;
    }
    for (uint32_t c = 0; c < axis->cells; c++)
        sum += share[c];
    for (uint32_t c = 0; c < axis->cells; c++)
        share[c] = sum > 0 ? share[c] / sum : 1.0 / axis->cells;
}

pv_status pv_gsd_targets_shares(const pv_gsd_targets *t, size_t column,
                                double *share, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_axis *axis = pv_queries_axis(t->queries, column);
    agreeing a = {.queries = t->queries};
    const table *best = NULL;
    const pv_partition *finest = NULL;
    if (pv_gsd_shape(t, column, share))
        return PV_OK;
    PV_TRY(list_tables(t, &a.all, err));
    PV_TRY(make_room(&a, err));
    for (size_t i = 0; i < a.all.count; i++)
        for (size_t k = 0; k < a.all.table[i].layer->partitions; k++) {
            const pv_partition *p = &a.all.table[i].layer->partition[k];
            if (p->column == column &&
                (finest == NULL || p->parts > finest->parts ||
                 (p->parts == finest->parts &&
                  a.all.table[i].variance < best->variance))) {
                finest = p;
                best = &a.all.table[i];
                a.at[i] = (subset){1, {k}};
            }
        }
    for (uint32_t c = 0; c < axis->cells; c++)
        share[c] = 1.0 / axis->cells;
    if (finest != NULL) {
        sum_margin(&a, (size_t)(best - a.all.table), a.own);
        pv_gsd_spread(axis,
                      pv_schema_column(pv_queries_schema(t->queries), column)
                          ->integer,
                      finest, a.own, share);
    }
out:
    clear_agreeing(&a);
    return status;
}
