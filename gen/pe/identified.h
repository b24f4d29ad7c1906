/* gen/pe/identified.h - a release of records by their numbers. Internal to gen/.
 *
 * Its columns are the label of the private embeddings' schema, then row_id (which joins
 * a row to what it stands for), weight (how many private records that record stands for
 * in its class, by the noisy votes: rows are drawn in proportion, so every copy of a
 * record has the same) and generation (the round that made it). */
#ifndef PV_GEN_PE_IDENTIFIED_H
#define PV_GEN_PE_IDENTIFIED_H

#include "gen/pe/source.h"

/* Its table: row_id[i] is the number of outcome record i, all of them from `least` to
 * `most`. The table's schema lives as long as the outcome's source: it is kept in
 * *schema (NULL at first), the caller's to free. PV_ESCHEMA when the label has one of
 * the other columns' names. */
PV_CHECKED pv_status pv_identified_table(const pv_schema *label, int64_t least,
                                         int64_t most,
                                         const pv_outcome *outcome,
                                         const int64_t *row_id, size_t rows,
                                         const pv_key *key, pv_schema **schema,
                                         pv_table **table, pv_error *err);

#endif
