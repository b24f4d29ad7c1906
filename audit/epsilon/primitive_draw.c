/* One run of a case: the answer, its features, and its noise held against the
 * law. */
#include "audit/epsilon/primitive_internal.h"

#include "core/memory.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

pv_status pv_case_hand_alloc(const pv_case *c, pv_noise_sums *sums,
                             pv_case_hand *hand, pv_error *err)
{
    const size_t numbers = c->size > 0 ? c->size : 1;
    *hand = (pv_case_hand){.c = c, .sums = sums};
    hand->answer = pv_array_alloc(numbers, sizeof *hand->answer);
    bool whole = hand->answer != NULL;
    for (size_t i = 0; i < 3; i++) {
        hand->noise[i] = pv_array_alloc(numbers, sizeof *hand->answer);
        whole = whole && hand->noise[i] != NULL;
    }
    return whole ? PV_OK : pv_fail_memory(err, "a run");
}

void pv_case_hand_free(pv_case_hand *hand)
{
    free(hand->answer);
    for (size_t i = 0; i < 3; i++)
        free(hand->noise[i]);
    memset(hand, 0, sizeof *hand);
}

/* --- noisy vectors -------------------------------------------------------- */

static int64_t product(const int64_t *x, const int64_t *y, size_t count)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += x[i] * y[i];
    return sum;
}

static void put(pv_noise_sums *sums, size_t what, int64_t sum, size_t terms)
{
    sums->sum[what] += sum;
    sums->terms[what] += terms;
}

/* Noise against itself, its neighbours, the like places of the next chunk, the
 * same trial on the other table, and the trial before on this one. */
static void sum_noise(const pv_case_hand *hand, size_t place)
{
    const pv_case *c = hand->c;
    const size_t n = c->size;
    const int64_t *x = hand->noise[place % 3];
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    put(hand->sums, PV_NOISE_MEAN, sum, n);
    put(hand->sums, PV_NOISE_VARIANCE, product(x, x, n), n);
    put(hand->sums, PV_NOISE_NEXT, product(x, x + 1, n - 1), n - 1);
    for (size_t k = 1; k < c->chunks; k++) {
        const size_t end = k + 1 < c->chunks ? c->chunk[k + 1] : n;
        const size_t here = end - c->chunk[k];
        const size_t before = c->chunk[k] - c->chunk[k - 1];
        const size_t both = here < before ? here : before;
        put(hand->sums, PV_NOISE_CHUNKS,
            product(x + c->chunk[k], x + c->chunk[k - 1], both), both);
    }
    if (place % 2 == 1)
        put(hand->sums, PV_NOISE_TABLES,
            product(x, hand->noise[(place - 1) % 3], n), n);
    if (place >= 2)
        put(hand->sums, PV_NOISE_RUNS,
            product(x, hand->noise[(place - 2) % 3], n), n);
}

/* The first of two equal candidates less the second, and the other way round where the
 * next row is: what moves when votes of equals take turns. */
static int64_t in_turn(const pv_case *c, const int64_t *y)
{
    int64_t sum = 0;
    for (size_t i = 0; i < c->equals; i++)
        sum += (i % 2 == 0 ? 1 : -1) * (y[2 * i] - y[2 * i + 1]);
    return sum;
}

/* Of a Gaussian of density exp(-(y - truth)^2 / (2 sigma2)), which is the
 * discrete one's too. */
static void vector_features(const pv_case *c, const int64_t *y, double *feature)
{
    const int64_t *in = c->world[PV_IN].truth, *out = c->world[PV_OUT].truth;
    int64_t total = 0;
    double sum = 0;
    for (size_t i = 0; i < c->size; i++) {
        total += y[i];
        if (in[i] == out[i])
            continue;
        const double a = (double)(y[i] - in[i]), b = (double)(y[i] - out[i]);
        sum += b * b - a * a;
    }
    *feature++ = sum * (double)c->sigma2.den / (2.0 * (double)c->sigma2.num);
    *feature++ = (double)y[0];
    *feature++ = (double)total;
    for (size_t i = 0; i < c->mates; i++)
        *feature++ = (double)(y[0] - y[c->mate[i]]);
    if (c->equals > 0)
        *feature++ = (double)in_turn(c, y);
}

/* --- outcomes ------------------------------------------------------------- */

static pv_status labels_outcome(const pv_case_hand *hand, pv_trial *trial,
                                uint64_t number, pv_error *err)
{
    pv_labels labels;
    const pv_status status =
        pv_trial_draw_labels(trial, number, &labels, err);
    if (status != PV_OK)
        return status;
    *hand->answer = 0;
    for (size_t i = 0; i < labels.count; i++)
        for (size_t l = 0; l < PV_CASE_LABELS; l++)
            if (strcmp(labels.label[i], pv_case_label[l]) == 0)
                *hand->answer |= INT64_C(1) << l;
    pv_labels_clear(&labels);
    return PV_OK;
}

static pv_status outcome_features(const pv_case *c, int64_t outcome,
                                  double *feature, pv_error *err)
{
    if (outcome < 0 || (uint64_t)outcome >= c->outcomes)
        return pv_fail(err, PV_EINTERNAL, "an answer that is no outcome");
    *feature++ = c->llr[outcome];
    if (pv_case_chooses(c)) {
        *feature++ = (double)outcome;
        *feature++ = outcome % 2 == 0;
        return PV_OK;
    }
    for (size_t l = 0; l < PV_CASE_LABELS; l++)
        *feature++ = (double)(outcome >> l & 1);
    return PV_OK;
}

/* Runs 2t and 2t + 1 are trial t on the two tables. */
pv_status pv_case_draw(pv_case_hand *hand, size_t run, size_t place,
                       double *feature, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_case *c = hand->c;
    const pv_case_world *w = &c->world[run % 2];
    if (c->which.primitive == PV_PRIMITIVE_LABELS)
        PV_TRY(labels_outcome(hand, w->trial, run / 2, err));
    else
        PV_TRY(pv_trial_draw(w->trial, run / 2, hand->answer, err));
    if (c->size == 0)
        return outcome_features(c, *hand->answer, feature, err);
    for (size_t i = 0; i < c->size; i++)
        hand->noise[place % 3][i] = hand->answer[i] - w->truth[i];
    sum_noise(hand, place);
    vector_features(c, hand->answer, feature);
out:
    return status;
}

/* --- the law -------------------------------------------------------------- */

/* Far enough out for what is left to be below a double's last bit. */
static double reach(double sigma2)
{
    return ceil(13 * sqrt(sigma2)) + 2;
}

void pv_case_moments(double sigma2, double *variance, double *fourth)
{
    double all = 1, second = 0, power = 0;
    for (double x = reach(sigma2); x >= 1; x--) {
        const double p = 2 * exp(-x * x / (2 * sigma2));
        all += p;
        second += x * x * p;
        power += x * x * x * x * p;
    }
    *variance = second / all;
    *fourth = power / all;
}

double pv_case_tail(double sigma2, int64_t least)
{
    double all = 0, above = 0;
    for (double x = -reach(sigma2); x <= reach(sigma2); x++) {
        const double p = exp(-x * x / (2 * sigma2));
        all += p;
        above += x >= (double)least ? p : 0;
    }
    return above / all;
}

/* Pearson's comparison of outcomes with their law in both worlds, as a standard
 * deviation of a normal law; outcomes expected fewer than ten times together. */
static double outcomes_z(const pv_case *c, const pv_case_runs *runs)
{
    const double rare = 10, most = 40;
    double chi2 = 0, df = 0;
    for (int in = 0; in < 2; in++) {
        const double n = (double)(in ? runs->count / 2 : runs->count - runs->count / 2);
        double wanted = 0, got = 0, cells = 0;
        for (size_t o = 0; o < c->outcomes; o++) {
            const double e = n * c->world[in].law[o];
            const double k = (double)runs->outcome[in][o];
            if (e <= 0 && k > 0)
                return most; /* what cannot be */
            if (e < rare) {
                wanted += e;
                got += k;
                continue;
            }
            chi2 += (k - e) * (k - e) / e;
            cells++;
        }
        if (wanted >= rare) {
            chi2 += (got - wanted) * (got - wanted) / wanted;
            cells++;
        }
        df += cells > 1 ? cells - 1 : 0;
    }
    if (df <= 0)
        return NAN;
    const double p = gsl_cdf_chisq_Q(chi2, df);
    return p > 0 ? fmin(most, gsl_cdf_ugaussian_Qinv(p)) : most;
}

size_t pv_case_noise(const pv_case *c, const pv_case_runs *runs,
                     pv_case_z z[PV_CASE_Z_MOST])
{
    static const char *const id[PV_NOISE_SUMS] = {
        "primitive.noise.mean.z",   "primitive.noise.variance.z",
        "primitive.noise.next.z",   "primitive.noise.chunks.z",
        "primitive.noise.tables.z", "primitive.noise.runs.z"};
    /* terms that are not 0, for a sum to be about normal: where sigma2 is small
     * most noise is 0, and a chance of it is at most its variance */
    const double enough = 1000;
    double variance, fourth;
    if (c->size == 0) {
        z[0] = (pv_case_z){"primitive.noise.law.z", outcomes_z(c, runs)};
        return 1;
    }
    pv_case_moments((double)c->sigma2.num / (double)c->sigma2.den, &variance,
                    &fourth);
    for (size_t i = 0; i < PV_NOISE_SUMS; i++) {
        const double n = (double)runs->noise.terms[i];
        const double sum = (double)runs->noise.sum[i];
        const double square = i == PV_NOISE_VARIANCE ? n * variance : 0;
        const double spread = i == PV_NOISE_MEAN ? variance
                              : i == PV_NOISE_VARIANCE
                                  ? fourth - variance * variance
                                  : variance * variance;
        const double often =
            fmin(1, i == PV_NOISE_MEAN || i == PV_NOISE_VARIANCE
                        ? variance
                        : variance * variance);
        z[i] = (pv_case_z){id[i], n * often >= enough
                                      ? (sum - square) / sqrt(n * spread)
                                      : NAN};
    }
    return PV_NOISE_SUMS;
}
