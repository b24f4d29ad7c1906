/* Partitions of a column's cells. */
#include "core/memory.h"
#include "marginals/queries_internal.h"

#include <math.h>
#include <string.h>

static uint32_t *new_map(pv_queries *q, uint32_t column, pv_partition *part,
                         pv_error *err)
{
    uint32_t *map = pv_queries_alloc(q, q->axis[column].cells, sizeof *map);
    *part = (pv_partition){.column = column, .map = map};
    if (map == NULL)
        (void)pv_fail_memory(err, "partitions");
    return map;
}

/* The missing cell is a part of its own, the last. */
static void end_map(const pv_queries *q, uint32_t parts, uint32_t *map,
                    pv_partition *part)
{
    const pv_axis *axis = &q->axis[part->column];
    if (axis->missing)
        map[axis->cells - 1] = parts++;
    part->parts = parts;
}

pv_status pv_code_partition(pv_queries *q, uint32_t column, pv_partition *part,
                            pv_error *err)
{
    const pv_column *c = pv_schema_column(q->schema, column);
    const pv_axis *axis = &q->axis[column];
    const uint32_t values = axis->cells - axis->missing;
    uint32_t *map = new_map(q, column, part, err);
    if (map == NULL)
        return PV_ENOMEM;
    for (uint32_t i = 0; i < values; i++)
        map[i] = axis->numbers ? pv_column_encode_number(c, axis->edge[i]) : i;
    end_map(q, c->levels - c->missing, map, part);
    return PV_OK;
}

pv_status pv_limit_partition(pv_queries *q, uint32_t column,
                             const double *limit, size_t limits,
                             pv_partition *part, pv_error *err)
{
    const pv_axis *axis = &q->axis[column];
    const uint32_t values = axis->cells - axis->missing;
    uint32_t *map = new_map(q, column, part, err);
    uint32_t last = 0;
    size_t next = 0;
    if (map == NULL)
        return PV_ENOMEM;
    for (uint32_t i = 0; i < values; i++) {
        const size_t before = next;
        while (next < limits && limit[next] <= pv_cell_least(q, column, i))
            next++;
        /* two limits between neighbouring numbers leave no part between */
        last += i > 0 && next > before;
        map[i] = last;
    }
    end_map(q, last + 1, map, part);
    return PV_OK;
}

double pv_level_limit(const pv_column *column, unsigned level, size_t i)
{
    /* halving is exact, so a level's limits are among the next one's */
    const double step = ldexp(column->maximum - column->minimum, -(int)level);
    return column->minimum + step * (double)i;
}

static pv_status equal_bins(pv_queries *q, uint32_t column, unsigned level,
                            pv_partition *part, pv_error *err)
{
    const pv_column *c = pv_schema_column(q->schema, column);
    const size_t parts = (size_t)1 << level;
    double limit[1 << PV_TREE_LEVELS];
    for (size_t i = 1; i < parts; i++)
        limit[i - 1] = pv_level_limit(c, level, i);
    return pv_limit_partition(q, column, limit, parts - 1, part, err);
}

static pv_status equal_codes(pv_queries *q, uint32_t column, unsigned level,
                             pv_partition *part, pv_error *err)
{
    const pv_axis *axis = &q->axis[column];
    const uint32_t values = axis->cells - axis->missing;
    const uint32_t most = UINT32_C(1) << level;
    const uint32_t parts = most < values ? most : values;
    uint32_t *map = new_map(q, column, part, err);
    if (map == NULL)
        return PV_ENOMEM;
    for (uint32_t i = 0; i < values; i++)
        map[i] = (uint32_t)((uint64_t)i * parts / values);
    end_map(q, parts, map, part);
    return PV_OK;
}

static pv_status make_level(pv_queries *q, uint32_t column, unsigned level,
                            pv_partition *part, pv_error *err)
{
    switch (level == 0 ? PV_COLUMN_LABELS
                       : pv_schema_column(q->schema, column)->kind) {
    case PV_COLUMN_BINS:
        return equal_bins(q, column, level, part, err);
    case PV_COLUMN_INTEGERS:
        return equal_codes(q, column, level, part, err);
    default:
        return pv_code_partition(q, column, part, err);
    }
}

pv_status pv_level_partition(pv_queries *q, uint32_t column, unsigned level,
                             pv_partition *part, pv_error *err)
{
    if (pv_schema_column(q->schema, column)->kind == PV_COLUMN_LABELS)
        level = 0; /* by code at every level */
    pv_partition *kept = &q->part[column * (PV_TREE_LEVELS + 1) + level];
    if (kept->map == NULL) {
        const pv_status status = make_level(q, column, level, kept, err);
        if (status != PV_OK)
            return status;
        const size_t bytes = q->axis[column].cells * sizeof *kept->map;
        if (level > 1 && kept[-1].map != NULL &&
            memcmp(kept->map, kept[-1].map, bytes) == 0)
            *kept = kept[-1];
    }
    *part = *kept;
    return PV_OK;
}
