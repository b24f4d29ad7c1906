#include "core/memory.h"

#include <ctype.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool pv_size_mul(size_t a, size_t b, size_t *result)
{
    return !__builtin_mul_overflow(a, b, result);
}

bool pv_size_add(size_t a, size_t b, size_t *result)
{
    return !__builtin_add_overflow(a, b, result);
}

void *pv_array_alloc(size_t count, size_t size)
{
    size_t bytes;
    if (!pv_size_mul(count, size, &bytes))
        return NULL;
    return malloc(bytes > 0 ? bytes : 1);
}

void *pv_array_calloc(size_t count, size_t size)
{
    return calloc(count > 0 ? count : 1, size > 0 ? size : 1);
}

void *pv_array_realloc(void *old, size_t count, size_t size)
{
    size_t bytes;
    if (!pv_size_mul(count, size, &bytes))
        return NULL;
    return realloc(old, bytes > 0 ? bytes : 1);
}

void *pv_aligned_alloc(size_t count, size_t size)
{
    enum { alignment = 64 };
    size_t bytes;
    if (!pv_size_mul(count, size, &bytes) ||
        !pv_size_add(bytes, alignment, &bytes))
        return NULL;
    return aligned_alloc(alignment, bytes / alignment * alignment);
}

char *pv_strdup(const char *text)
{
    const size_t length = strlen(text) + 1;
    char *copy = malloc(length);
    if (copy != NULL)
        memcpy(copy, text, length);
    return copy;
}

char *pv_sprintf_alloc(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const int length = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (length < 0)
        return NULL;
    char *text = malloc((size_t)length + 1);
    if (text == NULL)
        return NULL;
    va_start(args, fmt);
    (void)vsnprintf(text, (size_t)length + 1, fmt, args);
    va_end(args);
    return text;
}

void pv_wipe_free(void *block, size_t size)
{
    if (block == NULL)
        return;
    sodium_memzero(block, size);
    free(block);
}

pv_status pv_fail_memory(pv_error *err, const char *what)
{
    return pv_fail(err, PV_ENOMEM,
                   "not enough memory for %s; use a machine with more memory "
                   "or a smaller table or model",
                   what);
}

bool pv_size_parse(const char *text, size_t *bytes)
{
    static const char units[] = "KMG";
    char *end;
    double v = strtod(text, &end);
    const char *unit =
        *end == '\0' ? NULL : strchr(units, toupper((unsigned char)*end));
    if (end == text)
        return false;
    for (const char *u = units; unit != NULL && u <= unit; u++)
        v *= 1024;
    end += unit != NULL;
    end += *end == 'B';
    if (*end != '\0' || !(v >= 1 && v <= 1e15))
        return false;
    *bytes = (size_t)v;
    return true;
}

size_t pv_memory_half(void)
{
    const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (size_t)pages / 2 * (size_t)size : 0;
}
