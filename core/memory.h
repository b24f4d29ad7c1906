/* core/memory.h - checked allocation.
 *
 * Sizes are products of a count and an element size, checked for overflow.
 * Every function returns NULL when the product overflows or memory is short;
 * a count of 0 gives a valid pointer. Free with free(), aligned blocks too. */
#ifndef PV_CORE_MEMORY_H
#define PV_CORE_MEMORY_H

#include "core/api.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

PV_API void *pv_array_alloc(size_t count, size_t size);  /* uninitialised */
PV_API void *pv_array_calloc(size_t count, size_t size); /* zeroed */
PV_API void *pv_array_realloc(void *old, size_t count, size_t size);

/* 64-byte aligned, uninitialised; for arrays that vector code walks. */
PV_API void *pv_aligned_alloc(size_t count, size_t size);

/* Copies; NULL on short memory. */
PV_API char *pv_strdup(const char *text);
PV_API char *pv_sprintf_alloc(const char *fmt, ...) PV_PRINTF(1, 2);

/* Overwrites `size` bytes in a way that no compiler removes, then frees. */
PV_API void pv_wipe_free(void *block, size_t size);

/* *result = a * b or a + b; false when it does not fit. */
PV_API bool pv_size_mul(size_t a, size_t b, size_t *result);
PV_API bool pv_size_add(size_t a, size_t b, size_t *result);

/* A size as people write it: "500M", "4G", "1e6", "64KB". False when it is none,
 * not positive, or above 10^15. */
PV_API bool pv_size_parse(const char *text, size_t *bytes);
/* Half of the machine's memory, in bytes; 0 when it is not known. */
PV_API size_t pv_memory_half(void);

/* The standard message of PV_ENOMEM. `what` names the thing. */
PV_API pv_status pv_fail_memory(pv_error *err, const char *what);

#endif
