/* audit/findings_internal.h - findings as a JSON value, for the report's twin. */
#ifndef PV_AUDIT_FINDINGS_INTERNAL_H
#define PV_AUDIT_FINDINGS_INTERNAL_H

#include "audit/findings.h"

#include <jansson.h>

/* The document of pv_findings_json; NULL on short memory. */
json_t *pv_findings_object(const pv_findings *findings);

#endif
