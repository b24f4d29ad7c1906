/* audit/report/chart.h - the figures of a report, as drawings.
 *
 * Real is told from synthetic by form as well as by colour: filled and outlined bars,
 * full and dashed lines, circles and crosses. Each takes numbers that may be shown;
 * NULL on short memory. */
#ifndef PV_AUDIT_REPORT_CHART_H
#define PV_AUDIT_REPORT_CHART_H

#include "audit/report/drawing.h"
#include "core/api.h"

#include <stdbool.h>
#include <stddef.h>

/* Pairs of bars, one below the other: shares from 0 to the largest. Negative: not
 * given. */
PV_API pv_drawing *pv_chart_bars(const char *const *label, const double *real,
                                 const double *synthetic, size_t count);

/* One bar for each label, with its number; `most` is the end of the scale, 0: the
 * largest. */
PV_API pv_drawing *pv_chart_ranks(const char *const *label, const double *value,
                                  size_t count, double most);

/* A matrix by rows, darker for more; signed values have two colours and a sign.
 * NAN: not given. Numbers are in the cells while they fit. */
PV_API pv_drawing *pv_chart_matrix(const char *const *label,
                                   const double *value, size_t count,
                                   double most);

typedef struct pv_points {
    const double *x, *y;
    size_t count;
} pv_points;

/* Points of two tables on common axes. */
PV_API pv_drawing *pv_chart_points(const pv_points *real,
                                   const pv_points *synthetic, const char *x,
                                   const char *y);

typedef struct pv_curve {
    const char *style; /* of the style sheet */
    const char *name;  /* for the key; NULL: none */
    const double *x, *y;
    size_t count;
    bool steps; /* y holds until the next x */
} pv_curve;

typedef struct pv_axes {
    const char *x, *y; /* what they show */
    double x_low, x_high, y_low, y_high;
} pv_axes;

PV_API pv_drawing *pv_chart_curves(const pv_curve *curve, size_t count,
                                   const pv_axes *axes);

#endif
