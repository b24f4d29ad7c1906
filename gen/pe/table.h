/* gen/pe/table.h - Private Evolution of rows of the schema. Internal to gen/. */
#ifndef PV_GEN_PE_TABLE_H
#define PV_GEN_PE_TABLE_H

#include "gen/pe/run.h"
#include "gen/pe/source.h"

/* Rows of the schema by all noisy answers together: asks for the marginals of each
 * column by class, then for votes on rows that are drawn from what is known. */
PV_CHECKED pv_status pv_pe_table_fit(const pv_request *request,
                                     pv_curator *curator, pv_pe_found **found,
                                     pv_error *err);

#endif
