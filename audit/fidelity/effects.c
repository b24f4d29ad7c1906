#include "audit/fidelity/effects.h"

#include "audit/fidelity/numbers.h"
#include "core/memory.h"
#include "core/threads.h"
#include "io/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a column of the tables becomes. */
typedef struct part {
    ptrdiff_t number;    /* its place among the numbers, or -1 */
    ptrdiff_t list;      /* its place among a row's indicators, or -1 */
    uint16_t *indicator; /* of each code; NULL: none */
} part;

typedef struct filling {
    const pv_probe_input *input;
    pv_effects *effects;
    const part *part;
    pv_status *status; /* of each column's item */
} filling;

/* --- layout --------------------------------------------------------------- */

static void note_codes(const pv_table *table, size_t column, bool *seen)
{
    const pv_codes codes = pv_table_codes(table, column);
    for (size_t r = 0; r < pv_table_rows(table); r++)
        seen[pv_codes_at(codes, r)] = true;
}

/* Numbers indicators from *next on: all codes that occur but the first, or of
 * a numeric column the missing one. */
static pv_status lay_out(const pv_probe_input *input, size_t column, part *p,
                         size_t *next)
{
    const pv_column *c = pv_schema_column(input->schema, column);
    pv_status status = PV_OK;
    bool *seen = pv_array_calloc(c->levels, sizeof *seen);
    bool first = true;
    p->indicator = pv_array_alloc(c->levels, sizeof *p->indicator);
    if (seen == NULL || p->indicator == NULL) {
        status = PV_ENOMEM;
        goto out;
    }
    note_codes(input->real, column, seen);
    note_codes(input->synthetic, column, seen);
    for (uint32_t code = 0; code < c->levels; code++) {
        const bool wanted =
            pv_is_numeric(c) ? c->missing && code + 1 == c->levels : !first;
        p->indicator[code] = PV_NO_INDICATOR;
        if (!seen[code])
            continue;
        if (wanted && *next < PV_EFFECTS_MOST)
            p->indicator[code] = (uint16_t)*next;
        *next += wanted;
        first = false;
    }
out:
    free(seen);
    return status;
}

static pv_status lay_out_all(const pv_probe_input *input, pv_effects *d,
                             part *parts, pv_error *err)
{
    const size_t columns = pv_schema_columns(input->schema);
    for (size_t c = 0; c < columns; c++) {
        parts[c].number = parts[c].list = -1;
        if (pv_is_numeric(pv_schema_column(input->schema, c)))
            parts[c].number = (ptrdiff_t)d->numbers++;
    }
    d->coefficients = 1 + d->numbers;
    for (size_t c = 0; c < columns; c++) {
        const size_t before = d->coefficients;
        if (lay_out(input, c, &parts[c], &d->coefficients) != PV_OK)
            return pv_fail_memory(err, "a regression");
        if (d->coefficients > before)
            parts[c].list = (ptrdiff_t)d->lists++;
    }
    return PV_OK;
}

/* --- filling -------------------------------------------------------------- */

static void fill_lists(const filling *f, size_t column)
{
    pv_effects *d = f->effects;
    const part *p = &f->part[column];
    for (size_t t = 0; t < 2; t++) {
        const pv_table *table = pv_either(f->input, t);
        const pv_codes codes = pv_table_codes(table, column);
        uint16_t *to =
            d->one + (t == 0 ? 0 : d->real) * d->lists + (size_t)p->list;
        for (size_t r = 0; r < pv_table_rows(table); r++)
            to[r * d->lists] = p->indicator[pv_codes_at(codes, r)];
    }
}

/* Mean 0 and variance 1 over both tables; a constant, or what rounding leaves
 * of one, follows from the intercept and is left out by the fit. */
static void standardise(double *number, size_t rows)
{
    size_t n = 0;
    double sum = 0, squares = 0;
    for (size_t r = 0; r < rows; r++)
        if (!isnan(number[r])) {
            sum += number[r];
            n++;
        }
    const double mean = sum / (double)n;
    for (size_t r = 0; r < rows; r++)
        if (!isnan(number[r]))
            squares += (number[r] - mean) * (number[r] - mean);
    const double sd = sqrt(squares / (double)n);
    for (size_t r = 0; r < rows; r++)
        number[r] = isnan(number[r]) || !(sd > 0) ? 0 : (number[r] - mean) / sd;
}

static pv_status fill_numbers(const filling *f, size_t column)
{
    pv_effects *d = f->effects;
    double *number = pv_array_alloc(d->rows, sizeof *number);
    if (number == NULL)
        return PV_ENOMEM;
    pv_numbers_rows(f->input, 0, column, number);
    pv_numbers_rows(f->input, 1, column, number + d->real);
    standardise(number, d->rows);
    for (size_t r = 0; r < d->rows; r++)
        d->number[r * d->numbers + (size_t)f->part[column].number] = number[r];
    free(number);
    return PV_OK;
}

static void fill_column(size_t column, void *context)
{
    const filling *f = context;
    if (f->part[column].list >= 0)
        fill_lists(f, column);
    if (f->part[column].number >= 0)
        f->status[column] = fill_numbers(f, column);
}

pv_status pv_effects_make(const pv_probe_input *input, pv_effects *effects,
                          pv_error *err)
{
    const size_t columns = pv_schema_columns(input->schema);
    pv_status status = PV_OK;
    size_t numbers = 0, lists = 0;
    *effects = (pv_effects){.real = pv_table_rows(input->real)};
    effects->rows = effects->real + pv_table_rows(input->synthetic);
    part *parts = pv_array_calloc(columns, sizeof *parts);
    filling f = {input, effects, parts, NULL};
    f.status = pv_array_calloc(columns, sizeof *f.status);
    if (parts == NULL || f.status == NULL) {
        status = pv_fail_memory(err, "a regression");
        goto out;
    }
    PV_TRY(lay_out_all(input, effects, parts, err));
    if (effects->coefficients > PV_EFFECTS_MOST)
        goto out;
    if (pv_size_mul(effects->rows, effects->numbers, &numbers) &&
        pv_size_mul(effects->rows, effects->lists, &lists)) {
        effects->number = pv_array_alloc(numbers, sizeof *effects->number);
        effects->one = pv_array_alloc(lists, sizeof *effects->one);
    }
    if (effects->number == NULL || effects->one == NULL) {
        status = pv_fail_memory(err, "a regression's rows");
        goto out;
    }
    pv_parallel_for(columns, fill_column, &f);
    for (size_t c = 0; c < columns && status == PV_OK; c++)
        if (f.status[c] != PV_OK)
            status = pv_fail_memory(err, "a regression's rows");
out:
    for (size_t c = 0; parts != NULL && c < columns; c++)
        free(parts[c].indicator);
    free(parts);
    free(f.status);
    return status;
}

void pv_effects_clear(pv_effects *effects)
{
    free(effects->number);
    free(effects->one);
    *effects = (pv_effects){0};
}

double pv_effects_score(const pv_effects *effects, const double *beta,
                        size_t row)
{
    const double *number = effects->number + row * effects->numbers;
    const uint16_t *one = effects->one + row * effects->lists;
    double sum = beta[0];
    for (size_t i = 0; i < effects->numbers; i++)
        sum += beta[1 + i] * number[i];
    for (size_t i = 0; i < effects->lists; i++)
        if (one[i] != PV_NO_INDICATOR)
            sum += beta[one[i]];
    return sum;
}

size_t pv_effects_row(const pv_effects *effects, size_t row, uint16_t *which,
                      double *value)
{
    const double *number = effects->number + row * effects->numbers;
    const uint16_t *one = effects->one + row * effects->lists;
    size_t n = 0;
    which[n] = 0;
    value[n++] = 1;
    for (size_t i = 0; i < effects->numbers; i++) {
        which[n] = (uint16_t)(1 + i);
        value[n++] = number[i];
    }
    for (size_t i = 0; i < effects->lists; i++)
        if (one[i] != PV_NO_INDICATOR) {
            which[n] = one[i];
            value[n++] = 1;
        }
    return n;
}
