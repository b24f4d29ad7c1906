/* What is asked of a case's tables, and what the answers should be: by code of
 * our own, not the curator's. */
#include "audit/epsilon/primitive_internal.h"

#include "core/memory.h"
#include "dp/account.h"

#include <math.h>
#include <stdlib.h>

/* Of an estimate, in cells whose count is to fall short of it. */
static const double out_of_reach = 1e6;

/* Weight of every candidate: not 1, so that one that is forgotten shows. */
enum { weight = 2 };

static pv_status short_of_memory(pv_error *err)
{
    return pv_fail_memory(err, "a question");
}

/* Room for vectors of `size` numbers, in chunks that begin at `chunk`. */
pv_status pv_case_vector(pv_case *c, size_t size, size_t chunks, pv_error *err)
{
    c->size = size;
    c->chunk = pv_array_calloc(chunks, sizeof *c->chunk);
    for (int in = 0; in < 2; in++) {
        c->world[in].truth = pv_array_calloc(size, sizeof(int64_t));
        if (c->world[in].truth == NULL)
            return short_of_memory(err);
    }
    return c->chunk == NULL ? short_of_memory(err) : PV_OK;
}

void pv_case_chunks(pv_case *c, size_t from, size_t cells)
{
    for (size_t at = 0; at < cells; at += PV_CHUNK)
        c->chunk[c->chunks++] = from + at;
}

static size_t chunks_of(size_t cells)
{
    return (cells + PV_CHUNK - 1) / PV_CHUNK;
}

/* --- measure and intervals ------------------------------------------------ */

static pv_status ask_measure(pv_case *c, pv_error *err)
{
    pv_status status = PV_OK;
    static const size_t columns[PV_CASE_MARGINALS][2] = {{0, 0}, {1, 1}, {1, 2}};
    const size_t cells[PV_CASE_MARGINALS] = {c->options->cells, 3, 9};
    const size_t marginals = c->which.other ? PV_CASE_MARGINALS : 1;
    const pv_rational sigma2[PV_CASE_MARGINALS] = {c->sigma2, c->sigma2,
                                                   c->sigma2};
    size_t from = 0, size = 0;
    for (size_t m = 0; m < marginals; m++)
        size += cells[m];
    PV_TRY(pv_case_vector(c, size, chunks_of(cells[0]) + 2, err));
    for (size_t m = 0; m < marginals; m++) {
        pv_clique_add(&c->clique[m], columns[m][0]);
        pv_clique_add(&c->clique[m], columns[m][1]);
        for (int in = 0; in < 2; in++)
            pv_case_counts(&c->world[in], (pv_case_view)m,
                           c->world[in].truth + from);
        pv_case_chunks(c, from, cells[m]);
        from += cells[m];
    }
    for (int in = 0; in < 2; in++)
        PV_TRY(pv_trial_measure(c->world[in].curator, c->clique, sigma2,
                                marginals, &c->world[in].trial, err));
out:
    return status;
}

static pv_status ask_intervals(pv_case *c, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t cells = c->options->cells;
    PV_TRY(pv_case_vector(c, cells, chunks_of(cells), err));
    pv_case_chunks(c, 0, cells);
    c->interval = pv_array_alloc(cells, sizeof *c->interval);
    if (c->interval == NULL)
        return short_of_memory(err);
    for (size_t i = 0; i < cells; i++)
        c->interval[i] = (pv_interval){(double)i, (double)i + 1};
    for (int in = 0; in < 2; in++) {
        pv_case_counts(&c->world[in], PV_VIEW_A, c->world[in].truth);
        PV_TRY(pv_trial_intervals(c->world[in].curator, 0, c->interval, cells,
                                  c->sigma2, &c->world[in].trial, err));
    }
out:
    return status;
}

/* --- scores and selection ------------------------------------------------- */

/* `up` is out of reach in the last cell, `down` in the first: the unit, in the
 * first cell and not in the last, takes the counts away from the one by all its
 * rows and as near to the other. */
static pv_status estimates(pv_case *c, pv_error *err)
{
    const size_t cells = c->options->cells, count = c->options->candidates;
    c->up = pv_array_calloc(cells, sizeof *c->up);
    c->down = pv_array_calloc(cells, sizeof *c->down);
    c->estimate = pv_array_alloc(count, sizeof *c->estimate);
    c->cliques = pv_array_calloc(count, sizeof *c->cliques);
    if (c->up == NULL || c->down == NULL || c->estimate == NULL ||
        c->cliques == NULL)
        return short_of_memory(err);
    c->up[cells - 1] = c->down[0] = out_of_reach;
    for (size_t i = 0; i < count; i++) {
        c->estimate[i] = i % 2 == 0 ? c->up : c->down;
        pv_clique_add(&c->cliques[i], 0);
    }
    return PV_OK;
}

/* sum |count - estimate| of both kinds of estimates, up and down. */
static pv_status distances(const pv_case *c, double distance[2][2],
                           pv_error *err)
{
    const size_t cells = c->options->cells;
    int64_t *counts = NULL;
    for (int in = 0; in < 2; in++) {
        free(counts);
        counts = pv_array_calloc(cells, sizeof *counts);
        if (counts == NULL)
            return short_of_memory(err);
        pv_case_counts(&c->world[in], PV_VIEW_A, counts);
        distance[in][0] = distance[in][1] = 0;
        for (size_t i = 0; i < cells; i++) {
            distance[in][0] += fabs((double)counts[i] - c->up[i]);
            distance[in][1] += fabs((double)counts[i] - c->down[i]);
        }
    }
    free(counts);
    return PV_OK;
}

static pv_status ask_scores(pv_case *c, pv_error *err)
{
    pv_status status = PV_OK;
    double distance[2][2];
    const size_t count = c->options->candidates;
    PV_TRY(estimates(c, err));
    PV_TRY(distances(c, distance, err));
    PV_TRY(pv_case_vector(c, count, chunks_of(count), err));
    pv_case_chunks(c, 0, count);
    for (int in = 0; in < 2; in++) {
        for (size_t i = 0; i < count; i++)
            c->world[in].truth[i] = (int64_t)distance[in][i % 2];
        PV_TRY(pv_trial_scores(c->world[in].curator, c->cliques, c->estimate,
                               count, c->sigma2, &c->world[in].trial, err));
    }
out:
    return status;
}

/* Room for the probabilities of `outcomes`. */
pv_status pv_case_outcomes(pv_case *c, size_t count, pv_error *err)
{
    c->outcomes = count;
    for (int in = 0; in < 2; in++) {
        c->world[in].law = pv_array_calloc(count, sizeof(double));
        if (c->world[in].law == NULL)
            return short_of_memory(err);
    }
    c->llr = pv_array_calloc(count, sizeof *c->llr);
    return c->llr == NULL ? short_of_memory(err) : PV_OK;
}

/* The exponential mechanism: exp(epsilon score / (2 sensitivity)), in which the
 * weight of all cancels; without the unit all scores are 0 by their bias. */
void pv_case_choice(pv_case *c, const double distance[2][2], double epsilon,
                    double moved)
{
    for (int in = 0; in < 2; in++) {
        double sum = 0;
        for (size_t i = 0; i < c->outcomes; i++) {
            const double score =
                distance[in][i % 2] - distance[PV_OUT][i % 2];
            c->world[in].law[i] = exp(epsilon * score / (2 * moved));
            sum += c->world[in].law[i];
        }
        for (size_t i = 0; i < c->outcomes; i++)
            c->world[in].law[i] /= sum;
    }
}

static pv_status ask_select(pv_case *c, pv_error *err)
{
    pv_status status = PV_OK;
    double distance[2][2];
    const size_t count = c->options->candidates;
    const uint64_t epsilon_num =
        (uint64_t)llround(c->options->epsilon * (double)PV_EPSILON_DEN);
    PV_TRY(estimates(c, err));
    PV_TRY(distances(c, distance, err));
    PV_TRY(pv_case_outcomes(c, count, err));
    pv_case_choice(c, distance, (double)epsilon_num / (double)PV_EPSILON_DEN,
                   (double)c->moved);
    c->candidate = pv_array_alloc(count, sizeof *c->candidate);
    if (c->candidate == NULL)
        return short_of_memory(err);
    for (size_t i = 0; i < count; i++)
        c->candidate[i] = (pv_candidate){c->cliques[i], c->estimate[i],
                                         distance[PV_OUT][i % 2], weight};
    for (int in = 0; in < 2; in++)
        PV_TRY(pv_trial_select(c->world[in].curator, c->candidate, count,
                               epsilon_num, &c->world[in].trial, err));
out:
    return status;
}

/* --- labels --------------------------------------------------------------- */

/* Each label comes out by itself: the outcome's bits are independent. */
static void labels_law(pv_case *c, pv_case_world *w, double sigma2,
                       int64_t threshold)
{
    double out[PV_CASE_LABELS];
    for (size_t l = 0; l < PV_CASE_LABELS; l++) {
        int64_t count = 0;
        for (size_t i = 0; i < w->kinds; i++)
            if (w->rows[i].label == pv_case_label[l])
                count += (int64_t)w->rows[i].counted;
        out[l] = count > 0 ? pv_case_tail(sigma2, threshold - count) : 0;
    }
    for (size_t o = 0; o < c->outcomes; o++) {
        w->law[o] = 1;
        for (size_t l = 0; l < PV_CASE_LABELS; l++)
            w->law[o] *= (o >> l & 1) != 0 ? out[l] : 1 - out[l];
    }
}

static pv_status ask_labels(pv_case *c, pv_error *err)
{
    enum { column = 3 };
    pv_status status = PV_OK;
    const uint64_t delta = pv_delta_units(c->options->delta_labels, 1);
    const double sigma2 = (double)c->sigma2.num / (double)c->sigma2.den;
    uint64_t threshold = 0;
    PV_TRY(pv_case_outcomes(c, (size_t)1 << PV_CASE_LABELS, err));
    (void)pv_label_threshold(c->sigma2, c->k, delta, &threshold);
    for (int in = 0; in < 2; in++) {
        labels_law(c, &c->world[in], sigma2, (int64_t)threshold);
        PV_TRY(pv_trial_labels(c->world[in].curator, column, c->sigma2, delta,
                               PV_CASE_LABELS, &c->world[in].trial, err));
    }
out:
    return status;
}

/* --- features ------------------------------------------------------------- */

static void name_vector(pv_case *c)
{
    static const char *const offset[PV_CASE_MATES] = {
        "target less the next cell", "target less its like in chunk 2",
        "target less its like in chunk 3", "target less its like in chunk 4"};
    c->feature[c->width++] = "log likelihood ratio";
    c->feature[c->width++] = "target's cell";
    c->feature[c->width++] = "total";
    c->mate[c->mates++] = 1;
    for (size_t i = 1; i < c->chunks && c->mates < PV_CASE_MATES; i++)
        c->mate[c->mates++] = c->chunk[i];
    for (size_t i = 0; i < c->mates; i++)
        c->feature[c->width++] = offset[i];
    if (c->equals > 0)
        c->feature[c->width++] = "equal candidates in turn";
}

bool pv_case_chooses(const pv_case *c)
{
    return c->which.primitive == PV_PRIMITIVE_SELECT ||
           c->which.primitive == PV_PRIMITIVE_GROUP;
}

/* The log likelihood ratio of each outcome, within bounds. */
static void name_outcomes(pv_case *c)
{
    const double most = 60;
    c->feature[c->width++] = "log likelihood ratio";
    if (pv_case_chooses(c)) {
        c->feature[c->width++] = "candidate";
        c->feature[c->width++] = "a candidate favoured by the target";
    } else {
        for (size_t l = 0; l < PV_CASE_LABELS; l++)
            c->feature[c->width++] = pv_case_label[l];
    }
    for (size_t o = 0; o < c->outcomes; o++) {
        const double in = c->world[PV_IN].law[o], out = c->world[PV_OUT].law[o];
        c->llr[o] = in == out ? 0 : fmax(-most, fmin(most, log(in / out)));
    }
}

pv_status pv_case_ask(pv_case *c, pv_error *err)
{
    static pv_status (*const ask[PV_PRIMITIVES])(pv_case *, pv_error *) = {
        ask_measure, ask_select, ask_scores, ask_intervals,
        ask_labels,  pv_case_ask_queries, pv_case_ask_group,
        pv_case_ask_votes};
    const pv_status status = ask[c->which.primitive](c, err);
    if (status != PV_OK)
        return status;
    const pv_spend in = pv_trial_cost(c->world[PV_IN].trial);
    const pv_spend out = pv_trial_cost(c->world[PV_OUT].trial);
    if (in.rho != out.rho || in.delta != out.delta)
        return pv_fail(err, PV_EINTERNAL,
                       "one question has two prices: the curator charges by "
                       "what the table holds");
    c->cost = in;
    if (c->size > 0)
        name_vector(c);
    else
        name_outcomes(c);
    return PV_OK;
}
