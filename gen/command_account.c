#include "gen/command.h"

#include <math.h>
#include <stdio.h>

/* Conversions, of zCDP as it is claimed and, beside it, of the continuous Gaussian, for
 * comparison with what others state. */

typedef struct account {
    double rho, epsilon, delta;
    double rounds;       /* of Gaussian noise, that all of rho is spent on */
    double sensitivity;  /* L2, of one round */
    double sigma;        /* of each round: discrete noise */
    double sigma_continuous, epsilon_continuous;
} account;

static pv_status usage(pv_error *err)
{
    return pv_fail(err, PV_EUSAGE,
                   "usage: privet-gen account with two of --epsilon, --delta, "
                   "--rho: the third is computed; or --sigma S [--rounds T] "
                   "with --delta or --epsilon. --neighbors replace: sensitivity "
                   "sqrt(2)");
}

/* The continuous rho whose epsilon at delta is the one asked for: the curve is monotone
 * in it. */
static double continuous_rho(double epsilon, double delta)
{
    double low = 0, high = 1;
    while (pv_gaussian_epsilon(high, delta) < epsilon && high < 1e12)
        high *= 2;
    for (int i = 0; i < 200; i++) {
        const double rho = (low + high) / 2;
        if (pv_gaussian_epsilon(rho, delta) < epsilon)
            low = rho;
        else
            high = rho;
    }
    return low;
}

static void complete(account *a)
{
    if (a->rho <= 0 && a->sigma > 0)
        a->rho = a->rounds * a->sensitivity * a->sensitivity /
                 (2 * a->sigma * a->sigma);
    if (a->rho <= 0)
        a->rho = pv_zcdp_rho(a->epsilon, a->delta);
    else if (a->epsilon <= 0)
        a->epsilon = pv_zcdp_epsilon(a->rho, a->delta);
    else
        a->delta = pv_zcdp_delta(a->rho, a->epsilon);
    const double of_rounds = a->sensitivity * sqrt(a->rounds / 2);
    a->sigma = of_rounds / sqrt(a->rho);
    a->epsilon_continuous = pv_gaussian_epsilon(a->rho, a->delta);
    a->sigma_continuous =
        of_rounds / sqrt(continuous_rho(a->epsilon, a->delta));
}

static void add_real(json_t *object, const char *key, double value)
{
    (void)json_object_set_new(object, key,
                              isfinite(value) ? json_real(value) : json_null());
}

static pv_status as_json(const account *a, pv_error *err)
{
    json_t *object = json_object();
    add_real(object, "rho", a->rho);
    add_real(object, "epsilon", a->epsilon);
    add_real(object, "delta", a->delta);
    if (a->delta > 0 && a->delta < 1 && a->rho > 0) {
        add_real(object, "alpha", pv_zcdp_alpha(a->rho, a->delta));
        add_real(object, "epsilon_bun_steinke",
                 pv_zcdp_epsilon_simple(a->rho, a->delta));
        add_real(object, "epsilon_continuous_gaussian", a->epsilon_continuous);
    }
    add_real(object, "delta_continuous_gaussian",
             pv_gaussian_delta(a->rho, a->epsilon));
    add_real(object, "sigma_one_query", sqrt(0.5 / a->rho));
    add_real(object, "rounds", a->rounds);
    add_real(object, "sensitivity", a->sensitivity);
    add_real(object, "sigma", a->sigma);
    add_real(object, "sigma_continuous_gaussian", a->sigma_continuous);
    add_real(object, "mu", sqrt(2 * a->rho));
    return pv_command_json(object, err);
}

static pv_status as_text(const account *a, pv_error *err)
{
    (void)printf("rho      %.17g\nepsilon  %.17g\ndelta    %.17g\n", a->rho,
                 a->epsilon, a->delta);
    (void)printf("\nThe computed figure is rounded outward (Canonne, Kamath and "
                 "Steinke 2020).\n%.0f question%s of L2 sensitivity %.4g with "
                 "all of it: discrete Gaussian noise of\nstandard deviation "
                 "%.6g each.\n",
                 a->rounds, a->rounds == 1 ? "" : "s", a->sensitivity,
                 a->sigma);
    (void)printf("\nFor comparison, of continuous noise, whose curve is not "
                 "claimed here: that noise\nwould have epsilon %.6g, and this "
                 "epsilon would take a standard deviation of %.6g.\n",
                 a->epsilon_continuous, a->sigma_continuous);
    return pv_command_flush(err);
}

pv_status pv_command_account(const pv_command *c, pv_error *err)
{
    const int given = (c->epsilon > 0) + (c->delta > 0) + (c->rho > 0) +
                      (c->sigma > 0);
    if (given != 2 || c->rest_count != 1 || (c->rho > 0 && c->sigma > 0) ||
        c->rounds == 0)
        return usage(err);
    account a = {.rho = c->rho,
                 .epsilon = c->epsilon,
                 .delta = c->delta,
                 .sigma = c->sigma,
                 .rounds = c->rounds > 0 ? (double)c->rounds : 1,
                 .sensitivity = c->replace ? sqrt(2) : 1};
    complete(&a);
    return c->json ? as_json(&a, err) : as_text(&a, err);
}
