/* The verdict, the request, the data. */
#include "audit/report/section.h"

#include "audit/report/share.h"
#include "audit/report/text.h"

#include <stdlib.h>
#include <string.h>

static const char *dataset_name(const pv_report *report)
{
    const char *name = pv_about_text(report->input->about, "dataset");
    return name != NULL ? name : pv_schema_title(report->input->schema);
}

static void add_overall(const pv_report *r, pv_document *d, pv_element *s)
{
    static const char *const meaning[] = {
        "Every mandatory line is met.",
        "At least one mandatory line is not met.",
        ("No mandatory line fails, but for at least one there is no evidence, or "
         "none is mandatory. That is no pass.")};
    (void)pv_add_format(d, s, PV_ELEMENT_VERDICT, "%s",
                        pv_overall_text(r->overall));
    (void)pv_add_format(d, s, PV_ELEMENT_PARAGRAPH, "%s Judged by: %s.",
                        meaning[r->overall],
                        pv_criteria_title(r->input->criteria));
}

static void add_line(pv_document *d, pv_element *table,
                     const pv_report_line *line)
{
    const pv_criterion *c = line->criterion;
    char number[PV_NUMBER_ROOM];
    pv_element *row = pv_add(d, table, PV_ELEMENT_ROW, NULL);
    char *scope = pv_text_scope(&line->scope);
    (void)pv_add(d, row, PV_ELEMENT_RESULT, pv_result_text(line->result));
    (void)pv_add_format(d, row, PV_ELEMENT_CELL, "%s%s", c->id,
                        c->mandatory ? "" : " (advisory)");
    if (line->has_observed)
        pv_add_number(d, row, line->observed);
    else
        (void)pv_add(d, row, PV_ELEMENT_NUMBER, "\xe2\x80\x93");
    (void)pv_add_format(d, row, PV_ELEMENT_CELL, "%s %s",
                        pv_comparator_text(c->op),
                        line->has_threshold
                            ? pv_text_number(line->threshold, 6, number)
                            : c->threshold_metric != NULL ? c->threshold_metric
                                                          : "\xe2\x80\x93");
    (void)pv_add(d, row, PV_ELEMENT_CELL, c->basis);
    (void)pv_add_format(d, row, PV_ELEMENT_CELL,
                        c->of != PV_VALUE ? "%s, %s end" : "%s", c->metric,
                        pv_part_text(c->of));
    (void)pv_add(d, row, PV_ELEMENT_CELL,
                 line->reason != NULL ? line->reason
                 : scope != NULL      ? scope
                                      : "");
    free(scope);
}

void pv_section_verdict(const pv_report *r, pv_document *d)
{
    static const char *const heading[] = {"Result", "Line", "Observed", "Wanted",
                                          "What is asked", "Metric",
                                          "Where, or why not", NULL};
    const char *name = dataset_name(r);
    pv_element *s = pv_add_section(d, "verdict", "0 Verdict");
    pv_element *terms;
    add_overall(r, d, s);
    terms = pv_add(d, s, PV_ELEMENT_TERMS, NULL);
    pv_add_term(d, terms, "Dataset", name != NULL ? name : "not stated");
    for (size_t i = 0; i < r->input->attachments; i++) {
        const pv_attachment *a = &r->input->attachment[i];
        pv_add_term(d, terms,
                    strcmp(a->role, "release") == 0 ? "Release, SHA-256"
                                                    : "Synthetic table, SHA-256",
                    a->sha256);
    }
    pv_add_term(d, terms, "Written", r->input->created);
    pv_element *table =
        pv_add_table(d, s, "Lines of the verdict, the mandatory ones decide",
                     heading);
    for (size_t i = 0; i < r->lines; i++)
        add_line(d, table, &r->line[i]);
    (void)pv_add(d, s, PV_ELEMENT_PARAGRAPH,
                 "PASS: met. FAIL: mandatory and not met. WARN: advisory and not "
                 "met. NOT-RUN: there is no evidence, which is never a pass.");
    (void)pv_add(d, s, PV_ELEMENT_NOTE,
                 r->input->shareable
                     ? "Shareable: counts and shares of real people are rounded, "
                       "levels of fewer than 15 real rows are not named, points of "
                       "real records are left out. Lines were judged by the exact "
                       "figures. The report was still made by looking at the real "
                       "table, and no privacy budget covers it."
                     : "Confidential: exact functions of the real table are in this "
                       "report. They are disclosures that no privacy budget covers. "
                       "Do not pass it on; make a shareable report for that.");
}

void pv_section_request(const pv_report *r, pv_document *d)
{
    static const char *const heading[] = {"Role", "Name", "Decision", "Date",
                                          NULL};
    static const char *const role[] = {"Data custodian", "Privacy officer",
                                       "Committee"};
    pv_element *s = pv_add_section(d, "request", "1 Request for release");
    pv_add_about(r, d, s, PV_ABOUT_REQUEST);
    pv_element *five = pv_add(d, s, PV_ELEMENT_PART, "Five Safes");
    (void)pv_add(d, five, PV_ELEMENT_PARAGRAPH,
                 "Five scales, not five limits: what one does not give, the others "
                 "have to. A public file has its protection in the data alone.");
    pv_add_about(r, d, five, PV_ABOUT_FIVE_SAFES);
    pv_element *table = pv_add_table(d, s, "Decision", heading);
    for (size_t i = 0; i < sizeof role / sizeof *role; i++) {
        pv_element *row = pv_add(d, table, PV_ELEMENT_ROW, NULL);
        (void)pv_add(d, row, PV_ELEMENT_CELL, role[i]);
        for (int j = 0; j < 3; j++)
            (void)pv_add(d, row, PV_ELEMENT_CELL, "\xc2\xa0");
    }
}

/* --- the data ---------------------------------------------------------------- */

static const char *kind_text(const pv_column *c)
{
    if (c->date)
        return "dates";
    if (c->kind == PV_COLUMN_LABELS)
        return "labels";
    return c->kind == PV_COLUMN_INTEGERS ? "integers" : "numbers in bins";
}

static const char *role_text(pv_role role)
{
    static const char *const text[] = {"", "identifier", "quasi-identifier",
                                       "secret", "group", "weight"};
    return text[role];
}

/* The ends of a declared range may be real extremes: not for everybody. */
static void add_column(pv_document *d, pv_element *table, const pv_column *c,
                       bool shareable)
{
    char low[PV_NUMBER_ROOM], high[PV_NUMBER_ROOM];
    pv_element *row = pv_add(d, table, PV_ELEMENT_ROW, NULL);
    (void)pv_add(d, row, PV_ELEMENT_CELL, c->name);
    (void)pv_add(d, row, PV_ELEMENT_CELL, kind_text(c));
    (void)pv_add_format(d, row, PV_ELEMENT_NUMBER, "%u", c->levels);
    if (c->kind == PV_COLUMN_LABELS || shareable)
        (void)pv_add(d, row, PV_ELEMENT_CELL,
                     c->kind == PV_COLUMN_LABELS ? "" : "in the schema");
    else
        (void)pv_add_format(d, row, PV_ELEMENT_CELL, "%s to %s",
                            pv_text_number(c->minimum, 6, low),
                            pv_text_number(c->maximum, 6, high));
    (void)pv_add(d, row, PV_ELEMENT_CELL, c->missing ? "a level" : "no");
    (void)pv_add(d, row, PV_ELEMENT_CELL, role_text(c->role));
}

static void add_tables(const pv_report *r, pv_document *d, pv_element *s)
{
    static const char *const heading[] = {"Table", "Rows", "Columns", "File",
                                          NULL};
    pv_element *table = pv_add_table(d, s, "Tables that were read", heading);
    const pv_findings *f = pv_report_shown(r, 0);
    const pv_input *in;
    for (size_t i = 0; (in = pv_findings_input_at(f, i)) != NULL; i++) {
        const char *slash = strrchr(in->path, '/');
        pv_element *row = pv_add(d, table, PV_ELEMENT_ROW, NULL);
        (void)pv_add(d, row, PV_ELEMENT_CELL, in->role);
        if (in->rows < 0)
            (void)pv_add(d, row, PV_ELEMENT_NUMBER, "\xe2\x80\x93");
        else
            (void)pv_add_format(d, row, PV_ELEMENT_NUMBER, "%lld",
                                (long long)in->rows);
        (void)pv_add_format(d, row, PV_ELEMENT_NUMBER, "%lld",
                            (long long)in->columns);
        (void)pv_add(d, row, PV_ELEMENT_CELL,
                     slash != NULL ? slash + 1 : in->path);
    }
    if (r->input->shareable)
        (void)pv_add(d, s, PV_ELEMENT_PARAGRAPH,
                     "Numbers of rows are rounded, of the synthetic table too: it "
                     "may have as many as the real one.");
}

void pv_section_data(const pv_report *r, pv_document *d)
{
    static const char *const heading[] = {"Column",  "Kind", "Levels",
                                          "Range declared", "Missing", "Role",
                                          NULL};
    const pv_schema *schema = r->input->schema;
    const char *unit = pv_schema_unit(schema);
    pv_element *s = pv_add_section(d, "data", "2 Data");
    pv_add_about(r, d, s, PV_ABOUT_DATA);
    add_tables(r, d, s);
    pv_element *table = pv_add_table(
        d, s, "Columns as the schema declares them; it is public", heading);
    for (size_t i = 0; i < pv_schema_columns(schema); i++)
        add_column(d, table, pv_schema_column(schema, i),
                   r->input->shareable);
    if (unit != NULL)
        (void)pv_add_format(d, s, PV_ELEMENT_PARAGRAPH,
                            "A person is told by the column %s and has at most %u "
                            "rows.",
                            unit, pv_schema_unit_rows(schema));
    else
        (void)pv_add(d, s, PV_ELEMENT_PARAGRAPH,
                     "A row is taken for a person: the schema names no column that "
                     "tells persons apart.");
    (void)pv_add_format(d, s, PV_ELEMENT_PARAGRAPH,
                        "The schema declares %zu structural zeros and %zu "
                        "functions.",
                        pv_schema_zeros(schema), pv_schema_functions(schema));
}
