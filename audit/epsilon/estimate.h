/* audit/epsilon/estimate.h - empirical epsilon from counts of a distinguisher.
 *
 * A distinguisher sees the output of a mechanism run on one of two neighbouring
 * tables and says which. Its false negative rate x (said "out", was "in") and
 * false positive rate y obey, under (epsilon, delta)-DP,
 *     x + e^eps y >= 1 - delta  and  e^eps x + y >= 1 - delta
 * and the same for 1 - x, 1 - y (Kairouz, Oh and Viswanath, ICML 2015). So rates
 * below those lines refute a claim, and counts bound the rates.
 *
 * What may accuse. pv_epsilon_clopper_pearson gives a bound with a guarantee
 * for any mechanism, pv_rho_clopper_pearson one on rho for any that claims zCDP,
 * pv_epsilon_one_run likewise for one-run counts,
 * pv_epsilon_gdp and pv_mu_one_run for Gaussian mechanisms alone.
 * pv_epsilon_bayes and pv_epsilon_jeffreys are ESTIMATES without a guarantee:
 * the former's lower end may lie above the truth several times as often as
 * alpha / 2 says (doc/metrics.md). They must not accuse.
 *
 * Everywhere: epsilon and mu in nats, no unit; INFINITY where no finite value
 * fits; delta in [0, 1), alpha in (0, 1), else PV_EINVAL; PV_ENUMERIC when GSL
 * fails. GSL's error handler must be off (gsl_set_error_handler_off). */
#ifndef PV_AUDIT_EPSILON_ESTIMATE_H
#define PV_AUDIT_EPSILON_ESTIMATE_H

#include "core/api.h"
#include "core/status.h"

#include <stdint.h>

/* Counts of one threshold, fixed before they were seen: "in" guessed in and
 * out, "out" guessed in and out. Not negative, at most 1e9, at least one run in
 * each world (tp + fn > 0, fp + tn > 0), else PV_EINVAL. Whole numbers, except
 * those of pv_confusion_thin. */
typedef struct pv_confusion {
    double tp, fp, tn, fn;
} pv_confusion;

/* PV_EINVAL with a message that names what is wrong with counts, delta, alpha. */
PV_API PV_CHECKED pv_status pv_epsilon_check(const pv_confusion *counts,
                                             double delta, double alpha,
                                             pv_error *err);

/* Counts over `design_effect` (>= 1), for several challenge points a trained
 * model: c points of intra-model correlation r have design effect
 * 1 + (c - 1) r, and c itself is the safe choice. A heuristic: only one point a
 * model makes the bounds rigorous, so bounds of thinned counts must not accuse.
 * What is below 1 is taken as 1. */
PV_API pv_confusion pv_confusion_thin(const pv_confusion *counts,
                                      double design_effect);

/* The least epsilon >= 0 that rates (fnr, fpr) in [0, 1] allow: with r the
 * smaller and R the larger of the two (of 1 - fnr, 1 - fpr when fnr + fpr > 1,
 * a guess worse than chance being turned round),
 *     0 if R >= 1 - delta - r; INFINITY if r = 0; else ln((1 - delta - R) / r). */
PV_API double pv_epsilon_of_rates(double fnr, double fpr, double delta);

typedef struct pv_epsilon_interval {
    double lo, hi;         /* of epsilon */
    double fnr[2], fpr[2]; /* of the rates */
} pv_epsilon_interval;

/* Each rate gets Clopper and Pearson's two-sided interval of level 1 - alpha/2
 * (alpha/4 in each tail); epsilon is bounded over the rectangle, and lo is 0
 * when it meets the diagonal fnr + fpr = 1. Bonferroni: P(lo > truth) <= alpha
 * for any mechanism, and <= alpha/2 when what counts as a guess of "in" was
 * fixed in advance with fnr + fpr < 1. Rigorous for independent runs. */
PV_API PV_CHECKED pv_status pv_epsilon_clopper_pearson(
    const pv_confusion *counts, double delta, double alpha,
    pv_epsilon_interval *interval, pv_error *err);

/* The same with Jeffreys' intervals of the rates, Beta(k + 1/2, n - k + 1/2),
 * with the ends 0 at k = 0 and 1 at k = n. Approximate: an estimate. */
PV_API PV_CHECKED pv_status pv_epsilon_jeffreys(const pv_confusion *counts,
                                                double delta, double alpha,
                                                pv_epsilon_interval *interval,
                                                pv_error *err);

/* The largest lo that pv_epsilon_clopper_pearson can give for `in` and `out`
 * runs: that of a perfect attack. A claim above it cannot be refuted. */
PV_API PV_CHECKED pv_status pv_epsilon_largest(double in, double out,
                                               double delta, double alpha,
                                               double *epsilon, pv_error *err);

typedef enum pv_prior {
    PV_PRIOR_JEFFREYS, /* Beta(1/2, 1/2) for each rate */
    PV_PRIOR_UNIFORM   /* Beta(1, 1) */
} pv_prior;

typedef struct pv_epsilon_posterior {
    double lo, hi;      /* the alpha/2 and 1 - alpha/2 quantiles */
    double median;      /* the 1/2 quantile */
    double onesided_lo; /* the alpha quantile */
} pv_epsilon_posterior;

/* The posterior of epsilon (Zanella-Beguelin et al., ICML 2023): independent
 * FNR ~ Beta(c + fn, c + tp) and FPR ~ Beta(c + fp, c + tn), c that of the
 * prior, and F(eps) = P((FNR, FPR) allowed by (eps, delta)-DP). With delta > 0
 * there is an atom at 0, and quantiles below F(0) are 0; with delta = 0 every
 * quantile is above 0, a coin's too.
 *
 * Random challenge bits. When worlds are drawn by coins, the four cells are
 * multinomial; a Dirichlet(c, c, c, c) prior gives the cells' probabilities a
 * Dirichlet posterior. Dirichlet vectors are neutral: p_fn / (p_fn + p_tp) and
 * p_fp / (p_fp + p_tn) are independent of each other and of p_tp + p_fn, with
 * the very Beta laws above. So the joint model has the same posterior of
 * epsilon, and this function serves both.
 *
 * Quantiles are within 1e-7 of the exact ones. alpha < 1e-7: PV_ENUMERIC. */
PV_API PV_CHECKED pv_status pv_epsilon_bayes(const pv_confusion *counts,
                                             double delta, double alpha,
                                             pv_prior prior,
                                             pv_epsilon_posterior *posterior,
                                             pv_error *err);

/* F(eps), within 1e-8, and its derivative, eps >= 0 (at most 700). */
PV_API PV_CHECKED pv_status pv_epsilon_posterior_at(
    const pv_confusion *counts, double delta, pv_prior prior, double epsilon,
    double *cdf, double *density, pv_error *err);

/* --- Gaussian mechanisms --------------------------------------------------- */

/* mu-GDP (Dong, Roth and Su 2022): the rates' upper Clopper-Pearson ends as
 * above give mu >= Phi^-1(1 - fpr_hi) - Phi^-1(fnr_hi), with P(mu_lo > mu) <=
 * alpha/2; *mu_lo may be negative. *epsilon is what mu_lo means at delta. Valid
 * only for mechanisms that are mu-GDP, as sums of Gaussians are: compare mu_lo
 * with pv_mu_of_rho of the budget, which is better than comparing epsilons. */
PV_API PV_CHECKED pv_status pv_epsilon_gdp(const pv_confusion *counts,
                                           double delta, double alpha,
                                           double *mu_lo, double *epsilon,
                                           pv_error *err);

/* The least epsilon with delta >= Phi(-eps/mu + mu/2) - e^eps Phi(-eps/mu -
 * mu/2) (Balle and Wang 2018); 0 for mu <= 0, INFINITY for delta = 0 < mu. */
PV_API double pv_epsilon_of_mu(double mu, double delta);
/* The largest mu whose epsilon at delta in (0, 1) is at most epsilon >= 0; NAN
 * for other arguments. */
PV_API double pv_mu_of_epsilon(double epsilon, double delta);
/* sqrt(2 rho): the mu of a Gaussian of rho-zCDP; NAN for rho < 0. */
PV_API double pv_mu_of_rho(double rho);

/* --- zero-concentrated DP -------------------------------------------------- */

/* The least rho that rates allow under rho-zCDP (Bun and Steinke 2016): the
 * largest over orders a > 1, and over both directions, of D_a / a, where D_a is
 * Renyi's divergence of the two Bernoulli laws of the answer "in", P(in | in) =
 * 1 - fnr and P(in | out) = fpr. By data processing it is at most the
 * mechanism's rho. A guess worse than chance is turned round; INFINITY when one
 * world never gives an answer that the other does. Any order gives a lower
 * bound, so that a grid of orders errs on the safe side. */
PV_API double pv_rho_of_rates(double fnr, double fpr);

/* A lower bound on rho of any rho-zCDP mechanism, Gaussian or not, discrete or
 * not, selections included: pv_rho_of_rates at the nearer corner of Clopper and
 * Pearson's rectangle (each rate at level 1 - alpha/2), 0 when the rectangle
 * meets the diagonal. P(lo > truth) as for pv_epsilon_clopper_pearson. Of a
 * small Gaussian's rho a threshold at the centre keeps 2/pi; one further out
 * keeps more, 86 % at 4 standard deviations, but needs the runs to show it. */
PV_API PV_CHECKED pv_status pv_rho_clopper_pearson(const pv_confusion *counts,
                                                   double alpha, double *rho,
                                                   pv_error *err);

/* --- one run --------------------------------------------------------------- */

/* One training with `canaries` records, each in or out by its own fair coin;
 * `guesses` of the coins were made, as many as was fixed in advance, `correct`
 * of them right. correct <= guesses <= canaries, guesses > 0, canaries <= 1e9,
 * else PV_EINVAL. */
typedef struct pv_one_run {
    uint64_t canaries, guesses, correct;
} pv_one_run;

/* The p-value of (epsilon, delta)-DP (Steinke, Nasr and Jagielski, NeurIPS 2023,
 * theorem 5.2): P(B >= v) + 2 m delta max_i (P(B >= v - i) - P(B >= v)) / i over
 * 1 <= i <= v, B ~ Bin(r, 1 / (1 + e^-eps)); at most 1. Records are added or
 * removed; for a table of fixed size swap a canary for a fixed record. */
PV_API PV_CHECKED pv_status pv_one_run_p_value(const pv_one_run *run,
                                               double epsilon, double delta,
                                               double *p, pv_error *err);

/* The largest epsilon with a p-value below `level`, 0 when there is none: a
 * lower bound with P(lo > truth) <= level. Time grows with the root of guesses
 * when delta > 0. */
PV_API PV_CHECKED pv_status pv_epsilon_one_run(const pv_one_run *run,
                                               double delta, double level,
                                               double *epsilon, pv_error *err);

/* The largest mu such that mu-GDP is refuted at `level` (Mahloujifar, Melis and
 * Chaudhuri, 2024: bounds on the tail of correct guesses by a recursion in the
 * trade-off function), 0 when there is none. For Gaussian mechanisms alone.
 * Time grows with correct. */
PV_API PV_CHECKED pv_status pv_mu_one_run(const pv_one_run *run, double level,
                                          double *mu, pv_error *err);

#endif
