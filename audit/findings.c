#include "audit/findings_internal.h"

#include "core/memory.h"

#include <config.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct option {
    const char *name, *value;
} option;

enum { most_options = 32 };

struct pv_findings {
    char *tool, *command, *version;
    size_t inputs, metrics, options, input_room, metric_room;
    pv_input *input;
    option option[most_options];
    pv_metric *metric;
    json_t *series; /* NULL: none */
};

static const char no_memory_for[] = "the findings";

/* --- building ------------------------------------------------------------- */

pv_status pv_findings_new(const char *tool, const char *command,
                          pv_findings **findings, pv_error *err)
{
    pv_findings *f = pv_array_calloc(1, sizeof *f);
    if (f == NULL)
        return pv_fail_memory(err, no_memory_for);
    f->tool = pv_strdup(tool);
    f->command = pv_strdup(command);
    f->version = pv_strdup(PV_VERSION);
    if (f->tool == NULL || f->command == NULL || f->version == NULL) {
        pv_findings_free(f);
        return pv_fail_memory(err, no_memory_for);
    }
    *findings = f;
    return PV_OK;
}

/* The copies of a metric are the findings' own: const is only for readers. */
static void free_text(const char *text)
{
    free((void *)(uintptr_t)text);
}

static void free_metric(pv_metric *m)
{
    for (size_t i = 0; m->scope.column != NULL && i < m->scope.columns; i++)
        free_text(m->scope.column[i]);
    free((void *)(uintptr_t)m->scope.column);
    free_text(m->scope.rule);
    free_text(m->scope.table);
    free_text(m->scope.attack);
    free_text(m->reason);
    free_text(m->id);
}

void pv_findings_free(pv_findings *findings)
{
    if (findings == NULL)
        return;
    for (size_t i = 0; i < findings->inputs; i++) {
        free_text(findings->input[i].role);
        free_text(findings->input[i].path);
    }
    for (size_t i = 0; i < findings->options; i++) {
        free_text(findings->option[i].name);
        free_text(findings->option[i].value);
    }
    for (size_t i = 0; i < findings->metrics; i++)
        free_metric(&findings->metric[i]);
    json_decref(findings->series);
    free(findings->input);
    free(findings->metric);
    free(findings->tool);
    free(findings->command);
    free(findings->version);
    free(findings);
}

static pv_status make_room(void **list, size_t count, size_t *room, size_t size,
                           pv_error *err)
{
    if (count < *room)
        return PV_OK;
    const size_t more = *room == 0 ? 32 : 2 * *room;
    void *grown = pv_array_realloc(*list, more, size);
    if (grown == NULL)
        return pv_fail_memory(err, no_memory_for);
    *list = grown;
    *room = more;
    return PV_OK;
}

pv_status pv_findings_add_input(pv_findings *findings, const char *role,
                                const char *path, int64_t rows, int64_t columns,
                                pv_error *err)
{
    void *list = findings->input;
    const pv_status status =
        make_room(&list, findings->inputs, &findings->input_room,
                  sizeof *findings->input, err);
    findings->input = list;
    if (status != PV_OK)
        return status;
    const pv_input added = {pv_strdup(role), pv_strdup(path), rows, columns};
    if (added.role == NULL || added.path == NULL) {
        free_text(added.role);
        free_text(added.path);
        return pv_fail_memory(err, no_memory_for);
    }
    findings->input[findings->inputs++] = added;
    return PV_OK;
}

pv_status pv_findings_add_option(pv_findings *findings, const char *name,
                                 const char *value, pv_error *err)
{
    if (findings->options == most_options)
        return pv_fail(err, PV_EINVAL, "too many options in the findings");
    const option added = {pv_strdup(name), pv_strdup(value)};
    if (added.name == NULL || added.value == NULL) {
        free_text(added.name);
        free_text(added.value);
        return pv_fail_memory(err, no_memory_for);
    }
    findings->option[findings->options++] = added;
    return PV_OK;
}

const char *pv_findings_option(const pv_findings *findings, const char *name)
{
    for (size_t i = 0; i < findings->options; i++)
        if (strcmp(findings->option[i].name, name) == 0)
            return findings->option[i].value;
    return NULL;
}

const pv_input *pv_findings_input(const pv_findings *findings, const char *role)
{
    for (size_t i = 0; i < findings->inputs; i++)
        if (strcmp(findings->input[i].role, role) == 0)
            return &findings->input[i];
    return NULL;
}

/* *copy = text, NULL staying NULL; false on short memory. */
static bool copy_text(const char *text, const char **copy)
{
    *copy = text == NULL ? NULL : pv_strdup(text);
    return text == NULL || *copy != NULL;
}

static bool copy_scope(const pv_scope *from, pv_scope *to)
{
    *to = (pv_scope){0};
    const char **names = pv_array_calloc(from->columns, sizeof *names);
    if (names == NULL)
        return false;
    to->column = names;
    to->columns = from->columns;
    for (size_t i = 0; i < from->columns; i++)
        if (!copy_text(from->column[i], &names[i]))
            return false;
    return copy_text(from->rule, &to->rule) &&
           copy_text(from->table, &to->table) &&
           copy_text(from->attack, &to->attack);
}

pv_status pv_findings_add(pv_findings *findings, const pv_metric *metric,
                          pv_error *err)
{
    pv_metric m = *metric;
    if (m.status != PV_METRIC_OK && m.reason == NULL)
        return pv_fail(err, PV_EINVAL, "metric %s has no value and no reason",
                       m.id);
    if (m.status == PV_METRIC_OK &&
        (!isfinite(m.value) ||
         (m.has_ci && !(isfinite(m.ci[0]) && isfinite(m.ci[1]))))) {
        m.status = PV_METRIC_ERROR;
        m.reason = "the result is not a finite number";
    }
    if (m.status != PV_METRIC_OK) {
        m.value = NAN;
        m.has_ci = false;
    }
    void *list = findings->metric;
    const pv_status status = make_room(&list, findings->metrics,
                                       &findings->metric_room, sizeof m, err);
    findings->metric = list;
    if (status != PV_OK)
        return status;
    pv_metric copy = m;
    copy.id = copy.reason = NULL;
    if (!copy_scope(&m.scope, &copy.scope) || !copy_text(m.id, &copy.id) ||
        !copy_text(m.reason, &copy.reason)) {
        free_metric(&copy);
        return pv_fail_memory(err, no_memory_for);
    }
    findings->metric[findings->metrics++] = copy;
    return PV_OK;
}

size_t pv_findings_count(const pv_findings *findings)
{
    return findings->metrics;
}

const pv_metric *pv_findings_metric(const pv_findings *findings, size_t i)
{
    PV_CHECK(i < findings->metrics);
    return &findings->metric[i];
}

const pv_metric *pv_findings_find(const pv_findings *findings, const char *id)
{
    for (size_t i = 0; i < findings->metrics; i++)
        if (strcmp(findings->metric[i].id, id) == 0)
            return &findings->metric[i];
    return NULL;
}

pv_status pv_findings_add_series(pv_findings *findings, const char *name,
                                 const double *value, size_t count,
                                 pv_error *err)
{
    json_t *list = json_array();
    bool added = list != NULL;
    for (size_t i = 0; added && i < count; i++) {
        if (!isfinite(value[i])) {
            json_decref(list);
            return pv_fail(err, PV_EINVAL, "%s: number %zu is not finite", name,
                           i);
        }
        added = json_array_append_new(list, json_real(value[i])) == 0;
    }
    if (findings->series == NULL)
        findings->series = json_object();
    if (!added) {
        json_decref(list);
        return pv_fail_memory(err, no_memory_for);
    }
    return json_object_set_new(findings->series, name, list) == 0
               ? PV_OK
               : pv_fail_memory(err, no_memory_for);
}

size_t pv_findings_series(const pv_findings *findings, const char *name,
                          double *value, size_t room)
{
    const json_t *list = json_object_get(findings->series, name);
    const size_t count = json_array_size(list);
    for (size_t i = 0; i < count && i < room; i++)
        value[i] = json_number_value(json_array_get(list, i));
    return count;
}

const char *pv_findings_series_at(const pv_findings *findings, size_t i)
{
    void *at = json_object_iter(findings->series);
    for (; at != NULL && i > 0; i--)
        at = json_object_iter_next(findings->series, at);
    return at != NULL ? json_object_iter_key(at) : NULL;
}

const char *pv_findings_tool(const pv_findings *findings)
{
    return findings->tool;
}

const char *pv_findings_command(const pv_findings *findings)
{
    return findings->command;
}

const char *pv_findings_version(const pv_findings *findings)
{
    return findings->version;
}

const char *pv_findings_option_at(const pv_findings *findings, size_t i,
                                  const char **value)
{
    if (i >= findings->options)
        return NULL;
    *value = findings->option[i].value;
    return findings->option[i].name;
}

const pv_input *pv_findings_input_at(const pv_findings *findings, size_t i)
{
    return i < findings->inputs ? &findings->input[i] : NULL;
}

pv_status pv_findings_set_version(pv_findings *findings, const char *version,
                                  pv_error *err)
{
    char *copy = pv_strdup(version);
    if (copy == NULL)
        return pv_fail_memory(err, no_memory_for);
    free(findings->version);
    findings->version = copy;
    return PV_OK;
}

/* --- JSON ----------------------------------------------------------------- */

/* A string, whatever its bytes: a path need not be UTF-8, JSON must be. */
static json_t *json_text(const char *text)
{
    if (text == NULL)
        return json_null();
    json_t *value = json_string(text);
    if (value != NULL)
        return value;
    char *ascii = pv_strdup(text);
    if (ascii == NULL)
        return NULL;
    for (char *c = ascii; *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    value = json_string(ascii);
    free(ascii);
    return value;
}

static json_t *json_number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* json_object_set_new frees `value` and fails when it is NULL, so a chain of
 * these fails as a whole when any part is short of memory. */
static bool set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

static json_t *json_scope(const pv_scope *scope)
{
    if (scope->columns == 0 && scope->rule == NULL && scope->table == NULL &&
        scope->attack == NULL)
        return json_null();
    json_t *object = json_object(), *columns = json_array();
    bool ok = object != NULL && columns != NULL;
    for (size_t i = 0; ok && i < scope->columns; i++)
        ok = json_array_append_new(columns, json_text(scope->column[i])) == 0;
    if (ok && scope->columns > 0)
        ok = json_object_set(object, "columns", columns) == 0;
    if (ok && scope->rule != NULL)
        ok = set(object, "rule", json_text(scope->rule));
    if (ok && scope->table != NULL)
        ok = set(object, "table", json_text(scope->table));
    if (ok && scope->attack != NULL)
        ok = set(object, "attack", json_text(scope->attack));
    json_decref(columns);
    if (ok)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *json_metric(const pv_metric *m)
{
    static const char *const status[] = {"ok", "skipped", "error"};
    json_t *object = json_object();
    json_t *ci =
        m->has_ci ? json_pack("[f,f]", m->ci[0], m->ci[1]) : json_null();
    const bool ok = set(object, "ci", ci) &&
                    set(object, "id", json_text(m->id)) &&
                    set(object, "value", json_number_or_null(m->value)) &&
                    set(object, "scope", json_scope(&m->scope)) &&
                    set(object, "status", json_text(status[m->status])) &&
                    set(object, "reason", json_text(m->reason));
    if (ok)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *json_inputs(const pv_findings *f)
{
    json_t *inputs = json_object();
    bool ok = inputs != NULL;
    for (size_t i = 0; ok && i < f->inputs; i++) {
        json_t *one = json_object();
        ok = set(one, "path", json_text(f->input[i].path));
        if (ok && f->input[i].rows >= 0)
            ok = set(one, "rows", json_integer(f->input[i].rows));
        if (ok && f->input[i].columns >= 0)
            ok = set(one, "columns", json_integer(f->input[i].columns));
        ok = set(inputs, f->input[i].role, one) && ok;
    }
    if (ok)
        return inputs;
    json_decref(inputs);
    return NULL;
}

static json_t *json_metrics(const pv_findings *f)
{
    json_t *metrics = json_array();
    for (size_t i = 0; metrics != NULL && i < f->metrics; i++)
        if (json_array_append_new(metrics, json_metric(&f->metric[i])) != 0) {
            json_decref(metrics);
            return NULL;
        }
    return metrics;
}

static json_t *json_tool(const pv_findings *f)
{
    json_t *tool = json_object(), *options = json_object();
    bool ok = set(tool, "name", json_text(f->tool)) &&
              set(tool, "version", json_text(f->version)) &&
              set(tool, "command", json_text(f->command));
    for (size_t i = 0; ok && i < f->options; i++)
        ok = set(options, f->option[i].name, json_text(f->option[i].value));
    ok = set(tool, "options", options) && ok;
    if (ok)
        return tool;
    json_decref(tool);
    return NULL;
}

json_t *pv_findings_object(const pv_findings *findings)
{
    json_t *root = json_object();
    bool ok = set(root, "schema", json_text("privet/findings/1")) &&
              set(root, "tool", json_tool(findings)) &&
              set(root, "inputs", json_inputs(findings)) &&
              set(root, "metrics", json_metrics(findings)) &&
              set(root, "verdicts", json_array());
    if (findings->series != NULL)
        ok = set(root, "series", json_incref(findings->series)) && ok;
    if (ok)
        return root;
    json_decref(root);
    return NULL;
}

pv_status pv_findings_json(const pv_findings *findings, char **text,
                           pv_error *err)
{
    json_t *root = pv_findings_object(findings);
    *text = root != NULL ? json_dumps(root, JSON_SORT_KEYS | JSON_INDENT(1) |
                                                JSON_REAL_PRECISION(17))
                         : NULL;
    json_decref(root);
    return *text != NULL ? PV_OK : pv_fail_memory(err, no_memory_for);
}
