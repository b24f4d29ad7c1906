#include "core/memory.h"
#include "marginals/model_internal.h"

#include <stdlib.h>
#include <string.h>

/* One query: messages that carry the query's columns towards the roots. */
typedef struct query {
    const pv_model *model;
    pv_clique wanted;
    pv_clique *below;   /* columns of the query in the subtree of each clique */
    pv_factor *message; /* p(query columns below | separator); rank 0 cells 0:
                           nothing to carry, i.e. all ones */
} query;

static pv_status project_to(const pv_factor *from, pv_factor *to,
                            pv_error *err)
{
    pv_map map;
    const pv_status status = pv_map_init(&map, from, to, err);
    if (status == PV_OK)
        pv_map_project(&map, from->cell, to->cell, to->cells);
    pv_map_clear(&map);
    return status;
}

static pv_status multiply_by(pv_factor *table, const pv_factor *factor,
                             pv_error *err)
{
    pv_map map;
    const pv_status status = pv_map_init(&map, table, factor, err);
    if (status == PV_OK)
        pv_map_multiply(&map, table->cell, factor->cell);
    pv_map_clear(&map);
    return status;
}

/* result = sum over what is not in `keep` of p(clique i) times the messages of
 * its children. The belief is first cut down to what matters, so that the
 * joint table is no larger than it must be. */
static pv_status combine(query *q, size_t i, const pv_clique *keep,
                         pv_factor *result, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_jtree *tree = &q->model->tree;
    const pv_clique none = pv_clique_empty();
    pv_factor small = {0}, joint = {0};
    pv_clique needed = pv_clique_intersection(keep, &tree->clique[i]);
    pv_clique all = *keep;
    for (size_t j = i + 1; j < tree->cliques; j++)
        if (tree->parent[j] == i && q->message[j].cell != NULL) {
            needed = pv_clique_union(&needed, &tree->separator[j]);
            all = pv_clique_union(&all, &needed);
        }
    all = pv_clique_union(&all, &needed);
    PV_TRY(pv_factor_init(&small, &q->model->domain, &needed, &none, err));
    PV_TRY(project_to(&q->model->belief[i], &small, err));
    PV_TRY(pv_factor_init(&joint, &q->model->domain, &all, &none, err));
    for (size_t k = 0; k < joint.cells; k++)
        joint.cell[k] = 1.0;
    PV_TRY(multiply_by(&joint, &small, err));
    for (size_t j = i + 1; j < tree->cliques; j++)
        if (tree->parent[j] == i && q->message[j].cell != NULL)
            PV_TRY(multiply_by(&joint, &q->message[j], err));
    PV_TRY(pv_factor_init(result, &q->model->domain, keep, &none, err));
    PV_TRY(project_to(&joint, result, err));
out:
    pv_factor_clear(&small);
    pv_factor_clear(&joint);
    return status;
}

/* Turns the joint over separator and query columns into the conditional. */
static pv_status condition(query *q, size_t i, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_clique none = pv_clique_empty();
    pv_factor separator = {0};
    PV_TRY(pv_factor_init(&separator, &q->model->domain,
                          &q->model->tree.separator[i], &none, err));
    PV_TRY(project_to(&q->message[i], &separator, err));
    for (size_t k = 0; k < separator.cells; k++)
        separator.cell[k] =
            separator.cell[k] > 0 ? 1.0 / separator.cell[k] : 0.0;
    PV_TRY(multiply_by(&q->message[i], &separator, err));
out:
    pv_factor_clear(&separator);
    return status;
}

/* Walks the forest from the leaves; the roots' joints, each over the query's
 * columns of its component, are multiplied into `answer`. */
static pv_status run(query *q, pv_factor *answer, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_jtree *tree = &q->model->tree;
    bool first = true;
    for (size_t i = tree->cliques; i-- > 0;) {
        const pv_clique here =
            pv_clique_intersection(&q->wanted, &tree->clique[i]);
        q->below[i] = pv_clique_union(&q->below[i], &here);
        if (tree->parent[i] != PV_NO_PARENT) {
            const size_t parent = tree->parent[i];
            q->below[parent] =
                pv_clique_union(&q->below[parent], &q->below[i]);
            if (pv_clique_subset(&q->below[i], &tree->separator[i]))
                continue;
            const pv_clique keep =
                pv_clique_union(&q->below[i], &tree->separator[i]);
            PV_TRY(combine(q, i, &keep, &q->message[i], err));
            PV_TRY(condition(q, i, err));
            continue;
        }
        if (pv_clique_count(&q->below[i]) == 0)
            continue;
        PV_TRY(combine(q, i, &q->below[i], &q->message[i], err));
        PV_TRY(multiply_by(answer, &q->message[i], err));
        if (!first) /* components are independent: counts, not shares */
            for (size_t k = 0; k < answer->cells; k++)
                answer->cell[k] /= q->model->total;
        first = false;
    }
out:
    return status;
}

pv_status pv_model_answer(const pv_model *model, const pv_clique *clique,
                          double *result, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t n = model->tree.cliques;
    const pv_clique none = pv_clique_empty();
    const size_t home = pv_model_home(model, clique);
    query q = {model, *clique, NULL, NULL};
    pv_factor answer = {0};
    PV_TRY(pv_factor_init(&answer, &model->domain, clique, &none, err));
    if (home != SIZE_MAX) {
        PV_TRY(project_to(&model->belief[home], &answer, err));
    } else {
        q.below = pv_array_calloc(n, sizeof *q.below);
        q.message = pv_array_calloc(n, sizeof *q.message);
        if (q.below == NULL || q.message == NULL) {
            status = pv_fail_memory(err, "an answer");
            goto out;
        }
        for (size_t k = 0; k < answer.cells; k++)
            answer.cell[k] = 1.0;
        PV_TRY(run(&q, &answer, err));
    }
    memcpy(result, answer.cell, answer.cells * sizeof *result);
out:
    for (size_t i = 0; q.message != NULL && i < n; i++)
        pv_factor_clear(&q.message[i]);
    free(q.message);
    free(q.below);
    pv_factor_clear(&answer);
    return status;
}
