/* embeddings/nearest_internal.h - the parts of the search of
 * embeddings/nearest.h.
 *
 * Scores are floats out of cblas_sgemm. With u = 2^-24, c the candidates' mean
 * as floats, X = fl(x - c), Y = fl(y - c) (X = x for inner products), and h the
 * float of |Y|^2/2 (0 for inner products), candidate y has the score
 *
 *     s = fl(fl(X.Y) - h).
 *
 * The canonical answer maximises V = (|x-c|^2 - D)/2, D the distance in double
 * (or V = P - x.c, P the product in double), as what was added does not depend
 * on y. How far s is from V, first order in u, n the width:
 *
 *     fl(X.Y) from X.Y: n u |X||Y|, for any order of summation, with or without
 * fused multiply-add (each product passes at most n roundings; Cauchy and
 * Schwarz); X.Y from (x-c).(y-c): 2 u |X||Y|, as |X - (x-c)| <= u |X| and so
 * for Y; h from |y-c|^2/2: u |Y|^2/2 for its own rounding and u |Y|^2 for that
 * of Y; the last subtraction: u |s| <= u (|X||Y| + |Y|^2/2); D from its exact
 * value: v = 2^-53 (n + 3) of it, D <= (|X| + |Y|)^2 (P: v |x||y|); products
 * and sums that underflow: 2^-126 each, flushed to zero or not.
 *
 * Together B = u ((n + 3)|X||Y| + 2 |Y|^2) + v (|X| + |Y|)^2 + 2^-126 (2n + 1),
 * which pv_seeker_scan() takes with n + 4 and 3 for what is of second order.
 * Then |s - V| <= B, and the best candidate has s + B >= V >= V' >= s' - B' for
 * every other one: any candidate whose s + B is below the largest s - B can be
 * passed over, and those that are left are compared in double. |Y| is taken as
 * the largest of a block of candidates, so that few far ones cost the others
 * nothing.
 *
 * The bound holds for single precision products of the usual kind: not for fast
 * matrix multiplication, nor for a library told to multiply in fewer bits. */
#ifndef PV_EMBEDDINGS_NEAREST_INTERNAL_H
#define PV_EMBEDDINGS_NEAREST_INTERNAL_H

#include "embeddings/nearest.h"

#include <stdbool.h>

/* Candidates are scanned in blocks of so many. */
#define PV_NEAREST_BLOCK 128

/* --- sums in double, in one order ------------------------------------------
 */

double pv_float_product(const float *x, const float *y, size_t width);
double pv_float_distance(const float *x, const float *y, size_t width);
/* Whether it may be searched for or among; *norm gets its length. */
bool pv_float_valid(pv_vector_metric metric, const float *x, size_t width,
                    double *norm);
/* y = x / norm; may be in place. */
void pv_float_scale(const float *x, double norm, size_t width, float *y);
/* y = x - centre, each rounded once. */
void pv_float_shift(const float *x, const float *centre, size_t width,
                    float *y);

/* --- candidates ------------------------------------------------------------
 */

typedef struct pv_pool_block {
    double radius; /* the largest |Y| */
    double slack;  /* what of the bound depends on that alone */
    size_t bad;    /* the first invalid candidate, else SIZE_MAX */
} pv_pool_block;

typedef struct pv_pool {
    pv_vector_metric metric;
    size_t count, width, blocks;
    const float *vector; /* compared in double: as given, or of length 1 */
    float *unit;         /* the latter */
    float *shifted;      /* Y */
    float *half;         /* h, INFINITY after the last */
    float *centre;       /* c */
    double centre_norm;
    pv_pool_block *block;
} pv_pool;

pv_status pv_pool_prepare(pv_vector_metric metric, const float *vector,
                          size_t count, size_t width, pv_pool *c,
                          pv_error *err);
void pv_pool_clear(pv_pool *c);

/* --- one query's near candidates -------------------------------------------
 */

enum { PV_NEAREST_LIST = 16 };

typedef struct pv_near {
    double upper; /* s + B */
    uint32_t index;
} pv_near;

typedef struct pv_seeker {
    const float *vector; /* compared in double */
    bool valid;
    double fixed, slope; /* B = fixed + slope * radius + slack */
    double low;          /* the largest s - B so far */
    size_t nears;
    pv_near near[PV_NEAREST_LIST];
    double best; /* of those compared in double already: D, or -P */
    uint32_t best_index;
} pv_seeker;

/* `reach` is |X|. */
void pv_seeker_start(pv_seeker *s, const pv_pool *c, const float *vector,
                     double reach);
/* Takes the products of X with the blocks from `first` on; they follow each
 * other in `product`. `top` has room for a number a block. */
void pv_seeker_scan(pv_seeker *s, const pv_pool *c, size_t first, size_t blocks,
                    const float *product, float *top);
uint32_t pv_seeker_end(pv_seeker *s, const pv_pool *c);

/* --- tiles -----------------------------------------------------------------
 */

/* How many queries, and blocks of candidates, are multiplied at once. */
typedef struct pv_nearest_tiles {
    size_t queries, blocks;
} pv_nearest_tiles;

/* pv_vectors_nearest with tiles of other sizes. */
pv_status pv_vectors_nearest_tiled(pv_vector_metric metric,
                                   const float *candidate, size_t count,
                                   size_t width, pv_vector_fill *fill,
                                   void *context, size_t queries,
                                   uint32_t *index, pv_nearest_tiles tiles,
                                   pv_error *err);

#endif
