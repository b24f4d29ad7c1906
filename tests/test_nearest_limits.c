/* Nearest neighbours among vectors: invalid queries, threads, tiles, errors. */
#include "core/threads.h"
#include "tests/vectors_fixture.h"

#include <float.h>

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

Test(nearest_limits, invalid_queries_are_none_and_alone)
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

Test(nearest_limits, longest_is_valid)
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

Test(nearest_limits, any_threads_and_tiles)
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

Test(nearest_limits, errors)
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

Test(nearest_limits, no_queries)
{
    pv_error err = PV_ERROR_INIT;
    vectors y = random_vectors(6, 3, 1, 0, 1);
    cr_assert_eq(
        pv_vectors_nearest(PV_VECTOR_L2, y.at, 6, 3, fill, &y, 0, NULL, &err),
        PV_OK);
    free(y.at);
}
