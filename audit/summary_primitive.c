#include "audit/summary.h"
#include "audit/summary_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Metrics [from, to) of the findings are one case's. */
typedef struct span {
    const pv_findings *findings;
    size_t from, to;
} span;

static const pv_metric *find(const span *s, const char *id)
{
    for (size_t i = s->from; i < s->to; i++) {
        const pv_metric *m = pv_findings_metric(s->findings, i);
        if (strcmp(m->id, id) == 0)
            return m;
    }
    return NULL;
}

static void put(FILE *out, const span *s, const char *id)
{
    const pv_metric *m = find(s, id);
    if (m != NULL && m->status == PV_METRIC_OK)
        (void)fprintf(out, " %9.4f", m->value);
    else
        (void)fprintf(out, " %9s", "-");
}

/* The farthest of the noise's deviations. */
static void put_noise(FILE *out, const span *s)
{
    double worst = 0;
    bool any = false;
    for (size_t i = s->from; i < s->to; i++) {
        const pv_metric *m = pv_findings_metric(s->findings, i);
        if (strncmp(m->id, "primitive.noise.", 16) != 0 ||
            m->status != PV_METRIC_OK)
            continue;
        worst = fmax(worst, fabs(m->value));
        any = true;
    }
    if (any)
        (void)fprintf(out, " %8.1f", worst);
    else
        (void)fprintf(out, " %8s", "-");
}

static void put_case(FILE *out, const span *s, bool colour)
{
    static const char *const columns[] = {
        "primitive.rho.lo", "primitive.rho.claim", "epsilon.clopper_pearson.lo",
        "primitive.epsilon.claim", "epsilon.gdp.mu_lo", "primitive.mu.claim"};
    const pv_metric *violation = find(s, "primitive.violation");
    (void)fprintf(out, "%s\n ",
                  pv_findings_metric(s->findings, s->from)->scope.table);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        put(out, s, columns[i]);
    put_noise(out, s);
    (void)putc('\n', out);
    if (find(s, "primitive.delta.lo") != NULL) {
        (void)fputs("  the unit's own label came out at a rate of at least", out);
        put(out, s, "primitive.delta.lo");
        (void)fputs(", charged", out);
        put(out, s, "primitive.delta.claim");
        (void)putc('\n', out);
    }
    if (violation != NULL && violation->value > 0)
        (void)fprintf(out, "  %sVIOLATION%s: %s\n", colour ? "\033[1;31m" : "",
                      colour ? "\033[0m" : "", violation->reason);
}

static const char *option(const pv_findings *f, const char *name)
{
    const char *text = pv_findings_option(f, name);
    return text != NULL ? text : "";
}

static void put_meaning(FILE *out, const pv_findings *f, size_t violations)
{
    (void)fprintf(out,
                  "\nBounds that may accuse: of rho, epsilon and delta, %s at "
                  "alpha %s in all,\n%.2g each. mu is an estimate. noise: the "
                  "largest deviation from the stated law\nin standard "
                  "deviations; above 6 accuses.\n",
                  option(f, "bounds"), option(f, "alpha"),
                  strtod(option(f, "alpha-each"), NULL));
    if (violations > 0)
        (void)fprintf(out,
                      "%zu of the cases show more than is charged: answers "
                      "of these curators must not be\nreleased. Repeat with "
                      "--seed %s.\n",
                      violations, option(f, "seed"));
    else
        (void)fprintf(out,
                      "No case shows more than is charged. That proves no "
                      "promise; it bounds how far one\ncan be broken without "
                      "showing in so many runs.\n");
}

void pv_summary_primitive(FILE *out, const pv_findings *findings, bool colour)
{
    const size_t count = pv_findings_count(findings);
    size_t violations = 0;
    (void)fprintf(out, "%s runs a case, half on each of two neighbouring "
                       "tables; delta %s\n",
                  option(findings, "runs"), option(findings, "delta"));
    pv_summary_heading(out, "Questions of the curator", colour);
    (void)fprintf(out, "  %9s %9s %9s %9s %9s %9s %8s\n", "rho shown",
                  "charged", "epsilon", "charged", "mu", "charged", "noise");
    for (size_t from = 0, to; from < count; from = to) {
        const char *table = pv_findings_metric(findings, from)->scope.table;
        for (to = from + 1; to < count; to++)
            if (strcmp(pv_findings_metric(findings, to)->scope.table, table) !=
                0)
                break;
        const span s = {findings, from, to};
        const pv_metric *v = find(&s, "primitive.violation");
        violations += v != NULL && v->value > 0;
        put_case(out, &s, colour);
    }
    put_meaning(out, findings, violations);
}
