#include "audit/attack/score.h"

#include "audit/attack/interval.h"
#include "audit/attack/terms.h"
#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

uint32_t pv_score_guess(const double *belief, uint32_t levels)
{
    uint32_t guess = 0;
    for (uint32_t l = 1; l < levels; l++)
        if (belief[l] >= belief[guess])
            guess = l;
    return guess;
}

/* Mean of the shares guessed right of each class there is, scaled; NAN where
 * there are not two. The interval joins the classes' Wilson intervals (Zou and
 * Donner 2008), so that it has a width even when all or none are right. */
static void set_advantage(const size_t *right, const size_t *of, uint32_t levels,
                          pv_score *s)
{
    double mean = 0, below = 0, above = 0, classes = 0;
    for (uint32_t l = 0; l < levels; l++) {
        double ci[2];
        if (of[l] == 0)
            continue;
        const double share = (double)right[l] / (double)of[l];
        pv_wilson_interval((double)right[l], (double)of[l], ci);
        mean += share;
        below += (share - ci[0]) * (share - ci[0]);
        above += (ci[1] - share) * (ci[1] - share);
        classes++;
    }
    if (classes < 2)
        return; /* saying it every time is certain */
    /* who always says one class that there is gets 1 / classes */
    const double scale = 1 / (classes - 1);
    s->advantage = (mean - 1) * scale;
    s->advantage_ci[0] = s->advantage - scale * sqrt(below);
    s->advantage_ci[1] = s->advantage + scale * sqrt(above);
}

/* Of one class against the others, weighed by its pairs: those who have it by
 * those who have not. Nothing is compared between classes, so that beliefs that
 * tell nothing of a person come out at one half however common each class is. */
static pv_status add_area(const double *belief, const uint32_t *truth,
                          uint32_t levels, uint32_t class, double *score,
                          bool *positive, pv_score *s, double *pairs,
                          pv_error *err)
{
    size_t positives = 0;
    double auc, ci[2];
    for (size_t i = 0; i < s->targets; i++) {
        score[i] = belief[i * levels + class];
        positive[i] = truth[i] == class;
        positives += positive[i];
    }
    const size_t negatives = s->targets - positives;
    const double weight = (double)positives * (double)negatives;
    const pv_status status = pv_auc(score, positive, s->targets, &auc, err);
    if (status != PV_OK || weight <= 0)
        return status;
    pv_auc_interval(auc, positives, negatives, ci);
    *pairs += weight;
    s->auc += weight * auc;
    s->auc_ci[0] += weight * ci[0];
    s->auc_ci[1] += weight * ci[1];
    return PV_OK;
}

/* The ends of classes are averaged as if all erred together: of two they do,
 * of more that is wide, but never too short. */
static pv_status set_auc(const double *belief, const uint32_t *truth,
                         uint32_t levels, pv_score *s, pv_error *err)
{
    double *score = pv_array_alloc(s->targets, sizeof *score);
    bool *positive = pv_array_alloc(s->targets, sizeof *positive);
    double pairs = 0;
    pv_status status = PV_OK;
    if (score == NULL || positive == NULL) {
        status = pv_fail_memory(err, "the scores");
        goto out;
    }
    s->auc = 0;
    for (uint32_t l = levels == 2 ? 1 : 0; l < levels; l++)
        PV_TRY(add_area(belief, truth, levels, l, score, positive, s, &pairs,
                        err));
    s->auc = pairs > 0 ? s->auc / pairs : NAN;
    for (size_t i = 0; i < 2 && pairs > 0; i++)
        s->auc_ci[i] /= pairs;
out:
    free(score);
    free(positive);
    return status;
}

pv_status pv_score_beliefs(const double *belief, const uint32_t *truth,
                           size_t targets, uint32_t levels, pv_score *score,
                           pv_error *err)
{
    size_t right[PV_SECRET_MOST] = {0}, of[PV_SECRET_MOST] = {0};
    *score = (pv_score){.targets = targets, .accuracy = NAN, .auc = NAN,
                        .advantage = NAN};
    if (targets == 0)
        return PV_OK;
    for (size_t i = 0; i < targets; i++) {
        const bool hit =
            pv_score_guess(belief + i * levels, levels) == truth[i];
        right[truth[i]] += hit;
        of[truth[i]]++;
        score->right += hit;
    }
    score->accuracy = (double)score->right / (double)targets;
    pv_wilson_interval((double)score->right, (double)targets,
                       score->accuracy_ci);
    set_advantage(right, of, levels, score);
    return set_auc(belief, truth, levels, score, err);
}

/* --- findings ------------------------------------------------------------- */

static pv_status add(const char *prefix, const char *name, double value,
                     const double ci[2], const pv_scope *scope,
                     const char *note, const char *absent,
                     pv_findings *findings, pv_error *err)
{
    char id[128];
    (void)snprintf(id, sizeof id, "%s.%s", prefix, name);
    if (isnan(value))
        return pv_score_skip(id, scope, absent, findings, err);
    pv_metric metric = {.id = id,
                        .value = value,
                        .has_ci = true,
                        .ci = {ci[0], ci[1]},
                        .reason = note};
    if (scope != NULL)
        metric.scope = *scope;
    return pv_findings_add(findings, &metric, err);
}

pv_status pv_score_skip(const char *id, const pv_scope *scope,
                        const char *reason, pv_findings *findings,
                        pv_error *err)
{
    pv_metric metric = {.id = id,
                        .value = NAN,
                        .status = PV_METRIC_SKIPPED,
                        .reason = reason};
    if (scope != NULL)
        metric.scope = *scope;
    return pv_findings_add(findings, &metric, err);
}

pv_status pv_score_add(const pv_score *s, const char *prefix,
                       const pv_scope *scope, const char *note,
                       pv_findings *findings, pv_error *err)
{
    const char *none = "there are no targets";
    const char *one = s->targets == 0 ? none
                                      : "all targets have one class of the "
                                        "secret";
    pv_status status = PV_OK;
    PV_TRY(add(prefix, "accuracy", s->accuracy, s->accuracy_ci, scope, note,
               none, findings, err));
    PV_TRY(add(prefix, "auc", s->auc, s->auc_ci, scope, note, one, findings,
               err));
    PV_TRY(add(prefix, "advantage", s->advantage, s->advantage_ci, scope, note,
               one, findings, err));
out:
    return status;
}
