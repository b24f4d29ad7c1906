/* io/schema_condition.h - conditions of structural zeros (internal).
 *
 * Conditions are gone through twice: first their limits become edges of the
 * bins, of all rules, then masks over the levels are made. */
#ifndef PV_IO_SCHEMA_CONDITION_H
#define PV_IO_SCHEMA_CONDITION_H

#include "io/schema_internal.h"

/* A condition on one column: {"minimum", "maximum"} or a list. */
typedef struct pv_condition {
    pv_schema *schema;
    size_t rule; /* from 1 */
    uint32_t column;
    const json_t *json;
} pv_condition;

/* PV_ESCHEMA with the file, the rule and the column before `what`. */
pv_status pv_condition_fail(const pv_condition *c, pv_error *err,
                            const char *what);
PV_CHECKED pv_status pv_condition_add_edges(const pv_condition *c,
                                            pv_error *err);
/* A new mask of the column's levels, true where the condition holds. */
PV_CHECKED pv_status pv_condition_mask(const pv_condition *c, bool **mask,
                                       pv_error *err);

/* Memory that rules take, against PV_MAX_MASK_BYTES; a mask, all false. */
PV_CHECKED pv_status pv_schema_claim_bytes(pv_schema *schema, size_t bytes,
                                           pv_error *err);
PV_CHECKED pv_status pv_schema_claim_mask(pv_schema *schema, size_t levels,
                                          bool **mask, pv_error *err);

#endif
