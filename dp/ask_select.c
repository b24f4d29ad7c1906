#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* htole32 */
#endif
#include "core/memory.h"
#include "dp/curator_internal.h"

#include <endian.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { grid_bits = 16, weight_limit = 4096 };

/* A public number on the grid of 2^-16, kept within +-2^52 grid steps. */
static int64_t to_grid(double x)
{
    const double limit = 0x1p52;
    const double scaled = x * (double)(1 << grid_bits);
    if (!(scaled == scaled))
        return 0;
    if (scaled > limit)
        return INT64_C(1) << 52;
    if (scaled < -limit)
        return -(INT64_C(1) << 52);
    return (int64_t)llround(scaled);
}

static __int128 apart(int64_t count, double estimate)
{
    const __int128 d =
        (__int128)count * (1 << grid_bits) - to_grid(estimate);
    return d < 0 ? -d : d;
}

/* weight (distance - bias), within +-2^61: clamping moves no two scores further
 * apart. */
static int64_t weigh(__int128 distance, const pv_candidate *candidate)
{
    const __int128 limit = (__int128)1 << 61;
    const __int128 score =
        (distance - to_grid(candidate->bias)) * candidate->weight;
    if (score > limit)
        return (int64_t)limit;
    return score < -limit ? -(int64_t)limit : (int64_t)score;
}

/* Adding a row moves one count by one, so the sum by at most 2^16. */
int64_t pv_select_score(const int64_t *counts, size_t cells,
                        const pv_candidate *candidate)
{
    __int128 sum = 0;
    for (size_t i = 0; i < cells; i++)
        sum += apart(counts[i], candidate->estimate[i]);
    return weigh(sum, candidate);
}

int64_t pv_furthest_score(const int64_t *counts, size_t cells,
                          const pv_candidate *candidate)
{
    __int128 furthest = 0;
    for (size_t i = 0; i < cells; i++) {
        const __int128 d = apart(counts[i], candidate->estimate[i]);
        furthest = d > furthest ? d : furthest;
    }
    return weigh(furthest, candidate);
}

void pv_candidates_digest(const pv_candidate *candidate, size_t count,
                          char hex[2 * PV_DIGEST_BYTES + 1])
{
    unsigned char hash[PV_DIGEST_BYTES];
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (size_t i = 0; i < count; i++) {
        uint32_t line[PV_MAX_COLUMNS + 2];
        const size_t columns = pv_clique_columns(&candidate[i].clique, line + 2,
                                                 PV_MAX_COLUMNS);
        line[0] = htole32(candidate[i].weight);
        line[1] = htole32((uint32_t)columns);
        for (size_t k = 0; k < columns; k++)
            line[2 + k] = htole32(line[2 + k]);
        (void)crypto_generichash_update(&state, (const unsigned char *)line,
                                        (2 + columns) * sizeof *line);
    }
    (void)crypto_generichash_final(&state, hash, sizeof hash);
    (void)sodium_bin2hex(hex, 2 * PV_DIGEST_BYTES + 1, hash, sizeof hash);
}

/* By their digest, since the candidates may be very many. */
static json_t *select_record(const pv_candidate *candidate, size_t count,
                             uint64_t epsilon_num, uint64_t sensitivity)
{
    char hex[2 * PV_DIGEST_BYTES + 1], epsilon[64];
    pv_candidates_digest(candidate, count, hex);
    (void)snprintf(epsilon, sizeof epsilon, "%llu/%llu",
                   (unsigned long long)epsilon_num,
                   (unsigned long long)PV_EPSILON_DEN);
    return json_pack("{s:s, s:I, s:s, s:s, s:I}", "ask", "select", "count",
                     (json_int_t)count, "candidates", hex, "epsilon", epsilon,
                     "sensitivity", (json_int_t)sensitivity);
}

void pv_select_choose(const pv_curator *curator, const pv_question *question,
                      const pv_inquiry *asked, const int64_t *scores,
                      int64_t *chosen)
{
    pv_stream stream;
    pv_key key;
    pv_question_key(curator, question, "selection", &key);
    pv_question_stream(question, &key, 0, &stream);
    *chosen = (int64_t)pv_select_draw(
        &stream, scores, asked->count,
        (pv_rational){asked->epsilon_num, PV_EPSILON_DEN}, asked->sensitivity);
    pv_stream_wipe(&stream);
    pv_key_wipe(&key);
}

static pv_status draw_select(pv_curator *curator, const pv_question *question,
                             const pv_inquiry *asked, int64_t *chosen,
                             pv_error *err)
{
    pv_status status = PV_OK;
    const size_t count = asked->count;
    const int64_t **counts = pv_array_alloc(count, sizeof *counts);
    int64_t *scores = pv_array_alloc(count, sizeof *scores);
    if (counts == NULL || scores == NULL) {
        status = pv_fail_memory(err, "a selection");
        goto out;
    }
    PV_TRY(pv_curator_count(curator, asked->clique, count, counts, err));
    for (size_t i = 0; i < count; i++)
        scores[i] = pv_select_score(
            counts[i], pv_domain_cells(&curator->domain, &asked->clique[i]),
            &asked->candidate[i]);
    pv_select_choose(curator, question, asked, scores, chosen);
out:
    if (scores != NULL)
        pv_wipe_free(scores, count * sizeof *scores);
    free(counts);
    return status;
}

pv_status pv_select_check(const pv_candidate *candidate, size_t count,
                          uint64_t epsilon_num, uint32_t *heaviest,
                          pv_error *err)
{
    *heaviest = 0;
    for (size_t i = 0; i < count; i++) {
        if (candidate[i].weight == 0 || candidate[i].weight > weight_limit)
            return pv_fail(err, PV_EINVAL,
                           "a candidate's weight must be 1 to %d",
                           weight_limit);
        if (candidate[i].weight > *heaviest)
            *heaviest = candidate[i].weight;
    }
    if (epsilon_num == 0 || epsilon_num > UINT32_MAX)
        return pv_fail(err, PV_EBUDGET,
                       "a selection's epsilon must be 2^-20 to 4096");
    return PV_OK;
}

uint64_t pv_select_sensitivity(uint32_t heaviest, uint64_t moved)
{
    return ((uint64_t)heaviest << grid_bits) * moved;
}

pv_status pv_select_inquire(const pv_curator *curator,
                            const pv_candidate *candidate, size_t count,
                            uint64_t epsilon_num, pv_inquiry *asked,
                            pv_error *err)
{
    pv_status status = PV_OK;
    uint32_t heaviest;
    size_t cells;
    *asked = (pv_inquiry){.draw = draw_select,
                          .size = 1,
                          .count = count,
                          .candidate = candidate,
                          .epsilon_num = epsilon_num};
    asked->own_clique = pv_array_alloc(count, sizeof *asked->own_clique);
    if (asked->own_clique == NULL)
        return pv_fail_memory(err, "a selection");
    for (size_t i = 0; i < count; i++)
        asked->own_clique[i] = candidate[i].clique;
    asked->clique = asked->own_clique;
    PV_TRY(pv_question_cliques(curator, asked->clique, count, &cells, err));
    PV_TRY(pv_select_check(candidate, count, epsilon_num, &heaviest, err));
    /* one row of a unit moves one count, a replaced one two, k rows k times */
    asked->sensitivity = pv_select_sensitivity(
        heaviest, curator->rows_per_unit *
                      (curator->neighbours == PV_REPLACE ? 2 : 1));
    (void)pv_cost_selection(epsilon_num, &asked->cost.rho);
    asked->record =
        select_record(candidate, count, epsilon_num, asked->sensitivity);
out:
    return status;
}

pv_status pv_ask_select(pv_curator *curator, const pv_candidate *candidate,
                        size_t count, uint64_t epsilon_num, size_t *chosen,
                        pv_error *err)
{
    pv_status status = PV_OK;
    pv_inquiry asked = {0};
    PV_TRY(pv_select_inquire(curator, candidate, count, epsilon_num, &asked,
                             err));
    PV_TRY(pv_inquiry_choice(curator, &asked, chosen, err));
    PV_TRY(pv_curator_tell(curator,
                           &(pv_heard){.kind = PV_HEARD_SELECT,
                                       .count = count,
                                       .candidate = candidate,
                                       .epsilon_num = epsilon_num,
                                       .chosen = *chosen},
                           err));
out:
    pv_inquiry_clear(&asked);
    return status;
}
