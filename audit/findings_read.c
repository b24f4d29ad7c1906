#include "audit/findings.h"

#include "core/atomicfile.h"
#include "core/memory.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    file_limit = 1 << 28,
    text_limit = 1 << 16, /* bytes of one string */
    metric_limit = 1 << 21,
    column_limit = 64, /* of one scope */
    series_limit = 1 << 24 /* numbers of one series */
};

/* Where a reader is, for messages: "<name>: metrics[3].ci". */
typedef struct reader {
    const char *name;
    pv_findings *findings;
    char place[96];
} reader;

static pv_status wrong(const reader *r, const char *member, const char *what,
                       pv_error *err)
{
    return pv_fail(err, PV_EFORMAT, "%s: %s%s%s: %s; are these findings of "
                                    "privet-audit?",
                   r->name, r->place, *r->place != '\0' ? "." : "", member,
                   what);
}

/* A text member, NULL where it is absent or null. (The parser lets no text with a
 * 0 inside pass.) */
static pv_status optional_text(const reader *r, const json_t *object,
                               const char *member, const char **text,
                               pv_error *err)
{
    const json_t *value = json_object_get(object, member);
    *text = NULL;
    if (value == NULL || json_is_null(value))
        return PV_OK;
    if (!json_is_string(value))
        return wrong(r, member, "is not a text", err);
    if (json_string_length(value) > text_limit)
        return wrong(r, member, "is too long", err);
    *text = json_string_value(value);
    return PV_OK;
}

static pv_status text_of(const reader *r, const json_t *object,
                         const char *member, const char **text, pv_error *err)
{
    const pv_status status = optional_text(r, object, member, text, err);
    if (status == PV_OK && *text == NULL)
        return wrong(r, member, "is missing", err);
    return status;
}

static pv_status member_of(const reader *r, const json_t *object,
                           const char *member, json_type type, bool needed,
                           const json_t **value, pv_error *err)
{
    *value = json_object_get(object, member);
    if (*value == NULL || json_is_null(*value)) {
        *value = NULL;
        return needed ? wrong(r, member, "is missing", err) : PV_OK;
    }
    if (json_typeof(*value) != type)
        return wrong(r, member,
                     type == JSON_ARRAY ? "is not a list" : "is not an object",
                     err);
    return PV_OK;
}

static pv_status read_options(reader *r, const json_t *options, pv_error *err)
{
    const char *key, *text;
    json_t *value;
    pv_status status = PV_OK;
    (void)snprintf(r->place, sizeof r->place, "tool.options");
    json_object_foreach ((json_t *)(uintptr_t)options, key, value) {
        (void)value;
        PV_TRY(text_of(r, options, key, &text, err));
        PV_TRY(pv_findings_add_option(r->findings, key, text, err));
    }
out:
    return status;
}

static pv_status read_tool(reader *r, const json_t *root, pv_error *err)
{
    const json_t *tool, *options;
    const char *name, *command, *version;
    pv_status status = PV_OK;
    PV_TRY(member_of(r, root, "tool", JSON_OBJECT, true, &tool, err));
    (void)snprintf(r->place, sizeof r->place, "tool");
    PV_TRY(text_of(r, tool, "name", &name, err));
    PV_TRY(text_of(r, tool, "command", &command, err));
    PV_TRY(optional_text(r, tool, "version", &version, err));
    PV_TRY(pv_findings_new(name, command, &r->findings, err));
    PV_TRY(pv_findings_set_version(r->findings,
                                   version != NULL ? version : "unknown", err));
    PV_TRY(member_of(r, tool, "options", JSON_OBJECT, false, &options, err));
    PV_TRY(read_options(r, options, err));
out:
    return status;
}

static pv_status count_of(const reader *r, const json_t *object,
                          const char *member, int64_t *count, pv_error *err)
{
    const json_t *value = json_object_get(object, member);
    *count = -1;
    if (value == NULL || json_is_null(value))
        return PV_OK;
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return wrong(r, member, "is not a count", err);
    *count = (int64_t)json_integer_value(value);
    return PV_OK;
}

static pv_status read_inputs(reader *r, const json_t *root, pv_error *err)
{
    const json_t *inputs;
    const char *role, *path;
    json_t *value;
    int64_t rows, columns;
    pv_status status = PV_OK;
    *r->place = '\0';
    PV_TRY(member_of(r, root, "inputs", JSON_OBJECT, false, &inputs, err));
    json_object_foreach ((json_t *)(uintptr_t)inputs, role, value) {
        (void)snprintf(r->place, sizeof r->place, "inputs.%.40s", role);
        PV_TRY(text_of(r, value, "path", &path, err));
        PV_TRY(count_of(r, value, "rows", &rows, err));
        PV_TRY(count_of(r, value, "columns", &columns, err));
        PV_TRY(pv_findings_add_input(r->findings, role, path, rows, columns,
                                     err));
    }
out:
    return status;
}

static pv_status read_scope(reader *r, const json_t *metric,
                            const char **column, pv_scope *scope, pv_error *err)
{
    const json_t *object, *columns;
    pv_status status = PV_OK;
    *scope = (pv_scope){.column = column};
    PV_TRY(member_of(r, metric, "scope", JSON_OBJECT, false, &object, err));
    PV_TRY(optional_text(r, object, "rule", &scope->rule, err));
    PV_TRY(optional_text(r, object, "table", &scope->table, err));
    PV_TRY(optional_text(r, object, "attack", &scope->attack, err));
    PV_TRY(member_of(r, object, "columns", JSON_ARRAY, false, &columns, err));
    scope->columns = json_array_size(columns);
    if (scope->columns > column_limit)
        return wrong(r, "scope.columns", "has too many names", err);
    for (size_t i = 0; i < scope->columns; i++) {
        column[i] = json_string_value(json_array_get(columns, i));
        if (column[i] == NULL)
            return wrong(r, "scope.columns", "has something that is no name",
                         err);
    }
out:
    return status;
}

static pv_status read_interval(const reader *r, const json_t *metric,
                               pv_metric *m, pv_error *err)
{
    const json_t *ci;
    const pv_status status =
        member_of(r, metric, "ci", JSON_ARRAY, false, &ci, err);
    if (status != PV_OK || ci == NULL)
        return status;
    const json_t *low = json_array_get(ci, 0), *high = json_array_get(ci, 1);
    if (json_array_size(ci) != 2 || !json_is_number(low) ||
        !json_is_number(high) ||
        !(json_number_value(low) <= json_number_value(high)))
        return wrong(r, "ci", "is not an interval", err);
    m->has_ci = true;
    m->ci[0] = json_number_value(low);
    m->ci[1] = json_number_value(high);
    return PV_OK;
}

static pv_status read_status(const reader *r, const json_t *metric,
                             pv_metric *m, pv_error *err)
{
    static const char *const name[] = {"ok", "skipped", "error"};
    const char *text;
    const pv_status status = text_of(r, metric, "status", &text, err);
    if (status != PV_OK)
        return status;
    for (int i = 0; i < 3; i++)
        if (strcmp(text, name[i]) == 0) {
            m->status = (pv_metric_status)i;
            return PV_OK;
        }
    return wrong(r, "status", "is none of ok, skipped and error", err);
}

static pv_status read_metric(reader *r, const json_t *metric, size_t i,
                             pv_error *err)
{
    const char *column[column_limit];
    const json_t *value = json_object_get(metric, "value");
    pv_metric m = {.value = NAN};
    pv_status status = PV_OK;
    (void)snprintf(r->place, sizeof r->place, "metrics[%zu]", i);
    if (!json_is_object(metric))
        return wrong(r, "", "is not an object", err);
    PV_TRY(text_of(r, metric, "id", &m.id, err));
    PV_TRY(read_status(r, metric, &m, err));
    PV_TRY(optional_text(r, metric, "reason", &m.reason, err));
    PV_TRY(read_scope(r, metric, column, &m.scope, err));
    if (m.status == PV_METRIC_OK) {
        if (!json_is_number(value))
            return wrong(r, "value", "is not a number, and the status is ok",
                         err);
        m.value = json_number_value(value);
        PV_TRY(read_interval(r, metric, &m, err));
    } else if (m.reason == NULL) {
        return wrong(r, "reason", "is missing", err);
    }
    PV_TRY(pv_findings_add(r->findings, &m, err));
out:
    return status;
}

static pv_status read_metrics(reader *r, const json_t *root, pv_error *err)
{
    const json_t *metrics, *metric;
    size_t i;
    pv_status status = PV_OK;
    *r->place = '\0';
    PV_TRY(member_of(r, root, "metrics", JSON_ARRAY, true, &metrics, err));
    if (json_array_size(metrics) > metric_limit)
        return wrong(r, "metrics", "are too many", err);
    json_array_foreach (metrics, i, metric)
        PV_TRY(read_metric(r, metric, i, err));
out:
    return status;
}

static pv_status read_one_series(reader *r, const char *name,
                                 const json_t *list, pv_error *err)
{
    const size_t count = json_array_size(list);
    if (!json_is_array(list) || count > series_limit)
        return wrong(r, name, "is not a list of numbers", err);
    double *value = pv_array_alloc(count, sizeof *value);
    if (value == NULL)
        return pv_fail_memory(err, "a series");
    pv_status status = PV_OK;
    for (size_t i = 0; i < count && status == PV_OK; i++) {
        const json_t *number = json_array_get(list, i);
        value[i] = json_number_value(number);
        if (!json_is_number(number))
            status = wrong(r, name, "is not a list of numbers", err);
    }
    if (status == PV_OK)
        status = pv_findings_add_series(r->findings, name, value, count, err);
    free(value);
    return status;
}

static pv_status read_series(reader *r, const json_t *root, pv_error *err)
{
    const json_t *series;
    const char *name;
    json_t *list;
    pv_status status = PV_OK;
    *r->place = '\0';
    PV_TRY(member_of(r, root, "series", JSON_OBJECT, false, &series, err));
    (void)snprintf(r->place, sizeof r->place, "series");
    json_object_foreach ((json_t *)(uintptr_t)series, name, list)
        PV_TRY(read_one_series(r, name, list, err));
out:
    return status;
}

pv_status pv_findings_parse(const char *text, size_t size, const char *name,
                            pv_findings **findings, pv_error *err)
{
    pv_status status = PV_OK;
    reader r = {.name = name};
    const char *schema;
    json_error_t where;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);
    if (root == NULL) {
        status = pv_fail(err, PV_EFORMAT, "%s: line %d: not JSON: %s", name,
                         where.line, where.text);
        goto out;
    }
    if (!json_is_object(root)) {
        status = pv_fail(err, PV_EFORMAT, "%s: not findings: no object", name);
        goto out;
    }
    PV_TRY(text_of(&r, root, "schema", &schema, err));
    if (strcmp(schema, "privet/findings/1") != 0) {
        status = wrong(&r, "schema", "is not privet/findings/1", err);
        goto out;
    }
    PV_TRY(read_tool(&r, root, err));
    PV_TRY(read_inputs(&r, root, err));
    PV_TRY(read_metrics(&r, root, err));
    PV_TRY(read_series(&r, root, err));
    *findings = r.findings;
    r.findings = NULL;
out:
    pv_findings_free(r.findings);
    json_decref(root);
    return status;
}

pv_status pv_findings_read(const char *path, pv_findings **findings,
                           pv_error *err)
{
    unsigned char *text = NULL;
    size_t size = 0;
    pv_status status = pv_file_read(path, file_limit, &text, &size, err);
    if (status == PV_OK)
        status = pv_findings_parse((const char *)text, size, path, findings,
                                   err);
    free(text);
    return status;
}
