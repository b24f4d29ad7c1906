/* audit/utility/design.h - columns of a table as the terms of a linear model.
 *
 * Term 0 is the intercept. A numeric column is one term: its numbers, those kept
 * beside the codes where there are any, else the code's own (bins: the midpoint).
 * A column of labels has a term for each level but the first. The missing level is
 * a term of its own, or rows that have it are left out. */
#ifndef PV_AUDIT_UTILITY_DESIGN_H
#define PV_AUDIT_UTILITY_DESIGN_H

#include "core/api.h"
#include "core/status.h"
#include "io/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pv_term {
    uint32_t column; /* of the schema; PV_NO_LEVEL: the intercept */
    uint32_t code;   /* PV_NO_LEVEL: the number itself */
} pv_term;

typedef struct pv_design {
    const pv_schema *schema;
    const uint32_t *column; /* the caller's */
    size_t columns;
    bool missing;           /* a level of its own */
    size_t terms;
    pv_term *term;
    size_t *first;          /* of each column */
    double *shift, *scale;  /* of each term: (x - shift) * scale */
} pv_design;

PV_API PV_CHECKED pv_status pv_design_make(const pv_schema *schema,
                                           const uint32_t *column,
                                           size_t columns, bool missing,
                                           pv_design *design, pv_error *err);
PV_API void pv_design_clear(pv_design *design);

/* Has numeric terms standardised by the rows of a table; labels stay 0 and 1. */
PV_API void pv_design_standardise(pv_design *design, const pv_table *table);

/* The terms of a row that are not 0: index (increasing, term 0 first) and value,
 * room for columns + 1 of each. Returns how many; 0 when the row is left out. */
PV_API size_t pv_design_row(const pv_design *design, const pv_table *table,
                            size_t row, uint32_t *index, double *value);

/* The number of a row in a numeric column; NAN where missing. */
PV_API double pv_design_number(const pv_table *table, size_t column,
                               size_t row);

#endif
