#include "core/memory.h"
#include "gen/shortest.h"
#include "gen/bins.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { most_asked = 1 << 20 };

unsigned pv_bins_depth(const pv_column *column, double low, double high)
{
    unsigned depth = 0;
    double reach = 1;
    if (!column->integer)
        return PV_MAX_DEPTH;
    const double span = high - low + 1;
    if (span <= column->private_levels)
        return 0;
    while (reach < span && depth < PV_MAX_DEPTH) {
        reach *= PV_SPLIT;
        depth++;
    }
    return depth;
}

unsigned pv_bins_questions(unsigned depth)
{
    return depth + (depth == PV_MAX_DEPTH);
}

pv_status pv_part_sigma2(uint64_t units, unsigned parts, uint64_t sensitivity2,
                         pv_rational *sigma2, pv_error *err)
{
    return pv_sigma2_for_units(units / parts, sensitivity2, sigma2, err);
}

double pv_deviation(pv_rational sigma2)
{
    return sqrt((double)sigma2.num / (double)sigma2.den);
}

double pv_just_after(const pv_tree *t, double value)
{
    return t->column->integer ? value + 1 : nextafter(value, INFINITY);
}

double pv_tree_total(const pv_tree *t)
{
    double total = 0;
    for (size_t i = 0; i < t->roots; i++)
        total += t->node[i].count;
    return total > 0 ? total : 0;
}

bool pv_is_heavy(int64_t count, double deviations, pv_rational sigma2)
{
    return (double)count > deviations * pv_deviation(sigma2);
}

size_t pv_split(const pv_column *column, double low, double high,
                double edges[PV_SPLIT])
{
    size_t count = 0;
    const double width = high - low;
    double before = low;
    for (unsigned i = 1; i <= PV_SPLIT; i++) {
        double edge = i == PV_SPLIT ? high : low + width / PV_SPLIT * i;
        if (column->integer && i < PV_SPLIT)
            edge = floor(edge);
        if (edge <= before || edge > high)
            continue;
        edges[count++] = edge;
        before = edge;
    }
    return count;
}

static pv_status add(pv_tree *t, double low, double high, bool single, bool last,
                     pv_error *err)
{
    if (t->nodes == t->room) {
        const size_t room = t->room > 0 ? 2 * t->room : 256;
        pv_node *bigger = pv_array_realloc(t->node, room, sizeof *bigger);
        if (bigger == NULL)
            return pv_fail_memory(err, "bins");
        t->node = bigger;
        t->room = room;
    }
    t->node[t->nodes++] = (pv_node){.low = low, .high = high, .single = single,
                                 .last = last};
    return PV_OK;
}

/* The pieces of [low, high) as nodes. */
static pv_status add_pieces(pv_tree *t, double low, double high, bool last,
                            pv_error *err)
{
    pv_status status = PV_OK;
    double edges[PV_SPLIT];
    const size_t count = pv_split(t->column, low, high, edges);
    for (size_t i = 0; i < count; i++) {
        const bool single = t->column->integer && edges[i] - low == 1;
        PV_TRY(add(t, low, edges[i], single, last, err));
        low = edges[i];
    }
out:
    return status;
}

/* Numbers have their ends and zero as intervals of their own. */
static pv_status add_roots(pv_tree *t, bool last, pv_error *err)
{
    pv_status status = PV_OK;
    double from = t->low;
    if (t->column->integer) {
        PV_TRY(add_pieces(t, t->low, t->high + 1, last, err));
        goto out;
    }
    const double point[] = {t->low, 0, t->high};
    for (size_t i = 0; i < 3; i++) {
        const double after = nextafter(point[i], INFINITY);
        if (i == 1 && !(t->low < 0 && t->high > 0))
            continue;
        if (from < point[i])
            PV_TRY(add_pieces(t, from, point[i], last, err));
        PV_TRY(add(t, point[i], after, true, last, err));
        from = after;
    }
out:
    return status;
}

/* Asks about nodes first..nodes-1. */
static pv_status ask(pv_tree *t, pv_curator *curator, size_t column, size_t first,
                     pv_error *err)
{
    pv_status status = PV_OK;
    const size_t count = t->nodes - first;
    pv_interval *interval = pv_array_alloc(count, sizeof *interval);
    int64_t *counts = pv_array_alloc(count, sizeof *counts);
    if (interval == NULL || counts == NULL) {
        status = pv_fail_memory(err, "bins");
        goto out;
    }
    for (size_t i = 0; i < count; i++)
        interval[i] = (pv_interval){t->node[first + i].low,
                                    t->node[first + i].high};
    PV_TRY(pv_ask_intervals(curator, column, interval, count, t->sigma2, counts,
                            err));
    for (size_t i = 0; i < count; i++) {
        t->node[first + i].count = (double)counts[i];
        t->node[first + i].variance =
            (double)t->sigma2.num / (double)t->sigma2.den;
    }
out:
    free(interval);
    free(counts);
    return status;
}

/* Splits the nodes from `first` on that hold more than half of what a bin
 * should, beyond the noise. */
static pv_status split_heavy(pv_tree *t, size_t first, double target, bool last,
                             pv_error *err)
{
    pv_status status = PV_OK;
    const size_t end = t->nodes;
    for (size_t i = first; i < end; i++) {
        const double low = t->node[i].low, high = t->node[i].high;
        if (t->node[i].single || t->node[i].count <= target / 2 ||
            !pv_is_heavy((int64_t)t->node[i].count, 3, t->sigma2) ||
            t->nodes - end >= most_asked)
            continue;
        t->node[i].child = t->nodes;
        PV_TRY(add_pieces(t, low, high, last, err));
        t->node[i].children = t->nodes - t->node[i].child;
    }
out:
    return status;
}

/* One question about the likeliest values of the heavy nodes at the last
 * depth. */
static pv_status ask_heaps(pv_tree *t, pv_curator *curator, size_t column,
                           double target, pv_error *err)
{
    pv_status status = PV_OK;
    size_t count = 0;
    pv_interval *interval = pv_array_alloc(t->nodes, sizeof *interval);
    int64_t *counts = pv_array_alloc(t->nodes, sizeof *counts);
    size_t *of = pv_array_alloc(t->nodes, sizeof *of);
    if (interval == NULL || counts == NULL || of == NULL) {
        status = pv_fail_memory(err, "bins");
        goto out;
    }
    for (size_t i = 0; i < t->nodes; i++) {
        pv_node *n = &t->node[i];
        if (n->single || !n->last || n->count <= target / 2 ||
            !pv_is_heavy((int64_t)n->count, 3, t->sigma2))
            continue;
        n->value = pv_shortest_between(n->low, n->high);
        interval[count] = (pv_interval){n->value, pv_just_after(t, n->value)};
        of[count++] = i;
    }
    if (count > 0)
        PV_TRY(pv_ask_intervals(curator, column, interval, count, t->sigma2,
                                counts, err));
    for (size_t i = 0; i < count; i++) {
        pv_node *n = &t->node[of[i]];
        n->heap = (double)counts[i] > n->count / 2 &&
                  pv_is_heavy(counts[i], 3, t->sigma2);
    }
out:
    free(interval);
    free(counts);
    free(of);
    return status;
}

static pv_status grow(pv_tree *t, pv_curator *curator, size_t column,
                      unsigned depth, pv_error *err)
{
    pv_status status = PV_OK;
    size_t first = 0;
    t->depth = depth;
    PV_TRY(add_roots(t, depth == 1, err));
    t->roots = t->nodes;
    PV_TRY(ask(t, curator, column, 0, err));
    const double target = pv_tree_total(t) / t->column->private_levels;
    for (unsigned d = 2; d <= depth; d++) {
        const size_t end = t->nodes;
        PV_TRY(split_heavy(t, first, target, d == depth, err));
        if (t->nodes == end)
            break;
        PV_TRY(ask(t, curator, column, end, err));
        first = end;
    }
    if (depth == PV_MAX_DEPTH)
        PV_TRY(ask_heaps(t, curator, column, target, err));
out:
    return status;
}

/* The least squares fit of the counts under "children add up to their parent"
 * (Hay, Rastogi, Miklau and Suciu 2010, with the variances that there are). */
static void make_consistent(pv_tree *t)
{
    for (size_t i = t->nodes; i-- > 0;) {
        pv_node *n = &t->node[i];
        double sum = 0, variance = 0;
        if (n->children == 0)
            continue;
        for (size_t k = 0; k < n->children; k++) {
            sum += t->node[n->child + k].count;
            variance += t->node[n->child + k].variance;
        }
        n->count = (n->count * variance + sum * n->variance) /
                   (n->variance + variance);
        n->variance = n->variance * variance / (n->variance + variance);
    }
    for (size_t i = 0; i < t->nodes; i++) {
        const pv_node *n = &t->node[i];
        double sum = 0, variance = 0;
        for (size_t k = 0; k < n->children; k++) {
            sum += t->node[n->child + k].count;
            variance += t->node[n->child + k].variance;
        }
        for (size_t k = 0; k < n->children; k++) {
            pv_node *c = &t->node[n->child + k];
            c->count += c->variance / variance * (n->count - sum);
        }
    }
}

pv_status pv_equal_edges(const pv_column *column, double low, double high,
                         uint32_t bins, double **edges, size_t *count,
                         pv_error *err)
{
    __extension__ typedef unsigned __int128 wide;
    size_t used = 0;
    double *made = pv_array_alloc((size_t)bins + 1, sizeof *made);
    if (made == NULL)
        return pv_fail_memory(err, "bins");
    for (uint32_t i = 0; i < bins; i++) {
        const wide span = column->integer ? (wide)(uint64_t)(high - low) + 1 : 0;
        const double edge =
            column->integer
                ? low + (double)(uint64_t)((span * i + bins - 1) / bins)
                : low + (high - low) / bins * i;
        if (edge <= high && (used == 0 || edge > made[used - 1]) &&
            (column->integer || edge < high))
            made[used++] = edge;
    }
    made[used++] = high;
    *edges = made;
    *count = used;
    return PV_OK;
}

pv_status pv_find_bins(pv_curator *curator, size_t column, double low,
                       double high, uint64_t units, double **edges,
                       size_t *count, pv_error *err)
{
    pv_status status = PV_OK;
    pv_tree t = {.column = pv_schema_column(pv_curator_schema(curator), column),
              .low = low,
              .high = high};
    const unsigned depth = pv_bins_depth(t.column, low, high);
    if (depth == 0)
        return pv_equal_edges(t.column, low, high, t.column->private_levels,
                              edges, count, err);
    PV_TRY(pv_part_sigma2(units, pv_bins_questions(depth),
                          pv_curator_sensitivity2(curator), &t.sigma2, err));
    PV_TRY(grow(&t, curator, column, depth, err));
    make_consistent(&t);
    PV_TRY(pv_tree_bins(&t, edges, count, err));
out:
    free(t.node);
    return status;
}
