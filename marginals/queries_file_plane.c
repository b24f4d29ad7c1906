/* Planes and grids of a file. */
#include "core/memory.h"
#include "io/date.h"
#include "marginals/queries_file.h"

#include <math.h>

static const double most_weight = 1e6;

static pv_status read_weight(const pv_query_file *f, const json_t *json,
                             const char *what, double *weight, pv_error *err)
{
    *weight = json_number_value(json);
    if (!json_is_number(json) || !(fabs(*weight) <= most_weight))
        return pv_file_fail(f, err,
                            "the weight of \"%.64s\" is not a number from %g "
                            "to %g",
                            what, -most_weight, most_weight);
    return PV_OK;
}

static pv_status read_labels(const pv_query_file *f, json_t *json,
                             pv_plane_term *term, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_column *c = pv_schema_column(f->q->schema, term->column);
    const char *label;
    json_t *value;
    if (!json_is_object(json))
        return pv_file_fail(f, err,
                            "the weights of column \"%s\" are not {LABEL: "
                            "WEIGHT, ...}",
                            c->name);
    double *weight = pv_queries_alloc(f->q, c->levels, sizeof *weight);
    if (weight == NULL)
        return pv_fail_memory(err, "queries");
    json_object_foreach(json, label, value)
    {
        uint32_t code;
        PV_TRY(pv_file_label(f, term->column, label, &code, err));
        PV_TRY(read_weight(f, value, label, &weight[code], err));
    }
    term->weight = weight;
out:
    return status;
}

static pv_status read_term(const pv_query_file *f, uint32_t column,
                           json_t *json, pv_plane_term *term, pv_error *err)
{
    const pv_column *c = pv_schema_column(f->q->schema, column);
    *term = (pv_plane_term){.column = column};
    return c->kind == PV_COLUMN_LABELS
               ? read_labels(f, json, term, err)
               : read_weight(f, json, c->name, &term->slope, err);
}

pv_status pv_file_plane(pv_query_file *f, json_t *entry, pv_group *group,
                        pv_error *err)
{
    pv_status status = PV_OK;
    json_t *plane = json_object_get(entry, "plane");
    const json_t *above = json_object_get(entry, "above");
    const size_t n = json_object_size(plane);
    size_t at = 0;
    if (!json_is_object(plane) || n == 0)
        return pv_file_fail(f, err,
                            "\"plane\" is not an object {COLUMN: WEIGHT, ...}");
    if (!json_is_number(above))
        return pv_file_fail(f, err, "\"above\" is missing, or not a number");
    PV_TRY(pv_file_columns(f, plane, err));
    pv_plane_term *term = pv_queries_alloc(f->q, n, sizeof *term);
    if (term == NULL)
        return pv_fail_memory(err, "queries");
    for (uint32_t c = 0; at < n && c < f->q->columns; c++) {
        json_t *json = json_object_get(
            plane, pv_schema_column(f->q->schema, c)->name);
        if (json != NULL)
            PV_TRY(read_term(f, c, json, &term[at++], err));
    }
    group->kind = PV_GROUP_PLANE;
    group->most = 1;
    group->terms = n;
    group->term = term;
    group->bound = json_number_value(above);
out:
    return status;
}

/* --- grids ----------------------------------------------------------------- */

/* Inner edges: the first and the last are outer, and the ranges beyond them belong to
 * the first and the last part. */
static pv_status read_edges(const pv_query_file *f, uint32_t column,
                            const json_t *list, pv_partition *part,
                            pv_error *err)
{
    pv_status status = PV_OK;
    const pv_column *c = pv_schema_column(f->q->schema, column);
    const size_t n = json_array_size(list);
    if (c->kind == PV_COLUMN_LABELS)
        return pv_file_fail(f, err,
                            "column \"%s\" has labels, no edges; write true",
                            c->name);
    if (n < 2 || n > PV_MAX_LEVELS)
        return pv_file_fail(f, err,
                            "the edges of column \"%s\" are not 2 to %d", c->name,
                            PV_MAX_LEVELS);
    double *edge = pv_queries_alloc(f->q, n, sizeof *edge);
    if (edge == NULL)
        return pv_fail_memory(err, "queries");
    for (size_t i = 0; i < n; i++) {
        if (!pv_column_json_number(c, json_array_get(list, i), &edge[i]) ||
            (i > 0 && !(edge[i] > edge[i - 1])))
            return pv_file_fail(f, err,
                                "the edges of column \"%s\" are not %s that "
                                "increase",
                                c->name, c->date ? "dates" : "numbers");
        if (i > 0 && i + 1 < n)
            PV_TRY(pv_limits_add(f->q, column, edge[i], err));
    }
    if (f->making)
        PV_TRY(pv_limit_partition(f->q, column, edge + 1, n - 2, part, err));
out:
    return status;
}

static pv_status read_partition(const pv_query_file *f, uint32_t column,
                                const json_t *json, pv_partition *part,
                                pv_error *err)
{
    if (json_is_array(json))
        return read_edges(f, column, json, part, err);
    if (!json_is_true(json))
        return pv_file_fail(f, err,
                            "column \"%s\" has neither a list of edges nor "
                            "true, for its codes",
                            pv_schema_column(f->q->schema, column)->name);
    return f->making ? pv_level_partition(f->q, column, 0, part, err) : PV_OK;
}

pv_status pv_file_grid(pv_query_file *f, json_t *entry, pv_group *group,
                       pv_error *err)
{
    pv_status status = PV_OK;
    json_t *grid = json_object_get(entry, "grid");
    const size_t n = json_object_size(grid);
    size_t at = 0;
    if (!json_is_object(grid) || n == 0)
        return pv_file_fail(f, err,
                            "\"grid\" is not an object {COLUMN: EDGES or true, "
                            "...}");
    PV_TRY(pv_file_columns(f, grid, err));
    pv_layer *layer = pv_queries_alloc(f->q, 1, sizeof *layer);
    pv_partition *part = pv_queries_alloc(f->q, n, sizeof *part);
    if (layer == NULL || part == NULL)
        return pv_fail_memory(err, "queries");
    *layer = (pv_layer){.partitions = n, .partition = part, .cells = 1};
    for (uint32_t c = 0; at < n && c < f->q->columns; c++) {
        const json_t *json = json_object_get(
            grid, pv_schema_column(f->q->schema, c)->name);
        if (json == NULL)
            continue;
        PV_TRY(read_partition(f, c, json, &part[at], err));
        if (!pv_size_mul(layer->cells, part[at].parts, &layer->cells))
            layer->cells = SIZE_MAX;
        at++;
    }
    group->kind = PV_GROUP_GRID;
    group->most = 1;
    group->layers = 1;
    group->layer = layer;
out:
    return status;
}
