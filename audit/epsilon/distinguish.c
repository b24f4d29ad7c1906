#include "audit/epsilon/distinguish.h"

#include "core/memory.h"
#include "core/threads.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Added to the diagonal of the correlations within worlds: keeps them invertible
 * when features repeat each other, and lets one without any variance decide. */
static const double ridge = 1e-6;

/* By how much a discriminant has to beat what is kept: being learned of the very
 * runs it is chosen on, it looks better there than it is. */
static const double advantage = 1.05;

typedef struct scored {
    double score;
    bool in;
} scored;

typedef struct learner {
    const pv_runs *runs;
    size_t from, to;
    double ins, outs; /* runs of each world */
    pv_aim_of aim;
    double delta, z; /* of Wilson's intervals */
    scored *order;   /* to - from */
    double best, best_gap;
    double factor; /* a new one has to be better by */
    pv_distinguisher *kept;
} learner;

void pv_distinguisher_clear(pv_distinguisher *d)
{
    free(d->weight);
    memset(d, 0, sizeof *d);
}

static double score_of(const pv_runs *runs, size_t run, const double *weight)
{
    double sum = 0;
    for (size_t i = 0; i < runs->width; i++)
        sum += weight[i] * runs->feature[run * runs->width + i];
    return sum;
}

/* --- thresholds ----------------------------------------------------------- */

static double wilson_upper(double k, double n, double z)
{
    const double z2 = z * z;
    return (k + z2 / 2 + z * sqrt(k * (n - k) / n + z2 / 4)) / (n + z2);
}

/* What errors of so many runs would show of what is aimed at. */
static double worth(const learner *l, double fn, double fp)
{
    const double x = wilson_upper(fn, l->ins, l->z);
    const double y = wilson_upper(fp, l->outs, l->z);
    if (x + y >= 1)
        return 0;
    return l->aim == PV_FOR_EPSILON
               ? pv_epsilon_of_rates(x, y, l->delta)
               : fmax(0, gsl_cdf_ugaussian_Qinv(y) - gsl_cdf_ugaussian_Pinv(x));
}

static int by_score(const void *left, const void *right)
{
    const scored *a = left, *b = right;
    return (a->score > b->score) - (a->score < b->score);
}

static void keep(learner *l, const char *name, const double *weight,
                 double threshold, bool turned)
{
    pv_distinguisher *d = l->kept;
    const double sign = turned ? -1 : 1;
    (void)snprintf(d->name, sizeof d->name, "%s", name);
    for (size_t i = 0; i < d->width; i++)
        d->weight[i] = sign * weight[i];
    d->threshold = sign * threshold;
}

/* A threshold after the first `below` runs of the order, `in_below` of them of
 * the world with the target. The first direction says "in" above it. */
static void try_threshold(learner *l, size_t below, size_t in_below,
                          const char *name, const double *weight)
{
    const double fn = (double)in_below;
    const double fp = l->outs - (double)(below - in_below);
    const double threshold =
        l->order[below - 1].score +
        (l->order[below].score - l->order[below - 1].score) / 2;
    for (int turned = 0; turned < 2; turned++) {
        const double misses = turned ? l->ins - fn : fn;
        const double alarms = turned ? l->outs - fp : fp;
        const double value = worth(l, misses, alarms);
        const double gap = 1 - misses / l->ins - alarms / l->outs;
        if (value > l->factor * l->best ||
            (value >= l->best && gap > l->factor * l->best_gap)) {
            l->factor = 1;
            l->best = value;
            l->best_gap = gap;
            keep(l, name, weight, threshold, turned);
        }
    }
}

static void try_score(learner *l, const char *name, const double *weight,
                      double factor)
{
    const size_t count = l->to - l->from;
    l->factor = factor;
    size_t in_below = 0;
    for (size_t i = 0; i < count; i++)
        l->order[i] = (scored){score_of(l->runs, l->from + i, weight),
                               l->runs->world[l->from + i] != 0};
    qsort(l->order, count, sizeof *l->order, by_score);
    for (size_t i = 1; i < count; i++) {
        in_below += l->order[i - 1].in;
        if (l->order[i].score > l->order[i - 1].score)
            try_threshold(l, i, in_below, name, weight);
    }
}

/* --- linear discriminants ------------------------------------------------- */

typedef struct moments {
    size_t width;
    double *mean[2];  /* of each world */
    double *scale;    /* pooled standard deviation, 1 where there is none */
    gsl_matrix *within;
    gsl_vector *apart;
} moments;

static void moments_clear(moments *m)
{
    free(m->mean[0]);
    free(m->mean[1]);
    free(m->scale);
    gsl_matrix_free(m->within);
    gsl_vector_free(m->apart);
}

static bool moments_alloc(size_t width, moments *m)
{
    *m = (moments){.width = width,
                   .mean = {pv_array_calloc(width, sizeof(double)),
                            pv_array_calloc(width, sizeof(double))},
                   .scale = pv_array_calloc(width, sizeof(double)),
                   .within = gsl_matrix_calloc(width, width),
                   .apart = gsl_vector_calloc(width)};
    return m->mean[0] != NULL && m->mean[1] != NULL && m->scale != NULL &&
           m->within != NULL && m->apart != NULL;
}

/* Means and pooled deviations first, then correlations about the means. */
static void moments_of(const learner *l, const pv_feature_group *group,
                       moments *m)
{
    const double n = (double)(l->to - l->from);
    const pv_runs *r = l->runs;
    for (size_t run = l->from; run < l->to; run++) {
        const double *x = r->feature + run * r->width + group->from;
        const bool in = r->world[run] != 0;
        for (size_t i = 0; i < m->width; i++)
            m->mean[in][i] += x[i] / (in ? l->ins : l->outs);
    }
    for (size_t run = l->from; run < l->to; run++) {
        const double *x = r->feature + run * r->width + group->from;
        const double *mean = m->mean[r->world[run] != 0];
        for (size_t i = 0; i < m->width; i++)
            m->scale[i] += (x[i] - mean[i]) * (x[i] - mean[i]) / n;
    }
    for (size_t i = 0; i < m->width; i++)
        m->scale[i] = m->scale[i] > 0 ? sqrt(m->scale[i]) : 1;
    for (size_t run = l->from; run < l->to; run++) {
        const double *x = r->feature + run * r->width + group->from;
        const double *mean = m->mean[r->world[run] != 0];
        for (size_t i = 0; i < m->width; i++)
            for (size_t j = 0; j <= i; j++)
                *gsl_matrix_ptr(m->within, i, j) +=
                    (x[i] - mean[i]) / m->scale[i] * (x[j] - mean[j]) /
                    m->scale[j] / n;
    }
    for (size_t i = 0; i < m->width; i++) {
        *gsl_matrix_ptr(m->within, i, i) += ridge;
        gsl_vector_set(m->apart, i,
                       (m->mean[1][i] - m->mean[0][i]) / m->scale[i]);
        for (size_t j = 0; j < i; j++)
            gsl_matrix_set(m->within, j, i, gsl_matrix_get(m->within, i, j));
    }
}

static pv_status try_group(learner *l, const pv_feature_group *group,
                           double *weight, pv_error *err)
{
    pv_status status = PV_OK;
    moments m = {0};
    char name[sizeof l->kept->name];
    if (group->count == 0)
        return PV_OK;
    if (!moments_alloc(group->count, &m)) {
        status = pv_fail_memory(err, "a discriminant");
        goto out;
    }
    moments_of(l, group, &m);
    const int threads = pv_serial_algebra_begin();
    const bool solved =
        gsl_linalg_cholesky_decomp1(m.within) == GSL_SUCCESS &&
        gsl_linalg_cholesky_svx(m.within, m.apart) == GSL_SUCCESS;
    pv_serial_algebra_end(threads);
    if (!solved)
        goto out; /* nothing linear to be had of these */
    memset(weight, 0, l->runs->width * sizeof *weight);
    for (size_t i = 0; i < m.width; i++)
        weight[group->from + i] = gsl_vector_get(m.apart, i) / m.scale[i];
    (void)snprintf(name, sizeof name, "linear: %s", group->name);
    try_score(l, name, weight, advantage);
out:
    moments_clear(&m);
    return status;
}

/* --- all of it ------------------------------------------------------------ */

static pv_status count_worlds(learner *l, pv_error *err)
{
    for (size_t run = l->from; run < l->to; run++)
        if (l->runs->world[run] != 0)
            l->ins++;
        else
            l->outs++;
    if (l->ins > 0 && l->outs > 0)
        return PV_OK;
    return pv_fail(err, PV_EINVAL,
                   "there are no runs of both tables to learn from: ask for "
                   "more runs");
}

pv_status pv_distinguisher_learn(const pv_runs *runs, size_t from, size_t to,
                                 const pv_feature_group *group, size_t groups,
                                 pv_aim_of aim, double delta, double alpha,
                                 pv_distinguisher *d, pv_error *err)
{
    pv_status status = PV_OK;
    learner l = {.runs = runs, .from = from, .to = to, .aim = aim,
                 .delta = delta, .z = gsl_cdf_ugaussian_Qinv(alpha / 4),
                 .best = -1, .kept = d};
    double *weight = pv_array_calloc(runs->width, sizeof *weight);
    *d = (pv_distinguisher){
        .width = runs->width,
        .weight = pv_array_calloc(runs->width, sizeof *d->weight)};
    l.order = pv_array_alloc(to - from, sizeof *l.order);
    if (weight == NULL || d->weight == NULL || l.order == NULL) {
        status = pv_fail_memory(err, "a distinguisher");
        goto out;
    }
    PV_TRY(count_worlds(&l, err));
    weight[0] = 1;
    keep(&l, runs->name[0], weight, runs->feature[from * runs->width], false);
    for (size_t i = 0; i < runs->width; i++) {
        memset(weight, 0, runs->width * sizeof *weight);
        weight[i] = 1;
        try_score(&l, runs->name[i], weight, 1);
    }
    for (size_t g = 0; g < groups; g++)
        PV_TRY(try_group(&l, &group[g], weight, err));
out:
    free(weight);
    free(l.order);
    if (status != PV_OK)
        pv_distinguisher_clear(d);
    return status;
}

pv_confusion pv_distinguisher_count(const pv_distinguisher *d,
                                    const pv_runs *runs, size_t from, size_t to)
{
    pv_confusion c = {0};
    for (size_t run = from; run < to; run++) {
        const bool said_in = score_of(runs, run, d->weight) > d->threshold;
        if (runs->world[run] != 0)
            *(said_in ? &c.tp : &c.fn) += 1;
        else
            *(said_in ? &c.fp : &c.tn) += 1;
    }
    return c;
}
