#include "core/log.h"
#include "core/memory.h"
#include "gen/pe/embedded.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The published loop. A candidate's weight is its noisy votes less a threshold; parents
 * are drawn by weight, with replacement (Lin et al. 2024), or are those of the most
 * votes (Xie et al. 2024; Tran et al. 2026). */

enum { candidates_least = 4, candidates_most = 1000 };

typedef struct loop {
    pv_pe_run *run;
    const pv_pe_options *options;
    const pv_space *space;
    pv_source *source;
    pv_population now, parents;
} loop;

/* Parents of each class: those that were asked for, or as many families as noise lets be
 * told apart. */
static pv_status size_classes(const loop *l, double sigma, size_t *each,
                              pv_error *err)
{
    const size_t family = l->options->select == PV_PE_RANK
                              ? l->options->children + (size_t)l->options->keep
                              : 1;
    return pv_pe_candidates(l->run, sigma * (double)family, candidates_least,
                            candidates_most, each, err);
}

/* From the first degree to the last by (t/T)^0.2: coarse to fine, fast at first (Tran et
 * al.). The power is the fifth root, by Newton's steps. */
static double degree_at(const loop *l, size_t step)
{
    const double *d = l->options->degree;
    const double part = (double)step / (double)(l->run->rounds + 1);
    double root = 1;
    for (int i = 0; i < 60 && part > 0; i++)
        root -= (root * root * root * root * root - part) /
                (5 * root * root * root * root);
    return d[0] - (d[0] - d[1]) * (part > 0 ? root : 0);
}

/* --- looking ahead --------------------------------------------------------------- */

static void divide(float *sum, size_t width, double by)
{
    for (size_t k = 0; k < width; k++)
        sum[k] = (float)((double)sum[k] / by);
}

/* Each candidate stands where its variations would, on average: a population of the same
 * items. Under cosine a mean has length 1 again. */
static pv_status look_ahead(const loop *l, pv_population *placed, pv_error *err)
{
    pv_status status = PV_OK;
    pv_population ahead = {0};
    const size_t width = l->now.width, fold = l->options->lookahead;
    const pv_variation how = {.step = l->run->asked + 1,
                              .degree = degree_at(l, l->run->asked + 1),
                              .fold = fold,
                              .ahead = true};
    PV_TRY(pv_population_make(width, l->now.classes, &ahead, err));
    PV_TRY(l->source->vary(l->source, &l->now, &how, &ahead, err));
    for (size_t i = 0; i < l->now.count; i++) {
        float *mean = ahead.vector + i * fold * width;
        double square = 0;
        for (size_t j = 1; j < fold; j++)
            for (size_t k = 0; k < width; k++)
                mean[k] += mean[j * width + k];
        divide(mean, width, (double)fold);
        for (size_t k = 0; k < width; k++)
            square += (double)mean[k] * (double)mean[k];
        if (l->options->metric == PV_VECTOR_COSINE && square > 0)
            divide(mean, width, sqrt(square));
        PV_TRY(pv_population_add(
            placed, l->now.class[i], l->now.item[i], l->now.generation[i],
            square > 0 || l->options->metric != PV_VECTOR_COSINE
                ? mean
                : l->now.vector + i * width,
            err));
    }
out:
    pv_population_clear(&ahead);
    return status;
}

/* --- selection ----------------------------------------------------------------------- */

static pv_status add_parent(loop *l, const pv_population *voted, size_t i,
                            pv_error *err)
{
    /* the candidate itself, wherever it was placed for the vote */
    for (size_t j = 0; j < l->now.count; j++)
        if (l->now.item[j] == voted->item[i] &&
            l->now.class[j] == voted->class[i])
            return pv_population_copy(&l->parents, &l->now, j, err);
    return pv_population_copy(&l->parents, voted, i, err);
}

static pv_status draw_parents(loop *l, const pv_population *voted,
                              const double *votes, double threshold,
                              size_t class, size_t wanted, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t from = voted->first[class], n = voted->first[class + 1] - from;
    double sum = 0;
    pv_stream stream;
    pv_key key;
    pv_pe_key(l->run, "draw", l->run->asked, &key);
    pv_stream_init(&stream, &key, class);
    for (size_t i = 0; i < n; i++)
        sum += fmax(votes[from + i] - threshold, 0);
    if (!(sum > 0))
        pv_log_warning("noise drowned all votes of class %zu: parents are "
                       "drawn from all its candidates alike",
                       class);
    for (size_t k = 0; k < wanted && status == PV_OK; k++) {
        double at = pv_stream_double(&stream) * (sum > 0 ? sum : (double)n);
        size_t i = 0;
        for (; i + 1 < n; i++) {
            at -= sum > 0 ? fmax(votes[from + i] - threshold, 0) : 1;
            if (at < 0)
                break;
        }
        status = add_parent(l, voted, from + i, err);
    }
    pv_stream_wipe(&stream);
    return status;
}

typedef struct ranked {
    double votes;
    size_t index;
} ranked;

static int compare_ranked(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->votes != y->votes)
        return x->votes > y->votes ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static pv_status best_parents(loop *l, const pv_population *voted,
                              const double *votes, size_t class, size_t wanted,
                              pv_error *err)
{
    pv_status status = PV_OK;
    const size_t from = voted->first[class], n = voted->first[class + 1] - from;
    ranked *all = pv_array_alloc(n, sizeof *all);
    if (all == NULL)
        return pv_fail_memory(err, "the parents");
    for (size_t i = 0; i < n; i++)
        all[i] = (ranked){votes[from + i], from + i};
    qsort(all, n, sizeof *all, compare_ranked);
    for (size_t k = 0; k < wanted && k < n && status == PV_OK; k++)
        status = add_parent(l, voted, all[k].index, err);
    free(all);
    return status;
}

static pv_status select_parents(loop *l, const pv_population *voted,
                                const double *votes, double sigma,
                                const size_t *each, pv_error *err)
{
    pv_status status = PV_OK;
    pv_population_clear(&l->parents);
    PV_TRY(pv_population_make(l->now.width, l->now.classes, &l->parents, err));
    for (size_t c = 0; c < l->run->classes; c++) {
        if (voted->first[c] == voted->first[c + 1])
            continue;
        PV_TRY(l->options->select == PV_PE_RANK
                   ? best_parents(l, voted, votes, c, each[c], err)
                   : draw_parents(l, voted, votes,
                                  l->options->threshold * sigma, c, each[c],
                                  err));
    }
out:
    return status;
}

/* --- rounds ----------------------------------------------------------------------------- */

static pv_status vote(loop *l, const size_t *each, pv_error *err)
{
    pv_status status = PV_OK;
    double sigma, *votes = NULL;
    pv_population voted = {0};
    PV_TRY(pv_population_make(l->now.width, l->now.classes, &voted, err));
    if (l->options->lookahead > 0)
        PV_TRY(look_ahead(l, &voted, err));
    for (size_t i = 0; l->options->lookahead == 0 && i < l->now.count; i++)
        PV_TRY(pv_population_copy(&voted, &l->now, i, err));
    PV_TRY(pv_population_settle(&voted, err));
    votes = pv_array_alloc(voted.count, sizeof *votes);
    if (votes == NULL) {
        status = pv_fail_memory(err, "the votes");
        goto out;
    }
    PV_TRY(pv_pe_vote(l->run, l->space, &voted, votes, &sigma, err));
    PV_TRY(select_parents(l, &voted, votes, sigma, each, err));
out:
    free(votes);
    pv_population_clear(&voted);
    return status;
}

/* Variations of the parents, and the parents themselves where they are kept. */
static pv_status next_generation(loop *l, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_variation how = {.step = l->run->asked,
                              .degree = degree_at(l, l->run->asked),
                              .fold = l->options->children};
    pv_population_clear(&l->now);
    PV_TRY(pv_population_make(l->parents.width, l->parents.classes, &l->now,
                              err));
    for (size_t i = 0; l->options->keep > 0 && i < l->parents.count; i++)
        PV_TRY(pv_population_copy(&l->now, &l->parents, i, err));
    PV_TRY(l->source->vary(l->source, &l->parents, &how, &l->now, err));
out:
    return status;
}

typedef struct last_one {
    uint64_t item;
    uint32_t class, generation;
} last_one;

static int compare_last(const void *a, const void *b)
{
    const last_one *x = a, *y = b;
    if (x->class != y->class)
        return x->class < y->class ? -1 : 1;
    return x->item < y->item ? -1 : x->item > y->item;
}

/* Those that are left share their class's rows alike; one that was drawn several times
 * is one record, of as many shares. */
static pv_status finish(const loop *l, pv_outcome *outcome, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_population *last = l->options->keep > 0 && l->run->asked > 0
                                    ? &l->parents
                                    : &l->now;
    last_one *all = pv_array_alloc(last->count, sizeof *all);
    size_t *count = pv_array_calloc(l->run->classes, sizeof *count);
    if (count == NULL || all == NULL) {
        status = pv_fail_memory(err, "the outcome");
        goto out;
    }
    for (size_t i = 0; i < last->count; i++) {
        all[i] = (last_one){last->item[i], last->class[i], last->generation[i]};
        count[last->class[i]]++;
    }
    qsort(all, last->count, sizeof *all, compare_last);
    for (size_t i = 0, j; i < last->count; i = j) {
        for (j = i; j < last->count && compare_last(&all[i], &all[j]) == 0; j++)
            ;
        PV_TRY(pv_outcome_add(outcome, all[i].class, all[i].item,
                              all[i].generation,
                              l->run->rows[all[i].class] * (double)(j - i) /
                                  (double)count[all[i].class],
                              err));
    }
out:
    free(all);
    free(count);
    return status;
}

static pv_status run_rounds(loop *l, size_t *each, pv_error *err)
{
    pv_status status = PV_OK;
    pv_rational unused;
    double sigma = 1;
    if (l->run->rounds > 0)
        PV_TRY(pv_pe_noise(l->run, &unused, &sigma, err));
    PV_TRY(size_classes(l, sigma, each, err));
    if (l->run->rounds > 0)
        pv_pe_warn_drowned(l->run, sigma, each);
    PV_TRY(pv_population_make(l->source->width, l->run->classes, &l->now, err));
    PV_TRY(l->source->random(l->source, each, &l->now, err));
    pv_progress_begin("evolving", l->run->rounds);
    while (l->run->asked < l->run->rounds && status == PV_OK) {
        status = vote(l, each, err);
        if (status == PV_OK &&
            !(l->options->keep > 0 && l->run->asked == l->run->rounds))
            status = next_generation(l, err);
        pv_progress_update(l->run->asked);
    }
    pv_progress_end();
out:
    return status;
}

pv_status pv_pe_loop(pv_pe_run *run, const pv_space *space, pv_source *source,
                     pv_outcome *outcome, pv_error *err)
{
    pv_status status = PV_OK;
    loop l = {.run = run,
              .options = run->request->pe,
              .space = space,
              .source = source};
    size_t *each = pv_array_alloc(run->classes, sizeof *each);
    if (each == NULL)
        return pv_fail_memory(err, "the classes");
    PV_TRY(run_rounds(&l, each, err));
    PV_TRY(finish(&l, outcome, err));
out:
    free(each);
    pv_population_clear(&l.now);
    pv_population_clear(&l.parents);
    return status;
}
