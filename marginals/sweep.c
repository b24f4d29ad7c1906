#include "core/memory.h"
#include "core/threads.h"
#include "marginals/contract.h"
#include "marginals/model_internal.h"

#include <stdlib.h>
#include <string.h>

/* Answers to many queries from one calibrated tree. Three kinds of table are
 * made, each once however many queries need it:
 *   cut      p(some columns of a clique);
 *   message  p(carried columns | separator): what a query's columns below a
 *            clique mean to its parent;
 *   part     p(a query's columns within one component), at the lowest clique
 *            whose subtree holds them.
 * They are listed first, by the structure alone, then made clique by clique
 * from the leaves. Koller and Friedman 2009, section 10.3.3. */

typedef enum table_kind { CUT, MESSAGE, PART } table_kind;

typedef struct table {
    table_kind kind;
    size_t at;          /* clique */
    pv_clique columns;  /* of a message: without the separator's */
    pv_clique needed;   /* message, part: the cut it starts from */
    pv_factor factor;
} table;

typedef struct sweep {
    const pv_model *model;
    pv_clique *below;   /* columns of a clique's subtree */
    size_t *child, *first_child; /* children of i: child[first..first[i + 1]) */
    table *tables;
    size_t count, room;
    size_t *slot, slots; /* hash: 1 + place in tables */
    size_t *order;       /* tables by clique, then kind, then larger first */
    size_t *begin;       /* in order, by 3 x clique + kind; one more */
    _Atomic bool failed;
} sweep;

static size_t hash_of(table_kind kind, size_t at, const pv_clique *columns)
{
    uint64_t h = UINT64_C(14695981039346656037) ^ (4 * at + (size_t)kind);
    for (size_t i = 0; i < PV_CLIQUE_WORDS; i++)
        h = (h ^ columns->word[i]) * UINT64_C(1099511628211);
    return (size_t)(h ^ h >> 29);
}

static size_t *slot_of(const sweep *s, table_kind kind, size_t at,
                       const pv_clique *columns)
{
    for (size_t i = hash_of(kind, at, columns) % s->slots;;
         i = (i + 1) % s->slots) {
        const table *t = s->slot[i] > 0 ? &s->tables[s->slot[i] - 1] : NULL;
        if (t == NULL || (t->kind == kind && t->at == at &&
                          pv_clique_equal(&t->columns, columns)))
            return &s->slot[i];
    }
}

static pv_status grow(sweep *s, pv_error *err)
{
    const size_t room = 2 * s->room + 64;
    table *tables = pv_array_realloc(s->tables, room, sizeof *tables);
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
static pv_status list(sweep *s, table_kind kind, size_t at, pv_clique columns,
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
            (table){.kind = kind, .at = at, .columns = columns};
        *slot = ++s->count;
    }
    *index = *slot - 1;
    return PV_OK;
}

/* The query columns that reach clique i by its child j. */
static pv_clique carried_by(const sweep *s, size_t i, size_t j,
                            const pv_clique *columns)
{
    const pv_clique under = pv_clique_intersection(columns, &s->below[j]);
    return pv_clique_minus(&under, &s->model->tree.clique[i]);
}

static pv_status list_inputs(sweep *s, size_t index, pv_error *err);

static pv_status list_table(sweep *s, table_kind kind, size_t at,
                            pv_clique columns, size_t *index, pv_error *err)
{
    bool fresh;
    const pv_status status = list(s, kind, at, columns, index, &fresh, err);
    return status == PV_OK && fresh && kind != CUT
               ? list_inputs(s, *index, err)
               : status;
}

static pv_status list_inputs(sweep *s, size_t index, pv_error *err)
{
    pv_status status = PV_OK;
    const table t = s->tables[index];
    const pv_jtree *tree = &s->model->tree;
    pv_clique needed = pv_clique_intersection(&t.columns, &tree->clique[t.at]);
    size_t ignored;
    if (t.kind == MESSAGE)
        needed = pv_clique_union(&needed, &tree->separator[t.at]);
    for (size_t k = s->first_child[t.at]; k < s->first_child[t.at + 1]; k++) {
        const size_t j = s->child[k];
        const pv_clique carried = carried_by(s, t.at, j, &t.columns);
        if (pv_clique_count(&carried) == 0)
            continue;
        needed = pv_clique_union(&needed, &tree->separator[j]);
        PV_TRY(list_table(s, MESSAGE, j, carried, &ignored, err));
    }
    PV_TRY(list_table(s, CUT, t.at, needed, &ignored, err));
    s->tables[index].needed = needed;
out:
    return status;
}

/* The lowest clique of the component whose subtree holds the columns. */
static size_t top_of(const sweep *s, size_t root, const pv_clique *columns)
{
    for (size_t i = root;;) {
        size_t next = i;
        for (size_t k = s->first_child[i]; k < s->first_child[i + 1]; k++)
            if (pv_clique_subset(columns, &s->below[s->child[k]]))
                next = s->child[k];
        if (next == i)
            return i;
        i = next;
    }
}

static pv_status open_sweep(sweep *s, pv_error *err)
{
    const pv_jtree *tree = &s->model->tree;
    const size_t n = tree->cliques;
    s->below = pv_array_alloc(n, sizeof *s->below);
    s->child = pv_array_alloc(n, sizeof *s->child);
    s->first_child = pv_array_calloc(n + 2, sizeof *s->first_child);
    if (s->below == NULL || s->child == NULL || s->first_child == NULL)
        return pv_fail_memory(err, "the answers");
    memcpy(s->below, tree->clique, n * sizeof *s->below);
    for (size_t i = n; i-- > 0;)
        if (tree->parent[i] != PV_NO_PARENT) {
            pv_clique *of = &s->below[tree->parent[i]];
            *of = pv_clique_union(of, &s->below[i]);
            s->first_child[tree->parent[i] + 2]++;
        }
    for (size_t i = 2; i < n + 2; i++)
        s->first_child[i] += s->first_child[i - 1];
    for (size_t i = 0; i < n; i++)
        if (tree->parent[i] != PV_NO_PARENT)
            s->child[s->first_child[tree->parent[i] + 1]++] = i;
    return PV_OK;
}

static void close_sweep(sweep *s)
{
    for (size_t i = 0; i < s->count; i++)
        pv_factor_clear(&s->tables[i].factor);
    free(s->tables);
    free(s->slot);
    free(s->below);
    free(s->child);
    free(s->first_child);
    free(s->order);
    free(s->begin);
}

static const table *find(const sweep *s, table_kind kind, size_t at,
                         const pv_clique *columns)
{
    return &s->tables[*slot_of(s, kind, at, columns) - 1];
}

/* From the smallest table at hand that has the columns: a larger cut made
 * before, or the belief. */
static pv_status make_cut(const sweep *s, table *t, const size_t *before,
                          size_t befores, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_factor *from = &s->model->belief[t->at];
    for (size_t k = 0; k < befores; k++) {
        const table *b = &s->tables[before[k]];
        if (b->factor.cells < from->cells &&
            pv_clique_subset(&t->columns, &b->columns))
            from = &b->factor;
    }
    PV_TRY(pv_factor_like(&t->factor, &s->model->domain, &t->columns, from,
                          err));
    PV_TRY(pv_factor_sum(from, &t->factor, err));
out:
    return status;
}

/* The joint over separator and carried columns, to the conditional. */
static pv_status condition(const sweep *s, table *t, const pv_clique *separator,
                           pv_error *err)
{
    pv_status status = PV_OK;
    const pv_clique none = pv_clique_empty();
    pv_factor given = {0};
    pv_map map = {0};
    PV_TRY(pv_factor_init(&given, &s->model->domain, separator, &none, err));
    PV_TRY(pv_map_init(&map, &t->factor, &given, err));
    pv_map_project(&map, t->factor.cell, given.cell, given.cells);
    for (size_t k = 0; k < given.cells; k++)
        given.cell[k] = given.cell[k] > 0 ? 1.0 / given.cell[k] : 0.0;
    pv_map_multiply(&map, t->factor.cell, given.cell);
out:
    pv_map_clear(&map);
    pv_factor_clear(&given);
    return status;
}

/* The cut times each child's message, columns summed out as soon as nothing
 * needs them. */
static pv_status make_product(const sweep *s, table *t, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_jtree *tree = &s->model->tree;
    const pv_factor *at = &find(s, CUT, t->at, &t->needed)->factor;
    pv_factor now = {0};
    const pv_clique none = pv_clique_empty();
    const pv_clique separator =
        t->kind == MESSAGE ? tree->separator[t->at] : none;
    const pv_clique keep = pv_clique_union(&t->columns, &separator);
    const size_t end = s->first_child[t->at + 1];
    for (size_t k = s->first_child[t->at]; k < end; k++) {
        pv_clique retain = keep, carried;
        pv_factor next;
        carried = carried_by(s, t->at, s->child[k], &t->columns);
        if (pv_clique_count(&carried) == 0)
            continue;
        for (size_t l = k + 1; l < end; l++) {
            const pv_clique later =
                carried_by(s, t->at, s->child[l], &t->columns);
            if (pv_clique_count(&later) > 0)
                retain = pv_clique_union(&retain,
                                         &tree->separator[s->child[l]]);
        }
        const table *message = find(s, MESSAGE, s->child[k], &carried);
        PV_TRY(pv_contract(&s->model->domain, at, &message->factor, &retain,
                           &next, err));
        pv_factor_clear(&now);
        now = next;
        at = &now;
    }
    PV_TRY(pv_factor_init(&t->factor, &s->model->domain, &keep, &separator,
                          err));
    PV_TRY(pv_factor_sum(at, &t->factor, err));
    if (t->kind == MESSAGE)
        PV_TRY(condition(s, t, &separator, err));
out:
    pv_factor_clear(&now);
    return status;
}

static size_t rank_of(const table *t)
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

static pv_status sort_tables(sweep *s, pv_error *err)
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
        const table *t = &s->tables[i];
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

/* All cuts of one clique, the larger ones first. */
static void make_cuts(size_t clique, void *context)
{
    sweep *s = context;
    const size_t *order = s->order + s->begin[3 * clique];
    const size_t count = s->begin[3 * clique + 1] - s->begin[3 * clique];
    for (size_t k = 0; k < count && !s->failed; k++)
        if (make_cut(s, &s->tables[order[k]], order, k, NULL) != PV_OK)
            s->failed = true;
}

typedef struct stage {
    sweep *s;
    const size_t *order;
} stage;

static void make_one(size_t item, void *context)
{
    const stage *g = context;
    if (!g->s->failed &&
        make_product(g->s, &g->s->tables[g->order[item]], NULL) != PV_OK)
        g->s->failed = true;
}

static pv_status make_all(sweep *s, pv_error *err)
{
    const size_t n = s->model->tree.cliques;
    pv_parallel_for(n, make_cuts, s);
    for (size_t i = n; i-- > 0;) {
        const size_t from = s->begin[3 * i + 1];
        stage g = {s, s->order + from}; /* messages, then parts */
        pv_parallel_for(s->begin[3 * i + 2] - from, make_one, &g);
        g.order = s->order + s->begin[3 * i + 2];
        pv_parallel_for(s->begin[3 * i + 3] - s->begin[3 * i + 2], make_one,
                        &g);
    }
    return s->failed ? pv_fail_memory(err, "the answers") : PV_OK;
}

/* --- queries --------------------------------------------------------------- */

/* A query's share of one component, from 0 to PV_NO_PARENT when it has none. */
static bool next_part(const sweep *s, const pv_clique *query, size_t *root,
                      pv_clique *part)
{
    const pv_jtree *tree = &s->model->tree;
    for (; *root < tree->cliques; (*root)++) {
        if (tree->parent[*root] != PV_NO_PARENT)
            continue;
        *part = pv_clique_intersection(query, &s->below[*root]);
        if (pv_clique_count(part) > 0)
            return true;
    }
    return false;
}

static pv_status list_query(sweep *s, const pv_clique *query, pv_error *err)
{
    pv_status status = PV_OK;
    pv_clique part;
    size_t ignored;
    for (size_t root = 0; next_part(s, query, &root, &part); root++)
        PV_TRY(list_table(s, PART, top_of(s, root, &part), part, &ignored,
                          err));
out:
    return status;
}

/* The product of the query's parts, components being independent. */
static pv_status assemble(const sweep *s, const pv_clique *query,
                          double *answer, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_clique none = pv_clique_empty();
    pv_factor whole = {0};
    pv_clique part;
    double scale = s->model->total;
    PV_TRY(pv_factor_init(&whole, &s->model->domain, query, &none, err));
    for (size_t k = 0; k < whole.cells; k++)
        whole.cell[k] = 1.0;
    for (size_t root = 0; next_part(s, query, &root, &part); root++) {
        pv_map map;
        const pv_factor *f =
            &find(s, PART, top_of(s, root, &part), &part)->factor;
        PV_TRY(pv_map_init(&map, &whole, f, err));
        pv_map_multiply(&map, whole.cell, f->cell);
        pv_map_clear(&map);
        scale /= s->model->total;
    }
    for (size_t k = 0; k < whole.cells; k++)
        answer[k] = whole.cell[k] * scale;
out:
    pv_factor_clear(&whole);
    return status;
}

typedef struct assembly {
    sweep *s;
    const pv_clique *query;
    double *const *answer;
} assembly;

static void assemble_one(size_t item, void *context)
{
    const assembly *a = context;
    if (!a->s->failed &&
        assemble(a->s, &a->query[item], a->answer[item], NULL) != PV_OK)
        a->s->failed = true;
}

pv_status pv_model_answers(const pv_model *model, const pv_clique *query,
                           size_t count, double *const *answer, pv_error *err)
{
    pv_status status = PV_OK;
    sweep s = {.model = model};
    PV_TRY(open_sweep(&s, err));
    for (size_t i = 0; i < count; i++)
        PV_TRY(list_query(&s, &query[i], err));
    PV_TRY(sort_tables(&s, err));
    PV_TRY(make_all(&s, err));
    assembly a = {&s, query, answer};
    pv_parallel_for(count, assemble_one, &a);
    if (s.failed)
        status = pv_fail_memory(err, "the answers");
out:
    close_sweep(&s);
    return status;
}

pv_status pv_model_answer(const pv_model *model, const pv_clique *clique,
                          double *answer, pv_error *err)
{
    return pv_model_answers(model, clique, 1, &answer, err);
}
