#include "io/schema_internal.h"

#include "core/memory.h"
#include "io/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LABELS = PV_MAX_LEVELS - 1 };

static pv_status too_long(const pv_field *field, pv_error *err)
{
    return pv_field_fail(field, err,
                         "a category is longer than %d bytes; shorten it",
                         PV_MAX_LABEL_BYTES);
}

const char *pv_schema_label_text(const json_t *item, char room[PV_NUMBER_ROOM])
{
    if (json_is_object(item))
        item = json_object_get(item, "value");
    if (json_is_integer(item)) {
        (void)snprintf(room, PV_NUMBER_ROOM, "%lld",
                       (long long)json_integer_value(item));
        return room;
    }
    if (json_is_real(item)) {
        const size_t n = pv_number_format(json_real_value(item), room);
        room[n] = '\0';
        return room;
    }
    return json_string_value(item);
}

static pv_status index_add(const pv_field *field, pv_textmap *index,
                           const char *text, uint32_t code, pv_error *err)
{
    uint32_t held;
    char shown[PV_SHOWN_ROOM];
    const pv_status status =
        pv_textmap_add(index, text, strlen(text), code, &held, err);
    if (status == PV_OK && held != code)
        return pv_field_fail(field, err,
                             "'%s' is listed twice; each text can stand for "
                             "one level",
                             pv_shown(text, shown));
    return status;
}

static pv_status add_label(const pv_field *field, pv_column *column,
                           pv_textmap *index, const char *text, pv_error *err)
{
    pv_schema *schema = field->schema;
    char shown[PV_SHOWN_ROOM];
    if (strlen(text) > PV_MAX_LABEL_BYTES)
        return too_long(field, err);
    if (pv_schema_missing_index(schema, text, strlen(text)) >= 0)
        return pv_field_fail(field, err,
                             "category '%s' is one of missingValues too; "
                             "remove it from either",
                             pv_shown(text, shown));
    char *label = pv_schema_own_text(schema, text);
    if (label == NULL)
        return pv_fail_memory(err, "a schema");
    column->labels[column->levels] = label;
    return index_add(field, index, text, column->levels++, err);
}

static pv_status listed(const pv_field *field, const json_t *list,
                        pv_column *column, pv_textmap *index, pv_error *err)
{
    const size_t count = json_array_size(list);
    if (count == 0)
        return pv_field_fail(field, err,
                             "the categories are not a list with at least one "
                             "entry; write e.g. [\"no\", \"yes\"]");
    if (count > MAX_LABELS)
        return pv_field_fail(field, err,
                             "%zu categories are more than %d; group rare ones",
                             count, MAX_LABELS);
    column->labels =
        pv_schema_own(field->schema, pv_array_calloc(count, sizeof(char *)));
    if (column->labels == NULL)
        return pv_fail_memory(err, "a schema");
    for (size_t i = 0; i < count; i++) {
        char room[PV_NUMBER_ROOM];
        const char *text = pv_schema_label_text(json_array_get(list, i), room);
        if (text == NULL)
            return pv_field_fail(field, err,
                                 "category %zu is neither a text, a number nor "
                                 "an object with a \"value\"; write a text",
                                 i + 1);
        const pv_status status = add_label(field, column, index, text, err);
        if (status != PV_OK)
            return status;
    }
    return PV_OK;
}

/* The texts of one truth value; the first is its label. */
static pv_status truth(const pv_field *field, const char *key,
                       const char *const *standard, pv_column *column,
                       pv_textmap *index, pv_error *err)
{
    pv_status status = PV_OK;
    const json_t *list = json_object_get(field->json, key);
    const uint32_t code = column->levels;
    if (list != NULL && json_array_size(list) == 0)
        return pv_field_fail(field, err, "\"%s\" is not a list of texts", key);
    for (size_t i = 0; list != NULL ? i < json_array_size(list)
                                    : standard[i] != NULL;
         i++) {
        const char *text = list != NULL
                               ? json_string_value(json_array_get(list, i))
                               : standard[i];
        if (text == NULL)
            return pv_field_fail(field, err, "\"%s\" is not a list of texts",
                                 key);
        if (i == 0)
            PV_TRY(add_label(field, column, index, text, err));
        else if (pv_schema_missing_index(field->schema, text, strlen(text)) < 0)
            PV_TRY(index_add(field, index, text, code, err));
    }
out:
    return status;
}

static pv_status boolean(const pv_field *field, pv_column *column,
                         pv_textmap *index, pv_error *err)
{
    static const char *const no[] = {"false", "False", "FALSE", "0", NULL};
    static const char *const yes[] = {"true", "True", "TRUE", "1", NULL};
    column->labels =
        pv_schema_own(field->schema, pv_array_calloc(2, sizeof(char *)));
    if (column->labels == NULL)
        return pv_fail_memory(err, "a schema");
    const pv_status status =
        truth(field, "falseValues", no, column, index, err);
    if (status != PV_OK)
        return status;
    return truth(field, "trueValues", yes, column, index, err);
}

static pv_status open_labels(const pv_field *field, pv_column *column,
                             pv_error *err)
{
    const json_t *other = json_object_get(field->privet, "other");
    if (strcmp(field->type, "string") != 0)
        return pv_field_fail(field, err,
                             "\"open\" is for strings; give a numeric field "
                             "\"bins\": \"private\" instead");
    if (other != NULL && !json_is_string(other))
        return pv_field_fail(field, err, "\"other\" is not a text");
    column->rest = pv_schema_own_text(field->schema,
                                      other != NULL ? json_string_value(other)
                                                    : PV_DEFAULT_REST);
    if (column->rest == NULL)
        return pv_fail_memory(err, "a schema");
    column->needs = PV_NEEDS_LABELS;
    return PV_OK;
}

static pv_status parse_other(const pv_field *field, pv_column *column,
                             const pv_textmap *index, pv_error *err)
{
    const json_t *other = json_object_get(field->privet, "other");
    if (other == NULL)
        return PV_OK;
    const char *text = json_string_value(other);
    if (text != NULL)
        column->other = pv_textmap_find(index, text, strlen(text));
    if (text == NULL || column->other == PV_TEXTMAP_NONE)
        return pv_field_fail(field, err,
                             "\"other\" is not one of the categories; add it "
                             "to them");
    if (json_is_true(json_object_get(field->privet, "found")))
        column->rest = column->labels[column->other];
    return PV_OK;
}

/* Missing texts go into the label index, so that one look-up serves both. */
static pv_status finish(const pv_field *field, pv_column *column,
                        pv_textmap *index, pv_error *err)
{
    const pv_schema *schema = field->schema;
    pv_status status = PV_OK;
    PV_TRY(parse_other(field, column, index, err));
    if (!column->missing)
        goto out;
    for (size_t i = 0; i < schema->missing_values; i++) {
        const char *text = schema->missing_value[i];
        uint32_t held;
        PV_TRY(pv_textmap_add(index, text, strlen(text), column->levels, &held,
                              err));
    }
    column->levels++;
out:
    return status;
}

pv_status pv_field_labels(const pv_field *field, pv_column *column,
                          pv_textmap **index, pv_error *err)
{
    const json_t *list = json_object_get(field->json, "categories");
    const json_t *open = json_object_get(field->privet, "open");
    pv_status status = PV_OK;
    if (list == NULL)
        list = json_object_get(field->constraints, "enum");
    column->kind = PV_COLUMN_LABELS;
    if (open != NULL && !json_is_boolean(open))
        return pv_field_fail(field, err, "\"open\" is neither true nor false");
    if (json_is_true(open) && list != NULL)
        return pv_field_fail(field, err,
                             "both categories and \"open\": true; remove one "
                             "of them");
    if (json_is_true(open))
        return open_labels(field, column, err);
    *index = pv_textmap_alloc();
    if (*index == NULL)
        return pv_fail_memory(err, "a schema");
    if (list != NULL)
        PV_TRY(listed(field, list, column, *index, err));
    else if (strcmp(field->type, "boolean") == 0)
        PV_TRY(boolean(field, column, *index, err));
    else
        return pv_field_fail(field, err,
                             "no categories; list them (\"categories\": [...]) "
                             "from public knowledge, or write \"privet\": "
                             "{\"open\": true} to have them found at a cost");
    PV_TRY(finish(field, column, *index, err));
out:
    return status;
}
