#include "gen/pe/frame.h"

#include "core/log.h"
#include "core/memory.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_name[] = {"none", "utf8", "bytes"};

const char *pv_payload_kind_name(pv_payload_kind kind)
{
    return kind_name[kind];
}

/* --- requests -------------------------------------------------------------------- */

static void put_u32(unsigned char *at, uint32_t x)
{
    for (unsigned k = 0; k < 4; k++)
        at[k] = (unsigned char)(x >> 8 * k);
}

static uint32_t get_u32(const unsigned char *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

static pv_status make_room(pv_bytes *b, size_t more, pv_error *err)
{
    if (more > PV_FRAME_MOST || b->size > PV_FRAME_MOST - more)
        return pv_fail(err, PV_ETOOBIG,
                       "a request would be larger than 1 GiB; smaller "
                       "payloads are needed");
    if (b->size + more <= b->room)
        return PV_OK;
    const size_t room = 2 * (b->size + more);
    unsigned char *at = pv_array_realloc(b->at, room, 1);
    if (at == NULL)
        return pv_fail_memory(err, "a request");
    b->at = at;
    b->room = room;
    return PV_OK;
}

pv_status pv_frame_add_vector(pv_bytes *b, const float *vector, size_t width,
                              pv_error *err)
{
    const pv_status status = make_room(b, 4 * width, err);
    if (status != PV_OK)
        return status;
    for (size_t k = 0; k < width; k++) {
        uint32_t bits;
        memcpy(&bits, vector + k, sizeof bits);
        put_u32(b->at + b->size + 4 * k, bits);
    }
    b->size += 4 * width;
    return PV_OK;
}

pv_status pv_frame_add_payload(pv_bytes *b, const char *payload, size_t length,
                               pv_error *err)
{
    size_t all;
    if (!pv_size_add(length, 4, &all))
        return pv_fail_memory(err, "a request");
    const pv_status status = make_room(b, all, err);
    if (status != PV_OK)
        return status;
    put_u32(b->at + b->size, (uint32_t)length);
    memcpy(b->at + b->size + 4, payload, length);
    b->size += all;
    return PV_OK;
}

/* Degrees to six digits: their last bits may differ on another processor. */
static json_t *rounded(double x)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%.6g", x);
    return json_real(strtod(text, NULL));
}

static json_t *head_of(const pv_frame_request *r, size_t bytes)
{
    const json_int_t id = (json_int_t)r->id;
    if (strcmp(r->op, "hello") == 0)
        return json_pack("{s:s, s:I, s:i, s:I, s:s, s:i}", "op", r->op, "id",
                         id, "abi", (int)PV_FRAME_ABI, "d",
                         (json_int_t)r->width, "metric", r->metric, "bytes", 0);
    return json_pack("{s:s, s:I, s:I, s:s, s:I, s:o, s:I, s:I, s:I}", "op",
                     r->op, "id", id, "n", (json_int_t)r->count, "label",
                     r->label, "label_code", (json_int_t)r->class, "degree",
                     rounded(r->degree), "fold", (json_int_t)r->fold, "seed",
                     (json_int_t)r->seed, "bytes", (json_int_t)bytes);
}

pv_status pv_frame_make(const pv_frame_request *request, const pv_bytes *body,
                        pv_bytes *frame, pv_error *err)
{
    json_t *head = head_of(request, body->size);
    char *line = head != NULL
                     ? json_dumps(head, JSON_COMPACT | JSON_REAL_PRECISION(6))
                     : NULL;
    const size_t length = line != NULL ? strlen(line) : 0;
    json_decref(head);
    *frame = (pv_bytes){0};
    if (line != NULL)
        frame->at = pv_array_alloc(length + 1 + body->size, 1);
    if (frame->at == NULL) {
        free(line);
        return pv_fail_memory(err, "a request");
    }
    memcpy(frame->at, line, length);
    frame->at[length] = '\n';
    if (body->size > 0)
        memcpy(frame->at + length + 1, body->at, body->size);
    frame->size = frame->room = length + 1 + body->size;
    free(line);
    return PV_OK;
}

/* --- answers --------------------------------------------------------------------- */

/* The start of what was said, fit for a terminal. */
static const char *excerpt(const char *line, size_t length, char room[64])
{
    const size_t most = length < 60 ? length : 60;
    memcpy(room, line, most);
    room[most] = '\0';
    pv_log_printable(room);
    return room;
}

static pv_status parse(const char *line, size_t length, json_t **head,
                       pv_error *err)
{
    char room[64];
    *head = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(*head))
        return PV_OK;
    json_decref(*head);
    *head = NULL;
    return pv_fail(err, PV_EFORMAT,
                   "\"%s\" is no line of JSON; standard output is for answers "
                   "alone, messages go to standard error",
                   excerpt(line, length, room));
}

static pv_status check_number(const json_t *head, const char *name,
                              uint64_t wanted, pv_error *err)
{
    const json_t *value = json_object_get(head, name);
    if (!json_is_integer(value))
        return pv_fail(err, PV_EFORMAT,
                       "the answer's \"%s\" is no whole number", name);
    const json_int_t number = json_integer_value(value);
    if (number < 0 || (uint64_t)number != wanted)
        return pv_fail(err, PV_EFORMAT,
                       "the answer's \"%s\" is %lld; wanted: %llu", name,
                       (long long)number, (unsigned long long)wanted);
    return PV_OK;
}

static pv_status check_text(const json_t *head, const char *name,
                            const char *wanted, pv_error *err)
{
    char room[64];
    const char *text = json_string_value(json_object_get(head, name));
    if (text == NULL)
        return pv_fail(err, PV_EFORMAT, "the answer's \"%s\" is no text", name);
    if (strcmp(text, wanted) != 0)
        return pv_fail(err, PV_EFORMAT,
                       "the answer's \"%s\" is \"%s\"; wanted: \"%s\"", name,
                       excerpt(text, strlen(text), room), wanted);
    return PV_OK;
}

static pv_status begin_answer(const char *line, size_t length, const char *op,
                              uint64_t id, json_t **head, pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(parse(line, length, head, err));
    PV_TRY(check_text(*head, "op", op, err));
    PV_TRY(check_number(*head, "id", id, err));
    const char *error = json_string_value(json_object_get(*head, "error"));
    if (error != NULL)
        status = pv_fail(err, PV_EIO, "answers: %.1000s", error);
out:
    return status;
}

pv_status pv_frame_head(const char *line, size_t length,
                        const pv_wanted *wanted, size_t *bytes, pv_error *err)
{
    pv_status status = PV_OK;
    json_t *head = NULL;
    /* fits: see PV_FRAME_MOST and the widths that there are */
    const size_t vectors = 4 * wanted->count * wanted->width;
    const bool alone = wanted->kind == PV_PAYLOAD_NONE;
    const size_t least = vectors + (alone ? 0 : 4 * wanted->count);
    PV_TRY(begin_answer(line, length, wanted->op, wanted->id, &head, err));
    PV_TRY(check_number(head, "n", wanted->count, err));
    PV_TRY(check_number(head, "d", wanted->width, err));
    const json_t *value = json_object_get(head, "bytes");
    const json_int_t number = json_integer_value(value);
    if (json_is_integer(value) && number > PV_FRAME_MOST)
        status = pv_fail(err, PV_EFORMAT,
                         "the answer's \"bytes\" is %lld, above 1 GiB",
                         (long long)number);
    else if (!json_is_integer(value) || number < 0 ||
             (size_t)number < least || (alone && (size_t)number != least))
        status = pv_fail(err, PV_EFORMAT,
                         "the answer's \"bytes\" is not right: %zu vectors of "
                         "%zu float32%s are %s%zu",
                         wanted->count, wanted->width,
                         alone ? "" : " and as many payloads",
                         alone ? "" : "at least ", least);
    else
        *bytes = (size_t)number;
out:
    json_decref(head);
    return status;
}

static pv_status split_payloads(const unsigned char *at, size_t left,
                                size_t count, pv_payload *payload,
                                pv_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const uint32_t length = left >= 4 ? get_u32(at) : 0;
        if (left < 4 || length > left - 4)
            return pv_fail(err, PV_EFORMAT,
                           "payload %zu of %zu (from 0) ends beyond the "
                           "answer's bytes; each is a little-endian 32-bit "
                           "length and so many bytes",
                           i, count);
        payload[i] = (pv_payload){(const char *)at + 4, length};
        at += 4 + (size_t)length;
        left -= 4 + (size_t)length;
    }
    if (left > 0)
        return pv_fail(err, PV_EFORMAT,
                       "%zu bytes follow the last of the answer's %zu payloads",
                       left, count);
    return PV_OK;
}

pv_status pv_frame_body(const unsigned char *body, size_t size,
                        const pv_wanted *wanted, float *vector,
                        pv_payload *payload, pv_error *err)
{
    const size_t numbers = wanted->count * wanted->width;
    if (size < 4 * numbers)
        return pv_fail(err, PV_EFORMAT, "the answer's vectors are cut short");
    for (size_t i = 0; i < numbers; i++) {
        const uint32_t bits = get_u32(body + 4 * i);
        memcpy(vector + i, &bits, sizeof bits);
    }
    return split_payloads(body + 4 * numbers, size - 4 * numbers,
                          wanted->kind == PV_PAYLOAD_NONE ? 0 : wanted->count,
                          payload, err);
}

pv_status pv_frame_hello(const char *line, size_t length,
                         const pv_frame_request *hello, pv_payload_kind *kind,
                         pv_error *err)
{
    pv_status status = PV_OK;
    json_t *head = NULL;
    PV_TRY(begin_answer(line, length, "hello", hello->id, &head, err));
    PV_TRY(check_number(head, "abi", PV_FRAME_ABI, err));
    PV_TRY(check_number(head, "d", hello->width, err));
    PV_TRY(check_text(head, "metric", hello->metric, err));
    if (json_object_get(head, "bytes") != NULL)
        PV_TRY(check_number(head, "bytes", 0, err));
    const char *name = json_string_value(json_object_get(head, "payload"));
    size_t k = 0;
    while (name != NULL && k < PV_PAYLOAD_KINDS &&
           strcmp(name, kind_name[k]) != 0)
        k++;
    if (name == NULL || k == PV_PAYLOAD_KINDS)
        status = pv_fail(err, PV_EFORMAT,
                         "the answer's \"payload\" must be \"utf8\", \"bytes\" "
                         "or \"none\"");
    else
        *kind = (pv_payload_kind)k;
out:
    json_decref(head);
    return status;
}
