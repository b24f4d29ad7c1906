/* Counts and potentials: what a change of a row does to them. */
#include "gen/gsd/state_internal.h"

#include <math.h>
#include <string.h>

/* --- which cells a row is in, before and after ------------------------------------- */

/* From cell `from` to cell `to` of a layer or a predicate. */
typedef struct transfer {
    layer *layer;         /* or */
    predicate *predicate;
    size_t from, to;
} transfer;
typedef void visitor(const transfer *shift, void *context);

typedef struct moving {
    const pv_gsd_state *state;
    size_t row;
    const uint32_t *old_cell;
    const double *old_number;
    uint32_t new_cell[PV_MAX_COLUMNS];
    double new_number[PV_MAX_COLUMNS];
    const pv_gsd_change *change;
    size_t changes;
} moving;

/* Whether one of the first `upto` changes is of this place. */
static bool changed_before(const moving *m, size_t place, size_t upto)
{
    for (size_t i = 0; i < upto; i++)
        if (m->change[i].place == place)
            return true;
    return false;
}

static bool layer_seen(const moving *m, const layer *l, size_t upto)
{
    for (size_t k = 0; upto > 0 && k < l->columns; k++)
        if (changed_before(m, l->place[k], upto))
            return true;
    return false;
}

static bool predicate_seen(const moving *m, const predicate *p,
                           size_t upto)
{
    for (size_t k = 0; upto > 0 && k < p->conditions; k++)
        if (changed_before(m, p->condition[k].place, upto))
            return true;
    return p->cross >= 0 && changed_before(m, (size_t)p->cross, upto);
}

static inline void visit_layers(const moving *m, size_t i, visitor *visit,
                                void *context)
{
    const pv_gsd_state *s = m->state;
    const seat *p = &s->place[m->change[i].place];
    const uint32_t from = m->old_cell[m->change[i].place];
    const uint32_t to = m->change[i].cell;
    for (size_t a = 0; a < p->sights; a++) {
        const sight *seen = &p->sight[a];
        if (m->changes == 1 && seen->map[from] == seen->map[to])
            continue;
        for (size_t v = 0; v < seen->views; v++) {
            layer *l = &s->layer[seen->view[v].layer];
            if (layer_seen(m, l, i))
                continue;
            const transfer here = {l, NULL, layer_cell(l, m->old_cell),
                                layer_cell(l, m->new_cell)};
            if (here.from != here.to)
                visit(&here, context);
        }
    }
}

static inline void visit_predicate(predicate *p, size_t from, size_t to,
                                   visitor *visit, void *context)
{
    const transfer here = {NULL, p, from, to};
    if (from != to)
        visit(&here, context);
}

static inline void visit_boxes(const moving *m, size_t i, visitor *visit,
                               void *context)
{
    const pv_gsd_state *s = m->state;
    const seat *p = &s->place[m->change[i].place];
    for (size_t k = 0; k < p->mentions; k++) {
        predicate *q = &s->predicate[p->mention[k].predicate];
        /* a column in several conditions of a box is visited once */
        const bool again =
            k > 0 && p->mention[k - 1].predicate == p->mention[k].predicate;
        if (!q->plane && !again && !predicate_seen(m, q, i))
            visit_predicate(q, box_cell(q, m->old_cell),
                            box_cell(q, m->new_cell), visit, context);
    }
}

static inline void visit_planes(const moving *m, visitor *visit, void *context)
{
    const pv_gsd_state *s = m->state;
    const double *before = s->plane_value + m->row * s->planes;
    double *now = s->plane_now;
    pv_gsd_planes_of(s, m->new_cell, m->new_number, now);
    for (size_t k = 0; k < s->planes; k++) {
        predicate *p = &s->predicate[s->plane[k]];
        visit_predicate(p, plane_cell(p, m->old_cell, before[k]),
                        plane_cell(p, m->new_cell, now[k]), visit, context);
    }
}

/* Calls `visit` for each layer and predicate that the row leaves a cell of, or
 * enters one. */
static inline void walk(const moving *m, visitor *visit, void *context)
{
    bool planes = false;
    for (size_t i = 0; i < m->changes; i++) {
        visit_layers(m, i, visit, context);
        visit_boxes(m, i, visit, context);
        const seat *p = &m->state->place[m->change[i].place];
        planes = planes || p->in_planes || p->crosses_planes;
    }
    if (planes)
        visit_planes(m, visit, context);
}

static void make_moving(const pv_gsd_state *s, size_t row,
                        const pv_gsd_change *change, size_t changes,
                        moving *m)
{
    m->state = s;
    m->row = row;
    m->old_cell = row_of(s, row);
    m->old_number = s->number + row * s->places;
    m->change = change;
    m->changes = changes;
    memcpy(m->new_cell, m->old_cell, s->places * sizeof *m->new_cell);
    memcpy(m->new_number, m->old_number, s->places * sizeof *m->new_number);
    for (size_t i = 0; i < changes; i++) {
        m->new_cell[change[i].place] = change[i].cell;
        m->new_number[change[i].place] = change[i].number;
    }
}

/* --- delta and apply ------------------------------------------------------------------ */

static bool breaks_zero(const pv_gsd_state *s, const seat *p,
                        const uint32_t *cell)
{
    for (size_t i = 0; i < p->zeros; i++) {
        const zero *z = &s->zero[p->zero[i].zero];
        bool all = true;
        for (size_t k = 0; all && k < z->places; k++)
            all = z->mask[k][cell[z->place[k]]];
        if (all)
            return true;
    }
    return false;
}

/* Leaving a cell adds one to its residual, entering one takes one off. */
static void add_delta(const transfer *shift, void *context)
{
    double *sum = context;
    const bool grid = shift->layer != NULL;
    const double *target =
        grid ? shift->layer->target : shift->predicate->target;
    const int32_t *count = grid ? shift->layer->count : shift->predicate->count;
    const double weight = grid ? shift->layer->weight : shift->predicate->weight;
    if (shift->from != NOWHERE)
        *sum += weight * (2 * (target[shift->from] - count[shift->from]) + 1);
    if (shift->to != NOWHERE)
        *sum -= weight * (2 * (target[shift->to] - count[shift->to]) - 1);
}

double pv_gsd_delta(const pv_gsd_state *s, size_t row,
                    const pv_gsd_change *change, size_t changes)
{
    moving m;
    double sum = 0;
    make_moving(s, row, change, changes, &m);
    for (size_t i = 0; i < changes; i++)
        if (breaks_zero(s, &s->place[change[i].place], m.new_cell))
            return INFINITY;
    walk(&m, add_delta, &sum);
    return sum;
}

void pv_gsd_set_potential(layer *l, size_t cell)
{
    const float p = potential_of(l->target[cell], l->count[cell], l->weight);
    size_t part[PV_GSD_MOST_COLUMNS];
    for (size_t k = 0; k < l->columns; k++)
        part[k] = cell / l->stride[k] % l->parts[k];
    for (size_t v = 0; v < l->columns; v++) {
        size_t at = 0;
        for (size_t k = 0; k < l->columns; k++)
            at += part[k] * l->view_stride[v][k];
        l->view[v][at] = p;
    }
}

static void move_count(const transfer *shift, size_t cell, int32_t by)
{
    if (cell == NOWHERE)
        return;
    if (shift->layer != NULL) {
        shift->layer->count[cell] += by;
        pv_gsd_set_potential(shift->layer, cell);
    } else {
        predicate *p = shift->predicate;
        p->count[cell] += by;
        p->potential[cell] =
            potential_of(p->target[cell], p->count[cell], p->weight);
    }
}

static void apply_shift(const transfer *shift, void *context)
{
    (void)context;
    move_count(shift, shift->from, -1);
    move_count(shift, shift->to, 1);
}

void pv_gsd_apply(pv_gsd_state *s, size_t row, const pv_gsd_change *change,
                  size_t changes)
{
    moving m;
    make_moving(s, row, change, changes, &m);
    walk(&m, apply_shift, NULL);
    for (size_t i = 0; i < changes; i++)
        pv_gsd_put(s, row, change[i].place, change[i].cell, change[i].number);
    if (s->planes > 0)
        pv_gsd_planes_of(s, row_of(s, row), s->number + row * s->places,
                         s->plane_value + row * s->planes);
}
