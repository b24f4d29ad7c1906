/* The native layout on its way in: names, rows, columns. The cells of one
 * column are hdf5_column.c. */
#include "io/hdf5_column.h"

#include "core/memory.h"
#include "io/rows.h"
#include "io/schema_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAMES = 65536 };

bool pv_hdf5_detect(const char *path)
{
    static const unsigned char signature[] = "\x89HDF\r\n\x1a\n";
    unsigned char head[8];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    const bool hdf5 = fread(head, 1, sizeof head, file) == sizeof head &&
                      memcmp(head, signature, sizeof head) == 0;
    (void)fclose(file);
    return hdf5;
}

static pv_status open_for_reading(const char *path, hid_t *file, pv_error *err)
{
    FILE *test = fopen(path, "rb");
    if (test == NULL)
        return pv_fail_errno(err, PV_EIO, "%s: cannot open", path);
    (void)fclose(test);
    *file = pv_h5_open_file(path);
    if (*file < 0)
        return pv_h5_malformed(
            path, "not an HDF5 file, or damaged; make it again", err);
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

/* Which of the file's columns is which of the schema's. */
typedef struct layout {
    char **names;
    size_t count;
    size_t *place; /* per column of the schema: its place in names */
    ptrdiff_t unit;
} layout;

static pv_status place_name(const pv_schema *schema, const char *path,
                            const pv_load_options *options, size_t i,
                            layout *l, pv_error *err)
{
    const char *name = l->names[i];
    const ptrdiff_t column = pv_schema_find(schema, name);
    const char *unit = pv_schema_unit(schema);
    char shown[PV_SHOWN_ROOM];
    if (column >= 0 && l->place[column] != SIZE_MAX)
        return pv_fail(err, PV_EFORMAT, "%s: column '%s' stands twice", path,
                       pv_shown(name, shown));
    if (column >= 0)
        l->place[column] = i;
    else if (options->unit && unit != NULL && strcmp(unit, name) == 0)
        l->unit = (ptrdiff_t)i;
    else if (!options->ignore_extra && !pv_schema_is_id(schema, name))
        return pv_fail(err, PV_EFORMAT,
                       "%s: column '%s' is not in the schema; declare it, or "
                       "skip it with --ignore-extra",
                       path, pv_shown(name, shown));
    return PV_OK;
}

static pv_status match_columns(const pv_schema *schema, const char *path,
                               const pv_load_options *options, layout *l,
                               pv_error *err)
{
    pv_status status = PV_OK;
    const size_t columns = pv_schema_columns(schema);
    char shown[PV_SHOWN_ROOM];
    l->unit = -1;
    l->place = pv_array_alloc(columns, sizeof *l->place);
    if (l->place == NULL)
        return pv_fail_memory(err, "a table");
    for (size_t c = 0; c < columns; c++)
        l->place[c] = SIZE_MAX;
    for (size_t i = 0; i < l->count; i++)
        PV_TRY(place_name(schema, path, options, i, l, err));
    for (size_t c = 0; c < columns; c++)
        if (l->place[c] == SIZE_MAX)
            return pv_fail(err, PV_EFORMAT,
                           "%s: lacks the schema's column '%s'; use the schema "
                           "it was made with",
                           path,
                           pv_shown(pv_schema_column(schema, c)->name, shown));
    if (options->unit && pv_schema_unit(schema) != NULL && l->unit < 0)
        return pv_fail(err, PV_EFORMAT,
                       "%s: lacks the unit column '%s' that says which person "
                       "a row belongs to",
                       path, pv_shown(pv_schema_unit(schema), shown));
out:
    return status;
}

static pv_status read_layout(hid_t group, const pv_schema *schema,
                             const char *path, const pv_load_options *options,
                             layout *l, pv_error *err)
{
    char *encoding = pv_h5_get_text(group, "encoding-type");
    const bool frame = encoding != NULL && strcmp(encoding, "dataframe") == 0;
    free(encoding);
    if (!frame ||
        !pv_h5_get_texts(group, "column-order", MAX_NAMES, &l->names,
                         &l->count))
        return pv_h5_malformed(path,
                               "/table is not a dataframe (encoding-type, "
                               "column-order); export it again",
                               err);
    return match_columns(schema, path, options, l, err);
}

static pv_status read_columns(hid_t group, const layout *l, pv_h5_column *c,
                              pv_error *err)
{
    pv_status status = PV_OK;
    char link[1200];
    for (size_t i = 0; i < pv_schema_columns(c->schema); i++) {
        const size_t place = l->place[i];
        pv_h5_link_name(l->names[place], place, link, sizeof link);
        c->index = i;
        PV_TRY(pv_h5_read_column(group, link, c, err));
    }
    if (l->unit >= 0) {
        pv_h5_link_name(l->names[l->unit], (size_t)l->unit, link, sizeof link);
        PV_TRY(pv_h5_read_persons(group, link, c, err));
    }
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
    PV_TRY(read_layout(group, c->schema, c->path, c->options, &l, err));
    PV_TRY(read_columns(group, &l, c, err));
out:
    pv_h5_free_texts(l.names, l.count);
    free(l.place);
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
    PV_TRY(pv_table_alloc(schema, 0, c.options->values, &c.table, err));
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
