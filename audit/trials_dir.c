#include "audit/trials.h"

#include "core/atomicfile.h"
#include "core/memory.h"
#include "core/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char *within(const char *dir, const char *name)
{
    return pv_sprintf_alloc("%s/%s", dir, name);
}

static pv_status make_directory(const char *path, pv_error *err)
{
    struct stat info;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return pv_fail_errno(err, PV_EIO,
                             "%s: cannot make the run directory; choose "
                             "another with --run-dir",
                             path);
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        return pv_fail(err, PV_EIO,
                       "%s: is not a directory; choose another --run-dir",
                       path);
    if (info.st_uid != geteuid() || (info.st_mode & 077) != 0)
        return pv_fail(err, PV_EIO,
                       "%s: others may look into this directory, which holds "
                       "tables of people while trials run; chmod 700 it or "
                       "choose another --run-dir",
                       path);
    return PV_OK;
}

/* Waits a moment for the workers of a run that was killed. */
static pv_status lock(pv_trials_dir *dir, pv_error *err)
{
    enum { tries = 40 };
    dir->lock = open(dir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir->lock < 0)
        return pv_fail_errno(err, PV_EIO, "%s: cannot open it", dir->path);
    for (int i = 0; flock(dir->lock, LOCK_EX | LOCK_NB) != 0; i++) {
        if (i == tries || (errno != EWOULDBLOCK && errno != EINTR))
            return pv_fail(err, PV_ELOCKED,
                           "%s: another process is at work on it; wait for "
                           "it, or choose another --run-dir",
                           dir->path);
        (void)nanosleep(&(struct timespec){0, 50000000}, NULL);
    }
    return PV_OK;
}

/* What a run leaves that is killed before its settings are there. */
static bool is_beginning(const char *name)
{
    static const char *const left[] = {".", "..", "seed", "seed.tmp",
                                       "settings.json.tmp"};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        if (strcmp(name, left[i]) == 0)
            return true;
    return false;
}

/* A directory of something else is left alone, scratch/ above all. */
static pv_status check_contents(const pv_trials_dir *dir, pv_error *err)
{
    pv_status status = PV_OK;
    json_t *settings = NULL;
    char *path = within(dir->path, "settings.json");
    if (path == NULL)
        return pv_fail_memory(err, "a path");
    const bool begun = pv_file_exists(path);
    free(path);
    if (begun) {
        status = pv_trials_settings_read(dir->kind, dir->path, &settings, err);
        json_decref(settings);
        return status;
    }
    (void)rmdir(dir->scratch); /* refuses one that is not empty */
    DIR *list = opendir(dir->path);
    if (list == NULL)
        return pv_fail_errno(err, PV_EIO, "%s: cannot list it", dir->path);
    for (const struct dirent *e; status == PV_OK && (e = readdir(list)) != NULL;)
        if (!is_beginning(e->d_name))
            status = pv_fail(err, PV_EIO,
                             "%s: holds files that are not of %s; choose "
                             "another --run-dir",
                             dir->path, dir->kind->name);
    (void)closedir(list);
    return status;
}

pv_status pv_trials_dir_open(const pv_trials_kind *kind, const char *path,
                             pv_trials_dir *dir, pv_error *err)
{
    pv_status status = PV_OK;
    *dir = (pv_trials_dir){.kind = kind,
                           .path = pv_strdup(path),
                           .scratch = within(path, "scratch"),
                           .trials = within(path, "trials.jsonl"),
                           .lock = -1};
    if (dir->path == NULL || dir->scratch == NULL || dir->trials == NULL) {
        status = pv_fail_memory(err, "a path");
        goto out;
    }
    PV_TRY(make_directory(path, err));
    PV_TRY(lock(dir, err));
    PV_TRY(check_contents(dir, err));
    dir->ours = true;
    pv_scratch_remove(dir->scratch);
    if (mkdir(dir->scratch, 0700) != 0)
        status = pv_fail_errno(err, PV_EIO, "%s: cannot make it", dir->scratch);
out:
    if (status != PV_OK)
        pv_trials_dir_close(dir);
    return status;
}

void pv_trials_dir_close(pv_trials_dir *dir)
{
    if (dir->path == NULL)
        return;
    if (dir->ours)
        pv_scratch_remove(dir->scratch);
    if (dir->lock >= 0)
        (void)close(dir->lock);
    free(dir->path);
    free(dir->scratch);
    free(dir->trials);
    memset(dir, 0, sizeof *dir);
}

pv_status pv_trials_key(const pv_trials_dir *dir, const pv_key *seed,
                          pv_key *key, pv_error *err)
{
    pv_status status = PV_OK;
    unsigned char *data = NULL;
    size_t size = 0;
    char *path = within(dir->path, "seed");
    if (path == NULL)
        return pv_fail_memory(err, "a path");
    const bool there = pv_file_exists(path);
    if (seed != NULL) {
        *key = *seed; /* of another one the settings will tell */
        if (there)
            goto out;
    } else if (there) {
        PV_TRY(pv_file_read(path, sizeof key->bytes, &data, &size, err));
        if (size == sizeof key->bytes)
            memcpy(key->bytes, data, size);
        else
            status = pv_fail(err, PV_ETAMPER,
                             "%s: the key is damaged; choose another "
                             "--run-dir",
                             path);
        goto out;
    } else {
        PV_TRY(pv_key_random(key, err));
    }
    PV_TRY(pv_file_write_atomic(path, key->bytes, sizeof key->bytes, 0600, err));
out:
    free(data);
    free(path);
    return status;
}

const char *pv_trials_settings_differ(const pv_trials_kind *kind,
                                      const json_t *a, const json_t *b,
                                      bool keys)
{
    for (size_t i = 0; i < kind->settings; i++) {
        const char *name = kind->setting[i][0];
        if ((keys || strcmp(name, "key") != 0) &&
            !json_equal(json_object_get(a, name), json_object_get(b, name)))
            return kind->setting[i][1];
    }
    return NULL;
}

pv_status pv_trials_settings_read(const pv_trials_kind *kind, const char *dir,
                                  json_t **settings, pv_error *err)
{
    enum { limit = 1 << 22 };
    pv_status status = PV_OK;
    unsigned char *text = NULL;
    size_t size = 0;
    char *path = within(dir, "settings.json");
    if (path == NULL)
        return pv_fail_memory(err, "a path");
    PV_TRY(pv_file_read(path, limit, &text, &size, err));
    *settings = json_loadb((const char *)text, size, JSON_REJECT_DUPLICATES,
                           NULL);
    if (!kind->valid(*settings)) {
        json_decref(*settings);
        *settings = NULL;
        status = pv_fail(err, PV_ETAMPER,
                         "%s: is not the settings of %s; choose another "
                         "directory",
                         path, kind->name);
    }
out:
    free(text);
    free(path);
    return status;
}

static pv_status write_settings(const char *path, const json_t *settings,
                                pv_error *err)
{
    char *text = json_dumps(settings, JSON_INDENT(1) | JSON_SORT_KEYS);
    if (text == NULL)
        return pv_fail_memory(err, "the settings");
    const pv_status status =
        pv_file_write_atomic(path, text, strlen(text), 0600, err);
    free(text);
    return status;
}

pv_status pv_trials_settings(const pv_trials_dir *dir, json_t *settings,
                               pv_error *err)
{
    pv_status status = PV_OK;
    json_t *before = NULL;
    char *path = within(dir->path, "settings.json");
    if (path == NULL)
        return pv_fail_memory(err, "a path");
    if (pv_file_exists(path)) {
        PV_TRY(pv_trials_settings_read(dir->kind, dir->path, &before, err));
        const char *what = pv_trials_settings_differ(dir->kind, before, settings, true);
        if (what != NULL) {
            status = pv_fail(err, PV_EMISMATCH,
                             "%s: %s changed since %s began here, so it "
                             "cannot go on; undo the change, or choose another "
                             "--run-dir",
                             dir->path, what, dir->kind->name);
            goto out;
        }
    }
    PV_TRY(write_settings(path, settings, err));
out:
    json_decref(before);
    free(path);
    return status;
}

json_t *pv_trials_hex(const pv_key *digest)
{
    char hex[2 * PV_KEY_BYTES + 1];
    for (size_t i = 0; i < PV_KEY_BYTES; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", digest->bytes[i]);
    return json_string(hex);
}

json_t *pv_trials_text_digest(const char *text)
{
    static const pv_key zero = {{0}};
    pv_key digest;
    pv_key_derive(&zero, "text", text, strlen(text), &digest);
    return pv_trials_hex(&digest);
}

char *pv_trials_path(const char *dir, const char *output, const char *fallback)
{
    if (dir != NULL)
        return pv_strdup(dir);
    return output != NULL && strcmp(output, "-") != 0
               ? pv_sprintf_alloc("%s.run", output)
               : pv_strdup(fallback);
}

pv_status pv_trials_repair(const pv_trials_dir *dir, uint64_t whole,
                           pv_error *err)
{
    if (!pv_file_exists(dir->trials) ||
        truncate(dir->trials, (off_t)whole) == 0)
        return PV_OK;
    return pv_fail_errno(err, PV_EIO, "%s: cannot be repaired", dir->trials);
}

bool pv_trials_in(const pv_trials_part *part, uint64_t trial)
{
    return trial < part->trials &&
           trial / part->size % part->shards == part->shard;
}

pv_status pv_trials_missing(const pv_trials_part *part, const uint64_t *done,
                            size_t count, uint64_t **missing,
                            size_t *missing_count, pv_error *err)
{
    const uint64_t blocks = part->trials / part->size / part->shards + 1;
    size_t at = 0;
    *missing_count = 0;
    *missing =
        pv_array_alloc((size_t)(blocks * part->size), sizeof **missing);
    if (*missing == NULL)
        return pv_fail_memory(err, "the trials");
    for (uint64_t t = part->shard * part->size; t < part->trials;) {
        while (at < count && done[at] < t)
            at++;
        if (at == count || done[at] != t)
            (*missing)[(*missing_count)++] = t;
        t++;
        if (t % part->size == 0) /* on to the next block of this part */
            t += (part->shards - 1) * part->size;
    }
    return PV_OK;
}
