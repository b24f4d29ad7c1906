#include "gen/columns.h"

#include "core/memory.h"
#include "gen/budget.h"
#include "io/date.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- what each column may spend ----------------------------------------- */

static bool asks(const pv_column *column)
{
    if ((column->needs & (PV_NEEDS_BOUNDS | PV_NEEDS_LABELS)) != 0)
        return true;
    return column->needs != 0 &&
           pv_bins_depth(column, column->minimum, column->maximum) > 0;
}

pv_status pv_label_delta(const pv_schema *schema, double delta, uint64_t *units,
                         pv_error *err)
{
    static const double share = 0.1;
    uint64_t open = 0;
    for (size_t i = 0; i < pv_schema_columns(schema); i++)
        open += (pv_schema_column(schema, i)->needs & PV_NEEDS_LABELS) != 0;
    *units = open > 0 ? pv_delta_units(delta, share) : 0;
    if (*units < open)
        return pv_fail(err, PV_EBUDGET,
                       "delta is too small to be split over the labels of %llu "
                       "open columns; give a delta of at least 1e-15, or "
                       "categories in the schema",
                       (unsigned long long)open);
    return PV_OK;
}

static void set_task(const pv_column *column, uint64_t units, uint64_t delta,
                     pv_column_task *task)
{
    const bool bins = (column->needs & PV_NEEDS_BINS) != 0;
    if (!asks(column))
        return;
    if (column->needs & PV_NEEDS_LABELS) {
        task->labels = units;
        task->delta = delta;
        return;
    }
    if (column->needs & PV_NEEDS_BOUNDS)
        task->bounds = bins ? units / 4 : units;
    if (bins)
        task->bins = units - task->bounds;
}

/* Every question must have noise that can be drawn, before any is asked. */
static pv_status check_task(const pv_column *column, const pv_column_task *task,
                            uint64_t sensitivity2, pv_error *err)
{
    pv_status status = PV_OK;
    pv_rational sigma2;
    const unsigned depth =
        task->bounds > 0 ? PV_MAX_DEPTH
                         : pv_bins_depth(column, column->minimum,
                                         column->maximum);
    if (task->bounds > 0)
        PV_TRY(pv_part_sigma2(task->bounds, 2, sensitivity2, &sigma2, err));
    if (task->bins > 0)
        PV_TRY(pv_part_sigma2(task->bins, pv_bins_questions(depth),
                              sensitivity2, &sigma2, err));
    if (task->labels > 0)
        PV_TRY(pv_part_sigma2(task->labels, 1, sensitivity2, &sigma2, err));
out:
    if (status != PV_OK)
        status = pv_fail_context(err, status,
                                 "column \"%s\": to find its levels (see "
                                 "--columns-share)",
                                 column->name);
    return status;
}

pv_status pv_column_tasks(const pv_request *request, pv_column_task **tasks,
                          size_t *count, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t columns = pv_schema_columns(request->schema);
    uint64_t asking = 0, open = 0;
    pv_column_task *made = pv_array_calloc(columns, sizeof *made);
    *count = 0;
    if (made == NULL)
        return pv_fail_memory(err, "the columns");
    for (size_t i = 0; i < columns; i++) {
        asking += asks(pv_schema_column(request->schema, i));
        open += pv_schema_column(request->schema, i)->needs == PV_NEEDS_LABELS;
    }
    const uint64_t all = pv_budget_part(request->budget,
                                        request->columns_share);
    for (size_t i = 0; i < columns; i++) {
        const pv_column *column = pv_schema_column(request->schema, i);
        pv_column_task *task = &made[*count];
        if (column->needs == 0)
            continue;
        task->column = i;
        set_task(column, asking > 0 ? all / asking : 0,
                 open > 0 ? request->delta_labels / open : 0, task);
        if (asks(column) && task->bounds + task->bins + task->labels == 0) {
            status = pv_fail(err, PV_EBUDGET,
                             "column \"%s\": nothing is left of the budget to "
                             "find its levels; raise epsilon or "
                             "--columns-share",
                             column->name);
            goto out;
        }
        PV_TRY(check_task(column, task,
                          pv_sensitivity2(request->schema, request->neighbours),
                          err));
        ++*count;
    }
    *tasks = made;
    made = NULL;
out:
    free(made);
    return status;
}

/* --- bounds ------------------------------------------------------------- */

enum { integer_bits = 53, number_bits = 64, most_octaves = 512 };

/* The powers of two of either sign with what is about zero between them:
 * interval[i] is what is asked, edge[i] and edge[i+1] where it ends if chosen.
 * Whole numbers are below 2^53; of other numbers, those beyond 2^64 are asked
 * about with the outermost and those within 2^-64 with zero. */
static size_t octaves(const pv_column *column, pv_interval *interval,
                      double *edge)
{
    size_t count = 0;
    const int top = column->integer ? integer_bits : number_bits;
    const int bottom = column->integer ? 0 : -number_bits;
    for (int e = top; e >= bottom; e--)
        edge[count++] = -ldexp(1, e);
    if (column->integer)
        edge[count++] = 0; /* [-1, 0) and [0, 1): single numbers */
    for (int e = bottom; e <= top; e++)
        edge[count++] = ldexp(1, e);
    count--;
    for (size_t i = 0; i < count; i++)
        interval[i] = (pv_interval){edge[i], edge[i + 1]};
    interval[0].low = -INFINITY;
    interval[count - 1].high = INFINITY;
    return count;
}

/* The first and the last heavy count; where none is, the largest. A false one
 * far out would cost all resolution, so octaves must pass five deviations (one
 * run in ten thousand has a false one), their pieces four. */
static void outermost(const int64_t *counts, size_t count, double deviations,
                      pv_rational sigma2, size_t *first, size_t *last)
{
    size_t largest = 0;
    *first = count;
    for (size_t i = 0; i < count; i++) {
        if (counts[i] > counts[largest])
            largest = i;
        if (!pv_is_heavy(counts[i], deviations, sigma2))
            continue;
        *first = *first < count ? *first : i;
        *last = i;
    }
    if (*first == count)
        *first = *last = largest;
}

/* The pieces of one octave; what lies about zero stays whole. */
static size_t pieces(const pv_column *column, double low, double high,
                     pv_interval *interval)
{
    double edges[PV_SPLIT];
    if (low < 0 && high > 0) {
        interval[0] = (pv_interval){low, high};
        return 1;
    }
    const size_t count = pv_split(column, low, high, edges);
    for (size_t i = 0; i < count; i++) {
        interval[i] = (pv_interval){low, edges[i]};
        low = edges[i];
    }
    return count;
}

/* The second question narrows the outermost octaves to sixteenths. */
static pv_status narrow(pv_curator *curator, size_t column, pv_rational sigma2,
                        const double *first, const double *last, double *low,
                        double *high, pv_error *err)
{
    pv_interval interval[2 * PV_SPLIT];
    int64_t counts[2 * PV_SPLIT];
    size_t a = 0, b = 0, unused;
    const pv_column *c =
        pv_schema_column(pv_curator_schema(curator), column);
    const size_t lower = pieces(c, first[0], first[1], interval);
    const size_t upper =
        first == last ? 0 : pieces(c, last[0], last[1], interval + lower);
    const pv_status status = pv_ask_intervals(curator, column, interval,
                                              lower + upper, sigma2, counts,
                                              err);
    if (status != PV_OK)
        return status;
    outermost(counts, lower, 4, sigma2, &a, &b);
    if (upper > 0) {
        outermost(counts + lower, upper, 4, sigma2, &unused, &b);
        b += lower;
    }
    *low = interval[a].low;
    *high = interval[b].high;
    return PV_OK;
}

/* The range as a closed one that can be binned. */
static void close_range(const pv_column *column, double *low, double *high)
{
    const double tiny = ldexp(1, -number_bits);
    if (column->integer) {
        *high -= 1;
        *low = fmax(*low, 1 - 0x1p53); /* what a schema can hold */
        if (column->date) {
            *low = fmin(fmax(*low, PV_DATE_FIRST), PV_DATE_LAST);
            *high = fmin(fmax(*high, *low), PV_DATE_LAST);
        }
        return;
    }
    /* what lies about zero is zero */
    if (*low == -tiny)
        *low = 0;
    if (*high == tiny)
        *high = 0;
    if (*low >= *high)
        *high = *low + 1;
}

static pv_status find_bounds(pv_curator *curator, size_t column, uint64_t units,
                             double *low, double *high, pv_error *err)
{
    pv_status status = PV_OK;
    pv_interval interval[most_octaves];
    double edge[most_octaves + 1];
    int64_t counts[most_octaves];
    pv_rational sigma2;
    size_t first = 0, last = 0;
    const pv_column *c =
        pv_schema_column(pv_curator_schema(curator), column);
    const size_t count = octaves(c, interval, edge);
    PV_TRY(pv_part_sigma2(units, 2, pv_curator_sensitivity2(curator), &sigma2,
                          err));
    PV_TRY(pv_ask_intervals(curator, column, interval, count, sigma2, counts,
                            err));
    outermost(counts, count, 5, sigma2, &first, &last);
    PV_TRY(narrow(curator, column, sigma2, edge + first, edge + last, low, high,
                  err));
    close_range(c, low, high);
out:
    return status;
}

/* --- all of it ---------------------------------------------------------- */

/* What was found, with the memory it is in. */
typedef struct findings {
    pv_found *found;
    double **edges;
    pv_labels *labels;
    size_t count;
} findings;

static void clear(findings *f)
{
    for (size_t i = 0; i < f->count; i++) {
        if (f->edges != NULL)
            free(f->edges[i]);
        if (f->labels != NULL)
            pv_labels_clear(&f->labels[i]);
    }
    free(f->found);
    free(f->edges);
    free(f->labels);
}

static pv_status find_labels(pv_curator *curator, const pv_column_task *task,
                             pv_labels *labels, pv_found *found, pv_error *err)
{
    pv_status status = PV_OK;
    pv_rational sigma2;
    const pv_column *column =
        pv_schema_column(pv_curator_schema(curator), task->column);
    PV_TRY(pv_part_sigma2(task->labels, 1, pv_curator_sensitivity2(curator),
                          &sigma2, err));
    /* one level is the rest's */
    PV_TRY(pv_ask_labels(curator, task->column, sigma2, task->delta,
                         column->private_levels - 1, labels, err));
    found->labels = (const char *const *)labels->label;
    found->label_count = labels->count;
out:
    return status;
}

static pv_status find_numbers(pv_curator *curator, const pv_column_task *task,
                              double **edges, pv_found *found, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_column *column =
        pv_schema_column(pv_curator_schema(curator), task->column);
    double low = column->minimum, high = column->maximum;
    if (task->bounds > 0)
        PV_TRY(find_bounds(curator, task->column, task->bounds, &low, &high,
                           err));
    PV_TRY((column->needs & PV_NEEDS_BINS) != 0
               ? pv_find_bins(curator, task->column, low, high, task->bins,
                              edges, &found->edge_count, err)
               : pv_equal_edges(column, low, high, column->private_levels,
                                edges, &found->edge_count, err));
    found->edges = *edges;
out:
    return status;
}

pv_status pv_columns_ask(const pv_request *request, pv_curator *curator,
                         pv_error *err)
{
    pv_status status = PV_OK;
    pv_column_task *tasks = NULL;
    findings f = {0};
    if (!pv_schema_has_needs(request->schema))
        return PV_OK;
    PV_TRY(pv_column_tasks(request, &tasks, &f.count, err));
    f.found = pv_array_calloc(f.count, sizeof *f.found);
    f.edges = pv_array_calloc(f.count, sizeof *f.edges);
    f.labels = pv_array_calloc(f.count, sizeof *f.labels);
    if (f.found == NULL || f.edges == NULL || f.labels == NULL) {
        status = pv_fail_memory(err, "the columns");
        goto out;
    }
    for (size_t i = 0; i < f.count; i++) {
        f.found[i].column = tasks[i].column;
        PV_TRY(tasks[i].labels > 0
                   ? find_labels(curator, &tasks[i], &f.labels[i], &f.found[i],
                                 err)
                   : find_numbers(curator, &tasks[i], &f.edges[i], &f.found[i],
                                  err));
    }
    PV_TRY(pv_curator_resolve(curator, f.found, f.count, err));
out:
    clear(&f);
    free(tasks);
    return status;
}
