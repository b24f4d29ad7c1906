/* Talking with the command. */
#include "gen/pe/process_internal.h"

#include "core/log.h"
#include "core/memory.h"
#include "dp/curator.h"
#include "embeddings/cluster.h"

#include <stdlib.h>
#include <string.h>

void pv_reply_clear(pv_reply *r)
{
    free(r->body);
    free(r->vector);
    free(r->payload);
    *r = (pv_reply){0};
}

/* --- starting ---------------------------------------------------------------------- */

static pv_status hear_hello(pv_process_source *p, const pv_bytes *frame,
                            const pv_frame_request *hello, pv_payload_kind *kind,
                            pv_error *err)
{
    pv_status status = PV_OK;
    const char *line;
    size_t length;
    PV_TRY(pv_child_begin(&p->child, frame->at, frame->size, p->timeout, err));
    PV_TRY(pv_child_line(&p->child, PV_FRAME_LINE, &line, &length, err));
    PV_TRY(pv_frame_hello(line, length, hello, kind, err));
    PV_TRY(pv_child_finish(&p->child, err));
out:
    return status;
}

/* Leaves it to the caller to kill a child that did not greet. */
static pv_status start_once(pv_process_source *p, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_frame_request hello = {.op = "hello",
                              .width = p->source.width,
                              .metric = pv_metric_name(p->metric)};
    const pv_bytes no_body = {0};
    pv_bytes frame = {0};
    pv_payload_kind kind = PV_PAYLOAD_NONE;
    PV_TRY(pv_frame_make(&hello, &no_body, &frame, err));
    PV_TRY(pv_child_start(&p->child, p->word, err));
    status = hear_hello(p, &frame, &hello, &kind, err);
    if (status == PV_OK)
        status = pv_store_hello(p, kind, err);
    if (status != PV_OK) {
        status = pv_fail_context(err, status, "%s: hello", p->word[0]);
        goto out;
    }
    p->kind = kind;
    p->greeted = true;
out:
    free(frame.at);
    return status;
}

/* After a failure: whether to try once more. */
static bool try_again(pv_process_source *p, bool *tried, const pv_error *why)
{
    const bool again = p->child.died && !*tried;
    pv_child_kill(&p->child);
    if (again)
        pv_log_warning("%s; it is started again and asked the same",
                       why->message);
    *tried = true;
    return again;
}

pv_status pv_process_start(pv_process_source *p, pv_error *err)
{
    pv_status status;
    pv_error why = PV_ERROR_INIT;
    bool tried = false;
    do
        status = start_once(p, &why);
    while (status != PV_OK && try_again(p, &tried, &why));
    return status == PV_OK ? status : pv_fail(err, status, "%s", why.message);
}

pv_status pv_process_greet(pv_process_source *p, pv_error *err)
{
    pv_status status = PV_OK;
    bool found = false;
    if (p->greeted)
        return PV_OK;
    PV_TRY(pv_store_find_hello(p, &found, &p->kind, err));
    if (found)
        p->greeted = true;
    else
        PV_TRY(pv_process_start(p, err));
out:
    return status;
}

/* --- one request ------------------------------------------------------------------- */

static pv_status exchange(pv_process_source *p, const pv_bytes *frame,
                          const pv_wanted *wanted, unsigned char **body,
                          size_t *size, pv_error *err)
{
    pv_status status = PV_OK;
    const char *line;
    const unsigned char *bytes;
    size_t length;
    PV_TRY(pv_child_begin(&p->child, frame->at, frame->size, p->timeout, err));
    PV_TRY(pv_child_line(&p->child, PV_FRAME_LINE, &line, &length, err));
    PV_TRY(pv_frame_head(line, length, wanted, size, err));
    PV_TRY(pv_child_bytes(&p->child, *size, &bytes, err));
    unsigned char *copy = pv_array_alloc(*size, 1);
    if (copy == NULL) {
        status = pv_fail_memory(err, "an answer");
        goto out;
    }
    memcpy(copy, bytes, *size);
    status = pv_child_finish(&p->child, err);
    if (status == PV_OK)
        *body = copy;
    else
        free(copy);
out:
    return status;
}

static pv_status converse_once(pv_process_source *p, const pv_bytes *frame,
                               const pv_wanted *wanted, unsigned char **body,
                               size_t *size, pv_error *err)
{
    pv_status status = PV_OK;
    if (p->child.pid == 0)
        PV_TRY(start_once(p, err));
    status = exchange(p, frame, wanted, body, size, err);
    if (status != PV_OK)
        status = pv_fail_context(err, status, "%s: %s (id %llu)", p->word[0],
                                 wanted->op, (unsigned long long)wanted->id);
out:
    return status;
}

pv_status pv_process_converse(pv_process_source *p, const pv_bytes *frame,
                              const pv_wanted *wanted, unsigned char **body,
                              size_t *size, pv_error *err)
{
    pv_status status;
    pv_error why = PV_ERROR_INIT;
    bool tried = false;
    *body = NULL;
    do
        status = converse_once(p, frame, wanted, body, size, &why);
    while (status != PV_OK && try_again(p, &tried, &why));
    return status == PV_OK ? status : pv_fail(err, status, "%s", why.message);
}

/* --- a batch ----------------------------------------------------------------------- */

/* Of reply->body: its vectors and payloads. */
static pv_status read_reply(const pv_process_source *p, const pv_wanted *wanted,
                            pv_reply *reply, pv_error *err)
{
    pv_status status = PV_OK;
    pv_error why = PV_ERROR_INIT;
    reply->count = wanted->count;
    reply->vector =
        pv_aligned_alloc(wanted->count * wanted->width, sizeof *reply->vector);
    reply->payload = pv_array_calloc(wanted->count, sizeof *reply->payload);
    if (reply->vector == NULL || reply->payload == NULL)
        return pv_fail_memory(err, "an answer");
    status = pv_frame_body(reply->body, reply->size, wanted, reply->vector,
                           reply->payload, &why);
    if (status == PV_OK &&
        pv_vectors_settle(p->metric, reply->vector, wanted->count,
                          wanted->width, &why) != PV_OK)
        status = PV_EFORMAT;
    return status == PV_OK
               ? status
               : pv_fail(err, status, "%s: %s (id %llu): %s", p->word[0],
                         wanted->op, (unsigned long long)wanted->id,
                         why.message);
}

pv_status pv_process_ask(pv_process_source *p, pv_batch *batch, pv_reply *reply,
                         pv_error *err)
{
    pv_status status = PV_OK;
    pv_bytes frame = {0};
    pv_frame_request *r = &batch->request;
    r->id = ++p->asked;
    const pv_wanted wanted = {r->op, r->id, r->count * r->fold, p->source.width,
                              p->kind};
    *reply = (pv_reply){0};
    if (pv_curator_stopping())
        return pv_fail(err, PV_ESTOPPED,
                       "stopped between two requests to %s; run the same "
                       "command again",
                       p->word[0]);
    PV_TRY(pv_frame_make(r, &batch->body, &frame, err));
    PV_TRY(pv_store_find(p, batch, &frame, &reply->body, &reply->size, err));
    const bool stored = reply->body != NULL;
    if (!stored)
        PV_TRY(pv_process_converse(p, &frame, &wanted, &reply->body,
                                   &reply->size, err));
    PV_TRY(read_reply(p, &wanted, reply, err));
    if (!stored)
        PV_TRY(pv_store_put(p, batch, &frame, reply->body, reply->size, err));
out:
    free(frame.at);
    if (status != PV_OK)
        pv_reply_clear(reply);
    return status;
}
