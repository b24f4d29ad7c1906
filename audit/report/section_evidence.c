/* What runs the program, and what attacks find. */
#include "audit/report/section.h"

#include <config.h>
#include <gsl/gsl_version.h>
#include <jansson.h>
#include <libxml/xmlversion.h>
#include <sodium.h>
#include <string.h>

void pv_section_implementation(const pv_report *r, pv_document *d)
{
    const pv_claim *claim = r->input->claim;
    const pv_release *release = claim != NULL ? claim->release : NULL;
    pv_element *s =
        pv_add_section(d, "implementation", "4 Implementation evidence");
    pv_element *terms = pv_add(d, s, PV_ELEMENT_TERMS, NULL);
    pv_add_term(d, terms, "This report by", "privet-audit " PV_VERSION);
    pv_add_term(d, terms, "Release by",
                release != NULL ? release->tool_version
                                : "unknown: no release was given");
    pv_add_term(d, terms, "Libraries of this program",
                "libsodium " SODIUM_VERSION_STRING ", jansson " JANSSON_VERSION
                ", GSL " GSL_VERSION ", libxml2 " LIBXML_DOTTED_VERSION);
    pv_add_term(d, terms, "Source of noise",
                release != NULL ? release->rng
                                : "unknown: no release was given");
    if (release != NULL && claim->has_ledger) {
        pv_add_term(d, terms, "Samplers",
                    "exact discrete Gaussian and exponential mechanism on integers; "
                    "no floating point between a count and its noise");
        pv_add_term(d, terms, "Seed policy",
                    "a secret key of 32 bytes from the operating system, wiped when "
                    "the run ends; it is in no release");
        pv_add_term(d, terms, "Settings charged",
                    "every question that looked at the data is in the ledger; what "
                    "people tried out before is not");
    }
    pv_element *part = pv_add(d, s, PV_ELEMENT_PART, "Findings this report rests on");
    static const char *const heading[] = {"Command", "Version", "Metrics", NULL};
    pv_element *table = pv_add_table(d, part, "Findings", heading);
    for (size_t i = 0; i < r->count; i++) {
        const pv_findings *f = pv_report_shown(r, i);
        pv_element *row = pv_add(d, table, PV_ELEMENT_ROW, NULL);
        (void)pv_add_format(d, row, PV_ELEMENT_CELL, "%s %s",
                            pv_findings_tool(f), pv_findings_command(f));
        (void)pv_add(d, row, PV_ELEMENT_CELL, pv_findings_version(f));
        (void)pv_add_format(d, row, PV_ELEMENT_NUMBER, "%zu",
                            pv_findings_count(f));
    }
}

static bool any_begins(const pv_report *r, const char *start)
{
    for (size_t f = 0; f < r->count; f++)
        for (size_t i = 0; i < pv_findings_count(pv_report_shown(r, f)); i++)
            if (strncmp(pv_findings_metric(pv_report_shown(r, f), i)->id, start,
                        strlen(start)) == 0)
                return true;
    return false;
}

/* The figures to decide by, and all of their kind to unfold. */
static void add_folded(const pv_report *r, pv_document *d, pv_element *part,
                       const char *caption, const char *const *first,
                       const char *const *all)
{
    (void)pv_add_metrics(r, d, part, caption, first);
    if (!any_begins(r, all[0]))
        return;
    pv_element *details = pv_add(d, part, PV_ELEMENT_DETAILS, "All of them");
    (void)pv_add_metrics(r, d, details, caption, all);
}

void pv_section_attacks(const pv_report *r, pv_document *d)
{
    static const char *const secret[] = {
        "attack.best.",          "attack.majority.", "attack.control.accuracy",
        "attack.control.auc",    "attack.control.advantage",
        "attack.control.shift",  "attack.leakage",   "attack.risk", NULL};
    static const char *const secrets[] = {"attack.", NULL};
    static const char *const others[] = {"singling_out.", "linkability.",
                                         "inference.",    "membership.",
                                         "exact_match.",  "diagnostic.", NULL};
    static const char *const bound[] = {"epsilon.claim.",
                                        "epsilon.clopper_pearson.lo",
                                        "epsilon.zcdp.rho_lo", NULL};
    static const char *const bounds[] = {"epsilon.", NULL};
    static const char *const primitive[] = {"primitive.violation", NULL};
    static const char *const primitives[] = {"primitive.", NULL};
    static const char *const game[] = {"game.", NULL};
    pv_element *s = pv_add_section(d, "attacks", "5 Empirical privacy");
    (void)pv_add(d, s, PV_ELEMENT_PARAGRAPH,
                 "Attacks can show that something leaks. That they fail shows that "
                 "these attacks failed. What succeeds against people who were not in "
                 "the data (the control) comes from what the release says about "
                 "everyone; the difference is what being in the data gives away.");
    pv_element *part = pv_add(d, s, PV_ELEMENT_PART, "Recovering a secret column");
    add_folded(r, d, part, "Attacks on the secret, with control", secret, secrets);
    part = pv_add(d, s, PV_ELEMENT_PART,
                  "Singling out, linkability, inference, membership");
    (void)pv_add_metrics(r, d, part, "Attacks on single records, with control",
                         others);
    (void)pv_add(d, part, PV_ELEMENT_PARAGRAPH,
                 "A threshold of 0.09 that some guidance names concerns the "
                 "probability of re-identification. It is compared with risks in this "
                 "table, never with \xce\xb5.");
    part = pv_add(d, s, PV_ELEMENT_PART, "Epsilon of the mechanism");
    add_folded(r, d, part, "Lower bounds on \xce\xb5 and what is claimed", bound,
               bounds);
    (void)pv_add(d, part, PV_ELEMENT_PARAGRAPH,
                 "The claim here is that of the mechanism as it was audited, which may "
                 "have another budget than the release. A lower bound of 0 shows that "
                 "this attack failed on so many runs.");
    if (any_begins(r, "primitive."))
        add_folded(r, d, part, "Questions of the curator", primitive, primitives);
    if (any_begins(r, "game."))
        (void)pv_add_metrics(r, d, part, "The coin-flip game", game);
}
