/* bench_noise - exact noise and selection: CPU time on one thread.
 *
 * Target: 3 million discrete Gaussian draws a second and core for variances
 * from 1/9 to 10^8. */
#include "bench/clock.h"
#include "dp/sampler.h"

#include <stdio.h>
#include <stdlib.h>

enum { draws = 1000000, repeats = 3, candidates = 1000, selections = 20000 };

static const double target = 3.0;

static bool gaussian_rate(pv_rational sigma2, const pv_key *key)
{
    pv_error err = PV_ERROR_INIT;
    pv_gaussian gaussian;
    pv_stream stream;
    double best = 0;
    int64_t sum = 0;
    if (pv_gaussian_init(&gaussian, sigma2, &err) != PV_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
        return false;
    }
    for (int r = 0; r < repeats; r++) {
        pv_stream_init(&stream, key, (uint64_t)r);
        const double from = bench_cpu_seconds();
        for (int i = 0; i < draws; i++)
            sum += pv_gaussian_draw(&gaussian, &stream);
        const double rate = draws / (bench_cpu_seconds() - from) / 1e6;
        best = rate > best ? rate : best;
    }
    (void)printf("discrete Gaussian, sigma^2 = %-12.6g %6.2f M draws/s   "
                 "target %.0f   %s   (mean %.3f)\n",
                 (double)sigma2.num / (double)sigma2.den, best, target,
                 best >= target ? "met" : "MISSED",
                 (double)sum / draws / repeats);
    return true;
}

static void selection_time(const pv_key *key)
{
    static int64_t score[candidates];
    pv_stream stream;
    size_t sum = 0;
    pv_stream_init(&stream, key, 99);
    for (size_t i = 0; i < candidates; i++)
        score[i] = (int64_t)(i * i) * 10;
    const double from = bench_cpu_seconds();
    for (int i = 0; i < selections; i++)
        sum += pv_select_draw(&stream, score, candidates, (pv_rational){1, 1},
                              1 << 20);
    (void)printf("selection among %d               %10.2f us each     "
                 "prototype 6 to 11   (mean index %.0f)\n",
                 candidates,
                 1e6 * (bench_cpu_seconds() - from) / selections,
                 (double)sum / selections);
}

int main(void)
{
    static const pv_rational sigma2[] = {
        {1, 9},         {1, 4},      {1, 1},       {3, 2},
        {10, 1},        {100, 1},    {6028, 5},    {10000, 1},
        {1000000, 1},   {100000000, 1}};
    const pv_key key = {{7}};
    for (size_t i = 0; i < sizeof sigma2 / sizeof *sigma2; i++)
        if (!gaussian_rate(sigma2[i], &key))
            return 1;
    selection_time(&key);
    return 0;
}
