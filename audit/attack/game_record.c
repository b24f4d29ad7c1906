#include "audit/attack/game_record.h"

#include "core/atomicfile.h"
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

/* One line into `one`, which has room for a record. */
static bool parse_line(const char *text, size_t size, pv_game_records *one)
{
    bool good = false;
    json_t *line = json_loadb(text, size, 0, NULL);
    const json_t *trial = json_object_get(line, "trial");
    const json_t *face = json_object_get(line, "face");
    const json_t *beliefs = json_object_get(line, "beliefs");
    if (!json_is_integer(trial) || json_integer_value(trial) < 0 ||
        !json_is_integer(face) || json_integer_value(face) < 0 ||
        json_integer_value(face) >= one->faces ||
        json_array_size(beliefs) != one->cells)
        goto out;
    one->trial[0] = (uint64_t)json_integer_value(trial);
    one->face[0] = (uint32_t)json_integer_value(face);
    for (size_t c = 0; c < one->cells; c++) {
        const json_t *cell = json_array_get(beliefs, c);
        if (json_array_size(cell) != one->faces)
            goto out;
        for (size_t f = 0; f < one->faces; f++) {
            const json_t *number = json_array_get(cell, f);
            if (!json_is_number(number))
                goto out;
            one->belief[c * one->faces + f] = json_number_value(number);
        }
    }
    good = true;
out:
    json_decref(line);
    return good;
}

typedef struct place {
    uint64_t trial;
    size_t at;
} place;

static int by_trial(const void *left, const void *right)
{
    const place *a = left, *b = right;
    return a->trial < b->trial ? -1 : a->trial > b->trial;
}

/* By number; the second of one trial is an error. */
static pv_status sort_records(const char *path, pv_game_records *r,
                              pv_error *err)
{
    pv_status status = PV_OK;
    const size_t width = r->cells * r->faces;
    pv_game_records sorted = {.cells = r->cells, .faces = r->faces};
    place *order = pv_array_alloc(r->count, sizeof *order);
    if (order == NULL)
        return pv_fail_memory(err, "the trials");
    PV_TRY(make_room(&sorted, r->count, err));
    for (size_t i = 0; i < r->count; i++)
        order[i] = (place){r->trial[i], i};
    qsort(order, r->count, sizeof *order, by_trial);
    for (size_t i = 0; i < r->count; i++) {
        if (i > 0 && order[i].trial == order[i - 1].trial) {
            status = pv_fail(err, PV_ETAMPER,
                             "%s: trial %llu is there twice; remove one of its "
                             "lines",
                             path, (unsigned long long)order[i].trial);
            goto out;
        }
        sorted.trial[i] = r->trial[order[i].at];
        sorted.face[i] = r->face[order[i].at];
        memcpy(sorted.belief + i * width, r->belief + order[i].at * width,
               width * sizeof *sorted.belief);
    }
    sorted.count = r->count;
    pv_game_records_clear(r);
    *r = sorted;
    memset(&sorted, 0, sizeof sorted);
out:
    pv_game_records_clear(&sorted);
    free(order);
    return status;
}

static pv_status parse_lines(const char *path, const char *text, size_t size,
                             pv_game_records *r, pv_error *err)
{
    pv_status status = PV_OK;
    pv_game_records one = {.cells = r->cells, .faces = r->faces};
    size_t lines = 0, number = 0;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    PV_TRY(make_room(r, lines + 1, err));
    PV_TRY(make_room(&one, 1, err));
    one.count = 1;
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        const size_t length = (size_t)(end - (text + at));
        number++;
        if (!parse_line(text + at, length, &one)) {
            status = pv_fail(err, PV_ETAMPER,
                             "%s: line %zu is no trial of this game; remove the "
                             "line, and the trial is played again",
                             path, number);
            goto out;
        }
        const size_t width = r->cells * r->faces;
        r->trial[r->count] = one.trial[0];
        r->face[r->count] = one.face[0];
        memcpy(r->belief + r->count * width, one.belief,
               width * sizeof *one.belief);
        r->count++;
        at += length + 1;
    }
    PV_TRY(sort_records(path, r, err));
out:
    pv_game_records_clear(&one);
    return status;
}

pv_status pv_game_records_read(const char *path, size_t cells, uint32_t faces,
                               pv_game_records *records, uint64_t *whole,
                               pv_error *err)
{
    enum { limit = 1 << 30 };
    pv_status status = PV_OK;
    unsigned char *text = NULL;
    size_t size = 0;
    *whole = 0;
    *records = (pv_game_records){.cells = cells, .faces = faces};
    if (!pv_file_exists(path))
        return PV_OK;
    PV_TRY(pv_file_read(path, limit, &text, &size, err));
    while (size > 0 && text[size - 1] != '\n')
        size--;
    *whole = size;
    PV_TRY(parse_lines(path, (const char *)text, size, records, err));
out:
    free(text);
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
