#include "io/csv_internal.h"

#include "core/memory.h"
#include "io/schema_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

pv_status pv_csv_header_add(pv_csv_reader *r, const char *text, size_t length,
                            pv_error *err)
{
    if (r->fields == PV_CSV_MAX_FIELDS)
        return pv_fail(err, PV_EFORMAT,
                       "%s: line 1: more than %d columns; is this a CSV file?",
                       r->path, PV_CSV_MAX_FIELDS);
    if (r->fields == r->names_room) {
        const size_t room = r->names_room > 0 ? 2 * r->names_room : 32;
        char **name = pv_array_realloc(r->name, room, sizeof *name);
        if (name == NULL)
            return pv_fail_memory(err, "a header");
        r->name = name;
        r->names_room = room;
    }
    char *name = pv_array_alloc(length + 1, 1);
    if (name == NULL)
        return pv_fail_memory(err, "a header");
    memcpy(name, text, length);
    name[length] = '\0';
    r->name[r->fields++] = name;
    return PV_OK;
}

/* How a field of the header may be called in a message: a file without a
 * header has values in its place. */
static const char *field_name(const pv_csv_reader *r, size_t i,
                              char shown[PV_SHOWN_ROOM])
{
    if (r->options.private_rows && pv_schema_find(r->schema, r->name[i]) < 0 &&
        !pv_schema_is_id(r->schema, r->name[i]))
        return "(not shown)";
    return pv_shown(r->name[i], shown);
}

static pv_status missing_columns(const pv_csv_reader *r, const bool *seen,
                                 pv_error *err)
{
    char list[512] = "", shown[PV_SHOWN_ROOM];
    size_t used = 0, missing = 0;
    for (size_t c = 0; c < pv_schema_columns(r->schema); c++) {
        if (seen[c])
            continue;
        if (missing++ < 4)
            used += (size_t)snprintf(
                list + used, sizeof list - used, "%s'%s'",
                used > 0 ? ", " : "",
                pv_shown(pv_schema_column(r->schema, c)->name, shown));
    }
    if (missing == 0)
        return PV_OK;
    return pv_fail(err, PV_EFORMAT,
                   "%s: line 1: the header lacks %zu of the schema's columns: "
                   "%s%s; check the names, the delimiter (%s) and that the "
                   "first line is a header",
                   r->path, missing, list, missing > 4 ? ", ..." : "",
                   r->options.delimiter == '\t' ? "tab"
                   : r->options.delimiter == ';' ? "semicolon"
                   : r->options.delimiter == '|' ? "bar"
                   : r->options.delimiter == ',' ? "comma"
                                                 : "as given");
}

/* One field of the header: a column, the unit, an id, or none of the schema. */
static pv_status place_field(pv_csv_reader *r, size_t i, bool *seen,
                             size_t *extra, pv_error *err)
{
    const char *unit = r->options.unit ? pv_schema_unit(r->schema) : NULL;
    const ptrdiff_t column = pv_schema_find(r->schema, r->name[i]);
    const bool is_unit = unit != NULL && strcmp(unit, r->name[i]) == 0;
    char shown[PV_SHOWN_ROOM];
    r->keep[i] = PV_CSV_SKIP;
    if ((column >= 0 && seen[column]) || (is_unit && r->unit >= 0))
        return pv_fail(err, PV_EFORMAT,
                       "%s: line 1: column '%s' stands twice; rename or remove "
                       "one of them",
                       r->path, field_name(r, i, shown));
    if (column < 0 && !is_unit) {
        if (*extra == SIZE_MAX && !pv_schema_is_id(r->schema, r->name[i]))
            *extra = i;
        return PV_OK;
    }
    r->keep[i] = (int32_t)r->kept;
    if (is_unit) {
        r->unit = (ptrdiff_t)r->kept;
    } else {
        seen[column] = true;
        r->cell[column] = r->kept;
    }
    r->kept++;
    return PV_OK;
}

static pv_status place_fields(pv_csv_reader *r, bool *seen, pv_error *err)
{
    pv_status status = PV_OK;
    size_t extra = SIZE_MAX;
    char shown[PV_SHOWN_ROOM];
    for (size_t i = 0; i < r->fields; i++)
        PV_TRY(place_field(r, i, seen, &extra, err));
    PV_TRY(missing_columns(r, seen, err));
    if (r->options.unit && pv_schema_unit(r->schema) != NULL && r->unit < 0)
        return pv_fail(err, PV_EFORMAT,
                       "%s: line 1: the header lacks the unit column '%s' that "
                       "says which person a row belongs to",
                       r->path, pv_shown(pv_schema_unit(r->schema), shown));
    if (extra != SIZE_MAX && !r->options.ignore_extra)
        return pv_fail(err, PV_EFORMAT,
                       "%s: line 1: column %zu '%s' is not in the schema; "
                       "declare it, or skip it with --ignore-extra",
                       r->path, extra + 1, field_name(r, extra, shown));
out:
    return status;
}

static pv_status start_block(pv_csv_reader *r, pv_error *err)
{
    pv_csv_block *b = &r->block;
    b->room = 1 << 16;
    b->text = pv_array_alloc(b->room, 1);
    b->end = pv_array_calloc(PV_CSV_BLOCK_ROWS * r->kept + 1, sizeof *b->end);
    b->line = pv_array_calloc(PV_CSV_BLOCK_ROWS, sizeof *b->line);
    r->codes = pv_array_alloc(PV_CSV_BLOCK_ROWS, sizeof *r->codes);
    r->values = pv_array_alloc(PV_CSV_BLOCK_ROWS, sizeof *r->values);
    if (r->unit >= 0)
        r->person_map = pv_textmap_alloc();
    if (b->text == NULL || b->end == NULL || b->line == NULL ||
        r->codes == NULL || r->values == NULL ||
        (r->unit >= 0 && r->person_map == NULL))
        return pv_fail_memory(err, "a block of rows");
    return PV_OK;
}

pv_status pv_csv_header_end(pv_csv_reader *r, pv_error *err)
{
    const size_t columns = pv_schema_columns(r->schema);
    bool *seen = pv_array_calloc(columns, sizeof *seen);
    pv_status status = PV_OK;
    r->keep = pv_array_calloc(r->fields, sizeof *r->keep);
    r->cell = pv_array_calloc(columns, sizeof *r->cell);
    if (seen == NULL || r->keep == NULL || r->cell == NULL) {
        status = pv_fail_memory(err, "a header");
        goto out;
    }
    PV_TRY(place_fields(r, seen, err));
    PV_TRY(start_block(r, err));
    r->header_done = true;
out:
    free(seen);
    return status;
}
