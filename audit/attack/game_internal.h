/* The inside of the game, for audit/attack/game*.c alone. */
#ifndef PV_AUDIT_ATTACK_GAME_INTERNAL_H
#define PV_AUDIT_ATTACK_GAME_INTERNAL_H

#include "audit/attack/game.h"

/* A key for one purpose in one trial. */
pv_key pv_game_key(const pv_game *game, uint64_t trial, const char *purpose);

#endif
