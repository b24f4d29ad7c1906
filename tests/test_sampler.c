/* Exhaustive: a sampler is fed all strings of one-bit digits up to a length.
 * Those at which it stops give its law from below, the mass of the others
 * bounds what is missing: no statistics. */
#include "dp/sampler.h"

#include "dp_fixture.h"

#include <setjmp.h>

enum { longest = 40, half = 16, places = 2 * half + 1 };

typedef int64_t draw_fn(pv_stream *stream, const void *parameters);

/* What is found, and what is left open when strings grow longer than depth. */
typedef struct enumeration {
    draw_fn *draw;
    const void *parameters;
    unsigned depth;
    uint8_t digit[longest];
    unsigned length, next;
    jmp_buf exhausted;
    double lower[places]; /* of results -half .. half */
    double other, open;   /* results beyond; strings cut off */
} enumeration;

static void refill_enumerated(pv_stream *stream)
{
    enumeration *e = stream->context;
    if (e->next == e->length)
        longjmp(e->exhausted, 1);
    stream->words[0] = e->digit[e->next++];
    stream->position = 0;
    stream->available = 1;
}

static void visit(enumeration *e)
{
    pv_stream stream = {.digit_bits = 1,
                        .refill = refill_enumerated,
                        .context = e};
    e->next = 0;
    if (setjmp(e->exhausted) == 0) {
        const int64_t x = e->draw(&stream, e->parameters);
        cr_assert_eq(e->next, e->length);
        const double mass = ldexp(1, -(int)e->length);
        if (x < -half || x > half)
            e->other += mass;
        else
            e->lower[x + half] += mass;
        return;
    }
    if (e->length == e->depth) {
        e->open += ldexp(1, -(int)e->length);
        return;
    }
    for (uint8_t d = 0; d < 2; d++) {
        e->digit[e->length++] = d;
        visit(e);
        e->length--;
    }
}

static enumeration enumerate(draw_fn *draw, const void *parameters,
                             unsigned depth)
{
    static enumeration e;
    memset(&e, 0, sizeof e);
    e.draw = draw;
    e.parameters = parameters;
    e.depth = depth;
    visit(&e);
    return e;
}

/* The true probability of x must lie within what was found; at most `gap` of
 * the mass may be undecided. */
static void assert_law(const enumeration *e, int64_t x, long double p,
                       double gap)
{
    const double low = e->lower[x + half];
    cr_assert_leq(e->open, gap, "undecided %g", e->open);
    cr_assert(low <= (double)p + 1e-14 && (double)p <= low + e->open + 1e-14,
              "P(%lld) = %.10Lg is not in [%.10g, %.10g]", (long long)x, p, low,
              low + e->open);
}

static int64_t draw_coin(pv_stream *stream, const void *parameters)
{
    const pv_rational *p = parameters;
    return pv_coin(stream, p->num, p->den);
}

Test(sampler, coin)
{
    static const pv_rational p[] = {{0, 1},  {1, 1},   {1, 2},  {1, 3},
                                    {2, 3},  {5, 7},   {99, 100},
                                    {1, UINT64_C(1) << 33},
                                    {(UINT64_C(1) << 40) / 3, UINT64_C(1) << 40}};
    for (size_t i = 0; i < sizeof p / sizeof *p; i++) {
        const enumeration e = enumerate(draw_coin, &p[i], 24);
        assert_law(&e, 1, (long double)p[i].num / (long double)p[i].den, 1e-7);
    }
}

static int64_t draw_coin_exp(pv_stream *stream, const void *parameters)
{
    const pv_rational *p = parameters;
    return pv_coin_exp(stream, p->num, p->den);
}

Test(sampler, coin_exp)
{
    static const pv_rational g[] = {{0, 1}, {1, 1}, {1, 2}, {1, 3}, {7, 10},
                                    {2, 1}, {3, 2}, {7, 3}, {22, 5}, {1, 64}};
    for (size_t i = 0; i < sizeof g / sizeof *g; i++) {
        const enumeration e = enumerate(draw_coin_exp, &g[i], 21);
        assert_law(&e, 1,
                   expl(-(long double)g[i].num / (long double)g[i].den), 2e-3);
    }
}

static int64_t draw_uniform(pv_stream *stream, const void *parameters)
{
    return (int64_t)pv_uniform(stream, *(const uint64_t *)parameters);
}

Test(sampler, uniform)
{
    for (uint64_t n = 1; n <= 17; n++) {
        const enumeration e = enumerate(draw_uniform, &n, 20);
        for (uint64_t x = 0; x < n && x <= half; x++)
            assert_law(&e, (int64_t)x, 1.0L / n, 0.05);
    }
}

static int64_t draw_laplace(pv_stream *stream, const void *parameters)
{
    return pv_discrete_laplace(stream, *(const uint64_t *)parameters);
}

/* P(x) = (1 - q)/(1 + q) q^|x| with q = exp(-1/t) */
static long double laplace_pmf(long double t, long double x)
{
    const long double q = expl(-1 / t);
    return (1 - q) / (1 + q) * expl(-fabsl(x) / t);
}

Test(sampler, discrete_laplace)
{
    for (uint64_t t = 1; t <= 4; t++) {
        const enumeration e = enumerate(draw_laplace, &t, 22);
        for (int64_t x = -6; x <= 6; x++)
            assert_law(&e, x, laplace_pmf(t, x), 0.15);
    }
}

static int64_t draw_gaussian(pv_stream *stream, const void *parameters)
{
    return pv_gaussian_draw(parameters, stream);
}

static long double gaussian_pmf(long double sigma2, int64_t x)
{
    long double sum = 0;
    const int64_t far = (int64_t)(14 * sqrtl(sigma2)) + 6;
    for (int64_t i = -far; i <= far; i++)
        sum += expl(-(long double)i * (long double)i / (2 * sigma2));
    return expl(-(long double)x * (long double)x / (2 * sigma2)) / sum;
}

Test(sampler, discrete_gaussian)
{
    static const pv_rational sigma2[] = {{1, 9}, {1, 4}, {1, 1}, {3, 2}};
    for (size_t i = 0; i < 4; i++) {
        pv_gaussian g;
        cr_assert_eq(pv_gaussian_init(&g, sigma2[i], NULL), PV_OK);
        const enumeration e = enumerate(draw_gaussian, &g, 22);
        for (int64_t x = -4; x <= 4; x++)
            assert_law(&e, x,
                       gaussian_pmf((long double)sigma2[i].num / sigma2[i].den,
                                    x),
                       0.4);
    }
}

typedef struct selection {
    int64_t score[4];
    size_t count;
    pv_rational epsilon;
    uint64_t sensitivity;
} selection;

static int64_t draw_selection(pv_stream *stream, const void *parameters)
{
    const selection *s = parameters;
    return (int64_t)pv_select_draw(stream, s->score, s->count, s->epsilon,
                                   s->sensitivity);
}

static long double selection_pmf(const int64_t *score, size_t count,
                                 long double epsilon, long double sensitivity,
                                 size_t x)
{
    long double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += expl(epsilon * (long double)(score[i] - score[x]) /
                    (2 * sensitivity));
    return 1 / sum;
}

Test(sampler, selection)
{
    static const selection s[] = {{{3}, 1, {1, 1}, 1},
                                  {{0, 0}, 2, {1, 1}, 1},
                                  {{3, 2, 0}, 3, {1, 1}, 1},
                                  {{-5, 2, 4, 4}, 4, {3, 4}, 2},
                                  {{65536, 0}, 2, {1, 2}, 65536}};
    for (size_t i = 0; i < sizeof s / sizeof *s; i++) {
        const enumeration e = enumerate(draw_selection, &s[i], 19);
        for (size_t x = 0; x < s[i].count; x++)
            assert_law(&e, (int64_t)x,
                       selection_pmf(s[i].score, s[i].count,
                                     (long double)s[i].epsilon.num /
                                         s[i].epsilon.den,
                                     s[i].sensitivity, x),
                       0.1);
    }
}

/* The laws assumed above are those of the reference numbers. */
Test(sampler, laws_are_the_reference)
{
    vectors v;
    size_t checked = 0;
    if (!vectors_open(&v, "discrete_gaussian_pmf.csv"))
        return;
    for (; vectors_row(&v); checked++)
        cr_assert(near((double)gaussian_pmf(
                           strcmp(v.field[0], "1/9") == 0
                               ? 1.0L / 9
                               : (long double)number(v.field[0]),
                           atoll(v.field[1])),
                       atof(v.field[2]), 1e-12),
                  "sigma2 %s at %s", v.field[0], v.field[1]);
    cr_assert_eq(checked, 56);
    cr_assert(vectors_open(&v, "discrete_laplace.csv"));
    for (; vectors_row(&v); checked++)
        cr_assert(near((double)laplace_pmf(number(v.field[0]),
                                           atof(v.field[1])),
                       atof(v.field[2]), 1e-12));
    cr_assert_eq(checked, 56 + 33);
    cr_assert(vectors_open(&v, "selection_pmf.csv"));
    for (; vectors_row(&v); checked++) {
        int64_t score[32];
        size_t count = 0;
        for (char *at = strtok(v.field[1], " "); at != NULL;
             at = strtok(NULL, " "))
            score[count++] = atoll(at);
        cr_assert(near((double)selection_pmf(score, count, atof(v.field[2]),
                                             atof(v.field[3]),
                                             (size_t)atoll(v.field[4])),
                       atof(v.field[5]), 1e-12),
                  "case %s", v.field[0]);
    }
    cr_assert_eq(checked, 56 + 33 + 88);
}

Test(sampler, limits)
{
    pv_gaussian g;
    const uint64_t top = UINT64_C(1) << 36;
    cr_assert_eq(pv_gaussian_init(&g, (pv_rational){0, 1}, NULL), PV_EINVAL);
    cr_assert_eq(pv_gaussian_init(&g, (pv_rational){1, 0}, NULL), PV_EINVAL);
    cr_assert_eq(pv_gaussian_init(&g, (pv_rational){top, 1}, NULL), PV_EINVAL);
    cr_assert_eq(pv_gaussian_init(&g, (pv_rational){1, 257}, NULL), PV_EINVAL);
    cr_assert_eq(pv_gaussian_init(&g, (pv_rational){UINT64_MAX, 1}, NULL),
                 PV_EINVAL);
    cr_assert_eq(pv_gaussian_init(&g, (pv_rational){514, 2 * 257}, NULL),
                 PV_OK);
    cr_assert(g.sigma2.num == 1 && g.sigma2.den == 1 && g.t == 2);
    cr_assert_eq(pv_gaussian_init(&g, (pv_rational){top * 256 - 1, 256}, NULL),
                 PV_OK);
    cr_assert_eq(g.t, UINT64_C(1) << 18);
    cr_assert(g.den >> 90 == 0);
    pv_key key = {{1}};
    pv_stream stream;
    double square = 0;
    cr_assert_eq(pv_crypto_init(NULL), PV_OK);
    pv_stream_init(&stream, &key, 0);
    for (size_t i = 0; i < 20000; i++)
        square += pow((double)pv_gaussian_draw(&g, &stream), 2);
    cr_assert_float_eq(square / 20000 / 0x1p36, 1, 0.06);
}

Test(sampler, isqrt)
{
    const pv_u128 top = ~(pv_u128)0;
    cr_assert_eq(pv_isqrt(0), 0);
    cr_assert_eq(pv_isqrt(top), UINT64_MAX);
    for (uint64_t r = 1; r < 3000000; r += r / 7 + 1) {
        cr_assert_eq(pv_isqrt((pv_u128)r * r), r);
        cr_assert_eq(pv_isqrt((pv_u128)r * r - 1), r - 1);
    }
    cr_assert_eq(pv_isqrt((pv_u128)UINT64_MAX * UINT64_MAX - 1),
                 UINT64_MAX - 1);
}
