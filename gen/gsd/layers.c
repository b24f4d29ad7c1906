/* Targets: layers of grids as tables, boxes and planes as predicates. */
#include "gen/gsd/state_internal.h"

#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

/* --- targets: layers -------------------------------------------------------------- */

static bool add_view(seat *p, const uint32_t *map, uint32_t parts,
                     uint32_t number, uint32_t position)
{
    sight *at = NULL;
    for (size_t i = 0; i < p->sights && at == NULL; i++) {
        const sight *known = &p->sight[i];
        if (known->parts == parts &&
            (known->map == map ||
             memcmp(known->map, map, p->axis->cells * sizeof *map) == 0))
            at = &p->sight[i];
    }
    if (at == NULL) {
        sight *more = pv_array_realloc(p->sight, p->sights + 1, sizeof *more);
        if (more == NULL)
            return false;
        p->sight = more;
        at = &more[p->sights++];
        *at = (sight){.map = map, .parts = parts};
    }
    void *more = pv_array_realloc(at->view, at->views + 1, sizeof *at->view);
    if (more == NULL)
        return false;
    at->view = more;
    at->view[at->views].layer = number;
    at->view[at->views++].position = position;
    return true;
}

static void set_strides(layer *l)
{
    size_t stride = 1;
    for (size_t k = l->columns; k-- > 0;) {
        l->stride[k] = stride;
        stride *= l->parts[k];
    }
    for (size_t p = 0; p < l->columns; p++) {
        stride = l->parts[p];
        l->view_stride[p][p] = 1;
        for (size_t k = l->columns; k-- > 0;)
            if (k != p) {
                l->view_stride[p][k] = stride;
                stride *= l->parts[k];
            }
    }
}

static bool add_layer(pv_gsd_state *s, const pv_layer *from,
                      const double *target, double weight)
{
    layer *more = pv_array_realloc(s->layer, s->layers + 1, sizeof *more);
    if (more == NULL)
        return false;
    s->layer = more;
    layer *l = &more[s->layers];
    *l = (layer){.columns = from->partitions,
                 .cells = from->cells,
                 .weight = weight};
    const uint32_t number = (uint32_t)s->layers++;
    l->count = pv_array_calloc(l->cells, sizeof *l->count);
    l->target = pv_array_alloc(l->cells, sizeof *l->target);
    if (l->count == NULL || l->target == NULL)
        return false;
    memcpy(l->target, target, l->cells * sizeof *target);
    for (uint32_t k = 0; k < l->columns; k++) {
        const pv_partition *part = &from->partition[k];
        l->place[k] = s->place_of[part->column];
        l->map[k] = part->map;
        l->parts[k] = part->parts;
        l->view[k] = pv_aligned_alloc(l->cells, sizeof(float));
        if (l->view[k] == NULL ||
            !add_view(&s->place[l->place[k]], part->map, part->parts, number, k))
            return false;
    }
    set_strides(l);
    return true;
}

/* --- targets: boxes and planes ------------------------------------------------------ */

static bool add_mention(seat *p, uint32_t number, int32_t which)
{
    mention *more = pv_array_realloc(p->mention, p->mentions + 1, sizeof *more);
    if (more == NULL)
        return false;
    p->mention = more;
    more[p->mentions++] = (mention){number, which};
    return true;
}

static bool find_runs(condition *c, uint32_t cells)
{
    for (uint32_t i = 0, end; i < cells; i = end) {
        for (end = i + 1; end < cells && c->in[end] == c->in[i];)
            end++;
        if (!c->in[i])
            continue;
        run *more = pv_array_realloc(c->runs, c->run_count + 1, sizeof *more);
        if (more == NULL)
            return false;
        c->runs = more;
        more[c->run_count++] = (run){i, end};
    }
    return true;
}

static bool add_conditions(pv_gsd_state *s, predicate *p, const pv_box *box,
                           uint32_t number)
{
    p->condition = pv_array_calloc(box->conditions, sizeof *p->condition);
    if (p->condition == NULL)
        return false;
    for (size_t k = 0; k < box->conditions; k++) {
        condition *c = &p->condition[p->conditions++];
        c->place = s->place_of[box->condition[k].column];
        c->in = box->condition[k].in;
        seat *at = &s->place[c->place];
        /* of the crossed column: it is mentioned by the cross already */
        if ((ptrdiff_t)c->place == p->cross)
            p->cross_condition = (int32_t)k;
        else if (!find_runs(c, at->axis->cells) ||
                 !add_mention(at, number, (int32_t)k))
            return false;
    }
    return true;
}

static bool add_terms(pv_gsd_state *s, predicate *p, const pv_group *group,
                      uint32_t number)
{
    size_t *more = pv_array_realloc(s->plane, s->planes + 1, sizeof *more);
    if (more == NULL)
        return false;
    s->plane = more;
    p->plane = true;
    p->plane_number = s->planes;
    more[s->planes++] = number;
    if (p->cross >= 0)
        s->place[p->cross].crosses_planes = true;
    for (size_t k = 0; k < group->terms; k++)
        s->place[s->place_of[group->term[k].column]].in_planes = true;
    return true;
}

/* Box `box` of a group, or its plane. */
static bool add_predicate(pv_gsd_state *s, const pv_group *group, size_t box,
                          const double *target, double weight)
{
    predicate *more =
        pv_array_realloc(s->predicate, s->predicates + 1, sizeof *more);
    if (more == NULL)
        return false;
    s->predicate = more;
    const uint32_t number = (uint32_t)s->predicates++;
    predicate *p = &more[number];
    *p = (predicate){.group = group,
                     .cross = group->cross >= 0
                                  ? (ptrdiff_t)s->place_of[group->cross]
                                  : -1,
                     .cross_condition = CROSSED,
                     .cells = group->crossed,
                     .weight = weight};
    p->count = pv_array_calloc(p->cells, sizeof *p->count);
    p->potential = pv_aligned_alloc(p->cells, sizeof *p->potential);
    p->target = pv_array_alloc(p->cells, sizeof *p->target);
    if (p->count == NULL || p->potential == NULL || p->target == NULL)
        return false;
    memcpy(p->target, target, p->cells * sizeof *target);
    if (p->cross >= 0 &&
        !add_mention(&s->place[p->cross], number, CROSSED))
        return false;
    return group->kind == PV_GROUP_PLANE
               ? add_terms(s, p, group, number)
               : add_conditions(s, p, &group->box[box], number);
}

pv_status pv_gsd_add(pv_gsd_state *s, const pv_group *g, const double *target,
                     double weight, pv_error *err)
{
    bool done = true;
    for (size_t i = 0, at = 0; i < g->layers && done; i++) {
        if (g->layer[i].partitions > PV_GSD_MOST_COLUMNS)
            return pv_fail(err, PV_ETOOBIG,
                           "a family of %zu columns: at most %d are searched",
                           g->layer[i].partitions, PV_GSD_MOST_COLUMNS);
        done = add_layer(s, &g->layer[i], target + at, weight);
        at += g->layer[i].cells;
    }
    for (size_t i = 0; i < g->boxes && done; i++)
        done = add_predicate(s, g, i, target + i * g->crossed, weight);
    if (g->kind == PV_GROUP_PLANE && done)
        done = add_predicate(s, g, 0, target, weight);
    s->answers += g->cells;
    return done ? PV_OK : pv_fail_memory(err, "a target");
}
