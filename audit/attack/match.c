#include "audit/attack/match.h"

#include "core/memory.h"
#include "io/rows.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { block_rows = 1024 };

/* A combination that some person has. */
typedef struct slot {
    uint64_t cell;
    uint32_t count;
    uint32_t used;
} slot;

struct pv_match {
    size_t room, slots; /* a power of 2, at least twice the room */
    unsigned shift;
    slot *slot;
    uint32_t *place; /* slot of each person */
    size_t people;
    const uint32_t *column;
    size_t columns;
    bool exact; /* cells are numbers of mixed radix */
};

pv_status pv_match_new(size_t people, pv_match **match, pv_error *err)
{
    pv_match *m = pv_array_calloc(1, sizeof *m);
    *match = NULL;
    if (m == NULL)
        return pv_fail_memory(err, "combinations of people");
    m->room = people;
    m->shift = 60;
    for (m->slots = 16; m->slots < 2 * people && m->shift > 33; m->slots *= 2)
        m->shift--;
    m->slot = pv_array_alloc(m->slots, sizeof *m->slot);
    m->place = pv_array_alloc(people, sizeof *m->place);
    if (m->slot == NULL || m->place == NULL) {
        pv_match_free(m);
        return pv_fail_memory(err, "combinations of people");
    }
    *match = m;
    return PV_OK;
}

void pv_match_free(pv_match *match)
{
    if (match == NULL)
        return;
    free(match->slot);
    free(match->place);
    free(match);
}

/* --- cells ---------------------------------------------------------------- */

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
    x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return x ^ x >> 32;
}

static bool fits(const pv_schema *schema, const uint32_t *column,
                 size_t columns)
{
    uint64_t cells = 1;
    for (size_t i = 0; i < columns; i++)
        if (__builtin_mul_overflow(
                cells, pv_schema_column(schema, column[i])->levels, &cells))
            return false;
    return true;
}

/* cell[r] of rows first..first+n-1 of `rows`. */
static void number_cells(const pv_match *m, const pv_people *rows, size_t first,
                         size_t n, uint64_t *cell)
{
    const pv_schema *schema = pv_table_schema(rows->table);
    const uint32_t *row = rows->row != NULL ? rows->row + first : NULL;
    memset(cell, 0, n * sizeof *cell);
    for (size_t i = 0; i < m->columns; i++) {
        const pv_codes codes = pv_table_codes(rows->table, m->column[i]);
        const uint64_t levels = pv_schema_column(schema, m->column[i])->levels;
        for (size_t r = 0; r < n; r++) {
            const uint32_t code =
                pv_codes_at(codes, row != NULL ? row[r] : first + r);
            cell[r] = m->exact ? cell[r] * levels + code
                               : mix(cell[r] + code + 1);
        }
    }
}

/* The slot of a cell, or the free one where it belongs. */
static size_t find_slot(const pv_match *m, uint64_t cell)
{
    size_t at = (size_t)(cell * UINT64_C(0x9e3779b97f4a7c15) >> m->shift);
    while (m->slot[at].used && m->slot[at].cell != cell)
        at = (at + 1) & (m->slots - 1);
    return at;
}

/* --- people and rows ------------------------------------------------------ */

static void add_group(pv_match *m, const pv_people *group)
{
    uint64_t cell[block_rows];
    for (size_t first = 0; first < group->count; first += block_rows) {
        const size_t left = group->count - first;
        const size_t n = left < block_rows ? left : block_rows;
        number_cells(m, group, first, n, cell);
        for (size_t r = 0; r < n; r++) {
            const size_t at = find_slot(m, cell[r]);
            m->slot[at] = (slot){.cell = cell[r], .used = 1};
            m->place[m->people++] = (uint32_t)at;
        }
    }
}

void pv_match_people(pv_match *match, const pv_people *group, size_t groups,
                     const uint32_t *column, size_t columns)
{
    match->people = 0;
    match->column = column;
    match->columns = columns;
    memset(match->slot, 0, match->slots * sizeof *match->slot);
    for (size_t g = 0; g < groups; g++) {
        PV_CHECK(match->people + group[g].count <= match->room);
        match->exact = fits(pv_table_schema(group[g].table), column, columns);
        add_group(match, &group[g]);
    }
}

void pv_match_count(pv_match *match, const pv_people *rows, uint32_t *count)
{
    uint64_t cell[block_rows];
    for (size_t i = 0; i < match->slots; i++)
        match->slot[i].count = 0;
    for (size_t first = 0; first < rows->count; first += block_rows) {
        const size_t left = rows->count - first;
        const size_t n = left < block_rows ? left : block_rows;
        number_cells(match, rows, first, n, cell);
        for (size_t r = 0; r < n; r++) {
            slot *s = &match->slot[find_slot(match, cell[r])];
            s->count += s->used;
        }
    }
    for (size_t p = 0; p < match->people; p++)
        count[p] = match->slot[match->place[p]].count;
}
