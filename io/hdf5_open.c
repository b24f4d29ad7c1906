/* Opening and reading HDF5 objects that may be hostile. */
#include "io/hdf5_internal.h"

#include "core/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CHUNK_BYTES = 1 << 26, DEFLATE_RATIO = 1100, SLACK = 1 << 20 };

pv_status pv_h5_malformed(const char *path, const char *what, pv_error *err)
{
    return pv_fail(err, PV_EFORMAT, "%s: %s", path, what);
}

/* The version of the superblock; -1 when the file does not start like HDF5. */
static int superblock_version(const char *path)
{
    static const unsigned char signature[] = "\x89HDF\r\n\x1a\n";
    unsigned char head[9] = {0};
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return -1;
    (void)setvbuf(file, NULL, _IONBF, 0); /* a buffer would keep private rows */
    const size_t got = fread(head, 1, sizeof head, file);
    (void)fclose(file);
    return got == sizeof head && memcmp(head, signature, 8) == 0 ? head[8] : -1;
}

bool pv_hdf5_detect(const char *path)
{
    return superblock_version(path) >= 0;
}

hid_t pv_h5_open_file(const char *path)
{
    pv_h5_quiet();
    /* Files as we write them have metadata with checksums throughout. Without
     * these, damage leads HDF5 into freed memory. */
    if (superblock_version(path) < 2)
        return -1;
    return H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
}

hid_t pv_h5_open_any(const char *path)
{
    pv_h5_quiet();
    return pv_hdf5_detect(path) ? H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT)
                                : -1;
}

bool pv_h5_has(hid_t parent, const char *name)
{
    H5L_info_t info;
    return H5Lexists(parent, name, H5P_DEFAULT) > 0 &&
           H5Lget_info(parent, name, &info, H5P_DEFAULT) >= 0 &&
           info.type == H5L_TYPE_HARD;
}

bool pv_h5_is_group(hid_t parent, const char *name)
{
    if (!pv_h5_has(parent, name))
        return false;
    const hid_t object = H5Oopen(parent, name, H5P_DEFAULT);
    const bool group = object >= 0 && H5Iget_type(object) == H5I_GROUP;
    (void)H5Oclose(object);
    return group;
}

hid_t pv_h5_open_group(hid_t parent, const char *name)
{
    if (!pv_h5_is_group(parent, name))
        return -1;
    return H5Gopen2(parent, name, H5P_DEFAULT);
}

/* Chunks that fit in memory, and no filter but the standard ones: others
 * would load a plug-in. */
static bool layout_is_safe(hid_t how, size_t size)
{
    hsize_t chunk[H5S_MAX_RANK];
    const H5D_layout_t layout = H5Pget_layout(how);
    if (layout == H5D_LAYOUT_ERROR || layout == H5D_VIRTUAL ||
        H5Pget_external_count(how) != 0)
        return false;
    const int filters = H5Pget_nfilters(how);
    for (int i = 0; i < filters; i++) {
        unsigned flags, config;
        size_t values = 0;
        const H5Z_filter_t id = H5Pget_filter2(how, (unsigned)i, &flags,
                                               &values, NULL, 0, NULL, &config);
        if (id < H5Z_FILTER_DEFLATE || id > H5Z_FILTER_SCALEOFFSET)
            return false;
    }
    if (layout != H5D_CHUNKED)
        return filters >= 0;
    const int rank = H5Pget_chunk(how, H5S_MAX_RANK, chunk);
    hsize_t bytes = size;
    for (int i = 0; i < rank; i++) {
        if (chunk[i] == 0 || chunk[i] > MAX_CHUNK_BYTES / bytes)
            return false;
        bytes *= chunk[i];
    }
    return rank > 0 && filters >= 0;
}

/* A small file must not claim a large array: chunks may be absent, deflate
 * packs at most about 1:1032. */
static bool size_is_honest(hid_t dataset, size_t size, int rank,
                           const hsize_t *dims)
{
    hsize_t stored = H5Dget_storage_size(dataset), file_size = 0, bytes = size;
    const hid_t file = H5Iget_file_id(dataset);
    if (H5Fget_filesize(file, &file_size) < 0 || stored > file_size)
        stored = file_size;
    (void)H5Fclose(file);
    const hsize_t limit = stored * DEFLATE_RATIO + SLACK;
    for (int i = 0; i < rank; i++) {
        if (dims[i] != 0 && bytes > limit / dims[i])
            return false;
        bytes *= dims[i];
    }
    return bytes <= limit;
}

static bool dataset_is_safe(hid_t dataset, int max_rank, int *rank,
                            hsize_t *dims)
{
    const hid_t space = H5Dget_space(dataset);
    const hid_t type = H5Dget_type(dataset);
    const hid_t how = H5Dget_create_plist(dataset);
    const size_t size = type >= 0 ? H5Tget_size(type) : 0;
    bool safe = space >= 0 && type >= 0 && how >= 0 && size > 0 &&
                size <= PV_H5_MAX_TEXT &&
                H5Sget_simple_extent_type(space) != H5S_NULL;
    if (safe) {
        *rank = H5Sget_simple_extent_ndims(space);
        safe = *rank >= 0 && *rank <= max_rank &&
               (*rank == 0 ||
                H5Sget_simple_extent_dims(space, dims, NULL) >= 0) &&
               layout_is_safe(how, size) &&
               size_is_honest(dataset, size, *rank, dims);
    }
    (void)H5Pclose(how);
    (void)H5Tclose(type);
    (void)H5Sclose(space);
    return safe;
}

hid_t pv_h5_open_dataset(hid_t parent, const char *name, int max_rank,
                         int *rank, hsize_t *dims)
{
    if (!pv_h5_has(parent, name))
        return -1;
    const hid_t object = H5Oopen(parent, name, H5P_DEFAULT);
    if (object < 0)
        return -1;
    if (H5Iget_type(object) != H5I_DATASET ||
        !dataset_is_safe(object, max_rank, rank, dims)) {
        (void)H5Oclose(object);
        return -1;
    }
    return object;
}

/* Fixed length only: HDF5 follows the references of variable-length texts
 * into its heap unchecked, so a damaged file could crash the reader. */
char *pv_h5_get_document(hid_t parent, const char *name)
{
    int rank = 0;
    hsize_t dims = 0;
    char *text = NULL;
    const hid_t dataset = pv_h5_open_dataset(parent, name, 0, &rank, &dims);
    const hid_t stored = dataset >= 0 ? H5Dget_type(dataset) : -1;
    if (stored >= 0 && H5Tget_class(stored) == H5T_STRING &&
        H5Tis_variable_str(stored) == 0) {
        const size_t size = H5Tget_size(stored);
        /* ASCII or UTF-8, as it is stored: HDF5 does not convert */
        const hid_t type = H5Tcopy(stored);
        text = pv_array_calloc(size + 1, 1);
        if (text != NULL && H5Dread(dataset, type, H5S_ALL, H5S_ALL,
                                    H5P_DEFAULT, text) < 0) {
            free(text);
            text = NULL;
        }
        (void)H5Tclose(type);
    }
    (void)H5Tclose(stored);
    (void)H5Dclose(dataset);
    return text;
}

bool pv_h5_get_numbers(hid_t object, const char *name, hid_t type,
                       size_t count, void *values)
{
    bool done = false;
    if (H5Aexists(object, name) <= 0)
        return false;
    const hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    const hid_t space = H5Aget_space(attribute);
    const hid_t stored = H5Aget_type(attribute);
    const H5T_class_t class = stored >= 0 ? H5Tget_class(stored) : H5T_NO_CLASS;
    if (attribute >= 0 && space >= 0 &&
        H5Sget_simple_extent_npoints(space) == (hssize_t)count &&
        (class == H5T_INTEGER || class == H5T_FLOAT))
        done = H5Aread(attribute, type, values) >= 0;
    (void)H5Tclose(stored);
    (void)H5Sclose(space);
    (void)H5Aclose(attribute);
    return done;
}

char *pv_h5_get_texts(hid_t object, const char *name, size_t count,
                      size_t *size)
{
    char *texts = NULL;
    if (H5Aexists(object, name) <= 0)
        return NULL;
    const hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    const hid_t space = H5Aget_space(attribute);
    const hid_t stored = H5Aget_type(attribute);
    if (attribute >= 0 && space >= 0 && stored >= 0 &&
        H5Sget_simple_extent_npoints(space) == (hssize_t)count &&
        H5Tget_class(stored) == H5T_STRING && H5Tis_variable_str(stored) == 0) {
        const hid_t type = H5Tcopy(stored);
        *size = H5Tget_size(stored);
        if (*size > 0 && *size < PV_H5_NAME_ROOM)
            texts = pv_array_calloc(count, *size);
        if (texts != NULL &&
            (H5Tset_strpad(type, H5T_STR_NULLPAD) < 0 ||
             H5Aread(attribute, type, texts) < 0)) {
            free(texts);
            texts = NULL;
        }
        (void)H5Tclose(type);
    }
    (void)H5Tclose(stored);
    (void)H5Sclose(space);
    (void)H5Aclose(attribute);
    return texts;
}

bool pv_h5_read_slice(hid_t dataset, hid_t type, hsize_t first, hsize_t count,
                      void *out)
{
    const hid_t memory = H5Screate_simple(1, &count, NULL);
    const hid_t file = H5Dget_space(dataset);
    const bool done =
        memory >= 0 && file >= 0 &&
        H5Sselect_hyperslab(file, H5S_SELECT_SET, &first, NULL, &count, NULL) >=
            0 &&
        H5Dread(dataset, type, memory, file, H5P_DEFAULT, out) >= 0;
    (void)H5Sclose(file);
    (void)H5Sclose(memory);
    return done;
}
