/* All cells of a column scored at once. */
#include "gen/gsd/state_internal.h"

#include <math.h>
#include <string.h>

/* Where a column has more cells than this and planes look at it, so many are tried. */
enum { plane_candidates = 16 };

PV_WIDE static void add_parts(float *restrict sum, const float *restrict more,
                              uint32_t parts)
{
    for (uint32_t v = 0; v < parts; v++)
        sum[v] += more[v];
}

PV_WIDE static void spread(float *restrict sum, const float *restrict part,
                           const uint32_t *restrict map, uint32_t cells)
{
    for (uint32_t c = 0; c < cells; c++)
        sum[c] += part[map[c]];
}

/* The row of potentials that a layer has for a column, for these other cells. */
static inline const float *view_row(const layer *l, uint32_t position,
                                    const uint32_t *cell)
{
    size_t at = 0;
    for (size_t k = 0; k < l->columns; k++)
        if (k != position)
            at += l->map[k][cell[l->place[k]]] * l->view_stride[position][k];
    return l->view[position] + at;
}

/* The own cell is scored as if the row had left it: each residual one larger. */
static void add_layers(const pv_gsd_state *s, const seat *p, size_t place,
                       const uint32_t *cell, pv_gsd_scratch *scratch)
{
    for (size_t a = 0; a < p->sights; a++) {
        const sight *seen = &p->sight[a];
        double lift = 0;
        memset(scratch->part, 0, seen->parts * sizeof *scratch->part);
        for (size_t v = 0; v < seen->views; v++) {
            const layer *l = &s->layer[seen->view[v].layer];
            add_parts(scratch->part,
                      view_row(l, seen->view[v].position, cell), seen->parts);
            lift += 2 * l->weight;
        }
        scratch->part[seen->map[cell[place]]] += (float)lift;
        spread(scratch->score, scratch->part, seen->map, p->axis->cells);
    }
}

static void add_box(const predicate *q, int32_t which, size_t place,
                    const uint32_t *cell, pv_gsd_scratch *scratch)
{
    const condition *c = &q->condition[which];
    const size_t at = cross_cell(q, cell);
    float potential = q->potential[at];
    if (!box_holds(q, cell, which))
        return;
    if (c->in[cell[place]])
        potential += (float)(2 * q->weight);
    for (size_t k = 0; k < c->run_count; k++) {
        scratch->step[c->runs[k].lo] += potential;
        scratch->step[c->runs[k].hi] -= potential;
    }
}

static void add_crossed(const predicate *q, uint32_t own,
                        pv_gsd_scratch *scratch)
{
    const bool *in = q->cross_condition != CROSSED
                         ? q->condition[q->cross_condition].in
                         : NULL;
    for (size_t v = 0; v < q->cells; v++)
        if (in == NULL || in[v])
            scratch->score[v] += q->potential[v];
    if (in == NULL || in[own])
        scratch->score[own] += (float)(2 * q->weight);
}

static void add_boxes(const pv_gsd_state *s, const seat *p, size_t place,
                      const uint32_t *cell, pv_gsd_scratch *scratch)
{
    const uint32_t cells = p->axis->cells;
    float sum = 0;
    if (p->mentions == 0)
        return;
    memset(scratch->step, 0, (cells + 1) * sizeof *scratch->step);
    for (size_t i = 0; i < p->mentions; i++) {
        const predicate *q = &s->predicate[p->mention[i].predicate];
        if (q->plane)
            continue;
        if (p->mention[i].condition != CROSSED)
            add_box(q, p->mention[i].condition, place, cell, scratch);
        else if (box_holds(q, cell, q->cross_condition))
            add_crossed(q, cell[place], scratch);
    }
    for (uint32_t c = 0; c < cells; c++) {
        sum += scratch->step[c];
        scratch->score[c] += sum;
    }
}

static void forbid(const pv_gsd_state *s, const seat *p,
                   const uint32_t *cell, float *score)
{
    for (size_t i = 0; i < p->zeros; i++) {
        const zero *z = &s->zero[p->zero[i].zero];
        const size_t own = p->zero[i].position;
        bool others = true;
        for (size_t k = 0; others && k < z->places; k++)
            others = k == own || z->mask[k][cell[z->place[k]]];
        for (uint32_t c = 0; others && c < p->axis->cells; c++)
            if (z->mask[own][c])
                score[c] = -INFINITY;
    }
}

/* --- planes ------------------------------------------------------------------------------ */

/* What being in each plane is worth, others as they are: leaving the one that the row is
 * in lifts its residual. Planes crossed with the column itself are left to
 * crossed_score. */
static void find_worth(const pv_gsd_state *s, size_t place,
                       const uint32_t *cell, const pv_gsd_change *own,
                       pv_gsd_scratch *scratch)
{
    pv_gsd_planes_with(s, place, own->cell, own->number, scratch->plane,
                       scratch->with);
    for (size_t k = 0; k < s->planes; k++) {
        const predicate *q = &s->predicate[s->plane[k]];
        const bool in = scratch->with[k] > s->plane_bound[k];
        scratch->lift[k] = in ? 2 * q->weight : 0;
        scratch->worth[k] = q->cross == (ptrdiff_t)place
                                ? 0
                                : q->potential[cross_cell(q, cell)] +
                                      scratch->lift[k];
    }
}

/* In eight sums, so that they can be taken side by side, and always the same. */
PV_WIDE static double sum_above(const double *restrict value,
                                const double *restrict bound,
                                const double *restrict worth, size_t count)
{
    enum { sums = 8 };
    double sum[sums] = {0};
    size_t k = 0;
    for (; k + sums <= count; k += sums)
        for (size_t i = 0; i < sums; i++)
            sum[i] += value[k + i] > bound[k + i] ? worth[k + i] : 0;
    for (; k < count; k++)
        sum[0] += value[k] > bound[k] ? worth[k] : 0;
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) +
           ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

static double crossed_score(const pv_gsd_state *s, size_t place, uint32_t own,
                            uint32_t to, const pv_gsd_scratch *scratch)
{
    double score = 0;
    for (size_t k = 0; k < s->planes; k++) {
        const predicate *q = &s->predicate[s->plane[k]];
        if (q->cross == (ptrdiff_t)place &&
            scratch->with[k] > s->plane_bound[k])
            score += q->potential[to] + (to == own ? scratch->lift[k] : 0);
    }
    return score;
}

/* What the planes say of one cell and number of a column, in the place of its own. */
static double plane_score(const pv_gsd_state *s, size_t place,
                          const uint32_t *cell, const pv_gsd_change *to,
                          pv_gsd_scratch *scratch)
{
    pv_gsd_planes_with(s, place, to->cell, to->number, scratch->plane,
                       scratch->with);
    const double score = sum_above(scratch->with, s->plane_bound,
                                   scratch->worth, s->planes);
    return s->place[place].crosses_planes
               ? score + crossed_score(s, place, cell[place], to->cell, scratch)
               : score;
}

/* The best of the own cell, the best by all else, and a few at random. */
static double best_by_planes(const pv_gsd_state *s, size_t row, size_t place,
                             pv_gsd_scratch *scratch, pv_stream *stream,
                             uint32_t best_else, pv_gsd_change *best,
                             uint64_t *scored)
{
    const seat *p = &s->place[place];
    const uint32_t *cell = row_of(s, row), cells = p->axis->cells;
    const double *number = s->number + row * s->places;
    const uint32_t tried =
        cells < plane_candidates ? cells : plane_candidates;
    const pv_gsd_change own = {place, cell[place], number[place]};
    pv_gsd_planes_but(s, row, place, scratch->plane);
    find_worth(s, place, cell, &own, scratch);
    const double stays = scratch->score[own.cell] +
                         plane_score(s, place, cell, &own, scratch);
    double most = stays;
    *best = own;
    for (uint32_t i = 0; i <= tried; i++) {
        pv_gsd_change to = {.place = place};
        to.cell = i == tried      ? best_else
                  : cells <= plane_candidates
                      ? i
                      : (uint32_t)pv_stream_below(stream, cells);
        to.number = pv_gsd_inside(s, place, to.cell, stream);
        const double score = scratch->score[to.cell] +
                             plane_score(s, place, cell, &to, scratch);
        if (score > most) {
            most = score;
            *best = to;
        }
    }
    *scored += tried + 1;
    return most - stays;
}

/* ------------------------------------------------------------------------------------------ */

PV_WIDE static uint32_t best_cell(const float *score, uint32_t cells)
{
    float most = -INFINITY;
    uint32_t best = 0;
    for (uint32_t c = 0; c < cells; c++)
        most = score[c] > most ? score[c] : most;
    while (best + 1 < cells && score[best] != most)
        best++;
    return best;
}

double pv_gsd_best(const pv_gsd_state *s, size_t row, size_t place,
                   pv_gsd_scratch *scratch, pv_stream *stream,
                   pv_gsd_change *best, uint64_t *scored)
{
    const seat *p = &s->place[place];
    const uint32_t *cell = row_of(s, row), cells = p->axis->cells;
    memset(scratch->score, 0, cells * sizeof *scratch->score);
    add_layers(s, p, place, cell, scratch);
    add_boxes(s, p, place, cell, scratch);
    forbid(s, p, cell, scratch->score);
    const uint32_t top = best_cell(scratch->score, cells);
    if (s->planes > 0 && (p->in_planes || p->crosses_planes))
        return best_by_planes(s, row, place, scratch, stream, top, best,
                              scored);
    *scored += cells;
    *best = (pv_gsd_change){place, top, NAN};
    const float gain = scratch->score[top] - scratch->score[cell[place]];
    return gain > 0 ? gain : 0;
}
