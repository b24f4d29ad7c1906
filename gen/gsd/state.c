/* The rows under search, their columns and zeros; and room to score them in. */
#include "gen/gsd/state_internal.h"

#include "core/memory.h"

#include <math.h>
#include <stdlib.h>

/* --- columns and zeros ---------------------------------------------------------- */

static bool take_places(pv_gsd_state *s, const pv_schema *schema)
{
    const size_t columns = pv_schema_columns(schema);
    s->place = pv_array_calloc(columns, sizeof *s->place);
    s->place_of = pv_array_calloc(columns, sizeof *s->place_of);
    if (s->place == NULL || s->place_of == NULL)
        return false;
    for (uint32_t c = 0; c < columns; c++)
        if (pv_schema_root(schema, c) == c) {
            s->place_of[c] = s->places;
            s->place[s->places++] =
                (seat){.column = c,
                       .schema = pv_schema_column(schema, c),
                       .axis = pv_queries_axis(s->queries, c)};
        }
    return true;
}

static bool take_zero(pv_gsd_state *s, const pv_zero *from, uint32_t number)
{
    zero *z = &s->zero[number];
    z->place = pv_array_calloc(from->columns, sizeof *z->place);
    z->mask = pv_array_calloc(from->columns, sizeof *z->mask);
    if (z->place == NULL || z->mask == NULL)
        return false;
    for (uint32_t k = 0; k < from->columns; k++) {
        const size_t at = s->place_of[from->column[k]];
        seat *p = &s->place[at];
        z->mask[k] = pv_array_alloc(p->axis->cells, sizeof **z->mask);
        z->places = k + 1; /* to be freed */
        void *more = pv_array_realloc(p->zero, p->zeros + 1, sizeof *p->zero);
        if (z->mask[k] == NULL || more == NULL)
            return false;
        p->zero = more;
        p->zero[p->zeros].zero = number;
        p->zero[p->zeros++].position = k;
        for (uint32_t c = 0; c < p->axis->cells; c++)
            z->mask[k][c] = from->mask[k][pv_axis_code(p->axis, p->schema, c)];
        z->place[k] = at;
    }
    return true;
}

pv_status pv_gsd_alloc(const pv_queries *queries, size_t rows,
                       pv_gsd_state **state, pv_error *err)
{
    const pv_schema *schema = pv_queries_schema(queries);
    bool done;
    size_t cells = 0;
    pv_gsd_state *s = pv_array_calloc(1, sizeof *s);
    if (s == NULL)
        return pv_fail_memory(err, "the rows");
    s->queries = queries;
    s->rows = rows;
    s->zeros = pv_schema_model_zeros(schema);
    s->zero = pv_array_calloc(s->zeros, sizeof *s->zero);
    done = take_places(s, schema) && s->zero != NULL;
    for (uint32_t z = 0; done && z < s->zeros; z++)
        done = take_zero(s, pv_schema_model_zero(schema, z), z);
    if (done && pv_size_mul(rows, s->places, &cells)) {
        s->cell = pv_array_calloc(cells, sizeof *s->cell);
        s->number = pv_array_calloc(cells, sizeof *s->number);
    }
    if (s->cell == NULL || s->number == NULL) {
        pv_gsd_free(s);
        return pv_fail_memory(err, "the rows");
    }
    *state = s;
    return PV_OK;
}

static void free_predicate(predicate *p)
{
    for (size_t k = 0; p->condition != NULL && k < p->conditions; k++)
        free(p->condition[k].runs);
    free(p->condition);
    free(p->count);
    free(p->potential);
    free(p->target);
}

static void free_place(seat *p)
{
    for (size_t i = 0; i < p->sights; i++)
        free(p->sight[i].view);
    free(p->sight);
    free(p->mention);
    free(p->zero);
}

void pv_gsd_free(pv_gsd_state *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->layers; i++) {
        for (size_t k = 0; k < s->layer[i].columns; k++)
            free(s->layer[i].view[k]);
        free(s->layer[i].count);
        free(s->layer[i].target);
    }
    for (size_t i = 0; i < s->predicates; i++)
        free_predicate(&s->predicate[i]);
    for (size_t i = 0; i < s->places; i++)
        free_place(&s->place[i]);
    for (size_t i = 0; s->zero != NULL && i < s->zeros; i++) {
        for (size_t k = 0; k < s->zero[i].places; k++)
            free(s->zero[i].mask[k]);
        free(s->zero[i].mask);
        free(s->zero[i].place);
    }
    free(s->layer);
    free(s->predicate);
    pv_gsd_planes_free(s);
    free(s->plane);
    free(s->place);
    free(s->place_of);
    free(s->zero);
    free(s->cell);
    free(s->number);
    free(s);
}

/* --- rows ---------------------------------------------------------------------------- */

size_t pv_gsd_rows(const pv_gsd_state *s)
{
    return s->rows;
}

size_t pv_gsd_columns(const pv_gsd_state *s)
{
    return s->places;
}

uint32_t pv_gsd_column(const pv_gsd_state *s, size_t place)
{
    return s->place[place].column;
}

uint32_t pv_gsd_cells(const pv_gsd_state *s, size_t place)
{
    return s->place[place].axis->cells;
}

bool pv_gsd_touched(const pv_gsd_state *s, size_t place)
{
    const seat *p = &s->place[place];
    return p->sights > 0 || p->mentions > 0 || p->zeros > 0 || p->in_planes;
}

uint32_t pv_gsd_cell(const pv_gsd_state *s, size_t row, size_t place)
{
    return row_of(s, row)[place];
}

double pv_gsd_number(const pv_gsd_state *s, size_t row, size_t place)
{
    return s->number[row * s->places + place];
}

void pv_gsd_put(pv_gsd_state *s, size_t row, size_t place, uint32_t cell,
                double number)
{
    s->cell[row * s->places + place] = cell;
    s->number[row * s->places + place] = number;
}

bool pv_gsd_is_number(const pv_gsd_state *s, size_t place)
{
    return s->place[place].schema->kind != PV_COLUMN_LABELS;
}

void pv_gsd_range(const pv_gsd_state *s, size_t place, double *low,
                  double *high)
{
    *low = s->place[place].schema->minimum;
    *high = s->place[place].schema->maximum;
}

void pv_gsd_change_to_number(const pv_gsd_state *s, size_t place,
                             double number, pv_gsd_change *change)
{
    const seat *p = &s->place[place];
    const bool whole =
        p->schema->integer || p->schema->kind == PV_COLUMN_INTEGERS;
    const double x = whole ? floor(number) : number;
    *change = (pv_gsd_change){
        place,
        pv_axis_cell(p->axis, p->schema, pv_column_encode_number(p->schema, x),
                     x),
        x};
}

bool pv_gsd_breaks(const pv_gsd_state *s, size_t row, size_t lot,
                   size_t *place)
{
    const uint32_t *cell = row_of(s, row);
    for (size_t i = 0; i < s->zeros; i++) {
        const zero *z = &s->zero[(i + lot) % s->zeros];
        bool all = true;
        for (size_t k = 0; all && k < z->places; k++)
            all = z->mask[k][cell[z->place[k]]];
        if (all) {
            *place = z->place[lot / s->zeros % z->places];
            return true;
        }
    }
    return false;
}

double pv_gsd_inside(const pv_gsd_state *s, size_t place, uint32_t cell,
                     pv_stream *stream)
{
    const seat *p = &s->place[place];
    const uint32_t intervals = p->axis->cells - p->axis->missing;
    if (cell >= intervals)
        return NAN;
    if (!p->axis->numbers)
        return pv_column_number(p->schema, cell);
    const double low = p->axis->edge[cell], high = p->axis->edge[cell + 1];
    if (!p->schema->integer) {
        const double x = low + pv_stream_double(stream) * (high - low);
        return x < high ? x : low; /* rounding may reach the next cell */
    }
    /* inner limits belong to the cell above, the last to the last cell */
    const double last = cell + 1 == intervals ? high : high - 1;
    return low + (double)pv_stream_below(stream, (uint64_t)(last - low) + 1);
}

/* --- scratch -------------------------------------------------------------------------- */

pv_status pv_gsd_scratch_alloc(const pv_gsd_state *s, pv_gsd_scratch **scratch,
                               pv_error *err)
{
    size_t most = 1;
    for (size_t p = 0; p < s->places; p++)
        most = s->place[p].axis->cells > most ? s->place[p].axis->cells : most;
    pv_gsd_scratch *made = pv_array_calloc(1, sizeof *made);
    if (made == NULL)
        return pv_fail_memory(err, "a search");
    made->score = pv_aligned_alloc(most, sizeof *made->score);
    made->part = pv_aligned_alloc(most, sizeof *made->part);
    made->step = pv_aligned_alloc(most + 1, sizeof *made->step);
    made->plane = pv_aligned_alloc(s->planes + 1, sizeof *made->plane);
    made->with = pv_aligned_alloc(s->planes + 1, sizeof *made->with);
    made->worth = pv_aligned_alloc(s->planes + 1, sizeof *made->worth);
    made->lift = pv_aligned_alloc(s->planes + 1, sizeof *made->lift);
    if (made->score == NULL || made->part == NULL || made->step == NULL ||
        made->plane == NULL || made->with == NULL || made->lift == NULL ||
        made->worth == NULL) {
        pv_gsd_scratch_free(made);
        return pv_fail_memory(err, "a search");
    }
    *scratch = made;
    return PV_OK;
}

void pv_gsd_scratch_free(pv_gsd_scratch *scratch)
{
    if (scratch == NULL)
        return;
    free(scratch->score);
    free(scratch->part);
    free(scratch->step);
    free(scratch->plane);
    free(scratch->with);
    free(scratch->lift);
    free(scratch->worth);
    free(scratch);
}
