/* audit/attack/game_record.h - the trials of a game as its run directory
 * (audit/trials.h) keeps them: {"trial":0,"face":1,"beliefs":[[0.25,0.75],...]}
 * a line. */
#ifndef PV_AUDIT_ATTACK_GAME_RECORD_H
#define PV_AUDIT_ATTACK_GAME_RECORD_H

#include "audit/attack/game.h"
#include "audit/trials.h"
#include "core/api.h"
#include "core/status.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Trials that were played, sorted by number. */
typedef struct pv_game_records {
    size_t count, cells;
    uint32_t faces;
    uint64_t *trial;
    uint32_t *face;
    double *belief; /* count x cells x faces */
} pv_game_records;
PV_API void pv_game_records_clear(pv_game_records *records);

/* A trial as a line, with its newline; NULL on short memory. */
PV_API char *pv_game_line(uint64_t trial, uint32_t face, const double *belief,
                          size_t cells, uint32_t faces);

/* Reads the lines of a file; none when it is not there. *whole is the number of
 * bytes up to the end of the last whole line. PV_ETAMPER names a line that is
 * none, or the second of one trial. */
PV_API PV_CHECKED pv_status pv_game_records_read(const char *path, size_t cells,
                                                 uint32_t faces,
                                                 pv_game_records *records,
                                                 uint64_t *whole,
                                                 pv_error *err);

/* Adds the records of `more` at the end; both keep what they own. */
PV_API PV_CHECKED pv_status pv_game_records_add(pv_game_records *records,
                                                const pv_game_records *more,
                                                pv_error *err);

/* Settings of a game have 2 to PV_SECRET_MOST faces and 1 to PV_GAME_CELLS
 * cells. */
extern PV_API const pv_trials_kind pv_game_kind;

#endif
