#include "io/csv_internal.h"

#include "core/memory.h"
#include "io/rows.h"
#include "io/schema_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

pv_status pv_csv_block_reserve(pv_csv_block *block, size_t length,
                               pv_error *err)
{
    enum { MAX_TEXT = 1 << 26 };
    size_t room = block->room;
    if (length < room - block->used)
        return PV_OK;
    while (room - block->used <= length)
        room *= 2;
    if (room > MAX_TEXT)
        return pv_fail(err, PV_EFORMAT,
                       "a row has more than %d bytes of text", MAX_TEXT / 2);
    char *text = pv_array_alloc(room, 1);
    if (text == NULL)
        return pv_fail_memory(err, "a block of rows");
    memcpy(text, block->text, block->used);
    pv_wipe_free(block->text, block->room);
    block->text = text;
    block->room = room;
    return PV_OK;
}

static const char *cell(const pv_csv_block *b, size_t i, size_t *length)
{
    *length = b->end[i + 1] - b->end[i];
    return b->text + b->end[i];
}

/* What went wrong, without the value where the rows are private. */
static pv_status outside_domain(const pv_csv_reader *r, size_t column,
                                size_t row, pv_error *err)
{
    const pv_csv_block *b = &r->block;
    const pv_column *c = pv_schema_column(r->schema, column);
    const char *remedy =
        c->kind == PV_COLUMN_LABELS
            ? "add it to the categories, name an \"other\" category, or make "
              "the field not required"
            : "mend it, list its text in missingValues, or make the field not "
              "required";
    char name[PV_SHOWN_ROOM], value[PV_SHOWN_ROOM], copy[PV_SHOWN_ROOM + 1];
    if (r->options.private_rows)
        return pv_fail(err, PV_EDOMAIN,
                       "%s: column '%s': a value is outside the schema and no "
                       "rule says what to do; %s",
                       r->path, pv_shown(c->name, name), remedy);
    size_t length;
    const char *text =
        cell(b, row * r->kept + r->cell[column], &length);
    const size_t shown = length < sizeof copy ? length : sizeof copy - 1;
    memcpy(copy, text, shown);
    copy[shown] = '\0';
    return pv_fail(err, PV_EDOMAIN,
                   "%s: line %llu: column '%s': '%s' is outside the schema; %s",
                   r->path, (unsigned long long)b->line[row],
                   pv_shown(c->name, name), pv_shown(copy, value), remedy);
}

/* A column that has no levels yet. */
static pv_status flush_raw(pv_csv_reader *r, size_t column, size_t first,
                           pv_error *err)
{
    pv_status status = PV_OK;
    const pv_csv_block *b = &r->block;
    const bool labels =
        pv_schema_column(r->schema, column)->kind == PV_COLUMN_LABELS;
    uint64_t outside = 0; /* counted nowhere: there is no level to count to */
    for (size_t row = 0; row < b->rows; row++) {
        size_t length;
        const char *text = cell(b, row * r->kept + r->cell[column], &length);
        r->codes[row] = pv_column_encode_raw(r->schema, column, text, length,
                                             &outside, &r->values[row]);
        if (r->codes[row] == PV_NO_LEVEL)
            return outside_domain(r, column, row, err);
        if (labels && r->codes[row] == PV_RAW_TEXT)
            PV_TRY(pv_table_text_code(r->table, column, text, length,
                                      &r->codes[row], err));
    }
    pv_table_put(r->table, column, first, b->rows, r->codes);
    if (!labels)
        pv_table_put_values(r->table, column, first, b->rows, r->values);
out:
    return status;
}

static pv_status flush_column(pv_csv_reader *r, size_t column, size_t first,
                              pv_error *err)
{
    const pv_csv_block *b = &r->block;
    const pv_cells cells = {b->text, b->end + r->cell[column], r->kept,
                            b->rows};
    if (pv_table_is_raw(r->table, column))
        return flush_raw(r, column, first, err);
    const size_t done = pv_column_encode_cells(
        r->schema, column, &cells, r->codes, r->values, &r->report);
    if (done < b->rows)
        return outside_domain(r, column, done, err);
    pv_table_put(r->table, column, first, b->rows, r->codes);
    if (r->options.values &&
        pv_schema_column(r->schema, column)->kind == PV_COLUMN_BINS)
        pv_table_put_values(r->table, column, first, b->rows, r->values);
    return PV_OK;
}

static pv_status grow_persons(pv_csv_reader *r, size_t rows, pv_error *err)
{
    size_t room = r->persons_room > 0 ? r->persons_room : 4096;
    while (room < rows)
        room *= 2;
    if (room == r->persons_room)
        return PV_OK;
    uint32_t *persons = pv_array_alloc(room, sizeof *persons);
    if (persons == NULL)
        return pv_fail_memory(err, "person numbers");
    if (r->persons != NULL)
        memcpy(persons, r->persons, r->persons_room * sizeof *persons);
    pv_wipe_free(r->persons, r->persons_room * sizeof *persons);
    r->persons = persons;
    r->persons_room = room;
    return PV_OK;
}

static pv_status no_person(const pv_csv_reader *r, size_t row, pv_error *err)
{
    char name[PV_SHOWN_ROOM], line[40] = "";
    if (!r->options.private_rows)
        (void)snprintf(line, sizeof line, " line %llu:",
                       (unsigned long long)r->block.line[row]);
    return pv_fail(err, PV_EDOMAIN,
                   "%s:%s column '%s': a row names no person; give every row "
                   "its person, or remove the unit from the schema",
                   r->path, line, pv_shown(pv_schema_unit(r->schema), name));
}

static pv_status flush_persons(pv_csv_reader *r, size_t first, pv_error *err)
{
    const pv_csv_block *b = &r->block;
    pv_status status = PV_OK;
    PV_TRY(grow_persons(r, first + b->rows, err));
    for (size_t row = 0; row < b->rows; row++) {
        size_t length;
        const char *text =
            cell(b, row * r->kept + (size_t)r->unit, &length);
        const size_t count = pv_textmap_count(r->person_map);
        if (length == 0 ||
            pv_schema_missing_index(r->schema, text, length) >= 0)
            return no_person(r, row, err);
        if (count >= UINT32_MAX - 1)
            return pv_fail(err, PV_ETOOBIG, "%s: too many persons", r->path);
        PV_TRY(pv_textmap_add(r->person_map, text, length, (uint32_t)count,
                              &r->persons[first + row], err));
    }
out:
    return status;
}

pv_status pv_csv_block_flush(pv_csv_reader *r, pv_error *err)
{
    pv_csv_block *b = &r->block;
    pv_status status = PV_OK;
    const size_t first = pv_table_rows(r->table);
    if (b->rows == 0)
        return PV_OK;
    PV_TRY(pv_table_resize(r->table, first + b->rows, err));
    for (size_t c = 0; c < pv_schema_columns(r->schema); c++)
        PV_TRY(flush_column(r, c, first, err));
    if (r->unit >= 0)
        PV_TRY(flush_persons(r, first, err));
    r->report.rows += b->rows;
    b->rows = b->cells = b->used = 0;
out:
    return status;
}
