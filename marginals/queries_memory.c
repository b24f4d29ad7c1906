/* Memory that is freed with the queries, all at once. */
#include "core/memory.h"
#include "marginals/queries_internal.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { chunk_bytes = 1 << 16 };

struct pv_chunk {
    struct pv_chunk *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

static struct pv_chunk *add_chunk(pv_queries *q, size_t least)
{
    const size_t size = least > chunk_bytes ? least : chunk_bytes;
    size_t bytes;
    if (!pv_size_add(size, sizeof(struct pv_chunk), &bytes))
        return NULL;
    struct pv_chunk *chunk = pv_array_calloc(bytes, 1);
    if (chunk == NULL)
        return NULL;
    chunk->size = size;
    chunk->next = q->chunk;
    q->chunk = chunk;
    return chunk;
}

void *pv_queries_alloc(pv_queries *q, size_t count, size_t size)
{
    enum { unit = alignof(max_align_t) };
    size_t bytes;
    if (!pv_size_mul(count, size, &bytes) ||
        !pv_size_add(bytes, unit - 1, &bytes))
        return NULL;
    bytes -= bytes % unit;
    struct pv_chunk *chunk = q->chunk;
    if (chunk == NULL || chunk->size - chunk->used < bytes)
        chunk = add_chunk(q, bytes);
    if (chunk == NULL)
        return NULL;
    void *block = chunk->bytes + chunk->used;
    chunk->used += bytes;
    return block;
}

char *pv_queries_text(pv_queries *q, const char *fmt, ...)
{
    char room[1024];
    va_list arguments;
    va_start(arguments, fmt);
    (void)vsnprintf(room, sizeof room, fmt, arguments);
    va_end(arguments);
    char *text = pv_queries_alloc(q, strlen(room) + 1, 1);
    if (text != NULL)
        memcpy(text, room, strlen(room) + 1);
    return text;
}

void pv_queries_free_chunks(pv_queries *q)
{
    while (q->chunk != NULL) {
        struct pv_chunk *next = q->chunk->next;
        free(q->chunk);
        q->chunk = next;
    }
}
