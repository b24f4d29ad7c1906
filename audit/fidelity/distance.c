#include "audit/fidelity/distance.h"

#include "core/memory.h"
#include "core/threads.h"
#include "io/rows.h"
#include "marginals/count.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Both tables' counters together: 256 MiB. */
enum { batch_cells = 1 << 24, sparse_factor = 4, radix_bits = 11 };

__extension__ typedef unsigned __int128 wide;

/* What the cells of one marginal add up to. A term of the TV is
 * |a/n - b/m| = |am - bn| / nm: whole numbers until the last division. */
typedef struct sums {
    wide tv;
    uint64_t l1;
} sums;

static inline void add_cell(sums *s, uint64_t a, uint64_t b,
                            pv_distance_rows whole)
{
    const wide x = (wide)a * whole.second, y = (wide)b * whole.first;
    s->tv += x > y ? x - y : y - x;
    s->l1 += a > b ? a - b : b - a;
}

static pv_distance finish(const sums *s, pv_distance_rows whole)
{
    const double n = (double)whole.first, m = (double)whole.second;
    pv_distance d = {NAN, NAN};
    if (whole.first > 0 && whole.second > 0)
        d.tv = (double)s->tv / (2.0 * n * m);
    if (whole.first > 0)
        d.l1 = (double)s->l1 / n;
    return d;
}

typedef struct measuring {
    const pv_table *table[2];
    uint64_t rows[2];
    pv_distance_rows whole;
    pv_domain domain;
    const pv_clique *clique;
    pv_distance *distance;
    const size_t *which;      /* clique numbers of the items */
    int64_t *const *count[2]; /* dense: of each item */
    pv_status *failed;        /* sparse: of each item */
} measuring;

/* --- dense ---------------------------------------------------------------- */

static void compare_dense(size_t item, void *context)
{
    const measuring *run = context;
    const size_t i = run->which[item];
    const size_t cells = pv_domain_cells(&run->domain, &run->clique[i]);
    const int64_t *a = run->count[0][item], *b = run->count[1][item];
    sums s = {0};
    for (size_t c = 0; c < cells; c++)
        if ((a[c] | b[c]) != 0)
            add_cell(&s, (uint64_t)a[c], (uint64_t)b[c], run->whole);
    run->distance[i] = finish(&s, run->whole);
}

/* Points count[0..items-1] into the block, one marginal after another. */
static void lay_out(const measuring *run, size_t items, int64_t *block,
                    int64_t **count)
{
    for (size_t j = 0; j < items; j++) {
        count[j] = block;
        block += pv_domain_cells(&run->domain, &run->clique[run->which[j]]);
    }
}

/* One batch: `items` cliques, `cells` cells in all. */
static pv_status measure_batch(measuring *run, const size_t *which,
                               size_t items, size_t cells, pv_error *err)
{
    pv_status status = PV_OK;
    size_t both;
    int64_t *block = NULL;
    pv_clique *batch = pv_array_alloc(items, sizeof *batch);
    int64_t **count = pv_array_alloc(items, 2 * sizeof *count);
    if (pv_size_mul(cells, 2, &both))
        block = pv_array_alloc(both, sizeof *block);
    if (block == NULL || batch == NULL || count == NULL) {
        status = pv_fail_memory(err, "a batch of marginals");
        goto out;
    }
    run->which = which;
    for (size_t j = 0; j < items; j++)
        batch[j] = run->clique[which[j]];
    for (size_t t = 0; t < 2; t++) {
        int64_t **mine = count + t * items;
        lay_out(run, items, block + t * cells, mine);
        PV_TRY(pv_count(run->table[t], batch, items, mine, err));
        run->count[t] = mine;
    }
    pv_parallel_for(items, compare_dense, run);
out:
    free(count);
    free(batch);
    free(block);
    return status;
}

static pv_status measure_dense(measuring *run, const size_t *which,
                               size_t items, pv_error *err)
{
    pv_status status = PV_OK;
    size_t first = 0, cells = 0;
    for (size_t j = 0; j < items; j++) {
        const size_t more =
            pv_domain_cells(&run->domain, &run->clique[which[j]]);
        if (j > first && (cells > batch_cells || more > batch_cells - cells)) {
            PV_TRY(measure_batch(run, which + first, j - first, cells, err));
            first = j;
            cells = 0;
        }
        if (!pv_size_add(cells, more, &cells))
            return pv_fail_memory(err, "a marginal");
    }
    if (items > first)
        PV_TRY(measure_batch(run, which + first, items - first, cells, err));
out:
    return status;
}

/* --- sparse --------------------------------------------------------------- */

/* Appends the cell of each row, times 2, plus `mark`. */
static void list_cells(const measuring *run, size_t t, const pv_clique *clique,
                       uint64_t *key)
{
    memset(key, 0, run->rows[t] * sizeof *key);
    for (size_t c = pv_clique_next(clique, 0); c < PV_MAX_COLUMNS;
         c = pv_clique_next(clique, c + 1)) {
        const pv_codes codes = pv_table_codes(run->table[t], c);
        for (size_t r = 0; r < run->rows[t]; r++)
            key[r] = key[r] * run->domain.levels[c] + pv_codes_at(codes, r);
    }
    for (size_t r = 0; r < run->rows[t]; r++)
        key[r] = key[r] << 1 | t;
}

/* Least significant digit first. The result is in `key`; `spare` is as long. */
static void sort_keys(uint64_t *key, uint64_t *spare, size_t n, uint64_t most)
{
    enum { digits = 1 << radix_bits };
    uint64_t *from = key, *to = spare;
    for (unsigned shift = 0; shift < 64 && most >> shift != 0;
         shift += radix_bits) {
        size_t start[digits + 1] = {0};
        for (size_t i = 0; i < n; i++)
            start[(from[i] >> shift & (digits - 1)) + 1]++;
        for (size_t d = 0; d < digits; d++)
            start[d + 1] += start[d];
        for (size_t i = 0; i < n; i++)
            to[start[from[i] >> shift & (digits - 1)]++] = from[i];
        uint64_t *const swap = from;
        from = to;
        to = swap;
    }
    if (from != key)
        memcpy(key, from, n * sizeof *key);
}

static void compare_sparse(size_t item, void *context)
{
    const measuring *run = context;
    const size_t i = run->which[item];
    const size_t n = (size_t)(run->rows[0] + run->rows[1]);
    const size_t cells = pv_domain_cells(&run->domain, &run->clique[i]);
    uint64_t *key = pv_array_alloc(n, 2 * sizeof *key);
    if (key == NULL) {
        run->failed[item] = PV_ENOMEM;
        return;
    }
    list_cells(run, 0, &run->clique[i], key);
    list_cells(run, 1, &run->clique[i], key + run->rows[0]);
    sort_keys(key, key + n, n, 2 * (uint64_t)cells);
    sums s = {0};
    for (size_t r = 0; r < n;) {
        const uint64_t cell = key[r] >> 1;
        uint64_t in[2] = {0, 0};
        for (; r < n && key[r] >> 1 == cell; r++)
            in[key[r] & 1]++;
        add_cell(&s, in[0], in[1], run->whole);
    }
    run->distance[i] = finish(&s, run->whole);
    free(key);
}

static pv_status measure_sparse(measuring *run, const size_t *which,
                                size_t items, pv_error *err)
{
    pv_status status = PV_OK;
    run->which = which;
    run->failed = pv_array_calloc(items, sizeof *run->failed);
    if (run->failed == NULL)
        return pv_fail_memory(err, "marginals");
    pv_parallel_for(items, compare_sparse, run);
    for (size_t j = 0; j < items && status == PV_OK; j++)
        if (run->failed[j] != PV_OK)
            status = pv_fail_memory(err, "the cells of a large marginal");
    free(run->failed);
    return status;
}

/* -------------------------------------------------------------------------- */

static bool is_sparse(const measuring *run, size_t cells, pv_distance_way way)
{
    if (way != PV_DISTANCE_AUTO)
        return way == PV_DISTANCE_SPARSE;
    return cells / sparse_factor > run->rows[0] + run->rows[1] ||
           cells > batch_cells;
}

pv_status pv_distances(const pv_table *first, const pv_table *second,
                       const pv_clique *clique, size_t cliques,
                       pv_distance_way way, pv_distance *distance,
                       pv_error *err)
{
    return pv_distances_of_parts(
        first, second,
        (pv_distance_rows){pv_table_rows(first), pv_table_rows(second)}, clique,
        cliques, way, distance, err);
}

pv_status pv_distances_of_parts(const pv_table *first, const pv_table *second,
                                pv_distance_rows whole, const pv_clique *clique,
                                size_t cliques, pv_distance_way way,
                                pv_distance *distance, pv_error *err)
{
    pv_status status = PV_OK;
    measuring run = {.table = {first, second},
                     .rows = {pv_table_rows(first), pv_table_rows(second)},
                     .whole = whole,
                     .clique = clique,
                     .distance = distance};
    pv_domain_of_schema(pv_table_schema(first), &run.domain);
    size_t *which = pv_array_alloc(cliques, sizeof *which);
    size_t dense = 0, sparse = 0;
    if (which == NULL)
        return pv_fail_memory(err, "marginals");
    for (size_t i = 0; i < cliques; i++) {
        const size_t cells = pv_domain_cells(&run.domain, &clique[i]);
        /* a sorted key is a cell and the bit that tells the tables apart */
        if (cells > SIZE_MAX / 4) {
            status = pv_fail(err, PV_ETOOBIG, "a marginal has too many cells");
            goto out;
        }
        if (is_sparse(&run, cells, way))
            which[cliques - ++sparse] = i;
        else
            which[dense++] = i;
    }
    PV_TRY(measure_dense(&run, which, dense, err));
    PV_TRY(measure_sparse(&run, which + dense, sparse, err));
out:
    free(which);
    return status;
}
