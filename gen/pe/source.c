#include "gen/pe/source.h"

#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pv_outcome_clear(pv_outcome *o)
{
    free(o->class);
    free(o->item);
    free(o->generation);
    free(o->weight);
    memset(o, 0, sizeof *o);
}

static pv_status make_room(pv_outcome *o, pv_error *err)
{
    if (o->count < o->room)
        return PV_OK;
    const size_t room = o->room > 0 ? 2 * o->room : 256;
    uint32_t *class = pv_array_realloc(o->class, room, sizeof *class);
    if (class != NULL)
        o->class = class;
    uint64_t *item = pv_array_realloc(o->item, room, sizeof *item);
    if (item != NULL)
        o->item = item;
    uint32_t *generation =
        pv_array_realloc(o->generation, room, sizeof *generation);
    if (generation != NULL)
        o->generation = generation;
    double *weight = pv_array_realloc(o->weight, room, sizeof *weight);
    if (weight != NULL)
        o->weight = weight;
    if (class == NULL || item == NULL || generation == NULL || weight == NULL)
        return pv_fail_memory(err, "the outcome");
    o->room = room;
    return PV_OK;
}

pv_status pv_outcome_add(pv_outcome *o, uint32_t class, uint64_t item,
                         uint32_t generation, double weight, pv_error *err)
{
    const pv_status status = make_room(o, err);
    if (status != PV_OK)
        return status;
    o->class[o->count] = class;
    o->item[o->count] = item;
    o->generation[o->count] = generation;
    o->weight[o->count++] = weight;
    return PV_OK;
}

void pv_source_free(pv_source *source)
{
    if (source != NULL)
        source->free(source);
}

void pv_source_stream(const pv_source *source, const char *purpose, size_t step,
                      size_t part, pv_stream *stream)
{
    unsigned char context[8];
    pv_key key;
    for (unsigned k = 0; k < sizeof context; k++)
        context[k] = (unsigned char)((uint64_t)step >> 8 * k);
    pv_key_derive(&source->key, purpose, context, sizeof context, &key);
    pv_stream_init(stream, &key, part);
    pv_key_wipe(&key);
}

void pv_outcome_copies(const pv_outcome *o, size_t rows, pv_stream *stream,
                       uint32_t *copies)
{
    double total = 0, sum = 0;
    const double start = pv_stream_double(stream);
    size_t before = 0, last = o->count; /* the last that weighs anything */
    for (size_t i = 0; i < o->count; i++) {
        total += o->weight[i];
        last = o->weight[i] > 0 ? i : last;
    }
    const bool alike = !(total > 0);
    if (alike)
        last = o->count - 1;
    for (size_t i = 0; i < o->count; i++) {
        sum += alike ? 1.0 / (double)o->count : o->weight[i] / total;
        /* how many of start, start + 1, ... lie below sum x rows */
        double upto = ceil(fmin(sum, 1) * (double)rows - start);
        if (i >= last)
            upto = (double)rows;
        const size_t here = upto > 0 ? (size_t)upto : 0;
        copies[i] = here > before ? (uint32_t)(here - before) : 0;
        before = here > before ? here : before;
    }
}

pv_status pv_outcome_deal(const pv_outcome *o, size_t rows, const pv_key *key,
                          uint32_t **copies, uint32_t **order, pv_error *err)
{
    pv_stream stream;
    *copies = pv_array_calloc(o->count, sizeof **copies);
    *order = pv_array_alloc(rows, sizeof **order);
    if (*copies == NULL || *order == NULL) {
        free(*copies);
        free(*order);
        *copies = *order = NULL;
        return pv_fail_memory(err, "the rows");
    }
    pv_stream_init(&stream, key, 0);
    pv_outcome_copies(o, rows, &stream, *copies);
    for (size_t i = 0; i < rows; i++)
        (*order)[i] = (uint32_t)i;
    pv_stream_shuffle(&stream, *order, rows);
    pv_stream_wipe(&stream);
    return PV_OK;
}
