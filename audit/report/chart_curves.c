#include "audit/report/chart.h"

#include "audit/report/text.h"
#include "core/memory.h"

#include <math.h>
#include <stdlib.h>

enum { width = 340, height = 290, left = 52, right = 12, top = 12, bottom = 62 };

static double place_x(const pv_axes *a, double x)
{
    const double share = (x - a->x_low) / (a->x_high - a->x_low);
    return left + (width - left - right) * fmax(0, fmin(1, share));
}

static double place_y(const pv_axes *a, double y)
{
    const double share = (y - a->y_low) / (a->y_high - a->y_low);
    return height - bottom -
           (height - top - bottom) * fmax(0, fmin(1, share));
}

/* A step of 1, 2 or 5 that gives about five ticks. */
static double tick_step(double low, double high)
{
    const double rough = (high - low) / 5;
    const double power = pow(10, floor(log10(rough)));
    const double lead = rough / power;
    return (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * power;
}

static void put_axes(pv_drawing *d, const pv_axes *a)
{
    char text[PV_NUMBER_ROOM];
    const double xs = tick_step(a->x_low, a->x_high);
    const double ys = tick_step(a->y_low, a->y_high);
    for (double i = ceil(a->y_low / ys - 1e-9); i * ys <= a->y_high + ys / 1e6;
         i++) {
        const double y = place_y(a, i * ys);
        pv_draw_line(d, "rule", left, y, width - right, y);
        pv_draw_text(d, "soft", left - 5, y + 4, PV_END,
                     pv_text_number(i * ys, 4, text), 9);
    }
    for (double i = ceil(a->x_low / xs - 1e-9); i * xs <= a->x_high + xs / 1e6;
         i++) {
        const double x = place_x(a, i * xs);
        pv_draw_line(d, "axis", x, height - bottom, x, height - bottom + 4);
        pv_draw_text(d, "soft", x, height - bottom + 17, PV_MIDDLE,
                     pv_text_number(i * xs, 4, text), 9);
    }
    pv_draw_line(d, "axis", left, top, left, height - bottom);
    pv_draw_line(d, "axis", left, height - bottom, width - right,
                 height - bottom);
    pv_draw_text(d, "soft", width - right, height - bottom + 34, PV_END, a->x,
                 48);
    pv_draw_text(d, "soft", left + 5, top + 10, PV_START, a->y, 40);
}

static void put_curve(pv_drawing *d, const pv_axes *a, const pv_curve *c)
{
    double *point = pv_array_alloc(c->count, 4 * sizeof *point);
    size_t used = 0;
    if (point == NULL) {
        pv_drawing_fail(d);
        return;
    }
    for (size_t i = 0; i < c->count; i++) {
        const double x = place_x(a, c->x[i]);
        if (c->steps && i > 0) {
            point[2 * used] = x;
            point[2 * used + 1] = point[2 * used - 1];
            used++;
        }
        point[2 * used] = x;
        point[2 * used + 1] = place_y(a, c->y[i]);
        used++;
    }
    pv_draw_path(d, c->style, point, used);
    free(point);
}

pv_drawing *pv_chart_curves(const pv_curve *curve, size_t count,
                            const pv_axes *axes)
{
    pv_drawing *d = pv_drawing_new(width, height);
    double key = left;
    put_axes(d, axes);
    for (size_t i = 0; i < count; i++) {
        put_curve(d, axes, &curve[i]);
        if (curve[i].name == NULL)
            continue;
        pv_draw_line(d, curve[i].style, key, height - 10, key + 22,
                     height - 10);
        pv_draw_text(d, "soft", key + 26, height - 6, PV_START, curve[i].name,
                     28);
        key += 145;
    }
    return d;
}

static void widen(const double *value, size_t count, double *low, double *high)
{
    for (size_t i = 0; i < count; i++) {
        *low = fmin(*low, value[i]);
        *high = fmax(*high, value[i]);
    }
}

pv_drawing *pv_chart_points(const pv_points *real, const pv_points *synthetic,
                            const char *x, const char *y)
{
    pv_axes a = {x, y, INFINITY, -INFINITY, INFINITY, -INFINITY};
    widen(real->x, real->count, &a.x_low, &a.x_high);
    widen(synthetic->x, synthetic->count, &a.x_low, &a.x_high);
    widen(real->y, real->count, &a.y_low, &a.y_high);
    widen(synthetic->y, synthetic->count, &a.y_low, &a.y_high);
    if (!(a.x_high > a.x_low))
        a.x_high = a.x_low + 1;
    if (!(a.y_high > a.y_low))
        a.y_high = a.y_low + 1;
    pv_drawing *d = pv_drawing_new(width, height);
    put_axes(d, &a);
    for (size_t i = 0; i < real->count; i++)
        pv_draw_circle(d, "real-point", place_x(&a, real->x[i]),
                       place_y(&a, real->y[i]), 2.5);
    for (size_t i = 0; i < synthetic->count; i++)
        pv_draw_cross(d, "synthetic-point", place_x(&a, synthetic->x[i]),
                      place_y(&a, synthetic->y[i]), 2.2);
    if (real->count > 0) {
        pv_draw_circle(d, "real-point", left + 6, height - 10, 2.5);
        pv_draw_text(d, "soft", left + 14, height - 6, PV_START, "real", 8);
    }
    pv_draw_cross(d, "synthetic-point", left + 70, height - 10, 2.2);
    pv_draw_text(d, "soft", left + 78, height - 6, PV_START, "synthetic", 12);
    return d;
}
