#include <config.h>

#include "audit/attack/nearest.h"

#include "core/memory.h"
#include "core/threads.h"
#include "io/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows at a time: their sums and one column of them stay in the first cache.
 * People at a time: they share the rows while these are in the second. */
enum { block_rows = 1024, block_people = 16 };

/* Numbers are positions of 0..PV_NEAREST_UNIT; missing is so far off that its
 * distance, cut at the unit, is 1 from any number. */
enum { missing_position = -(1 << 20) };

typedef struct feature {
    uint32_t column;
    int32_t *position; /* of each code; NULL: labels */
    int32_t *place;    /* of each row, aligned; NULL: labels */
    pv_codes codes;    /* of each row, the table's */
} feature;

struct pv_nearest {
    size_t rows, features;
    feature *feature;
};

/* --- making --------------------------------------------------------------- */

static void set_positions(const pv_column *c, int32_t *position)
{
    const double range = c->maximum - c->minimum;
    for (uint32_t code = 0; code < c->levels; code++) {
        const double number = pv_column_number(c, code);
        double share = range > 0 ? (number - c->minimum) / range : 0;
        share = share < 0 ? 0 : share > 1 ? 1 : share;
        position[code] = isnan(number)
                             ? missing_position
                             : (int32_t)nearbyint(share * PV_NEAREST_UNIT);
    }
}

static pv_status make_feature(const pv_table *table, uint32_t column,
                              feature *f, pv_error *err)
{
    const pv_column *c = pv_schema_column(pv_table_schema(table), column);
    const size_t rows = pv_table_rows(table);
    f->column = column;
    f->codes = pv_table_codes(table, column);
    if (c->kind == PV_COLUMN_LABELS)
        return PV_OK;
    f->position = pv_array_alloc(c->levels, sizeof *f->position);
    f->place = pv_aligned_alloc(rows, sizeof *f->place);
    if (f->position == NULL || f->place == NULL)
        return pv_fail_memory(err, "positions of rows");
    set_positions(c, f->position);
    for (size_t r = 0; r < rows; r++)
        f->place[r] = f->position[pv_codes_at(f->codes, r)];
    return PV_OK;
}

pv_status pv_nearest_new(const pv_table *table, const uint32_t *column,
                         size_t columns, pv_nearest **nearest, pv_error *err)
{
    pv_status status = PV_OK;
    *nearest = NULL;
    if (pv_table_rows(table) >= PV_NEAREST_NONE)
        return pv_fail(err, PV_ETOOBIG,
                       "too many rows to search for the nearest: take a "
                       "sample");
    pv_nearest *n = pv_array_calloc(1, sizeof *n);
    if (n != NULL)
        n->feature = pv_array_calloc(columns, sizeof *n->feature);
    if (n == NULL || n->feature == NULL) {
        status = pv_fail_memory(err, "nearest rows");
        goto out;
    }
    n->rows = pv_table_rows(table);
    n->features = columns;
    for (size_t i = 0; i < columns; i++)
        PV_TRY(make_feature(table, column[i], &n->feature[i], err));
    *nearest = n;
out:
    if (status != PV_OK)
        pv_nearest_free(n);
    return status;
}

void pv_nearest_free(pv_nearest *nearest)
{
    if (nearest == NULL)
        return;
    for (size_t i = 0; nearest->feature != NULL && i < nearest->features; i++) {
        free(nearest->feature[i].position);
        free(nearest->feature[i].place);
    }
    free(nearest->feature);
    free(nearest);
}

/* --- distances of one person from a block of rows ------------------------- */

PV_WIDE static void add_numbers(int32_t *restrict sum,
                                const int32_t *restrict place, size_t rows,
                                int32_t mine)
{
    for (size_t r = 0; r < rows; r++) {
        const int32_t d = place[r] - mine;
        const int32_t far = d < 0 ? -d : d;
        sum[r] += far < PV_NEAREST_UNIT ? far : PV_NEAREST_UNIT;
    }
}

#define ADD_LABELS(name, type)                                                 \
    PV_WIDE static void name(int32_t *restrict sum,                            \
                             const type *restrict code, size_t rows,           \
                             type mine)                                        \
    {                                                                          \
        for (size_t r = 0; r < rows; r++)                                      \
            sum[r] += (int32_t)(code[r] != mine) * PV_NEAREST_UNIT;            \
    }
ADD_LABELS(add_labels8, uint8_t)
ADD_LABELS(add_labels16, uint16_t)
ADD_LABELS(add_labels32, uint32_t)

PV_WIDE static int32_t find_least(const int32_t *restrict sum, size_t rows)
{
    int32_t least = INT32_MAX;
    for (size_t r = 0; r < rows; r++)
        least = sum[r] < least ? sum[r] : least;
    return least;
}

static void add_labels(int32_t *sum, pv_codes codes, size_t first, size_t rows,
                       uint32_t mine)
{
    if (codes.width == 1)
        add_labels8(sum, (const uint8_t *)codes.data + first, rows,
                    (uint8_t)mine);
    else if (codes.width == 2)
        add_labels16(sum, (const uint16_t *)codes.data + first, rows,
                     (uint16_t)mine);
    else
        add_labels32(sum, (const uint32_t *)codes.data + first, rows, mine);
}

/* Fills `sum` and returns the least. PV_MAX_COLUMNS units fit in 31 bits. */
static int32_t measure(const pv_nearest *n, const uint32_t *person,
                       size_t first, size_t rows, int32_t *sum)
{
    _Static_assert(PV_MAX_COLUMNS <= 1024, "sums of units overflow");
    memset(sum, 0, rows * sizeof *sum);
    for (size_t i = 0; i < n->features; i++) {
        const feature *f = &n->feature[i];
        if (f->position == NULL)
            add_labels(sum, f->codes, first, rows, person[i]);
        else
            add_numbers(sum, f->place + first, rows, f->position[person[i]]);
    }
    return find_least(sum, rows);
}

/* --- searches ------------------------------------------------------------- */

typedef struct search {
    const pv_nearest *nearest;
    const pv_people *people;
    uint32_t *codes; /* people x features */
    size_t k;        /* of the k nearest: */
    uint32_t *found, *distance;
    uint32_t *all;   /* of all distances: people x rows */
    const uint32_t *class_of; /* of votes: */
    uint32_t classes, *votes;
    uint32_t *best; /* the distance of those who voted */
} search;

/* Puts a row in its place among the k of a person. Rows come in the order of
 * their numbers, so equals go behind. */
static void insert(uint32_t *found, uint32_t *distance, size_t k, uint32_t row,
                   uint32_t d)
{
    size_t at = k - 1;
    for (; at > 0 && distance[at - 1] > d; at--) {
        distance[at] = distance[at - 1];
        found[at] = found[at - 1];
    }
    distance[at] = d;
    found[at] = row;
}

static void keep_nearest(const search *s, size_t person, size_t first,
                         size_t rows, const int32_t *sum, int32_t least)
{
    uint32_t *found = s->found + person * s->k;
    uint32_t *distance = s->distance + person * s->k;
    if ((uint32_t)least >= distance[s->k - 1])
        return;
    for (size_t r = 0; r < rows; r++)
        if ((uint32_t)sum[r] < distance[s->k - 1])
            insert(found, distance, s->k, (uint32_t)(first + r),
                   (uint32_t)sum[r]);
}

static void keep_votes(const search *s, size_t person, size_t first,
                       size_t rows, const int32_t *sum, int32_t least)
{
    uint32_t *votes = s->votes + person * s->classes;
    if ((uint32_t)least > s->best[person])
        return;
    if ((uint32_t)least < s->best[person])
        memset(votes, 0, s->classes * sizeof *votes);
    s->best[person] = (uint32_t)least;
    for (size_t r = 0; r < rows; r++)
        if (sum[r] == least)
            votes[s->class_of[first + r]]++;
}

static void search_item(size_t item, void *context)
{
    const search *s = context;
    const pv_nearest *n = s->nearest;
    const size_t from = item * block_people;
    const size_t left = s->people->count - from;
    const size_t end = from + (left < block_people ? left : block_people);
    int32_t sum[block_rows];
    for (size_t first = 0; first < n->rows; first += block_rows) {
        const size_t rows =
            n->rows - first < block_rows ? n->rows - first : block_rows;
        for (size_t p = from; p < end; p++) {
            const int32_t least =
                measure(n, s->codes + p * n->features, first, rows, sum);
            if (s->all != NULL)
                memcpy(s->all + p * n->rows + first, sum, rows * sizeof *sum);
            else if (s->votes != NULL)
                keep_votes(s, p, first, rows, sum, least);
            else
                keep_nearest(s, p, first, rows, sum, least);
        }
    }
}

static pv_status run_search(search *s, pv_error *err)
{
    const pv_nearest *n = s->nearest;
    const pv_people *people = s->people;
    size_t cells;
    s->codes = pv_size_mul(people->count, n->features, &cells)
                   ? pv_array_alloc(cells, sizeof *s->codes)
                   : NULL;
    if (s->codes == NULL)
        return pv_fail_memory(err, "people to find the nearest of");
    for (size_t i = 0; i < n->features; i++) {
        const pv_codes codes =
            pv_table_codes(people->table, n->feature[i].column);
        for (size_t p = 0; p < people->count; p++)
            s->codes[p * n->features + i] =
                pv_codes_at(codes, people->row != NULL ? people->row[p] : p);
    }
    pv_parallel_for((people->count + block_people - 1) / block_people,
                    search_item, s);
    free(s->codes);
    return PV_OK;
}

pv_status pv_nearest_find(const pv_nearest *nearest,
                          const pv_people *people, size_t k,
                          uint32_t *found, uint32_t *distance, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t cells = people->count * k;
    search s = {.nearest = nearest, .people = people, .k = k, .found = found};
    if (k == 0)
        return PV_OK;
    s.distance =
        distance != NULL ? distance : pv_array_alloc(cells, sizeof *distance);
    if (s.distance == NULL)
        return pv_fail_memory(err, "distances");
    for (size_t i = 0; i < cells; i++)
        found[i] = s.distance[i] = PV_NEAREST_NONE;
    PV_TRY(run_search(&s, err));
out:
    if (distance == NULL)
        free(s.distance);
    return status;
}

pv_status pv_nearest_distances(const pv_nearest *nearest,
                               const pv_people *people, uint32_t *distance,
                               pv_error *err)
{
    search s = {.nearest = nearest, .people = people, .all = distance};
    return run_search(&s, err);
}

pv_status pv_nearest_vote(const pv_nearest *nearest,
                          const pv_people *people,
                          const uint32_t *class_of, uint32_t classes,
                          uint32_t *votes, pv_error *err)
{
    pv_status status = PV_OK;
    search s = {.nearest = nearest,
                .people = people,
                .class_of = class_of,
                .classes = classes,
                .votes = votes};
    s.best = pv_array_alloc(people->count, sizeof *s.best);
    if (s.best == NULL)
        return pv_fail_memory(err, "distances");
    memset(votes, 0, people->count * classes * sizeof *votes);
    for (size_t p = 0; p < people->count; p++)
        s.best[p] = PV_NEAREST_NONE;
    PV_TRY(run_search(&s, err));
out:
    free(s.best);
    return status;
}
