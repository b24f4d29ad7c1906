/* From the leaves of a tree of intervals to bins of near equal numbers of rows:
 * post-processing of noisy counts. */
#include "gen/bins.h"

#include "core/memory.h"

#include <stdlib.h>

typedef struct leaf {
    double low, high, count;
    bool atom;       /* one value, or an interval too narrow to tell */
    bool point;      /* gets a bin of its own: */
    double from, to; /* [from, to) inside the leaf */
} leaf;

static void list_leaves(const pv_tree *t, size_t at, leaf *leaves, size_t *count)
{
    const pv_node *n = &t->node[at];
    for (size_t k = 0; k < n->children; k++)
        list_leaves(t, n->child + k, leaves, count);
    if (n->children == 0)
        leaves[(*count)++] = (leaf){
            n->low, n->high, n->count, n->single || n->last, false,
            n->heap ? n->value : n->low, n->heap ? pv_just_after(t, n->value) : n->high};
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
    size_t bins;   /* bins to come, these and one for each region */
    double left;   /* rows in them */
    double mass;   /* of the bin at hand */
    double least;  /* that a bin should have */
} binning;

/* What the bin at hand should hold: its part of what is left. */
static double target_of(const binning *b)
{
    const double part = b->bins > 0 ? b->left / (double)b->bins : 0;
    return part > b->least ? part : b->least;
}

static void close_bin(binning *b, double edge)
{
    if (edge > b->edges[b->count - 1])
        b->edges[b->count++] = edge;
    b->left -= b->mass;
    b->bins -= b->bins > 0;
    b->mass = 0;
}

/* A light last bin of a region joins the one before. */
static void close_region(binning *b, double edge)
{
    if (b->mass < target_of(b) / 2 && b->count > b->region &&
        b->edges[b->count - 1] < edge) {
        b->count--;
        b->free++;
        b->bins++;
    }
    close_bin(b, edge);
}

static void add_point(const pv_tree *t, const leaf *l, binning *b)
{
    if (l->from > b->edges[b->count - 1])
        close_region(b, l->from);
    if (l->to < t->high || (l->to == t->high && t->column->integer))
        b->edges[b->count++] = l->to;
    /* otherwise the closing edge makes the bin */
    b->region = b->count;
    b->mass = 0;
}

/* Walks the leaves and closes bins near their target, and at points. */
static void make_bins(const pv_tree *t, const leaf *leaves, size_t count,
                      binning *b)
{
    b->edges[b->count++] = t->low;
    b->region = b->count;
    for (size_t i = 0; i < count; i++) {
        const leaf *l = &leaves[i];
        if (l->point) {
            add_point(t, l, b);
            continue;
        }
        b->mass += l->count;
        /* at the edge that is nearer to the target */
        const bool closes = i + 1 < count && !leaves[i + 1].point &&
                            b->mass + leaves[i + 1].count / 2 >= target_of(b);
        if (closes && b->free > 0 && l->high < t->high) {
            close_bin(b, l->high);
            b->free--;
        }
    }
    const bool alone = b->edges[b->count - 1] >= t->high;
    if (!alone)
        close_region(b, t->high);
    else
        b->edges[b->count++] = t->high; /* the maximum is a bin of its own */
}

/* As many bins as there may be, of at least four standard deviations of a
 * count: bins of fewer rows would follow the noise (four and the three of
 * split_heavy measured best of 2 to 6, doc/decisions.md). */
pv_status pv_tree_bins(const pv_tree *t, double **edges, size_t *count,
                     pv_error *err)
{
    pv_status status = PV_OK;
    size_t leaves = 0, points = 0, regions = 0;
    const size_t most = t->column->private_levels;
    const double share = pv_tree_total(t) / (double)most;
    binning b = {.least = 4 * pv_deviation(t->sigma2)};
    leaf *list = pv_array_alloc(t->nodes, sizeof *list);
    if (list == NULL)
        return pv_fail_memory(err, "bins");
    for (size_t i = 0; i < t->roots; i++)
        list_leaves(t, i, list, &leaves);
    PV_TRY(mark_points(list, leaves, share > b.least ? share : b.least,
                       most > 2 ? (most - 1) / 2 : 0, err));
    for (size_t i = 0; i < leaves; i++) {
        points += list[i].point;
        regions += !list[i].point && (i == 0 || list[i - 1].point);
        b.left += list[i].point ? 0 : list[i].count;
        /* what a heaped value leaves of its interval */
        regions += list[i].point && list[i].from > list[i].low;
        regions += list[i].point && list[i].to < list[i].high;
    }
    /* each region between points has a bin, beside those closed by mass */
    b.free = most > points + regions ? most - points - regions : 0;
    b.bins = b.free + regions;
    b.edges = pv_array_alloc(most + leaves + 4, sizeof *b.edges);
    if (b.edges == NULL) {
        status = pv_fail_memory(err, "bins");
        goto out;
    }
    make_bins(t, list, leaves, &b);
    *edges = b.edges;
    *count = b.count;
out:
    free(list);
    return status;
}
