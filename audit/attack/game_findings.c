#include "audit/attack/game_findings.h"

#include "audit/attack/interval.h"
#include "audit/attack/score.h"
#include "core/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- options -------------------------------------------------------------- */

static pv_status add_option(pv_findings *f, const char *name, const json_t *value,
                            pv_error *err)
{
    char *text = json_is_string(value)
                     ? pv_strdup(json_string_value(value))
                     : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY |
                                             JSON_SORT_KEYS);
    if (text == NULL)
        return pv_fail_memory(err, "the findings");
    const pv_status status = pv_findings_add_option(f, name, text, err);
    free(text);
    return status;
}

static pv_status add_options(const json_t *settings, size_t trials,
                             double validation, pv_findings *f, pv_error *err)
{
    static const char *const shown[][2] = {
        {"mechanism", "mechanism"}, {"secret", "secret"}, {"known", "known"},
        {"people", "rows-per-trial"}, {"orders", "order"},
        {"queries", "queries"}, {"coin_secrets", "coin-secrets"},
        {"no_noise", "no-noise"}};
    pv_status status = PV_OK;
    char number[32];
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        PV_TRY(add_option(f, shown[i][1],
                          json_object_get(settings, shown[i][0]), err));
    (void)snprintf(number, sizeof number, "%zu", trials);
    PV_TRY(pv_findings_add_option(f, "trials", number, err));
    (void)snprintf(number, sizeof number, "%zu",
                   json_array_size(json_object_get(settings, "faces")));
    PV_TRY(pv_findings_add_option(f, "faces", number, err));
    (void)snprintf(number, sizeof number, "%g", validation);
    PV_TRY(pv_findings_add_option(f, "validation", number, err));
out:
    return status;
}

static pv_status add_inputs(const json_t *settings, pv_findings *f,
                            pv_error *err)
{
    const json_t *about = json_object_get(settings, "about");
    const char *real = json_string_value(json_object_get(about, "real"));
    const char *schema = json_string_value(json_object_get(about, "schema"));
    const json_int_t columns =
        json_integer_value(json_object_get(about, "columns"));
    pv_status status = PV_OK;
    if (real != NULL)
        PV_TRY(pv_findings_add_input(
            f, "real", real, json_integer_value(json_object_get(about, "rows")),
            columns, err));
    if (schema != NULL)
        PV_TRY(pv_findings_add_input(f, "schema", schema, -1, columns, err));
out:
    return status;
}

/* --- scores --------------------------------------------------------------- */

typedef struct scorer {
    const pv_game_records *records;
    pv_findings *findings;
    double *belief; /* room for one cell of all trials */
} scorer;

/* Of one cell, over trials first..end-1. */
static pv_status score(const scorer *s, size_t cell, size_t first, size_t end,
                       pv_score *result, pv_error *err)
{
    const pv_game_records *r = s->records;
    for (size_t t = first; t < end; t++)
        memcpy(s->belief + (t - first) * r->faces,
               r->belief + (t * r->cells + cell) * r->faces,
               r->faces * sizeof *s->belief);
    return pv_score_beliefs(s->belief, r->face + first, end - first, r->faces,
                            result, err);
}

static pv_status add(const scorer *s, const char *attacker, const char *what,
                     size_t rows, double value, const double ci[2],
                     const char *note, pv_error *err)
{
    char id[96];
    if (rows > 0)
        (void)snprintf(id, sizeof id, "game.%s.%s.rows.%zu", attacker, what,
                       rows);
    else
        (void)snprintf(id, sizeof id, "game.%s.%s", attacker, what);
    const pv_metric metric = {.id = id, .value = value, .has_ci = true,
                              .ci = {ci[0], ci[1]}, .reason = note};
    return pv_findings_add(s->findings, &metric, err);
}

/* The area needs trials of both kinds; few trials may lack one. */
static pv_status add_area(const scorer *s, const char *attacker, size_t rows,
                          const pv_score *score, const char *note,
                          pv_error *err)
{
    char id[96];
    if (score->auc >= 0)
        return add(s, attacker, "auc", rows, score->auc, score->auc_ci, note,
                   err);
    (void)snprintf(id, sizeof id, rows > 0 ? "game.%s.auc.rows.%zu"
                                           : "game.%s.auc",
                   attacker, rows);
    return pv_score_skip(id, &(pv_scope){0}, "every coin fell on the same side",
                         s->findings, err);
}

static pv_status add_scores(const scorer *s, const char *attacker, size_t rows,
                            const pv_score *score, const char *note,
                            pv_error *err)
{
    pv_status status = PV_OK;
    const double chance = 1.0 / s->records->faces;
    const double scale = 1 / (1 - chance);
    const double *ci = score->accuracy_ci;
    const double over[2] = {(ci[0] - chance) * scale, (ci[1] - chance) * scale};
    PV_TRY(add(s, attacker, "accuracy", rows, score->accuracy, ci, note, err));
    PV_TRY(add_area(s, attacker, rows, score, note, err));
    PV_TRY(add(s, attacker, "advantage", rows,
               (score->accuracy - chance) * scale, over, note, err));
out:
    return status;
}

static bool better(const pv_score *a, const pv_score *b)
{
    if (a->right != b->right)
        return a->right > b->right;
    return a->auc > b->auc;
}

/* Of the cells first..end-1, which are of one release: the one that is best on
 * the first `split` trials, by the others. */
static pv_status add_best(const scorer *s, const pv_game_cell *cell,
                          size_t first, size_t end, size_t split, pv_error *err)
{
    pv_status status = PV_OK;
    size_t best = end;
    pv_score of_best = {0}, of_this;
    char note[128];
    for (size_t c = first; c < end; c++) {
        PV_TRY(score(s, c, 0, split, &of_this, err));
        /* cells come in the registry's order: of equals the first */
        if (best == end || better(&of_this, &of_best)) {
            best = c;
            of_best = of_this;
        }
    }
    PV_TRY(score(s, best, split, s->records->count, &of_best, err));
    (void)snprintf(note, sizeof note, "%s, chosen on the first %zu trials",
                   cell[best].attacker, split);
    PV_TRY(add_scores(s, "best", cell[best].rows, &of_best, note, err));
out:
    return status;
}

static pv_status add_bests(const scorer *s, const pv_game_cell *cell,
                           size_t split, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t cells = s->records->cells;
    for (size_t first = 0, end; first < cells; first = end) {
        for (end = first + 1; end < cells && cell[end].rows == cell[first].rows;)
            end++;
        if (end - first > 1 && split > 0 && split < s->records->count)
            PV_TRY(add_best(s, cell, first, end, split, err));
    }
out:
    return status;
}

static pv_status read_cells(const json_t *settings, pv_game_cell *cell,
                            size_t count, pv_error *err)
{
    const json_t *cells = json_object_get(settings, "cells");
    if (json_array_size(cells) != count)
        return pv_fail(err, PV_ETAMPER, "the settings are not of these trials");
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(cells, i);
        cell[i].attacker = json_string_value(json_array_get(one, 0));
        cell[i].rows = (size_t)json_integer_value(json_array_get(one, 1));
        if (cell[i].attacker == NULL)
            return pv_fail(err, PV_ETAMPER, "the settings name no attacker");
    }
    return PV_OK;
}

pv_status pv_game_findings(const json_t *settings,
                           const pv_game_records *records, double validation,
                           pv_findings *findings, pv_error *err)
{
    pv_status status = PV_OK;
    pv_game_cell *cell = NULL;
    scorer s = {.records = records, .findings = findings};
    pv_score result;
    if (records->count == 0)
        return pv_fail(err, PV_EINVAL,
                       "there are no trials to report: give more "
                       "--trials than parts of --shard, or merge directories "
                       "that hold some");
    cell = pv_array_alloc(records->cells, sizeof *cell);
    s.belief = pv_array_alloc(records->count, records->faces * sizeof(double));
    if (cell == NULL || s.belief == NULL) {
        status = pv_fail_memory(err, "the findings");
        goto out;
    }
    PV_TRY(read_cells(settings, cell, records->cells, err));
    PV_TRY(add_inputs(settings, findings, err));
    PV_TRY(add_options(settings, records->count, validation, findings, err));
    for (size_t c = 0; c < records->cells; c++) {
        PV_TRY(score(&s, c, 0, records->count, &result, err));
        PV_TRY(add_scores(&s, cell[c].attacker, cell[c].rows, &result, NULL,
                          err));
    }
    PV_TRY(add_bests(&s, cell, (size_t)((double)records->count * validation),
                     err));
out:
    free(cell);
    free(s.belief);
    return status;
}
