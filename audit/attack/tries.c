#include "audit/attack/tries.h"

#include "audit/attack/interval.h"

#include <math.h>
#include <stdio.h>

const char pv_no_holdout[] = "no holdout";

static pv_status add(pv_findings *findings, const char *prefix,
                     const char *name, pv_metric *m, const double *ci,
                     pv_error *err)
{
    char id[128];
    snprintf(id, sizeof id, "%s.%s", prefix, name);
    m->id = id;
    if (isnan(m->value))
        m->status = PV_METRIC_SKIPPED;
    if (ci != NULL && m->status == PV_METRIC_OK) {
        m->has_ci = true;
        m->ci[0] = ci[0];
        m->ci[1] = ci[1];
    }
    return pv_findings_add(findings, m, err);
}

pv_status pv_tries_add(pv_findings *findings, const char *prefix,
                       const char *name, const char *table,
                       const pv_tries *tries, pv_error *err)
{
    const double k = (double)tries->successes, n = (double)tries->trials;
    double ci[2];
    pv_metric m = {.value = n > 0 ? k / n : NAN,
                   .scope = {.table = table},
                   .reason = tries->reason};
    pv_wilson_interval(k, n, ci);
    return add(findings, prefix, name, &m, ci, err);
}

pv_status pv_tries_add_risk(pv_findings *findings, const char *prefix,
                            const pv_tries *attack, const pv_tries *control,
                            pv_error *err)
{
    double ci[2];
    pv_metric m = {.value = NAN,
                   .reason = attack->trials == 0 ? attack->reason
                                                 : control->reason};
    if (attack->trials > 0 && control->trials > 0)
        m.value = pv_residual_risk(
            (double)attack->successes, (double)attack->trials,
            (double)control->successes, (double)control->trials, ci);
    return add(findings, prefix, "risk", &m, ci, err);
}

pv_status pv_tries_add_value(pv_findings *findings, const char *prefix,
                             const char *name, double value, const double *ci,
                             const char *reason, pv_error *err)
{
    pv_metric m = {.value = value, .reason = reason};
    return add(findings, prefix, name, &m, ci, err);
}
