#include "audit/report/criteria.h"

#include "core/atomicfile.h"
#include "core/memory.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { file_limit = 1 << 20, most_criteria = 1000, most_columns = 16 };

struct pv_criteria {
    json_t *root; /* owns the texts */
    pv_criterion *list;
    const char **columns; /* most_columns for each criterion */
    size_t count;
};

typedef struct place {
    const char *name;
    size_t i;
} place;

static pv_status wrong(const place *at, const char *member, const char *what,
                       pv_error *err)
{
    return pv_fail(err, PV_EFORMAT, "%s: criteria[%zu].%s %s", at->name, at->i,
                   member, what);
}

/* Refuses members of an object other than those named (NULL behind the last). */
static const char *unknown_member(const json_t *object,
                                  const char *const *known)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
        size_t i = 0;
        (void)value;
        while (known[i] != NULL && strcmp(known[i], key) != 0)
            i++;
        if (known[i] == NULL)
            return key;
    }
    return NULL;
}

static pv_status read_text(const place *at, const json_t *object,
                           const char *member, const char **text, pv_error *err)
{
    *text = json_string_value(json_object_get(object, member));
    return *text != NULL && **text != '\0'
               ? PV_OK
               : wrong(at, member, "is missing or no text", err);
}

/* The place of a text among `choices` ones; `otherwise` where it is absent and
 * that is not negative. */
static pv_status read_choice(const place *at, const json_t *object,
                             const char *member, const char *const *choice,
                             int choices, int otherwise, int *chosen,
                             pv_error *err)
{
    char what[96] = "must be one of";
    const json_t *value = json_object_get(object, member);
    const char *text = json_string_value(value);
    *chosen = otherwise;
    if (value == NULL && otherwise >= 0)
        return PV_OK;
    for (*chosen = 0; *chosen < choices; (*chosen)++) {
        if (text != NULL && strcmp(choice[*chosen], text) == 0)
            return PV_OK;
        const size_t used = strlen(what);
        (void)snprintf(what + used, sizeof what - used, " %s", choice[*chosen]);
    }
    return wrong(at, member, what, err);
}

static pv_status read_threshold(const place *at, const json_t *object,
                                pv_criterion *c, pv_error *err)
{
    const json_t *value = json_object_get(object, "threshold");
    c->threshold_metric = json_string_value(value);
    if (c->threshold_metric != NULL && *c->threshold_metric != '\0')
        return PV_OK;
    c->threshold_metric = NULL;
    if (!json_is_number(value))
        return wrong(at, "threshold", "must be a number, or a metric's id", err);
    c->threshold = json_number_value(value);
    return PV_OK;
}

static pv_status read_scope(const place *at, const json_t *object,
                            const char **columns, pv_criterion *c,
                            pv_error *err)
{
    static const char *const known[] = {"columns", "rule", "table", "attack",
                                        NULL};
    const json_t *scope = json_object_get(object, "scope");
    const json_t *names = json_object_get(scope, "columns");
    if (scope == NULL || json_is_null(scope))
        return PV_OK;
    if (!json_is_object(scope) || unknown_member(scope, known) != NULL ||
        (names != NULL && !json_is_array(names)) ||
        json_array_size(names) > most_columns)
        return wrong(at, "scope",
                     "must be an object of columns (a list), rule, table and "
                     "attack",
                     err);
    c->scope = (pv_scope){.columns = json_array_size(names),
                          .column = columns};
    for (size_t i = 0; i < c->scope.columns; i++)
        if ((columns[i] = json_string_value(json_array_get(names, i))) == NULL)
            return wrong(at, "scope.columns", "has something that is no name",
                         err);
    const char **const text[] = {&c->scope.rule, &c->scope.table,
                                 &c->scope.attack};
    for (int i = 0; i < 3; i++) {
        const json_t *value = json_object_get(scope, known[i + 1]);
        *text[i] = json_string_value(value);
        if (value != NULL && *text[i] == NULL)
            return wrong(at, "scope", "has something that is no text", err);
    }
    return PV_OK;
}

static pv_status read_one(const place *at, const json_t *object,
                          const char **columns, pv_criterion *c, pv_error *err)
{
    static const char *const known[] = {"id", "metric", "of", "scope", "op",
                                        "threshold", "severity", "basis", NULL};
    static const char *const op[] = {"<=", ">=", "<", ">", "=="};
    static const char *const of[] = {"value", "lower", "upper"};
    static const char *const severity[] = {"advisory", "mandatory"};
    pv_status status = PV_OK;
    int chosen;
    const char *unknown = json_is_object(object)
                              ? unknown_member(object, known)
                              : "this";
    if (unknown != NULL)
        return wrong(at, unknown, "is not a member of a criterion", err);
    PV_TRY(read_text(at, object, "id", &c->id, err));
    PV_TRY(read_text(at, object, "metric", &c->metric, err));
    PV_TRY(read_text(at, object, "basis", &c->basis, err));
    PV_TRY(read_choice(at, object, "op", op, 5, -1, &chosen, err));
    c->op = (pv_comparator)chosen;
    PV_TRY(read_choice(at, object, "of", of, 3, 0, &chosen, err));
    c->of = (pv_part)chosen;
    PV_TRY(read_choice(at, object, "severity", severity, 2, -1, &chosen, err));
    c->mandatory = chosen == 1;
    PV_TRY(read_threshold(at, object, c, err));
    PV_TRY(read_scope(at, object, columns, c, err));
out:
    return status;
}

static pv_status read_all(pv_criteria *c, const char *name, pv_error *err)
{
    const json_t *list = json_object_get(c->root, "criteria");
    place at = {.name = name};
    c->count = json_array_size(list);
    c->list = pv_array_calloc(c->count, sizeof *c->list);
    c->columns = pv_array_calloc(c->count, most_columns * sizeof *c->columns);
    if (c->list == NULL || c->columns == NULL)
        return pv_fail_memory(err, "the criteria");
    for (; at.i < c->count; at.i++) {
        const pv_status status =
            read_one(&at, json_array_get(list, at.i),
                     c->columns + at.i * most_columns, &c->list[at.i], err);
        if (status != PV_OK)
            return status;
        for (size_t j = 0; j < at.i; j++)
            if (strcmp(c->list[j].id, c->list[at.i].id) == 0)
                return wrong(&at, "id", "was there before", err);
    }
    return PV_OK;
}

static pv_status check_root(const json_t *root, const char *name, pv_error *err)
{
    static const char *const known[] = {"schema", "title", "criteria", NULL};
    const char *schema = json_string_value(json_object_get(root, "schema"));
    const json_t *title = json_object_get(root, "title");
    const json_t *list = json_object_get(root, "criteria");
    const char *unknown = unknown_member(root, known);
    if (schema == NULL || strcmp(schema, "privet/criteria/1") != 0)
        return pv_fail(err, PV_EFORMAT,
                       "%s: \"schema\" is not \"privet/criteria/1\"", name);
    if (unknown != NULL)
        return pv_fail(err, PV_EFORMAT, "%s: \"%s\" is not known here", name,
                       unknown);
    if (title != NULL && json_string_value(title) == NULL)
        return pv_fail(err, PV_EFORMAT, "%s: \"title\" is not a text", name);
    if (!json_is_array(list) || json_array_size(list) > most_criteria)
        return pv_fail(err, PV_EFORMAT,
                       "%s: \"criteria\" is not a list of at most %d", name,
                       most_criteria);
    return PV_OK;
}

pv_status pv_criteria_parse(const char *text, size_t size, const char *name,
                            pv_criteria **criteria, pv_error *err)
{
    pv_status status = PV_OK;
    json_error_t where;
    pv_criteria *c = pv_array_calloc(1, sizeof *c);
    if (c == NULL)
        return pv_fail_memory(err, "the criteria");
    c->root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);
    if (c->root == NULL) {
        status = pv_fail(err, PV_EFORMAT, "%s: line %d: not JSON: %s", name,
                         where.line, where.text);
        goto out;
    }
    PV_TRY(check_root(c->root, name, err));
    PV_TRY(read_all(c, name, err));
    *criteria = c;
    c = NULL;
out:
    pv_criteria_free(c);
    return status;
}

pv_status pv_criteria_read(const char *path, pv_criteria **criteria,
                           pv_error *err)
{
    unsigned char *text = NULL;
    size_t size = 0;
    pv_status status = pv_file_read(path, file_limit, &text, &size, err);
    if (status == PV_OK)
        status = pv_criteria_parse((const char *)text, size, path, criteria,
                                   err);
    free(text);
    return status;
}

void pv_criteria_free(pv_criteria *criteria)
{
    if (criteria == NULL)
        return;
    json_decref(criteria->root);
    free(criteria->list);
    free(criteria->columns);
    free(criteria);
}

const char *pv_criteria_title(const pv_criteria *criteria)
{
    const char *title =
        json_string_value(json_object_get(criteria->root, "title"));
    return title != NULL ? title : "criteria without a title";
}

size_t pv_criteria_count(const pv_criteria *criteria)
{
    return criteria->count;
}

const pv_criterion *pv_criteria_at(const pv_criteria *criteria, size_t i)
{
    PV_CHECK(i < criteria->count);
    return &criteria->list[i];
}
