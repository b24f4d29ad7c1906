/* privet-audit game: playing, going on, merging. */
#include "audit/attack/game_findings.h"
#include "audit/command.h"
#include "audit/command_game.h"
#include "audit/stop.h"
#include "audit/summary.h"
#include "core/atomicfile.h"
#include "core/log.h"
#include "core/memory.h"
#include "core/threads.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pv_status deliver(const pv_game_options *o, const json_t *settings,
                         const pv_game_records *records, pv_error *err)
{
    pv_status status = PV_OK;
    pv_findings *findings = NULL;
    PV_TRY(pv_findings_new("privet-audit", "game", &findings, err));
    PV_TRY(pv_game_findings(settings, records, o->validation, findings, err));
    PV_TRY(pv_output_deliver(&o->output, findings, pv_summary_game, err));
out:
    pv_findings_free(findings);
    return status;
}

/* --- playing -------------------------------------------------------------- */

static pv_trials_part part_of(const pv_game_options *o)
{
    return (pv_trials_part){(uint64_t)o->trials, o->shard, o->shards, 1};
}

/* What was played before, of as many trials as are wanted now. */
static void keep_wanted(const pv_game_options *o, pv_game_records *records)
{
    size_t kept = 0;
    const size_t width = records->cells * records->faces;
    const pv_trials_part part = part_of(o);
    for (size_t i = 0; i < records->count; i++) {
        if (!pv_trials_in(&part, records->trial[i]))
            continue;
        records->trial[kept] = records->trial[i];
        records->face[kept] = records->face[i];
        memmove(records->belief + kept * width, records->belief + i * width,
                width * sizeof *records->belief);
        kept++;
    }
    records->count = kept;
}

static pv_status read_records(const pv_trials_dir *dir, const json_t *settings,
                              pv_game_records *records, uint64_t *whole,
                              pv_error *err)
{
    return pv_game_records_read(
        dir->trials, json_array_size(json_object_get(settings, "cells")),
        (uint32_t)json_array_size(json_object_get(settings, "faces")), records,
        whole, err);
}

typedef struct player {
    const pv_game *game;
    const char *scratch;
    size_t cells;
    double *belief;
} player;

static pv_status play_one(void *context, uint64_t trial, char **line,
                          pv_error *err)
{
    const player *p = context;
    uint32_t face = 0;
    const pv_status status =
        pv_game_play(p->game, trial, p->scratch, &face, p->belief, err);
    if (status != PV_OK)
        return status;
    *line = pv_game_line(trial, face, p->belief, p->cells,
                         p->game->coins->faces);
    return *line != NULL ? PV_OK : pv_fail_memory(err, "a trial");
}

static pv_status play_trials(const pv_game_setup *s, const pv_trials_dir *dir,
                             const uint64_t *trial, size_t count, int workers,
                             pv_error *err)
{
    pv_game_cell cell[PV_GAME_CELLS];
    player p = {.game = &s->game, .scratch = dir->scratch,
                .cells = pv_game_cells(&s->game, cell)};
    const pv_trials_work work = {play_one, &p, "trial", "trials"};
    p.belief = pv_array_alloc(p.cells * s->coins.faces, sizeof *p.belief);
    if (p.belief == NULL)
        return pv_fail_memory(err, "a trial");
    const pv_status status =
        pv_trials_run(&work, dir, trial, count, workers, err);
    free(p.belief);
    return status;
}

static pv_status play_missing(const pv_game_options *o, const pv_game_setup *s,
                              const pv_trials_dir *dir, pv_error *err)
{
    pv_status status = PV_OK;
    uint64_t *trial = NULL, whole = 0;
    size_t count = 0;
    pv_game_records before = {0};
    const pv_trials_part part = part_of(o);
    PV_TRY(read_records(dir, s->settings, &before, &whole, err));
    PV_TRY(pv_trials_repair(dir, whole, err));
    PV_TRY(pv_trials_missing(&part, before.trial, before.count, &trial, &count,
                             err));
    if (before.count > 0)
        pv_log_info("%s: %zu trials were played before, %zu are left",
                    dir->path, before.count, count);
    PV_TRY(play_trials(s, dir, trial, count,
                       pv_threads_resolve((int)o->threads), err));
out:
    pv_game_records_clear(&before);
    free(trial);
    return status;
}

static pv_status play(const pv_game_options *o, pv_error *err)
{
    pv_status status = PV_OK;
    pv_key seed = {{0}}, key = {{0}};
    pv_game_setup s = {0};
    pv_trials_dir dir = {0};
    pv_game_records records = {0};
    uint64_t whole;
    char *path = pv_trials_path(o->run_dir, o->output.path, "game.run");
    if (path == NULL)
        return pv_fail_memory(err, "a path");
    PV_TRY(pv_option_seed(o->seed, &seed, err));
    PV_TRY(pv_game_set_up(o, &s, err));
    PV_TRY(pv_trials_dir_open(&pv_game_kind, path, &dir, err));
    PV_TRY(pv_trials_key(&dir, o->seed != NULL ? &seed : NULL, &key, err));
    PV_TRY(pv_game_set_key(&s, &key, err));
    PV_TRY(pv_trials_settings(&dir, s.settings, err));
    PV_TRY(play_missing(o, &s, &dir, err));
    PV_TRY(read_records(&dir, s.settings, &records, &whole, err));
    keep_wanted(o, &records);
    PV_TRY(deliver(o, s.settings, &records, err));
out:
    pv_game_records_clear(&records);
    pv_trials_dir_close(&dir);
    pv_game_setup_clear(&s);
    pv_key_wipe(&seed);
    pv_key_wipe(&key);
    free(path);
    return status;
}

/* --- merging -------------------------------------------------------------- */

typedef struct merged {
    json_t **settings;
    pv_game_records *records;
    size_t count;
} merged;

static pv_status read_one(const char *path, merged *m, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t i = m->count++;
    uint64_t whole;
    pv_trials_dir dir = {.trials = pv_sprintf_alloc("%s/trials.jsonl", path)};
    if (dir.trials == NULL)
        return pv_fail_memory(err, "a path");
    PV_TRY(pv_trials_settings_read(&pv_game_kind, path, &m->settings[i], err));
    const char *what =
        pv_trials_settings_differ(&pv_game_kind, m->settings[0],
                                  m->settings[i], false);
    if (what != NULL) {
        status = pv_fail(err, PV_EMISMATCH,
                         "%s: is of another game: %s differs; merge games that "
                         "differ in their trials or seeds alone",
                         path, what);
        goto out;
    }
    PV_TRY(read_records(&dir, m->settings[i], &m->records[i], &whole, err));
out:
    free(dir.trials);
    return status;
}

static const char *key_of(const merged *m, size_t i)
{
    const char *key =
        json_string_value(json_object_get(m->settings[i], "key"));
    return key != NULL ? key : "";
}

/* Whether the next record of game a comes before that of b: -1, 0 (the same
 * trial), 1. */
static int compare(const merged *m, const size_t *at, size_t a, size_t b)
{
    const int order = strcmp(key_of(m, a), key_of(m, b));
    const uint64_t of_a = m->records[a].trial[at[a]];
    const uint64_t of_b = m->records[b].trial[at[b]];
    return order != 0 ? order : of_a < of_b ? -1 : of_a > of_b;
}

/* The game whose next record comes first; m->count when none is left. */
static pv_status next_game(const pv_game_options *o, const merged *m,
                           const size_t *at, size_t *next, pv_error *err)
{
    *next = m->count;
    for (size_t i = 0; i < m->count; i++) {
        if (at[i] == m->records[i].count)
            continue;
        const int order = *next == m->count ? -1 : compare(m, at, i, *next);
        if (order == 0)
            return pv_fail(err, PV_EMISMATCH,
                           "%s and %s both have trial %llu of the same game; "
                           "leave one of them out",
                           o->dir[*next], o->dir[i],
                           (unsigned long long)m->records[i].trial[at[i]]);
        if (order < 0)
            *next = i;
    }
    return PV_OK;
}

/* Games of one key are one game: their trials by number, none of them twice.
 * Games of different keys follow each other by their keys. So what comes out
 * does not depend on the order of the directories. */
static pv_status join(const pv_game_options *o, const merged *m,
                      pv_game_records *all, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t width = all->cells * all->faces;
    size_t next, *at = pv_array_calloc(m->count, sizeof *at);
    if (at == NULL)
        return pv_fail_memory(err, "the trials");
    for (;;) {
        PV_TRY(next_game(o, m, at, &next, err));
        if (next == m->count)
            break;
        const pv_game_records *from = &m->records[next];
        const size_t t = at[next]++;
        const pv_game_records one = {
            .count = 1, .cells = all->cells, .faces = all->faces,
            .trial = from->trial + t, .face = from->face + t,
            .belief = from->belief + t * width};
        PV_TRY(pv_game_records_add(all, &one, err));
    }
out:
    free(at);
    return status;
}

/* Parts of one game that are not all there, or not finished. */
static void warn_of_missing(const merged *m, size_t trials)
{
    json_int_t wanted = 0;
    for (size_t i = 0; i < m->count; i++) {
        const json_t *about = json_object_get(m->settings[i], "about");
        const json_int_t n =
            json_integer_value(json_object_get(about, "trials"));
        if (strcmp(key_of(m, 0), key_of(m, i)) != 0)
            return;
        wanted = n > wanted ? n : wanted;
    }
    if ((json_int_t)trials < wanted)
        pv_log_warning("%zu of %lld trials are there: other parts are missing "
                       "or not finished",
                       trials, (long long)wanted);
}

static pv_status merge(const pv_game_options *o, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t count = (size_t)o->dirs;
    pv_game_records all = {0};
    merged m = {.settings = pv_array_calloc(count, sizeof *m.settings),
                .records = pv_array_calloc(count, sizeof *m.records)};
    if (m.settings == NULL || m.records == NULL) {
        status = pv_fail_memory(err, "the games");
        goto out;
    }
    for (size_t i = 0; i < count; i++)
        PV_TRY(read_one(o->dir[i], &m, err));
    all.cells = m.records[0].cells;
    all.faces = m.records[0].faces;
    PV_TRY(join(o, &m, &all, err));
    warn_of_missing(&m, all.count);
    PV_TRY(deliver(o, m.settings[0], &all, err));
out:
    for (size_t i = 0; i < m.count; i++) {
        json_decref(m.settings[i]);
        pv_game_records_clear(&m.records[i]);
    }
    free(m.settings);
    free(m.records);
    pv_game_records_clear(&all);
    return status;
}

static pv_status run(const pv_game_options *o, pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(pv_crypto_init(err));
    PV_TRY(pv_output_ready(&o->output, err));
    PV_TRY(o->merge ? merge(o, err) : play(o, err));
out:
    return status;
}

int pv_command_game(int argc, char **argv)
{
    pv_error err = PV_ERROR_INIT;
    pv_game_options o;
    pv_status status = pv_game_read_options(argc, argv, &o, &err);
    if (status == PV_OK && (o.help || o.version))
        return pv_command_tell(o.help ? pv_game_help : NULL);
    if (status == PV_OK) {
        /* one thread: trials run side by side instead */
        pv_command_begin(o.level, 1);
        (void)gsl_set_error_handler_off();
        pv_stop_on_signals();
        status = run(&o, &err);
    }
    return pv_command_end(status, &err);
}
