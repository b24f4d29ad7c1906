/* audit/report/criteria.h - what a release has to meet, and whether it does.
 *
 * criteria.json: {"schema": "privet/criteria/1", "title": text, "criteria":
 * [{"id", "metric", "of", "scope", "op", "threshold", "severity", "basis"}]}; see
 * doc/report.md. A criterion speaks of every metric of that id (and scope) in any of
 * the findings: all must meet it. Missing evidence is never a pass. */
#ifndef PV_AUDIT_REPORT_CRITERIA_H
#define PV_AUDIT_REPORT_CRITERIA_H

#include "audit/findings.h"
#include "core/api.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum pv_comparator { PV_LE, PV_GE, PV_LT, PV_GT, PV_EQ } pv_comparator;

/* What of a metric is compared: its value, or an end of its interval. */
typedef enum pv_part { PV_VALUE, PV_LOWER, PV_UPPER } pv_part;

typedef struct pv_criterion {
    const char *id, *metric, *basis;
    pv_part of;
    pv_scope scope; /* what is given must be equal */
    pv_comparator op;
    double threshold;
    const char *threshold_metric; /* the value of this instead; or NULL */
    bool mandatory;
} pv_criterion;

typedef struct pv_criteria pv_criteria;

/* Reads and checks; unknown members are refused, since a misspelt one would be a
 * criterion that is not there. PV_EFORMAT names the place. */
PV_API PV_CHECKED pv_status pv_criteria_parse(const char *text, size_t size,
                                              const char *name,
                                              pv_criteria **criteria,
                                              pv_error *err);
PV_API PV_CHECKED pv_status pv_criteria_read(const char *path,
                                             pv_criteria **criteria,
                                             pv_error *err);
/* The set that is used when none is given (examples/criteria.json). */
PV_API PV_CHECKED pv_status pv_criteria_default(pv_criteria **criteria,
                                                pv_error *err);
PV_API void pv_criteria_free(pv_criteria *criteria); /* NULL is legal */
PV_API const char *pv_criteria_title(const pv_criteria *criteria);
PV_API size_t pv_criteria_count(const pv_criteria *criteria);
PV_API const pv_criterion *pv_criteria_at(const pv_criteria *criteria,
                                          size_t i);

typedef enum pv_result {
    PV_RESULT_PASS,
    PV_RESULT_WARN, /* advisory, and not met */
    PV_RESULT_FAIL,
    PV_RESULT_NOT_RUN
} pv_result;

typedef enum pv_overall {
    PV_OVERALL_PASS,
    PV_OVERALL_FAIL,
    PV_OVERALL_INCONCLUSIVE
} pv_overall;

/* A line of the verdict. Pointers are into the criterion and the findings. */
typedef struct pv_verdict {
    const pv_criterion *criterion;
    pv_result result;
    const pv_metric *decided; /* the metric that decided; NULL: none */
    bool has_threshold;
    double observed, threshold; /* observed: when there is a metric */
    size_t looked_at;           /* metrics of that id and scope */
    const char *reason;         /* of NOT-RUN; else NULL */
} pv_verdict;

/* Judges one criterion by all findings. */
PV_API pv_verdict pv_judge(const pv_criterion *criterion,
                           const pv_findings *const *findings, size_t count);

/* The worst mandatory line: FAIL before INCONCLUSIVE before PASS. Without a
 * mandatory line nothing was asked for, which is inconclusive. */
PV_API pv_overall pv_judge_all(const pv_verdict *verdict, size_t count);

PV_API const char *pv_result_text(pv_result result);
PV_API const char *pv_overall_text(pv_overall overall);
PV_API const char *pv_comparator_text(pv_comparator op);
PV_API const char *pv_part_text(pv_part part);

#endif
