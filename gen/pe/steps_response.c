/* What a job answers: nothing of it is believed. */
#include "gen/pe/steps_internal.h"

#include "core/memory.h"
#include "embeddings/cluster.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

typedef struct checking {
    const pv_steps_source *steps;
    const pv_wishes *wishes;
    const char *path;
    const pv_vectors *v;
    uint32_t *wish_of; /* of an id: 1 + its line, 0 for none */
    size_t ids;
    size_t *row;       /* see pv_response */
} checking;

void pv_response_clear(pv_response *r)
{
    pv_vectors_free(r->v);
    free(r->row);
    *r = (pv_response){0};
}

static pv_status check_sets(const checking *c, pv_error *err)
{
    const pv_vectors *v = c->v;
    const size_t width = c->steps->source.width;
    const char *metric = pv_metric_name(c->steps->metric);
    if (v->width != width)
        return pv_fail(err, PV_EFORMAT,
                       "%s: embedding has %zu coordinates, but the private "
                       "ones have %zu; embed candidates by the same model",
                       c->path, v->width, width);
    if (v->metric[0] != '\0' && strcmp(v->metric, metric) != 0)
        return pv_fail(err, PV_EFORMAT,
                       "%s: metric is \"%.15s\", but the run's is \"%s\"; have "
                       "the job write what fits it, or leave the attribute out",
                       c->path, v->metric, metric);
    if (v->parent_id == NULL || v->fold == NULL)
        return pv_fail(err, PV_EFORMAT,
                       "%s: holds no %s; write one whole number a row, as "
                       "the request has it",
                       c->path, v->parent_id == NULL ? "parent_id" : "fold");
    return PV_OK;
}

static pv_status index_wishes(checking *c, pv_error *err)
{
    for (size_t i = 0; i < c->wishes->count; i++)
        if (c->wishes->wish[i].id >= c->ids)
            c->ids = (size_t)c->wishes->wish[i].id + 1;
    c->wish_of = pv_array_calloc(c->ids, sizeof *c->wish_of);
    c->row = pv_array_calloc(c->wishes->children, sizeof *c->row);
    if (c->wish_of == NULL || c->row == NULL)
        return pv_fail_memory(err, "a response");
    for (size_t i = 0; i < c->wishes->count; i++)
        c->wish_of[c->wishes->wish[i].id] = (uint32_t)(i + 1);
    return PV_OK;
}

static pv_status place_row(const checking *c, size_t i, pv_error *err)
{
    const int64_t id = c->v->parent_id[i], fold = c->v->fold[i];
    const size_t line = id >= 0 && (uint64_t)id < c->ids ? c->wish_of[id] : 0;
    if (line == 0)
        return pv_fail(err, PV_EFORMAT,
                       "%s: row %zu (from 0): parent_id %lld is not in the "
                       "request; write the line's %s",
                       c->path, i, (long long)id,
                       c->wishes->how == NULL ? "req_id" : "parent_id");
    const pv_wish *w = &c->wishes->wish[line - 1];
    if (fold < 0 || (uint64_t)fold >= w->children)
        return pv_fail(err, PV_EFORMAT,
                       "%s: row %zu (from 0): fold %lld, but the request wants "
                       "%zu of parent_id %lld; number them from 0 to n_var - 1",
                       c->path, i, (long long)fold, w->children, (long long)id);
    size_t *row = &c->row[w->first + (size_t)fold];
    if (*row != 0)
        return pv_fail(err, PV_EFORMAT,
                       "%s: row %zu (from 0): parent_id %lld, fold %lld is in "
                       "row %zu too; write each once",
                       c->path, i, (long long)id, (long long)fold, *row - 1);
    *row = i + 1;
    return PV_OK;
}

static pv_status check_reference(const checking *c, size_t i, pv_error *err)
{
    if (c->v->payload_ref == NULL)
        return PV_OK;
    json_t *text = json_string(c->v->payload_ref[i]);
    const bool valid = text != NULL;
    json_decref(text);
    return valid ? PV_OK
                 : pv_fail(err, PV_EFORMAT,
                           "%s: row %zu (from 0): payload_ref is no UTF-8; "
                           "requests and releases could not name it",
                           c->path, i);
}

/* Every class that wants some has some to begin with. */
static pv_status check_classes(const checking *c, pv_error *err)
{
    pv_status status = PV_OK;
    char room[PV_CLASS_ROOM];
    bool *has = pv_array_calloc(c->steps->source.classes, sizeof *has);
    if (has == NULL)
        return pv_fail_memory(err, "a response");
    for (size_t i = 0; i < c->wishes->count; i++)
        if (c->row[c->wishes->wish[i].first] != 0)
            has[c->wishes->wish[i].class] = true;
    for (size_t i = 0; status == PV_OK && i < c->wishes->count; i++)
        if (!has[c->wishes->wish[i].class])
            status = pv_fail(
                err, PV_EFORMAT,
                "%s: holds no candidate of label \"%.200s\"; answer at least "
                "one of its lines of the request",
                c->path,
                pv_class_text(c->steps->schema, c->wishes->wish[i].class,
                              room));
    free(has);
    return status;
}

static void digest_of(const pv_vectors *v, pv_key *digest)
{
    static const pv_key no_key = {{0}};
    pv_key next;
    pv_key_derive(&no_key, "response vectors", v->value,
                  v->count * v->width * sizeof *v->value, digest);
    pv_key_derive(digest, "response parents", v->parent_id,
                  v->count * sizeof *v->parent_id, &next);
    pv_key_derive(&next, "response folds", v->fold,
                  v->count * sizeof *v->fold, digest);
    for (size_t i = 0; v->payload_ref != NULL && i < v->count; i++) {
        pv_key_derive(digest, "response payload", v->payload_ref[i],
                      strlen(v->payload_ref[i]), &next);
        *digest = next;
    }
}

static pv_status check(checking *c, pv_vectors *v, pv_error *err)
{
    pv_status status = PV_OK;
    pv_error why = PV_ERROR_INIT;
    PV_TRY(check_sets(c, err));
    PV_TRY(index_wishes(c, err));
    for (size_t i = 0; i < v->count; i++) {
        PV_TRY(place_row(c, i, err));
        PV_TRY(check_reference(c, i, err));
    }
    status = pv_vectors_settle(c->steps->metric, v->value, v->count, v->width,
                               &why);
    if (status != PV_OK) {
        status = pv_fail(err, PV_EFORMAT,
                         "%s: embedding: %s; leave the row out, or mend the "
                         "job",
                         c->path, why.message);
        goto out;
    }
    if (c->wishes->how == NULL)
        PV_TRY(check_classes(c, err));
out:
    return status;
}

pv_status pv_steps_response(const pv_steps_source *steps,
                            const pv_wishes *wishes, const char *path,
                            pv_response *response, pv_key *digest,
                            pv_error *err)
{
    pv_status status = PV_OK;
    checking c = {.steps = steps, .wishes = wishes, .path = path};
    *response = (pv_response){0};
    PV_TRY(pv_vectors_read(path, "/", &response->v, err));
    c.v = response->v;
    if (c.v->parent_id != NULL && c.v->fold != NULL)
        digest_of(c.v, digest); /* before vectors are brought to length 1 */
    PV_TRY(check(&c, response->v, err));
    response->row = c.row;
    c.row = NULL;
out:
    free(c.row);
    free(c.wish_of);
    if (status != PV_OK)
        pv_response_clear(response);
    return status;
}
