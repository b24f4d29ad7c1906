/* audit/report/drawing.h - a figure as a list of shapes.
 *
 * A shape has a style by name, never a colour: the page's style sheet gives it
 * colours for light, dark and print. Coordinates are in user units, x to the
 * right, y down. Like documents, drawings remember short memory until asked. */
#ifndef PV_AUDIT_REPORT_DRAWING_H
#define PV_AUDIT_REPORT_DRAWING_H

#include <stdbool.h>
#include <stddef.h>

typedef enum pv_shape_kind {
    PV_SHAPE_RECT, /* x, y, x + w, y + h */
    PV_SHAPE_LINE, /* x, y to w, h */
    PV_SHAPE_PATH, /* points */
    PV_SHAPE_CIRCLE,
    PV_SHAPE_CROSS,
    PV_SHAPE_TEXT
} pv_shape_kind;

typedef enum pv_anchor { PV_START, PV_MIDDLE, PV_END } pv_anchor;

typedef struct pv_shape {
    pv_shape_kind kind;
    const char *style; /* a constant: a class of the style sheet */
    double x, y, w, h;
    double shade; /* RECT: opacity from 0 to 1; negative: as the style says */
    pv_anchor anchor;
    char *text;    /* TEXT, cleaned and clipped; else NULL */
    double *point; /* PATH: pairs */
    size_t points;
} pv_shape;

typedef struct pv_drawing pv_drawing;

/* NULL on short memory, which the functions below take. */
pv_drawing *pv_drawing_new(double width, double height);
void pv_drawing_free(pv_drawing *drawing);
bool pv_drawing_failed(const pv_drawing *drawing);
/* Notes that a caller ran short of memory. */
void pv_drawing_fail(pv_drawing *drawing);

double pv_drawing_width(const pv_drawing *drawing);
double pv_drawing_height(const pv_drawing *drawing);
size_t pv_drawing_shapes(const pv_drawing *drawing);
const pv_shape *pv_drawing_shape(const pv_drawing *drawing, size_t i);

void pv_draw_rect(pv_drawing *d, const char *style, double x, double y,
                  double w, double h);
/* A rectangle of the given opacity. */
void pv_draw_shade(pv_drawing *d, const char *style, double x, double y,
                   double w, double h, double shade);
void pv_draw_line(pv_drawing *d, const char *style, double x1, double y1,
                  double x2, double y2);
void pv_draw_circle(pv_drawing *d, const char *style, double x, double y,
                    double r);
void pv_draw_cross(pv_drawing *d, const char *style, double x, double y,
                   double r);
/* A line through `points` pairs of coordinates, which are copied. */
void pv_draw_path(pv_drawing *d, const char *style, const double *point,
                  size_t points);
/* `text` is clipped to `most` characters. */
void pv_draw_text(pv_drawing *d, const char *style, double x, double y,
                  pv_anchor anchor, const char *text, size_t most);

#endif
