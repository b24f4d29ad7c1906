#include "audit/attack/published.h"

#include "core/memory.h"
#include "io/hdf5.h"

#include <stdlib.h>
#include <string.h>

/* The same levels, in words. */
static bool same_levels(const pv_column *a, const pv_column *b)
{
    char in_a[512], in_b[512];
    if (a->levels != b->levels)
        return false;
    for (uint32_t code = 0; code < a->levels; code++) {
        pv_column_describe(a, code, in_a, sizeof in_a);
        pv_column_describe(b, code, in_b, sizeof in_b);
        if (strcmp(in_a, in_b) != 0)
            return false;
    }
    return true;
}

/* Where the release's column is in the schema, or -1. */
static ptrdiff_t find_column(const pv_schema *from, uint32_t column,
                             const pv_schema *schema)
{
    const pv_column *of = pv_schema_column(from, column);
    const ptrdiff_t at = pv_schema_find(schema, of->name);
    return at >= 0 && same_levels(of, pv_schema_column(schema, (size_t)at))
               ? at
               : -1;
}

/* A marginal's columns, renumbered, in the order of its cells; it is kept only
 * where the schema has all of them. */
static bool renumber(const pv_measurement *from, const ptrdiff_t *to,
                     uint32_t *column)
{
    for (size_t i = 0; i < from->columns; i++) {
        const ptrdiff_t at = to[from->column[i]];
        if (at < 0)
            return false;
        column[i] = (uint32_t)at;
    }
    return true;
}

pv_status pv_published_read(const char *path, const pv_schema *schema,
                            pv_published *p, pv_error *err)
{
    ptrdiff_t *to = NULL;
    pv_error why = PV_ERROR_INIT;
    pv_status status = PV_OK;
    *p = (pv_published){0};
    if (!pv_hdf5_detect(path) ||
        pv_release_read(path, &p->release, &why) != PV_OK)
        return PV_OK; /* a table and no release: it publishes nothing else */
    const size_t columns = pv_schema_columns(p->release->schema);
    to = pv_array_alloc(columns, sizeof *to);
    p->measurement = pv_array_calloc(p->release->count, sizeof *p->measurement);
    if (to == NULL || p->measurement == NULL) {
        status = pv_fail_memory(err, "the published marginals");
        goto out;
    }
    for (size_t c = 0; c < columns; c++)
        to[c] = find_column(p->release->schema, (uint32_t)c, schema);
    for (size_t i = 0; i < p->release->count; i++) {
        pv_measurement m = p->release->measurements[i];
        const pv_measurement *from = &p->release->measurements[i];
        m.column = pv_array_alloc(m.columns, sizeof *m.column);
        if (m.column == NULL) {
            status = pv_fail_memory(err, "the published marginals");
            goto out;
        }
        if (renumber(from, to, m.column)) {
            p->measurement[p->count++] = m;
        } else {
            free(m.column);
            p->left_out++;
        }
    }
out:
    free(to);
    if (status != PV_OK)
        pv_published_clear(p);
    return status;
}

void pv_published_clear(pv_published *p)
{
    for (size_t i = 0; i < p->count; i++)
        free(p->measurement[i].column);
    free(p->measurement);
    pv_release_free(p->release);
    *p = (pv_published){0};
}
