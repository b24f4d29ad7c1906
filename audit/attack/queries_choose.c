/* Which cells become queries: one for each set of users, or a sample. */
#include "audit/attack/queries_internal.h"
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

/* --- merging -------------------------------------------------------------- */

/* A set of users as the sum of 128 random bits a user: two sets have the same
 * sum by chance once in 2^128. */
typedef struct fingerprint {
    uint64_t a, b;
    size_t cell;
} fingerprint;

static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static int compare(const void *left, const void *right)
{
    const fingerprint *x = left, *y = right;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    if (x->b != y->b)
        return x->b < y->b ? -1 : 1;
    return (x->cell > y->cell) - (x->cell < y->cell);
}

/* query[cell] = the first cell with the same users. */
static pv_status find_equal(pv_clauses *q, pv_error *err)
{
    const size_t cells = q->first_cell[q->sets];
    fingerprint *f = pv_array_calloc(cells, sizeof *f);
    if (f == NULL)
        return pv_fail_memory(err, "the queries");
    for (size_t s = 0; s < q->sets; s++)
        for (size_t j = 0; j < q->users; j++) {
            fingerprint *of =
                &f[q->first_cell[s] + q->cell_of_user[s * q->users + j]];
            of->a += mix(2 * j);
            of->b += mix(2 * j + 1);
        }
    for (size_t c = 0; c < cells; c++)
        f[c].cell = c;
    qsort(f, cells, sizeof *f, compare);
    for (size_t i = 0, first = 0; i < cells; i++) {
        if (f[i].a != f[first].a || f[i].b != f[first].b)
            first = i;
        q->query[f[i].cell] = (uint32_t)f[first].cell;
    }
    free(f);
    return PV_OK;
}

/* --- choosing ------------------------------------------------------------- */

pv_status pv_clauses_choose(pv_clauses *q, const pv_query_spec *spec,
                            size_t *count, pv_error *err)
{
    const size_t cells = q->first_cell[q->sets];
    size_t different = 0, wanted = 0;
    pv_stream stream;
    if (cells >= PV_NO_QUERY)
        return pv_fail(err, PV_ETOOBIG,
                       "there are %zu queries; lower --order or name fewer "
                       "columns with --known",
                       cells);
    for (size_t c = 0; c < cells; c++)
        q->query[c] = (uint32_t)c;
    if (spec->distinct) {
        const pv_status status = find_equal(q, err);
        if (status != PV_OK)
            return status;
    }
    for (size_t c = 0; c < cells; c++)
        different += q->query[c] == c;
    wanted = spec->most > 0 && spec->most < different ? spec->most : different;
    if (wanted < different)
        pv_stream_init(&stream, spec->key, 0);
    /* without replacement (Knuth's algorithm S): the first cell of each set of
     * users comes before those that equal it */
    *count = 0;
    for (size_t c = 0, left = different; c < cells; c++) {
        if (q->query[c] != c) {
            q->query[c] = q->query[q->query[c]];
            continue;
        }
        const bool take = wanted == left ||
                          (wanted > 0 && pv_stream_below(&stream, left) < wanted);
        left--;
        wanted -= take;
        q->query[c] = take ? (uint32_t)(*count)++ : PV_NO_QUERY;
    }
    return PV_OK;
}
