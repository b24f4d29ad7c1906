#include "io/table_internal.h"

#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t width_of(uint32_t levels)
{
    return levels <= 256 ? 1 : levels <= 65536 ? 2 : 4;
}

static pv_status start_raw(pv_vector *v, const pv_column *column, pv_error *err)
{
    const bool labels = column->kind == PV_COLUMN_LABELS;
    v->raw = true;
    v->width = labels ? 4 : 1;
    v->codes = pv_array_alloc(0, 1);
    if (labels)
        v->texts = pv_texts_alloc();
    else
        v->values = pv_array_alloc(0, sizeof(double));
    if (v->codes == NULL || (labels ? v->texts == NULL : v->values == NULL))
        return pv_fail_memory(err, "a table");
    return PV_OK;
}

static pv_status start_column(pv_table *table, size_t i, bool values, bool raw,
                              pv_error *err)
{
    const pv_column *column = pv_schema_column(table->schema, i);
    if (column->levels == 0 && raw)
        return start_raw(&table->column[i], column, err);
    if (column->levels == 0)
        return pv_fail(err, PV_ESCHEMA,
                       "column '%s' has no public levels (private bins, bounds "
                       "or open labels): only a run that pays for them can "
                       "read it; give it public levels, or take the schema of "
                       "a release (privet-table schema RELEASE.h5)",
                       column->name);
    table->column[i].width = width_of(column->levels);
    table->column[i].codes = pv_array_alloc(0, 1);
    if (values && column->kind == PV_COLUMN_BINS)
        table->column[i].values = pv_array_alloc(0, sizeof(double));
    if (table->column[i].codes == NULL ||
        (values && column->kind == PV_COLUMN_BINS &&
         table->column[i].values == NULL))
        return pv_fail_memory(err, "a table");
    return PV_OK;
}

pv_status pv_table_start(const pv_schema *schema, size_t rows, bool values,
                       bool raw, pv_table **table, pv_error *err)
{
    pv_status status = PV_OK;
    pv_table *made = calloc(1, sizeof *made);
    if (made == NULL)
        return pv_fail_memory(err, "a table");
    made->schema = schema;
    made->columns = pv_schema_columns(schema);
    made->column = pv_array_calloc(made->columns, sizeof *made->column);
    if (made->column == NULL) {
        status = pv_fail_memory(err, "a table");
        goto out;
    }
    for (size_t i = 0; i < made->columns; i++)
        PV_TRY(start_column(made, i, values, raw, err));
    PV_TRY(pv_table_resize(made, rows, err));
    *table = made;
    made = NULL;
out:
    pv_table_free(made);
    return status;
}

pv_status pv_table_alloc(const pv_schema *schema, size_t rows, bool values,
                         pv_table **table, pv_error *err)
{
    return pv_table_start(schema, rows, values, false, table, err);
}

pv_status pv_table_alloc_raw(const pv_schema *schema, size_t rows,
                             pv_table **table, pv_error *err)
{
    return pv_table_start(schema, rows, false, true, table, err);
}

static void drop_persons(pv_table *table)
{
    pv_wipe_free(table->persons,
                 table->persons_room * sizeof *table->persons);
    table->persons = NULL;
    table->person_count = 0;
}

void pv_table_free(pv_table *table)
{
    if (table == NULL)
        return;
    drop_persons(table);
    for (size_t i = 0; table->column != NULL && i < table->columns; i++) {
        const pv_vector *v = &table->column[i];
        pv_wipe_free(v->codes, table->capacity * v->width);
        pv_wipe_free(v->values, table->capacity * sizeof *v->values);
        pv_texts_free(v->texts);
    }
    free(table->column);
    free(table);
}

/* realloc would leave a copy of private rows behind. */
static pv_status move(void **block, size_t used, size_t old, size_t room,
                      size_t size, pv_error *err)
{
    void *bigger = pv_array_alloc(room, size);
    if (bigger == NULL)
        return pv_fail_memory(err, "a table");
    memcpy(bigger, *block, used * size);
    pv_wipe_free(*block, old * size);
    *block = bigger;
    return PV_OK;
}

static pv_status reserve(pv_table *table, size_t rows, pv_error *err)
{
    pv_status status = PV_OK;
    size_t room = table->capacity;
    if (rows <= room)
        return PV_OK;
    if (!pv_size_mul(room, 2, &room) || room < rows)
        room = rows;
    for (size_t i = 0; i < table->columns; i++) {
        pv_vector *v = &table->column[i];
        PV_TRY(move(&v->codes, table->rows, table->capacity, room, v->width,
                    err));
        if (v->values != NULL) {
            void *values = v->values;
            PV_TRY(move(&values, table->rows, table->capacity, room,
                        sizeof *v->values, err));
            v->values = values;
        }
    }
    table->capacity = room;
out:
    return status;
}

pv_status pv_table_resize(pv_table *table, size_t rows, pv_error *err)
{
    const pv_status status = reserve(table, rows, err);
    if (status != PV_OK)
        return status;
    drop_persons(table);
    for (size_t i = 0; rows > table->rows && i < table->columns; i++) {
        const pv_vector *v = &table->column[i];
        memset((char *)v->codes + table->rows * v->width, 0,
               (rows - table->rows) * v->width);
        for (size_t r = table->rows; v->values != NULL && r < rows; r++)
            v->values[r] = NAN;
    }
    table->rows = rows;
    return PV_OK;
}

size_t pv_table_rows(const pv_table *table)
{
    return table->rows;
}

const pv_schema *pv_table_schema(const pv_table *table)
{
    return table->schema;
}

size_t pv_table_width(const pv_table *table, size_t column)
{
    PV_CHECK(column < table->columns);
    return table->column[column].width;
}

void pv_table_put(pv_table *table, size_t column, size_t first, size_t count,
                  const uint32_t *codes)
{
    PV_CHECK(column < table->columns && first <= table->rows &&
             count <= table->rows - first);
    const pv_vector *v = &table->column[column];
    uint32_t highest = 0;
    for (size_t i = 0; i < count; i++)
        highest = codes[i] > highest ? codes[i] : highest;
    PV_CHECK(v->raw ||
             highest < pv_schema_column(table->schema, column)->levels);
    if (v->width == 1) {
        uint8_t *to = (uint8_t *)v->codes + first;
        for (size_t i = 0; i < count; i++)
            to[i] = (uint8_t)codes[i];
    } else if (v->width == 2) {
        uint16_t *to = (uint16_t *)v->codes + first;
        for (size_t i = 0; i < count; i++)
            to[i] = (uint16_t)codes[i];
    } else {
        memcpy((uint32_t *)v->codes + first, codes, count * sizeof *codes);
    }
}

void pv_table_put_values(pv_table *table, size_t column, size_t first,
                         size_t count, const double *values)
{
    PV_CHECK(column < table->columns && first <= table->rows &&
             count <= table->rows - first);
    PV_CHECK(table->column[column].values != NULL);
    memcpy(table->column[column].values + first, values,
           count * sizeof *values);
}

pv_status pv_table_determine(pv_table *table, pv_error *err)
{
    enum { block = 4096 };
    uint32_t *codes = pv_array_alloc(block, sizeof *codes);
    if (codes == NULL)
        return pv_fail_memory(err, "a table");
    for (size_t c = 0; c < table->columns; c++) {
        const uint32_t *map = pv_schema_map(table->schema, c);
        if (map == NULL)
            continue;
        const pv_codes root =
            pv_table_codes(table, pv_schema_root(table->schema, c));
        for (size_t from = 0; from < table->rows; from += block) {
            const size_t left = table->rows - from;
            const size_t n = left < block ? left : block;
            for (size_t i = 0; i < n; i++)
                codes[i] = map[pv_codes_at(root, from + i)];
            pv_table_put(table, c, from, n, codes);
        }
    }
    free(codes);
    return PV_OK;
}

pv_codes pv_table_codes(const pv_table *table, size_t column)
{
    PV_CHECK(column < table->columns);
    return (pv_codes){table->column[column].codes, table->column[column].width};
}

const double *pv_table_values(const pv_table *table, size_t column)
{
    PV_CHECK(column < table->columns);
    return table->column[column].values;
}

const uint32_t *pv_table_persons(const pv_table *table)
{
    return table->persons;
}

uint32_t pv_table_person_count(const pv_table *table)
{
    return table->person_count;
}

void pv_table_set_persons(pv_table *table, uint32_t *persons, uint32_t count)
{
    drop_persons(table);
    table->persons = persons;
    table->persons_room = table->rows;
    table->person_count = count;
}

static void filter(void *block, size_t width, size_t rows, const bool *keep)
{
    char *to = block;
    const char *from = block;
    for (size_t r = 0; r < rows; r++, from += width) {
        if (!keep[r])
            continue;
        memmove(to, from, width);
        to += width;
    }
}

void pv_table_filter(pv_table *table, const bool *keep)
{
    const size_t rows = table->rows;
    size_t kept = 0;
    for (size_t r = 0; r < rows; r++)
        kept += keep[r];
    for (size_t i = 0; i < table->columns; i++) {
        const pv_vector *v = &table->column[i];
        filter(v->codes, v->width, rows, keep);
        if (v->values != NULL)
            filter(v->values, sizeof *v->values, rows, keep);
    }
    if (table->persons != NULL)
        filter(table->persons, sizeof *table->persons, rows, keep);
    table->rows = kept;
}
