/* The model that rows begin with: all marginals, or a tree of them. */
#include "gen/gsd/model.h"

#include "core/memory.h"
#include "gen/budget.h"
#include "gen/fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { start_bytes = 64 << 20 };

typedef struct edge {
    size_t measurement;
    double information;
} edge;

static int by_information(const void *a, const void *b)
{
    const edge *x = a, *y = b;
    if (x->information < y->information || x->information > y->information)
        return x->information > y->information ? -1 : 1;
    return (x->measurement > y->measurement) - (x->measurement < y->measurement);
}

static double count_of(const pv_measurement *m, size_t cell)
{
    const double x =
        m->counts != NULL ? (double)m->counts[cell] : m->values[cell];
    return x > 0 ? x : 0;
}

/* Mutual information of a noisy pair, in nats; as pairs are compared, its noise does
 * not matter much. */
static double information_of(const pv_measurement *m, const pv_schema *schema)
{
    const size_t second = pv_schema_column(schema, m->column[1])->levels;
    const size_t first = m->cells / second;
    double *sum = pv_array_calloc(first + second, sizeof *sum), all = 0;
    double information = 0;
    if (sum == NULL)
        return 0;
    for (size_t c = 0; c < m->cells; c++) {
        sum[c / second] += count_of(m, c);
        sum[first + c % second] += count_of(m, c);
        all += count_of(m, c);
    }
    for (size_t c = 0; c < m->cells; c++)
        if (count_of(m, c) > 0)
            information += count_of(m, c) / all *
                           log(count_of(m, c) * all /
                               (sum[c / second] * sum[first + c % second]));
    free(sum);
    return information;
}

static uint32_t root_of(uint32_t *parent, uint32_t column)
{
    while (parent[column] != column)
        column = parent[column] = parent[parent[column]];
    return column;
}

/* Singles, and the tree of pairs that tells most; the chosen come first. */
static pv_status choose_tree(const pv_schema *schema, pv_measurement *m,
                             size_t count, size_t *chosen, pv_error *err)
{
    uint32_t parent[PV_MAX_COLUMNS];
    size_t edges = 0;
    edge *each = pv_array_alloc(count, sizeof *each);
    bool *keep = pv_array_calloc(count, sizeof *keep);
    if (each == NULL || keep == NULL) {
        free(each);
        free(keep);
        return pv_fail_memory(err, "a tree");
    }
    for (uint32_t c = 0; c < PV_MAX_COLUMNS; c++)
        parent[c] = c;
    for (size_t i = 0; i < count; i++) {
        keep[i] = m[i].columns == 1;
        if (m[i].columns == 2)
            each[edges++] = (edge){i, information_of(&m[i], schema)};
    }
    qsort(each, edges, sizeof *each, by_information);
    for (size_t i = 0; i < edges; i++) {
        const pv_measurement *pair = &m[each[i].measurement];
        const uint32_t a = root_of(parent, pair->column[0]);
        const uint32_t b = root_of(parent, pair->column[1]);
        keep[each[i].measurement] = a != b;
        parent[a] = b;
    }
    *chosen = 0;
    for (size_t i = 0; i < count; i++)
        if (keep[i]) {
            const pv_measurement taken = m[i];
            m[i] = m[*chosen];
            m[(*chosen)++] = taken;
        }
    free(each);
    free(keep);
    return PV_OK;
}

static bool all_fit(const pv_schema *schema, const pv_measurement *m,
                    size_t count, size_t memory)
{
    bool fits = false;
    pv_domain domain;
    pv_zero *zeros = NULL;
    size_t zero_count = 0;
    pv_clique *clique = pv_array_alloc(count, sizeof *clique);
    pv_domain_of_model(schema, &domain);
    if (clique != NULL &&
        pv_schema_zero_array(schema, &zeros, &zero_count, NULL) == PV_OK) {
        for (size_t i = 0; i < count; i++)
            clique[i] = pv_clique_of(m[i].column, m[i].columns);
        fits = pv_model_bytes(&domain, zeros, zero_count, clique, count) <
               (memory > 0 && memory < start_bytes ? memory : start_bytes);
    }
    free(clique);
    free(zeros);
    return fits;
}

/* Shallow copies are put in order; the fit only reads them. */
pv_status pv_gsd_model(const pv_schema *schema,
                       const pv_measurement *measurements, size_t count,
                       double total, size_t memory, pv_model **model,
                       bool *whole, pv_error *err)
{
    pv_status status = PV_OK;
    size_t chosen = count;
    pv_measurement *m = pv_array_alloc(count, sizeof *m);
    if (m == NULL)
        return pv_fail_memory(err, "a model");
    memcpy(m, measurements, count * sizeof *m);
    *model = NULL;
    if (!all_fit(schema, m, count, memory))
        PV_TRY(choose_tree(schema, m, count, &chosen, err));
    *whole = chosen == count;
    if (chosen > 0)
        PV_TRY(pv_fit_model(schema, m, chosen, total, memory, NULL, model, err));
out:
    free(m);
    return status;
}
