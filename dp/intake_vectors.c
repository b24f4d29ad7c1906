#include "core/memory.h"
#include "dp/curator_internal.h"
#include "io/rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows of one column, the label, beside the vectors. */

static pv_status check_schema(const pv_schema *schema, pv_error *err)
{
    if (pv_schema_columns(schema) == 1 &&
        pv_schema_column(schema, 0)->kind != PV_COLUMN_BINS)
        return PV_OK;
    return pv_fail(err, PV_ESCHEMA,
                   "the schema of embeddings declares one column, their label: "
                   "a string with categories (labels are their numbers, from "
                   "0), or an integer with a minimum and a maximum");
}

/* The code of a label: the number of a category, or an integer, clamped. What is
 * neither is as in a table: missing, else other, else refused. */
static uint32_t code_of(const pv_column *c, int64_t label)
{
    const uint32_t named = c->levels - (c->missing ? 1 : 0);
    if (c->kind == PV_COLUMN_INTEGERS)
        return pv_column_encode_number(c, (double)label);
    if (label >= 0 && label < (int64_t)named)
        return (uint32_t)label;
    return c->missing ? c->levels - 1 : c->other;
}

static pv_status put_labels(pv_curator *c, const char *input, pv_error *err)
{
    const pv_column *column = pv_schema_column(c->schema, 0);
    if (c->vectors->label == NULL && column->levels > 1)
        return pv_fail(err, PV_EFORMAT,
                       "%s: /private has no label, and the schema has more "
                       "than one",
                       input);
    for (size_t i = 0; c->vectors->label != NULL && i < c->vectors->count;
         i++) {
        const uint32_t code = code_of(column, c->vectors->label[i]);
        if (code == PV_NO_LEVEL)
            return pv_fail(err, PV_EDOMAIN,
                           "%s: a label in /private is none of the schema's; "
                           "declare it, or let the column have an \"other\"",
                           input);
        pv_table_put(c->rows, 0, i, 1, &code);
    }
    return PV_OK;
}

typedef struct owned {
    int64_t unit;
    uint32_t row;
} owned;

static int compare_owned(const void *a, const void *b)
{
    const owned *x = a, *y = b;
    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Persons as numbers 0, 1, ..., by their first row: as of a table. */
static pv_status put_persons(pv_curator *c, const char *input, pv_error *err)
{
    const size_t rows = c->vectors->count;
    if (c->vectors->unit_id == NULL)
        return pv_fail(err, PV_EFORMAT,
                       "%s: /private has no unit_id, which the schema's unit "
                       "calls for",
                       input);
    owned *each = pv_array_alloc(rows, sizeof *each);
    uint32_t *person = pv_array_alloc(rows, sizeof *person);
    if (each == NULL || person == NULL) {
        free(each);
        free(person);
        return pv_fail_memory(err, "the persons");
    }
    for (size_t i = 0; i < rows; i++)
        each[i] = (owned){c->vectors->unit_id[i], (uint32_t)i};
    qsort(each, rows, sizeof *each, compare_owned);
    /* each row's first row of its person, then numbers in the order of these */
    for (size_t i = 0, head = 0; i < rows; i++) {
        head = i > 0 && each[i].unit == each[i - 1].unit ? head : i;
        person[each[i].row] = each[head].row;
    }
    uint32_t count = 0;
    for (size_t i = 0; i < rows; i++)
        person[i] = person[i] == i ? count++ : person[person[i]];
    pv_wipe_free(each, rows * sizeof *each);
    pv_table_set_persons(c->rows, person, count);
    return PV_OK;
}

pv_status pv_intake_vectors(pv_curator *c, const char *input, pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(check_schema(c->schema, err));
    PV_TRY(pv_private_vectors_read(input, &c->vectors, err));
    c->width = c->vectors->width;
    if (c->vectors->count > UINT32_MAX - 1) {
        status = pv_fail(err, PV_ETOOBIG,
                         "%s: 2^32 rows and more are not supported", input);
        goto out;
    }
    PV_TRY(pv_table_alloc(c->schema, c->vectors->count, false, &c->rows, err));
    PV_TRY(put_labels(c, input, err));
    if (!c->unit_is_row)
        PV_TRY(put_persons(c, input, err));
out:
    return status;
}
