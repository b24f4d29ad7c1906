#include "dp/sampler.h"

uint64_t pv_isqrt(pv_u128 x)
{
    uint64_t root = 0;
    for (int bit = 63; bit >= 0; bit--) {
        const uint64_t trial = root | UINT64_C(1) << bit;
        if ((pv_u128)trial * trial <= x)
            root = trial;
    }
    return root;
}

/* Compares a uniform U = 0.w1 w2 ... (base 2^bits) with num/den, digit by
 * digit: w1 against floor(num 2^bits / den), found without a division, and on
 * a tie the remainder takes num's place. */
static bool coin_wide(pv_stream *stream, pv_u128 num, pv_u128 den)
{
    for (;;) {
        const pv_u128 scaled = num << stream->digit_bits;
        const pv_u128 reached = (pv_u128)pv_stream_digit(stream) * den;
        if (reached >= scaled)
            return false;
        if (scaled - reached >= den)
            return true;
        num = scaled - reached;
    }
}

static bool coin_narrow(pv_stream *stream, uint64_t num, uint64_t den)
{
    for (;;) {
        const uint64_t scaled = num << stream->digit_bits;
        const uint64_t reached = (uint64_t)pv_stream_digit(stream) * den;
        if (reached >= scaled)
            return false;
        if (scaled - reached >= den)
            return true;
        num = scaled - reached;
    }
}

bool pv_coin(pv_stream *stream, pv_u128 num, pv_u128 den)
{
    if (num >= den)
        return true;
    if (den <= UINT32_MAX)
        return coin_narrow(stream, (uint64_t)num, (uint64_t)den);
    return coin_wide(stream, num, den);
}

/* For 0 <= num/den <= 1: the first k at which a coin of (num/den)/k fails is
 * odd with probability exp(-num/den), by the series of the exponential. */
static bool coin_exp_fraction(pv_stream *stream, pv_u128 num, pv_u128 den)
{
    uint64_t k = 1;
    while (pv_coin(stream, num, den * k)) {
        k++;
        PV_CHECK(k < 64); /* probability below 1/63!, free of the data */
    }
    return k % 2 == 1;
}

/* exp(-1) in base 2^32. A uniform that ties on all four digits (probability
 * 2^-128 whatever the digits' width) is decided by the series coin, though the
 * digits that follow are those of 0.85...: the probability is exp(-1) but for
 * less than 2^-129, the one inexactness here. */
static bool coin_exp_one(pv_stream *stream)
{
    static const uint32_t expansion[4] = {0x5e2d58d8, 0xb3bcdf1a, 0xbadec782,
                                          0x9054f90d};
    const unsigned bits = stream->digit_bits;
    for (unsigned used = 0; used + bits <= 128; used += bits) {
        const uint64_t window =
            (uint64_t)expansion[used / 32] << 32 |
            (used / 32 + 1 < 4 ? expansion[used / 32 + 1] : 0);
        const uint32_t expected =
            (uint32_t)(window << used % 32 >> (64 - bits));
        const uint32_t digit = pv_stream_digit(stream);
        if (digit != expected)
            return digit < expected;
    }
    return coin_exp_fraction(stream, 1, 1);
}

bool pv_coin_exp(pv_stream *stream, pv_u128 num, pv_u128 den)
{
    /* exp(-g) = exp(-1)^floor(g) exp(-rest): stops at the first coin that
     * fails, so a large num costs no more than e/(e-1) coins on average */
    while (num >= den) {
        if (!coin_exp_one(stream))
            return false;
        num -= den;
    }
    return coin_exp_fraction(stream, num, den);
}

uint64_t pv_uniform(pv_stream *stream, uint64_t n)
{
    const unsigned bits = stream->digit_bits;
    unsigned have = 0;
    pv_u128 range = 1;
    while (range < n) {
        range <<= bits;
        have += bits;
    }
    for (;;) {
        pv_u128 value = 0;
        for (unsigned i = 0; i < have; i += bits)
            value = value << bits | pv_stream_digit(stream);
        /* multiply and reject: results whose low part is below range mod n
         * would be one too many */
        const pv_u128 low = value * n & (range - 1);
        if (low >= n || low >= range % n)
            return (uint64_t)(value * n >> have);
    }
}

int64_t pv_discrete_laplace(pv_stream *stream, uint64_t t)
{
    for (;;) {
        const uint64_t both = pv_uniform(stream, 2 * t);
        const uint64_t u = both >> 1;
        const bool negative = (both & 1) != 0;
        if (!pv_coin_exp(stream, u, t))
            continue;
        uint64_t v = 0;
        while (coin_exp_one(stream))
            v++;
        const uint64_t magnitude = u + t * v;
        if (negative && magnitude == 0)
            continue; /* zero has one sign only */
        return negative ? -(int64_t)magnitude : (int64_t)magnitude;
    }
}

pv_status pv_gaussian_init(pv_gaussian *gaussian, pv_rational sigma2,
                           pv_error *err)
{
    if (sigma2.num == 0 || sigma2.den == 0)
        return pv_fail(err, PV_EINVAL, "a variance of noise must be positive");
    uint64_t a = sigma2.num, b = sigma2.den;
    while (b != 0) {
        const uint64_t r = a % b;
        a = b;
        b = r;
    }
    const uint64_t num = sigma2.num / a, den = sigma2.den / a;
    if (den > 256 || num / den >= UINT64_C(1) << 36)
        return pv_fail(err, PV_EINVAL,
                       "noise of variance %llu/%llu cannot be drawn exactly: "
                       "the denominator must be at most 256 and the standard "
                       "deviation at most 262144; spend more budget or ask "
                       "fewer questions",
                       (unsigned long long)num, (unsigned long long)den);
    gaussian->sigma2 = (pv_rational){num, den};
    gaussian->t = pv_isqrt(num / den) + 1;
    gaussian->den =
        (pv_u128)2 * num * den * ((pv_u128)gaussian->t * gaussian->t);
    PV_CHECK(gaussian->den >> PV_COIN_DEN_BITS == 0);
    return PV_OK;
}

int64_t pv_gaussian_draw(const pv_gaussian *gaussian, pv_stream *stream)
{
    const uint64_t scale = gaussian->t * gaussian->sigma2.den;
    const uint64_t n = gaussian->sigma2.num;
    for (;;) {
        const int64_t y = pv_discrete_laplace(stream, gaussian->t);
        const pv_u128 scaled = (pv_u128)(y < 0 ? -y : y) * scale;
        /* beyond 2^63 only with probability below exp(-2^17) */
        PV_CHECK(scaled >> 63 == 0);
        const pv_u128 distance = scaled > n ? scaled - n : n - scaled;
        if (pv_coin_exp(stream, distance * distance, gaussian->den))
            return y;
    }
}

size_t pv_select_draw(pv_stream *stream, const int64_t *score, size_t count,
                      pv_rational epsilon, uint64_t sensitivity)
{
    const int64_t limit = INT64_C(1) << 62;
    const pv_u128 den = (pv_u128)2 * sensitivity * epsilon.den;
    PV_CHECK(count > 0 && den > 0 && den >> PV_COIN_DEN_BITS == 0);
    PV_CHECK(epsilon.num <= UINT32_MAX);
    int64_t best = score[0];
    for (size_t i = 0; i < count; i++) {
        PV_CHECK(score[i] < limit && score[i] > -limit);
        if (score[i] > best)
            best = score[i];
    }
    for (;;) {
        const size_t i = (size_t)pv_uniform(stream, count);
        const uint64_t gap = (uint64_t)best - (uint64_t)score[i];
        if (pv_coin_exp(stream, (pv_u128)gap * epsilon.num, den))
            return i;
    }
}
