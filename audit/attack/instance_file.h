/* audit/attack/instance_file.h - reconstruction instances on disk.
 *
 * Little-endian: int64 q, n, nnz; int64 start[q + 1], from 0 to nnz; int32
 * user[nnz], below n, those of query i at start[i] to start[i + 1] - 1, no user
 * twice; float64 b[q]. At most 2^24 users more than entries. One level: b counts
 * those who have the secret. */
#ifndef PV_AUDIT_ATTACK_INSTANCE_FILE_H
#define PV_AUDIT_ATTACK_INSTANCE_FILE_H

#include "audit/attack/incidence.h"
#include "core/api.h"
#include "core/status.h"

#include <stddef.h>

typedef struct pv_instance_file {
    pv_incidence incidence;
    double *answer; /* queries */
} pv_instance_file;

/* PV_EFORMAT says which part of the file is wrong. Queries of nobody are
 * allowed: they add a constant. */
PV_API PV_CHECKED pv_status pv_instance_read(const char *path,
                                             pv_instance_file *file,
                                             pv_error *err);
/* The same from bytes; `name` is for messages. */
PV_API PV_CHECKED pv_status pv_instance_parse(const unsigned char *bytes,
                                              size_t size, const char *name,
                                              pv_instance_file *file,
                                              pv_error *err);
PV_API void pv_instance_file_clear(pv_instance_file *file);

#endif
