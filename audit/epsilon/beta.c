#include "audit/epsilon/beta.h"
#include "core/memory.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdbool.h>

pv_beta pv_beta_make(double a, double b)
{
    return (pv_beta){a, b, gsl_sf_lnbeta(a, b)};
}

/* --- large parameters ------------------------------------------------------ */

static double density_of_odds(double t, void *law)
{
    const pv_beta *l = law;
    return exp(l->a * -log1p(exp(-t)) + l->b * -log1p(exp(t)) - l->log_norm);
}

/* P(X <= x) at the log odds t, where GSL's continued fraction gives up: both
 * parameters are large then, and the log odds nearly normal. */
static double cdf_of_large(const pv_beta *law, double t)
{
    pv_beta copy = *law;
    gsl_function f = {density_of_odds, &copy};
    const double mode = log(law->a / law->b);
    const double deviation = sqrt(1 / law->a + 1 / law->b);
    const bool right = t > mode;
    /* the tail on the near side, as far as it has mass */
    const double far = right ? t + 12 * deviation : t - 12 * deviation;
    gsl_integration_glfixed_table *table =
        gsl_integration_glfixed_table_alloc(64);
    if (table == NULL)
        return NAN;
    const double tail =
        gsl_integration_glfixed(&f, fmin(t, far), fmax(t, far), table);
    gsl_integration_glfixed_table_free(table);
    return right ? 1 - tail : tail;
}

double pv_beta_cdf(const pv_beta *law, double x)
{
    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    const double p = gsl_cdf_beta_P(x, law->a, law->b);
    return isnan(p) ? cdf_of_large(law, log(x) - log1p(-x)) : p;
}

/* --- densities and quantiles ----------------------------------------------- */

double pv_beta_density(const pv_beta *law, double x)
{
    return exp((law->a - 1) * log(x) + (law->b - 1) * log1p(-x) -
               law->log_norm);
}

double pv_beta_density_angle(const pv_beta *law, double sine, double cosine)
{
    return 2 * exp((2 * law->a - 1) * log(sine) +
                   (2 * law->b - 1) * log(cosine) - law->log_norm);
}

/* The tail beyond the point of log odds t: P(X <= x) or P(X >= x). */
static double tail(const pv_beta *law, double t, bool upper, double *slope)
{
    const double x = 1 / (1 + exp(-t)), y = 1 / (1 + exp(t));
    const pv_beta mirrored = {law->b, law->a, law->log_norm};
    pv_beta copy = *law;
    double p;
    *slope = density_of_odds(t, &copy);
    /* the law of 1 - X is known near 1 as well as that of X near 0 */
    if (upper)
        p = t > 0 ? gsl_cdf_beta_P(y, law->b, law->a)
                  : gsl_cdf_beta_Q(x, law->a, law->b);
    else
        p = t > 0 ? gsl_cdf_beta_Q(y, law->b, law->a)
                  : gsl_cdf_beta_P(x, law->a, law->b);
    if (isnan(p))
        p = upper ? cdf_of_large(&mirrored, -t) : cdf_of_large(law, t);
    return p;
}

/* Newton on the logarithm of the tail, concave in the log odds, kept inside a
 * bracket: exp(+-700) is as far as doubles go. */
static pv_status quantile(const pv_beta *law, double p, bool upper, double *x,
                          pv_error *err)
{
    const double sign = upper ? -1 : 1;
    double low = -700, high = 700, t = log(law->a / law->b);
    for (int i = 0; i < 2000; i++) {
        double slope;
        const double got = tail(law, t, upper, &slope);
        if (isnan(got))
            break;
        const double gap = log(got / p);
        if (sign * gap < 0)
            low = t;
        else
            high = t;
        double next = t - sign * gap * got / slope;
        const double enough = 1e-14 * (1 + fabs(t));
        if (fabs(next - t) > enough && !(next > low && next < high))
            next = low + (high - low) / 2;
        if (fabs(next - t) <= enough) {
            *x = 1 / (1 + exp(-next));
            return PV_OK;
        }
        /* also where the slope is none */
        t = isnan(next) ? low + (high - low) / 2 : next;
    }
    return pv_fail(err, PV_ENUMERIC, "no quantile %g of Beta(%g, %g)", p,
                   law->a, law->b);
}

pv_status pv_beta_lower(const pv_beta *law, double p, double *x, pv_error *err)
{
    return quantile(law, p, false, x, err);
}

pv_status pv_beta_upper(const pv_beta *law, double p, double *x, pv_error *err)
{
    return quantile(law, p, true, x, err);
}

/* --- series ---------------------------------------------------------------- */

static double cdf_of_odds(double t, void *law)
{
    return pv_beta_cdf(law, 1 / (1 + exp(-t)));
}

pv_status pv_beta_series(const pv_beta *law, double from, double to,
                         gsl_cheb_series **series, pv_error *err)
{
    enum { order = 64 };
    static const double least_shape = 10;
    *series = NULL;
    if (!(fmin(law->a, law->b) >= least_shape && from > 0 && to < 1))
        return PV_OK;
    pv_beta copy = *law;
    gsl_function f = {cdf_of_odds, &copy};
    gsl_cheb_series *made = gsl_cheb_alloc(order);
    if (made == NULL)
        return pv_fail_memory(err, "a Chebyshev series");
    (void)gsl_cheb_init(made, &f, log(from) - log1p(-from),
                        log(to) - log1p(-to));
    /* the coefficients fall faster than geometrically, down to the rounding of
     * what they are made of */
    const double *end = gsl_cheb_coeffs(made) + order;
    const double rounding = 1e-12 + 1e-15 * (law->a + law->b);
    if (fabs(end[0]) + fabs(end[-1]) + fabs(end[-2]) < rounding)
        *series = made;
    else
        gsl_cheb_free(made);
    return PV_OK;
}

double pv_beta_series_cdf(const gsl_cheb_series *series, double x)
{
    return gsl_cheb_eval(series, log(x) - log1p(-x));
}
