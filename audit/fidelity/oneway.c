/* Each column by itself: Kolmogorov-Smirnov, Wasserstein and the moments of
 * numbers, missing values, coverage of levels, Jensen-Shannon and Hellinger. */
#include "audit/fidelity/moments.h"
#include "audit/fidelity/write.h"
#include "audit/probe.h"
#include "core/memory.h"
#include "core/threads.h"
#include "io/rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* The shares of a column of more levels are not kept as a series. */
enum { most_series_levels = 4096 };

typedef struct column_result {
    pv_status status;
    uint64_t *count[2]; /* of each code */
    double *share[2];
    double missing, coverage, declared, jsd, hellinger;
    /* of numbers; NAN: see the reason */
    double ks, wasserstein, mean, sd, median, weight, qmse;
    double mean_error; /* standard error of `mean`; NAN: unknown */
    const char *no_order, *no_scale, *no_weight;
} column_result;

typedef struct measuring {
    const pv_probe_input *input;
    column_result *result;
} measuring;

/* --- codes ---------------------------------------------------------------- */

static pv_status count_codes(const pv_probe_input *input, size_t column,
                             column_result *r)
{
    const uint32_t levels = pv_schema_column(input->schema, column)->levels;
    for (size_t t = 0; t < 2; t++) {
        const pv_table *table = pv_either(input, t);
        const pv_codes codes = pv_table_codes(table, column);
        const size_t rows = pv_table_rows(table);
        r->count[t] = pv_array_calloc(levels, sizeof *r->count[t]);
        r->share[t] = pv_array_alloc(levels, sizeof *r->share[t]);
        if (r->count[t] == NULL || r->share[t] == NULL)
            return PV_ENOMEM;
        for (size_t i = 0; i < rows; i++)
            r->count[t][pv_codes_at(codes, i)]++;
        for (uint32_t c = 0; c < levels; c++)
            r->share[t][c] = (double)r->count[t][c] / (double)rows;
    }
    return PV_OK;
}

/* One table's part of the Jensen-Shannon divergence, in bits. */
static double divergence(double p, double q)
{
    return p > 0 ? 0.5 * p * log2(2 * p / (p + q)) : 0;
}

static void compare_codes(const pv_column *column, column_result *r)
{
    const double *p = r->share[0], *q = r->share[1];
    uint64_t real = 0, both = 0, synthetic = 0;
    double jsd = 0, hellinger = 0;
    for (uint32_t c = 0; c < column->levels; c++) {
        const double root = sqrt(p[c]) - sqrt(q[c]);
        real += p[c] > 0;
        synthetic += q[c] > 0;
        both += p[c] > 0 && q[c] > 0;
        jsd += divergence(p[c], q[c]) + divergence(q[c], p[c]);
        hellinger += 0.5 * root * root;
    }
    r->coverage = (double)both / (double)real;
    r->declared = (double)synthetic / (double)column->levels;
    r->jsd = jsd;
    r->hellinger = sqrt(hellinger);
    if (column->missing)
        r->missing = fabs(p[column->levels - 1] - q[column->levels - 1]);
}

/* --- numbers -------------------------------------------------------------- */

/* The greatest distance of the distribution functions, and the area between. */
static void compare_order(const pv_numbers *n, uint64_t *const *count,
                          const pv_moments *m, column_result *r)
{
    const double of[2] = {(double)m[0].present, (double)m[1].present};
    uint64_t below[2] = {0, 0};
    double area = 0, last = NAN, apart = 0;
    for (size_t i = 0; i < n->count; i++) {
        if (count[0][i] + count[1][i] == 0)
            continue;
        if (!isnan(last))
            area += apart * (n->value[i] - last);
        for (size_t t = 0; t < 2; t++)
            below[t] += count[t][i];
        /* whole numbers until the division: equal tables are 0 apart */
        apart = fabs((double)below[0] * of[1] - (double)below[1] * of[0]) /
                (of[0] * of[1]);
        r->ks = fmax(r->ks, apart);
        last = n->value[i];
    }
    r->wasserstein = area;
}

static void compare_numbers(const pv_column *column, const pv_numbers *n,
                            uint64_t *const *count, column_result *r)
{
    const pv_moments m[2] = {pv_moments_of(n, count[0]),
                             pv_moments_of(n, count[1])};
    const double sd = m[0].sd;
    if (m[0].present == 0 || m[1].present == 0) {
        r->no_order = m[0].present == 0
                          ? "the column has no numbers in the real table"
                          : "the column has no numbers in the other table";
        r->no_scale = r->no_order;
    } else {
        r->ks = 0;
        compare_order(n, count, m, r);
        r->qmse = pv_decile_error(n, count);
    }
    if (r->no_order == NULL && !(sd > 0))
        r->no_scale = "the real table's numbers do not vary";
    if (r->no_scale != NULL) {
        r->wasserstein = NAN;
    } else {
        r->wasserstein /= sd;
        r->mean = (m[1].mean - m[0].mean) / sd;
        r->mean_error = sqrt(1 / (double)m[0].present +
                             m[1].sd / sd * (m[1].sd / sd) /
                                 (double)m[1].present);
        r->sd = (m[1].sd - sd) / sd;
        r->median = (m[1].median - m[0].median) / sd;
    }
    if (column->role != PV_ROLE_WEIGHT)
        return;
    const double total = m[0].mean * (double)m[0].present;
    r->no_weight = r->no_order;
    if (r->no_weight == NULL && total > 0)
        r->weight = m[1].mean * (double)m[1].present / total;
    else if (r->no_weight == NULL)
        r->no_weight = "the real table's total is not positive";
}

static pv_status measure_numbers(const pv_probe_input *input, size_t column,
                                 column_result *r)
{
    pv_numbers n;
    uint64_t *count[2] = {NULL, NULL};
    pv_status status = PV_OK;
    PV_TRY(pv_numbers_make(input, column, &n, NULL));
    for (size_t t = 0; t < 2; t++) {
        count[t] = pv_array_calloc(n.count, sizeof *count[t]);
        if (count[t] == NULL) {
            status = PV_ENOMEM;
            goto out;
        }
        for (size_t i = 0; i < pv_table_rows(pv_either(input, t)); i++)
            if (n.place[t][i] != PV_NO_PLACE)
                count[t][n.place[t][i]]++;
    }
    compare_numbers(pv_schema_column(input->schema, column), &n, count, r);
out:
    free(count[0]);
    free(count[1]);
    pv_numbers_clear(&n);
    return status;
}

static void measure_column(size_t column, void *context)
{
    const measuring *run = context;
    const pv_column *c = pv_schema_column(run->input->schema, column);
    column_result *r = &run->result[column];
    r->missing = r->ks = r->wasserstein = r->weight = NAN;
    r->mean = r->sd = r->median = r->qmse = r->mean_error = NAN;
    r->status = count_codes(run->input, column, r);
    if (r->status != PV_OK)
        return;
    compare_codes(c, r);
    if (pv_is_numeric(c))
        r->status = measure_numbers(run->input, column, r);
}

/* --- to findings ---------------------------------------------------------- */

static const char no_such_column[] = "no column of the schema is of this kind";

/* <prefix>.mean and .max over the columns that have the value. */
static pv_status write_summary(const pv_writing *w, const char *prefix,
                               const double *value, bool mean, bool max,
                               const char *reason, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t columns = pv_schema_columns(w->input->schema);
    double sum = 0;
    uint32_t worst = 0;
    size_t n = 0;
    for (uint32_t c = 0; c < columns; c++) {
        if (isnan(value[c]))
            continue;
        sum += value[c];
        if (n++ == 0 || value[c] > value[worst])
            worst = c;
    }
    if (n == 0 && reason == NULL)
        reason = no_such_column;
    if (mean)
        PV_TRY(pv_write(w, prefix, "mean", n > 0 ? sum / (double)n : NAN,
                        reason, NULL, 0, err));
    if (max)
        PV_TRY(pv_write(w, prefix, "max", n > 0 ? value[worst] : NAN, reason,
                        &worst, n > 0, err));
out:
    return status;
}

/* A metric of every column, by where its value and reason are in the result. */
typedef struct kind {
    const char *prefix;
    size_t value;
    ptrdiff_t reason;               /* -1: there is always a value */
    size_t error;                   /* a standard error; 0: none is given */
    bool numbers, missing, weights; /* only of columns with these */
    bool each, mean, max;
} kind;

#define AT(member) offsetof(column_result, member)
static const kind kinds[] = {
    {"ks", AT(ks), AT(no_order), .numbers = true, .each = true, .mean = true,
     .max = true},
    {"qmse", AT(qmse), AT(no_order), .numbers = true, .each = true},
    {"wasserstein", AT(wasserstein), AT(no_scale), .numbers = true,
     .each = true},
    {"mean.diff", AT(mean), AT(no_scale), AT(mean_error), .numbers = true,
     .each = true},
    {"sd.diff", AT(sd), AT(no_scale), .numbers = true, .each = true},
    {"median.diff", AT(median), AT(no_scale), .numbers = true, .each = true},
    {"missing", AT(missing), -1, .missing = true, .each = true, .max = true},
    {"coverage", AT(coverage), -1, .each = true, .mean = true},
    {"coverage.domain", AT(declared), -1, .each = true},
    {"jsd.1way", AT(jsd), -1, .mean = true, .max = true},
    {"hellinger.1way", AT(hellinger), -1, .mean = true, .max = true},
    {"totals.weight", AT(weight), AT(no_weight), .weights = true, .each = true},
};

static bool has_kind(const kind *k, const pv_column *column)
{
    return (!k->numbers || pv_is_numeric(column)) &&
           (!k->missing || column->missing) &&
           (!k->weights ||
            (column->role == PV_ROLE_WEIGHT && pv_is_numeric(column)));
}

/* `result` NULL: nothing was measured, for the reason `none`. */
static pv_status write_kind(const pv_writing *w, const kind *k,
                            const column_result *result, const char *none,
                            double *value, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t columns = pv_schema_columns(w->input->schema);
    for (uint32_t c = 0; c < columns; c++) {
        const pv_column *column = pv_schema_column(w->input->schema, c);
        const char *reason = none;
        double error = NAN;
        value[c] = NAN;
        if (!has_kind(k, column))
            continue;
        if (none == NULL) {
            const char *const at = (const char *)&result[c];
            value[c] = *(const double *)(const void *)(at + k->value);
            if (k->error > 0)
                error = *(const double *)(const void *)(at + k->error);
            if (k->reason >= 0)
                reason = *(const char *const *)(const void *)(at + k->reason);
            if (reason == NULL)
                reason = "the other table has fewer than two numbers";
        }
        if (k->each)
            PV_TRY(pv_write_error(w, k->prefix, column->name, value[c], error,
                                  isnan(value[c]) ? reason : NULL, &c, 1, err));
    }
    PV_TRY(write_summary(w, k->prefix, value, k->mean, k->max, none, err));
out:
    return status;
}

static pv_status write_shares(const pv_writing *w, const column_result *result,
                              pv_error *err)
{
    pv_status status = PV_OK;
    for (size_t c = 0; c < pv_schema_columns(w->input->schema); c++) {
        const uint32_t levels = pv_schema_column(w->input->schema, c)->levels;
        if (levels > most_series_levels)
            continue;
        for (int t = 0; t < 2; t++) {
            char name[48];
            (void)snprintf(name, sizeof name, "oneway.%s.%zu",
                           t == 0 ? "real" : "synthetic", c);
            PV_TRY(pv_write_series(w, name, 0, result[c].share[t], levels,
                                   err));
        }
    }
out:
    return status;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    const size_t columns = pv_schema_columns(input->schema);
    const pv_writing w = {input, findings};
    const char *none = pv_no_rows(input);
    column_result *result = pv_array_calloc(columns, sizeof *result);
    double *value = pv_array_alloc(columns, sizeof *value);
    measuring all = {input, result};
    if (result == NULL || value == NULL) {
        status = pv_fail_memory(err, "columns");
        goto out;
    }
    if (none == NULL)
        pv_parallel_for(columns, measure_column, &all);
    for (size_t c = 0; c < columns; c++)
        if (result[c].status != PV_OK) {
            status = pv_fail(err, result[c].status, "a column: %s",
                             pv_status_text(result[c].status));
            goto out;
        }
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        PV_TRY(write_kind(&w, &kinds[k], result, none, value, err));
    if (none == NULL)
        PV_TRY(write_shares(&w, result, err));
out:
    for (size_t c = 0; result != NULL && c < columns; c++)
        for (size_t t = 0; t < 2; t++) {
            free(result[c].count[t]);
            free(result[c].share[t]);
        }
    free(result);
    free(value);
    return status;
}

const pv_probe pv_probe_oneway = {
    .name = "oneway",
    .kind = "fidelity",
    .summary = "each column by itself: numbers, missing values, coverage",
    .yardstick = true,
    .run = run};
