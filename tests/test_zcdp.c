/* Bounds on rho of zCDP from the rates of one test. */
#include "audit/epsilon/estimate.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <string.h>

static pv_error err;

static void quiet(void)
{
    (void)gsl_set_error_handler_off();
}

TestSuite(zcdp, .init = quiet);

static void must(pv_status status)
{
    cr_assert_eq(status, PV_OK, "%s", err.message);
}

static void close_to(double got, double wanted, double relative,
                     const char *what)
{
    cr_assert(fabs(got - wanted) <= relative * fabs(wanted),
              "%s: %.15g, not %.15g", what, got, wanted);
}

/* --- the value --------------------------------------------------------------- */

/* The larger of Kullback and Leibler's divergences of the two worlds. */
static double kl(double fnr, double fpr)
{
    const double forth = (1 - fnr) * log((1 - fnr) / fpr) +
                         fnr * log(fnr / (1 - fpr));
    const double back = fpr * log(fpr / (1 - fnr)) +
                        (1 - fpr) * log((1 - fpr) / fnr);
    return fmax(forth, back);
}

/* The largest D_a / a by its definition, in long doubles, over 3,000 orders. */
static double brute(double fnr, double fpr)
{
    const long double in[2] = {1 - (long double)fnr, fnr};
    const long double out[2] = {fpr, 1 - (long double)fpr};
    long double best = 0;
    for (int i = 0; i < 3000; i++) {
        const long double t = expl(-14 + 28.0L * i / 3000), a = 1 + t;
        const long double d[2] = {logl(powl(in[0], a) * powl(out[0], -t) +
                                       powl(in[1], a) * powl(out[1], -t)),
                                  logl(powl(out[0], a) * powl(in[0], -t) +
                                       powl(out[1], a) * powl(in[1], -t))};
        for (int j = 0; j < 2; j++)
            if (isfinite(d[j]))
                best = fmaxl(best, d[j] / t / a);
    }
    return (double)best;
}

static const double some[] = {1e-9, 1e-5, 0.003, 0.1, 0.27, 0.5,
                              0.6,  0.8,  0.97,  1 - 1e-4};
enum { count = sizeof some / sizeof *some };

Test(zcdp, as_by_brute_force)
{
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++) {
            const double fnr = some[i], fpr = some[j];
            const double rho = pv_rho_of_rates(fnr, fpr);
            const double wanted = brute(fnr, fpr);
            cr_assert(rho >= wanted * (1 - 1e-9) - 1e-12 &&
                          rho <= wanted * (1 + 3e-5) + 1e-12,
                      "rates %g and %g: %.12g, not %.12g", fnr, fpr, rho,
                      wanted);
        }
}

Test(zcdp, kullback_and_leibler_are_below)
{
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++) {
            const double rho = pv_rho_of_rates(some[i], some[j]);
            cr_assert(rho >= (1 - 1e-9) * kl(some[i], some[j]) - 1e-15,
                      "rates %g and %g", some[i], some[j]);
        }
}

/* Nearly equal worlds: the log ratio is d / q(1 - q) times a Bernoulli variable
 * less its mean, whose moment generating function Kearns and Saul (1998) bound
 * by a Gaussian's of variance (1 - 2q) / (2 ln((1 - q) / q)), sharply. */
Test(zcdp, nearly_equal_worlds)
{
    for (int i = 0; i < count; i++)
        for (double d = 1e-4; d > 1e-9; d /= 10) {
            const double q = some[i], v = q * (1 - q);
            /* the numbers that the rates are: 1 - fnr rounds */
            const double fnr = 1 - (q + d * v), moved = 1 - fnr - q;
            const double ratio = moved / v;
            const double spread =
                fabs(q - 0.5) < 1e-9 ? 0.25
                                     : (1 - 2 * q) / (2 * log((1 - q) / q));
            if (d * v >= 1e-11)
                close_to(pv_rho_of_rates(fnr, q), ratio * ratio * spread / 2,
                         5 * d, "nearly equal worlds");
        }
}

Test(zcdp, grows_away_from_chance)
{
    for (int i = 0; i < count; i++) {
        double before = INFINITY;
        for (int j = 1; j <= 400; j++) {
            const double fpr = (1 - some[i]) * j / 400;
            const double rho = pv_rho_of_rates(some[i], fpr);
            cr_assert(rho < before || rho <= 1e-20, "rates %g and %g", some[i],
                      fpr);
            before = rho;
        }
        cr_assert(before <= 1e-20, "chance: %g", before);
    }
}

Test(zcdp, the_name_of_an_answer_is_nothing)
{
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++) {
            const double rho = pv_rho_of_rates(some[i], some[j]);
            close_to(pv_rho_of_rates(some[j], some[i]), rho, 1e-8, "worlds");
            if (some[i] > 1e-4 && some[j] > 1e-4)
                close_to(pv_rho_of_rates(1 - some[i], 1 - some[j]), rho, 1e-8,
                         "turned round");
        }
}

Test(zcdp, ends)
{
    cr_assert(isinf(pv_rho_of_rates(0, 0)));
    cr_assert(isinf(pv_rho_of_rates(0, 0.3)));
    cr_assert(isinf(pv_rho_of_rates(0.3, 0)));
    cr_assert(isinf(pv_rho_of_rates(1, 0.3)));
    cr_assert(isinf(pv_rho_of_rates(0.3, 1)));
    cr_assert(isinf(pv_rho_of_rates(1, 1)));
    cr_assert(pv_rho_of_rates(0, 1) <= 0 && pv_rho_of_rates(1, 0) <= 0);
    cr_assert(pv_rho_of_rates(0.25, 0.75) <= 0);
    cr_assert(isnan(pv_rho_of_rates(NAN, 0.5)));
    /* rates that doubles barely hold: finite, and more than an order-2 test of
     * rates a million times as large gives */
    const double tiny = pv_rho_of_rates(1e-300, 1e-300);
    cr_assert(isfinite(tiny) && tiny > pv_rho_of_rates(1e-294, 1e-294));
    close_to(tiny, kl(1e-300, 1e-300), 0.05, "nearly perfect");
}

/* --- never above the mechanism's --------------------------------------------- */

/* Thresholds of N(0, 1) against N(mu, 1), which is mu^2/2-zCDP. */
Test(zcdp, thresholds_of_a_gaussian)
{
    for (double mu = 0.01; mu < 12; mu *= 1.5) {
        double best = 0;
        for (int i = -200; i <= 200; i++) {
            const double x = mu / 2 + i * (6 + mu) / 200;
            const double fnr = gsl_cdf_ugaussian_P(x - mu);
            const double fpr = gsl_cdf_ugaussian_Q(x);
            const double rho = pv_rho_of_rates(fnr, fpr);
            if (fmax(fnr, fpr) > 1 - 1e-3)
                continue; /* 1 less it is known to too few digits */
            cr_assert(rho <= mu * mu / 2 * (1 + 1e-9),
                      "mu %g, threshold %g: %g", mu, x, rho);
            best = fmax(best, rho);
        }
        /* 2/pi at the centre of a small one, more in its tails */
        if (mu < 0.1) {
            const double error = gsl_cdf_ugaussian_P(-mu / 2);
            close_to(pv_rho_of_rates(error, error),
                     2 / acos(-1) * mu * mu / 2, 0.01, "the centre");
        }
        cr_assert(best > 0.8 * mu * mu / 2, "mu %g: %g", mu, best);
    }
}

/* P(N >= t), N of the discrete Gaussian, over sums of whole numbers. */
static double discrete_tail(double sigma2, int t)
{
    const int far = 20 + (int)(40 * sqrt(sigma2));
    double above = 0, all = 0;
    for (int x = -far; x <= far; x++) {
        const double p = exp(-x * (double)x / (2 * sigma2));
        all += p;
        above += x >= t ? p : 0;
    }
    return above / all;
}

Test(zcdp, thresholds_of_a_discrete_gaussian)
{
    for (double sigma2 = 0.1; sigma2 < 200; sigma2 *= 2) {
        const double rho = 1 / (2 * sigma2);
        double best = 0;
        for (int t = 1 - (int)(6 * sqrt(sigma2));
             t <= 1 + (int)(6 * sqrt(sigma2)); t++) {
            const double fpr = discrete_tail(sigma2, t);
            /* P(N <= t - 2), from the tail on the other side: no 1 - p */
            const double fnr = discrete_tail(sigma2, 2 - t);
            const double got = pv_rho_of_rates(fnr, fpr);
            cr_assert(got <= rho * (1 + 1e-9), "sigma2 %g, %d: %g above %g",
                      sigma2, t, got, rho);
            best = fmax(best, got);
        }
        cr_assert(best > 0.6 * rho, "sigma2 %g: %g of %g", sigma2, best, rho);
    }
}

/* Scores of `candidates` that move by at most 1, chosen with weights
 * exp(eps q / 2): any set of choices, by bounded range, has rho <= eps^2/8. */
Test(zcdp, choices_of_the_exponential_mechanism)
{
    enum { candidates = 5 };
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    double largest = 0;
    for (int trial = 0; trial < 4000; trial++) {
        const double epsilon = 0.05 * pow(100, gsl_rng_uniform(random));
        const double spread = 12 * gsl_rng_uniform(random);
        double sum[2] = {0, 0}, event[2] = {0, 0};
        for (int i = 0; i < candidates; i++) {
            const double q = spread * gsl_rng_uniform(random);
            const double moved = q + (gsl_rng_uniform(random) < 0.5 ? -1 : 1);
            const double w[2] = {exp(epsilon * q / 2), exp(epsilon * moved / 2)};
            for (int k = 0; k < 2; k++) {
                sum[k] += w[k];
                if (moved > q)
                    event[k] += w[k];
            }
        }
        const double in = event[1] / sum[1], out = event[0] / sum[0];
        const double rho = pv_rho_of_rates(1 - in, out);
        if (out <= 0 || out >= 1 - 1e-9)
            continue;
        cr_assert(rho <= epsilon * epsilon / 8 * (1 + 1e-9),
                  "epsilon %g: %g above %g", epsilon, rho,
                  epsilon * epsilon / 8);
        largest = fmax(largest, rho * 8 / (epsilon * epsilon));
    }
    gsl_rng_free(random);
    cr_assert_gt(largest, 0.9, "%g: too far to be a test", largest);
}

/* --- the bound ---------------------------------------------------------------- */

Test(zcdp, bound_of_counts)
{
    double before = 0, rho;
    for (double n = 100; n < 1e9; n *= 10) {
        const pv_confusion c = {0.7 * n, 0.2 * n, 0.8 * n, 0.3 * n};
        const pv_confusion turned = {0.3 * n, 0.8 * n, 0.2 * n, 0.7 * n};
        const pv_confusion chance = {0.7 * n, 0.7 * n, 0.3 * n, 0.3 * n};
        double strict, other;
        must(pv_rho_clopper_pearson(&c, 0.1, &rho, &err));
        must(pv_rho_clopper_pearson(&c, 1e-4, &strict, &err));
        must(pv_rho_clopper_pearson(&turned, 0.1, &other, &err));
        cr_assert(strict < rho && before < rho &&
                  rho < pv_rho_of_rates(0.3, 0.2), "%g runs: %g", n, rho);
        close_to(other, rho, 1e-8, "turned round");
        must(pv_rho_clopper_pearson(&chance, 0.1, &other, &err));
        cr_assert(other <= 0);
        before = rho;
    }
    close_to(rho, pv_rho_of_rates(0.3, 0.2), 1e-3, "many runs");
    /* a perfect attack: finite, and more with more runs */
    const pv_confusion few = {50, 0, 50, 0}, many = {5000, 0, 5000, 0};
    must(pv_rho_clopper_pearson(&few, 0.1, &before, &err));
    must(pv_rho_clopper_pearson(&many, 0.1, &rho, &err));
    cr_assert(before > 1 && rho > before && isfinite(rho));
}

Test(zcdp, errors)
{
    static const pv_confusion wrong[] = {
        {-1, 1, 1, 1}, {1, NAN, 1, 1}, {0, 1, 1, 0}, {1, 0, 0, 1}};
    const pv_confusion fine = {5, 5, 5, 5};
    double rho;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert_eq(pv_rho_clopper_pearson(&wrong[i], 0.1, &rho, &err),
                     PV_EINVAL);
    cr_assert_eq(pv_rho_clopper_pearson(&fine, 0, &rho, &err), PV_EINVAL);
    cr_assert_eq(pv_rho_clopper_pearson(&fine, 1, &rho, NULL), PV_EINVAL);
}
