/* audit/report/claim_internal.h - parts of the check of a claim. */
#ifndef PV_AUDIT_REPORT_CLAIM_INTERNAL_H
#define PV_AUDIT_REPORT_CLAIM_INTERNAL_H

#include "audit/report/claim.h"

#include <jansson.h>

/* Why the published marginals are not the answers of the ledger's questions, all of
 * them, in their order, to the count; NULL when they are. */
const char *pv_claim_answers(const pv_release *release, const json_t *bodies);

#endif
