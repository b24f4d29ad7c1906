/* bench_epsilon - ms of CPU an estimator of epsilon takes on one set of counts,
 * mean and worst over counts from 10 to 1,000,000 runs a world (target: 5 ms). */
#include "audit/epsilon/estimate.h"
#include "bench/clock.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { repetitions = 20 };

static pv_error err;

typedef pv_status estimator(const pv_confusion *c);

static pv_status bayes_jeffreys(const pv_confusion *c)
{
    pv_epsilon_posterior p;
    return pv_epsilon_bayes(c, 1e-5, 0.1, PV_PRIOR_JEFFREYS, &p, &err);
}

static pv_status bayes_uniform(const pv_confusion *c)
{
    pv_epsilon_posterior p;
    return pv_epsilon_bayes(c, 1e-5, 0.1, PV_PRIOR_UNIFORM, &p, &err);
}

static pv_status clopper_pearson(const pv_confusion *c)
{
    pv_epsilon_interval i;
    return pv_epsilon_clopper_pearson(c, 1e-5, 0.1, &i, &err);
}

static pv_status jeffreys(const pv_confusion *c)
{
    pv_epsilon_interval i;
    return pv_epsilon_jeffreys(c, 1e-5, 0.1, &i, &err);
}

static pv_status gdp(const pv_confusion *c)
{
    double mu, epsilon;
    return pv_epsilon_gdp(c, 1e-5, 0.1, &mu, &epsilon, &err);
}

/* One-run counts with as many guesses as there were runs. */
static pv_one_run as_run(const pv_confusion *c)
{
    return (pv_one_run){(uint64_t)(c->tp + c->fp + c->tn + c->fn),
                        (uint64_t)(c->tp + c->fp + c->tn + c->fn),
                        (uint64_t)(c->tp + c->tn)};
}

static pv_status one_run(const pv_confusion *c)
{
    const pv_one_run run = as_run(c);
    double epsilon;
    return pv_epsilon_one_run(&run, 1e-5, 0.05, &epsilon, &err);
}

static pv_status one_run_gdp(const pv_confusion *c)
{
    const pv_one_run run = as_run(c);
    double mu;
    return pv_mu_one_run(&run, 0.05, &mu, &err);
}

static double time_of(estimator *run, const pv_confusion *c)
{
    const double start = bench_cpu_seconds();
    for (int i = 0; i < repetitions; i++)
        if (run(c) != PV_OK) {
            (void)fprintf(stderr, "bench_epsilon: %s\n", err.message);
            exit(1);
        }
    return 1e3 * (bench_cpu_seconds() - start) / repetitions;
}

int main(void)
{
    static const struct {
        const char *name;
        estimator *run;
    } all[] = {{"bayes, Jeffreys prior", bayes_jeffreys},
               {"bayes, uniform prior", bayes_uniform},
               {"Clopper-Pearson", clopper_pearson},
               {"Jeffreys", jeffreys},
               {"GDP", gdp},
               {"one run", one_run},
               {"one run, GDP", one_run_gdp}};
    static const double size[] = {10, 100, 1000, 10000, 100000, 1e6};
    static const double rate[][2] = {{0, 0},     {0, 0.5},   {0.1, 0.1},
                                     {0.02, 0.9}, {0.5, 0.5}, {0.001, 0.999}};
    (void)gsl_set_error_handler_off();
    (void)printf("%-24s %8s", "ms, largest of 6 shapes", "target");
    for (size_t s = 0; s < sizeof size / sizeof *size; s++)
        (void)printf(" %9.0f", size[s]);
    (void)printf("  runs a world\n");
    for (size_t e = 0; e < sizeof all / sizeof *all; e++) {
        (void)printf("%-24s %8.1f", all[e].name, 5.0);
        for (size_t s = 0; s < sizeof size / sizeof *size; s++) {
            double worst = 0;
            for (size_t r = 0; r < sizeof rate / sizeof *rate; r++) {
                const double n = size[s];
                const double fn = round(n * rate[r][0]);
                const double fp = round(n * rate[r][1]);
                const pv_confusion c = {n - fn, fp, n - fp, fn};
                worst = fmax(worst, time_of(all[e].run, &c));
            }
            (void)printf(" %9.3f", worst);
        }
        (void)printf("\n");
    }
    return 0;
}
