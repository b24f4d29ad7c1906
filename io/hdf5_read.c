/* The native layout on its way in: names, rows, columns. The cells of one
 * column are hdf5_column.c. */
#include "io/hdf5_column.h"

#include "core/memory.h"
#include "io/rows.h"
#include "io/schema_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pv_status open_for_reading(const char *path, hid_t *file, pv_error *err)
{
    FILE *test = fopen(path, "rb");
    if (test == NULL)
        return pv_fail_errno(err, PV_EIO, "%s: cannot open", path);
    (void)fclose(test);
    *file = pv_h5_open_file(path);
    if (*file < 0)
        return pv_h5_malformed(
            path,
            "not an HDF5 file of privet-table, or damaged; import it again",
            err);
    return PV_OK;
}

pv_status pv_h5_load_schema(hid_t file, const char *path, pv_schema **schema,
                            pv_error *err)
{
    char *json = pv_h5_get_document(file, "schema");
    if (json == NULL)
        return pv_h5_malformed(path,
                               "holds no /schema; import the table with its "
                               "schema (privet-table import)",
                               err);
    char *name = pv_sprintf_alloc("%s: /schema", path);
    const pv_status status =
        name == NULL
            ? pv_fail_memory(err, "a schema")
            : pv_schema_parse(json, strlen(json), name, schema, err);
    free(name);
    free(json);
    return status;
}

pv_status pv_hdf5_read_schema(const char *path, pv_schema **schema,
                              pv_error *err)
{
    hid_t file = -1;
    pv_status status = open_for_reading(path, &file, err);
    if (status != PV_OK)
        return status;
    status = pv_h5_load_schema(file, path, schema, err);
    (void)H5Fclose(file);
    return status;
}

/* Which of the file's columns is which of the schema's. The file's own schema
 * says what its columns and labels are called. */
typedef struct layout {
    pv_schema *stored;
    size_t *place; /* per column of the schema: its column in the file */
} layout;

static pv_status extra_columns(const pv_h5_column *c, const layout *l,
                               pv_error *err)
{
    char shown[PV_SHOWN_ROOM];
    for (size_t i = 0; i < pv_schema_columns(l->stored); i++) {
        const char *name = pv_schema_column(l->stored, i)->name;
        if (pv_schema_find(c->schema, name) < 0 &&
            !pv_schema_is_id(c->schema, name) && !c->options->ignore_extra)
            return pv_fail(err, PV_EFORMAT,
                           "%s: column '%s' is not in the schema; declare it, "
                           "or skip it with --ignore-extra",
                           c->path, pv_shown(name, shown));
    }
    return PV_OK;
}

static pv_status match_columns(const pv_h5_column *c, layout *l, pv_error *err)
{
    const size_t columns = pv_schema_columns(c->schema);
    char shown[PV_SHOWN_ROOM];
    l->place = pv_array_alloc(columns, sizeof *l->place);
    if (l->place == NULL)
        return pv_fail_memory(err, "a table");
    for (size_t i = 0; i < columns; i++) {
        const char *name = pv_schema_column(c->schema, i)->name;
        const ptrdiff_t place = pv_schema_find(l->stored, name);
        if (place < 0)
            return pv_fail(err, PV_EFORMAT,
                           "%s: lacks the schema's column '%s'; use the schema "
                           "it was made with",
                           c->path, pv_shown(name, shown));
        l->place[i] = (size_t)place;
    }
    return extra_columns(c, l, err);
}

static pv_status read_unit(hid_t group, const layout *l, pv_h5_column *c,
                           pv_error *err)
{
    const char *unit = pv_schema_unit(c->schema);
    char link[PV_H5_LINK_ROOM], shown[PV_SHOWN_ROOM];
    if (!c->options->unit || unit == NULL)
        return PV_OK;
    pv_h5_link_name(unit, pv_schema_columns(l->stored), link, sizeof link);
    if (!pv_h5_has(group, link))
        return pv_fail(err, PV_EFORMAT,
                       "%s: lacks the unit column '%s' that says which person "
                       "a row belongs to; import it from the CSV again",
                       c->path, pv_shown(unit, shown));
    return pv_h5_read_persons(group, link, c, err);
}

static pv_status read_columns(hid_t group, const layout *l, pv_h5_column *c,
                              pv_error *err)
{
    pv_status status = PV_OK;
    char link[PV_H5_LINK_ROOM];
    for (size_t i = 0; i < pv_schema_columns(c->schema); i++) {
        const pv_column *stored = pv_schema_column(l->stored, l->place[i]);
        pv_h5_link_name(stored->name, l->place[i], link, sizeof link);
        c->index = i;
        PV_TRY(pv_h5_read_column(group, link, stored, c, err));
    }
    PV_TRY(read_unit(group, l, c, err));
out:
    return status;
}

static pv_status read_table(hid_t file, pv_h5_column *c, pv_error *err)
{
    pv_status status = PV_OK;
    layout l = {0};
    const hid_t group = pv_h5_open_group(file, "table");
    if (group < 0) {
        status = pv_h5_malformed(c->path,
                                 "holds no group /table; import the table "
                                 "first (privet-table import)",
                                 err);
        goto out;
    }
    PV_TRY(pv_h5_load_schema(file, c->path, &l.stored, err));
    PV_TRY(match_columns(c, &l, err));
    PV_TRY(read_columns(group, &l, c, err));
out:
    free(l.place);
    pv_schema_free(l.stored);
    (void)H5Gclose(group);
    return status;
}

pv_status pv_hdf5_load(const char *path, const pv_schema *schema,
                       const pv_load_options *options, pv_table **table,
                       pv_load_report *report, pv_error *err)
{
    static const pv_load_options defaults = {0};
    pv_status status = PV_OK;
    hid_t file = -1;
    pv_h5_column c = {.path = path,
                      .schema = schema,
                      .options = options != NULL ? options : &defaults};
    PV_TRY(c.options->raw
               ? pv_table_alloc_raw(schema, 0, &c.table, err)
               : pv_table_alloc(schema, 0, c.options->values, &c.table, err));
    PV_TRY(pv_h5_column_start(&c, err));
    PV_TRY(open_for_reading(path, &file, err));
    PV_TRY(read_table(file, &c, err));
    c.report.rows = pv_table_rows(c.table);
    if (report != NULL)
        *report = c.report;
    *table = c.table;
    c.table = NULL;
out:
    if (file >= 0)
        (void)H5Fclose(file);
    pv_h5_column_end(&c);
    pv_table_free(c.table);
    return status;
}
