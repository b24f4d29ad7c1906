/* io/private_vectors.h - the private embeddings of a file, for dp/ alone.
 *
 * tests/check-layers keeps gen/ from including this file. */
#ifndef PV_IO_PRIVATE_VECTORS_H
#define PV_IO_PRIVATE_VECTORS_H

#include "io/vectors.h"

#include <stdbool.h>

/* Group /private as pv_vectors_read reads others. No message says how many rows
 * there are or what is in one. */
PV_API PV_CHECKED pv_status pv_private_vectors_read(const char *path,
                                                    pv_vectors **vectors,
                                                    pv_error *err);

/* Keeps the rows whose `keep` is true, in order; the rest is overwritten. */
PV_API void pv_vectors_filter(pv_vectors *vectors, const bool *keep);

#endif
