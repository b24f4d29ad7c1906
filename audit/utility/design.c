#include "audit/utility/design.h"

#include "core/memory.h"
#include "io/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void pv_design_clear(pv_design *d)
{
    free(d->term);
    free(d->first);
    free(d->shift);
    free(d->scale);
    memset(d, 0, sizeof *d);
}

/* Terms of a column, written to `term` unless NULL. */
static size_t list_terms(const pv_design *d, uint32_t column, pv_term *term)
{
    size_t n = 0;
    const pv_column *c = pv_schema_column(d->schema, column);
    const uint32_t regular = c->levels - c->missing;
    if (c->kind != PV_COLUMN_LABELS) {
        if (term != NULL)
            term[n] = (pv_term){column, PV_NO_LEVEL};
        n++;
    } else {
        for (uint32_t code = 1; code < regular; code++, n++)
            if (term != NULL)
                term[n] = (pv_term){column, code};
    }
    if (c->missing && d->missing) {
        if (term != NULL)
            term[n] = (pv_term){column, c->levels - 1};
        n++;
    }
    return n;
}

pv_status pv_design_make(const pv_schema *schema, const uint32_t *column,
                         size_t columns, bool missing, pv_design *d,
                         pv_error *err)
{
    size_t terms = 1;
    *d = (pv_design){.schema = schema, .column = column, .columns = columns,
                     .missing = missing};
    for (size_t i = 0; i < columns; i++)
        terms += list_terms(d, column[i], NULL);
    d->term = pv_array_alloc(terms, sizeof *d->term);
    d->first = pv_array_alloc(columns + 1, sizeof *d->first);
    d->shift = pv_array_calloc(terms, sizeof *d->shift);
    d->scale = pv_array_alloc(terms, sizeof *d->scale);
    if (d->term == NULL || d->first == NULL || d->shift == NULL ||
        d->scale == NULL) {
        pv_design_clear(d);
        return pv_fail_memory(err, "a model's terms");
    }
    d->term[0] = (pv_term){PV_NO_LEVEL, PV_NO_LEVEL};
    d->terms = 1;
    for (size_t i = 0; i < columns; i++) {
        d->first[i] = d->terms;
        d->terms += list_terms(d, column[i], d->term + d->terms);
    }
    for (size_t t = 0; t < d->terms; t++)
        d->scale[t] = 1;
    return PV_OK;
}

double pv_design_number(const pv_table *table, size_t column, size_t row)
{
    const pv_column *c = pv_schema_column(pv_table_schema(table), column);
    const double *values = pv_table_values(table, column);
    const uint32_t code = pv_codes_at(pv_table_codes(table, column), row);
    if (c->missing && code == c->levels - 1)
        return NAN;
    return values != NULL && !isnan(values[row]) ? values[row]
                                                 : pv_column_number(c, code);
}

void pv_design_standardise(pv_design *d, const pv_table *table)
{
    for (size_t t = 1; t < d->terms; t++) {
        double n = 0, mean = 0, squares = 0;
        if (d->term[t].code != PV_NO_LEVEL)
            continue;
        for (size_t row = 0; row < pv_table_rows(table); row++) {
            const double x = pv_design_number(table, d->term[t].column, row);
            if (isnan(x))
                continue;
            n++;
            const double off = x - mean;
            mean += off / n;
            squares += off * (x - mean);
        }
        const double sd = n > 0 ? sqrt(squares / n) : 0;
        d->shift[t] = mean;
        d->scale[t] = sd > 0 ? 1 / sd : 1;
    }
}

size_t pv_design_row(const pv_design *d, const pv_table *table, size_t row,
                     uint32_t *index, double *value)
{
    size_t n = 1;
    index[0] = 0;
    value[0] = 1;
    for (size_t i = 0; i < d->columns; i++) {
        const uint32_t column = d->column[i];
        const pv_column *c = pv_schema_column(d->schema, column);
        const uint32_t code = pv_codes_at(pv_table_codes(table, column), row);
        const bool missing = c->missing && code == c->levels - 1;
        const bool number = c->kind != PV_COLUMN_LABELS;
        size_t term = d->first[i];
        if (missing && !d->missing)
            return 0;
        if (missing) {
            term += number ? 1 : c->levels - 1 - c->missing;
            value[n] = 1;
        } else if (number) {
            value[n] = (pv_design_number(table, column, row) - d->shift[term]) *
                       d->scale[term];
        } else if (code == 0) {
            continue;
        } else {
            term += code - 1;
            value[n] = 1;
        }
        index[n++] = (uint32_t)term;
    }
    return n;
}
