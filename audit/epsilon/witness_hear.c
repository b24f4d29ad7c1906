/* The likelihood of answers under both tables. */
#include "audit/epsilon/witness_internal.h"
#include "core/memory.h"
#include "dp/account.h"
#include "marginals/count.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Features stay finite: a ratio beyond this is as good as certain. */
static const double loss_limit = 1e6;

enum { grid = 1 << 16 }; /* of public estimates in selections and scores */

/* --- marginals of both tables --------------------------------------------- */

void pv_known_clear(pv_known_marginal *k)
{
    free(k->count);
    free(k->cell);
    free(k->in);
}

void pv_witness_forget(pv_witness *w)
{
    for (size_t i = 0; i < w->knowns; i++)
        pv_known_clear(&w->known[i]);
    free(w->known);
    free(w->slot);
    w->known = NULL;
    w->slot = NULL;
    w->knowns = w->room = w->slots = 0;
    for (size_t i = 0; i < w->groups_known; i++)
        pv_known_clear(&w->known_group[i]);
    free(w->known_group);
    w->known_group = NULL;
    w->groups_known = w->cells = 0;
}

pv_status pv_witness_room(pv_witness *w, size_t cells, pv_error *err)
{
    static const size_t cells_most = (size_t)1 << 27; /* 1 GiB */
    if (cells > cells_most - w->cells)
        return pv_fail(err, PV_ETOOBIG,
                       "the marginals that the mechanism asks about are too "
                       "large to be kept for both tables; audit what is "
                       "released alone (--see release), or use coarser "
                       "columns");
    w->cells += cells;
    return PV_OK;
}

static size_t hash_of(const pv_clique *clique)
{
    uint64_t h = 0;
    for (size_t i = 0; i < PV_CLIQUE_WORDS; i++)
        h = (h ^ clique->word[i]) * UINT64_C(0x9e3779b97f4a7c15) + (h >> 29);
    return (size_t)(h ^ h >> 32);
}

/* Where the clique is in the hash table, or could be put. */
static size_t *find_slot(const pv_witness *w, const pv_clique *clique)
{
    size_t at = hash_of(clique) & (w->slots - 1);
    while (w->slot[at] != 0 &&
           !pv_clique_equal(&w->known[w->slot[at] - 1].clique, clique))
        at = (at + 1) & (w->slots - 1);
    return &w->slot[at];
}

static bool make_room(pv_witness *w)
{
    if (w->knowns < w->room)
        return true;
    const size_t room = w->room > 0 ? 2 * w->room : 64;
    pv_known_marginal *known =
        pv_array_realloc(w->known, room, sizeof *known);
    if (known != NULL)
        w->known = known;
    size_t *slot = pv_array_calloc(4 * room, sizeof *slot);
    if (known == NULL || slot == NULL) {
        free(slot);
        return false;
    }
    free(w->slot);
    w->slot = slot;
    w->slots = 4 * room; /* a power of two */
    w->room = room;
    for (size_t i = 0; i < w->knowns; i++)
        *find_slot(w, &w->known[i].clique) = i + 1;
    return true;
}

/* The cells where counts differ, kept with those of `in`. */
bool pv_witness_keep(pv_known_marginal *k, const int64_t *in)
{
    for (size_t i = 0; i < k->cells; i++)
        k->differing += in[i] != k->count[i];
    k->cell = pv_array_alloc(k->differing + 1, sizeof *k->cell);
    k->in = pv_array_alloc(k->differing + 1, sizeof *k->in);
    if (k->cell == NULL || k->in == NULL)
        return false;
    for (size_t i = 0, n = 0; i < k->cells; i++)
        if (in[i] != k->count[i]) {
            k->cell[n] = i;
            k->in[n++] = in[i];
        }
    return true;
}

static pv_status count_both(const pv_witness *w, const pv_clique *clique,
                            pv_known_marginal *k, pv_error *err)
{
    pv_status status = PV_OK;
    *k = (pv_known_marginal){.clique = *clique,
                             .cells = pv_domain_cells(&w->domain, clique)};
    k->count = pv_array_alloc(k->cells, sizeof *k->count);
    int64_t *in = pv_array_alloc(k->cells, sizeof *in);
    if (k->count == NULL || in == NULL) {
        status = pv_fail_memory(err, "marginals of both tables");
        goto out;
    }
    PV_TRY(pv_count(w->pair->table[0], clique, 1, &k->count, err));
    PV_TRY(pv_count(w->pair->table[1], clique, 1, &in, err));
    if (!pv_witness_keep(k, in))
        status = pv_fail_memory(err, "marginals of both tables");
out:
    free(in);
    if (status != PV_OK)
        pv_known_clear(k);
    return status;
}

static pv_status know(pv_witness *w, const pv_clique *clique,
                      const pv_known_marginal **known, pv_error *err)
{
    const size_t cells = pv_domain_cells(&w->domain, clique);
    if (!make_room(w))
        return pv_fail_memory(err, "marginals of both tables");
    size_t *slot = find_slot(w, clique);
    if (*slot == 0) {
        pv_status status = pv_witness_room(w, cells, err);
        if (status == PV_OK)
            status = count_both(w, clique, &w->known[w->knowns], err);
        if (status != PV_OK)
            return status;
        *slot = ++w->knowns;
    }
    *known = &w->known[*slot - 1];
    return PV_OK;
}

/* --- likelihoods ---------------------------------------------------------- */

void pv_witness_add(pv_witness *w, size_t place, double value)
{
    const double sum = w->feature[place] + value;
    w->feature[place] = sum > loss_limit    ? loss_limit
                        : sum < -loss_limit ? -loss_limit
                                            : sum;
}

size_t pv_witness_slot(size_t number)
{
    return number < PV_WITNESS_SLOTS ? number : PV_WITNESS_SLOTS - 1;
}

static double square(double x)
{
    return x * x;
}

/* ln p(answer | in) - ln p(answer | out) of a discrete Gaussian about each
 * count: its normalisation does not depend on the count. */
static pv_status hear_measurement(pv_witness *w, const pv_measurement *m,
                                  pv_error *err)
{
    double loss = 0, rest = 0;
    const pv_known_marginal *k;
    const pv_clique clique = pv_clique_of(m->column, m->columns);
    const double sigma2 = (double)m->sigma2_num / (double)m->sigma2_den;
    const size_t slot = pv_witness_slot(w->measurements);
    w->rho += (w->replace ? 2 : 1) * square(w->unit_rows) / (2 * sigma2);
    if (!w->transcript)
        return PV_OK;
    const pv_status status = know(w, &clique, &k, err);
    if (status != PV_OK)
        return status;
    for (size_t i = 0; i < m->cells; i++)
        rest += (double)(m->counts[i] - k->count[i]);
    for (size_t i = 0; i < k->differing; i++) {
        const double out = (double)(m->counts[k->cell[i]] -
                                    k->count[k->cell[i]]);
        const double in = (double)(m->counts[k->cell[i]] - k->in[i]);
        loss += (square(out) - square(in)) / (2 * sigma2);
        rest -= out;
    }
    pv_witness_add(w, w->measured[slot], loss);
    pv_witness_add(w, w->rest[slot], rest);
    pv_witness_add(w, w->loss_measured, loss);
    pv_witness_add(w, w->loss, loss);
    w->measurements++;
    return PV_OK;
}

/* A public estimate as the curator rounds it: to 2^-16. */
double pv_witness_on_grid(double estimate)
{
    return isfinite(estimate) ? round(estimate * grid) / grid : 0;
}

/* The L1 distances of both tables' marginals from a public estimate. */
void pv_witness_distances(const pv_known_marginal *k, const double *estimate,
                          double distance[2])
{
    double sum = 0, more = 0;
    for (size_t i = 0; i < k->cells; i++)
        sum += fabs((double)k->count[i] - pv_witness_on_grid(estimate[i]));
    for (size_t i = 0; i < k->differing; i++) {
        const double e = pv_witness_on_grid(estimate[k->cell[i]]);
        more += fabs((double)k->in[i] - e) -
                fabs((double)k->count[k->cell[i]] - e);
    }
    distance[0] = sum;
    distance[1] = sum + more;
}

/* ln of the sum of exponentials, shifted by the largest. */
double pv_witness_log_sum(const double *x, size_t count, size_t step)
{
    double most = x[0], sum = 0;
    for (size_t i = 1; i < count; i++)
        most = fmax(most, x[step * i]);
    for (size_t i = 0; i < count; i++)
        sum += exp(x[step * i] - most);
    return most + log(sum);
}

/* The exponential mechanism takes candidate c with probability proportional to
 * exp(epsilon score / (2 sensitivity)); one unit moves a score by its weight, once
 * for each of its rows, twice for a replaced one. */
static pv_status hear_selection(pv_witness *w, const pv_heard *h, pv_error *err)
{
    pv_status status = PV_OK;
    uint32_t heaviest = 0;
    const double epsilon = (double)h->epsilon_num / (double)PV_EPSILON_DEN;
    w->rho += square(epsilon) / 8;
    if (!w->transcript)
        return PV_OK;
    double *score = pv_array_alloc(h->count, 2 * sizeof *score);
    if (score == NULL)
        return pv_fail_memory(err, "a selection");
    for (size_t i = 0; i < h->count; i++)
        if (h->candidate[i].weight > heaviest)
            heaviest = h->candidate[i].weight;
    const double moved = (double)heaviest * w->unit_rows * (w->replace ? 2 : 1);
    for (size_t i = 0; i < h->count; i++) {
        const pv_candidate *c = &h->candidate[i];
        const pv_known_marginal *k;
        PV_TRY(know(w, &c->clique, &k, err));
        pv_witness_distances(k, c->estimate, score + 2 * i);
        for (size_t t = 0; t < 2; t++)
            score[2 * i + t] = epsilon / (2 * moved) * c->weight *
                               (score[2 * i + t] - pv_witness_on_grid(c->bias));
    }
    const double *chosen = score + 2 * h->chosen;
    const double loss = (chosen[1] - pv_witness_log_sum(score + 1, h->count, 2)) -
                        (chosen[0] - pv_witness_log_sum(score, h->count, 2));
    pv_witness_add(w, w->selected[pv_witness_slot(w->selections)], loss);
    pv_witness_add(w, w->loss_selected, loss);
    pv_witness_add(w, w->loss, loss);
    w->selections++;
out:
    free(score);
    return status;
}

/* Noisy distances, rounded down before the noise. */
static pv_status hear_scores(pv_witness *w, const pv_heard *h, pv_error *err)
{
    const double sigma2 = (double)h->sigma2.num / (double)h->sigma2.den;
    const double moved = (double)w->unit_rows * (w->replace ? 2 : 1);
    w->rho += (double)h->count * square(moved) / (2 * sigma2);
    for (size_t i = 0; w->transcript && i < h->count; i++) {
        double distance[2];
        const pv_known_marginal *k;
        const pv_status status = know(w, &h->clique[i], &k, err);
        if (status != PV_OK)
            return status;
        pv_witness_distances(k, h->estimate[i], distance);
        const double out = (double)h->score[i] - floor(distance[0]);
        const double in = (double)h->score[i] - floor(distance[1]);
        const double loss = (square(out) - square(in)) / (2 * sigma2);
        pv_witness_add(w, w->scored[pv_witness_slot(i)], loss);
        pv_witness_add(w, w->loss_selected, loss);
        pv_witness_add(w, w->loss, loss);
    }
    w->scores++;
    return PV_OK;
}

pv_status pv_witness_hear(void *context, const pv_heard *heard, pv_error *err)
{
    pv_witness *w = context;
    pv_status status = PV_OK;
    switch (heard->kind) {
    case PV_HEARD_MEASURE:
        for (size_t i = 0; status == PV_OK && i < heard->count; i++)
            status = hear_measurement(w, &heard->measurement[i], err);
        return status;
    case PV_HEARD_SELECT:
        return hear_selection(w, heard, err);
    case PV_HEARD_QUERIES:
        return pv_witness_hear_queries(w, heard, err);
    case PV_HEARD_GROUP:
        return pv_witness_hear_group(w, heard, err);
    case PV_HEARD_VOTES:
        return pv_witness_hear_votes(w, heard, err);
    default:
        return hear_scores(w, heard, err);
    }
}
