/* A tree of queries: the column that the unit stands in, in 2, 4 and 8 equal parts. Its
 * answers are folded here from the counts of values, not by partitions and maps. */
#include "audit/epsilon/primitive_internal.h"

#include "core/memory.h"

#include <math.h>
#include <stdlib.h>

/* Of an estimate that a count falls short of; the weight of all, which cancels. */
static const double out_of_reach = 1e6;
enum { weight = 2 };

/* Levels have 2^l parts, or as many as there are values; equal ones are one. */
size_t pv_case_levels(size_t values, size_t parts[PV_CASE_LEVELS])
{
    size_t levels = 0;
    for (unsigned l = 1; l <= PV_CASE_LEVELS; l++) {
        const size_t most = (size_t)1 << l;
        const size_t here = most < values ? most : values;
        if (levels == 0 || here > parts[levels - 1])
            parts[levels++] = here;
    }
    return levels;
}

static size_t tree_cells(const size_t *parts, size_t levels)
{
    size_t cells = 0;
    for (size_t l = 0; l < levels; l++)
        cells += parts[l];
    return cells;
}

/* Value i is in part floor(i parts / values) of each level. */
static pv_status fold(const pv_case *c, int in, int64_t *answer, pv_error *err)
{
    const size_t values = c->options->cells;
    size_t parts[PV_CASE_LEVELS];
    const size_t levels = pv_case_levels(values, parts);
    int64_t *counts = pv_array_calloc(values, sizeof *counts);
    if (counts == NULL)
        return pv_fail_memory(err, "a question");
    pv_case_counts(&c->world[in], PV_VIEW_A, counts);
    for (size_t l = 0; l < levels; l++) {
        for (size_t i = 0; i < values; i++)
            answer[i * parts[l] / values] += counts[i];
        answer += parts[l];
    }
    free(counts);
    return PV_OK;
}

static pv_status make_tree(pv_case *c, pv_error *err)
{
    size_t parts[PV_CASE_LEVELS];
    const size_t levels = pv_case_levels(c->options->cells, parts);
    char text[16];
    (void)snprintf(text, sizeof text, "tree:1:%d", PV_CASE_LEVELS);
    const pv_status status =
        pv_queries_parse(text, c->schema, SIZE_MAX, &c->queries, err);
    if (status == PV_OK &&
        pv_queries_group(c->queries, 0)->cells != tree_cells(parts, levels))
        return pv_fail(err, PV_EINTERNAL, "a tree of other parts than equal ones");
    return status;
}

pv_status pv_case_ask_queries(pv_case *c, pv_error *err)
{
    pv_status status = PV_OK;
    static const size_t tree = 0;
    PV_TRY(make_tree(c, err));
    const size_t cells = pv_queries_group(c->queries, tree)->cells;
    PV_TRY(pv_case_vector(c, cells, 1, err));
    pv_case_chunks(c, 0, cells);
    for (int in = 0; in < 2; in++) {
        PV_TRY(fold(c, in, c->world[in].truth, err));
        PV_TRY(pv_trial_queries(c->world[in].curator, c->queries, &tree, 1,
                                c->sigma2, &c->world[in].trial, err));
    }
out:
    return status;
}

/* --- a choice ------------------------------------------------------------------ */

/* Estimates that the unit, in the first part of each level and not in the last, takes
 * the answers away from by all its rows (up), or brings them as near to (down). The
 * answer that is furthest off is the first level's first; by all of them, as many fall
 * short in the last parts as exceed in the first, or the other way round. */
static pv_status estimates(pv_case *c, pv_error *err)
{
    size_t parts[PV_CASE_LEVELS];
    const size_t levels = pv_case_levels(c->options->cells, parts);
    const size_t cells = tree_cells(parts, levels);
    c->up = pv_array_calloc(cells, sizeof *c->up);
    c->down = pv_array_calloc(cells, sizeof *c->down);
    if (c->up == NULL || c->down == NULL)
        return pv_fail_memory(err, "a question");
    if (!c->which.other) {
        c->up[0] = -out_of_reach;
        c->down[0] = out_of_reach;
        return PV_OK;
    }
    for (size_t l = 0, at = 0; l < levels; at += parts[l++])
        c->up[at + parts[l] - 1] = c->down[at] = out_of_reach;
    return PV_OK;
}

/* How far a world's answers are from both kinds of estimates. */
static pv_status distances(const pv_case *c, size_t cells, int in,
                           double distance[2], pv_error *err)
{
    int64_t *answer = pv_array_calloc(cells, sizeof *answer);
    if (answer == NULL)
        return pv_fail_memory(err, "a question");
    const pv_status status = fold(c, in, answer, err);
    for (int kind = 0; kind < 2; kind++) {
        const double *estimate = kind == 0 ? c->up : c->down;
        distance[kind] = 0;
        for (size_t i = 0; i < cells; i++) {
            const double d = fabs((double)answer[i] - estimate[i]);
            distance[kind] =
                c->which.other ? distance[kind] + d : fmax(distance[kind], d);
        }
    }
    free(answer);
    return status;
}

/* Rows of the unit, by the levels for all answers: a replaced one leaves a part of each
 * and comes into another. */
static double moved_of(const pv_case *c)
{
    size_t parts[PV_CASE_LEVELS];
    const size_t levels = pv_case_levels(c->options->cells, parts);
    return c->which.other ? (double)(levels * c->moved) : (double)c->k;
}

pv_status pv_case_ask_group(pv_case *c, pv_error *err)
{
    pv_status status = PV_OK;
    double distance[2][2];
    const size_t count = c->options->candidates;
    const uint64_t epsilon_num =
        (uint64_t)llround(c->options->epsilon * (double)PV_EPSILON_DEN);
    PV_TRY(make_tree(c, err));
    PV_TRY(estimates(c, err));
    for (int in = 0; in < 2; in++)
        PV_TRY(distances(c, pv_queries_group(c->queries, 0)->cells, in,
                         distance[in], err));
    PV_TRY(pv_case_outcomes(c, count, err));
    pv_case_choice(c, distance, (double)epsilon_num / (double)PV_EPSILON_DEN,
                   moved_of(c));
    c->group_candidate = pv_array_alloc(count, sizeof *c->group_candidate);
    if (c->group_candidate == NULL) {
        status = pv_fail_memory(err, "a question");
        goto out;
    }
    for (size_t i = 0; i < count; i++)
        c->group_candidate[i] =
            (pv_group_candidate){0, i % 2 == 0 ? c->up : c->down,
                                 distance[PV_OUT][i % 2], weight};
    for (int in = 0; in < 2; in++)
        PV_TRY(pv_trial_group(c->world[in].curator, c->queries,
                              c->group_candidate, count,
                              c->which.other ? PV_ALL : PV_FURTHEST,
                              epsilon_num, &c->world[in].trial, err));
out:
    return status;
}
