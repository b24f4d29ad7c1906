/* dp/account.h - privacy accounting in zCDP.
 *
 * rho-zCDP (Bun and Steinke 2016) is the currency: a discrete Gaussian of
 * variance parameter s on a vector of L2 sensitivity D costs D^2/(2 s); the
 * exponential mechanism of parameter epsilon costs epsilon^2/8 (Cesar and
 * Rogers 2021); costs add. Budgets are integers in units of 2^-40 rho: what is
 * spent is rounded up, what may be spent is rounded down.
 *
 * Conversions are those of Canonne, Kamath and Steinke (2020, proposition 12
 * and corollary 13), at the optimal order, rounded outward: an epsilon or a
 * delta up, a rho down. The curve of the continuous Gaussian is given for
 * information alone: it does not hold for discrete noise. */
#ifndef PV_DP_ACCOUNT_H
#define PV_DP_ACCOUNT_H

#include "core/api.h"
#include "core/status.h"
#include "dp/sampler.h"

#include <stdbool.h>
#include <stdint.h>

enum { PV_UNIT_BITS = 40 };

/* The largest budget, rho = 2^16, in units. */
#define PV_UNITS_MAX (UINT64_C(1) << (PV_UNIT_BITS + 16))

/* delta of approximate zCDP, which adds up beside rho: units of 2^-60. */
enum { PV_DELTA_BITS = 60 };

/* Denominator of a selection's epsilon: multiples of 2^-20. */
#define PV_EPSILON_DEN (UINT64_C(1) << 20)

/* rho > 0, 0 < delta < 1, epsilon > 0; NAN for anything else. */
PV_API double pv_zcdp_epsilon(double rho, double delta);
PV_API double pv_zcdp_delta(double rho, double epsilon);
PV_API double pv_zcdp_rho(double epsilon, double delta);

/* The order alpha at which pv_zcdp_epsilon is attained. */
PV_API double pv_zcdp_alpha(double rho, double delta);

/* Bun and Steinke's simple bound rho + 2 sqrt(rho ln(1/delta)). */
PV_API double pv_zcdp_epsilon_simple(double rho, double delta);

/* Exact for the continuous Gaussian with mu = sqrt(2 rho) (Balle and Wang
 * 2018): information, never a claim. */
PV_API double pv_gaussian_epsilon(double rho, double delta);
PV_API double pv_gaussian_delta(double rho, double epsilon);

/* rho in units, rounded down; PV_EBUDGET beyond PV_UNITS_MAX or below 1. */
PV_API PV_CHECKED pv_status pv_units_of_rho(double rho, uint64_t *units,
                                            pv_error *err);
/* Units as rho: exact, since units < 2^57 are rounded up to a double. */
PV_API double pv_units_to_rho(uint64_t units);

/* Cost of one measurement: ceil(D2 / (2 sigma2)) in units, D2 the squared L2
 * sensitivity. False on overflow. */
PV_API bool pv_cost_gaussian(uint64_t sensitivity2, pv_rational sigma2,
                             uint64_t *units);
/* Cost of one selection of epsilon = epsilon_num / 2^20: ceil(epsilon^2/8). */
PV_API bool pv_cost_selection(uint64_t epsilon_num, uint64_t *units);

/* The least variance (denominator 256, in lowest terms) whose cost is at most
 * `units`, and the largest epsilon numerator whose cost is. */
PV_API PV_CHECKED pv_status pv_sigma2_for_units(uint64_t units,
                                                uint64_t sensitivity2,
                                                pv_rational *sigma2,
                                                pv_error *err);
PV_API uint64_t pv_epsilon_for_units(uint64_t units);

/* The least T whose noise of variance parameter sigma2 takes a count of k to T
 * with probability at most delta / k, delta in units of 2^-60:
 *     k exp(-(T - k)^2 / (2 sigma2)) <= delta,
 * by the discrete Gaussian's sub-Gaussian tail. In integers, rounded outward,
 * so equal on every machine. False for k, delta or sigma2 out of range. */
PV_API bool pv_label_threshold(pv_rational sigma2, uint64_t k, uint64_t delta,
                               uint64_t *threshold);

/* A share of delta in units, rounded down; units as a number, exact below
 * 2^53; and what is left of delta, rounded down (0 when nothing is). */
PV_API uint64_t pv_delta_units(double delta, double share);
PV_API double pv_delta_of_units(uint64_t units);
PV_API double pv_delta_left(double delta, uint64_t units);

#endif
