#include "audit/summary.h"

#include "audit/summary_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void pv_summary_text(FILE *out, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != 0; c++) {
        const bool c1 = *c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0;
        putc(*c < 0x20 || *c == 0x7f || c1 ? '?' : *c, out);
        c += c1;
    }
}

void pv_summary_heading(FILE *out, const char *text, bool colour)
{
    fprintf(out, "\n%s%s%s\n", colour ? "\033[1m" : "", text,
            colour ? "\033[0m" : "");
}

void pv_summary_inputs(FILE *out, const pv_findings *f)
{
    static const char *const role[] = {"real", "synthetic", "holdout",
                                       "schema"};
    for (size_t i = 0; i < sizeof role / sizeof *role; i++) {
        const pv_input *in = pv_findings_input(f, role[i]);
        if (in == NULL)
            continue;
        fprintf(out, "  %-10s", role[i]);
        pv_summary_text(out, in->path);
        if (in->rows >= 0)
            fprintf(out, "  (%lld rows)", (long long)in->rows);
        putc('\n', out);
    }
    const char *binning = pv_findings_option(f, "binning");
    if (binning != NULL && strcmp(binning, "nist") == 0)
        fputs("  bins      of the NIST data excerpts, by ranks in the real "
              "table\n",
              out);
}

/* A value in a column of the table; "-" where there is none. */
static void put_cell(FILE *out, const pv_findings *f, const char *prefix,
                     int ways, const char *name)
{
    char id[64];
    snprintf(id, sizeof id, "%s.%dway.%s", prefix, ways, name);
    const pv_metric *m = pv_findings_find(f, id);
    if (m != NULL && m->status == PV_METRIC_OK)
        fprintf(out, " %10.4f", m->value);
    else
        fprintf(out, " %10s", "-");
}

static void put_distances(FILE *out, const pv_findings *f, bool colour)
{
    const bool holdout = pv_findings_input(f, "holdout") != NULL;
    pv_summary_heading(out, "Distances of marginals", colour);
    fprintf(out, "  %-8s %10s %10s %10s %10s", "columns", "mean TV", "p95 TV",
            "max TV", "mean L1");
    fprintf(out, holdout ? " %10s %10s\n" : "\n", "ho. mean", "ho. max");
    for (int ways = 1; ways <= 3; ways++) {
        fprintf(out, "  %-8d", ways);
        put_cell(out, f, "tv", ways, "mean");
        put_cell(out, f, "tv", ways, "p95");
        put_cell(out, f, "tv", ways, "max");
        put_cell(out, f, "error", ways, "l1");
        if (holdout) {
            put_cell(out, f, "tv", ways, "mean.holdout");
            put_cell(out, f, "tv", ways, "max.holdout");
        }
        putc('\n', out);
    }
    if (holdout)
        fputs("  ho.: the holdout against the real table, which is what "
              "sampling people makes.\n",
              out);
}

static void put_columns(FILE *out, const pv_scope *scope)
{
    for (size_t i = 0; i < scope->columns; i++) {
        if (i > 0)
            fputs(" x ", out);
        pv_summary_text(out, scope->column[i]);
    }
}

/* The metrics <prefix>1, <prefix>2, ... down to those that are equal. */
static void put_worst(FILE *out, const pv_findings *f, const char *title,
                      const char *prefix, bool colour)
{
    for (int i = 1;; i++) {
        char id[64];
        snprintf(id, sizeof id, "%s%d", prefix, i);
        const pv_metric *m = pv_findings_find(f, id);
        if (m == NULL || m->status != PV_METRIC_OK || m->value <= 0)
            return;
        if (i == 1)
            pv_summary_heading(out, title, colour);
        fprintf(out, "  %10.4f  ", m->value);
        put_columns(out, &m->scope);
        putc('\n', out);
    }
}

static bool is_group(const pv_metric *m, const char *prefix)
{
    return m->status == PV_METRIC_OK && m->scope.table == NULL &&
           strncmp(m->id, prefix, strlen(prefix)) == 0;
}

/* The score, and the groups that are worst. */
static void put_kmarginal(FILE *out, const pv_findings *f, bool colour)
{
    enum { most = 5 };
    static const char prefix[] = "kmarginal.group.";
    const pv_metric *score = pv_findings_find(f, "kmarginal.score");
    if (score == NULL || score->status != PV_METRIC_OK)
        return;
    pv_summary_heading(out, "k-marginal score (1000 is equal)", colour);
    fprintf(out, "  %10.2f  ", score->value);
    fputs(score->scope.columns > 0 ? "all pairs, by " : "all pairs", out);
    put_columns(out, &score->scope);
    putc('\n', out);
    double above = -INFINITY; /* groups come in rising order, ties together */
    for (int shown = 0; shown < most;) {
        double next = INFINITY;
        for (size_t i = 0; i < pv_findings_count(f); i++) {
            const pv_metric *m = pv_findings_metric(f, i);
            if (is_group(m, prefix) && m->value > above && m->value < next)
                next = m->value;
        }
        if (next == INFINITY)
            return;
        for (size_t i = 0; i < pv_findings_count(f); i++) {
            const pv_metric *m = pv_findings_metric(f, i);
            if (!is_group(m, prefix) || m->value != next || shown >= most)
                continue;
            fprintf(out, "  %10.2f  ", m->value);
            pv_summary_text(out, m->id + sizeof prefix - 1);
            putc('\n', out);
            shown++;
        }
        above = next;
    }
}

/* The value of an ok metric, else `otherwise`. */
static double value_of(const pv_findings *f, const char *id, double otherwise)
{
    const pv_metric *m = pv_findings_find(f, id);
    return m != NULL && m->status == PV_METRIC_OK ? m->value : otherwise;
}

static void put_rules(FILE *out, const pv_findings *f)
{
    for (int i = 1;; i++) {
        char id[64];
        snprintf(id, sizeof id, "zeros.violations.rule.%d", i);
        const pv_metric *m = pv_findings_find(f, id);
        if (m == NULL)
            return;
        if (m->status != PV_METRIC_OK || m->value <= 0)
            continue;
        fprintf(out, "  %10.0f  ", m->value);
        pv_summary_text(out, m->scope.rule != NULL ? m->scope.rule : "?");
        putc('\n', out);
    }
}

static void put_validity(FILE *out, const pv_findings *f, bool colour)
{
    const pv_metric *zeros = pv_findings_find(f, "zeros.violations");
    pv_summary_heading(out, "Validity of the synthetic table", colour);
    fprintf(out, "  %10.4f  rows of the synthetic table for one of the real\n",
            value_of(f, "rows.ratio", 0.0));
    if (pv_findings_find(f, "domain.violations") != NULL)
        fprintf(out, "  %10.0f  values outside the schema\n",
                value_of(f, "domain.violations", 0.0));
    if (zeros != NULL && zeros->reason == NULL)
        fprintf(out,
                "  %10.0f  rows that break a structural zero "
                "(real table: %.0f)%s\n",
                zeros->value, value_of(f, "zeros.violations.real", 0.0),
                zeros->value > 0 ? ", by rule:" : "");
    else
        fputs("           -  structural zeros: the schema declares none\n",
              out);
    put_rules(out, f);
}

/* True when an earlier metric is missing for the same reason. */
static bool reason_was_given(const pv_findings *f, size_t i)
{
    const pv_metric *m = pv_findings_metric(f, i);
    for (size_t j = 0; j < i; j++) {
        const pv_metric *before = pv_findings_metric(f, j);
        if (before->status != PV_METRIC_OK &&
            strcmp(before->reason, m->reason) == 0)
            return true;
    }
    return false;
}

void pv_summary_missing(FILE *out, const pv_findings *f, bool colour)
{
    bool titled = false;
    for (size_t i = 0; i < pv_findings_count(f); i++) {
        const pv_metric *m = pv_findings_metric(f, i);
        if (m->status == PV_METRIC_OK || reason_was_given(f, i))
            continue;
        if (!titled)
            pv_summary_heading(out, "Not computed", colour);
        titled = true;
        fprintf(out, "  %s:\n", m->reason);
        for (size_t j = i; j < pv_findings_count(f); j++) {
            const pv_metric *other = pv_findings_metric(f, j);
            if (other->status == PV_METRIC_OK ||
                strcmp(other->reason, m->reason) != 0)
                continue;
            fputs("    ", out);
            pv_summary_text(out, other->id);
            putc('\n', out);
        }
    }
}

void pv_summary_fidelity(FILE *out, const pv_findings *findings, bool colour)
{
    fputs("How far the synthetic table's counts are from the real table's, for "
          "every column, pair\nand triple of columns. TV (total variation) is "
          "the share of rows that would have to\nchange to make the two alike: "
          "0 is equal, 1 disjoint. L1 is the sum of all differences\nof counts "
          "for each real row.\n\n",
          out);
    pv_summary_inputs(out, findings);
    put_distances(out, findings, colour);
    put_worst(out, findings, "Worst columns (TV)", "tv.1way.worst.", colour);
    put_worst(out, findings, "Worst pairs of columns (TV)", "tv.2way.worst.",
              colour);
    put_kmarginal(out, findings, colour);
    pv_summary_comparisons(out, findings, colour);
    pv_summary_queries(out, findings, colour);
    put_validity(out, findings, colour);
    pv_summary_missing(out, findings, colour);
    fputs("\nInternal: these figures are exact functions of the real table and "
          "are themselves\ndisclosures. No privacy budget covers them; do not "
          "publish them.\n",
          out);
}
