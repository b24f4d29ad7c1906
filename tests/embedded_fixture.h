/* Embeddings of two coordinates in an HDF5 file, as people write them, and a
 * curator over them. */
#ifndef PV_TESTS_EMBEDDED_FIXTURE_H
#define PV_TESTS_EMBEDDED_FIXTURE_H

#include "curator_fixture.h"

#include <hdf5.h>

enum { width = 2, rows_most = 16 };

#define LABEL                                                                  \
    "{\"fields\":[{\"name\":\"kind\",\"categories\":[\"a\",\"b\"],"             \
    "\"constraints\":{\"required\":true}}"
#define OWNED                                                                  \
    ",{\"name\":\"who\",\"type\":\"string\",\"privet\":{\"role\":\"id\"}}],"    \
    "\"privet\":{\"unit\":{\"column\":\"who\",\"max_rows\":3}}}"
static const char of_rows[] = LABEL "]}";
static const char of_persons[] = LABEL OWNED;

/* What the file gets; `label` and `unit` NULL are left out. */
typedef struct embedded {
    size_t rows;
    float value[rows_most][width];
    const int64_t *label;
    const int64_t *unit;
} embedded;

static inline void put_set(hid_t group, const char *name, hid_t type, int rank,
                           const hsize_t *dims, const void *data)
{
    const hid_t space = H5Screate_simple(rank, dims, NULL);
    const hid_t set = H5Dcreate2(group, name, type, space, H5P_DEFAULT,
                                 H5P_DEFAULT, H5P_DEFAULT);
    cr_assert_geq(set, 0);
    if (dims[0] > 0)
        cr_assert_geq(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data),
                      0);
    (void)H5Dclose(set);
    (void)H5Sclose(space);
}

/* The file, open at its group /private: close_file. */
static inline hid_t make_file(hid_t *file)
{
    *file = H5Fcreate(f.input, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    cr_assert_geq(*file, 0);
    return H5Gcreate2(*file, "private", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
}

static inline void close_file(hid_t file, hid_t group)
{
    (void)H5Gclose(group);
    cr_assert_geq(H5Fclose(file), 0);
}

static inline void put_integers(hid_t group, const char *name, size_t count,
                                const int64_t *values)
{
    const hsize_t dims[1] = {count};
    if (values != NULL)
        put_set(group, name, H5T_NATIVE_INT64, 1, dims, values);
}

static inline void put_embedded(hid_t group, const embedded *e)
{
    const hsize_t dims[2] = {e->rows, width};
    put_set(group, "embedding", H5T_NATIVE_FLOAT, 2, dims, e->value);
    put_integers(group, "label", e->rows, e->label);
    put_integers(group, "unit_id", e->rows, e->unit);
}

static inline void use_embedded(const embedded *e)
{
    hid_t file;
    const hid_t group = make_file(&file);
    put_embedded(group, e);
    close_file(file, group);
}

/* A run of its own, so that the rows may be others than before. */
static inline pv_status open_anew(void)
{
    pv_curator_close(f.curator);
    f.curator = NULL;
    if (access(f.run_dir, F_OK) == 0)
        remove_tree(pv_strdup(f.run_dir));
    return reopen();
}

static inline void open_anew_well(void)
{
    cr_assert_eq(open_anew(), PV_OK, "%s", f.err.message);
}

/* Class a has candidates at the corners of a square, class b at two of them. */
enum { candidates = 6 };
static const float corner[candidates][width] = {{0, 0}, {1, 0}, {0, 1},
                                                {1, 1}, {0, 0}, {1, 1}};
static const size_t first[3] = {0, 4, 6};
static const pv_ballot by_label = {.metric = PV_VECTOR_L2, .by = 0, .classes = 2,
                                   .first = first, .width = width,
                                   .vector = corner[0]};

typedef struct votes {
    int64_t of[candidates];
} votes;

static inline votes votes_now(void)
{
    votes v;
    cr_assert_eq(pv_curator_votes(f.curator, &by_label, v.of, &f.err), PV_OK,
                 "%s", f.err.message);
    return v;
}

static inline void assert_votes(const int64_t wanted[candidates])
{
    const votes got = votes_now();
    for (size_t j = 0; j < candidates; j++)
        cr_assert_eq(got.of[j], wanted[j], "candidate %zu has %lld, not %lld", j,
                     (long long)got.of[j], (long long)wanted[j]);
}

#endif
