/* gen/gsd/state_internal.h - the inside of a search's state; gen/gsd/ alone. */
#ifndef PV_GEN_GSD_STATE_INTERNAL_H
#define PV_GEN_GSD_STATE_INTERNAL_H

#include "gen/gsd/state.h"

/* A layer of a grid. Potentials are held once for each of its columns, with that
 * column's parts next to one another. */
typedef struct layer {
    size_t columns;
    size_t place[PV_GSD_MOST_COLUMNS];
    const uint32_t *map[PV_GSD_MOST_COLUMNS]; /* cell to part; the queries' */
    uint32_t parts[PV_GSD_MOST_COLUMNS];
    size_t stride[PV_GSD_MOST_COLUMNS];
    size_t view_stride[PV_GSD_MOST_COLUMNS][PV_GSD_MOST_COLUMNS];
    float *view[PV_GSD_MOST_COLUMNS];
    size_t cells;
    int32_t *count;
    double *target;
    double weight;
} layer;

/* Cells lo <= cell < hi of a column. */
typedef struct run {
    uint32_t lo, hi;
} run;

typedef struct condition {
    size_t place;
    const bool *in; /* the queries' */
    run *runs;
    size_t run_count;
} condition;

/* In place of a condition's number: what a box is crossed with. */
enum { CROSSED = -1 };

/* A box or a plane, crossed with the cells of a column or with nothing. */
typedef struct predicate {
    bool plane;
    size_t conditions;     /* of a box */
    condition *condition;
    const pv_group *group; /* what it is of; of a plane: its terms */
    size_t plane_number;   /* among the planes */
    ptrdiff_t cross;       /* place, or -1 */
    int32_t cross_condition; /* on the crossed column itself, or CROSSED: none */
    size_t cells;          /* crossed, or 1 */
    int32_t *count;
    float *potential;
    double *target;
    double weight;
} predicate;

/* Layers that see a column by the same partition. */
typedef struct sight {
    const uint32_t *map;
    uint32_t parts;
    size_t views;
    struct {
        uint32_t layer, position;
    } *view;
} sight;

/* A predicate's condition on a column, or CROSSED. */
typedef struct mention {
    uint32_t predicate;
    int32_t condition;
} mention;

typedef struct seat {
    uint32_t column;
    const pv_column *schema;
    const pv_axis *axis;
    size_t sights, mentions, zeros;
    sight *sight;
    mention *mention;
    struct {
        uint32_t zero, position;
    } *zero;
    bool in_planes, crosses_planes;
} seat;

typedef struct zero {
    size_t places;
    size_t *place;
    bool **mask; /* by cell */
} zero;

struct pv_gsd_state {
    const pv_queries *queries;
    size_t rows, places;
    seat *place;
    size_t *place_of; /* of each column of the schema that has one */
    uint32_t *cell;   /* rows x places */
    double *number;   /* the same */
    size_t layers, predicates, planes, zeros, answers;
    layer *layer;
    predicate *predicate;
    zero *zero;
    size_t *plane;   /* predicate number of each plane */
    struct plane_column *plane_column; /* of each place, from pv_gsd_begin on */
    double *plane_value; /* rows x planes: what each row adds up to */
    double *plane_bound; /* of each plane */
    double *plane_now;   /* scratch of a delta: one caller at a time */
};
typedef struct plane_column plane_column;

struct pv_gsd_scratch {
    float *score, *part;   /* of cells, of parts */
    float *step;           /* cells + 1: differences of predicates' scores */
    double *plane, *with;  /* planes: their values but for the column at hand, and
                              with it */
    double *lift, *worth;  /* of planes that the row is in: twice the weight, else 0;
                              and what being in each is worth */
};

static inline const uint32_t *row_of(const pv_gsd_state *s, size_t row)
{
    return s->cell + row * s->places;
}

static inline float potential_of(double target, int32_t count, double weight)
{
    return (float)(weight * (2 * (target - count) - 1));
}

/* The cell of a layer that a row with these cells is in. */
static inline size_t layer_cell(const layer *l, const uint32_t *cell)
{
    size_t at = 0;
    for (size_t k = 0; k < l->columns; k++)
        at += l->stride[k] * l->map[k][cell[l->place[k]]];
    return at;
}

/* Whether a box holds for these cells, `but` a condition (or CROSSED: none). */
static inline bool box_holds(const predicate *p, const uint32_t *cell,
                             int32_t but)
{
    for (size_t k = 0; k < p->conditions; k++)
        if ((int32_t)k != but &&
            !p->condition[k].in[cell[p->condition[k].place]])
            return false;
    return true;
}

static inline size_t cross_cell(const predicate *p, const uint32_t *cell)
{
    return p->cross >= 0 ? cell[p->cross] : 0;
}

/* Planes, by the values that rows add up to. They are of the cells and numbers alone,
 * summed in the order of columns, so they do not depend on what was moved before. */
PV_CHECKED pv_status pv_gsd_planes_begin(pv_gsd_state *state, pv_error *err);
void pv_gsd_planes_free(pv_gsd_state *state);
/* Of a row with these cells and numbers; without one column; and with that one. */
void pv_gsd_planes_of(const pv_gsd_state *state, const uint32_t *cell,
                      const double *number, double *value);
void pv_gsd_planes_but(const pv_gsd_state *state, size_t row, size_t place,
                       double *value);
void pv_gsd_planes_with(const pv_gsd_state *state, size_t place, uint32_t cell,
                        double number, const double *rest, double *value);

/* NOWHERE: the row is in none of the predicate's cells. Of a plane by its value. */
#define NOWHERE SIZE_MAX
static inline size_t box_cell(const predicate *p, const uint32_t *cell)
{
    return box_holds(p, cell, CROSSED) ? cross_cell(p, cell) : NOWHERE;
}

static inline size_t plane_cell(const predicate *p, const uint32_t *cell,
                                double value)
{
    return value > p->group->bound ? cross_cell(p, cell) : NOWHERE;
}

/* Writes a layer's potential of a cell into all its views. */
void pv_gsd_set_potential(layer *l, size_t cell);

#endif
