/* audit/report/share_series.h - series that may leave the house, and levels that may
 * be named. For share.c. */
#ifndef PV_AUDIT_REPORT_SHARE_SERIES_H
#define PV_AUDIT_REPORT_SHARE_SERIES_H

#include "audit/findings.h"
#include "core/status.h"
#include "io/schema.h"

#include <stdbool.h>

/* True when at least 15 real rows have the level of this name in the column of the
 * option "group"; false too when the findings do not tell. */
bool pv_share_level(const pv_findings *findings, const pv_schema *schema,
                    const char *level);

pv_status pv_share_series(const pv_findings *findings, int64_t people,
                          pv_findings *shared, size_t *withheld, pv_error *err);

#endif
