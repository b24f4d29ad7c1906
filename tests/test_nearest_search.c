/* Nearest neighbours among vectors against one pair at a time. */
#include "tests/vectors_fixture.h"

#include <stdio.h>

static const size_t widths[] = {1, 2, 7, 50, 128, 768};
enum { width_count = sizeof widths / sizeof *widths };

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

static vectors random_integers(size_t count, size_t width, uint64_t seed,
                               uint32_t levels)
{
    vectors v = make(count, width);
    for (size_t i = 0; i < count * width; i++)
        v.at[i] = (float)(draw(&seed) % levels) - (float)(levels / 2);
    return v;
}

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

/* Two candidates about their mean: the products vanish, their squares do not.
 */
Test(nearest_search, halfway_between_two)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        vectors y = random_vectors(2, 1 + seed % 3, seed, 1, 1);
        vectors middle = make(1, y.width);
        for (size_t k = 0; k < y.width; k++)
            middle.at[k] = (row(y, 0)[k] + row(y, 1)[k]) / 2;
        vectors x = neighbours_of(middle, 40, seed, 0);
        check(PV_VECTOR_L2, y, x, in_double);
        free(y.at);
        free(middle.at);
        free(x.at);
    }
}

/* A triangle's corners, from so far along the normal of a side that they are
 * about as far. */
Test(nearest_search, halfway_from_far_off)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        uint64_t state = seed;
        vectors y = random_vectors(3, 2, seed, 0, 1), x = make(60, 2);
        for (size_t i = 0; i < x.count; i++) {
            const float *a = row(y, i % 3), *b = row(y, (i + 1) % 3);
            const float far =
                ldexpf(draw_float(&state), (int)(draw(&state) % 40));
            row(x, i)[0] = (a[0] + b[0]) / 2 + far * (b[1] - a[1]);
            row(x, i)[1] = (a[1] + b[1]) / 2 - far * (b[0] - a[0]);
        }
        check_and_free(y, x, in_double);
    }
}

/* From where distances in double are alike. */
Test(nearest_search, far_queries)
{
    for (size_t w = 0; w < 5; w++)
        for (int e = 24; e <= 56; e += 4)
            check_and_free(
                random_vectors(150, widths[w], w + 1, 0, 1),
                random_vectors(50, widths[w], w + 11, 0, ldexpf(1, e)),
                in_double);
}
