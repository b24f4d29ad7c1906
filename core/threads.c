#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sched_getaffinity */
#endif
#include <config.h>

#include "core/threads.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#ifdef _OPENMP
#include <omp.h>
#endif

enum { max_threads = 1024 };

static int current; /* 0: not yet chosen */

static int from_environment(const char *name)
{
    const char *text = getenv(name);
    char *end;
    if (text == NULL)
        return 0;
    errno = 0;
    const long value = strtol(text, &end, 10);
    /* OMP_NUM_THREADS may be a list by nesting level: the first counts */
    if (errno != 0 || end == text || (*end != '\0' && *end != ','))
        return 0;
    return value > 0 && value <= max_threads ? (int)value : 0;
}

static int from_affinity(void)
{
#ifdef CPU_COUNT
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return CPU_COUNT(&set);
#endif
    return 1;
}

int pv_threads_resolve(int requested)
{
#ifdef _OPENMP
    int n = requested;
    if (n <= 0)
        n = from_environment("OMP_NUM_THREADS");
    if (n <= 0)
        n = from_environment("SLURM_CPUS_PER_TASK");
    if (n <= 0)
        n = from_affinity();
    if (n < 1)
        n = 1;
    return n < max_threads ? n : max_threads;
#else
    (void)requested;
    (void)from_environment;
    (void)from_affinity;
    return 1;
#endif
}

void pv_threads_set(int threads)
{
    current = threads < 1 ? 1 : threads;
}

int pv_threads_get(void)
{
    if (current == 0)
        current = pv_threads_resolve(0);
    return current;
}

void pv_parallel_for(size_t items, pv_work_fn *fn, void *context)
{
#ifdef _OPENMP
    const int threads = pv_threads_get();
    if (threads > 1 && items > 1 && !omp_in_parallel()) {
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
        for (size_t i = 0; i < items; i++)
            fn(i, context);
        return;
    }
#endif
    for (size_t i = 0; i < items; i++)
        fn(i, context);
}

#ifdef HAVE_OPENBLAS
/* Its header is not installed everywhere that the library is. */
extern int openblas_get_num_threads(void);
extern void openblas_set_num_threads(int threads);
#endif

int pv_serial_algebra_begin(void)
{
#ifdef HAVE_OPENBLAS
    const int before = openblas_get_num_threads();
    openblas_set_num_threads(1);
    return before;
#else
    return 0;
#endif
}

void pv_serial_algebra_end(int before)
{
#ifdef HAVE_OPENBLAS
    if (before > 0)
        openblas_set_num_threads(before);
#else
    (void)before;
#endif
}
