/* audit/attack/game.h - the coin-flip game, one trial at a time.
 *
 * A trial (Annamalai, Gadotti and Rocher 2023): draw people from the real table
 * without replacement; take as target one of those whose known values no other
 * of them has; give it the secret of a fair coin; train the mechanism on the
 * people; let each attacker, who knows everyone's known values, nobody's secret
 * and the release, say how strongly it believes in each face. The coin is not in
 * the population, so whatever beats 1 / faces is the person's own leakage, and
 * not something that could be inferred about people like them.
 *
 * A trial depends on the game's key and on its number alone: not on the other
 * trials, on who plays them, or on when. */
#ifndef PV_AUDIT_ATTACK_GAME_H
#define PV_AUDIT_ATTACK_GAME_H

#include "audit/mechanism.h"
#include "audit/pick.h"
#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"
#include "io/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PV_GAME_RELEASES = 16, PV_GAME_CELLS = 8 * PV_GAME_RELEASES };

typedef struct pv_game {
    const pv_table *real;
    const pv_subject *subject;
    const pv_coins *coins;     /* of the real table, with its secret */
    const uint32_t *known;     /* what attackers know: increasing columns, not
                                  the secret nor any that goes with it */
    size_t known_count;
    size_t people;             /* of a trial */
    size_t releases, release[PV_GAME_RELEASES]; /* rows of each; increasing */
    unsigned orders;           /* as pv_query_spec */
    size_t queries;            /* drawn at most; 0: all */
    unsigned solvers;          /* bit i: solver i */
    bool coin_secrets;         /* everyone's secret is a coin */
    size_t memory;             /* bytes for queries; 0: no limit */
    pv_key key;
} pv_game;

/* One attacker with what it sees: a release of `rows` rows, or 0: answers or
 * marginals without rows. */
typedef struct pv_game_cell {
    const char *attacker; /* of the registry, static */
    size_t rows;
} pv_game_cell;

/* The cells of a game in the order of their beliefs: for each release the
 * solvers, then "model" and "nearest"; last "whitebox" of our mechanisms, which
 * has the noisy marginals. Returns how many. */
PV_API size_t pv_game_cells(const pv_game *game,
                            pv_game_cell cell[PV_GAME_CELLS]);

/* The columns known by default: all that are not the secret, do not follow from
 * it, and it does not follow from. free() them. */
PV_API PV_CHECKED pv_status pv_game_known(const pv_schema *schema,
                                          uint32_t secret, uint32_t **known,
                                          size_t *count, pv_error *err);

/* The people of a trial and the target among them, before training. Two tables
 * of the same game and number are equal. PV_EINVAL when no draw has a person
 * whose known values are unique. */
PV_API PV_CHECKED pv_status pv_game_deal(const pv_game *game, uint64_t trial,
                                         pv_table **people, size_t *target,
                                         uint32_t *face, pv_error *err);

/* Plays a trial: the face that came up, and belief[cell * faces + face] >= 0.
 * A cell that has nothing to go by believes all alike. Files go below `scratch`
 * and are removed. */
PV_API PV_CHECKED pv_status pv_game_play(const pv_game *game, uint64_t trial,
                                         const char *scratch, uint32_t *face,
                                         double *belief, pv_error *err);

#endif
