/* The likelihood of answers about groups of queries under both tables. They share the
 * slots and sums of marginals and selections. */
#include "audit/epsilon/witness_internal.h"
#include "core/memory.h"
#include "dp/account.h"
#include "marginals/query_count.h"

#include <math.h>
#include <stdlib.h>

static double square(double x)
{
    return x * x;
}

/* By how much one row moves the answers of a group: their sum, and their squared
 * norm, which are one number, as each moves by one. */
static double moved_of(const pv_witness *w, const pv_group *g)
{
    return w->replace ? fmin(2.0 * g->most, (double)g->cells) : g->most;
}

static pv_status count_both(const pv_witness *w, const pv_queries *queries,
                            size_t group, pv_known_marginal *k, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t cells = pv_queries_group(queries, group)->cells;
    int64_t *in = pv_array_alloc(cells, sizeof *in);
    *k = (pv_known_marginal){.cells = cells,
                             .count = pv_array_alloc(cells, sizeof *k->count)};
    if (k->count == NULL || in == NULL) {
        status = pv_fail_memory(err, "the answers of both tables");
        goto out;
    }
    PV_TRY(pv_query_counts(queries, w->pair->table[0], &group, 1, &k->count,
                           err));
    PV_TRY(pv_query_counts(queries, w->pair->table[1], &group, 1, &in, err));
    if (!pv_witness_keep(k, in))
        status = pv_fail_memory(err, "the answers of both tables");
out:
    free(in);
    if (status != PV_OK) {
        pv_known_clear(k);
        *k = (pv_known_marginal){.count = NULL};
    }
    return status;
}

static pv_status know(pv_witness *w, const pv_queries *queries, size_t group,
                      const pv_known_marginal **known, pv_error *err)
{
    pv_status status = PV_OK;
    if (w->queries != queries)
        pv_witness_forget(w);
    w->queries = queries;
    if (w->known_group == NULL) {
        const size_t groups = pv_queries_count(queries);
        w->known_group = pv_array_calloc(groups, sizeof *w->known_group);
        if (w->known_group == NULL)
            return pv_fail_memory(err, "the answers of both tables");
        w->groups_known = groups;
    }
    if (w->known_group[group].count == NULL) {
        PV_TRY(pv_witness_room(w, pv_queries_group(queries, group)->cells,
                               err));
        PV_TRY(count_both(w, queries, group, &w->known_group[group], err));
    }
    *known = &w->known_group[group];
out:
    return status;
}

/* As of a marginal. */
static void hear_answers(pv_witness *w, const pv_known_marginal *k,
                         const int64_t *answer, double sigma2)
{
    double loss = 0, rest = 0;
    const size_t slot = pv_witness_slot(w->measurements);
    for (size_t i = 0; i < k->cells; i++)
        rest += (double)(answer[i] - k->count[i]);
    for (size_t i = 0; i < k->differing; i++) {
        const int64_t here = answer[k->cell[i]];
        const double out = (double)(here - k->count[k->cell[i]]);
        loss += (square(out) - square((double)(here - k->in[i]))) / (2 * sigma2);
        rest -= out;
    }
    pv_witness_add(w, w->measured[slot], loss);
    pv_witness_add(w, w->rest[slot], rest);
    pv_witness_add(w, w->loss_measured, loss);
    pv_witness_add(w, w->loss, loss);
    w->measurements++;
}

pv_status pv_witness_hear_queries(pv_witness *w, const pv_heard *h,
                                  pv_error *err)
{
    const double sigma2 = (double)h->sigma2.num / (double)h->sigma2.den;
    const int64_t *answer = h->score;
    for (size_t i = 0; i < h->count; i++) {
        const pv_known_marginal *k;
        const pv_group *g = pv_queries_group(h->queries, h->group[i]);
        w->rho += square(w->unit_rows) * moved_of(w, g) / (2 * sigma2);
        if (!w->transcript)
            continue;
        const pv_status status = know(w, h->queries, h->group[i], &k, err);
        if (status != PV_OK)
            return status;
        hear_answers(w, k, answer, sigma2);
        answer += g->cells;
    }
    return PV_OK;
}

/* --- choices ---------------------------------------------------------------- */

/* How far each table's answer that is furthest off is from the estimate. */
static void furthest(const pv_known_marginal *k, const double *estimate,
                     double distance[2])
{
    distance[0] = distance[1] = 0;
    for (size_t i = 0, next = 0; i < k->cells; i++) {
        const double e = pv_witness_on_grid(estimate[i]);
        const bool differs = next < k->differing && k->cell[next] == i;
        const int64_t in = differs ? k->in[next++] : k->count[i];
        distance[0] = fmax(distance[0], fabs((double)k->count[i] - e));
        distance[1] = fmax(distance[1], fabs((double)in - e));
    }
}

/* The most that one unit moves a score by. */
static double sensitivity_of(const pv_witness *w, const pv_heard *h)
{
    double most = 0;
    for (size_t i = 0; i < h->count; i++) {
        const pv_group_candidate *c = &h->group_candidate[i];
        const double row =
            h->distance == PV_ALL
                ? moved_of(w, pv_queries_group(h->queries, c->group))
                : 1;
        most = fmax(most, c->weight * row * w->unit_rows);
    }
    return most;
}

pv_status pv_witness_hear_group(pv_witness *w, const pv_heard *h, pv_error *err)
{
    pv_status status = PV_OK;
    const double epsilon = (double)h->epsilon_num / (double)PV_EPSILON_DEN;
    const double scale = epsilon / (2 * sensitivity_of(w, h));
    w->rho += square(epsilon) / 8;
    if (!w->transcript)
        return PV_OK;
    double *score = pv_array_alloc(h->count, 2 * sizeof *score);
    if (score == NULL)
        return pv_fail_memory(err, "a choice");
    for (size_t i = 0; i < h->count; i++) {
        const pv_group_candidate *c = &h->group_candidate[i];
        const pv_known_marginal *k;
        PV_TRY(know(w, h->queries, c->group, &k, err));
        (h->distance == PV_ALL ? pv_witness_distances
                               : furthest)(k, c->estimate, score + 2 * i);
        for (size_t t = 0; t < 2; t++)
            score[2 * i + t] = scale * c->weight *
                               (score[2 * i + t] - pv_witness_on_grid(c->bias));
    }
    const double *chosen = score + 2 * h->chosen;
    const double loss =
        (chosen[1] - pv_witness_log_sum(score + 1, h->count, 2)) -
        (chosen[0] - pv_witness_log_sum(score, h->count, 2));
    pv_witness_add(w, w->selected[pv_witness_slot(w->selections)], loss);
    pv_witness_add(w, w->loss_selected, loss);
    pv_witness_add(w, w->loss, loss);
    w->selections++;
out:
    free(score);
    return status;
}
