/* embeddings/nearest.h - exact nearest neighbours among public vectors.
 *
 * For each query (private) the nearest of the candidates (public). Reads
 * private vectors: not for gen/ (tests/check-layers).
 *
 * The answer is a function of the two vectors' numbers alone, the same for any
 * number of threads, any CBLAS and any processor:
 *
 *   PV_VECTOR_L2      argmin over j of (D(x, y_j), j), D being the squared
 *                     distance of the two float vectors, in double, summed in
 *                     one fixed order;
 *   PV_VECTOR_COSINE  both sides are divided by their norms first (norm and
 *                     quotient in double, then rounded to float), then as L2;
 *   PV_VECTOR_IP      argmax of the inner product, in double, summed likewise.
 *
 * So ties go to the smallest number. */
#ifndef PV_EMBEDDINGS_NEAREST_H
#define PV_EMBEDDINGS_NEAREST_H

#include "core/api.h"
#include "core/status.h"
#include "embeddings/metric.h"

#include <stddef.h>
#include <stdint.h>

/* The answer to a query that is none. */
#define PV_VECTOR_NONE UINT32_MAX
/* Longer vectors (Euclidean norm) are invalid, as float products could
 * overflow; under cosine any finite one other than zero is valid. */
#define PV_VECTOR_LONGEST 0x1p60
/* The most numbers a vector has. */
#define PV_VECTOR_WIDEST 1048576

/* Writes queries first .. first+count-1 to `vector`: row after row, the
 * candidates' width each. Called once a query, in any order, from several
 * threads at a time. */
typedef void pv_vector_fill(void *context, size_t first, size_t count,
                            float *vector);

/* index[i] gets the number of the candidate nearest to query i, for each of
 * 0..queries-1. `candidate` holds `count` vectors of `width` floats, row after
 * row.
 *
 * A query that is not finite, longer than PV_VECTOR_LONGEST or, under cosine,
 * zero gets PV_VECTOR_NONE and has no influence on another's answer; how long
 * the search takes does depend on the queries. Nothing about them makes it
 * fail.
 *
 * Works on pv_threads_get() threads and CBLAS on one in each: not to be called
 * from several threads at once. Memory: a copy of the candidates (two under
 * cosine) and at most 40 MB a thread, which are wiped.
 *
 * PV_EINVAL for no candidates, PV_VECTOR_NONE of them or more, a width of 0 or
 * above PV_VECTOR_WIDEST, a metric that is none, or a candidate that would be
 * invalid as a query (the message gives the smallest number of such);
 * PV_ENOMEM. `index` is then as it was. */
PV_API PV_CHECKED pv_status pv_vectors_nearest(pv_vector_metric metric,
                                               const float *candidate,
                                               size_t count, size_t width,
                                               pv_vector_fill *fill,
                                               void *context, size_t queries,
                                               uint32_t *index, pv_error *err);

#endif
