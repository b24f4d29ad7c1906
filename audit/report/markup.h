/* audit/report/markup.h - libxml2's text writer with one failure for all calls.
 * Not a public header. */
#ifndef PV_AUDIT_REPORT_MARKUP_H
#define PV_AUDIT_REPORT_MARKUP_H

#include "audit/report/drawing.h"
#include "core/api.h"

#include <libxml/xmlwriter.h>
#include <stdbool.h>

typedef struct pv_markup {
    xmlTextWriterPtr writer;
    bool failed;
    unsigned figures; /* so far, for ids */
} pv_markup;

void pv_markup_open(pv_markup *m, const char *element);
/* Never <a/>, which HTML takes for the start of an element that is not ended. */
void pv_markup_close(pv_markup *m);
/* For the elements of HTML that have no end, and for shapes. */
void pv_markup_close_void(pv_markup *m);
void pv_markup_set(pv_markup *m, const char *attribute, const char *value);
void pv_markup_format(pv_markup *m, const char *attribute, const char *format,
                      ...) PV_PRINTF(3, 4);
void pv_markup_text(pv_markup *m, const char *text);
/* <element class="style">text</element>; no class where style is NULL. */
void pv_markup_leaf(pv_markup *m, const char *element, const char *style,
                    const char *text);

/* A drawing as SVG with title and description for those who do not see it. */
void pv_svg(pv_markup *m, const pv_drawing *drawing, const char *title,
            const char *description);

/* The style sheet of the page. */
extern const char pv_page_style[];

#endif
