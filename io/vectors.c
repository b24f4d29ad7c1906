#include "io/private_vectors.h"

#include "core/memory.h"
#include "io/hdf5_internal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

typedef struct reading {
    const char *path, *part;
    hid_t group;
    pv_vectors *into;
} reading;

static pv_status refuse(const reading *r, const char *name, const char *what,
                        pv_error *err)
{
    return pv_fail(err, PV_EFORMAT, "%s: %s/%s %s", r->path,
                   strcmp(r->part, "/") == 0 ? "" : r->part, name, what);
}

/* --- values ------------------------------------------------------------------- */

static bool is_number(hid_t dataset)
{
    const hid_t type = H5Dget_type(dataset);
    const H5T_class_t class = type >= 0 ? H5Tget_class(type) : H5T_NO_CLASS;
    (void)H5Tclose(type);
    return class == H5T_INTEGER || class == H5T_FLOAT;
}

static pv_status read_embedding(const reading *r, pv_error *err)
{
    int rank = 0;
    hsize_t dims[2] = {0, 0};
    pv_vectors *v = r->into;
    pv_status status = PV_OK;
    const hid_t set =
        pv_h5_open_dataset(r->group, "embedding", 2, &rank, dims);
    if (set < 0)
        return refuse(r, "embedding",
                      "is missing or damaged; it holds a vector a row, as "
                      "float32 of two dimensions",
                      err);
    if (rank != 2 || !is_number(set) || dims[1] == 0 ||
        dims[1] > PV_MAX_WIDTH) {
        status = refuse(r, "embedding",
                        "must be numbers of two dimensions: rows, and 1 to "
                        "65536 coordinates",
                        err);
        goto out;
    }
    v->count = (size_t)dims[0];
    v->width = (size_t)dims[1];
    size_t cells;
    v->value = pv_size_mul(v->count, v->width, &cells)
                   ? pv_aligned_alloc(cells, sizeof *v->value)
                   : NULL;
    if (v->value == NULL) {
        status = pv_fail_memory(err, "the embeddings");
        goto out;
    }
    if (v->count > 0 && H5Dread(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL,
                                H5P_DEFAULT, v->value) < 0)
        status = refuse(r, "embedding", "cannot be read; it is damaged", err);
out:
    (void)H5Dclose(set);
    return status;
}

/* A set of one dimension, of as many entries as there are vectors; -1 with PV_OK
 * when there is none. */
static pv_status open_beside(const reading *r, const char *name, hid_t *set,
                             pv_error *err)
{
    int rank = 0;
    hsize_t dims[1] = {0};
    *set = -1;
    if (!pv_h5_has(r->group, name))
        return PV_OK;
    *set = pv_h5_open_dataset(r->group, name, 1, &rank, dims);
    if (*set >= 0 && rank == 1 && dims[0] == r->into->count)
        return PV_OK;
    if (*set >= 0)
        (void)H5Dclose(*set);
    *set = -1;
    return refuse(r, name,
                  "must have one entry a row of embedding, and one dimension",
                  err);
}

/* Identities may be unsigned, such as hashes: of those the bits are kept, since only
 * whether two are equal matters. Read as signed ones all beyond 2^63 would become one
 * number, and their people one person, whose rows then push each other out. */
static pv_status read_integers(const reading *r, const char *name,
                               bool identities, int64_t **values, pv_error *err)
{
    pv_status status;
    hid_t set, type, as = H5T_NATIVE_INT64;
    if ((status = open_beside(r, name, &set, err)) != PV_OK || set < 0)
        return status;
    type = H5Dget_type(set);
    if (identities && H5Tget_class(type) == H5T_INTEGER &&
        H5Tget_sign(type) == H5T_SGN_NONE)
        as = H5T_NATIVE_UINT64;
    *values = pv_array_alloc(r->into->count, sizeof **values);
    if (*values == NULL)
        status = pv_fail_memory(err, "the embeddings");
    else if (H5Tget_class(type) != H5T_INTEGER ||
             H5Tget_size(type) > sizeof **values)
        status = refuse(r, name, "must be integers of 64 bits at most", err);
    else if (r->into->count > 0 && H5Dread(set, as, H5S_ALL, H5S_ALL,
                                           H5P_DEFAULT, *values) < 0)
        status = refuse(r, name, "cannot be read; it is damaged", err);
    (void)H5Tclose(type);
    (void)H5Dclose(set);
    return status;
}

/* --- texts ---------------------------------------------------------------------- */

static bool copy_variable(hid_t set, hid_t type, char **text, size_t count)
{
    bool copied = true;
    const hid_t space = H5Dget_space(set);
    char **stored = pv_array_calloc(count, sizeof *stored);
    if (stored == NULL || space < 0 ||
        H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, stored) < 0) {
        free(stored);
        (void)H5Sclose(space);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        text[i] = pv_strdup(stored[i] != NULL ? stored[i] : "");
        copied = copied && text[i] != NULL;
    }
    (void)H5Dvlen_reclaim(type, space, H5P_DEFAULT, stored);
    (void)H5Sclose(space);
    free(stored);
    return copied;
}

static bool copy_fixed(hid_t set, hid_t type, char **text, size_t count)
{
    const size_t size = H5Tget_size(type);
    bool copied = true;
    char *all = pv_array_calloc(count, size);
    if (all == NULL || H5Tset_strpad(type, H5T_STR_NULLPAD) < 0 ||
        H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, all) < 0) {
        free(all);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const size_t length = strnlen(all + i * size, size);
        text[i] = pv_array_calloc(length + 1, 1);
        if (text[i] != NULL)
            memcpy(text[i], all + i * size, length);
        copied = copied && text[i] != NULL;
    }
    free(all);
    return copied;
}

static pv_status read_texts(const reading *r, const char *name, char ***texts,
                            pv_error *err)
{
    pv_status status;
    hid_t set;
    const size_t count = r->into->count;
    if ((status = open_beside(r, name, &set, err)) != PV_OK || set < 0)
        return status;
    const hid_t stored = H5Dget_type(set);
    const hid_t type = stored >= 0 ? H5Tcopy(stored) : -1;
    *texts = pv_array_calloc(count, sizeof **texts);
    if (*texts == NULL)
        status = pv_fail_memory(err, "the embeddings");
    else if (type < 0 || H5Tget_class(type) != H5T_STRING)
        status = refuse(r, name, "must be texts", err);
    else if (!(H5Tis_variable_str(type) > 0
                   ? copy_variable(set, type, *texts, count)
                   : copy_fixed(set, type, *texts, count)))
        status = refuse(r, name, "cannot be read", err);
    (void)H5Tclose(type);
    (void)H5Tclose(stored);
    (void)H5Dclose(set);
    return status;
}

/* The attribute, of whichever kind of text. */
static void find_metric(hid_t object, char *metric)
{
    if (metric[0] != '\0' || object < 0 || H5Aexists(object, "metric") <= 0)
        return;
    size_t size = 0;
    char *text = pv_h5_get_texts(object, "metric", 1, &size);
    if (text != NULL) {
        if (size < PV_METRIC_ROOM)
            memcpy(metric, text, size);
        free(text);
        return;
    }
    const hid_t attribute = H5Aopen(object, "metric", H5P_DEFAULT);
    const hid_t type = H5Aget_type(attribute);
    if (type >= 0 && H5Tget_class(type) == H5T_STRING &&
        H5Tis_variable_str(type) > 0 && H5Aread(attribute, type, &text) >= 0 &&
        text != NULL) {
        if (strlen(text) < PV_METRIC_ROOM)
            memcpy(metric, text, strlen(text) + 1);
        (void)H5free_memory(text);
    }
    (void)H5Tclose(type);
    (void)H5Aclose(attribute);
}

static void read_metric(const reading *r)
{
    int rank = 0;
    hsize_t dims[2];
    const hid_t set =
        pv_h5_open_dataset(r->group, "embedding", 2, &rank, dims);
    find_metric(r->group, r->into->metric);
    find_metric(set, r->into->metric);
    (void)H5Dclose(set);
}

/* --- parts ------------------------------------------------------------------------ */

static pv_status read_part(reading *r, pv_error *err)
{
    pv_status status = PV_OK;
    pv_vectors *v = r->into;
    PV_TRY(read_embedding(r, err));
    PV_TRY(read_integers(r, "label", false, &v->label, err));
    PV_TRY(read_integers(r, "row_id", false, &v->row_id, err));
    PV_TRY(read_integers(r, "unit_id", true, &v->unit_id, err));
    if (strcmp(r->part, "private") == 0)
        goto out; /* the rest is of responses */
    PV_TRY(read_integers(r, "parent_id", false, &v->parent_id, err));
    PV_TRY(read_integers(r, "fold", false, &v->fold, err));
    PV_TRY(read_texts(r, "payload_ref", &v->payload_ref, err));
    read_metric(r);
out:
    return status;
}

static pv_status read_file(const char *path, const char *part,
                           pv_vectors **vectors, pv_error *err)
{
    pv_status status = PV_OK;
    reading r = {.path = path, .part = part, .group = -1};
    const bool top = strcmp(part, "/") == 0;
    const hid_t file = pv_h5_open_any(path);
    *vectors = NULL;
    if (file < 0)
        return pv_fail(err, PV_EFORMAT,
                       "%s: cannot be opened as HDF5; embeddings are "
                       "described in doc/files.md",
                       path);
    r.group = top ? H5Gopen2(file, "/", H5P_DEFAULT)
                  : pv_h5_open_group(file, part);
    if (r.group < 0) {
        status = pv_fail(err, PV_EFORMAT, "%s: holds no group /%s", path, part);
        goto out;
    }
    r.into = pv_array_calloc(1, sizeof *r.into);
    if (r.into == NULL) {
        status = pv_fail_memory(err, "the embeddings");
        goto out;
    }
    PV_TRY(read_part(&r, err));
    *vectors = r.into;
    r.into = NULL;
out:
    pv_vectors_free(r.into);
    (void)H5Gclose(r.group);
    (void)H5Fclose(file);
    return status;
}

pv_status pv_vectors_read(const char *path, const char *part,
                          pv_vectors **vectors, pv_error *err)
{
    if (strcmp(part, "private") == 0)
        return pv_fail(err, PV_EINVAL,
                       "private embeddings are for the curator alone");
    /* a path such as ./private would lead there too */
    if (strcmp(part, "/") != 0 && strchr(part, '/') != NULL)
        return pv_fail(err, PV_EINVAL, "%s: %s is no part of a file", path,
                       part);
    return read_file(path, part, vectors, err);
}

pv_status pv_private_vectors_read(const char *path, pv_vectors **vectors,
                                  pv_error *err)
{
    return read_file(path, "private", vectors, err);
}

static void wipe_free_integers(int64_t *values, size_t count)
{
    if (values != NULL)
        pv_wipe_free(values, count * sizeof *values);
}

void pv_vectors_free(pv_vectors *v)
{
    if (v == NULL)
        return;
    if (v->value != NULL)
        pv_wipe_free(v->value, v->count * v->width * sizeof *v->value);
    wipe_free_integers(v->label, v->count);
    wipe_free_integers(v->row_id, v->count);
    wipe_free_integers(v->unit_id, v->count);
    wipe_free_integers(v->parent_id, v->count);
    wipe_free_integers(v->fold, v->count);
    for (size_t i = 0; v->payload_ref != NULL && i < v->count; i++)
        free(v->payload_ref[i]);
    free(v->payload_ref);
    free(v);
}

static void filter_integers(int64_t *values, size_t count, const bool *keep)
{
    size_t kept = 0;
    for (size_t i = 0; values != NULL && i < count; i++)
        if (keep[i])
            values[kept++] = values[i];
    if (values != NULL)
        sodium_memzero(values + kept, (count - kept) * sizeof *values);
}

void pv_vectors_filter(pv_vectors *v, const bool *keep)
{
    size_t kept = 0;
    const size_t bytes = v->width * sizeof *v->value;
    filter_integers(v->label, v->count, keep);
    filter_integers(v->row_id, v->count, keep);
    filter_integers(v->unit_id, v->count, keep);
    PV_CHECK(v->payload_ref == NULL && v->parent_id == NULL && v->fold == NULL);
    for (size_t i = 0; i < v->count; i++)
        if (keep[i])
            memmove(v->value + kept++ * v->width, v->value + i * v->width,
                    bytes);
    sodium_memzero(v->value + kept * v->width, (v->count - kept) * bytes);
    v->count = kept;
}
