/* bench_primitive - runs of one question a second and core, features and sums of
 * the noise included, beside a plain loop of as many draws in the same process
 * (target: a million runs of a measurement of 100 cells in 60 s of CPU, 30 s on two
 * cores). */
#include "audit/epsilon/primitive_internal.h"
#include "bench/clock.h"
#include "core/log.h"
#include "core/scratch.h"
#include "core/threads.h"

#include <stdio.h>
#include <stdlib.h>

static pv_error err;

static void must(pv_status status)
{
    if (status == PV_OK)
        return;
    (void)fprintf(stderr, "bench_primitive: %s\n", err.message);
    exit(1);
}

static double time_of_draws(pv_rational sigma2, size_t draws)
{
    const pv_key key = {{'b'}};
    pv_gaussian gaussian;
    pv_stream stream;
    int64_t sum = 0;
    must(pv_gaussian_init(&gaussian, sigma2, &err));
    pv_stream_init(&stream, &key, 0);
    const double start = bench_cpu_seconds();
    for (size_t i = 0; i < draws; i++)
        sum += pv_gaussian_draw(&gaussian, &stream);
    const double time = bench_cpu_seconds() - start;
    if (sum == INT64_MAX) /* so that the loop is not left out */
        (void)puts("");
    return time;
}

static double time_of_runs(const pv_case *c, size_t runs)
{
    static pv_noise_sums sums;
    pv_case_hand hand;
    double feature[PV_CASE_FEATURES];
    must(pv_case_hand_alloc(c, &sums, &hand, &err));
    const double start = bench_cpu_seconds();
    for (size_t i = 0; i < runs; i++)
        must(pv_case_draw(&hand, i, i, feature, &err));
    const double time = bench_cpu_seconds() - start;
    pv_case_hand_free(&hand);
    return time;
}

static void bench(pv_primitive primitive, size_t cells, size_t runs)
{
    const pv_primitive_options options = {.runs = runs,
                                          .cells = cells,
                                          .candidates = 8,
                                          .rows = 3,
                                          .epsilon = 2,
                                          .delta = 1e-5,
                                          .delta_labels = 0.01};
    const pv_primitive_case which = {.primitive = primitive};
    const pv_key key = {{'k'}};
    char *scratch = NULL;
    pv_case c;
    must(pv_scratch_make(NULL, &scratch, &err));
    must(pv_case_tables(&which, &options, scratch, &key, &c, &err));
    must(pv_case_ask(&c, &err));
    const double time = time_of_runs(&c, runs);
    (void)printf("%-10s %6zu numbers %10.0f runs/s", pv_primitive_name(primitive),
                 c.size, (double)runs / time);
    if (c.size > 0)
        (void)printf("   %.2f of the speed of draws alone",
                     time_of_draws(c.sigma2, runs * c.size) / time);
    (void)printf("   a million: %.0f s\n", 1e6 * time / (double)runs);
    pv_case_clear(&c);
    pv_scratch_remove(scratch);
    free(scratch);
}

int main(void)
{
    pv_log_init("bench_primitive", PV_LOG_QUIET);
    pv_threads_set(1);
    must(pv_crypto_init(&err));
    bench(PV_PRIMITIVE_MEASURE, 100, 100000);
    bench(PV_PRIMITIVE_MEASURE, 2048, 5000);
    bench(PV_PRIMITIVE_INTERVALS, 100, 100000);
    bench(PV_PRIMITIVE_SCORES, 100, 100000);
    bench(PV_PRIMITIVE_SELECT, 100, 100000);
    bench(PV_PRIMITIVE_LABELS, 100, 100000);
    bench(PV_PRIMITIVE_QUERIES, 100, 100000);
    bench(PV_PRIMITIVE_GROUP, 100, 100000);
    bench(PV_PRIMITIVE_VOTES, 100, 10000);
    return 0;
}
