/* F(eps) = 1 - A - B: A is the posterior probability that the rates lie below
 * both lines of (eps, delta)-DP, B that 1 - FNR, 1 - FPR do. Both are the same
 * integral, of other laws. */
#include "audit/epsilon/beta.h"
#include "audit/epsilon/estimate.h"
#include "core/memory.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { nodes = 22, marks = 4, most_cuts = 2 * marks + 2 };

static const double largest_epsilon = 700; /* e^700 is still a double */
static const double least_level = 5e-8;

/* A law with the points that panels are cut at: beyond the outer ones is less
 * than the error of the rest. The inner ones part the bulk from the tails, but
 * for tails like the power of a small shape: a panel that began close to its
 * zero would be nearly singular. */
typedef struct rate {
    pv_beta law;
    double mark[marks];
    gsl_cheb_series *series; /* of its distribution, or NULL */
} rate;

/* All zeros before it is made; clear_posterior() in any case. */
typedef struct posterior {
    rate fnr, fpr, tnr, tpr; /* the last two are the first two mirrored */
    double delta;
    double s[nodes], weight[nodes]; /* of sin^2 on [0, pi/2] */
} posterior;

static pv_status make_rate(double a, double b, rate *r, pv_error *err)
{
    static const double level[2] = {1e-13, 1e-3};
    pv_status status = PV_OK;
    r->law = pv_beta_make(a, b);
    PV_TRY(pv_beta_lower(&r->law, level[0], &r->mark[0], err));
    PV_TRY(pv_beta_lower(&r->law, level[1], &r->mark[1], err));
    PV_TRY(pv_beta_upper(&r->law, level[1], &r->mark[2], err));
    PV_TRY(pv_beta_upper(&r->law, level[0], &r->mark[3], err));
    if (a < 3)
        r->mark[1] = r->mark[0];
    if (b < 3)
        r->mark[2] = r->mark[3];
out:
    return status;
}

/* For the rate whose distribution is asked at every node: most of the time goes
 * there, as many runs make its continued fraction long. */
static pv_status make_series(rate *r, pv_error *err)
{
    return pv_beta_series(&r->law, r->mark[0], r->mark[marks - 1], &r->series,
                          err);
}

static double cdf_of(const rate *r, double x)
{
    return r->series != NULL ? pv_beta_series_cdf(r->series, x)
                             : pv_beta_cdf(&r->law, x);
}

/* Rates are x = sin^2 theta, which takes the square roots out of the density of
 * Beta(1/2, .) at 0 and 1. Theta in turn is sin^2 phi on each panel, which takes
 * out those of the other rate's distribution, where it is 0 or 1. Gauss and
 * Legendre's nodes are in phi. */
static pv_status make_nodes(posterior *p, pv_error *err)
{
    gsl_integration_glfixed_table *table =
        gsl_integration_glfixed_table_alloc(nodes);
    if (table == NULL)
        return pv_fail_memory(err, "nodes of quadrature");
    for (size_t i = 0; i < nodes; i++) {
        double phi, w;
        (void)gsl_integration_glfixed_point(0, acos(-1) / 2, i, &phi, &w,
                                            table);
        p->s[i] = sin(phi) * sin(phi);
        p->weight[i] = w * sin(2 * phi);
    }
    gsl_integration_glfixed_table_free(table);
    return PV_OK;
}

static pv_status make_posterior(const pv_confusion *c, double delta,
                                pv_prior prior, posterior *p, pv_error *err)
{
    const double add = prior == PV_PRIOR_UNIFORM ? 1 : 0.5;
    const double tp = c->tp + add, fp = c->fp + add;
    const double tn = c->tn + add, fn = c->fn + add;
    pv_status status = PV_OK;
    p->delta = delta;
    PV_TRY(make_nodes(p, err));
    PV_TRY(make_rate(fn, tp, &p->fnr, err));
    PV_TRY(make_rate(tp, fn, &p->tpr, err));
    PV_TRY(make_rate(fp, tn, &p->fpr, err));
    PV_TRY(make_rate(tn, fp, &p->tnr, err));
    PV_TRY(make_series(&p->fpr, err));
    PV_TRY(make_series(&p->tnr, err));
out:
    return status;
}

static void clear_posterior(posterior *p)
{
    if (p->fpr.series != NULL)
        gsl_cheb_free(p->fpr.series);
    if (p->tnr.series != NULL)
        gsl_cheb_free(p->tnr.series);
}

/* --- the integral ---------------------------------------------------------- */

/* A line below which (x, y) refutes: y < c - x e^eps where `steep`, else y <
 * (c - x) e^-eps, c = 1 - delta, on its part of x. */
typedef struct line {
    double c, growth; /* e^eps */
    bool steep;
    double from, to;
} line;

/* Where the line has height y. */
static double line_x(const line *l, double y)
{
    return l->steep ? (l->c - y) / l->growth : l->c - y * l->growth;
}

static double theta_of(double x)
{
    return atan2(sqrt(x), sqrt(1 - x));
}

/* Adds the panel's part of P(y below the line) to sums[0], and to sums[1] its
 * loss as eps grows: the flow of density through the moving line. */
static void add_panel(const posterior *p, const rate *x_rate,
                      const rate *y_rate, const line *l, double a, double b,
                      double sums[2])
{
    for (size_t i = 0; i < nodes; i++) {
        const double theta = a + (b - a) * p->s[i];
        const double sine = sin(theta), cosine = cos(theta), x = sine * sine;
        const double y =
            l->steep ? l->c - x * l->growth : (l->c - x) / l->growth;
        if (!(sine > 0 && cosine > 0 && y > y_rate->mark[0]))
            continue;
        const double density =
            (b - a) * p->weight[i] *
            pv_beta_density_angle(&x_rate->law, sine, cosine);
        if (y >= y_rate->mark[marks - 1]) {
            sums[0] += density;
            continue;
        }
        sums[0] += density * cdf_of(y_rate, y);
        sums[1] += density * pv_beta_density(&y_rate->law, y) *
                   (l->steep ? x * l->growth : y);
    }
}

static int compare(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static void add_line(const posterior *p, const rate *x_rate,
                     const rate *y_rate, const line *l, double sums[2])
{
    const double from = fmax(l->from, x_rate->mark[0]);
    const double to = fmin(l->to, x_rate->mark[marks - 1]);
    double cut[most_cuts] = {theta_of(from), theta_of(to)};
    size_t cuts = 2;
    /* an empty part, or one wholly above the law of y */
    if (!(from < to))
        return;
    for (int i = 0; i < marks; i++) {
        const double own = x_rate->mark[i], image = line_x(l, y_rate->mark[i]);
        if (own > from && own < to)
            cut[cuts++] = theta_of(own);
        if (image > from && image < to)
            cut[cuts++] = theta_of(image);
    }
    qsort(cut, cuts, sizeof *cut, compare);
    for (size_t i = 0; i + 1 < cuts; i++)
        if (cut[i] < cut[i + 1])
            add_panel(p, x_rate, y_rate, l, cut[i], cut[i + 1], sums);
}

/* The two lines cross on the diagonal, at (1 - delta) / (1 + e^eps). */
static void add_corner(const posterior *p, const rate *x_rate,
                       const rate *y_rate, double epsilon, double sums[2])
{
    const double c = 1 - p->delta, growth = exp(epsilon);
    const double kink = c / (1 + growth);
    const line steep = {c, growth, true, 0, kink};
    const line flat = {c, growth, false, kink, c};
    add_line(p, x_rate, y_rate, &steep, sums);
    add_line(p, x_rate, y_rate, &flat, sums);
}

static double clip(double x)
{
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

static pv_status evaluate(const posterior *p, double epsilon, double *cdf,
                          double *density, pv_error *err)
{
    double sums[2] = {0, 0};
    add_corner(p, &p->fnr, &p->fpr, epsilon, sums);
    add_corner(p, &p->tpr, &p->tnr, epsilon, sums);
    if (!isfinite(sums[0]) || !isfinite(sums[1]))
        return pv_fail(err, PV_ENUMERIC,
                       "the posterior of epsilon has no value at %g", epsilon);
    *cdf = clip(1 - sums[0]);
    *density = sums[1];
    return PV_OK;
}

/* --- quantiles ------------------------------------------------------------- */

/* A quantile, and how the normal score of F grows there. */
typedef struct place {
    double epsilon, score, growth;
} place;

/* The eps > 0 with F(eps) = q: Newton on the normal scores of F, which are
 * nearly a line in eps, kept inside a bracket, from what is known of `near`. */
static pv_status quantile(const posterior *p, double q, const place *near,
                          place *found, pv_error *err)
{
    pv_status status = PV_OK;
    const double wanted = gsl_cdf_ugaussian_Pinv(q);
    double low = 0, high = largest_epsilon, f, slope;
    double at = near->epsilon + (wanted - near->score) / near->growth;
    if (!(at > 0))
        at = near->epsilon / 2;
    for (int i = 0; i < 200; i++) {
        PV_TRY(evaluate(p, at, &f, &slope, err));
        if (f < q)
            low = at;
        else
            high = at;
        const double score = gsl_cdf_ugaussian_Pinv(f);
        const double growth = slope / gsl_ran_ugaussian_pdf(score);
        double next = at - (score - wanted) / growth;
        /* the error of a step is of the order of its square */
        if (fabs(next - at) <= 1e-5 * at || high - low <= 1e-12 * high) {
            *found = (place){next, wanted, growth};
            return PV_OK;
        }
        if (!(next > low && next < high))
            next = i < 8 ? low + (high - low) / 16 : low + (high - low) / 2;
        at = next;
    }
    status = pv_fail(err, PV_ENUMERIC, "the posterior of epsilon has no "
                                       "quantile %g", q);
out:
    return status;
}

static pv_status quantiles(const posterior *p, double start, double alpha,
                           pv_epsilon_posterior *out, pv_error *err)
{
    const double level[4] = {0.5, alpha, alpha / 2, 1 - alpha / 2};
    double *const end[4] = {&out->median, &out->onesided_lo, &out->lo,
                            &out->hi};
    pv_status status = PV_OK;
    place near = {start, 0, INFINITY};
    double atom = 0, slope;
    if (p->delta > 0)
        PV_TRY(evaluate(p, 0, &atom, &slope, err));
    for (int i = 0; i < 4; i++) {
        place found = {0};
        if (atom < level[i])
            PV_TRY(quantile(p, level[i], &near, &found, err));
        *end[i] = found.epsilon < 0.999 * largest_epsilon ? found.epsilon
                                                         : INFINITY;
        if (isfinite(*end[i]) && *end[i] > 0)
            near = found;
    }
out:
    return status;
}

pv_status pv_epsilon_bayes(const pv_confusion *counts, double delta,
                           double alpha, pv_prior prior,
                           pv_epsilon_posterior *out, pv_error *err)
{
    posterior p = {0};
    pv_status status = PV_OK;
    const pv_confusion *c = counts;
    PV_TRY(pv_epsilon_check(c, delta, alpha, err));
    if (alpha / 2 < least_level)
        return pv_fail(err, PV_ENUMERIC,
                       "alpha is too small for the posterior: at least 1e-7");
    PV_TRY(make_posterior(c, delta, prior, &p, err));
    /* near the median: rates with one more error each */
    const double fnr = (c->fn + 0.3) / (c->fn + c->tp + 0.6);
    const double fpr = (c->fp + 0.3) / (c->fp + c->tn + 0.6);
    const double start = fmax(pv_epsilon_of_rates(fnr, fpr, delta), 0.01);
    PV_TRY(quantiles(&p, start, alpha, out, err));
out:
    clear_posterior(&p);
    return status;
}

pv_status pv_epsilon_posterior_at(const pv_confusion *counts, double delta,
                                  pv_prior prior, double epsilon, double *cdf,
                                  double *density, pv_error *err)
{
    posterior p = {0};
    pv_status status = PV_OK;
    PV_TRY(pv_epsilon_check(counts, delta, 0.5, err));
    if (!(epsilon >= 0 && epsilon <= largest_epsilon))
        return pv_fail(err, PV_EINVAL, "epsilon must be from 0 to %g, not %g",
                       largest_epsilon, epsilon);
    PV_TRY(make_posterior(counts, delta, prior, &p, err));
    PV_TRY(evaluate(&p, epsilon, cdf, density, err));
out:
    clear_posterior(&p);
    return status;
}
