/* Making HDF5 objects: files, groups, datasets, attributes. */
#include "io/hdf5_internal.h"

#include "core/atomicfile.h"
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 1 << 20, DEFLATE_LEVEL = 4 };

void pv_h5_quiet(void)
{
    (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

pv_status pv_h5_write_failed(const char *path, const char *what, pv_error *err)
{
    return pv_fail(err, PV_EIO,
                   "%s: cannot write %s; free some space or choose another "
                   "directory",
                   path, what);
}

hid_t pv_h5_create_file(const char *path)
{
    hid_t file = -1;
    const hid_t how = H5Pcreate(H5P_FILE_CREATE);
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    /* a fixed version of the format, for equal bytes; one whose metadata has
     * checksums, since HDF5 follows damaged metadata into freed memory */
    if (how >= 0 && access >= 0 && H5Pset_obj_track_times(how, false) >= 0 &&
        H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110) >= 0)
        file = H5Fcreate(path, H5F_ACC_TRUNC, how, access);
    (void)H5Pclose(how);
    (void)H5Pclose(access);
    return file;
}

hid_t pv_h5_create_group(hid_t parent, const char *name)
{
    hid_t group = -1;
    const hid_t how = H5Pcreate(H5P_GROUP_CREATE);
    if (how >= 0 && H5Pset_obj_track_times(how, false) >= 0)
        group = H5Gcreate2(parent, name, H5P_DEFAULT, how, H5P_DEFAULT);
    (void)H5Pclose(how);
    return group;
}

hid_t pv_h5_string_type(size_t size)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    if (H5Tset_size(type, size > 0 ? size : H5T_VARIABLE) < 0 ||
        H5Tset_strpad(type, size > 0 ? H5T_STR_NULLPAD : H5T_STR_NULLTERM) <
            0 ||
        H5Tset_cset(type, H5T_CSET_UTF8) < 0) {
        (void)H5Tclose(type);
        return -1;
    }
    return type;
}

/* Chunks of PV_H5_BLOCK_ROWS rows, or of about CHUNK_BYTES in more
 * dimensions: the first ones are cut first. */
static bool set_chunks(hid_t how, size_t size, int rank, const hsize_t *dims)
{
    hsize_t chunk[H5S_MAX_RANK], cells = 1;
    for (int i = 0; i < rank; i++) {
        chunk[i] = dims[i];
        cells *= dims[i];
    }
    if (rank == 1 && chunk[0] > PV_H5_BLOCK_ROWS)
        chunk[0] = PV_H5_BLOCK_ROWS;
    for (int i = 0; rank > 1 && i < rank && cells * size > CHUNK_BYTES; i++) {
        const hsize_t rest = cells / chunk[i];
        chunk[i] = CHUNK_BYTES / (rest * size);
        chunk[i] = chunk[i] > 0 ? chunk[i] : 1;
        cells = rest * chunk[i];
    }
    return H5Pset_chunk(how, rank, chunk) >= 0 && H5Pset_shuffle(how) >= 0 &&
           H5Pset_deflate(how, DEFLATE_LEVEL) >= 0 &&
           H5Pset_fletcher32(how) >= 0;
}

hid_t pv_h5_create_dataset(hid_t parent, const char *name, hid_t type, int rank,
                           const hsize_t *dims)
{
    hid_t dataset = -1;
    /* texts of variable length lie in a heap that no filter reaches */
    bool plain = rank == 0 || H5Tis_variable_str(type) > 0;
    for (int i = 0; i < rank; i++)
        plain = plain || dims[i] == 0;
    const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
    const hid_t space = H5Screate_simple(rank, dims, NULL);
    if (how >= 0 && space >= 0 && H5Pset_obj_track_times(how, false) >= 0 &&
        (plain || set_chunks(how, H5Tget_size(type), rank, dims)))
        dataset = H5Dcreate2(parent, name, type, space, H5P_DEFAULT, how,
                             H5P_DEFAULT);
    (void)H5Sclose(space);
    (void)H5Pclose(how);
    return dataset;
}

static bool put_attribute(hid_t object, const char *name, hid_t type,
                          hid_t space, const void *value)
{
    const hid_t attribute =
        H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    const bool done = attribute >= 0 && H5Awrite(attribute, type, value) >= 0;
    (void)H5Aclose(attribute);
    return done;
}

bool pv_h5_put_text(hid_t object, const char *name, const char *text)
{
    const hid_t type = pv_h5_string_type(0);
    const hid_t space = H5Screate(H5S_SCALAR);
    const bool done = put_attribute(object, name, type, space, &text);
    (void)H5Sclose(space);
    (void)H5Tclose(type);
    return done;
}

bool pv_h5_put_texts(hid_t object, const char *name, const char *const *texts,
                     size_t count)
{
    const hsize_t dims[] = {count};
    const hid_t type = pv_h5_string_type(0);
    const hid_t space = H5Screate_simple(1, dims, NULL);
    const bool done = put_attribute(object, name, type, space, texts);
    (void)H5Sclose(space);
    (void)H5Tclose(type);
    return done;
}

bool pv_h5_put_number(hid_t object, const char *name, hid_t type,
                      const void *value)
{
    const hid_t space = H5Screate(H5S_SCALAR);
    const bool done = put_attribute(object, name, type, space, value);
    (void)H5Sclose(space);
    return done;
}

bool pv_h5_put_numbers(hid_t object, const char *name, hid_t type,
                       size_t count, const void *values)
{
    const hsize_t dims[] = {count};
    const hid_t space = H5Screate_simple(1, dims, NULL);
    const bool done = put_attribute(object, name, type, space, values);
    (void)H5Sclose(space);
    return done;
}

bool pv_h5_put_encoding(hid_t object, const char *type, const char *version)
{
    return pv_h5_put_text(object, "encoding-type", type) &&
           pv_h5_put_text(object, "encoding-version", version);
}

bool pv_h5_put_document(hid_t parent, const char *name, const char *text)
{
    const size_t length = strlen(text);
    const hid_t type = pv_h5_string_type(length > 0 ? length : 1);
    const hid_t dataset = pv_h5_create_dataset(parent, name, type, 0, NULL);
    const bool done =
        dataset >= 0 &&
        H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) >= 0;
    (void)H5Dclose(dataset);
    (void)H5Tclose(type);
    return done;
}

pv_status pv_h5_finish(hid_t file, const char *path, pv_error *err)
{
    const bool flushed = H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0;
    if (H5Fclose(file) < 0 || !flushed)
        return pv_h5_write_failed(path, "the file", err);
    return pv_file_sync(path, err);
}

bool pv_h5_write_slice(hid_t dataset, hid_t type, hsize_t first, hsize_t count,
                       const void *in)
{
    const hid_t memory = H5Screate_simple(1, &count, NULL);
    const hid_t file = H5Dget_space(dataset);
    const bool done = memory >= 0 && file >= 0 &&
                      H5Sselect_hyperslab(file, H5S_SELECT_SET, &first, NULL,
                                          &count, NULL) >= 0 &&
                      H5Dwrite(dataset, type, memory, file, H5P_DEFAULT, in) >=
                          0;
    (void)H5Sclose(file);
    (void)H5Sclose(memory);
    return done;
}
