#include "marginals/workload_internal.h"

#include "core/atomicfile.h"
#include "core/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A method looks at each marginal more than once. */
static const double most_marginals = 1e6;

pv_status pv_workload_add(pv_workload *workload, pv_clique clique,
                          double weight, pv_error *err)
{
    const size_t n = workload->count;
    /* the room is the power of two from 64 on that holds what is there */
    if (n == 0 || (n >= 64 && (n & (n - 1)) == 0)) {
        const size_t room = n == 0 ? 64 : 2 * n;
        pv_clique *c = pv_array_realloc(workload->clique, room, sizeof *c);
        if (c != NULL)
            workload->clique = c;
        double *w = pv_array_realloc(workload->weight, room, sizeof *w);
        if (w != NULL)
            workload->weight = w;
        if (c == NULL || w == NULL)
            return pv_fail_memory(err, "the workload");
    }
    workload->clique[n] = clique;
    workload->weight[workload->count++] = weight;
    return PV_OK;
}

/* All k-way cliques of the `n` columns given, each with the column `with`
 * unless that is NULL. */
static pv_status combine(const pv_domain *domain, const uint32_t *column,
                         size_t n, size_t k, const size_t *with,
                         size_t max_cells,
                         pv_workload *workload, pv_error *err)
{
    pv_status status = PV_OK;
    *workload = (pv_workload){0};
    if (k > n)
        return PV_OK;
    uint32_t *at = pv_array_alloc(k, sizeof *at);
    if (at == NULL)
        return pv_fail_memory(err, "the workload");
    for (size_t i = 0; i < k; i++)
        at[i] = (uint32_t)i;
    do {
        pv_clique c = pv_clique_empty();
        if (with != NULL)
            pv_clique_add(&c, *with);
        for (size_t i = 0; i < k; i++)
            pv_clique_add(&c, column[at[i]]);
        if (max_cells == 0 || pv_domain_cells(domain, &c) <= max_cells)
            PV_TRY(pv_workload_add(workload, c, 1.0, err));
    } while (pv_combination_next(at, k, n));
out:
    free(at);
    if (status != PV_OK)
        pv_workload_clear(workload);
    return status;
}

pv_status pv_workload_all(const pv_domain *domain, size_t k, size_t max_cells,
                          pv_workload *workload, pv_error *err)
{
    uint32_t column[PV_MAX_COLUMNS];
    for (size_t i = 0; i < domain->columns; i++)
        column[i] = (uint32_t)i;
    return combine(domain, column, domain->columns, k, NULL, max_cells,
                   workload, err);
}

size_t pv_domain_varying(const pv_domain *domain, uint32_t *column)
{
    size_t n = 0;
    for (size_t i = 0; i < domain->columns; i++)
        if (domain->levels[i] != 1)
            column[n++] = (uint32_t)i;
    return n;
}

pv_status pv_workload_varying(const pv_domain *domain, size_t k,
                              size_t max_cells, pv_workload *workload,
                              pv_error *err)
{
    uint32_t column[PV_MAX_COLUMNS];
    const size_t n = pv_domain_varying(domain, column);
    return combine(domain, column, n, k, NULL, max_cells, workload, err);
}

/* --- what a user asks for ---------------------------------------------------- */

void pv_workload_columns_text(const pv_schema *schema, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < pv_schema_columns(schema) && used < size; i++) {
        const int n =
            snprintf(text + used, size - used, "%s%s", i == 0 ? "" : ", ",
                     pv_schema_column(schema, i)->name);
        used += n < 0 ? size : (size_t)n;
    }
}

typedef struct placed {
    const pv_clique *clique;
    size_t at;
} placed;

static int by_clique(const void *left, const void *right)
{
    const placed *a = left, *b = right;
    const int order = memcmp(a->clique, b->clique, sizeof *a->clique);
    return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

pv_status pv_workload_merge(pv_workload *w, pv_error *err)
{
    size_t kept = 0;
    placed *sorted = pv_array_alloc(w->count, sizeof *sorted);
    if (sorted == NULL)
        return pv_fail_memory(err, "the workload");
    for (size_t i = 0; i < w->count; i++)
        sorted[i] = (placed){&w->clique[i], i};
    qsort(sorted, w->count, sizeof *sorted, by_clique);
    for (size_t i = 0, first = 0; i < w->count; i++) {
        if (!pv_clique_equal(sorted[i].clique, sorted[first].clique))
            first = i;
        if (i == first)
            continue;
        w->weight[sorted[first].at] += w->weight[sorted[i].at];
        w->weight[sorted[i].at] = 0; /* no weight is 0 but by this */
    }
    free(sorted);
    for (size_t i = 0; i < w->count; i++)
        if (w->weight[i] > 0) {
            w->clique[kept] = w->clique[i];
            w->weight[kept++] = w->weight[i];
        }
    w->count = kept;
    return PV_OK;
}

/* Combinations of k of n, as a double: it may be very large. */
static double combinations(size_t n, size_t k)
{
    double count = 1;
    for (size_t i = 0; i < k; i++)
        count = count * (double)(n - i) / (double)(i + 1);
    return count;
}

/* A table whose columns cannot vary still has a number of rows. */
static pv_status add_single(const pv_schema *schema, pv_workload *workload,
                            pv_error *err)
{
    size_t c = 0;
    pv_clique one = pv_clique_empty();
    while (pv_schema_map(schema, c) != NULL)
        c++;
    pv_clique_add(&one, c);
    return pv_workload_add(workload, one, 1.0, err);
}

static pv_status check_count(size_t columns, size_t k, const char *target,
                             pv_error *err)
{
    const double count = combinations(columns, k);
    if (count <= most_marginals)
        return PV_OK;
    return pv_fail(err, PV_ETOOBIG,
                   "all marginals of %zu columns%s%s%s would be %.0f, more "
                   "than %.0f; use --degree 2, --target COLUMN, or a file that "
                   "lists the ones that matter",
                   k + (target != NULL), target != NULL ? " with \"" : "",
                   target != NULL ? target : "", target != NULL ? "\"" : "",
                   count, most_marginals);
}

/* Takes the column out of the list of those that vary. */
static pv_status take_target(const pv_schema *schema, const char *target,
                             uint32_t *column, size_t *n, size_t *found,
                             pv_error *err)
{
    const ptrdiff_t at = pv_schema_find(schema, target);
    if (at < 0) {
        char known[1024];
        pv_workload_columns_text(schema, known, sizeof known);
        return pv_fail(err, PV_EUSAGE,
                       "the target \"%s\" is not a column of the schema; it has "
                       "%s",
                       target, known);
    }
    *found = pv_schema_root(schema, (size_t)at);
    for (size_t i = 0; i < *n; i++)
        if (column[i] == *found) {
            memmove(column + i, column + i + 1,
                    (*n - i - 1) * sizeof *column);
            --*n;
            return PV_OK;
        }
    return pv_fail(err, PV_EUSAGE,
                   "the target \"%s\" has a single level, so it has no "
                   "relation to anything; choose another column",
                   target);
}

pv_status pv_workload_ways(const pv_schema *schema, size_t degree,
                           size_t max_cells, const char *target,
                           pv_workload *workload, pv_error *err)
{
    pv_status status = PV_OK;
    pv_domain domain;
    uint32_t column[PV_MAX_COLUMNS];
    size_t fixed = 0;
    *workload = (pv_workload){0};
    pv_domain_of_model(schema, &domain);
    size_t n = pv_domain_varying(&domain, column);
    if (n == 0 && target == NULL)
        return add_single(schema, workload, err);
    if (target != NULL) {
        PV_TRY(take_target(schema, target, column, &n, &fixed, err));
        degree--;
    }
    /* with fewer columns, marginals of more say nothing more */
    const size_t k = degree < n ? degree : n;
    PV_TRY(check_count(n, k, target, err));
    PV_TRY(combine(&domain, column, n, k, target != NULL ? &fixed : NULL,
                   max_cells, workload, err));
    if (workload->count == 0)
        status = pv_fail(err, PV_EUSAGE,
                         "every marginal of the workload has more than %zu "
                         "cells; raise --max-cells (in a file: max_cells) or "
                         "lower the degree",
                         max_cells);
out:
    return status;
}

/* "all-3way" to 3; 0 when it is something else. */
static size_t all_ways(const char *spec)
{
    char *end;
    if (strncmp(spec, "all-", 4) != 0 || spec[4] < '1' || spec[4] > '9')
        return 0;
    const unsigned long k = strtoul(spec + 4, &end, 10);
    return strcmp(end, "way") == 0 && k <= PV_MAX_COLUMNS ? (size_t)k : 0;
}

/* Options that only all marginals of some degree have. */
static pv_status check_spec(const pv_workload_spec *spec, size_t k,
                            pv_error *err)
{
    if (k > 0 && spec->degree > 0 && k != spec->degree)
        return pv_fail(err, PV_EUSAGE,
                       "--workload %s and --degree %zu contradict each other; "
                       "leave one of them out",
                       spec->source, spec->degree);
    if (k == 0 && spec->source != NULL &&
        (spec->degree > 0 || spec->target != NULL))
        return pv_fail(err, PV_EUSAGE,
                       "--degree and --target do not go with a workload file; "
                       "write \"degree\" and \"target\" into it");
    return PV_OK;
}

pv_status pv_workload_make(const pv_workload_spec *spec,
                           const pv_schema *schema, pv_workload *workload,
                           pv_error *err)
{
    pv_status status = PV_OK;
    const size_t k = spec->source != NULL ? all_ways(spec->source) : 0;
    const size_t degree = k > 0 ? k : spec->degree;
    *workload = (pv_workload){0};
    PV_TRY(check_spec(spec, k, err));
    if (degree > pv_schema_columns(schema)) {
        status = pv_fail(err, PV_EUSAGE,
                         "a workload of marginals of %zu columns: the schema "
                         "has only %zu",
                         degree, pv_schema_columns(schema));
    } else if (k > 0 || spec->source == NULL) {
        status = pv_workload_ways(schema,
                                  degree > 0 ? degree : PV_WORKLOAD_DEGREE,
                                  spec->max_cells, spec->target, workload, err);
    } else if (!pv_file_exists(spec->source)) {
        status = pv_fail(err, PV_EUSAGE,
                         "workload %s: neither all-1way, all-2way, all-3way "
                         "... nor a file",
                         spec->source);
    } else {
        status = pv_workload_read(spec->source, spec->max_cells, schema,
                                  workload, err);
    }
out:
    if (status != PV_OK)
        pv_workload_clear(workload);
    return status;
}

pv_status pv_workload_parse(const char *source, const pv_schema *schema,
                            pv_workload *workload, pv_error *err)
{
    const pv_workload_spec spec = {.source = source};
    return pv_workload_make(&spec, schema, workload, err);
}

void pv_workload_clear(pv_workload *workload)
{
    free(workload->clique);
    free(workload->weight);
    *workload = (pv_workload){0};
}
