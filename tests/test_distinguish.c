#include "audit/epsilon/distinguish.h"
#include "core/stream.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

enum { runs = 4000, width = 4, half = runs / 2 };

static pv_error err;
static unsigned char world[runs];
static double feature[runs * width];
static const char *const name[] = {"first", "second", "third", "fourth"};
static const pv_runs all = {runs, width, name, world, feature};
static const pv_feature_group group[] = {{"first two", 0, 2}, {"all", 0, 4}};

static void quiet(void)
{
    (void)gsl_set_error_handler_off();
}

TestSuite(distinguish, .init = quiet);

static double normal(pv_stream *stream)
{
    return gsl_cdf_ugaussian_Pinv(
        fmin(fmax(pv_stream_double(stream), 1e-15), 1 - 1e-15));
}

/* Features of noise; the first and the second share most of theirs. */
static void fill(double shift)
{
    pv_stream stream;
    const pv_key key = {{7}};
    pv_stream_init(&stream, &key, 0);
    for (size_t i = 0; i < runs; i++) {
        const double common = 10 * normal(&stream);
        world[i] = i % 2;
        for (size_t f = 0; f < width; f++)
            feature[i * width + f] = normal(&stream) + (f < 2 ? common : 0);
        feature[i * width] += world[i] ? shift : 0;
    }
}

static pv_confusion learn(pv_aim_of aim, pv_distinguisher *d)
{
    const pv_status status = pv_distinguisher_learn(&all, 0, half, group, 2,
                                                    aim, 0, 0.1, d, &err);
    cr_assert_eq(status, PV_OK, "%s", err.message);
    return pv_distinguisher_count(d, &all, half, runs);
}

/* The difference of two features, whose common noise cancels, has mu = 2 /
 * sqrt(2); the first alone has 0.2. */
Test(distinguish, finds_what_noise_has_in_common)
{
    pv_distinguisher d = {0};
    double mu, epsilon;
    fill(2);
    const pv_confusion c = learn(PV_FOR_RHO, &d);
    cr_assert_eq(pv_epsilon_gdp(&c, 0, 0.1, &mu, &epsilon, &err), PV_OK);
    cr_expect(strncmp(d.name, "linear: ", 8) == 0, "%s", d.name);
    cr_expect_gt(mu, 1.1, "%g", mu);
    cr_expect_lt(mu, 1.4143);
    cr_expect_lt(fabs(d.weight[0] + d.weight[1]), 0.05 * d.weight[0]);
    pv_distinguisher_clear(&d);
}

Test(distinguish, turns_round_what_falls)
{
    pv_distinguisher d = {0};
    fill(-2);
    const pv_confusion c = learn(PV_FOR_RHO, &d);
    double mu, epsilon;
    cr_assert_eq(pv_epsilon_gdp(&c, 0, 0.1, &mu, &epsilon, &err), PV_OK);
    cr_expect_gt(mu, 1.0, "%g", mu);
    pv_distinguisher_clear(&d);
}

/* Answers of one world only: a feature that is above 0 there, though seldom, is
 * worth more for epsilon than a shift. */
Test(distinguish, a_rare_tell_tale_shows_epsilon)
{
    pv_distinguisher d = {0};
    fill(0.5);
    for (size_t i = 0; i < runs; i++)
        feature[i * width + 2] = world[i] && i % 20 == 1;
    const pv_confusion c = learn(PV_FOR_EPSILON, &d);
    cr_expect_leq(c.fp, 3, "%s %g %g", d.name, c.tp, c.fp);
    cr_expect_gt(c.tp, 0.8 * half / 20);
    cr_expect_lt(c.tp, 1.2 * half / 20);
    pv_distinguisher_clear(&d);
}

Test(distinguish, a_constant_that_differs_decides_alone)
{
    pv_distinguisher d = {0};
    fill(0);
    for (size_t i = 0; i < runs; i++)
        feature[i * width + 3] = world[i] ? 5 : 4;
    const pv_confusion c = learn(PV_FOR_EPSILON, &d);
    cr_expect_eq(c.tp, half / 2);
    cr_expect_eq(c.tn, half / 2);
    pv_distinguisher_clear(&d);
}

/* What was chosen on some runs is no better than chance on others. */
Test(distinguish, nothing_to_find_is_not_found)
{
    pv_distinguisher d = {0};
    pv_epsilon_interval interval;
    fill(0);
    const pv_confusion c = learn(PV_FOR_EPSILON, &d);
    cr_expect_eq(c.tp + c.fn, half / 2);
    cr_assert_eq(pv_epsilon_clopper_pearson(&c, 0, 0.1, &interval, &err), PV_OK);
    cr_expect_eq(interval.lo, 0);
    pv_distinguisher_clear(&d);
}

Test(distinguish, features_that_never_vary)
{
    pv_distinguisher d = {0};
    fill(0);
    for (size_t i = 0; i < runs * width; i++)
        feature[i] = 3;
    const pv_confusion c = learn(PV_FOR_RHO, &d);
    cr_expect_eq(c.tp, 0);
    cr_expect_eq(c.fp, 0);
    cr_expect_str_eq(d.name, "first");
    pv_distinguisher_clear(&d);
}

Test(distinguish, needs_both_worlds)
{
    pv_distinguisher d = {0};
    fill(1);
    for (size_t i = 0; i < half; i++)
        world[i] = 1;
    cr_expect_eq(pv_distinguisher_learn(&all, 0, half, group, 2, PV_FOR_RHO, 0,
                                        0.1, &d, &err),
                 PV_EINVAL);
    cr_expect_null(d.weight);
}
