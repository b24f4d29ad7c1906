/* The claim of privacy. */
#include "audit/report/section.h"

#include "audit/report/chart.h"
#include "audit/report/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void add_number_term(pv_document *d, pv_element *terms,
                            const char *term, double value)
{
    char text[PV_NUMBER_ROOM];
    pv_add_term(d, terms, term,
                isfinite(value) ? pv_text_number(value, 6, text)
                                : "none is stated");
}

static void add_statement(const pv_report *r, pv_document *d, pv_element *s)
{
    const pv_release *release = r->input->claim->release;
    const bool replace = strcmp(release->neighbours, "replace") == 0;
    pv_element *terms = pv_add(d, s, PV_ELEMENT_TERMS, NULL);
    pv_add_term(d, terms, "Variant",
                "zero-concentrated differential privacy (zCDP), stated as "
                "(\xce\xb5, \xce\xb4) too");
    add_number_term(d, terms, "\xce\xb5", release->epsilon);
    add_number_term(d, terms, "\xce\xb4", release->delta);
    add_number_term(d, terms, "\xcf\x81", release->rho);
    pv_add_term(d, terms, "Unit of privacy", release->unit);
    pv_add_term(d, terms, "Neighbouring tables",
                replace ? "one unit's rows replaced by another's; the number of "
                          "rows is public"
                        : "one unit added or removed; the number of rows is "
                          "private");
    pv_add_term(d, terms, "Method", release->method);
    if (r->input->claim->has_ledger)
        pv_add_term(d, terms, "Questions asked by",
                    r->input->claim->measured_by);
    pv_add_term(d, terms, "Domain", "the schema, which is public (section 2)");
    if (release->delta_labels > 0)
        add_number_term(d, terms, "Of \xce\xb4, for finding labels",
                        release->delta_labels);
    pv_add_term(d, terms, "All releases by the account",
                release->dataset_rho != NULL
                    ? release->dataset_rho
                    : "no account was kept: other releases about the same people "
                      "are not counted here");
    pv_add_about(r, d, s, PV_ABOUT_PRIVACY);
}

static void add_meaning(const pv_claim *claim, pv_document *d, pv_element *s)
{
    char epsilon[PV_NUMBER_ROOM], delta[PV_NUMBER_ROOM], odds[PV_NUMBER_ROOM],
        tenth[PV_NUMBER_ROOM], success[PV_NUMBER_ROOM];
    const pv_release *release = claim->release;
    const double e = claim->has_ledger ? claim->epsilon : release->epsilon;
    const double rho = claim->has_ledger ? claim->rho : release->rho;
    const double share = exp(e) * 0.1 / (exp(e) * 0.1 + 0.9);
    const double best =
        rho > 0 ? fmin(pv_attack_success(e, release->delta),
                       pv_attack_success_rho(rho, release->delta_labels))
                : pv_attack_success(e, release->delta);
    pv_element *part = pv_add(d, s, PV_ELEMENT_PART, "In plain words");
    (void)pv_add_format(
        d, part, PV_ELEMENT_PARAGRAPH,
        "Whatever anyone knows beforehand: that one unit is in the data changes the "
        "odds that they give to any statement about it by a factor of at most "
        "e^\xce\xb5 = %s, but for a probability of about \xce\xb4 = %s. What would be "
        "held for likely at 10 %% by a release without that unit may be held for likely "
        "at %s %% at most. What the release says about people in general is not "
        "bounded: that is its use.",
        pv_text_number(exp(e), 3, odds), pv_text_number(release->delta, 3, delta),
        pv_text_number(100 * share, 3, tenth));
    (void)pv_add_format(
        d, part, PV_ELEMENT_PARAGRAPH,
        "An attacker who has to tell whether one unit was in the data, when both are "
        "equally likely, and who knows all other rows, is right with a probability "
        "of at most %s; without the release it is 0.5. (\xce\xb5 = %s.)",
        pv_text_number(best, 4, success), pv_text_number(e, 6, epsilon));
}

enum { points = 101 };

static void add_trade_off(const pv_claim *claim, pv_document *d, pv_element *s)
{
    static const char *const heading[] = {"False positive rate",
                                          "True positive rate at (\xce\xb5, "
                                          "\xce\xb4), at most",
                                          "at \xcf\x81, at most", NULL};
    const pv_release *release = claim->release;
    const double e = claim->has_ledger ? claim->epsilon : release->epsilon;
    const double rho = claim->has_ledger ? claim->rho : release->rho;
    double fpr[points], plain[points], tight[points];
    for (int i = 0; i < points; i++) {
        fpr[i] = (double)i / (points - 1);
        plain[i] = pv_attack_power(e, release->delta, fpr[i]);
        tight[i] = pv_attack_power_rho(rho, release->delta_labels, fpr[i]);
    }
    const double edge[] = {0, 1};
    const pv_curve curve[] = {
        {"synthetic-line", "at (\xce\xb5, \xce\xb4)", fpr, plain, points, false},
        {"real-line", "at \xcf\x81", fpr, tight, points, false},
        {"chance", NULL, edge, edge, 2, false}};
    const pv_axes axes = {"false positive rate", "true positive rate, at most", 0,
                          1, 0, 1};
    pv_element *figure = pv_add_figure(
        d, s, "Highest possible success of an attack on membership",
        "Two curves bound the true positive rate of any attack for each false "
        "positive rate; the dotted diagonal is guessing without the release. No "
        "attack lies above the lower of the two curves.",
        pv_chart_curves(curve, 3, &axes));
    pv_element *details =
        pv_add(d, figure, PV_ELEMENT_DETAILS, "The figure as a table");
    pv_element *table =
        pv_add_table(d, details, "Highest possible success", heading);
    for (int i = 0; i < points; i += 10) {
        pv_element *row = pv_add(d, table, PV_ELEMENT_ROW, NULL);
        pv_add_number(d, row, fpr[i]);
        pv_add_number(d, row, plain[i]);
        pv_add_number(d, row, tight[i]);
    }
}

static void add_ledger(const pv_claim *claim, pv_document *d, pv_element *s)
{
    static const char *const heading[] = {
        "No.",  "Question", "Noise", "Sensitivity\xc2\xb2",
        "\xcf\x81", "Sum of \xcf\x81", "\xce\xb5 of the sum", NULL};
    enum { most = 500 };
    pv_element *part = pv_add(d, s, PV_ELEMENT_PART, "Ledger, recomputed");
    pv_element *table = pv_add_table(
        d, part, "Each question with its cost, from its own parameters", heading);
    for (size_t i = 0; i < claim->lines && i < most; i++) {
        const pv_claim_line *l = &claim->line[i];
        pv_element *row = pv_add(d, table, PV_ELEMENT_ROW, NULL);
        (void)pv_add_format(d, row, PV_ELEMENT_CELL, "%llu",
                            (unsigned long long)l->sequence);
        (void)pv_add(d, row, PV_ELEMENT_CELL, l->question);
        (void)pv_add(d, row, PV_ELEMENT_CELL, l->noise);
        pv_add_number(d, row, l->sensitivity2);
        pv_add_number(d, row, l->rho);
        pv_add_number(d, row, l->total);
        pv_add_number(d, row, l->epsilon);
    }
    if (claim->lines > most)
        (void)pv_add_format(d, part, PV_ELEMENT_PARAGRAPH,
                            "%zu more questions are in report.json.",
                            claim->lines - most);
    (void)pv_add(d, part, PV_ELEMENT_PARAGRAPH,
                 "A question costs \xce\x94\xc2\xb2/(2\xcf\x83\xc2\xb2) with discrete "
                 "Gaussian noise and \xce\xb5\xc2\xb2/8 for a selection; costs add. "
                 "The sum becomes \xce\xb5 at \xce\xb4 by the conversion of Canonne, "
                 "Kamath and Steinke (2020), rounded up. The ledger shows what was "
                 "charged. That the noise is what it says is a matter of the program: "
                 "see sections 4 and 5. The hashes show that lines were not changed one "
                 "by one; they are not signed, and whoever can write the file can write "
                 "another ledger that adds up. Take the release from its custodian and "
                 "compare its SHA-256 (section 12).");
}

void pv_section_claim(const pv_report *r, pv_document *d)
{
    const pv_claim *claim = r->input->claim;
    pv_element *s = pv_add_section(d, "claim", "3 Privacy claim");
    if (claim == NULL) {
        (void)pv_add(d, s, PV_ELEMENT_NOTE,
                     "NOT-RUN: no release was given (--release). Nothing is known "
                     "here of any privacy guarantee of this table. A synthetic table "
                     "is not private by being synthetic.");
        pv_add_about(r, d, s, PV_ABOUT_PRIVACY);
        return;
    }
    if (!claim->secure)
        (void)pv_add(d, s, PV_ELEMENT_NOTE,
                     "FAIL: the release was made with a test seed. NOT PRIVATE: who "
                     "knows the seed can take the noise off.");
    if (!claim->has_ledger)
        (void)pv_add_format(d, s, PV_ELEMENT_NOTE,
                            "NOT-RUN: the marginals were measured elsewhere. What is "
                            "stated of their privacy: %s",
                            claim->release->claim);
    else if (claim->problem != NULL)
        (void)pv_add_format(d, s, PV_ELEMENT_NOTE,
                            "FAIL: the claim does not hold: %s", claim->problem);
    else
        (void)pv_add_format(d, s, PV_ELEMENT_PARAGRAPH,
                            "PASS: the chain of hashes holds, each of %zu questions "
                            "costs what the ledger says, the sums are right, the "
                            "statement agrees with them, and every published marginal "
                            "is what was answered to a question that was charged.",
                            claim->lines);
    add_statement(r, d, s);
    if (isfinite(claim->release->epsilon)) {
        add_meaning(claim, d, s);
        add_trade_off(claim, d, s);
    }
    if (claim->has_ledger)
        add_ledger(claim, d, s);
}
