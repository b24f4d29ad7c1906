#include "audit/report/section.h"

#include "audit/report/text.h"
#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { most_rows = 400 };

const pv_findings *pv_report_shown(const pv_report *report, size_t i)
{
    return report->findings[i] != NULL ? report->findings[i]
                                       : report->input->findings[i];
}

const pv_metric *pv_report_metric(const pv_report *report, const char *id)
{
    for (size_t i = 0; i < report->count; i++) {
        const pv_metric *m = pv_findings_find(pv_report_shown(report, i), id);
        if (m != NULL)
            return m;
    }
    return NULL;
}

double *pv_report_series(const pv_report *report, const char *name,
                        size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < report->count; i++) {
        const pv_findings *f = pv_report_shown(report, i);
        *count = pv_findings_series(f, name, NULL, 0);
        double *value =
            *count > 0 ? pv_array_alloc(*count, sizeof *value) : NULL;
        if (value != NULL) {
            (void)pv_findings_series(f, name, value, *count);
            return value;
        }
    }
    *count = 0;
    return NULL;
}

void pv_add_number(pv_document *document, pv_element *row, double value)
{
    char text[PV_NUMBER_ROOM];
    (void)pv_add(document, row, PV_ELEMENT_NUMBER,
                 pv_text_number(value, 4, text));
}

static bool begins(const char *id, const char *const *start)
{
    for (; *start != NULL; start++)
        if (strncmp(id, *start, strlen(*start)) == 0)
            return true;
    return false;
}

static void add_interval(pv_document *document, pv_element *row,
                         const pv_metric *m)
{
    char low[PV_NUMBER_ROOM], high[PV_NUMBER_ROOM];
    if (m->has_ci)
        (void)pv_add_format(document, row, PV_ELEMENT_NUMBER, "%s to %s",
                            pv_text_number(m->ci[0], 4, low),
                            pv_text_number(m->ci[1], 4, high));
    else
        (void)pv_add(document, row, PV_ELEMENT_NUMBER, "");
}

static void add_metric(pv_document *document, pv_element *table,
                       const pv_metric *m)
{
    pv_element *row = pv_add(document, table, PV_ELEMENT_ROW, NULL);
    char *scope = pv_text_scope(&m->scope);
    (void)pv_add(document, row, PV_ELEMENT_CELL, m->id);
    (void)pv_add(document, row, PV_ELEMENT_CELL, scope != NULL ? scope : "");
    if (m->status == PV_METRIC_OK)
        pv_add_number(document, row, m->value);
    else
        (void)pv_add(document, row, PV_ELEMENT_NUMBER,
                     m->status == PV_METRIC_SKIPPED ? "skipped" : "error");
    add_interval(document, row, m);
    (void)pv_add(document, row, PV_ELEMENT_CELL,
                 m->reason != NULL ? m->reason : "");
    free(scope);
}

bool pv_add_metrics(const pv_report *report, pv_document *document,
                    pv_element *parent, const char *caption,
                    const char *const *start)
{
    static const char *const heading[] = {"Metric", "Of", "Value",
                                          "95 % interval", "Remark", NULL};
    pv_element *table = NULL;
    size_t rows = 0;
    for (size_t f = 0; f < report->count; f++) {
        const pv_findings *findings = pv_report_shown(report, f);
        for (size_t i = 0; i < pv_findings_count(findings); i++) {
            const pv_metric *m = pv_findings_metric(findings, i);
            if (!begins(m->id, start))
                continue;
            if (table == NULL)
                table = pv_add_table(document, parent, caption, heading);
            if (rows++ < most_rows)
                add_metric(document, table, m);
        }
    }
    if (rows == 0)
        (void)pv_add_format(document, parent, PV_ELEMENT_PARAGRAPH,
                            "%s: not run; no findings have them.", caption);
    else if (rows > most_rows)
        (void)pv_add_format(document, parent, PV_ELEMENT_PARAGRAPH,
                            "%zu more are in report.json.", rows - most_rows);
    return rows > 0;
}

void pv_add_about(const pv_report *report, pv_document *document,
                  pv_element *parent, pv_about_part part)
{
    pv_element *terms = pv_add(document, parent, PV_ELEMENT_TERMS, NULL);
    for (const pv_about_key *k = pv_about_keys(); k->key != NULL; k++) {
        if (k->part != part)
            continue;
        const char *text = pv_about_text(report->input->about, k->key);
        pv_add_term(document, terms, k->title,
                    text != NULL ? text : "not stated");
    }
}
