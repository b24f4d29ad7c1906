/* One condition of a structural zero: its limits as edges, then its mask. */
#include "io/schema_condition.h"

#include "core/memory.h"
#include "io/date.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

pv_status pv_condition_fail(const pv_condition *c, pv_error *err, const char *what)
{
    char shown[PV_SHOWN_ROOM];
    return pv_fail(err, PV_ESCHEMA, "%s: privet.zeros: rule %zu: '%s': %s",
                   c->schema->file, c->rule,
                   pv_shown(c->schema->column[c->column].name, shown), what);
}

static double just_above(const pv_column *column, double limit)
{
    return column->integer ? floor(limit) + 1 : nextafter(limit, INFINITY);
}

static double just_at(const pv_column *column, double limit)
{
    return column->integer ? ceil(limit) : limit;
}

static pv_status split(const pv_condition *c, double low, double high,
                       pv_error *err)
{
    pv_column *column = &c->schema->column[c->column];
    const pv_status status =
        pv_column_add_edge(c->schema, column, just_at(column, low), err);
    if (status != PV_OK)
        return status;
    return pv_column_add_edge(c->schema, column, just_above(column, high), err);
}

static pv_status limits_of(const pv_condition *c, double *low, double *high,
                           pv_error *err)
{
    static const char *const known[] = {"minimum", "maximum", NULL};
    const json_t *minimum = json_object_get(c->json, "minimum");
    const json_t *maximum = json_object_get(c->json, "maximum");
    const pv_status status = pv_schema_known_keys(c->schema, c->json, known,
                                                  "privet.zeros", err);
    if (status != PV_OK)
        return status;
    const pv_column *column = &c->schema->column[c->column];
    *low = -INFINITY;
    *high = INFINITY;
    if ((minimum == NULL && maximum == NULL) ||
        (minimum != NULL && !pv_column_json_number(column, minimum, low)) ||
        (maximum != NULL && !pv_column_json_number(column, maximum, high)))
        return pv_condition_fail(c, err,
                    column->date ? "a range needs a date, \"YYYY-MM-DD\", as "
                                   "minimum, as maximum or as both"
                                 : "a range needs a number as minimum, as "
                                   "maximum or as both");
    if (!(*low <= *high))
        return pv_condition_fail(c, err, "the minimum is above the maximum; exchange them");
    return PV_OK;
}

pv_status pv_condition_add_edges(const pv_condition *c, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_column *column = &c->schema->column[c->column];
    double low, high;
    if (json_is_object(c->json)) {
        if (column->kind == PV_COLUMN_LABELS)
            return pv_condition_fail(c, err, "a range on labels; write a list of labels");
        PV_TRY(limits_of(c, &low, &high, err));
        if (column->kind == PV_COLUMN_BINS && column->levels > 0)
            PV_TRY(split(c, low, high, err));
    } else if (!json_is_array(c->json) || json_array_size(c->json) == 0) {
        return pv_condition_fail(c, err,
                    "write {\"minimum\": ..., \"maximum\": ...} or a list of "
                    "values with at least one entry");
    } else if (column->kind == PV_COLUMN_BINS && column->levels > 0) {
        for (size_t i = 0; i < json_array_size(c->json); i++) {
            const json_t *item = json_array_get(c->json, i);
            double v;
            if (pv_column_json_number(column, item, &v))
                PV_TRY(split(c, v, v, err));
        }
    }
out:
    return status;
}

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

static pv_status mark_number(const pv_condition *c, double v, bool *mask,
                             pv_error *err)
{
    const pv_column *column = &c->schema->column[c->column];
    if (!(v >= column->minimum && v <= column->maximum) ||
        (column->integer && v != floor(v)))
        return pv_condition_fail(c, err,
                    "a listed number is outside the column's range; remove "
                    "it");
    mark_range(column, v, v, mask);
    return PV_OK;
}

static pv_status mark_label(const pv_condition *c, const json_t *item, bool *mask,
                            pv_error *err)
{
    char room[PV_NUMBER_ROOM];
    const char *text = json_is_boolean(item)
                           ? (json_is_true(item) ? "true" : "false")
                           : pv_schema_label_text(item, room);
    const uint32_t code =
        text == NULL ? PV_NO_LEVEL
                     : pv_column_find_label(c->schema, c->column, text,
                                            strlen(text));
    if (code == PV_NO_LEVEL)
        return pv_condition_fail(c, err,
                    "a listed value is not one of the column's categories");
    mask[code] = true;
    return PV_OK;
}

static pv_status mark_item(const pv_condition *c, const json_t *item, bool *mask,
                           pv_error *err)
{
    const pv_column *column = &c->schema->column[c->column];
    const char *text = json_string_value(item);
    if (text != NULL &&
        pv_schema_missing_index(c->schema, text, strlen(text)) >= 0) {
        if (!column->missing)
            return pv_condition_fail(c, err,
                        "a listed value stands for missing, and the column is "
                        "required");
        mask[column->levels - 1] = true;
        return PV_OK;
    }
    if (column->kind == PV_COLUMN_LABELS)
        return mark_label(c, item, mask, err);
    double v;
    if (!pv_column_json_number(column, item, &v))
        return pv_condition_fail(c, err,
                    column->date
                        ? "a listed value is neither a date nor a missing value"
                        : "a listed value is neither a number nor a missing "
                          "value");
    return mark_number(c, v, mask, err);
}

pv_status pv_schema_claim_bytes(pv_schema *schema, size_t bytes, pv_error *err)
{
    schema->mask_bytes += bytes;
    if (schema->mask_bytes > PV_MAX_MASK_BYTES)
        return pv_fail(err, PV_ESCHEMA,
                       "%s: privet.zeros: the rules cover too many levels; "
                       "write fewer rules or use fewer bins",
                       schema->file);
    return PV_OK;
}

pv_status pv_schema_claim_mask(pv_schema *schema, size_t levels, bool **mask,
                            pv_error *err)
{
    const pv_status status = pv_schema_claim_bytes(schema, levels, err);
    if (status != PV_OK)
        return status;
    *mask = pv_schema_own(schema, pv_array_calloc(levels, sizeof **mask));
    return *mask != NULL ? PV_OK : pv_fail_memory(err, "structural zeros");
}

pv_status pv_condition_mask(const pv_condition *c, bool **mask, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_column *column = &c->schema->column[c->column];
    double low, high;
    PV_TRY(pv_schema_claim_mask(c->schema, column->levels, mask, err));
    if (json_is_object(c->json)) {
        PV_TRY(limits_of(c, &low, &high, err));
        mark_range(column, low, high, *mask);
    } else {
        for (size_t i = 0; i < json_array_size(c->json); i++)
            PV_TRY(mark_item(c, json_array_get(c->json, i), *mask, err));
    }
    if (memchr(*mask, 1, column->levels) == NULL)
        return pv_condition_fail(c, err, "the condition holds for no value of the column");
out:
    return status;
}
