/* pMSE by a decision tree: CART with the Gini impurity, depth 6, on codes, as
 * SDNist's. Of equal splits the first column's lowest is taken, so the tree
 * needs no seed. A split that gains nothing is taken too where there is no
 * better one: what comes below it may gain. */
#include "audit/fidelity/numbers.h"
#include "audit/fidelity/write.h"
#include "core/memory.h"
#include "core/threads.h"
#include "io/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { most_depth = 6 };

typedef struct split {
    double purity; /* sum over the two parts of (a^2 + b^2) / (a + b) */
    uint32_t code; /* the first part has codes up to this */
} split;

typedef struct growing {
    const pv_probe_input *input;
    size_t columns, real;
    uint32_t *row; /* rows of both tables, those of a node together */
    uint32_t *spare;
    size_t first, end;    /* the node at hand */
    uint64_t **count[2];  /* of each column, by code */
    split *best;          /* of each column */
    double share, square; /* of synthetic rows; sum over leaves' rows */
} growing;

static uint32_t code_of(const growing *g, size_t column, uint32_t row)
{
    const bool real = row < g->real;
    return pv_codes_at(
        pv_table_codes(real ? g->input->real : g->input->synthetic, column),
        real ? row : row - g->real);
}

static double purity(double a, double b)
{
    return (a * a + b * b) / (a + b);
}

static void find_split(size_t column, void *context)
{
    const growing *g = context;
    const uint32_t levels = pv_schema_column(g->input->schema, column)->levels;
    uint64_t *count[2] = {g->count[0][column], g->count[1][column]};
    const pv_codes codes[2] = {pv_table_codes(g->input->real, column),
                               pv_table_codes(g->input->synthetic, column)};
    double left[2] = {0, 0}, of[2] = {0, 0};
    split best = {-INFINITY, 0};
    for (size_t t = 0; t < 2; t++)
        memset(count[t], 0, levels * sizeof *count[t]);
    for (size_t i = g->first; i < g->end; i++) {
        const size_t t = g->row[i] >= g->real;
        count[t][pv_codes_at(codes[t], g->row[i] - (t ? g->real : 0))]++;
        of[t]++;
    }
    for (uint32_t c = 0; c < levels; c++) {
        if (count[0][c] + count[1][c] == 0)
            continue;
        for (size_t t = 0; t < 2; t++)
            left[t] += (double)count[t][c];
        if (left[0] + left[1] == of[0] + of[1])
            break;
        const double p =
            purity(left[0], left[1]) + purity(of[0] - left[0], of[1] - left[1]);
        if (p > best.purity)
            best = (split){p, c};
    }
    g->best[column] = best;
}

/* The rows whose code is at most `code` first, both parts in order. */
static size_t part_rows(growing *g, size_t column, uint32_t code)
{
    size_t low = g->first, high = 0;
    for (size_t i = g->first; i < g->end; i++)
        if (code_of(g, column, g->row[i]) <= code)
            g->row[low++] = g->row[i];
        else
            g->spare[high++] = g->row[i];
    memcpy(g->row + low, g->spare, high * sizeof *g->row);
    return low;
}

static void grow(growing *g, size_t first, size_t end, unsigned depth)
{
    const double n = (double)(end - first);
    double synthetic = 0;
    size_t column = 0;
    for (size_t i = first; i < end; i++)
        synthetic += g->row[i] >= g->real;
    g->first = first;
    g->end = end;
    if (depth < most_depth && synthetic > 0 && synthetic < n)
        pv_parallel_for(g->columns, find_split, g);
    else
        for (size_t c = 0; c < g->columns; c++)
            g->best[c].purity = -INFINITY;
    for (size_t c = 1; c < g->columns; c++)
        if (g->best[c].purity > g->best[column].purity)
            column = c;
    if (!(g->best[column].purity > 0)) {
        const double off = synthetic / n - g->share;
        g->square += n * off * off;
        return;
    }
    const size_t middle = part_rows(g, column, g->best[column].code);
    grow(g, first, middle, depth + 1);
    grow(g, middle, end, depth + 1);
}

static pv_status new_counts(growing *g)
{
    for (size_t t = 0; t < 2; t++) {
        g->count[t] = pv_array_calloc(g->columns, sizeof *g->count[t]);
        for (size_t c = 0; c < g->columns; c++) {
            if (g->count[t] == NULL)
                return PV_ENOMEM;
            g->count[t][c] =
                pv_array_alloc(pv_schema_column(g->input->schema, c)->levels,
                               sizeof *g->count[t][c]);
            if (g->count[t][c] == NULL)
                return PV_ENOMEM;
        }
    }
    return PV_OK;
}

static pv_status grow_tree(growing *g, size_t rows, pv_error *err)
{
    pv_status status = PV_OK;
    g->row = pv_array_alloc(rows, sizeof *g->row);
    g->spare = pv_array_alloc(rows, sizeof *g->spare);
    g->best = pv_array_alloc(g->columns, sizeof *g->best);
    if (g->row == NULL || g->spare == NULL || g->best == NULL ||
        new_counts(g) != PV_OK) {
        status = pv_fail_memory(err, "a tree");
        goto out;
    }
    for (size_t i = 0; i < rows; i++)
        g->row[i] = (uint32_t)i;
    grow(g, 0, rows, 0);
out:
    for (size_t t = 0; t < 2; t++) {
        for (size_t c = 0; g->count[t] != NULL && c < g->columns; c++)
            free(g->count[t][c]);
        free(g->count[t]);
    }
    free(g->row);
    free(g->spare);
    free(g->best);
    return status;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    const pv_writing w = {input, findings};
    growing g = {.input = input,
                 .columns = pv_schema_columns(input->schema),
                 .real = pv_table_rows(input->real)};
    const size_t rows = g.real + pv_table_rows(input->synthetic);
    const char *none = pv_no_rows(input);
    if (none == NULL && rows >= UINT32_MAX)
        none = "too many rows for a tree: audit a sample";
    if (none == NULL) {
        g.share = (double)(rows - g.real) / (double)rows;
        PV_TRY(grow_tree(&g, rows, err));
    }
    PV_TRY(pv_write(&w, "pmse", "tree",
                    none == NULL ? g.square / (double)rows : NAN, none, NULL, 0,
                    err));
out:
    return status;
}

const pv_probe pv_probe_tree = {
    .name = "tree",
    .kind = "fidelity",
    .summary = "how well a decision tree tells the tables apart",
    .yardstick = true,
    .run = run};
