#include "audit/epsilon/estimate.h"

#include <gsl/gsl_sf_exp.h>
#include <gsl/gsl_sf_log.h>
#include <math.h>

/* Two laws of one answer, "in" and "out", as far as their divergence needs. */
typedef struct answers {
    double p[2]; /* of the world that divergence is the mean in */
    double ratio[2]; /* ln p/q, finite */
    double kl;       /* their divergence of order 1, > 0 */
} answers;

/* ln p/q where p - q is known better than p and q are */
static double log_ratio(double p, double q, double excess)
{
    return fabs(excess) < q / 2 ? log1p(excess / q) : log(p / q);
}

/* q ((1 + x) ln(1 + x) - x), p = q (1 + x): these add up to Kullback and
 * Leibler's divergence and none is negative, so that nothing cancels. */
static double divergence_part(double p, double q, double excess)
{
    const double x = excess / q;
    if (fabs(x) >= 0.5)
        return p * log(p / q) - excess;
    return q * ((1 + x) * gsl_sf_log_1plusx_mx(x) + x * x);
}

static answers make_answers(const double p[2], const double q[2], double excess)
{
    return (answers){
        {p[0], p[1]},
        {log_ratio(p[0], q[0], excess), log_ratio(p[1], q[1], -excess)},
        divergence_part(p[0], q[0], excess) +
            divergence_part(p[1], q[1], -excess)};
}

/* D_a / a, t = a - 1 > 0: (a - 1) D_a is the logarithm of the mean of (p/q)^t,
 * which is 1 + t KL + the mean of e^u - 1 - u, u = t ln p/q. */
static double per_order(const answers *l, double t)
{
    const double u[2] = {t * l->ratio[0], t * l->ratio[1]};
    const int top = u[1] > u[0];
    double log_mean;
    if (u[top] > 30)
        log_mean = log(l->p[top]) + u[top] +
                   log1p(l->p[!top] / l->p[top] * exp(u[!top] - u[top]));
    else
        log_mean =
            log1p(t * l->kl + l->p[0] * u[0] * u[0] / 2 * gsl_sf_exprel_2(u[0]) +
                  l->p[1] * u[1] * u[1] / 2 * gsl_sf_exprel_2(u[1]));
    return log_mean / (t * (1 + t));
}

/* The largest D_a / a. KL is its limit at order 1; D_a is at most the larger log
 * ratio, so that none beyond `most` is above KL. Grids of orders, each about the
 * best of the one before. */
static double largest_per_order(const answers *l)
{
    enum { grids = 5, steps = 40 };
    const double top = fmax(l->ratio[0], l->ratio[1]);
    const double most = fmax(top / l->kl, 1);
    double low = log(1e-3 / (1 + top)), high = log(most), best = l->kl;
    for (int g = 0; g < grids; g++) {
        const double step = (high - low) / steps;
        double at = low + (high - low) / 2; /* the best so far */
        for (int i = 0; i <= steps; i++) {
            const double value = per_order(l, exp(low + i * step));
            if (value > best) {
                best = value;
                at = low + i * step;
            }
        }
        low = at - step;
        high = at + step;
    }
    return best;
}

double pv_rho_of_rates(double fnr, double fpr)
{
    /* the divergence is the same whichever answer is called "in", so that a
     * guess worse than chance needs no turning round */
    const double in[2] = {1 - fnr, fnr}, out[2] = {fpr, 1 - fpr};
    const double excess = 1 - fnr - fpr;
    if (isnan(excess))
        return NAN;
    if (excess == 0)
        return 0;
    for (int i = 0; i < 2; i++)
        if (!(in[i] > 0 && out[i] > 0))
            return INFINITY;
    const answers forth = make_answers(in, out, excess);
    const answers back = make_answers(out, in, -excess);
    return fmax(largest_per_order(&forth), largest_per_order(&back));
}

pv_status pv_rho_clopper_pearson(const pv_confusion *counts, double alpha,
                                 double *rho, pv_error *err)
{
    pv_epsilon_interval i;
    const pv_status status =
        pv_epsilon_clopper_pearson(counts, 0, alpha, &i, err);
    if (status != PV_OK)
        return status;
    if (i.fnr[1] + i.fpr[1] < 1)
        *rho = pv_rho_of_rates(i.fnr[1], i.fpr[1]);
    else if (i.fnr[0] + i.fpr[0] > 1)
        *rho = pv_rho_of_rates(i.fnr[0], i.fpr[0]);
    else
        *rho = 0;
    return PV_OK;
}
