#include "audit/report/drawing.h"

#include "audit/report/text.h"
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

struct pv_drawing {
    double width, height;
    pv_shape *shape;
    size_t shapes, room;
    bool failed;
};

pv_drawing *pv_drawing_new(double width, double height)
{
    pv_drawing *d = pv_array_calloc(1, sizeof *d);
    if (d != NULL) {
        d->width = width;
        d->height = height;
    }
    return d;
}

void pv_drawing_free(pv_drawing *drawing)
{
    if (drawing == NULL)
        return;
    for (size_t i = 0; i < drawing->shapes; i++) {
        free(drawing->shape[i].text);
        free(drawing->shape[i].point);
    }
    free(drawing->shape);
    free(drawing);
}

bool pv_drawing_failed(const pv_drawing *drawing)
{
    return drawing == NULL || drawing->failed;
}

void pv_drawing_fail(pv_drawing *drawing)
{
    if (drawing != NULL)
        drawing->failed = true;
}

double pv_drawing_width(const pv_drawing *drawing)
{
    return drawing->width;
}

double pv_drawing_height(const pv_drawing *drawing)
{
    return drawing->height;
}

size_t pv_drawing_shapes(const pv_drawing *drawing)
{
    return drawing->shapes;
}

const pv_shape *pv_drawing_shape(const pv_drawing *drawing, size_t i)
{
    PV_CHECK(i < drawing->shapes);
    return &drawing->shape[i];
}

/* The place of one more shape, or NULL. */
static pv_shape *add(pv_drawing *d, const pv_shape *shape)
{
    if (d == NULL || d->failed)
        return NULL;
    if (d->shapes == d->room) {
        const size_t more = d->room == 0 ? 64 : 2 * d->room;
        pv_shape *grown = pv_array_realloc(d->shape, more, sizeof *grown);
        d->failed = grown == NULL;
        if (d->failed)
            return NULL;
        d->shape = grown;
        d->room = more;
    }
    d->shape[d->shapes] = *shape;
    return &d->shape[d->shapes++];
}

void pv_draw_rect(pv_drawing *d, const char *style, double x, double y,
                  double w, double h)
{
    pv_draw_shade(d, style, x, y, w, h, -1);
}

void pv_draw_shade(pv_drawing *d, const char *style, double x, double y,
                   double w, double h, double shade)
{
    (void)add(d, &(pv_shape){.kind = PV_SHAPE_RECT,
                             .style = style,
                             .x = x,
                             .y = y,
                             .w = w,
                             .h = h,
                             .shade = shade});
}

void pv_draw_line(pv_drawing *d, const char *style, double x1, double y1,
                  double x2, double y2)
{
    (void)add(d, &(pv_shape){.kind = PV_SHAPE_LINE,
                             .style = style,
                             .x = x1,
                             .y = y1,
                             .w = x2,
                             .h = y2});
}

void pv_draw_circle(pv_drawing *d, const char *style, double x, double y,
                    double r)
{
    (void)add(d, &(pv_shape){.kind = PV_SHAPE_CIRCLE,
                             .style = style,
                             .x = x,
                             .y = y,
                             .w = r});
}

void pv_draw_cross(pv_drawing *d, const char *style, double x, double y,
                   double r)
{
    (void)add(d, &(pv_shape){.kind = PV_SHAPE_CROSS,
                             .style = style,
                             .x = x,
                             .y = y,
                             .w = r});
}

void pv_draw_path(pv_drawing *d, const char *style, const double *point,
                  size_t points)
{
    pv_shape *shape =
        add(d, &(pv_shape){.kind = PV_SHAPE_PATH, .style = style});
    double *copy = pv_array_alloc(2 * points, sizeof *copy);
    if (shape == NULL || copy == NULL) {
        pv_drawing_fail(d);
        free(copy);
        return;
    }
    memcpy(copy, point, 2 * points * sizeof *copy);
    shape->point = copy;
    shape->points = points;
}

void pv_draw_text(pv_drawing *d, const char *style, double x, double y,
                  pv_anchor anchor, const char *text, size_t most)
{
    pv_shape *shape = add(d, &(pv_shape){.kind = PV_SHAPE_TEXT,
                                         .style = style,
                                         .x = x,
                                         .y = y,
                                         .anchor = anchor});
    if (shape == NULL)
        return;
    shape->text = pv_text_clip(text, most);
    d->failed = shape->text == NULL;
}
