#include "audit/report/share.h"

#include "audit/report/share_series.h"
#include "core/memory.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- numbers ---------------------------------------------------------------- */

static double to_step(double value, double step)
{
    return nearbyint(value / step) * step; /* halves to even */
}

/* To so many significant digits, through decimal text: what is printed is what
 * is meant. */
static double to_digits(double value, int digits)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%.*e", digits - 1, value);
    return strtod(text, NULL);
}

double pv_share_count(double count)
{
    static const struct {
        double below, step;
    } rule[] = {{100, 10}, {1000, 50}, {10000, 100}, {100000, 500},
                {1000000, 1000}};
    if (count < PV_SHARE_LEAST)
        return PV_SUPPRESSED;
    for (size_t i = 0; i < sizeof rule / sizeof *rule; i++)
        if (count < rule[i].below)
            return to_step(count, rule[i].step);
    return to_step(count, pow(10, floor(log10(count)) - 3));
}

/* 1, 2 or 5 times a power of ten, and at least 15 / people. */
static double grid(int64_t people)
{
    if (people < PV_SHARE_LEAST)
        return 1;
    const double least = (double)PV_SHARE_LEAST / (double)people;
    const double power = pow(10, floor(log10(least)));
    for (int i = 0; i < 3; i++) {
        static const double digit[] = {1, 2, 5};
        if (digit[i] * power >= least)
            return digit[i] * power;
    }
    return 10 * power;
}

double pv_share_estimate(double value, int64_t people)
{
    if (!isfinite(value))
        return NAN;
    /* to_digits takes off what the division by ten left */
    const double shown =
        to_digits(to_step(value, grid(people)), fabs(value) <= 1 ? 4 : 3);
    return shown != 0 ? shown : 0; /* no -0 */
}

/* An end of an interval: outward, so that what is shown holds too. */
static double share_end(double value, int64_t people, int end)
{
    const double half = grid(people) / 2;
    return pv_share_estimate(end == 0 ? value - half : value + half, people);
}

static int64_t option_number(const pv_findings *findings, const char *name)
{
    const char *text = pv_findings_option(findings, name);
    const long long number = text != NULL ? strtoll(text, NULL, 10) : 0;
    return number > 0 ? (int64_t)number : INT64_MAX;
}

static int64_t least_of(const pv_findings *findings, size_t options)
{
    static const char *const role[] = {"real", "holdout"};
    static const char *const option[] = {"targets", "people", "trials",
                                         "attacks"};
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < sizeof role / sizeof *role; i++) {
        const pv_input *in = pv_findings_input(findings, role[i]);
        if (in != NULL && in->rows >= 0 && in->rows < least)
            least = in->rows;
    }
    for (size_t i = 0; i < options; i++) {
        const int64_t number = option_number(findings, option[i]);
        least = number < least ? number : least;
    }
    return least == INT64_MAX ? 0 : least;
}

int64_t pv_share_people(const pv_findings *findings)
{
    return least_of(findings, 4);
}

/* Of reconstruction, which does not try a number of attacks: four fifths of its
 * targets are scored. */
static int64_t people_of_rows(const pv_findings *findings)
{
    return least_of(findings, 3) * 4 / 5;
}

/* --- metrics ---------------------------------------------------------------- */

typedef enum treatment {
    WITHHOLD,
    PUBLIC,   /* a function of the release, the schema or made-up tables */
    COUNT,    /* of real people */
    ESTIMATE, /* or a count, where it is a whole number above 1 */
    SCORE     /* never a count */
} treatment;

/* The first that an id begins with; a name without a dot at its end must end there
 * or at a dot. */
static const struct {
    const char *start;
    treatment how;
} treatments[] = {
    {"claim", PUBLIC},
    {"columns", PUBLIC},
    {"zeros.violations.real", COUNT},
    {"functions.violations.real", COUNT},
    {"zeros.violations", PUBLIC},
    {"functions.violations", PUBLIC},
    {"domain", PUBLIC},
    {"epsilon", SCORE},
    {"primitive", SCORE},
    {"exact_match.unique.share", ESTIMATE},
    {"exact_match.codes.unique.share", ESTIMATE},
    {"exact_match.codes.unique", COUNT},
    {"exact_match.unique", COUNT},
    {"tv", ESTIMATE},
    {"error", ESTIMATE},
    {"kmarginal.group", WITHHOLD}, /* of few people each */
    {"kmarginal", SCORE},
    {"ks", ESTIMATE},
    {"jsd", ESTIMATE},
    {"missing", ESTIMATE},
    {"spearman", ESTIMATE},
    {"kendall", ESTIMATE},
    /* one person may move these by far more than 1 / people */
    {"coverage", WITHHOLD},
    {"hellinger", WITHHOLD},
    {"wasserstein", WITHHOLD},
    {"pearson", WITHHOLD},
    {"cramersv", WITHHOLD},
    {"eta", WITHHOLD},
    {"qmse", WITHHOLD},
    {"ft", WITHHOLD},
    {"g2", WITHHOLD},
    {"po50", WITHHOLD},
    {"alpha", WITHHOLD}, /* the centre may move */
    {"beta", WITHHOLD},
    {"authenticity", WITHHOLD},
    {"vw.z", WITHHOLD}, /* of a single cell */
    {"vw", ESTIMATE},
    {"information", ESTIMATE},
    {"pmse.coefficients", WITHHOLD},
    {"pmse", ESTIMATE},
    {"specks", ESTIMATE},
    {"propensity.u", WITHHOLD}, /* it tells the number of rows */
    {"propensity", ESTIMATE},
    {"pca", ESTIMATE},
    {"tstr", ESTIMATE},
    {"trtr", ESTIMATE},
    {"survival.horizon", WITHHOLD}, /* these tell a real person's time */
    {"survival.rmst", WITHHOLD},
    {"survival.median", WITHHOLD},
    {"survival.hazard", WITHHOLD}, /* of few events */
    {"survival", ESTIMATE},
    {"nn", ESTIMATE},
    {"km", ESTIMATE},
    {"subgroup.worst", ESTIMATE},
    {"subgroup", WITHHOLD}, /* of few people each */
    {"duplicates.synthetic", PUBLIC},
    {"duplicates", ESTIMATE},
    {"exact_match", ESTIMATE},
    {"yardstick", SCORE},
    {"attack", ESTIMATE},
    {"game", ESTIMATE},
    {"singling_out", WITHHOLD}, /* of as few tries as were found */
    {"linkability", ESTIMATE},
    {"inference", ESTIMATE},
    {"membership", ESTIMATE},
    {"diagnostic", ESTIMATE},
};

static bool ends_in(const char *text, const char *end)
{
    const size_t length = strlen(text), more = strlen(end);
    return length >= more && strcmp(text + length - more, end) == 0;
}

static treatment treatment_of(const char *id)
{
    static const char regression[] = "regression.", queries[] = "queries.";
    /* a term may be of one person: only what is of all terms is shown */
    if (strncmp(id, regression, sizeof regression - 1) == 0)
        return ends_in(id, ".overlap.mean") || ends_in(id, ".covered.share")
                   ? ESTIMATE
                   : WITHHOLD;
    /* the largest error may be of a query that few people are in */
    if (strncmp(id, queries, sizeof queries - 1) == 0)
        return ends_in(id, ".mean") || ends_in(id, ".mean.holdout") ? ESTIMATE
                                                                     : WITHHOLD;
    for (size_t i = 0; i < sizeof treatments / sizeof *treatments; i++) {
        const size_t length = strlen(treatments[i].start);
        if (strncmp(id, treatments[i].start, length) == 0 &&
            (id[length] == '\0' || id[length] == '.'))
            /* a holdout is of real people */
            return treatments[i].how == PUBLIC && ends_in(id, ".holdout")
                       ? COUNT
                       : treatments[i].how;
    }
    return WITHHOLD;
}

double pv_share_value(const char *id, double value, int64_t people)
{
    const treatment how = treatment_of(id);
    if (how == PUBLIC)
        return value;
    if (how == WITHHOLD || !isfinite(value))
        return NAN;
    if (strncmp(id, "kmarginal.", 10) == 0) /* 1000 (1 - a share) */
        return 1000 * pv_share_estimate(value / 1000, people);
    if (strncmp(id, "yardstick.", 10) == 0) /* per cent, of scores as such */
        return 10 * nearbyint(value / 10);
    /* an estimate that is a whole number above 1 counts something */
    const bool counts =
        how == COUNT ||
        (how == ESTIMATE && value > 1 && value == floor(value));
    if (!counts)
        return pv_share_estimate(value, people);
    const double rounded = pv_share_count(value);
    return rounded == PV_SUPPRESSED ? NAN : rounded;
}

/* Whether a remark speaks of what was asked for, and not of what the tables were
 * found to hold. */
static bool is_public_reason(const char *reason)
{
    static const char *const start[] = {"no ", "the schema ", "infinite"};
    for (size_t i = 0; i < sizeof start / sizeof *start; i++)
        if (strncmp(reason, start[i], strlen(start[i])) == 0)
            return strpbrk(reason, "0123456789/\\\"") == NULL;
    return false;
}

/* What is shown of a metric's remark. */
static const char *share_reason(const pv_metric *metric)
{
    const char *reason = metric->reason;
    const bool found = metric->status == PV_METRIC_OK;
    if (reason == NULL || (found && treatment_of(metric->id) != PUBLIC))
        return NULL;
    if (strncmp(metric->id, "claim.", 6) == 0
            ? strpbrk(reason, "0123456789/\\") == NULL
            : is_public_reason(reason))
        return reason;
    return found ? NULL : "the reason is not for sharing";
}

/* Ids that end in the name of a level of the column they are grouped by. */
static bool names_rare_level(const pv_findings *findings,
                             const pv_schema *schema, const char *id)
{
    static const char *const start[] = {"kmarginal.group.",
                                        "subgroup.tv.1way.mean.",
                                        "subgroup.share."};
    for (size_t i = 0; i < sizeof start / sizeof *start; i++)
        if (strncmp(id, start[i], strlen(start[i])) == 0)
            return !pv_share_level(findings, schema, id + strlen(start[i]));
    return false;
}

static pv_status share_metric(const pv_findings *findings,
                              const pv_schema *schema, const pv_metric *metric,
                              int64_t people, pv_findings *shared,
                              size_t *withheld, pv_error *err)
{
    pv_metric m = *metric;
    if (treatment_of(m.id) == WITHHOLD ||
        names_rare_level(findings, schema, m.id)) {
        ++*withheld;
        return PV_OK;
    }
    m.scope.rule = NULL; /* it names levels */
    m.scope.attack = NULL; /* and this numbers */
    if (strncmp(m.id, "attack.", 7) == 0)
        people = people_of_rows(findings);
    m.reason = share_reason(metric);
    if (m.status == PV_METRIC_OK) {
        m.value = pv_share_value(m.id, m.value, people);
        for (int i = 0; i < 2 && m.has_ci; i++) {
            m.ci[i] = treatment_of(m.id) == ESTIMATE && fabs(m.ci[i]) <= 1
                          ? share_end(m.ci[i], people, i)
                          : pv_share_value(m.id, m.ci[i], people);
            m.has_ci = isfinite(m.ci[i]);
        }
        if (!isfinite(m.value)) {
            m.status = PV_METRIC_SKIPPED;
            m.reason = "a count of fewer than 15 is not given";
        }
    }
    return pv_findings_add(shared, &m, err);
}

/* --- all of it -------------------------------------------------------------- */

static pv_status share_head(const pv_findings *findings, pv_findings *shared,
                            pv_error *err)
{
    /* free texts are not among them */
    static const char *const option[] = {"binning", "group", "order", "delta",
                                         "alpha", "prior", "gaussian",
                                         "primitive", "neighbours"};
    pv_status status = PV_OK;
    const pv_input *in;
    for (size_t i = 0; i < sizeof option / sizeof *option; i++) {
        const char *value = pv_findings_option(findings, option[i]);
        if (value != NULL)
            PV_TRY(pv_findings_add_option(shared, option[i], value, err));
    }
    for (size_t i = 0; (in = pv_findings_input_at(findings, i)) != NULL; i++) {
        const double rows = in->rows >= 0 ? pv_share_count((double)in->rows) : -1;
        PV_TRY(pv_findings_add_input(shared, in->role, "(not shown)",
                                     (int64_t)rows, in->columns, err));
    }
    PV_TRY(pv_findings_set_version(shared, pv_findings_version(findings), err));
out:
    return status;
}

pv_status pv_share(const pv_findings *findings, const pv_schema *schema,
                   pv_findings **shared, size_t *withheld, pv_error *err)
{
    pv_status status = PV_OK;
    const int64_t people = pv_share_people(findings);
    pv_findings *f = NULL;
    *withheld = 0;
    PV_TRY(pv_findings_new(pv_findings_tool(findings),
                           pv_findings_command(findings), &f, err));
    PV_TRY(share_head(findings, f, err));
    for (size_t i = 0; i < pv_findings_count(findings); i++)
        PV_TRY(share_metric(findings, schema, pv_findings_metric(findings, i),
                            people, f, withheld, err));
    PV_TRY(pv_share_series(findings, people, f, withheld, err));
    *shared = f;
    f = NULL;
out:
    pv_findings_free(f);
    return status;
}
