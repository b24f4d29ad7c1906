/* Preloaded into a program under test: counts the calls that change files and
 * ends, or stops, the process at the one whose number is in KILL_AT.
 *
 * KILL_MODE: before (the default) the call, after it, torn (half of a write),
 * stop (SIGSTOP instead of SIGKILL). KILL_COUNT: a file that gets the number
 * of calls at a regular end. Writes to the standard streams do not count. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define SHOWN __attribute__((visibility("default")))

static long calls;

static void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static const char *mode(void)
{
    const char *text = getenv("KILL_MODE");
    return text != NULL ? text : "before";
}

/* Whether this call is the one. */
static int mine(void)
{
    const char *at = getenv("KILL_AT");
    return ++calls == (at != NULL ? atol(at) : 0);
}

static void end(void)
{
    (void)raise(strcmp(mode(), "stop") == 0 ? SIGSTOP : SIGKILL);
}

static void before(int hit)
{
    if (hit && strcmp(mode(), "after") != 0 && strcmp(mode(), "torn") != 0)
        end();
}

static void after(int hit)
{
    if (hit && (strcmp(mode(), "after") == 0 || strcmp(mode(), "torn") == 0))
        end();
}

static size_t part(int hit, size_t size)
{
    return hit && strcmp(mode(), "torn") == 0 ? size / 2 : size;
}

SHOWN ssize_t write(int fd, const void *data, size_t size)
{
    ssize_t (*real)(int, const void *, size_t);
    *(void **)&real = next("write");
    const int hit = fd > 2 && mine();
    before(hit);
    const ssize_t result = real(fd, data, part(hit, size));
    after(hit);
    return result;
}

SHOWN ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    ssize_t (*real)(int, const void *, size_t, off64_t);
    *(void **)&real = next("pwrite64");
    const int hit = mine();
    before(hit);
    const ssize_t result = real(fd, data, part(hit, size), at);
    after(hit);
    return result;
}

SHOWN ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    return pwrite64(fd, data, size, at);
}

#define INTERPOSE(name, parameters, arguments)                                 \
    SHOWN int name parameters                                                  \
    {                                                                          \
        int(*real) parameters;                                                 \
        *(void **)&real = next(#name);                                         \
        const int hit = mine();                                                \
        before(hit);                                                           \
        const int result = real arguments;                                     \
        after(hit);                                                            \
        return result;                                                         \
    }

INTERPOSE(fsync, (int fd), (fd))
INTERPOSE(rename, (const char *from, const char *to), (from, to))
INTERPOSE(unlink, (const char *path), (path))
INTERPOSE(symlink, (const char *to, const char *path), (to, path))
INTERPOSE(mkdir, (const char *path, mode_t bits), (path, bits))
INTERPOSE(ftruncate, (int fd, off_t size), (fd, size))

__attribute__((destructor)) static void report(void)
{
    const char *path = getenv("KILL_COUNT");
    FILE *file = path != NULL ? fopen(path, "w") : NULL;
    if (file == NULL)
        return;
    (void)fprintf(file, "%ld\n", calls);
    (void)fclose(file);
}
