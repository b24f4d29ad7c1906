/* io/vectors.h - embeddings in HDF5: the layout "pe-pool" (doc/files.md).
 *
 * A file has a group a part: /private, /pool, or of a response /; a group has
 *   embedding   (n, d)  float32 or any number type
 *   label       (n)     integers; may be left out
 *   row_id      (n)     integers, which join a row back to what it stands for
 *   unit_id     (n)     integers, signed or not: whose row it is
 *   parent_id, fold (n) integers; of responses
 *   payload_ref (n)     texts, of fixed or variable length; of responses
 * and may have an attribute metric ("l2", "cosine" or "ip"), on itself or on its
 * embedding.
 *
 * Files written by h5py as it comes are read, though HDF5 has no checksums for
 * their structure (io/hdf5_internal.h): they are the user's own, made for the run.
 *
 * Public parts alone are read here; private ones are io/private_vectors.h, which
 * generators may not include. */
#ifndef PV_IO_VECTORS_H
#define PV_IO_VECTORS_H

#include "core/api.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

enum { PV_MAX_WIDTH = 65536, PV_METRIC_ROOM = 16 };

/* Arrays have `count` entries; NULL: the file has none. */
typedef struct pv_vectors {
    size_t count, width;
    float *value;        /* count x width, row-major */
    int64_t *label, *row_id, *unit_id, *parent_id, *fold;
    char **payload_ref;
    char metric[PV_METRIC_ROOM]; /* "" when the file does not say */
} pv_vectors;

/* Reads group `part` ("pool"; "/" for the top of the file). PV_EFORMAT names the
 * file and what is wrong with it; PV_EINVAL for "private" and for paths. The vectors
 * are as stored: whether they are finite is not looked at. */
PV_API PV_CHECKED pv_status pv_vectors_read(const char *path, const char *part,
                                            pv_vectors **vectors,
                                            pv_error *err);
/* Overwrites the contents, then frees. NULL is legal. */
PV_API void pv_vectors_free(pv_vectors *vectors);

#endif
