#include "core/atomicfile.h"
#include "core/memory.h"
#include "dp/curator_internal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { sequence_shift = 24 };

/* What pv_question_cliques lets through can be read back: 2^33 cells. */
static const size_t answer_limit = (size_t)PV_CHUNK_CELLS << 26;

static volatile sig_atomic_t stop_requested;

void pv_curator_request_stop(void)
{
    stop_requested = 1;
}

bool pv_curator_stopping(void)
{
    return stop_requested != 0;
}

static char *answer_path(const pv_curator *curator, uint64_t sequence)
{
    return pv_sprintf_alloc("%s/answers/%06llu.bin", curator->run_dir,
                            (unsigned long long)sequence);
}

/* The ledger's line of this kind and sequence, or NULL. */
static const json_t *find_line(const pv_curator *curator, const char *kind,
                               uint64_t sequence)
{
    for (size_t i = 0; i < pv_ledger_lines(curator->ledger); i++) {
        const json_t *body = pv_ledger_line(curator->ledger, i);
        const char *k = json_string_value(json_object_get(body, "kind"));
        const json_t *s = json_object_get(body, "sequence");
        if (k != NULL && strcmp(k, kind) == 0 && json_is_integer(s) &&
            (uint64_t)json_integer_value(s) == sequence)
            return body;
    }
    return NULL;
}

static pv_status check_same(const pv_curator *curator, const json_t *line,
                            const pv_question *question, pv_error *err)
{
    pv_status status = PV_OK;
    char *before = json_dumps(json_object_get(line, "question"),
                              JSON_COMPACT | JSON_SORT_KEYS);
    if (before == NULL)
        return pv_fail_memory(err, "the ledger");
    if (strcmp(before, question->record) != 0)
        status = pv_fail(err, PV_EDIVERGED,
                         "%s: question %llu is another than when this run "
                         "began, so its answers do not fit; run it with the "
                         "--memory and the version it began with, or start a "
                         "new run with another --run-dir: what was spent stays "
                         "spent",
                         curator->run_dir,
                         (unsigned long long)question->sequence);
    free(before);
    return status;
}

/* Reads a committed answer and checks it against the ledger's hash. */
static pv_status fetch(const pv_curator *curator, const json_t *line,
                       pv_question *question, pv_error *err)
{
    pv_status status = PV_OK;
    char hex[2 * PV_DIGEST_BYTES + 1];
    const char *stated = json_string_value(json_object_get(line, "answer"));
    char *path = answer_path(curator, question->sequence);
    if (path == NULL)
        return pv_fail_memory(err, "a path");
    PV_TRY(pv_file_read(path, answer_limit, &question->answer,
                        &question->answer_size, err));
    pv_hash_hex(question->answer, question->answer_size, hex);
    if (stated == NULL || strcmp(hex, stated) != 0)
        status = pv_fail(err, PV_ETAMPER,
                         "%s: the stored answer is not the one in the ledger; "
                         "restore it from a backup or start a new run",
                         path);
    question->committed = status == PV_OK;
out:
    free(path);
    return status;
}

/* An answer that the ledger does not know of: lines were cut off its end. */
static pv_status check_not_stored(const pv_curator *curator, uint64_t sequence,
                                  pv_error *err)
{
    pv_status status = PV_OK;
    char *path = answer_path(curator, sequence);
    if (path == NULL)
        return pv_fail_memory(err, "a path");
    if (pv_file_exists(path))
        status = pv_fail(err, PV_ETAMPER,
                         "%s: an answer is stored that the ledger does not "
                         "show; the ledger was cut short: restore it from a "
                         "backup, or start a new run and count this one's "
                         "whole budget as spent",
                         path);
    free(path);
    return status;
}

/* The line that charges for a question; delta is written where it is spent. */
static json_t *reserve_line(const pv_curator *curator, const json_t *record,
                            pv_spend cost, const pv_question *question)
{
    json_t *line = json_pack(
        "{s:s, s:I, s:O, s:I, s:I}", "kind", "reserve", "sequence",
        (json_int_t)question->sequence, "question", record, "units",
        (json_int_t)cost.rho, "spent",
        (json_int_t)(curator->spent + cost.rho));
    if (cost.delta > 0 &&
        (json_object_set_new(line, "delta_units",
                             json_integer((json_int_t)cost.delta)) != 0 ||
         json_object_set_new(line, "delta_spent",
                             json_integer((json_int_t)(curator->delta_spent +
                                                       cost.delta))) != 0)) {
        json_decref(line);
        return NULL;
    }
    return line;
}

static pv_status charge(pv_curator *curator, const json_t *record,
                        pv_spend cost, const pv_question *question,
                        pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(check_not_stored(curator, question->sequence, err));
    if (pv_curator_has_line(curator, "close")) {
        status = pv_fail(err, PV_EDIVERGED,
                         "%s: this run has settled what it spent and asks one "
                         "question more than before; start a new run with "
                         "another --run-dir",
                         curator->run_dir);
        goto out;
    }
    if (cost.rho == 0 || cost.rho > curator->budget - curator->spent) {
        status = pv_fail(err, PV_EBUDGET,
                         "the next question costs rho = %.6g and %.6g is left; "
                         "raise the budget or ask less",
                         pv_units_to_rho(cost.rho),
                         pv_units_to_rho(curator->budget - curator->spent));
        goto out;
    }
    if (cost.delta > curator->delta_budget - curator->delta_spent) {
        status = pv_fail(err, PV_EBUDGET,
                         "the next question costs delta = %.3g and %.3g is "
                         "left; raise delta or find fewer columns' labels",
                         pv_delta_of_units(cost.delta),
                         pv_delta_of_units(curator->delta_budget -
                                           curator->delta_spent));
        goto out;
    }
    PV_TRY(pv_ledger_append(curator->ledger,
                            reserve_line(curator, record, cost, question),
                            err));
    curator->spent += cost.rho;
    curator->delta_spent += cost.delta;
out:
    return status;
}

pv_status pv_question_open(pv_curator *curator, json_t *record, pv_spend cost,
                           pv_question *question, pv_error *err)
{
    pv_status status = PV_OK;
    memset(question, 0, sizeof *question);
    question->sequence = curator->next_sequence;
    if (curator->levels[0] != '\0' &&
        json_object_set_new(record, "levels", json_string(curator->levels)) !=
            0) {
        status = pv_fail_memory(err, "a question");
        goto out;
    }
    question->record = record != NULL ? json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS)
                                      : NULL;
    if (question->record == NULL) {
        status = pv_fail_memory(err, "a question");
        goto out;
    }
    PV_CHECK(question->sequence < UINT64_C(1) << (64 - sequence_shift));
    const json_t *reserved =
        find_line(curator, "reserve", question->sequence);
    if (stop_requested) {
        status = pv_fail(err, PV_ESTOPPED,
                         "stopped before question %llu, as asked; run the same "
                         "command again to go on",
                         (unsigned long long)question->sequence);
        goto out;
    }
    if (reserved == NULL) {
        PV_TRY(charge(curator, record, cost, question, err));
    } else {
        PV_TRY(check_same(curator, reserved, question, err));
        const json_t *committed =
            find_line(curator, "commit", question->sequence);
        if (committed != NULL)
            PV_TRY(fetch(curator, committed, question, err));
    }
    curator->next_sequence++;
out:
    json_decref(record);
    if (status != PV_OK)
        pv_question_clear(question);
    return status;
}

pv_status pv_question_commit(pv_curator *curator, pv_question *question,
                             const void *answer, size_t size, pv_error *err)
{
    pv_status status = PV_OK;
    char hex[2 * PV_DIGEST_BYTES + 1];
    char *path = answer_path(curator, question->sequence);
    if (path == NULL)
        return pv_fail_memory(err, "a path");
    PV_TRY(pv_file_write_atomic(path, answer, size, 0600, err));
    pv_hash_hex(answer, size, hex);
    PV_TRY(pv_ledger_append(curator->ledger,
                            json_pack("{s:s, s:I, s:s}", "kind", "commit",
                                      "sequence",
                                      (json_int_t)question->sequence, "answer",
                                      hex),
                            err));
out:
    free(path);
    return status;
}

void pv_question_clear(pv_question *question)
{
    free(question->record);
    free(question->answer);
    memset(question, 0, sizeof *question);
}

void pv_question_key(const pv_curator *curator, const pv_question *question,
                     const char *purpose, pv_key *key)
{
    pv_key of_input;
    pv_key_derive(&curator->key, purpose, curator->digest,
                  sizeof curator->digest, &of_input);
    pv_key_derive(&of_input, "question", question->record,
                  strlen(question->record), key);
    pv_key_wipe(&of_input);
}

void pv_question_stream(const pv_question *question, const pv_key *key,
                        uint64_t chunk, pv_stream *stream)
{
    PV_CHECK(chunk < UINT64_C(1) << sequence_shift);
    pv_stream_init(stream, key, question->sequence << sequence_shift | chunk);
}

uint64_t pv_sensitivity2(const pv_schema *schema, pv_neighbours neighbours)
{
    const uint64_t k = pv_schema_unit_rows(schema);
    return neighbours == PV_REPLACE ? 2 * k * k : k * k;
}

uint64_t pv_curator_sensitivity2(const pv_curator *curator)
{
    return pv_sensitivity2(curator->schema, curator->neighbours);
}

json_t *pv_question_names(const pv_curator *curator, const pv_clique *clique)
{
    json_t *names = json_array();
    for (size_t c = pv_clique_next(clique, 0); c < PV_MAX_COLUMNS;
         c = pv_clique_next(clique, c + 1))
        if (json_array_append_new(
                names, json_string(pv_schema_column(curator->schema, c)
                                       ->name)) != 0) {
            json_decref(names);
            return NULL;
        }
    return names;
}

/* Cliques must be of the domain and small enough for chunks to be numbered. */
pv_status pv_question_cliques(const pv_curator *curator,
                               const pv_clique *clique, size_t count,
                               size_t *cells, pv_error *err)
{
    pv_status status = PV_OK;
    *cells = 0;
    if (pv_schema_has_needs(curator->schema))
        return pv_fail(err, PV_EINVAL,
                       "marginals can be asked for when every column has "
                       "levels: resolve the schema first");
    for (size_t i = 0; i < count; i++) {
        PV_TRY(pv_clique_modelled(&clique[i], curator->schema, err));
        const size_t here = pv_domain_cells(&curator->domain, &clique[i]);
        if (pv_clique_next(&clique[i], curator->domain.columns) <
                PV_MAX_COLUMNS ||
            here > (size_t)PV_CHUNK_CELLS << 22 ||
            !pv_size_add(*cells, here, cells))
            return pv_fail(err, PV_ETOOBIG,
                           "a marginal asked for is too large; use fewer or "
                           "coarser columns");
    }
    if (count == 0 || *cells > (size_t)PV_CHUNK_CELLS << 23)
        return pv_fail(err, PV_EINVAL,
                       "a question must be about 1 to 2^33 cells");
out:
    return status;
}

void pv_question_sigma2(const pv_gaussian *gaussian, char text[64])
{
    (void)snprintf(text, 64, "%llu/%llu",
                   (unsigned long long)gaussian->sigma2.num,
                   (unsigned long long)gaussian->sigma2.den);
}

void pv_question_noise(const pv_question *question, const pv_key *key,
                       const pv_gaussian *gaussian, const int64_t *counts,
                       size_t count, int64_t *answer)
{
    for (size_t from = 0; from < count; from += PV_CHUNK_CELLS) {
        const size_t left = count - from;
        const size_t n = left < PV_CHUNK_CELLS ? left : PV_CHUNK_CELLS;
        pv_stream stream;
        pv_question_stream(question, key, from / PV_CHUNK_CELLS, &stream);
        for (size_t i = from; i < from + n; i++)
            answer[i] = counts[i] + pv_gaussian_draw(gaussian, &stream);
        pv_stream_wipe(&stream);
    }
}
