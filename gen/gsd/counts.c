/* Counts of all rows, how far they are from the targets, and answers of groups. */
#include "gen/gsd/state_internal.h"

#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

/* --- counting all ----------------------------------------------------------------------- */

static void count_rows(const pv_gsd_state *s, const layer *l,
                       const predicate *p, int32_t *count)
{
    for (size_t r = 0; r < s->rows; r++) {
        const uint32_t *cell = row_of(s, r);
        if (l != NULL) {
            count[layer_cell(l, cell)]++;
        } else {
            const size_t at =
                p->plane ? plane_cell(p, cell,
                                      s->plane_value[r * s->planes +
                                                     p->plane_number])
                         : box_cell(p, cell);
            if (at != NOWHERE)
                count[at]++;
        }
    }
}

pv_status pv_gsd_begin(pv_gsd_state *s, pv_error *err)
{
    const pv_status status = pv_gsd_planes_begin(s, err);
    if (status != PV_OK)
        return status;
    for (size_t i = 0; i < s->layers; i++) {
        layer *l = &s->layer[i];
        memset(l->count, 0, l->cells * sizeof *l->count);
        count_rows(s, l, NULL, l->count);
        for (size_t c = 0; c < l->cells; c++)
            pv_gsd_set_potential(l, c);
    }
    for (size_t i = 0; i < s->predicates; i++) {
        predicate *p = &s->predicate[i];
        memset(p->count, 0, p->cells * sizeof *p->count);
        count_rows(s, NULL, p, p->count);
        for (size_t c = 0; c < p->cells; c++)
            p->potential[c] =
                potential_of(p->target[c], p->count[c], p->weight);
    }
    return PV_OK;
}

static bool layer_is_true(const layer *l, const int32_t *count)
{
    if (memcmp(count, l->count, l->cells * sizeof *count) != 0)
        return false;
    for (size_t cell = 0; cell < l->cells; cell++)
        for (size_t v = 0; v < l->columns; v++) {
            size_t at = 0;
            for (size_t k = 0; k < l->columns; k++)
                at += cell / l->stride[k] % l->parts[k] * l->view_stride[v][k];
            if (l->view[v][at] !=
                potential_of(l->target[cell], count[cell], l->weight))
                return false;
        }
    return true;
}

static bool predicate_is_true(const predicate *p, const int32_t *count)
{
    for (size_t c = 0; c < p->cells; c++)
        if (count[c] != p->count[c] ||
            p->potential[c] !=
                potential_of(p->target[c], count[c], p->weight))
            return false;
    return true;
}

static bool values_are_true(const pv_gsd_state *s)
{
    bool equal = true;
    for (size_t r = 0; equal && s->planes > 0 && r < s->rows; r++) {
        pv_gsd_planes_of(s, row_of(s, r), s->number + r * s->places,
                         s->plane_now);
        equal = memcmp(s->plane_now, s->plane_value + r * s->planes,
                       s->planes * sizeof *s->plane_now) == 0;
    }
    return equal;
}

pv_status pv_gsd_recount(const pv_gsd_state *s, bool *equal, pv_error *err)
{
    *equal = values_are_true(s);
    for (size_t i = 0; *equal && i < s->layers + s->predicates; i++) {
        const layer *l = i < s->layers ? &s->layer[i] : NULL;
        const predicate *p = l == NULL ? &s->predicate[i - s->layers] : NULL;
        int32_t *count =
            pv_array_calloc(l != NULL ? l->cells : p->cells, sizeof *count);
        if (count == NULL)
            return pv_fail_memory(err, "a recount");
        count_rows(s, l, p, count);
        *equal = l != NULL ? layer_is_true(l, count)
                           : predicate_is_true(p, count);
        free(count);
    }
    return PV_OK;
}

/* --- the objective ------------------------------------------------------------------------ */

static double squares(const double *target, const int32_t *count, size_t cells)
{
    double sum = 0;
    for (size_t c = 0; c < cells; c++)
        sum += (target[c] - count[c]) * (target[c] - count[c]);
    return sum;
}

static double sum_of(const pv_gsd_state *s, bool weighted)
{
    double sum = 0;
    for (size_t i = 0; i < s->layers; i++) {
        const layer *l = &s->layer[i];
        sum += (weighted ? l->weight : 1) *
               squares(l->target, l->count, l->cells);
    }
    for (size_t i = 0; i < s->predicates; i++) {
        const predicate *p = &s->predicate[i];
        sum += (weighted ? p->weight : 1) *
               squares(p->target, p->count, p->cells);
    }
    return sum;
}

double pv_gsd_objective(const pv_gsd_state *s)
{
    return sum_of(s, true);
}

double pv_gsd_distance(const pv_gsd_state *s)
{
    const double rows = (double)s->rows;
    return s->rows > 0 ? sum_of(s, false) / (rows * rows) : 0;
}

size_t pv_gsd_answers(const pv_gsd_state *s)
{
    return s->answers;
}

/* --- the answers of any group ------------------------------------------------------------ */

static void count_layer(const pv_gsd_state *s, const pv_layer *l,
                        double *answer)
{
    for (size_t r = 0; r < s->rows; r++) {
        const uint32_t *cell = row_of(s, r);
        size_t at = 0;
        for (size_t k = 0; k < l->partitions; k++) {
            const pv_partition *p = &l->partition[k];
            at = at * p->parts + p->map[cell[s->place_of[p->column]]];
        }
        answer[at]++;
    }
}

static bool in_box(const pv_gsd_state *s, const pv_box *box,
                   const uint32_t *cell)
{
    for (size_t k = 0; k < box->conditions; k++)
        if (!box->condition[k].in[cell[s->place_of[box->condition[k].column]]])
            return false;
    return true;
}

static void count_boxes(const pv_gsd_state *s, const pv_group *g,
                        double *answer)
{
    for (size_t r = 0; r < s->rows; r++) {
        const uint32_t *cell = row_of(s, r);
        const size_t cross = g->cross >= 0 ? cell[s->place_of[g->cross]] : 0;
        for (size_t i = 0; i < g->boxes; i++)
            answer[i * g->crossed + cross] += in_box(s, &g->box[i], cell);
    }
}

static void count_plane(const pv_gsd_state *s, const pv_group *g,
                        double *answer)
{
    for (size_t r = 0; r < s->rows; r++) {
        const uint32_t *cell = row_of(s, r);
        double value = 0;
        for (size_t k = 0; k < g->terms; k++) {
            const size_t at = s->place_of[g->term[k].column];
            const seat *p = &s->place[at];
            const bool none = p->axis->numbers && p->axis->missing &&
                              cell[at] + 1 == p->axis->cells;
            value += pv_plane_part(&g->term[k], p->schema,
                                   none               ? p->schema->levels - 1
                                   : p->axis->numbers ? 0
                                                      : cell[at],
                                   s->number[r * s->places + at]);
        }
        if (value > g->bound)
            answer[g->cross >= 0 ? cell[s->place_of[g->cross]] : 0]++;
    }
}

void pv_gsd_counts(const pv_gsd_state *s, const pv_group *g, double *answer)
{
    memset(answer, 0, g->cells * sizeof *answer);
    for (size_t i = 0; i < g->layers; i++) {
        count_layer(s, &g->layer[i], answer);
        answer += g->layer[i].cells;
    }
    if (g->kind == PV_GROUP_BOXES)
        count_boxes(s, g, answer);
    else if (g->kind == PV_GROUP_PLANE)
        count_plane(s, g, answer);
}
