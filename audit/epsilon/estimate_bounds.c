#include "audit/epsilon/beta.h"
#include "audit/epsilon/estimate.h"

#include <math.h>
#include <stdbool.h>

static const double most = 1e9; /* beyond, GSL's continued fractions give up */

static bool count_valid(double count)
{
    return count >= 0 && count <= most;
}

static pv_status check_levels(double delta, double alpha, pv_error *err)
{
    if (!(delta >= 0 && delta < 1))
        return pv_fail(err, PV_EINVAL,
                       "delta must be at least 0 and below 1, not %g", delta);
    if (!(alpha > 0 && alpha < 1))
        return pv_fail(err, PV_EINVAL,
                       "alpha must be above 0 and below 1, not %g", alpha);
    return PV_OK;
}

pv_status pv_epsilon_check(const pv_confusion *counts, double delta,
                           double alpha, pv_error *err)
{
    if (!count_valid(counts->tp) || !count_valid(counts->fp) ||
        !count_valid(counts->tn) || !count_valid(counts->fn))
        return pv_fail(err, PV_EINVAL, "counts must be from 0 to %g", most);
    if (!(counts->tp + counts->fn > 0))
        return pv_fail(err, PV_EINVAL,
                       "TP + FN is 0: no run had the record in");
    if (!(counts->fp + counts->tn > 0))
        return pv_fail(err, PV_EINVAL,
                       "FP + TN is 0: no run had the record out");
    return check_levels(delta, alpha, err);
}

pv_confusion pv_confusion_thin(const pv_confusion *counts, double design_effect)
{
    const double by = design_effect > 1 ? design_effect : 1;
    return (pv_confusion){counts->tp / by, counts->fp / by, counts->tn / by,
                          counts->fn / by};
}

double pv_epsilon_of_rates(double fnr, double fpr, double delta)
{
    const bool turned = fnr + fpr > 1;
    const double x = turned ? 1 - fnr : fnr, y = turned ? 1 - fpr : fpr;
    const double r = fmin(x, y), room = 1 - delta - fmax(x, y);
    if (room <= r)
        return 0;
    return r > 0 ? log(room / r) : INFINITY;
}

/* --- intervals of the rates ------------------------------------------------ */

/* The interval of k of n with `tail` at each end: quantiles of Beta laws,
 * their parameters more by `more` at the end they belong to. */
static pv_status rate_interval(double k, double n, double tail, double less,
                               double more, double ci[2], pv_error *err)
{
    pv_status status = PV_OK;
    const double rest = n - k;
    ci[0] = 0;
    ci[1] = 1;
    if (k > 0) {
        const pv_beta law = pv_beta_make(k + less, rest + more);
        PV_TRY(pv_beta_lower(&law, tail, &ci[0], err));
    }
    if (rest > 0) {
        const pv_beta law = pv_beta_make(k + more, rest + less);
        PV_TRY(pv_beta_upper(&law, tail, &ci[1], err));
    }
out:
    return status;
}

/* Epsilon over the rectangle of rates: it falls away from the diagonal's two
 * sides towards the diagonal, so its ends are at corners. */
static void join(double delta, pv_epsilon_interval *interval)
{
    const double near = interval->fnr[0] + interval->fpr[0];
    const double far = interval->fnr[1] + interval->fpr[1];
    const double low =
        pv_epsilon_of_rates(interval->fnr[0], interval->fpr[0], delta);
    const double high =
        pv_epsilon_of_rates(interval->fnr[1], interval->fpr[1], delta);
    interval->lo = near < 1 && far > 1 ? 0 : fmin(low, high);
    interval->hi = fmax(low, high);
}

static pv_status intervals(const pv_confusion *c, double delta, double alpha,
                           double less, double more,
                           pv_epsilon_interval *interval, pv_error *err)
{
    pv_status status = PV_OK;
    pv_epsilon_interval got = {0};
    PV_TRY(pv_epsilon_check(c, delta, alpha, err));
    PV_TRY(rate_interval(c->fn, c->fn + c->tp, alpha / 4, less, more, got.fnr,
                         err));
    PV_TRY(rate_interval(c->fp, c->fp + c->tn, alpha / 4, less, more, got.fpr,
                         err));
    join(delta, &got);
    *interval = got;
out:
    return status;
}

pv_status pv_epsilon_clopper_pearson(const pv_confusion *counts, double delta,
                                     double alpha,
                                     pv_epsilon_interval *interval,
                                     pv_error *err)
{
    return intervals(counts, delta, alpha, 0, 1, interval, err);
}

pv_status pv_epsilon_jeffreys(const pv_confusion *counts, double delta,
                              double alpha, pv_epsilon_interval *interval,
                              pv_error *err)
{
    return intervals(counts, delta, alpha, 0.5, 0.5, interval, err);
}

pv_status pv_epsilon_largest(double in, double out, double delta, double alpha,
                             double *epsilon, pv_error *err)
{
    const pv_confusion perfect = {.tp = in, .tn = out};
    const pv_status status = pv_epsilon_check(&perfect, delta, alpha, err);
    if (status != PV_OK)
        return status;
    /* Beta(1, n) has its upper quantile in closed form */
    const double fnr = -expm1(log(alpha / 4) / in);
    const double fpr = -expm1(log(alpha / 4) / out);
    *epsilon =
        fnr + fpr >= 1 ? 0 : pv_epsilon_of_rates(fnr, fpr, delta);
    return PV_OK;
}
