#include "audit/findings.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pv_error err;

static pv_status parse(const char *text, pv_findings **findings)
{
    return pv_findings_parse(text, strlen(text), "f.json", findings, &err);
}

Test(findings_read, what_was_written_is_read_back_to_the_byte)
{
    pv_findings *f = NULL, *again = NULL;
    const char *names[] = {"a\"b\n<i>", "\xd7\xa9"};
    const double series[] = {0.1, -3, 5e-324};
    char *once, *twice;
    cr_assert_eq(pv_findings_new("privet-audit", "attack", &f, &err), PV_OK);
    cr_assert_eq(pv_findings_add_option(f, "group", "x", &err), PV_OK);
    cr_assert_eq(pv_findings_add_input(f, "real", "r.csv", 7, 2, &err), PV_OK);
    cr_assert_eq(pv_findings_add_input(f, "schema", "s", -1, 2, &err), PV_OK);
    cr_assert_eq(pv_findings_set_version(f, "9.9", &err), PV_OK);
    const pv_metric metric[] = {
        {.id = "x",
         .value = 1.0 / 3,
         .has_ci = true,
         .ci = {0.25, 0.5},
         .scope = {.columns = 2,
                   .column = names,
                   .rule = "r",
                   .table = "t",
                   .attack = "a"},
         .reason = "a remark"},
        {.id = "y", .status = PV_METRIC_SKIPPED, .reason = "no holdout"},
        {.id = "z", .status = PV_METRIC_ERROR, .reason = "broken"}};
    for (size_t i = 0; i < 3; i++)
        cr_assert_eq(pv_findings_add(f, &metric[i], &err), PV_OK);
    cr_assert_eq(pv_findings_add_series(f, "s", series, 3, &err), PV_OK);
    cr_assert_eq(pv_findings_json(f, &once, &err), PV_OK);
    cr_assert_eq(parse(once, &again), PV_OK, "%s", err.message);
    cr_assert_eq(pv_findings_json(again, &twice, &err), PV_OK);
    cr_assert_str_eq(once, twice);
    cr_assert_str_eq(pv_findings_version(again), "9.9");
    cr_assert_str_eq(pv_findings_command(again), "attack");
    cr_assert_eq(pv_findings_metric(again, 1)->status, PV_METRIC_SKIPPED);
    cr_assert(isnan(pv_findings_metric(again, 2)->value));
    double value[3];
    cr_assert_eq(pv_findings_series(again, "s", value, 2), 3);
    cr_assert_eq(value[1], -3.0);
    cr_assert_eq(pv_findings_series(again, "none", value, 2), 0);
    cr_assert_str_eq(pv_findings_series_at(again, 0), "s");
    cr_assert_null(pv_findings_series_at(again, 1));
    free(once);
    free(twice);
    pv_findings_free(f);
    pv_findings_free(again);
}

/* A document whose one metric, and what else, is as given. */
static char *document(const char *metric, const char *more)
{
    static char text[2048];
    (void)snprintf(text, sizeof text,
                   "{\"schema\": \"privet/findings/1\", \"tool\": {\"name\": "
                   "\"t\", \"command\": \"c\"}, \"metrics\": [%s]%s}",
                   metric, more);
    return text;
}

Test(findings_read, what_is_not_known_is_ignored)
{
    pv_findings *f = NULL;
    cr_assert_eq(parse(document("{\"id\": \"x\", \"status\": \"ok\", \"value\": "
                                "3, \"later\": [1]}",
                                ", \"later\": {\"a\": 1}"),
                       &f),
                 PV_OK, "%s", err.message);
    cr_assert_eq(pv_findings_find(f, "x")->value, 3.0);
    cr_assert_str_eq(pv_findings_version(f), "unknown");
    pv_findings_free(f);
}

Test(findings_read, what_is_wrong_is_refused_with_its_place)
{
    static const struct {
        const char *metric, *more, *place;
    } bad[] = {
        {"3", "", "metrics[0]"},
        {"{\"status\": \"ok\", \"value\": 1}", "", "metrics[0].id"},
        {"{\"id\": \"x\", \"value\": 1}", "", "metrics[0].status"},
        {"{\"id\": \"x\", \"status\": \"fine\", \"value\": 1}", "", ".status"},
        {"{\"id\": \"x\", \"status\": \"ok\"}", "", ".value"},
        {"{\"id\": \"x\", \"status\": \"ok\", \"value\": null}", "", ".value"},
        {"{\"id\": \"x\", \"status\": \"ok\", \"value\": \"1\"}", "", ".value"},
        {"{\"id\": \"x\", \"status\": \"skipped\"}", "", ".reason"},
        {"{\"id\": \"x\\u0000y\", \"status\": \"ok\", \"value\": 1}", "", "line 1"},
        {"{\"id\": \"x\", \"status\": \"ok\", \"value\": 1, \"ci\": [2, 1]}", "",
         ".ci"},
        {"{\"id\": \"x\", \"status\": \"ok\", \"value\": 1, \"ci\": [1]}", "",
         ".ci"},
        {"{\"id\": \"x\", \"status\": \"ok\", \"value\": 1, \"scope\": "
         "{\"columns\": [1]}}",
         "", "scope.columns"},
        {"", ", \"inputs\": {\"real\": {\"path\": \"p\", \"rows\": -1}}", "rows"},
        {"", ", \"inputs\": {\"real\": {}}", "inputs.real.path"},
        {"", ", \"series\": {\"s\": [1, \"2\"]}", "series.s"},
        {"", ", \"series\": {\"s\": 1}", "series.s"},
        {"", ", \"series\": []", "series"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        pv_findings *f = NULL;
        cr_assert_eq(parse(document(bad[i].metric, bad[i].more), &f),
                     PV_EFORMAT, "case %zu", i);
        cr_assert_null(f);
        cr_assert_not_null(strstr(err.message, bad[i].place), "%zu: %s", i,
                           err.message);
    }
}

Test(findings_read, other_documents_are_refused)
{
    static const char *const bad[] = {
        "", "[]", "{}", "{\"schema\": \"privet/findings/2\"}",
        "{\"schema\": \"privet/findings/1\"}",
        "{\"schema\": \"privet/findings/1\", \"tool\": {\"name\": \"t\", "
        "\"command\": \"c\"}}",
        "{\"a\": 1, \"a\": 1}", "{\"schema\": 1e999}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        pv_findings *f = NULL;
        cr_assert_eq(parse(bad[i], &f), PV_EFORMAT, "%s", bad[i]);
        cr_assert_null(f);
    }
}
