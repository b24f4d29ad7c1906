/* Structural zeros: rules of conditions to masks over codes. */
#include "io/schema_condition.h"

#include "core/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_RULES = 65536, RULE_TEXT = 512 };

static pv_status find_column(pv_schema *schema, size_t rule, const char *name,
                             const json_t *json, pv_condition *c, pv_error *err)
{
    char shown[PV_SHOWN_ROOM];
    const ptrdiff_t index = pv_schema_find(schema, name);
    if (index < 0)
        return pv_fail(err, PV_ESCHEMA,
                       "%s: privet.zeros: rule %zu: no modelled field '%s'",
                       schema->file, rule, pv_shown(name, shown));
    *c = (pv_condition){schema, rule, (uint32_t)index, json};
    return PV_OK;
}

typedef pv_status visit(pv_condition *c, bool never, void *context, pv_error *err);

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
            pv_condition c;
            PV_TRY(find_column(schema, number, name, json, &c, err));
            PV_TRY(fn(&c, never != 0, context, err));
        }
    }
out:
    return status;
}

static pv_status visit_edges(pv_condition *c, bool never, void *context,
                             pv_error *err)
{
    (void)never;
    (void)context;
    return pv_condition_add_edges(c, err);
}

/* The masks of one rule, before they are sorted into zeros. */
typedef struct rule_masks {
    size_t when, never;
    uint32_t column[2 * PV_MAX_COLUMNS];
    bool *mask[2 * PV_MAX_COLUMNS];
} rule_masks;

static pv_status visit_masks(pv_condition *c, bool never, void *context,
                             pv_error *err)
{
    rule_masks *masks = context;
    const size_t i = masks->when + masks->never;
    masks->column[i] = c->column;
    masks->when += !never;
    masks->never += never;
    return pv_condition_mask(c, &masks->mask[i], err);
}

/* *mask = *mask and `other`, in a new block. */
static pv_status intersect(pv_schema *schema, uint32_t column,
                           const bool *other, bool **mask, size_t number,
                           pv_error *err)
{
    const uint32_t levels = schema->column[column].levels;
    char shown[PV_SHOWN_ROOM];
    bool *both;
    const pv_status status = pv_schema_claim_mask(schema, levels, &both, err);
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
    pv_status status = pv_schema_claim_bytes(
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

/* A rule on a column that has no levels yet waits for the schema that gives it
 * some (io/schema_resolve.c). */
static bool waits(const pv_schema *schema, const json_t *rule)
{
    for (int never = 0; never < 2; never++) {
        json_t *conditions = json_object_get(rule, never ? "never" : "when");
        const char *name;
        json_t *json;
        json_object_foreach(conditions, name, json)
        {
            const ptrdiff_t index = pv_schema_find(schema, name);
            if (index >= 0 && schema->column[index].levels == 0)
                return true;
        }
    }
    return false;
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
        if (!waits(schema, json_array_get(rules, i)))
            PV_TRY(make_zeros(schema, json_array_get(rules, i), i + 1, masks,
                              err));
out:
    free(masks);
    return status;
}
