#include "embeddings/nearest.h"

#include "core/memory.h"
#include "core/threads.h"
#include "embeddings/nearest_internal.h"

#include <gsl/gsl_cblas.h>
#include <inttypes.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* An item of work is a tile of queries, which is multiplied with the candidates
 * a tile at a time: the products fit into a core's cache, and are large enough
 * for the library to be at its best. */
static const pv_nearest_tiles usual_tiles = {1024, 8};
/* Queries of a tile have no more numbers than this, if they are more than one.
 */
enum { most_floats = 1 << 22, fewest_queries = 256 };

/* Rows of a product begin apart from multiples of a page, which share a cache's
 * places. */
enum { apart = 16 };

/* What one thread works in. */
typedef struct desk {
    atomic_flag taken;
    float *vector;  /* compared in double */
    float *shifted; /* X; the same for inner products */
    float *product;
    float *top;
    pv_seeker *seeker;
} desk;

typedef struct search {
    pv_pool candidates;
    pv_vector_fill *fill;
    void *context;
    size_t queries;
    uint32_t *index;
    pv_nearest_tiles tiles;
    size_t stride; /* of a product's rows */
    desk *desk;    /* as many as threads may work at a time */
    size_t desks;
} search;

/* --- a tile of queries -----------------------------------------------------
 */

static void prepare_query(const pv_pool *c, float *vector, float *shifted,
                          pv_seeker *seeker)
{
    double norm;
    seeker->valid = pv_float_valid(c->metric, vector, c->width, &norm);
    if (!seeker->valid) {
        /* multiplied with the others: harmless numbers in its place */
        memset(vector, 0, c->width * sizeof *vector);
        memset(shifted, 0, c->width * sizeof *shifted);
        return;
    }
    if (c->metric == PV_VECTOR_COSINE)
        pv_float_scale(vector, norm, c->width, vector);
    if (c->metric != PV_VECTOR_IP)
        pv_float_shift(vector, c->centre, c->width, shifted);
    norm = sqrt(pv_float_product(shifted, shifted, c->width));
    pv_seeker_start(seeker, c, vector, norm);
}

static void multiply(const search *s, const desk *d, size_t rows, size_t block)
{
    const pv_pool *c = &s->candidates;
    const size_t first = block * PV_NEAREST_BLOCK,
                 room = s->tiles.blocks * PV_NEAREST_BLOCK,
                 count = c->count - first < room ? c->count - first : room;
    const int width = (int)c->width;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)count,
                width, 1, d->shifted, width, c->shifted + first * c->width,
                width, 0, d->product, (int)s->stride);
}

static void search_tile(const search *s, const desk *d, size_t first,
                        size_t rows)
{
    const pv_pool *c = &s->candidates;
    s->fill(s->context, first, rows, d->vector);
    for (size_t r = 0; r < rows; r++)
        prepare_query(c, d->vector + r * c->width, d->shifted + r * c->width,
                      &d->seeker[r]);
    for (size_t b = 0; b < c->blocks; b += s->tiles.blocks) {
        const size_t blocks =
            c->blocks - b < s->tiles.blocks ? c->blocks - b : s->tiles.blocks;
        multiply(s, d, rows, b);
        for (size_t r = 0; r < rows; r++)
            if (d->seeker[r].valid)
                pv_seeker_scan(&d->seeker[r], c, b, blocks,
                               d->product + r * s->stride, d->top);
    }
    for (size_t r = 0; r < rows; r++)
        s->index[first + r] = d->seeker[r].valid
                                  ? pv_seeker_end(&d->seeker[r], c)
                                  : PV_VECTOR_NONE;
}

static void search_item(size_t item, void *context)
{
    const search *s = context;
    const size_t first = item * s->tiles.queries, left = s->queries - first,
                 rows = left < s->tiles.queries ? left : s->tiles.queries;
    /* there are as many desks as threads: one is free */
    size_t i = 0;
    while (atomic_flag_test_and_set(&s->desk[i].taken))
        i = (i + 1) % s->desks;
    search_tile(s, &s->desk[i], first, rows);
    atomic_flag_clear(&s->desk[i].taken);
}

/* --- a search --------------------------------------------------------------
 */

/* As many tiles as keep every thread at work to the end, none larger than
 * asked. */
static void fit_tiles(search *s)
{
    const size_t threads = (size_t)pv_threads_get();
    const size_t held = most_floats / s->candidates.width;
    const size_t most = held < s->tiles.queries ? held : s->tiles.queries;
    size_t tiles = (s->queries - 1) / most + 1;
    /* a few a thread, so that none waits long for another that is held up */
    if (threads > 1 && s->queries / (4 * threads) >= fewest_queries &&
        tiles < 4 * threads)
        tiles = 4 * threads;
    if (s->queries >= threads)
        tiles = ((tiles - 1) / threads + 1) * threads;
    s->tiles.queries = (s->queries - 1) / tiles + 1;
    if (s->tiles.blocks > s->candidates.blocks)
        s->tiles.blocks = s->candidates.blocks;
    s->stride = s->tiles.blocks * PV_NEAREST_BLOCK + apart;
    s->desks = tiles < threads ? tiles : threads;
}

static pv_status open_desk(const search *s, desk *d, pv_error *err)
{
    const size_t rows = s->tiles.queries, width = s->candidates.width;
    const bool shifts = s->candidates.metric != PV_VECTOR_IP;
    atomic_flag_clear(&d->taken);
    d->vector = pv_aligned_alloc(rows * width, sizeof *d->vector);
    d->shifted =
        shifts ? pv_aligned_alloc(rows * width, sizeof *d->shifted) : d->vector;
    d->product = pv_aligned_alloc(rows * s->stride, sizeof *d->product);
    d->top = pv_array_alloc(s->tiles.blocks, sizeof *d->top);
    d->seeker = pv_array_alloc(rows, sizeof *d->seeker);
    if (d->vector == NULL || d->shifted == NULL || d->product == NULL ||
        d->top == NULL || d->seeker == NULL)
        return pv_fail_memory(err, "the nearest vectors");
    /* the last block's end is scanned, and not always written */
    memset(d->product, 0, rows * s->stride * sizeof *d->product);
    return PV_OK;
}

static void close_desk(const search *s, desk *d)
{
    const size_t rows = s->tiles.queries;
    const size_t vectors = rows * s->candidates.width * sizeof *d->vector;
    if (d->shifted != d->vector)
        pv_wipe_free(d->shifted, vectors);
    pv_wipe_free(d->vector, vectors);
    pv_wipe_free(d->product, rows * s->stride * sizeof *d->product);
    pv_wipe_free(d->top, s->tiles.blocks * sizeof *d->top);
    pv_wipe_free(d->seeker, rows * sizeof *d->seeker);
}

static pv_status run(search *s, pv_error *err)
{
    pv_status status = PV_OK;
    fit_tiles(s);
    s->desk = pv_array_calloc(s->desks, sizeof *s->desk);
    if (s->desk == NULL)
        return pv_fail_memory(err, "the nearest vectors");
    for (size_t i = 0; i < s->desks; i++)
        PV_TRY(open_desk(s, &s->desk[i], err));
    const int before = pv_serial_algebra_begin();
    pv_parallel_for((s->queries - 1) / s->tiles.queries + 1, search_item, s);
    pv_serial_algebra_end(before);
out:
    for (size_t i = 0; i < s->desks; i++)
        close_desk(s, &s->desk[i]);
    free(s->desk);
    return status;
}

static pv_status check_sizes(pv_vector_metric metric, size_t count,
                             size_t width, pv_error *err)
{
    if (metric != PV_VECTOR_L2 && metric != PV_VECTOR_COSINE &&
        metric != PV_VECTOR_IP)
        return pv_fail(err, PV_EINVAL, "metric %d of vectors is none",
                       (int)metric);
    if (count == 0 || count >= PV_VECTOR_NONE)
        return pv_fail(err, PV_EINVAL,
                       "%zu candidate vectors; give 1 to %" PRIu32, count,
                       PV_VECTOR_NONE - 1);
    if (width == 0 || width > PV_VECTOR_WIDEST)
        return pv_fail(err, PV_EINVAL, "vectors of %zu numbers; give 1 to %d",
                       width, PV_VECTOR_WIDEST);
    return PV_OK;
}

pv_status pv_vectors_nearest_tiled(pv_vector_metric metric,
                                   const float *candidate, size_t count,
                                   size_t width, pv_vector_fill *fill,
                                   void *context, size_t queries,
                                   uint32_t *index, pv_nearest_tiles tiles,
                                   pv_error *err)
{
    pv_status status = PV_OK;
    search s = {.fill = fill,
                .context = context,
                .queries = queries,
                .index = index,
                .tiles = tiles};
    PV_TRY(check_sizes(metric, count, width, err));
    PV_TRY(
        pv_pool_prepare(metric, candidate, count, width, &s.candidates, err));
    if (queries > 0)
        PV_TRY(run(&s, err));
out:
    pv_pool_clear(&s.candidates);
    return status;
}

pv_status pv_vectors_nearest(pv_vector_metric metric, const float *candidate,
                             size_t count, size_t width, pv_vector_fill *fill,
                             void *context, size_t queries, uint32_t *index,
                             pv_error *err)
{
    return pv_vectors_nearest_tiled(metric, candidate, count, width, fill,
                                    context, queries, index, usual_tiles, err);
}
