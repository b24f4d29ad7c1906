/* core/threads.h - how many threads, and work in items.
 *
 * Results never depend on the number of threads: work is cut into items by
 * its size alone, and whatever is random or floating belongs to an item. */
#ifndef PV_CORE_THREADS_H
#define PV_CORE_THREADS_H

#include "core/api.h"

#include <stddef.h>

/* `requested` > 0 wins, else OMP_NUM_THREADS, else SLURM_CPUS_PER_TASK, else
 * the processors this process may run on. At least 1; 1 without OpenMP. */
PV_API int pv_threads_resolve(int requested);

/* Sets, and gets, what pv_parallel_for uses; starts as pv_threads_resolve(0). */
PV_API void pv_threads_set(int threads);
PV_API int pv_threads_get(void);

/* Runs fn(item, context) for each item of 0..items-1, in any order and on any
 * thread; returns when all are done. Within another parallel_for it runs on
 * the calling thread alone. */
typedef void pv_work_fn(size_t item, void *context);
PV_API void pv_parallel_for(size_t items, pv_work_fn *fn, void *context);

/* Linear algebra between these runs on one thread, where the library (OpenBLAS)
 * would add in another order on another number of them. `before` is what the first
 * returned. Not from several threads at once. */
PV_API int pv_serial_algebra_begin(void);
PV_API void pv_serial_algebra_end(int before);

#endif
