/* audit/command_game.h - the command game: options, and its two ways. Not a
 * public header. */
#ifndef PV_AUDIT_COMMAND_GAME_H
#define PV_AUDIT_COMMAND_GAME_H

#include "audit/attack/game_record.h"
#include "audit/output.h"
#include "core/log.h"

typedef struct pv_game_options {
    const char *real, *schema, *secret, *mechanism, *known, *run_dir, *seed;
    long long trials, people, queries, bins, threads;
    unsigned orders, solvers;
    size_t releases, release[PV_GAME_RELEASES], memory;
    uint64_t shard, shards; /* trials t with t % shards == shard */
    double validation, timeout;
    bool coin_secrets, no_noise, ignore_extra, merge, help, version;
    pv_output output;
    pv_log_level level;
    char **dir; /* to merge */
    int dirs;
} pv_game_options;

/* Prints nothing but what getopt prints. */
pv_status pv_game_read_options(int argc, char **argv, pv_game_options *options,
                               pv_error *err);
extern const char pv_game_help[];

/* A game with everything it is made of. */
typedef struct pv_game_setup {
    pv_schema *schema;
    pv_table *real;
    pv_secret secret;
    pv_coins coins;
    pv_subject *subject;
    uint32_t *known;
    pv_game game;
    json_t *settings;
} pv_game_setup;

/* Reads the tables, makes the mechanism and the settings. The key is still to be
 * set: pv_game_set_key. Clear it in any case. */
pv_status pv_game_set_up(const pv_game_options *options, pv_game_setup *setup,
                         pv_error *err);
pv_status pv_game_set_key(pv_game_setup *setup, const pv_key *key,
                          pv_error *err);
void pv_game_setup_clear(pv_game_setup *setup);

#endif
