#include "core/atomicfile.h"
#include "core/memory.h"
#include "dp/curator_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *pv_rundir_path(const pv_curator *curator, const char *name)
{
    return pv_sprintf_alloc("%s/%s", curator->run_dir, name);
}

void pv_hash_hex(const void *data, size_t size, char *hex)
{
    unsigned char hash[PV_DIGEST_BYTES];
    (void)crypto_generichash(hash, sizeof hash, data, size, NULL, 0);
    (void)sodium_bin2hex(hex, 2 * sizeof hash + 1, hash, sizeof hash);
}

pv_status pv_hash_file(const char *path, char *hex, pv_error *err)
{
    pv_status status = PV_OK;
    unsigned char hash[PV_DIGEST_BYTES], block[1 << 16];
    crypto_generichash_state state;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return pv_fail_errno(err, PV_EIO, "%s: cannot open", path);
    (void)crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (;;) {
        const ssize_t n = read(fd, block, sizeof block);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            status = pv_fail_errno(err, PV_EIO, "%s: cannot read", path);
        if (n <= 0)
            break;
        (void)crypto_generichash_update(&state, block, (size_t)n);
    }
    (void)crypto_generichash_final(&state, hash, sizeof hash);
    (void)sodium_bin2hex(hex, 2 * sizeof hash + 1, hash, sizeof hash);
    (void)close(fd);
    return status;
}

static pv_status make_directory(const char *path, pv_error *err)
{
    struct stat info;
    if (mkdir(path, 0700) == 0)
        return pv_dir_sync_of(path, err);
    if (errno != EEXIST)
        return pv_fail_errno(err, PV_EIO,
                             "%s: cannot make the run directory; choose "
                             "another with --run-dir",
                             path);
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        return pv_fail(err, PV_EIO,
                       "%s: is not a directory; choose another --run-dir",
                       path);
    if (info.st_uid != geteuid())
        return pv_fail(err, PV_EIO,
                       "%s: belongs to another user, who could read the run's "
                       "key in it; choose another --run-dir",
                       path);
    if ((info.st_mode & 077) != 0)
        return pv_fail(err, PV_EIO,
                       "%s: others may look into this directory, which would "
                       "hold the run's key; chmod 700 it or choose another "
                       "--run-dir",
                       path);
    return PV_OK;
}

static pv_status read_key(const char *path, pv_key *key, pv_error *err)
{
    unsigned char *data = NULL;
    size_t size = 0;
    const pv_status status =
        pv_file_read(path, sizeof key->bytes, &data, &size, err);
    if (status != PV_OK)
        return status;
    if (size == sizeof key->bytes)
        memcpy(key->bytes, data, size);
    sodium_memzero(data, size);
    free(data);
    if (size != sizeof key->bytes)
        return pv_fail(err, PV_ETAMPER,
                       "%s: the run's key is damaged, so its answers cannot be "
                       "replayed; what the ledger shows stays spent: start a "
                       "new run with another --run-dir",
                       path);
    return PV_OK;
}

pv_status pv_rundir_key(pv_curator *curator, const pv_key *test_key,
                        pv_error *err)
{
    pv_status status = PV_OK;
    char *path = pv_rundir_path(curator, "key");
    if (path == NULL)
        return pv_fail_memory(err, "a path");
    if (test_key != NULL) {
        curator->key = *test_key;
    } else if (pv_file_exists(path)) {
        PV_TRY(read_key(path, &curator->key, err));
    } else if (pv_curator_has_line(curator, "final")) {
        goto out; /* finished: the key is rightly gone */
    } else if (pv_ledger_lines(curator->ledger) > 0) {
        status = pv_fail(err, PV_ETAMPER,
                         "%s: the run's key is gone, so it cannot be resumed; "
                         "what the ledger shows stays spent: start a new run "
                         "with another --run-dir",
                         path);
    } else {
        PV_TRY(pv_key_random(&curator->key, err));
        PV_TRY(pv_file_write_atomic(path, curator->key.bytes,
                                    sizeof curator->key.bytes, 0600, err));
    }
out:
    free(path);
    return status;
}

pv_status pv_rundir_open(pv_curator *curator, pv_error *err)
{
    pv_status status = PV_OK;
    char *ledger = pv_rundir_path(curator, "ledger.jsonl");
    char *answers = pv_rundir_path(curator, "answers");
    if (ledger == NULL || answers == NULL) {
        status = pv_fail_memory(err, "a path");
        goto out;
    }
    PV_TRY(make_directory(curator->run_dir, err));
    PV_TRY(make_directory(answers, err));
    PV_TRY(pv_ledger_open(ledger, false, &curator->ledger, err));
out:
    free(ledger);
    free(answers);
    return status;
}

pv_status pv_rundir_wipe_key(const pv_curator *curator, pv_error *err)
{
    static const unsigned char zeros[PV_KEY_BYTES];
    pv_status status = PV_OK;
    char *path = pv_rundir_path(curator, "key");
    if (path == NULL)
        return pv_fail_memory(err, "a path");
    if (pv_file_exists(path)) {
        /* over the old bytes, then away: what a file system keeps of the old
         * block is outside the promise (doc/privacy.md) */
        const int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0 || write(fd, zeros, sizeof zeros) != sizeof zeros ||
            fsync(fd) != 0 || unlink(path) != 0)
            status = pv_fail_errno(err, PV_EIO,
                                   "%s: the run's key cannot be wiped; remove "
                                   "it by hand and run the command again",
                                   path);
        if (fd >= 0)
            (void)close(fd);
        if (status == PV_OK)
            status = pv_dir_sync_of(path, err);
    }
    free(path);
    return status;
}
