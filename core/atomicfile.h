/* core/atomicfile.h - files that appear whole or not at all. */
#ifndef PV_CORE_ATOMICFILE_H
#define PV_CORE_ATOMICFILE_H

#include "core/api.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes `size` bytes to `path`.tmp (created with `mode`), fsyncs, renames to
 * `path`, fsyncs the directory. On failure the temporary file is removed and
 * `path` is as before. */
PV_API PV_CHECKED pv_status pv_file_write_atomic(const char *path,
                                                 const void *data, size_t size,
                                                 unsigned mode, pv_error *err);

/* Reads a whole file into a new block (free()), with a 0 byte after it.
 * PV_ETOOBIG beyond `limit` bytes. */
PV_API PV_CHECKED pv_status pv_file_read(const char *path, size_t limit,
                                         unsigned char **data, size_t *size,
                                         pv_error *err);

PV_API bool pv_file_exists(const char *path);

/* True when both exist and are one file, by whatever names. */
PV_API bool pv_file_same(const char *a, const char *b);

/* fsync of an existing file, and of the directory that holds `path`. */
PV_API PV_CHECKED pv_status pv_file_sync(const char *path, pv_error *err);
PV_API PV_CHECKED pv_status pv_dir_sync_of(const char *path, pv_error *err);

/* Renames a finished, synced temporary file into place and syncs the
 * directory. With `force` false, PV_EEXIST when `path` exists. */
PV_API PV_CHECKED pv_status pv_file_publish(const char *temporary,
                                            const char *path, bool force,
                                            pv_error *err);

/* Refuses (PV_EEXIST) an output that exists unless `force`, and (PV_EIO) one
 * that is a directory, has no name, or whose directory is missing or not
 * writable: before any work is done. */
PV_API PV_CHECKED pv_status pv_output_check(const char *path, bool force,
                                            pv_error *err);

#endif
