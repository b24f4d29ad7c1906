#include <config.h>

#include "embeddings/nearest_internal.h"

#include <math.h>

/* Most blocks hold nothing near: they are passed over by the largest score of
 * each. */

enum { lanes = 32 };

PV_WIDE static void find_tops(const float *restrict product,
                              const float *restrict half, size_t blocks,
                              float *restrict top)
{
    for (size_t b = 0; b < blocks; b++) {
        const float *restrict p = product + b * PV_NEAREST_BLOCK;
        const float *restrict h = half + b * PV_NEAREST_BLOCK;
        float lane[lanes];
        for (size_t k = 0; k < lanes; k++)
            lane[k] = p[k] - h[k];
        for (size_t i = lanes; i < PV_NEAREST_BLOCK; i += lanes)
            for (size_t k = 0; k < lanes; k++) {
                const float s = p[i + k] - h[i + k];
                lane[k] = s > lane[k] ? s : lane[k];
            }
        for (size_t step = lanes / 2; step > 0; step /= 2)
            for (size_t k = 0; k < step; k++)
                lane[k] = lane[k + step] > lane[k] ? lane[k + step] : lane[k];
        top[b] = lane[0];
    }
}

/* What is minimised, of a candidate. */
static double exactly(const pv_seeker *s, const pv_pool *c, uint32_t j)
{
    const float *y = c->vector + (size_t)j * c->width;
    return c->metric == PV_VECTOR_IP
               ? -pv_float_product(s->vector, y, c->width)
               : pv_float_distance(s->vector, y, c->width);
}

/* Leaves out what has been overtaken. */
static void prune(pv_seeker *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->nears; i++)
        if (s->near[i].upper >= s->low)
            s->near[kept++] = s->near[i];
    s->nears = kept;
}

/* Leaves the best of the listed, decided in double. */
static void decide(pv_seeker *s, const pv_pool *c)
{
    for (size_t i = 0; i < s->nears; i++) {
        const uint32_t j = s->near[i].index;
        const double value = exactly(s, c, j);
        if (value < s->best || (value == s->best && j < s->best_index)) {
            s->best = value;
            s->best_index = j;
        }
    }
    s->nears = 0;
}

static void list_near(pv_seeker *s, const pv_pool *c, uint32_t index,
                      double upper)
{
    if (s->nears == PV_NEAREST_LIST)
        prune(s);
    if (s->nears == PV_NEAREST_LIST)
        decide(s, c);
    s->near[s->nears++] = (pv_near){upper, index};
}

void pv_seeker_start(pv_seeker *s, const pv_pool *c, const float *vector,
                     double reach)
{
    const double n = (double)c->width;
    const double u = (n + 4) * 0x1p-24, v = (n + 4) * 0x1p-53;
    s->vector = vector;
    s->low = -INFINITY;
    s->nears = 0;
    s->best = INFINITY;
    s->best_index = PV_VECTOR_NONE;
    s->slope = (u / (1 - u) + 2 * v) * reach;
    s->fixed = v * reach * (c->metric == PV_VECTOR_IP ? c->centre_norm : reach);
}

static void list_block(pv_seeker *s, const pv_pool *c, size_t block,
                       const float *product, double bound)
{
    const float *half = c->half + block * PV_NEAREST_BLOCK;
    const uint32_t first = (uint32_t)(block * PV_NEAREST_BLOCK);
    for (uint32_t k = 0; k < PV_NEAREST_BLOCK; k++) {
        const double upper = (double)(product[k] - half[k]) + bound;
        if (upper >= s->low)
            list_near(s, c, first + k, upper);
    }
}

void pv_seeker_scan(pv_seeker *s, const pv_pool *c, size_t first, size_t blocks,
                    const float *product, float *top)
{
    find_tops(product, c->half + first * PV_NEAREST_BLOCK, blocks, top);
    for (size_t b = 0; b < blocks; b++) {
        const pv_pool_block *block = &c->block[first + b];
        const double bound = s->fixed + s->slope * block->radius + block->slack;
        if ((double)top[b] + bound < s->low)
            continue;
        if ((double)top[b] - bound > s->low)
            s->low = (double)top[b] - bound;
        list_block(s, c, first + b, product + b * PV_NEAREST_BLOCK, bound);
    }
}

uint32_t pv_seeker_end(pv_seeker *s, const pv_pool *c)
{
    prune(s);
    /* a lone one needs no second look */
    if (s->best_index == PV_VECTOR_NONE && s->nears == 1)
        return s->near[0].index;
    decide(s, c);
    return s->best_index;
}
