/* Answers on disk: STORE/hello.json, and STORE/vary_003_00000.answer of step 3, batch 0:
 * a line with digests of the request and of the bytes that follow. */
#include "gen/pe/process_internal.h"

#include "core/atomicfile.h"
#include "core/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { hex_room = 2 * PV_DIGEST_BYTES + 1, line_room = 256 };

/* --- hello ------------------------------------------------------------------------- */

static void hello_line(const pv_process_source *p, pv_payload_kind kind,
                       char line[line_room])
{
    (void)snprintf(line, line_room,
                   "{\"abi\":%d,\"d\":%zu,\"metric\":\"%s\",\"payload\":\"%s\"}"
                   "\n",
                   (int)PV_FRAME_ABI, p->source.width,
                   pv_metric_name(p->metric), pv_payload_kind_name(kind));
}

pv_status pv_store_find_hello(const pv_process_source *p, bool *found,
                              pv_payload_kind *kind, pv_error *err)
{
    pv_status status = PV_OK;
    unsigned char *there = NULL;
    size_t size = 0;
    char line[line_room];
    char *path = pv_sprintf_alloc("%s/hello.json", p->store);
    if (path == NULL)
        return pv_fail_memory(err, "a path");
    *found = pv_file_exists(path);
    if (!*found)
        goto out;
    PV_TRY(pv_file_read(path, 65536, &there, &size, err));
    for (int k = 0; k < PV_PAYLOAD_KINDS; k++) {
        hello_line(p, (pv_payload_kind)k, line);
        if (size == strlen(line) && memcmp(there, line, size) == 0) {
            *kind = (pv_payload_kind)k;
            goto out;
        }
    }
    status = pv_fail(err, PV_EDIVERGED,
                     "%s: is of a run with other embeddings, or was changed; "
                     "name another directory, or remove this one",
                     path);
out:
    free(there);
    free(path);
    return status;
}

pv_status pv_store_hello(const pv_process_source *p, pv_payload_kind kind,
                         pv_error *err)
{
    pv_status status = PV_OK;
    bool found;
    pv_payload_kind before = kind;
    char line[line_room];
    char *path = pv_sprintf_alloc("%s/hello.json", p->store);
    if (path == NULL)
        return pv_fail_memory(err, "a path");
    PV_TRY(pv_store_find_hello(p, &found, &before, err));
    hello_line(p, kind, line);
    if (!found)
        status = pv_file_write_atomic(path, line, strlen(line), 0600, err);
    else if (before != kind)
        status = pv_fail(err, PV_EDIVERGED,
                         "its payloads are \"%s\", but %s says \"%s\": the run "
                         "was begun with another command",
                         pv_payload_kind_name(kind), path,
                         pv_payload_kind_name(before));
out:
    free(path);
    return status;
}

/* --- answers ----------------------------------------------------------------------- */

static char *path_of(const pv_process_source *p, const pv_batch *b)
{
    return pv_sprintf_alloc("%s/%s_%03zu_%05zu.answer", p->store, b->purpose,
                            b->step, b->number);
}

static void digest(const char *purpose, const unsigned char *bytes, size_t size,
                   char hex[hex_room])
{
    static const pv_key no_key = {{0}};
    pv_key key;
    pv_key_derive(&no_key, purpose, bytes, size, &key);
    for (size_t i = 0; i < PV_DIGEST_BYTES; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", key.bytes[i]);
}

/* The line's part about the request, then that about the answer. */
static void request_part(const pv_bytes *frame, char line[line_room])
{
    char hex[hex_room];
    digest("co-process request", frame->at, frame->size, hex);
    (void)snprintf(line, line_room, "{\"request\":\"%s\",", hex);
}

static void answer_part(const unsigned char *body, size_t size,
                        char line[line_room])
{
    char hex[hex_room];
    digest("co-process answer", body, size, hex);
    (void)snprintf(line, line_room, "\"answer\":\"%s\",\"bytes\":%zu}\n", hex,
                   size);
}

/* Takes `part` off the start of what is there. */
static bool take(const unsigned char **at, size_t *left, const char *part)
{
    const size_t length = strlen(part);
    if (*left < length || memcmp(*at, part, length) != 0)
        return false;
    *at += length;
    *left -= length;
    return true;
}

static pv_status open_answer(const char *path, const pv_bytes *frame,
                             unsigned char *file, size_t size,
                             size_t *body_size, pv_error *err)
{
    char part[line_room];
    const unsigned char *at = file;
    size_t left = size;
    request_part(frame, part);
    if (!take(&at, &left, part))
        return pv_fail(err, PV_EDIVERGED,
                       "%s: answers another request than this run's; it "
                       "belongs to another run: name another directory, or "
                       "remove this one",
                       path);
    const unsigned char *end = memchr(at, '\n', left);
    const size_t line = end != NULL ? (size_t)(end - at) + 1 : left;
    answer_part(at + line, left - line, part);
    if (line != strlen(part) || memcmp(at, part, line) != 0)
        return pv_fail(err, PV_ETAMPER,
                       "%s: is damaged; put it back from a copy, or begin anew "
                       "in another directory",
                       path);
    *body_size = left - line;
    memmove(file, at + line, *body_size);
    return PV_OK;
}

pv_status pv_store_find(const pv_process_source *p, const pv_batch *batch,
                        const pv_bytes *frame, unsigned char **body,
                        size_t *size, pv_error *err)
{
    pv_status status = PV_OK;
    unsigned char *file = NULL;
    size_t length = 0;
    char *path = path_of(p, batch);
    *body = NULL;
    if (path == NULL)
        return pv_fail_memory(err, "a path");
    if (!pv_file_exists(path))
        goto out;
    PV_TRY(pv_file_read(path, (size_t)PV_FRAME_MOST + line_room, &file, &length,
                        err));
    PV_TRY(open_answer(path, frame, file, length, size, err));
    *body = file;
    file = NULL;
out:
    free(file);
    free(path);
    return status;
}

pv_status pv_store_put(const pv_process_source *p, const pv_batch *batch,
                       const pv_bytes *frame, const unsigned char *body,
                       size_t size, pv_error *err)
{
    pv_status status = PV_OK;
    char request[line_room], answer[line_room];
    char *path = path_of(p, batch);
    request_part(frame, request);
    answer_part(body, size, answer);
    const size_t first = strlen(request), second = strlen(answer);
    unsigned char *file = pv_array_alloc(first + second + size, 1);
    if (path == NULL || file == NULL) {
        status = pv_fail_memory(err, "an answer");
        goto out;
    }
    memcpy(file, request, first);
    memcpy(file + first, answer, second);
    memcpy(file + first + second, body, size);
    PV_TRY(pv_file_write_atomic(path, file, first + second + size, 0600, err));
out:
    free(file);
    free(path);
    return status;
}
