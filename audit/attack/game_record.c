#include "audit/attack/game_record.h"

#include "core/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pv_game_records_clear(pv_game_records *r)
{
    free(r->trial);
    free(r->face);
    free(r->belief);
    memset(r, 0, sizeof *r);
}

char *pv_game_line(uint64_t trial, uint32_t face, const double *belief,
                   size_t cells, uint32_t faces)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    (void)fprintf(out, "{\"trial\":%llu,\"face\":%u,\"beliefs\":[",
                  (unsigned long long)trial, face);
    for (size_t c = 0; c < cells; c++)
        for (uint32_t f = 0; f < faces; f++)
            (void)fprintf(out, "%s%.17g%s",
                          f > 0   ? ","
                          : c > 0 ? ",["
                                  : "[",
                          belief[c * faces + f], f + 1 == faces ? "]" : "");
    (void)fputs("]}\n", out);
    const bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}

static pv_status make_room(pv_game_records *r, size_t count, pv_error *err)
{
    size_t width;
    void *grown;
    if (!pv_size_mul(r->cells * r->faces, sizeof *r->belief, &width))
        return pv_fail_memory(err, "the trials");
    grown = pv_array_realloc(r->trial, count, sizeof *r->trial);
    if (grown == NULL)
        return pv_fail_memory(err, "the trials");
    r->trial = grown;
    grown = pv_array_realloc(r->face, count, sizeof *r->face);
    if (grown == NULL)
        return pv_fail_memory(err, "the trials");
    r->face = grown;
    grown = pv_array_realloc(r->belief, count, width);
    if (grown == NULL)
        return pv_fail_memory(err, "the trials");
    r->belief = grown;
    return PV_OK;
}

pv_status pv_game_records_add(pv_game_records *r, const pv_game_records *more,
                              pv_error *err)
{
    const size_t width = r->cells * r->faces;
    const pv_status status = make_room(r, r->count + more->count, err);
    if (status != PV_OK || more->count == 0)
        return status;
    memcpy(r->trial + r->count, more->trial, more->count * sizeof *r->trial);
    memcpy(r->face + r->count, more->face, more->count * sizeof *r->face);
    memcpy(r->belief + r->count * width, more->belief,
           more->count * width * sizeof *r->belief);
    r->count += more->count;
    return PV_OK;
}

static pv_status begin(void *context, size_t lines, pv_error *err)
{
    return make_room(context, lines + 1, err);
}

/* One line into the next record. */
static bool parse_line(void *context, const char *text, size_t size)
{
    bool good = false;
    pv_game_records *r = context;
    double *belief = r->belief + r->count * r->cells * r->faces;
    json_t *line = json_loadb(text, size, 0, NULL);
    const json_t *trial = json_object_get(line, "trial");
    const json_t *face = json_object_get(line, "face");
    const json_t *beliefs = json_object_get(line, "beliefs");
    if (!json_is_integer(trial) || json_integer_value(trial) < 0 ||
        !json_is_integer(face) || json_integer_value(face) < 0 ||
        json_integer_value(face) >= r->faces ||
        json_array_size(beliefs) != r->cells)
        goto out;
    r->trial[r->count] = (uint64_t)json_integer_value(trial);
    r->face[r->count] = (uint32_t)json_integer_value(face);
    for (size_t c = 0; c < r->cells; c++) {
        const json_t *cell = json_array_get(beliefs, c);
        if (json_array_size(cell) != r->faces)
            goto out;
        for (size_t f = 0; f < r->faces; f++) {
            const json_t *number = json_array_get(cell, f);
            if (!json_is_number(number))
                goto out;
            belief[c * r->faces + f] = json_number_value(number);
        }
    }
    r->count++;
    good = true;
out:
    json_decref(line);
    return good;
}

/* The records of `from` in another order. */
static pv_status reorder(const pv_game_records *from, const size_t *order,
                         pv_game_records *to, pv_error *err)
{
    const size_t width = from->cells * from->faces;
    *to = (pv_game_records){.cells = from->cells, .faces = from->faces};
    const pv_status status = make_room(to, from->count + 1, err);
    if (status != PV_OK)
        return status;
    for (size_t i = 0; i < from->count; i++) {
        to->trial[i] = from->trial[order[i]];
        to->face[i] = from->face[order[i]];
        memcpy(to->belief + i * width, from->belief + order[i] * width,
               width * sizeof *to->belief);
    }
    to->count = from->count;
    return PV_OK;
}

pv_status pv_game_records_read(const char *path, size_t cells, uint32_t faces,
                               pv_game_records *records, uint64_t *whole,
                               pv_error *err)
{
    pv_status status = PV_OK;
    size_t *order = NULL;
    pv_game_records read = {.cells = cells, .faces = faces};
    const pv_trials_reader reader = {"trial", &read, begin, parse_line};
    *records = (pv_game_records){.cells = cells, .faces = faces};
    PV_TRY(pv_trials_read(&reader, path, whole, err));
    PV_TRY(pv_trials_order(&reader, path, read.trial, read.count, &order, err));
    PV_TRY(reorder(&read, order, records, err));
out:
    free(order);
    pv_game_records_clear(&read);
    if (status != PV_OK)
        pv_game_records_clear(records);
    return status;
}

/* --- settings ------------------------------------------------------------- */

static bool valid(const json_t *settings)
{
    const size_t faces = json_array_size(json_object_get(settings, "faces"));
    const size_t cells = json_array_size(json_object_get(settings, "cells"));
    return faces >= 2 && faces <= PV_SECRET_MOST && cells >= 1 &&
           cells <= PV_GAME_CELLS;
}

static const char *const setting[][2] = {
    {"format", "the version of Privet"},
    {"schema", "the schema"},
    {"real", "the real table"},
    {"mechanism", "--mechanism"},
    {"no_noise", "--no-noise"},
    {"secret", "--secret"},
    {"classes", "--secret-bins"},
    {"faces", "--secret"},
    {"known", "--known"},
    {"people", "--rows-per-trial"},
    {"releases", "--releases"},
    {"orders", "--order"},
    {"queries", "--queries"},
    {"solvers", "--solver"},
    {"coin_secrets", "--coin-secrets"},
    {"cells", "the version of Privet"},
    {"key", "--seed"}};

const pv_trials_kind pv_game_kind = {.name = "a game",
                                     .setting = setting,
                                     .settings = sizeof setting /
                                                 sizeof *setting,
                                     .valid = valid};
