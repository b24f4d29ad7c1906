/* audit/epsilon/beta.h - Beta laws, as the estimators need them.
 * Not a public header. */
#ifndef PV_AUDIT_EPSILON_BETA_H
#define PV_AUDIT_EPSILON_BETA_H

#include "core/status.h"

#include <gsl/gsl_chebyshev.h>

typedef struct pv_beta {
    double a, b;
    double log_norm; /* ln B(a, b) */
} pv_beta;

/* Beta(a, b), a and b > 0. */
pv_beta pv_beta_make(double a, double b);

/* P(X <= x) and its density at x in (0, 1). */
double pv_beta_cdf(const pv_beta *law, double x);
double pv_beta_density(const pv_beta *law, double x);
/* The density of theta in (0, pi/2), X = sin^2 theta. */
double pv_beta_density_angle(const pv_beta *law, double sine, double cosine);

/* The x with P(X <= x) = p (`pv_beta_lower`), or P(X >= x) = p (`pv_beta_upper`),
 * p in (0, 1), to 13 digits of x. gsl_cdf_beta_Pinv is not used: for large
 * parameters it may return NaN or not return at all. PV_ENUMERIC. */
PV_CHECKED pv_status pv_beta_lower(const pv_beta *law, double p, double *x,
                                   pv_error *err);
PV_CHECKED pv_status pv_beta_upper(const pv_beta *law, double p, double *x,
                                   pv_error *err);

/* P(X <= x) for many x in [from, to], which hold all but 1e-12 of the law: a
 * Chebyshev series in the log odds, as good as pv_beta_cdf to 1e-12 + 1e-15 (a +
 * b), its rounding. *series is NULL where none is, as for small shapes, whose
 * pv_beta_cdf is quick. gsl_cheb_free() it. */
PV_CHECKED pv_status pv_beta_series(const pv_beta *law, double from, double to,
                                    gsl_cheb_series **series, pv_error *err);
double pv_beta_series_cdf(const gsl_cheb_series *series, double x);

#endif
