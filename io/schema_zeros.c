#include "io/schema_internal.h"

#include "core/memory.h"
#include "io/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_RULES = 65536, RULE_TEXT = 512 };

/* A condition on one column: {"minimum", "maximum"} or a list. */
typedef struct condition {
    pv_schema *schema;
    size_t rule; /* from 1 */
    uint32_t column;
    const json_t *json;
} condition;

static pv_status fail(const condition *c, pv_error *err, const char *what)
{
    char shown[PV_SHOWN_ROOM];
    return pv_fail(err, PV_ESCHEMA, "%s: privet.zeros: rule %zu: '%s': %s",
                   c->schema->file, c->rule,
                   pv_shown(c->schema->column[c->column].name, shown), what);
}

/* --- limits become edges ------------------------------------------------ */

static double just_above(const pv_column *column, double limit)
{
    return column->integer ? floor(limit) + 1 : nextafter(limit, INFINITY);
}

static double just_at(const pv_column *column, double limit)
{
    return column->integer ? ceil(limit) : limit;
}

static pv_status split(const condition *c, double low, double high,
                       pv_error *err)
{
    pv_column *column = &c->schema->column[c->column];
    const pv_status status =
        pv_column_add_edge(c->schema, column, just_at(column, low), err);
    if (status != PV_OK)
        return status;
    return pv_column_add_edge(c->schema, column, just_above(column, high), err);
}

static pv_status limits_of(const condition *c, double *low, double *high,
                           pv_error *err)
{
    static const char *const known[] = {"minimum", "maximum", NULL};
    const json_t *minimum = json_object_get(c->json, "minimum");
    const json_t *maximum = json_object_get(c->json, "maximum");
    const pv_status status = pv_schema_known_keys(c->schema, c->json, known,
                                                  "privet.zeros", err);
    if (status != PV_OK)
        return status;
    if ((minimum == NULL && maximum == NULL) ||
        (minimum != NULL && !json_is_number(minimum)) ||
        (maximum != NULL && !json_is_number(maximum)))
        return fail(c, err,
                    "a range needs a number as minimum, as maximum or as "
                    "both");
    *low = minimum != NULL ? json_number_value(minimum) : -INFINITY;
    *high = maximum != NULL ? json_number_value(maximum) : INFINITY;
    if (!(*low <= *high))
        return fail(c, err, "the minimum is above the maximum; exchange them");
    return PV_OK;
}

/* First pass over a condition: its limits become edges of the column. */
static pv_status add_edges(const condition *c, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_column *column = &c->schema->column[c->column];
    double low, high;
    if (json_is_object(c->json)) {
        if (column->kind == PV_COLUMN_LABELS)
            return fail(c, err, "a range on labels; write a list of labels");
        PV_TRY(limits_of(c, &low, &high, err));
        if (column->kind == PV_COLUMN_BINS)
            PV_TRY(split(c, low, high, err));
    } else if (!json_is_array(c->json) || json_array_size(c->json) == 0) {
        return fail(c, err,
                    "write {\"minimum\": ..., \"maximum\": ...} or a list of "
                    "values with at least one entry");
    } else if (column->kind == PV_COLUMN_BINS) {
        for (size_t i = 0; i < json_array_size(c->json); i++) {
            const json_t *item = json_array_get(c->json, i);
            const double v = json_number_value(item);
            if (json_is_number(item))
                PV_TRY(split(c, v, v, err));
        }
    }
out:
    return status;
}

/* --- conditions become masks -------------------------------------------- */

static void mark_range(const pv_column *column, double low, double high,
                       bool *mask)
{
    const uint32_t values = column->levels - column->missing;
    for (uint32_t code = 0; code < values; code++) {
        const double first = column->kind == PV_COLUMN_BINS
                                 ? column->edges[code]
                                 : column->minimum + code;
        /* edges were added at the limits: its least value decides a bin */
        if (first >= low && first <= high)
            mask[code] = true;
    }
}

static pv_status mark_number(const condition *c, double v, bool *mask,
                             pv_error *err)
{
    const pv_column *column = &c->schema->column[c->column];
    if (!(v >= column->minimum && v <= column->maximum) ||
        (column->integer && v != floor(v)))
        return fail(c, err,
                    "a listed number is outside the column's range; remove "
                    "it");
    mark_range(column, v, v, mask);
    return PV_OK;
}

static pv_status mark_label(const condition *c, const json_t *item, bool *mask,
                            pv_error *err)
{
    char room[PV_NUMBER_ROOM];
    const char *text = json_string_value(item);
    if (json_is_integer(item)) {
        (void)snprintf(room, sizeof room, "%lld",
                       (long long)json_integer_value(item));
        text = room;
    } else if (json_is_real(item)) {
        room[pv_number_format(json_real_value(item), room)] = '\0';
        text = room;
    } else if (json_is_boolean(item)) {
        text = json_is_true(item) ? "true" : "false";
    }
    const uint32_t code =
        text == NULL ? PV_NO_LEVEL
                     : pv_column_find_label(c->schema, c->column, text,
                                            strlen(text));
    if (code == PV_NO_LEVEL)
        return fail(c, err,
                    "a listed value is not one of the column's categories");
    mask[code] = true;
    return PV_OK;
}

static pv_status mark_item(const condition *c, const json_t *item, bool *mask,
                           pv_error *err)
{
    const pv_column *column = &c->schema->column[c->column];
    const char *text = json_string_value(item);
    if (text != NULL &&
        pv_schema_missing_index(c->schema, text, strlen(text)) >= 0) {
        if (!column->missing)
            return fail(c, err,
                        "a listed value stands for missing, and the column is "
                        "required");
        mask[column->levels - 1] = true;
        return PV_OK;
    }
    if (column->kind == PV_COLUMN_LABELS)
        return mark_label(c, item, mask, err);
    if (!json_is_number(item))
        return fail(c, err,
                    "a listed value is neither a number nor a missing value");
    return mark_number(c, json_number_value(item), mask, err);
}

static pv_status claim_bytes(pv_schema *schema, size_t bytes, pv_error *err)
{
    schema->mask_bytes += bytes;
    if (schema->mask_bytes > PV_MAX_MASK_BYTES)
        return pv_fail(err, PV_ESCHEMA,
                       "%s: privet.zeros: the rules cover too many levels; "
                       "write fewer rules or use fewer bins",
                       schema->file);
    return PV_OK;
}

static pv_status claim_mask(pv_schema *schema, size_t levels, bool **mask,
                            pv_error *err)
{
    const pv_status status = claim_bytes(schema, levels, err);
    if (status != PV_OK)
        return status;
    *mask = pv_schema_own(schema, pv_array_calloc(levels, sizeof **mask));
    return *mask != NULL ? PV_OK : pv_fail_memory(err, "structural zeros");
}

static pv_status make_mask(const condition *c, bool **mask, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_column *column = &c->schema->column[c->column];
    double low, high;
    PV_TRY(claim_mask(c->schema, column->levels, mask, err));
    if (json_is_object(c->json)) {
        PV_TRY(limits_of(c, &low, &high, err));
        mark_range(column, low, high, *mask);
    } else {
        for (size_t i = 0; i < json_array_size(c->json); i++)
            PV_TRY(mark_item(c, json_array_get(c->json, i), *mask, err));
    }
    if (memchr(*mask, 1, column->levels) == NULL)
        return fail(c, err, "the condition holds for no value of the column");
out:
    return status;
}

/* --- rules --------------------------------------------------------------- */

static pv_status find_column(pv_schema *schema, size_t rule, const char *name,
                             const json_t *json, condition *c, pv_error *err)
{
    char shown[PV_SHOWN_ROOM];
    const ptrdiff_t index = pv_schema_find(schema, name);
    if (index < 0)
        return pv_fail(err, PV_ESCHEMA,
                       "%s: privet.zeros: rule %zu: no modelled field '%s'",
                       schema->file, rule, pv_shown(name, shown));
    *c = (condition){schema, rule, (uint32_t)index, json};
    if (schema->column[index].levels == 0)
        return fail(c, err,
                    "structural zeros need public levels; give the field bins, "
                    "bounds or categories that are not private");
    return PV_OK;
}

typedef pv_status visit(condition *c, bool never, void *context, pv_error *err);

/* Calls fn for each condition, those under "when" first. */
static pv_status each_condition(pv_schema *schema, const json_t *rule,
                                size_t number, visit *fn, void *context,
                                pv_error *err)
{
    pv_status status = PV_OK;
    for (int never = 0; never < 2; never++) {
        json_t *conditions = json_object_get(rule, never ? "never" : "when");
        const char *name;
        json_t *json;
        if (json_object_size(conditions) == 0)
            return pv_fail(err, PV_ESCHEMA,
                           "%s: privet.zeros: rule %zu: \"%s\" names no "
                           "column; write {\"when\": {COLUMN: ...}, \"never\": "
                           "{COLUMN: ...}}",
                           schema->file, number, never ? "never" : "when");
        json_object_foreach(conditions, name, json)
        {
            condition c;
            PV_TRY(find_column(schema, number, name, json, &c, err));
            PV_TRY(fn(&c, never != 0, context, err));
        }
    }
out:
    return status;
}

static pv_status visit_edges(condition *c, bool never, void *context,
                             pv_error *err)
{
    (void)never;
    (void)context;
    return add_edges(c, err);
}

/* The masks of one rule, before they are sorted into zeros. */
typedef struct rule_masks {
    size_t when, never;
    uint32_t column[2 * PV_MAX_COLUMNS];
    bool *mask[2 * PV_MAX_COLUMNS];
} rule_masks;

static pv_status visit_masks(condition *c, bool never, void *context,
                             pv_error *err)
{
    rule_masks *masks = context;
    const size_t i = masks->when + masks->never;
    masks->column[i] = c->column;
    masks->when += !never;
    masks->never += never;
    return make_mask(c, &masks->mask[i], err);
}

/* *mask = *mask and `other`, in a new block. */
static pv_status intersect(pv_schema *schema, uint32_t column,
                           const bool *other, bool **mask, size_t number,
                           pv_error *err)
{
    const uint32_t levels = schema->column[column].levels;
    char shown[PV_SHOWN_ROOM];
    bool *both;
    const pv_status status = claim_mask(schema, levels, &both, err);
    if (status != PV_OK)
        return status;
    for (uint32_t i = 0; i < levels; i++)
        both[i] = (*mask)[i] && other[i];
    if (memchr(both, 1, levels) == NULL)
        return pv_fail(err, PV_ESCHEMA,
                       "%s: privet.zeros: rule %zu: \"when\" and \"never\" "
                       "contradict each other on '%s'; remove the rule",
                       schema->file, number,
                       pv_shown(schema->column[column].name, shown));
    *mask = both;
    return PV_OK;
}

/* One zero: the "when" columns and the never column `n`, in column order. A
 * column that stands in both has to meet both conditions. */
static pv_status make_zero(pv_schema *schema, const rule_masks *rule, size_t n,
                           size_t number, const char *text, pv_error *err)
{
    pv_status status = claim_bytes(
        schema, (rule->when + 1) * (sizeof(uint32_t) + sizeof(bool *)), err);
    if (status != PV_OK)
        return status;
    uint32_t *column = pv_schema_own(
        schema, pv_array_alloc(rule->when + 1, sizeof *column));
    bool **mask = pv_schema_own(
        schema, pv_array_alloc(rule->when + 1, sizeof *mask));
    size_t count = 0;
    if (column == NULL || mask == NULL)
        return pv_fail_memory(err, "structural zeros");
    for (size_t k = 0; k <= rule->when; k++) {
        const size_t from = k < rule->when ? k : rule->when + n;
        const uint32_t c = rule->column[from];
        size_t at = count;
        while (at > 0 && column[at - 1] > c)
            at--;
        if (at > 0 && column[at - 1] == c) {
            status = intersect(schema, c, rule->mask[from], &mask[at - 1],
                               number, err);
            if (status != PV_OK)
                return status;
            continue;
        }
        memmove(column + at + 1, column + at, (count - at) * sizeof *column);
        memmove(mask + at + 1, mask + at, (count - at) * sizeof *mask);
        column[at] = c;
        mask[at] = rule->mask[from];
        count++;
    }
    schema->zero[schema->zeros++] = (pv_zero){count, column, mask, text};
    return PV_OK;
}

static char *rule_text(pv_schema *schema, const json_t *rule, const char *key)
{
    const json_t *part = json_object_get(rule, key);
    return pv_schema_own(schema,
                         json_dumps(part, JSON_COMPACT | JSON_SORT_KEYS));
}

static pv_status make_zeros(pv_schema *schema, const json_t *rule,
                            size_t number, rule_masks *masks, pv_error *err)
{
    pv_status status = PV_OK;
    masks->when = masks->never = 0;
    PV_TRY(each_condition(schema, rule, number, visit_masks, masks, err));
    const char *when = rule_text(schema, rule, "when");
    const char *never = rule_text(schema, rule, "never");
    if (when == NULL || never == NULL)
        return pv_fail_memory(err, "structural zeros");
    char *text = pv_schema_own(
        schema, pv_sprintf_alloc("when %.*s never %.*s", RULE_TEXT, when,
                                 RULE_TEXT, never));
    if (text == NULL)
        return pv_fail_memory(err, "structural zeros");
    for (size_t n = 0; n < masks->never; n++)
        PV_TRY(make_zero(schema, masks, n, number, text, err));
out:
    return status;
}

static pv_status check_rules(pv_schema *schema, const json_t *rules,
                             size_t *zeros, pv_error *err)
{
    static const char *const known[] = {"when", "never", NULL};
    const size_t count = json_array_size(rules);
    pv_status status = PV_OK;
    if (!json_is_array(rules) || count > MAX_RULES)
        return pv_fail(err, PV_ESCHEMA,
                       "%s: privet.zeros: write a list of at most %d rules, "
                       "{\"when\": ..., \"never\": ...}",
                       schema->file, MAX_RULES);
    *zeros = 0;
    for (size_t i = 0; i < count; i++) {
        const json_t *rule = json_array_get(rules, i);
        char where[64];
        (void)snprintf(where, sizeof where, "privet.zeros: rule %zu", i + 1);
        PV_TRY(pv_schema_known_keys(schema, rule, known, where, err));
        PV_TRY(each_condition(schema, rule, i + 1, visit_edges, NULL, err));
        *zeros += json_object_size(json_object_get(rule, "never"));
    }
out:
    return status;
}

pv_status pv_schema_parse_zeros(pv_schema *schema, const json_t *rules,
                                pv_error *err)
{
    pv_status status = PV_OK;
    rule_masks *masks = NULL;
    size_t zeros = 0;
    PV_TRY(check_rules(schema, rules, &zeros, err));
    schema->zero =
        pv_schema_own(schema, pv_array_calloc(zeros, sizeof *schema->zero));
    masks = malloc(sizeof *masks);
    if (schema->zero == NULL || masks == NULL) {
        status = pv_fail_memory(err, "structural zeros");
        goto out;
    }
    for (size_t i = 0; i < json_array_size(rules); i++)
        PV_TRY(make_zeros(schema, json_array_get(rules, i), i + 1, masks, err));
out:
    free(masks);
    return status;
}
