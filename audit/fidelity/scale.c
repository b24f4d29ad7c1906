#include "audit/fidelity/scale.h"

#include "audit/attack/people.h"
#include "audit/pick.h"
#include "core/memory.h"
#include "io/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { fractions = 11, draws = 3 };
static const double fraction[fractions] = {0.01, 0.05, 0.1, 0.2, 0.3, 0.4,
                                           0.5,  0.6,  0.7, 0.8, 0.9};

/* A metric's values over all samples. */
typedef struct scale {
    char *id;
    double value; /* of the synthetic table */
    double mean[fractions], lo[fractions], hi[fractions];
    double independent;
    bool whole;   /* measured of every sample so far */
} scale;

typedef struct ruler {
    const pv_table *real;
    const pv_key *key;
    pv_scale_measure *measure;
    void *context;
    scale *scale;
    size_t scales;
} ruler;

/* --- samples -------------------------------------------------------------- */

static pv_status draw_rows(const ruler *r, size_t f, size_t draw,
                           pv_table **sample, pv_error *err)
{
    pv_status status = PV_OK;
    pv_stream stream;
    const size_t rows = pv_table_rows(r->real);
    const double wanted = round(fraction[f] * (double)rows);
    const size_t count = wanted >= 1 ? (size_t)wanted : 1;
    uint32_t *row = pv_array_alloc(count, sizeof *row);
    if (row == NULL)
        return pv_fail_memory(err, "a sample");
    pv_stream_init(&stream, r->key, draws * f + draw);
    PV_TRY(pv_people_shuffle(&stream, rows, count, row, err));
    PV_TRY(pv_pick_rows(r->real, row, count, sample, err));
out:
    free(row);
    return status;
}

/* Every column in an order of its own. */
static pv_status shuffle_columns(const ruler *r, pv_table **table,
                                 pv_error *err)
{
    pv_status status = PV_OK;
    const pv_schema *schema = pv_table_schema(r->real);
    const size_t rows = pv_table_rows(r->real);
    uint32_t *row = pv_array_alloc(rows, sizeof *row);
    uint32_t *code = pv_array_alloc(rows, sizeof *code);
    if (row == NULL || code == NULL) {
        status = pv_fail_memory(err, "shuffled columns");
        goto out;
    }
    for (size_t i = 0; i < rows; i++)
        row[i] = (uint32_t)i;
    PV_TRY(pv_pick_rows(r->real, row, rows, table, err));
    for (size_t c = 0; c < pv_schema_columns(schema); c++) {
        pv_stream stream;
        const pv_codes codes = pv_table_codes(r->real, c);
        const double *values = pv_table_values(r->real, c);
        pv_stream_init(&stream, r->key, fractions * draws + c);
        PV_TRY(pv_people_shuffle(&stream, rows, rows, row, err));
        for (size_t i = 0; i < rows; i++)
            code[i] = pv_codes_at(codes, row[i]);
        pv_table_put(*table, c, 0, rows, code);
        for (size_t i = 0; values != NULL && i < rows; i++)
            pv_table_put_values(*table, c, i, 1, &values[row[i]]);
    }
out:
    free(row);
    free(code);
    return status;
}

/* --- values --------------------------------------------------------------- */

static bool ends_in(const char *id, const char *end)
{
    const size_t length = strlen(id), more = strlen(end);
    return length > more && strcmp(id + length - more, end) == 0;
}

static bool of_a_scale(const pv_metric *m)
{
    static const char *const end[] = {".mean", ".max", ".score", "_diff"};
    if (m->status != PV_METRIC_OK || m->scope.columns > 0 ||
        m->scope.table != NULL || m->scope.rule != NULL)
        return false;
    for (size_t i = 0; i < sizeof end / sizeof *end; i++)
        if (ends_in(m->id, end[i]))
            return true;
    return false;
}

static pv_status list_scales(ruler *r, const pv_findings *findings,
                             pv_error *err)
{
    const size_t count = pv_findings_count(findings);
    r->scale = pv_array_calloc(count + 1, sizeof *r->scale);
    if (r->scale == NULL)
        return pv_fail_memory(err, "the yardstick");
    for (size_t i = 0; i < count; i++) {
        const pv_metric *m = pv_findings_metric(findings, i);
        if (!of_a_scale(m))
            continue;
        scale *s = &r->scale[r->scales];
        *s = (scale){.id = pv_strdup(m->id), .value = m->value, .whole = true};
        if (s->id == NULL)
            return pv_fail_memory(err, "the yardstick");
        for (size_t f = 0; f < fractions; f++) {
            s->lo[f] = INFINITY;
            s->hi[f] = -INFINITY;
        }
        r->scales++;
    }
    return PV_OK;
}

/* Takes the values of one sample; f == fractions: the shuffled table. */
static void take(ruler *r, const pv_findings *of_sample, size_t f)
{
    for (size_t i = 0; i < r->scales; i++) {
        scale *s = &r->scale[i];
        const pv_metric *m = pv_findings_find(of_sample, s->id);
        s->whole = s->whole && m != NULL && m->status == PV_METRIC_OK;
        if (!s->whole)
            continue;
        if (f == fractions) {
            s->independent = m->value;
            continue;
        }
        s->mean[f] += m->value / draws;
        s->lo[f] = fmin(s->lo[f], m->value);
        s->hi[f] = fmax(s->hi[f], m->value);
    }
}

static pv_status measure_one(ruler *r, size_t f, size_t draw, pv_error *err)
{
    pv_status status = PV_OK;
    pv_table *sample = NULL;
    pv_findings *findings = NULL;
    PV_TRY(f == fractions ? shuffle_columns(r, &sample, err)
                          : draw_rows(r, f, draw, &sample, err));
    PV_TRY(pv_findings_new("privet-audit", "yardstick", &findings, err));
    PV_TRY(r->measure(r->context, sample, findings, err));
    take(r, findings, f);
out:
    pv_findings_free(findings);
    pv_table_free(sample);
    return status;
}

/* The percentage at which samples' means reach the score, which they approach as
 * samples grow. */
static double percentage(const scale *s, const char **beyond)
{
    const bool rising = s->mean[fractions - 1] >= s->mean[0];
    const double sign = rising ? 1 : -1;
    *beyond = NULL;
    for (size_t f = fractions; f-- > 0;) {
        if (sign * s->value < sign * s->mean[f])
            continue;
        if (f == fractions - 1) {
            if (sign * s->value > sign * s->mean[f])
                *beyond = "better than a 90 % sample";
            return 100 * fraction[f];
        }
        const double step = s->mean[f + 1] - s->mean[f];
        const double part = (s->value - s->mean[f]) / step;
        return 100 * (fraction[f] + part * (fraction[f + 1] - fraction[f]));
    }
    *beyond = "worse than a 1 % sample";
    return 100 * fraction[0];
}

/* --- findings ------------------------------------------------------------- */

static pv_status add_series(const scale *s, const char *suffix,
                            const double *value, pv_findings *findings,
                            pv_error *err)
{
    char *name = pv_sprintf_alloc("yardstick.%s%s", s->id, suffix);
    if (name == NULL)
        return pv_fail_memory(err, "the yardstick");
    const pv_status status =
        pv_findings_add_series(findings, name, value, fractions, err);
    free(name);
    return status;
}

static pv_status add_metric(const char *format, const char *of, double value,
                            const char *reason, pv_findings *findings,
                            pv_error *err)
{
    char *id = pv_sprintf_alloc(format, of);
    if (id == NULL)
        return pv_fail_memory(err, "the yardstick");
    const pv_metric m = {.id = id, .value = value, .reason = reason};
    const pv_status status = pv_findings_add(findings, &m, err);
    free(id);
    return status;
}

static pv_status add_scale(const scale *s, pv_findings *findings,
                           pv_error *err)
{
    pv_status status = PV_OK;
    const char *beyond;
    const double p = percentage(s, &beyond);
    PV_TRY(add_metric("yardstick.%s", s->id, p, beyond, findings, err));
    PV_TRY(add_metric("%s.independent", s->id, s->independent, NULL, findings,
                      err));
    PV_TRY(add_series(s, "", s->mean, findings, err));
    PV_TRY(add_series(s, ".lo", s->lo, findings, err));
    PV_TRY(add_series(s, ".hi", s->hi, findings, err));
out:
    return status;
}

pv_status pv_scale_add(const pv_table *real, const pv_key *key,
                       pv_scale_measure *measure, void *context,
                       pv_findings *findings, pv_error *err)
{
    pv_status status = PV_OK;
    ruler r = {.real = real, .key = key, .measure = measure,
               .context = context};
    if (pv_table_rows(real) < 2)
        return PV_OK;
    PV_TRY(list_scales(&r, findings, err));
    for (size_t f = 0; f < fractions; f++)
        for (size_t draw = 0; draw < draws; draw++)
            PV_TRY(measure_one(&r, f, draw, err));
    PV_TRY(measure_one(&r, fractions, 0, err));
    PV_TRY(pv_findings_add_series(findings, "yardstick.fraction", fraction,
                                  fractions, err));
    for (size_t i = 0; i < r.scales; i++)
        if (r.scale[i].whole)
            PV_TRY(add_scale(&r.scale[i], findings, err));
out:
    for (size_t i = 0; i < r.scales; i++)
        free(r.scale[i].id);
    free(r.scale);
    return status;
}
