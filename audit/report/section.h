/* audit/report/section.h - the sections of the page, and what they share. Not a
 * public header. A section adds itself to the document; one that has nothing to
 * show says what is missing. */
#ifndef PV_AUDIT_REPORT_SECTION_H
#define PV_AUDIT_REPORT_SECTION_H

#include "audit/report/report.h"

typedef void pv_section(const pv_report *report, pv_document *document);

pv_section pv_section_verdict, pv_section_request, pv_section_data,
    pv_section_claim, pv_section_implementation, pv_section_attacks,
    pv_section_fidelity, pv_section_uses, pv_section_subgroups,
    pv_section_validity, pv_section_limits, pv_section_methods,
    pv_section_attachments;

/* The findings as they may be shown. */
const pv_findings *pv_report_shown(const pv_report *report, size_t i);
/* The first metric of this id in any of them; NULL: none. */
const pv_metric *pv_report_metric(const pv_report *report, const char *id);
/* A series (free()), of the first findings that have it; NULL and 0: none. */
double *pv_report_series(const pv_report *report, const char *name,
                        size_t *count);

/* A table of the metrics whose ids begin with one of `start` (NULL behind the last),
 * in all findings; says so when there is none. At most 400 rows; the twin has
 * all. True when there was one. */
bool pv_add_metrics(const pv_report *report, pv_document *document,
                    pv_element *parent, const char *caption,
                    const char *const *start);

/* Terms with the texts of a part of what is stated; "not stated" where nothing is. */
void pv_add_about(const pv_report *report, pv_document *document,
                  pv_element *parent, pv_about_part part);

/* A number as a cell: 4 significant digits. */
void pv_add_number(pv_document *document, pv_element *row, double value);

/* Figures of fidelity. */
void pv_add_levels(const pv_report *report, pv_document *document,
                   pv_element *section);
void pv_add_pairs(const pv_report *report, pv_document *document,
                  pv_element *section);
void pv_add_components(const pv_report *report, pv_document *document,
                       pv_element *section);
void pv_add_survival(const pv_report *report, pv_document *document,
                     pv_element *section);
void pv_add_yardstick(const pv_report *report, pv_document *document,
                      pv_element *section);

#endif
