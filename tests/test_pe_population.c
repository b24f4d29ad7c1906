/* Candidates, settled: by class, each once. */
#include "gen/pe/population.h"

#include "gen/pe/cells.h"
#include "pe_fixture.h"

enum { width = 3, classes = 4 };

static void add(pv_population *p, uint32_t class, uint64_t item, float a,
                float b, float c)
{
    const float vector[width] = {a, b, c};
    cr_assert_eq(pv_population_add(p, class, item, (uint32_t)item + 1, vector,
                                   &err),
                 PV_OK);
}

static void make(pv_population *p)
{
    cr_assert_eq(pv_population_make(width, classes, p, &err), PV_OK);
}

static void settle(pv_population *p)
{
    cr_assert_eq(pv_population_settle(p, &err), PV_OK);
}

static void check(const pv_population *p, size_t i, uint32_t class,
                  uint64_t item, float a)
{
    cr_assert_eq(p->class[i], class);
    cr_assert_eq(p->item[i], item);
    cr_assert_eq(p->generation[i], item + 1);
    cr_assert_eq(p->vector[i * width], a);
}

Test(population, is_in_order_of_classes_and_else_as_it_was)
{
    pv_population p;
    static const size_t first[classes + 1] = {0, 2, 2, 5, 5};
    make(&p);
    add(&p, 2, 10, 1, 0, 0);
    add(&p, 0, 11, 2, 0, 0);
    add(&p, 2, 12, 3, 0, 0);
    add(&p, 0, 13, 1, 0, 0);
    add(&p, 2, 14, 2, 0, 0);
    settle(&p);
    cr_assert_eq(p.count, 5);
    cr_assert_arr_eq(p.first, first, sizeof first);
    check(&p, 0, 0, 11, 2);
    check(&p, 1, 0, 13, 1);
    check(&p, 2, 2, 10, 1);
    check(&p, 3, 2, 12, 3);
    check(&p, 4, 2, 14, 2);
    pv_population_clear(&p);
}

Test(population, duplicates_of_a_class_are_merged_into_the_first)
{
    pv_population p;
    make(&p);
    add(&p, 1, 1, 5, 6, 7);
    add(&p, 0, 2, 5, 6, 7); /* of another class */
    add(&p, 1, 3, 5, 6, 8); /* and another vector */
    add(&p, 1, 4, 5, 6, 7);
    add(&p, 1, 5, 5, 6, 7);
    settle(&p);
    cr_assert_eq(p.count, 3);
    check(&p, 0, 0, 2, 5);
    check(&p, 1, 1, 1, 5);
    check(&p, 2, 1, 3, 5);
    cr_assert_eq(p.vector[2 * width + 2], 8);
    settle(&p);
    cr_assert_eq(p.count, 3);
    check(&p, 1, 1, 1, 5);
    pv_population_clear(&p);
}

Test(population, many_duplicates)
{
    pv_population p;
    size_t at = 0;
    make(&p);
    for (uint64_t i = 0; i < 20000; i++)
        add(&p, (uint32_t)(i % 3), i, (float)(i % 7), (float)(i / 300 % 5), 0);
    settle(&p);
    cr_assert_eq(p.count, 3 * 7 * 5);
    cr_assert_eq(p.first[classes], p.count);
    cr_assert_eq(p.first[3], p.count); /* the last class is empty */
    for (size_t c = 0; c < classes; c++)
        for (size_t i = p.first[c]; i < p.first[c + 1]; i++, at++) {
            cr_assert_eq(p.class[i], c);
            cr_assert(i == p.first[c] || p.item[i] > p.item[i - 1]);
            for (size_t j = p.first[c]; j < i; j++)
                cr_assert_neq(memcmp(p.vector + i * width, p.vector + j * width,
                                     width * sizeof *p.vector),
                              0);
        }
    cr_assert_eq(at, p.count);
    pv_population_clear(&p);
}

Test(population, of_nobody)
{
    pv_population p;
    make(&p);
    settle(&p);
    cr_assert_eq(p.count, 0);
    cr_assert_eq(p.first[classes], 0);
    pv_population_clear(&p);
    pv_population_clear(&p);
}

/* --- cells ------------------------------------------------------------------------ */

Test(cells, are_those_of_the_nearest_of_a_class)
{
    pv_population p;
    pv_cells *cells;
    pv_stream stream;
    const pv_key key = key_of(3);
    cr_assert_eq(pv_crypto_init(&err), PV_OK);
    pv_stream_init(&stream, &key, 0);
    make(&p);
    /* whole numbers, whose distances are exact: 70 of class 1, 200 of class 3 */
    for (uint64_t i = 0; i < 270; i++)
        add(&p, i < 70 ? 1 : 3, i, (float)pv_stream_below(&stream, 100) - 50,
            (float)pv_stream_below(&stream, 100) - 50,
            (float)pv_stream_below(&stream, 3));
    settle(&p);
    cr_assert_eq(pv_cells_alloc(&p, &cells, &err), PV_OK);
    for (int n = 0; n < 500; n++) {
        const size_t class = n % 2 == 0 ? 1 : 3;
        const float x[width] = {(float)pv_stream_below(&stream, 120) - 60,
                                (float)pv_stream_below(&stream, 120) - 60,
                                (float)pv_stream_below(&stream, 2)};
        size_t best = 0;
        float least = INFINITY;
        for (size_t i = p.first[class]; i < p.first[class + 1]; i++) {
            float d = 0;
            for (size_t k = 0; k < width; k++)
                d += (x[k] - p.vector[i * width + k]) *
                     (x[k] - p.vector[i * width + k]);
            if (d < least) {
                least = d;
                best = i;
            }
        }
        cr_assert_eq(pv_cells_find(cells, class, x), best);
    }
    pv_cells_free(cells);
    pv_population_clear(&p);
}
