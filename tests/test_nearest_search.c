/* Nearest neighbours among vectors against one pair at a time. */
#include "core/threads.h"
#include "embeddings/nearest_internal.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t widths[] = {1, 2, 7, 50, 128, 768};
enum { width_count = sizeof widths / sizeof *widths, metrics = 3 };

typedef struct vectors {
    size_t count, width;
    float *at;
} vectors;

static vectors make(size_t count, size_t width)
{
    vectors v = {count, width, calloc(count * width, sizeof(float))};
    cr_assert_not_null(v.at);
    return v;
}

static float *row(vectors v, size_t i)
{
    return v.at + i * v.width;
}

static uint32_t draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

/* About normal: the sum of a few uniform. */
static float draw_float(uint64_t *state)
{
    double sum = 0;
    for (int i = 0; i < 4; i++)
        sum += (double)draw(state) / 0x1p31 - 0.5;
    return (float)sum;
}

static vectors random_vectors(size_t count, size_t width, uint64_t seed,
                              float offset, float scale)
{
    vectors v = make(count, width);
    for (size_t i = 0; i < count * width; i++)
        v.at[i] = offset + scale * draw_float(&seed);
    return v;
}

static vectors random_integers(size_t count, size_t width, uint64_t seed,
                               uint32_t levels)
{
    vectors v = make(count, width);
    for (size_t i = 0; i < count * width; i++)
        v.at[i] = (float)(draw(&seed) % levels) - (float)(levels / 2);
    return v;
}

static void fill(void *context, size_t first, size_t count, float *vector)
{
    const vectors *v = context;
    cr_assert(first + count <= v->count);
    memcpy(vector, row(*v, first), count * v->width * sizeof *vector);
}

static uint32_t *search(pv_vector_metric metric, vectors y, vectors x,
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
static long double in_double(pv_vector_metric metric, const float *x,
                             const float *y, size_t width)
{
    return metric == PV_VECTOR_IP ? -(long double)pv_float_product(x, y, width)
                                  : (long double)pv_float_distance(x, y, width);
}

static long double in_long_double(pv_vector_metric metric, const float *x,
                                  const float *y, size_t width)
{
    long double sum = 0;
    for (size_t i = 0; i < width; i++) {
        const long double a = (long double)x[i], b = (long double)y[i];
        sum += metric == PV_VECTOR_IP ? -a * b : (a - b) * (a - b);
    }
    return sum;
}

static vectors unit(vectors v)
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

static uint32_t *look_at_all(pv_vector_metric metric, vectors y, vectors x,
                             measure *of)
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

static void compare(const uint32_t *found, const uint32_t *expected,
                    size_t count, const char *what)
{
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(found[i], expected[i], "%s: query %zu: %u, not %u", what,
                     i, found[i], expected[i]);
}

static void check(pv_vector_metric metric, vectors y, vectors x, measure *of)
{
    char what[64];
    (void)snprintf(what, sizeof what, "metric %d, width %zu", (int)metric,
                   y.width);
    uint32_t *found = search(metric, y, x, usual);
    uint32_t *expected = look_at_all(metric, y, x, of);
    compare(found, expected, x.count, what);
    free(found);
    free(expected);
}

static void check_and_free(vectors y, vectors x, measure *of)
{
    for (int metric = 0; metric < metrics; metric++)
        check((pv_vector_metric)metric, y, x, of);
    free(y.at);
    free(x.at);
}

/* --- plain data -------------------------------------------------------------
 */

Test(nearest_search, random)
{
    for (size_t w = 0; w < width_count; w++)
        check_and_free(random_vectors(300, widths[w], w + 1, 0, 1),
                       random_vectors(70, widths[w], w + 11, 0, 1),
                       in_long_double);
}

Test(nearest_search, of_one_candidate)
{
    check_and_free(random_vectors(1, 5, 1, 0, 1), random_vectors(9, 5, 2, 0, 1),
                   in_long_double);
}

/* From where products underflow to where longer vectors are refused. */
Test(nearest_search, of_every_size)
{
    for (int e = -140; e <= 57; e += e < -110 ? 5 : 21)
        for (size_t w = 0; w < 4; w++) {
            const float scale = ldexpf(1, e);
            check_and_free(random_vectors(150, widths[w], w + 1, 0, scale),
                           random_vectors(40, widths[w], w + 11, 0, scale),
                           in_double);
        }
}

Test(nearest_search, far_candidates_and_far_queries)
{
    for (size_t w = 0; w < width_count; w++) {
        vectors y = random_vectors(400, widths[w], w + 1, 0, 1);
        vectors x = random_vectors(60, widths[w], w + 11, 0, 1);
        row(y, 17)[0] = 0x1p50f;
        row(y, 300)[widths[w] - 1] = -0x1p30f;
        for (size_t i = 0; i < 20; i++)
            row(x, i)[0] *= ldexpf(1, (int)i);
        row(x, 30)[0] = 0x1p59f;
        row(x, 31)[0] = 0x1p50f;
        check_and_free(y, x, in_double);
    }
}

/* --- ties -------------------------------------------------------------------
 */

/* Integers are added without rounding: a tie is one in any order of summation.
 */
Test(nearest_search, ties_of_integers_go_to_the_first)
{
    for (size_t w = 0; w < 5; w++)
        for (uint32_t levels = 2; levels <= 5; levels++) {
            const size_t width = widths[w];
            vectors y = random_integers(700, width, w + 1, levels);
            vectors x = random_integers(90, width, w + 11, levels);
            /* the same again */
            memcpy(row(y, 350), row(y, 0), 350 * width * sizeof(float));
            check(PV_VECTOR_L2, y, x, in_long_double);
            check(PV_VECTOR_IP, y, x, in_long_double);
            for (size_t i = 0; i < y.count; i++)
                row(y, i)[0] = 3;
            for (size_t i = 0; i < x.count; i++)
                row(x, i)[0] = 2;
            check(PV_VECTOR_COSINE, y, x, in_double);
            free(y.at);
            free(x.at);
        }
}

static vectors one_hot(size_t count, uint64_t seed)
{
    enum { columns = 5, levels = 4 };
    vectors v = make(count, columns * levels);
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < columns; c++)
            row(v, i)[c * levels + draw(&seed) % levels] = 1;
    return v;
}

Test(nearest_search, ties_of_categories)
{
    check_and_free(one_hot(3000, 1), one_hot(200, 2), in_double);
}

Test(nearest_search, all_candidates_alike)
{
    vectors y = random_vectors(500, 7, 1, 0, 1);
    for (size_t i = 1; i < y.count; i++)
        memcpy(row(y, i), row(y, 0), 7 * sizeof(float));
    check_and_free(y, random_vectors(30, 7, 2, 0, 1), in_double);
}

/* --- near ties --------------------------------------------------------------
 */

/* Candidates a few units in the last place from a few vectors; queries
 * likewise, and further off. */
static vectors neighbours_of(vectors base, size_t count, uint64_t seed,
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

static void check_near_ties(float offset, float scale, float apart)
{
    for (size_t w = 0; w < 5; w++)
        for (uint64_t seed = 1; seed <= 4; seed++) {
            vectors base = random_vectors(3, widths[w], seed, offset, scale);
            check_and_free(neighbours_of(base, 400, seed + 10, 0),
                           neighbours_of(base, 120, seed + 20, apart),
                           in_double);
            free(base.at);
        }
}

Test(nearest_search, near_ties)
{
    check_near_ties(0, 1, 0);
    check_near_ties(0, 1, 1);
}

Test(nearest_search, near_ties_with_a_common_offset)
{
    check_near_ties(1e4F, 1, 0);
    check_near_ties(1e4F, 1, 1);
    check_near_ties(-1e7F, 1, 3);
}

/* Without the mean taken off everything would be near, or wrong. */
Test(nearest_search, common_offset)
{
    for (size_t w = 0; w < width_count; w++)
        check_and_free(random_vectors(300, widths[w], w + 1, 3e4F, 1),
                       random_vectors(70, widths[w], w + 11, 3e4F, 1),
                       in_double);
}

/* Points of a line half-way between two others, but for a little. */
Test(nearest_search, halfway)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        uint64_t state = seed;
        vectors y = random_vectors(64, 1, seed, 0, 1), x = make(2000, 1);
        for (size_t i = 0; i < x.count; i++) {
            const size_t a = draw(&state) % y.count, b = draw(&state) % y.count;
            x.at[i] = (y.at[a] + y.at[b]) / 2;
            for (uint32_t n = draw(&state) % 3; n > 0; n--)
                x.at[i] = nextafterf(x.at[i], INFINITY);
        }
        check(PV_VECTOR_L2, y, x, in_double);
        free(y.at);
        free(x.at);
    }
}

/* Two candidates at right angles to a far query but for the last places. */
Test(nearest_search, halfway_from_far_off)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        uint64_t state = seed;
        vectors base = random_vectors(1, 2, seed, 0, 1), x = make(400, 2);
        vectors y = neighbours_of(base, 200, seed + 3, 1e-6F);
        for (size_t i = 0; i < x.count; i++) {
            const float *a = row(y, draw(&state) % y.count),
                        *b = row(y, draw(&state) % y.count);
            const float far = ldexpf(1, (int)(draw(&state) % 40));
            row(x, i)[0] = (a[0] + b[0]) / 2 + far * (b[1] - a[1]);
            row(x, i)[1] = (a[1] + b[1]) / 2 - far * (b[0] - a[0]);
        }
        check_and_free(y, x, in_double);
        free(base.at);
    }
}

/* --- invalid queries --------------------------------------------------------
 */

static void spoil(vectors x, size_t i, pv_vector_metric metric, size_t kind)
{
    static const float bad[] = {NAN, INFINITY, -INFINITY, 0x1.000002p60f,
                                FLT_MAX};
    const size_t kinds = sizeof bad / sizeof *bad;
    if (metric == PV_VECTOR_COSINE && kind % kinds > 2)
        memset(row(x, i), 0, x.width * sizeof(float));
    else
        row(x, i)[kind % x.width] = bad[kind % kinds];
}

Test(nearest_search, invalid_queries_are_none_and_alone)
{
    for (int m = 0; m < metrics; m++) {
        const pv_vector_metric metric = (pv_vector_metric)m;
        vectors y = random_vectors(300, 50, 1, 0, 1);
        vectors x = random_vectors(100, 50, 2, 0, 1);
        uint32_t *before = search(metric, y, x, usual);
        for (size_t i = 0; i < x.count; i += 3)
            spoil(x, i, metric, i / 3);
        uint32_t *after = search(metric, y, x, usual);
        for (size_t i = 0; i < x.count; i++)
            cr_assert_eq(after[i], i % 3 == 0 ? PV_VECTOR_NONE : before[i],
                         "metric %d, query %zu: %u", m, i, after[i]);
        free(before);
        free(after);
        free(y.at);
        free(x.at);
    }
}

Test(nearest_search, longest_is_valid)
{
    vectors y = random_vectors(10, 2, 1, 0, 1), x = make(5, 2);
    row(x, 0)[0] = 0x1p60f;
    row(x, 1)[1] = -0x1p60f;
    row(x, 2)[0] = 0x1p60f;
    row(x, 2)[1] = 0x1p50f;
    /* cosine knows no longest */
    row(x, 3)[0] = row(x, 3)[1] = FLT_MAX;
    row(x, 4)[0] = 0x1p-149f;
    uint32_t *l2 = search(PV_VECTOR_L2, y, x, usual);
    uint32_t *cosine = search(PV_VECTOR_COSINE, y, x, usual);
    uint32_t *expected = look_at_all(PV_VECTOR_COSINE, y, x, in_double);
    cr_assert(l2[0] < 10 && l2[1] < 10);
    cr_assert_eq(l2[2], PV_VECTOR_NONE);
    cr_assert_eq(l2[3], PV_VECTOR_NONE);
    cr_assert(l2[4] < 10);
    compare(cosine, expected, 5, "cosine");
    free(l2);
    free(cosine);
    free(expected);
    free(y.at);
    free(x.at);
}

/* --- threads, tiles ---------------------------------------------------------
 */

typedef struct counted {
    vectors x;
    int *filled;
} counted;

static void fill_counted(void *context, size_t first, size_t count,
                         float *vector)
{
    const counted *c = context;
    vectors x = c->x;
    fill(&x, first, count, vector);
    for (size_t i = first; i < first + count; i++)
        c->filled[i]++;
}

static void check_tiles(vectors y, vectors x, const uint32_t *expected,
                        pv_vector_metric metric, pv_nearest_tiles tiles)
{
    pv_error err = PV_ERROR_INIT;
    uint32_t *index = calloc(x.count, sizeof *index);
    counted c = {x, calloc(x.count, sizeof(int))};
    cr_assert_eq(pv_vectors_nearest_tiled(metric, y.at, y.count, y.width,
                                          fill_counted, &c, x.count, index,
                                          tiles, &err),
                 PV_OK, "%s", err.message);
    compare(index, expected, x.count, "tiles");
    for (size_t i = 0; i < x.count; i++)
        cr_assert_eq(c.filled[i], 1, "query %zu", i);
    free(c.filled);
    free(index);
}

Test(nearest_search, any_threads_and_tiles)
{
    static const pv_nearest_tiles tiles[] = {
        {1, 1}, {3, 2}, {64, 1}, {17, 4}, {1000, 100}};
    vectors base = random_vectors(40, 50, 5, 1, 1);
    vectors y = neighbours_of(base, 600, 6, 0);
    vectors x = neighbours_of(base, 333, 7, 1);
    row(x, 100)[0] = NAN;
    for (int m = 0; m < metrics; m++) {
        const pv_vector_metric metric = (pv_vector_metric)m;
        uint32_t *expected = look_at_all(metric, y, x, in_double);
        expected[100] = PV_VECTOR_NONE;
        for (int threads = 1; threads <= 4; threads *= 2)
            for (size_t t = 0; t < sizeof tiles / sizeof *tiles; t++) {
                pv_threads_set(threads);
                check_tiles(y, x, expected, metric, tiles[t]);
            }
        free(expected);
    }
    free(base.at);
    free(y.at);
    free(x.at);
}

/* --- errors -----------------------------------------------------------------
 */

static void refuse(pv_vector_metric metric, vectors y, const char *word)
{
    pv_error err = PV_ERROR_INIT;
    vectors x = {1, y.width, y.at};
    uint32_t index = 7;
    cr_assert_eq(pv_vectors_nearest(metric, y.at, y.count, y.width, fill, &x, 1,
                                    &index, &err),
                 PV_EINVAL);
    cr_assert_eq(index, 7);
    cr_assert_not_null(strstr(err.message, word), "%s", err.message);
}

Test(nearest_search, errors)
{
    vectors y = random_vectors(600, 3, 1, 0, 1), some = y;
    some.count = 0;
    refuse(PV_VECTOR_L2, some, "0 candidate");
    some.count = PV_VECTOR_NONE;
    refuse(PV_VECTOR_L2, some, "4294967295");
    some = y;
    some.width = 0;
    refuse(PV_VECTOR_L2, some, "0 numbers");
    some.width = PV_VECTOR_WIDEST + 1;
    refuse(PV_VECTOR_L2, some, "1048577");
    refuse((pv_vector_metric)3, y, "metric 3");
    for (int m = 0; m < metrics; m++)
        for (size_t kind = 0; kind < 5; kind++) {
            vectors z = make(600, 3);
            memcpy(z.at, y.at, 600 * 3 * sizeof(float));
            spoil(z, 555, (pv_vector_metric)m, kind);
            spoil(z, 421, (pv_vector_metric)m, kind);
            refuse((pv_vector_metric)m, z, "vector 421 ");
            free(z.at);
        }
    free(y.at);
}

Test(nearest_search, no_queries)
{
    pv_error err = PV_ERROR_INIT;
    vectors y = random_vectors(6, 3, 1, 0, 1);
    cr_assert_eq(
        pv_vectors_nearest(PV_VECTOR_L2, y.at, 6, 3, fill, &y, 0, NULL, &err),
        PV_OK);
    free(y.at);
}
