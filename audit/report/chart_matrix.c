#include "audit/report/chart.h"

#include <math.h>
#include <stdio.h>

enum { left = 116, top = 26, numbers_fit = 13 };

/* A number of two digits without its leading zero, to fit its cell. */
static void short_number(double value, char *text, size_t size)
{
    char plain[16];
    (void)snprintf(plain, sizeof plain, "%.2f", fabs(value));
    (void)snprintf(text, size, "%s%s", value < -0.005 ? "\xe2\x88\x92" : "",
                   *plain == '0' ? plain + 1 : plain);
}

static void put_cell(pv_drawing *d, double value, double most, double x,
                     double y, double cell, bool numbers)
{
    char text[24];
    if (!isfinite(value)) {
        pv_draw_text(d, "soft", x + cell / 2, y + cell / 2 + 4, PV_MIDDLE,
                     "\xc2\xb7", 2);
        return;
    }
    /* never so dark that the number on it is lost */
    const double strongest = numbers ? 0.4 : 0.9;
    pv_draw_shade(d, value < 0 ? "cold" : "heat", x, y, cell - 1, cell - 1,
                  strongest * fmin(1, fabs(value) / most));
    if (!numbers)
        return;
    short_number(value, text, sizeof text);
    pv_draw_text(d, "small", x + (cell - 1) / 2, y + cell / 2 + 4, PV_MIDDLE,
                 text, 8);
}

pv_drawing *pv_chart_matrix(const char *const *label, const double *value,
                            size_t count, double most)
{
    const bool numbers = count <= numbers_fit;
    const double cell = numbers ? 32 : 17;
    const double size = cell * (double)count;
    pv_drawing *d = pv_drawing_new(left + size + 4, top + size + 4);
    for (size_t i = 0; i < count; i++) {
        char number[24];
        const double at = cell * (double)i;
        (void)snprintf(number, sizeof number, "%zu", i + 1);
        pv_draw_text(d, "soft", left + at + cell / 2, top - 6, PV_MIDDLE,
                     number, 6);
        pv_draw_text(d, "label", left - 24, top + at + cell / 2 + 4, PV_END,
                     label[i], 14);
        pv_draw_text(d, "soft", left - 4, top + at + cell / 2 + 4, PV_END,
                     number, 6);
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            put_cell(d, i == j ? NAN : value[i * count + j],
                     most > 0 ? most : 1, left + cell * (double)j,
                     top + cell * (double)i, cell, numbers);
    pv_draw_rect(d, "frame", left - 0.5, top - 0.5, size, size);
    return d;
}
