#include "core/memory.h"
#include "dp/curator_internal.h"
#include "marginals/count.h"

#include <stdlib.h>
#include <string.h>

/* Marginals counted at a time: 32 MiB of counts, or one that is larger. */
static const size_t block_cells = (size_t)1 << 22;

uint64_t pv_scores_sensitivity2(uint64_t rows_per_unit,
                                pv_neighbours neighbours, size_t count)
{
    const uint64_t moved =
        rows_per_unit * (neighbours == PV_REPLACE ? 2 : 1);
    uint64_t d2;
    if (rows_per_unit > UINT32_MAX / 2)
        return 0; /* moved^2 would not fit */
    return __builtin_mul_overflow(moved * moved, (uint64_t)count, &d2) ? 0 : d2;
}

/* floor(sum |count 2^16 - E| / 2^16): the sum is an integer >= 0 that a row
 * moves by 2^16 at most, so its floor moves by one at most. */
int64_t pv_distance_score(const int64_t *counts, size_t cells,
                          const pv_clique *clique, const double *estimate)
{
    const pv_candidate plain = {*clique, estimate, 0, 1};
    return pv_select_score(counts, cells, &plain) >> 16;
}

/* How many of the cliques, from the first, are counted in the next pass. */
static size_t block_of(const pv_domain *domain, const pv_clique *clique,
                       size_t count, size_t *cells)
{
    size_t n = 0;
    *cells = 0;
    while (n < count) {
        const size_t here = pv_domain_cells(domain, &clique[n]);
        if (n > 0 && *cells + here > block_cells)
            break;
        *cells += here;
        n++;
    }
    return n;
}

static pv_status score_block(const pv_curator *curator, const pv_clique *clique,
                             const double *const *estimate, size_t count,
                             size_t cells, int64_t *score, pv_error *err)
{
    pv_status status = PV_OK;
    int64_t *block = pv_array_alloc(cells, sizeof *block);
    int64_t **counts = pv_array_alloc(count, sizeof *counts);
    if (block == NULL || counts == NULL) {
        status = pv_fail_memory(err, "the scores");
        goto out;
    }
    for (size_t i = 0, at = 0; i < count; i++) {
        counts[i] = block + at;
        at += pv_domain_cells(&curator->domain, &clique[i]);
    }
    PV_TRY(pv_count(curator->rows, clique, count, counts, err));
    for (size_t i = 0; i < count; i++)
        score[i] = pv_distance_score(
            counts[i], pv_domain_cells(&curator->domain, &clique[i]),
            &clique[i], estimate[i]);
out:
    if (block != NULL)
        pv_wipe_free(block, cells * sizeof *block);
    free(counts);
    return status;
}

static json_t *record_of(const pv_clique *clique, size_t count,
                         const pv_gaussian *gaussian, uint64_t d2)
{
    char hex[2 * PV_DIGEST_BYTES + 1], sigma2[64];
    pv_candidate *plain = pv_array_alloc(count, sizeof *plain);
    if (plain == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        plain[i] = (pv_candidate){clique[i], NULL, 0, 1};
    pv_candidates_digest(plain, count, hex);
    free(plain);
    pv_question_sigma2(gaussian, sigma2);
    return json_pack("{s:s, s:I, s:s, s:s, s:I}", "ask", "scores", "count",
                     (json_int_t)count, "candidates", hex, "sigma2", sigma2,
                     "sensitivity2", (json_int_t)d2);
}

/* Truth plus noise; the truth is wiped. */
static pv_status draw(pv_curator *curator, const pv_question *question,
                      const pv_inquiry *asked, int64_t *score, pv_error *err)
{
    pv_status status = PV_OK;
    pv_key key;
    const size_t count = asked->count;
    int64_t *truth = pv_array_alloc(count, sizeof *truth);
    if (truth == NULL)
        return pv_fail_memory(err, "the scores");
    for (size_t from = 0; from < count;) {
        size_t cells;
        const pv_clique *clique = asked->clique + from;
        const size_t n =
            block_of(&curator->domain, clique, count - from, &cells);
        PV_TRY(score_block(curator, clique, asked->estimate + from, n, cells,
                           truth + from, err));
        from += n;
    }
    pv_question_key(curator, question, "noise", &key);
    pv_question_noise(question, &key, asked->gaussian, truth, count, score);
    pv_key_wipe(&key);
out:
    pv_wipe_free(truth, count * sizeof *truth);
    return status;
}

pv_status pv_scores_inquire(const pv_curator *curator, const pv_clique *clique,
                            const double *const *estimate, size_t count,
                            pv_rational sigma2, pv_inquiry *asked,
                            pv_error *err)
{
    pv_status status = PV_OK;
    size_t cells;
    const uint64_t d2 = pv_scores_sensitivity2(
        curator->rows_per_unit, curator->neighbours, count);
    *asked = (pv_inquiry){.draw = draw,
                          .size = count,
                          .count = count,
                          .clique = clique,
                          .estimate = estimate};
    PV_TRY(pv_inquiry_noise(asked, sigma2, err));
    PV_TRY(pv_question_cliques(curator, clique, count, &cells, err));
    PV_TRY(pv_inquiry_charge(asked, d2, err));
    asked->record = record_of(clique, count, asked->gaussian, d2);
out:
    return status;
}

pv_status pv_ask_scores(pv_curator *curator, const pv_clique *clique,
                        const double *const *estimate, size_t count,
                        pv_rational sigma2, int64_t *score, pv_error *err)
{
    pv_status status = PV_OK;
    pv_inquiry asked = {0};
    PV_TRY(pv_scores_inquire(curator, clique, estimate, count, sigma2, &asked,
                             err));
    PV_TRY(pv_inquiry_answer(curator, &asked, score, err));
    PV_TRY(pv_curator_tell(curator,
                           &(pv_heard){.kind = PV_HEARD_SCORES,
                                       .count = count,
                                       .clique = clique,
                                       .estimate = estimate,
                                       .sigma2 = asked.gaussian->sigma2,
                                       .score = score},
                           err));
out:
    pv_inquiry_clear(&asked);
    return status;
}
