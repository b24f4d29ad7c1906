#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "marginals/factor.h"

#include <math.h>
#include <string.h>

static const double log2_high = 0x1.62e42fee00000p-1;
static const double log2_low = 0x1.a39ef35793c76p-33;

/* Taylor coefficients 1/k!: on |r| <= ln(2)/2 the first term left out is
 * below 4e-18 */
static inline double exp_polynomial(double r)
{
    double p = 1.0 / 6227020800.0;
    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    return p * r + 1.0;
}

PV_WIDE static void exp_array(double *x, size_t n, double shift)
{
    const double floor_at = -700.0, ceiling_at = 700.0;
    const double inverse = 0x1.71547652b82fep+0;
    /* adding 1.5 * 2^52 rounds to an integer and leaves it in the low bits */
    const double magic = 0x1.8p52;
    for (size_t i = 0; i < n; i++) {
        const double given = x[i] - shift;
        double v = given < floor_at ? floor_at : given;
        v = v > ceiling_at ? ceiling_at : v;
        const double shifted = v * inverse + magic;
        const double k = shifted - magic;
        const double r = (v - k * log2_high) - k * log2_low;
        uint64_t bits; /* what is shifted out is the rounding number's own */
        memcpy(&bits, &shifted, sizeof bits);
        bits = (bits + 1023) << 52;
        double scale;
        memcpy(&scale, &bits, sizeof scale);
        const double e = exp_polynomial(r) * scale;
        x[i] = given < floor_at ? 0.0 : e;
    }
}

double pv_log(double x)
{
    int64_t bits;
    int exponent = 0;
    if (x < 0x1p-1022) { /* lift a subnormal */
        x *= 0x1p54;
        exponent = -54;
    }
    memcpy(&bits, &x, sizeof bits);
    exponent += (int)(bits >> 52) - 1023;
    bits = (bits & INT64_C(0xfffffffffffff)) | INT64_C(1023) << 52;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 0x1.6a09e667f3bcdp+0) {
        m *= 0.5;
        exponent++;
    }
    /* ln m = 2 artanh(s), s = (m-1)/(m+1), |s| <= 0.1716 */
    const double s = (m - 1.0) / (m + 1.0), s2 = s * s;
    double p = 0.0;
    for (int k = 21; k >= 3; k -= 2)
        p = (p + 1.0 / k) * s2;
    const double k = exponent;
    return k * log2_high + (2.0 * s * (1.0 + p) + k * log2_low);
}

PV_WIDE static double sum(const double *x, size_t n)
{
    double lane[8] = {0};
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (size_t j = 0; j < 8; j++)
            lane[j] += x[i + j];
    for (size_t j = 0; i < n; i++, j++)
        lane[j] += x[i];
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

PV_WIDE static double maximum(const double *x, size_t n)
{
    double lane[8];
    size_t i = 0;
    for (size_t j = 0; j < 8; j++)
        lane[j] = -INFINITY;
    for (; i + 8 <= n; i += 8)
        for (size_t j = 0; j < 8; j++)
            lane[j] = x[i + j] > lane[j] ? x[i + j] : lane[j];
    for (size_t j = 0; i < n; i++, j++)
        lane[j] = x[i] > lane[j] ? x[i] : lane[j];
    for (size_t j = 1; j < 8; j++)
        lane[0] = lane[j] > lane[0] ? lane[j] : lane[0];
    return lane[0];
}

/* The clones are static: not every compiler gives them an outside name. */

void pv_exp_array(double *x, size_t n, double shift)
{
    exp_array(x, n, shift);
}

double pv_sum(const double *x, size_t n)
{
    return sum(x, n);
}

double pv_maximum(const double *x, size_t n)
{
    return maximum(x, n);
}
