/* Neighbours and clusters of public vectors. */
#include "core/log.h"
#include "core/memory.h"
#include "core/threads.h"
#include "embeddings/cluster.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static pv_error err = PV_ERROR_INIT;
static const pv_key key = {{'c', 'l'}};

/* `count` vectors around `groups` corners of a cube, far apart. */
static float *vectors(size_t count, size_t width, size_t groups, float spread)
{
    pv_stream stream;
    float *v = pv_array_alloc(count * width, sizeof *v);
    pv_stream_init(&stream, &key, 7);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < width; k++)
            v[i * width + k] =
                (float)((i % groups) >> k & 1) +
                spread * (float)(pv_stream_double(&stream) - 0.5);
    return v;
}

static double distance2(const float *x, const float *y, size_t width)
{
    double sum = 0;
    for (size_t k = 0; k < width; k++)
        sum += ((double)x[k] - y[k]) * ((double)x[k] - y[k]);
    return sum;
}

Test(cluster, neighbours_are_the_nearest_in_order)
{
    enum { count = 300, width = 5, most = 17 };
    float *v = vectors(count, width, 8, 0.8F);
    uint32_t query[3] = {0, 299, 150}, near[3 * most];
    memcpy(v + 200 * width, v + 150 * width, width * sizeof *v); /* a duplicate */
    cr_assert_eq(pv_vectors_neighbours(v, count, width, query, 3, most, near,
                                       &err), PV_OK);
    for (size_t q = 0; q < 3; q++) {
        const uint32_t *n = near + q * most;
        const float *x = v + query[q] * width;
        cr_assert_eq(n[0], query[q]);
        size_t closer = 0;
        const double last = distance2(x, v + n[most - 1] * width, width);
        for (size_t j = 0; j < count; j++)
            closer += distance2(x, v + j * width, width) < last;
        cr_assert_eq(closer, most - 1);
        for (size_t k = 1; k < most; k++)
            cr_assert_leq(distance2(x, v + n[k - 1] * width, width),
                          distance2(x, v + n[k] * width, width));
    }
    cr_assert_eq(near[2 * most + 1], 200);
    free(v);
}

Test(cluster, neighbours_may_be_all)
{
    enum { count = 9 };
    float *v = vectors(count, 2, 4, 0.5F);
    uint32_t query = 4, near[count], seen = 0;
    cr_assert_eq(pv_vectors_neighbours(v, count, 2, &query, 1, count, near,
                                       &err), PV_OK);
    for (size_t k = 0; k < count; k++)
        seen |= 1U << near[k];
    cr_assert_eq(seen, (1U << count) - 1);
    free(v);
}

/* For each number of neighbours that there may be, whatever the order of distances. */
Test(cluster, neighbours_of_any_number, .timeout = 20)
{
    enum { count = 40 };
    for (size_t order = 0; order < 6; order++) {
        float v[count];
        for (size_t i = 0; i < count; i++)
            v[i] = (float)(order == 0   ? i
                           : order == 1 ? count - i
                                        : (i * (7 + 6 * order)) % 37);
        for (uint32_t q = 0; q < count; q++)
            for (size_t most = 1; most <= count; most++) {
                uint32_t near[count];
                size_t closer = 0;
                cr_assert_eq(pv_vectors_neighbours(v, count, 1, &q, 1, most,
                                                   near, &err), PV_OK);
                cr_assert_eq(near[0], q);
                const float last = fabsf(v[near[most - 1]] - v[q]);
                for (size_t j = 0; j < count; j++)
                    closer += fabsf(v[j] - v[q]) < last;
                cr_assert_lt(closer, most);
            }
    }
}

/* Groups that are far apart are the clusters, and centres their means. */
Test(cluster, finds_groups)
{
    enum { count = 640, width = 3, groups = 8 };
    float *v = vectors(count, width, groups, 0.1F), centre[groups * width];
    uint32_t cell[count];
    size_t found;
    cr_assert_eq(pv_vectors_cluster(v, count, width, groups, &key, centre, cell,
                                    &found, &err), PV_OK);
    cr_assert_eq(found, groups);
    for (size_t i = groups; i < count; i++)
        cr_assert_eq(cell[i], cell[i % groups]);
    for (size_t i = 0; i < groups; i++) {
        double mean[width] = {0};
        for (size_t j = i; j < count; j += groups)
            for (size_t k = 0; k < width; k++)
                mean[k] += (double)v[j * width + k] / (count / groups);
        for (size_t k = 0; k < width; k++)
            cr_assert_float_eq(centre[cell[i] * width + k], mean[k], 1e-6);
    }
    free(v);
}

/* Fewer where there are not so many different vectors; none empty. */
Test(cluster, of_repeated_vectors_are_fewer)
{
    enum { count = 60, width = 2 };
    float *v = vectors(count, width, 3, 0), centre[10 * width];
    uint32_t cell[count], used = 0;
    size_t found;
    cr_assert_eq(pv_vectors_cluster(v, count, width, 10, &key, centre, cell,
                                    &found, &err), PV_OK);
    cr_assert_eq(found, 3);
    for (size_t i = 0; i < count; i++)
        used |= 1U << cell[i];
    cr_assert_eq(used, 7);
    free(v);
}

/* Of many, centres are found by some; the same for any number of threads. */
Test(cluster, do_not_depend_on_threads)
{
    enum { count = 9000, width = 4, wanted = 20 };
    float *v = vectors(count, width, 16, 0.9F);
    float centre[3][wanted * width];
    static uint32_t cell[3][count];
    size_t found[3];
    for (int t = 0; t < 3; t++) {
        pv_threads_set(1 << t);
        cr_assert_eq(pv_vectors_cluster(v, count, width, wanted, &key,
                                        centre[t], cell[t], &found[t], &err),
                     PV_OK);
        cr_assert_eq(found[t], wanted);
        cr_assert_arr_eq(centre[t], centre[0], sizeof centre[0]);
        cr_assert_arr_eq(cell[t], cell[0], sizeof cell[0]);
    }
    /* each is in the cell of the nearest centre, and no cell is empty */
    bool used[wanted] = {false};
    for (size_t i = 0; i < count; i++) {
        used[cell[0][i]] = true;
        for (size_t j = 0; j < wanted; j++)
            cr_assert_leq(distance2(v + i * width,
                                    centre[0] + cell[0][i] * width, width),
                          distance2(v + i * width, centre[0] + j * width,
                                    width) + 1e-12);
    }
    for (size_t j = 0; j < wanted; j++)
        cr_assert(used[j]);
    free(v);
}

Test(cluster, vectors_that_are_none_are_named)
{
    float v[6] = {3, 4, 0, 0, 1, 0};
    cr_assert_eq(pv_vectors_settle(PV_VECTOR_L2, v, 3, 2, &err), PV_OK);
    cr_assert_eq(v[0], 3);
    cr_assert_eq(pv_vectors_settle(PV_VECTOR_COSINE, v, 3, 2, &err), PV_EINVAL);
    cr_assert(strstr(err.message, "vector 1") != NULL);
    cr_assert_float_eq(v[0], 0.6, 1e-7);
    v[5] = NAN;
    cr_assert_eq(pv_vectors_settle(PV_VECTOR_L2, v, 3, 2, &err), PV_EINVAL);
    cr_assert(strstr(err.message, "vector 2") != NULL);
}
