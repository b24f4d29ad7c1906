/* Distributions of the columns. */
#include "audit/report/section.h"

#include "audit/report/chart.h"
#include "audit/report/share.h"
#include "audit/report/text.h"
#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_bars = 16, most_figures = 60 };

/* What is drawn of one column: levels, or ranges of neighbouring ones. */
typedef struct bars {
    char *label[most_bars + 2];
    double real[most_bars + 2], synthetic[most_bars + 2];
    size_t count;
} bars;

static void clear_bars(bars *b)
{
    for (size_t i = 0; i < b->count; i++)
        free(b->label[i]);
    b->count = 0;
}

/* Adds to a share; what is not given counts as nothing, and all such are not
 * given. */
static double plus(double sum, double share)
{
    if (share < 0)
        return sum;
    return sum < 0 ? share : sum + share;
}

static void put_bar(bars *b, const char *label, double real, double synthetic)
{
    b->label[b->count] = pv_text_clean(label);
    if (b->label[b->count] == NULL)
        return;
    b->real[b->count] = real;
    b->synthetic[b->count++] = synthetic;
}

/* The codes from..to-1 in words. Bins: "[a, b)" to "[c, d)" is "[a, d)". With
 * `open`, the ends of the scale are not named: they may be real extremes. */
static void name_run(const pv_column *c, uint32_t from, uint32_t to, bool open,
                     char *text, size_t size)
{
    char first[64], last[64];
    const uint32_t levels = c->levels - c->missing;
    pv_column_describe(c, from, first, sizeof first);
    pv_column_describe(c, to - 1, last, sizeof last);
    char *comma = c->kind == PV_COLUMN_BINS ? strchr(first, ',') : NULL;
    const char *rest = c->kind == PV_COLUMN_BINS ? strchr(last, ',') : NULL;
    if (comma != NULL)
        *comma = '\0';
    const char *low = comma != NULL ? first + 1 : first;
    if (open && from == 0 && to == levels)
        (void)snprintf(text, size, "all");
    else if (open && to == levels)
        (void)snprintf(text, size, "from %s on", low);
    else if (open && from == 0 && rest != NULL)
        (void)snprintf(text, size, "below %.*s",
                       (int)(strlen(rest) - 3), rest + 2);
    else if (open && from == 0)
        (void)snprintf(text, size, "up to %s", last);
    else if (rest != NULL && to - 1 > from)
        (void)snprintf(text, size, "[%s%s", low, rest);
    else
        (void)snprintf(text, size, to - 1 > from ? "%s to %s" : "%s", first,
                       last);
}

/* Numbers: at most 16 runs of neighbouring codes, and missing. */
static void group_numbers(const pv_column *c, const double *real,
                          const double *synthetic, bool open, bars *b)
{
    const uint32_t levels = c->levels - c->missing;
    const uint32_t run = (levels + most_bars - 1) / most_bars;
    for (uint32_t from = 0; from < levels; from += run) {
        char text[140];
        const uint32_t to = from + run < levels ? from + run : levels;
        double sums[2] = {PV_SUPPRESSED, 0};
        for (uint32_t i = from; i < to; i++) {
            sums[0] = plus(sums[0], real[i]);
            sums[1] += synthetic[i];
        }
        name_run(c, from, to, open, text, sizeof text);
        put_bar(b, text, sums[0], sums[1]);
    }
    if (c->missing)
        put_bar(b, "(missing)", real[levels], synthetic[levels]);
}

/* Whether code i comes before code j: more real rows, then the schema's order. */
static bool before(const double *real, uint32_t i, uint32_t j)
{
    return real[i] > real[j] || (real[i] == real[j] && i < j);
}

/* The rank of a code among the levels that may be named. */
static size_t rank_of(const double *real, uint32_t levels, uint32_t code)
{
    size_t rank = 0;
    for (uint32_t i = 0; i < levels; i++)
        rank += before(real, i, code);
    return rank;
}

/* Labels: those most real rows have, then all others together. */
static void group_labels(const pv_column *c, const double *real,
                         const double *synthetic, bars *b)
{
    double sums[2] = {PV_SUPPRESSED, 0};
    uint32_t others = 0;
    for (uint32_t i = 0; i < c->levels; i++) {
        char text[128];
        const bool few = c->levels <= most_bars;
        if (real[i] < 0 ||
            (!few && rank_of(real, c->levels, i) >= most_bars)) {
            sums[0] = plus(sums[0], real[i]);
            sums[1] += synthetic[i];
            others++;
            continue;
        }
        pv_column_describe(c, i, text, sizeof text);
        put_bar(b, text, real[i], synthetic[i]);
    }
    if (others > 0) {
        char text[48];
        (void)snprintf(text, sizeof text, "%u other%s", others,
                       others == 1 ? "" : "s");
        put_bar(b, text, sums[0], sums[1]);
    }
}

static void add_share(pv_document *d, pv_element *row, double share)
{
    char text[PV_NUMBER_ROOM];
    if (share < 0)
        (void)pv_add(d, row, PV_ELEMENT_NUMBER, "not given");
    else
        (void)pv_add_format(d, row, PV_ELEMENT_NUMBER, "%s %%",
                            pv_text_number(100 * share, 4, text));
}

static void add_figure(pv_document *d, pv_element *grid, const pv_column *c,
                       const bars *b)
{
    static const char *const heading[] = {"Level", "Real", "Synthetic", NULL};
    pv_element *figure = pv_add_figure(
        d, grid, c->name,
        "Pairs of bars, the real table's share of each level above the synthetic "
        "table's. The numbers are in the table below.",
        pv_chart_bars((const char *const *)b->label, b->real, b->synthetic,
                      b->count));
    pv_element *details =
        pv_add(d, figure, PV_ELEMENT_DETAILS, "The figure as a table");
    pv_element *table = pv_add_table(d, details, "Share of rows", heading);
    for (size_t i = 0; i < b->count; i++) {
        pv_element *row = pv_add(d, table, PV_ELEMENT_ROW, NULL);
        (void)pv_add(d, row, PV_ELEMENT_CELL, b->label[i]);
        add_share(d, row, b->real[i]);
        add_share(d, row, b->synthetic[i]);
    }
}

/* False when the series of a column are not there, or not of its levels. */
static bool add_column(const pv_report *r, pv_document *d, pv_element *grid,
                       size_t column)
{
    const pv_column *c = pv_schema_column(r->input->schema, column);
    char name[64];
    size_t reals, synthetics;
    bars b = {.count = 0};
    (void)snprintf(name, sizeof name, "oneway.real.%zu", column);
    double *real = pv_report_series(r, name, &reals);
    (void)snprintf(name, sizeof name, "oneway.synthetic.%zu", column);
    double *synthetic = pv_report_series(r, name, &synthetics);
    const bool fits = real != NULL && synthetic != NULL &&
                      reals == c->levels && synthetics == c->levels;
    if (fits) {
        if (c->kind == PV_COLUMN_LABELS)
            group_labels(c, real, synthetic, &b);
        else
            group_numbers(c, real, synthetic, r->input->shareable, &b);
        add_figure(d, grid, c, &b);
    }
    clear_bars(&b);
    free(real);
    free(synthetic);
    return fits;
}

void pv_add_levels(const pv_report *r, pv_document *d, pv_element *s)
{
    const size_t columns = pv_schema_columns(r->input->schema);
    pv_element *part = pv_add(d, s, PV_ELEMENT_PART, "Distributions");
    pv_element *grid = pv_add(d, part, PV_ELEMENT_PART, NULL);
    size_t drawn = 0;
    for (size_t i = 0; i < columns && drawn < most_figures; i++)
        drawn += add_column(r, d, grid, i);
    if (drawn < columns)
        (void)pv_add_format(
            d, part, PV_ELEMENT_PARAGRAPH,
            drawn == 0 ? "Not drawn: no findings have the shares of levels."
                       : "%zu of %zu columns are drawn; report.json has those that "
                         "there are.",
            drawn, columns);
    else if (r->input->shareable)
        (void)pv_add(d, part, PV_ELEMENT_PARAGRAPH,
                     "Shares are of rounded counts. Levels that fewer than 15 real "
                     "rows have are together under \"others\"; their real share is not "
                     "given (n/g).");
}
