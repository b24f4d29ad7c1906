#include "audit/epsilon/beta.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

pv_beta pv_beta_make(double a, double b)
{
    return (pv_beta){a, b, gsl_sf_lnbeta(a, b)};
}

double pv_beta_cdf(const pv_beta *law, double x)
{
    return x <= 0 ? 0 : x >= 1 ? 1 : gsl_cdf_beta_P(x, law->a, law->b);
}

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
static double tail(const pv_beta *law, double t, int upper, double *slope)
{
    const double x = 1 / (1 + exp(-t)), y = 1 / (1 + exp(t));
    *slope = exp(law->a * -log1p(exp(-t)) + law->b * -log1p(exp(t)) -
                 law->log_norm);
    /* the law of 1 - X is known near 1 as well as that of X near 0 */
    if (upper)
        return t > 0 ? gsl_cdf_beta_P(y, law->b, law->a)
                     : gsl_cdf_beta_Q(x, law->a, law->b);
    return t > 0 ? gsl_cdf_beta_Q(y, law->b, law->a)
                 : gsl_cdf_beta_P(x, law->a, law->b);
}

/* Newton on the logarithm of the tail, concave in the log odds, kept inside a
 * bracket: exp(+-700) is as far as doubles go. */
static pv_status quantile(const pv_beta *law, double p, int upper, double *x,
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
    return quantile(law, p, 0, x, err);
}

pv_status pv_beta_upper(const pv_beta *law, double p, double *x, pv_error *err)
{
    return quantile(law, p, 1, x, err);
}
