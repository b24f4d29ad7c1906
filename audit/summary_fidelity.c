/* The text's lines on all that is not a distance of counts. */
#include "audit/summary_text.h"

#include <stdio.h>

typedef struct line {
    const char *id, *text;
} line;

static const line lines[] = {
    {"ks.max", "largest distance of two distribution functions (KS): "},
    {"missing.max", "largest difference of shares of missing values: "},
    {"coverage.mean", "of the levels that real rows have, mean over columns"},
    {"pearson.mean_abs_diff", "mean difference of Pearson correlations"},
    {"cramersv.mean_abs_diff", "mean difference of Cramer's V"},
    {"cramersv.max_abs_diff", "the largest: "},
    {"pmse.ratio", "pMSE over what rows drawn from the real ones give (1)"},
    {"propensity.auc", "rows told apart by a regression, held out (0.5)"},
    {"pca.ks.mean", "mean KS along the first principal components"},
    {"nn.coverage", "of real rows have a synthetic one near them"},
    {"nn.precision", "of synthetic rows have a real one near them"},
    {"exact_match.unique.share", "of the unique real rows are in the table"},
    {"duplicates.synthetic", "of its rows repeat another"},
    {"subgroup.worst", "mean TV of columns in the worst group by "},
};

static void put_value(FILE *out, const pv_metric *m)
{
    if (m != NULL && m->status == PV_METRIC_OK)
        fprintf(out, "  %10.4f", m->value);
    else
        fprintf(out, "  %10s", "-");
}

void pv_summary_comparisons(FILE *out, const pv_findings *f, bool colour)
{
    const bool holdout = pv_findings_input(f, "holdout") != NULL;
    bool titled = false;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const pv_metric *m = pv_findings_find(f, lines[i].id);
        char id[64];
        if (m == NULL || m->status != PV_METRIC_OK)
            continue;
        if (!titled)
            pv_summary_heading(out, "Beyond counts", colour);
        if (!titled && holdout)
            fprintf(out, "  %10s  %10s\n", "", "holdout");
        titled = true;
        put_value(out, m);
        snprintf(id, sizeof id, "%s.holdout", lines[i].id);
        if (holdout)
            put_value(out, pv_findings_find(f, id));
        fprintf(out, "  %s", lines[i].text);
        for (size_t c = 0; c < m->scope.columns; c++) {
            fputs(c > 0 ? " x " : "", out);
            pv_summary_text(out, m->scope.column[c]);
        }
        putc('\n', out);
    }
}

void pv_summary_queries(FILE *out, const pv_findings *f, bool colour)
{
    for (int i = 1;; i++) {
        char id[2][48];
        snprintf(id[0], sizeof id[0], "queries.%d.mean", i);
        snprintf(id[1], sizeof id[1], "queries.%d.max", i);
        const pv_metric *mean = pv_findings_find(f, id[0]);
        if (mean == NULL)
            break;
        if (i == 1) {
            pv_summary_heading(out, "Answers to queries, difference of shares",
                               colour);
            fprintf(out, "  %10s  %10s\n", "mean", "largest");
        }
        put_value(out, mean);
        put_value(out, pv_findings_find(f, id[1]));
        fputs("  ", out);
        pv_summary_text(out, mean->scope.rule != NULL ? mean->scope.rule : "");
        putc('\n', out);
    }
}
