/* audit/utility/uses.h - what a synthetic table is to be used for.
 *
 * A table that is close in every marginal may still mislead the analysis it was
 * made for; so analyses are named, run on both tables, and compared. */
#ifndef PV_AUDIT_UTILITY_USES_H
#define PV_AUDIT_UTILITY_USES_H

#include "core/api.h"
#include "core/status.h"
#include "io/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PV_USES_MODELS = 16 };

/* A regression: numbers by least squares, a column of two labels by logistic
 * regression (of the second label). */
typedef struct pv_use_model {
    uint32_t response;
    uint32_t *column; /* of which it is explained */
    size_t columns;
} pv_use_model;

typedef struct pv_uses {
    pv_use_model model[PV_USES_MODELS];
    size_t models;
    bool has_target, has_survival;
    uint32_t target;     /* to be predicted from all other columns */
    uint32_t time, event;
    uint32_t event_code; /* of `event`: it happened; all else: censored */
} pv_uses;

PV_API void pv_uses_clear(pv_uses *uses);

/* "y ~ a + b": names as in the schema, spaces around them allowed; a name with
 * "~" or "+" in it is put in double quotes. PV_EUSAGE says what is wrong: an
 * unknown name, a response that is none, the same column twice, more than
 * PV_USES_MODELS. */
PV_API PV_CHECKED pv_status pv_uses_add_model(pv_uses *uses,
                                              const pv_schema *schema,
                                              const char *text, pv_error *err);
PV_API PV_CHECKED pv_status pv_uses_set_target(pv_uses *uses,
                                               const pv_schema *schema,
                                               const char *name, pv_error *err);
/* "time,event=label": a numeric column, and a column with the level that says
 * that the event happened. */
PV_API PV_CHECKED pv_status pv_uses_set_survival(pv_uses *uses,
                                                 const pv_schema *schema,
                                                 const char *text,
                                                 pv_error *err);

#endif
