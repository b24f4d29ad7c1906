/* audit/attack/game_run.h - the trials of a game, side by side. */
#ifndef PV_AUDIT_ATTACK_GAME_RUN_H
#define PV_AUDIT_ATTACK_GAME_RUN_H

#include "audit/attack/game_record.h"

/* Plays the trials `trial` (count of them) in `workers` processes, each with one
 * thread, and adds a line for each to the run directory's trials.jsonl. Needs
 * pv_stop_on_signals. PV_ESTOPPED when a signal came first: trials under way are
 * given up, and can be played another time. The first trial that fails, or whose
 * process dies, stops the others and is named. */
PV_API PV_CHECKED pv_status pv_game_run(const pv_game *game,
                                        const pv_game_dir *dir,
                                        const uint64_t *trial, size_t count,
                                        int workers, pv_error *err);

#endif
