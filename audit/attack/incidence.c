#include "audit/attack/incidence.h"

#include "core/memory.h"
#include "core/threads.h"

#include <stdlib.h>
#include <string.h>

pv_status pv_incidence_make(size_t queries, size_t users, size_t *query_start,
                            uint32_t *user, pv_incidence *incidence,
                            pv_error *err)
{
    const size_t entries = query_start[queries];
    size_t *user_start = pv_array_calloc(users + 1, sizeof *user_start);
    uint32_t *query = pv_array_alloc(entries, sizeof *query);
    if (user_start == NULL || query == NULL || queries > UINT32_MAX) {
        free(user_start);
        free(query);
        return pv_fail_memory(err, "the matrix of queries");
    }
    for (size_t e = 0; e < entries; e++)
        user_start[user[e] + 1]++;
    for (size_t j = 0; j < users; j++)
        user_start[j + 1] += user_start[j];
    /* fill by rising query; the starts move on and are moved back */
    for (size_t i = 0; i < queries; i++)
        for (size_t e = query_start[i]; e < query_start[i + 1]; e++)
            query[user_start[user[e]]++] = (uint32_t)i;
    memmove(user_start + 1, user_start, users * sizeof *user_start);
    user_start[0] = 0;
    *incidence = (pv_incidence){.queries = queries,
                                .users = users,
                                .entries = entries,
                                .query_start = query_start,
                                .user = user,
                                .user_start = user_start,
                                .query = query};
    return PV_OK;
}

void pv_incidence_clear(pv_incidence *incidence)
{
    free(incidence->query_start);
    free(incidence->user);
    free(incidence->user_start);
    free(incidence->query);
    *incidence = (pv_incidence){0};
}

/* --- products ------------------------------------------------------------- */

typedef struct product {
    const size_t *start;
    const uint32_t *index;
    size_t lines, block, levels;
    const double *in;
    double *out;
} product;

static void sum_one(const product *p, size_t first, size_t last)
{
    for (size_t i = first; i < last; i++) {
        const uint32_t *index = p->index + p->start[i];
        const size_t n = p->start[i + 1] - p->start[i];
        double a = 0, b = 0;
        size_t e = 0;
        for (; e + 1 < n; e += 2) {
            a += p->in[index[e]];
            b += p->in[index[e + 1]];
        }
        if (e < n)
            a += p->in[index[e]];
        p->out[i] = a + b;
    }
}

static void sum_levels(const product *p, size_t first, size_t last)
{
    const size_t levels = p->levels;
    for (size_t i = first; i < last; i++) {
        double *out = p->out + i * levels;
        memset(out, 0, levels * sizeof *out);
        for (size_t e = p->start[i]; e < p->start[i + 1]; e++) {
            const double *in = p->in + p->index[e] * levels;
            for (size_t l = 0; l < levels; l++)
                out[l] += in[l];
        }
    }
}

static void product_item(size_t item, void *context)
{
    const product *p = context;
    const size_t first = item * p->block;
    const size_t last =
        first + p->block < p->lines ? first + p->block : p->lines;
    (p->levels == 1 ? sum_one : sum_levels)(p, first, last);
}

/* Blocks of about 32,768 entries: large enough for a thread to be worth it. */
static void multiply(product *p, size_t entries)
{
    const size_t blocks = entries * p->levels / 32768 + 1;
    p->block = p->lines / blocks + 1;
    pv_parallel_for((p->lines + p->block - 1) / p->block, product_item, p);
}

void pv_incidence_sums(const pv_incidence *incidence, size_t levels,
                       const double *t, double *sums)
{
    product p = {.start = incidence->query_start,
                 .index = incidence->user,
                 .lines = incidence->queries,
                 .levels = levels,
                 .in = t,
                 .out = sums};
    multiply(&p, incidence->entries);
}

void pv_incidence_gather(const pv_incidence *incidence, size_t levels,
                         const double *y, double *gathered)
{
    product p = {.start = incidence->user_start,
                 .index = incidence->query,
                 .lines = incidence->users,
                 .levels = levels,
                 .in = y,
                 .out = gathered};
    multiply(&p, incidence->entries);
}
