#include "core/memory.h"
#include "core/threads.h"
#include "embeddings/nearest_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Blocks are checked and shifted in parallel; the mean in between is of all. */

static size_t block_end(const pv_pool *c, size_t block)
{
    const size_t end = (block + 1) * PV_NEAREST_BLOCK;
    return end < c->count ? end : c->count;
}

static void check_block(size_t item, void *context)
{
    const pv_pool *c = context;
    pv_pool_block *block = &c->block[item];
    const size_t end = block_end(c, item);
    block->bad = SIZE_MAX;
    for (size_t j = item * PV_NEAREST_BLOCK; j < end; j++) {
        double norm;
        if (!pv_float_valid(c->metric, c->vector + j * c->width, c->width,
                            &norm)) {
            block->bad = j;
            return;
        }
        if (c->unit != NULL)
            pv_float_scale(c->vector + j * c->width, norm, c->width,
                           c->unit + j * c->width);
    }
}

static pv_status check(pv_pool *c, pv_error *err)
{
    pv_parallel_for(c->blocks, check_block, c);
    for (size_t b = 0; b < c->blocks; b++)
        if (c->block[b].bad != SIZE_MAX)
            return pv_fail(
                err, PV_EINVAL, "candidate vector %zu %s; leave it out",
                c->block[b].bad,
                c->metric == PV_VECTOR_COSINE
                    ? "is zero or not finite, so that it has no direction"
                    : "is not finite or is longer than 2^60");
    if (c->unit != NULL)
        c->vector = c->unit;
    return PV_OK;
}

/* Any centre is right; the mean makes the bounds small. */
static pv_status find_centre(pv_pool *c, pv_error *err)
{
    double *sum = pv_array_calloc(c->width, sizeof *sum);
    if (sum == NULL)
        return pv_fail_memory(err, "the nearest vectors");
    for (size_t j = 0; j < c->count; j++)
        for (size_t i = 0; i < c->width; i++)
            sum[i] += (double)c->vector[j * c->width + i];
    for (size_t i = 0; i < c->width; i++)
        c->centre[i] = (float)(sum[i] / (double)c->count);
    free(sum);
    c->centre_norm = sqrt(pv_float_product(c->centre, c->centre, c->width));
    return PV_OK;
}

static void shift_block(size_t item, void *context)
{
    const pv_pool *c = context;
    const bool halved = c->metric != PV_VECTOR_IP;
    const double n = (double)c->width;
    const size_t end = block_end(c, item);
    double largest = 0;
    for (size_t j = item * PV_NEAREST_BLOCK; j < end; j++) {
        float *y = c->shifted + j * c->width;
        pv_float_shift(c->vector + j * c->width, c->centre, c->width, y);
        const double square = pv_float_product(y, y, c->width);
        c->half[j] = halved ? (float)(square / 2) : 0;
        largest = square > largest ? square : largest;
    }
    for (size_t j = end; j < (item + 1) * PV_NEAREST_BLOCK; j++)
        c->half[j] = INFINITY;
    c->block[item].radius = sqrt(largest);
    c->block[item].slack =
        (halved ? (3 * 0x1p-24 + (n + 4) * 0x1p-53) * largest : 0) +
        (2 * n + 1) * 0x1p-126;
}

pv_status pv_pool_prepare(pv_vector_metric metric, const float *vector,
                          size_t count, size_t width, pv_pool *c, pv_error *err)
{
    size_t floats;
    c->metric = metric;
    c->count = count;
    c->width = width;
    c->vector = vector;
    c->blocks = (count - 1) / PV_NEAREST_BLOCK + 1;
    c->block = pv_array_alloc(c->blocks, sizeof *c->block);
    c->half = pv_aligned_alloc(c->blocks * PV_NEAREST_BLOCK, sizeof *c->half);
    c->centre = pv_aligned_alloc(width, sizeof *c->centre);
    if (pv_size_mul(count, width, &floats)) {
        c->shifted = pv_aligned_alloc(floats, sizeof *c->shifted);
        if (metric == PV_VECTOR_COSINE)
            c->unit = pv_aligned_alloc(floats, sizeof *c->unit);
    }
    if (c->block == NULL || c->half == NULL || c->centre == NULL ||
        c->shifted == NULL || (metric == PV_VECTOR_COSINE && c->unit == NULL))
        return pv_fail_memory(err, "the nearest vectors");
    pv_status status = check(c, err);
    if (status == PV_OK)
        status = find_centre(c, err);
    if (status == PV_OK)
        pv_parallel_for(c->blocks, shift_block, c);
    return status;
}

void pv_pool_clear(pv_pool *c)
{
    free(c->unit);
    free(c->shifted);
    free(c->half);
    free(c->centre);
    free(c->block);
}
