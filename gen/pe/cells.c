#include "gen/pe/cells.h"

#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { lanes = 32 }; /* candidates at a time */

/* Coordinates of a class's candidates lie side by side: block after block of `lanes`
 * candidates, in each coordinate after coordinate. */
struct pv_cells {
    size_t width, classes;
    size_t *first;  /* of candidates, as in the population */
    size_t *block;  /* of blocks, of each class */
    float *value;   /* blocks x width x lanes */
    float *half;    /* blocks x lanes: |y|^2 / 2, INFINITY after the last */
};

static void fill_class(pv_cells *c, const pv_population *p, size_t class)
{
    const size_t from = c->first[class], end = c->first[class + 1];
    for (size_t i = from; i < end; i++) {
        const size_t block = c->block[class] + (i - from) / lanes;
        const size_t lane = (i - from) % lanes;
        double square = 0;
        for (size_t k = 0; k < c->width; k++) {
            const float y = p->vector[i * c->width + k];
            c->value[(block * c->width + k) * lanes + lane] = y;
            square += (double)y * (double)y;
        }
        c->half[block * lanes + lane] = (float)(square / 2);
    }
}

pv_status pv_cells_alloc(const pv_population *p, pv_cells **cells,
                         pv_error *err)
{
    size_t blocks = 0;
    pv_cells *c = pv_array_calloc(1, sizeof *c);
    *cells = c;
    if (c == NULL)
        return pv_fail_memory(err, "a population");
    c->width = p->width;
    c->classes = p->classes;
    c->first = pv_array_alloc(p->classes + 1, sizeof *c->first);
    c->block = pv_array_alloc(p->classes, sizeof *c->block);
    if (c->first == NULL || c->block == NULL)
        goto out;
    memcpy(c->first, p->first, (p->classes + 1) * sizeof *c->first);
    for (size_t k = 0; k < p->classes; k++) {
        c->block[k] = blocks;
        blocks += (p->first[k + 1] - p->first[k] + lanes - 1) / lanes;
    }
    c->value = pv_aligned_alloc(blocks * p->width * lanes, sizeof *c->value);
    c->half = pv_aligned_alloc(blocks * lanes, sizeof *c->half);
    if (c->value == NULL || c->half == NULL)
        goto out;
    memset(c->value, 0, blocks * p->width * lanes * sizeof *c->value);
    for (size_t i = 0; i < blocks * lanes; i++)
        c->half[i] = INFINITY;
    for (size_t k = 0; k < p->classes; k++)
        fill_class(c, p, k);
    return PV_OK;
out:
    pv_cells_free(c);
    *cells = NULL;
    return pv_fail_memory(err, "a population");
}

void pv_cells_free(pv_cells *c)
{
    if (c == NULL)
        return;
    free(c->first);
    free(c->block);
    free(c->value);
    free(c->half);
    free(c);
}

/* |y|^2 / 2 - x.y of a block: least where y is nearest. Coordinates that are 0, most of
 * those of labels, take no part. */
PV_WIDE static void score_block(const float *value, const float *half,
                                const float *x, size_t width, float *score)
{
    for (size_t j = 0; j < lanes; j++)
        score[j] = half[j];
    for (size_t k = 0; k < width; k++, value += lanes) {
        if (x[k] == 0)
            continue;
        for (size_t j = 0; j < lanes; j++)
            score[j] -= x[k] * value[j];
    }
}

uint32_t pv_cells_find(const pv_cells *c, size_t class, const float *vector)
{
    const size_t count = c->first[class + 1] - c->first[class];
    const size_t blocks = (count + lanes - 1) / lanes;
    float score[lanes], least = INFINITY;
    size_t best = 0;
    for (size_t b = 0; b < blocks; b++) {
        const size_t block = c->block[class] + b;
        score_block(c->value + block * c->width * lanes,
                    c->half + block * lanes, vector, c->width, score);
        for (size_t j = 0; j < lanes; j++)
            if (score[j] < least) {
                least = score[j];
                best = b * lanes + j;
            }
    }
    return (uint32_t)(c->first[class] + best);
}
