#include "embeddings/space.h"

#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double of_label = 1.0 / 3.0;
static const double of_two = 0.47140452079103169; /* sqrt(2) / 3 */

/* A column's coordinates. */
typedef struct axis {
    size_t column, at;   /* the first of them */
    bool number, two;    /* `two`: one coordinate for two labels */
    size_t missing;      /* of the missing level; 0: that is a label or none */
    double low, scale;   /* (x - low) * scale */
    double factor;
} axis;

struct pv_space {
    const pv_schema *schema;
    size_t without, width, axes;
    axis *axis;
};

static void range_of(const pv_column *c, axis *a)
{
    const uint32_t bins = c->levels - (c->missing ? 1 : 0);
    const bool binned = c->kind == PV_COLUMN_BINS;
    a->low = binned ? c->edges[0] : c->minimum;
    const double high = binned ? c->edges[bins] : c->maximum;
    a->scale = high > a->low ? 1 / (high - a->low) : 0;
}

/* Places the column's coordinates from space->width on. */
static void add_axis(pv_space *s, size_t column)
{
    const pv_column *c = pv_schema_column(s->schema, column);
    axis *a = &s->axis[s->axes];
    *a = (axis){.column = column, .at = s->width, .factor = 1};
    if (c->levels < 2)
        return;
    a->number = c->kind != PV_COLUMN_LABELS;
    a->two = !a->number && c->levels == 2;
    if (a->number) {
        range_of(c, a);
        s->width++;
        if (c->missing)
            a->missing = s->width++;
    } else {
        s->width += a->two ? 1 : c->levels;
    }
    s->axes++;
}

pv_status pv_space_alloc(const pv_schema *schema, size_t without,
                         pv_space **space, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t columns = pv_schema_columns(schema);
    pv_space *s = pv_array_calloc(1, sizeof *s);
    *space = NULL;
    if (s == NULL)
        return pv_fail_memory(err, "the space of rows");
    s->schema = schema;
    s->without = without;
    s->axis = pv_array_alloc(columns, sizeof *s->axis);
    if (s->axis == NULL) {
        status = pv_fail_memory(err, "the space of rows");
        goto out;
    }
    if (pv_schema_has_needs(schema)) {
        status = pv_fail(err, PV_ESCHEMA,
                         "distances between rows need levels that are public: "
                         "give bins, bounds and categories in the schema");
        goto out;
    }
    for (size_t c = 0; c < columns; c++)
        if (c != without && pv_schema_root(schema, c) == c)
            add_axis(s, c);
    if (s->width == 0) {
        status = pv_fail(err, PV_ESCHEMA,
                         "no column is left to compare rows by: all others "
                         "have one level");
        goto out;
    }
    *space = s;
    s = NULL;
out:
    pv_space_free(s);
    return status;
}

void pv_space_free(pv_space *space)
{
    if (space == NULL)
        return;
    free(space->axis);
    free(space);
}

static axis *find_axis(const pv_space *space, size_t column)
{
    for (size_t i = 0; i < space->axes; i++)
        if (space->axis[i].column == column)
            return &space->axis[i];
    return NULL;
}

void pv_space_stretch(pv_space *space, size_t column, double factor)
{
    axis *a = find_axis(space, column);
    if (a != NULL)
        a->factor = factor;
}

double pv_space_factor(const pv_space *space, size_t column)
{
    const axis *a = find_axis(space, column);
    return a != NULL ? a->factor : 1;
}

size_t pv_space_width(const pv_space *space)
{
    return space->width;
}

size_t pv_space_without(const pv_space *space)
{
    return space->without;
}

const pv_schema *pv_space_schema(const pv_space *space)
{
    return space->schema;
}

static void embed_number(const axis *a, const pv_column *c, uint32_t code,
                         double value, float *vector)
{
    if (c->missing && code == c->levels - 1) {
        vector[a->at] = (float)(0.5 * a->factor);
        vector[a->missing] = (float)(of_two * a->factor);
        return;
    }
    const double x = isnan(value) ? pv_column_number(c, code) : value;
    vector[a->at] = (float)((x - a->low) * a->scale * a->factor);
}

void pv_space_embed(const pv_space *space, const uint32_t *code,
                    const double *value, float *vector)
{
    memset(vector, 0, space->width * sizeof *vector);
    for (size_t i = 0; i < space->axes; i++) {
        const axis *a = &space->axis[i];
        const uint32_t own = code[a->column];
        if (a->number)
            embed_number(a, pv_schema_column(space->schema, a->column), own,
                         value != NULL ? value[a->column] : NAN, vector);
        else if (a->two)
            vector[a->at] = own == 1 ? (float)(of_two * a->factor) : 0;
        else
            vector[a->at + own] = (float)(of_label * a->factor);
    }
}
