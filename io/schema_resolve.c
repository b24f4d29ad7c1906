/* A schema whose needs are met: the same JSON with what was found in it, read
 * again. */
#include "io/schema_internal.h"

#include "core/memory.h"
#include "io/date.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool pv_schema_has_needs(const pv_schema *schema)
{
    for (size_t i = 0; i < schema->columns; i++)
        if (schema->column[i].needs != 0)
            return true;
    return false;
}

/* What the structural zeros say of one column: its least and greatest number,
 * whole where the column is, and the texts listed. */
typedef struct named {
    double low, high;
    json_t *texts; /* an object, its keys the texts */
} named;

static void name_number(const pv_column *column, const json_t *json, bool up,
                        named *n)
{
    double v;
    if (!pv_column_json_number(column, json, &v))
        return;
    if (column->integer)
        v = up ? ceil(v) : floor(v);
    if (column->integer && fabs(v) >= 0x1p53)
        return; /* no whole number of a column: the rule is refused */
    n->low = v < n->low ? v : n->low;
    n->high = v > n->high ? v : n->high;
}

static pv_status name_item(const pv_schema *schema, const pv_column *column,
                           const json_t *item, named *n, pv_error *err)
{
    char room[PV_NUMBER_ROOM];
    if (column->kind != PV_COLUMN_LABELS) {
        name_number(column, item, true, n);
        return PV_OK;
    }
    const char *text = json_is_boolean(item)
                           ? (json_is_true(item) ? "true" : "false")
                           : pv_schema_label_text(item, room);
    if (text == NULL || strcmp(text, column->rest) == 0 ||
        pv_schema_missing_index(schema, text, strlen(text)) >= 0)
        return PV_OK;
    return json_object_set_new(n->texts, text, json_true()) == 0
               ? PV_OK
               : pv_fail_memory(err, "a schema");
}

static pv_status name_all(const pv_schema *schema, const json_t *root,
                          const pv_column *column, named *n, pv_error *err)
{
    static const char *const sides[] = {"when", "never"};
    pv_status status = PV_OK;
    const json_t *rules =
        json_object_get(json_object_get(root, "privet"), "zeros");
    *n = (named){INFINITY, -INFINITY, json_object()};
    if (n->texts == NULL)
        return pv_fail_memory(err, "a schema");
    for (size_t i = 0; i < 2 * json_array_size(rules); i++) {
        const json_t *c = json_object_get(
            json_object_get(json_array_get(rules, i / 2), sides[i % 2]),
            column->name);
        name_number(column, json_object_get(c, "minimum"), true, n);
        name_number(column, json_object_get(c, "maximum"), false, n);
        for (size_t k = 0; k < json_array_size(c); k++)
            PV_TRY(name_item(schema, column, json_array_get(c, k), n, err));
    }
out:
    return status;
}

/* The least range: what is public of it, and what the zeros name. */
static json_t *least_range(const pv_column *column, const named *n)
{
    double low = column->minimum, high = column->maximum;
    if (column->needs & PV_NEEDS_BOUNDS) {
        low = n->low <= n->high ? n->low : 0;
        high = n->low <= n->high ? n->high : 1;
    }
    return json_pack("[o, o]", pv_column_number_json(column, low),
                     pv_column_number_json(column, high));
}

/* The edges as a list, drawn out to what the zeros name where the range itself
 * was to be found. */
static json_t *edge_list(const pv_column *column, const pv_found *found,
                         const named *n)
{
    if (found->edge_count == 0)
        return least_range(column, n);
    json_t *list = json_array();
    int failed = 0;
    const bool bounds = (column->needs & PV_NEEDS_BOUNDS) != 0;
    const size_t last = found->edge_count - 1;
    const bool higher = bounds && n->high > found->edges[last];
    if (bounds && n->low < found->edges[0])
        failed |= json_array_append_new(list,
                                        pv_column_number_json(column, n->low));
    for (size_t i = 0; i <= last; i++) {
        double edge = found->edges[i];
        /* the maximum alone is no longer the maximum */
        if (higher && i == last && edge == found->edges[i - 1])
            edge = column->integer ? edge + 1 : nextafter(edge, INFINITY);
        failed |=
            json_array_append_new(list, pv_column_number_json(column, edge));
    }
    if (higher)
        failed |= json_array_append_new(
            list, pv_column_number_json(column, n->high));
    if (failed == 0)
        return list;
    json_decref(list);
    return NULL;
}

static int compare_texts(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y); /* bytewise, as unsigned */
}

/* The labels in order, those of the zeros among them, and the rest. */
static json_t *label_list(const pv_column *column, const pv_found *found,
                          const named *n)
{
    json_t *list = NULL, *seen = json_copy(n->texts);
    const char *key, **texts = NULL;
    json_t *value;
    size_t count = 0;
    int failed = seen == NULL;
    for (size_t i = 0; !failed && i < found->label_count; i++)
        failed |= json_object_set_new(seen, found->labels[i], json_true());
    texts = pv_array_alloc(json_object_size(seen), sizeof *texts);
    if (failed || texts == NULL)
        goto out;
    json_object_foreach(seen, key, value)
        texts[count++] = key;
    qsort(texts, count, sizeof *texts, compare_texts);
    list = json_array();
    for (size_t i = 0; i < count; i++)
        failed |= json_array_append_new(list, json_string(texts[i]));
    failed |= json_array_append_new(list, json_string(column->rest));
    if (failed) {
        json_decref(list);
        list = NULL;
    }
out:
    free(texts);
    json_decref(seen);
    return list;
}

static json_t *find_field(const json_t *root, const char *name)
{
    size_t i;
    json_t *field;
    json_array_foreach (json_object_get(root, "fields"), i, field)
        if (strcmp(json_string_value(json_object_get(field, "name")), name) ==
            0)
            return field;
    return NULL;
}

static pv_status fill(const pv_schema *schema, json_t *root,
                      const pv_found *found, pv_error *err)
{
    pv_status status = PV_OK;
    named n = {0};
    const pv_column *column = &schema->column[found->column];
    json_t *field = find_field(root, column->name);
    json_t *privet = json_object_get(field, "privet");
    const bool labels = column->kind == PV_COLUMN_LABELS;
    PV_CHECK(privet != NULL && column->needs != 0 &&
             found->edge_count != 1);
    PV_TRY(name_all(schema, root, column, &n, err));
    (void)json_object_del(privet, "open");
    (void)json_object_del(privet, "levels");
    (void)json_object_del(privet, "bounds");
    const int failed =
        labels ? json_object_set_new(field, "categories",
                                     label_list(column, found, &n)) |
                     json_object_set_new(privet, "other",
                                         json_string(column->rest)) |
                     json_object_set_new(privet, "found", json_true())
               : json_object_set_new(privet, "bins",
                                     edge_list(column, found, &n));
    if (failed)
        status = pv_fail_memory(err, "a schema");
out:
    json_decref(n.texts);
    return status;
}

/* Nothing but the needs may have changed. */
static void check_derived(const pv_schema *before, const pv_schema *after)
{
    PV_CHECK(before->columns == after->columns &&
             before->unit_rows == after->unit_rows &&
             (before->unit == NULL) == (after->unit == NULL));
    for (size_t i = 0; i < before->columns; i++) {
        const pv_column *a = &before->column[i], *b = &after->column[i];
        PV_CHECK(strcmp(a->name, b->name) == 0 && a->missing == b->missing &&
                 b->needs == 0 && b->levels > 0 && b->integer == a->integer &&
                 (a->needs != 0 ||
                  (a->kind == b->kind && a->levels == b->levels &&
                   (a->kind != PV_COLUMN_BINS ||
                    memcmp(a->edges, b->edges,
                           (a->levels - a->missing + 1) * sizeof *a->edges) ==
                        0))));
    }
}

pv_status pv_schema_resolve(const pv_schema *schema, const pv_found *found,
                            size_t count, pv_schema **resolved, pv_error *err)
{
    pv_status status = PV_OK;
    pv_schema *made = NULL;
    char *text = NULL;
    json_t *root = json_loads(schema->json, 0, NULL);
    if (root == NULL) {
        status = pv_fail_memory(err, "a schema");
        goto out;
    }
    for (size_t i = 0; i < count; i++) {
        PV_CHECK(found[i].column < schema->columns);
        PV_TRY(fill(schema, root, &found[i], err));
    }
    text = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
    if (text == NULL) {
        status = pv_fail_memory(err, "a schema");
        goto out;
    }
    PV_TRY(pv_schema_parse(text, strlen(text), schema->file, &made, err));
    check_derived(schema, made);
    *resolved = made;
out:
    free(text);
    json_decref(root);
    return status;
}
