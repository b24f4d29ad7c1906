/* A file of private vectors and a pool, both on a grid of 8 by 8 places. */
#ifndef PV_TESTS_PE_POOL_FIXTURE_H
#define PV_TESTS_PE_POOL_FIXTURE_H

#include "curator_fixture.h"
#include "gen/pe/embedded.h"
#include "gen/pe/options.h"

#include <hdf5.h>

enum { side = 8, places = side * side, first_id = 700 };

static const char label_schema[] =
    "{\"fields\":[{\"name\":\"kind\",\"categories\":[\"a\",\"b\"],"
    "\"constraints\":{\"required\":true}}]}";

static inline void put_set(hid_t group, const char *name, hid_t type, int rank,
                           hsize_t rows, const void *data)
{
    const hsize_t dims[2] = {rows, 2};
    const hid_t space = H5Screate_simple(rank, dims, NULL);
    const hid_t set = H5Dcreate2(group, name, type, space, H5P_DEFAULT,
                                 H5P_DEFAULT, H5P_DEFAULT);
    cr_assert_geq(set, 0);
    cr_assert_geq(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), 0);
    (void)H5Dclose(set);
    (void)H5Sclose(space);
}

/* One past the middle of the axes, so that all have a direction. */
static inline void put_place(size_t place, float *v)
{
    v[0] = (float)(place % side) + 1;
    v[1] = (float)(place / side) + 1;
}

/* count[class][place] private rows; every place once in the pool, numbered. */
static inline void put_grid(const size_t count[2][places])
{
    float *v = malloc(2 * 20000 * sizeof *v);
    int64_t *label = malloc(20000 * sizeof *label);
    int64_t id[places];
    size_t n = 0;
    for (int c = 0; c < 2; c++)
        for (size_t p = 0; p < places; p++)
            for (size_t k = 0; count != NULL && k < count[c][p]; k++) {
                put_place(p, v + 2 * n);
                label[n++] = c;
            }
    const hid_t file =
        H5Fcreate(f.input, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t group =
        H5Gcreate2(file, "private", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    put_set(group, "embedding", H5T_NATIVE_FLOAT, 2, n, v);
    put_set(group, "label", H5T_NATIVE_INT64, 1, n, label);
    (void)H5Gclose(group);
    for (size_t p = 0; p < places; p++) {
        put_place(p, v + 2 * p);
        id[p] = first_id + (int64_t)p;
    }
    group = H5Gcreate2(file, "pool", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    put_set(group, "embedding", H5T_NATIVE_FLOAT, 2, places, v);
    put_set(group, "row_id", H5T_NATIVE_INT64, 1, places, id);
    (void)H5Gclose(group);
    cr_assert_geq(H5Fclose(file), 0);
    free(v);
    free(label);
}

static inline pv_pool_source *open_pool(pv_vector_metric metric)
{
    pv_pool_source *pool;
    const pv_key key = {{'p'}};
    cr_assert_eq(pv_pool_open(f.input, f.schema, metric, true, &pool, &f.err),
                 PV_OK, "%s", f.err.message);
    pv_pool_begin(pool, &key);
    return pool;
}

static inline void begin_grid(void)
{
    fixture_open();
    (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    f.options.vectors = true;
    f.options.test_key = &f.seed; /* the same noise each time */
    use_schema(label_schema);
}

#endif
