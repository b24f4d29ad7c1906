#include "audit/summary.h"

#include "audit/summary_text.h"

#include <stdlib.h>
#include <string.h>

/* An ok metric, or NULL. */
static const pv_metric *find(const pv_findings *f, const char *id)
{
    const pv_metric *m = pv_findings_find(f, id);
    return m != NULL && m->status == PV_METRIC_OK ? m : NULL;
}

static void put_percent(FILE *out, const pv_metric *m)
{
    fprintf(out, "%.1f %% (95 %%: %.1f to %.1f)", 100 * m->value,
            100 * m->ci[0], 100 * m->ci[1]);
}

/* What the numbers mean, in words. */
static void put_meaning(FILE *out, const pv_findings *f)
{
    const pv_metric *best = find(f, "attack.best.accuracy");
    const pv_metric *control = find(f, "attack.control.accuracy");
    const pv_metric *majority = find(f, "attack.majority.accuracy");
    const pv_metric *leakage = find(f, "attack.leakage");
    const pv_metric *adjusted = find(f, "attack.leakage.adjusted");
    if (best == NULL) {
        fputs("No reconstruction could be run; see below why.\n", out);
        return;
    }
    fputs("Someone who knows ", out);
    fprintf(out, "%s other columns of %s people and has the synthetic table\n",
            pv_findings_option(f, "known"), pv_findings_option(f, "people"));
    fputs("guesses their ", out);
    pv_summary_text(out, pv_findings_option(f, "secret"));
    fputs(" right in ", out);
    put_percent(out, best);
    fputs(" of cases", out);
    if (majority != NULL)
        fprintf(out, ";\nwho always guesses the commonest is, in %.1f %%",
                100 * majority->value);
    fputs(".\n", out);
    if (control == NULL || leakage == NULL || adjusted == NULL) {
        fputs("How much of that is because they are in the data cannot be said "
              "without --holdout:\nmuch may follow from what is true of people "
              "in general.\n",
              out);
        return;
    }
    fputs("Of people who were not in the data, the same attack is right in ",
          out);
    put_percent(out, control);
    fprintf(out,
            ".\nThe difference is %.1f points; %.1f (95 %%: %.1f to %.1f) when "
            "what makes people of the\nholdout easier or harder to guess by "
            "anyone is taken away: %s.\n",
            100 * leakage->value, 100 * adjusted->value,
            100 * adjusted->ci[0], 100 * adjusted->ci[1],
            adjusted->ci[0] > 0   ? "being in the data gives people away"
            : adjusted->ci[1] < 0 ? "the two groups differ otherwise"
                                  : "no leak is seen");
}

/* --- tables --------------------------------------------------------------- */

static void put_cell(FILE *out, const pv_findings *f, const char *prefix,
                     const char *who, const char *what)
{
    char id[96];
    snprintf(id, sizeof id, "%s%s%s%s", prefix, who, *who != '\0' ? "." : "",
             what);
    const pv_metric *m = find(f, id);
    if (m == NULL)
        fprintf(out, "  %-22s", "-");
    else
        fprintf(out, "  %.3f (%.3f to %.3f)", m->value, m->ci[0], m->ci[1]);
}

static void put_attackers(FILE *out, const pv_findings *f, bool colour)
{
    static const char *const who[] = {"best",  "l1",       "pdhg",
                                      "ls",    "wls",      "whitebox",
                                      "model", "majority", "nearest"};
    pv_summary_heading(out, "Guessing the secret", colour);
    fprintf(out, "  %-9s  %-22s  %-22s  %-22s\n", "by", "accuracy", "AUC",
            "accuracy, control");
    for (size_t i = 0; i < sizeof who / sizeof *who; i++) {
        char id[64];
        snprintf(id, sizeof id, "attack.%s.accuracy", who[i]);
        if (find(f, id) == NULL)
            continue;
        fprintf(out, "  %-9s", who[i]);
        put_cell(out, f, "attack.", who[i], "accuracy");
        put_cell(out, f, "attack.", who[i], "auc");
        put_cell(out, f, "attack.control.", i == 0 ? "" : who[i], "accuracy");
        putc('\n', out);
    }
    const pv_metric *best = find(f, "attack.best.accuracy");
    if (best != NULL && best->reason != NULL)
        fprintf(out, "  best: %s.\n", best->reason);
}

static void put_others(FILE *out, const pv_findings *f, bool colour)
{
    static const struct {
        const char *prefix, *title;
    } attack[] = {
        {"singling_out.univariate", "singling out by one column"},
        {"singling_out.multivariate", "singling out by several"},
        {"linkability", "linking two halves of a record"},
        {"inference.nearest", "inference from the nearest record"}};
    bool titled = false;
    for (size_t i = 0; i < sizeof attack / sizeof *attack; i++) {
        char id[96];
        snprintf(id, sizeof id, "%s.rate", attack[i].prefix);
        if (find(f, id) == NULL)
            continue;
        if (!titled) {
            pv_summary_heading(out, "Other attacks: share that succeed",
                               colour);
            fprintf(out, "  %-34s  %-22s  %-22s  %-22s\n", "", "rate",
                    "control", "risk");
        }
        titled = true;
        fprintf(out, "  %-34s", attack[i].title);
        put_cell(out, f, attack[i].prefix, "", ".rate");
        put_cell(out, f, attack[i].prefix, "", ".control");
        put_cell(out, f, attack[i].prefix, "", ".risk");
        putc('\n', out);
    }
}

static void put_membership(FILE *out, const pv_findings *f, bool colour)
{
    static const struct {
        const char *id, *title;
    } metric[] = {{"membership.density.auc", "AUC by density ratio"},
                  {"membership.counts.auc", "AUC by targeted counts"}};
    bool titled = false;
    for (size_t i = 0; i < sizeof metric / sizeof *metric; i++) {
        if (find(f, metric[i].id) == NULL)
            continue;
        if (!titled)
            pv_summary_heading(out,
                               "Telling who was in the data (0.5: guessing)",
                               colour);
        titled = true;
        fprintf(out, "  %-34s", metric[i].title);
        put_cell(out, f, metric[i].id, "", "");
        putc('\n', out);
    }
}

void pv_summary_attack(FILE *out, const pv_findings *findings, bool colour)
{
    put_meaning(out, findings);
    putc('\n', out);
    pv_summary_inputs(out, findings);
    put_attackers(out, findings, colour);
    put_others(out, findings, colour);
    put_membership(out, findings, colour);
    pv_summary_missing(out, findings, colour);
    fputs("\nIntervals are 95 %, for this one release: another would give other "
          "figures. Attacks show\nwhat leaks, never that nothing does. Internal: "
          "the figures speak of real people.\n",
          out);
}
