/* Fidelity, and subgroups. */
#include "audit/report/section.h"

#include "audit/report/chart.h"
#include "audit/report/text.h"
#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double value_of(const pv_report *r, const char *id)
{
    const pv_metric *m = pv_report_metric(r, id);
    return m != NULL && m->status == PV_METRIC_OK ? m->value : NAN;
}

static void add_overview(const pv_report *r, pv_document *d, pv_element *s)
{
    static const char *const heading[] = {
        "Columns",        "Mean TV",       "95th percentile", "Largest TV",
        "Holdout: mean TV", "Holdout: largest", NULL};
    static const char *const id[] = {"tv.%dway.mean", "tv.%dway.p95",
                                     "tv.%dway.max", "tv.%dway.mean.holdout",
                                     "tv.%dway.max.holdout"};
    static const char *const name[] = {"single", "pairs", "triples"};
    pv_element *table = pv_add_table(
        d, s, "Distance of marginals: the share of rows out of place", heading);
    for (int ways = 1; ways <= 3; ways++) {
        char text[64];
        pv_element *row = pv_add(d, table, PV_ELEMENT_ROW, NULL);
        (void)pv_add(d, row, PV_ELEMENT_CELL, name[ways - 1]);
        for (size_t i = 0; i < sizeof id / sizeof *id; i++) {
            const char *way = strchr(id[i], '%');
            (void)snprintf(text, sizeof text, "tv.%d%s", ways, way + 2);
            pv_add_number(d, row, value_of(r, text));
        }
    }
    (void)pv_add(d, s, PV_ELEMENT_PARAGRAPH,
                 "The holdout are real people whom no generator saw: their distance "
                 "is what sampling alone makes. A synthetic table much nearer than "
                 "that has copied.");
}

/* The metrics <prefix>1, <prefix>2, ... as a chart. */
static void add_worst(const pv_report *r, pv_document *d, pv_element *s,
                      const char *title, const char *prefix)
{
    enum { most = 10 };
    char *label[most] = {NULL};
    double value[most];
    size_t count = 0;
    for (; count < most; count++) {
        char id[64];
        (void)snprintf(id, sizeof id, "%s%zu", prefix, count + 1);
        const pv_metric *m = pv_report_metric(r, id);
        if (m == NULL || m->status != PV_METRIC_OK)
            break;
        label[count] = pv_text_scope(&m->scope);
        value[count] = m->value;
        if (label[count] == NULL)
            break;
    }
    if (count > 0)
        (void)pv_add_figure(d, s, title,
                            "Bars, the worst first. The same numbers are in the "
                            "table of distances.",
                            pv_chart_ranks((const char *const *)label, value,
                                           count, 0));
    for (size_t i = 0; i < most; i++)
        free(label[i]);
}

void pv_section_fidelity(const pv_report *r, pv_document *d)
{
    static const char *const distance[] = {"tv.", "error.", NULL};
    static const char *const oneway[] = {
        "ks.",        "wasserstein.", "hellinger.", "jsd.",
        "missing.",   "coverage.",    "mean.diff.", "sd.diff.",
        "median.diff.", "qmse.",      NULL};
    static const char *const score[] = {"kmarginal.score", NULL};
    static const char *const association[] = {
        "pearson.", "spearman.", "kendall.", "cramersv.", "eta.", NULL};
    static const char *const apart[] = {"pmse",   "propensity.", "pca.",
                                        "nn.",    "specks",      "vw.",
                                        "information.", "po50",  "ft.",
                                        "g2.",    "alpha.",      "beta.",
                                        "authenticity", NULL};
    static const char *const queries[] = {"queries.", NULL};
    static const char *const yardstick[] = {"yardstick.", NULL};
    pv_element *s = pv_add_section(d, "fidelity", "6 Fidelity");
    pv_element *part;
    add_overview(r, d, s);
    part = pv_add(d, s, PV_ELEMENT_PART, "The worst");
    (void)pv_add(d, part, PV_ELEMENT_PARAGRAPH,
                 "Look here before at any mean: one ruined column hardly moves a mean.");
    part = pv_add(d, part, PV_ELEMENT_PART, NULL);
    add_worst(r, d, part, "Worst columns, TV", "tv.1way.worst.");
    add_worst(r, d, part, "Worst pairs of columns, TV", "tv.2way.worst.");
    add_worst(r, d, part, "Worst triples of columns, TV", "tv.3way.worst.");
    pv_add_levels(r, d, s);
    pv_add_pairs(r, d, s);
    part = pv_add(d, s, PV_ELEMENT_PART, "Scores and associations");
    (void)pv_add_metrics(r, d, part, "k-marginal score; 1000 is equal", score);
    (void)pv_add_metrics(r, d, part, "Differences of associations", association);
    (void)pv_add_metrics(r, d, part, "Differences of answers to queries", queries);
    part = pv_add(d, s, PV_ELEMENT_PART, "Can the tables be told apart?");
    (void)pv_add_metrics(r, d, part, "Propensity, components, neighbours", apart);
    (void)pv_add(d, part, PV_ELEMENT_PARAGRAPH,
                 "A pMSE ratio well below 1 is an alarm: nearer to the real table than "
                 "another sample of people would be.");
    pv_add_components(r, d, part);
    part = pv_add(d, s, PV_ELEMENT_PART, "Yardstick: samples of the real table");
    pv_add_yardstick(r, d, part);
    (void)pv_add_metrics(r, d, part, "Scores as a share of the real rows", yardstick);
    part = pv_add(d, s, PV_ELEMENT_DETAILS, "All distances as a table");
    (void)pv_add_metrics(r, d, part, "Distances of marginals", distance);
    (void)pv_add_metrics(r, d, part, "Other distances of columns", oneway);
}

/* --- subgroups ---------------------------------------------------------------- */

typedef struct group {
    char *name;
    double score;
} group;

static int by_score(const void *a, const void *b)
{
    const double x = ((const group *)a)->score, y = ((const group *)b)->score;
    return (x > y) - (x < y);
}

/* The worst groups by their k-marginal score. */
static size_t find_groups(const pv_report *r, group *found, size_t room)
{
    static const char prefix[] = "kmarginal.group.";
    size_t count = 0;
    for (size_t f = 0; f < r->count; f++)
        for (size_t i = 0; i < pv_findings_count(pv_report_shown(r, f)); i++) {
            const pv_metric *m = pv_findings_metric(pv_report_shown(r, f), i);
            if (m->status != PV_METRIC_OK || m->scope.table != NULL ||
                strncmp(m->id, prefix, sizeof prefix - 1) != 0)
                continue;
            const size_t at = count < room ? count : room - 1;
            if (count >= room && found[at].score <= m->value)
                continue;
            if (count >= room)
                free(found[at].name);
            else
                count++;
            found[at] = (group){pv_text_clean(m->id + sizeof prefix - 1),
                                m->value};
            qsort(found, count, sizeof *found, by_score);
        }
    return count;
}

void pv_section_subgroups(const pv_report *r, pv_document *d)
{
    enum { most = 25 };
    static const char *const metrics[] = {"kmarginal.group.", "subgroup.", NULL};
    group found[most];
    const char *label[most];
    double value[most];
    pv_element *s = pv_add_section(d, "subgroups", "8 Subgroups");
    const size_t count = find_groups(r, found, most);
    for (size_t i = 0; i < count; i++) {
        label[i] = found[i].name != NULL ? found[i].name : "?";
        value[i] = found[i].score;
    }
    if (count > 0)
        (void)pv_add_figure(d, s, "k-marginal score by group, the worst first",
                            "Bars from 0 to 1000, which is equal. The same numbers "
                            "are in the table.",
                            pv_chart_ranks(label, value, count, 1000));
    if (count > 1)
        (void)pv_add_format(d, s, PV_ELEMENT_PARAGRAPH,
                            "The worst group scores %.0f, the best of those shown "
                            "%.0f.",
                            value[0], value[count - 1]);
    (void)pv_add_metrics(r, d, s, "Scores by group (--group)", metrics);
    (void)pv_add(d, s, PV_ELEMENT_PARAGRAPH,
                 "The smaller a group, the more of its counts is noise. Groups of few "
                 "people have low scores in a sample of the real table too.");
    for (size_t i = 0; i < count; i++)
        free(found[i].name);
}
