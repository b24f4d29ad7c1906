#include "audit/report/criteria.h"
#include "core/atomicfile.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pv_error err;

static pv_criteria *read_list(const char *list)
{
    char text[2048];
    pv_criteria *c = NULL;
    const int size = snprintf(
        text, sizeof text,
        "{\"schema\": \"privet/criteria/1\", \"criteria\": [%s]}", list);
    if (pv_criteria_parse(text, (size_t)size, "c.json", &c, &err) != PV_OK)
        cr_assert_null(c);
    return c;
}

#define REST                                                                   \
    "\"op\": \"<=\", \"threshold\": 1, \"severity\": \"mandatory\", \"basis\": " \
    "\"b\""

Test(criteria, one_is_read)
{
    pv_criteria *c = read_list(
        "{\"id\": \"A\", \"metric\": \"x\", \"of\": \"upper\", \"op\": \">\", "
        "\"threshold\": \"claim.epsilon\", \"severity\": \"advisory\", \"basis\": "
        "\"b\", \"scope\": {\"columns\": [\"p\", \"q\"], \"table\": \"t\"}}");
    cr_assert_not_null(c, "%s", err.message);
    const pv_criterion *one = pv_criteria_at(c, 0);
    cr_assert_eq(one->of, PV_UPPER);
    cr_assert_eq(one->op, PV_GT);
    cr_assert_str_eq(one->threshold_metric, "claim.epsilon");
    cr_assert_not(one->mandatory);
    cr_assert_eq(one->scope.columns, 2);
    cr_assert_str_eq(one->scope.column[1], "q");
    cr_assert_str_eq(one->scope.table, "t");
    cr_assert_null(one->scope.rule);
    pv_criteria_free(c);
}

Test(criteria, mistakes_are_refused)
{
    static const struct {
        const char *list, *word;
    } bad[] = {
        {"3", "criteria[0]"},
        {"{\"metric\": \"x\", " REST "}", ".id"},
        {"{\"id\": \"\", \"metric\": \"x\", " REST "}", ".id"},
        {"{\"id\": \"A\", " REST "}", ".metric"},
        {"{\"id\": \"A\", \"metric\": \"x\", \"treshold\": 3, " REST "}",
         "treshold"},
        {"{\"id\": \"A\", \"metric\": \"x\", \"of\": \"top\", " REST "}", ".of"},
        {"{\"id\": \"A\", \"metric\": \"x\", \"of\": null, " REST "}", ".of"},
        {"{\"id\": \"A\", \"metric\": \"x\", \"scope\": {\"column\": []}, " REST
         "}",
         ".scope"},
        {"{\"id\": \"A\", \"metric\": \"x\", \"scope\": {\"columns\": [1]}, " REST
         "}",
         ".scope"},
        {"{\"id\": \"A\", \"metric\": \"x\", " REST
         "}, {\"id\": \"A\", \"metric\": \"x\", " REST "}",
         "criteria[1].id"},
        {"{\"id\": \"A\", \"metric\": \"x\", \"op\": \"=<\", \"threshold\": 1, "
         "\"severity\": \"mandatory\", \"basis\": \"b\"}",
         ".op"},
        {"{\"id\": \"A\", \"metric\": \"x\", \"op\": \"<=\", \"severity\": "
         "\"mandatory\", \"basis\": \"b\"}",
         ".threshold"},
        {"{\"id\": \"A\", \"metric\": \"x\", \"op\": \"<=\", \"threshold\": 1, "
         "\"severity\": \"must\", \"basis\": \"b\"}",
         ".severity"},
        {"{\"id\": \"A\", \"metric\": \"x\", \"op\": \"<=\", \"threshold\": 1, "
         "\"severity\": \"mandatory\"}",
         ".basis"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert_null(read_list(bad[i].list), "%s", bad[i].list);
        cr_assert_eq(err.code, PV_EFORMAT);
        cr_assert_not_null(strstr(err.message, bad[i].word), "%s: %s",
                           bad[i].word, err.message);
    }
}

Test(criteria, the_default_set_is_the_example)
{
    unsigned char *text = NULL;
    size_t size = 0;
    char path[1024];
    pv_criteria *ours = NULL, *example = NULL;
    (void)snprintf(path, sizeof path, "%s/examples/criteria.json",
                   getenv("top_srcdir"));
    cr_assert_eq(pv_file_read(path, 1 << 20, &text, &size, &err), PV_OK, "%s",
                 err.message);
    cr_assert_eq(pv_criteria_parse((char *)text, size, path, &example, &err),
                 PV_OK, "%s", err.message);
    cr_assert_eq(pv_criteria_default(&ours, &err), PV_OK, "%s", err.message);
    cr_assert_eq(pv_criteria_count(ours), pv_criteria_count(example));
    for (size_t i = 0; i < pv_criteria_count(ours); i++) {
        const pv_criterion *a = pv_criteria_at(ours, i);
        const pv_criterion *b = pv_criteria_at(example, i);
        cr_assert_str_eq(a->id, b->id);
        cr_assert_str_eq(a->metric, b->metric);
        cr_assert_str_eq(a->basis, b->basis);
        cr_assert_eq(a->threshold, b->threshold);
        cr_assert(a->op == b->op && a->of == b->of &&
                  a->mandatory == b->mandatory);
    }
    pv_criteria_free(ours);
    pv_criteria_free(example);
    free(text);
}

/* --- judging ------------------------------------------------------------------ */

enum { OK_GOOD, OK_BAD, SKIPPED, ERROR, ABSENT, STATES };

static pv_findings *of_states(const int *state, size_t count)
{
    pv_findings *f = NULL;
    cr_assert_eq(pv_findings_new("t", "c", &f, &err), PV_OK);
    for (size_t i = 0; i < count; i++) {
        if (state[i] == ABSENT)
            continue;
        const pv_metric m = {
            .id = "x",
            .value = state[i] == OK_GOOD ? 0.5 : 2,
            .status = state[i] == SKIPPED ? PV_METRIC_SKIPPED
                      : state[i] == ERROR ? PV_METRIC_ERROR
                                          : PV_METRIC_OK,
            .reason = state[i] == SKIPPED || state[i] == ERROR ? "why" : NULL};
        cr_assert_eq(pv_findings_add(f, &m, &err), PV_OK);
    }
    return f;
}

/* Every combination of three metrics of one id, in one and in two findings. */
Test(criteria, a_pass_needs_every_metric_to_be_there_and_to_meet_it)
{
    for (int code = 0; code < STATES * STATES * STATES * 2; code++) {
        const int state[] = {code % STATES, code / STATES % STATES,
                             code / (STATES * STATES) % STATES};
        const pv_criterion criterion = {.id = "A",
                                        .metric = "x",
                                        .op = PV_LE,
                                        .threshold = 1,
                                        .mandatory = code % 2 == 0};
        pv_findings *a = of_states(state, 1), *b = of_states(state + 1, 2);
        const pv_findings *const both[] = {a, b};
        const pv_verdict v = pv_judge(&criterion, both, 2);
        int good = 0, bad = 0, unclear = 0;
        for (int i = 0; i < 3; i++) {
            good += state[i] == OK_GOOD;
            bad += state[i] == OK_BAD;
            unclear += state[i] == SKIPPED || state[i] == ERROR;
        }
        const pv_result wanted = bad > 0 ? criterion.mandatory ? PV_RESULT_FAIL
                                                               : PV_RESULT_WARN
                                 : good > 0 && unclear == 0 ? PV_RESULT_PASS
                                                            : PV_RESULT_NOT_RUN;
        cr_assert_eq(v.result, wanted, "code %d", code);
        cr_assert_eq(v.result == PV_RESULT_NOT_RUN, v.reason != NULL);
        if (bad > 0)
            cr_assert_eq(v.observed, 2.0);
        pv_findings_free(a);
        pv_findings_free(b);
    }
}

Test(criteria, the_worst_mandatory_line_decides)
{
    enum { lines = 4 };
    pv_criterion criterion[lines];
    pv_verdict verdict[lines];
    for (int code = 0; code < 8 * 8 * 8 * 8; code++) {
        bool failed = false, missing = false, asked = false;
        for (int i = 0, left = code; i < lines; i++, left /= 8) {
            criterion[i] = (pv_criterion){.mandatory = left % 2 == 1};
            verdict[i] = (pv_verdict){.criterion = &criterion[i],
                                      .result = (pv_result)(left / 2 % 4)};
            if (!criterion[i].mandatory)
                continue;
            asked = true;
            failed = failed || verdict[i].result == PV_RESULT_FAIL;
            missing = missing || verdict[i].result != PV_RESULT_PASS;
        }
        cr_assert_eq(pv_judge_all(verdict, lines),
                     failed              ? PV_OVERALL_FAIL
                     : missing || !asked ? PV_OVERALL_INCONCLUSIVE
                                         : PV_OVERALL_PASS);
    }
    cr_assert_eq(pv_judge_all(verdict, 0), PV_OVERALL_INCONCLUSIVE);
}

static pv_verdict judge_one(pv_criterion c, const pv_metric *metric,
                            size_t count)
{
    pv_findings *f = NULL;
    cr_assert_eq(pv_findings_new("t", "c", &f, &err), PV_OK);
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(pv_findings_add(f, &metric[i], &err), PV_OK);
    const pv_findings *const all[] = {f};
    pv_verdict v = pv_judge(&c, all, 1);
    v.criterion = NULL;
    v.decided = NULL;
    v.reason = v.reason != NULL ? "given" : NULL;
    pv_findings_free(f);
    return v;
}

Test(criteria, comparisons_at_the_threshold)
{
    static const struct {
        pv_comparator op;
        bool below, at, above;
    } rule[] = {{PV_LE, true, true, false},
                {PV_GE, false, true, true},
                {PV_LT, true, false, false},
                {PV_GT, false, false, true},
                {PV_EQ, false, true, false}};
    for (size_t i = 0; i < 5; i++)
        for (int side = -1; side <= 1; side++) {
            const pv_metric m = {.id = "x", .value = 1 + side * 1e-12};
            const pv_criterion c = {
                .metric = "x", .op = rule[i].op, .threshold = 1};
            const bool wanted = side < 0    ? rule[i].below
                                : side == 0 ? rule[i].at
                                            : rule[i].above;
            cr_assert_eq(judge_one(c, &m, 1).result,
                         wanted ? PV_RESULT_PASS : PV_RESULT_WARN);
        }
}

Test(criteria, intervals_scopes_and_thresholds_that_are_metrics)
{
    const char *names[] = {"p"};
    const pv_metric metric[] = {
        {.id = "x", .value = 0.5, .has_ci = true, .ci = {0.4, 1.5}},
        {.id = "x",
         .value = 9,
         .scope = {.columns = 1, .column = names, .table = "holdout"}},
        {.id = "limit", .value = 2},
        {.id = "nothing", .status = PV_METRIC_SKIPPED, .reason = "r"}};
    pv_criterion c = {.metric = "x", .op = PV_LE, .threshold = 1, .of = PV_UPPER};
    cr_assert_eq(judge_one(c, metric, 1).result, PV_RESULT_WARN);
    c.of = PV_LOWER;
    cr_assert_eq(judge_one(c, metric, 1).result, PV_RESULT_PASS);
    cr_assert_eq(judge_one(c, metric, 2).result, PV_RESULT_NOT_RUN,
                 "one of them has no interval");
    c.of = PV_VALUE;
    cr_assert_eq(judge_one(c, metric, 2).result, PV_RESULT_WARN);
    c.scope = (pv_scope){.table = "holdout"};
    c.threshold_metric = "limit";
    cr_assert_eq(judge_one(c, metric, 4).result, PV_RESULT_WARN);
    c.op = PV_GE;
    cr_assert_eq(judge_one(c, metric, 4).result, PV_RESULT_PASS);
    c.threshold_metric = "nothing";
    cr_assert_eq(judge_one(c, metric, 4).result, PV_RESULT_NOT_RUN);
    c.threshold_metric = "absent";
    cr_assert_eq(judge_one(c, metric, 4).result, PV_RESULT_NOT_RUN);
}
