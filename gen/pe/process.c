#include "gen/pe/process_internal.h"

#include "core/memory.h"
#include "core/words.h"

#include <stdlib.h>
#include <string.h>

enum { most_at_once = 256, most_bytes = 1 << 26 };

static pv_process_source *of(pv_source *source)
{
    return (pv_process_source *)source;
}

/* Candidates (or parents) of a batch, by what their vectors take. */
static pv_status batch_room(const pv_process_source *p, size_t fold,
                            size_t *most, pv_error *err)
{
    size_t one;
    if (!pv_size_mul(4 * p->source.width, fold, &one) || one > PV_FRAME_MOST)
        return pv_fail(err, PV_ETOOBIG,
                       "the %zu children of one candidate would take more than "
                       "1 GiB; ask for fewer",
                       fold);
    *most = most_bytes / one;
    *most = *most > most_at_once ? most_at_once : *most > 0 ? *most : 1;
    return PV_OK;
}

static pv_batch batch_of(const pv_process_source *p, const pv_variation *how,
                         uint32_t class, size_t number,
                         char room[PV_CLASS_ROOM])
{
    const size_t step = how != NULL ? how->step : 0;
    const char *purpose = pv_variation_purpose(how);
    return (pv_batch){
        .request = {.op = how != NULL ? "vary" : "random",
                    .fold = how != NULL ? how->fold : 1,
                    .label = pv_class_text(p->schema, class, room),
                    .class = class,
                    .degree = how != NULL ? how->degree : 1,
                    .seed = pv_source_seed(&p->source, purpose, step, number)},
        .purpose = purpose,
        .step = step,
        .number = number};
}

/* Asks, and adds all that comes. */
static pv_status take_batch(pv_process_source *p, pv_batch *batch, bool ahead,
                            pv_population *into, pv_error *err)
{
    pv_status status = PV_OK;
    pv_reply reply = {0};
    PV_TRY(pv_process_ask(p, batch, &reply, err));
    const bool keep = p->kind != PV_PAYLOAD_NONE && !ahead;
    for (size_t i = 0; i < reply.count; i++) {
        uint64_t item;
        PV_TRY(pv_catalogue_add(&p->made, keep ? reply.payload[i].at : NULL,
                                keep ? reply.payload[i].length : 0, &item,
                                err));
        PV_TRY(pv_population_add(into, batch->request.class, item,
                                 (uint32_t)batch->step,
                                 reply.vector + i * p->source.width, err));
    }
out:
    pv_reply_clear(&reply);
    return status;
}

static pv_status draw_first(pv_source *source, const size_t *wanted,
                            pv_population *into, pv_error *err)
{
    pv_status status = PV_OK;
    pv_process_source *p = of(source);
    char room[PV_CLASS_ROOM];
    size_t number = 0, most = 0;
    PV_TRY(pv_process_greet(p, err));
    PV_TRY(batch_room(p, 1, &most, err));
    for (uint32_t c = 0; c < source->classes; c++)
        for (size_t from = 0; from < wanted[c]; from += most) {
            const size_t left = wanted[c] - from;
            pv_batch batch = batch_of(p, NULL, c, number++, room);
            batch.request.count = left < most ? left : most;
            PV_TRY(take_batch(p, &batch, false, into, err));
        }
out:
    return status;
}

/* --- variations -------------------------------------------------------------------- */

/* What is said of a parent: its payload, or its vector where there are none. */
static pv_status add_parent(const pv_process_source *p,
                            const pv_population *parents, size_t i,
                            pv_bytes *body, pv_error *err)
{
    const uint64_t item = parents->item[i];
    PV_CHECK(item < p->made.count);
    if (p->kind == PV_PAYLOAD_NONE)
        return pv_frame_add_vector(body, parents->vector + i * parents->width,
                                   parents->width, err);
    if (p->made.payload[item] == NULL)
        return pv_fail(err, PV_EINTERNAL,
                       "candidate %llu was only looked at: it can be no parent",
                       (unsigned long long)item);
    return pv_frame_add_payload(body, p->made.payload[item],
                                p->made.length[item], err);
}

/* Parents from `from` on that are of one class and fit a batch, the first in any
 * case. */
static pv_status fill_batch(const pv_process_source *p,
                            const pv_population *parents, size_t from,
                            size_t most, pv_batch *batch, pv_error *err)
{
    pv_status status = PV_OK;
    size_t i = from;
    while (i < parents->count && i - from < most &&
           parents->class[i] == parents->class[from] &&
           (i == from || batch->body.size < most_bytes))
        PV_TRY(add_parent(p, parents, i++, &batch->body, err));
    batch->request.count = i - from;
out:
    return status;
}

static pv_status vary(pv_source *source, const pv_population *parents,
                      const pv_variation *how, pv_population *into,
                      pv_error *err)
{
    pv_status status = PV_OK;
    pv_process_source *p = of(source);
    pv_batch batch = {0};
    char room[PV_CLASS_ROOM];
    size_t most = 0;
    if (how->fold == 0)
        return PV_OK;
    PV_TRY(pv_process_greet(p, err));
    PV_TRY(batch_room(p, how->fold, &most, err));
    for (size_t from = 0, number = 0; from < parents->count; number++) {
        batch = batch_of(p, how, parents->class[from], number, room);
        PV_TRY(fill_batch(p, parents, from, most, &batch, err));
        PV_TRY(take_batch(p, &batch, how->ahead, into, err));
        from += batch.request.count;
        free(batch.body.at);
        batch.body.at = NULL;
    }
out:
    free(batch.body.at);
    return status;
}

/* --- the source -------------------------------------------------------------------- */

static pv_status rows(pv_source *source, const pv_outcome *outcome, size_t count,
                      const pv_key *key, pv_table **table, pv_error *err)
{
    pv_process_source *p = of(source);
    return pv_catalogue_rows(&p->made, p->schema, outcome, count, key, table,
                             err);
}

static void process_free(pv_source *source)
{
    static const char bye[] = "{\"op\":\"bye\",\"id\":0,\"bytes\":0}\n";
    pv_process_source *p = of(source);
    pv_child_end(&p->child, bye, sizeof bye - 1);
    pv_catalogue_clear(&p->made);
    pv_key_wipe(&source->key);
    pv_words_free(p->word);
    free(p->store);
    free(p);
}

pv_status pv_process_open(const char *command, const char *store,
                          const pv_schema *schema, size_t width,
                          pv_vector_metric metric, double timeout,
                          pv_process_source **process, pv_error *err)
{
    pv_status status = PV_OK;
    size_t words = 0;
    pv_process_source *p = pv_array_calloc(1, sizeof *p);
    *process = NULL;
    if (p == NULL)
        return pv_fail_memory(err, "the candidates");
    p->source = (pv_source){.random = draw_first,
                            .vary = vary,
                            .rows = rows,
                            .free = process_free,
                            .width = width,
                            .classes = pv_schema_column(schema, 0)->levels};
    p->schema = schema;
    p->metric = metric;
    p->timeout = timeout;
    p->child = (pv_child){.in = -1, .out = -1, .errors = -1};
    PV_TRY(pv_words_split(command, &p->word, &words, err));
    if (words == 0) {
        status = pv_fail(err, PV_EUSAGE, "the command is empty; name a program");
        goto out;
    }
    p->store = pv_strdup(store);
    if (p->store == NULL) {
        status = pv_fail_memory(err, "the candidates");
        goto out;
    }
    PV_TRY(pv_make_private_directory(store, err));
    *process = p;
    p = NULL;
out:
    if (p != NULL)
        process_free(&p->source);
    return status;
}

pv_source *pv_process_source_of(pv_process_source *process)
{
    return &process->source;
}

pv_status pv_process_write_payloads(const pv_source *source,
                                    const pv_outcome *outcome, const char *path,
                                    pv_error *err)
{
    const pv_process_source *p = (const pv_process_source *)source;
    return pv_catalogue_write(&p->made, p->schema, outcome, false, path, err);
}
