#include "audit/fidelity/nist.h"

#include "core/memory.h"
#include "io/rows.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { rank_bins = 20, density_bins = 14, chunk_rows = 4096 };

static const char *const ranked[] = {"AGEP", "POVPIP", "PINCP", "PWGTP",
                                     "WGTP"};

/* Intervals (lower, upper]. */
static const double density[density_bins + 1] = {0.0,
                                                 150.0,
                                                 309.6717789087707,
                                                 475.62462591268087,
                                                 730.5114646602062,
                                                 1121.9919468551047,
                                                 1723.2664916398876,
                                                 2646.763561478884,
                                                 4065.1619377255915,
                                                 6243.678816062893,
                                                 9589.661065252256,
                                                 14728.752399919864,
                                                 22621.87847745776,
                                                 34744.92421039348,
                                                 53364.69999999997};

static bool is_numeric(const pv_column *column)
{
    return column->kind != PV_COLUMN_LABELS;
}

static bool is_ranked(const pv_column *column)
{
    for (size_t i = 0; i < sizeof ranked / sizeof *ranked; i++)
        if (strcmp(column->name, ranked[i]) == 0)
            return is_numeric(column);
    return false;
}

static bool is_density(const pv_column *column)
{
    return strcmp(column->name, "DENSITY") == 0 && is_numeric(column);
}

static uint32_t levels_of(const pv_column *column)
{
    const uint32_t missing = column->missing;
    return is_ranked(column)    ? rank_bins + missing
           : is_density(column) ? density_bins + missing
                                : column->levels;
}

/* --- schema --------------------------------------------------------------- */

/* A column of plain codes: integers from 0, the missing level last. */
static json_t *code_field(const pv_column *column)
{
    return json_pack("{s:s, s:s, s:{s:b, s:i, s:I}}", "name", column->name,
                     "type", "integer", "constraints", "required",
                     !column->missing, "minimum", 0, "maximum",
                     (json_int_t)levels_of(column) - column->missing - 1);
}

/* The field of a column with its labels, as the schema has it. */
static json_t *label_field(const json_t *fields, const pv_column *column)
{
    size_t i;
    json_t *field;
    json_array_foreach(fields, i, field)
    {
        const char *name = json_string_value(json_object_get(field, "name"));
        if (name != NULL && strcmp(name, column->name) == 0)
            return json_incref(field);
    }
    return NULL;
}

pv_status pv_nist_schema(const pv_schema *schema, pv_schema **recoded,
                         pv_error *err)
{
    pv_status status = PV_OK;
    json_t *old = json_loads(pv_schema_json(schema), 0, NULL);
    json_t *made = json_array();
    json_t *root = json_pack("{s:o}", "fields", made);
    char *text = NULL;
    for (size_t c = 0; c < pv_schema_columns(schema); c++) {
        const pv_column *column = pv_schema_column(schema, c);
        json_t *field =
            is_numeric(column)
                ? code_field(column)
                : label_field(json_object_get(old, "fields"), column);
        if (json_array_append_new(made, field) != 0) {
            status = pv_fail_memory(err, "a schema");
            goto out;
        }
    }
    json_t *missing = json_object_get(old, "missingValues");
    if (missing != NULL && json_object_set(root, "missingValues", missing) != 0)
        status = pv_fail_memory(err, "a schema");
    text = json_dumps(root, JSON_COMPACT);
    if (status == PV_OK && text == NULL)
        status = pv_fail_memory(err, "a schema");
    if (status == PV_OK)
        status = pv_schema_parse(text, strlen(text), "NIST bins", recoded, err);
out:
    free(text);
    json_decref(root);
    json_decref(old);
    return status;
}

/* --- numbers to bins ------------------------------------------------------ */

/* The whole part of the number in a row; NAN when missing. */
static double number_at(const pv_table *table, size_t c, size_t row)
{
    const pv_column *column = pv_schema_column(pv_table_schema(table), c);
    const uint32_t code = pv_codes_at(pv_table_codes(table, c), row);
    if (column->missing && code == column->levels - 1)
        return NAN;
    if (column->kind == PV_COLUMN_INTEGERS)
        return column->minimum + code;
    return trunc(pv_table_values(table, c)[row]);
}

static int rising(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* upper[b] is the largest real number of bin b, -inf when no number is. A
 * number's bin is its mean rank as a share of all, in twentieths. A number goes
 * to the first bin that reaches up to it: for a real one that is its own. */
static pv_status find_upper(const pv_table *real, size_t c,
                            double upper[rank_bins], pv_error *err)
{
    size_t n = 0;
    double *number = pv_array_alloc(pv_table_rows(real), sizeof *number);
    if (number == NULL)
        return pv_fail_memory(err, "ranks");
    for (size_t r = 0; r < pv_table_rows(real); r++) {
        number[n] = number_at(real, c, r);
        n += isnan(number[n]) ? 0 : 1;
    }
    qsort(number, n, sizeof *number, rising);
    for (size_t b = 0; b < rank_bins; b++)
        upper[b] = -INFINITY;
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && number[end] == number[first];)
            end++;
        /* ranks first + 1 .. end */
        const double rank = ((double)first + 1.0 + (double)end) / 2.0;
        const double at = rank_bins * (rank / (double)n);
        const size_t b = at >= rank_bins ? rank_bins - 1 : (size_t)at;
        upper[b] = number[first];
    }
    free(number);
    return PV_OK;
}

static uint32_t rank_bin(const double upper[rank_bins], double number)
{
    uint32_t last = 0;
    for (uint32_t b = 0; b < rank_bins; b++) {
        if (upper[b] >= number)
            return b;
        if (upper[b] > -INFINITY)
            last = b;
    }
    return last;
}

static uint32_t density_bin(double number)
{
    uint32_t b = 0;
    while (b + 1 < density_bins && number > density[b + 1])
        b++;
    return b;
}

/* --- tables --------------------------------------------------------------- */

static pv_status recode_column(const pv_table *table, const pv_table *real,
                               size_t c, pv_table *result, pv_error *err)
{
    const pv_column *column = pv_schema_column(pv_table_schema(table), c);
    const pv_codes codes = pv_table_codes(table, c);
    const bool by_rank = is_ranked(column), by_edge = is_density(column);
    double upper[rank_bins];
    uint32_t chunk[chunk_rows];
    if (by_rank) {
        const pv_status status = find_upper(real, c, upper, err);
        if (status != PV_OK)
            return status;
    }
    for (size_t r = 0; r < pv_table_rows(table); r++) {
        uint32_t code = pv_codes_at(codes, r);
        if (by_rank || by_edge) {
            const double number = number_at(table, c, r);
            code = isnan(number) ? levels_of(column) - 1
                   : by_rank     ? rank_bin(upper, number)
                                 : density_bin(number);
        }
        chunk[r % chunk_rows] = code;
        if ((r + 1) % chunk_rows == 0 || r + 1 == pv_table_rows(table))
            pv_table_put(result, c, r - r % chunk_rows, r % chunk_rows + 1,
                         chunk);
    }
    return PV_OK;
}

pv_status pv_nist_recode(const pv_table *table, const pv_table *real,
                         const pv_schema *recoded, pv_table **result,
                         pv_error *err)
{
    pv_status status = PV_OK;
    const pv_schema *schema = pv_table_schema(table);
    pv_table *made = NULL;
    for (size_t c = 0; c < pv_schema_columns(schema); c++) {
        const pv_column *column = pv_schema_column(schema, c);
        if ((is_ranked(column) || is_density(column)) &&
            column->kind == PV_COLUMN_BINS &&
            (pv_table_values(table, c) == NULL ||
             pv_table_values(real, c) == NULL))
            return pv_fail(err, PV_EINVAL,
                           "NIST bins need the numbers of \"%s\"",
                           column->name);
        if (pv_schema_column(recoded, c)->levels != levels_of(column))
            return pv_fail(err, PV_EINTERNAL, "recoding \"%s\"", column->name);
    }
    PV_TRY(pv_table_alloc(recoded, pv_table_rows(table), false, &made, err));
    for (size_t c = 0; c < pv_schema_columns(schema); c++)
        PV_TRY(recode_column(table, real, c, made, err));
    *result = made;
    made = NULL;
out:
    pv_table_free(made);
    return status;
}
