#include "audit/report/report.h"

#include "audit/report/share.h"
#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A criterion that a release has to meet whatever the others say. */
static const pv_criterion always[] = {
    {.id = "claim.ledger",
     .metric = "claim.ledger",
     .basis = "the privacy claim, recomputed from the release's ledger, holds "
              "(asked of every release)",
     .op = PV_EQ,
     .threshold = 1,
     .mandatory = true},
    {.id = "claim.rng",
     .metric = "claim.rng",
     .basis = "the noise is of a secret key, not of a test seed (asked of every "
              "release)",
     .op = PV_EQ,
     .threshold = 1,
     .mandatory = true}};

enum { always_count = sizeof always / sizeof *always };

/* Whether the criteria ask for the same as mandatory themselves. */
static bool is_asked(const pv_criteria *criteria, const pv_criterion *wanted)
{
    for (size_t i = 0; i < pv_criteria_count(criteria); i++) {
        const pv_criterion *c = pv_criteria_at(criteria, i);
        if (c->mandatory && c->of == PV_VALUE && c->scope.columns == 0 &&
            c->scope.table == NULL && c->scope.rule == NULL &&
            c->scope.attack == NULL && strcmp(c->metric, wanted->metric) == 0 &&
            c->op == PV_EQ && c->threshold_metric == NULL &&
            c->threshold == wanted->threshold)
            return true;
    }
    return false;
}

/* The findings that a metric is among, for the people it is of. */
static const pv_findings *home_of(const pv_findings *const *findings,
                                  size_t count, const pv_metric *metric)
{
    for (size_t f = 0; f < count; f++)
        for (size_t i = 0; i < pv_findings_count(findings[f]); i++)
            if (pv_findings_metric(findings[f], i) == metric)
                return findings[f];
    return NULL;
}

/* A line as it may be shown; `people` of the findings that decided. */
static pv_report_line show_line(const pv_verdict *v, bool shareable,
                                int64_t people)
{
    pv_report_line line = {.criterion = v->criterion,
                           .result = v->result,
                           .has_observed = v->decided != NULL,
                           .has_threshold = v->has_threshold,
                           .observed = v->observed,
                           .threshold = v->threshold,
                           .reason = v->result == PV_RESULT_NOT_RUN ? v->reason
                                                                    : NULL};
    if (v->decided != NULL)
        line.scope = v->decided->scope;
    if (!shareable)
        return line;
    line.scope.rule = NULL;
    if (line.has_observed) {
        line.observed =
            pv_share_value(v->criterion->metric, v->observed, people);
        line.has_observed = isfinite(line.observed);
    }
    if (v->criterion->threshold_metric != NULL && line.has_threshold) {
        line.threshold = pv_share_value(v->criterion->threshold_metric,
                                        v->threshold, people);
        line.has_threshold = isfinite(line.threshold);
    }
    if (line.reason != NULL && strpbrk(line.reason, "0123456789") != NULL)
        line.reason = "the reason has numbers";
    return line;
}

static void judge_one(pv_report *r, pv_verdict *verdict,
                      const pv_criterion *criterion,
                      const pv_findings *const *findings, size_t count)
{
    const pv_verdict v = pv_judge(criterion, findings, count);
    const pv_findings *home =
        v.decided != NULL ? home_of(findings, count, v.decided) : NULL;
    verdict[r->lines] = v;
    r->line[r->lines++] = show_line(&v, r->input->shareable,
                                    home != NULL ? pv_share_people(home) : 0);
}

static pv_status judge(pv_report *r, pv_error *err)
{
    const pv_report_input *in = r->input;
    const size_t criteria = pv_criteria_count(in->criteria);
    const size_t most = criteria + always_count;
    pv_status status = PV_OK;
    pv_verdict *verdict = pv_array_calloc(most, sizeof *verdict);
    const pv_findings **all = pv_array_calloc(in->count + 1, sizeof *all);
    r->line = pv_array_calloc(most, sizeof *r->line);
    if (verdict == NULL || all == NULL || r->line == NULL) {
        status = pv_fail_memory(err, "the verdict");
        goto out;
    }
    for (size_t i = 0; i < in->count; i++)
        all[i] = in->findings[i];
    all[in->count] = r->claim;
    for (size_t i = 0; i < always_count && in->claim != NULL; i++)
        if (!is_asked(in->criteria, &always[i]))
            judge_one(r, verdict, &always[i], all, in->count + 1);
    for (size_t i = 0; i < criteria; i++)
        judge_one(r, verdict, pv_criteria_at(in->criteria, i), all,
                  in->count + 1);
    r->overall = pv_judge_all(verdict, r->lines);
out:
    free(verdict);
    free(all);
    return status;
}

/* A copy of what may be shown. */
static pv_status show(pv_report *r, pv_error *err)
{
    const pv_report_input *in = r->input;
    r->findings = pv_array_calloc(in->count, sizeof *r->findings);
    if (r->findings == NULL)
        return pv_fail_memory(err, "the report");
    for (; r->count < in->count; r->count++) {
        size_t withheld = 0;
        if (!in->shareable)
            continue;
        const pv_status status =
            pv_share(in->findings[r->count], in->schema,
                     &r->findings[r->count], &withheld, err);
        if (status != PV_OK)
            return status;
        r->withheld += withheld;
    }
    return PV_OK;
}

pv_status pv_report_make(const pv_report_input *input, pv_report *report,
                         pv_error *err)
{
    pv_status status = PV_OK;
    *report = (pv_report){.input = input};
    PV_TRY(pv_findings_new("privet-audit", "claim", &report->claim, err));
    PV_TRY(pv_claim_findings(input->claim, report->claim, err));
    PV_TRY(judge(report, err));
    PV_TRY(show(report, err));
out:
    if (status != PV_OK)
        pv_report_clear(report);
    return status;
}

void pv_report_clear(pv_report *report)
{
    for (size_t i = 0; report->findings != NULL && i < report->count; i++)
        pv_findings_free(report->findings[i]);
    pv_findings_free(report->claim);
    free(report->findings);
    free(report->line);
    *report = (pv_report){0};
}
