/* The k-marginal score of the NIST synthetic data challenges, 0 to 1000: a
 * thousand times one minus the mean TV of all pairs of features, or of all
 * pairs within the levels of a group column. */
#include "audit/fidelity/distance.h"
#include "audit/probe.h"
#include "core/memory.h"
#include "io/rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each level of the group is a pass over all pairs. */
enum { most_groups = 1024, chunk_rows = 4096 };

/* SDNist scores this column, of 264 levels, apart from version to version. */
static const char industry[] = "INDP";

typedef struct scoring {
    const pv_probe_input *input;
    ptrdiff_t group; /* column, or -1 */
    size_t pairs;
    pv_clique *pair;
    bool *with_industry; /* of each pair */
    bool any_industry;
    double *total;     /* L1 of each pair, summed over the groups */
    pv_distance *part; /* of each pair, of the group at hand */
} scoring;

/* All pairs of columns other than the group. */
static pv_status list_pairs(scoring *s, pv_error *err)
{
    const pv_schema *schema = s->input->schema;
    const size_t columns = pv_schema_columns(schema);
    const ptrdiff_t indp =
        s->input->nist ? pv_schema_find(schema, industry) : -1;
    const size_t room = columns * columns / 2;
    s->pair = pv_array_alloc(room, sizeof *s->pair);
    s->with_industry = pv_array_calloc(room, sizeof *s->with_industry);
    s->total = pv_array_calloc(room, sizeof *s->total);
    s->part = pv_array_alloc(room, sizeof *s->part);
    if (s->pair == NULL || s->with_industry == NULL || s->total == NULL ||
        s->part == NULL)
        return pv_fail_memory(err, "pairs of columns");
    for (uint32_t i = 0; i < columns; i++)
        for (uint32_t j = i + 1; j < columns; j++) {
            if (i == s->group || j == s->group)
                continue;
            s->with_industry[s->pairs] = i == indp || j == indp;
            s->any_industry = s->any_industry || s->with_industry[s->pairs];
            s->pair[s->pairs++] = pv_clique_of((const uint32_t[]){i, j}, 2);
        }
    return PV_OK;
}

static void free_scoring(scoring *s)
{
    free(s->pair);
    free(s->with_industry);
    free(s->total);
    free(s->part);
}

/* The rows of `table` whose code in `column` is `code`, as a table. */
static pv_status take_group(const pv_table *table, size_t column, uint32_t code,
                            pv_table **part, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_codes key = pv_table_codes(table, column);
    const size_t rows = pv_table_rows(table);
    uint32_t chunk[chunk_rows];
    size_t count = 0;
    for (size_t r = 0; r < rows; r++)
        count += pv_codes_at(key, r) == code;
    PV_TRY(pv_table_alloc(pv_table_schema(table), count, false, part, err));
    for (size_t c = 0; c < pv_schema_columns(pv_table_schema(table)); c++) {
        const pv_codes codes = pv_table_codes(table, c);
        size_t held = 0, put = 0;
        for (size_t r = 0; r < rows; r++) {
            if (pv_codes_at(key, r) == code)
                chunk[held++] = pv_codes_at(codes, r);
            if (held == chunk_rows || r + 1 == rows) {
                pv_table_put(*part, c, put, held, chunk);
                put += held;
                held = 0;
            }
        }
    }
out:
    return status;
}

static pv_status add_score(const scoring *s, pv_findings *findings,
                           const char *id, double value, const char *reason,
                           pv_error *err)
{
    const char *group = s->input->group;
    const pv_metric m = {
        .id = id,
        .value = value,
        .scope = {.columns = s->group >= 0 ? 1 : 0, .column = &group},
        .status = reason == NULL ? PV_METRIC_OK : PV_METRIC_SKIPPED,
        .reason = reason};
    return pv_probe_add(s->input, findings, &m, err);
}

/* The mean over the pairs of values[i] (at most `most`). */
static double mean_over(const scoring *s, bool industry_too,
                        double (*value)(const scoring *, size_t, double),
                        double share)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < s->pairs; i++)
        if (industry_too || !s->with_industry[i]) {
            sum += value(s, i, share);
            n++;
        }
    return sum / (double)n;
}

static double whole_l1(const scoring *s, size_t i, double share)
{
    (void)share;
    return s->total[i];
}

/* The group's part of the L1, as a share of the group, which it may exceed
 * when the synthetic table has too many of it. */
static double group_l1(const scoring *s, size_t i, double share)
{
    const double l1 = 2.0 * s->part[i].tv;
    return (l1 < share ? l1 : share) / share;
}

static pv_status score_group(scoring *s, uint32_t code, pv_findings *findings,
                             pv_error *err)
{
    pv_status status = PV_OK;
    const pv_probe_input *in = s->input;
    const size_t column = (size_t)s->group;
    const pv_distance_rows whole = {pv_table_rows(in->real),
                                    pv_table_rows(in->synthetic)};
    pv_table *real = NULL, *synthetic = NULL;
    char label[256], id[320];
    PV_TRY(take_group(in->real, column, code, &real, err));
    PV_TRY(take_group(in->synthetic, column, code, &synthetic, err));
    PV_TRY(pv_distances_of_parts(real, synthetic, whole, s->pair, s->pairs,
                                 PV_DISTANCE_AUTO, s->part, err));
    for (size_t i = 0; i < s->pairs; i++)
        s->total[i] += 2.0 * s->part[i].tv;
    pv_column_describe(pv_schema_column(in->schema, column), code, label,
                       sizeof label);
    snprintf(id, sizeof id, "kmarginal.group.%s", label);
    const size_t here = pv_table_rows(real);
    const double share = (double)here / (double)whole.first;
    const double missed = here > 0 ? mean_over(s, false, group_l1, share) : NAN;
    PV_TRY(add_score(s, findings, id, 1000.0 * (1.0 - missed),
                     here > 0 ? NULL : "the group has no real rows", err));
out:
    pv_table_free(real);
    pv_table_free(synthetic);
    return status;
}

static pv_status score(scoring *s, pv_findings *findings, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_probe_input *in = s->input;
    if (s->group < 0) {
        PV_TRY(pv_distances(in->real, in->synthetic, s->pair, s->pairs,
                            PV_DISTANCE_AUTO, s->part, err));
        for (size_t i = 0; i < s->pairs; i++)
            s->total[i] = 2.0 * s->part[i].tv;
    } else {
        const uint32_t levels =
            pv_schema_column(in->schema, (size_t)s->group)->levels;
        for (uint32_t code = 0; code < levels; code++)
            PV_TRY(score_group(s, code, findings, err));
    }
    PV_TRY(add_score(s, findings, "kmarginal.score",
                     500.0 * (2.0 - mean_over(s, false, whole_l1, 1)), NULL,
                     err));
    if (s->any_industry)
        PV_TRY(add_score(s, findings, "kmarginal.score.with_indp",
                         500.0 * (2.0 - mean_over(s, true, whole_l1, 1)), NULL,
                         err));
out:
    return status;
}

/* Why there is no score; NULL when there is. */
static const char *find_reason(const scoring *s)
{
    size_t pairs = 0;
    for (size_t i = 0; i < s->pairs; i++)
        pairs += !s->with_industry[i];
    if (pairs == 0)
        return "the table has fewer than 2 features";
    if (pv_table_rows(s->input->real) == 0)
        return "the real table has no rows";
    if (pv_table_rows(s->input->synthetic) == 0)
        return s->input->yardstick ? "the holdout has no rows"
                                   : "the synthetic table has no rows";
    return NULL;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    scoring s = {.input = input, .group = -1};
    if (input->group != NULL) {
        s.group = pv_schema_find(input->schema, input->group);
        if (s.group < 0)
            return pv_fail(err, PV_EUSAGE, "the schema has no column \"%s\"",
                           input->group);
        if (pv_schema_column(input->schema, (size_t)s.group)->levels >
            most_groups)
            return pv_fail(err, PV_EUSAGE,
                           "\"%s\" has more than %d levels, too many to score "
                           "apart",
                           input->group, most_groups);
    }
    PV_TRY(list_pairs(&s, err));
    const char *reason = find_reason(&s);
    if (reason != NULL)
        PV_TRY(add_score(&s, findings, "kmarginal.score", NAN, reason, err));
    else
        PV_TRY(score(&s, findings, err));
out:
    free_scoring(&s);
    return status;
}

const pv_probe pv_probe_kmarginal = {
    .name = "kmarginal",
    .kind = "fidelity",
    .summary = "the k-marginal score, whole and by group",
    .yardstick = true,
    .scale = true,
    .distances = true,
    .run = run};
