#include "dp/ledger.h"

#include "core/atomicfile.h"
#include "core/memory.h"
#include "core/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ledger_limit = 1 << 28, hex_size = 2 * PV_DIGEST_BYTES + 1 };

struct pv_ledger {
    char *path;
    int fd;
    json_t *bodies;
    unsigned char hash[PV_DIGEST_BYTES];
    off_t size;
};

/* hash = BLAKE2b(hash || body text) */
static void chain(unsigned char *hash, const char *body)
{
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, PV_DIGEST_BYTES);
    (void)crypto_generichash_update(&state, hash, PV_DIGEST_BYTES);
    (void)crypto_generichash_update(&state, (const unsigned char *)body,
                                    strlen(body));
    (void)crypto_generichash_final(&state, hash, PV_DIGEST_BYTES);
}

static char *canonical(const json_t *body)
{
    return json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(17));
}

static pv_status broken(const char *name, size_t line, const char *what,
                        pv_error *err)
{
    return pv_fail(err, PV_ETAMPER,
                   "%s, line %zu: %s; the ledger was damaged or changed, so "
                   "what was spent cannot be known: restore it from a backup, "
                   "or count the whole budget as spent and start a new run",
                   name, line, what);
}

static char *line_text(const char *body, const unsigned char *hash)
{
    char hex[hex_size];
    (void)sodium_bin2hex(hex, sizeof hex, hash, PV_DIGEST_BYTES);
    return pv_sprintf_alloc("{\"body\":%s,\"hash\":\"%s\"}\n", body, hex);
}

/* Checks one line against the chain and appends its body. It must be the text
 * that was written, not only say the same: no byte of it is free. */
static pv_status take_line(const char *text, size_t length, const char *name,
                           size_t line, unsigned char *hash, json_t *bodies,
                           pv_error *err)
{
    pv_status status = PV_OK;
    char *body_text = NULL, *expected = NULL;
    json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    json_t *body = json_object_get(object, "body");
    if (!json_is_object(body)) {
        status = broken(name, line, "not a ledger line", err);
        goto out;
    }
    body_text = canonical(body);
    if (body_text == NULL) {
        status = pv_fail_memory(err, name);
        goto out;
    }
    chain(hash, body_text);
    expected = line_text(body_text, hash);
    if (expected == NULL) {
        status = pv_fail_memory(err, name);
        goto out;
    }
    if (strlen(expected) != length + 1 || memcmp(expected, text, length) != 0) {
        status = broken(name, line, "the hash does not fit", err);
        goto out;
    }
    if (json_array_append(bodies, body) != 0)
        status = pv_fail_memory(err, name);
out:
    free(expected);
    free(body_text);
    json_decref(object);
    return status;
}

/* Takes whole lines; *used is the length of what they cover. */
static pv_status take_lines(const char *text, size_t size, const char *name,
                            unsigned char *hash, json_t *bodies, size_t *used,
                            pv_error *err)
{
    *used = 0;
    for (size_t line = 1; *used < size; line++) {
        const char *from = text + *used;
        const char *end = memchr(from, '\n', size - *used);
        if (end == NULL)
            return PV_OK;
        const pv_status status = take_line(from, (size_t)(end - from), name,
                                           line, hash, bodies, err);
        if (status != PV_OK)
            return status;
        *used += (size_t)(end - from) + 1;
    }
    return PV_OK;
}

pv_status pv_ledger_parse(const char *text, size_t size, const char *name,
                          json_t **bodies, pv_error *err)
{
    unsigned char hash[PV_DIGEST_BYTES] = {0};
    size_t used;
    json_t *result = json_array();
    if (result == NULL)
        return pv_fail_memory(err, name);
    pv_status status =
        take_lines(text, size, name, hash, result, &used, err);
    if (status == PV_OK && used != size)
        status = broken(name, json_array_size(result) + 1,
                        "the last line is cut short", err);
    if (status == PV_OK)
        *bodies = result;
    else
        json_decref(result);
    return status;
}

/* One line with its newline; updates the hash. */
static char *format_line(const json_t *body, unsigned char *hash)
{
    char *body_text = canonical(body);
    if (body_text == NULL)
        return NULL;
    chain(hash, body_text);
    char *line = line_text(body_text, hash);
    free(body_text);
    return line;
}

char *pv_ledger_text(const json_t *bodies)
{
    unsigned char hash[PV_DIGEST_BYTES] = {0};
    size_t used = 0, i;
    const json_t *body;
    char *text = pv_array_calloc(1, 1);
    json_array_foreach (bodies, i, body) {
        char *line = format_line(body, hash);
        const size_t length = line != NULL ? strlen(line) : 0;
        char *longer =
            line != NULL ? pv_array_realloc(text, used + length + 1, 1) : NULL;
        if (longer == NULL) {
            free(line);
            free(text);
            return NULL;
        }
        text = longer;
        memcpy(text + used, line, length + 1);
        used += length;
        free(line);
    }
    return text;
}

static pv_status lock(pv_ledger *ledger, bool wait, pv_error *err)
{
    while (flock(ledger->fd, LOCK_EX | (wait ? 0 : LOCK_NB)) != 0) {
        if (errno == EINTR)
            continue;
        if (errno == EWOULDBLOCK)
            return pv_fail(err, PV_ELOCKED,
                           "%s: another process is working on this run; wait "
                           "for it to end, or choose another --run-dir",
                           ledger->path);
        return pv_fail_errno(err, PV_EIO, "%s: cannot lock", ledger->path);
    }
    return PV_OK;
}

/* What was locked must be what the path names: reading is by path. */
static pv_status check_place(const pv_ledger *ledger, pv_error *err)
{
    struct stat held, named;
    if (fstat(ledger->fd, &held) == 0 && lstat(ledger->path, &named) == 0 &&
        held.st_dev == named.st_dev && held.st_ino == named.st_ino &&
        S_ISREG(held.st_mode))
        return PV_OK;
    return pv_fail(err, PV_ELOCKED,
                   "%s: was replaced by another file just now; run the same "
                   "command again",
                   ledger->path);
}

/* Reads what is there and cuts off a last line that was never finished. */
static pv_status read_back(pv_ledger *ledger, pv_error *err)
{
    unsigned char *text = NULL;
    size_t size = 0, used = 0;
    pv_status status =
        pv_file_read(ledger->path, ledger_limit, &text, &size, err);
    if (status == PV_OK)
        status = take_lines((const char *)text, size, ledger->path,
                            ledger->hash, ledger->bodies, &used, err);
    free(text);
    if (status != PV_OK)
        return status;
    ledger->size = (off_t)used;
    if (used < size && (ftruncate(ledger->fd, ledger->size) != 0 ||
                        fsync(ledger->fd) != 0))
        return pv_fail_errno(err, PV_EIO, "%s: cannot repair the last line",
                             ledger->path);
    return PV_OK;
}

pv_status pv_ledger_open(const char *path, bool wait, pv_ledger **result,
                         pv_error *err)
{
    pv_status status = PV_OK;
    pv_ledger *ledger = pv_array_calloc(1, sizeof *ledger);
    if (ledger == NULL)
        return pv_fail_memory(err, path);
    ledger->fd = -1;
    ledger->path = pv_strdup(path);
    ledger->bodies = json_array();
    if (ledger->path == NULL || ledger->bodies == NULL) {
        status = pv_fail_memory(err, path);
        goto out;
    }
    ledger->fd =
        open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (ledger->fd < 0) {
        status = pv_fail_errno(err, PV_EIO, "%s: cannot open the ledger", path);
        goto out;
    }
    PV_TRY(lock(ledger, wait, err));
    PV_TRY(check_place(ledger, err));
    PV_TRY(read_back(ledger, err));
    PV_TRY(pv_dir_sync_of(path, err));
    *result = ledger;
    ledger = NULL;
out:
    pv_ledger_close(ledger);
    return status;
}

void pv_ledger_close(pv_ledger *ledger)
{
    if (ledger == NULL)
        return;
    if (ledger->fd >= 0)
        (void)close(ledger->fd); /* lets the lock go */
    json_decref(ledger->bodies);
    free(ledger->path);
    free(ledger);
}

size_t pv_ledger_lines(const pv_ledger *ledger)
{
    return json_array_size(ledger->bodies);
}

const json_t *pv_ledger_line(const pv_ledger *ledger, size_t i)
{
    return json_array_get(ledger->bodies, i);
}

const json_t *pv_ledger_bodies(const pv_ledger *ledger)
{
    return ledger->bodies;
}

static pv_status write_line(pv_ledger *ledger, const char *line, pv_error *err)
{
    size_t done = 0;
    const size_t length = strlen(line);
    while (done < length) {
        const ssize_t n = write(ledger->fd, line + done, length - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            goto failed;
        done += (size_t)n;
    }
    if (fsync(ledger->fd) == 0)
        return PV_OK;
failed:
    (void)pv_fail_errno(err, PV_EIO,
                        "%s: cannot write the ledger, so nothing is answered; "
                        "free some space and run the same command again",
                        ledger->path);
    if (ftruncate(ledger->fd, ledger->size) != 0 || fsync(ledger->fd) != 0)
        return PV_EIO; /* a cut line stays: it is dropped at the next opening */
    return PV_EIO;
}

pv_status pv_ledger_append(pv_ledger *ledger, json_t *body, pv_error *err)
{
    pv_status status = PV_OK;
    unsigned char hash[PV_DIGEST_BYTES];
    char *line = NULL;
    memcpy(hash, ledger->hash, sizeof hash);
    if (body != NULL)
        line = format_line(body, hash);
    /* into memory first, where it can be taken back: a line on disk that the
     * caller does not know of would be charged again under its number */
    if (line == NULL || json_array_append(ledger->bodies, body) != 0) {
        status = pv_fail_memory(err, ledger->path);
        goto out;
    }
    status = write_line(ledger, line, err);
    if (status != PV_OK) {
        (void)json_array_remove(ledger->bodies,
                                json_array_size(ledger->bodies) - 1);
        goto out;
    }
    memcpy(ledger->hash, hash, sizeof hash);
    ledger->size += (off_t)strlen(line);
out:
    free(line);
    json_decref(body);
    return status;
}
