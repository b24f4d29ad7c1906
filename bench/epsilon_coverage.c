/* epsilon_coverage - how often an end of an interval is on the wrong side of the
 * truth, and how wide intervals are, as tables of Markdown.
 *
 * 800 audits each of a randomised response and of a Gaussian, alpha 0.1: nominal
 * is 0.05 for each end. The Gaussian is guessed "in" above x where the densities'
 * ratio is e^epsilon, fixed in advance: no other threshold shows a larger
 * epsilon. Fails when a bound that may accuse errs more often than chance lets
 * one of that level. */
#include "audit/epsilon/estimate.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { audits = 800 };

static const double alpha = 0.1;
static pv_error err;
static gsl_rng *noise;

static void must(pv_status status)
{
    if (status == PV_OK)
        return;
    (void)fprintf(stderr, "epsilon_coverage: %s\n", err.message);
    exit(1);
}

/* --- mechanisms ------------------------------------------------------------- */

typedef struct mechanism {
    const char *name;
    double epsilon, delta, rho;
    double mu;       /* 0: not Gaussian */
    double fnr, fpr; /* of a run each */
    unsigned runs;   /* a world, and canaries of one run */
} mechanism;

static mechanism randomised_response(double epsilon, unsigned runs)
{
    const double wrong = 1 / (1 + exp(epsilon));
    return (mechanism){"RR", epsilon, 0, pv_rho_of_rates(wrong, wrong),
                       0,    wrong,   wrong, runs};
}

static mechanism gaussian(double epsilon, double delta, unsigned runs)
{
    const double mu = pv_mu_of_epsilon(epsilon, delta);
    const double x = epsilon / mu + mu / 2;
    return (mechanism){"Gaussian",
                       epsilon,
                       delta,
                       mu * mu / 2,
                       mu,
                       gsl_cdf_ugaussian_P(x - mu),
                       gsl_cdf_ugaussian_Q(x),
                       runs};
}

static pv_confusion play(const mechanism *m)
{
    const double n = m->runs;
    const double fn = gsl_ran_binomial(noise, m->fnr, m->runs);
    const double fp = gsl_ran_binomial(noise, m->fpr, m->runs);
    return (pv_confusion){n - fn, fp, n - fp, fn};
}

static int descending(const void *left, const void *right)
{
    const double a = fabs(*(const double *)left);
    const double b = fabs(*(const double *)right);
    return a > b ? -1 : a < b;
}

/* A coin for each canary, all of them guessed; of the Gaussian the fifth that is
 * furthest from the middle of the two means. A score is above 0 when the guess by
 * it is right. */
static pv_one_run play_once(const mechanism *m)
{
    enum { most = 2000 };
    pv_one_run run = {m->runs, m->runs, 0};
    double score[most];
    if (m->mu <= 0) {
        run.correct = gsl_ran_binomial(noise, 1 - m->fnr, m->runs);
        return run;
    }
    for (unsigned i = 0; i < m->runs; i++)
        score[i] = m->mu / 2 + gsl_ran_ugaussian(noise);
    qsort(score, m->runs, sizeof *score, descending);
    run.guesses = m->runs / 5;
    for (uint64_t i = 0; i < run.guesses; i++)
        run.correct += score[i] > 0;
    return run;
}

/* --- coverage ---------------------------------------------------------------- */

enum {
    bayes,
    bayes_onesided,
    uniform,
    clopper_pearson,
    jeffreys,
    gdp,
    zcdp,
    one_run,
    one_run_gdp,
    kinds
};

static const struct {
    const char *name, *error;
    bool accuses, two_sided, of_gaussians;
} kind[kinds] = {
    [bayes] = {"Bayes `lo`, `hi`", "α/2", false, true, false},
    [bayes_onesided] = {"Bayes `onesided_lo`", "α", false, false, false},
    [uniform] = {"Bayes, uniform prior", "α/2", false, true, false},
    [clopper_pearson] = {"Clopper–Pearson", "α/2", true, true, false},
    [jeffreys] = {"Jeffreys", "α/2", false, true, false},
    [gdp] = {"μ-GDP", "α/2", true, false, true},
    [zcdp] = {"ρ of zCDP", "α/2", true, false, false},
    [one_run] = {"one run", "α/2", true, false, false},
    [one_run_gdp] = {"one run, μ-GDP", "α/2", true, false, true},
};

/* Adds to wrong[k][0] where the lower end is above the truth, to wrong[k][1]
 * where the upper is below. */
static void audit(const mechanism *m, int wrong[kinds][2])
{
    const pv_confusion c = play(m);
    const pv_one_run run = play_once(m);
    const double e = m->epsilon, d = m->delta;
    pv_epsilon_posterior p, u;
    pv_epsilon_interval cp, j;
    double mu, epsilon, rho;
    must(pv_epsilon_bayes(&c, d, alpha, PV_PRIOR_JEFFREYS, &p, &err));
    wrong[bayes][0] += p.lo > e;
    wrong[bayes][1] += p.hi < e;
    wrong[bayes_onesided][0] += p.onesided_lo > e;
    must(pv_epsilon_bayes(&c, d, alpha, PV_PRIOR_UNIFORM, &u, &err));
    wrong[uniform][0] += u.lo > e;
    wrong[uniform][1] += u.hi < e;
    must(pv_epsilon_clopper_pearson(&c, d, alpha, &cp, &err));
    wrong[clopper_pearson][0] += cp.lo > e;
    wrong[clopper_pearson][1] += cp.hi < e;
    must(pv_epsilon_jeffreys(&c, d, alpha, &j, &err));
    wrong[jeffreys][0] += j.lo > e;
    wrong[jeffreys][1] += j.hi < e;
    must(pv_rho_clopper_pearson(&c, alpha, &rho, &err));
    wrong[zcdp][0] += rho > m->rho;
    must(pv_epsilon_one_run(&run, d, alpha / 2, &epsilon, &err));
    wrong[one_run][0] += epsilon > e;
    if (m->mu <= 0)
        return;
    must(pv_epsilon_gdp(&c, d, alpha, &mu, &epsilon, &err));
    wrong[gdp][0] += mu > m->mu;
    must(pv_mu_one_run(&run, alpha / 2, &mu, &err));
    wrong[one_run_gdp][0] += mu > m->mu;
}

/* Whether `wrong` of the audits is no more than chance lets a bound have. */
static bool fair(int wrong)
{
    return gsl_cdf_binomial_Q((unsigned)wrong, alpha / 2, audits) > 1e-4;
}

/* One table: a row an interval, a column a mechanism. false: a bound that may
 * accuse does so too often. */
static bool coverage(const mechanism *m, size_t mechanisms)
{
    static int wrong[8][kinds][2];
    bool good = true;
    (void)printf("| P(lower > truth), P(upper < truth) | nominal |");
    for (size_t i = 0; i < mechanisms; i++) {
        (void)printf(" %s ε=%g, n=%u |", m[i].name, m[i].epsilon, m[i].runs);
        for (int a = 0; a < audits; a++)
            audit(&m[i], wrong[i]);
    }
    (void)printf("\n|---|---|");
    for (size_t i = 0; i < mechanisms; i++)
        (void)printf("---|");
    for (int k = 0; k < kinds; k++) {
        (void)printf("\n| %s%s | %s |", kind[k].name,
                     kind[k].accuses ? " (accuses)" : "", kind[k].error);
        for (size_t i = 0; i < mechanisms; i++) {
            const int *w = wrong[i][k];
            if (kind[k].of_gaussians && m[i].mu <= 0)
                (void)printf(" |");
            else if (kind[k].two_sided)
                (void)printf(" %.3f, %.3f |", (double)w[0] / audits,
                             (double)w[1] / audits);
            else
                (void)printf(" %.3f |", (double)w[0] / audits);
            good &= !kind[k].accuses || fair(w[0]);
        }
    }
    (void)printf("\n\n");
    return good;
}

/* --- widths ------------------------------------------------------------------- */

/* Rates of their own: (name, delta, fnr, fpr, runs a world). */
static mechanism rates(const char *name, double delta, double fnr, double fpr,
                       unsigned runs)
{
    return (mechanism){name, pv_epsilon_of_rates(fnr, fpr, delta),
                       delta, 0, 0, fnr, fpr, runs};
}

/* Mean widths of the audits whose three intervals are finite. */
static void widths(const mechanism *m)
{
    double sum[3] = {0, 0, 0};
    int finite = 0, finite_bayes = 0;
    for (int a = 0; a < audits; a++) {
        const pv_confusion c = play(m);
        pv_epsilon_posterior p;
        pv_epsilon_interval cp, j;
        must(pv_epsilon_bayes(&c, m->delta, alpha, PV_PRIOR_JEFFREYS, &p,
                              &err));
        must(pv_epsilon_clopper_pearson(&c, m->delta, alpha, &cp, &err));
        must(pv_epsilon_jeffreys(&c, m->delta, alpha, &j, &err));
        finite_bayes += isfinite(p.hi) != 0;
        if (!isfinite(p.hi) || !isfinite(cp.hi) || !isfinite(j.hi))
            continue;
        finite++;
        sum[0] += p.hi - p.lo;
        sum[1] += cp.hi - cp.lo;
        sum[2] += j.hi - j.lo;
    }
    (void)printf("| %s | %g | %u | %g | %g | %.2f | %.2f |", m->name, m->delta,
                 m->runs, m->fnr, m->fpr, (double)finite_bayes / audits,
                 (double)finite / audits);
    if (finite == 0)
        (void)printf(" | | | | |\n");
    else
        (void)printf(" %.3f | %.3f | %.3f | %.0f %% | %.0f %% |\n",
                     sum[0] / finite, sum[1] / finite, sum[2] / finite,
                     100 * (1 - sum[0] / sum[1]), 100 * (1 - sum[0] / sum[2]));
}

static void print_widths(void)
{
    mechanism all[] = {
        randomised_response(1, 50),   randomised_response(1, 500),
        randomised_response(1, 2000), randomised_response(4, 500),
        randomised_response(4, 2000), gaussian(1, 1e-2, 500),
        gaussian(4, 1e-2, 500),       gaussian(4, 1e-2, 2000),
        rates("a coin", 0, 0.5, 0.5, 500),
        rates("a coin", 1e-2, 0.5, 0.5, 500),
        rates("one rare error", 0, 0.94, 0.02, 500),
        rates("one rare error", 0, 0.72, 0.005, 500),
        rates("one rare error", 0, 0.94, 0.001, 2000),
        rates("no errors", 0, 0, 0, 1000)};
    (void)printf("| attack | δ | runs a world | x | y | Bayes finite | all "
                 "finite | Bayes | Clopper–Pearson | Jeffreys | narrower than "
                 "Clopper–Pearson | than Jeffreys |\n"
                 "|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        /* so that the table shows what was drawn */
        all[i].fnr = round(all[i].fnr * 1e4) / 1e4;
        all[i].fpr = round(all[i].fpr * 1e4) / 1e4;
        widths(&all[i]);
    }
}

int main(void)
{
    const mechanism all[] = {
        randomised_response(1, 500), randomised_response(1, 2000),
        randomised_response(4, 500), randomised_response(4, 2000),
        gaussian(1, 1e-2, 500),      gaussian(1, 1e-2, 2000),
        gaussian(4, 1e-2, 500),      gaussian(4, 1e-2, 2000)};
    (void)gsl_set_error_handler_off();
    noise = gsl_rng_alloc(gsl_rng_mt19937);
    if (noise == NULL)
        return 1;
    const bool good = coverage(all, sizeof all / sizeof *all);
    print_widths();
    gsl_rng_free(noise);
    if (!good)
        (void)printf("\na bound that may accuse errs too often\n");
    return good ? 0 : 1;
}
