/* audit/attack/believe.h - everyone's guess of people's secrets from a release.
 *
 * Attackers are the solvers of solve.h in their order, then those below. */
#ifndef PV_AUDIT_ATTACK_BELIEVE_H
#define PV_AUDIT_ATTACK_BELIEVE_H

#include "audit/attack/people.h"
#include "audit/attack/solve.h"
#include "audit/attack/terms.h"
#include "core/status.h"
#include "io/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PV_ATTACKER_WHITEBOX = PV_SOLVERS, /* wls on the published marginals */
    PV_ATTACKER_MODEL,                 /* pv_predict_model */
    PV_ATTACKER_NEAREST,               /* pv_predict_nearest */
    PV_ATTACKERS
};

const char *pv_attacker_name(size_t attacker);

/* How many of `count` victims an attacker guesses, the first ones: the nearest
 * record is looked up for some thousands alone. */
size_t pv_believe_limit(size_t attacker, size_t count);

/* The attacker knows everyone in the table of `victims` by their quasi-
 * identifiers and guesses the secrets of the victims: belief[a] gets
 * victims->count x levels (pv_believe_limit of them valid), the
 * caller's to free, for every solver of the terms, the baselines, and where the
 * release has marginals with the secret, the white box. NULL for others, with
 * why[a] a static text where it was asked for and could not be had.
 * `control`: the people are not those of the release, so its marginals are not
 * theirs. */
PV_CHECKED pv_status pv_believe(const pv_table *synthetic,
                                const pv_attack_terms *terms,
                                const pv_people *victims, bool control,
                                double *belief[PV_ATTACKERS],
                                const char *why[PV_ATTACKERS], pv_error *err);

#endif
