/* Conditions: {"minimum": 18, "below": 65}, or a list of labels or integers. */
#include "core/memory.h"
#include "io/date.h"
#include "marginals/queries_file.h"

#include <math.h>
#include <string.h>

/* The numbers from `least` on and below `below`; on the second walk their cells. */
static pv_status add_range(const pv_query_file *f, uint32_t column,
                           double least, double below, bool *in, pv_error *err)
{
    pv_status status = PV_OK;
    if (!f->making) {
        PV_TRY(pv_limits_add(f->q, column, least, err));
        PV_TRY(pv_limits_add(f->q, column, below, err));
        goto out;
    }
    const uint32_t end = pv_cells_below(f->q, column, below);
    for (uint32_t i = pv_cells_below(f->q, column, least); i < end; i++)
        in[i] = true;
out:
    return status;
}

static pv_status read_limit(const pv_query_file *f, const pv_column *column,
                            json_t *range, const char *key, double *limit,
                            pv_error *err)
{
    const json_t *json = json_object_get(range, key);
    if (json == NULL || (pv_column_json_number(column, json, limit) &&
                         isfinite(*limit)))
        return PV_OK;
    return pv_file_fail(f, err, "\"%s\" of column \"%s\" is not a %s", key,
                        column->name,
                        column->date ? "date, \"YYYY-MM-DD\"" : "number");
}

static pv_status read_range(const pv_query_file *f, uint32_t column,
                            json_t *range, bool *in, pv_error *err)
{
    static const char *const known[] = {"minimum", "below", NULL};
    pv_status status = PV_OK;
    const pv_column *c = pv_schema_column(f->q->schema, column);
    double least = -INFINITY, below = INFINITY;
    if (c->kind == PV_COLUMN_LABELS)
        return pv_file_fail(f, err,
                            "column \"%s\" has labels; write a list of them",
                            c->name);
    PV_TRY(pv_file_keys(f, range, known, err));
    PV_TRY(read_limit(f, c, range, "minimum", &least, err));
    PV_TRY(read_limit(f, c, range, "below", &below, err));
    if (isinf(least) && isinf(below))
        return pv_file_fail(f, err,
                            "the condition of column \"%s\" is empty; write "
                            "\"minimum\" or \"below\"",
                            c->name);
    PV_TRY(add_range(f, column, least, below, in, err));
out:
    return status;
}

static pv_status read_integer(const pv_query_file *f, uint32_t column,
                              const json_t *item, bool *in, pv_error *err)
{
    const pv_column *c = pv_schema_column(f->q->schema, column);
    double value;
    if (c->kind == PV_COLUMN_BINS && !c->integer)
        return pv_file_fail(f, err,
                            "column \"%s\" has numbers that are not whole; "
                            "write {\"minimum\": ..., \"below\": ...}",
                            c->name);
    if (!pv_column_json_number(c, item, &value) || value != floor(value) ||
        value < c->minimum || value > c->maximum)
        return pv_file_fail(f, err,
                            "a value listed for column \"%s\" is not a whole "
                            "number in its range",
                            c->name);
    return add_range(f, column, value, value + 1, in, err);
}

static pv_status read_item(const pv_query_file *f, uint32_t column,
                           const json_t *item, bool *in, pv_error *err)
{
    const pv_column *c = pv_schema_column(f->q->schema, column);
    pv_status status = PV_OK;
    uint32_t code;
    if (json_is_null(item)) {
        if (!c->missing)
            return pv_file_fail(f, err,
                                "null is listed for column \"%s\", which is "
                                "never missing",
                                c->name);
        if (f->making)
            in[f->q->axis[column].cells - 1] = true;
        return PV_OK;
    }
    if (c->kind != PV_COLUMN_LABELS)
        return read_integer(f, column, item, in, err);
    if (!json_is_string(item))
        return pv_file_fail(f, err,
                            "a value listed for column \"%s\" is no label, a "
                            "text, and not null",
                            c->name);
    PV_TRY(pv_file_label(f, column, json_string_value(item), &code, err));
    if (f->making)
        in[code] = true;
out:
    return status;
}

/* Nobody in it: surely not what was meant. */
static pv_status check_some(const pv_query_file *f, const pv_condition *c,
                            pv_error *err)
{
    for (uint32_t i = 0; i < f->q->axis[c->column].cells; i++)
        if (c->in[i])
            return PV_OK;
    return pv_file_fail(f, err,
                        "no value of column \"%s\" meets its condition",
                        pv_schema_column(f->q->schema, c->column)->name);
}

/* On the first walk `c` is NULL. */
static pv_status read_condition(const pv_query_file *f, uint32_t column,
                                json_t *json, pv_condition *c, pv_error *err)
{
    pv_status status = PV_OK;
    bool *in = NULL;
    size_t i;
    const json_t *item;
    if (c != NULL) {
        in = pv_queries_alloc(f->q, f->q->axis[column].cells, sizeof *in);
        if (in == NULL)
            return pv_fail_memory(err, "queries");
        *c = (pv_condition){column, in};
    }
    if (json_is_object(json)) {
        PV_TRY(read_range(f, column, json, in, err));
    } else if (json_is_array(json)) {
        json_array_foreach(json, i, item)
            PV_TRY(read_item(f, column, item, in, err));
    } else {
        status = pv_file_fail(f, err,
                              "the condition of column \"%s\" is neither "
                              "{\"minimum\": ..., \"below\": ...} nor a list",
                              pv_schema_column(f->q->schema, column)->name);
        goto out;
    }
    if (c != NULL)
        PV_TRY(check_some(f, c, err));
out:
    return status;
}

pv_status pv_file_box(pv_query_file *f, json_t *query, pv_box *box,
                      pv_error *err)
{
    pv_status status = PV_OK;
    const size_t n = json_object_size(query);
    pv_condition *condition = NULL;
    size_t at = 0;
    if (!json_is_object(query))
        return pv_file_fail(f, err,
                            "it is not an object {COLUMN: CONDITION, ...}");
    PV_TRY(pv_file_columns(f, query, err));
    if (box != NULL) {
        condition = pv_queries_alloc(f->q, n, sizeof *condition);
        if (condition == NULL)
            return pv_fail_memory(err, "queries");
        *box = (pv_box){.conditions = n, .condition = condition};
    }
    for (uint32_t c = 0; at < n && c < f->q->columns; c++) {
        json_t *json = json_object_get(
            query, pv_schema_column(f->q->schema, c)->name);
        if (json == NULL)
            continue;
        PV_TRY(read_condition(f, c, json,
                              box != NULL ? &condition[at] : NULL, err));
        at++;
    }
out:
    return status;
}
