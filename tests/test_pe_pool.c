/* A pool as a source of candidates. */
#include "pe_pool_fixture.h"

static pv_pool_source *pool;
static pv_source *source;
static pv_population first, next;

static void begin(void)
{
    begin_grid();
    put_grid(NULL);
    pool = open_pool(PV_VECTOR_L2);
    source = pv_pool_source_of(pool);
    cr_assert_eq(pv_population_make(2, 2, &first, &f.err), PV_OK);
    cr_assert_eq(pv_population_make(2, 2, &next, &f.err), PV_OK);
}

static void end(void)
{
    pv_population_clear(&first);
    pv_population_clear(&next);
    pv_source_free(source);
    fixture_close();
}

TestSuite(pool, .init = begin, .fini = end);

static void check_vectors(const pv_population *p)
{
    for (size_t i = 0; i < p->count; i++) {
        float v[2];
        put_place(p->item[i], v);
        cr_assert_arr_eq(p->vector + 2 * i, v, sizeof v);
    }
}

/* How many different items those from .. end - 1 have. */
static size_t different(const pv_population *p, size_t from, size_t end_at)
{
    bool seen[places] = {false};
    size_t count = 0;
    for (size_t i = from; i < end_at; i++) {
        count += !seen[p->item[i]];
        seen[p->item[i]] = true;
    }
    return count;
}

Test(pool, first_candidates_are_all_different)
{
    const size_t wanted[2] = {20, 1000};
    cr_assert_eq(pv_pool_count(pool), places);
    cr_assert_eq(source->random(source, wanted, &first, &f.err), PV_OK);
    cr_assert_eq(first.count, 20 + places);
    cr_assert_eq(different(&first, 0, 20), 20);
    cr_assert_eq(different(&first, 20, first.count), places);
    for (size_t i = 0; i < first.count; i++) {
        cr_assert_eq(first.class[i], i >= 20);
        cr_assert_eq(first.generation[i], 0);
    }
    check_vectors(&first);
    /* classes are drawn apart */
    cr_assert_neq(memcmp(first.item, first.item + 20, 20 * sizeof *first.item),
                  0);
}

static double distance(size_t a, size_t b)
{
    const double x = (double)(a % side) - (double)(b % side);
    const double y = (double)(a / side) - (double)(b / side);
    return x * x + y * y;
}

static void vary(double degree, size_t fold, size_t step, bool ahead)
{
    const pv_variation how = {
        .step = step, .degree = degree, .fold = fold, .ahead = ahead};
    pv_population_clear(&next);
    cr_assert_eq(pv_population_make(2, 2, &next, &f.err), PV_OK);
    cr_assert_eq(source->vary(source, &first, &how, &next, &f.err), PV_OK);
    cr_assert_eq(next.count, fold * first.count);
    check_vectors(&next);
}

/* No child is farther than so many of the pool are at least; all of them are children
 * of some parent. */
static void check_reach(double degree, size_t reach, size_t fold)
{
    size_t itself = 0;
    vary(degree, fold, 3, false);
    for (size_t i = 0; i < next.count; i++) {
        const uint64_t parent = first.item[i / fold];
        const double here = distance(next.item[i], parent);
        size_t nearer = 0;
        for (size_t p = 0; p < places; p++)
            nearer += distance(p, parent) < here;
        cr_assert_lt(nearer, reach, "degree %g: %zu are nearer", degree, nearer);
        itself += next.item[i] == parent;
        cr_assert_eq(next.class[i], first.class[i / fold]);
        cr_assert_eq(next.generation[i], 3);
    }
    const double share = (double)itself / (double)next.count;
    cr_assert_float_eq(share, 1 / (double)reach, 0.13, "degree %g: %g", degree,
                       share);
}

Test(pool, children_are_among_the_nearest)
{
    const size_t wanted[2] = {places, places};
    cr_assert_eq(source->random(source, wanted, &first, &f.err), PV_OK);
    check_reach(0, 2, 1);
    check_reach(0.5, 4, 1); /* 2 sqrt(3.2) */
    check_reach(1, 6, 1);   /* a tenth of the pool */
    check_reach(1, 6, 5);
}

Test(pool, children_are_different_where_there_are_so_many)
{
    const size_t wanted[2] = {places, 3};
    cr_assert_eq(source->random(source, wanted, &first, &f.err), PV_OK);
    vary(1, 6, 1, false);
    for (size_t i = 0; i < first.count; i++)
        cr_assert_eq(different(&next, 6 * i, 6 * i + 6), 6);
    vary(0, 5, 1, false);
    for (size_t i = 0; i < first.count; i++)
        cr_assert_eq(different(&next, 5 * i, 5 * i + 5), 2);
}

Test(pool, steps_and_looks_ahead_are_drawn_apart)
{
    const size_t wanted[2] = {places, 0};
    uint64_t item[3][places];
    cr_assert_eq(source->random(source, wanted, &first, &f.err), PV_OK);
    for (size_t k = 0; k < 3; k++) {
        vary(1, 1, k == 1 ? 2 : 1, k == 2);
        memcpy(item[k], next.item, sizeof item[k]);
        for (size_t j = 0; j < k; j++)
            cr_assert_neq(memcmp(item[k], item[j], sizeof item[k]), 0);
    }
}

/* --- cells --------------------------------------------------------------------- */

Test(pool, cells_have_all_of_the_pool_once)
{
    pv_outcome outcome = {0};
    const size_t wanted[2] = {0, 1};
    double weight[places] = {0};
    cr_assert_eq(pv_pool_cells(pool, 10, wanted, &first, &f.err), PV_OK);
    cr_assert_eq(first.count, 10);
    for (size_t i = 0; i < 10; i++) {
        cr_assert_eq(first.class[i], 1);
        const size_t before = outcome.count;
        double x = 0, y = 0;
        cr_assert_eq(pv_pool_open_cell(pool, 1, first.item[i], 6, &outcome,
                                       &f.err),
                     PV_OK);
        const double members = (double)(outcome.count - before);
        for (size_t k = before; k < outcome.count; k++) {
            float v[2];
            put_place(outcome.item[k], v);
            x += (double)v[0] / members;
            y += (double)v[1] / members;
            cr_assert_eq(weight[outcome.item[k]], 0);
            weight[outcome.item[k]] = outcome.weight[k];
            cr_assert_float_eq(outcome.weight[k], 6 / members, 1e-12);
        }
        cr_assert_float_eq(first.vector[2 * i], x, 1e-4);
        cr_assert_float_eq(first.vector[2 * i + 1], y, 1e-4);
    }
    cr_assert_eq(outcome.count, places);
    pv_outcome_clear(&outcome);
}

Test(pool, has_no_more_cells_than_rows)
{
    const size_t wanted[2] = {1, 1};
    cr_assert_eq(pv_pool_cells(pool, 1000, wanted, &first, &f.err), PV_OK);
    cr_assert_eq(first.count, 2 * places);
}

Test(pool, under_cosine_all_have_length_1)
{
    pv_pool_source *other = open_pool(PV_VECTOR_COSINE);
    const size_t wanted[2] = {1, 0};
    cr_assert_eq(pv_pool_cells(other, 7, wanted, &first, &f.err), PV_OK);
    for (size_t i = 0; i < first.count + places; i++) {
        const float *v = i < places ? pv_pool_vectors(other) + 2 * i
                                    : first.vector + 2 * (i - places);
        cr_assert_float_eq(v[0] * v[0] + v[1] * v[1], 1, 1e-5);
    }
    pv_source_free(pv_pool_source_of(other));
}

Test(pool, private_vectors_are_not_read_as_public_ones)
{
    static const char *const part[] = {"private", "/private", "./private",
                                       "private/", "//private", "pool/"};
    pv_vectors *v = NULL;
    put_grid((const size_t[2][places]){{3}, {4}});
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        cr_assert_eq(pv_vectors_read(f.input, part[i], &v, &f.err), PV_EINVAL,
                     "%s", part[i]);
        cr_assert_null(v);
    }
    cr_assert_eq(pv_vectors_read(f.input, "/", &v, &f.err), PV_EFORMAT);
    cr_assert_eq(pv_vectors_read(f.input, "pool", &v, &f.err), PV_OK);
    cr_assert_eq(v->count, places);
    pv_vectors_free(v);
}

Test(pool, digests_tell_pools_apart)
{
    char one[2 * PV_DIGEST_BYTES + 1], two[2 * PV_DIGEST_BYTES + 1];
    pv_pool_source *other = open_pool(PV_VECTOR_COSINE);
    pv_pool_digest(pool, one);
    pv_pool_digest(other, two);
    cr_assert_str_neq(one, two);
    pv_source_free(pv_pool_source_of(other));
}
