#include "core/memory.h"
#include "core/threads.h"
#include "dp/curator_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { chunk_cells = PV_CHUNK_CELLS };

typedef struct noise_chunk {
    const int64_t *counts;
    const pv_gaussian *gaussian;
    int64_t *answer;
    size_t cells;
} noise_chunk;

typedef struct noise_work {
    const pv_question *question;
    const pv_key *key;
    const noise_chunk *chunk;
} noise_work;

static void add_noise(size_t item, void *context)
{
    const noise_work *work = context;
    const noise_chunk *chunk = &work->chunk[item];
    pv_stream stream;
    pv_question_stream(work->question, work->key, item, &stream);
    for (size_t i = 0; i < chunk->cells; i++)
        chunk->answer[i] =
            chunk->counts[i] + pv_gaussian_draw(chunk->gaussian, &stream);
    pv_stream_wipe(&stream);
}

static json_t *measure_record(const pv_curator *curator,
                              const pv_clique *clique,
                              const pv_gaussian *gaussian, size_t count)
{
    json_t *cliques = json_array(), *variances = json_array();
    for (size_t i = 0; i < count; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "%llu/%llu",
                       (unsigned long long)gaussian[i].sigma2.num,
                       (unsigned long long)gaussian[i].sigma2.den);
        if (json_array_append_new(cliques,
                                  pv_question_names(curator, &clique[i])) != 0 ||
            json_array_append_new(variances, json_string(text)) != 0) {
            json_decref(cliques);
            json_decref(variances);
            return NULL;
        }
    }
    return json_pack("{s:s, s:o, s:o, s:I}", "ask", "measure", "cliques",
                     cliques, "sigma2", variances, "sensitivity2",
                     (json_int_t)pv_curator_sensitivity2(curator));
}

static pv_status measure_cost(const pv_curator *curator,
                              const pv_gaussian *gaussian, size_t count,
                              uint64_t *units, pv_error *err)
{
    *units = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t one;
        if (!pv_cost_gaussian(pv_curator_sensitivity2(curator),
                              gaussian[i].sigma2, &one) ||
            __builtin_add_overflow(*units, one, units))
            return pv_fail(err, PV_EBUDGET,
                           "the noise asked for is so small that its cost "
                           "cannot be accounted");
    }
    return PV_OK;
}

/* Truth plus noise into answer[], marginal after marginal. */
static pv_status draw_measure(pv_curator *curator, const pv_question *question,
                              const pv_inquiry *asked, int64_t *answer,
                              pv_error *err)
{
    pv_status status = PV_OK;
    size_t chunks = 0;
    pv_key key;
    const int64_t **counts = pv_array_alloc(asked->count, sizeof *counts);
    noise_chunk *chunk =
        pv_array_alloc(asked->size / chunk_cells + asked->count, sizeof *chunk);
    if (counts == NULL || chunk == NULL) {
        status = pv_fail_memory(err, "a measurement");
        goto out;
    }
    PV_TRY(pv_curator_count(curator, asked->clique, asked->count, counts, err));
    for (size_t i = 0; i < asked->count; i++) {
        const size_t here =
            pv_domain_cells(&curator->domain, &asked->clique[i]);
        for (size_t from = 0; from < here; from += chunk_cells) {
            const size_t n =
                here - from < chunk_cells ? here - from : chunk_cells;
            chunk[chunks++] = (noise_chunk){counts[i] + from,
                                            &asked->gaussian[i], answer + from,
                                            n};
        }
        answer += here;
    }
    pv_question_key(curator, question, "noise", &key);
    noise_work work = {question, &key, chunk};
    pv_parallel_for(chunks, add_noise, &work);
    pv_key_wipe(&key);
out:
    free(counts);
    free(chunk);
    return status;
}

pv_status pv_measure_inquire(const pv_curator *curator, const pv_clique *clique,
                             const pv_rational *sigma2, size_t count,
                             pv_inquiry *asked, pv_error *err)
{
    pv_status status = PV_OK;
    *asked = (pv_inquiry){
        .draw = draw_measure, .count = count, .clique = clique};
    asked->gaussian = pv_array_alloc(count, sizeof *asked->gaussian);
    if (asked->gaussian == NULL)
        return pv_fail_memory(err, "a measurement");
    for (size_t i = 0; i < count; i++)
        PV_TRY(pv_gaussian_init(&asked->gaussian[i], sigma2[i], err));
    PV_TRY(pv_question_cliques(curator, clique, count, &asked->size, err));
    PV_TRY(measure_cost(curator, asked->gaussian, count, &asked->cost.rho, err));
    asked->record = measure_record(curator, clique, asked->gaussian, count);
out:
    return status;
}

/* Hands the answer out as measurements that the curator keeps. */
static pv_status keep_measurements(pv_curator *curator,
                                   const pv_clique *clique,
                                   const pv_gaussian *gaussian, size_t count,
                                   const int64_t *answer,
                                   const pv_measurement **answers,
                                   pv_error *err)
{
    pv_measurement *all =
        pv_array_realloc(curator->measurements, curator->measured + count,
                         sizeof *all);
    if (all == NULL)
        return pv_fail_memory(err, "the measurements");
    curator->measurements = all;
    for (size_t i = 0; i < count; i++) {
        pv_measurement *m = &all[curator->measured];
        memset(m, 0, sizeof *m);
        m->columns = pv_clique_count(&clique[i]);
        m->cells = pv_domain_cells(&curator->domain, &clique[i]);
        m->sigma2_num = gaussian[i].sigma2.num;
        m->sigma2_den = gaussian[i].sigma2.den;
        m->column = pv_array_alloc(m->columns, sizeof *m->column);
        m->counts = pv_array_alloc(m->cells, sizeof *m->counts);
        if (m->column == NULL || m->counts == NULL) {
            pv_measurement_clear(m);
            return pv_fail_memory(err, "the measurements");
        }
        (void)pv_clique_columns(&clique[i], m->column, m->columns);
        memcpy(m->counts, answer, m->cells * sizeof *answer);
        answer += m->cells;
        curator->measured++;
    }
    *answers = all + curator->measured - count;
    return PV_OK;
}

pv_status pv_ask_measure(pv_curator *curator, const pv_clique *clique,
                         const pv_rational *sigma2, size_t count,
                         const pv_measurement **answers, pv_error *err)
{
    pv_status status = PV_OK;
    pv_inquiry asked = {0};
    int64_t *answer = NULL;
    PV_TRY(pv_measure_inquire(curator, clique, sigma2, count, &asked, err));
    answer = pv_array_alloc(asked.size, sizeof *answer);
    if (answer == NULL) {
        status = pv_fail_memory(err, "a measurement");
        goto out;
    }
    PV_TRY(pv_inquiry_answer(curator, &asked, answer, err));
    PV_TRY(keep_measurements(curator, clique, asked.gaussian, count, answer,
                             answers, err));
    PV_TRY(pv_curator_tell(curator,
                           &(pv_heard){.kind = PV_HEARD_MEASURE,
                                       .count = count,
                                       .measurement = *answers},
                           err));
out:
    pv_inquiry_clear(&asked);
    free(answer);
    return status;
}
