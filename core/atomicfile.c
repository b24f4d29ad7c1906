#include "core/atomicfile.h"

#include "core/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return pv_strdup(".");
    if (slash == path)
        return pv_strdup("/");
    char *dir = pv_strdup(path);
    if (dir != NULL)
        dir[slash - path] = '\0';
    return dir;
}

static pv_status sync_path(const char *path, int flags, pv_error *err)
{
    const int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        return pv_fail_errno(err, PV_EIO, "%s: cannot open to sync", path);
    const int failed = fsync(fd);
    const int saved = errno;
    (void)close(fd);
    errno = saved;
    if (failed != 0)
        return pv_fail_errno(err, PV_EIO, "%s: cannot sync to disk", path);
    return PV_OK;
}

pv_status pv_file_sync(const char *path, pv_error *err)
{
    return sync_path(path, O_RDONLY, err);
}

pv_status pv_dir_sync_of(const char *path, pv_error *err)
{
    char *dir = directory_of(path);
    if (dir == NULL)
        return pv_fail_memory(err, "a path");
    const pv_status status = sync_path(dir, O_RDONLY | O_DIRECTORY, err);
    free(dir);
    return status;
}

bool pv_file_same(const char *a, const char *b)
{
    struct stat of_a, of_b;
    return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 &&
           of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

bool pv_file_exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

pv_status pv_file_publish(const char *temporary, const char *path, bool force,
                          pv_error *err)
{
    if (!force && pv_file_exists(path))
        return pv_fail(err, PV_EEXIST,
                       "%s: exists already; use --force to replace it", path);
    if (rename(temporary, path) != 0)
        return pv_fail_errno(err, PV_EIO, "%s: cannot be put in place", path);
    return pv_dir_sync_of(path, err);
}

static pv_status write_all(int fd, const char *path, const void *data,
                           size_t size, pv_error *err)
{
    const char *next = data;
    while (size > 0) {
        const ssize_t n = write(fd, next, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return pv_fail_errno(err, PV_EIO,
                                 "%s: cannot write; free some space or choose "
                                 "another directory",
                                 path);
        next += n;
        size -= (size_t)n;
    }
    return PV_OK;
}

pv_status pv_file_write_atomic(const char *path, const void *data, size_t size,
                               unsigned mode, pv_error *err)
{
    pv_status status = PV_OK;
    int fd = -1;
    char *temporary = pv_sprintf_alloc("%s.tmp", path);
    if (temporary == NULL)
        return pv_fail_memory(err, "a path");
    fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0) {
        status = pv_fail_errno(err, PV_EIO, "%s: cannot create", temporary);
        goto out;
    }
    PV_TRY(write_all(fd, path, data, size, err));
    if (fsync(fd) != 0) {
        status = pv_fail_errno(err, PV_EIO, "%s: cannot sync to disk", path);
        goto out;
    }
    if (close(fd) != 0) {
        fd = -1;
        status = pv_fail_errno(err, PV_EIO, "%s: cannot close", path);
        goto out;
    }
    fd = -1;
    PV_TRY(pv_file_publish(temporary, path, true, err));
out:
    if (fd >= 0)
        (void)close(fd);
    if (status != PV_OK)
        (void)unlink(temporary);
    free(temporary);
    return status;
}

pv_status pv_file_read(const char *path, size_t limit, unsigned char **data,
                       size_t *size, pv_error *err)
{
    pv_status status = PV_OK;
    unsigned char *block = NULL;
    size_t used = 0, room = 1 << 16;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return pv_fail_errno(err, PV_EIO, "%s: cannot open", path);
    block = malloc(room + 1);
    if (block == NULL) {
        status = pv_fail_memory(err, path);
        goto out;
    }
    for (;;) {
        const ssize_t n = read(fd, block + used, room - used);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            status = pv_fail_errno(err, PV_EIO, "%s: cannot read", path);
            goto out;
        }
        if (n == 0)
            break;
        used += (size_t)n;
        if (used > limit) {
            status = pv_fail(err, PV_ETOOBIG, "%s: larger than %zu bytes", path,
                             limit);
            goto out;
        }
        if (used == room) {
            unsigned char *bigger = realloc(block, 2 * room + 1);
            if (bigger == NULL) {
                status = pv_fail_memory(err, path);
                goto out;
            }
            block = bigger;
            room *= 2;
        }
    }
    block[used] = 0;
    *data = block;
    *size = used;
    block = NULL;
out:
    (void)close(fd);
    free(block);
    return status;
}

pv_status pv_output_check(const char *path, bool force, pv_error *err)
{
    struct stat info;
    if (path[0] == '\0')
        return pv_fail(err, PV_EIO, "the output's name is empty; name a file");
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return pv_fail(err, PV_EIO,
                       "%s: is a directory; name a file in it", path);
    if (!force && pv_file_exists(path))
        return pv_fail(err, PV_EEXIST,
                       "%s: exists already; use --force to replace it", path);
    char *dir = directory_of(path);
    if (dir == NULL)
        return pv_fail_memory(err, "a path");
    pv_status status = PV_OK;
    if (access(dir, W_OK | X_OK) != 0)
        status = pv_fail_errno(err, PV_EIO,
                               "%s: cannot write into directory %s", path, dir);
    free(dir);
    return status;
}
