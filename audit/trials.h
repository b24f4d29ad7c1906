/* audit/trials.h - many independent trials: a directory that keeps them, and
 * processes that do them side by side.
 *
 * A run directory holds
 *
 *   settings.json   what must not change, and what findings need to be told
 *   seed            32 bytes of which all randomness derives; of another name
 *                   than the secret key of a privet-gen, which must never take
 *                   it for one
 *   trials.jsonl    a line a trial, in order of ending
 *   scratch/        files of the trials that are under way
 *
 * Mode 0700 and 0600: all may depend on the real table. A line is there whole or
 * not at all; a torn last one is a trial not yet done. */
#ifndef PV_AUDIT_TRIALS_H
#define PV_AUDIT_TRIALS_H

#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A command whose runs are kept. */
typedef struct pv_trials_kind {
    const char *name; /* "a game" */
    /* settings that must not change, each with what to call it in a message; of
     * them "key", the digest of the seed, may differ between parts that are
     * merged */
    const char *const (*setting)[2];
    size_t settings;
    bool (*valid)(const json_t *settings); /* whether they are of this kind */
} pv_trials_kind;

/* A run directory that is open, and locked against other processes. */
typedef struct pv_trials_dir {
    const pv_trials_kind *kind;
    char *path, *scratch, *trials;
    int lock;
    bool ours; /* locked, and of this kind: scratch/ may be removed */
} pv_trials_dir;

/* Makes or opens it; what a killed run left in scratch/ is removed. PV_ELOCKED;
 * PV_EIO and PV_ETAMPER, also for a directory with other things in it. */
PV_API PV_CHECKED pv_status pv_trials_dir_open(const pv_trials_kind *kind,
                                               const char *path,
                                               pv_trials_dir *dir,
                                               pv_error *err);
PV_API void pv_trials_dir_close(pv_trials_dir *dir); /* zeroed is legal */

/* The key: `seed` when given, else the one that is there, else a fresh one, which
 * is kept. */
PV_API PV_CHECKED pv_status pv_trials_key(const pv_trials_dir *dir,
                                          const pv_key *seed, pv_key *key,
                                          pv_error *err);

/* Writes the settings, or compares them with those that are there: PV_EMISMATCH
 * says what changed and what to do. */
PV_API PV_CHECKED pv_status pv_trials_settings(const pv_trials_dir *dir,
                                               json_t *settings, pv_error *err);

/* The settings of a directory, for merging (json_decref() them); PV_ETAMPER when
 * they are not of this kind. */
PV_API PV_CHECKED pv_status pv_trials_settings_read(const pv_trials_kind *kind,
                                                    const char *dir,
                                                    json_t **settings,
                                                    pv_error *err);

/* NULL when two settings agree (the key apart where `keys` is false), else what
 * differs, in words. */
PV_API const char *pv_trials_settings_differ(const pv_trials_kind *kind,
                                             const json_t *a, const json_t *b,
                                             bool keys);

/* Settings hold digests in hexadecimal: of a key, of a text. NULL on short memory. */
PV_API json_t *pv_trials_hex(const pv_key *digest);
PV_API json_t *pv_trials_text_digest(const char *text);

/* `dir` when given, else FILE.run of an output file, else `fallback` (free() it);
 * NULL on short memory. */
PV_API char *pv_trials_path(const char *dir, const char *output,
                            const char *fallback);

/* Cuts trials.jsonl down to its whole lines. */
PV_API PV_CHECKED pv_status pv_trials_repair(const pv_trials_dir *dir,
                                             uint64_t whole, pv_error *err);

/* How the lines of trials.jsonl are read, for a command's own records. */
typedef struct pv_trials_reader {
    const char *noun; /* "trial" */
    void *context;
    /* room for so many records; then a line after the other, false for one that
     * is none */
    pv_status (*make_room)(void *context, size_t lines, pv_error *err);
    bool (*parse)(void *context, const char *text, size_t size);
} pv_trials_reader;

/* Reads the lines of a file; none when it is not there. *whole is the number of
 * bytes up to the end of the last whole line. PV_ETAMPER names a line that is no
 * record. */
PV_API PV_CHECKED pv_status pv_trials_read(const pv_trials_reader *reader,
                                           const char *path, uint64_t *whole,
                                           pv_error *err);

/* Where the records are by increasing number of their trial: order[0], ...
 * (free() it). PV_ETAMPER when a trial is there twice. */
PV_API PV_CHECKED pv_status pv_trials_order(const pv_trials_reader *reader,
                                            const char *path,
                                            const uint64_t *trial, size_t count,
                                            size_t **order, pv_error *err);

/* Part `shard` of `shards` of the trials t < trials: those whose block of `size`
 * (1 or more) trials is its, t / size % shards == shard. */
typedef struct pv_trials_part {
    uint64_t trials, shard, shards, size;
} pv_trials_part;
PV_API bool pv_trials_in(const pv_trials_part *part, uint64_t trial);

/* The trials of a part that are not among the `count` increasing numbers `done`;
 * free() them. */
PV_API PV_CHECKED pv_status pv_trials_missing(const pv_trials_part *part,
                                              const uint64_t *done,
                                              size_t count, uint64_t **missing,
                                              size_t *missing_count,
                                              pv_error *err);

/* How a trial is done: a line for trials.jsonl with its newline, to be freed.
 * Called in a process of its own, with one thread. */
typedef struct pv_trials_work {
    pv_status (*play)(void *context, uint64_t trial, char **line,
                      pv_error *err);
    void *context;
    const char *noun, *progress; /* "trial", "trials" */
} pv_trials_work;

/* Does the trials `trial` (count of them) in `workers` processes and adds their
 * lines to the directory's trials.jsonl. Needs pv_stop_on_signals. PV_ESTOPPED
 * when a signal came first: trials under way are given up, and can be done
 * another time. The first trial that fails, or whose process dies, stops the
 * others and is named. */
PV_API PV_CHECKED pv_status pv_trials_run(const pv_trials_work *work,
                                          const pv_trials_dir *dir,
                                          const uint64_t *trial, size_t count,
                                          int workers, pv_error *err);

#endif
