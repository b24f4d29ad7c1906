#include "gen/pe/catalogue.h"

#include "core/atomicfile.h"
#include "core/memory.h"
#include "gen/pe/identified.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void pv_catalogue_clear(pv_catalogue *c)
{
    for (size_t i = 0; i < c->count; i++)
        free(c->payload[i]);
    free(c->payload);
    free(c->length);
    pv_schema_free(c->release);
    memset(c, 0, sizeof *c);
}

static pv_status make_room(pv_catalogue *c, pv_error *err)
{
    if (c->count < c->room)
        return PV_OK;
    const size_t room = c->room > 0 ? 2 * c->room : 256;
    char **payload = pv_array_realloc(c->payload, room, sizeof *payload);
    if (payload != NULL)
        c->payload = payload;
    size_t *length = pv_array_realloc(c->length, room, sizeof *length);
    if (length != NULL)
        c->length = length;
    if (payload == NULL || length == NULL)
        return pv_fail_memory(err, "the candidates");
    c->room = room;
    return PV_OK;
}

pv_status pv_catalogue_add(pv_catalogue *c, const char *payload, size_t length,
                           uint64_t *item, pv_error *err)
{
    char *copy = NULL;
    const pv_status status = make_room(c, err);
    if (status != PV_OK)
        return status;
    if (payload != NULL) {
        copy = pv_array_alloc(length + 1, 1);
        if (copy == NULL)
            return pv_fail_memory(err, "the candidates");
        memcpy(copy, payload, length);
        copy[length] = '\0';
    }
    c->payload[c->count] = copy;
    c->length[c->count] = length;
    *item = c->count++;
    return PV_OK;
}

pv_status pv_catalogue_rows(pv_catalogue *c, const pv_schema *label,
                            const pv_outcome *outcome, size_t rows,
                            const pv_key *key, pv_table **table, pv_error *err)
{
    pv_status status = PV_OK;
    int64_t *id = pv_array_alloc(outcome->count, sizeof *id);
    if (id == NULL)
        return pv_fail_memory(err, "the rows");
    for (size_t i = 0; i < outcome->count; i++) {
        PV_CHECK(outcome->item[i] < c->count);
        id[i] = (int64_t)outcome->item[i];
    }
    PV_TRY(pv_identified_table(label, 0, (int64_t)c->count - 1, outcome, id, rows,
                               key, &c->release, table, err));
out:
    free(id);
    return status;
}

/* --- the side file ----------------------------------------------------------------- */

static char *base64_of(const char *bytes, size_t size)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789+/";
    char *text = pv_array_calloc(size / 3 + 2, 4);
    for (size_t i = 0, at = 0; text != NULL && i < size; i += 3, at += 4) {
        const size_t left = size - i;
        uint32_t bits = (uint32_t)(unsigned char)bytes[i] << 16;
        if (left > 1)
            bits |= (uint32_t)(unsigned char)bytes[i + 1] << 8;
        if (left > 2)
            bits |= (unsigned char)bytes[i + 2];
        for (size_t k = 0; k < 4; k++)
            text[at + k] = k > left ? '=' : digit[bits >> (18 - 6 * k) & 63];
    }
    return text;
}

static bool put_payload(json_t *line, const pv_catalogue *c, uint64_t item,
                        bool reference)
{
    const char *bytes = c->payload[item];
    const size_t length = c->length[item];
    const char *name = reference ? "payload_ref" : "payload";
    if (bytes == NULL)
        return json_object_set_new(line, name, json_null()) == 0;
    json_t *text = json_stringn(bytes, length);
    if (text != NULL)
        return json_object_set_new(line, name, text) == 0;
    char *coded = base64_of(bytes, length);
    const bool put = coded != NULL &&
                     json_object_set_new(line, "payload_base64",
                                         json_string(coded)) == 0;
    free(coded);
    return put;
}

static bool put_record(FILE *out, const pv_catalogue *c, const pv_schema *label,
                       const pv_outcome *o, size_t i, bool reference)
{
    char room[PV_CLASS_ROOM];
    json_t *line = json_pack("{s:I, s:s, s:I}", "row_id",
                             (json_int_t)o->item[i], "label",
                             pv_class_text(label, o->class[i], room),
                             "generation", (json_int_t)o->generation[i]);
    const bool put = line != NULL &&
                     put_payload(line, c, o->item[i], reference) &&
                     json_dumpf(line, out, JSON_COMPACT) == 0 &&
                     fputc('\n', out) != EOF;
    json_decref(line);
    return put;
}

static bool put_all(FILE *out, const pv_catalogue *c, const pv_schema *label,
                    const pv_outcome *o, bool references)
{
    bool put = true, alike = true;
    bool *written = pv_array_calloc(c->count, sizeof *written);
    if (written == NULL)
        return false;
    for (size_t i = 0; i < o->count; i++)
        alike = alike && !(o->weight[i] > 0);
    for (size_t i = 0; put && i < o->count; i++) {
        PV_CHECK(o->item[i] < c->count);
        if ((!alike && !(o->weight[i] > 0)) || written[o->item[i]])
            continue;
        put = put_record(out, c, label, o, i, references);
        written[o->item[i]] = true;
    }
    free(written);
    return put;
}

pv_status pv_catalogue_write(const pv_catalogue *c, const pv_schema *label,
                             const pv_outcome *outcome, bool references,
                             const char *path, pv_error *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    bool put = out != NULL && put_all(out, c, label, outcome, references);
    if (out != NULL)
        put = fclose(out) == 0 && put;
    const pv_status status =
        put ? pv_file_write_atomic(path, text, size, 0666, err)
            : pv_fail_memory(err, "the payloads");
    free(text);
    return status;
}

/* --- small things ------------------------------------------------------------------ */

const char *pv_class_text(const pv_schema *label, uint32_t class,
                          char room[PV_CLASS_ROOM])
{
    const pv_column *column = pv_schema_column(label, 0);
    const uint32_t labels = column->levels - (column->missing ? 1 : 0);
    if (column->kind == PV_COLUMN_LABELS && class < labels)
        return column->labels[class];
    pv_column_describe(column, class, room, PV_CLASS_ROOM);
    return room;
}

uint64_t pv_source_seed(const pv_source *source, const char *purpose,
                        size_t step, size_t part)
{
    pv_stream stream;
    pv_source_stream(source, purpose, step, part, &stream);
    const uint64_t seed = pv_stream_below(&stream, UINT64_C(1) << 53);
    pv_stream_wipe(&stream);
    return seed;
}

const char *pv_variation_purpose(const pv_variation *how)
{
    return how == NULL ? "random" : how->ahead ? "ahead" : "vary";
}

const char *pv_metric_name(pv_vector_metric metric)
{
    switch (metric) {
    case PV_VECTOR_L2:
        return "l2";
    case PV_VECTOR_COSINE:
        return "cosine";
    case PV_VECTOR_IP:
        return "ip";
    }
    return "?";
}

pv_status pv_make_private_directory(const char *path, pv_error *err)
{
    struct stat info;
    if (mkdir(path, 0700) == 0)
        return pv_dir_sync_of(path, err);
    if (errno != EEXIST)
        return pv_fail_errno(err, PV_EIO, "%s: cannot make the directory",
                             path);
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        return pv_fail(err, PV_EIO, "%s: is no directory; move it away", path);
    return PV_OK;
}
