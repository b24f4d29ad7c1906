#include "dp/account.h"

#include <math.h>

/* Outward by more than the error of the long double arithmetic, and far less
 * than anybody's delta. */
static const double outward = 4e-15;

static bool valid(double x)
{
    return isfinite(x) && x > 0;
}

/* t = alpha - 1 solves rho t^2 + ln(1 + t) = ln(1/delta): increasing in t. */
static long double optimal_order(long double rho, long double log_inverse_delta)
{
    long double low = 0, high = 1;
    while (rho * high * high + log1pl(high) < log_inverse_delta)
        high *= 2;
    for (int i = 0; i < 200; i++) {
        const long double t = (low + high) / 2;
        if (rho * t * t + log1pl(t) < log_inverse_delta)
            low = t;
        else
            high = t;
    }
    return high;
}

static long double epsilon_exact(long double rho, long double delta)
{
    const long double log_inverse = -logl(delta);
    const long double t = optimal_order(rho, log_inverse);
    /* ln(1 - 1/alpha) is -ln(1 + 1/t): ln t - ln(1 + t) would cancel */
    const long double epsilon = (1 + t) * rho - log1pl(1 / t) +
                                (log_inverse - log1pl(t)) / t;
    return epsilon > 0 ? epsilon : 0;
}

double pv_zcdp_epsilon(double rho, double delta)
{
    if (!valid(rho) || !valid(delta) || delta >= 1)
        return NAN;
    return (double)epsilon_exact(rho, delta) * (1 + outward);
}

double pv_zcdp_alpha(double rho, double delta)
{
    if (!valid(rho) || !valid(delta) || delta >= 1)
        return NAN;
    return (double)(1 + optimal_order(rho, -logl(delta)));
}

double pv_zcdp_delta(double rho, double epsilon)
{
    if (!valid(rho) || !valid(epsilon))
        return NAN;
    const long double r = rho, e = epsilon;
    /* t solves (1 + 2t) rho - epsilon + ln t - ln(1+t) = 0, increasing in t */
    long double low = 0, high = (e + 1) / (2 * r) + 2;
    for (int i = 0; i < 300; i++) {
        const long double t = (low + high) / 2;
        if (t == 0 || (1 + 2 * t) * r - e - log1pl(1 / t) < 0)
            low = t;
        else
            high = t;
    }
    const long double t = high;
    const long double log_delta = t * ((1 + t) * r - e) -
                                  (1 + t) * log1pl(1 / t) - logl(t);
    /* up even among the subnormal, where a factor may change nothing */
    const double delta =
        nextafter((double)expl(log_delta) * (1 + 16 * outward), INFINITY);
    return delta < 1 ? delta : 1;
}

double pv_zcdp_rho(double epsilon, double delta)
{
    if (!valid(epsilon) || !valid(delta) || delta >= 1)
        return NAN;
    /* epsilon_exact grows with rho; epsilon(rho) >= rho bounds the search */
    long double low = 0, high = (long double)epsilon + 1;
    for (int i = 0; i < 300 && low < high; i++) {
        const long double rho = (low + high) / 2;
        if (epsilon_exact(rho, delta) <= (long double)epsilon)
            low = rho;
        else
            high = rho;
    }
    /* and down until the epsilon that is stated for it is not above */
    double rho = (double)low * (1 - outward);
    while (rho > 0 && pv_zcdp_epsilon(rho, delta) > epsilon)
        rho *= 1 - outward;
    return rho;
}

double pv_zcdp_epsilon_simple(double rho, double delta)
{
    if (!valid(rho) || !valid(delta) || delta >= 1)
        return NAN;
    return rho + 2 * sqrt(rho * -log(delta));
}

/* ln of the standard normal's upper tail at x, good for large x. */
static long double log_upper_tail(long double x)
{
    const long double z = x / sqrtl(2);
    if (z < 20)
        return logl(erfcl(z)) - logl(2);
    /* asymptotic series of erfc, to its smallest term at z >= 20 */
    long double term = 1, sum = 1;
    for (int k = 1; k < 30; k++) {
        term *= -(2 * k - 1) / (2 * z * z);
        sum += term;
    }
    return -z * z - logl(z) - logl(acosl(-1)) / 2 + logl(sum) - logl(2);
}

static long double gaussian_delta(long double mu, long double epsilon)
{
    const long double first = log_upper_tail(epsilon / mu - mu / 2);
    const long double second = epsilon + log_upper_tail(epsilon / mu + mu / 2);
    return -expl(first) * expm1l(second - first);
}

double pv_gaussian_delta(double rho, double epsilon)
{
    if (!valid(rho) || !valid(epsilon))
        return NAN;
    return (double)gaussian_delta(sqrtl(2 * (long double)rho), epsilon);
}

double pv_gaussian_epsilon(double rho, double delta)
{
    if (!valid(rho) || !valid(delta) || delta >= 1)
        return NAN;
    const long double mu = sqrtl(2 * (long double)rho);
    long double low = 0, high = 1;
    while (gaussian_delta(mu, high) > (long double)delta)
        high *= 2;
    for (int i = 0; i < 200; i++) {
        const long double epsilon = (low + high) / 2;
        if (gaussian_delta(mu, epsilon) > (long double)delta)
            low = epsilon;
        else
            high = epsilon;
    }
    return (double)high;
}

pv_status pv_units_of_rho(double rho, uint64_t *units, pv_error *err)
{
    if (!valid(rho))
        return pv_fail(err, PV_EBUDGET, "a budget must be a positive number");
    const double scaled = floor(ldexp(rho, PV_UNIT_BITS));
    if (scaled < 1 || scaled > (double)PV_UNITS_MAX)
        return pv_fail(err, PV_EBUDGET,
                       "a budget of rho = %g is outside what can be accounted "
                       "(2^-40 to 65536); choose another epsilon or rho",
                       rho);
    *units = (uint64_t)scaled;
    return PV_OK;
}

double pv_units_to_rho(uint64_t units)
{
    double d = (double)units;
    if (d < 0x1p64 && (uint64_t)d < units)
        d = nextafter(d, INFINITY);
    return ldexp(d, -PV_UNIT_BITS);
}

bool pv_cost_gaussian(uint64_t sensitivity2, pv_rational sigma2,
                      uint64_t *units)
{
    pv_u128 top;
    if (sigma2.num == 0 ||
        __builtin_mul_overflow((pv_u128)sensitivity2, sigma2.den, &top) ||
        top >> (127 - PV_UNIT_BITS) != 0)
        return false;
    const pv_u128 cost =
        ((top << (PV_UNIT_BITS - 1)) + sigma2.num - 1) / sigma2.num;
    if (cost > PV_UNITS_MAX)
        return false;
    *units = (uint64_t)cost;
    return true;
}

bool pv_cost_selection(uint64_t epsilon_num, uint64_t *units)
{
    /* (e 2^-20)^2 / 8 in units of 2^-40 is e^2 / 8 */
    const pv_u128 cost = ((pv_u128)epsilon_num * epsilon_num + 7) / 8;
    if (epsilon_num == 0 || cost > PV_UNITS_MAX)
        return false;
    *units = (uint64_t)cost;
    return true;
}

pv_status pv_sigma2_for_units(uint64_t units, uint64_t sensitivity2,
                              pv_rational *sigma2, pv_error *err)
{
    enum { den = 256 };
    if (units == 0 || sensitivity2 == 0 || sensitivity2 > UINT32_MAX)
        return pv_fail(err, PV_EBUDGET,
                       "the budget is too small to be split over so many "
                       "questions; raise epsilon or ask fewer");
    const pv_u128 top = ((pv_u128)sensitivity2 * den) << (PV_UNIT_BITS - 1);
    const pv_u128 num = (top + units - 1) / units;
    if (num / den >= (pv_u128)1 << 36)
        return pv_fail(err, PV_EBUDGET,
                       "the budget gives noise of standard deviation above "
                       "262144 to a question: no answer would mean anything; "
                       "raise epsilon or ask fewer questions");
    pv_gaussian gaussian;
    const pv_status status = pv_gaussian_init(
        &gaussian, (pv_rational){num > 0 ? (uint64_t)num : 1, den}, err);
    if (status == PV_OK)
        *sigma2 = gaussian.sigma2;
    return status;
}

uint64_t pv_epsilon_for_units(uint64_t units)
{
    uint64_t num = pv_isqrt((pv_u128)units * 8);
    return num <= UINT32_MAX ? num : UINT32_MAX;
}

/* log2(v) in units of 2^-16, v > 0, from below by less than 2 units: sixteen
 * squarings of the mantissa, each rounded down by a relative 2^-62 at most. */
static uint64_t log2_below(uint64_t v)
{
    const unsigned exponent = 63 - (unsigned)__builtin_clzll(v);
    uint64_t mantissa = v << (63 - exponent), log = exponent;
    for (int i = 0; i < 16; i++) {
        pv_u128 square = (pv_u128)mantissa * mantissa >> 63;
        log <<= 1;
        if (square >> 64 != 0) {
            square >>= 1;
            log |= 1;
        }
        mantissa = (uint64_t)square;
    }
    return log;
}

bool pv_label_threshold(pv_rational sigma2, uint64_t k, uint64_t delta,
                        uint64_t *threshold)
{
    enum { log_bits = 16, ln2_bits = 32, lost = 2 };
    const uint64_t ln2_above = 2977044472; /* ceil(ln 2 x 2^32) */
    if (k == 0 || k > UINT32_MAX || delta == 0 ||
        delta >> PV_DELTA_BITS != 0 || sigma2.num == 0 || sigma2.den == 0 ||
        sigma2.num >> 44 != 0 || sigma2.den > 256)
        return false;
    /* log2(k 2^60 / delta) from above */
    const uint64_t log = log2_below(k) + lost +
                         ((uint64_t)PV_DELTA_BITS << log_bits) -
                         log2_below(delta);
    const pv_u128 top = (pv_u128)2 * sigma2.num * log * ln2_above;
    const pv_u128 bottom = (pv_u128)sigma2.den << (log_bits + ln2_bits);
    const pv_u128 square = (top + bottom - 1) / bottom;
    uint64_t root = pv_isqrt(square);
    root += (pv_u128)root * root < square;
    *threshold = k + root;
    return true;
}

uint64_t pv_delta_units(double delta, double share)
{
    const double units = floor(ldexp(delta * share, PV_DELTA_BITS));
    return units >= 1 && units < 0x1p60 ? (uint64_t)units : 0;
}

double pv_delta_of_units(uint64_t units)
{
    return ldexp((double)units, -PV_DELTA_BITS);
}

double pv_delta_left(double delta, uint64_t units)
{
    if (units == 0)
        return delta;
    /* more than was spent, by the units' rounding: where all but little of a
     * large delta is, that is far more than a step of what is left */
    const double spent = nextafter(pv_delta_of_units(units), INFINITY);
    const double left = nextafter(delta - spent, 0);
    return left > 0 ? left : 0;
}
