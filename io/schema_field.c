#include "io/schema_internal.h"

#include "core/memory.h"

#include <stdio.h>
#include <string.h>

enum { DEFAULT_BINS = 32, DEFAULT_LABELS = 256, MAX_PRIVATE_LEVELS = 65536 };

static pv_status parse_role(const pv_field *field, pv_column *column,
                            pv_error *err)
{
    static const struct {
        const char *name;
        pv_role role;
    } roles[] = {{"quasi-identifier", PV_ROLE_QUASI_IDENTIFIER},
                 {"secret", PV_ROLE_SECRET},
                 {"group", PV_ROLE_GROUP},
                 {"weight", PV_ROLE_WEIGHT}};
    const json_t *json = json_object_get(field->privet, "role");
    if (json == NULL)
        return PV_OK;
    const char *name = json_string_value(json);
    for (size_t i = 0; name != NULL && i < sizeof roles / sizeof *roles; i++)
        if (strcmp(name, roles[i].name) == 0) {
            column->role = roles[i].role;
            return PV_OK;
        }
    return pv_field_fail(field, err,
                         "unknown \"role\"; write \"id\", "
                         "\"quasi-identifier\", \"secret\", \"group\" or "
                         "\"weight\"");
}

static pv_status parse_levels(const pv_field *field, pv_column *column,
                              pv_error *err)
{
    const json_t *json = json_object_get(field->privet, "levels");
    const json_int_t levels = json_integer_value(json);
    const unsigned open = PV_NEEDS_BINS | PV_NEEDS_LABELS;
    if (json == NULL) {
        if (column->needs & open && column->private_levels == 0)
            column->private_levels = column->needs & PV_NEEDS_LABELS
                                         ? DEFAULT_LABELS
                                         : DEFAULT_BINS;
        return PV_OK;
    }
    if (!json_is_integer(json) || levels < 2 || levels > MAX_PRIVATE_LEVELS)
        return pv_field_fail(field, err,
                             "\"levels\" is not a whole number from 2 to %d",
                             MAX_PRIVATE_LEVELS);
    if (!(column->needs & open))
        return pv_field_fail(field, err,
                             "\"levels\" belongs to \"bins\": \"private\" or "
                             "\"open\": true; remove it, or write \"bins\": "
                             "%lld",
                             (long long)levels);
    column->private_levels = (uint32_t)levels;
    return PV_OK;
}

static pv_status parse_required(const pv_field *field, pv_column *column,
                                pv_error *err)
{
    const json_t *json = json_object_get(field->constraints, "required");
    if (json != NULL && !json_is_boolean(json))
        return pv_field_fail(field, err,
                             "\"required\" is neither true nor false");
    column->missing = !json_is_true(json);
    return PV_OK;
}

static bool has_labels(const pv_field *field)
{
    return json_object_get(field->json, "categories") != NULL ||
           json_object_get(field->constraints, "enum") != NULL ||
           json_object_get(field->privet, "open") != NULL ||
           strcmp(field->type, "string") == 0 ||
           strcmp(field->type, "boolean") == 0;
}

/* Dates come in one format. */
static pv_status check_format(const pv_field *field, pv_error *err)
{
    const json_t *format = json_object_get(field->json, "format");
    const char *text = json_string_value(format);
    char shown[PV_SHOWN_ROOM];
    if (strcmp(field->type, "date") != 0 || format == NULL ||
        (text != NULL &&
         (strcmp(text, "default") == 0 || strcmp(text, "%Y-%m-%d") == 0)))
        return PV_OK;
    return pv_field_fail(field, err,
                         "a date's \"format\" can only be \"default\", "
                         "YYYY-MM-DD, not '%s'; convert the dates beforehand",
                         pv_shown(text != NULL ? text : "?", shown));
}

static pv_status check_type(const pv_field *field, pv_error *err)
{
    static const char *const good[] = {"string", "integer", "number", "boolean",
                                       "year", "date"};
    static const char *const times[] = {"time", "datetime", "yearmonth",
                                        "duration"};
    char shown[PV_SHOWN_ROOM];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (strcmp(field->type, good[i]) == 0)
            return check_format(field, err);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (strcmp(field->type, times[i]) == 0)
            return pv_field_fail(field, err,
                                 "type \"%s\" is not supported yet: bin it "
                                 "beforehand, e.g. into an integer of years or "
                                 "months, or into labels",
                                 times[i]);
    return pv_field_fail(field, err,
                         "type \"%s\" is not supported; write \"string\", "
                         "\"integer\", \"number\", \"date\" or \"boolean\"",
                         pv_shown(field->type, shown));
}

/* Keys of the kind of column that this is not. */
static pv_status check_keys(const pv_field *field, bool labels, pv_error *err)
{
    static const char *const numeric[] = {"bins", "bounds", NULL};
    static const char *const textual[] = {"open", "other", "found", NULL};
    const char *const *wrong = labels ? numeric : textual;
    for (; *wrong != NULL; wrong++)
        if (json_object_get(field->privet, *wrong) != NULL)
            return pv_field_fail(field, err,
                                 "\"%s\" belongs to columns of %s; remove it",
                                 *wrong,
                                 labels ? "numbers without categories"
                                        : "labels");
    return PV_OK;
}

pv_status pv_field_parse(const pv_field *field, pv_column *column,
                         pv_textmap **index, pv_error *err)
{
    static const char *const known[] = {"bins",  "bounds", "levels", "open",
                                        "other", "found", "role",   NULL};
    pv_status status = PV_OK;
    char where[PV_SHOWN_ROOM + 32], shown[PV_SHOWN_ROOM];
    const json_t *title = json_object_get(field->json, "title");
    (void)snprintf(where, sizeof where, "field %zu '%s': privet",
                   field->number, pv_shown(field->name, shown));
    column->other = PV_NO_LEVEL;
    if (field->privet != NULL)
        PV_TRY(pv_schema_known_keys(field->schema, field->privet, known, where,
                                    err));
    if (json_is_string(title)) {
        column->title =
            pv_schema_own_text(field->schema, json_string_value(title));
        if (column->title == NULL)
            return pv_fail_memory(err, "a schema");
    }
    PV_TRY(check_type(field, err));
    PV_TRY(parse_role(field, column, err));
    PV_TRY(parse_required(field, column, err));
    const bool labels = has_labels(field);
    PV_TRY(check_keys(field, labels, err));
    if (labels)
        PV_TRY(pv_field_labels(field, column, index, err));
    else
        PV_TRY(pv_field_range(field, column, err));
    PV_TRY(parse_levels(field, column, err));
out:
    return status;
}
