#include "audit/epsilon/estimate.h"
#include "core/memory.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pv_error err;

static void quiet(void)
{
    (void)gsl_set_error_handler_off();
}

TestSuite(epsilon, .init = quiet);

static void must(pv_status status)
{
    cr_assert_eq(status, PV_OK, "%s", err.message);
}

static void near(double got, double wanted, double within, const char *what,
                 const char *line)
{
    cr_assert((isinf(wanted) && isinf(got)) || fabs(got - wanted) <= within,
              "%s: %.12g, not %.12g: %s", what, got, wanted, line);
}

/* --- reference numbers ----------------------------------------------------- */

typedef void check_fn(const double *v, const char *line);

/* Calls `check` with the numbers of each line; false, loudly, without a file. */
static size_t each_line(const char *name, size_t columns, check_fn *check)
{
    const char *shared = getenv("PRIVET_SHARED");
    char *path = pv_sprintf_alloc("%s/vectors/%s", shared != NULL ? shared : "../shared", name);
    FILE *file = fopen(path, "r");
    char line[1024];
    size_t lines = 0;
    if (file == NULL || fgets(line, sizeof line, file) == NULL) {
        (void)fprintf(stderr, "SKIPPED: no reference numbers at %s\n", path);
        free(path);
        return SIZE_MAX;
    }
    for (; fgets(line, sizeof line, file) != NULL; lines++) {
        double v[32] = {0};
        char *at = line;
        for (size_t i = 0; i < columns; i++) {
            char *end;
            v[i] = strtod(at, &end);
            cr_assert(end != at, "%s: %s", path, line);
            at = end + (*end == ',');
        }
        check(v, line);
    }
    (void)fclose(file);
    free(path);
    return lines;
}

static void check_bayes(const double *v, const char *line)
{
    const pv_confusion counts = {v[0], v[1], v[2], v[3]};
    const double delta = v[4], alpha = v[5];
    pv_epsilon_posterior p;
    pv_epsilon_interval i;
    double cdf, density;
    must(pv_epsilon_bayes(&counts, delta, alpha, PV_PRIOR_JEFFREYS, &p, &err));
    near(p.lo, v[6], 1e-6, "bayes_lo", line);
    near(p.hi, v[7], 1e-6, "bayes_hi", line);
    near(p.median, v[8], 1e-6, "bayes_median", line);
    near(p.onesided_lo, v[9], 1e-6, "bayes_onesided_lo", line);
    must(pv_epsilon_bayes(&counts, delta, alpha, PV_PRIOR_UNIFORM, &p, &err));
    near(p.lo, v[10], 1e-6, "bayes_uniform_lo", line);
    near(p.hi, v[11], 1e-6, "bayes_uniform_hi", line);
    for (int e = 0; e < 2; e++) {
        must(pv_epsilon_posterior_at(&counts, delta, PV_PRIOR_JEFFREYS, e,
                                     &cdf, &density, &err));
        near(cdf, v[12 + e], 1e-8, "p_eps_le", line);
    }
    must(pv_epsilon_clopper_pearson(&counts, delta, alpha, &i, &err));
    near(i.lo, v[17], 1e-8, "cp_lo", line);
    near(i.hi, v[18], 1e-8, "cp_hi", line);
    must(pv_epsilon_jeffreys(&counts, delta, alpha, &i, &err));
    near(i.lo, v[19], 1e-8, "jeff_lo", line);
    near(i.hi, v[20], 1e-8, "jeff_hi", line);
}

Test(epsilon, posterior_as_in_the_reference)
{
    cr_assert_gt(each_line("bayes_vectors.csv", 21, check_bayes), 5);
}

static void check_gdp(const double *v, const char *line)
{
    const pv_confusion counts = {v[0], v[1], v[2], v[3]};
    pv_epsilon_interval i;
    double mu, epsilon;
    must(pv_epsilon_clopper_pearson(&counts, v[4], v[5], &i, &err));
    near(i.fpr[1], v[6], 1e-8, "fpr_up", line);
    near(i.fnr[1], v[7], 1e-8, "fnr_up", line);
    near(i.lo, v[10], 1e-8, "eps_lo_cp", line);
    must(pv_epsilon_gdp(&counts, v[4], v[5], &mu, &epsilon, &err));
    near(mu, v[8], 1e-8, "mu_lo", line);
    near(epsilon, v[9], 1e-8, "eps_lo_gdp", line);
}

Test(epsilon, gdp_as_in_the_reference)
{
    cr_assert_gt(each_line("gdp_vectors.csv", 11, check_gdp), 3);
}

static void check_one_run(const double *v, const char *line)
{
    const pv_one_run run = {(uint64_t)v[0], (uint64_t)v[1], (uint64_t)v[2]};
    double epsilon, p;
    must(pv_epsilon_one_run(&run, v[3], v[4], &epsilon, &err));
    near(epsilon, v[5], 1e-8, "eps_lb", line);
    must(pv_one_run_p_value(&run, 1, v[3], &p, &err));
    near(p, v[6], 1e-8, "pvalue_at_eps1", line);
}

Test(epsilon, one_run_as_in_the_reference)
{
    cr_assert_gt(each_line("one_run_vectors.csv", 7, check_one_run), 10);
}
