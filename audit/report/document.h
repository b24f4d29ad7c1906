/* audit/report/document.h - a report as a tree of elements.
 *
 * Sections build the tree and know nothing of markup; writers walk it. Texts are
 * copied and cleaned (text.h). A call that runs short of memory gives an element
 * that takes everything and is thrown away, and the document says so once, in
 * pv_document_check: sections are a list of calls. */
#ifndef PV_AUDIT_REPORT_DOCUMENT_H
#define PV_AUDIT_REPORT_DOCUMENT_H

#include "audit/report/drawing.h"
#include "core/api.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum pv_element_kind {
    PV_ELEMENT_ROOT,
    PV_ELEMENT_SECTION,   /* text: its title; id */
    PV_ELEMENT_PART,      /* a titled part of a section */
    PV_ELEMENT_PARAGRAPH,
    PV_ELEMENT_NOTE,      /* a paragraph that must not be missed */
    PV_ELEMENT_FORMULA,
    PV_ELEMENT_LIST,      /* children: paragraphs */
    PV_ELEMENT_TERMS,     /* children: TERM, DEFINITION in turn */
    PV_ELEMENT_TERM,
    PV_ELEMENT_DEFINITION,
    PV_ELEMENT_TABLE,     /* text: its caption; children: rows */
    PV_ELEMENT_ROW,       /* the first row has the headings */
    PV_ELEMENT_CELL,
    PV_ELEMENT_NUMBER,    /* a cell with a number */
    PV_ELEMENT_RESULT,    /* a cell with PASS, FAIL, WARN or NOT-RUN */
    PV_ELEMENT_FIGURE,    /* text: its title; children: what else it shows */
    PV_ELEMENT_DETAILS,   /* text: what opens it; children */
    PV_ELEMENT_VERDICT    /* the overall result, large */
} pv_element_kind;

typedef struct pv_element pv_element;
struct pv_element {
    pv_element_kind kind;
    char *text;         /* NULL: none */
    char *id;           /* of sections and figures */
    char *description;  /* of figures: what is to be seen, in words */
    pv_drawing *drawing; /* of figures */
    pv_element *first, *last, *next;
    size_t children;
};

typedef struct pv_document pv_document;

PV_API PV_CHECKED pv_status pv_document_new(const char *title,
                                            const char *marking,
                                            pv_document **document,
                                            pv_error *err);
PV_API void pv_document_free(pv_document *document); /* NULL is legal */
PV_API pv_element *pv_document_root(const pv_document *document);
PV_API const char *pv_document_title(const pv_document *document);
/* What stands at the head and foot of each page; NULL: nothing. */
PV_API const char *pv_document_marking(const pv_document *document);
/* PV_ENOMEM when any call before ran short of memory. */
PV_API PV_CHECKED pv_status pv_document_check(const pv_document *document,
                                              pv_error *err);

/* Adds an element of a kind to the children of another. */
PV_API pv_element *pv_add(pv_document *document, pv_element *parent,
                          pv_element_kind kind, const char *text);
PV_API pv_element *pv_add_format(pv_document *document, pv_element *parent,
                                 pv_element_kind kind, const char *format, ...)
    PV_PRINTF(4, 5);
/* A section, PART or FIGURE with an id: lower case letters, digits and "-". */
PV_API pv_element *pv_add_section(pv_document *document, const char *id,
                                  const char *title);
/* Takes the drawing, whatever happens. */
PV_API pv_element *pv_add_figure(pv_document *document, pv_element *parent,
                                 const char *title, const char *description,
                                 pv_drawing *drawing);
PV_API void pv_add_term(pv_document *document, pv_element *terms,
                        const char *term, const char *definition);
/* A table with its row of headings, a NULL behind the last. */
PV_API pv_element *pv_add_table(pv_document *document, pv_element *parent,
                                const char *caption,
                                const char *const *heading);

#endif
