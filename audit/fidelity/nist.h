/* audit/fidelity/nist.h - tables in the bins of the NIST data excerpts.
 *
 * SDNist scores the ACS excerpts in bins of its own: AGEP, POVPIP, PINCP, PWGTP
 * and WGTP by twentieths of the real table's ranks, DENSITY by fixed edges,
 * everything else by its label. These are the rules of its version 2.3. The
 * ranks are of the real table, so the bins are as internal as the findings. */
#ifndef PV_AUDIT_FIDELITY_NIST_H
#define PV_AUDIT_FIDELITY_NIST_H

#include "core/api.h"
#include "core/status.h"
#include "io/table.h"

/* The schema of the recoded tables: the same columns by name and order; a level
 * "missing" is the last code of its column as before. Free with
 * pv_schema_free, after the tables. */
PV_API PV_CHECKED pv_status pv_nist_schema(const pv_schema *schema,
                                           pv_schema **recoded, pv_error *err);

/* Recodes `table` under the schema of pv_nist_schema, with the ranks of `real`
 * (which may be `table` itself). Both need the numbers of their BINS columns:
 * load them with `values`; PV_EINVAL otherwise. */
PV_API PV_CHECKED pv_status pv_nist_recode(const pv_table *table,
                                           const pv_table *real,
                                           const pv_schema *recoded,
                                           pv_table **result, pv_error *err);

#endif
