/* The likelihood of votes on a public population under both tables. Who votes for whom is
 * found here by brute force; like answers of groups they share the slots and sums of
 * marginals. A population is another in every question, so nothing is kept. */
#include "audit/epsilon/witness_internal.h"
#include "core/memory.h"
#include "embeddings/nearest.h"
#include "io/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A norm of one, on the grid of persons' votes. */
static const double one = 256;

static double square(double x)
{
    return x * x;
}

/* --- the nearest ------------------------------------------------------------ */

/* Sums of products in the order that the search is described to round in: candidates
 * that are as near but for the last bit would else be told apart the other way. */
enum { lanes = 32 };

static double add_up(double lane[lanes])
{
    for (size_t half = lanes / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            lane[i] += lane[i + half];
    return lane[0];
}

static double product(const float *x, const float *y, size_t width)
{
    double lane[lanes] = {0};
    for (size_t i = 0; i < width; i++)
        lane[i % lanes] += (double)x[i] * (double)y[i];
    return add_up(lane);
}

static double gap(const float *x, const float *y, size_t width)
{
    double lane[lanes] = {0};
    for (size_t i = 0; i < width; i++)
        lane[i % lanes] += square((double)x[i] - (double)y[i]);
    return add_up(lane);
}

/* Of length one, for the cosine. */
static void shorten(float *x, size_t width)
{
    const double norm = sqrt(product(x, x, width));
    for (size_t i = 0; i < width; i++)
        x[i] = (float)((double)x[i] / norm);
}

static bool has_vote(pv_vector_metric metric, const float *x, size_t width)
{
    const double norm2 = product(x, x, width);
    return metric == PV_VECTOR_COSINE ? norm2 > 0 && isfinite(norm2)
                                      : norm2 <= square(PV_VECTOR_LONGEST);
}

/* --- polls ------------------------------------------------------------------ */

typedef struct poll {
    const pv_ballot *ballot;
    const pv_table *table;
    const float *candidate; /* the ballot's, of length one for the cosine */
    float *vector;          /* of the row at hand */
    uint32_t *code;
    double *value;
} poll;

typedef struct vote {
    uint32_t person;
    size_t candidate;
} vote;

/* The row's class and its vector. */
static size_t look_at(const poll *p, size_t row)
{
    const size_t columns = pv_schema_columns(pv_table_schema(p->table));
    for (size_t c = 0; c < columns; c++) {
        const double *values = pv_table_values(p->table, c);
        p->code[c] = pv_codes_at(pv_table_codes(p->table, c), row);
        p->value[c] = values != NULL ? values[row] : (double)NAN;
    }
    pv_space_embed(p->ballot->space, p->code, p->value, p->vector);
    return p->ballot->by == PV_NO_COLUMN ? 0 : p->code[p->ballot->by];
}

/* The row's candidate, the first of equals; false when it has no vote. */
static bool choose(const poll *p, size_t row, size_t *candidate)
{
    const pv_ballot *b = p->ballot;
    const size_t class = look_at(p, row);
    double least = INFINITY;
    bool found = false;
    if (!has_vote(b->metric, p->vector, b->width))
        return false;
    if (b->metric == PV_VECTOR_COSINE)
        shorten(p->vector, b->width);
    for (size_t j = b->first[class]; j < b->first[class + 1]; j++) {
        const float *y = p->candidate + j * b->width;
        const double d = b->metric == PV_VECTOR_IP
                             ? -product(p->vector, y, b->width)
                             : gap(p->vector, y, b->width);
        if (!found || d < least) {
            *candidate = j;
            least = d;
        }
        found = true;
    }
    return found;
}

static int compare(const void *a, const void *b)
{
    const vote *x = a, *y = b;
    if (x->person != y->person)
        return x->person < y->person ? -1 : 1;
    return (x->candidate > y->candidate) - (x->candidate < y->candidate);
}

/* Votes of one person, in order: c of them for a candidate count as
 * c / sqrt(sum of c^2). */
static void scale(const vote *v, size_t n, int64_t *votes)
{
    double norm2 = 0;
    for (int counting = 1; counting >= 0; counting--)
        for (size_t i = 0, j; i < n; i = j) {
            for (j = i; j < n && v[j].candidate == v[i].candidate; j++)
                ;
            const double c = (double)(j - i);
            if (counting == 1)
                norm2 += c * c;
            else
                votes[v[i].candidate] += (int64_t)floor(one * c / sqrt(norm2));
        }
}

static pv_status poll_rows(const poll *p, bool scaled, int64_t *votes,
                           pv_error *err)
{
    size_t count = 0;
    const size_t rows = pv_table_rows(p->table);
    const uint32_t *person = pv_table_persons(p->table);
    vote *all = pv_array_alloc(rows, sizeof *all);
    if (all == NULL)
        return pv_fail_memory(err, "the votes of both tables");
    for (size_t i = 0; i < rows; i++)
        if (choose(p, i, &all[count].candidate))
            all[count++].person = person != NULL ? person[i] : (uint32_t)i;
    if (scaled && count > 0)
        qsort(all, count, sizeof *all, compare);
    for (size_t i = 0, j; i < count; i = j) {
        for (j = i + 1; scaled && j < count && all[j].person == all[i].person;
             j++)
            ;
        if (scaled)
            scale(all + i, j - i, votes);
        else
            votes[all[i].candidate]++;
    }
    free(all);
    return PV_OK;
}

/* --- both tables ------------------------------------------------------------ */

static void clear_poll(poll *p, float *shortened)
{
    free(shortened);
    free(p->vector);
    free(p->code);
    free(p->value);
}

/* votes[]: of the first table, then of the second. */
static pv_status poll_both(const pv_witness *w, const pv_ballot *b,
                           int64_t *votes, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t count = b->first[b->classes];
    const size_t columns = pv_schema_columns(w->schema);
    const bool cosine = b->metric == PV_VECTOR_COSINE;
    float *shortened = cosine ? pv_array_alloc(count, b->width * sizeof *shortened)
                              : NULL;
    poll p = {.ballot = b,
              .candidate = cosine ? shortened : b->vector,
              .vector = pv_array_alloc(b->width, sizeof *p.vector),
              .code = pv_array_alloc(columns, sizeof *p.code),
              .value = pv_array_alloc(columns, sizeof *p.value)};
    if (p.candidate == NULL || p.vector == NULL || p.code == NULL ||
        p.value == NULL) {
        status = pv_fail_memory(err, "the votes of both tables");
        goto out;
    }
    if (cosine)
        memcpy(shortened, b->vector, count * b->width * sizeof *shortened);
    for (size_t j = 0; cosine && j < count; j++)
        shorten(shortened + j * b->width, b->width);
    for (size_t world = 0; world < 2; world++) {
        p.table = w->pair->table[world];
        PV_TRY(poll_rows(&p, w->unit_rows > 1, votes + world * count, err));
    }
out:
    clear_poll(&p, shortened);
    return status;
}

/* As of a marginal. */
static void hear_answers(pv_witness *w, const pv_heard *h, const int64_t *votes,
                         double sigma2)
{
    double loss = 0, rest = 0;
    const size_t slot = pv_witness_slot(w->measurements);
    for (size_t j = 0; j < h->count; j++) {
        const double out = (double)(h->score[j] - votes[j]);
        const double in = (double)(h->score[j] - votes[h->count + j]);
        if (votes[j] == votes[h->count + j])
            rest += out;
        else
            loss += (square(out) - square(in)) / (2 * sigma2);
    }
    pv_witness_add(w, w->measured[slot], loss);
    pv_witness_add(w, w->rest[slot], rest);
    pv_witness_add(w, w->loss_measured, loss);
    pv_witness_add(w, w->loss, loss);
    w->measurements++;
}

/* A unit's votes have a norm of one, and none is negative: replaced, they move by no more
 * than the diagonal. */
pv_status pv_witness_hear_votes(pv_witness *w, const pv_heard *h, pv_error *err)
{
    const double sigma2 = (double)h->sigma2.num / (double)h->sigma2.den;
    const double norm = w->unit_rows > 1 ? one : 1;
    w->rho += (w->replace ? 2 : 1) * square(norm) / (2 * sigma2);
    if (!w->transcript)
        return PV_OK;
    if (h->ballot->space == NULL)
        return pv_fail(err, PV_EINVAL,
                       "both tables of a pair are tables: votes of embeddings "
                       "cannot be heard; audit what is released alone (--see "
                       "release)");
    int64_t *votes = pv_array_calloc(h->count, 2 * sizeof *votes);
    if (votes == NULL)
        return pv_fail_memory(err, "the votes of both tables");
    const pv_status status = poll_both(w, h->ballot, votes, err);
    if (status == PV_OK)
        hear_answers(w, h, votes, sigma2);
    free(votes);
    return status;
}
