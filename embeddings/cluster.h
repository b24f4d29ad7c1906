/* embeddings/cluster.h - public vectors among themselves: neighbours and clusters.
 *
 * Of pools and populations, which are public: generators may use this. As with
 * embeddings/nearest.h, the answers depend on the numbers alone, not on threads, the
 * BLAS or the processor. */
#ifndef PV_EMBEDDINGS_CLUSTER_H
#define PV_EMBEDDINGS_CLUSTER_H

#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"
#include "embeddings/nearest.h"

#include <stddef.h>
#include <stdint.h>

/* Whether all of `count` vectors may be searched among: PV_EINVAL gives the number of
 * the first that may not. Under cosine each is brought to length 1, in place. */
PV_API PV_CHECKED pv_status pv_vectors_settle(pv_vector_metric metric,
                                              float *vector, size_t count,
                                              size_t width, pv_error *err);

/* The `most` nearest of the vectors to each of `queries` of them, itself first and
 * then by distance (ties: the smaller number): near[q * most ..], `most` <= count.
 * Inner products are compared by distance too. Exact; count x queries distances. */
PV_API PV_CHECKED pv_status pv_vectors_neighbours(
    const float *vector, size_t count, size_t width, const uint32_t *query,
    size_t queries, size_t most, uint32_t *near, pv_error *err);

/* The nearest of `candidates` to each vector, as pv_vectors_nearest. */
PV_API PV_CHECKED pv_status pv_vectors_assign(
    pv_vector_metric metric, const float *vector, size_t count, size_t width,
    const float *candidate, size_t candidates, uint32_t *cell, pv_error *err);

/* k-means (Lloyd's steps from k-means++ seeds drawn by `key`): `clusters` centres, fewer
 * where vectors repeat, and each vector's cell, the nearest centre. Of more than 256
 * vectors a cluster, so many are drawn to find the centres by. *found is their number;
 * centre has room for `clusters` of them. No cell is empty. */
PV_API PV_CHECKED pv_status pv_vectors_cluster(
    const float *vector, size_t count, size_t width, size_t clusters,
    const pv_key *key, float *centre, uint32_t *cell, size_t *found,
    pv_error *err);

#endif
