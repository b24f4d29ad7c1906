/* Beta laws, as the estimators of epsilon need them. */
#include "audit/epsilon/beta.h"

#include <criterion/criterion.h>
#include <gsl/gsl_errno.h>
#include <math.h>

static pv_error err;

static void quiet(void)
{
    (void)gsl_set_error_handler_off();
}

TestSuite(beta, .init = quiet);

static void must(pv_status status)
{
    cr_assert_eq(status, PV_OK, "%s", err.message);
}

static const double shape[] = {1, 3, 10.5, 30, 1000.5, 33000, 1e6};
enum { shapes = sizeof shape / sizeof *shape };

Test(beta, quantiles_are_those_of_the_distribution)
{
    for (int i = 0; i < shapes; i++)
        for (int j = 0; j < shapes; j++) {
            const pv_beta law = pv_beta_make(shape[i], shape[j]);
            for (double p = 1e-6; p < 0.9; p *= 20) {
                double low, high;
                must(pv_beta_lower(&law, p, &low, &err));
                must(pv_beta_upper(&law, p, &high, &err));
                cr_assert_float_eq(pv_beta_cdf(&law, low), p, 1e-8,
                                   "Beta(%g, %g)", law.a, law.b);
                cr_assert_float_eq(pv_beta_cdf(&law, high), 1 - p, 1e-8,
                                   "Beta(%g, %g)", law.a, law.b);
            }
        }
}

/* Between the points it was made of, at the ends and in the bulk. */
Test(beta, series_are_the_distribution)
{
    int made = 0;
    for (int i = 0; i < shapes; i++)
        for (int j = 0; j < shapes; j++) {
            const pv_beta law = pv_beta_make(shape[i], shape[j]);
            gsl_cheb_series *series;
            double from, to;
            must(pv_beta_lower(&law, 1e-13, &from, &err));
            must(pv_beta_upper(&law, 1e-13, &to, &err));
            must(pv_beta_series(&law, from, to, &series, &err));
            if (series == NULL)
                continue;
            made++;
            for (int k = 0; k <= 997; k++) {
                const double x = from + (to - from) * k / 997;
                const double p = pv_beta_cdf(&law, x);
                cr_assert_float_eq(pv_beta_series_cdf(series, x), p,
                                   1e-11 + 1e-14 * (law.a + law.b),
                                   "Beta(%g, %g) at %g", law.a, law.b, x);
            }
            gsl_cheb_free(series);
        }
    /* or the estimators would be slow */
    cr_assert_geq(made, 16, "%d", made);
}
