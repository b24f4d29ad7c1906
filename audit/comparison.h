/* audit/comparison.h - the tables of an audit, and the fidelity probes on them.
 * Not a public header: part of the program. */
#ifndef PV_AUDIT_COMPARISON_H
#define PV_AUDIT_COMPARISON_H

#include "audit/findings.h"
#include "audit/utility/uses.h"
#include "core/status.h"
#include "io/header.h"
#include "io/load.h"
#include "marginals/queries.h"

#include <stdbool.h>

/* What the command line names. */
typedef struct pv_comparison_options {
    const char *real, *synthetic, *schema;
    const char *holdout, *group; /* NULL: none */
    const char *model[PV_USES_MODELS], *target, *survival; /* declared uses */
    const char *queries; /* a specification (marginals/queries.h), or NULL */
    size_t models;
    bool ignore_extra, nist, no_scale;
} pv_comparison_options;

typedef struct pv_comparison {
    /* `schema` is of the columns that the synthetic table has, `whole_schema` the one
     * that was given where that is another; else NULL */
    pv_schema *schema, *whole_schema, *binned_schema;
    pv_header header; /* of the synthetic table */
    pv_table *real, *synthetic, *holdout;
    pv_load_report synthetic_report, holdout_report;
    pv_uses uses;
    pv_queries *queries;
} pv_comparison;

/* PV_EUSAGE when one of the three that are needed is missing; `command` is named
 * in the message. */
PV_CHECKED pv_status pv_comparison_check(const pv_comparison_options *options,
                                         const char *command, pv_error *err);

/* --binning: schema or nist. */
PV_CHECKED pv_status pv_comparison_binning(const char *text, bool *nist,
                                           pv_error *err);

/* --model, up to PV_USES_MODELS times. */
PV_CHECKED pv_status pv_comparison_model(pv_comparison_options *options,
                                         const char *text, pv_error *err);

/* Reads the tables and notes them in the findings. `compared` starts zeroed and is
 * the caller's to clear, after a failure too. */
PV_CHECKED pv_status pv_comparison_load(const pv_comparison_options *options,
                                        pv_comparison *compared,
                                        pv_findings *findings, pv_error *err);
void pv_comparison_clear(pv_comparison *compared);

/* Runs the fidelity probes, for the holdout too where there is one. */
PV_CHECKED pv_status pv_comparison_measure(const pv_comparison_options *options,
                                           pv_comparison *compared,
                                           pv_findings *findings,
                                           pv_error *err);

#endif
