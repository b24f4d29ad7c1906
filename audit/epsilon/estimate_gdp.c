#include "audit/epsilon/estimate.h"
#include "dp/account.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

double pv_mu_of_rho(double rho)
{
    return rho >= 0 ? sqrt(2 * rho) : NAN;
}

double pv_epsilon_of_mu(double mu, double delta)
{
    if (!(mu > 0))
        return isnan(mu) ? NAN : 0;
    if (!(delta > 0))
        return INFINITY;
    /* delta at epsilon 0 is Phi(mu/2) - Phi(-mu/2) */
    if (delta >= erf(mu / (2 * sqrt(2))))
        return 0;
    return pv_gaussian_epsilon(mu * mu / 2, delta);
}

double pv_mu_of_epsilon(double epsilon, double delta)
{
    if (!(epsilon >= 0 && isfinite(epsilon) && delta > 0 && delta < 1))
        return NAN;
    double low = 0, high = 1;
    while (pv_epsilon_of_mu(high, delta) <= epsilon)
        high *= 2;
    for (int i = 0; i < 60; i++) {
        const double mu = low + (high - low) / 2;
        if (pv_epsilon_of_mu(mu, delta) <= epsilon)
            low = mu;
        else
            high = mu;
    }
    return low;
}

pv_status pv_epsilon_gdp(const pv_confusion *counts, double delta, double alpha,
                         double *mu_lo, double *epsilon, pv_error *err)
{
    pv_epsilon_interval rates;
    const pv_status status =
        pv_epsilon_clopper_pearson(counts, delta, alpha, &rates, err);
    if (status != PV_OK)
        return status;
    *mu_lo = gsl_cdf_ugaussian_Qinv(rates.fpr[1]) -
             gsl_cdf_ugaussian_Pinv(rates.fnr[1]);
    *epsilon = pv_epsilon_of_mu(*mu_lo, delta);
    return PV_OK;
}
