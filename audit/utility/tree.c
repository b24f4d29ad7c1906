#include "audit/utility/tree.h"

#include "core/memory.h"
#include "io/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A node: a leaf (column PV_NO_LEVEL), or codes that go left. */
typedef struct node {
    uint32_t column;
    bool *left; /* by code */
    size_t child[2];
    double mean;
} node;

struct pv_tree {
    node *node;
    size_t nodes, room;
};

typedef struct code_sum {
    uint32_t code;
    double count, sum;
} code_sum;

typedef struct grower {
    const pv_table *table;
    const pv_schema *schema;
    const uint32_t *column;
    size_t columns;
    const double *y;
    uint32_t *row; /* of the node at hand, a part of all */
    unsigned depth;
    size_t least;
    code_sum *code; /* of the widest column */
    pv_tree *tree;
} grower;

void pv_tree_free(pv_tree *tree)
{
    if (tree == NULL)
        return;
    for (size_t i = 0; i < tree->nodes; i++)
        free(tree->node[i].left);
    free(tree->node);
    free(tree);
}

static int by_mean(const void *left, const void *right)
{
    const code_sum *a = left, *b = right;
    const double x = a->sum / a->count, y = b->sum / b->count;
    if (x < y || x > y)
        return x < y ? -1 : 1;
    return a->code < b->code ? -1 : a->code > b->code;
}

/* Sums by code of a column, those that occur, in the order in which they are to be
 * split; returns how many. */
static size_t sum_codes(grower *g, uint32_t column, const uint32_t *row,
                        size_t count)
{
    const pv_column *c = pv_schema_column(g->schema, column);
    const pv_codes codes = pv_table_codes(g->table, column);
    size_t n = 0;
    for (uint32_t k = 0; k < c->levels; k++)
        g->code[k] = (code_sum){.code = k};
    for (size_t i = 0; i < count; i++) {
        code_sum *s = &g->code[pv_codes_at(codes, row[i])];
        s->count++;
        s->sum += g->y[row[i]];
    }
    for (uint32_t k = 0; k < c->levels; k++)
        if (g->code[k].count > 0)
            g->code[n++] = g->code[k];
    if (c->kind == PV_COLUMN_LABELS)
        qsort(g->code, n, sizeof *g->code, by_mean);
    return n;
}

typedef struct split {
    uint32_t column;
    double gain;
    size_t codes; /* of those in order go left */
} split;

/* The best cut of a column: the largest sum of squared means by size. */
static void try_column(grower *g, uint32_t column, const uint32_t *row,
                       size_t count, double total, split *best)
{
    double n = 0, sum = 0;
    const double all = (double)count;
    const size_t codes = sum_codes(g, column, row, count);
    for (size_t k = 0; k + 1 < codes; k++) {
        n += g->code[k].count;
        sum += g->code[k].sum;
        if (n < (double)g->least || all - n < (double)g->least)
            continue;
        const double gain = sum * sum / n +
                            (total - sum) * (total - sum) / (all - n) -
                            total * total / all;
        if (gain > best->gain)
            *best = (split){column, gain, k + 1};
    }
}

static pv_status add_node(pv_tree *t, double mean, size_t *at, pv_error *err)
{
    if (t->nodes == t->room) {
        const size_t room = t->room > 0 ? 2 * t->room : 16;
        node *grown = pv_array_realloc(t->node, room, sizeof *grown);
        if (grown == NULL)
            return pv_fail_memory(err, "a tree");
        t->node = grown;
        t->room = room;
    }
    *at = t->nodes++;
    t->node[*at] = (node){.column = PV_NO_LEVEL, .mean = mean};
    return PV_OK;
}

/* Rows that go left first, both in their order; returns how many. */
static size_t part(const grower *g, const node *n, uint32_t *row, size_t count)
{
    const pv_codes codes = pv_table_codes(g->table, n->column);
    size_t left = 0;
    for (size_t i = 0; i < count; i++)
        if (n->left[pv_codes_at(codes, row[i])]) {
            const uint32_t moved = row[i];
            row[i] = row[left];
            row[left++] = moved;
        }
    return left;
}

static pv_status grow(grower *g, uint32_t *row, size_t count, unsigned depth,
                      size_t *at, pv_error *err)
{
    const double tiny = 1e-12;
    pv_status status = PV_OK;
    double total = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        total += g->y[row[i]];
        squares += g->y[row[i]] * g->y[row[i]];
    }
    PV_TRY(add_node(g->tree, total / (double)count, at, err));
    split best = {.column = PV_NO_LEVEL, .gain = tiny * squares};
    for (size_t i = 0; depth > 0 && i < g->columns; i++)
        try_column(g, g->column[i], row, count, total, &best);
    if (best.column == PV_NO_LEVEL)
        goto out;
    const size_t levels = pv_schema_column(g->schema, best.column)->levels;
    bool *left = pv_array_calloc(levels, sizeof *left);
    if (left == NULL) {
        status = pv_fail_memory(err, "a tree");
        goto out;
    }
    (void)sum_codes(g, best.column, row, count);
    for (size_t k = 0; k < best.codes; k++)
        left[g->code[k].code] = true;
    g->tree->node[*at].column = best.column;
    g->tree->node[*at].left = left;
    const size_t lefts = part(g, &g->tree->node[*at], row, count);
    size_t child = 0;
    PV_TRY(grow(g, row, lefts, depth - 1, &child, err));
    g->tree->node[*at].child[0] = child;
    PV_TRY(grow(g, row + lefts, count - lefts, depth - 1, &child, err));
    g->tree->node[*at].child[1] = child;
out:
    return status;
}

static size_t widest(const grower *g)
{
    size_t levels = 1;
    for (size_t i = 0; i < g->columns; i++)
        if (pv_schema_column(g->schema, g->column[i])->levels > levels)
            levels = pv_schema_column(g->schema, g->column[i])->levels;
    return levels;
}

pv_status pv_tree_grow(const pv_table *table, const uint32_t *column,
                       size_t columns, const uint32_t *row, size_t count,
                       const double *y, unsigned depth, size_t least,
                       pv_tree **tree, pv_error *err)
{
    pv_status status = PV_OK;
    size_t kept = 0, root;
    grower g = {.table = table, .schema = pv_table_schema(table),
                .column = column, .columns = columns, .y = y, .depth = depth,
                .least = least};
    g.row = pv_array_alloc(count + 1, sizeof *g.row);
    g.code = pv_array_alloc(widest(&g), sizeof *g.code);
    g.tree = pv_array_calloc(1, sizeof *g.tree);
    if (g.row == NULL || g.code == NULL || g.tree == NULL) {
        status = pv_fail_memory(err, "a tree");
        goto out;
    }
    for (size_t i = 0; i < count; i++)
        if (!isnan(y[row[i]]))
            g.row[kept++] = row[i];
    if (kept == 0) {
        status = pv_fail(err, PV_EINVAL, "no row to grow a tree of");
        goto out;
    }
    PV_TRY(grow(&g, g.row, kept, depth, &root, err));
    *tree = g.tree;
    g.tree = NULL;
out:
    free(g.row);
    free(g.code);
    pv_tree_free(g.tree);
    return status;
}

double pv_tree_predict(const pv_tree *tree, const pv_table *table, size_t row)
{
    const node *n = &tree->node[0];
    while (n->column != PV_NO_LEVEL) {
        const uint32_t code =
            pv_codes_at(pv_table_codes(table, n->column), row);
        n = &tree->node[n->child[n->left[code] ? 0 : 1]];
    }
    return n->mean;
}
