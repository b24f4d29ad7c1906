/* Columns that have no levels yet, and their way to codes. */
#include "io/table_internal.h"

#include "core/memory.h"

#include <sodium.h>
#include <stdlib.h>

bool pv_table_is_raw(const pv_table *table, size_t column)
{
    PV_CHECK(column < table->columns);
    return table->column[column].raw;
}

size_t pv_table_texts(const pv_table *table, size_t column)
{
    PV_CHECK(column < table->columns && table->column[column].texts != NULL);
    return pv_texts_count(table->column[column].texts);
}

const char *pv_table_text(const pv_table *table, size_t column, size_t i,
                          size_t *length)
{
    PV_CHECK(column < table->columns && table->column[column].texts != NULL);
    return pv_texts_at(table->column[column].texts, i, length);
}

pv_status pv_table_text_code(pv_table *table, size_t column, const char *text,
                             size_t length, uint32_t *code, pv_error *err)
{
    PV_CHECK(column < table->columns && table->column[column].texts != NULL);
    const pv_status status = pv_texts_add(table->column[column].texts, text,
                                          length, code, err);
    if (status == PV_OK)
        *code += PV_RAW_TEXT;
    return status;
}

/* The code of each code of a raw label column, under the new schema. */
static pv_status new_labels(const pv_table *table, size_t c,
                            const pv_schema *resolved, uint32_t **codes,
                            pv_error *err)
{
    const pv_column *column = pv_schema_column(resolved, c);
    const size_t texts = pv_table_texts(table, c);
    uint32_t *made = pv_array_alloc(PV_RAW_TEXT + texts, sizeof *made);
    if (made == NULL)
        return pv_fail_memory(err, "a table");
    made[PV_RAW_VALUE] = made[PV_RAW_REST] = column->other;
    made[PV_RAW_MISSING] = column->missing ? column->levels - 1 : column->other;
    for (size_t i = 0; i < texts; i++) {
        size_t length;
        const char *text = pv_table_text(table, c, i, &length);
        const uint32_t code = pv_column_find_label(resolved, c, text, length);
        made[PV_RAW_TEXT + i] = code != PV_NO_LEVEL ? code : column->other;
    }
    *codes = made;
    return PV_OK;
}

static void recode_block(const pv_vector *from, const pv_column *column,
                         const uint32_t *labels, size_t first, size_t count,
                         uint32_t *codes)
{
    const pv_codes old = {from->codes, from->width};
    for (size_t i = 0; i < count; i++) {
        const uint32_t code = pv_codes_at(old, first + i);
        if (!from->raw)
            codes[i] = code;
        else if (labels != NULL)
            codes[i] = labels[code];
        else
            codes[i] = code == PV_RAW_MISSING
                           ? column->levels - 1
                           : pv_column_encode_number(column,
                                                     from->values[first + i]);
    }
}

static pv_status recode_column(const pv_table *from, pv_table *to, size_t c,
                               pv_error *err)
{
    enum { block = 4096 };
    uint32_t codes[block];
    uint32_t *labels = NULL;
    const pv_vector *v = &from->column[c];
    const pv_column *column = pv_schema_column(to->schema, c);
    if (v->texts != NULL) {
        const pv_status status = new_labels(from, c, to->schema, &labels, err);
        if (status != PV_OK)
            return status;
    }
    for (size_t first = 0; first < from->rows; first += block) {
        const size_t left = from->rows - first;
        const size_t n = left < block ? left : block;
        recode_block(v, column, labels, first, n, codes);
        pv_table_put(to, c, first, n, codes);
    }
    sodium_memzero(codes, sizeof codes);
    if (labels != NULL)
        pv_wipe_free(labels, (PV_RAW_TEXT + pv_table_texts(from, c)) *
                                 sizeof *labels);
    return PV_OK;
}

pv_status pv_table_recode(pv_table **table, const pv_schema *resolved,
                          pv_error *err)
{
    pv_status status = PV_OK;
    pv_table *old = *table, *made = NULL;
    PV_CHECK(pv_schema_columns(resolved) == old->columns);
    PV_TRY(pv_table_start(resolved, old->rows, false, false, &made, err));
    for (size_t c = 0; c < old->columns; c++) {
        const uint32_t levels = pv_schema_column(old->schema, c)->levels;
        PV_CHECK(old->column[c].raw ||
                 levels == pv_schema_column(resolved, c)->levels);
        PV_TRY(recode_column(old, made, c, err));
    }
    made->persons = old->persons;
    made->persons_room = old->persons_room;
    made->person_count = old->person_count;
    old->persons = NULL;
    *table = made;
    made = old;
out:
    pv_table_free(made);
    return status;
}
