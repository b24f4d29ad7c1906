#include "audit/findings.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static pv_findings *findings;
static pv_error err;

static void open_findings(void)
{
    cr_assert_eq(pv_findings_new("privet-audit", "fidelity", &findings, &err),
                 PV_OK);
}

static void close_findings(void)
{
    pv_findings_free(findings);
}

TestSuite(findings, .init = open_findings, .fini = close_findings);

static void add(const pv_metric *metric)
{
    cr_assert_eq(pv_findings_add(findings, metric, &err), PV_OK, "%s",
                 err.message);
}

static json_t *parse(void)
{
    char *text = NULL;
    json_error_t where;
    cr_assert_eq(pv_findings_json(findings, &text, &err), PV_OK);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &where);
    cr_assert_not_null(root, "%s", where.text);
    free(text);
    return root;
}

static const json_t *metric_at(const json_t *root, size_t i)
{
    return json_array_get(json_object_get(root, "metrics"), i);
}

Test(findings, the_empty_document)
{
    json_t *root = parse();
    cr_assert_str_eq(json_string_value(json_object_get(root, "schema")),
                     "privet/findings/1");
    const json_t *tool = json_object_get(root, "tool");
    cr_assert_str_eq(json_string_value(json_object_get(tool, "name")),
                     "privet-audit");
    cr_assert_str_eq(json_string_value(json_object_get(tool, "command")),
                     "fidelity");
    cr_assert(json_is_string(json_object_get(tool, "version")));
    cr_assert_eq(json_array_size(json_object_get(root, "metrics")), 0);
    cr_assert(json_is_array(json_object_get(root, "verdicts")));
    cr_assert(json_is_object(json_object_get(root, "inputs")));
    json_decref(root);
}

Test(findings, doubles_come_back_bit_for_bit)
{
    const double value[] = {0.1, 1.0 / 3.0, 5e-324, 1.7976931348623157e308,
                            0.0, 48842.0,   2e-5};
    for (size_t i = 0; i < 7; i++)
        add(&(pv_metric){.id = "x", .value = value[i]});
    json_t *root = parse();
    for (size_t i = 0; i < 7; i++) {
        const json_t *m = metric_at(root, i);
        cr_assert_eq(json_number_value(json_object_get(m, "value")), value[i]);
        cr_assert(json_is_null(json_object_get(m, "ci")));
        cr_assert(json_is_null(json_object_get(m, "scope")));
        cr_assert(json_is_null(json_object_get(m, "reason")));
        cr_assert_str_eq(json_string_value(json_object_get(m, "status")), "ok");
    }
    json_decref(root);
}

Test(findings, what_is_not_finite_is_null_with_a_reason)
{
    add(&(pv_metric){.id = "a", .value = NAN});
    add(&(pv_metric){.id = "b", .value = INFINITY});
    add(&(pv_metric){
        .id = "c", .value = 1, .has_ci = true, .ci = {0, INFINITY}});
    json_t *root = parse();
    for (size_t i = 0; i < 3; i++) {
        const json_t *m = metric_at(root, i);
        cr_assert(json_is_null(json_object_get(m, "value")));
        cr_assert(json_is_null(json_object_get(m, "ci")));
        cr_assert_str_eq(json_string_value(json_object_get(m, "status")),
                         "error");
        cr_assert(json_is_string(json_object_get(m, "reason")));
    }
    json_decref(root);
}

Test(findings, skipped_needs_a_reason)
{
    const pv_metric silent = {.id = "a", .status = PV_METRIC_SKIPPED};
    cr_assert_eq(pv_findings_add(findings, &silent, &err), PV_EINVAL);
    add(&(pv_metric){.id = "a",
                     .value = 3,
                     .status = PV_METRIC_SKIPPED,
                     .reason = "too few columns"});
    cr_assert(isnan(pv_findings_metric(findings, 0)->value));
    json_t *root = parse();
    const json_t *m = metric_at(root, 0);
    cr_assert(json_is_null(json_object_get(m, "value")));
    cr_assert_str_eq(json_string_value(json_object_get(m, "reason")),
                     "too few columns");
    json_decref(root);
}

Test(findings, scope_interval_and_inputs)
{
    const char *names[] = {"a\"b", "\xc3\xa9"};
    add(&(pv_metric){
        .id = "x",
        .value = 0.5,
        .has_ci = true,
        .ci = {0.25, 0.75},
        .scope = {.columns = 2, .column = names, .rule = "never"}});
    names[0] = "changed"; /* the findings have a copy */
    cr_assert_eq(
        pv_findings_add_input(findings, "real", "odd\xff.csv", 7, 2, &err),
        PV_OK);
    cr_assert_eq(
        pv_findings_add_input(findings, "schema", "s.json", -1, 2, &err),
        PV_OK);
    json_t *root = parse();
    const json_t *m = metric_at(root, 0), *scope = json_object_get(m, "scope");
    const json_t *columns = json_object_get(scope, "columns");
    cr_assert_str_eq(json_string_value(json_array_get(columns, 0)), "a\"b");
    cr_assert_str_eq(json_string_value(json_array_get(columns, 1)), "\xc3\xa9");
    cr_assert_str_eq(json_string_value(json_object_get(scope, "rule")),
                     "never");
    cr_assert_null(json_object_get(scope, "table"));
    cr_assert_eq(json_real_value(json_array_get(json_object_get(m, "ci"), 1)),
                 0.75);
    const json_t *inputs = json_object_get(root, "inputs");
    const json_t *real = json_object_get(inputs, "real");
    cr_assert_str_eq(json_string_value(json_object_get(real, "path")),
                     "odd?.csv");
    cr_assert_eq(json_integer_value(json_object_get(real, "rows")), 7);
    cr_assert_null(json_object_get(json_object_get(inputs, "schema"), "rows"));
    json_decref(root);
}

Test(findings, equal_findings_give_equal_bytes)
{
    char *once, *again;
    for (int i = 0; i < 100; i++)
        add(&(pv_metric){.id = "x", .value = i / 7.0});
    cr_assert_eq(pv_findings_count(findings), 100);
    cr_assert_eq(pv_findings_json(findings, &once, &err), PV_OK);
    cr_assert_eq(pv_findings_json(findings, &again, &err), PV_OK);
    cr_assert_str_eq(once, again);
    free(once);
    free(again);
}

Test(findings, options_are_noted)
{
    cr_assert_eq(pv_findings_add_option(findings, "binning", "nist", &err),
                 PV_OK);
    cr_assert_str_eq(pv_findings_option(findings, "binning"), "nist");
    cr_assert_null(pv_findings_option(findings, "group"));
    json_t *root = parse();
    const json_t *options =
        json_object_get(json_object_get(root, "tool"), "options");
    cr_assert_str_eq(json_string_value(json_object_get(options, "binning")),
                     "nist");
    json_decref(root);
}

Test(findings, found_by_id_and_role)
{
    add(&(pv_metric){.id = "x", .value = 1});
    add(&(pv_metric){.id = "y", .value = 2});
    cr_assert_eq(pv_findings_find(findings, "y")->value, 2.0);
    cr_assert_null(pv_findings_find(findings, "z"));
    cr_assert_null(pv_findings_input(findings, "real"));
}
