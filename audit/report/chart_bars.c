#include "audit/report/chart.h"

#include "audit/report/text.h"

#include <math.h>
#include <stdio.h>

enum { width = 320, left = 122, right = 44, row = 26, top = 24 };

static const double span = width - left - right;

static double largest(const double *value, size_t count, double so_far)
{
    for (size_t i = 0; i < count; i++)
        so_far = value[i] > so_far ? value[i] : so_far;
    return so_far;
}

static void percent(double share, char *text, size_t size)
{
    if (share < 0)
        (void)snprintf(text, size, "n/g");
    else
        (void)snprintf(text, size, "%.1f %%", 100 * share);
}

/* One bar and what it shows. */
static void put_bar(pv_drawing *d, const char *style, double share, double most,
                    double y)
{
    enum { thick = 9 };
    char text[16];
    const double length = share > 0 ? span * share / most : 0;
    percent(share, text, sizeof text);
    pv_draw_rect(d, style, left, y, length, thick);
    pv_draw_text(d, "small", left + length + 3, y + thick, PV_START, text, 12);
}

static void put_key(pv_drawing *d)
{
    pv_draw_rect(d, "real-bar", left, 6, 14, 9);
    pv_draw_text(d, "soft", left + 18, 15, PV_START, "real", 8);
    pv_draw_rect(d, "synthetic-bar", left + 60, 6, 14, 9);
    pv_draw_text(d, "soft", left + 78, 15, PV_START, "synthetic", 12);
}

pv_drawing *pv_chart_bars(const char *const *label, const double *real,
                          const double *synthetic, size_t count)
{
    pv_drawing *d = pv_drawing_new(width, top + row * (double)count + 4);
    const double most =
        largest(real, count, largest(synthetic, count, 1e-9));
    put_key(d);
    for (size_t i = 0; i < count; i++) {
        const double y = top + row * (double)i;
        pv_draw_text(d, "label", left - 6, y + 14, PV_END, label[i], 16);
        put_bar(d, "real-bar", real[i], most, y);
        put_bar(d, "synthetic-bar", synthetic[i], most, y + 11.5);
    }
    pv_draw_line(d, "axis", left, top - 2, left, top + row * (double)count);
    return d;
}

pv_drawing *pv_chart_ranks(const char *const *label, const double *value,
                           size_t count, double most)
{
    enum { wide = 460, from = 230, thick = 14 };
    pv_drawing *d = pv_drawing_new(wide, 8 + 20 * (double)count);
    const double end = most > 0 ? most : largest(value, count, 1e-9);
    for (size_t i = 0; i < count; i++) {
        char text[PV_NUMBER_ROOM];
        const double y = 4 + 20 * (double)i;
        const double length =
            value[i] > 0 ? (wide - from - 60) * fmin(1, value[i] / end) : 0;
        pv_draw_text(d, "label", from - 6, y + 11, PV_END, label[i], 38);
        pv_draw_rect(d, "synthetic-bar", from, y, length, thick);
        pv_draw_text(d, "small", from + length + 4, y + 11, PV_START,
                     pv_text_number(value[i], 3, text), 12);
    }
    pv_draw_line(d, "axis", from, 0, from, 8 + 20 * (double)count);
    return d;
}
