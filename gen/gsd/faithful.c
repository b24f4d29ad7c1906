/* The published scheme: fifty children a generation, one operator, one acceptance. */
#include "gen/gsd/search_internal.h"

#include "core/memory.h"

#include <math.h>
#include <stdlib.h>

enum {
    children = 50,
    quantiles = 32,
    least_epoch = 100,
    stop_every = 1000,
    most_generations = 50000000
};
static const double learning = 0.1, exploring = 0.05, default_patience = 1e-4;

/* Operators: a random value, a value near what the column holds, two rows swapping
 * a value, and one or two cells copied from another row. */
typedef enum arm { MUTATE, NEAR, SWAP, COPY_ONE, COPY_TWO, ARMS } arm;

typedef struct child {
    size_t row[2];
    pv_gsd_change change[2];
    size_t rows, changes; /* a row has one change; or the first has both */
    double delta;
} child;

typedef struct faithful {
    pv_gsd_state *state;
    pv_stream stream;
    size_t *places, *numbers, *labels; /* with more than one cell */
    size_t place_count, number_count, label_count;
    uint32_t *turn;                    /* places, repeated by their sizes */
    size_t turns, next_turn, next_number;
    double weight[ARMS];
    bool open[ARMS];
    size_t arms;
    double reward[ARMS];
    double *near;                      /* of each number column: its quantiles */
} faithful;

static size_t below(faithful *f, size_t n)
{
    return (size_t)pv_stream_below(&f->stream, n);
}

static void clear_faithful(faithful *f)
{
    free(f->places);
    free(f->numbers);
    free(f->labels);
    free(f->turn);
    free(f->near);
}

/* A column takes as many turns as the logarithm of its size. */
static size_t turns_of(const pv_gsd_state *s, size_t place)
{
    return (size_t)(log((double)pv_gsd_cells(s, place)) + 1);
}

static pv_status ready(faithful *f, pv_error *err)
{
    const pv_gsd_state *s = f->state;
    const size_t columns = pv_gsd_columns(s);
    f->places = pv_array_alloc(columns, sizeof *f->places);
    f->numbers = pv_array_alloc(columns, sizeof *f->numbers);
    f->labels = pv_array_alloc(columns, sizeof *f->labels);
    for (size_t p = 0; p < columns; p++)
        f->turns += turns_of(s, p);
    f->turn = pv_array_alloc(f->turns, sizeof *f->turn);
    f->near = pv_array_alloc(columns * (quantiles + 1), sizeof *f->near);
    if (f->places == NULL || f->numbers == NULL || f->labels == NULL ||
        f->turn == NULL || f->near == NULL)
        return pv_fail_memory(err, "a search");
    f->turns = 0;
    for (size_t p = 0; p < columns; p++) {
        if (!pv_gsd_touched(s, p) || pv_gsd_cells(s, p) < 2)
            continue;
        f->places[f->place_count++] = p;
        if (pv_gsd_is_number(s, p))
            f->numbers[f->number_count++] = p;
        else
            f->labels[f->label_count++] = p;
        for (size_t i = 0; i < turns_of(s, p); i++)
            f->turn[f->turns++] = (uint32_t)p;
    }
    const bool several = pv_gsd_rows(s) > 1;
    const bool some = pv_gsd_rows(s) > 0;
    f->open[MUTATE] = some && f->place_count > 0;
    f->open[NEAR] = some && f->number_count > 0;
    f->open[SWAP] = several && f->place_count > 0;
    f->open[COPY_ONE] = several && f->label_count > 0;
    f->open[COPY_TWO] = several && f->label_count > 1;
    for (int a = 0; a < ARMS; a++)
        f->arms += f->open[a];
    for (int a = 0; a < ARMS; a++)
        f->weight[a] = f->open[a] ? 1.0 / (double)f->arms : 0;
    return PV_OK;
}

/* --- the bandit ------------------------------------------------------------------------- */

static double chance_of(const faithful *f, int a)
{
    return f->open[a] ? (1 - exploring) * f->weight[a] +
                            exploring / (double)f->arms
                      : 0;
}

static arm draw_arm(faithful *f)
{
    double u = pv_stream_double(&f->stream);
    int last = 0;
    for (int a = 0; a < ARMS; a++) {
        if (!f->open[a])
            continue;
        last = a;
        u -= chance_of(f, a);
        if (u < 0)
            break;
    }
    return (arm)last;
}

static void learn(faithful *f)
{
    double sum = 0;
    for (int a = 0; a < ARMS; a++)
        if (f->open[a]) {
            const double raised =
                fmin(f->reward[a] / chance_of(f, a) * learning, 50);
            f->weight[a] *= exp(raised);
            sum += f->weight[a];
            f->reward[a] = 0;
        }
    for (int a = 0; a < ARMS; a++)
        f->weight[a] /= sum;
}

/* --- children ---------------------------------------------------------------------------- */

static int rising(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of as many rows drawn at random: once an epoch. */
static void find_quantiles(faithful *f)
{
    const pv_gsd_state *s = f->state;
    for (size_t i = 0; i < f->number_count; i++) {
        double *at = f->near + f->numbers[i] * (quantiles + 1);
        double low, high;
        pv_gsd_range(s, f->numbers[i], &low, &high);
        at[0] = low;
        at[quantiles] = high;
        for (size_t k = 1; k < quantiles; k++) {
            const double x = pv_gsd_number(s, below(f, pv_gsd_rows(s)),
                                           f->numbers[i]);
            at[k] = isnan(x) ? low : x;
        }
        qsort(at, quantiles + 1, sizeof *at, rising);
    }
}

static void change_to(const pv_gsd_state *s, size_t row, size_t place,
                      pv_gsd_change *change)
{
    *change = (pv_gsd_change){place, pv_gsd_cell(s, row, place),
                              pv_gsd_number(s, row, place)};
}

static child make_child(faithful *f, arm a, size_t place)
{
    const pv_gsd_state *s = f->state;
    const size_t rows = pv_gsd_rows(s);
    child c = {.rows = 1, .changes = 1};
    c.row[0] = below(f, rows);
    c.change[0].place = place;
    if (a == MUTATE) {
        c.change[0].cell = (uint32_t)below(f, pv_gsd_cells(s, place));
        c.change[0].number =
            pv_gsd_inside(s, place, c.change[0].cell, &f->stream);
    } else if (a == NEAR) {
        const double *at = f->near + place * (quantiles + 1);
        const size_t k = below(f, quantiles);
        pv_gsd_change_to_number(
            s, place,
            at[k] + pv_stream_double(&f->stream) * (at[k + 1] - at[k]),
            &c.change[0]);
    } else {
        c.row[1] = below(f, rows);
        change_to(s, c.row[1], place, &c.change[0]);
        if (a == SWAP) {
            c.rows = 2;
            change_to(s, c.row[0], place, &c.change[1]);
        } else if (a == COPY_TWO) {
            size_t other = place;
            while (other == place)
                other = f->labels[below(f, f->label_count)];
            c.changes = 2;
            change_to(s, c.row[1], other, &c.change[1]);
        }
    }
    c.delta = pv_gsd_delta(s, c.row[0], c.change, c.changes);
    if (c.rows == 2) /* nearly: the two may meet in a cell */
        c.delta += pv_gsd_delta(s, c.row[1], &c.change[1], 1);
    return c;
}

/* Makes the change if F really drops. */
static bool accept(pv_gsd_state *s, const child *c)
{
    if (!(c->delta < 0))
        return false;
    if (c->rows == 1) {
        pv_gsd_apply(s, c->row[0], c->change, c->changes);
        return true;
    }
    const double first = pv_gsd_delta(s, c->row[0], &c->change[0], 1);
    pv_gsd_apply(s, c->row[0], &c->change[0], 1);
    const double second = pv_gsd_delta(s, c->row[1], &c->change[1], 1);
    if (first + second < 0 && c->row[0] != c->row[1]) {
        pv_gsd_apply(s, c->row[1], &c->change[1], 1);
        return true;
    }
    /* what the first row had is what the second would have got */
    pv_gsd_apply(s, c->row[0], &c->change[1], 1);
    return false;
}

static bool generation(faithful *f, pv_gsd_progress *progress)
{
    const arm a = draw_arm(f);
    size_t place;
    if (a == NEAR) {
        place = f->numbers[f->next_number++ % f->number_count];
    } else if (a == COPY_ONE || a == COPY_TWO) {
        place = f->labels[below(f, f->label_count)];
    } else {
        if (f->next_turn == 0)
            pv_stream_shuffle(&f->stream, f->turn, f->turns);
        place = f->turn[f->next_turn];
        f->next_turn = (f->next_turn + 1) % f->turns;
    }
    child best = make_child(f, a, place);
    for (int i = 1; i < children; i++) {
        const child c = make_child(f, a, place);
        if (c.delta < best.delta)
            best = c;
    }
    progress->scored += children;
    const bool improved = accept(f->state, &best);
    f->reward[a] += improved;
    return improved;
}

pv_status pv_gsd_search_faithful(pv_gsd_state *state,
                                 const pv_gsd_search_options *o,
                                 pv_gsd_progress *progress, pv_error *err)
{
    pv_status status = PV_OK;
    faithful f = {.state = state};
    const size_t rows = pv_gsd_rows(state);
    const size_t epoch = rows > least_epoch ? rows : least_epoch;
    const double patience = o->patience > 0 ? o->patience : default_patience;
    PV_TRY(ready(&f, err));
    pv_stream_init(&f.stream, &o->key, 0);
    pv_gsd_note(state, progress);
    double before = progress->objective;
    bool open = f.arms > 0 && before > 0;
    for (size_t g = 0; open && g < most_generations; g++) {
        if (g % epoch == 0)
            find_quantiles(&f);
        progress->moved += generation(&f, progress);
        if (g % stop_every == 0 && pv_gsd_stops(o))
            break;
        if ((g + 1) % epoch != 0)
            continue;
        learn(&f);
        progress->sweeps++;
        pv_gsd_note(state, progress);
        open = (o->watch == NULL || o->watch(o->watching, progress)) &&
               progress->objective > 0 &&
               before - progress->objective >= patience * before &&
               (o->most_sweeps == 0 || progress->sweeps < o->most_sweeps);
        before = progress->objective;
    }
out:
    clear_faithful(&f);
    return status;
}
