#include "gen/pe/pool.h"

#include "core/memory.h"
#include "embeddings/cluster.h"
#include "gen/pe/identified.h"
#include "gen/pe/options.h"
#include "io/vectors.h"
#include "marginals/factor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pv_pool_source {
    pv_source source;
    const pv_schema *schema;
    pv_vectors *v;
    pv_vector_metric metric;
    int64_t least, most;  /* row numbers */
    /* of the cells, once they were made */
    size_t cells;
    float *centre;
    size_t *start;        /* cells + 1: where a cell's members begin */
    uint32_t *member;
    pv_schema *release;   /* of the rows; NULL until there are some */
};

static pv_pool_source *of(pv_source *source)
{
    return (pv_pool_source *)source;
}

static int64_t id_of(const pv_pool_source *p, uint64_t item)
{
    return p->v->row_id != NULL ? p->v->row_id[item] : (int64_t)item;
}

/* --- candidates ------------------------------------------------------------------- */

/* Rows of the pool, all different; of a small share by drawing again. */
static pv_status draw_rows(const pv_pool_source *p, pv_stream *stream,
                           size_t wanted, uint32_t *row, pv_error *err)
{
    const size_t count = p->v->count;
    uint32_t *order = pv_array_alloc(count, sizeof *order);
    if (order == NULL)
        return pv_fail_memory(err, "the pool");
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    for (size_t i = 0; i < wanted; i++) {
        const size_t j = i + (size_t)pv_stream_below(stream, count - i);
        row[i] = order[j];
        order[j] = order[i];
    }
    free(order);
    return PV_OK;
}

static pv_status add_rows(const pv_pool_source *p, uint32_t class,
                          uint32_t generation, const uint32_t *row,
                          size_t count, pv_population *into, pv_error *err)
{
    pv_status status = PV_OK;
    for (size_t i = 0; i < count; i++)
        PV_TRY(pv_population_add(into, class, row[i], generation,
                                 p->v->value + row[i] * p->v->width, err));
out:
    return status;
}

static pv_status draw_first(pv_source *source, const size_t *wanted,
                            pv_population *into, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_pool_source *p = of(source);
    size_t most = 0;
    for (size_t c = 0; c < source->classes; c++)
        most = wanted[c] > most ? wanted[c] : most;
    uint32_t *row = pv_array_alloc(most, sizeof *row);
    if (row == NULL)
        return pv_fail_memory(err, "the pool");
    for (uint32_t c = 0; c < source->classes; c++) {
        pv_stream stream;
        pv_source_stream(source, "first", 0, c, &stream);
        const size_t n = wanted[c] < p->v->count ? wanted[c] : p->v->count;
        status = draw_rows(p, &stream, n, row, err);
        pv_stream_wipe(&stream);
        if (status != PV_OK)
            goto out;
        PV_TRY(add_rows(p, c, 0, row, n, into, err));
    }
out:
    free(row);
    return status;
}

/* Neighbours to choose among: 2 (itself and the nearest) to the tenth of the pool, the
 * degree's share on a logarithmic scale. */
static size_t reach_of(const pv_pool_source *p, double degree)
{
    const double widest = fmax(2, (double)p->v->count / 10);
    double reach = degree * pv_log(widest / 2);
    pv_exp_array(&reach, 1, 0);
    return (size_t)fmin(floor(2 * reach + 0.5), (double)p->v->count);
}

/* `fold` of `reach` neighbours, all different where there are so many. */
static void pick(pv_stream *stream, uint32_t *near, size_t reach, size_t fold,
                 uint32_t *row)
{
    for (size_t k = 0; k < fold; k++) {
        const size_t at = k % reach;
        const size_t j = at + (size_t)pv_stream_below(stream, reach - at);
        const uint32_t swap = near[at];
        near[at] = near[j];
        near[j] = swap;
        row[k] = near[at];
    }
}

static pv_status vary(pv_source *source, const pv_population *parents,
                      const pv_variation *how, pv_population *into,
                      pv_error *err)
{
    enum { at_once = 256 };
    pv_status status = PV_OK;
    const pv_pool_source *p = of(source);
    const size_t reach = reach_of(p, how->degree);
    uint32_t query[at_once];
    uint32_t *near = pv_array_alloc(at_once * reach, sizeof *near);
    uint32_t *row = pv_array_alloc(how->fold, sizeof *row);
    if (near == NULL || row == NULL) {
        status = pv_fail_memory(err, "the pool");
        goto out;
    }
    for (size_t from = 0; from < parents->count; from += at_once) {
        const size_t left = parents->count - from;
        const size_t n = left < at_once ? left : at_once;
        for (size_t i = 0; i < n; i++)
            query[i] = (uint32_t)parents->item[from + i];
        PV_TRY(pv_vectors_neighbours(p->v->value, p->v->count, p->v->width,
                                     query, n, reach, near, err));
        for (size_t i = 0; i < n; i++) {
            pv_stream stream;
            pv_source_stream(source, how->ahead ? "ahead" : "vary", how->step,
                             from + i, &stream);
            pick(&stream, near + i * reach, reach, how->fold, row);
            pv_stream_wipe(&stream);
            PV_TRY(add_rows(p, parents->class[from + i], (uint32_t)how->step,
                            row, how->fold, into, err));
        }
    }
out:
    free(near);
    free(row);
    return status;
}

/* --- cells ------------------------------------------------------------------------- */

static pv_status sort_members(pv_pool_source *p, const uint32_t *cell,
                              pv_error *err)
{
    p->start = pv_array_calloc(p->cells + 1, sizeof *p->start);
    p->member = pv_array_alloc(p->v->count, sizeof *p->member);
    if (p->start == NULL || p->member == NULL)
        return pv_fail_memory(err, "the pool");
    for (size_t i = 0; i < p->v->count; i++)
        p->start[cell[i] + 1]++;
    for (size_t j = 0; j < p->cells; j++)
        p->start[j + 1] += p->start[j];
    for (size_t i = 0; i < p->v->count; i++)
        p->member[p->start[cell[i]]++] = (uint32_t)i;
    for (size_t j = p->cells; j > 0; j--)
        p->start[j] = p->start[j - 1];
    p->start[0] = 0;
    return PV_OK;
}

static pv_status make_cells(pv_pool_source *p, size_t clusters, pv_error *err)
{
    pv_status status = PV_OK;
    pv_key key;
    uint32_t *cell = pv_array_alloc(p->v->count, sizeof *cell);
    free(p->centre);
    free(p->start);
    free(p->member);
    p->start = NULL;
    p->member = NULL;
    p->centre = pv_aligned_alloc(clusters * p->v->width, sizeof *p->centre);
    if (cell == NULL || p->centre == NULL) {
        status = pv_fail_memory(err, "the pool");
        goto out;
    }
    pv_key_derive(&p->source.key, "clusters", NULL, 0, &key);
    PV_TRY(pv_vectors_cluster(p->v->value, p->v->count, p->v->width, clusters,
                              &key, p->centre, cell, &p->cells, err));
    if (p->metric == PV_VECTOR_COSINE)
        PV_TRY(pv_vectors_settle(p->metric, p->centre, p->cells, p->v->width,
                                 err));
    PV_TRY(sort_members(p, cell, err));
out:
    free(cell);
    return status;
}

pv_status pv_pool_cells(pv_pool_source *p, size_t clusters,
                        const size_t *wanted, pv_population *into,
                        pv_error *err)
{
    pv_status status = PV_OK;
    if (clusters > p->v->count)
        clusters = p->v->count;
    PV_TRY(make_cells(p, clusters, err));
    for (uint32_t c = 0; c < p->source.classes; c++)
        for (size_t j = 0; wanted[c] > 0 && j < p->cells; j++)
            PV_TRY(pv_population_add(into, c, j, 0,
                                     p->centre + j * p->v->width, err));
out:
    return status;
}

pv_status pv_pool_open_cell(const pv_pool_source *p, uint32_t class,
                            uint64_t item, double weight, pv_outcome *outcome,
                            pv_error *err)
{
    pv_status status = PV_OK;
    const size_t first = p->start[item], end = p->start[item + 1];
    for (size_t i = first; i < end; i++)
        PV_TRY(pv_outcome_add(outcome, class, p->member[i], 0,
                              weight / (double)(end - first), err));
out:
    return status;
}

/* --- rows ------------------------------------------------------------------------- */

static pv_status rows(pv_source *source, const pv_outcome *outcome, size_t count,
                      const pv_key *key, pv_table **table, pv_error *err)
{
    pv_status status = PV_OK;
    pv_pool_source *p = of(source);
    int64_t *id = pv_array_alloc(outcome->count, sizeof *id);
    if (id == NULL)
        return pv_fail_memory(err, "the rows");
    for (size_t i = 0; i < outcome->count; i++)
        id[i] = id_of(p, outcome->item[i]);
    PV_TRY(pv_identified_table(p->schema, p->least, p->most, outcome, id, count,
                               key, &p->release, table, err));
out:
    free(id);
    return status;
}

static void pool_free(pv_source *source)
{
    pv_pool_source *p = of(source);
    pv_vectors_free(p->v);
    pv_schema_free(p->release);
    free(p->centre);
    free(p->start);
    free(p->member);
    pv_key_wipe(&source->key);
    free(p);
}

/* --- opening ------------------------------------------------------------------------ */

static pv_status check_numbers(pv_pool_source *p, const char *path,
                               pv_error *err)
{
    const int64_t exact = INT64_C(1) << 53; /* as a double */
    p->least = INT64_MAX;
    p->most = INT64_MIN;
    for (size_t i = 0; i < p->v->count; i++) {
        const int64_t id = id_of(p, i);
        p->least = id < p->least ? id : p->least;
        p->most = id > p->most ? id : p->most;
    }
    if (p->least < -exact || p->most > exact)
        return pv_fail(err, PV_EFORMAT,
                       "%s: /pool/row_id must be below 2^53; number the rows "
                       "anew",
                       path);
    return PV_OK;
}

pv_status pv_pool_open(const char *path, const pv_schema *schema,
                       pv_vector_metric metric, bool metric_given,
                       pv_pool_source **pool, pv_error *err)
{
    pv_status status = PV_OK;
    pv_error why = PV_ERROR_INIT;
    pv_pool_source *p = pv_array_calloc(1, sizeof *p);
    *pool = NULL;
    if (p == NULL)
        return pv_fail_memory(err, "the pool");
    p->source = (pv_source){.random = draw_first,
                            .vary = vary,
                            .rows = rows,
                            .free = pool_free};
    p->schema = schema;
    PV_TRY(pv_vectors_read(path, "pool", &p->v, err));
    if (!metric_given && p->v->metric[0] != '\0')
        PV_TRY(pv_pe_metric(p->v->metric, path, &metric, err));
    p->metric = metric;
    if (p->v->count == 0 || p->v->count > UINT32_MAX - 1) {
        status = pv_fail(err, PV_EFORMAT,
                         "%s: /pool must have 1 to 2^32 - 2 rows", path);
        goto out;
    }
    status = pv_vectors_settle(metric, p->v->value, p->v->count, p->v->width,
                               &why);
    if (status != PV_OK) {
        status = pv_fail(err, status, "%s: /pool/embedding: %s", path,
                         why.message);
        goto out;
    }
    PV_TRY(check_numbers(p, path, err));
    p->source.width = p->v->width;
    p->source.classes = pv_schema_column(schema, 0)->levels;
    *pool = p;
    p = NULL;
out:
    if (p != NULL)
        pool_free(&p->source);
    return status;
}

pv_source *pv_pool_source_of(pv_pool_source *pool)
{
    return &pool->source;
}

size_t pv_pool_count(const pv_pool_source *pool)
{
    return pool->v->count;
}

pv_vector_metric pv_pool_metric(const pv_pool_source *pool)
{
    return pool->metric;
}

const float *pv_pool_vectors(const pv_pool_source *pool)
{
    return pool->v->value;
}

void pv_pool_begin(pv_pool_source *pool, const pv_key *key)
{
    pool->source.key = *key;
}

void pv_pool_digest(const pv_pool_source *p,
                    char hex[2 * PV_DIGEST_BYTES + 1])
{
    static const pv_key no_key = {{0}};
    pv_key values, all;
    pv_key_derive(&no_key, "pool vectors", p->v->value,
                  p->v->count * p->v->width * sizeof *p->v->value, &values);
    if (p->v->row_id != NULL)
        pv_key_derive(&values, "pool rows", p->v->row_id,
                      p->v->count * sizeof *p->v->row_id, &all);
    else
        all = values;
    for (size_t i = 0; i < PV_DIGEST_BYTES; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", all.bytes[i]);
}
