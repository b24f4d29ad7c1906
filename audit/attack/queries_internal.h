/* audit/attack/queries_internal.h - sets of columns and the cells of users in
 * them. Internal to queries*.c.
 *
 * Values are ranks among those that users have; what no user has is one rank
 * more. The cells of a set of columns are numbered in order of the users who
 * have them first. A set's cells follow from those of its prefix (all columns
 * but the last), so keys stay below users^2, however many columns there are. */
#ifndef PV_AUDIT_ATTACK_QUERIES_INTERNAL_H
#define PV_AUDIT_ATTACK_QUERIES_INTERNAL_H

#include "audit/attack/queries.h"

enum { PV_ORDER_MOST = 8 };
#define PV_NO_QUERY UINT32_MAX

/* One column: ranks of its codes, and of the users. */
typedef struct pv_ranked {
    uint32_t column;
    uint32_t ranks;     /* different values of users; the rank of others */
    uint16_t *of_code;  /* levels */
    uint16_t *of_user;  /* users */
} pv_ranked;

/* Sets that share all columns but the last, which runs over all columns after
 * the prefix. */
typedef struct pv_prefix {
    uint32_t member[PV_ORDER_MOST]; /* positions among the known columns */
    uint32_t count;
    uint32_t first_last;            /* the first position of the last column */
    size_t first_set;
} pv_prefix;

struct pv_clauses {
    size_t users, known, sets, prefixes;
    pv_ranked *ranked;      /* known */
    pv_prefix *prefix;
    uint32_t *cell_of_user; /* sets x users: within the set */
    size_t *first_cell;     /* sets + 1: cells of all sets */
    uint32_t *size;         /* cells: users in each */
    uint32_t *query;        /* cells: PV_NO_QUERY when left out */
    pv_incidence incidence;
};

/* From (prefix cell, rank) to the cell: dense where that is small, else hashed.
 * Cells that no user has come out as `cells`. */
typedef struct pv_cell_map {
    size_t prefix_cells, ranks; /* keys go up to (these + 1) */
    uint32_t cells;
    bool dense;
    uint32_t *table;  /* dense: (prefix_cells + 1) (ranks + 1); hashed: a value
                         a slot */
    uint64_t *key;    /* hashed: of the slot, UINT64_MAX empty */
    size_t room, mask;
} pv_cell_map;

static inline uint64_t pv_cell_hash(uint64_t key)
{
    key *= UINT64_C(0x9e3779b97f4a7c15);
    return key ^ key >> 32;
}

static inline uint32_t pv_cell_find(const pv_cell_map *map, uint32_t prefix,
                                    uint32_t rank)
{
    const uint64_t key = (uint64_t)prefix * (map->ranks + 1) + rank;
    if (map->dense)
        return map->table[key];
    for (size_t at = pv_cell_hash(key) & map->mask;; at = (at + 1) & map->mask)
        if (map->key[at] == key)
            return map->table[at];
        else if (map->key[at] == UINT64_MAX)
            return map->cells;
}

/* Empties the map for these sizes and at most `entries` keys. */
pv_status pv_cell_map_reset(pv_cell_map *map, size_t prefix_cells, size_t ranks,
                            size_t entries, pv_error *err);
/* The cell of a key, which is added with the next number if it is new. */
uint32_t pv_cell_add(pv_cell_map *map, uint32_t prefix, uint32_t rank);
/* All keys are in: cells not found get the number of cells. */
void pv_cell_map_close(pv_cell_map *map);
void pv_cell_map_free(pv_cell_map *map);

/* Zeroed answers. */
pv_status pv_answers_alloc(size_t queries, size_t levels, pv_answers *answers,
                           pv_error *err);

/* Fills q->query; *count gets the number of queries. */
pv_status pv_clauses_choose(pv_clauses *q, const pv_query_spec *spec,
                            size_t *count, pv_error *err);

/* cell[user] of the prefix extended by a column (cell of the prefix before,
 * NULL: of the empty set); the map is left for rows to be looked up in. */
pv_status pv_cells_extend(const pv_clauses *q, const uint32_t *prefix,
                          size_t prefix_cells, const pv_ranked *ranked,
                          pv_cell_map *map, uint32_t *cell, pv_error *err);

#endif
