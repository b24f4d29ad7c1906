/* dp/ledger.h - an append-only file of JSON lines, chained by hashes.
 *
 * A line is {"body":{...},"hash":"<hex>"}; hash is BLAKE2b-256 of the previous
 * line's hash (32 zero bytes before the first) followed by the body's
 * canonical text (sorted keys, no blanks), and the line is exactly that text. A
 * changed, missing or reordered line breaks the chain. A last line without its newline is one whose writing
 * was cut short: nothing had been answered on its strength, so it is dropped.
 *
 * Opening takes an exclusive lock on the file, held until closing; appending
 * returns after the line is on disk (fsync). */
#ifndef PV_DP_LEDGER_H
#define PV_DP_LEDGER_H

#include "core/api.h"
#include "core/status.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct pv_ledger pv_ledger;

/* Opens or creates (mode 0600). With `wait`, waits for the lock; otherwise
 * PV_ELOCKED when another process holds it. PV_ETAMPER names the line. */
PV_API PV_CHECKED pv_status pv_ledger_open(const char *path, bool wait,
                                           pv_ledger **ledger, pv_error *err);
PV_API void pv_ledger_close(pv_ledger *ledger);

/* Bodies, owned by the ledger. */
PV_API size_t pv_ledger_lines(const pv_ledger *ledger);
PV_API const json_t *pv_ledger_line(const pv_ledger *ledger, size_t i);
PV_API const json_t *pv_ledger_bodies(const pv_ledger *ledger); /* all */

/* Appends a body (a new reference is stolen even on failure; NULL gives
 * PV_ENOMEM). On PV_EIO the file is as before. */
PV_API PV_CHECKED pv_status pv_ledger_append(pv_ledger *ledger, json_t *body,
                                             pv_error *err);

/* Checks and parses the text of a ledger (as a release carries it) into an
 * array of bodies; a cut last line is an error here. */
PV_API PV_CHECKED pv_status pv_ledger_parse(const char *text, size_t size,
                                            const char *name, json_t **bodies,
                                            pv_error *err);

/* The text of a ledger with the given bodies (an array); free(). NULL on short
 * memory. */
PV_API char *pv_ledger_text(const json_t *bodies);

#endif
