/* audit/report/share.h - findings that may leave the house.
 *
 * The shareable report and its twin are made of findings that went through here, so
 * that no section can show what is not to be shown. The rule (doc/report.md):
 * - counts of real people by the interim rounding rules of the US Census Bureau's
 *   Disclosure Review Board; below 15 they are not given;
 * - shares and other estimates within [-1, 1] on a grid of which a step is at least
 *   15 of the people they are of, ends of intervals moved outward;
 * - nothing that one person may move by far more than 1 in their number: no figure
 *   of a group, no term of a regression, no association by squares;
 * - a level that fewer than 15 real rows have is not named;
 * - of the real table no record, no point of a figure, no extreme, no curve;
 * - no path, no seed, no free option, and no metric or series that this version
 *   does not know by name. */
#ifndef PV_AUDIT_REPORT_SHARE_H
#define PV_AUDIT_REPORT_SHARE_H

#include "audit/findings.h"
#include "core/api.h"
#include "core/status.h"
#include "io/schema.h"

#include <stdint.h>

enum { PV_SHARE_LEAST = 15 };

/* A suppressed share in a series. */
#define PV_SUPPRESSED (-1.0)

/* A count rounded: to 10 below 100, 50 below 1,000, 100 below 10,000, 500 below
 * 100,000, 1,000 below a million, else to four significant digits, halves to even;
 * PV_SUPPRESSED below 15. */
PV_API double pv_share_count(double count);

/* An estimate, of so many people. */
PV_API double pv_share_estimate(double value, int64_t people);

/* The people that findings are of: the fewest that any of its shares can be a share
 * of, by inputs and options; 0 when they do not say. */
PV_API int64_t pv_share_people(const pv_findings *findings);

/* A value of the metric of this id as it may be shown; NAN: not at all. */
PV_API double pv_share_value(const char *id, double value, int64_t people);

/* The findings as they may be shown; `withheld` gets the metrics and series that are
 * not. Level names are those of the schema. */
PV_API PV_CHECKED pv_status pv_share(const pv_findings *findings,
                                     const pv_schema *schema,
                                     pv_findings **shared, size_t *withheld,
                                     pv_error *err);

#endif
