#include "io/csv_internal.h"
#include "io/csv_lex.h"

#include "core/memory.h"
#include "io/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHORT = PV_CSV_SLACK, /* most fields are no longer */
    FLUSH_TEXT = 1 << 19
};

static pv_status take_field(void *context, size_t field, const char *text,
                            size_t length, pv_error *err)
{
    pv_csv_reader *r = context;
    pv_csv_block *b = &r->block;
    if (!r->header_done)
        return pv_csv_header_add(r, text, length, err);
    if (field >= r->fields || r->keep[field] == PV_CSV_SKIP)
        return PV_OK;
    if (length <= SHORT && b->room - b->used >= SHORT) {
        /* libcsv has only just written these bytes one by one: a wider load
         * would wait for all of them to reach the cache, and a loop over
         * `length` would guess its end wrongly */
        const volatile char *from = text;
        char *to = b->text + b->used;
        for (size_t i = 0; i < SHORT / 2; i++)
            to[i] = from[i];
        for (size_t i = SHORT / 2; length > SHORT / 2 && i < SHORT; i++)
            to[i] = from[i];
    } else {
        const pv_status status = pv_csv_block_reserve(b, length, err);
        if (status != PV_OK)
            return pv_fail_context(err, status, "%s", r->path);
        memcpy(b->text + b->used, text, length);
    }
    b->used += length;
    b->end[++b->cells] = (uint32_t)b->used;
    return PV_OK;
}

static pv_status ragged(const pv_csv_reader *r, size_t fields, uint64_t line,
                        pv_error *err)
{
    if (r->options.private_rows)
        return pv_fail(err, PV_EFORMAT,
                       "%s: a row has more or fewer fields than the header; "
                       "quote fields that hold the delimiter",
                       r->path);
    return pv_fail(err, PV_EFORMAT,
                   "%s: line %llu: %zu fields where the header has %zu; quote "
                   "fields that hold the delimiter",
                   r->path, (unsigned long long)line, fields, r->fields);
}

static pv_status take_row(void *context, size_t fields, uint64_t line,
                          pv_error *err)
{
    pv_csv_reader *r = context;
    pv_csv_block *b = &r->block;
    if (!r->header_done) {
        r->options.delimiter = r->client->delimiter;
        return pv_csv_header_end(r, err);
    }
    if (fields != r->fields)
        return ragged(r, fields, line, err);
    b->line[b->rows++] = line;
    if (b->rows == PV_CSV_BLOCK_ROWS || b->used > FLUSH_TEXT)
        return pv_csv_block_flush(r, err);
    return PV_OK;
}

static pv_status run(pv_csv_reader *r, pv_error *err)
{
    pv_status status = PV_OK;
    pv_csv_client client = {.path = r->path,
                            .private_rows = r->options.private_rows,
                            .delimiter = r->options.delimiter,
                            .context = r,
                            .field = take_field,
                            .row = take_row};
    r->client = &client;
    PV_TRY(pv_csv_lex(&client, err));
    if (!r->header_done)
        return pv_fail(err, PV_EFORMAT,
                       "%s: empty; the first line has to name the columns",
                       r->path);
    PV_TRY(pv_csv_block_flush(r, err));
out:
    r->client = NULL;
    return status;
}

static void clear(pv_csv_reader *r)
{
    for (size_t i = 0; i < r->fields; i++)
        free(r->name[i]);
    free(r->name);
    free(r->keep);
    free(r->cell);
    pv_wipe_free(r->block.text, r->block.room);
    free(r->block.end);
    free(r->block.line);
    pv_wipe_free(r->codes, PV_CSV_BLOCK_ROWS * sizeof *r->codes);
    pv_wipe_free(r->values, PV_CSV_BLOCK_ROWS * sizeof *r->values);
    pv_wipe_free(r->persons, r->persons_room * sizeof *r->persons);
    pv_textmap_free(r->person_map);
    pv_table_free(r->table);
}

/* The table takes exactly as many person numbers as it has rows. */
static pv_status hand_over_persons(pv_csv_reader *r, pv_error *err)
{
    const size_t rows = pv_table_rows(r->table);
    if (r->unit < 0)
        return PV_OK;
    uint32_t *persons = pv_array_alloc(rows, sizeof *persons);
    if (persons == NULL)
        return pv_fail_memory(err, "person numbers");
    if (rows > 0)
        memcpy(persons, r->persons, rows * sizeof *persons);
    pv_table_set_persons(r->table, persons,
                         (uint32_t)pv_textmap_count(r->person_map));
    return PV_OK;
}

pv_status pv_csv_load(const char *path, const pv_schema *schema,
                      const pv_load_options *options, pv_table **table,
                      pv_load_report *report, pv_error *err)
{
    pv_status status = PV_OK;
    pv_csv_reader r = {.path = path, .schema = schema, .unit = -1};
    if (options != NULL)
        r.options = *options;
    PV_TRY(r.options.raw
               ? pv_table_alloc_raw(schema, 0, &r.table, err)
               : pv_table_alloc(schema, 0, r.options.values, &r.table, err));
    PV_TRY(run(&r, err));
    PV_TRY(hand_over_persons(&r, err));
    if (report != NULL)
        *report = r.report;
    *table = r.table;
    r.table = NULL;
out:
    clear(&r);
    return status;
}
