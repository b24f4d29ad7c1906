#include "audit/report/criteria.h"

#include <math.h>
#include <string.h>

static bool same_text(const char *asked, const char *text)
{
    return asked == NULL || (text != NULL && strcmp(asked, text) == 0);
}

static bool in_scope(const pv_criterion *c, const pv_metric *m)
{
    if (strcmp(c->metric, m->id) != 0 ||
        !same_text(c->scope.rule, m->scope.rule) ||
        !same_text(c->scope.table, m->scope.table) ||
        !same_text(c->scope.attack, m->scope.attack))
        return false;
    if (c->scope.columns == 0)
        return true;
    if (c->scope.columns != m->scope.columns)
        return false;
    for (size_t i = 0; i < c->scope.columns; i++)
        if (strcmp(c->scope.column[i], m->scope.column[i]) != 0)
            return false;
    return true;
}

static bool meets(double value, pv_comparator op, double threshold)
{
    switch (op) {
    case PV_LE:
        return value <= threshold;
    case PV_GE:
        return value >= threshold;
    case PV_LT:
        return value < threshold;
    case PV_GT:
        return value > threshold;
    case PV_EQ:
        break;
    }
    return value == threshold;
}

/* Whether a is further from meeting the criterion than b. */
static bool worse(double a, double b, const pv_verdict *v)
{
    const pv_comparator op = v->criterion->op;
    if (op == PV_EQ)
        return fabs(a - v->threshold) > fabs(b - v->threshold);
    return op == PV_LE || op == PV_LT ? a > b : a < b;
}

/* Why a metric is no evidence; NULL when it is, with the number compared. */
static const char *no_evidence(const pv_metric *m, pv_part of, double *number)
{
    if (m->status != PV_METRIC_OK)
        return m->reason;
    if (of != PV_VALUE && !m->has_ci)
        return "the metric has no interval";
    *number = of == PV_VALUE ? m->value : m->ci[of == PV_UPPER];
    return isfinite(*number) ? NULL : "the result is not a finite number";
}

/* The threshold, when it is another metric's value; or why there is none. */
static const char *find_threshold(pv_verdict *v,
                                  const pv_findings *const *findings,
                                  size_t count)
{
    const char *reason = "no findings have the metric that is the threshold";
    v->threshold = v->criterion->threshold;
    v->has_threshold = v->criterion->threshold_metric == NULL;
    for (size_t i = 0; i < count && !v->has_threshold; i++) {
        const pv_metric *m =
            pv_findings_find(findings[i], v->criterion->threshold_metric);
        if (m == NULL)
            continue;
        const char *why = no_evidence(m, PV_VALUE, &v->threshold);
        v->has_threshold = why == NULL;
        if (why != NULL)
            reason = why;
    }
    return v->has_threshold ? NULL : reason;
}

/* Takes one metric into the line so far. */
static void take(pv_verdict *v, const pv_metric *m, const char **problem)
{
    double number = NAN;
    const char *why = no_evidence(m, v->criterion->of, &number);
    v->looked_at++;
    if (why != NULL) {
        *problem = why;
        return;
    }
    if (v->decided != NULL && !worse(number, v->observed, v))
        return;
    v->decided = m;
    v->observed = number;
}

pv_verdict pv_judge(const pv_criterion *criterion,
                    const pv_findings *const *findings, size_t count)
{
    pv_verdict v = {.criterion = criterion,
                    .result = PV_RESULT_NOT_RUN,
                    .observed = NAN};
    const char *problem = NULL;
    v.reason = find_threshold(&v, findings, count);
    for (size_t f = 0; f < count; f++)
        for (size_t i = 0; i < pv_findings_count(findings[f]); i++) {
            const pv_metric *m = pv_findings_metric(findings[f], i);
            if (in_scope(criterion, m))
                take(&v, m, &problem);
        }
    if (!v.has_threshold)
        return v;
    if (v.looked_at == 0) {
        v.reason = "no findings have this metric";
    } else if (v.decided != NULL &&
               !meets(v.observed, criterion->op, v.threshold)) {
        v.result = criterion->mandatory ? PV_RESULT_FAIL : PV_RESULT_WARN;
    } else if (problem != NULL) {
        v.reason = problem;
        v.decided = NULL;
        v.observed = NAN;
    } else {
        v.result = PV_RESULT_PASS;
    }
    return v;
}

pv_overall pv_judge_all(const pv_verdict *verdict, size_t count)
{
    bool asked = false, missing = false;
    for (size_t i = 0; i < count; i++) {
        if (!verdict[i].criterion->mandatory)
            continue;
        asked = true;
        if (verdict[i].result == PV_RESULT_FAIL)
            return PV_OVERALL_FAIL;
        missing = missing || verdict[i].result != PV_RESULT_PASS;
    }
    return asked && !missing ? PV_OVERALL_PASS : PV_OVERALL_INCONCLUSIVE;
}

const char *pv_result_text(pv_result result)
{
    static const char *const text[] = {"PASS", "WARN", "FAIL", "NOT-RUN"};
    return text[result];
}

const char *pv_overall_text(pv_overall overall)
{
    static const char *const text[] = {"PASS", "FAIL", "INCONCLUSIVE"};
    return text[overall];
}

const char *pv_comparator_text(pv_comparator op)
{
    static const char *const text[] = {"<=", ">=", "<", ">", "=="};
    return text[op];
}

const char *pv_part_text(pv_part part)
{
    static const char *const text[] = {"value", "lower", "upper"};
    return text[part];
}
