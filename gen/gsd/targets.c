#include "gen/gsd/targets.h"

#include "core/memory.h"
#include "gen/gsd/state.h"

#include <stdlib.h>
#include <string.h>

/* A marginal as a group. */
struct pv_gsd_own {
    pv_group group;
    pv_layer layer;
    pv_partition part[];
};

/* --- noisy answers ------------------------------------------------------------------- */

pv_status pv_gsd_targets_init(pv_gsd_targets *t, const pv_queries *queries,
                              pv_error *err)
{
    const pv_schema *schema = pv_queries_schema(queries);
    const size_t columns = pv_schema_columns(schema);
    *t = (pv_gsd_targets){.queries = queries};
    t->code = pv_array_calloc(columns, sizeof *t->code);
    for (size_t c = 0; t->code != NULL && c < columns; c++) {
        const pv_axis *axis = pv_queries_axis(queries, c);
        t->code[c] = pv_array_alloc(axis->cells, sizeof **t->code);
        if (t->code[c] == NULL)
            return pv_fail_memory(err, "the targets");
        for (uint32_t i = 0; i < axis->cells; i++)
            t->code[c][i] =
                pv_axis_code(axis, pv_schema_column(schema, c), i);
    }
    return t->code != NULL ? PV_OK : pv_fail_memory(err, "the targets");
}

void pv_gsd_targets_clear(pv_gsd_targets *t)
{
    for (size_t i = 0; i < t->groups; i++) {
        free(t->group[i].answer);
        free(t->group[i].own);
    }
    for (size_t c = 0; t->code != NULL &&
                       c < pv_schema_columns(pv_queries_schema(t->queries));
         c++)
        free(t->code[c]);
    free(t->code);
    free(t->group);
    *t = (pv_gsd_targets){NULL};
}

static void merge(pv_gsd_noisy *have, const double *answer, double variance)
{
    const double share = have->variance / (have->variance + variance);
    for (size_t c = 0; c < have->group->cells; c++)
        have->answer[c] += share * (answer[c] - have->answer[c]);
    have->variance *= 1 - share;
}

pv_status pv_gsd_targets_add(pv_gsd_targets *t, const pv_group *group,
                             const double *answer, double variance,
                             pv_error *err)
{
    for (size_t i = 0; i < t->groups; i++)
        if (t->group[i].group == group) {
            merge(&t->group[i], answer, variance);
            return PV_OK;
        }
    for (size_t i = 0; i < group->layers; i++)
        if (group->layer[i].partitions > PV_GSD_MOST_COLUMNS)
            return pv_fail(err, PV_ETOOBIG,
                           "a family of %zu columns: at most %d are searched",
                           group->layer[i].partitions, PV_GSD_MOST_COLUMNS);
    if (t->groups == t->room) {
        const size_t room = t->room > 0 ? 2 * t->room : 64;
        pv_gsd_noisy *more = pv_array_realloc(t->group, room, sizeof *more);
        if (more == NULL)
            return pv_fail_memory(err, "the targets");
        t->group = more;
        t->room = room;
    }
    double *copy = pv_array_alloc(group->cells, sizeof *copy);
    if (copy == NULL)
        return pv_fail_memory(err, "the targets");
    memcpy(copy, answer, group->cells * sizeof *copy);
    t->group[t->groups++] = (pv_gsd_noisy){group, copy, variance, NULL};
    return PV_OK;
}

static bool is_of(const struct pv_gsd_own *own, const pv_measurement *m)
{
    if (own == NULL || own->layer.partitions != m->columns)
        return false;
    for (size_t k = 0; k < m->columns; k++)
        if (own->part[k].column != m->column[k])
            return false;
    return true;
}

static struct pv_gsd_own *make_own(const pv_gsd_targets *t,
                                   const pv_measurement *m)
{
    const pv_schema *schema = pv_queries_schema(t->queries);
    struct pv_gsd_own *own = pv_array_calloc(
        1, sizeof *own + m->columns * sizeof *own->part);
    if (own == NULL)
        return NULL;
    for (size_t k = 0; k < m->columns; k++)
        own->part[k] = (pv_partition){
            .column = m->column[k],
            .parts = pv_schema_column(schema, m->column[k])->levels,
            .map = t->code[m->column[k]]};
    own->layer = (pv_layer){m->columns, own->part, m->cells};
    own->group = (pv_group){.kind = PV_GROUP_GRID,
                            .cells = m->cells,
                            .most = 1,
                            .layers = 1,
                            .layer = &own->layer,
                            .cross = -1,
                            .crossed = 1};
    return own;
}

pv_status pv_gsd_targets_marginal(pv_gsd_targets *t, const pv_measurement *m,
                                  pv_error *err)
{
    pv_status status = PV_OK;
    const double variance = pv_measurement_variance(m);
    struct pv_gsd_own *own = NULL;
    double *answer = pv_array_alloc(m->cells, sizeof *answer);
    if (answer == NULL)
        return pv_fail_memory(err, "the targets");
    for (size_t c = 0; c < m->cells; c++)
        answer[c] = m->counts != NULL ? (double)m->counts[c] : m->values[c];
    for (size_t i = 0; i < t->groups; i++)
        if (is_of(t->group[i].own, m)) {
            merge(&t->group[i], answer, variance);
            goto out;
        }
    own = make_own(t, m);
    if (own == NULL) {
        status = pv_fail_memory(err, "the targets");
        goto out;
    }
    PV_TRY(pv_gsd_targets_add(t, &own->group, answer, variance, err));
    t->group[t->groups - 1].own = own;
    own = NULL;
out:
    free(own);
    free(answer);
    return status;
}
