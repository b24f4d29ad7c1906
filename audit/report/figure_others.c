/* Matrices, components, survival, the yardstick. */
#include "audit/report/section.h"

#include "audit/report/chart.h"
#include "audit/report/text.h"
#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_matrix = 60 };

static void missing(pv_document *d, pv_element *s, const char *what)
{
    (void)pv_add_format(d, s, PV_ELEMENT_PARAGRAPH,
                        "%s: not drawn; no findings have the numbers.", what);
}

/* --- matrices ------------------------------------------------------------------ */

static void add_matrix(const pv_report *r, pv_document *d, pv_element *s,
                       const char *title, const char *description,
                       const double *value)
{
    const size_t columns = pv_schema_columns(r->input->schema);
    const char **label = pv_array_alloc(columns, sizeof *label);
    double most = 0;
    if (label == NULL)
        return;
    for (size_t i = 0; i < columns; i++)
        label[i] = pv_schema_column(r->input->schema, i)->name;
    for (size_t i = 0; i < columns * columns; i++)
        most = i / columns == i % columns ? most : fmax(most, fabs(value[i]));
    pv_element *figure =
        pv_add_figure(d, s, title, description,
                      pv_chart_matrix(label, value, columns, most));
    (void)pv_add_format(d, figure, PV_ELEMENT_PARAGRAPH,
                        "Rows and columns are numbered alike. The strongest colour is "
                        "%.3g.",
                        most);
    free(label);
}

/* A matrix of columns by columns from the series; NULL when it is not there. */
static double *matrix_of(const pv_report *r, const char *name)
{
    const size_t columns = pv_schema_columns(r->input->schema);
    size_t count;
    double *value = pv_report_series(r, name, &count);
    if (value != NULL && (count != columns * columns || columns > most_matrix ||
                          columns < 2)) {
        free(value);
        value = NULL;
    }
    return value;
}

void pv_add_pairs(const pv_report *r, pv_document *d, pv_element *s)
{
    const size_t columns = pv_schema_columns(r->input->schema);
    pv_element *part = pv_add(d, s, PV_ELEMENT_PART, "Pairs of columns");
    double *tv = matrix_of(r, "tv.2way.matrix");
    if (tv != NULL)
        add_matrix(r, d, part, "Total variation of each pair of columns",
                   "A matrix of all pairs of columns. The worst pairs are in the "
                   "figure above and in the table of distances.",
                   tv);
    else
        missing(d, part, "Errors of pairs");
    double *real = matrix_of(r, "cramersv.real.matrix");
    double *synthetic = matrix_of(r, "cramersv.synthetic.matrix");
    if (real != NULL && synthetic != NULL) {
        for (size_t i = 0; i < columns * columns; i++)
            synthetic[i] -= real[i];
        add_matrix(r, d, part,
                   "Association (Cram\xc3\xa9r's V): synthetic less real",
                   "A matrix of all pairs of columns. A minus, in the first colour: "
                   "the association is weaker in the synthetic table.",
                   synthetic);
    } else {
        missing(d, part, "Differences of associations");
    }
    free(tv);
    free(real);
    free(synthetic);
}

/* --- components ------------------------------------------------------------------ */

void pv_add_components(const pv_report *r, pv_document *d, pv_element *s)
{
    static const char *const name[] = {"pca.real.1", "pca.real.2",
                                       "pca.synthetic.1", "pca.synthetic.2"};
    double *value[4];
    size_t count[4];
    for (int i = 0; i < 4; i++)
        value[i] = pv_report_series(r, name[i], &count[i]);
    const bool has_real =
        value[0] != NULL && value[1] != NULL && count[0] == count[1];
    if (value[2] != NULL && value[3] != NULL && count[2] == count[3]) {
        const pv_points real = {value[0], value[1], has_real ? count[0] : 0};
        const pv_points synthetic = {value[2], value[3], count[2]};
        (void)pv_add_figure(
            d, s, "First two principal components",
            has_real ? "A cloud of real rows (circles) and one of synthetic rows "
                       "(crosses), on axes fitted to the real table. Alike: the "
                       "clouds cover each other."
                     : "A cloud of synthetic rows (crosses), on axes fitted to the "
                       "real table. Real rows are left out.",
            pv_chart_points(&real, &synthetic, "first component",
                            "second component"));
    } else {
        missing(d, s, "Principal components");
    }
    for (int i = 0; i < 4; i++)
        free(value[i]);
}

/* --- survival ----------------------------------------------------------------------- */

static void survival_table(pv_document *d, pv_element *figure,
                           const char *caption, const double *time,
                           const double *survival, size_t count)
{
    static const char *const heading[] = {"Time", "Share without event", NULL};
    enum { rows = 20 };
    pv_element *details = pv_add(d, figure, PV_ELEMENT_DETAILS, caption);
    pv_element *table = pv_add_table(d, details, caption, heading);
    const size_t step = count > rows ? count / rows : 1;
    for (size_t i = 0; i < count; i += step) {
        pv_element *row = pv_add(d, table, PV_ELEMENT_ROW, NULL);
        pv_add_number(d, row, time[i]);
        pv_add_number(d, row, survival[i]);
    }
}

void pv_add_survival(const pv_report *r, pv_document *d, pv_element *s)
{
    static const char *const name[] = {"km.real.time", "km.real.survival",
                                       "km.synthetic.time",
                                       "km.synthetic.survival"};
    double *v[4];
    size_t count[4];
    for (int i = 0; i < 4; i++)
        v[i] = pv_report_series(r, name[i], &count[i]);
    if (v[0] != NULL && v[1] != NULL && v[2] != NULL && v[3] != NULL &&
        count[0] == count[1] && count[2] == count[3]) {
        const pv_curve curve[] = {
            {"real-line", "real", v[0], v[1], count[0], true},
            {"synthetic-line", "synthetic", v[2], v[3], count[2], true}};
        const double end = fmax(v[0][count[0] - 1], v[2][count[2] - 1]);
        const pv_axes axes = {"time", "share without event",
                              0,      end > 0 ? end : 1,
                              0,      1};
        pv_element *figure = pv_add_figure(
            d, s, "Kaplan\xe2\x80\x93Meier curves",
            "Two step curves that fall from 1: the share without an event until each "
            "time.",
            pv_chart_curves(curve, 2, &axes));
        survival_table(d, figure, "Real table", v[0], v[1], count[0]);
        survival_table(d, figure, "Synthetic table", v[2], v[3], count[2]);
    }
    for (int i = 0; i < 4; i++)
        free(v[i]);
}

/* --- the yardstick -------------------------------------------------------------------- */

typedef struct yardstick {
    double *fraction, *mean, *low, *high;
    size_t count;
} yardstick;

static double *part_of(const pv_report *r, const char *id, const char *end,
                       size_t wanted)
{
    char name[128];
    size_t count;
    (void)snprintf(name, sizeof name, "yardstick.%.80s%s", id, end);
    double *value = pv_report_series(r, name, &count);
    if (value != NULL && count == wanted)
        return value;
    free(value);
    return NULL;
}

static void draw_yardstick(const pv_report *r, pv_document *d, pv_element *s,
                           const char *id, const yardstick *y)
{
    static const char *const heading[] = {"Share of real rows", "Mean", "Least",
                                          "Greatest", NULL};
    const pv_metric *m = pv_report_metric(r, id);
    const bool has_score = m != NULL && m->status == PV_METRIC_OK;
    double level[2] = {has_score ? m->value : 0, has_score ? m->value : 0};
    const double ends[2] = {0, 1};
    pv_axes axes = {"share of the real rows", id, 0, 1, 0, level[0]};
    for (size_t i = 0; i < y->count; i++)
        axes.y_high = fmax(axes.y_high, y->high != NULL ? y->high[i] : y->mean[i]);
    axes.y_high = axes.y_high > 0 ? axes.y_high : 1;
    const pv_curve curve[] = {
        {"real-line", "samples of real", y->fraction, y->mean, y->count, false},
        {"synthetic-line", "synthetic", ends, level, has_score ? 2 : 0, false},
        {"band-line", NULL, y->fraction, y->low, y->low != NULL ? y->count : 0,
         false},
        {"band-line", NULL, y->fraction, y->high,
         y->high != NULL ? y->count : 0, false}};
    pv_element *figure = pv_add_figure(
        d, s, id,
        "A curve of what samples of the real table score, by the share of rows in "
        "the sample, and a level line at the synthetic table's score. Where they "
        "cross, the synthetic table is like a sample of that share.",
        pv_chart_curves(curve, 4, &axes));
    pv_element *details =
        pv_add(d, figure, PV_ELEMENT_DETAILS, "The figure as a table");
    pv_element *table = pv_add_table(d, details, "Scores of samples", heading);
    for (size_t i = 0; i < y->count; i++) {
        pv_element *row = pv_add(d, table, PV_ELEMENT_ROW, NULL);
        pv_add_number(d, row, y->fraction[i]);
        pv_add_number(d, row, y->mean[i]);
        pv_add_number(d, row, y->low != NULL ? y->low[i] : NAN);
        pv_add_number(d, row, y->high != NULL ? y->high[i] : NAN);
    }
}

/* "yardstick.<id>" of a mean; not its ends, and not the fractions. */
static const char *metric_of(const char *series)
{
    static const char prefix[] = "yardstick.";
    const char *dot = strrchr(series, '.');
    if (strncmp(series, prefix, sizeof prefix - 1) != 0 || dot == NULL ||
        strcmp(dot, ".lo") == 0 || strcmp(dot, ".hi") == 0 ||
        strcmp(series, "yardstick.fraction") == 0)
        return NULL;
    return series + sizeof prefix - 1;
}

void pv_add_yardstick(const pv_report *r, pv_document *d, pv_element *s)
{
    enum { most = 12 };
    yardstick y = {NULL, NULL, NULL, NULL, 0};
    size_t drawn = 0;
    y.fraction = pv_report_series(r, "yardstick.fraction", &y.count);
    pv_element *grid = pv_add(d, s, PV_ELEMENT_PART, NULL);
    for (size_t f = 0; f < r->count && y.fraction != NULL; f++) {
        const char *series;
        for (size_t i = 0;
             (series = pv_findings_series_at(pv_report_shown(r, f), i)) != NULL; i++) {
            const char *id = metric_of(series);
            if (id == NULL || drawn == most)
                continue;
            y.mean = part_of(r, id, "", y.count);
            y.low = part_of(r, id, ".lo", y.count);
            y.high = part_of(r, id, ".hi", y.count);
            if (y.mean != NULL)
                draw_yardstick(r, d, grid, id, &y);
            drawn += y.mean != NULL;
            free(y.mean);
            free(y.low);
            free(y.high);
        }
    }
    free(y.fraction);
    if (drawn == 0)
        missing(d, s, "Samples of the real table");
}
