/* What is known, as targets: answers that agree, or what a model makes of them. */
#include "gen/gsd/fit_internal.h"

#include "core/memory.h"
#include "gen/gsd/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- targets --------------------------------------------------------------------- */

static double weighted_squares(const pv_gsd_targets *a, const double *before,
                               double least)
{
    double sum = 0;
    for (size_t i = 0; i < a->groups; i++)
        for (size_t c = 0; c < a->group[i].group->cells; c++, before++)
            sum += least / a->group[i].variance *
                   (a->group[i].answer[c] - *before) *
                   (a->group[i].answer[c] - *before);
    return sum;
}

/* Agreeing takes noise off that no rows could have: what is left of its energy is
 * what it was less what was taken. */
static pv_status agree(pv_gsd_fit *f, pv_error *err)
{
    pv_status status = PV_OK;
    pv_gsd_targets *t = &f->target;
    size_t answers = 0;
    f->least = INFINITY;
    for (size_t i = 0; i < t->groups; i++) {
        answers += t->group[i].group->cells;
        f->least = fmin(f->least, t->group[i].variance);
    }
    double *before = pv_array_alloc(answers, sizeof *before);
    if (before == NULL)
        return pv_fail_memory(err, "the targets");
    for (size_t i = 0, at = 0; i < t->groups; i++) {
        memcpy(before + at, t->group[i].answer,
               t->group[i].group->cells * sizeof *before);
        at += t->group[i].group->cells;
    }
    PV_TRY(pv_gsd_targets_agree(t, f->total, err));
    f->noise = fmax(0, f->least * (double)answers -
                           weighted_squares(t, before, f->least));
out:
    free(before);
    return status;
}

/* A model of all marginals is nearer to the truth than they are: its answers take
 * their place, and no rows follow their noise. */
static pv_status answer_by_model(const pv_gsd_fit *f, pv_gsd_noisy *g,
                                 pv_error *err)
{
    const pv_layer *l = g->group->layer;
    pv_clique clique = pv_clique_empty();
    for (size_t k = 0; k < l->partitions; k++)
        pv_clique_add(&clique, l->partition[k].column);
    return pv_model_answer(f->model, &clique, g->answer, err);
}

/* What rows begin with, of a column of numbers: the model's bins, inside them the
 * column's shape. As a target it keeps the search from taking that apart. */
static pv_status answer_by_shape(const pv_gsd_fit *f, pv_gsd_noisy *g,
                                 pv_error *err)
{
    pv_status status = PV_OK;
    const uint32_t column = g->group->layer->partition->column;
    const pv_axis *axis = pv_queries_axis(f->queries, column);
    const uint32_t *code = f->target.code[column];
    const pv_clique clique = pv_clique_of(&column, 1);
    const uint32_t levels =
        pv_schema_column(pv_queries_schema(f->queries), column)->levels;
    double *bin = pv_array_alloc(levels, sizeof *bin);
    double *sum = pv_array_calloc(levels, sizeof *sum);
    double *share = pv_array_alloc(axis->cells, sizeof *share);
    if (bin == NULL || sum == NULL || share == NULL) {
        status = pv_fail_memory(err, "the targets");
        goto out;
    }
    PV_TRY(pv_model_answer(f->model, &clique, bin, err));
    PV_TRY(pv_gsd_targets_shares(&f->target, column, share, err));
    memset(g->answer, 0, g->group->cells * sizeof *g->answer);
    for (uint32_t c = 0; c < axis->cells; c++)
        sum[code[c]] += share[c];
    for (uint32_t c = 0; c < axis->cells; c++) {
        double *answer = g->answer;
        for (size_t l = 0; l < g->group->layers && sum[code[c]] > 0; l++) {
            answer[g->group->layer[l].partition->map[c]] +=
                bin[code[c]] * share[c] / sum[code[c]];
            answer += g->group->layer[l].cells;
        }
    }
out:
    free(bin);
    free(sum);
    free(share);
    return status;
}

/* Nothing is left of the marginals' noise, and the other answers are few: the search goes
 * to its end. */
static pv_status trust_model(pv_gsd_fit *f, pv_error *err)
{
    pv_status status = PV_OK;
    f->least = INFINITY;
    f->noise = 0;
    for (size_t i = 0; i < f->target.groups; i++)
        f->least = fmin(f->least, f->target.group[i].variance);
    for (size_t i = 0; i < f->target.groups; i++)
        if (f->target.group[i].own != NULL)
            PV_TRY(answer_by_model(f, &f->target.group[i], err));
    for (size_t i = 0; i < f->target.groups; i++)
        if (pv_gsd_is_nest(f->target.group[i].group))
            PV_TRY(answer_by_shape(f, &f->target.group[i], err));
out:
    return status;
}

static pv_status gather(pv_gsd_fit *f, const pv_measurement *measurements,
                        size_t count, double total, pv_error *err)
{
    pv_status status = PV_OK;
    pv_gsd_targets_clear(&f->target);
    PV_TRY(pv_gsd_targets_init(&f->target, f->queries, err));
    for (size_t i = 0; i < f->known.groups; i++)
        PV_TRY(pv_gsd_targets_add(&f->target, f->known.group[i].group,
                                  f->known.group[i].answer,
                                  f->known.group[i].variance, err));
    for (size_t i = 0; i < count; i++) /* wider ones are left to the model */
        if (measurements[i].columns <= PV_GSD_MOST_COLUMNS)
            PV_TRY(pv_gsd_targets_marginal(&f->target, &measurements[i], err));
    f->total = total > 0 ? total : pv_gsd_targets_total(&f->target);
    if (!isfinite(f->total)) {
        status = pv_fail(err, PV_EINVAL,
                         "nothing that was measured tells the number of rows");
        goto out;
    }
    f->total = fmax(1, f->total);
out:
    return status;
}

/* Another model only when more is known. */
static pv_status begin_model(pv_gsd_fit *f, const pv_measurement *measurements,
                             size_t count, size_t memory, pv_error *err)
{
    pv_status status = PV_OK;
    if (f->fitted == count && f->model != NULL)
        goto out;
    pv_model_free(f->model);
    f->model = NULL;
    f->fitted = count;
    PV_TRY(pv_gsd_model(pv_queries_schema(f->queries), measurements, count,
                        f->total, memory, &f->model, &f->whole, err));
out:
    return status;
}

pv_status pv_gsd_fit_begin(pv_gsd_fit *f, const pv_measurement *measurements,
                           size_t count, double total, size_t memory,
                           pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(gather(f, measurements, count, total, err));
    if (f->scheme == PV_GSD_FAST)
        PV_TRY(begin_model(f, measurements, count, memory, err));
    PV_TRY(f->model != NULL && f->whole ? trust_model(f, err)
           : f->scheme == PV_GSD_FAST   ? agree(f, err)
                                        : PV_OK);
out:
    return status;
}
