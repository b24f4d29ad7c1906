/* Workload files. */
#include "marginals/workload_internal.h"

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

/* A file on its way in. */
typedef struct reading {
    const char *path;
    const pv_schema *schema;
    size_t max_cells;
    double factor[PV_MAX_COLUMNS]; /* of each root, from "weights" */
} reading;

static pv_status unknown_column(const reading *r, const char *where,
                                const char *name, pv_error *err)
{
    char known[1024];
    pv_workload_columns_text(r->schema, known, sizeof known);
    return pv_fail(err, PV_EFORMAT,
                   "%s: %s names the column \"%s\", which the schema does not "
                   "have; it has %s",
                   r->path, where, name, known);
}

static pv_status read_columns(const reading *r, const json_t *names,
                              size_t entry, pv_clique *clique, pv_error *err)
{
    size_t i;
    const json_t *name;
    char where[64];
    (void)snprintf(where, sizeof where, "marginals[%zu]", entry);
    *clique = pv_clique_empty();
    if (!json_is_array(names) || json_array_size(names) == 0)
        return pv_fail(err, PV_EFORMAT,
                       "%s: %s names no columns; write "
                       "[\"a\", \"b\"] or {\"columns\": [\"a\", \"b\"]}",
                       r->path, where);
    json_array_foreach(names, i, name)
    {
        const char *text = json_string_value(name);
        const ptrdiff_t c = text == NULL ? -1 : pv_schema_find(r->schema, text);
        if (c < 0)
            return unknown_column(r, where, text == NULL ? "?" : text, err);
        if (pv_clique_has(clique, (size_t)c))
            return pv_fail(err, PV_EFORMAT, "%s: %s names \"%s\" twice",
                           r->path, where, text);
        pv_clique_add(clique, (size_t)c);
    }
    return PV_OK;
}

/* The weight of `what`, 1 when there is none. */
static pv_status read_weight(const reading *r, const json_t *value,
                             const char *what, double *weight, pv_error *err)
{
    *weight = value == NULL ? 1.0 : json_number_value(value);
    if ((value != NULL && !json_is_number(value)) || !isfinite(*weight) ||
        *weight < least_weight || *weight > most_weight)
        return pv_fail(err, PV_EFORMAT,
                       "%s: the weight of %s must be a number "
                       "from %g to %g; leave out what has no weight",
                       r->path, what, least_weight, most_weight);
    return PV_OK;
}

/* A key that is not known is a slip: it would spend budget as nobody meant. */
static pv_status check_keys(const reading *r, json_t *object,
                            const char *const *known, const char *where,
                            pv_error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        size_t i = 0;
        while (known[i] != NULL && strcmp(known[i], key) != 0)
            i++;
        if (known[i] == NULL)
            return pv_fail(err, PV_EFORMAT,
                           "%s: %s has \"%s\", which is no key of it; see "
                           "doc/files.md",
                           r->path, where, key);
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

static pv_status read_marginals(const reading *r, const json_t *list,
                                pv_workload *workload, pv_error *err)
{
    static const char *const known[] = {"columns", "weight", NULL};
    pv_status status = PV_OK;
    size_t i;
    json_t *entry;
    pv_domain domain;
    pv_domain_of_model(r->schema, &domain);
    if (!json_is_array(list) || json_array_size(list) == 0)
        return pv_fail(err, PV_EFORMAT,
                       "%s: \"marginals\" is not a list; write {\"marginals\": "
                       "[[\"a\", \"b\"], ...]}",
                       r->path);
    json_array_foreach(list, i, entry)
    {
        pv_clique clique;
        double weight;
        char where[64];
        const bool object = json_is_object(entry);
        (void)snprintf(where, sizeof where, "marginals[%zu]", i);
        if (object)
            PV_TRY(check_keys(r, entry, known, where, err));
        PV_TRY(read_columns(r, object ? json_object_get(entry, "columns")
                                      : entry,
                            i, &clique, err));
        PV_TRY(read_weight(r, object ? json_object_get(entry, "weight") : NULL,
                           where, &weight, err));
        clique = over_roots(&clique, r->schema);
        if (r->max_cells == 0 ||
            pv_domain_cells(&domain, &clique) <= r->max_cells)
            PV_TRY(pv_workload_add(workload, clique, weight, err));
    }
out:
    return status;
}

/* A whole number from 1, *given false when it is not there. */
static pv_status read_whole(const reading *r, const json_t *root,
                            const char *key, size_t *value, bool *given,
                            pv_error *err)
{
    const json_t *json = json_object_get(root, key);
    *given = json != NULL;
    if (json == NULL)
        return PV_OK;
    if (!json_is_integer(json) || json_integer_value(json) < 1)
        return pv_fail(err, PV_EFORMAT,
                       "%s: \"%s\" is not a whole number from 1", r->path, key);
    *value = (size_t)json_integer_value(json);
    return PV_OK;
}

/* "degree" and "target": all marginals of that many columns. */
static pv_status add_ways(const reading *r, const json_t *root,
                          pv_workload *workload, pv_error *err)
{
    pv_status status = PV_OK;
    pv_workload ways = {0};
    size_t degree = PV_WORKLOAD_DEGREE;
    bool has_degree;
    const json_t *json = json_object_get(root, "target");
    const char *target = json_string_value(json);
    PV_TRY(read_whole(r, root, "degree", &degree, &has_degree, err));
    if (!has_degree && json == NULL)
        goto out;
    if (json != NULL && (target == NULL || pv_schema_find(r->schema, target) < 0)) {
        status = unknown_column(r, "\"target\"",
                                target != NULL ? target : "?", err);
        goto out;
    }
    if (degree > pv_schema_columns(r->schema)) {
        status = pv_fail(err, PV_EFORMAT,
                         "%s: \"degree\" is %zu, and the schema has only %zu "
                         "columns",
                         r->path, degree, pv_schema_columns(r->schema));
        goto out;
    }
    PV_TRY(pv_workload_ways(r->schema, degree, r->max_cells, target, &ways,
                            err));
    for (size_t i = 0; i < ways.count; i++)
        PV_TRY(pv_workload_add(workload, ways.clique[i], 1.0, err));
out:
    pv_workload_clear(&ways);
    return status;
}

static pv_status read_factors(reading *r, json_t *weights, pv_error *err)
{
    pv_status status = PV_OK;
    const char *name;
    json_t *value;
    for (size_t c = 0; c < PV_MAX_COLUMNS; c++)
        r->factor[c] = 1.0;
    if (weights != NULL && !json_is_object(weights))
        return pv_fail(err, PV_EFORMAT,
                       "%s: \"weights\" is not an object; write {COLUMN: "
                       "WEIGHT, ...}",
                       r->path);
    json_object_foreach(weights, name, value)
    {
        double weight;
        const ptrdiff_t c = pv_schema_find(r->schema, name);
        if (c < 0)
            return unknown_column(r, "\"weights\"", name, err);
        PV_TRY(read_weight(r, value, name, &weight, err));
        r->factor[pv_schema_root(r->schema, (size_t)c)] *= weight;
    }
out:
    return status;
}

static pv_status build(reading *r, json_t *root, pv_workload *workload,
                       pv_error *err)
{
    static const char *const known[] = {"marginals", "degree",  "target",
                                        "max_cells", "weights", NULL};
    pv_status status = PV_OK;
    size_t cells = 0;
    bool given;
    if (!json_is_object(root) ||
        (json_object_get(root, "marginals") == NULL &&
         json_object_get(root, "degree") == NULL &&
         json_object_get(root, "target") == NULL))
        return pv_fail(err, PV_EFORMAT,
                       "%s: no workload; write {\"marginals\": [[\"a\", "
                       "\"b\"], ...]}, or \"degree\" or \"target\"",
                       r->path);
    PV_TRY(check_keys(r, root, known, "the file", err));
    PV_TRY(read_whole(r, root, "max_cells", &cells, &given, err));
    if (given && (r->max_cells == 0 || cells < r->max_cells))
        r->max_cells = cells;
    PV_TRY(read_factors(r, json_object_get(root, "weights"), err));
    if (json_object_get(root, "marginals") != NULL)
        PV_TRY(read_marginals(r, json_object_get(root, "marginals"), workload,
                              err));
    PV_TRY(add_ways(r, root, workload, err));
    if (workload->count == 0) {
        status = pv_fail(err, PV_EFORMAT,
                         "%s: every marginal has more than %zu cells; raise "
                         "max_cells",
                         r->path, r->max_cells);
        goto out;
    }
    PV_TRY(pv_workload_merge(workload, err));
    for (size_t i = 0; i < workload->count; i++)
        for (size_t c = pv_clique_next(&workload->clique[i], 0);
             c < PV_MAX_COLUMNS;
             c = pv_clique_next(&workload->clique[i], c + 1))
            workload->weight[i] *= r->factor[c];
out:
    return status;
}

pv_status pv_workload_read(const char *path, size_t max_cells,
                           const pv_schema *schema, pv_workload *workload,
                           pv_error *err)
{
    pv_status status = PV_OK;
    unsigned char *text = NULL;
    size_t size;
    json_error_t where;
    json_t *root = NULL;
    reading r = {.path = path, .schema = schema, .max_cells = max_cells};
    PV_TRY(pv_file_read(path, file_limit, &text, &size, err));
    root = json_loadb((const char *)text, size, JSON_REJECT_DUPLICATES, &where);
    if (root == NULL) {
        status = pv_fail(err, PV_EFORMAT, "%s:%d:%d: %s", path, where.line,
                         where.column, where.text);
        goto out;
    }
    PV_TRY(build(&r, root, workload, err));
out:
    json_decref(root);
    free(text);
    return status;
}
