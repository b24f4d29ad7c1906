/* audit/output.h - findings to a file or standard output. */
#ifndef PV_AUDIT_OUTPUT_H
#define PV_AUDIT_OUTPUT_H

#include "audit/findings.h"
#include "core/status.h"

#include <stdbool.h>
#include <stdio.h>

/* Where findings go, as the command line says. */
typedef struct pv_output {
    const char *path; /* NULL or "-": standard output */
    bool json, force;
} pv_output;

/* The findings as text for people. */
typedef void pv_summary_fn(FILE *out, const pv_findings *findings, bool colour);

/* Refuses an output that may not be written, before work is done. */
PV_CHECKED pv_status pv_output_ready(const pv_output *output, pv_error *err);

/* Writes the findings, as JSON or as `summary` does: files whole, mode 0600. */
PV_CHECKED pv_status pv_output_deliver(const pv_output *output,
                                       const pv_findings *findings,
                                       pv_summary_fn *summary, pv_error *err);

#endif
