#include "audit/epsilon/beta.h"
#include "audit/epsilon/estimate.h"

#include "core/memory.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

static const double largest_epsilon = 500;
static const double negligible = -40; /* ln of a share of the largest term */

static pv_status check_run(const pv_one_run *run, pv_error *err)
{
    if (run->guesses == 0 || run->correct > run->guesses ||
        run->guesses > run->canaries || run->canaries > 1000000000)
        return pv_fail(err, PV_EINVAL,
                       "one run needs correct <= guesses <= canaries <= 1e9 "
                       "and a guess");
    return PV_OK;
}

static pv_status check_level(double level, pv_error *err)
{
    return level > 0 && level < 1
               ? PV_OK
               : pv_fail(err, PV_EINVAL,
                         "a level must be above 0 and below 1, not %g", level);
}

/* The lower end of a narrow bracket of the root of f, which is above 0 at it:
 * what f refutes stays refuted, whatever the rounding of the root. */
static pv_status solve(gsl_function *f, double low, double high, double *root,
                       pv_error *err)
{
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    if (solver == NULL)
        return pv_fail_memory(err, "a root");
    int code = gsl_root_fsolver_set(solver, f, low, high);
    for (int i = 0; code == GSL_SUCCESS && i < 100 && high - low > 1e-10 * high;
         i++) {
        code = gsl_root_fsolver_iterate(solver);
        low = gsl_root_fsolver_x_lower(solver);
        high = gsl_root_fsolver_x_upper(solver);
    }
    gsl_root_fsolver_free(solver);
    *root = low;
    return code == GSL_SUCCESS
               ? PV_OK
               : pv_fail(err, PV_ENUMERIC, "a bound of one run: %s",
                         gsl_strerror(code));
}

/* --- (epsilon, delta)-DP --------------------------------------------------- */

/* ln P(B = j), B ~ Bin(n, 1 / (1 + e^-eps)) */
static double log_mass(double n, double j, double epsilon)
{
    const double log_right = -log1p(exp(-epsilon));
    const double log_wrong = -epsilon + log_right;
    return gsl_sf_lngamma(n + 1) - gsl_sf_lngamma(j + 1) -
           gsl_sf_lngamma(n - j + 1) + j * log_right + (n - j) * log_wrong;
}

/* The largest j <= from, not below the peak, whose probability is not negligible
 * beside that of the peak: those above add nothing that a double holds. */
static double first_term(double n, double from, double epsilon)
{
    double low = fmin(from, floor(n / (1 + exp(-epsilon)))), high = from;
    const double least = log_mass(n, low, epsilon) + negligible;
    if (log_mass(n, from, epsilon) >= least)
        return from;
    while (high - low > 1) {
        const double middle = floor((low + high) / 2);
        if (log_mass(n, middle, epsilon) < least)
            high = middle;
        else
            low = middle;
    }
    return low;
}

/* max over 1 <= i <= v of the mean of P(B = v - 1), ..., P(B = v - i). The law
 * has one peak, so the mean grows until the next term is below it. */
static double steepest_mean(double n, double v, double epsilon)
{
    const double fade = exp(-epsilon); /* wrong over right */
    double j = first_term(n, v - 1, epsilon), sum = 0, mean = 0;
    double mass = exp(log_mass(n, j, epsilon));
    for (; j >= 0 && mass > 0 && mass >= mean; j--) {
        sum += mass;
        mean = sum / (v - j);
        mass *= j / (n - j + 1) * fade;
    }
    return mean;
}

static double p_value(const pv_one_run *run, double epsilon, double delta)
{
    const double n = (double)run->guesses, v = (double)run->correct;
    if (run->correct == 0)
        return 1;
    /* P(B >= v) is the distribution of a Beta(v, n - v + 1); the other tail of
     * 1 / (1 + e^-eps) is known better for large eps */
    const pv_beta law = pv_beta_make(v, n - v + 1);
    double p = gsl_cdf_beta_Q(1 / (1 + exp(epsilon)), n - v + 1, v);
    if (isnan(p)) /* many guesses, and epsilon not large then */
        p = pv_beta_cdf(&law, 1 / (1 + exp(-epsilon)));
    const double slack =
        delta > 0 ? 2 * (double)run->canaries * delta *
                        steepest_mean(n, v, epsilon)
                  : 0;
    return p + slack > 1 ? 1 : p + slack; /* NaN stays NaN */
}

pv_status pv_one_run_p_value(const pv_one_run *run, double epsilon,
                             double delta, double *p, pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(check_run(run, err));
    if (!(epsilon >= 0 && epsilon <= largest_epsilon && delta >= 0 &&
          delta < 1))
        return pv_fail(err, PV_EINVAL,
                       "epsilon must be from 0 to %g and delta at least 0 and "
                       "below 1", largest_epsilon);
    *p = p_value(run, epsilon, delta);
    if (isnan(*p))
        status = pv_fail(err, PV_ENUMERIC, "no p-value of one run at %g",
                         epsilon);
out:
    return status;
}

typedef struct hypothesis {
    const pv_one_run *run;
    double delta, level;
} hypothesis;

/* Above 0 when (epsilon, delta)-DP is refuted at the level; NaN stays NaN. */
static double refutation(double epsilon, void *parameters)
{
    const hypothesis *h = parameters;
    const double p = p_value(h->run, epsilon, h->delta);
    return log(h->level / (p < 1e-300 ? 1e-300 : p));
}

pv_status pv_epsilon_one_run(const pv_one_run *run, double delta, double level,
                             double *epsilon, pv_error *err)
{
    pv_status status = PV_OK;
    double low = 0, high = 1, p;
    hypothesis h = {run, delta, level};
    gsl_function f = {refutation, &h};
    PV_TRY(check_level(level, err));
    PV_TRY(pv_one_run_p_value(run, 0, delta, &p, err));
    *epsilon = 0;
    if (p >= level)
        return PV_OK;
    /* what is refuted is an interval from 0 on: a stronger promise implies the
     * weaker ones */
    for (; high < largest_epsilon && refutation(high, &h) > 0; high *= 2)
        low = high;
    if (high >= largest_epsilon)
        *epsilon = low;
    else
        PV_TRY(solve(&f, low, high, epsilon, err));
out:
    return status;
}

/* --- mu-GDP ---------------------------------------------------------------- */

typedef struct recursion {
    double canaries, guesses, correct, level;
} recursion;

/* Above 0 when mu-GDP is refuted at the level. With probability `level` at least
 * `correct` guesses are right, r and h are the expected shares of canaries
 * guessed right and wrong then; fewer right guesses, down to none, add to both
 * what the trade-off function allows, and all must come to guesses / canaries. */
static double excess(double mu, void *parameters)
{
    const recursion *c = parameters;
    const double whole = c->guesses / c->canaries;
    double r = c->level * c->correct / c->canaries;
    double h = c->level * (c->guesses - c->correct) / c->canaries;
    for (double i = c->correct - 1; i >= 0; i--) {
        const double more =
            gsl_cdf_ugaussian_P(gsl_cdf_ugaussian_Pinv(r) - mu);
        if (more <= h)
            break; /* nor would any later step change r and h */
        r = fmin(r + i / (c->guesses - i) * (more - h), 1);
        h = more;
    }
    return r + h - whole;
}

pv_status pv_mu_one_run(const pv_one_run *run, double level, double *mu,
                        pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(check_run(run, err));
    PV_TRY(check_level(level, err));
    recursion c = {(double)run->canaries, (double)run->guesses,
                   (double)run->correct, level};
    gsl_function f = {excess, &c};
    *mu = 0;
    if (!(excess(0, &c) > 0))
        return PV_OK;
    double low = 0, high = 1;
    for (; high < 64 && excess(high, &c) > 0; high *= 2)
        low = high;
    if (high >= 64) /* doubles end here */
        *mu = low;
    else
        PV_TRY(solve(&f, low, high, mu, err));
out:
    return status;
}
