#include "core/memory.h"
#include "gen/columns.h"
#include "gen/shortest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A tree of public intervals with noisy counts. A node is [low, high); some are
 * not split further: single values (of integers; of numbers the minimum, zero
 * and the maximum), and intervals at the last depth. A heavy one of these may
 * hold a heaped value; the likeliest is that of the fewest digits, and a last
 * question tells whether it is. */
typedef struct node {
    double low, high;
    double count, variance; /* as asked, then with what the children say */
    size_t child, children; /* places in the tree */
    bool single, last;
    bool heap;          /* most of it is one value: */
    double value;
} node;

typedef struct tree {
    const pv_column *column;
    double low, high;   /* the range, closed */
    node *node;
    size_t nodes, room;
    size_t roots;
    pv_rational sigma2; /* of every count */
    unsigned depth;
} tree;

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

static double deviation(pv_rational sigma2)
{
    return sqrt((double)sigma2.num / (double)sigma2.den);
}

bool pv_is_heavy(int64_t count, double deviations, pv_rational sigma2)
{
    return (double)count > deviations * deviation(sigma2);
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

static pv_status add(tree *t, double low, double high, bool single, bool last,
                     pv_error *err)
{
    if (t->nodes == t->room) {
        const size_t room = t->room > 0 ? 2 * t->room : 256;
        node *bigger = pv_array_realloc(t->node, room, sizeof *bigger);
        if (bigger == NULL)
            return pv_fail_memory(err, "bins");
        t->node = bigger;
        t->room = room;
    }
    t->node[t->nodes++] = (node){.low = low, .high = high, .single = single,
                                 .last = last};
    return PV_OK;
}

/* The pieces of [low, high) as nodes. */
static pv_status add_pieces(tree *t, double low, double high, bool last,
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
static pv_status add_roots(tree *t, bool last, pv_error *err)
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
static pv_status ask(tree *t, pv_curator *curator, size_t column, size_t first,
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
static pv_status split_heavy(tree *t, size_t first, double target, bool last,
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

static double total_of(const tree *t)
{
    double total = 0;
    for (size_t i = 0; i < t->roots; i++)
        total += t->node[i].count;
    return total > 0 ? total : 0;
}

static double after(const tree *t, double value)
{
    return t->column->integer ? value + 1 : nextafter(value, INFINITY);
}

/* One question about the likeliest values of the heavy nodes at the last
 * depth. */
static pv_status ask_heaps(tree *t, pv_curator *curator, size_t column,
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
        node *n = &t->node[i];
        if (n->single || !n->last || n->count <= target / 2 ||
            !pv_is_heavy((int64_t)n->count, 3, t->sigma2))
            continue;
        n->value = pv_shortest_between(n->low, n->high);
        interval[count] = (pv_interval){n->value, after(t, n->value)};
        of[count++] = i;
    }
    if (count > 0)
        PV_TRY(pv_ask_intervals(curator, column, interval, count, t->sigma2,
                                counts, err));
    for (size_t i = 0; i < count; i++) {
        node *n = &t->node[of[i]];
        n->heap = (double)counts[i] > n->count / 2 &&
                  pv_is_heavy(counts[i], 3, t->sigma2);
    }
out:
    free(interval);
    free(counts);
    free(of);
    return status;
}

static pv_status grow(tree *t, pv_curator *curator, size_t column,
                      unsigned depth, pv_error *err)
{
    pv_status status = PV_OK;
    size_t first = 0;
    t->depth = depth;
    PV_TRY(add_roots(t, depth == 1, err));
    t->roots = t->nodes;
    PV_TRY(ask(t, curator, column, 0, err));
    const double target = total_of(t) / t->column->private_levels;
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
static void make_consistent(tree *t)
{
    for (size_t i = t->nodes; i-- > 0;) {
        node *n = &t->node[i];
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
        const node *n = &t->node[i];
        double sum = 0, variance = 0;
        for (size_t k = 0; k < n->children; k++) {
            sum += t->node[n->child + k].count;
            variance += t->node[n->child + k].variance;
        }
        for (size_t k = 0; k < n->children; k++) {
            node *c = &t->node[n->child + k];
            c->count += c->variance / variance * (n->count - sum);
        }
    }
}

/* --- from leaves to bins ------------------------------------------------ */

typedef struct leaf {
    double low, high, count;
    bool atom;       /* one value, or an interval too narrow to tell */
    bool point;      /* gets a bin of its own: */
    double from, to; /* [from, to) inside the leaf */
} leaf;

static void list_leaves(const tree *t, size_t at, leaf *leaves, size_t *count)
{
    const node *n = &t->node[at];
    for (size_t k = 0; k < n->children; k++)
        list_leaves(t, n->child + k, leaves, count);
    if (n->children == 0)
        leaves[(*count)++] = (leaf){
            n->low, n->high, n->count, n->single || n->last, false,
            n->heap ? n->value : n->low, n->heap ? after(t, n->value) : n->high};
}

static int compare_counts(const void *a, const void *b)
{
    const leaf *const *x = a, *const *y = b;
    if ((*x)->count != (*y)->count)
        return (*x)->count > (*y)->count ? -1 : 1;
    return (*x)->low < (*y)->low ? -1 : (*x)->low > (*y)->low;
}

/* Marks the atoms of at least `least` rows, the heaviest `most` of them. */
static pv_status mark_points(leaf *leaves, size_t count, double least,
                             size_t most, pv_error *err)
{
    size_t found = 0;
    leaf **heavy = pv_array_alloc(count, sizeof *heavy);
    if (heavy == NULL)
        return pv_fail_memory(err, "bins");
    for (size_t i = 0; i < count; i++)
        if (leaves[i].atom && leaves[i].count >= least)
            heavy[found++] = &leaves[i];
    qsort(heavy, found, sizeof *heavy, compare_counts);
    for (size_t i = 0; i < found && i < most; i++)
        heavy[i]->point = true;
    free(heavy);
    return PV_OK;
}

typedef struct binning {
    double *edges;
    size_t count;
    size_t region; /* edges before this region began */
    size_t free;   /* bins that may still be closed by their mass */
    double mass;   /* of the bin at hand */
} binning;

static void close_bin(binning *b, double edge)
{
    if (edge > b->edges[b->count - 1])
        b->edges[b->count++] = edge;
    b->mass = 0;
}

/* A light last bin of a region joins the one before. */
static void close_region(binning *b, double edge, double target)
{
    if (b->mass < target / 2 && b->count > b->region &&
        b->edges[b->count - 1] < edge) {
        b->count--;
        b->free++;
    }
    close_bin(b, edge);
}

static void add_point(const tree *t, const leaf *l, double target, binning *b)
{
    if (l->from > b->edges[b->count - 1])
        close_region(b, l->from, target);
    if (l->to < t->high || (l->to == t->high && t->column->integer))
        b->edges[b->count++] = l->to;
    /* otherwise the closing edge makes the bin */
    b->region = b->count;
    b->mass = 0;
}

/* Walks the leaves and closes bins at about `target` rows, and at points. */
static void make_bins(const tree *t, const leaf *leaves, size_t count,
                      double target, binning *b)
{
    b->edges[b->count++] = t->low;
    b->region = b->count;
    for (size_t i = 0; i < count; i++) {
        const leaf *l = &leaves[i];
        if (l->point) {
            add_point(t, l, target, b);
            continue;
        }
        b->mass += l->count;
        /* at the edge that is nearer to the target */
        const bool closes = i + 1 < count && !leaves[i + 1].point &&
                            b->mass + leaves[i + 1].count / 2 >= target;
        if (closes && b->free > 0 && l->high < t->high) {
            close_bin(b, l->high);
            b->free--;
        }
    }
    const bool alone = b->edges[b->count - 1] >= t->high;
    if (!alone)
        close_region(b, t->high, target);
    else
        b->edges[b->count++] = t->high; /* the maximum is a bin of its own */
}

/* As many bins as there may be, of at least four standard deviations of a
 * count: bins of fewer rows would follow the noise (four and the three of
 * split_heavy measured best of 2 to 6, doc/decisions.md). */
static pv_status bin(const tree *t, double **edges, size_t *count,
                     pv_error *err)
{
    pv_status status = PV_OK;
    size_t leaves = 0, points = 0;
    double mass = 0;
    const double least = 4 * deviation(t->sigma2);
    const size_t most = t->column->private_levels;
    binning b = {0};
    leaf *list = pv_array_alloc(t->nodes, sizeof *list);
    if (list == NULL)
        return pv_fail_memory(err, "bins");
    for (size_t i = 0; i < t->roots; i++)
        list_leaves(t, i, list, &leaves);
    double target = total_of(t) / (double)most;
    PV_TRY(mark_points(list, leaves,
                       target / 2 > least ? target / 2 : least,
                       most > 2 ? (most - 1) / 2 : 0, err));
    for (size_t i = 0; i < leaves; i++) {
        points += list[i].point;
        mass += list[i].point ? 0 : list[i].count;
    }
    /* each region between points has a bin, beside those closed by mass */
    b.free = most - 2 * points - 1;
    target = mass / (double)(b.free + 1);
    target = target > least ? target : least;
    b.edges = pv_array_alloc(most + leaves + 4, sizeof *b.edges);
    if (b.edges == NULL) {
        status = pv_fail_memory(err, "bins");
        goto out;
    }
    make_bins(t, list, leaves, target, &b);
    *edges = b.edges;
    *count = b.count;
out:
    free(list);
    return status;
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
        const wide span = (wide)(uint64_t)(high - low) + 1;
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
    tree t = {.column = pv_schema_column(pv_curator_schema(curator), column),
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
    PV_TRY(bin(&t, edges, count, err));
out:
    free(t.node);
    return status;
}
