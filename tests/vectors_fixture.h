/* Vectors, and their nearest ones by looking at every pair. */
#ifndef PV_TESTS_VECTORS_FIXTURE_H
#define PV_TESTS_VECTORS_FIXTURE_H

#include "embeddings/nearest_internal.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { metrics = 3 };

typedef struct vectors {
    size_t count, width;
    float *at;
} vectors;

static inline vectors make(size_t count, size_t width)
{
    vectors v = {count, width, calloc(count * width, sizeof(float))};
    cr_assert_not_null(v.at);
    return v;
}

static inline float *row(vectors v, size_t i)
{
    return v.at + i * v.width;
}

static inline uint32_t draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

/* About normal: the sum of a few uniform. */
static inline float draw_float(uint64_t *state)
{
    double sum = 0;
    for (int i = 0; i < 4; i++)
        sum += (double)draw(state) / 0x1p31 - 0.5;
    return (float)sum;
}

static inline vectors random_vectors(size_t count, size_t width, uint64_t seed,
                                     float offset, float scale)
{
    vectors v = make(count, width);
    for (size_t i = 0; i < count * width; i++)
        v.at[i] = offset + scale * draw_float(&seed);
    return v;
}

static inline void fill(void *context, size_t first, size_t count,
                        float *vector)
{
    const vectors *v = context;
    cr_assert(first + count <= v->count);
    memcpy(vector, row(*v, first), count * v->width * sizeof *vector);
}

static inline uint32_t *search(pv_vector_metric metric, vectors y, vectors x,
                               pv_nearest_tiles tiles)
{
    pv_error err = PV_ERROR_INIT;
    uint32_t *index = calloc(x.count + 1, sizeof *index);
    const pv_status status =
        tiles.queries == 0
            ? pv_vectors_nearest(metric, y.at, y.count, y.width, fill, &x,
                                 x.count, index, &err)
            : pv_vectors_nearest_tiled(metric, y.at, y.count, y.width, fill, &x,
                                       x.count, index, tiles, &err);
    cr_assert_eq(status, PV_OK, "%s", err.message);
    return index;
}

static const pv_nearest_tiles usual = {0, 0};

/* --- oracles: every pair ----------------------------------------------------
 */

typedef long double measure(pv_vector_metric metric, const float *x,
                            const float *y, size_t width);

/* In the library's own order of summation. */
static inline long double in_double(pv_vector_metric metric, const float *x,
                                    const float *y, size_t width)
{
    return metric == PV_VECTOR_IP ? -(long double)pv_float_product(x, y, width)
                                  : (long double)pv_float_distance(x, y, width);
}

static inline long double in_long_double(pv_vector_metric metric,
                                         const float *x, const float *y,
                                         size_t width)
{
    long double sum = 0;
    for (size_t i = 0; i < width; i++) {
        const long double a = (long double)x[i], b = (long double)y[i];
        sum += metric == PV_VECTOR_IP ? -a * b : (a - b) * (a - b);
    }
    return sum;
}

static inline vectors unit(vectors v)
{
    vectors u = make(v.count, v.width);
    for (size_t i = 0; i < v.count; i++) {
        const double norm =
            sqrt(pv_float_product(row(v, i), row(v, i), v.width));
        for (size_t k = 0; k < v.width; k++)
            row(u, i)[k] = (float)((double)row(v, i)[k] / norm);
    }
    return u;
}

static inline uint32_t *look_at_all(pv_vector_metric metric, vectors y,
                                    vectors x, measure *of)
{
    const bool units = metric == PV_VECTOR_COSINE;
    const vectors a = units ? unit(x) : x, b = units ? unit(y) : y;
    uint32_t *index = calloc(x.count + 1, sizeof *index);
    for (size_t i = 0; i < x.count; i++) {
        long double least = (long double)INFINITY;
        for (size_t j = 0; j < y.count; j++) {
            const long double d = of(metric, row(a, i), row(b, j), x.width);
            if (d < least) {
                least = d;
                index[i] = (uint32_t)j;
            }
        }
    }
    if (units) {
        free(a.at);
        free(b.at);
    }
    return index;
}

static inline void compare(const uint32_t *found, const uint32_t *expected,
                           size_t count, const char *what)
{
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(found[i], expected[i], "%s: query %zu: %u, not %u", what,
                     i, found[i], expected[i]);
}

/* Candidates a few units in the last place from a few vectors; queries
 * likewise, and further off. */
static inline vectors neighbours_of(vectors base, size_t count, uint64_t seed,
                                    float apart)
{
    vectors v = make(count, base.width);
    for (size_t i = 0; i < count; i++) {
        memcpy(row(v, i), row(base, draw(&seed) % base.count),
               base.width * sizeof(float));
        for (uint32_t n = draw(&seed) % 4; n > 0; n--) {
            float *x = &row(v, i)[draw(&seed) % base.width];
            *x = nextafterf(*x, draw(&seed) % 2 ? INFINITY : -INFINITY);
        }
        for (size_t k = 0; apart > 0 && k < base.width; k++)
            row(v, i)[k] += apart * draw_float(&seed);
    }
    return v;
}

#endif
