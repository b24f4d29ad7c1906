#include "marginals/sweep.h"

#include "core/memory.h"
#include "core/threads.h"
#include "marginals/contract.h"

#include <stdlib.h>
#include <string.h>

/* From the smallest table at hand that has the columns: a larger cut made
 * before, or the belief. */
static pv_status make_cut(const pv_sweep *s, pv_sweep_table *t, const size_t *before,
                          size_t befores, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_factor *from = &s->model->belief[t->at];
    for (size_t k = 0; k < befores; k++) {
        const pv_sweep_table *b = &s->tables[before[k]];
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
static pv_status condition(const pv_sweep *s, pv_sweep_table *t, const pv_clique *separator,
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
static pv_status make_product(const pv_sweep *s, pv_sweep_table *t, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_jtree *tree = &s->model->tree;
    const pv_factor *at = &pv_sweep_find(s, PV_SWEEP_CUT, t->at, &t->needed)->factor;
    pv_factor now = {0};
    const pv_clique none = pv_clique_empty();
    const pv_clique separator =
        t->kind == PV_SWEEP_MESSAGE ? tree->separator[t->at] : none;
    const pv_clique keep = pv_clique_union(&t->columns, &separator);
    const size_t end = s->first_child[t->at + 1];
    for (size_t k = s->first_child[t->at]; k < end; k++) {
        pv_clique retain = keep, carried;
        pv_factor next;
        carried = pv_sweep_carried(s, t->at, s->child[k], &t->columns);
        if (pv_clique_count(&carried) == 0)
            continue;
        for (size_t l = k + 1; l < end; l++) {
            const pv_clique later =
                pv_sweep_carried(s, t->at, s->child[l], &t->columns);
            if (pv_clique_count(&later) > 0)
                retain = pv_clique_union(&retain,
                                         &tree->separator[s->child[l]]);
        }
        const pv_sweep_table *message = pv_sweep_find(s, PV_SWEEP_MESSAGE, s->child[k], &carried);
        PV_TRY(pv_contract(&s->model->domain, at, &message->factor, &retain,
                           &next, err));
        pv_factor_clear(&now);
        now = next;
        at = &now;
    }
    PV_TRY(pv_factor_init(&t->factor, &s->model->domain, &keep, &separator,
                          err));
    PV_TRY(pv_factor_sum(at, &t->factor, err));
    if (t->kind == PV_SWEEP_MESSAGE)
        PV_TRY(condition(s, t, &separator, err));
out:
    pv_factor_clear(&now);
    return status;
}

/* All cuts of one clique, the larger ones first. */
static pv_status make_cuts(const pv_sweep *s, size_t clique, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t *order = s->order + s->begin[3 * clique];
    const size_t count = s->begin[3 * clique + 1] - s->begin[3 * clique];
    for (size_t k = 0; k < count && status == PV_OK; k++)
        status = make_cut(s, &s->tables[order[k]], order, k, err);
    return status;
}

typedef struct stage {
    pv_sweep *s;
    const size_t *order;
} stage;

static void make_one(size_t item, void *context)
{
    const stage *g = context;
    if (!g->s->failed &&
        make_product(g->s, &g->s->tables[g->order[item]], NULL) != PV_OK)
        g->s->failed = true;
}

/* Threads for what is worth waking them. */
static void for_each(size_t items, double cells, pv_work_fn *fn, void *context)
{
    if (cells > 300000)
        pv_parallel_for(items, fn, context);
    else
        for (size_t i = 0; i < items; i++)
            fn(i, context);
}

/* The tables of a clique and one kind. */
static void free_tables(pv_sweep *s, size_t clique, pv_sweep_kind kind)
{
    const size_t rank = 3 * clique + (size_t)kind;
    for (size_t k = s->begin[rank]; k < s->begin[rank + 1]; k++)
        pv_factor_clear(&s->tables[s->order[k]].factor);
}

/* Messages, then parts; a clique's cuts and its children's messages serve no
 * other clique. */
static pv_status make_clique(pv_sweep *s, size_t i, pv_error *err)
{
    const size_t *begin = s->begin + 3 * i;
    double cells = 0;
    const pv_status status = make_cuts(s, i, err);
    if (status != PV_OK)
        return status;
    for (size_t k = begin[1]; k < begin[3]; k++) {
        const pv_sweep_table *t = &s->tables[s->order[k]];
        cells += (double)pv_domain_cells(&s->model->domain, &t->columns) *
                 (double)pv_domain_cells(&s->model->domain,
                                         &s->model->tree.separator[i]);
    }
    stage g = {s, s->order + begin[1]};
    for_each(begin[3] - begin[1], cells, make_one, &g);
    free_tables(s, i, PV_SWEEP_CUT);
    for (size_t k = s->first_child[i]; k < s->first_child[i + 1]; k++)
        free_tables(s, s->child[k], PV_SWEEP_MESSAGE);
    return s->failed ? pv_fail_memory(err, "the answers") : PV_OK;
}

static pv_status make_all(pv_sweep *s, pv_error *err)
{
    pv_status status = PV_OK;
    for (size_t i = s->model->tree.cliques; i-- > 0 && status == PV_OK;)
        status = make_clique(s, i, err);
    return status;
}

/* --- queries --------------------------------------------------------------- */

/* The product of the query's parts, components being independent. */
static pv_status assemble(const pv_sweep *s, const pv_clique *query,
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
    for (size_t root = 0; pv_sweep_part(s, query, &root, &part); root++) {
        pv_map map;
        const pv_factor *f =
            &pv_sweep_find(s, PV_SWEEP_PART, pv_sweep_top(s, root, &part), &part)->factor;
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
    pv_sweep *s;
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
    pv_sweep s = {.model = model};
    PV_TRY(pv_sweep_open(&s, err));
    for (size_t i = 0; i < count; i++)
        PV_TRY(pv_sweep_list(&s, &query[i], err));
    PV_TRY(pv_sweep_sort(&s, err));
    PV_TRY(make_all(&s, err));
    assembly a = {&s, query, answer};
    double cells = 0;
    for (size_t i = 0; i < count; i++)
        cells += (double)pv_domain_cells(&model->domain, &query[i]);
    for_each(count, cells, assemble_one, &a);
    if (s.failed)
        status = pv_fail_memory(err, "the answers");
out:
    pv_sweep_close(&s);
    return status;
}

pv_status pv_model_answer(const pv_model *model, const pv_clique *clique,
                          double *answer, pv_error *err)
{
    return pv_model_answers(model, clique, 1, &answer, err);
}

size_t pv_model_answer_size(const pv_model *model, const pv_clique *clique)
{
    const pv_jtree *tree = &model->tree;
    size_t largest = pv_domain_cells(&model->domain, clique);
    for (size_t i = 0; i < tree->cliques; i++) {
        const pv_clique under =
            pv_clique_intersection(clique, &model->below[i]);
        const pv_clique carried =
            pv_clique_minus(&under, &tree->separator[i]);
        if (tree->parent[i] == PV_NO_PARENT ||
            pv_clique_equal(&under, clique) || pv_clique_count(&carried) == 0)
            continue;
        const pv_clique whole = pv_clique_union(&carried, &tree->separator[i]);
        const size_t cells = pv_domain_cells(&model->domain, &whole);
        if (cells > largest)
            largest = cells;
    }
    return largest;
}
