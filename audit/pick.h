/* audit/pick.h - rows taken out of tables, and secrets put into them. */
#ifndef PV_AUDIT_PICK_H
#define PV_AUDIT_PICK_H

#include "audit/attack/terms.h"
#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"
#include "io/table.h"

#include <stddef.h>
#include <stdint.h>

/* Row row[i] of `table` as row i of a new table, with its numbers. */
PV_API PV_CHECKED pv_status pv_pick_rows(const pv_table *table,
                                         const uint32_t *row, size_t count,
                                         pv_table **picked, pv_error *err);

/* Of all codes and numbers, so that two tables that differ are told apart. Not
 * keyed: never for a file that leaves the curator's hands. */
PV_API void pv_table_digest(const pv_table *table, pv_key *digest);

/* Coins: fair draws among the classes of a secret that some row has. */
typedef struct pv_coins {
    const pv_table *table;
    const pv_secret *secret;
    uint32_t faces;           /* classes that occur, in order */
    uint32_t face[PV_SECRET_MOST];
    size_t start[PV_SECRET_MOST + 1];
    uint32_t *row;            /* rows of face i: start[i] .. start[i + 1] - 1 */
} pv_coins;

/* From the rows of a real table, which must outlive the coins as the secret
 * must. PV_EUSAGE when fewer than two classes occur. */
PV_API PV_CHECKED pv_status pv_coins_make(const pv_table *table,
                                          const pv_secret *secret,
                                          pv_coins *coins, pv_error *err);
PV_API void pv_coins_clear(pv_coins *coins);

/* Gives row `row` of `table` (of the same schema) the secret of a random real
 * row of a fairly drawn face, which it returns. */
PV_API uint32_t pv_coins_toss(const pv_coins *coins, pv_stream *stream,
                              pv_table *table, size_t row);

#endif
