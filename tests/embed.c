/* embed FILE [FAULT]: embeddings for tests/test-pe.sh. Three labels with a cloud of 8
 * coordinates each; 1500 private vectors (row i is of label i % 3) and a pool of 600,
 * numbered from 5000 on. Faults: wide (10 private coordinates), nan (one private vector and
 * one of the pool are not finite), zero (a pool vector of zeros), empty (label 2 has no
 * private row), strange (persons and parents that nobody asked for). Also writes
 * pool-only.h5 and open.json beside it. */
#include <hdf5.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { width = 8, private_rows = 1500, pool_rows = 600, first_id = 5000 };

static uint64_t state = 88172645463325252U;

static float uniform(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (float)(state >> 40) / (float)(1 << 24);
}

static float *clouds(size_t rows, size_t wide, size_t labels)
{
    float *v = malloc(rows * wide * sizeof *v);
    for (size_t i = 0; v != NULL && i < rows; i++)
        for (size_t k = 0; k < wide; k++)
            v[i * wide + k] =
                (k % 3 == i % labels ? 2.0F : 0.0F) + uniform() - 0.5F;
    return v;
}

static int put(hid_t group, const char *name, hid_t type, int rank,
               const hsize_t *dims, const void *data)
{
    const hid_t space = H5Screate_simple(rank, dims, NULL);
    const hid_t set = H5Dcreate2(group, name, type, space, H5P_DEFAULT,
                                 H5P_DEFAULT, H5P_DEFAULT);
    const int bad =
        H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0;
    (void)H5Dclose(set);
    (void)H5Sclose(space);
    return bad;
}

static int part(hid_t file, const char *name, const float *v, size_t rows,
                size_t wide, const int *label, int64_t first)
{
    const hid_t group =
        H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const hsize_t dims[2] = {rows, wide};
    int64_t *id = malloc(rows * sizeof *id);
    for (size_t i = 0; i < rows; i++)
        id[i] = first + (int64_t)i;
    int bad = put(group, "embedding", H5T_NATIVE_FLOAT, 2, dims, v) ||
              put(group, "row_id", H5T_NATIVE_INT64, 1, dims, id);
    if (label != NULL)
        bad = bad || put(group, "label", H5T_NATIVE_INT, 1, dims, label);
    free(id);
    (void)H5Gclose(group);
    return bad;
}

int main(int argc, char **argv)
{
    const char *fault = argc > 2 ? argv[2] : "";
    const size_t wide = strcmp(fault, "wide") == 0 ? 10 : width;
    const size_t labels = strcmp(fault, "empty") == 0 ? 2 : 3;
    float *own = clouds(private_rows, wide, labels);
    float *pool = clouds(pool_rows, width, 3);
    int *label = malloc(private_rows * sizeof *label);
    if (argc < 2 || own == NULL || pool == NULL || label == NULL)
        return 2;
    for (size_t i = 0; i < private_rows; i++)
        label[i] = (int)(i % labels);
    if (strcmp(fault, "nan") == 0)
        own[3] = pool[5] = NAN;
    if (strcmp(fault, "strange") == 0) /* labels beyond the schema are clamped */
        label[7] = 99;
    if (strcmp(fault, "zero") == 0)
        memset(pool + 9 * width, 0, width * sizeof *pool);
    const hid_t file =
        H5Fcreate(argv[1], H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    int bad = part(file, "private", own, private_rows, wide, label, 0) ||
              part(file, "pool", pool, pool_rows, width, NULL, first_id);
    (void)H5Fclose(file);
    const hid_t alone =
        H5Fcreate("pool-only.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    bad = part(alone, "pool", pool, pool_rows, width, NULL, first_id) || bad;
    (void)H5Fclose(alone);
    FILE *open = fopen("open.json", "w");
    if (open != NULL) {
        (void)fputs("{\"fields\":[{\"name\":\"a\",\"type\":\"number\",\"privet\":"
                    "{\"bounds\":\"private\",\"bins\":\"private\"}}]}\n",
                    open);
        (void)fclose(open);
    }
    free(own);
    free(pool);
    free(label);
    return bad;
}
