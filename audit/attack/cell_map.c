#include "audit/attack/queries_internal.h"
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

/* Entries of a dense table: few enough to stay in cache. */
enum { dense_most = 1 << 19 };

static pv_status make_room(pv_cell_map *map, size_t room, pv_error *err)
{
    if (room > map->room) {
        free(map->table);
        free(map->key);
        map->room = room;
        map->table = pv_array_alloc(room, sizeof *map->table);
        map->key = NULL;
        if (map->table == NULL) {
            map->room = 0;
            return pv_fail_memory(err, "a table of cells");
        }
    }
    if (!map->dense && map->key == NULL) {
        map->key = pv_array_alloc(map->room, sizeof *map->key);
        if (map->key == NULL)
            return pv_fail_memory(err, "a table of cells");
    }
    return PV_OK;
}

pv_status pv_cell_map_reset(pv_cell_map *map, size_t prefix_cells, size_t ranks,
                            size_t entries, pv_error *err)
{
    size_t room = (prefix_cells + 1) * (ranks + 1);
    map->dense = room <= dense_most;
    if (!map->dense)
        for (room = 64; room < 2 * entries; room *= 2) {
        }
    const pv_status status = make_room(map, room, err);
    if (status != PV_OK)
        return status;
    map->prefix_cells = prefix_cells;
    map->ranks = ranks;
    map->cells = 0;
    map->mask = room - 1;
    if (map->dense)
        memset(map->table, 0xff, room * sizeof *map->table);
    else
        memset(map->key, 0xff, room * sizeof *map->key);
    return PV_OK;
}

uint32_t pv_cell_add(pv_cell_map *map, uint32_t prefix, uint32_t rank)
{
    const uint64_t key = (uint64_t)prefix * (map->ranks + 1) + rank;
    size_t at = key;
    if (map->dense) {
        if (map->table[at] == UINT32_MAX)
            map->table[at] = map->cells++;
        return map->table[at];
    }
    for (at = pv_cell_hash(key) & map->mask; map->key[at] != UINT64_MAX;
         at = (at + 1) & map->mask)
        if (map->key[at] == key)
            return map->table[at];
    map->key[at] = key;
    map->table[at] = map->cells++;
    return map->table[at];
}

void pv_cell_map_close(pv_cell_map *map)
{
    const size_t room = (map->prefix_cells + 1) * (map->ranks + 1);
    for (size_t i = 0; map->dense && i < room; i++)
        if (map->table[i] == UINT32_MAX)
            map->table[i] = map->cells;
}

void pv_cell_map_free(pv_cell_map *map)
{
    free(map->table);
    free(map->key);
    *map = (pv_cell_map){0};
}

pv_status pv_cells_extend(const pv_clauses *q, const uint32_t *prefix,
                          size_t prefix_cells, const pv_ranked *ranked,
                          pv_cell_map *map, uint32_t *cell, pv_error *err)
{
    const pv_status status =
        pv_cell_map_reset(map, prefix_cells, ranked->ranks, q->users, err);
    if (status != PV_OK)
        return status;
    for (size_t j = 0; j < q->users; j++)
        cell[j] = pv_cell_add(map, prefix == NULL ? 0 : prefix[j],
                              ranked->of_user[j]);
    pv_cell_map_close(map);
    return PV_OK;
}
