/* Planes: what a row adds up to for each of them, held for all rows. */
#include "gen/gsd/state_internal.h"

#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The parts of one column for all planes: of each cell, or for intervals a slope. */
struct plane_column {
    double *of_cell; /* cells x planes; NULL: intervals */
    double *slope, *missing;
    double low, range;
};

static bool take_column(pv_gsd_state *s, size_t place)
{
    const seat *p = &s->place[place];
    const bool intervals = p->axis->numbers;
    const size_t n = s->planes;
    plane_column *c = &s->plane_column[place];
    c->low = p->schema->minimum;
    c->range = p->schema->maximum - p->schema->minimum;
    if (intervals) {
        c->slope = pv_array_calloc(n, sizeof *c->slope);
        c->missing = pv_array_calloc(n, sizeof *c->missing);
    } else {
        c->of_cell = pv_array_calloc(n * p->axis->cells, sizeof *c->of_cell);
    }
    if (intervals ? c->slope == NULL || c->missing == NULL
                  : c->of_cell == NULL)
        return false;
    for (size_t k = 0; k < n; k++) {
        const pv_group *g = s->predicate[s->plane[k]].group;
        for (size_t t = 0; t < g->terms; t++) {
            if (g->term[t].column != p->column)
                continue;
            if (intervals) {
                c->slope[k] = g->term[t].slope;
                c->missing[k] = g->term[t].missing;
            }
            for (uint32_t v = 0; !intervals && v < p->axis->cells; v++)
                c->of_cell[v * n + k] = pv_plane_part(&g->term[t], p->schema,
                                                      v, NAN);
        }
    }
    return true;
}

void pv_gsd_planes_free(pv_gsd_state *s)
{
    for (size_t p = 0; s->plane_column != NULL && p < s->places; p++) {
        free(s->plane_column[p].of_cell);
        free(s->plane_column[p].slope);
        free(s->plane_column[p].missing);
    }
    free(s->plane_column);
    free(s->plane_value);
    free(s->plane_bound);
    free(s->plane_now);
    s->plane_column = NULL;
    s->plane_value = s->plane_bound = s->plane_now = NULL;
}

pv_status pv_gsd_planes_begin(pv_gsd_state *s, pv_error *err)
{
    size_t values = 0;
    pv_gsd_planes_free(s);
    if (s->planes == 0)
        return PV_OK;
    s->plane_column = pv_array_calloc(s->places, sizeof *s->plane_column);
    s->plane_bound = pv_array_alloc(s->planes, sizeof *s->plane_bound);
    s->plane_now = pv_array_alloc(s->planes, sizeof *s->plane_now);
    if (pv_size_mul(s->rows, s->planes, &values))
        s->plane_value = pv_array_alloc(values, sizeof *s->plane_value);
    bool done = s->plane_column != NULL && s->plane_bound != NULL &&
                s->plane_now != NULL && s->plane_value != NULL;
    for (size_t p = 0; done && p < s->places; p++)
        done = take_column(s, p);
    if (!done)
        return pv_fail_memory(err, "the half-spaces of the rows");
    for (size_t k = 0; k < s->planes; k++)
        s->plane_bound[k] = s->predicate[s->plane[k]].group->bound;
    for (size_t r = 0; r < s->rows; r++)
        pv_gsd_planes_of(s, row_of(s, r), s->number + r * s->places,
                         s->plane_value + r * s->planes);
    return PV_OK;
}

PV_WIDE static void add_all(double *restrict sum, const double *restrict more,
                            size_t count)
{
    for (size_t k = 0; k < count; k++)
        sum[k] += more[k];
}

PV_WIDE static void add_scaled(double *restrict sum,
                               const double *restrict more, double by,
                               size_t count)
{
    for (size_t k = 0; k < count; k++)
        sum[k] += by * more[k];
}

/* Intervals are scaled as pv_plane_part does, but for the last bits. */
static void add_column(const pv_gsd_state *s, size_t place, uint32_t cell,
                       double number, double *value)
{
    const plane_column *c = &s->plane_column[place];
    const pv_axis *axis = s->place[place].axis;
    if (c->of_cell != NULL)
        add_all(value, c->of_cell + cell * s->planes, s->planes);
    else if (axis->missing && cell + 1 == axis->cells)
        add_all(value, c->missing, s->planes);
    else if (c->range > 0)
        add_scaled(value, c->slope, (number - c->low) / c->range, s->planes);
}

void pv_gsd_planes_of(const pv_gsd_state *s, const uint32_t *cell,
                      const double *number, double *value)
{
    memset(value, 0, s->planes * sizeof *value);
    for (size_t p = 0; p < s->places; p++)
        add_column(s, p, cell[p], number[p], value);
}

void pv_gsd_planes_but(const pv_gsd_state *s, size_t row, size_t place,
                       double *value)
{
    const uint32_t *cell = row_of(s, row);
    const double *number = s->number + row * s->places;
    memset(value, 0, s->planes * sizeof *value);
    for (size_t p = 0; p < s->places; p++)
        if (p != place)
            add_column(s, p, cell[p], number[p], value);
}

void pv_gsd_planes_with(const pv_gsd_state *s, size_t place, uint32_t cell,
                        double number, const double *rest, double *value)
{
    memcpy(value, rest, s->planes * sizeof *value);
    add_column(s, place, cell, number, value);
}
