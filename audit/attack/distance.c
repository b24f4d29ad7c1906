/* Distances to the closest real record and exact matches. They are shown since
 * people ask for them, and are no evidence of privacy: tables that pass them
 * give members away (Yao et al. 2025), and tables that fail them may not. */
#include "audit/attack/match.h"
#include "audit/attack/nearest.h"
#include "audit/attack/people.h"
#include "audit/attack/terms.h"
#include "audit/attack/tries.h"
#include "audit/probe.h"
#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { most_rows = 2000 /* whose distance is measured */ };

static const char diagnostic[] = "a diagnostic, no evidence of privacy";

/* A table whose rows are held against the real ones. */
typedef struct side {
    const pv_table *table;
    const char *suffix, *scope, *purpose;
    const char *reason; /* why there is nothing to measure */
} side;

static int compare_distances(const void *left, const void *right)
{
    const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

/* Linear between the two order statistics around. */
static double quantile(const uint32_t *sorted, size_t count, double share)
{
    const double at = share * (double)(count - 1);
    const size_t below = (size_t)at;
    const size_t above = below + 1 < count ? below + 1 : below;
    const double part = at - (double)below;
    return (1 - part) * sorted[below] + part * sorted[above];
}

static pv_status add(pv_findings *findings, const char *name, const side *s,
                     double value, pv_error *err)
{
    char id[96];
    snprintf(id, sizeof id, "diagnostic.%s%s", name, s->suffix);
    const pv_metric m = {
        .id = id,
        .value = value,
        .scope = {.table = s->scope},
        .status = isnan(value) ? PV_METRIC_SKIPPED : PV_METRIC_OK,
        .reason = isnan(value) ? s->reason : diagnostic};
    return pv_findings_add(findings, &m, err);
}

/* Median and 5th percentile of a sample's mean distance over the columns. */
static pv_status measure(const pv_probe_input *in, const pv_nearest *nearest,
                         const side *s, double value[2], pv_error *err)
{
    pv_status status = PV_OK;
    pv_people people;
    uint32_t *drawn = NULL, *found = NULL, *distance = NULL;
    PV_TRY(pv_people_draw(in->attack->key, s->purpose, s->table, most_rows,
                          &people, &drawn, err));
    found = pv_array_alloc(people.count, sizeof *found);
    distance = pv_array_alloc(people.count, sizeof *distance);
    if (found == NULL || distance == NULL) {
        status = pv_fail_memory(err, "distances");
        goto out;
    }
    PV_TRY(pv_nearest_find(nearest, &people, 1, found, distance, err));
    qsort(distance, people.count, sizeof *distance, compare_distances);
    const double unit =
        (double)pv_schema_columns(in->schema) * PV_NEAREST_UNIT;
    value[0] = quantile(distance, people.count, 0.5) / unit;
    value[1] = quantile(distance, people.count, 0.05) / unit;
out:
    free(drawn);
    free(found);
    free(distance);
    return status;
}

/* The share of rows that are equal to a real one in all columns. */
static pv_status find_matches(const pv_probe_input *in, const uint32_t *column,
                              const side *s, double *share, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_people real = {in->real, NULL, pv_table_rows(in->real)};
    const pv_people rows = {s->table, NULL, pv_table_rows(s->table)};
    pv_match *match = NULL;
    size_t equal = 0;
    uint32_t *count = pv_array_alloc(rows.count, sizeof *count);
    if (count == NULL)
        return pv_fail_memory(err, "matches");
    PV_TRY(pv_match_new(rows.count, &match, err));
    pv_match_people(match, &rows, 1, column, pv_schema_columns(in->schema));
    pv_match_count(match, &real, count);
    for (size_t r = 0; r < rows.count; r++)
        equal += count[r] > 0;
    *share = (double)equal / (double)rows.count;
out:
    pv_match_free(match);
    free(count);
    return status;
}

static pv_status add_side(const pv_probe_input *in, const pv_nearest *nearest,
                          const uint32_t *column, const side *s,
                          pv_findings *findings, pv_error *err)
{
    pv_status status = PV_OK;
    double value[2] = {NAN, NAN}, share = NAN;
    if (s->reason == NULL) {
        PV_TRY(measure(in, nearest, s, value, err));
        PV_TRY(find_matches(in, column, s, &share, err));
    }
    PV_TRY(add(findings, "dcr.median", s, value[0], err));
    PV_TRY(add(findings, "dcr.p05", s, value[1], err));
    PV_TRY(add(findings, "exact_match.share", s, share, err));
out:
    return status;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    const pv_table *holdout = input->attack->holdout;
    side sides[] = {
        {.table = input->synthetic, .suffix = "", .purpose = "distance"},
        {.table = holdout,
         .suffix = ".holdout",
         .scope = "holdout",
         .purpose = "distance-holdout"}};
    uint32_t column[PV_MAX_COLUMNS];
    const size_t columns = pv_schema_columns(input->schema);
    pv_nearest *nearest = NULL;
    for (uint32_t c = 0; c < columns; c++)
        column[c] = c;
    if (pv_table_rows(input->synthetic) == 0)
        sides[0].reason = "the synthetic table has no rows";
    if (holdout == NULL)
        sides[1].reason = pv_no_holdout;
    else if (pv_table_rows(holdout) == 0)
        sides[1].reason = "the holdout has no rows";
    if (pv_table_rows(input->real) == 0)
        sides[0].reason = sides[1].reason = "the real table has no rows";
    PV_TRY(pv_nearest_new(input->real, column, columns, &nearest, err));
    for (size_t i = 0; i < 2; i++)
        PV_TRY(add_side(input, nearest, column, &sides[i], findings, err));
out:
    pv_nearest_free(nearest);
    return status;
}

const pv_probe pv_probe_distance = {
    .name = "distance",
    .kind = "attack",
    .summary = "distances to the closest record: a diagnostic, no evidence",
    .run = run};
