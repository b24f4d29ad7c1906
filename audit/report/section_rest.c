/* Uses, subgroups, validity, limits, methods, attachments; and the order of all. */
#include "audit/report/section.h"

#include <stdio.h>
#include <string.h>

void pv_section_uses(const pv_report *r, pv_document *d)
{
    static const char *const regression[] = {"regression.", NULL};
    static const char *const prediction[] = {"trtr.", "tstr.", NULL};
    static const char *const survival[] = {"survival.", NULL};
    pv_element *s = pv_add_section(d, "uses", "7 Utility for declared uses");
    pv_add_about(r, d, s, PV_ABOUT_USES);
    (void)pv_add_metrics(r, d, s, "Regressions: coefficients and intervals",
                         regression);
    (void)pv_add_metrics(r, d, s,
                         "Prediction: trained on synthetic, tested on real rows",
                         prediction);
    (void)pv_add_metrics(r, d, s, "Survival curves", survival);
    pv_add_survival(r, d, s);
    (void)pv_add(d, s, PV_ELEMENT_PARAGRAPH,
                 "Standard errors computed from synthetic rows as if they were real "
                 "leave the noise of privacy out and are too small. For counts with "
                 "standard errors ask privet-gen answer.");
}

void pv_section_validity(const pv_report *r, pv_document *d)
{
    static const char *const start[] = {"zeros.", "functions.", "domain.",
                                        "rows.",  "duplicates.", "totals.",
                                        NULL};
    pv_element *s = pv_add_section(d, "validity", "9 Validity");
    (void)pv_add_metrics(r, d, s, "Rows that cannot exist, values outside", start);
    const pv_claim *claim = r->input->claim;
    (void)pv_add(d, s, PV_ELEMENT_PARAGRAPH,
                 claim != NULL
                     ? "The release is marked as synthetic (is_synthetic = 1) in the "
                       "file itself. A CSV made of it is not: name it so."
                     : "A CSV cannot say of itself that it is synthetic: name it so.");
}

void pv_section_limits(const pv_report *r, pv_document *d)
{
    pv_element *s = pv_add_section(d, "limits", "10 Limits and advice");
    pv_element *list = pv_add(d, s, PV_ELEMENT_LIST, NULL);
    static const char *const advice[] = {
        "This audit looked at the real data. Its exact figures are disclosures that no "
        "privacy budget covers, and choosing among releases by them spends budget that "
        "nobody counts: judge a release once, by criteria written down before.",
        "Synthetic rows are of nobody. Do not link them to other files, and do not act "
        "on a single row.",
        "Do not infer from columns and pairs that section 6 lists as the worst.",
        "Small groups carry most of the noise: look at section 8 before speaking of "
        "one.",
        "A privacy guarantee bounds what is learnt of one unit, not what is learnt of a "
        "group, and composes over all releases about the same people.",
        "Attacks that were not run may succeed."};
    for (size_t i = 0; i < sizeof advice / sizeof *advice; i++)
        (void)pv_add(d, list, PV_ELEMENT_PARAGRAPH, advice[i]);
    pv_add_about(r, d, s, PV_ABOUT_LIMITS);
}

void pv_section_methods(const pv_report *r, pv_document *d)
{
    static const struct {
        const char *what, *formula;
    } formula[] = {
        {"Total variation of a marginal q, real counts a of n rows, synthetic b of m",
         "TV(q) = 1/2 \xce\xa3 |a/n \xe2\x88\x92 b/m|, over all cells; missing is a level"},
        {"Error of counts", "error(q) = \xce\xa3 |a \xe2\x88\x92 b| / n"},
        {"k-marginal score", "500 (2 \xe2\x88\x92 mean over pairs of \xce\xa3 |a/n \xe2\x88\x92 b/m|)"},
        {"pMSE and its ratio, N = n + m rows, c = m/N, k parameters",
         "pMSE = (1/N) \xce\xa3 (p \xe2\x88\x92 c)\xc2\xb2; ratio = pMSE / ((k \xe2\x88\x92 1)(1 \xe2\x88\x92 c)\xc2\xb2 c / N)"},
        {"Highest power of an attack at a false positive rate f",
         "min(e^\xce\xb5 f + \xce\xb4, 1 \xe2\x88\x92 e^\xe2\x88\x92\xce\xb5 (1 \xe2\x88\x92 \xce\xb4 \xe2\x88\x92 f)); at \xcf\x81 the least of it over all (\xce\xb5, \xce\xb4(\xce\xb5))"},
        {"Best guess at a fair coin", "1/2 + 1/2 (e^\xce\xb5 \xe2\x88\x92 1 + 2\xce\xb4) / (e^\xce\xb5 + 1)"},
        {"Odds", "posterior odds \xe2\x89\xa4 e^\xce\xb5 \xc2\xb7 prior odds"},
        {"Cost of noise and of a selection",
         "\xcf\x81 = \xce\x94\xc2\xb2 / (2\xcf\x83\xc2\xb2); \xcf\x81 = \xce\xb5\xc2\xb2 / 8"},
    };
    pv_element *s = pv_add_section(d, "methods", "11 Methods");
    for (size_t i = 0; i < sizeof formula / sizeof *formula; i++) {
        (void)pv_add(d, s, PV_ELEMENT_PARAGRAPH, formula[i].what);
        (void)pv_add(d, s, PV_ELEMENT_FORMULA, formula[i].formula);
    }
    (void)pv_add(d, s, PV_ELEMENT_PARAGRAPH,
                 "Definitions of all metrics: doc/metrics.md of Privet. Bins and levels "
                 "come from the schema, the same for both tables.");
    const char *binning = pv_findings_option(pv_report_shown(r, 0), "binning");
    if (binning != NULL && strcmp(binning, "nist") == 0)
        (void)pv_add(d, s, PV_ELEMENT_PARAGRAPH,
                     "Distances use the bins of the NIST data excerpts, by ranks in "
                     "the real table.");
    if (r->input->shareable)
        (void)pv_add_format(
            d, s, PV_ELEMENT_PARAGRAPH,
            "Rounding: counts of real people below 15 are not given, below 100 are "
            "rounded to 10, below 1,000 to 50, below 10,000 to 100, below 100,000 to "
            "500, below a million to 1,000, above to four digits, halves to even "
            "(interim rules of the US Census Bureau's Disclosure Review Board). Shares "
            "and other estimates up to 1 are on a grid of 1, 2 or 5 times a power of "
            "ten, of which a step is at least 15 of the people that they are of; larger "
            "ones have three digits. %zu metrics and series are withheld.",
            r->withheld);
}

void pv_section_attachments(const pv_report *r, pv_document *d)
{
    static const char *const heading[] = {"File", "Bytes", "BLAKE2b-256",
                                          "SHA-256", NULL};
    pv_element *s = pv_add_section(d, "attachments", "12 Attachments");
    pv_element *table = pv_add_table(d, s, "Files by their digests", heading);
    for (size_t i = 0; i < r->input->attachments; i++) {
        const pv_attachment *a = &r->input->attachment[i];
        pv_element *row = pv_add(d, table, PV_ELEMENT_ROW, NULL);
        (void)pv_add(d, row, PV_ELEMENT_CELL, a->role);
        (void)pv_add_format(d, row, PV_ELEMENT_NUMBER, "%llu",
                            (unsigned long long)a->bytes);
        (void)pv_add(d, row, PV_ELEMENT_CELL, a->blake2b);
        (void)pv_add(d, row, PV_ELEMENT_CELL, a->sha256);
    }
    (void)pv_add(d, s, PV_ELEMENT_PARAGRAPH,
                 "report.json has everything that is here, for programs. The real "
                 "table has no digest here: it would let anyone check a guess at it.");
}

pv_status pv_report_document(const pv_report *report, pv_document **document,
                             pv_error *err)
{
    static pv_section *const section[] = {
        pv_section_verdict,   pv_section_request,    pv_section_data,
        pv_section_claim,     pv_section_implementation,
        pv_section_attacks,   pv_section_fidelity,   pv_section_uses,
        pv_section_subgroups, pv_section_validity,   pv_section_limits,
        pv_section_methods,   pv_section_attachments};
    char title[256];
    const char *name = pv_about_text(report->input->about, "dataset");
    pv_document *d = NULL;
    (void)snprintf(title, sizeof title, "Audit of a synthetic table%s%.200s",
                   name != NULL ? ": " : "", name != NULL ? name : "");
    pv_status status = pv_document_new(
        title,
        report->input->shareable
            ? NULL
            : "CONFIDENTIAL \xe2\x80\x93 internal report with exact figures of "
              "the real data",
        &d, err);
    if (status != PV_OK)
        return status;
    for (size_t i = 0; i < sizeof section / sizeof *section; i++)
        section[i](report, d);
    status = pv_document_check(d, err);
    if (status == PV_OK)
        *document = d;
    else
        pv_document_free(d);
    return status;
}
