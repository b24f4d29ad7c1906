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
    bool in_planes;
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
};

struct pv_gsd_scratch {
    float *score, *part;   /* of cells, of parts */
    float *step;           /* cells + 1: differences of predicates' scores */
    double *plane;         /* planes: their values but for the column at hand */
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

/* What a term of a plane gives for a cell of its column and a number in it. Where cells
 * are intervals there always is a number, but for the missing cell. */
static inline double term_part(const pv_plane_term *term, const seat *p,
                               uint32_t cell, double number)
{
    const pv_axis *axis = p->axis;
    const uint32_t code = !axis->numbers ? cell
                          : axis->missing && cell + 1 == axis->cells
                              ? p->schema->levels - 1
                              : 0;
    return pv_plane_part(term, p->schema, code, number);
}

/* What the terms of a plane add up to, in their order; `but` a place (or -1). */
double pv_gsd_plane_value(const pv_gsd_state *state, const predicate *plane,
                          const uint32_t *cell, const double *number,
                          ptrdiff_t but);

/* NOWHERE: the row is in none of the predicate's cells. */
#define NOWHERE SIZE_MAX
size_t pv_gsd_predicate_cell(const pv_gsd_state *state, const predicate *p,
                             const uint32_t *cell, const double *number);

/* Writes a layer's potential of a cell into all its views. */
void pv_gsd_set_potential(layer *l, size_t cell);

#endif
