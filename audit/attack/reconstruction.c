/* The static attack: one release, the people of the real table, and the same
 * attack on people of the holdout, who were not in the data. */
#include "audit/attack/believe.h"
#include "audit/attack/interval.h"
#include "audit/attack/people.h"
#include "audit/attack/score.h"
#include "audit/attack/shift.h"
#include "audit/attack/terms.h"
#include "audit/probe.h"
#include "core/log.h"
#include "core/memory.h"
#include "io/rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* People whose secrets are guessed, and whether the guesses are right. */
typedef struct trial {
    pv_people victims;
    uint32_t *drawn;   /* their rows */
    pv_table *own;     /* the control's people; NULL: the real table's */
    uint32_t *truth;   /* of each victim */
    double *belief[PV_ATTACKERS]; /* of each victim, each class; or NULL */
    const char *why[PV_ATTACKERS]; /* not there; static */
    size_t validation; /* so many victims first, for choosing the solver */
} trial;

static void clear_trial(trial *t)
{
    free(t->drawn);
    free(t->truth);
    for (size_t a = 0; a < PV_ATTACKERS; a++)
        free(t->belief[a]);
    pv_table_free(t->own);
    *t = (trial){0};
}

static pv_status know_truth(const pv_probe_input *input, trial *t,
                            pv_error *err)
{
    const size_t rows = pv_table_rows(t->victims.table);
    uint32_t *class_of = pv_array_alloc(rows, sizeof *class_of);
    t->truth = pv_array_alloc(t->victims.count, sizeof *t->truth);
    if (class_of == NULL || t->truth == NULL) {
        free(class_of);
        return pv_fail_memory(err, "the targets");
    }
    pv_secret_classes(input->attack->secret, t->victims.table, class_of);
    for (size_t i = 0; i < t->victims.count; i++)
        t->truth[i] = class_of[t->victims.row != NULL ? t->victims.row[i] : i];
    free(class_of);
    return PV_OK;
}

static pv_status pursue(const pv_probe_input *input, bool control, trial *t,
                        pv_error *err)
{
    const pv_attack_terms *terms = input->attack;
    pv_status status = PV_OK;
    PV_TRY(know_truth(input, t, err));
    PV_TRY(pv_believe(input->synthetic, terms, &t->victims, control, t->belief,
                      t->why, err));
out:
    return status;
}

/* --- who is attacked ------------------------------------------------------ */

/* Everyone of the real table whom the attacker knows of. */
static const pv_table *known_of(const pv_probe_input *input)
{
    return input->attack->people != NULL ? input->attack->people : input->real;
}

/* The people of the real table: all, or a sample, in random order. */
static pv_status real_people(const pv_probe_input *input, trial *t,
                             pv_error *err)
{
    return pv_people_draw(input->attack->key, "targets", known_of(input),
                          input->attack->targets, &t->victims, &t->drawn, err);
}

/* The control's: holdout people in the place of as many of the real table, so
 * that the attack has as many equations and unknowns as the one on real people,
 * and knows the others as well. The first rows are the holdout's. */
static pv_status control_people(const pv_probe_input *input, trial *t,
                                pv_error *err)
{
    const pv_attack_terms *terms = input->attack;
    const size_t rows = pv_table_rows(known_of(input));
    pv_status status = PV_OK;
    pv_people part[2];
    uint32_t *outside = NULL, *inside = NULL;
    PV_TRY(pv_people_draw(terms->key, "control", terms->holdout, rows, &part[0],
                          &outside, err));
    PV_TRY(pv_people_draw(terms->key, "known beside the control",
                          known_of(input), 0, &part[1], &inside, err));
    part[1].count = rows - part[0].count;
    PV_TRY(pv_people_join(part, 2, &t->own, err));
    t->victims = (pv_people){.table = t->own, .count = part[0].count};
    if (terms->targets > 0 && terms->targets < t->victims.count)
        t->victims.count = terms->targets;
out:
    free(outside);
    free(inside);
    return status;
}

/* --- choosing and reporting ----------------------------------------------- */

static pv_status score_part(const pv_probe_input *input, const trial *t,
                            size_t attacker, size_t first, size_t count,
                            pv_score *score, pv_error *err)
{
    const uint32_t levels = input->attack->secret->levels;
    return pv_score_beliefs(t->belief[attacker] + first * levels,
                            t->truth + first, count, levels, score, err);
}

/* Who may be chosen: those who guess everyone, in the control too. */
static bool eligible(const trial *t, size_t a)
{
    return t->belief[a] != NULL && a != PV_ATTACKER_WHITEBOX &&
           a != PV_ATTACKER_NEAREST;
}

/* The attacker that did best on the validation targets; of equals the one with
 * the larger AUC, then the first. */
static pv_status choose(const pv_probe_input *input, trial *t, size_t *chosen,
                        pv_error *err)
{
    pv_score best = {.accuracy = -1, .auc = -1};
    size_t there = 0;
    *chosen = PV_ATTACKERS;
    for (size_t a = 0; a < PV_ATTACKERS; a++)
        there += eligible(t, a);
    t->validation = there > 1 ? t->victims.count / 5 : 0;
    for (size_t a = 0; a < PV_ATTACKERS; a++) {
        pv_score s;
        if (!eligible(t, a))
            continue;
        const pv_status status =
            score_part(input, t, a, 0, t->validation, &s, err);
        if (status != PV_OK)
            return status;
        if (*chosen == PV_ATTACKERS || s.accuracy > best.accuracy ||
            (s.accuracy >= best.accuracy && s.auc > best.auc)) {
            *chosen = a;
            best = s;
        }
    }
    return PV_OK;
}

/* Adds the metrics of one attacker; nothing of one that was not asked for. */
static pv_status report(const pv_probe_input *input, const trial *t, size_t a,
                        const char *prefix, const char *note, pv_score *score,
                        pv_findings *findings, pv_error *err)
{
    char id[64];
    if (t->belief[a] == NULL && t->why[a] == NULL)
        return PV_OK;
    if (t->belief[a] == NULL) {
        (void)snprintf(id, sizeof id, "%s.accuracy", prefix);
        return pv_score_skip(id, NULL, t->why[a], findings, err);
    }
    const size_t guessed = pv_believe_limit(a, t->victims.count);
    const size_t first = guessed > t->validation ? t->validation : 0;
    const pv_status status =
        score_part(input, t, a, first, guessed - first, score, err);
    return status != PV_OK
               ? status
               : pv_score_add(score, prefix, NULL, note, findings, err);
}

static pv_status report_all(const pv_probe_input *input, const trial *t,
                            const char *prefix, pv_findings *findings,
                            pv_error *err)
{
    for (size_t a = 0; a < PV_ATTACKERS; a++) {
        char name[64];
        pv_score score;
        (void)snprintf(name, sizeof name, "%s.%s", prefix, pv_attacker_name(a));
        const pv_status status =
            report(input, t, a, name, NULL, &score, findings, err);
        if (status != PV_OK)
            return status;
    }
    return PV_OK;
}

/* Guessing the class that most synthetic rows have. */
static pv_status report_majority(const pv_probe_input *input, const trial *t,
                                 pv_findings *findings, pv_error *err)
{
    const pv_secret *secret = input->attack->secret;
    const size_t rows = pv_table_rows(input->synthetic);
    const size_t targets = t->victims.count - t->validation;
    size_t of[PV_SECRET_MOST] = {0}, right = 0;
    uint32_t most = 0;
    const pv_codes codes = pv_table_codes(input->synthetic, secret->column);
    for (size_t row = 0; row < rows; row++)
        of[secret->class[pv_codes_at(codes, row)]]++;
    for (uint32_t l = 1; l < secret->levels; l++)
        most = of[l] > of[most] ? l : most;
    for (size_t i = t->validation; i < t->victims.count; i++)
        right += t->truth[i] == most;
    pv_metric metric = {.id = "attack.majority.accuracy",
                        .value = (double)right / (double)targets,
                        .has_ci = true};
    pv_wilson_interval((double)right, (double)targets, metric.ci);
    return pv_findings_add(findings, &metric, err);
}

/* leakage less shift; the ends join those of both (Zou and Donner 2008). */
static void adjust(const pv_metric *leakage, const pv_metric *shift,
                   pv_metric *adjusted)
{
    adjusted->value = leakage->value - shift->value;
    adjusted->ci[0] = adjusted->value - hypot(leakage->value - leakage->ci[0],
                                              shift->ci[1] - shift->value);
    adjusted->ci[1] = adjusted->value + hypot(leakage->ci[1] - leakage->value,
                                              shift->value - shift->ci[0]);
}

/* What being in the data adds to the attack. */
static pv_status report_leakage(const pv_probe_input *input,
                                const pv_score *real, const pv_score *control,
                                pv_findings *findings, pv_error *err)
{
    const double k = (double)real->right, n = (double)real->targets;
    const double kc = (double)control->right, nc = (double)control->targets;
    pv_status status = PV_OK;
    pv_shift s;
    pv_metric leakage = {.id = "attack.leakage",
                         .value = real->accuracy - control->accuracy,
                         .has_ci = true};
    pv_metric risk = {.id = "attack.risk", .has_ci = true};
    pv_metric shift = {.id = "attack.control.shift", .has_ci = true};
    pv_metric adjusted = {.id = "attack.leakage.adjusted", .has_ci = true};
    pv_difference_interval(k, n, kc, nc, leakage.ci);
    risk.value = pv_residual_risk(k, n, kc, nc, risk.ci);
    PV_TRY(pv_shift_measure(known_of(input), input->attack, &s, err));
    shift.value = (double)s.real / (double)s.real_of -
                  (double)s.holdout / (double)s.holdout_of;
    pv_difference_interval((double)s.real, (double)s.real_of,
                           (double)s.holdout, (double)s.holdout_of, shift.ci);
    adjust(&leakage, &shift, &adjusted);
    PV_TRY(pv_findings_add(findings, &leakage, err));
    PV_TRY(pv_findings_add(findings, &risk, err));
    PV_TRY(pv_findings_add(findings, &shift, err));
    PV_TRY(pv_findings_add(findings, &adjusted, err));
out:
    return status;
}

static pv_status without_control(const char *reason, pv_findings *findings,
                                 pv_error *err)
{
    static const char *const id[] = {"attack.control.accuracy",
                                     "attack.leakage", "attack.risk",
                                     "attack.control.shift",
                                     "attack.leakage.adjusted"};
    for (size_t i = 0; i < sizeof id / sizeof *id; i++) {
        const pv_status status =
            pv_score_skip(id[i], NULL, reason, findings, err);
        if (status != PV_OK)
            return status;
    }
    return PV_OK;
}

static pv_status run_control(const pv_probe_input *input, size_t chosen,
                             const char *note, const pv_score *real,
                             pv_findings *findings, pv_error *err)
{
    pv_status status = PV_OK;
    trial t = {0};
    pv_score score;
    pv_log_detail("the same attack on people of the holdout");
    PV_TRY(control_people(input, &t, err));
    PV_TRY(pursue(input, true, &t, err));
    PV_TRY(report_all(input, &t, "attack.control", findings, err));
    if (t.belief[chosen] == NULL) { /* too large with these people */
        PV_TRY(without_control(t.why[chosen], findings, err));
        goto out;
    }
    PV_TRY(report(input, &t, chosen, "attack.control", note, &score, findings,
                  err));
    PV_TRY(report_leakage(input, real, &score, findings, err));
out:
    clear_trial(&t);
    return status;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    trial t = {0};
    pv_score best;
    size_t chosen;
    char note[128];
    const pv_table *holdout = input->attack->holdout;
    PV_TRY(real_people(input, &t, err));
    PV_TRY(pursue(input, false, &t, err));
    PV_TRY(choose(input, &t, &chosen, err));
    PV_TRY(report_all(input, &t, "attack", findings, err));
    PV_TRY(report_majority(input, &t, findings, err));
    (void)snprintf(note, sizeof note, t.validation > 0
                       ? "%s, chosen on %zu other targets" : "%s",
                   pv_attacker_name(chosen), t.validation);
    PV_TRY(report(input, &t, chosen, "attack.best", note, &best, findings,
                  err));
    if (holdout == NULL || pv_table_rows(holdout) == 0)
        PV_TRY(without_control("there is no holdout to compare with", findings,
                               err));
    else
        PV_TRY(run_control(input, chosen, note, &best, findings, err));
out:
    clear_trial(&t);
    return status;
}

const pv_probe pv_probe_reconstruction = {
    .name = "reconstruction",
    .kind = "attack",
    .summary = "linear reconstruction of the secret, with its control",
    .run = run};
