/* CPU time of this process in seconds, for the programs of bench/. */
#ifndef PV_BENCH_CLOCK_H
#define PV_BENCH_CLOCK_H

#include <time.h>

static inline double bench_cpu_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
