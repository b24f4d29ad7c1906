#include "audit/attack/interval.h"
#include "core/memory.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pv_error err;

static double uniform(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-53;
}

static void near(double got, double wanted, const char *what)
{
    cr_assert(fabs(got - wanted) <= 1e-9 * fmax(fabs(wanted), 1e-12),
              "%s: %.12g, not %.12g", what, got, wanted);
}

/* One line of reference numbers: attacks, successes, controls, level, attack
 * rate and half width, control rate and half width, the residual before
 * clipping and its error, risk, interval. */
static void check_line(const double v[13])
{
    const double z = gsl_cdf_ugaussian_Pinv(0.5 + v[3] / 2);
    double centre, half, ci[2];
    pv_wilson(v[1], v[0], z, &centre, &half);
    near(centre, v[4], "attack rate");
    near(half, v[5], "half width");
    pv_wilson(v[2], v[0], z, &centre, &half);
    near(centre, v[6], "control rate");
    near(half, v[7], "half width of the control");
    if (v[3] != 0.95)
        return;
    near(pv_residual_risk(v[1], v[0], v[2], v[0], ci), v[10], "risk");
    near(ci[0], v[11], "lower end");
    near(ci[1], v[12], "upper end");
}

Test(interval, reference_numbers)
{
    const char *shared = getenv("PRIVET_SHARED");
    char *path = pv_sprintf_alloc("%s/vectors/anonymeter_wilson_vectors.csv",
                                  shared != NULL ? shared : "../shared");
    FILE *file = fopen(path, "r");
    char line[1024];
    size_t lines = 0;
    if (file == NULL || fgets(line, sizeof line, file) == NULL) {
        (void)fprintf(stderr, "SKIPPED: no reference numbers at %s\n", path);
        free(path);
        return;
    }
    for (; fgets(line, sizeof line, file) != NULL; lines++) {
        double v[13];
        char *at = line;
        for (size_t i = 0; i < 13; i++) {
            v[i] = strtod(at, &at);
            at += *at == ',';
        }
        check_line(v);
    }
    cr_assert_gt(lines, 3);
    (void)fclose(file);
    free(path);
}

static void inside(const double ci[2], double low, double high)
{
    cr_assert(low <= ci[0] && ci[0] <= ci[1] && ci[1] <= high, "[%g, %g]",
              ci[0], ci[1]);
}

Test(interval, extremes)
{
    static const double trials[] = {1, 2, 7, 500, 1e6, 1e18};
    double ci[2], centre, half;
    for (size_t i = 0; i < 6; i++) {
        const double n = trials[i];
        pv_wilson_interval(0, n, ci);
        inside(ci, 0, 1);
        cr_assert(ci[0] == 0 && ci[1] > 0);
        near(ci[1], PV_Z95 * PV_Z95 / (n + PV_Z95 * PV_Z95), "upper end at 0");
        pv_wilson_interval(n, n, ci);
        inside(ci, 0, 1);
        cr_assert(ci[1] == 1 && ci[0] > 0);
        for (int j = 0; j < 16; j++) {
            const double risk =
                pv_residual_risk(j & 1 ? n : 0, j & 2 ? n : 0, j & 4 ? n : 0,
                                 j & 8 ? n : 0, ci);
            inside(ci, 0, 1);
            cr_assert(risk >= 0 && risk <= 1);
            pv_difference_interval(j & 1 ? n : 0, j & 2 ? n : 0, j & 4 ? n : 0,
                                   j & 8 ? n : 0, ci);
            inside(ci, -1, 1);
        }
    }
    pv_wilson(0, 0, PV_Z95, &centre, &half);
    near(centre, 0.5, "centre without trials");
    near(half, 0.5, "half width without trials");
    pv_wilson_interval(0, 0, ci);
    cr_assert(ci[0] == 0 && ci[1] == 1);
    pv_difference_interval(0, 0, 3, 5, ci);
    cr_assert(ci[0] == -1 && ci[1] == 1);
}

/* Newcombe 1998, table II: 56/70 - 48/80, 9/10 - 3/10, 10/10 - 0/10. */
Test(interval, differences_as_published)
{
    static const double line[3][6] = {{56, 70, 48, 80, 0.0524, 0.3339},
                                      {9, 10, 3, 10, 0.1705, 0.8090},
                                      {10, 10, 0, 10, 0.6075, 1.0000}};
    for (size_t i = 0; i < 3; i++) {
        double ci[2], back[2];
        const double *v = line[i];
        pv_difference_interval(v[0], v[1], v[2], v[3], ci);
        cr_assert_float_eq(ci[0], v[4], 5.1e-5, "%g", ci[0]);
        cr_assert_float_eq(ci[1], v[5], 5.1e-5, "%g", ci[1]);
        pv_difference_interval(v[2], v[3], v[0], v[1], back);
        near(back[0], -ci[1], "mirrored");
        near(back[1], -ci[0], "mirrored");
    }
}

/* The chance that the interval of a binomial count holds its rate, exactly:
 * near 95 % on the average over rates, and never far below. */
Test(interval, wilson_covers)
{
    enum { n = 50, rates = 399 };
    double mean = 0, least = 1;
    for (int i = 1; i <= rates; i++) {
        const double p = (double)i / (rates + 1);
        double chance = 0;
        for (unsigned k = 0; k <= n; k++) {
            double ci[2];
            pv_wilson_interval(k, n, ci);
            if (ci[0] <= p && p <= ci[1])
                chance += gsl_ran_binomial_pdf(k, p, n);
        }
        mean += chance / rates;
        least = fmin(least, chance);
    }
    cr_assert(mean > 0.945 && mean < 0.96, "%g", mean);
    cr_assert_gt(least, 0.83);
}

static double auc_by_pairs(const double *score, const bool *positive, size_t n)
{
    double sum = 0, pairs = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (positive[i] && !positive[j]) {
                sum += score[i] > score[j] ? 1 : score[i] == score[j] ? 0.5 : 0;
                pairs++;
            }
    return sum / pairs;
}

Test(auc, by_all_pairs)
{
    enum { n = 60 };
    uint64_t state = 5;
    for (int round = 0; round < 50; round++) {
        double score[n], auc;
        bool positive[n];
        /* few values make ties, infinities among them */
        for (size_t i = 0; i < n; i++) {
            score[i] = floor(uniform(&state) * (1 + round)) - 2;
            if (uniform(&state) < 0.05)
                score[i] = uniform(&state) < 0.5 ? INFINITY : -INFINITY;
            positive[i] = i == 0 || (i > 1 && uniform(&state) < 0.4);
        }
        cr_assert_eq(pv_auc(score, positive, n, &auc, &err), PV_OK);
        near(auc, auc_by_pairs(score, positive, n), "area");
    }
}

Test(auc, of_nothing_and_of_one_class)
{
    const double score[] = {1, 2, 3};
    const bool all[] = {true, true, true}, none[] = {false, false, false};
    double auc = 0, ci[2];
    cr_assert_eq(pv_auc(score, all, 0, &auc, &err), PV_OK);
    cr_assert(isnan(auc));
    cr_assert_eq(pv_auc(score, all, 3, &auc, &err), PV_OK);
    cr_assert(isnan(auc));
    cr_assert_eq(pv_auc(score, none, 3, &auc, &err), PV_OK);
    cr_assert(isnan(auc));
    pv_auc_interval(auc, 3, 0, ci);
    cr_assert(ci[0] == 0 && ci[1] == 1);
    pv_auc_interval(NAN, 3, 3, ci);
    cr_assert(ci[0] == 0 && ci[1] == 1);
}

Test(auc, the_ends_solve_their_equation)
{
    static const double area[] = {0, 0.02, 0.5, 0.73, 0.999, 1};
    static const size_t size[] = {1, 2, 10, 2000};
    for (size_t a = 0; a < 6; a++)
        for (size_t i = 0; i < 4; i++)
            for (size_t j = 0; j < 4; j++) {
                const double m = (double)size[i], n = (double)size[j];
                double ci[2], mirrored[2];
                pv_auc_interval(area[a], size[i], size[j], ci);
                inside(ci, 0, 1);
                cr_assert(ci[0] <= area[a] && area[a] <= ci[1]);
                cr_assert(ci[1] > ci[0]);
                pv_auc_interval(1 - area[a], size[j], size[i], mirrored);
                cr_assert_float_eq(mirrored[0], 1 - ci[1], 1e-12);
                for (int e = 0; e < 2; e++) {
                    const double t = ci[e];
                    const double v =
                        t * (1 - t) / (m * n) *
                        (1 + ((m + n) / 2 - 1) *
                                 ((1 - t) / (2 - t) + t / (1 + t)));
                    cr_assert_float_eq(fabs(area[a] - t), PV_Z95 * sqrt(v),
                                       1e-9);
                }
            }
}

/* Scores of the two classes from logistic laws a shift apart. */
Test(auc, the_interval_covers)
{
    enum { runs = 2000, each = 40 };
    static const double shift[] = {0, 2};
    static const double truth[] = {0.5, 0.7945}; /* e(e - 1 - d)/(e - 1)^2 of
                                                    e = exp(d) */
    uint64_t state = 11;
    for (size_t c = 0; c < 2; c++) {
        int held = 0;
        for (int run = 0; run < runs; run++) {
            double score[2 * each], auc, ci[2];
            bool positive[2 * each];
            for (size_t i = 0; i < 2 * each; i++) {
                const double u = uniform(&state) * (1 - 1e-9) + 1e-10;
                positive[i] = i < each;
                score[i] = log(u / (1 - u)) + (i < each ? shift[c] : 0);
            }
            cr_assert_eq(pv_auc(score, positive, 2 * each, &auc, &err), PV_OK);
            pv_auc_interval(auc, each, each, ci);
            held += ci[0] <= truth[c] && truth[c] <= ci[1];
        }
        cr_assert(held > 0.93 * runs && held < 0.975 * runs, "%d", held);
    }
}
