/* audit/attack/game_record.h - what a game's run directory keeps.
 *
 *   settings.json   what must not change, and what findings need to be told
 *   seed            32 bytes of which all of the game's randomness derives; of
 *                   another name than the secret key of a privet-gen, which
 *                   must never take it for one
 *   trials.jsonl    a line a trial, in order of ending:
 *                   {"trial":0,"face":1,"beliefs":[[0.25,0.75],...]}
 *   scratch/        files of the trials that are under way
 *
 * Mode 0700 and 0600: all depend on the real table. A line is
 * there whole or not at all; a torn last one is a trial not yet played. */
#ifndef PV_AUDIT_ATTACK_GAME_RECORD_H
#define PV_AUDIT_ATTACK_GAME_RECORD_H

#include "audit/attack/game.h"
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

/* A run directory that is open, and locked against other processes. */
typedef struct pv_game_dir {
    char *path, *scratch, *trials;
    int lock;
    bool ours; /* locked, and a game's: scratch/ may be removed */
} pv_game_dir;

/* Makes or opens it; what a killed run left in scratch/ is removed. PV_ELOCKED;
 * PV_EIO and PV_ETAMPER, also for a directory with other things in it. */
PV_API PV_CHECKED pv_status pv_game_dir_open(const char *path, pv_game_dir *dir,
                                             pv_error *err);
PV_API void pv_game_dir_close(pv_game_dir *dir); /* zeroed is legal */

/* The key: `seed` when given, else the one that is there, else a fresh one, which
 * is kept. */
PV_API PV_CHECKED pv_status pv_game_dir_key(const pv_game_dir *dir,
                                            const pv_key *seed, pv_key *key,
                                            pv_error *err);

/* Writes the settings, or compares them with those that are there: PV_EMISMATCH
 * says what changed and what to do. */
PV_API PV_CHECKED pv_status pv_game_dir_settings(const pv_game_dir *dir,
                                                 json_t *settings,
                                                 pv_error *err);

/* The settings of a directory, for merging (json_decref() them): with 2 to
 * PV_SECRET_MOST faces and 1 to PV_GAME_CELLS cells, else PV_ETAMPER. */
PV_API PV_CHECKED pv_status pv_game_settings_read(const char *dir,
                                                  json_t **settings,
                                                  pv_error *err);

/* NULL when two settings agree (the key apart where `keys` is false), else what
 * differs, in words. */
PV_API const char *pv_game_settings_differ(const json_t *a, const json_t *b,
                                           bool keys);

#endif
