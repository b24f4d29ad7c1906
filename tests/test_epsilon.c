#include "audit/epsilon/estimate.h"
#include "core/memory.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pv_error err;

static void quiet(void)
{
    (void)gsl_set_error_handler_off();
}

TestSuite(epsilon, .init = quiet);

static void must(pv_status status)
{
    cr_assert_eq(status, PV_OK, "%s", err.message);
}

static void near(double got, double wanted, double within, const char *what,
                 const char *line)
{
    cr_assert((isinf(wanted) && isinf(got)) || fabs(got - wanted) <= within,
              "%s: %.12g, not %.12g: %s", what, got, wanted, line);
}

/* --- reference numbers ----------------------------------------------------- */

typedef void check_fn(const double *v, const char *line);

/* Calls `check` with the numbers of each line; false, loudly, without a file. */
static size_t each_line(const char *name, size_t columns, check_fn *check)
{
    const char *shared = getenv("PRIVET_SHARED");
    char *path = pv_sprintf_alloc("%s/vectors/%s", shared != NULL ? shared : "../shared", name);
    FILE *file = fopen(path, "r");
    char line[1024];
    size_t lines = 0;
    if (file == NULL || fgets(line, sizeof line, file) == NULL) {
        (void)fprintf(stderr, "SKIPPED: no reference numbers at %s\n", path);
        free(path);
        return SIZE_MAX;
    }
    for (; fgets(line, sizeof line, file) != NULL; lines++) {
        double v[32] = {0};
        char *at = line;
        for (size_t i = 0; i < columns; i++) {
            char *end;
            v[i] = strtod(at, &end);
            cr_assert(end != at, "%s: %s", path, line);
            at = end + (*end == ',');
        }
        check(v, line);
    }
    (void)fclose(file);
    free(path);
    return lines;
}

static void check_bayes(const double *v, const char *line)
{
    const pv_confusion counts = {v[0], v[1], v[2], v[3]};
    const double delta = v[4], alpha = v[5];
    pv_epsilon_posterior p;
    pv_epsilon_interval i;
    double cdf, density;
    must(pv_epsilon_bayes(&counts, delta, alpha, PV_PRIOR_JEFFREYS, &p, &err));
    near(p.lo, v[6], 1e-6, "bayes_lo", line);
    near(p.hi, v[7], 1e-6, "bayes_hi", line);
    near(p.median, v[8], 1e-6, "bayes_median", line);
    near(p.onesided_lo, v[9], 1e-6, "bayes_onesided_lo", line);
    must(pv_epsilon_bayes(&counts, delta, alpha, PV_PRIOR_UNIFORM, &p, &err));
    near(p.lo, v[10], 1e-6, "bayes_uniform_lo", line);
    near(p.hi, v[11], 1e-6, "bayes_uniform_hi", line);
    for (int e = 0; e < 2; e++) {
        must(pv_epsilon_posterior_at(&counts, delta, PV_PRIOR_JEFFREYS, e,
                                     &cdf, &density, &err));
        near(cdf, v[12 + e], 1e-8, "p_eps_le", line);
    }
    must(pv_epsilon_clopper_pearson(&counts, delta, alpha, &i, &err));
    near(i.lo, v[17], 1e-8, "cp_lo", line);
    near(i.hi, v[18], 1e-8, "cp_hi", line);
    must(pv_epsilon_jeffreys(&counts, delta, alpha, &i, &err));
    near(i.lo, v[19], 1e-8, "jeff_lo", line);
    near(i.hi, v[20], 1e-8, "jeff_hi", line);
}

Test(epsilon, posterior_as_in_the_reference)
{
    cr_assert_gt(each_line("bayes_vectors.csv", 21, check_bayes), 5);
}

static void check_gdp(const double *v, const char *line)
{
    const pv_confusion counts = {v[0], v[1], v[2], v[3]};
    pv_epsilon_interval i;
    double mu, epsilon;
    must(pv_epsilon_clopper_pearson(&counts, v[4], v[5], &i, &err));
    near(i.fpr[1], v[6], 1e-8, "fpr_up", line);
    near(i.fnr[1], v[7], 1e-8, "fnr_up", line);
    near(i.lo, v[10], 1e-8, "eps_lo_cp", line);
    must(pv_epsilon_gdp(&counts, v[4], v[5], &mu, &epsilon, &err));
    near(mu, v[8], 1e-8, "mu_lo", line);
    near(epsilon, v[9], 1e-8, "eps_lo_gdp", line);
}

Test(epsilon, gdp_as_in_the_reference)
{
    cr_assert_gt(each_line("gdp_vectors.csv", 11, check_gdp), 3);
}

static void check_one_run(const double *v, const char *line)
{
    const pv_one_run run = {(uint64_t)v[0], (uint64_t)v[1], (uint64_t)v[2]};
    double epsilon, p;
    must(pv_epsilon_one_run(&run, v[3], v[4], &epsilon, &err));
    near(epsilon, v[5], 1e-8, "eps_lb", line);
    must(pv_one_run_p_value(&run, 1, v[3], &p, &err));
    near(p, v[6], 1e-8, "pvalue_at_eps1", line);
}

Test(epsilon, one_run_as_in_the_reference)
{
    cr_assert_gt(each_line("one_run_vectors.csv", 7, check_one_run), 10);
}

/* --- the posterior against brute force ------------------------------------- */

enum { grid = 700 };

/* The masses of equal steps of theta, x = sin^2 theta, under Beta(a, b). */
static void masses(double a, double b, double mass[grid], double middle[grid])
{
    double below = 0;
    for (int i = 0; i < grid; i++) {
        const double end = sin(acos(-1) / 2 * (i + 1) / grid);
        const double centre = sin(acos(-1) / 2 * (i + 0.5) / grid);
        const double p = i + 1 == grid ? 1 : gsl_cdf_beta_P(end * end, a, b);
        mass[i] = p - below;
        middle[i] = centre * centre;
        below = p;
    }
}

/* P(eps of the rates <= epsilon), summed over the square of rates. */
static double brute(const pv_confusion *c, double delta, double add,
                    double epsilon)
{
    static double x_mass[grid], x[grid], y_mass[grid], y[grid];
    double sum = 0;
    masses(add + c->fn, add + c->tp, x_mass, x);
    masses(add + c->fp, add + c->tn, y_mass, y);
    for (int i = 0; i < grid; i++)
        for (int j = 0; j < grid; j++)
            if (pv_epsilon_of_rates(x[i], y[j], delta) <= epsilon)
                sum += x_mass[i] * y_mass[j];
    return sum;
}

Test(epsilon, posterior_is_that_of_the_square)
{
    static const pv_confusion some[] = {
        {1, 0, 1, 0}, {1, 1, 1, 1}, {0, 3, 0, 3},   {5, 1, 9, 2},
        {0, 0, 7, 4}, {3, 8, 0, 0}, {40, 30, 2, 11}};
    static const double deltas[] = {0, 1e-5, 0.05, 0.4};
    static const double epsilons[] = {0.1, 0.7, 2, 5};
    for (size_t c = 0; c < sizeof some / sizeof *some; c++)
        for (size_t d = 0; d < 4; d++)
            for (size_t e = 0; e < 4; e++) {
                double cdf, density;
                for (int uniform = 0; uniform < 2; uniform++) {
                    must(pv_epsilon_posterior_at(
                        &some[c], deltas[d],
                        uniform ? PV_PRIOR_UNIFORM : PV_PRIOR_JEFFREYS,
                        epsilons[e], &cdf, &density, &err));
                    const double wanted = brute(&some[c], deltas[d],
                                                uniform ? 1 : 0.5, epsilons[e]);
                    cr_assert_float_eq(cdf, wanted, 4e-3,
                                       "counts %zu, delta %g, epsilon %g: %g, "
                                       "not %g",
                                       c, deltas[d], epsilons[e], cdf, wanted);
                }
            }
}

/* The derivative is that of differences; F grows from 0 (or its atom) to 1. */
Test(epsilon, density_is_the_derivative)
{
    static const pv_confusion some[] = {
        {1, 0, 1, 0}, {30, 10, 20, 0}, {900, 100, 900, 100}, {3, 8, 0, 0}};
    static const double deltas[] = {0, 1e-5, 0.2};
    for (size_t c = 0; c < 4; c++)
        for (size_t d = 0; d < 3; d++) {
            double before = 0;
            for (double e = 0.05; e < 12; e *= 1.3) {
                const double h = 1e-3;
                double f[3], g[3];
                for (int i = 0; i < 3; i++)
                    must(pv_epsilon_posterior_at(
                        &some[c], deltas[d], PV_PRIOR_JEFFREYS,
                        e + (i - 1) * h, &f[i], &g[i], &err));
                cr_assert(f[0] >= before - 1e-8 && f[1] >= f[0] - 1e-8);
                cr_assert(f[2] <= 1);
                cr_assert_float_eq((f[2] - f[0]) / (2 * h), g[1],
                                   1e-3 * (1 + g[1]), "counts %zu delta %g "
                                   "eps %g: %g, not %g", c, deltas[d], e,
                                   (f[2] - f[0]) / (2 * h), g[1]);
                before = f[1];
            }
        }
}

static double draw(const gsl_rng *random, const double *cell, double delta)
{
    double p[4];
    gsl_ran_dirichlet(random, 4, cell, p);
    return pv_epsilon_of_rates(p[3] / (p[3] + p[0]), p[1] / (p[1] + p[2]),
                               delta);
}

/* Random challenge bits: the joint Dirichlet posterior gives the same law. */
Test(epsilon, dirichlet_cells_give_the_same_posterior)
{
    enum { draws = 100000 };
    const pv_confusion c = {50, 20, 80, 50};
    const double cell[4] = {50.5, 20.5, 80.5, 50.5};
    pv_epsilon_posterior p;
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    int below[3] = {0, 0, 0};
    must(pv_epsilon_bayes(&c, 0.01, 0.1, PV_PRIOR_JEFFREYS, &p, &err));
    for (int i = 0; i < draws; i++) {
        const double e = draw(random, cell, 0.01);
        below[0] += e < p.lo;
        below[1] += e < p.median;
        below[2] += e < p.hi;
    }
    gsl_rng_free(random);
    cr_assert(abs(below[0] - draws / 20) < 400, "%d", below[0]);
    cr_assert(abs(below[1] - draws / 2) < 800, "%d", below[1]);
    cr_assert(abs(below[2] - draws * 19 / 20) < 400, "%d", below[2]);
}

/* --- order, ends ----------------------------------------------------------- */

Test(epsilon, of_rates)
{
    cr_assert_float_eq(pv_epsilon_of_rates(0.1, 0.2, 0), log(8), 1e-14);
    cr_assert_float_eq(pv_epsilon_of_rates(0.9, 0.8, 0), log(8), 1e-14);
    cr_assert_float_eq(pv_epsilon_of_rates(0.2, 0.1, 0.3), log(5), 1e-14);
    cr_assert(pv_epsilon_of_rates(0.5, 0.5, 0) == 0);
    cr_assert(pv_epsilon_of_rates(0.4, 0.5, 0.2) == 0);
    cr_assert(isinf(pv_epsilon_of_rates(0, 0.5, 0.1)));
    cr_assert(pv_epsilon_of_rates(0, 1, 0) == 0);
    cr_assert(pv_epsilon_of_rates(0, 0.95, 0.1) == 0);
}

static void everything(const pv_confusion *c, double delta, double alpha,
                       double value[8])
{
    pv_epsilon_posterior p;
    pv_epsilon_interval cp, j;
    must(pv_epsilon_bayes(c, delta, alpha, PV_PRIOR_JEFFREYS, &p, &err));
    must(pv_epsilon_clopper_pearson(c, delta, alpha, &cp, &err));
    must(pv_epsilon_jeffreys(c, delta, alpha, &j, &err));
    must(pv_epsilon_gdp(c, delta, alpha, &value[6], &value[7], &err));
    value[0] = p.lo;
    value[1] = p.median;
    value[2] = p.hi;
    value[3] = cp.lo;
    value[4] = j.lo;
    value[5] = cp.hi;
    cr_assert(0 <= p.lo && p.lo <= p.onesided_lo);
    cr_assert(p.onesided_lo <= p.median && p.median <= p.hi);
    cr_assert(cp.lo <= j.lo + 1e-12 && j.lo <= j.hi && j.hi <= cp.hi);
}

/* Fewer errors, smaller delta, larger alpha: lower ends grow. */
Test(epsilon, ends_are_ordered)
{
    double before[8] = {0}, now[8];
    for (int errors = 60; errors >= 0; errors -= 5) {
        const pv_confusion c = {200 - errors, errors, 200 - errors, errors};
        everything(&c, 1e-5, 0.1, now);
        for (int i = 0; i < 8; i++)
            cr_assert(errors == 60 || now[i] >= before[i], "%d errors", errors);
        memcpy(before, now, sizeof now);
    }
    const pv_confusion c = {180, 20, 160, 40};
    for (double delta = 0.9; delta > 1e-9; delta /= 3) {
        everything(&c, delta, 0.1, now);
        for (int i = 0; i < 8; i++)
            cr_assert(delta > 0.8 || now[i] >= before[i] - 1e-9, "delta %g, "
                      "number %d: %g < %g", delta, i, now[i], before[i]);
        memcpy(before, now, sizeof now);
    }
    for (double alpha = 1e-6; alpha < 0.5; alpha *= 2) {
        everything(&c, 0.01, alpha, now);
        cr_assert(alpha < 2e-6 || (now[0] > before[0] && now[3] > before[3]));
        memcpy(before, now, sizeof now);
    }
}

Test(epsilon, ends_that_are_none)
{
    const pv_confusion coin = {500, 500, 500, 500}, perfect = {9, 0, 9, 0};
    double v[8], largest;
    everything(&coin, 0, 0.1, v);
    cr_assert(v[0] > 0 && v[3] == 0 && v[7] == 0);
    everything(&coin, 0.3, 0.1, v);
    cr_assert(v[0] == 0 && v[1] == 0 && v[2] == 0 && v[5] == 0);
    everything(&perfect, 0, 0.1, v);
    cr_assert(isinf(v[5]) && isinf(v[7]) && isfinite(v[2]));
    must(pv_epsilon_largest(9, 9, 0, 0.1, &largest, &err));
    cr_assert_float_eq(v[3], largest, 1e-10);
    /* as in the table of doc/metrics.md */
    static const double table[][2] = {{100, 3.28}, {1000, 5.60}, {1e5, 10.21}};
    for (int i = 0; i < 3; i++) {
        must(pv_epsilon_largest(table[i][0], table[i][0], 0, 0.1, &largest,
                                &err));
        cr_assert_float_eq(largest, table[i][1], 5e-3);
    }
    must(pv_epsilon_largest(1, 1, 0, 0.1, &largest, &err));
    cr_assert(largest == 0);
    /* turned round, the same */
    const pv_confusion good = {90, 5, 80, 3}, bad = {3, 80, 5, 90};
    double w[8];
    everything(&good, 1e-5, 0.1, v);
    everything(&bad, 1e-5, 0.1, w);
    for (int i = 0; i < 6; i++)
        cr_assert_float_eq(v[i], w[i], 1e-7);
}

Test(epsilon, large_and_lopsided_counts)
{
    static const pv_confusion some[] = {{9e5, 1e5, 9e5, 1e5},
                                        {1e6, 1e6, 1e6, 1e6},
                                        {1e7, 0, 1, 0},
                                        {0, 1e6, 1, 1e6},
                                        {1, 0, 1e8, 3}};
    double v[8];
    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        everything(&some[i], 1e-9, 0.05, v);
    const pv_confusion thin = pv_confusion_thin(&some[0], 100);
    cr_assert_float_eq(thin.tp, 9e3, 1e-9);
    cr_assert_float_eq(pv_confusion_thin(&thin, 0.5).fn, 1e3, 1e-9);
    everything(&thin, 1e-9, 0.05, v);
}

/* --- Gaussian, one run ------------------------------------------------------ */

Test(epsilon, of_mu_and_back)
{
    for (double mu = 0.05; mu < 20; mu *= 2)
        for (double delta = 1e-9; delta < 0.02; delta *= 50) {
            const double e = pv_epsilon_of_mu(mu, delta);
            const double by_definition =
                gsl_cdf_ugaussian_P(-e / mu + mu / 2) -
                exp(e) * gsl_cdf_ugaussian_P(-e / mu - mu / 2);
            cr_assert(e == 0 || fabs(by_definition / delta - 1) < 1e-6);
            if (e > 0)
                cr_assert_float_eq(pv_mu_of_epsilon(e, delta), mu, 1e-9 * mu);
        }
    cr_assert_float_eq(pv_mu_of_epsilon(1, 0.01), 0.5325, 1e-4);
    cr_assert_float_eq(pv_mu_of_rho(0.5), 1, 1e-15);
    cr_assert(pv_epsilon_of_mu(0, 0.1) == 0 && pv_epsilon_of_mu(-1, 0) == 0);
    cr_assert(isinf(pv_epsilon_of_mu(1, 0)));
    cr_assert(pv_epsilon_of_mu(0.1, 0.5) == 0);
    cr_assert(isnan(pv_mu_of_epsilon(1, 0)) && isnan(pv_mu_of_epsilon(-1, 1)));
    cr_assert(isnan(pv_mu_of_rho(-1)) && isnan(pv_epsilon_of_mu(NAN, 0.1)));
}

/* Term by term, as the theorem has it. */
static double p_value_by_definition(unsigned m, unsigned r, unsigned v,
                                    double epsilon, double delta)
{
    const double q = 1 / (1 + exp(-epsilon));
    double mass[64], at_least[66] = {0}, worst = 0;
    for (unsigned j = 0; j <= r; j++)
        mass[j] = gsl_ran_binomial_pdf(j, q, r);
    for (unsigned j = r + 1; j-- > 0;)
        at_least[j] = at_least[j + 1] + mass[j];
    for (unsigned i = 1; i <= v; i++)
        worst = fmax(worst, (at_least[v - i] - at_least[v]) / i);
    return fmin(1, at_least[v] + 2 * m * delta * worst);
}

Test(epsilon, one_run_by_definition)
{
    for (unsigned r = 1; r <= 60; r += 7)
        for (unsigned v = 0; v <= r; v += 1 + r / 9)
            for (double e = 0; e < 8; e += 0.9) {
                const pv_one_run run = {100, r, v};
                double p;
                must(pv_one_run_p_value(&run, e, 1e-3, &p, &err));
                cr_assert_float_eq(p, p_value_by_definition(100, r, v, e, 1e-3),
                                   1e-11, "r %u v %u eps %g: %g", r, v, e, p);
            }
}

Test(epsilon, one_run_of_many_guesses)
{
    for (uint64_t n = 100000; n <= 100000000; n *= 10) {
        const pv_one_run run = {n, n, n / 4 * 3};
        /* nearly normal: q of 3/4 less 1.645 deviations */
        const double q = 0.75 - 1.6449 * sqrt(0.1875 / (double)n);
        double epsilon;
        must(pv_epsilon_one_run(&run, 0, 0.05, &epsilon, &err));
        cr_assert_float_eq(epsilon, log(q / (1 - q)), 1 / (double)n * 20,
                           "%g", epsilon);
    }
}

/* Each coin moves the mean of a unit normal by mu: the sign of the sum is
 * guessed. What is refuted too often would be no bound. */
Test(epsilon, one_run_of_a_gaussian_is_rarely_refuted)
{
    enum { games = 1000, coins = 150 };
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    for (double mu = 0.3; mu < 3; mu *= 3) {
        int refuted = 0;
        double mean = 0;
        for (int g = 0; g < games; g++) {
            pv_one_run run = {coins, coins, 0};
            double lo;
            for (int i = 0; i < coins; i++)
                run.correct += gsl_ran_ugaussian(random) < mu / 2;
            must(pv_mu_one_run(&run, 0.05, &lo, &err));
            refuted += lo > mu;
            mean += lo / games;
        }
        cr_assert(refuted <= 70, "mu %g: %d of %d", mu, refuted, games);
        cr_assert(mean < mu, "mu %g", mu);
    }
    gsl_rng_free(random);
    double before = 0;
    for (uint64_t v = 50; v <= 100; v += 5) {
        const pv_one_run run = {1000, 100, v};
        double mu;
        must(pv_mu_one_run(&run, 0.05, &mu, &err));
        cr_assert(mu >= before && (v > 50 || mu <= 0));
        before = mu;
    }
    cr_assert_gt(before, 1);
}

/* --- errors ----------------------------------------------------------------- */

static void refused(const pv_confusion *c, double delta, double alpha,
                    pv_status wanted)
{
    pv_epsilon_posterior p;
    pv_epsilon_interval i;
    double mu, e;
    cr_assert_eq(pv_epsilon_bayes(c, delta, alpha, PV_PRIOR_UNIFORM, &p, &err),
                 wanted);
    if (wanted != PV_EINVAL)
        return;
    cr_assert_eq(pv_epsilon_clopper_pearson(c, delta, alpha, &i, &err), wanted);
    cr_assert_eq(pv_epsilon_jeffreys(c, delta, alpha, &i, &err), wanted);
    cr_assert_eq(pv_epsilon_gdp(c, delta, alpha, &mu, &e, &err), wanted);
    cr_assert_eq(pv_epsilon_check(c, delta, alpha, NULL), wanted);
}

Test(epsilon, errors)
{
    static const pv_confusion wrong[] = {{-1, 1, 1, 1},  {1, 1, NAN, 1},
                                         {1, 2e9, 1, 1}, {0, 1, 1, 0},
                                         {1, 0, 0, 1},   {1, 1, 1, INFINITY}};
    const pv_confusion fine = {5, 5, 5, 5};
    const pv_one_run run = {10, 10, 8};
    static const pv_one_run bad[] = {
        {10, 0, 0}, {10, 11, 5}, {10, 5, 6}, {UINT64_C(1) << 40, 5, 5}};
    double x, y;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        refused(&wrong[i], 0, 0.1, PV_EINVAL);
    refused(&fine, -0.1, 0.1, PV_EINVAL);
    refused(&fine, 1, 0.1, PV_EINVAL);
    refused(&fine, NAN, 0.1, PV_EINVAL);
    refused(&fine, 0, 0, PV_EINVAL);
    refused(&fine, 0, 1, PV_EINVAL);
    refused(&fine, 0, 1e-8, PV_ENUMERIC);
    cr_assert_eq(pv_epsilon_posterior_at(&fine, 0, PV_PRIOR_JEFFREYS, -1, &x,
                                         &y, &err), PV_EINVAL);
    cr_assert_eq(pv_epsilon_posterior_at(&fine, 0, PV_PRIOR_JEFFREYS, 701, &x,
                                         &y, &err), PV_EINVAL);
    cr_assert_eq(pv_epsilon_largest(0, 5, 0, 0.1, &x, &err), PV_EINVAL);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert_eq(pv_epsilon_one_run(&bad[i], 0, 0.05, &x, &err), PV_EINVAL);
        cr_assert_eq(pv_mu_one_run(&bad[i], 0.05, &x, &err), PV_EINVAL);
    }
    cr_assert_eq(pv_epsilon_one_run(&run, 0, 0, &x, &err), PV_EINVAL);
    cr_assert_eq(pv_epsilon_one_run(&run, 1, 0.05, &x, &err), PV_EINVAL);
    cr_assert_eq(pv_mu_one_run(&run, 1, &x, &err), PV_EINVAL);
    cr_assert_eq(pv_one_run_p_value(&run, -1, 0, &x, &err), PV_EINVAL);
}
