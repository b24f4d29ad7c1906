#include "core/memory.h"
#include "dp/curator_internal.h"
#include "marginals/query_count.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

uint64_t pv_group_moved(const pv_group *group, pv_neighbours neighbours)
{
    const uint64_t twice = 2 * (uint64_t)group->most;
    if (neighbours != PV_REPLACE)
        return group->most;
    return twice < group->cells ? twice : group->cells;
}

/* One row more changes `most` answers by one at most; one replaced changes no answer
 * by more than one, and at most 2 most of them. Both times the squared norm is the
 * number of answers that change, and of k rows k^2 times that. */
uint64_t pv_queries_sensitivity2(const pv_queries *queries, const size_t *group,
                                 size_t count, uint64_t rows_per_unit,
                                 pv_neighbours neighbours)
{
    uint64_t moved = 0, d2;
    if (rows_per_unit > UINT32_MAX / 2)
        return 0; /* its square would not fit */
    for (size_t i = 0; i < count; i++)
        if (__builtin_add_overflow(
                moved,
                pv_group_moved(pv_queries_group(queries, group[i]), neighbours),
                &moved))
            return 0;
    return __builtin_mul_overflow(rows_per_unit * rows_per_unit, moved, &d2)
               ? 0
               : d2;
}

/* --- truth ------------------------------------------------------------------- */

/* A place for the true answers of each group, once. */
static pv_status make_places(pv_curator *c, const pv_queries *queries,
                             pv_error *err)
{
    if (c->query_truth != NULL)
        return PV_OK;
    const size_t groups = pv_queries_count(queries);
    c->query_truth = pv_array_calloc(groups, sizeof *c->query_truth);
    if (c->query_truth == NULL)
        return pv_fail_memory(err, "the answers");
    c->query_truths = groups;
    c->queries = queries;
    return PV_OK;
}

pv_status pv_curator_answers(pv_curator *c, const pv_queries *queries,
                             const size_t *group, size_t count,
                             const int64_t **answers, pv_error *err)
{
    pv_status status = PV_OK;
    size_t fresh = 0;
    size_t *ask = pv_array_alloc(count, sizeof *ask);
    int64_t **into = pv_array_alloc(count, sizeof *into);
    if (ask == NULL || into == NULL) {
        status = pv_fail_memory(err, "the answers");
        goto out;
    }
    PV_TRY(make_places(c, queries, err));
    for (size_t i = 0; i < count; i++) {
        pv_query_truth *truth = &c->query_truth[group[i]];
        if (truth->counts == NULL) {
            truth->cells = pv_queries_group(queries, group[i])->cells;
            truth->counts = pv_array_calloc(truth->cells, sizeof(int64_t));
            if (truth->counts == NULL) {
                status = pv_fail_memory(err, "the answers");
                goto out;
            }
            ask[fresh] = group[i];
            into[fresh++] = truth->counts;
        }
        answers[i] = truth->counts;
    }
    if (fresh > 0)
        PV_TRY(pv_query_counts(queries, c->rows, ask, fresh, into, err));
out:
    /* what was not counted must not be found later */
    for (size_t i = 0; status != PV_OK && i < fresh; i++) {
        pv_query_truth *truth = &c->query_truth[ask[i]];
        pv_wipe_free(truth->counts, truth->cells * sizeof(int64_t));
        truth->counts = NULL;
    }
    free(ask);
    free(into);
    return status;
}

/* --- checks ------------------------------------------------------------------ */

/* Groups must exist, be of the run's queries and of few enough cells for chunks of
 * noise to be numbered; *cells is their sum. */
static pv_status check_groups(const pv_curator *c, const pv_queries *queries,
                              const size_t *group, size_t count, size_t *cells,
                              pv_error *err)
{
    *cells = 0;
    if (c->queries != NULL && c->queries != queries)
        return pv_fail(err, PV_EINVAL,
                       "all queries of a run must be of one specification");
    if (!c->numbers || pv_queries_schema(queries) != c->schema)
        return pv_fail(err, PV_EINVAL,
                       "queries must be of the curator's schema, and the "
                       "curator opened for them");
    for (size_t i = 0; i < count; i++)
        if (group[i] >= pv_queries_count(queries) ||
            pv_queries_group(queries, group[i])->most == 0 ||
            !pv_size_add(*cells, pv_queries_group(queries, group[i])->cells,
                         cells))
            return pv_fail(err, PV_EINVAL, "there is no such group of queries");
    if (count == 0 || *cells == 0 || *cells > (size_t)PV_CHUNK_CELLS << 23)
        return pv_fail(err, PV_EINVAL,
                       "a question must be about 1 to 2^33 answers");
    return PV_OK;
}

/* The definitions of the groups in their order, with weights where there are some. */
static void groups_digest(const pv_queries *queries, const size_t *group,
                          const pv_candidate *candidate, size_t count,
                          char hex[2 * PV_DIGEST_BYTES + 1])
{
    unsigned char hash[PV_DIGEST_BYTES];
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (size_t i = 0; i < count; i++) {
        unsigned char line[PV_DIGEST_BYTES + 4];
        const uint32_t weight = candidate != NULL ? candidate[i].weight : 0;
        pv_queries_digest(queries, group[i], line);
        for (unsigned k = 0; k < 4; k++)
            line[PV_DIGEST_BYTES + k] = (unsigned char)(weight >> 8 * k);
        (void)crypto_generichash_update(&state, line, sizeof line);
    }
    (void)crypto_generichash_final(&state, hash, sizeof hash);
    (void)sodium_bin2hex(hex, 2 * PV_DIGEST_BYTES + 1, hash, sizeof hash);
}

/* --- noisy answers ------------------------------------------------------------ */

/* Truth plus noise; the copy of the truth is wiped. */
static pv_status draw_answers(pv_curator *curator, const pv_question *question,
                              const pv_inquiry *asked, int64_t *answer,
                              pv_error *err)
{
    pv_status status = PV_OK;
    pv_key key;
    const int64_t **each = pv_array_alloc(asked->count, sizeof *each);
    int64_t *truth = pv_array_alloc(asked->size, sizeof *truth);
    if (each == NULL || truth == NULL) {
        status = pv_fail_memory(err, "the answers");
        goto out;
    }
    PV_TRY(pv_curator_answers(curator, asked->queries, asked->group,
                              asked->count, each, err));
    for (size_t i = 0, at = 0; i < asked->count; i++) {
        const size_t here =
            pv_queries_group(asked->queries, asked->group[i])->cells;
        memcpy(truth + at, each[i], here * sizeof *truth);
        at += here;
    }
    pv_question_key(curator, question, "noise", &key);
    pv_question_noise(question, &key, asked->gaussian, truth, asked->size,
                      answer);
    pv_key_wipe(&key);
out:
    if (truth != NULL)
        pv_wipe_free(truth, asked->size * sizeof *truth);
    free(each);
    return status;
}

pv_status pv_queries_inquire(const pv_curator *curator,
                             const pv_queries *queries, const size_t *group,
                             size_t count, pv_rational sigma2,
                             pv_inquiry *asked, pv_error *err)
{
    pv_status status = PV_OK;
    char hex[2 * PV_DIGEST_BYTES + 1], variance[64];
    *asked = (pv_inquiry){.draw = draw_answers,
                          .count = count,
                          .queries = queries,
                          .group = group};
    PV_TRY(check_groups(curator, queries, group, count, &asked->size, err));
    PV_TRY(pv_inquiry_noise(asked, sigma2, err));
    const uint64_t d2 = pv_queries_sensitivity2(
        queries, group, count, curator->rows_per_unit, curator->neighbours);
    PV_TRY(pv_inquiry_charge(asked, d2, err));
    groups_digest(queries, group, NULL, count, hex);
    pv_question_sigma2(asked->gaussian, variance);
    asked->record = json_pack(
        "{s:s, s:I, s:I, s:s, s:s, s:I}", "ask", "queries", "count",
        (json_int_t)count, "answers", (json_int_t)asked->size, "queries", hex,
        "sigma2", variance, "sensitivity2", (json_int_t)d2);
out:
    return status;
}

pv_status pv_ask_queries(pv_curator *curator, const pv_queries *queries,
                         const size_t *group, size_t count, pv_rational sigma2,
                         int64_t *answer, pv_error *err)
{
    pv_status status = PV_OK;
    pv_inquiry asked = {0};
    PV_TRY(pv_queries_inquire(curator, queries, group, count, sigma2, &asked,
                              err));
    PV_TRY(pv_inquiry_answer(curator, &asked, answer, err));
    PV_TRY(pv_curator_tell(curator,
                           &(pv_heard){.kind = PV_HEARD_QUERIES,
                                       .count = count,
                                       .queries = queries,
                                       .group = group,
                                       .sigma2 = asked.gaussian->sigma2,
                                       .score = answer},
                           err));
out:
    pv_inquiry_clear(&asked);
    return status;
}

/* --- selection ---------------------------------------------------------------- */

static pv_status draw_group(pv_curator *curator, const pv_question *question,
                            const pv_inquiry *asked, int64_t *chosen,
                            pv_error *err)
{
    pv_status status = PV_OK;
    const size_t count = asked->count;
    const int64_t **each = pv_array_alloc(count, sizeof *each);
    int64_t *scores = pv_array_alloc(count, sizeof *scores);
    if (each == NULL || scores == NULL) {
        status = pv_fail_memory(err, "a selection");
        goto out;
    }
    PV_TRY(pv_curator_answers(curator, asked->queries, asked->group, count,
                              each, err));
    for (size_t i = 0; i < count; i++) {
        const size_t cells =
            pv_queries_group(asked->queries, asked->group[i])->cells;
        scores[i] = asked->distance == PV_ALL
                        ? pv_select_score(each[i], cells, &asked->candidate[i])
                        : pv_furthest_score(each[i], cells,
                                            &asked->candidate[i]);
    }
    pv_select_choose(curator, question, asked, scores, chosen);
out:
    if (scores != NULL)
        pv_wipe_free(scores, count * sizeof *scores);
    free(each);
    return status;
}

/* As candidates of a selection, which need no cliques. */
static pv_status take_candidates(const pv_group_candidate *candidate,
                                 size_t count, pv_inquiry *asked,
                                 pv_error *err)
{
    asked->own_group = pv_array_alloc(count, sizeof *asked->own_group);
    asked->own_candidate = pv_array_alloc(count, sizeof *asked->own_candidate);
    if (asked->own_group == NULL || asked->own_candidate == NULL)
        return pv_fail_memory(err, "a selection");
    for (size_t i = 0; i < count; i++) {
        asked->own_group[i] = candidate[i].group;
        asked->own_candidate[i] =
            (pv_candidate){.estimate = candidate[i].estimate,
                           .bias = candidate[i].bias,
                           .weight = candidate[i].weight};
    }
    asked->group = asked->own_group;
    asked->candidate = asked->own_candidate;
    return PV_OK;
}

/* The largest of weight times what a unit moves; 0 when it does not fit. */
static uint64_t sensitivity_of(const pv_curator *curator,
                               const pv_inquiry *asked)
{
    uint64_t largest = 0;
    for (size_t i = 0; i < asked->count; i++) {
        const pv_group *group =
            pv_queries_group(asked->queries, asked->group[i]);
        uint64_t moved, s;
        /* each row of a unit moves any one answer by one at most */
        const uint64_t by_row =
            asked->distance == PV_ALL
                ? pv_group_moved(group, curator->neighbours)
                : 1;
        if (__builtin_mul_overflow(curator->rows_per_unit, by_row, &moved) ||
            moved > UINT64_C(1) << 32)
            return 0;
        s = pv_select_sensitivity(asked->candidate[i].weight, moved);
        largest = s > largest ? s : largest;
    }
    return largest;
}

pv_status pv_group_inquire(const pv_curator *curator, const pv_queries *queries,
                           const pv_group_candidate *candidate, size_t count,
                           pv_group_distance distance, uint64_t epsilon_num,
                           pv_inquiry *asked, pv_error *err)
{
    pv_status status = PV_OK;
    char hex[2 * PV_DIGEST_BYTES + 1], epsilon[64];
    size_t cells;
    uint32_t heaviest;
    *asked = (pv_inquiry){.draw = draw_group,
                          .size = 1,
                          .count = count,
                          .queries = queries,
                          .distance = distance,
                          .epsilon_num = epsilon_num};
    PV_TRY(take_candidates(candidate, count, asked, err));
    PV_TRY(check_groups(curator, queries, asked->group, count, &cells, err));
    PV_TRY(pv_select_check(asked->candidate, count, epsilon_num, &heaviest,
                           err));
    asked->sensitivity = sensitivity_of(curator, asked);
    if (asked->sensitivity == 0) {
        status = pv_fail(err, PV_EBUDGET,
                         "one unit may move these groups by too much");
        goto out;
    }
    (void)pv_cost_selection(epsilon_num, &asked->cost.rho);
    groups_digest(queries, asked->group, asked->candidate, count, hex);
    (void)snprintf(epsilon, sizeof epsilon, "%llu/%llu",
                   (unsigned long long)epsilon_num,
                   (unsigned long long)PV_EPSILON_DEN);
    asked->record = json_pack(
        "{s:s, s:I, s:s, s:s, s:s, s:I}", "ask", "group", "count",
        (json_int_t)count, "distance", distance == PV_ALL ? "all" : "furthest",
        "queries", hex, "epsilon", epsilon, "sensitivity",
        (json_int_t)asked->sensitivity);
out:
    return status;
}

pv_status pv_ask_group(pv_curator *curator, const pv_queries *queries,
                       const pv_group_candidate *candidate, size_t count,
                       pv_group_distance distance, uint64_t epsilon_num,
                       size_t *chosen, pv_error *err)
{
    pv_status status = PV_OK;
    pv_inquiry asked = {0};
    PV_TRY(pv_group_inquire(curator, queries, candidate, count, distance,
                            epsilon_num, &asked, err));
    PV_TRY(pv_inquiry_choice(curator, &asked, chosen, err));
    PV_TRY(pv_curator_tell(curator,
                           &(pv_heard){.kind = PV_HEARD_GROUP,
                                       .count = count,
                                       .queries = queries,
                                       .group_candidate = candidate,
                                       .distance = distance,
                                       .epsilon_num = epsilon_num,
                                       .chosen = *chosen},
                           err));
out:
    pv_inquiry_clear(&asked);
    return status;
}
