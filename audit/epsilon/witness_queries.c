/* The likelihood of answers of queries under both tables. Tables of codes alone have the
 * middles of bins for numbers: then the likelihood is nearly right, which makes a weaker
 * witness and no false one. */
#include "audit/epsilon/witness_internal.h"
#include "core/memory.h"
#include "dp/account.h"
#include "marginals/query_count.h"

#include <math.h>
#include <stdlib.h>

/* The answers of one group in both tables, "out" and "in"; free the first. */
static pv_status count_both(const pv_witness *w, const pv_queries *queries,
                            size_t group, int64_t *answer[2], pv_error *err)
{
    pv_status status = PV_OK;
    const size_t cells = pv_queries_group(queries, group)->cells;
    answer[0] = pv_array_alloc(cells, 2 * sizeof **answer);
    if (answer[0] == NULL)
        return pv_fail_memory(err, "answers of both tables");
    answer[1] = answer[0] + cells;
    for (size_t t = 0; t < 2; t++)
        PV_TRY(pv_query_counts(queries, w->pair->table[t], &group, 1,
                               &answer[t], err));
out:
    if (status != PV_OK) {
        free(answer[0]);
        answer[0] = NULL;
    }
    return status;
}

/* ln p(answers | in) - ln p(answers | out), as of a measurement. */
pv_status pv_witness_hear_queries(pv_witness *w, const pv_heard *h,
                                  pv_error *err)
{
    const double sigma2 = (double)h->sigma2.num / (double)h->sigma2.den;
    const int64_t *told = h->score;
    double loss = 0;
    w->rho += (double)pv_queries_sensitivity2(
                  h->queries, h->group, h->count, w->unit_rows,
                  w->replace ? PV_REPLACE : PV_ADD_REMOVE) /
              (2 * sigma2);
    for (size_t i = 0; w->transcript && i < h->count; i++) {
        int64_t *answer[2];
        const size_t cells = pv_queries_group(h->queries, h->group[i])->cells;
        const pv_status status =
            count_both(w, h->queries, h->group[i], answer, err);
        if (status != PV_OK)
            return status;
        for (size_t c = 0; c < cells; c++) {
            const double out = (double)(told[c] - answer[0][c]);
            const double in = (double)(told[c] - answer[1][c]);
            loss += (out * out - in * in) / (2 * sigma2);
        }
        told += cells;
        free(answer[0]);
    }
    if (!w->transcript)
        return PV_OK;
    pv_witness_add(w, w->measured[pv_witness_slot(w->measurements)], loss);
    pv_witness_add(w, w->loss_measured, loss);
    pv_witness_add(w, w->loss, loss);
    w->measurements++;
    return PV_OK;
}

static double distance_of(const int64_t *answer, const double *estimate,
                          size_t cells, pv_group_distance kind)
{
    double sum = 0, most = 0;
    for (size_t c = 0; c < cells; c++) {
        const double off =
            fabs((double)answer[c] - pv_witness_on_grid(estimate[c]));
        sum += off;
        most = fmax(most, off);
    }
    return kind == PV_ALL ? sum : most;
}

/* What a unit moves a candidate's score by, at most. */
static double moved_by(const pv_witness *w, const pv_heard *h, size_t i)
{
    const pv_group *g =
        pv_queries_group(h->queries, h->group_candidate[i].group);
    double rows = 1;
    if (h->distance == PV_ALL)
        rows = w->replace ? fmin(2.0 * g->most, (double)g->cells) : g->most;
    return rows * w->unit_rows * h->group_candidate[i].weight;
}

pv_status pv_witness_hear_group(pv_witness *w, const pv_heard *h,
                                pv_error *err)
{
    pv_status status = PV_OK;
    double moved = 0;
    const double epsilon = (double)h->epsilon_num / (double)PV_EPSILON_DEN;
    w->rho += epsilon * epsilon / 8;
    if (!w->transcript)
        return PV_OK;
    double *score = pv_array_alloc(h->count, 2 * sizeof *score);
    if (score == NULL)
        return pv_fail_memory(err, "a selection");
    for (size_t i = 0; i < h->count; i++)
        moved = fmax(moved, moved_by(w, h, i));
    for (size_t i = 0; i < h->count; i++) {
        int64_t *answer[2];
        const pv_group_candidate *c = &h->group_candidate[i];
        const size_t cells = pv_queries_group(h->queries, c->group)->cells;
        PV_TRY(count_both(w, h->queries, c->group, answer, err));
        for (size_t t = 0; t < 2; t++)
            score[2 * i + t] =
                epsilon / (2 * moved) * c->weight *
                (distance_of(answer[t], c->estimate, cells, h->distance) -
                 pv_witness_on_grid(c->bias));
        free(answer[0]);
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
