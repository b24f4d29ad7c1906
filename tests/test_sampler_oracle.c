/* A second implementation, plain and slow, with its own whole numbers: the same
 * digits must give the same draws. */
#include "dp/sampler.h"

#include <criterion/criterion.h>
#include <string.h>

/* ---- whole numbers of 256 bits, 16 bits a limb ------------------------- */

enum { limbs = 16 };
typedef struct big {
    uint16_t limb[limbs];
} big;

static big big_of(uint64_t x)
{
    big r = {{0}};
    for (size_t i = 0; i < 4; i++)
        r.limb[i] = (uint16_t)(x >> 16 * i);
    return r;
}

static uint64_t big_low(big a)
{
    uint64_t r = 0;
    for (size_t i = 4; i-- > 0;)
        r = r << 16 | a.limb[i];
    for (size_t i = 4; i < limbs; i++)
        cr_assert_eq(a.limb[i], 0);
    return r;
}

static int big_compare(big a, big b)
{
    for (size_t i = limbs; i-- > 0;)
        if (a.limb[i] != b.limb[i])
            return a.limb[i] < b.limb[i] ? -1 : 1;
    return 0;
}

static big big_add(big a, big b)
{
    uint32_t carry = 0;
    for (size_t i = 0; i < limbs; i++) {
        carry += (uint32_t)a.limb[i] + b.limb[i];
        a.limb[i] = (uint16_t)carry;
        carry >>= 16;
    }
    cr_assert_eq(carry, 0);
    return a;
}

static big big_subtract(big a, big b)
{
    int32_t borrow = 0;
    for (size_t i = 0; i < limbs; i++) {
        const int32_t d = (int32_t)a.limb[i] - b.limb[i] - borrow;
        a.limb[i] = (uint16_t)d;
        borrow = d < 0;
    }
    cr_assert_eq(borrow, 0);
    return a;
}

static big big_multiply(big a, big b)
{
    big r = {{0}};
    for (size_t i = 0; i < limbs; i++) {
        uint32_t carry = 0;
        if (a.limb[i] == 0)
            continue;
        for (size_t j = 0; j < limbs; j++) {
            if (i + j >= limbs) {
                cr_assert(b.limb[j] == 0 && carry == 0);
                continue;
            }
            carry += r.limb[i + j] + (uint32_t)a.limb[i] * b.limb[j];
            r.limb[i + j] = (uint16_t)carry;
            carry >>= 16;
        }
    }
    return r;
}

static big big_double(big a)
{
    return big_add(a, a);
}

/* a / b bit by bit; *rest is what remains. */
static big big_divide(big a, big b, big *rest)
{
    big quotient = {{0}}, r = {{0}};
    int top = 16 * limbs - 1;
    while (top > 0 && (a.limb[top / 16] >> top % 16 & 1) == 0)
        top--;
    for (int bit = top; bit >= 0; bit--) {
        r = big_double(r);
        r.limb[0] |= a.limb[bit / 16] >> bit % 16 & 1;
        if (big_compare(r, b) >= 0) {
            r = big_subtract(r, b);
            quotient.limb[bit / 16] |= (uint16_t)(1u << bit % 16);
        }
    }
    *rest = r;
    return quotient;
}

/* ---- the samplers ------------------------------------------------------ */

/* U < num/den: digit of num/den against digit of U, by long division. */
static bool coin(pv_stream *s, big num, big den)
{
    if (big_compare(num, den) >= 0)
        return true;
    for (;;) {
        for (unsigned i = 0; i < s->digit_bits; i++)
            num = big_double(num);
        const uint64_t wanted = big_low(big_divide(num, den, &num));
        const uint64_t digit = pv_stream_digit(s);
        if (digit != wanted)
            return digit < wanted;
        if (big_compare(num, big_of(0)) == 0)
            return false;
    }
}

static bool coin_exp_small(pv_stream *s, big num, big den)
{
    uint64_t k = 1;
    while (coin(s, num, big_multiply(den, big_of(k))))
        k++;
    return k % 2 == 1;
}

/* floor(2^128 exp(-1)) by its series with 64 bits to spare. */
static big inverse_e(void)
{
    big one = big_of(1), plus = {{0}}, minus = {{0}}, rest;
    for (size_t i = 0; i < 192; i++)
        one = big_double(one);
    big term = one;
    for (uint64_t k = 1; big_compare(term, big_of(0)) > 0; k++) {
        if (k % 2 == 1)
            plus = big_add(plus, term);
        else
            minus = big_add(minus, term);
        term = big_divide(term, big_of(k), &rest);
    }
    big unit = big_of(UINT64_C(1) << 63);
    return big_divide(big_subtract(plus, minus), big_double(unit), &rest);
}

static bool coin_exp_1(pv_stream *s)
{
    static big e;
    static bool known;
    if (!known)
        e = inverse_e();
    known = true;
    for (size_t i = 8; i > 0; i -= 2) { /* 32-bit digits */
        const uint32_t wanted =
            (uint32_t)e.limb[i - 1] << 16 | e.limb[i - 2];
        const uint32_t digit = pv_stream_digit(s);
        if (digit != wanted)
            return digit < wanted;
    }
    return coin_exp_small(s, big_of(1), big_of(1));
}

static bool coin_exp(pv_stream *s, big num, big den)
{
    for (; big_compare(num, den) >= 0; num = big_subtract(num, den))
        if (!coin_exp_1(s))
            return false;
    return coin_exp_small(s, num, den);
}

static uint64_t uniform(pv_stream *s, uint64_t n)
{
    unsigned digits = 0;
    big range = big_of(1), low, spare;
    for (; big_compare(range, big_of(n)) < 0; digits++)
        for (unsigned i = 0; i < s->digit_bits; i++)
            range = big_double(range);
    for (;;) {
        big value = {{0}};
        for (unsigned i = 0; i < digits; i++) {
            for (unsigned b = 0; b < s->digit_bits; b++)
                value = big_double(value);
            value = big_add(value, big_of(pv_stream_digit(s)));
        }
        const big result =
            big_divide(big_multiply(value, big_of(n)), range, &low);
        (void)big_divide(range, big_of(n), &spare);
        if (big_compare(low, spare) >= 0)
            return big_low(result);
    }
}

static int64_t laplace(pv_stream *s, uint64_t t)
{
    for (;;) {
        const uint64_t both = uniform(s, 2 * t);
        int64_t v = 0;
        if (!coin_exp(s, big_of(both / 2), big_of(t)))
            continue;
        while (coin_exp_1(s))
            v++;
        const int64_t x = (int64_t)(both / 2) + (int64_t)t * v;
        if (both % 2 == 0)
            return x;
        if (x != 0)
            return -x;
    }
}

/* Accepts y with exp(-(|y| - s/t)^2 / (2 s)), s = n/d: of numerator
 * (|y| t d - n)^2 and denominator 2 n d t^2. */
static int64_t gaussian(pv_stream *s, uint64_t n, uint64_t d)
{
    uint64_t t = 1;
    while (t * t * d <= n)
        t++;
    const big den = big_multiply(big_multiply(big_of(2 * n), big_of(d)),
                                 big_multiply(big_of(t), big_of(t)));
    for (;;) {
        const int64_t y = laplace(s, t);
        const big a = big_multiply(big_of((uint64_t)(y < 0 ? -y : y)),
                                   big_of(t * d));
        const big b = big_of(n);
        const big gap =
            big_compare(a, b) > 0 ? big_subtract(a, b) : big_subtract(b, a);
        if (coin_exp(s, big_multiply(gap, gap), den))
            return y;
    }
}

static size_t selection(pv_stream *s, const int64_t *score, size_t count,
                        uint64_t num, uint64_t den)
{
    int64_t best = score[0];
    for (size_t i = 1; i < count; i++)
        best = score[i] > best ? score[i] : best;
    for (;;) {
        const size_t i = (size_t)uniform(s, count);
        if (coin_exp(s, big_multiply(big_of((uint64_t)(best - score[i])),
                                     big_of(num)),
                     big_of(den)))
            return i;
    }
}

/* ---- the comparison ---------------------------------------------------- */

static void pair(pv_stream *a, pv_stream *b, uint64_t nonce)
{
    const pv_key key = {{'o', 'r', 'a', 'c', 'l', 'e'}};
    cr_assert_eq(pv_crypto_init(NULL), PV_OK);
    pv_stream_init(a, &key, nonce);
    pv_stream_init(b, &key, nonce);
}

/* Both have used the same digits. */
static void assert_level(const pv_stream *a, const pv_stream *b)
{
    cr_assert_eq(a->block, b->block);
    cr_assert_eq(a->position, b->position);
}

Test(oracle, discrete_gaussian)
{
    static const pv_rational sigma2[] = {
        {1, 9},   {1, 4},     {1, 1},       {3, 2},         {10, 1},
        {100, 1}, {6028, 5},  {10000, 1},   {1000000, 1},   {100000000, 1},
        {(UINT64_C(1) << 44) - 1, 256},     {999999937, 251}};
    for (size_t i = 0; i < sizeof sigma2 / sizeof *sigma2; i++) {
        pv_stream a, b;
        pv_gaussian g;
        pair(&a, &b, i);
        cr_assert_eq(pv_gaussian_init(&g, sigma2[i], NULL), PV_OK);
        for (size_t k = 0; k < 20000; k++) {
            const int64_t x = pv_gaussian_draw(&g, &a);
            const int64_t y = gaussian(&b, sigma2[i].num, sigma2[i].den);
            cr_assert_eq(x, y, "draw %zu of variance %zu", k, i);
        }
        assert_level(&a, &b);
    }
}

Test(oracle, selection)
{
    pv_stream a, b;
    int64_t score[40];
    pair(&a, &b, 1000);
    for (size_t i = 0; i < 40; i++)
        score[i] = (int64_t)(i * i * 12345 % 65536) * 4 - 9999;
    for (size_t k = 0; k < 20000; k++) {
        const size_t count = 1 + k % 40;
        const uint64_t num = 1 + (k * 7919) % (UINT64_C(1) << 21);
        const size_t x = pv_select_draw(&a, score, count,
                                        (pv_rational){num, 1 << 20}, 131072);
        const size_t y = selection(&b, score, count, num,
                                   UINT64_C(2) * 131072 << 20);
        cr_assert_eq(x, y, "draw %zu", k);
    }
    assert_level(&a, &b);
}

Test(oracle, uniform)
{
    pv_stream a, b;
    pair(&a, &b, 2000);
    for (uint64_t k = 1; k < 3000; k++) {
        const uint64_t n = k * k * k * UINT64_C(0x9e3779b9) >> k % 40 | 1;
        cr_assert_eq(pv_uniform(&a, n), uniform(&b, n));
    }
    assert_level(&a, &b);
}

static void refill_words(pv_stream *stream)
{
    const uint32_t **next = stream->context;
    stream->words[0] = *(*next)++;
    stream->position = 0;
    stream->available = 1;
}

/* All four digits of exp(-1): just below it the coin falls, just above not. */
Test(oracle, every_digit_of_inverse_e)
{
    const big e = inverse_e();
    uint32_t digit[4];
    for (size_t i = 0; i < 4; i++)
        digit[i] = (uint32_t)e.limb[7 - 2 * i] << 16 | e.limb[6 - 2 * i];
    cr_assert_eq(digit[0], 0x5e2d58d8);
    for (size_t i = 0; i < 4; i++)
        for (int step = -1; step <= 1; step += 2) {
            uint32_t words[8] = {0};
            const uint32_t *next = words;
            pv_stream stream = {.digit_bits = 32,
                                .refill = refill_words,
                                .context = &next};
            memcpy(words, digit, sizeof digit);
            words[i] += (uint32_t)step;
            cr_assert_eq(pv_coin_exp(&stream, 1, 1), step < 0);
        }
}

/* A tie of U with num/den goes on to the next digit. */
Test(oracle, coin_ties)
{
    const uint32_t words[] = {0x55555555, 0x55555555, 0x55555554, 0x55555555,
                              0x55555556, 0x80000000, 0x7fffffff};
    const uint32_t *next = words;
    pv_stream stream = {
        .digit_bits = 32, .refill = refill_words, .context = &next};
    const pv_u128 third = (pv_u128)1 << 90;
    cr_assert(pv_coin(&stream, third, 3 * third));
    cr_assert(!pv_coin(&stream, 1, 3));
    cr_assert_eq(next - words, 5);
    cr_assert(!pv_coin(&stream, 1, 2)); /* U = 1/2 exactly is not below it */
    cr_assert(pv_coin(&stream, third, 2 * third));
}
