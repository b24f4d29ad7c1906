#include "gen/pe/steps_internal.h"

#include "core/atomicfile.h"
#include "core/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { hex_length = 2 * PV_DIGEST_BYTES };

/* The files of one step. */
typedef struct step_files {
    char *directory, *request, *response, *digest;
} step_files;

static pv_steps_source *of(pv_source *source)
{
    return (pv_steps_source *)source;
}

static void files_clear(step_files *f)
{
    free(f->directory);
    free(f->request);
    free(f->response);
    free(f->digest);
}

static pv_status files_of(const pv_steps_source *s, const pv_variation *how,
                          step_files *f, pv_error *err)
{
    *f = (step_files){0};
    f->directory = pv_sprintf_alloc("%s/gen_%03zu%s", s->directory,
                                    how != NULL ? how->step : 0,
                                    how != NULL && how->ahead ? "_ahead" : "");
    if (f->directory != NULL) {
        f->request = pv_sprintf_alloc("%s/request.jsonl", f->directory);
        f->response = pv_sprintf_alloc("%s/response.h5", f->directory);
        f->digest = pv_sprintf_alloc("%s/response.digest", f->directory);
    }
    if (f->request == NULL || f->response == NULL || f->digest == NULL)
        return pv_fail_memory(err, "a path");
    return PV_OK;
}

/* --- asking ------------------------------------------------------------------------ */

static pv_status compare_request(const step_files *f, const char *text,
                                 size_t size, pv_error *err)
{
    unsigned char *there = NULL;
    size_t length = 0;
    pv_status status = pv_file_read(f->request, size, &there, &length, err);
    if (status == PV_OK && (length != size || memcmp(there, text, size) != 0))
        status = PV_ETOOBIG;
    if (status == PV_ETOOBIG)
        status = pv_fail(err, PV_EDIVERGED,
                         "%s: is another request than this run's; it belongs "
                         "to another run, or was changed: name another "
                         "directory, or remove this one",
                         f->request);
    free(there);
    return status;
}

static pv_status put_request(const pv_steps_source *s, const pv_wishes *wishes,
                             const step_files *f, pv_error *err)
{
    pv_status status = PV_OK;
    char *text = NULL;
    size_t size = 0;
    PV_TRY(pv_steps_request(s, wishes, &text, &size, err));
    if (pv_file_exists(f->request)) {
        PV_TRY(compare_request(f, text, size, err));
    } else if (pv_file_exists(f->response)) {
        status = pv_fail(err, PV_EDIVERGED,
                         "%s: answers no request of this run, which is yet to "
                         "write %s; move it away",
                         f->response, f->request);
    } else {
        PV_TRY(pv_make_private_directory(f->directory, err));
        PV_TRY(pv_file_write_atomic(f->request, text, size, 0600, err));
    }
out:
    free(text);
    return status;
}

/* Votes were made on one response: another one would answer to none of them. */
static pv_status pin_response(const step_files *f, const pv_key *digest,
                              pv_error *err)
{
    char hex[hex_length + 2];
    unsigned char *there = NULL;
    size_t size = 0;
    for (size_t i = 0; i < PV_DIGEST_BYTES; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", digest->bytes[i]);
    hex[hex_length] = '\n';
    if (!pv_file_exists(f->digest))
        return pv_file_write_atomic(f->digest, hex, hex_length + 1, 0600, err);
    pv_status status = pv_file_read(f->digest, 1024, &there, &size, err);
    if (status == PV_OK &&
        (size != hex_length + 1 || memcmp(there, hex, size) != 0))
        status = pv_fail(err, PV_EDIVERGED,
                         "%s: is not the response that the run went on with; "
                         "put that one back",
                         f->response);
    free(there);
    return status;
}

static pv_status ask(const pv_steps_source *s, const pv_wishes *wishes,
                     pv_response *response, pv_error *err)
{
    pv_status status = PV_OK;
    step_files f;
    pv_key digest;
    PV_TRY(files_of(s, wishes->how, &f, err));
    PV_TRY(put_request(s, wishes, &f, err));
    if (!pv_file_exists(f.response)) {
        status = pv_fail(err, PV_ESTOPPED,
                         "%s waits for %s; have a job write that, then run the "
                         "same command again",
                         f.request, f.response);
        goto out;
    }
    PV_TRY(pv_steps_response(s, wishes, f.response, response, &digest, err));
    PV_TRY(pin_response(&f, &digest, err));
out:
    files_clear(&f);
    return status;
}

static pv_status add_child(pv_steps_source *s, const pv_response *response,
                           size_t row, uint32_t class, const pv_variation *how,
                           pv_population *into, pv_error *err)
{
    uint64_t item;
    const pv_vectors *v = response->v;
    const char *reference = v->payload_ref != NULL ? v->payload_ref[row] : NULL;
    const pv_status status =
        pv_catalogue_add(&s->made, reference,
                         reference != NULL ? strlen(reference) : 0, &item, err);
    if (status != PV_OK)
        return status;
    return pv_population_add(into, class, item,
                             how != NULL ? (uint32_t)how->step : 0,
                             v->value + row * v->width, err);
}

/* --- first candidates -------------------------------------------------------------- */

static pv_status wish_first(const pv_steps_source *s, const size_t *wanted,
                            pv_wishes *wishes, pv_error *err)
{
    size_t count = 0;
    *wishes = (pv_wishes){0};
    for (size_t c = 0; c < s->source.classes; c++)
        count += wanted[c];
    wishes->wish = pv_array_alloc(count, sizeof *wishes->wish);
    if (wishes->wish == NULL || count >= UINT32_MAX)
        return pv_fail_memory(err, "a request");
    for (uint32_t c = 0; c < s->source.classes; c++)
        for (size_t k = 0; k < wanted[c]; k++, wishes->count++)
            wishes->wish[wishes->count] =
                (pv_wish){c, wishes->count, wishes->count, 1};
    wishes->children = count;
    return PV_OK;
}

static pv_status draw_first(pv_source *source, const size_t *wanted,
                            pv_population *into, pv_error *err)
{
    pv_status status = PV_OK;
    pv_steps_source *s = of(source);
    pv_wishes wishes = {0};
    pv_response response = {0};
    PV_TRY(wish_first(s, wanted, &wishes, err));
    if (wishes.count == 0)
        goto out;
    PV_TRY(ask(s, &wishes, &response, err));
    for (size_t i = 0; i < wishes.count; i++)
        if (response.row[i] != 0)
            PV_TRY(add_child(s, &response, response.row[i] - 1,
                             wishes.wish[i].class, NULL, into, err));
out:
    pv_response_clear(&response);
    free(wishes.wish);
    return status;
}

/* --- variations -------------------------------------------------------------------- */

/* A wish for each parent, in order of their first appearance; line[i] is parent i's, and
 * first of it counts up as its children are given out. */
static pv_status wish_children(const pv_steps_source *s,
                               const pv_population *parents, size_t fold,
                               pv_wishes *wishes, uint32_t *line, pv_error *err)
{
    size_t at = 0, all;
    uint32_t *known = pv_array_calloc(s->made.count, sizeof *known);
    wishes->wish = pv_array_alloc(parents->count, sizeof *wishes->wish);
    if (known == NULL || wishes->wish == NULL ||
        parents->count >= UINT32_MAX ||
        !pv_size_mul(parents->count, fold, &all)) {
        free(known);
        return pv_fail_memory(err, "a request");
    }
    for (size_t i = 0; i < parents->count; i++) {
        const uint64_t item = parents->item[i];
        PV_CHECK(item < s->made.count);
        if (known[item] == 0) {
            wishes->wish[wishes->count++] =
                (pv_wish){parents->class[i], item, 0, 0};
            known[item] = (uint32_t)wishes->count;
        }
        line[i] = known[item] - 1;
        wishes->wish[line[i]].children += fold;
    }
    for (size_t k = 0; k < wishes->count; k++) {
        wishes->wish[k].first = at;
        at += wishes->wish[k].children;
    }
    wishes->children = all;
    free(known);
    return PV_OK;
}

static pv_status add_children(pv_steps_source *s, const pv_population *parents,
                              const pv_wishes *wishes, const uint32_t *line,
                              const pv_response *response, pv_population *into,
                              pv_error *err)
{
    pv_status status = PV_OK;
    for (size_t i = 0; i < parents->count; i++)
        for (size_t k = 0; k < wishes->how->fold; k++) {
            const size_t row = response->row[wishes->wish[line[i]].first++];
            if (row == 0)
                PV_TRY(pv_population_copy(into, parents, i, err));
            else
                PV_TRY(add_child(s, response, row - 1, parents->class[i],
                                 wishes->how, into, err));
        }
out:
    return status;
}

static pv_status vary(pv_source *source, const pv_population *parents,
                      const pv_variation *how, pv_population *into,
                      pv_error *err)
{
    pv_status status = PV_OK;
    pv_steps_source *s = of(source);
    pv_wishes wishes = {.how = how};
    pv_response response = {0};
    uint32_t *line = pv_array_alloc(parents->count, sizeof *line);
    if (line == NULL)
        return pv_fail_memory(err, "a request");
    PV_TRY(wish_children(s, parents, how->fold, &wishes, line, err));
    if (wishes.children == 0)
        goto out;
    PV_TRY(ask(s, &wishes, &response, err));
    PV_TRY(add_children(s, parents, &wishes, line, &response, into, err));
out:
    pv_response_clear(&response);
    free(wishes.wish);
    free(line);
    return status;
}

/* --- the source -------------------------------------------------------------------- */

static pv_status rows(pv_source *source, const pv_outcome *outcome, size_t count,
                      const pv_key *key, pv_table **table, pv_error *err)
{
    pv_steps_source *s = of(source);
    return pv_catalogue_rows(&s->made, s->schema, outcome, count, key, table,
                             err);
}

static void steps_free(pv_source *source)
{
    pv_steps_source *s = of(source);
    pv_catalogue_clear(&s->made);
    pv_key_wipe(&source->key);
    free(s->directory);
    free(s);
}

pv_status pv_steps_open(const char *directory, const pv_schema *schema,
                        size_t width, pv_vector_metric metric,
                        pv_steps_source **steps, pv_error *err)
{
    pv_status status = PV_OK;
    pv_steps_source *s = pv_array_calloc(1, sizeof *s);
    *steps = NULL;
    if (s == NULL)
        return pv_fail_memory(err, "the candidates");
    s->source = (pv_source){.random = draw_first,
                            .vary = vary,
                            .rows = rows,
                            .free = steps_free,
                            .width = width,
                            .classes = pv_schema_column(schema, 0)->levels};
    s->schema = schema;
    s->metric = metric;
    s->directory = pv_strdup(directory);
    if (s->directory == NULL) {
        status = pv_fail_memory(err, "the candidates");
        goto out;
    }
    PV_TRY(pv_make_private_directory(directory, err));
    *steps = s;
    s = NULL;
out:
    if (s != NULL)
        steps_free(&s->source);
    return status;
}

pv_source *pv_steps_source_of(pv_steps_source *steps)
{
    return &steps->source;
}

pv_status pv_steps_write_payloads(const pv_source *source,
                                  const pv_outcome *outcome, const char *path,
                                  pv_error *err)
{
    const pv_steps_source *s = (const pv_steps_source *)source;
    return pv_catalogue_write(&s->made, s->schema, outcome, true, path, err);
}
