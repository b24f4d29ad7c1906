/* Kaplan and Meier's curves of a declared time and event, and Cox's hazard ratio of
 * the tables. */
#include "audit/probe.h"
#include "audit/utility/design.h"
#include "audit/utility/uses.h"
#include "core/memory.h"
#include "io/rows.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char no_survival[] =
    "no time and event were declared (--survival)";

typedef struct subject {
    double time;
    bool event;
} subject;

/* A curve: survival[i] from time[i] on, 1 before the first. */
typedef struct curve {
    subject *subject; /* by time */
    size_t subjects;
    double *time, *survival;
    size_t steps;
    double longest;   /* time under observation */
} curve;

static void curve_clear(curve *c)
{
    free(c->subject);
    free(c->time);
    free(c->survival);
}

static int by_time(const void *left, const void *right)
{
    const subject *a = left, *b = right;
    return (a->time > b->time) - (a->time < b->time);
}

static pv_status read_subjects(const pv_table *table, const pv_uses *uses,
                               curve *c, pv_error *err)
{
    const size_t rows = pv_table_rows(table);
    const pv_codes event = pv_table_codes(table, uses->event);
    *c = (curve){.subject = pv_array_alloc(rows + 1, sizeof *c->subject),
                 .time = pv_array_alloc(rows + 1, sizeof *c->time),
                 .survival = pv_array_alloc(rows + 1, sizeof *c->survival)};
    if (c->subject == NULL || c->time == NULL || c->survival == NULL)
        return pv_fail_memory(err, "a survival curve");
    for (size_t i = 0; i < rows; i++) {
        const double time = pv_design_number(table, uses->time, i);
        if (!isnan(time))
            c->subject[c->subjects++] =
                (subject){time, pv_codes_at(event, i) == uses->event_code};
    }
    qsort(c->subject, c->subjects, sizeof *c->subject, by_time);
    return PV_OK;
}

/* The product over times of 1 - events / those at risk. */
static void estimate(curve *c)
{
    double s = 1;
    for (size_t i = 0; i < c->subjects;) {
        const double now = c->subject[i].time;
        const double at_risk = (double)(c->subjects - i);
        double events = 0;
        for (; i < c->subjects && c->subject[i].time <= now; i++)
            events += c->subject[i].event;
        if (events <= 0)
            continue;
        s *= 1 - events / at_risk;
        c->time[c->steps] = now;
        c->survival[c->steps++] = s;
    }
    c->longest = c->subjects > 0 ? c->subject[c->subjects - 1].time : 0;
}

/* --- distances, integrated step by step ----------------------------------- */

typedef struct distances {
    double area, signed_area, largest, mean[2]; /* restricted mean times */
} distances;

static distances compare(const curve *a, const curve *b, double until)
{
    distances d = {0};
    size_t i = 0, j = 0;
    double now = 0, s = 1, t = 1;
    for (;;) {
        const double next_a = i < a->steps ? a->time[i] : INFINITY;
        const double next_b = j < b->steps ? b->time[j] : INFINITY;
        const double next = fmin(fmin(next_a, next_b), until);
        const double length = fmax(next - now, 0);
        d.area += fabs(t - s) * length;
        d.signed_area += (t - s) * length;
        d.mean[0] += s * length;
        d.mean[1] += t * length;
        now = fmax(now, next);
        if (next_a > until && next_b > until)
            break;
        if (next_a <= now && i < a->steps)
            s = a->survival[i++];
        if (next_b <= now && j < b->steps)
            t = b->survival[j++];
        d.largest = fmax(d.largest, fabs(t - s));
    }
    return d;
}

/* The time at which half are left; NAN when more are to the end. */
static double median_of(const curve *c)
{
    for (size_t i = 0; i < c->steps; i++)
        if (c->survival[i] <= 0.5)
            return c->time[i];
    return NAN;
}

/* Mantel's log-rank chi-square of two samples. */
static double log_rank(const curve *a, const curve *b)
{
    double apart = 0, variance = 0;
    size_t i = 0, j = 0;
    while (i < a->subjects || j < b->subjects) {
        const double now =
            fmin(i < a->subjects ? a->subject[i].time : INFINITY,
                 j < b->subjects ? b->subject[j].time : INFINITY);
        const double risk_a = (double)(a->subjects - i);
        const double risk = risk_a + (double)(b->subjects - j);
        double events_a = 0, events = 0;
        for (; i < a->subjects && a->subject[i].time <= now; i++)
            events_a += a->subject[i].event;
        for (; j < b->subjects && b->subject[j].time <= now; j++)
            events += b->subject[j].event;
        events += events_a;
        apart += events_a - events * risk_a / risk;
        if (risk > 1)
            variance += events * risk_a / risk * (1 - risk_a / risk) *
                        (risk - events) / (risk - 1);
    }
    return variance > 0 ? apart * apart / variance : 0;
}

/* --- Cox's regression of which table a person is of ------------------------- */

/* The derivatives of Breslow's partial likelihood at a log hazard ratio, of
 * synthetic over real, and its slope at either end. */
typedef struct slope {
    double gradient, information;
    double first, last; /* gradient at minus and at plus infinity */
} slope;

static slope slope_at(const curve *real, const curve *synthetic, double beta)
{
    slope at = {0};
    const double ratio = exp(beta);
    size_t i = 0, j = 0;
    while (i < real->subjects || j < synthetic->subjects) {
        const double now =
            fmin(i < real->subjects ? real->subject[i].time : INFINITY,
                 j < synthetic->subjects ? synthetic->subject[j].time
                                         : INFINITY);
        const double r = (double)(real->subjects - i);
        const double s = (double)(synthetic->subjects - j);
        double events = 0, own = 0;
        for (; i < real->subjects && real->subject[i].time <= now; i++)
            events += real->subject[i].event;
        for (; j < synthetic->subjects && synthetic->subject[j].time <= now; j++)
            own += synthetic->subject[j].event;
        events += own;
        const double share = s * ratio / (r + s * ratio);
        at.gradient += own - events * share;
        at.information += events * share * (1 - share);
        at.first += own - (r > 0 ? 0 : events);
        at.last += own - (s > 0 ? events : 0);
    }
    return at;
}

typedef struct hazard {
    double ratio, low, high; /* NAN: there is no finite one */
} hazard;

/* Newton's method; the likelihood is concave, and a step of more than 1 is cut: far
 * from the maximum its curvature is no guide. */
static hazard find_hazard(const curve *real, const curve *synthetic)
{
    enum { most_steps = 500 };
    double beta = 0;
    slope at = slope_at(real, synthetic, beta);
    if (!(at.first > 0 && at.last < 0))
        return (hazard){NAN, NAN, NAN};
    for (int k = 0; k < most_steps; k++) {
        const double step = at.gradient / at.information;
        beta += fmax(-1, fmin(1, step));
        at = slope_at(real, synthetic, beta);
        if (fabs(step) <= 1e-12)
            break;
    }
    const double half = 1.959963984540054 / sqrt(at.information);
    return (hazard){exp(beta), exp(beta - half), exp(beta + half)};
}

/* --- findings ------------------------------------------------------------- */

static pv_status add(const pv_probe_input *input, pv_findings *findings,
                     const char *id, double value, const char *reason,
                     pv_error *err)
{
    const pv_metric m = {
        .id = id,
        .value = value,
        .status = isfinite(value) ? PV_METRIC_OK : PV_METRIC_SKIPPED,
        .reason = isfinite(value) ? NULL : reason};
    return pv_probe_add(input, findings, &m, err);
}

static pv_status add_hazard(const pv_probe_input *input, const hazard *h,
                            pv_findings *findings, pv_error *err)
{
    static const char none[] =
        "no finite ratio: while both tables have people at risk, events befall "
        "those of one alone, or nobody";
    const bool found = isfinite(h->ratio) && h->ratio > 0 && isfinite(h->high);
    const pv_metric m = {.id = "survival.hazard.ratio",
                         .value = h->ratio,
                         .has_ci = found,
                         .ci = {h->low, h->high},
                         .status = found ? PV_METRIC_OK : PV_METRIC_SKIPPED,
                         .reason = found ? NULL : none};
    return pv_probe_add(input, findings, &m, err);
}

static pv_status add_all(const pv_probe_input *input, const curve *real,
                         const curve *synthetic, pv_findings *findings,
                         pv_error *err)
{
    static const char beyond[] = "more than half are left at the end";
    pv_status status = PV_OK;
    const double until = fmin(real->longest, synthetic->longest);
    if (!(until > 0)) {
        PV_TRY(add(input, findings, "survival.area", NAN,
                   "one of the tables has no time above 0", err));
        goto out;
    }
    const distances d = compare(real, synthetic, until);
    const double chi2 = log_rank(real, synthetic);
    PV_TRY(add(input, findings, "survival.area", d.area / until, NULL, err));
    PV_TRY(add(input, findings, "survival.optimism", d.signed_area / until,
               NULL, err));
    PV_TRY(add(input, findings, "survival.max", d.largest, NULL, err));
    PV_TRY(add(input, findings, "survival.rmst.diff", d.mean[1] - d.mean[0],
               NULL, err));
    PV_TRY(add(input, findings, "survival.median.diff",
               median_of(synthetic) - median_of(real), beyond, err));
    PV_TRY(add(input, findings, "survival.logrank.chi2", chi2, NULL, err));
    PV_TRY(add(input, findings, "survival.logrank.p",
               gsl_cdf_chisq_Q(chi2, 1), NULL, err));
    const hazard h = find_hazard(real, synthetic);
    PV_TRY(add_hazard(input, &h, findings, err));
    PV_TRY(add(input, findings, "survival.horizon.ratio",
               synthetic->longest / real->longest, NULL, err));
    if (input->yardstick)
        goto out;
    PV_TRY(pv_findings_add_series(findings, "km.real.time", real->time,
                                  real->steps, err));
    PV_TRY(pv_findings_add_series(findings, "km.real.survival", real->survival,
                                  real->steps, err));
    PV_TRY(pv_findings_add_series(findings, "km.synthetic.time",
                                  synthetic->time, synthetic->steps, err));
    PV_TRY(pv_findings_add_series(findings, "km.synthetic.survival",
                                  synthetic->survival, synthetic->steps, err));
out:
    return status;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    curve real = {0}, synthetic = {0};
    if (input->uses == NULL || !input->uses->has_survival)
        return add(input, findings, "survival.area", NAN, no_survival, err);
    PV_TRY(read_subjects(input->real, input->uses, &real, err));
    PV_TRY(read_subjects(input->synthetic, input->uses, &synthetic, err));
    estimate(&real);
    estimate(&synthetic);
    PV_TRY(add_all(input, &real, &synthetic, findings, err));
out:
    curve_clear(&real);
    curve_clear(&synthetic);
    return status;
}

const pv_probe pv_probe_survival = {
    .name = "survival",
    .kind = "fidelity",
    .summary = "Kaplan-Meier curves of a declared time and event",
    .yardstick = true,
    .run = run};
