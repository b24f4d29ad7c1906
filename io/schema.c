#include "io/schema_internal.h"

#include "core/atomicfile.h"
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_SCHEMA_BYTES = 1 << 24 };

void *pv_schema_own(pv_schema *schema, void *block)
{
    if (block == NULL)
        return NULL;
    if (schema->owned_count == schema->owned_room) {
        const size_t room = schema->owned_room > 0 ? 2 * schema->owned_room : 64;
        void **owned = pv_array_realloc(schema->owned, room, sizeof *owned);
        if (owned == NULL) {
            free(block);
            return NULL;
        }
        schema->owned = owned;
        schema->owned_room = room;
    }
    schema->owned[schema->owned_count++] = block;
    return block;
}

char *pv_schema_own_text(pv_schema *schema, const char *text)
{
    return pv_schema_own(schema, pv_strdup(text));
}

void pv_schema_free(pv_schema *schema)
{
    if (schema == NULL)
        return;
    for (size_t i = 0; i < schema->columns; i++)
        pv_textmap_free(schema->label_index[i]);
    pv_textmap_free(schema->name_index);
    for (size_t i = 0; i < schema->owned_count; i++)
        free(schema->owned[i]);
    free(schema->owned);
    free(schema);
}

const char *pv_shown(const char *text, char shown[PV_SHOWN_ROOM])
{
    const size_t length = strlen(text);
    size_t n = length < PV_SHOWN_ROOM - 1 ? length : PV_SHOWN_ROOM - 4;
    /* not in the middle of a UTF-8 sequence */
    while (n < length && n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)text[i];
        shown[i] = c < 0x20 || c == 0x7f ? '?' : text[i];
    }
    memcpy(shown + n, n < length ? "..." : "", n < length ? 4 : 1);
    return shown;
}

pv_status pv_schema_parse(const char *text, size_t size, const char *name,
                          pv_schema **schema, pv_error *err)
{
    pv_status status = PV_OK;
    json_error_t problem;
    json_t *root = NULL;
    pv_schema *made = calloc(1, sizeof *made);
    if (made == NULL)
        return pv_fail_memory(err, "a schema");
    made->unit_rows = 1;
    made->file = pv_schema_own_text(made, name);
    if (made->file == NULL) {
        status = pv_fail_memory(err, "a schema");
        goto out;
    }
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        size -= 3;
    }
    if (size > MAX_SCHEMA_BYTES) {
        status = pv_fail(err, PV_ETOOBIG,
                         "%s: a schema larger than %d bytes; bin columns that "
                         "have very many levels",
                         name, MAX_SCHEMA_BYTES);
        goto out;
    }
    root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL) {
        status = pv_fail(err, PV_ESCHEMA,
                         "%s: line %d, column %d: not valid JSON: %s", name,
                         problem.line, problem.column, problem.text);
        goto out;
    }
    PV_TRY(pv_schema_build(made, root, err));
    made->json = pv_schema_own(
        made, json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS));
    if (made->json == NULL) {
        status = pv_fail_memory(err, "a schema");
        goto out;
    }
    *schema = made;
    made = NULL;
out:
    json_decref(root);
    pv_schema_free(made);
    return status;
}

pv_status pv_schema_read(const char *path, pv_schema **schema, pv_error *err)
{
    unsigned char *data = NULL;
    size_t size = 0;
    pv_status status = pv_file_read(path, MAX_SCHEMA_BYTES, &data, &size, err);
    if (status == PV_OK)
        status = pv_schema_parse((const char *)data, size, path, schema, err);
    free(data);
    return status;
}

size_t pv_schema_columns(const pv_schema *schema)
{
    return schema->columns;
}

const pv_column *pv_schema_column(const pv_schema *schema, size_t i)
{
    PV_CHECK(i < schema->columns);
    return &schema->column[i];
}

ptrdiff_t pv_schema_find(const pv_schema *schema, const char *name)
{
    const uint32_t i = pv_textmap_find(schema->name_index, name, strlen(name));
    return i == PV_TEXTMAP_NONE || i >= schema->columns ? -1 : (ptrdiff_t)i;
}

size_t pv_schema_zeros(const pv_schema *schema)
{
    return schema->zeros;
}

const pv_zero *pv_schema_zero(const pv_schema *schema, size_t i)
{
    PV_CHECK(i < schema->zeros);
    return &schema->zero[i];
}

size_t pv_schema_model_zeros(const pv_schema *schema)
{
    return schema->model_zeros;
}

const pv_zero *pv_schema_model_zero(const pv_schema *schema, size_t i)
{
    PV_CHECK(i < schema->model_zeros);
    return &schema->model_zero[i];
}

size_t pv_schema_functions(const pv_schema *schema)
{
    return schema->functions;
}

const pv_function *pv_schema_function(const pv_schema *schema, size_t i)
{
    PV_CHECK(i < schema->functions);
    return &schema->function[i];
}

uint32_t pv_schema_root(const pv_schema *schema, size_t column)
{
    PV_CHECK(column < schema->columns);
    return schema->root != NULL ? schema->root[column] : (uint32_t)column;
}

const uint32_t *pv_schema_map(const pv_schema *schema, size_t column)
{
    PV_CHECK(column < schema->columns);
    return schema->map != NULL ? schema->map[column] : NULL;
}

const double *pv_schema_map_numbers(const pv_schema *schema, size_t column)
{
    PV_CHECK(column < schema->columns);
    return schema->map_number != NULL ? schema->map_number[column] : NULL;
}

const char *pv_schema_unit(const pv_schema *schema)
{
    return schema->unit;
}

uint32_t pv_schema_unit_rows(const pv_schema *schema)
{
    return schema->unit_rows;
}

bool pv_schema_is_id(const pv_schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->ids; i++)
        if (strcmp(schema->id[i], name) == 0)
            return true;
    return schema->unit != NULL && strcmp(schema->unit, name) == 0;
}

size_t pv_schema_missing_values(const pv_schema *schema)
{
    return schema->missing_values;
}

const char *pv_schema_missing_value(const pv_schema *schema, size_t i)
{
    PV_CHECK(i < schema->missing_values);
    return schema->missing_value[i];
}

ptrdiff_t pv_schema_missing_index(const pv_schema *schema, const char *text,
                                  size_t length)
{
    for (size_t i = 0; i < schema->missing_values; i++)
        if (strlen(schema->missing_value[i]) == length &&
            memcmp(schema->missing_value[i], text, length) == 0)
            return (ptrdiff_t)i;
    return -1;
}

const char *pv_schema_title(const pv_schema *schema)
{
    return schema->title;
}

const char *pv_schema_json(const pv_schema *schema)
{
    return schema->json;
}
