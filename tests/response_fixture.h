/* Responses in HDF5 as a job writes them, right and wrong. */
#ifndef PV_TESTS_RESPONSE_FIXTURE_H
#define PV_TESTS_RESPONSE_FIXTURE_H

#include "sources_fixture.h"

#include <hdf5.h>

/* NULL: left out. */
typedef struct response {
    size_t count, width;
    const float *value;
    const int64_t *parent, *fold;
    const char *const *reference;
    bool fixed; /* texts of a fixed length */
    const char *metric;
} response;

static inline void put_set(hid_t file, const char *name, hid_t type,
                           hid_t memory, int rank, const hsize_t *dims,
                           const void *data)
{
    const hid_t space = H5Screate_simple(rank, dims, NULL);
    const hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT,
                                 H5P_DEFAULT, H5P_DEFAULT);
    cr_assert_geq(set, 0);
    if (dims[0] > 0)
        cr_assert_geq(
            H5Dwrite(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), 0);
    (void)H5Dclose(set);
    (void)H5Sclose(space);
}

static inline void put_references(hid_t file, const response *r)
{
    enum { room = 12 };
    const hsize_t count = r->count;
    const hid_t type = H5Tcopy(H5T_C_S1);
    (void)H5Tset_cset(type, H5T_CSET_UTF8);
    if (r->fixed) {
        char *all = calloc(r->count + 1, room);
        for (size_t i = 0; i < r->count; i++)
            (void)snprintf(all + i * room, room, "%s", r->reference[i]);
        (void)H5Tset_size(type, room);
        put_set(file, "payload_ref", type, type, 1, &count, all);
        free(all);
    } else {
        (void)H5Tset_size(type, H5T_VARIABLE);
        put_set(file, "payload_ref", type, type, 1, &count, r->reference);
    }
    (void)H5Tclose(type);
}

static inline void put_metric(hid_t file, const char *metric)
{
    const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    (void)H5Tset_size(type, strlen(metric) + 1);
    const hid_t attribute = H5Acreate2(file, "metric", type, space,
                                       H5P_DEFAULT, H5P_DEFAULT);
    cr_assert_geq(H5Awrite(attribute, type, metric), 0);
    (void)H5Aclose(attribute);
    (void)H5Sclose(space);
    (void)H5Tclose(type);
}

static inline void put_response(const char *path, const response *r)
{
    const hsize_t dims[2] = {r->count, r->width};
    const hid_t file =
        H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    cr_assert_geq(file, 0);
    put_set(file, "embedding", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, 2, dims,
            r->value);
    if (r->parent != NULL)
        put_set(file, "parent_id", H5T_STD_I64LE, H5T_NATIVE_INT64, 1, dims,
                r->parent);
    if (r->fold != NULL)
        put_set(file, "fold", H5T_STD_I32LE, H5T_NATIVE_INT64, 1, dims,
                r->fold);
    if (r->reference != NULL)
        put_references(file, r);
    if (r->metric != NULL)
        put_metric(file, r->metric);
    (void)H5Fclose(file);
}

#endif
