/* Total variation and L1 error of all marginals of one, two and three columns.
 */
#include "audit/fidelity/distance.h"
#include "audit/probe.h"
#include "core/log.h"
#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_ways = 3, worst_kept = 10, batch_cliques = 4096 };

typedef struct ranked {
    double tv;
    uint32_t column[most_ways];
} ranked;

/* What is kept of all marginals of one order. */
typedef struct summary {
    size_t ways, count;
    double tv_sum, l1_sum;
    double *tv; /* each one's, for orders that need them all; else NULL */
    size_t kept;
    ranked worst[worst_kept]; /* falling; of equals the first in order */
} summary;

static void note(summary *s, const uint32_t *column, pv_distance d)
{
    if (s->tv != NULL)
        s->tv[s->count] = d.tv;
    s->count++;
    s->tv_sum += d.tv;
    s->l1_sum += d.l1;
    size_t at = s->kept;
    while (at > 0 && d.tv > s->worst[at - 1].tv)
        at--;
    if (at == worst_kept || isnan(d.tv))
        return;
    if (s->kept < worst_kept)
        s->kept++;
    for (size_t i = s->kept - 1; i > at; i--)
        s->worst[i] = s->worst[i - 1];
    s->worst[at].tv = d.tv;
    memcpy(s->worst[at].column, column, s->ways * sizeof *column);
}

static size_t combinations(size_t n, size_t k)
{
    size_t c = 1;
    for (size_t i = 0; i < k; i++)
        c = c * (n - i) / (i + 1);
    return n < k ? 0 : c;
}

typedef struct batch {
    size_t count;
    pv_clique clique[batch_cliques];
    pv_distance distance[batch_cliques];
} batch;

static pv_status measure(const pv_probe_input *input, batch *b, summary *s,
                         pv_error *err)
{
    const pv_status status =
        pv_distances(input->real, input->synthetic, b->clique, b->count,
                     PV_DISTANCE_AUTO, b->distance, err);
    for (size_t i = 0; status == PV_OK && i < b->count; i++) {
        uint32_t column[most_ways];
        pv_clique_columns(&b->clique[i], column, most_ways);
        note(s, column, b->distance[i]);
    }
    b->count = 0;
    return status;
}

/* All marginals of s->ways columns, a batch at a time. */
static pv_status summarise(const pv_probe_input *input, summary *s,
                           pv_error *err)
{
    pv_status status = PV_OK;
    const size_t columns = pv_schema_columns(input->schema);
    uint32_t column[most_ways];
    char what[32];
    batch *b = pv_array_alloc(1, sizeof *b);
    if (b == NULL)
        return pv_fail_memory(err, "marginals");
    b->count = 0;
    for (size_t i = 0; i < s->ways; i++)
        column[i] = (uint32_t)i;
    snprintf(what, sizeof what, "%zu-way marginals", s->ways);
    pv_progress_begin(what, combinations(columns, s->ways));
    do {
        b->clique[b->count++] = pv_clique_of(column, s->ways);
        if (b->count == batch_cliques) {
            PV_TRY(measure(input, b, s, err));
            pv_progress_update(s->count);
        }
    } while (pv_combination_next(column, s->ways, columns));
    PV_TRY(measure(input, b, s, err));
out:
    pv_progress_end();
    free(b);
    return status;
}

/* --- to findings ---------------------------------------------------------- */

typedef struct writing {
    const pv_probe_input *input;
    pv_findings *findings;
    const char *no_tv, *no_l1; /* reasons why there is none; NULL: there is */
} writing;

/* Adds `value` as <prefix>.<ways>way.<name>, of `columns` columns (0: all). */
static pv_status add(const writing *w, const char *prefix, size_t ways,
                     const char *name, double value, const char *reason,
                     const uint32_t *column, size_t columns, pv_error *err)
{
    const char *names[most_ways];
    char *id = pv_sprintf_alloc("%s.%zuway.%s", prefix, ways, name);
    if (id == NULL)
        return pv_fail_memory(err, "a metric's id");
    for (size_t i = 0; i < columns; i++)
        names[i] = pv_schema_column(w->input->schema, column[i])->name;
    const pv_metric metric = {.id = id,
                              .value = reason == NULL ? value : NAN,
                              .scope = {.columns = columns, .column = names},
                              .status = reason == NULL ? PV_METRIC_OK
                                                       : PV_METRIC_SKIPPED,
                              .reason = reason};
    const pv_status status = pv_probe_add(w->input, w->findings, &metric, err);
    free(id);
    return status;
}

static int rising(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The 95th percentile, linear between the order statistics around it. */
static double percentile95(double *tv, size_t n)
{
    if (n == 0)
        return NAN;
    qsort(tv, n, sizeof *tv, rising);
    const double at = 0.95 * (double)(n - 1);
    const size_t below = (size_t)at, above = below + (below + 1 < n);
    return tv[below] + (at - (double)below) * (tv[above] - tv[below]);
}

/* Each column's distance, before percentile95 sorts them. */
static pv_status write_columns(const writing *w, const summary *s,
                               pv_error *err)
{
    pv_status status = PV_OK;
    for (uint32_t c = 0; c < pv_schema_columns(w->input->schema); c++)
        PV_TRY(add(w, "tv", 1, pv_schema_column(w->input->schema, c)->name,
                   s->tv[c], w->no_tv, &c, 1, err));
out:
    return status;
}

static pv_status write_worst(const writing *w, const summary *s, pv_error *err)
{
    pv_status status = PV_OK;
    for (size_t i = 0; i < s->kept && w->no_tv == NULL; i++) {
        char name[32];
        snprintf(name, sizeof name, "worst.%zu", i + 1);
        PV_TRY(add(w, "tv", s->ways, name, s->worst[i].tv, NULL,
                   s->worst[i].column, s->ways, err));
    }
out:
    return status;
}

static pv_status write_summary(const writing *w, summary *s, pv_error *err)
{
    pv_status status = PV_OK;
    const double n = (double)s->count;
    const ranked *first = &s->worst[0];
    const bool worst = w->no_tv == NULL;
    if (s->ways == 1)
        PV_TRY(write_columns(w, s, err));
    PV_TRY(
        add(w, "tv", s->ways, "mean", s->tv_sum / n, w->no_tv, NULL, 0, err));
    PV_TRY(add(w, "tv", s->ways, "max", first->tv, w->no_tv, first->column,
               worst ? s->ways : 0, err));
    if (s->ways == 2)
        PV_TRY(add(w, "tv", 2, "p95", percentile95(s->tv, s->count), w->no_tv,
                   NULL, 0, err));
    PV_TRY(
        add(w, "error", s->ways, "l1", s->l1_sum / n, w->no_l1, NULL, 0, err));
    PV_TRY(write_worst(w, s, err));
out:
    return status;
}

/* Why there are no distances at all, or of one kind. */
static void find_reasons(const pv_probe_input *input, size_t ways, writing *w)
{
    static const char *const too_few[] = {"the table has no columns",
                                          "the table has fewer than 2 columns",
                                          "the table has fewer than 3 columns"};
    const char *none = NULL;
    if (pv_schema_columns(input->schema) < ways)
        none = too_few[ways - 1];
    else if (pv_table_rows(input->real) == 0)
        none = "the real table has no rows";
    w->no_tv = w->no_l1 = none;
    if (none == NULL && pv_table_rows(input->synthetic) == 0)
        w->no_tv = input->yardstick ? "the holdout has no rows"
                                    : "the synthetic table has no rows";
    /* a holdout is of any size: the difference of its counts says nothing */
    if (none == NULL && input->yardstick)
        w->no_l1 = "counts of tables of different size do not compare";
}

static pv_status run_order(const pv_probe_input *input, pv_findings *findings,
                           size_t ways, pv_error *err)
{
    pv_status status = PV_OK;
    writing w = {input, findings, NULL, NULL};
    const size_t count = combinations(pv_schema_columns(input->schema), ways);
    summary *s = pv_array_calloc(1, sizeof *s);
    if (s == NULL)
        return pv_fail_memory(err, "marginals");
    s->ways = ways;
    if (ways < most_ways) {
        s->tv = pv_array_calloc(count, sizeof *s->tv);
        if (s->tv == NULL) {
            status = pv_fail_memory(err, "marginals");
            goto out;
        }
    }
    find_reasons(input, ways, &w);
    if (w.no_tv == NULL || w.no_l1 == NULL)
        PV_TRY(summarise(input, s, err));
    PV_TRY(write_summary(&w, s, err));
out:
    free(s->tv);
    free(s);
    return status;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    for (size_t ways = 1; ways <= most_ways && status == PV_OK; ways++)
        status = run_order(input, findings, ways, err);
    return status;
}

const pv_probe pv_probe_marginals = {
    .name = "marginals",
    .kind = "fidelity",
    .summary = "total variation and L1 error of 1-, 2- and 3-way marginals",
    .yardstick = true,
    .scale = true,
    .distances = true,
    .run = run};
