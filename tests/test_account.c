#include "dp/account.h"

#include "dp_fixture.h"

static const double tolerance = 1e-12, least = 1e-308;

/* Compares when the value is wanted at all; counts what was compared. */
static void compare(double got, const char *wanted, const char *what,
                    size_t *checked)
{
    const double w = number(wanted);
    if (wanted[0] == '\0' || fabs(w) < least)
        return;
    cr_assert(near(got, w, tolerance), "%s: %.17g, not %s", what, got, wanted);
    (*checked)++;
}

static void report(const char *name, size_t checked)
{
    (void)fprintf(stderr, "%s: %zu values checked\n", name, checked);
}

Test(account, rho_to_eps)
{
    vectors v;
    size_t n = 0;
    if (!vectors_open(&v, "rho_to_eps.csv"))
        return;
    while (vectors_row(&v)) {
        const double rho = atof(v.field[0]), delta = atof(v.field[1]);
        compare(pv_zcdp_epsilon(rho, delta), v.field[2], "epsilon", &n);
        compare(pv_zcdp_alpha(rho, delta), v.field[3], "alpha", &n);
        compare(pv_zcdp_epsilon_simple(rho, delta), v.field[4], "simple", &n);
        compare(pv_gaussian_epsilon(rho, delta), v.field[5], "gaussian", &n);
        cr_assert_geq(pv_zcdp_epsilon(rho, delta), atof(v.field[2]));
    }
    report("rho_to_eps", n);
    cr_assert_eq(n, 4 * 52);
}

Test(account, eps_delta_to_rho)
{
    vectors v;
    size_t n = 0;
    if (!vectors_open(&v, "eps_delta_to_rho.csv"))
        return;
    while (vectors_row(&v)) {
        const double epsilon = atof(v.field[0]), delta = atof(v.field[1]);
        const double rho = pv_zcdp_rho(epsilon, delta);
        compare(rho, v.field[2], "rho", &n);
        cr_assert_leq(rho, atof(v.field[2]));
        /* the exact Gaussian's column, back to its epsilon */
        compare(pv_gaussian_epsilon(atof(v.field[4]), delta), v.field[0],
                "gaussian", &n);
    }
    report("eps_delta_to_rho", n);
    cr_assert_eq(n, 2 * 27);
}

Test(account, rho_eps_to_delta)
{
    vectors v;
    size_t n = 0;
    if (!vectors_open(&v, "rho_eps_to_delta.csv"))
        return;
    while (vectors_row(&v)) {
        const double rho = atof(v.field[0]), epsilon = atof(v.field[1]);
        compare(pv_zcdp_delta(rho, epsilon), v.field[2], "delta", &n);
        compare(pv_gaussian_delta(rho, epsilon), v.field[4], "gaussian", &n);
        cr_assert_geq(pv_zcdp_delta(rho, epsilon), atof(v.field[2]));
    }
    report("rho_eps_to_delta", n);
    cr_assert_eq(n, 2 * 20 - 2); /* one row is below 1e-308 */
}

Test(account, gaussian_composed)
{
    vectors v;
    size_t n = 0;
    if (!vectors_open(&v, "gaussian_composed.csv"))
        return;
    while (vectors_row(&v)) {
        const double sigma = atof(v.field[0]), times = atof(v.field[1]);
        const double delta = atof(v.field[2]);
        const double rho = times / (2 * sigma * sigma);
        compare(rho, v.field[4], "rho", &n);
        compare(pv_gaussian_epsilon(rho, delta), v.field[5], "gaussian", &n);
        compare(pv_zcdp_epsilon(rho, delta), v.field[6], "epsilon", &n);
        compare(pv_zcdp_epsilon_simple(rho, delta), v.field[7], "simple", &n);
    }
    report("gaussian_composed", n);
    cr_assert_eq(n, 4 * 34);
}

Test(account, discrete_gaussian_delta)
{
    vectors v;
    size_t n = 0;
    if (!vectors_open(&v, "discrete_gaussian_delta.csv"))
        return;
    while (vectors_row(&v)) {
        const double d = atof(v.field[1]), epsilon = atof(v.field[2]);
        const double rho = d * d / (2 * number(v.field[0]));
        const double delta = pv_zcdp_delta(rho, epsilon);
        compare(delta, v.field[5], "delta", &n);
        compare(pv_gaussian_delta(rho, epsilon), v.field[4], "gaussian", &n);
        /* the claim covers the noise that is drawn */
        cr_assert_geq(delta, atof(v.field[3]));
    }
    report("discrete_gaussian_delta", n);
    cr_assert_geq(n, 66);
}

Test(account, conversions_are_outward)
{
    for (double rho = 0x1p-40; rho < 60000; rho *= 11.3)
        for (double delta = 1e-3; delta > 1e-30; delta *= 1e-3) {
            const double epsilon = pv_zcdp_epsilon(rho, delta);
            if (epsilon > 0) {
                /* epsilon was rounded up: neither way is an exact inverse */
                cr_assert(near(pv_zcdp_rho(epsilon, delta), rho, 1e-11),
                          "%g %g", rho, delta);
                cr_assert(near(pv_zcdp_delta(rho, epsilon), delta, 1e-8));
                cr_assert_geq(pv_zcdp_epsilon_simple(rho, delta), epsilon);
            }
        }
    for (double epsilon = 1e-3; epsilon < 300; epsilon *= 1.9)
        for (double delta = 1e-2; delta > 1e-20; delta *= 0.07) {
            const double rho = pv_zcdp_rho(epsilon, delta);
            cr_assert_gt(rho, 0);
            cr_assert_leq(pv_zcdp_epsilon(rho, delta), epsilon, "%g %g",
                          epsilon, delta);
        }
    cr_assert_gt(pv_zcdp_delta(1e-3, 40), 0); /* below what a double holds */
}

Test(account, refuses_nonsense)
{
    const double bad[] = {0, -1, NAN, INFINITY};
    for (size_t i = 0; i < 4; i++) {
        uint64_t units = 7;
        cr_assert(isnan(pv_zcdp_epsilon(bad[i], 1e-9)));
        cr_assert(isnan(pv_zcdp_epsilon(1, bad[i])));
        cr_assert(isnan(pv_zcdp_delta(bad[i], 1)));
        cr_assert(isnan(pv_zcdp_delta(1, bad[i])));
        cr_assert(isnan(pv_zcdp_rho(bad[i], 1e-9)));
        cr_assert(isnan(pv_zcdp_rho(1, bad[i])));
        cr_assert(isnan(pv_gaussian_epsilon(bad[i], 1e-9)));
        cr_assert_eq(pv_units_of_rho(bad[i], &units, NULL), PV_EBUDGET);
        cr_assert_eq(units, 7);
    }
    cr_assert(isnan(pv_zcdp_epsilon(1, 1)));
    cr_assert(isnan(pv_zcdp_rho(1, 1.5)));
}

Test(account, units)
{
    uint64_t units;
    cr_assert_eq(pv_units_of_rho(1, &units, NULL), PV_OK);
    cr_assert_eq(units, UINT64_C(1) << 40);
    cr_assert_eq(pv_units_of_rho(nextafter(1, 0), &units, NULL), PV_OK);
    cr_assert_eq(units, (UINT64_C(1) << 40) - 1); /* down */
    cr_assert_eq(pv_units_of_rho(0x1p-40, &units, NULL), PV_OK);
    cr_assert_eq(units, 1);
    cr_assert_eq(pv_units_of_rho(0x1.fp-41, &units, NULL), PV_EBUDGET);
    cr_assert_eq(pv_units_of_rho(65536, &units, NULL), PV_OK);
    cr_assert_eq(units, PV_UNITS_MAX);
    cr_assert_eq(pv_units_of_rho(65537, &units, NULL), PV_EBUDGET);
    cr_assert_eq(pv_units_to_rho(UINT64_C(3) << 39), 1.5);
    const uint64_t odd = (UINT64_C(1) << 54) + 1; /* up */
    cr_assert_eq(pv_units_to_rho(odd), nextafter(0x1p14, INFINITY));
    cr_assert_eq(pv_units_to_rho(UINT64_MAX), 0x1p24);
}

/* The least u with u sigma2 2^-40 >= D2/2, that is u 2 num >= D2 den 2^40. */
static bool enough(uint64_t units, uint64_t d2, pv_rational s)
{
    return (long double)units * 2 * (long double)s.num >=
           (long double)d2 * (long double)s.den * 0x1p40L;
}

Test(account, gaussian_cost)
{
    /* every product below has at most 64 bits: long double is exact */
    for (uint64_t d2 = 1; d2 <= 9; d2++)
        for (uint64_t den = 1; den <= 256; den += 51)
            for (uint64_t num = 1; num < 100000; num = num * 3 + 1) {
                uint64_t units;
                const pv_rational s = {num, den};
                cr_assert(pv_cost_gaussian(d2, s, &units));
                cr_assert(enough(units, d2, s));
                cr_assert(!enough(units - 1, d2, s));
            }
    uint64_t units;
    cr_assert(pv_cost_gaussian(1, (pv_rational){1, 2}, &units));
    cr_assert_eq(units, UINT64_C(1) << 40); /* 1/(2 s) with s = 1/2 is 1 */
    cr_assert(pv_cost_gaussian(2, (pv_rational){1, 1}, &units));
    cr_assert_eq(units, UINT64_C(1) << 40);
}

Test(account, selection_cost)
{
    uint64_t units;
    cr_assert(pv_cost_selection(PV_EPSILON_DEN, &units));
    cr_assert_eq(units, UINT64_C(1) << 37); /* 1/8 */
    for (uint64_t e = 1; e < 100000; e = e * 2 + 3) {
        cr_assert(pv_cost_selection(e, &units));
        cr_assert(8 * units >= e * e && 8 * (units - 1) < e * e);
        cr_assert_geq(pv_epsilon_for_units(units), e);
        uint64_t back;
        cr_assert(pv_cost_selection(pv_epsilon_for_units(units), &back));
        cr_assert_leq(back, units);
    }
    cr_assert_eq(pv_epsilon_for_units(0), 0);
    cr_assert_eq(pv_epsilon_for_units(UINT64_MAX), UINT32_MAX);
}

Test(account, sigma2_is_least)
{
    static const uint64_t d2[] = {1, 2, 9, 50, 1000000};
    for (size_t i = 0; i < 5; i++)
        for (uint64_t units = 1000000; units < PV_UNITS_MAX;
             units = units * 5 + 3) {
            pv_rational s;
            uint64_t cost;
            if (pv_sigma2_for_units(units, d2[i], &s, NULL) != PV_OK) {
                /* refused only where the noise would be too wide */
                cr_assert_gt((double)d2[i] * 0x1p39 / (double)units, 0x1p35);
                continue;
            }
            cr_assert_leq(s.den, 256);
            cr_assert(pv_cost_gaussian(d2[i], s, &cost));
            cr_assert_leq(cost, units);
            const pv_rational less = {s.num * (256 / s.den) - 1, 256};
            if (less.num > 0 && pv_cost_gaussian(d2[i], less, &cost))
                cr_assert_gt(cost, units);
        }
}

Test(account, overflow)
{
    uint64_t units = 5;
    pv_rational s;
    const uint64_t all = UINT64_MAX;
    cr_assert(!pv_cost_gaussian(all, (pv_rational){1, all}, &units));
    cr_assert(!pv_cost_gaussian(all, (pv_rational){1, 1}, &units));
    cr_assert(!pv_cost_gaussian(1, (pv_rational){0, 1}, &units));
    cr_assert(!pv_cost_gaussian(1 << 18, (pv_rational){1, 1}, &units));
    cr_assert(!pv_cost_selection(0, &units));
    cr_assert(!pv_cost_selection(all, &units));
    cr_assert(!pv_cost_selection(UINT64_C(1) << 40, &units));
    cr_assert_eq(units, 5);
    cr_assert(pv_cost_gaussian(1, (pv_rational){all, 1}, &units));
    cr_assert_eq(units, 1); /* never for nothing */
    cr_assert_eq(pv_sigma2_for_units(0, 1, &s, NULL), PV_EBUDGET);
    cr_assert_eq(pv_sigma2_for_units(1, 0, &s, NULL), PV_EBUDGET);
    cr_assert_eq(pv_sigma2_for_units(1, 1, &s, NULL), PV_EBUDGET);
    cr_assert_eq(pv_sigma2_for_units(1, all, &s, NULL), PV_EBUDGET);
}

/* What labels leave of delta is never stated above what it is, also where
 * nearly all of a large delta is spent; and not much below. */
Test(account, delta_left)
{
    static const double deltas[] = {1e-12, 1e-9, 1e-3, 0.1, 0.5, 0.999};
    for (size_t d = 0; d < sizeof deltas / sizeof *deltas; d++) {
        const uint64_t all = pv_delta_units(deltas[d], 1);
        for (uint64_t less = 0; less < 1000; less++) {
            const uint64_t units = all - less;
            const long double left =
                deltas[d] - ldexpl((long double)units, -PV_DELTA_BITS);
            cr_assert_leq((long double)pv_delta_left(deltas[d], units),
                          left > 0 ? left : 0);
        }
        cr_assert_float_eq(pv_delta_left(deltas[d], all / 10),
                           deltas[d] * 0.9, deltas[d] * 1e-6);
        cr_assert_eq(pv_delta_left(deltas[d], 0), deltas[d]);
    }
}
