/* Functional dependencies: maps from the codes of one column to another's. */
#include "io/schema_internal.h"
#include "io/schema_condition.h"

#include "core/memory.h"
#include "io/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* One function on its way in. */
typedef struct reading {
    pv_schema *schema;
    size_t number; /* from 1 */
    uint32_t of, gives;
    const json_t *json;
} reading;

static pv_status fail(const reading *r, pv_error *err, const char *fmt, ...)
    PV_PRINTF(3, 4);

static pv_status fail(const reading *r, pv_error *err, const char *fmt, ...)
{
    char text[1024];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return pv_fail(err, PV_ESCHEMA, "%s: privet.functions: function %zu: %s",
                   r->schema->file, r->number, text);
}

static pv_status find_column(const reading *r, const char *key, uint32_t *found,
                             pv_error *err)
{
    char shown[PV_SHOWN_ROOM];
    const char *name = json_string_value(json_object_get(r->json, key));
    if (name == NULL)
        return fail(r, err,
                    "no \"%s\"; write {\"of\": COLUMN, \"gives\": COLUMN, "
                    "\"map\": {LEVEL: VALUE, ...}}",
                    key);
    const ptrdiff_t index = pv_schema_find(r->schema, name);
    if (index < 0)
        return fail(r, err, "\"%s\": no modelled field '%s'", key,
                    pv_shown(name, shown));
    if (r->schema->column[index].levels == 0)
        return fail(r, err,
                    "'%s' gets its levels from a paid question; give it public "
                    "bins, bounds or categories",
                    pv_shown(name, shown));
    *found = (uint32_t)index;
    return PV_OK;
}

/* The code that a text stands for, read as in a table, or PV_NO_LEVEL. */
static uint32_t text_code(const reading *r, uint32_t index, const char *text,
                          double *number)
{
    uint64_t outside = 0;
    const uint32_t code = pv_column_encode(r->schema, index, text,
                                           strlen(text), &outside, number);
    return outside == 0 ? code : PV_NO_LEVEL;
}

/* The target's code for a value of the map, and its number: null is missing. */
static uint32_t value_code(const reading *r, const json_t *value,
                           double *number)
{
    const pv_column *column = &r->schema->column[r->gives];
    char room[PV_NUMBER_ROOM];
    *number = NAN;
    if (json_is_null(value))
        return column->missing ? column->levels - 1 : PV_NO_LEVEL;
    if (json_is_boolean(value))
        return text_code(r, r->gives, json_is_true(value) ? "true" : "false",
                         number);
    const char *text = pv_schema_label_text(value, room);
    return text != NULL ? text_code(r, r->gives, text, number) : PV_NO_LEVEL;
}

static pv_status read_entry(const reading *r, const char *key,
                            const json_t *value, uint32_t *map, double *number,
                            pv_error *err)
{
    const pv_column *of = &r->schema->column[r->of];
    const pv_column *gives = &r->schema->column[r->gives];
    char level[PV_SHOWN_ROOM], name[PV_SHOWN_ROOM];
    double stated;
    (void)pv_shown(key, level);
    const uint32_t from = text_code(r, r->of, key, &stated);
    if (from == PV_NO_LEVEL)
        return fail(r, err, "'%s' is not a level of '%s'; remove it from the "
                            "map",
                    level, pv_shown(of->name, name));
    if (map[from] != PV_NO_LEVEL)
        return fail(r, err, "'%s' is a level of '%s' that the map has already",
                    level, pv_shown(of->name, name));
    map[from] = value_code(r, value, &stated);
    if (number != NULL)
        number[from] = stated;
    if (map[from] == PV_NO_LEVEL)
        return fail(r, err,
                    "the value for '%s' is not a level of '%s'; write one of "
                    "its %s",
                    level, pv_shown(gives->name, name),
                    gives->kind == PV_COLUMN_LABELS
                        ? "categories"
                        : "numbers, within its range");
    return PV_OK;
}

/* Missing follows missing unless the map says otherwise; all else is said. */
static pv_status check_total(const reading *r, uint32_t *map, pv_error *err)
{
    const pv_column *of = &r->schema->column[r->of];
    const pv_column *gives = &r->schema->column[r->gives];
    char level[PV_SHOWN_ROOM], a[PV_SHOWN_ROOM], b[PV_SHOWN_ROOM];
    if (of->missing && gives->missing && map[of->levels - 1] == PV_NO_LEVEL)
        map[of->levels - 1] = gives->levels - 1;
    for (uint32_t code = 0; code < of->levels; code++) {
        char text[PV_SHOWN_ROOM];
        if (map[code] != PV_NO_LEVEL)
            continue;
        if (of->missing && code == of->levels - 1)
            return fail(r, err,
                        "nothing for rows where '%s' is missing, and '%s' is "
                        "required; write \"%s\": VALUE in the map",
                        pv_shown(of->name, a), pv_shown(gives->name, b),
                        pv_shown(r->schema->missing_value[0], level));
        pv_column_describe(of, code, text, sizeof text);
        return fail(r, err,
                    "the map has nothing for level '%s' of '%s'; write "
                    "\"%s\": VALUE, with the value of '%s' that goes with it",
                    pv_shown(text, level), pv_shown(of->name, a), level,
                    pv_shown(gives->name, b));
    }
    return PV_OK;
}

static pv_status read_map(const reading *r, pv_function *function,
                          pv_error *err)
{
    pv_status status = PV_OK;
    pv_schema *schema = r->schema;
    json_t *json = json_object_get(r->json, "map"), *value;
    const char *key;
    const uint32_t levels = schema->column[r->of].levels;
    if (!json_is_object(json))
        return fail(r, err, "no \"map\"; write {LEVEL: VALUE, ...} with every "
                            "level of the first column");
    PV_TRY(pv_schema_claim_bytes(schema, levels * sizeof(uint32_t), err));
    const bool numbers = schema->column[r->gives].kind == PV_COLUMN_BINS;
    uint32_t *map =
        pv_schema_own(schema, pv_array_alloc(levels, sizeof *map));
    double *number = NULL;
    if (numbers) {
        PV_TRY(pv_schema_claim_bytes(schema, levels * sizeof *number, err));
        number = pv_schema_own(schema, pv_array_alloc(levels, sizeof *number));
    }
    if (map == NULL || (numbers && number == NULL))
        return pv_fail_memory(err, "functions");
    for (uint32_t code = 0; code < levels; code++) {
        map[code] = PV_NO_LEVEL;
        if (numbers)
            number[code] = NAN; /* what is not stated is missing */
    }
    json_object_foreach(json, key, value)
        PV_TRY(read_entry(r, key, value, map, number, err));
    PV_TRY(check_total(r, map, err));
    *function = (pv_function){r->of, r->gives, map, number};
out:
    return status;
}

static pv_status read_function(pv_schema *schema, const json_t *json,
                               size_t number, pv_error *err)
{
    static const char *const known[] = {"of", "gives", "map", NULL};
    pv_status status = PV_OK;
    reading r = {.schema = schema, .number = number, .json = json};
    char where[64], shown[PV_SHOWN_ROOM];
    (void)snprintf(where, sizeof where, "privet.functions: function %zu",
                   number);
    PV_TRY(pv_schema_known_keys(schema, json, known, where, err));
    PV_TRY(find_column(&r, "of", &r.of, err));
    PV_TRY(find_column(&r, "gives", &r.gives, err));
    if (schema->column[r.of].kind == PV_COLUMN_BINS)
        return fail(&r, err,
                    "'%s' has bins, whose levels a map cannot list; take a "
                    "column of labels or of integers without bins",
                    pv_shown(schema->column[r.of].name, shown));
    for (size_t i = 0; i < schema->functions; i++)
        if (schema->function[i].gives == r.gives)
            return fail(&r, err,
                        "'%s' is given by function %zu already; a column can "
                        "follow from one other",
                        pv_shown(schema->column[r.gives].name, shown), i + 1);
    PV_TRY(read_map(&r, &schema->function[schema->functions], err));
    schema->functions++;
out:
    return status;
}

pv_status pv_schema_parse_functions(pv_schema *schema, const json_t *list,
                                    pv_error *err)
{
    pv_status status = PV_OK;
    const size_t count = json_array_size(list);
    if (!json_is_array(list) || count >= schema->columns)
        return pv_fail(err, PV_ESCHEMA,
                       "%s: privet.functions: write a list of fewer functions "
                       "than columns, {\"of\": COLUMN, \"gives\": COLUMN, "
                       "\"map\": {LEVEL: VALUE, ...}}",
                       schema->file);
    schema->function = pv_schema_own(
        schema, pv_array_calloc(count, sizeof *schema->function));
    if (schema->function == NULL)
        return pv_fail_memory(err, "functions");
    for (size_t i = 0; i < count; i++)
        PV_TRY(read_function(schema, json_array_get(list, i), i + 1, err));
    PV_TRY(pv_schema_find_roots(schema, err));
out:
    return status;
}
