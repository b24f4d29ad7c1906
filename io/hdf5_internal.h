/* io/hdf5_internal.h - HDF5 in small pieces, for hdf5_*.c and release_*.c.
 *
 * Every object is made without time stamps, so equal contents give equal
 * bytes. What is opened for reading is checked first, since a file may be
 * hostile: hard links only, no external or virtual storage, known filters,
 * bounded chunks, and no more elements than the stored bytes can unpack to.
 * Texts of variable length are written, since h5py and anndata like them, and
 * never read of tables: what they say stands in texts of fixed length or numbers too.
 * (Of embeddings, which the user made for the run, io/vectors.c reads them.) */
#ifndef PV_IO_HDF5_INTERNAL_H
#define PV_IO_HDF5_INTERNAL_H

#include "io/hdf5.h"

#include <hdf5.h>

enum {
    PV_H5_BLOCK_ROWS = 1 << 16, /* rows of a chunk, and of a read or write */
    PV_H5_MAX_TEXT = 1 << 24,
    PV_H5_LINK_ROOM = 1200
};

/* Turns HDF5's own printing of errors off. */
void pv_h5_quiet(void);

/* PV_EIO "path: what", or PV_EFORMAT for files that are read. */
pv_status pv_h5_write_failed(const char *path, const char *what, pv_error *err);
pv_status pv_h5_malformed(const char *path, const char *what, pv_error *err);

/* --- making ---------------------------------------------------------------- */
hid_t pv_h5_create_file(const char *path);
hid_t pv_h5_create_group(hid_t parent, const char *name);
/* A string type of `size` bytes, or of variable length for size 0; UTF-8. */
hid_t pv_h5_string_type(size_t size);
/* A chunked, shuffled, deflated, checksummed array; rank 0: one value. */
hid_t pv_h5_create_dataset(hid_t parent, const char *name, hid_t type, int rank,
                           const hsize_t *dims);
bool pv_h5_put_text(hid_t object, const char *name, const char *text);
bool pv_h5_put_texts(hid_t object, const char *name, const char *const *texts,
                     size_t count);
bool pv_h5_put_number(hid_t object, const char *name, hid_t type,
                      const void *value);
bool pv_h5_put_numbers(hid_t object, const char *name, hid_t type,
                       size_t count, const void *values);
bool pv_h5_put_encoding(hid_t object, const char *type, const char *version);
/* A dataset of one text of fixed length. */
bool pv_h5_put_document(hid_t parent, const char *name, const char *text);
/* Flushes, closes and syncs; false when the disk refuses. */
pv_status pv_h5_finish(hid_t file, const char *path, pv_error *err);

/* --- reading ---------------------------------------------------------------- */
hid_t pv_h5_open_file(const char *path);
/* The same of files without checksums of their structure, as h5py writes them: for
 * those that the user made for the run. */
hid_t pv_h5_open_any(const char *path);
bool pv_h5_has(hid_t parent, const char *name); /* a hard link */
bool pv_h5_is_group(hid_t parent, const char *name);
hid_t pv_h5_open_group(hid_t parent, const char *name);
/* Opens a dataset that passes the checks above; -1 otherwise. Gives its rank
 * (at most `max_rank`) and dims. */
hid_t pv_h5_open_dataset(hid_t parent, const char *name, int max_rank,
                         int *rank, hsize_t *dims);
/* A text of fixed length that stands alone; NULL when it is not there or
 * anything else. free() it. */
char *pv_h5_get_document(hid_t parent, const char *name);
/* An attribute of exactly `count` numbers. */
bool pv_h5_get_numbers(hid_t object, const char *name, hid_t type,
                       size_t count, void *values);
/* An attribute of exactly `count` texts of one fixed length below
 * PV_H5_NAME_ROOM, one after the other, `*size` bytes each, padded with zeros;
 * NULL when it is anything else. free() it. */
enum { PV_H5_NAME_ROOM = 1025 };
char *pv_h5_get_texts(hid_t object, const char *name, size_t count,
                      size_t *size);
/* Reads elements first..first+count-1 of a dataset of one dimension. */
bool pv_h5_read_slice(hid_t dataset, hid_t type, hsize_t first, hsize_t count,
                      void *out);
bool pv_h5_write_slice(hid_t dataset, hid_t type, hsize_t first, hsize_t count,
                       const void *in);

/* --- the table --------------------------------------------------------------- */

/* The link of column `index` of a file: its name where HDF5 allows that. */
void pv_h5_link_name(const char *name, size_t index, char *link, size_t size);

/* Writes /table and /schema into an open file. */
PV_CHECKED pv_status pv_h5_write_table(hid_t file, const pv_table *table,
                                       const char *path, pv_error *err);
/* Reads /schema of an open file. */
PV_CHECKED pv_status pv_h5_load_schema(hid_t file, const char *path,
                                       pv_schema **schema, pv_error *err);

#endif
