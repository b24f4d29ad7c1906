/* gen/pe/pool.h - candidates from a public pool. Internal to gen/. */
#ifndef PV_GEN_PE_POOL_H
#define PV_GEN_PE_POOL_H

#include "gen/pe/source.h"
#include "embeddings/nearest.h"

typedef struct pv_pool_source pv_pool_source;

/* Of /pool in a file (io/vectors.h), for labels of a schema of one column. Candidates are
 * rows of the pool, the first ones drawn alike, variations of one drawn among its
 * nearest: a number of them that falls with the degree. Under cosine all vectors are
 * brought to length 1. The metric is the one that the file states, unless one is
 * given. Errors: those of pv_vectors_read, PV_EINVAL for vectors that are
 * not finite or have no direction. */
PV_CHECKED pv_status pv_pool_open(const char *path, const pv_schema *schema,
                                  pv_vector_metric metric, bool metric_given,
                                  pv_pool_source **pool, pv_error *err);
pv_source *pv_pool_source_of(pv_pool_source *pool);

PV_API size_t pv_pool_count(const pv_pool_source *pool);
pv_vector_metric pv_pool_metric(const pv_pool_source *pool);
/* What it draws is of this key. */
void pv_pool_begin(pv_pool_source *pool, const pv_key *key);

/* Its vectors, count x width. */
const float *pv_pool_vectors(const pv_pool_source *pool);

/* The pool in `clusters` cells: candidates are their centres, in every class that is
 * wanted. */
PV_CHECKED pv_status pv_pool_cells(pv_pool_source *pool, size_t clusters,
                                   const size_t *wanted, pv_population *into,
                                   pv_error *err);
/* Adds the members of the cell that stands for candidate `item`, which share its
 * weight. */
PV_CHECKED pv_status pv_pool_open_cell(const pv_pool_source *pool,
                                       uint32_t class, uint64_t item,
                                       double weight, pv_outcome *outcome,
                                       pv_error *err);

/* A digest of vectors and row numbers, in hexadecimal: which pool it was. */
PV_API void pv_pool_digest(const pv_pool_source *pool,
                    char hex[2 * PV_DIGEST_BYTES + 1]);

#endif
