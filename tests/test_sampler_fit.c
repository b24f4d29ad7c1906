/* Goodness of fit with fixed keys: a test that passes once passes always. */
#include "dp/sampler.h"

#include "dp_fixture.h"

#include <gsl/gsl_cdf.h>

enum { draws = 1000000 };
static const double alpha = 1e-9;

/* Chi-square over bins, neighbouring ones pooled until 20 are expected. */
static double p_value(const double *expected, const size_t *found, size_t bins)
{
    double chi2 = 0, mass = 0, count = 0, sum = 0;
    size_t cells = 0;
    for (size_t i = 0; i < bins; i++) {
        mass += expected[i];
        count += (double)found[i];
        sum += expected[i];
        /* the last cell takes all that is left */
        if (mass < 20 || (double)draws - sum < 20) {
            if (i + 1 < bins)
                continue;
        }
        if (mass <= 0)
            continue;
        chi2 += (count - mass) * (count - mass) / mass;
        mass = count = 0;
        cells++;
    }
    cr_assert_geq(cells, 2);
    return gsl_cdf_chisq_Q(chi2, (double)(cells - 1));
}

static pv_stream stream_of(unsigned char first, uint64_t nonce)
{
    const pv_key key = {{first, 'f', 'i', 't'}};
    pv_stream stream;
    cr_assert_eq(pv_crypto_init(NULL), PV_OK);
    pv_stream_init(&stream, &key, nonce);
    return stream;
}

/* Expected numbers in `bins` bins of `width` integers, the middle one's middle
 * at 0; what is beyond goes to the ends. */
typedef long double weight_fn(long double x, long double scale);

static long double gaussian_weight(long double x, long double sigma2)
{
    return expl(-x * x / (2 * sigma2));
}

static long double laplace_weight(long double x, long double t)
{
    return expl(-fabsl(x) / t);
}

static size_t bin_of(int64_t x, int64_t width, size_t bins)
{
    const int64_t middle = (int64_t)bins / 2;
    const int64_t at = (x + (x >= 0 ? width / 2 : -(width / 2))) / width;
    if (at < -middle)
        return 0;
    return at > middle ? bins - 1 : (size_t)(at + middle);
}

static void expect(weight_fn *weight, long double scale, int64_t far,
                   int64_t width, size_t bins, double *expected)
{
    long double sum = 0;
    memset(expected, 0, bins * sizeof *expected);
    for (int64_t x = -far; x <= far; x++) {
        const long double w = weight(x, scale);
        expected[bin_of(x, width, bins)] += (double)w;
        sum += w;
    }
    for (size_t i = 0; i < bins; i++)
        expected[i] *= (double)(draws / sum);
}

enum { bins = 129 };

static double gaussian_p(pv_rational sigma2)
{
    double expected[bins];
    size_t found[bins] = {0};
    pv_gaussian g;
    pv_stream stream = stream_of(1, sigma2.num);
    const long double s2 = (long double)sigma2.num / sigma2.den;
    const double sigma = (double)sqrtl(s2);
    /* an odd width, so that bins are symmetric */
    const int64_t width = sigma < 8 ? 1 : 2 * (int64_t)(sigma / 16) + 1;
    expect(gaussian_weight, s2, (int64_t)(13 * sigma) + 6, width, bins,
           expected);
    cr_assert_eq(pv_gaussian_init(&g, sigma2, NULL), PV_OK);
    for (size_t i = 0; i < draws; i++)
        found[bin_of(pv_gaussian_draw(&g, &stream), width, bins)]++;
    return p_value(expected, found, bins);
}

Test(fit, discrete_gaussian)
{
    static const pv_rational sigma2[] = {
        {1, 9},     {1, 4},    {1, 1},       {3, 2},         {10, 1},
        {100, 1},   {6028, 5}, {10000, 1},   {1000000, 1},   {100000000, 1}};
    for (size_t i = 0; i < sizeof sigma2 / sizeof *sigma2; i++) {
        const double p = gaussian_p(sigma2[i]);
        cr_assert_geq(p, alpha, "sigma2 %g: p %g",
                      (double)sigma2[i].num / (double)sigma2[i].den, p);
    }
}

/* The test has teeth: 2% more spread is found. */
Test(fit, power)
{
    double expected[bins];
    size_t found[bins] = {0};
    pv_gaussian g;
    pv_stream stream = stream_of(2, 0);
    expect(gaussian_weight, 100, 130, 1, bins, expected);
    cr_assert_eq(pv_gaussian_init(&g, (pv_rational){104, 1}, NULL), PV_OK);
    for (size_t i = 0; i < draws; i++)
        found[bin_of(pv_gaussian_draw(&g, &stream), 1, bins)]++;
    cr_assert_lt(p_value(expected, found, bins), alpha);
}

Test(fit, discrete_laplace)
{
    static const uint64_t t[] = {1, 2, 3, 10, 100, 1000};
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        double expected[bins];
        size_t found[bins] = {0};
        pv_stream stream = stream_of(3, i);
        const int64_t width = t[i] < 8 ? 1 : 2 * (int64_t)(t[i] / 8) + 1;
        expect(laplace_weight, t[i], 60 * (int64_t)t[i], width, bins, expected);
        for (size_t k = 0; k < draws; k++)
            found[bin_of(pv_discrete_laplace(&stream, t[i]), width, bins)]++;
        const double p = p_value(expected, found, bins);
        cr_assert_geq(p, alpha, "t %g: p %g", (double)t[i], p);
    }
}

static void assert_selection(const int64_t *score, size_t count,
                             pv_rational epsilon, uint64_t sensitivity)
{
    double expected[64], sum = 0;
    size_t found[64] = {0};
    pv_stream stream = stream_of(4, count + epsilon.num);
    for (size_t i = 0; i < count; i++) {
        expected[i] = exp((double)epsilon.num / (double)epsilon.den *
                          (double)(score[i] - score[0]) /
                          (2 * (double)sensitivity));
        sum += expected[i];
    }
    for (size_t i = 0; i < count; i++)
        expected[i] *= draws / sum;
    for (size_t k = 0; k < draws; k++)
        found[pv_select_draw(&stream, score, count, epsilon, sensitivity)]++;
    const double p = p_value(expected, found, count);
    cr_assert_geq(p, alpha, "%zu candidates: p %g", count, p);
}

Test(fit, selection)
{
    int64_t score[50];
    for (size_t i = 0; i < 50; i++)
        score[i] = (int64_t)((i * 29) % 50) * 30000 - 700000;
    assert_selection((const int64_t[]){3, 2, 2, 0}, 4, (pv_rational){1, 1}, 1);
    assert_selection((const int64_t[]){0, 5, 9}, 3, (pv_rational){2, 3}, 2);
    assert_selection(score, 50, (pv_rational){1 << 19, 1 << 20}, 1 << 17);
}
