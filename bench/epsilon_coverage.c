/* epsilon_coverage - how often a lower end lies above the true epsilon.
 *
 * 800 audits of a randomised response and of a Gaussian at epsilon 1 and 4, 500
 * and 2,000 runs a world, alpha 0.1: nominal is 0.05. The Gaussian's threshold
 * is that of the largest epsilon, so that the truth can be reached. */
#include "audit/epsilon/estimate.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { audits = 800, estimators = 4 };

static pv_error err;

static void must(pv_status status)
{
    if (status == PV_OK)
        return;
    (void)fprintf(stderr, "epsilon_coverage: %s\n", err.message);
    exit(1);
}

typedef struct mechanism {
    const char *name;
    double epsilon, delta, fnr, fpr;
    bool gaussian;
} mechanism;

static mechanism randomised_response(double epsilon)
{
    const double wrong = 1 / (1 + exp(epsilon));
    return (mechanism){"randomised response", epsilon, 0, wrong, wrong, false};
}

/* N(0, 1) or N(mu, 1), (epsilon, delta)-DP exactly, guessed in above x where
 * the densities' ratio is e^epsilon: no other threshold shows more. */
static mechanism gaussian(double epsilon, double delta)
{
    const double mu = pv_mu_of_epsilon(epsilon, delta);
    const double x = epsilon / mu + mu / 2;
    return (mechanism){"Gaussian",
                       epsilon,
                       delta,
                       gsl_cdf_ugaussian_P(x - mu),
                       gsl_cdf_ugaussian_Q(x),
                       true};
}

static void run(const mechanism *m, unsigned n, gsl_rng *random)
{
    int above[estimators] = {0};
    double mean[estimators] = {0};
    for (int i = 0; i < audits; i++) {
        const double fn = gsl_ran_binomial(random, m->fnr, n);
        const double fp = gsl_ran_binomial(random, m->fpr, n);
        const pv_confusion c = {n - fn, fp, n - fp, fn};
        pv_epsilon_posterior p;
        pv_epsilon_interval cp, j;
        double mu, lo[estimators] = {0};
        must(pv_epsilon_bayes(&c, m->delta, 0.1, PV_PRIOR_JEFFREYS, &p, &err));
        must(pv_epsilon_clopper_pearson(&c, m->delta, 0.1, &cp, &err));
        must(pv_epsilon_jeffreys(&c, m->delta, 0.1, &j, &err));
        if (m->gaussian)
            must(pv_epsilon_gdp(&c, m->delta, 0.1, &mu, &lo[3], &err));
        lo[0] = p.lo;
        lo[1] = cp.lo;
        lo[2] = j.lo;
        for (int e = 0; e < estimators; e++) {
            above[e] += lo[e] > m->epsilon;
            mean[e] += lo[e] / audits;
        }
    }
    (void)printf("%-20s %3g %6.0e %5u", m->name, m->epsilon, m->delta, n);
    for (int e = 0; e < (m->gaussian ? estimators : 3); e++)
        (void)printf("  %.3f %6.3f", (double)above[e] / audits, mean[e]);
    (void)printf("\n");
    (void)fflush(stdout);
}

int main(void)
{
    static const double epsilon[] = {1, 4};
    static const unsigned size[] = {500, 2000};
    (void)gsl_set_error_handler_off();
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    (void)printf("P(lower > true), mean lower; %d audits, nominal 0.05\n"
                 "%-20s %3s %6s %5s  %-12s  %-12s  %-12s  %-12s\n",
                 audits, "mechanism", "eps", "delta", "runs", "Bayes",
                 "Clop.-P.", "Jeffreys", "GDP");
    for (size_t e = 0; e < 2; e++)
        for (size_t n = 0; n < 2; n++) {
            const mechanism all[] = {randomised_response(epsilon[e]),
                                     gaussian(epsilon[e], 1e-2)};
            for (size_t m = 0; m < 2; m++)
                run(&all[m], size[n], random);
        }
    gsl_rng_free(random);
    return 0;
}
