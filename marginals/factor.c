#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "marginals/factor.h"

#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

pv_status pv_factor_columns(pv_factor *factor, const pv_domain *domain,
                            const uint32_t *column, size_t rank, pv_error *err)
{
    memset(factor, 0, sizeof *factor);
    factor->cells = 1;
    for (size_t i = 0; i < rank; i++) {
        const size_t levels = domain->levels[column[i]];
        if (i == PV_FACTOR_RANK ||
            !pv_size_mul(factor->cells, levels, &factor->cells))
            return pv_fail(err, PV_ETOOBIG,
                           "a marginal over %zu columns does not fit any "
                           "memory; use fewer or coarser columns",
                           rank);
        factor->column[factor->rank] = column[i];
        factor->shape[factor->rank++] = levels;
    }
    if (factor->cells > UINT32_MAX)
        return pv_fail(err, PV_ETOOBIG,
                       "a marginal of %zu cells is too large; use fewer or "
                       "coarser columns",
                       factor->cells);
    factor->cell = pv_aligned_alloc(factor->cells, sizeof *factor->cell);
    return factor->cell != NULL ? PV_OK : pv_fail_memory(err, "a model table");
}

pv_status pv_factor_order(pv_factor *factor, const pv_domain *domain,
                          const pv_clique *part, size_t parts, pv_error *err)
{
    uint32_t column[PV_MAX_COLUMNS];
    size_t rank = 0;
    for (size_t p = 0; p < parts; p++)
        rank += pv_clique_columns(&part[p], column + rank,
                                  PV_MAX_COLUMNS - rank);
    return pv_factor_columns(factor, domain, column, rank, err);
}

pv_status pv_factor_like(pv_factor *factor, const pv_domain *domain,
                         const pv_clique *clique, const pv_factor *like,
                         pv_error *err)
{
    uint32_t column[PV_FACTOR_RANK];
    size_t rank = 0;
    for (size_t i = 0; i < like->rank; i++)
        if (pv_clique_has(clique, like->column[i]))
            column[rank++] = like->column[i];
    return pv_factor_columns(factor, domain, column, rank, err);
}

pv_status pv_factor_init(pv_factor *factor, const pv_domain *domain,
                         const pv_clique *clique, const pv_clique *first,
                         pv_error *err)
{
    const pv_clique part[] = {*first, pv_clique_minus(clique, first)};
    return pv_factor_order(factor, domain, part, 2, err);
}

void pv_factor_clear(pv_factor *factor)
{
    free(factor->cell);
    memset(factor, 0, sizeof *factor);
}

/* Strides of `table`'s axes in `sub` (0 for columns it does not have), with
 * neighbouring axes merged where one stride serves both; slowest first. */
static size_t merged_axes(const pv_factor *table, const pv_factor *sub,
                          size_t *extent, size_t *stride)
{
    size_t axes = 0;
    for (size_t i = 0; i < table->rank; i++) {
        size_t step = 0, product = 1;
        for (size_t j = sub->rank; j-- > 0;) {
            if (sub->column[j] == table->column[i])
                step = product;
            product *= sub->shape[j];
        }
        if (axes > 0 && stride[axes - 1] == step * table->shape[i]) {
            extent[axes - 1] *= table->shape[i];
            stride[axes - 1] = step;
        } else {
            extent[axes] = table->shape[i];
            stride[axes++] = step;
        }
    }
    return axes;
}

static void tabulate(uint32_t *offset, const size_t *extent,
                     const size_t *stride, size_t axes)
{
    size_t done = 1;
    offset[0] = 0;
    for (size_t a = axes; a-- > 0;) {
        for (size_t v = 1; v < extent[a]; v++)
            for (size_t i = 0; i < done; i++)
                offset[v * done + i] = offset[i] + (uint32_t)(v * stride[a]);
        done *= extent[a];
    }
}

pv_status pv_map_init(pv_map *map, const pv_factor *table,
                      const pv_factor *sub, pv_error *err)
{
    enum { long_run = 8, tail_target = 64 };
    size_t extent[PV_FACTOR_RANK], stride[PV_FACTOR_RANK];
    memset(map, 0, sizeof *map);
    size_t axes = merged_axes(table, sub, extent, stride);
    map->inner = 1;
    map->step = 0;
    map->runs = 1;
    if (axes > 0 && extent[axes - 1] >= long_run && stride[axes - 1] <= 1) {
        axes--;
        map->inner = extent[axes];
        map->step = stride[axes];
    } else {
        size_t tail = axes;
        while (tail > 0 && map->inner < tail_target)
            map->inner *= extent[--tail];
        map->offset = pv_array_alloc(map->inner, sizeof *map->offset);
        if (map->offset == NULL)
            return pv_fail_memory(err, "a model's index");
        tabulate(map->offset, extent + tail, stride + tail, axes - tail);
        axes = tail;
    }
    map->axes = axes;
    for (size_t a = 0; a < axes; a++) {
        map->extent[a] = extent[a];
        map->stride[a] = stride[a];
        map->runs *= extent[a];
    }
    return PV_OK;
}

void pv_map_clear(pv_map *map)
{
    free(map->offset);
    memset(map, 0, sizeof *map);
}

/* Walks the runs: base is the sub-table's offset of the run at hand. */
typedef struct walk {
    const pv_map *map;
    size_t base;
    size_t at[PV_FACTOR_RANK];
} walk;

static inline void walk_next(walk *w)
{
    const pv_map *map = w->map;
    for (size_t a = map->axes; a-- > 0;) {
        w->base += map->stride[a];
        if (++w->at[a] < map->extent[a])
            return;
        w->base -= map->stride[a] * map->extent[a];
        w->at[a] = 0;
    }
}

PV_WIDE static void project(const pv_map *map, const double *table, double *sub,
                    size_t sub_cells)
{
    walk w = {map, 0, {0}};
    const size_t n = map->inner;
    memset(sub, 0, sub_cells * sizeof *sub);
    for (size_t run = 0; run < map->runs; run++, walk_next(&w), table += n) {
        double *restrict s = sub + w.base;
        if (map->offset != NULL)
            for (size_t i = 0; i < n; i++)
                s[map->offset[i]] += table[i];
        else if (map->step == 0)
            s[0] += pv_sum(table, n);
        else
            for (size_t i = 0; i < n; i++)
                s[i] += table[i];
    }
}

PV_WIDE static void multiply(const pv_map *map, double *table, const double *sub)
{
    walk w = {map, 0, {0}};
    const size_t n = map->inner;
    for (size_t run = 0; run < map->runs; run++, walk_next(&w), table += n) {
        const double *restrict s = sub + w.base;
        double *restrict t = table;
        if (map->offset != NULL)
            for (size_t i = 0; i < n; i++)
                t[i] *= s[map->offset[i]];
        else if (map->step == 0)
            for (size_t i = 0; i < n; i++)
                t[i] *= s[0];
        else
            for (size_t i = 0; i < n; i++)
                t[i] *= s[i];
    }
}

PV_WIDE static void add_to(const pv_map *map, double *table, const double *sub)
{
    walk w = {map, 0, {0}};
    const size_t n = map->inner;
    for (size_t run = 0; run < map->runs; run++, walk_next(&w), table += n) {
        const double *restrict s = sub + w.base;
        double *restrict t = table;
        if (map->offset != NULL)
            for (size_t i = 0; i < n; i++)
                t[i] += s[map->offset[i]];
        else if (map->step == 0)
            for (size_t i = 0; i < n; i++)
                t[i] += s[0];
        else
            for (size_t i = 0; i < n; i++)
                t[i] += s[i];
    }
}

/* The clones are static: not every compiler gives them an outside name. */

void pv_map_project(const pv_map *map, const double *table, double *sub,
                    size_t sub_cells)
{
    project(map, table, sub, sub_cells);
}

void pv_map_multiply(const pv_map *map, double *table, const double *sub)
{
    multiply(map, table, sub);
}

void pv_map_add(const pv_map *map, double *table, const double *sub)
{
    add_to(map, table, sub);
}
