/* audit/attack/people.h - whom an attack is tried on: rows of a table. */
#ifndef PV_AUDIT_ATTACK_PEOPLE_H
#define PV_AUDIT_ATTACK_PEOPLE_H

#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"
#include "io/table.h"

#include <stddef.h>
#include <stdint.h>

/* The rows row[0..count-1] of a table; row NULL is 0, 1, ..., count - 1. */
typedef struct pv_people {
    const pv_table *table;
    const uint32_t *row;
    size_t count;
} pv_people;

/* The stream of draws for a purpose. */
PV_API void pv_people_stream(const pv_key *key, const char *purpose,
                             pv_stream *stream);

/* The first `count` of 0 .. of-1 in random order, count <= of < 2^32.
 * PV_ENOMEM alone. */
PV_API PV_CHECKED pv_status pv_people_shuffle(pv_stream *stream, size_t of,
                                              size_t count, uint32_t *row,
                                              pv_error *err);

/* At most `most` rows (0: all), drawn without replacement, in random order, so
 * that any part of them is a sample too. `drawn` (free()) is what people->row
 * refers to. PV_ETOOBIG beyond 2^32 - 2 rows. */
PV_API PV_CHECKED pv_status pv_people_draw(const pv_key *key,
                                           const char *purpose,
                                           const pv_table *table, size_t most,
                                           pv_people *people, uint32_t **drawn,
                                           pv_error *err);

/* A table of their own, without numbers beside the codes; and one of several
 * (1 or more), one after the other, of tables of one schema. */
PV_API PV_CHECKED pv_status pv_people_copy(const pv_people *people,
                                           pv_table **table, pv_error *err);
PV_API PV_CHECKED pv_status pv_people_join(const pv_people *part, size_t parts,
                                           pv_table **table, pv_error *err);

#endif
