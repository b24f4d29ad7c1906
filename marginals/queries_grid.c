/* Grids: marginals by the schema's codes, and trees. */
#include "core/memory.h"
#include "marginals/clique.h"
#include "marginals/queries_internal.h"

#include <stdio.h>

pv_status pv_tree_limits(pv_queries *q, const pv_family *family, pv_error *err)
{
    pv_status status = PV_OK;
    if (q->number_count == 0)
        return pv_fail(err, PV_EUSAGE,
                       "\"%s\": the schema has no column of numbers; write "
                       "marginals:K",
                       family->text);
    for (size_t i = 0; i < q->number_count; i++) {
        const pv_column *c = pv_schema_column(q->schema, q->number[i]);
        /* those of the last level have all others among them */
        for (size_t l = 1; l < (size_t)1 << family->levels; l++)
            PV_TRY(pv_limits_add(q, q->number[i],
                                 pv_level_limit(c, family->levels, l), err));
    }
out:
    return status;
}

static bool same_partitions(const pv_layer *a, const pv_layer *b)
{
    for (size_t i = 0; i < a->partitions; i++)
        if (a->partition[i].map != b->partition[i].map)
            return false;
    return true;
}

static pv_status fill_layer(pv_queries *q, const uint32_t *column, size_t k,
                            unsigned level, pv_layer *layer, pv_error *err)
{
    pv_status status = PV_OK;
    pv_partition *part = pv_queries_alloc(q, k, sizeof *part);
    if (part == NULL)
        return pv_fail_memory(err, "queries");
    *layer = (pv_layer){.partitions = k, .partition = part, .cells = 1};
    for (size_t i = 0; i < k; i++) {
        PV_TRY(pv_level_partition(q, column[i], level, &part[i], err));
        if (!pv_size_mul(layer->cells, part[i].parts, &layer->cells))
            layer->cells = SIZE_MAX;
    }
    PV_TRY(pv_queries_room(q, layer->cells, err));
out:
    return status;
}

static const char *describe(pv_queries *q, const uint32_t *column, size_t k,
                            size_t layers)
{
    char name[512];
    const pv_clique clique = pv_clique_of(column, k);
    pv_clique_describe(&clique, q->schema, name, sizeof name);
    return layers == 0 ? pv_queries_text(q, "%s", name)
                       : pv_queries_text(q, "%s in equal parts, %zu layer%s",
                                         name, layers, layers == 1 ? "" : "s");
}

/* The columns by code (levels 0), or in 2^1 to 2^levels parts. */
static pv_status add_set(pv_queries *q, const uint32_t *column, size_t k,
                         unsigned levels, pv_error *err)
{
    pv_status status = PV_OK;
    size_t layers = 0;
    pv_layer *layer =
        pv_queries_alloc(q, levels == 0 ? 1 : levels, sizeof *layer);
    if (layer == NULL)
        return pv_fail_memory(err, "queries");
    for (unsigned l = levels == 0 ? 0 : 1; l <= levels; l++) {
        PV_TRY(fill_layer(q, column, k, l, &layer[layers], err));
        /* levels are nested: equal ones follow each other */
        if (layers == 0 || !same_partitions(&layer[layers - 1], &layer[layers]))
            layers++;
    }
    pv_group group = {.kind = PV_GROUP_GRID,
                      .layers = layers,
                      .layer = layer,
                      .most = (uint32_t)layers,
                      .cross = -1,
                      .crossed = 1};
    PV_TRY(pv_queries_add(q, &group,
                          describe(q, column, k, levels == 0 ? 0 : layers),
                          err));
out:
    return status;
}

static bool has_number(const pv_queries *q, const uint32_t *column, size_t k)
{
    for (size_t i = 0; i < k; i++)
        if (pv_schema_column(q->schema, column[i])->kind != PV_COLUMN_LABELS)
            return true;
    return false;
}

static pv_status add_sets(pv_queries *q, size_t k, unsigned levels,
                          pv_error *err)
{
    pv_status status = PV_OK;
    uint32_t at[PV_MAX_COLUMNS], column[PV_MAX_COLUMNS];
    for (size_t i = 0; i < k; i++)
        at[i] = (uint32_t)i;
    do {
        for (size_t i = 0; i < k; i++)
            column[i] = q->free_column[at[i]];
        if (levels == 0 || has_number(q, column, k))
            PV_TRY(add_set(q, column, k, levels, err));
    } while (pv_combination_next(at, k, q->free_count));
out:
    return status;
}

pv_status pv_marginals_add(pv_queries *q, const pv_family *family,
                           pv_error *err)
{
    return add_sets(q, family->number, 0, err);
}

pv_status pv_tree_add(pv_queries *q, const pv_family *family, pv_error *err)
{
    return add_sets(q, family->number, family->levels, err);
}
