/* dp/sampler.h - exact draws: coins, discrete Laplace, discrete Gaussian, and
 * the exponential mechanism on integer scores.
 *
 * No floating point anywhere. A stream's digits are taken as the expansion of
 * a uniform real in base 2^digit_bits, read only as far as a comparison needs,
 * so every probability is exact (a coin of exp(-1) within 2^-129). The number of digits used varies: a stream
 * must belong to one fixed work item. Draws are not constant time.
 *
 * Algorithms: Canonne, Kamath and Steinke, "The Discrete Gaussian for
 * Differential Privacy" (2020), section 5; selection by uniform proposals
 * accepted with exact coins, which has the law of the exponential mechanism
 * (McSherry and Talwar 2007) exactly. */
#ifndef PV_DP_SAMPLER_H
#define PV_DP_SAMPLER_H

#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

__extension__ typedef unsigned __int128 pv_u128;

/* num / den, den > 0. A variance parameter or a privacy parameter, exact. */
typedef struct pv_rational {
    uint64_t num, den;
} pv_rational;

/* A coin's denominator times its largest counter must stay below 2^96, so that
 * a 32-bit digit times it fits 128 bits. */
enum { PV_COIN_DEN_BITS = 90 };

/* True with probability num / den exactly; num <= den < 2^96, den > 0. */
PV_API bool pv_coin(pv_stream *stream, pv_u128 num, pv_u128 den);

/* True with probability exp(-num / den) exactly; den < 2^90, any num. */
PV_API bool pv_coin_exp(pv_stream *stream, pv_u128 num, pv_u128 den);

/* Uniform on [0, n) exactly; n > 0. */
PV_API uint64_t pv_uniform(pv_stream *stream, uint64_t n);

/* Discrete Laplace of integer scale t > 0: P(x) proportional to
 * exp(-|x| / t). */
PV_API int64_t pv_discrete_laplace(pv_stream *stream, uint64_t t);

/* Discrete Gaussian N_Z(0, sigma2): P(x) proportional to exp(-x^2/(2 sigma2)).
 * sigma2 = num / den with den <= 2^8 and sigma2 < 2^36 (standard deviation
 * below 262,144), num > 0; PV_EINVAL otherwise. */
typedef struct pv_gaussian {
    pv_rational sigma2; /* in lowest terms */
    uint64_t t;         /* floor(sigma) + 1: the scale of the proposal */
    pv_u128 den;        /* 2 num den t^2 */
} pv_gaussian;

PV_API PV_CHECKED pv_status pv_gaussian_init(pv_gaussian *gaussian,
                                             pv_rational sigma2,
                                             pv_error *err);
PV_API int64_t pv_gaussian_draw(const pv_gaussian *gaussian,
                                pv_stream *stream);

/* An index drawn with probability proportional to
 * exp(epsilon score[i] / (2 sensitivity)): the exponential mechanism, epsilon-
 * bounded-range, hence epsilon^2/8-zCDP when one neighbour moves no score by
 * more than `sensitivity`. count > 0; |score| < 2^62; epsilon.num < 2^32;
 * 2 sensitivity epsilon.den < 2^90. */
PV_API size_t pv_select_draw(pv_stream *stream, const int64_t *score,
                             size_t count, pv_rational epsilon,
                             uint64_t sensitivity);

/* floor(sqrt(x)), exact. */
PV_API uint64_t pv_isqrt(pv_u128 x);

#endif
