#include "io/schema_internal.h"

#include "core/memory.h"
#include "io/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_UNIT_ROWS = 1000000 };

pv_status pv_field_fail(const pv_field *field, pv_error *err, const char *fmt,
                        ...)
{
    char text[1024], shown[PV_SHOWN_ROOM];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return pv_fail(err, PV_ESCHEMA, "%s: field %zu '%s': %s",
                   field->schema->file, field->number,
                   pv_shown(field->name, shown), text);
}

pv_status pv_schema_known_keys(const pv_schema *schema, const json_t *object,
                               const char *const *known, const char *where,
                               pv_error *err)
{
    const char *key;
    json_t *value;
    char shown[PV_SHOWN_ROOM], list[512] = "";
    /* jansson's iteration takes no const, and changes nothing */
    union {
        const json_t *in;
        json_t *out;
    } u = {object};
    json_object_foreach(u.out, key, value)
    {
        size_t i = 0, used = 0;
        while (known[i] != NULL && strcmp(known[i], key) != 0)
            i++;
        if (known[i] != NULL)
            continue;
        for (i = 0; known[i] != NULL && used < sizeof list; i++)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                     i > 0 ? ", " : "", known[i]);
        return pv_fail(err, PV_ESCHEMA,
                       "%s: %s: unknown key '%s'; the keys are %s",
                       schema->file, where, pv_shown(key, shown), list);
    }
    return PV_OK;
}

static pv_status parse_missing_values(pv_schema *schema, const json_t *list,
                                      pv_error *err)
{
    const size_t count = list != NULL ? json_array_size(list) : 1;
    if (list != NULL && (!json_is_array(list) || count == 0 || count > 64))
        return pv_fail(err, PV_ESCHEMA,
                       "%s: missingValues: write a list of 1 to 64 texts, "
                       "e.g. [\"\", \"NA\"]",
                       schema->file);
    schema->missing_value =
        pv_schema_own(schema, pv_array_calloc(count, sizeof(char *)));
    if (schema->missing_value == NULL)
        return pv_fail_memory(err, "a schema");
    for (size_t i = 0; i < count; i++) {
        const json_t *item = list != NULL ? json_array_get(list, i) : NULL;
        /* version 2 allows {"value", "label"} */
        if (json_is_object(item))
            item = json_object_get(item, "value");
        const char *text = list != NULL ? json_string_value(item) : "";
        double number;
        if (text == NULL || strlen(text) > PV_MAX_LABEL_BYTES)
            return pv_fail(err, PV_ESCHEMA,
                           "%s: missingValues: entry %zu is not a text (of at "
                           "most %d bytes); write it in quotes",
                           schema->file, i + 1, PV_MAX_LABEL_BYTES);
        schema->missing_value[i] = pv_schema_own_text(schema, text);
        if (schema->missing_value[i] == NULL)
            return pv_fail_memory(err, "a schema");
        schema->missing_values = i + 1;
        if (pv_number_parse(text, strlen(text), &number))
            schema->missing_looks_numeric = true;
    }
    return PV_OK;
}

static pv_status parse_unit(pv_schema *schema, const json_t *unit,
                            pv_error *err)
{
    static const char *const known[] = {"column", "max_rows", NULL};
    if (!json_is_object(unit))
        return pv_fail(err, PV_ESCHEMA,
                       "%s: privet.unit: write {\"column\": NAME, "
                       "\"max_rows\": K}",
                       schema->file);
    const pv_status status =
        pv_schema_known_keys(schema, unit, known, "privet.unit", err);
    if (status != PV_OK)
        return status;
    const char *name = json_string_value(json_object_get(unit, "column"));
    const json_t *rows = json_object_get(unit, "max_rows");
    if (name == NULL || name[0] == '\0')
        return pv_fail(err, PV_ESCHEMA,
                       "%s: privet.unit.column: write the name of the column "
                       "that says which person a row belongs to",
                       schema->file);
    if (!json_is_integer(rows) || json_integer_value(rows) < 1 ||
        json_integer_value(rows) > MAX_UNIT_ROWS)
        return pv_fail(err, PV_ESCHEMA,
                       "%s: privet.unit.max_rows: write how many rows of one "
                       "person are kept, a whole number from 1 to %d",
                       schema->file, MAX_UNIT_ROWS);
    schema->unit_rows = (uint32_t)json_integer_value(rows);
    schema->unit = pv_schema_own_text(schema, name);
    return schema->unit != NULL ? PV_OK : pv_fail_memory(err, "a schema");
}

/* True for a field that is declared and not modelled. */
static bool is_id(const pv_field *field)
{
    const char *role =
        json_string_value(json_object_get(field->privet, "role"));
    return (role != NULL && strcmp(role, "id") == 0) ||
           (field->schema->unit != NULL &&
            strcmp(field->schema->unit, field->name) == 0);
}

static pv_status open_field(pv_schema *schema, const json_t *json,
                            size_t number, pv_field *field, pv_error *err)
{
    *field = (pv_field){.schema = schema, .number = number, .name = "?"};
    if (!json_is_object(json))
        return pv_fail(err, PV_ESCHEMA,
                       "%s: field %zu: write an object, {\"name\": ..., "
                       "\"type\": ...}",
                       schema->file, number);
    const char *name = json_string_value(json_object_get(json, "name"));
    if (name == NULL || name[0] == '\0' || strlen(name) > PV_MAX_LABEL_BYTES)
        return pv_fail(err, PV_ESCHEMA,
                       "%s: field %zu: no \"name\" (a text of at most %d "
                       "bytes); write the column's name as in the header",
                       schema->file, number, PV_MAX_LABEL_BYTES);
    const json_t *type = json_object_get(json, "type");
    field->json = json;
    field->name = name;
    field->type = type == NULL ? "string" : json_string_value(type);
    field->constraints = json_object_get(json, "constraints");
    field->privet = json_object_get(json, "privet");
    if (field->type == NULL)
        return pv_field_fail(field, err,
                             "\"type\" is not a text; write \"string\", "
                             "\"integer\", \"number\" or \"boolean\"");
    if (field->constraints != NULL && !json_is_object(field->constraints))
        return pv_field_fail(field, err,
                             "\"constraints\" is not an object; write e.g. "
                             "{\"required\": true}");
    if (field->privet != NULL && !json_is_object(field->privet))
        return pv_field_fail(field, err,
                             "\"privet\" is not an object; write e.g. "
                             "{\"bins\": 32}");
    return PV_OK;
}

static pv_status add_id(pv_schema *schema, const pv_field *field, pv_error *err)
{
    const char *role =
        json_string_value(json_object_get(field->privet, "role"));
    if (json_object_size(field->privet) > 1 ||
        (json_object_size(field->privet) == 1 &&
         (role == NULL || strcmp(role, "id") != 0)))
        return pv_field_fail(field, err,
                             "an id or unit column is never released: its "
                             "\"privet\" can only be {\"role\": \"id\"}");
    schema->id[schema->ids] = pv_schema_own_text(schema, field->name);
    if (schema->id[schema->ids] == NULL)
        return pv_fail_memory(err, "a schema");
    schema->ids++;
    return PV_OK;
}

static pv_status add_field(pv_schema *schema, const json_t *json, size_t number,
                           pv_textmap *seen, pv_error *err)
{
    pv_status status = PV_OK;
    pv_field field;
    uint32_t held;
    PV_TRY(open_field(schema, json, number, &field, err));
    PV_TRY(pv_textmap_add(seen, field.name, strlen(field.name),
                          (uint32_t)number, &held, err));
    if (held != number) {
        status = pv_field_fail(&field, err,
                               "field %u has the same name; names must differ",
                               (unsigned)held);
        goto out;
    }
    if (is_id(&field)) {
        PV_TRY(add_id(schema, &field, err));
        goto out;
    }
    if (schema->columns == PV_MAX_COLUMNS) {
        status = pv_field_fail(&field, err,
                               "more than %d modelled columns; mark columns "
                               "that need no synthetic copy {\"privet\": "
                               "{\"role\": \"id\"}}",
                               PV_MAX_COLUMNS);
        goto out;
    }
    pv_column *column = &schema->column[schema->columns];
    const uint32_t index = (uint32_t)schema->columns++;
    column->name = pv_schema_own_text(schema, field.name);
    if (column->name == NULL) {
        status = pv_fail_memory(err, "a schema");
        goto out;
    }
    PV_TRY(pv_field_parse(&field, column, &schema->label_index[index], err));
    PV_TRY(pv_textmap_add(schema->name_index, field.name, strlen(field.name),
                          index, &held, err));
out:
    return status;
}

static pv_status parse_fields(pv_schema *schema, const json_t *fields,
                              pv_error *err)
{
    pv_status status = PV_OK;
    const size_t count = json_array_size(fields);
    const size_t room = count < PV_MAX_COLUMNS ? count : PV_MAX_COLUMNS;
    pv_textmap *seen = NULL;
    if (count == 0)
        return pv_fail(err, PV_ESCHEMA,
                       "%s: no fields; write \"fields\": [{\"name\": ..., "
                       "\"type\": ...}, ...], one for each column",
                       schema->file);
    schema->column =
        pv_schema_own(schema, pv_array_calloc(room, sizeof *schema->column));
    schema->label_index = pv_schema_own(
        schema, pv_array_calloc(room, sizeof *schema->label_index));
    schema->id = pv_schema_own(schema, pv_array_calloc(count, sizeof(char *)));
    schema->name_index = pv_textmap_alloc();
    seen = pv_textmap_alloc();
    if (schema->column == NULL || schema->label_index == NULL ||
        schema->id == NULL || schema->name_index == NULL || seen == NULL) {
        status = pv_fail_memory(err, "a schema");
        goto out;
    }
    for (size_t i = 0; i < count; i++)
        PV_TRY(add_field(schema, json_array_get(fields, i), i + 1, seen, err));
    if (schema->columns == 0)
        status = pv_fail(err, PV_ESCHEMA,
                         "%s: every field is an id: nothing is left to model; "
                         "give another field no role \"id\"",
                         schema->file);
out:
    pv_textmap_free(seen);
    return status;
}

pv_status pv_schema_build(pv_schema *schema, const json_t *root, pv_error *err)
{
    static const char *const known[] = {"unit", "zeros", "functions", NULL};
    pv_status status = PV_OK;
    const json_t *title = json_object_get(root, "title");
    const json_t *privet = json_object_get(root, "privet");
    if (!json_is_object(root))
        return pv_fail(err, PV_ESCHEMA,
                       "%s: not a Table Schema; write an object, "
                       "{\"fields\": [...]}",
                       schema->file);
    if (privet != NULL && !json_is_object(privet))
        return pv_fail(err, PV_ESCHEMA,
                       "%s: privet: write an object with unit, zeros or "
                       "functions",
                       schema->file);
    if (json_is_string(title)) {
        schema->title = pv_schema_own_text(schema, json_string_value(title));
        if (schema->title == NULL)
            return pv_fail_memory(err, "a schema");
    }
    PV_TRY(parse_missing_values(schema, json_object_get(root, "missingValues"),
                                err));
    if (privet != NULL) {
        const json_t *unit = json_object_get(privet, "unit");
        PV_TRY(pv_schema_known_keys(schema, privet, known, "privet", err));
        if (unit != NULL)
            PV_TRY(parse_unit(schema, unit, err));
    }
    PV_TRY(parse_fields(schema, json_object_get(root, "fields"), err));
    if (json_object_get(privet, "zeros") != NULL)
        PV_TRY(pv_schema_parse_zeros(schema, json_object_get(privet, "zeros"),
                                     err));
    if (json_object_get(privet, "functions") != NULL)
        PV_TRY(pv_schema_parse_functions(
            schema, json_object_get(privet, "functions"), err));
    PV_TRY(pv_schema_model_rules(schema, err));
out:
    return status;
}
