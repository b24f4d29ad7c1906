#include "gen/gsd/search_internal.h"

#include "core/memory.h"
#include "core/threads.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

enum {
    chunk_rows = 64,       /* scored by one thread at a time */
    least_batch = 32,
    most_batch = 1024,
    batches_a_sweep = 64,  /* or more */
    default_sweeps = 1000
};
static const double default_patience = 0.002;

bool pv_gsd_stops(const pv_gsd_search_options *o)
{
    return o->stop != NULL && o->stop();
}

/* --- one batch ------------------------------------------------------------------------ */

typedef struct proposal {
    pv_gsd_change change;
    double gain;
} proposal;

typedef struct batch {
    const pv_gsd_state *state;
    const uint32_t *row; /* of the batch */
    size_t rows, place;
    pv_gsd_scratch **scratch; /* of each chunk */
    uint64_t *scored;         /* the same */
    proposal *proposal;
    const pv_key *key;
    uint64_t number;          /* of the batch, for streams */
} batch;

static void score_chunk(size_t item, void *context)
{
    const batch *b = context;
    const size_t first = item * chunk_rows;
    const size_t end =
        first + chunk_rows < b->rows ? first + chunk_rows : b->rows;
    pv_stream stream;
    pv_stream_init(&stream, b->key, b->number << 8 | item);
    for (size_t i = first; i < end; i++)
        b->proposal[i].gain =
            pv_gsd_best(b->state, b->row[i], b->place, b->scratch[item],
                        &stream, &b->proposal[i].change, &b->scored[item]);
}

/* Moves that still gain, after those of the same batch made before. */
static void make_moves(pv_gsd_state *state, const batch *b, pv_stream *stream,
                       pv_gsd_progress *progress)
{
    for (size_t i = 0; i < b->rows; i++) {
        pv_gsd_change *to = &b->proposal[i].change;
        if (!(b->proposal[i].gain > 0))
            continue;
        const double delta = pv_gsd_delta(state, b->row[i], to, 1);
        if (!(delta < 0))
            continue;
        if (isnan(to->number))
            to->number = pv_gsd_inside(state, b->place, to->cell, stream);
        pv_gsd_apply(state, b->row[i], to, 1);
        progress->objective += delta;
        progress->moved++;
    }
}

/* --- sweeps ----------------------------------------------------------------------------- */

typedef struct sweeper {
    pv_gsd_state *state;
    size_t batch_rows, chunks;
    uint32_t *order;
    uint32_t *place;
    size_t places;
    batch batch;
    pv_stream stream;
    pv_key key;
} sweeper;

static void clear_sweeper(sweeper *w)
{
    for (size_t i = 0; w->batch.scratch != NULL && i < w->chunks; i++)
        pv_gsd_scratch_free(w->batch.scratch[i]);
    free(w->batch.scratch);
    free(w->batch.scored);
    free(w->batch.proposal);
    free(w->order);
    free(w->place);
}

static pv_status ready_sweeper(pv_gsd_state *state, const pv_key *key,
                               sweeper *w, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t rows = pv_gsd_rows(state), columns = pv_gsd_columns(state);
    const size_t wanted = rows / batches_a_sweep;
    *w = (sweeper){.state = state, .key = *key};
    w->batch_rows = wanted < least_batch  ? least_batch
                    : wanted > most_batch ? most_batch
                                          : wanted;
    w->chunks = (w->batch_rows + chunk_rows - 1) / chunk_rows;
    w->order = pv_array_alloc(rows, sizeof *w->order);
    w->place = pv_array_alloc(columns, sizeof *w->place);
    w->batch.proposal =
        pv_array_alloc(w->batch_rows, sizeof *w->batch.proposal);
    w->batch.scratch = pv_array_calloc(w->chunks, sizeof *w->batch.scratch);
    w->batch.scored = pv_array_calloc(w->chunks, sizeof *w->batch.scored);
    if (w->order == NULL || w->place == NULL || w->batch.proposal == NULL ||
        w->batch.scratch == NULL || w->batch.scored == NULL)
        return pv_fail_memory(err, "a search");
    for (size_t i = 0; i < w->chunks; i++)
        PV_TRY(pv_gsd_scratch_alloc(state, &w->batch.scratch[i], err));
    for (size_t r = 0; r < rows; r++)
        w->order[r] = (uint32_t)r;
    for (size_t p = 0; p < columns; p++)
        if (pv_gsd_touched(state, p) && pv_gsd_cells(state, p) > 1)
            w->place[w->places++] = (uint32_t)p;
    w->batch.state = state;
    w->batch.key = &w->key;
    pv_stream_init(&w->stream, &w->key, UINT64_MAX);
out:
    return status;
}

static void sweep_column(sweeper *w, size_t place, pv_gsd_progress *progress)
{
    const size_t rows = pv_gsd_rows(w->state);
    for (size_t from = 0; from < rows; from += w->batch_rows) {
        batch *b = &w->batch;
        b->row = w->order + from;
        b->rows = rows - from < w->batch_rows ? rows - from : w->batch_rows;
        b->place = place;
        b->number++;
        pv_parallel_for((b->rows + chunk_rows - 1) / chunk_rows, score_chunk,
                        b);
        make_moves(w->state, b, &w->stream, progress);
    }
}

/* Each row's best value of each column once. */
static void sweep(sweeper *w, const pv_gsd_search_options *o,
                  pv_gsd_progress *progress)
{
    pv_stream_shuffle(&w->stream, w->place, w->places);
    pv_stream_shuffle(&w->stream, w->order, pv_gsd_rows(w->state));
    for (size_t p = 0; p < w->places && progress->objective > o->floor &&
                       !pv_gsd_stops(o);
         p++)
        sweep_column(w, w->place[p], progress);
    for (size_t i = 0; i < w->chunks; i++) {
        progress->scored += w->batch.scored[i];
        w->batch.scored[i] = 0;
    }
}

void pv_gsd_note(const pv_gsd_state *state, pv_gsd_progress *progress)
{
    progress->objective = pv_gsd_objective(state);
    progress->distance = pv_gsd_distance(state);
    progress->seconds = (double)clock() / CLOCKS_PER_SEC;
}

/* --- kinds of moves ----------------------------------------------------------------------- */

typedef enum kind { SWEEP, COPY, SWAP, KINDS } kind;

/* What each kind has gained of late, of F as it was, a unit of work; a kind that was not
 * tried for a while is. */
typedef struct bandit {
    double rate[KINDS], share[KINDS]; /* share: of F, by the last trial */
    size_t last[KINDS], trials;
} bandit;

enum { forgotten = 8 }; /* trials of others */

static kind choose_kind(const bandit *b)
{
    kind best = SWEEP;
    for (int k = 0; k < KINDS; k++)
        if (b->trials - b->last[k] > forgotten || b->last[k] == 0)
            return (kind)k;
    for (int k = 1; k < KINDS; k++)
        if (b->rate[k] > b->rate[best])
            best = (kind)k;
    return best;
}

/* Work is counted in cells looked up, so that it is the same everywhere. */
static void try_kind(sweeper *w, kind k, const pv_gsd_search_options *o,
                     bandit *b, pv_gsd_progress *progress)
{
    const double before = progress->objective;
    const uint64_t scored = progress->scored;
    const size_t tries = pv_gsd_rows(w->state);
    double work;
    if (k == SWEEP) {
        sweep(w, o, progress);
        work = (double)(progress->scored - scored);
    } else {
        (void)pv_gsd_pairs(w->state, w->place, w->places, k == SWAP, tries,
                           &w->stream, progress);
        work = 8 * (double)tries;
    }
    b->last[k] = ++b->trials;
    b->share[k] = (before - progress->objective) / before;
    b->rate[k] = b->share[k] / (work + 1);
}

static bool all_done(const bandit *b, double patience)
{
    for (int k = 0; k < KINDS; k++)
        if (b->last[k] == 0 || b->share[k] >= patience)
            return false;
    return true;
}

static pv_status search_fast(pv_gsd_state *state,
                             const pv_gsd_search_options *o,
                             pv_gsd_progress *progress, pv_error *err)
{
    pv_status status = PV_OK;
    sweeper w = {0};
    bandit b = {.trials = 0};
    const size_t most = o->most_sweeps > 0 ? o->most_sweeps : default_sweeps;
    const double patience = o->patience > 0 ? o->patience : default_patience;
    PV_TRY(ready_sweeper(state, &o->key, &w, err));
    pv_gsd_note(state, progress);
    while (progress->sweeps < most && w.places > 0 &&
           progress->objective > o->floor && !all_done(&b, patience)) {
        try_kind(&w, choose_kind(&b), o, &b, progress);
        progress->sweeps++;
        pv_gsd_note(state, progress);
        if (o->watch != NULL && !o->watch(o->watching, progress))
            break;
    }
out:
    clear_sweeper(&w);
    return status;
}

pv_status pv_gsd_search(pv_gsd_state *state, const pv_gsd_search_options *o,
                        pv_gsd_progress *progress, pv_error *err)
{
    pv_gsd_progress own;
    pv_gsd_progress *p = progress != NULL ? progress : &own;
    *p = (pv_gsd_progress){0};
    const pv_status status = o->scheme == PV_GSD_FAITHFUL
                                 ? pv_gsd_search_faithful(state, o, p, err)
                                 : search_fast(state, o, p, err);
    return status == PV_OK && pv_gsd_stops(o)
               ? pv_fail(err, PV_ESTOPPED,
                         "stopped while rows were searched; run the same "
                         "command again")
               : status;
}
