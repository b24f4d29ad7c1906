#include "marginals/queries_internal.h"

#include "core/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- groups ---------------------------------------------------------------- */

pv_status pv_queries_room(const pv_queries *q, size_t more, pv_error *err)
{
    if (more <= q->most_cells && q->cells <= q->most_cells - more)
        return PV_OK;
    return pv_fail(err, PV_ETOOBIG,
                   "the queries have more than %zu answers; ask for fewer of "
                   "them, or of fewer columns",
                   q->most_cells);
}

static bool count_cells(pv_group *group)
{
    group->cells = 0;
    switch (group->kind) {
    case PV_GROUP_GRID:
        for (size_t l = 0; l < group->layers; l++)
            if (!pv_size_add(group->cells, group->layer[l].cells, &group->cells))
                return false;
        return true;
    case PV_GROUP_BOXES:
        return pv_size_mul(group->boxes, group->crossed, &group->cells);
    default:
        group->cells = group->crossed;
        return true;
    }
}

static pv_status make_room(pv_queries *q, pv_error *err)
{
    if (q->groups < q->room)
        return PV_OK;
    const size_t room = q->room == 0 ? 64 : 2 * q->room;
    pv_group *group = pv_array_realloc(q->group, room, sizeof *group);
    if (group != NULL)
        q->group = group;
    const char **text = pv_array_realloc(q->text, room, sizeof *text);
    if (text != NULL)
        q->text = text;
    if (group == NULL || text == NULL)
        return pv_fail_memory(err, "queries");
    q->room = room;
    return PV_OK;
}

pv_status pv_queries_add(pv_queries *q, pv_group *group, const char *text,
                         pv_error *err)
{
    pv_status status = PV_OK;
    if (text == NULL)
        return pv_fail_memory(err, "queries");
    if (!count_cells(group))
        group->cells = SIZE_MAX;
    PV_TRY(pv_queries_room(q, group->cells, err));
    PV_TRY(make_room(q, err));
    q->cells += group->cells;
    q->text[q->groups] = text;
    q->group[q->groups++] = *group;
out:
    return status;
}

void pv_family_key(const char *kind, uint64_t seed, pv_key *key)
{
    static const pv_key nothing = {{0}};
    char text[64];
    const int length = snprintf(text, sizeof text, "%s:%llu", kind,
                                (unsigned long long)seed);
    pv_key_derive(&nothing, "queries", text, (size_t)length, key);
}

/* --- from a specification -------------------------------------------------- */

static pv_status allocate(pv_queries *q, pv_error *err)
{
    const size_t n = q->columns;
    q->axis = pv_queries_alloc(q, n, sizeof *q->axis);
    q->ramp = pv_queries_alloc(q, n, sizeof *q->ramp);
    q->part = pv_queries_alloc(q, n * (PV_TREE_LEVELS + 1), sizeof *q->part);
    q->free_column = pv_queries_alloc(q, n, sizeof *q->free_column);
    q->label = pv_queries_alloc(q, n, sizeof *q->label);
    q->number = pv_queries_alloc(q, n, sizeof *q->number);
    q->limits = pv_array_calloc(n, sizeof *q->limits);
    return q->axis != NULL && q->ramp != NULL && q->part != NULL &&
                   q->free_column != NULL && q->label != NULL &&
                   q->number != NULL && q->limits != NULL
               ? PV_OK
               : pv_fail_memory(err, "queries");
}

static void list_columns(pv_queries *q)
{
    for (uint32_t c = 0; c < q->columns; c++) {
        if (pv_schema_root(q->schema, c) != c)
            continue;
        q->free_column[q->free_count++] = c;
        if (pv_schema_column(q->schema, c)->kind == PV_COLUMN_LABELS)
            q->label[q->label_count++] = c;
        else
            q->number[q->number_count++] = c;
    }
}

static pv_status name_limits(pv_queries *q, pv_family *family, pv_error *err)
{
    switch (family->kind) {
    case PV_FAMILY_TREE:
        return pv_tree_limits(q, family, err);
    case PV_FAMILY_PREFIX:
        return pv_prefix_limits(q, family, err);
    case PV_FAMILY_FILE:
        return pv_file_limits(q, family, err);
    default:
        return PV_OK;
    }
}

static pv_status add_groups(pv_queries *q, const pv_family *family,
                            pv_error *err)
{
    switch (family->kind) {
    case PV_FAMILY_MARGINALS:
        return pv_marginals_add(q, family, err);
    case PV_FAMILY_TREE:
        return pv_tree_add(q, family, err);
    case PV_FAMILY_PREFIX:
        return pv_prefix_add(q, family, err);
    case PV_FAMILY_HALFSPACE:
        return pv_halfspace_add(q, family, err);
    default:
        return pv_file_add(q, family, err);
    }
}

/* What only the way to the groups needs. */
static void drop_drafts(pv_queries *q)
{
    for (size_t c = 0; q->limits != NULL && c < q->columns; c++)
        free(q->limits[c].value);
    free(q->limits);
    q->limits = NULL;
    for (size_t f = 0; f < q->families; f++) {
        free(q->family[f].prefix);
        json_decref(q->family[f].file);
        q->family[f].prefix = NULL;
        q->family[f].file = NULL;
    }
}

static pv_status build(pv_queries *q, const char *specification, pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(allocate(q, err));
    list_columns(q);
    PV_TRY(pv_queries_spec(q, specification, err));
    for (size_t f = 0; f < q->families; f++)
        PV_TRY(name_limits(q, &q->family[f], err));
    PV_TRY(pv_axes_make(q, err));
    for (size_t f = 0; f < q->families; f++) {
        const size_t first = q->groups;
        PV_TRY(add_groups(q, &q->family[f], err));
        for (size_t i = first; i < q->groups; i++)
            q->group[i].family = (uint32_t)f;
    }
out:
    drop_drafts(q);
    return status;
}

pv_status pv_queries_parse(const char *specification, const pv_schema *schema,
                           size_t most_cells, pv_queries **queries,
                           pv_error *err)
{
    pv_status status = PV_OK;
    pv_queries *q = NULL;
    if (pv_schema_has_needs(schema))
        return pv_fail(err, PV_EUSAGE,
                       "queries need a schema whose ranges, bins and labels are "
                       "public: write them in it, or use the schema of a "
                       "release, which has what was found");
    PV_TRY(pv_crypto_init(err));
    q = pv_array_calloc(1, sizeof *q);
    if (q == NULL)
        return pv_fail_memory(err, "queries");
    q->schema = schema;
    q->columns = pv_schema_columns(schema);
    q->most_cells = most_cells;
    PV_TRY(build(q, specification, err));
    *queries = q;
    q = NULL;
out:
    pv_queries_free(q);
    return status;
}

void pv_queries_free(pv_queries *q)
{
    if (q == NULL)
        return;
    drop_drafts(q);
    free(q->group);
    free(q->text);
    pv_queries_free_chunks(q);
    free(q);
}

/* --- what there is --------------------------------------------------------- */

const pv_schema *pv_queries_schema(const pv_queries *q)
{
    return q->schema;
}

size_t pv_queries_count(const pv_queries *q)
{
    return q->groups;
}

const pv_group *pv_queries_group(const pv_queries *q, size_t i)
{
    return &q->group[i];
}

size_t pv_queries_families(const pv_queries *q)
{
    return q->families;
}

const char *pv_queries_family(const pv_queries *q, size_t family)
{
    return q->family[family].text;
}

const pv_axis *pv_queries_axis(const pv_queries *q, size_t column)
{
    return &q->axis[column];
}

void pv_queries_describe(const pv_queries *q, size_t i, char *text, size_t size)
{
    (void)snprintf(text, size, "%s", q->text[i]);
}
