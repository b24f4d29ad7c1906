/* audit/report/report.h - the report that a committee decides from.
 *
 * A report is evidence (findings, a claim, what people say) judged by criteria, and
 * shown in one of two modes. Sections are functions from it to elements of a
 * document; the page is one writer of that, the twin another of the report. In the
 * shareable mode everything here has gone through share.h before. */
#ifndef PV_AUDIT_REPORT_REPORT_H
#define PV_AUDIT_REPORT_REPORT_H

#include "audit/findings.h"
#include "audit/report/about.h"
#include "audit/report/claim.h"
#include "audit/report/criteria.h"
#include "audit/report/document.h"
#include "core/api.h"
#include "core/status.h"
#include "io/schema.h"

#include <stdbool.h>
#include <stddef.h>

/* A line of the verdict as it may be shown. */
typedef struct pv_report_line {
    const pv_criterion *criterion;
    pv_result result;
    bool has_observed, has_threshold;
    double observed, threshold;
    pv_scope scope;     /* of the metric that decided */
    const char *reason; /* of NOT-RUN; else NULL */
} pv_report_line;

/* A file that was judged, by its digests. */
typedef struct pv_attachment {
    const char *role; /* "synthetic", "release" */
    char blake2b[65], sha256[65];
    uint64_t bytes;
} pv_attachment;

enum { PV_MOST_ATTACHMENTS = 2 };

/* Reads a file for its digests; `role` is kept by pointer. */
PV_API PV_CHECKED pv_status pv_attachment_make(const char *role,
                                               const char *path,
                                               pv_attachment *attachment,
                                               pv_error *err);

/* What a report is made of; nothing is owned. */
typedef struct pv_report_input {
    bool shareable;
    const char *created; /* RFC 3339 */
    const pv_schema *schema;
    const pv_criteria *criteria;
    const pv_about *about;              /* NULL: nothing is stated */
    const pv_claim *claim;              /* NULL: no release */
    const pv_findings *const *findings; /* exact; those of fidelity come first */
    size_t count;
    const pv_attachment *attachment;
    size_t attachments;
} pv_report_input;

typedef struct pv_report {
    const pv_report_input *input;
    pv_findings **findings; /* as they are shown, in the order of the input's,
                               the claim's behind them */
    size_t count, withheld;
    pv_report_line *line;
    size_t lines;
    pv_overall overall;
    pv_findings *claim; /* the claim as metrics, as it is */
} pv_report;

/* Judges, and makes of the findings what may be shown. */
PV_API PV_CHECKED pv_status pv_report_make(const pv_report_input *input,
                                           pv_report *report, pv_error *err);
PV_API void pv_report_clear(pv_report *report);

/* The page as a tree, and the twin as text (free()). */
PV_API PV_CHECKED pv_status pv_report_document(const pv_report *report,
                                               pv_document **document,
                                               pv_error *err);
PV_API PV_CHECKED pv_status pv_report_json(const pv_report *report, char **text,
                                           pv_error *err);
/* An entry for the OpenDP registry of deployments (YAML; free()). */
PV_API PV_CHECKED pv_status pv_report_registry(const pv_report *report,
                                               char **text, pv_error *err);

#endif
