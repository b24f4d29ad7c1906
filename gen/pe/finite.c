#include "core/log.h"
#include "core/memory.h"
#include "embeddings/cluster.h"
#include "gen/pe/embedded.h"
#include "gen/pe/evidence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Records that are there, in each class: the whole pool, or all candidates that a source
 * has made. Each round's votes are a histogram over the cells of its candidates; the
 * weights of all records are fitted to all of them. */

enum { candidates_least = 4, candidates_most = 1000, sweeps = 30 };
static const double vote_strength = 3;

typedef struct round {
    float *vector;       /* of its candidates */
    size_t *first;       /* classes + 1 */
} round_of;

typedef struct records {
    pv_pe_run *run;
    pv_source *source;
    pv_pool_source *pool; /* NULL: what the source has made */
    pv_population seen;
    pv_evidence *evidence;
    round_of *rounds;
    size_t count;
    size_t *start;        /* classes + 1: where a class's records are in what follows */
    uint32_t **cell;      /* of each round, NULL before it was asked */
    double *offset, *weight;
} records;

static size_t records_of(const records *f, size_t class)
{
    return f->pool != NULL ? pv_pool_count(f->pool)
                           : f->seen.first[class + 1] - f->seen.first[class];
}

static const float *vectors_of(const records *f, size_t class)
{
    return f->pool != NULL ? pv_pool_vectors(f->pool)
                           : f->seen.vector +
                                 f->seen.first[class] * f->seen.width;
}

static uint64_t item_of(const records *f, size_t class, size_t i)
{
    return f->pool != NULL ? i : f->seen.item[f->seen.first[class] + i];
}

static uint32_t generation_of(const records *f, size_t class, size_t i)
{
    return f->pool != NULL ? 0
                           : f->seen.generation[f->seen.first[class] + i];
}

/* --- records -------------------------------------------------------------------- */

static void forget_records(records *f)
{
    for (size_t r = 0; f->cell != NULL && r < f->count; r++) {
        free(f->cell[r]);
        f->cell[r] = NULL;
    }
    free(f->offset);
    free(f->weight);
    f->offset = f->weight = NULL;
}

/* Where each record lies in each round's partition. A class without candidates in a
 * round has no cell there, and no record either. */
static pv_status place_records(records *f, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t classes = f->run->classes, width = f->source->width;
    forget_records(f);
    for (size_t c = 0; c < classes; c++)
        f->start[c + 1] = f->start[c] + records_of(f, c);
    const size_t all = f->start[classes];
    f->offset = pv_array_calloc(all, sizeof *f->offset);
    f->weight = pv_array_alloc(all, sizeof *f->weight);
    if (f->offset == NULL || f->weight == NULL)
        return pv_fail_memory(err, "the records");
    for (size_t r = 0; r < f->count; r++) {
        const round_of *own = &f->rounds[r];
        f->cell[r] = pv_array_alloc(all, sizeof **f->cell);
        if (f->cell[r] == NULL)
            return pv_fail_memory(err, "the records");
        for (size_t c = 0; c < classes; c++) {
            uint32_t *cell = f->cell[r] + f->start[c];
            const size_t n = own->first[c + 1] - own->first[c];
            if (n == 0 || records_of(f, c) == 0)
                continue;
            PV_TRY(pv_vectors_assign(f->run->request->pe->metric,
                                     vectors_of(f, c), records_of(f, c), width,
                                     own->vector + own->first[c] * width, n,
                                     cell, err));
            for (size_t i = 0; i < records_of(f, c); i++)
                cell[i] += (uint32_t)own->first[c];
        }
    }
out:
    return status;
}

static pv_status keep_round(records *f, const pv_population *p,
                            const double *votes, double sigma, pv_error *err)
{
    round_of *own = &f->rounds[f->count];
    const size_t floats = p->count * p->width;
    own->vector = pv_aligned_alloc(floats, sizeof *own->vector);
    own->first = pv_array_alloc(p->classes + 1, sizeof *own->first);
    if (own->vector == NULL || own->first == NULL) {
        free(own->vector);
        free(own->first);
        return pv_fail_memory(err, "the votes");
    }
    memcpy(own->vector, p->vector, floats * sizeof *own->vector);
    memcpy(own->first, p->first, (p->classes + 1) * sizeof *own->first);
    f->count++;
    return pv_evidence_add(f->evidence, p->first, votes, sigma, vote_strength,
                           err);
}

/* --- candidates ------------------------------------------------------------------- */

/* Records drawn by weight, each once. */
static pv_status choose(const records *f, size_t class, size_t wanted,
                        pv_stream *stream, pv_population *into, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t from = f->start[class], end = f->start[class + 1];
    const float *vector = vectors_of(f, class);
    double total = 0, sum = 0;
    const double start = pv_stream_double(stream);
    size_t at = from, last = SIZE_MAX;
    for (size_t i = from; i < end; i++)
        total += f->weight[i];
    for (size_t k = 0; k < wanted && end > from; k++) {
        const double until = (start + (double)k) / (double)wanted * total;
        while (at + 1 < end && sum + f->weight[at] <= until)
            sum += f->weight[at++];
        if (at == last)
            continue;
        last = at;
        PV_TRY(pv_population_add(into, (uint32_t)class,
                                 item_of(f, class, at - from),
                                 generation_of(f, class, at - from),
                                 vector + (at - from) * f->source->width,
                                 err));
    }
out:
    return status;
}

static pv_status choose_all(const records *f, const size_t *each,
                            pv_population *into, pv_error *err)
{
    pv_status status = PV_OK;
    pv_key key;
    pv_pe_key(f->run, "parents", f->run->asked, &key);
    for (size_t c = 0; c < f->run->classes && status == PV_OK; c++) {
        pv_stream stream;
        pv_stream_init(&stream, &key, c);
        status = choose(f, c, each[c], &stream, into, err);
        pv_stream_wipe(&stream);
    }
    return status;
}

static double degree_at(const pv_pe_run *run)
{
    const double *d = run->request->pe->degree;
    return run->rounds < 2 ? d[0]
                           : d[0] + (d[1] - d[0]) * (double)run->asked /
                                        (double)(run->rounds - 1);
}

/* Children of what was chosen, which is kept beside them. */
static pv_status make_children(records *f, pv_population *p, pv_error *err)
{
    pv_status status = PV_OK;
    pv_population children = {0};
    const pv_variation how = {.step = f->run->asked,
                              .degree = degree_at(f->run),
                              .fold = f->run->request->pe->children};
    PV_TRY(pv_population_make(p->width, p->classes, &children, err));
    PV_TRY(f->source->vary(f->source, p, &how, &children, err));
    for (size_t i = 0; i < children.count; i++) {
        PV_TRY(pv_population_copy(p, &children, i, err));
        PV_TRY(pv_population_copy(&f->seen, &children, i, err));
    }
    PV_TRY(pv_population_settle(&f->seen, err));
out:
    pv_population_clear(&children);
    return status;
}

/* The first are the centres of a pool's cells, or what the source draws. */
static pv_status first_candidates(records *f, const size_t *each,
                                  pv_population *p, pv_error *err)
{
    pv_status status = PV_OK;
    size_t most = 0;
    for (size_t c = 0; c < f->run->classes; c++)
        most = each[c] > most ? each[c] : most;
    if (f->pool != NULL)
        return pv_pool_cells(f->pool, most, each, p, err);
    PV_TRY(f->source->random(f->source, each, p, err));
    for (size_t i = 0; i < p->count; i++)
        PV_TRY(pv_population_copy(&f->seen, p, i, err));
    PV_TRY(pv_population_settle(&f->seen, err));
out:
    return status;
}

static pv_status candidates(records *f, const size_t *each, pv_population *p,
                            pv_error *err)
{
    pv_status status = PV_OK;
    if (f->run->asked == 0)
        return first_candidates(f, each, p, err);
    PV_TRY(choose_all(f, each, p, err));
    if (f->pool == NULL)
        PV_TRY(make_children(f, p, err));
out:
    return status;
}

/* --- rounds ------------------------------------------------------------------------- */

/* Parents, when children are voted on beside them, are fewer. */
static pv_status size_population(const records *f, double sigma, size_t *each,
                                 pv_error *err)
{
    const size_t family =
        f->pool == NULL ? f->run->request->pe->children + 1 : 1;
    return pv_pe_candidates(f->run, sigma * (double)family, candidates_least,
                            candidates_most, each, err);
}

static pv_status vote_once(records *f, size_t *each, pv_error *err)
{
    pv_status status = PV_OK;
    pv_population p = {0};
    pv_rational unused;
    double sigma, *votes = NULL;
    PV_TRY(pv_pe_noise(f->run, &unused, &sigma, err));
    PV_TRY(size_population(f, sigma, each, err));
    if (f->run->asked == 0)
        pv_pe_warn_drowned(f->run, sigma, each);
    PV_TRY(pv_population_make(f->source->width, f->run->classes, &p, err));
    PV_TRY(candidates(f, each, &p, err));
    PV_TRY(pv_population_settle(&p, err));
    votes = pv_array_alloc(p.count, sizeof *votes);
    if (votes == NULL) {
        status = pv_fail_memory(err, "the votes");
        goto out;
    }
    PV_TRY(pv_pe_vote(f->run, NULL, &p, votes, &sigma, err));
    PV_TRY(keep_round(f, &p, votes, sigma, err));
    PV_TRY(place_records(f, err));
    PV_TRY(pv_evidence_fit(f->evidence, f->start, f->cell, f->offset, sweeps,
                           f->weight, err));
    pv_log_detail("round %zu: %zu candidates, noise %.2f", f->run->asked,
                  p.count, sigma);
out:
    free(votes);
    pv_population_clear(&p);
    return status;
}

/* Without votes, what a source draws first, all alike. */
static pv_status no_votes(records *f, size_t *each, pv_error *err)
{
    pv_status status = PV_OK;
    if (f->pool == NULL) {
        pv_population p = {0};
        for (size_t c = 0; c < f->run->classes; c++)
            each[c] = (size_t)fmin(fmax(f->run->rows[c], 1), candidates_most);
        PV_TRY(pv_population_make(f->source->width, f->run->classes, &p, err));
        status = first_candidates(f, each, &p, err);
        pv_population_clear(&p);
        if (status != PV_OK)
            goto out;
    }
    PV_TRY(place_records(f, err));
    PV_TRY(pv_evidence_fit(f->evidence, f->start, f->cell, f->offset, 1,
                           f->weight, err));
out:
    return status;
}

static pv_status finish(const records *f, pv_outcome *outcome, pv_error *err)
{
    pv_status status = PV_OK;
    for (uint32_t c = 0; c < f->run->classes; c++)
        for (size_t i = f->start[c]; i < f->start[c + 1]; i++)
            PV_TRY(pv_outcome_add(outcome, c, item_of(f, c, i - f->start[c]),
                                  generation_of(f, c, i - f->start[c]),
                                  f->weight[i], err));
out:
    return status;
}

static pv_status begin(pv_pe_run *run, pv_source *source, pv_pool_source *pool,
                       records *f, pv_error *err)
{
    pv_status status = PV_OK;
    *f = (records){.run = run, .source = source, .pool = pool};
    PV_TRY(pv_population_make(source->width, run->classes, &f->seen, err));
    PV_TRY(pv_evidence_alloc(run->classes, run->rows, &f->evidence, err));
    f->rounds = pv_array_calloc(run->rounds + 1, sizeof *f->rounds);
    f->start = pv_array_calloc(run->classes + 1, sizeof *f->start);
    f->cell = pv_array_calloc(run->rounds + 1, sizeof *f->cell);
    if (f->rounds == NULL || f->start == NULL || f->cell == NULL)
        status = pv_fail_memory(err, "the run");
out:
    return status;
}

static void end(records *f)
{
    forget_records(f);
    free(f->cell);
    for (size_t r = 0; f->rounds != NULL && r < f->count; r++) {
        free(f->rounds[r].vector);
        free(f->rounds[r].first);
    }
    free(f->rounds);
    free(f->start);
    pv_evidence_free(f->evidence);
    pv_population_clear(&f->seen);
}

pv_status pv_pe_finite(pv_pe_run *run, pv_source *source, pv_pool_source *pool,
                       pv_outcome *outcome, pv_error *err)
{
    pv_status status = PV_OK;
    records f;
    size_t *each = pv_array_alloc(run->classes, sizeof *each);
    if (each == NULL)
        return pv_fail_memory(err, "the classes");
    PV_TRY(begin(run, source, pool, &f, err));
    pv_progress_begin("evolving", run->rounds);
    for (size_t t = 0; t < run->rounds && status == PV_OK; t++) {
        status = vote_once(&f, each, err);
        pv_progress_update(t + 1);
    }
    pv_progress_end();
    if (status == PV_OK && run->rounds == 0)
        status = no_votes(&f, each, err);
    if (status == PV_OK)
        status = finish(&f, outcome, err);
out:
    end(&f);
    free(each);
    return status;
}
