#include "audit/fidelity/numbers.h"

#include "core/memory.h"
#include "io/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Whole numbers of a range up to this are put in order without sorting. */
enum { most_direct = 1 << 22 };

bool pv_is_numeric(const pv_column *column)
{
    return column->kind != PV_COLUMN_LABELS;
}

static bool has_values(const pv_probe_input *input, size_t column)
{
    return pv_table_values(input->real, column) != NULL &&
           pv_table_values(input->synthetic, column) != NULL;
}

void pv_numbers_rows(const pv_probe_input *input, size_t t, size_t column,
                     double *number)
{
    const pv_table *table = pv_either(input, t);
    const pv_column *c = pv_schema_column(input->schema, column);
    const size_t rows = pv_table_rows(table);
    const pv_codes codes = pv_table_codes(table, column);
    if (has_values(input, column)) {
        memcpy(number, pv_table_values(table, column), rows * sizeof *number);
        return;
    }
    for (size_t r = 0; r < rows; r++) {
        const uint32_t code = pv_codes_at(codes, r);
        number[r] = pv_is_numeric(c) ? pv_column_number(c, code) : (double)code;
    }
}

/* Every code but the missing one has its place. */
static pv_status place_codes(const pv_probe_input *input, size_t column,
                             pv_numbers *n, pv_error *err)
{
    const pv_column *c = pv_schema_column(input->schema, column);
    n->count = c->levels - (c->missing ? 1 : 0);
    n->value = pv_array_alloc(n->count, sizeof *n->value);
    if (n->value == NULL)
        return pv_fail_memory(err, "numbers");
    for (uint32_t code = 0; code < n->count; code++)
        n->value[code] = pv_column_number(c, code);
    for (size_t t = 0; t < 2; t++) {
        const pv_table *table = pv_either(input, t);
        const pv_codes codes = pv_table_codes(table, column);
        for (size_t r = 0; r < pv_table_rows(table); r++) {
            const uint32_t code = pv_codes_at(codes, r);
            n->place[t][r] = code < n->count ? code : PV_NO_PLACE;
        }
    }
    return PV_OK;
}

/* Whole numbers: a flag for each of the range, then places by counting. */
static pv_status place_whole(const pv_probe_input *input, size_t column,
                             pv_numbers *n, pv_error *err)
{
    const pv_column *c = pv_schema_column(input->schema, column);
    const size_t range = (size_t)(c->maximum - c->minimum) + 1;
    uint32_t *at = pv_array_calloc(range, sizeof *at);
    n->value = pv_array_alloc(range, sizeof *n->value);
    if (at == NULL || n->value == NULL) {
        free(at);
        return pv_fail_memory(err, "numbers");
    }
    for (size_t t = 0; t < 2; t++) {
        const double *number = pv_table_values(pv_either(input, t), column);
        for (size_t r = 0; r < pv_table_rows(pv_either(input, t)); r++)
            if (!isnan(number[r]))
                at[(size_t)(number[r] - c->minimum)] = 1;
    }
    for (size_t i = 0; i < range; i++)
        if (at[i] != 0) {
            at[i] = (uint32_t)n->count;
            n->value[n->count++] = c->minimum + (double)i;
        }
    for (size_t t = 0; t < 2; t++) {
        const double *number = pv_table_values(pv_either(input, t), column);
        for (size_t r = 0; r < pv_table_rows(pv_either(input, t)); r++)
            n->place[t][r] = isnan(number[r])
                                 ? PV_NO_PLACE
                                 : at[(size_t)(number[r] - c->minimum)];
    }
    free(at);
    return PV_OK;
}

static int rising(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static uint32_t find_place(const pv_numbers *n, double number)
{
    size_t low = 0, high = n->count - 1;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (n->value[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint32_t)low;
}

static pv_status place_sorted(const pv_probe_input *input, size_t column,
                              pv_numbers *n, pv_error *err)
{
    size_t all = 0;
    n->value = pv_array_alloc(pv_table_rows(input->real) +
                                  pv_table_rows(input->synthetic),
                              sizeof *n->value);
    if (n->value == NULL)
        return pv_fail_memory(err, "numbers");
    for (size_t t = 0; t < 2; t++) {
        const double *number = pv_table_values(pv_either(input, t), column);
        for (size_t r = 0; r < pv_table_rows(pv_either(input, t)); r++)
            if (!isnan(number[r]))
                n->value[all++] = number[r];
    }
    qsort(n->value, all, sizeof *n->value, rising);
    for (size_t i = 0; i < all; i++)
        if (i == 0 || n->value[i] > n->value[n->count - 1])
            n->value[n->count++] = n->value[i];
    for (size_t t = 0; t < 2; t++) {
        const double *number = pv_table_values(pv_either(input, t), column);
        for (size_t r = 0; r < pv_table_rows(pv_either(input, t)); r++)
            n->place[t][r] =
                isnan(number[r]) ? PV_NO_PLACE : find_place(n, number[r]);
    }
    return PV_OK;
}

/* Whole numbers of a small range, every one of them inside it. */
static bool is_whole(const pv_probe_input *input, size_t column)
{
    const pv_column *c = pv_schema_column(input->schema, column);
    if (!c->integer || !(c->maximum - c->minimum < most_direct))
        return false;
    for (size_t t = 0; t < 2; t++) {
        const double *number = pv_table_values(pv_either(input, t), column);
        for (size_t r = 0; r < pv_table_rows(pv_either(input, t)); r++)
            if (!isnan(number[r]) &&
                (number[r] < c->minimum || number[r] > c->maximum ||
                 number[r] - c->minimum != floor(number[r] - c->minimum)))
                return false;
    }
    return true;
}

pv_status pv_numbers_make(const pv_probe_input *input, size_t column,
                          pv_numbers *numbers, pv_error *err)
{
    *numbers = (pv_numbers){0};
    if (pv_table_rows(input->real) + pv_table_rows(input->synthetic) >=
        PV_NO_PLACE)
        return pv_fail(err, PV_ETOOBIG,
                       "too many rows to rank: audit a sample");
    for (size_t t = 0; t < 2; t++) {
        const size_t rows = pv_table_rows(pv_either(input, t));
        numbers->place[t] = pv_array_alloc(rows, sizeof *numbers->place[t]);
        if (numbers->place[t] == NULL)
            return pv_fail_memory(err, "numbers");
    }
    if (!has_values(input, column))
        return place_codes(input, column, numbers, err);
    return is_whole(input, column) ? place_whole(input, column, numbers, err)
                                   : place_sorted(input, column, numbers, err);
}

void pv_numbers_clear(pv_numbers *numbers)
{
    free(numbers->value);
    free(numbers->place[0]);
    free(numbers->place[1]);
    *numbers = (pv_numbers){0};
}
