/* A schema of fewer columns: the same JSON with the others declared ids, read
 * again. */
#include "io/schema.h"

#include "core/memory.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

typedef struct cut {
    const pv_schema *schema;
    const bool *keep;
} cut;

static bool is_left_out(const cut *c, const char *name)
{
    const ptrdiff_t column =
        name != NULL ? pv_schema_find(c->schema, name) : -1;
    return column >= 0 && !c->keep[column];
}

/* An id is declared and neither read nor compared. */
static int cut_fields(const cut *c, json_t *fields)
{
    size_t i;
    json_t *field;
    json_array_foreach(fields, i, field)
    {
        json_t *name = json_object_get(field, "name");
        if (is_left_out(c, json_string_value(name)) &&
            json_array_set_new(fields, i,
                               json_pack("{s:O, s:{s:s}}", "name", name,
                                         "privet", "role", "id")) != 0)
            return -1;
    }
    return 0;
}

/* Takes columns that are left out from a rule's conclusions; whether there is a
 * rule left. */
static bool cut_rule(const cut *c, json_t *rule)
{
    const char *name;
    json_t *value;
    void *next;
    json_t *never = json_object_get(rule, "never");
    json_object_foreach(json_object_get(rule, "when"), name, value)
    {
        if (is_left_out(c, name))
            return false;
    }
    json_object_foreach_safe(never, next, name, value)
    {
        if (is_left_out(c, name))
            (void)json_object_del(never, name);
    }
    return json_object_size(never) > 0;
}

static bool cut_function(const cut *c, json_t *function)
{
    return !is_left_out(c, json_string_value(json_object_get(function, "of"))) &&
           !is_left_out(c,
                        json_string_value(json_object_get(function, "gives")));
}

static void cut_list(const cut *c, json_t *list,
                     bool (*is_left)(const cut *c, json_t *entry))
{
    for (size_t i = json_array_size(list); i-- > 0;)
        if (!is_left(c, json_array_get(list, i)))
            (void)json_array_remove(list, i);
}

pv_status pv_schema_part(const pv_schema *schema, const bool *keep,
                         pv_schema **part, pv_error *err)
{
    const cut c = {schema, keep};
    char *text = NULL;
    json_t *root = json_loads(pv_schema_json(schema), 0, NULL);
    json_t *rules = json_object_get(root, "privet");
    cut_list(&c, json_object_get(rules, "zeros"), cut_rule);
    cut_list(&c, json_object_get(rules, "functions"), cut_function);
    if (cut_fields(&c, json_object_get(root, "fields")) == 0)
        text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    const pv_status status =
        text == NULL ? pv_fail_memory(err, "a schema")
                     : pv_schema_parse(text, strlen(text), "part of the schema",
                                       part, err);
    free(text);
    return status;
}
