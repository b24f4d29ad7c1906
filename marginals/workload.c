#include "marginals/workload.h"

#include "core/atomicfile.h"
#include "core/memory.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { file_limit = 1 << 26 };

/* Wider than any use, and their products with cells stay exact enough. */
static const double least_weight = 1e-6, most_weight = 1e6;

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

/* All k-way cliques of the `n` columns given. */
static pv_status combine(const pv_domain *domain, const uint32_t *column,
                         size_t n, size_t k, size_t max_cells,
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
    return combine(domain, column, domain->columns, k, max_cells, workload,
                   err);
}

size_t pv_domain_varying(const pv_domain *domain, uint32_t *column)
{
    size_t n = 0;
    for (size_t i = 0; i < domain->columns; i++)
        if (domain->levels[i] > 1)
            column[n++] = (uint32_t)i;
    return n;
}

pv_status pv_workload_varying(const pv_domain *domain, size_t k,
                              size_t max_cells, pv_workload *workload,
                              pv_error *err)
{
    uint32_t column[PV_MAX_COLUMNS];
    const size_t n = pv_domain_varying(domain, column);
    return combine(domain, column, n, k, max_cells, workload, err);
}

/* --- JSON ----------------------------------------------------------------- */

/* The columns there are, for messages; as many as fit. */
static void list_columns(const pv_schema *schema, char *text, size_t size)
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

static pv_status read_columns(const json_t *names, size_t entry,
                              const char *path, const pv_schema *schema,
                              pv_clique *clique, pv_error *err)
{
    size_t i;
    const json_t *name;
    *clique = pv_clique_empty();
    if (!json_is_array(names) || json_array_size(names) == 0)
        return pv_fail(err, PV_EFORMAT,
                       "%s: marginals[%zu] names no columns; write "
                       "[\"a\", \"b\"] or {\"columns\": [\"a\", \"b\"]}",
                       path, entry);
    json_array_foreach(names, i, name)
    {
        const char *text = json_string_value(name);
        const ptrdiff_t c = text == NULL ? -1 : pv_schema_find(schema, text);
        if (c < 0) {
            char known[1024];
            list_columns(schema, known, sizeof known);
            return pv_fail(err, PV_EFORMAT,
                           "%s: marginals[%zu] names the column \"%s\", which "
                           "the schema does not have; it has %s",
                           path, entry, text == NULL ? "?" : text, known);
        }
        if (pv_clique_has(clique, (size_t)c))
            return pv_fail(err, PV_EFORMAT,
                           "%s: marginals[%zu] names \"%s\" twice", path, entry,
                           text);
        pv_clique_add(clique, (size_t)c);
    }
    return PV_OK;
}

/* What a model can be asked in its place: roots for determined columns. */
static pv_clique over_roots(const pv_clique *clique, const pv_schema *schema)
{
    pv_clique roots = pv_clique_empty();
    for (size_t c = pv_clique_next(clique, 0); c < PV_MAX_COLUMNS;
         c = pv_clique_next(clique, c + 1))
        pv_clique_add(&roots, pv_schema_root(schema, c));
    return roots;
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

/* Equal cliques become one, at the first's place, with the sum of weights. */
static pv_status merge(pv_workload *w, pv_error *err)
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

static pv_status read_weight(const json_t *value, size_t entry,
                             const char *path, double *weight, pv_error *err)
{
    *weight = value == NULL ? 1.0 : json_number_value(value);
    if ((value != NULL && !json_is_number(value)) || !isfinite(*weight) ||
        *weight < least_weight || *weight > most_weight)
        return pv_fail(err, PV_EFORMAT,
                       "%s: the weight of marginals[%zu] must be a number "
                       "from %g to %g; leave out what has no weight",
                       path, entry, least_weight, most_weight);
    return PV_OK;
}

/* A key that is not known is a slip: it would spend budget as nobody meant. */
static pv_status check_keys(json_t *entry, size_t at, const char *path,
                            pv_error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach(entry, key, value)
        if (strcmp(key, "columns") != 0 && strcmp(key, "weight") != 0)
            return pv_fail(err, PV_EFORMAT,
                           "%s: marginals[%zu] has \"%s\"; it may have "
                           "\"columns\" and \"weight\"",
                           path, at, key);
    return PV_OK;
}

static pv_status read_marginals(const json_t *root, const char *path,
                                const pv_schema *schema, pv_workload *workload,
                                pv_error *err)
{
    pv_status status = PV_OK;
    size_t i;
    json_t *entry, *list = json_object_get(root, "marginals");
    if (!json_is_array(list) || json_array_size(list) == 0)
        return pv_fail(err, PV_EFORMAT,
                       "%s: no list \"marginals\"; write {\"marginals\": "
                       "[[\"a\", \"b\"], ...]}",
                       path);
    json_array_foreach(list, i, entry)
    {
        pv_clique clique;
        double weight;
        const bool object = json_is_object(entry);
        if (object)
            PV_TRY(check_keys(entry, i, path, err));
        PV_TRY(read_columns(object ? json_object_get(entry, "columns") : entry,
                            i, path, schema, &clique, err));
        PV_TRY(read_weight(object ? json_object_get(entry, "weight") : NULL, i,
                           path, &weight, err));
        PV_TRY(pv_workload_add(workload, over_roots(&clique, schema), weight,
                               err));
    }
out:
    return status;
}

static pv_status read_file(const char *path, const pv_schema *schema,
                           pv_workload *workload, pv_error *err)
{
    pv_status status = PV_OK;
    unsigned char *text = NULL;
    size_t size;
    json_error_t where;
    json_t *root = NULL;
    PV_TRY(pv_file_read(path, file_limit, &text, &size, err));
    root = json_loadb((const char *)text, size, JSON_REJECT_DUPLICATES, &where);
    if (root == NULL) {
        status = pv_fail(err, PV_EFORMAT, "%s:%d:%d: %s", path, where.line,
                         where.column, where.text);
        goto out;
    }
    PV_TRY(read_marginals(root, path, schema, workload, err));
    PV_TRY(merge(workload, err));
out:
    json_decref(root);
    free(text);
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

pv_status pv_workload_parse(const char *spec, const pv_schema *schema,
                            pv_workload *workload, pv_error *err)
{
    const size_t k = all_ways(spec);
    pv_domain domain;
    *workload = (pv_workload){0};
    pv_domain_of_model(schema, &domain);
    if (k > domain.columns)
        return pv_fail(err, PV_EUSAGE,
                       "workload %s: the schema has only %zu columns", spec,
                       domain.columns);
    if (k > 0)
        return pv_workload_varying(&domain, k, 0, workload, err);
    if (!pv_file_exists(spec))
        return pv_fail(err, PV_EUSAGE,
                       "workload %s: neither all-1way, all-2way, all-3way ... "
                       "nor a file",
                       spec);
    const pv_status status = read_file(spec, schema, workload, err);
    if (status != PV_OK)
        pv_workload_clear(workload);
    return status;
}

void pv_workload_clear(pv_workload *workload)
{
    free(workload->clique);
    free(workload->weight);
    *workload = (pv_workload){0};
}
