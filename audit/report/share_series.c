#include "audit/report/share_series.h"

#include "audit/report/share.h"
#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t real_rows(const pv_findings *findings)
{
    const pv_input *real = pv_findings_input(findings, "real");
    return real != NULL && real->rows > 0 ? real->rows : 0;
}

/* The numbers of a series, `*count` of them; NULL when there are none. */
static double *copy_series(const pv_findings *findings, const char *name,
                           size_t *count)
{
    *count = pv_findings_series(findings, name, NULL, 0);
    double *value = *count > 0 ? pv_array_alloc(*count, sizeof *value) : NULL;
    if (value != NULL)
        (void)pv_findings_series(findings, name, value, *count);
    return value;
}

bool pv_share_level(const pv_findings *findings, const pv_schema *schema,
                    const char *level)
{
    enum { room = 256 };
    char name[64], text[room];
    size_t count;
    const char *group = pv_findings_option(findings, "group");
    const ptrdiff_t column = group != NULL ? pv_schema_find(schema, group) : -1;
    if (column < 0)
        return false;
    (void)snprintf(name, sizeof name, "oneway.real.%zu", (size_t)column);
    double *share = copy_series(findings, name, &count);
    const pv_column *c = pv_schema_column(schema, (size_t)column);
    bool found = false, common = true; /* of every level that it may be */
    for (size_t i = 0; i < count && share != NULL && i < c->levels; i++) {
        pv_column_describe(c, (uint32_t)i, text, sizeof text);
        /* what follows the level's name is the name of a measure */
        const size_t length = strlen(text);
        if (strncmp(level, text, length) == 0 &&
            (level[length] == '\0' || level[length] == '.')) {
            found = true;
            common = common && share[i] * (double)real_rows(findings) >=
                                   PV_SHARE_LEAST - 0.5;
        }
    }
    free(share);
    return found && common;
}

/* Shares of real rows: of rounded counts in the rounded number of rows. */
static void round_levels(double *share, size_t count, int64_t rows)
{
    const double all = pv_share_count((double)rows);
    for (size_t i = 0; i < count; i++) {
        const double rounded =
            pv_share_count(nearbyint(share[i] * (double)rows));
        share[i] = all > 0 && rounded > 0
                       ? pv_share_estimate(fmin(1, rounded / all), rows)
                       : PV_SUPPRESSED;
    }
}

static bool starts(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static pv_status share_one(const pv_findings *findings, const char *name,
                           int64_t people, pv_findings *shared, pv_error *err)
{
    size_t count;
    double *value = copy_series(findings, name, &count);
    if (value == NULL)
        return count == 0 ? pv_findings_add_series(shared, name, NULL, 0, err)
                          : pv_fail_memory(err, "a series");
    if (starts(name, "oneway.real."))
        round_levels(value, count, real_rows(findings));
    else if (strcmp(name, "yardstick.fraction") != 0) /* public */
        for (size_t i = 0; i < count; i++)
            value[i] = pv_share_estimate(value[i], people);
    const pv_status status =
        pv_findings_add_series(shared, name, value, count, err);
    free(value);
    return status;
}

/* A step curve at the times of a public grid: its steps are of single people. */
static pv_status share_curve(const pv_findings *findings, const char *table,
                             double until, int64_t people, pv_findings *shared,
                             pv_error *err)
{
    enum { times = 20 };
    char name[2][40];
    size_t count, curve;
    double time[times + 1], survival[times + 1];
    pv_status status = PV_OK;
    (void)snprintf(name[0], sizeof name[0], "km.%s.time", table);
    (void)snprintf(name[1], sizeof name[1], "km.%s.survival", table);
    double *t = copy_series(findings, name[0], &count);
    double *s = copy_series(findings, name[1], &curve);
    if (t == NULL || s == NULL || count != curve)
        goto out;
    for (size_t i = 0, next = 0; i <= times; i++) {
        time[i] = until * (double)i / times;
        while (next < count && t[next] <= time[i])
            next++;
        survival[i] = pv_share_estimate(next > 0 ? s[next - 1] : 1, people);
    }
    PV_TRY(pv_findings_add_series(shared, name[0], time, times + 1, err));
    PV_TRY(pv_findings_add_series(shared, name[1], survival, times + 1, err));
out:
    free(t);
    free(s);
    return status;
}

static pv_status share_curves(const pv_findings *findings, int64_t people,
                              pv_findings *shared, pv_error *err)
{
    size_t count;
    pv_status status = PV_OK;
    /* as far as the synthetic table goes: the real end is an extreme */
    double *time = copy_series(findings, "km.synthetic.time", &count);
    if (time == NULL)
        return PV_OK;
    const double until = time[count - 1];
    free(time);
    PV_TRY(share_curve(findings, "synthetic", until, people, shared, err));
out:
    return status;
}

/* What the report draws, but for points and curves of real people; synthetic points
 * on axes of the real table's means and deviations, which tell an extreme; scores
 * of small samples; and associations, which one person may make. */
static bool may_be_shared(const char *name)
{
    static const char *const start[] = {
        "oneway.real.", "oneway.synthetic.", "tv.2way.matrix", "pca.variance."};

    for (size_t i = 0; i < sizeof start / sizeof *start; i++)
        if (starts(name, start[i]))
            return true;
    return false;
}

pv_status pv_share_series(const pv_findings *findings, int64_t people,
                          pv_findings *shared, size_t *withheld, pv_error *err)
{
    pv_status status = PV_OK;
    const char *name;
    for (size_t i = 0; (name = pv_findings_series_at(findings, i)) != NULL; i++)
        if (may_be_shared(name))
            PV_TRY(share_one(findings, name, people, shared, err));
        else if (!starts(name, "km."))
            ++*withheld;
    PV_TRY(share_curves(findings, people, shared, err));
out:
    return status;
}
