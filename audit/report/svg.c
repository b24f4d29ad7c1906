#include "audit/report/markup.h"

#include "core/memory.h"

#include <stdio.h>
#include <stdlib.h>

/* Tenths of a unit are finer than anyone sees. */
static void coordinate(pv_markup *m, const char *name, double value)
{
    pv_markup_format(m, name, "%.1f", value);
}

static void put_rect(pv_markup *m, const pv_shape *s)
{
    pv_markup_open(m, "rect");
    pv_markup_set(m, "class", s->style);
    coordinate(m, "x", s->x);
    coordinate(m, "y", s->y);
    coordinate(m, "width", s->w > 0 ? s->w : 0);
    coordinate(m, "height", s->h > 0 ? s->h : 0);
    if (s->shade >= 0)
        pv_markup_format(m, "fill-opacity", "%.2f", s->shade);
    pv_markup_close_void(m);
}

static void put_line(pv_markup *m, const char *style, double x1, double y1,
                     double x2, double y2)
{
    pv_markup_open(m, "line");
    pv_markup_set(m, "class", style);
    coordinate(m, "x1", x1);
    coordinate(m, "y1", y1);
    coordinate(m, "x2", x2);
    coordinate(m, "y2", y2);
    pv_markup_close_void(m);
}

static void put_circle(pv_markup *m, const pv_shape *s)
{
    pv_markup_open(m, "circle");
    pv_markup_set(m, "class", s->style);
    coordinate(m, "cx", s->x);
    coordinate(m, "cy", s->y);
    coordinate(m, "r", s->w);
    pv_markup_close_void(m);
}

static void put_path(pv_markup *m, const pv_shape *s)
{
    enum { room = 32 };
    char *points = pv_array_alloc(s->points + 1, room);
    size_t used = 0;
    if (points == NULL) {
        m->failed = true;
        return;
    }
    *points = '\0';
    for (size_t i = 0; i < s->points; i++)
        used += (size_t)snprintf(points + used, room, "%.1f,%.1f ",
                                 s->point[2 * i], s->point[2 * i + 1]);
    pv_markup_open(m, "polyline");
    pv_markup_set(m, "class", s->style);
    pv_markup_set(m, "points", points);
    pv_markup_close_void(m);
    free(points);
}

static void put_text(pv_markup *m, const pv_shape *s)
{
    static const char *const anchor[] = {"start", "middle", "end"};
    pv_markup_open(m, "text");
    pv_markup_set(m, "class", s->style);
    coordinate(m, "x", s->x);
    coordinate(m, "y", s->y);
    if (s->anchor != PV_START)
        pv_markup_set(m, "text-anchor", anchor[s->anchor]);
    pv_markup_text(m, s->text);
    pv_markup_close(m);
}

static void put_shape(pv_markup *m, const pv_shape *s)
{
    switch (s->kind) {
    case PV_SHAPE_RECT:
        put_rect(m, s);
        break;
    case PV_SHAPE_LINE:
        put_line(m, s->style, s->x, s->y, s->w, s->h);
        break;
    case PV_SHAPE_PATH:
        put_path(m, s);
        break;
    case PV_SHAPE_CIRCLE:
        put_circle(m, s);
        break;
    case PV_SHAPE_CROSS:
        put_line(m, s->style, s->x - s->w, s->y - s->w, s->x + s->w,
                 s->y + s->w);
        put_line(m, s->style, s->x - s->w, s->y + s->w, s->x + s->w,
                 s->y - s->w);
        break;
    case PV_SHAPE_TEXT:
        put_text(m, s);
        break;
    }
}

void pv_svg(pv_markup *m, const pv_drawing *drawing, const char *title,
            const char *description)
{
    const double width = pv_drawing_width(drawing);
    const double height = pv_drawing_height(drawing);
    const unsigned number = ++m->figures;
    pv_markup_open(m, "svg");
    pv_markup_set(m, "xmlns", "http://www.w3.org/2000/svg");
    pv_markup_set(m, "role", "img");
    pv_markup_format(m, "aria-labelledby", "figure-%u-title figure-%u-text",
                     number, number);
    pv_markup_format(m, "viewBox", "0 0 %.0f %.0f", width, height);
    pv_markup_format(m, "width", "%.0f", width);
    pv_markup_format(m, "height", "%.0f", height);
    pv_markup_open(m, "title");
    pv_markup_format(m, "id", "figure-%u-title", number);
    pv_markup_text(m, title);
    pv_markup_close(m);
    pv_markup_open(m, "desc");
    pv_markup_format(m, "id", "figure-%u-text", number);
    pv_markup_text(m, description);
    pv_markup_close(m);
    for (size_t i = 0; i < pv_drawing_shapes(drawing); i++)
        put_shape(m, pv_drawing_shape(drawing, i));
    pv_markup_close(m);
}
