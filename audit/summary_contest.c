#include "audit/summary.h"
#include "audit/summary_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* The metric of an id that has this scope, or NULL. */
static const pv_metric *find(const pv_findings *f, const char *id,
                             const pv_scope *scope)
{
    for (size_t i = 0; i < pv_findings_count(f); i++) {
        const pv_metric *m = pv_findings_metric(f, i);
        if (strcmp(m->id, id) == 0 && same(m->scope.table, scope->table) &&
            same(m->scope.attack, scope->attack))
            return m;
    }
    return NULL;
}

static void put(FILE *out, const pv_findings *f, const char *id,
                const pv_scope *scope, const char *format)
{
    const pv_metric *m = find(f, id, scope);
    if (m != NULL && m->status == PV_METRIC_OK)
        (void)fprintf(out, format, m->value);
    else
        (void)fprintf(out, " %7s",
                      m != NULL && m->reason != NULL &&
                              strcmp(m->reason, "infinite") == 0
                          ? "inf"
                          : "-");
}

static const char *option(const pv_findings *f, const char *name)
{
    const char *text = pv_findings_option(f, name);
    return text != NULL ? text : "";
}

static void put_what(FILE *out, const pv_findings *f)
{
    (void)fputs("mechanism ", out);
    pv_summary_text(out, option(f, "mechanism"));
    (void)fprintf(out,
                  "\n%s runs, half to learn from and half counted; neighbours "
                  "%s; delta %g;\nalpha %g (two-sided) for all bounds together, "
                  "%.4g each\n",
                  option(f, "runs"), option(f, "neighbours"),
                  strtod(option(f, "delta"), NULL),
                  strtod(option(f, "alpha"), NULL),
                  strtod(option(f, "alpha-each"), NULL));
}

static void put_claim(FILE *out, const pv_findings *f)
{
    static const pv_scope none;
    const struct {
        const char *id, *text;
    } claim[] = {{"epsilon.claim.epsilon", " epsilon %.6g"},
                 {"epsilon.claim.rho", " rho %.6g"},
                 {"epsilon.claim.mu", " mu %.6g"},
                 {"epsilon.accounted.rho", "; asked for rho %.6g"}};
    if (find(f, "epsilon.claim.exceeded", &none) == NULL) {
        (void)fputs("no claim to compare with (--claim, --claim-rho)\n", out);
        return;
    }
    (void)fputs("claimed:", out);
    for (size_t i = 0; i < sizeof claim / sizeof *claim; i++)
        if (find(f, claim[i].id, &none) != NULL)
            put(out, f, claim[i].id, &none, claim[i].text);
    (void)putc('\n', out);
}

/* A line a set of counts: each has one Clopper-Pearson bound. */
static void put_looks(FILE *out, const pv_findings *f)
{
    (void)fprintf(out, "  %-9s %7s %7s %7s %7s %7s %7s %7s  %s\n", "pair",
                  "FNR", "FPR", "eps >=", "Bayes", "rho >=", "mu", "mu >=",
                  "attack");
    for (size_t i = 0; i < pv_findings_count(f); i++) {
        const pv_metric *m = pv_findings_metric(f, i);
        if (strcmp(m->id, "epsilon.clopper_pearson.lo") != 0 ||
            m->scope.table == NULL)
            continue;
        const pv_scope *s = &m->scope;
        double count[4];
        static const char *const id[] = {
            "epsilon.counts.tp", "epsilon.counts.fp", "epsilon.counts.tn",
            "epsilon.counts.fn"};
        for (int k = 0; k < 4; k++) {
            const pv_metric *c = find(f, id[k], s);
            count[k] = c != NULL ? c->value : 0;
        }
        (void)fprintf(out, "  %-9s %7.4f %7.4f", s->table,
                      count[3] / (count[0] + count[3]),
                      count[1] / (count[1] + count[2]));
        put(out, f, m->id, s, " %7.4f");
        put(out, f, "epsilon.bayes.median", s, " %7.4f");
        put(out, f, "epsilon.zcdp.rho_lo", s, " %7.4f");
        put(out, f, "epsilon.gdp.mu", s, " %7.4f");
        put(out, f, "epsilon.gdp.mu_lo", s, " %7.4f");
        (void)fputs("  ", out);
        pv_summary_text(out, s->attack != NULL ? s->attack : "");
        (void)putc('\n', out);
    }
    (void)fputs("eps >= and rho >= are bounds that may accuse; Bayes' median and "
                "mu are estimates;\nmu >= is a bound for Gaussian mechanisms "
                "alone.\n",
                out);
}

static void put_accusers(FILE *out, const pv_findings *f)
{
    for (size_t i = 0; i < pv_findings_count(f); i++) {
        const pv_metric *m = pv_findings_metric(f, i);
        if (strcmp(m->id, "epsilon.claim.exceeded") == 0 && m->value > 0 &&
            m->scope.table != NULL) {
            (void)fprintf(out, "  %s, ", m->scope.table);
            pv_summary_text(out, m->scope.attack);
            (void)fprintf(out, ": %s\n", m->reason != NULL ? m->reason : "");
        } else if (strcmp(m->id, "epsilon.accounted.rho") == 0 &&
                   m->reason != NULL) {
            (void)fprintf(out, "  %s\n", m->reason);
        }
    }
}

static void put_verdict(FILE *out, const pv_findings *f, bool colour)
{
    static const pv_scope none;
    const pv_metric *m = find(f, "epsilon.claim.exceeded", &none);
    for (size_t i = 0; i < pv_findings_count(f); i++) {
        const pv_metric *k = pv_findings_metric(f, i);
        if (strcmp(k->id, "epsilon.identical") == 0 && k->value >= 1)
            (void)fprintf(out,
                          "%sIDENTICAL%s: pair %s: the same output for every "
                          "seed. The mechanism ignores its\nseed, or there is "
                          "nothing random in it: then no (epsilon, delta) "
                          "holds unless the output\nis the same on every "
                          "table.\n",
                          colour ? "\033[1;31m" : "", colour ? "\033[0m" : "",
                          k->scope.table);
    }
    if (m == NULL)
        return;
    const pv_metric *claim = find(f, "epsilon.claim.epsilon", &none);
    const pv_metric *largest =
        find(f, "epsilon.clopper_pearson.largest", &none);
    const pv_metric *needed = find(f, "epsilon.claim.runs_needed", &none);
    if (claim != NULL && largest != NULL && claim->value > largest->value)
        (void)fprintf(out,
                      "So few runs could not refute epsilon %.6g whatever they "
                      "gave: that takes --runs %.0f at least.\n",
                      claim->value, needed != NULL ? needed->value : INFINITY);
    if (m->value > 0) {
        (void)fprintf(out, "%sVIOLATION%s: above the claim lies\n",
                      colour ? "\033[1;31m" : "", colour ? "\033[0m" : "");
        put_accusers(out, f);
    } else {
        (void)fputs("No bound that may accuse lies above the claim: no violation "
                    "shown, none excluded.\n",
                    out);
    }
}

void pv_summary_contest(FILE *out, const pv_findings *findings, bool colour)
{
    static const pv_scope none;
    put_what(out, findings);
    put_claim(out, findings);
    pv_summary_heading(out, "Telling neighbouring tables apart", colour);
    put_looks(out, findings);
    (void)fputs("A perfect attack would show eps >=", out);
    put(out, findings, "epsilon.clopper_pearson.largest", &none, " %.4f");
    (void)fputs(" on as many runs: the most that they can.\n", out);
    put_verdict(out, findings, colour);
}
