/* A file of queries: the file, and its groups. */
#include "marginals/queries_file.h"

#include "core/atomicfile.h"
#include "core/memory.h"
#include "marginals/workload_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    file_limit = 1 << 24,
    most_boxes = 4096 /* of a group: its bound looks at all pairs */
};

#define FORM "privet/queries/1"

pv_status pv_file_fail(const pv_query_file *f, pv_error *err, const char *fmt,
                       ...)
{
    char text[1536];
    va_list arguments;
    va_start(arguments, fmt);
    (void)vsnprintf(text, sizeof text, fmt, arguments);
    va_end(arguments);
    return pv_fail(err, PV_EFORMAT, "%s: %s: %s", f->path, f->where, text);
}

pv_status pv_file_keys(const pv_query_file *f, json_t *object,
                       const char *const *known, pv_error *err)
{
    const char *key;
    json_t *value;
    char list[256];
    size_t used = 0;
    for (size_t i = 0; known[i] != NULL && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                 i == 0 ? "" : ", ", known[i]);
    json_object_foreach(object, key, value)
    {
        size_t i = 0;
        while (known[i] != NULL && strcmp(known[i], key) != 0)
            i++;
        if (known[i] == NULL)
            return pv_file_fail(f, err,
                                "\"%.64s\" is no key of it; there are %s", key,
                                list);
    }
    return PV_OK;
}

/* --- columns --------------------------------------------------------------- */

pv_status pv_file_column(const pv_query_file *f, const char *name,
                         uint32_t *column, pv_error *err)
{
    const pv_schema *schema = f->q->schema;
    const ptrdiff_t found = pv_schema_find(schema, name);
    char known[1024];
    if (found < 0) {
        pv_workload_columns_text(schema, known, sizeof known);
        return pv_file_fail(f, err,
                            "it names the column \"%.64s\", which the schema "
                            "does not have; it has %s",
                            name, known);
    }
    *column = (uint32_t)found;
    const uint32_t root = pv_schema_root(schema, *column);
    if (root != *column)
        return pv_file_fail(f, err,
                            "\"%s\" follows from \"%s\": ask about that", name,
                            pv_schema_column(schema, root)->name);
    return PV_OK;
}

pv_status pv_file_columns(const pv_query_file *f, json_t *object, pv_error *err)
{
    pv_status status = PV_OK;
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        uint32_t column;
        PV_TRY(pv_file_column(f, key, &column, err));
    }
out:
    return status;
}

pv_status pv_file_label(const pv_query_file *f, uint32_t column,
                        const char *label, uint32_t *code, pv_error *err)
{
    const pv_column *c = pv_schema_column(f->q->schema, column);
    char known[768] = "";
    size_t used = 0;
    *code = pv_column_find_label(f->q->schema, column, label, strlen(label));
    if (*code != PV_NO_LEVEL)
        return PV_OK;
    for (uint32_t i = 0; i < c->levels - c->missing && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s\"%s\"",
                                 i == 0 ? "" : ", ", c->labels[i]);
    return pv_file_fail(f, err,
                        "column \"%s\" has no label \"%.64s\"; it has %s%s",
                        c->name, label, known,
                        used >= sizeof known ? "..." : "");
}

/* The column that a group's answers are crossed with. */
static pv_status read_cross(const pv_query_file *f, json_t *entry,
                            pv_group *group, pv_error *err)
{
    pv_status status = PV_OK;
    uint32_t column;
    const json_t *cross = json_object_get(entry, "cross");
    group->cross = -1;
    group->crossed = 1;
    if (cross == NULL)
        return PV_OK;
    if (!json_is_string(cross))
        return pv_file_fail(f, err, "\"cross\" is not the name of a column");
    PV_TRY(pv_file_column(f, json_string_value(cross), &column, err));
    if (pv_schema_column(f->q->schema, column)->kind == PV_COLUMN_BINS)
        return pv_file_fail(f, err,
                            "\"cross\" is the column \"%s\", which has bins; "
                            "cross with labels or integers, or write a "
                            "condition for each of its parts",
                            pv_schema_column(f->q->schema, column)->name);
    group->cross = (ptrdiff_t)column;
    group->crossed = pv_schema_column(f->q->schema, column)->levels;
out:
    return status;
}

/* --- groups ---------------------------------------------------------------- */

static pv_status read_boxes(pv_query_file *f, json_t *entry, pv_group *group,
                            pv_error *err)
{
    pv_status status = PV_OK;
    json_t *list = json_object_get(entry, "queries"), *query;
    char group_text[PV_WHERE_ROOM];
    const size_t n = json_array_size(list);
    size_t i;
    pv_box *box = NULL;
    memcpy(group_text, f->where, sizeof group_text);
    if (!json_is_array(list) || n == 0 || n > most_boxes)
        return pv_file_fail(f, err,
                            "\"queries\" is not a list of 1 to %d queries, "
                            "{COLUMN: CONDITION, ...}",
                            most_boxes);
    PV_TRY(read_cross(f, entry, group, err));
    if (f->making) {
        PV_TRY(pv_queries_room(f->q, n, err));
        box = pv_queries_alloc(f->q, n, sizeof *box);
        if (box == NULL)
            return pv_fail_memory(err, "queries");
    }
    json_array_foreach(list, i, query)
    {
        (void)snprintf(f->where, sizeof f->where, "%.128s, query %zu",
                       group_text, i + 1);
        PV_TRY(pv_file_box(f, query, f->making ? &box[i] : NULL, err));
    }
    group->kind = PV_GROUP_BOXES;
    group->boxes = n;
    group->box = box;
    if (f->making)
        PV_TRY(pv_boxes_most(f->q, box, n, &group->most, err));
out:
    return status;
}

static pv_status read_plane(pv_query_file *f, json_t *entry, pv_group *group,
                            pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(read_cross(f, entry, group, err));
    PV_TRY(pv_file_plane(f, entry, group, err));
out:
    return status;
}

static pv_status read_grid(pv_query_file *f, json_t *entry, pv_group *group,
                           pv_error *err)
{
    group->cross = -1;
    group->crossed = 1;
    return pv_file_grid(f, entry, group, err);
}

static const struct {
    const char *key;
    const char *known[5];
    pv_status (*read)(pv_query_file *f, json_t *entry, pv_group *group,
                      pv_error *err);
} kinds[] = {{"queries", {"name", "queries", "cross", NULL}, read_boxes},
             {"plane", {"name", "plane", "above", "cross", NULL}, read_plane},
             {"grid", {"name", "grid", NULL}, read_grid}};

static pv_status read_group(pv_query_file *f, json_t *entry, size_t number,
                            pv_error *err)
{
    pv_status status = PV_OK;
    pv_group group = {0};
    const json_t *json = json_object_get(entry, "name");
    const char *name = json_string_value(json);
    size_t k = 0;
    (void)snprintf(f->where, sizeof f->where, "group %zu", number);
    if (json != NULL && name == NULL)
        return pv_file_fail(f, err, "\"name\" is not a text");
    if (name != NULL)
        (void)snprintf(f->where, sizeof f->where, "group %zu (\"%.64s\")",
                       number, name);
    while (k < 3 && json_object_get(entry, kinds[k].key) == NULL)
        k++;
    if (k == 3)
        return pv_file_fail(f, err,
                            "it asks nothing; write \"queries\", \"plane\" or "
                            "\"grid\"");
    PV_TRY(pv_file_keys(f, entry, kinds[k].known, err));
    char *text = name != NULL ? pv_queries_text(f->q, "%s", name)
                              : pv_queries_text(f->q, "group %zu", number);
    PV_TRY(kinds[k].read(f, entry, &group, err));
    if (f->making)
        PV_TRY(pv_queries_add(f->q, &group, text, err));
out:
    return status;
}

static pv_status walk(pv_query_file *f, json_t *root, pv_error *err)
{
    static const char *const known[] = {"schema", "groups", NULL};
    pv_status status = PV_OK;
    size_t i;
    json_t *entry, *groups = json_object_get(root, "groups");
    const char *form = json_string_value(json_object_get(root, "schema"));
    (void)snprintf(f->where, sizeof f->where, "the file");
    if (form == NULL || strcmp(form, FORM) != 0)
        return pv_file_fail(f, err,
                            "it is no file of queries; write {\"schema\": "
                            "\"" FORM "\", \"groups\": [...]}");
    PV_TRY(pv_file_keys(f, root, known, err));
    if (!json_is_array(groups) || json_array_size(groups) == 0)
        return pv_file_fail(f, err, "\"groups\" is not a list of groups");
    json_array_foreach(groups, i, entry)
        PV_TRY(read_group(f, entry, i + 1, err));
out:
    return status;
}

pv_status pv_file_limits(pv_queries *q, pv_family *family, pv_error *err)
{
    pv_status status = PV_OK;
    unsigned char *text = NULL;
    size_t size;
    json_error_t where;
    pv_query_file f = {.q = q, .path = family->text};
    PV_TRY(pv_file_read(f.path, file_limit, &text, &size, err));
    family->file = json_loadb((const char *)text, size, JSON_REJECT_DUPLICATES,
                              &where);
    if (family->file == NULL) {
        status = pv_fail(err, PV_EFORMAT, "%s:%d:%d: %s", f.path, where.line,
                         where.column, where.text);
        goto out;
    }
    PV_TRY(walk(&f, family->file, err));
out:
    free(text);
    return status;
}

pv_status pv_file_add(pv_queries *q, const pv_family *family, pv_error *err)
{
    pv_query_file f = {.q = q, .path = family->text, .making = true};
    return walk(&f, family->file, err);
}
