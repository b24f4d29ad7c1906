#include "audit/attack/score.h"

#include "tests/infer_fixture.h"

static pv_error err;

Test(score, of_equals_the_last_class_is_guessed)
{
    cr_assert_eq(pv_score_guess((const double[]){0.5, 0.5}, 2), 1);
    cr_assert_eq(pv_score_guess((const double[]){0.6, 0.4}, 2), 0);
    cr_assert_eq(pv_score_guess((const double[]){0.4, 0.4, 0.2}, 3), 1);
}

Test(score, two_classes)
{
    /* beliefs in the second class: .9 .2 .6 .4 of classes 1 0 0 1 */
    const double belief[] = {.1, .9, .8, .2, .4, .6, .6, .4};
    const uint32_t truth[] = {1, 0, 0, 1};
    pv_score s;
    cr_assert_eq(pv_score_beliefs(belief, truth, 4, 2, &s, &err), PV_OK);
    cr_assert_eq(s.right, 2);
    cr_assert_float_eq(s.accuracy, .5, 1e-12);
    cr_assert_float_eq(s.auc, .75, 1e-12);
    cr_assert_float_eq(s.advantage, 0, 1e-12);
    cr_assert(s.advantage_ci[0] < 0 && s.advantage_ci[1] > 0);
}

Test(score, pairs_of_more_classes_are_within_each)
{
    const double belief[] = {.7, .2, .1, .1, .8, .1, .5, .4, .1};
    const uint32_t truth[] = {0, 1, 2};
    pv_score s;
    cr_assert_eq(pv_score_beliefs(belief, truth, 3, 3, &s, &err), PV_OK);
    cr_assert_eq(s.right, 2);
    /* .7 against .1 .5, .8 against .2 .4, .1 against .1 .1 */
    cr_assert_float_eq(s.auc, (2 + 2 + 1) / 6.0, 1e-12);
    cr_assert_float_eq(s.advantage, (2.0 / 3 - 1.0 / 3) * 1.5, 1e-12);
}

Test(score, all_or_none_right_gives_an_interval)
{
    double belief[200];
    uint32_t truth[100];
    pv_score s;
    for (int right = 0; right < 2; right++) {
        for (size_t i = 0; i < 100; i++) {
            truth[i] = i % 2;
            belief[2 * i] = truth[i] == (right == 1 ? 0U : 1U);
            belief[2 * i + 1] = 1 - belief[2 * i];
        }
        cr_assert_eq(pv_score_beliefs(belief, truth, 100, 2, &s, &err), PV_OK);
        cr_assert_float_eq(s.accuracy, right, 0);
        cr_assert_float_eq(s.auc, right, 0);
        cr_assert_float_eq(s.advantage, right == 1 ? 1 : -1, 1e-12);
        cr_assert(s.accuracy_ci[1] - s.accuracy_ci[0] > 0.03);
        cr_assert(s.auc_ci[1] - s.auc_ci[0] > 0.01);
        cr_assert(s.advantage_ci[1] - s.advantage_ci[0] > 0.05);
    }
}

/* Shares of classes believed of everyone, as by who knows no one: however
 * uneven, and with a class that nobody has. */
Test(score, believing_shares_of_everyone_is_guessing)
{
    double belief[400];
    uint32_t truth[100];
    pv_score s;
    for (size_t i = 0; i < 100; i++) {
        const double shares[] = {.2, .7, .06, .04};
        memcpy(belief + 4 * i, shares, sizeof shares);
        truth[i] = i % 10 < 7 ? 1 : i % 10 == 7 ? 2 : 0;
    }
    cr_assert_eq(pv_score_beliefs(belief, truth, 100, 4, &s, &err), PV_OK);
    cr_assert_float_eq(s.accuracy, .7, 1e-12);
    cr_assert_float_eq(s.auc, .5, 1e-12);
    cr_assert(s.auc_ci[0] < .5 && s.auc_ci[1] > .5);
    cr_assert_float_eq(s.advantage, 0, 1e-12);
}

Test(score, one_class_or_nobody_is_skipped_with_a_reason)
{
    const double belief[] = {.3, .7, .4, .6};
    const uint32_t truth[] = {1, 1};
    pv_findings *f = NULL;
    pv_score s;
    cr_assert_eq(pv_findings_new("t", "c", &f, &err), PV_OK);
    cr_assert_eq(pv_score_beliefs(belief, truth, 2, 2, &s, &err), PV_OK);
    cr_assert_eq(pv_score_add(&s, "a", NULL, NULL, f, &err), PV_OK);
    cr_assert_eq(pv_score_beliefs(belief, truth, 0, 2, &s, &err), PV_OK);
    cr_assert_eq(pv_score_add(&s, "b", NULL, NULL, f, &err), PV_OK);
    cr_assert_float_eq(pv_findings_find(f, "a.accuracy")->value, 1, 0);
    cr_assert_eq(pv_findings_find(f, "a.auc")->status, PV_METRIC_SKIPPED);
    cr_assert_not_null(strstr(pv_findings_find(f, "a.auc")->reason,
                              "one class"));
    cr_assert_eq(pv_findings_find(f, "a.advantage")->status,
                 PV_METRIC_SKIPPED);
    cr_assert_eq(pv_findings_find(f, "b.accuracy")->status, PV_METRIC_SKIPPED);
    cr_assert_eq(pv_findings_find(f, "b.advantage")->status,
                 PV_METRIC_SKIPPED);
    pv_findings_free(f);
}
