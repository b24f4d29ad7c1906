/* audit/summary_text.h - what the texts for people share. */
#ifndef PV_AUDIT_SUMMARY_TEXT_H
#define PV_AUDIT_SUMMARY_TEXT_H

#include "audit/findings.h"

#include <stdbool.h>
#include <stdio.h>

/* A name or path, harmless to a terminal: no C0, DEL or C1 controls. */
void pv_summary_text(FILE *out, const char *text);
void pv_summary_heading(FILE *out, const char *text, bool colour);
/* The files that were read, a line each. */
void pv_summary_inputs(FILE *out, const pv_findings *findings);
/* What fidelity finds beyond the distances of counts, a line each, the
 * holdout's beside it. */
void pv_summary_comparisons(FILE *out, const pv_findings *findings,
                            bool colour);
/* Families of queries (--queries), a line each. */
void pv_summary_queries(FILE *out, const pv_findings *findings, bool colour);
/* Metrics that could not be computed, and why. */
void pv_summary_missing(FILE *out, const pv_findings *findings, bool colour);

#endif
