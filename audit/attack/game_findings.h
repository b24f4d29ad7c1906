/* audit/attack/game_findings.h - what the trials of a game say. */
#ifndef PV_AUDIT_ATTACK_GAME_FINDINGS_H
#define PV_AUDIT_ATTACK_GAME_FINDINGS_H

#include "audit/attack/game_record.h"
#include "audit/findings.h"
#include "core/api.h"
#include "core/status.h"

#include <jansson.h>

/* Adds the inputs and options that the settings tell, and the metrics of
 * doc/metrics.md, "The coin-flip game": for each cell accuracy, auc and
 * advantage with 95 % intervals; for each release the attacker that is best on
 * the first `validation` (0 to below 1) of the trials, on the others. The same
 * settings and records give the same findings. PV_EINVAL without trials. */
PV_API PV_CHECKED pv_status pv_game_findings(const json_t *settings,
                                             const pv_game_records *records,
                                             double validation,
                                             pv_findings *findings,
                                             pv_error *err);

#endif
