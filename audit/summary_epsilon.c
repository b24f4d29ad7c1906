#include "audit/summary.h"
#include "audit/summary_text.h"

#include <stdlib.h>
#include <string.h>

/* An option of these findings as a number; they are written by the command. */
static double option(const pv_findings *f, const char *name)
{
    const char *text = pv_findings_option(f, name);
    return text != NULL ? strtod(text, NULL) : 0;
}

static const char *text_of(const pv_findings *f, const char *name)
{
    const char *text = pv_findings_option(f, name);
    return text != NULL ? text : "";
}

static void put_cell(FILE *out, const pv_findings *f, const char *id)
{
    const pv_metric *m = id == NULL ? NULL : pv_findings_find(f, id);
    if (m == NULL)
        (void)fprintf(out, " %10s", "");
    else if (m->status == PV_METRIC_OK)
        (void)fprintf(out, " %10.4f", m->value);
    else
        (void)fprintf(out, " %10s",
                      strcmp(m->reason, "infinite") == 0 ? "infinite" : "-");
}

typedef struct row {
    const char *name, *lo, *median, *hi, *note;
} row;

static void put_rows(FILE *out, const pv_findings *f)
{
    static const row rows[] = {
        {"Clopper-Pearson", "epsilon.clopper_pearson.lo", NULL,
         "epsilon.clopper_pearson.hi", "a bound: may accuse"},
        {"Jeffreys", "epsilon.jeffreys.lo", NULL, "epsilon.jeffreys.hi",
         "an estimate"},
        {"Bayes", "epsilon.bayes.lo", "epsilon.bayes.median",
         "epsilon.bayes.hi", "an estimate"},
        {"Gaussian DP", "epsilon.gdp.lo", NULL, NULL,
         "a bound for Gaussian mechanisms alone"},
        {"one run", "epsilon.one_run.lo", NULL, NULL, "a bound: may accuse"},
        {"one run, GDP", "epsilon.one_run_gdp.lo", NULL, NULL,
         "a bound for Gaussian mechanisms alone"},
    };
    (void)fprintf(out, "  %-16s %10s %10s %10s\n", "epsilon", "lower", "median",
                  "upper");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (pv_findings_find(f, rows[i].lo) == NULL)
            continue;
        (void)fprintf(out, "  %-16s", rows[i].name);
        put_cell(out, f, rows[i].lo);
        put_cell(out, f, rows[i].median);
        put_cell(out, f, rows[i].hi);
        (void)fprintf(out, "  %s\n", rows[i].note);
    }
}

static double value_of(const pv_findings *f, const char *id)
{
    const pv_metric *m = pv_findings_find(f, id);
    return m != NULL && m->status == PV_METRIC_OK ? m->value : 0;
}

static bool turned(const pv_findings *f)
{
    const double tp = option(f, "tp"), fn = option(f, "fn");
    const double fp = option(f, "fp"), tn = option(f, "tn");
    return fn / (fn + tp) + fp / (fp + tn) > 1;
}

static void put_meaning(FILE *out, const pv_findings *f)
{
    const double lo = value_of(f, "epsilon.clopper_pearson.lo");
    /* counts worse than chance: the guess is turned round after the fact, and
     * both sides of the interval are paid for */
    const double sides = turned(f) ? 1 : 2;
    const double confidence = 100 * (1 - option(f, "alpha") / sides);
    if (lo > 0)
        (void)fprintf(out,
                      "With %g %% confidence no epsilon below %.4f is kept at "
                      "delta %s (Clopper-Pearson);\n"
                      "a larger one is not proved: another attack may show "
                      "more.\n",
                      confidence, lo, text_of(f, "delta"));
    else
        (void)fprintf(out,
                      "These counts refute no epsilon with %g %% confidence; "
                      "another attack may.\n",
                      confidence);
    (void)fprintf(out,
                  "That is of independent runs and a threshold fixed "
                  "beforehand. Of as many runs a perfect\nattack would show "
                  "%.4f: the most that this bound can.\n",
                  value_of(f, "epsilon.clopper_pearson.largest"));
}

static void put_claim(FILE *out, const pv_findings *f, bool colour)
{
    const pv_metric *m = pv_findings_find(f, "epsilon.claim.exceeded");
    if (m == NULL || m->status != PV_METRIC_OK)
        return;
    if (m->value > 0)
        (void)fprintf(out, "%sVIOLATION%s: above the claim of %s lies %s.\n",
                      colour ? "\033[1;31m" : "", colour ? "\033[0m" : "",
                      text_of(f, "claim"), m->reason);
    else
        (void)fprintf(out,
                      "No bound that may accuse lies above the claim of %s: "
                      "no violation shown, none excluded.\n",
                      text_of(f, "claim"));
}

void pv_summary_epsilon(FILE *out, const pv_findings *findings, bool colour)
{
    (void)fprintf(out, "TP %s  FP %s  TN %s  FN %s  delta %s  alpha %s "
                       "(two-sided)\n",
                  text_of(findings, "tp"), text_of(findings, "fp"),
                  text_of(findings, "tn"), text_of(findings, "fn"),
                  text_of(findings, "delta"), text_of(findings, "alpha"));
    pv_summary_heading(out, "Empirical epsilon", colour);
    put_rows(out, findings);
    (void)putc('\n', out);
    put_meaning(out, findings);
    put_claim(out, findings, colour);
}
