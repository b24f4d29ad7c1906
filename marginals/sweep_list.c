#include "marginals/sweep.h"

#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

static size_t hash_of(pv_sweep_kind kind, size_t at, const pv_clique *columns)
{
    uint64_t h = UINT64_C(14695981039346656037) ^ (4 * at + (size_t)kind);
    for (size_t i = 0; i < PV_CLIQUE_WORDS; i++)
        h = (h ^ columns->word[i]) * UINT64_C(1099511628211);
    return (size_t)(h ^ h >> 29);
}

static size_t *slot_of(const pv_sweep *s, pv_sweep_kind kind, size_t at,
                       const pv_clique *columns)
{
    for (size_t i = hash_of(kind, at, columns) % s->slots;;
         i = (i + 1) % s->slots) {
        const pv_sweep_table *t = s->slot[i] > 0 ? &s->tables[s->slot[i] - 1] : NULL;
        if (t == NULL || (t->kind == kind && t->at == at &&
                          pv_clique_equal(&t->columns, columns)))
            return &s->slot[i];
    }
}

static pv_status grow(pv_sweep *s, pv_error *err)
{
    const size_t room = 2 * s->room + 64;
    pv_sweep_table *tables = pv_array_realloc(s->tables, room, sizeof *tables);
    if (tables == NULL)
        return pv_fail_memory(err, "the answers");
    s->tables = tables;
    free(s->slot);
    s->slots = 2 * room + 1;
    s->slot = pv_array_calloc(s->slots, sizeof *s->slot);
    if (s->slot == NULL)
        return pv_fail_memory(err, "the answers");
    s->room = room;
    for (size_t i = 0; i < s->count; i++)
        *slot_of(s, tables[i].kind, tables[i].at, &tables[i].columns) = i + 1;
    return PV_OK;
}

/* *fresh: the table was not there, and its inputs must be listed too. */
static pv_status list(pv_sweep *s, pv_sweep_kind kind, size_t at, pv_clique columns,
                      size_t *index, bool *fresh, pv_error *err)
{
    if (s->count == s->room) {
        const pv_status status = grow(s, err);
        if (status != PV_OK)
            return status;
    }
    size_t *slot = slot_of(s, kind, at, &columns);
    *fresh = *slot == 0;
    if (*fresh) {
        s->tables[s->count] =
            (pv_sweep_table){.kind = kind, .at = at, .columns = columns};
        *slot = ++s->count;
    }
    *index = *slot - 1;
    return PV_OK;
}

/* The query columns that reach clique i by its child j. */
pv_clique pv_sweep_carried(const pv_sweep *s, size_t i, size_t j,
                            const pv_clique *columns)
{
    const pv_clique under = pv_clique_intersection(columns, &s->model->below[j]);
    return pv_clique_minus(&under, &s->model->tree.clique[i]);
}

static pv_status list_inputs(pv_sweep *s, size_t index, pv_error *err);

static pv_status list_table(pv_sweep *s, pv_sweep_kind kind, size_t at,
                            pv_clique columns, size_t *index, pv_error *err)
{
    bool fresh;
    const pv_status status = list(s, kind, at, columns, index, &fresh, err);
    return status == PV_OK && fresh && kind != PV_SWEEP_CUT
               ? list_inputs(s, *index, err)
               : status;
}

static pv_status list_inputs(pv_sweep *s, size_t index, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_sweep_table t = s->tables[index];
    const pv_jtree *tree = &s->model->tree;
    pv_clique needed = pv_clique_intersection(&t.columns, &tree->clique[t.at]);
    size_t ignored;
    if (t.kind == PV_SWEEP_MESSAGE)
        needed = pv_clique_union(&needed, &tree->separator[t.at]);
    for (size_t k = s->first_child[t.at]; k < s->first_child[t.at + 1]; k++) {
        const size_t j = s->child[k];
        const pv_clique carried = pv_sweep_carried(s, t.at, j, &t.columns);
        if (pv_clique_count(&carried) == 0)
            continue;
        needed = pv_clique_union(&needed, &tree->separator[j]);
        PV_TRY(list_table(s, PV_SWEEP_MESSAGE, j, carried, &ignored, err));
    }
    PV_TRY(list_table(s, PV_SWEEP_CUT, t.at, needed, &ignored, err));
    s->tables[index].needed = needed;
out:
    return status;
}

/* The lowest clique of the component whose subtree holds the columns. */
size_t pv_sweep_top(const pv_sweep *s, size_t root, const pv_clique *columns)
{
    for (size_t i = root;;) {
        size_t next = i;
        for (size_t k = s->first_child[i]; k < s->first_child[i + 1]; k++)
            if (pv_clique_subset(columns, &s->model->below[s->child[k]]))
                next = s->child[k];
        if (next == i)
            return i;
        i = next;
    }
}

pv_status pv_sweep_open(pv_sweep *s, pv_error *err)
{
    const pv_jtree *tree = &s->model->tree;
    const size_t n = tree->cliques;
    s->child = pv_array_alloc(n, sizeof *s->child);
    s->first_child = pv_array_calloc(n + 2, sizeof *s->first_child);
    if (s->child == NULL || s->first_child == NULL)
        return pv_fail_memory(err, "the answers");
    for (size_t i = 0; i < n; i++)
        if (tree->parent[i] != PV_NO_PARENT)
            s->first_child[tree->parent[i] + 2]++;
    for (size_t i = 2; i < n + 2; i++)
        s->first_child[i] += s->first_child[i - 1];
    for (size_t i = 0; i < n; i++)
        if (tree->parent[i] != PV_NO_PARENT)
            s->child[s->first_child[tree->parent[i] + 1]++] = i;
    return PV_OK;
}

void pv_sweep_close(pv_sweep *s)
{
    for (size_t i = 0; i < s->count; i++)
        pv_factor_clear(&s->tables[i].factor);
    free(s->tables);
    free(s->slot);
    free(s->child);
    free(s->first_child);
    free(s->order);
    free(s->begin);
}

const pv_sweep_table *pv_sweep_find(const pv_sweep *s, pv_sweep_kind kind, size_t at,
                         const pv_clique *columns)
{
    return &s->tables[*slot_of(s, kind, at, columns) - 1];
}

static size_t rank_of(const pv_sweep_table *t)
{
    return 3 * t->at + (size_t)t->kind;
}

typedef struct sortable {
    size_t rank, cells, index;
} sortable;

static int by_place(const void *a, const void *b)
{
    const sortable *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (x->cells != y->cells)
        return x->cells > y->cells ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

pv_status pv_sweep_sort(pv_sweep *s, pv_error *err)
{
    const size_t ranks = 3 * s->model->tree.cliques;
    sortable *all = pv_array_alloc(s->count, sizeof *all);
    s->order = pv_array_alloc(s->count, sizeof *s->order);
    s->begin = pv_array_calloc(ranks + 1, sizeof *s->begin);
    if (all == NULL || s->order == NULL || s->begin == NULL) {
        free(all);
        return pv_fail_memory(err, "the answers");
    }
    for (size_t i = 0; i < s->count; i++) {
        const pv_sweep_table *t = &s->tables[i];
        all[i] = (sortable){
            rank_of(t), pv_domain_cells(&s->model->domain, &t->columns), i};
        s->begin[rank_of(t) + 1]++;
    }
    qsort(all, s->count, sizeof *all, by_place);
    for (size_t i = 0; i < s->count; i++)
        s->order[i] = all[i].index;
    for (size_t r = 0; r < ranks; r++)
        s->begin[r + 1] += s->begin[r];
    free(all);
    return PV_OK;
}

/* A query's share of one component, from 0 to PV_NO_PARENT when it has none. */
bool pv_sweep_part(const pv_sweep *s, const pv_clique *query, size_t *root,
                      pv_clique *part)
{
    const pv_jtree *tree = &s->model->tree;
    for (; *root < tree->cliques; (*root)++) {
        if (tree->parent[*root] != PV_NO_PARENT)
            continue;
        *part = pv_clique_intersection(query, &s->model->below[*root]);
        if (pv_clique_count(part) > 0)
            return true;
    }
    return false;
}

pv_status pv_sweep_list(pv_sweep *s, const pv_clique *query, pv_error *err)
{
    pv_status status = PV_OK;
    pv_clique part;
    size_t ignored;
    for (size_t root = 0; pv_sweep_part(s, query, &root, &part); root++)
        PV_TRY(list_table(s, PV_SWEEP_PART, pv_sweep_top(s, root, &part), part, &ignored,
                          err));
out:
    return status;
}
