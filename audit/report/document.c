#include "audit/report/document.h"

#include "audit/report/text.h"
#include "core/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pv_document {
    pv_element *root;
    pv_element *scrap; /* what is added after short memory */
    char *title, *marking;
    bool failed;
};

static void free_element(pv_element *element)
{
    if (element == NULL)
        return;
    for (pv_element *child = element->first, *next; child != NULL;
         child = next) {
        next = child->next;
        free_element(child);
    }
    pv_drawing_free(element->drawing);
    free(element->text);
    free(element->id);
    free(element->description);
    free(element);
}

pv_status pv_document_new(const char *title, const char *marking,
                          pv_document **document, pv_error *err)
{
    pv_document *d = pv_array_calloc(1, sizeof *d);
    if (d == NULL)
        return pv_fail_memory(err, "the report");
    d->root = pv_array_calloc(1, sizeof *d->root);
    d->scrap = pv_array_calloc(1, sizeof *d->scrap);
    d->title = pv_text_clean(title);
    d->marking = marking != NULL ? pv_text_clean(marking) : NULL;
    if (d->root == NULL || d->scrap == NULL || d->title == NULL ||
        (marking != NULL && d->marking == NULL)) {
        pv_document_free(d);
        return pv_fail_memory(err, "the report");
    }
    *document = d;
    return PV_OK;
}

void pv_document_free(pv_document *document)
{
    if (document == NULL)
        return;
    free_element(document->root);
    free_element(document->scrap);
    free(document->title);
    free(document->marking);
    free(document);
}

pv_element *pv_document_root(const pv_document *document)
{
    return document->root;
}

const char *pv_document_title(const pv_document *document)
{
    return document->title;
}

const char *pv_document_marking(const pv_document *document)
{
    return document->marking;
}

pv_status pv_document_check(const pv_document *document, pv_error *err)
{
    return document->failed ? pv_fail_memory(err, "the report") : PV_OK;
}

pv_element *pv_add(pv_document *document, pv_element *parent,
                   pv_element_kind kind, const char *text)
{
    pv_element *element =
        document->failed ? NULL : pv_array_calloc(1, sizeof *element);
    if (element != NULL && text != NULL)
        element->text = pv_text_clean(text);
    if (element == NULL || (text != NULL && element->text == NULL)) {
        document->failed = true;
        free(element);
        return document->scrap;
    }
    element->kind = kind;
    if (parent->last != NULL)
        parent->last->next = element;
    else
        parent->first = element;
    parent->last = element;
    parent->children++;
    return element;
}

pv_element *pv_add_format(pv_document *document, pv_element *parent,
                          pv_element_kind kind, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = pv_array_alloc((size_t)(size < 0 ? 0 : size) + 1, 1);
    if (text == NULL) {
        document->failed = true;
        return document->scrap;
    }
    *text = '\0';
    va_start(arguments, format);
    (void)vsnprintf(text, (size_t)(size < 0 ? 0 : size) + 1, format, arguments);
    va_end(arguments);
    pv_element *element = pv_add(document, parent, kind, text);
    free(text);
    return element;
}

/* *copy = text, an earlier one freed. */
static void set_text(pv_document *document, char **copy, const char *text)
{
    free(*copy);
    *copy = pv_text_clean(text);
    document->failed = document->failed || *copy == NULL;
}

pv_element *pv_add_section(pv_document *document, const char *id,
                           const char *title)
{
    pv_element *section =
        pv_add(document, document->root, PV_ELEMENT_SECTION, title);
    set_text(document, &section->id, id);
    return section;
}

pv_element *pv_add_figure(pv_document *document, pv_element *parent,
                          const char *title, const char *description,
                          pv_drawing *drawing)
{
    document->failed = document->failed || pv_drawing_failed(drawing);
    pv_element *figure = pv_add(document, parent, PV_ELEMENT_FIGURE, title);
    if (document->failed) {
        pv_drawing_free(drawing);
        return document->scrap;
    }
    set_text(document, &figure->description, description);
    figure->drawing = drawing;
    return figure;
}

void pv_add_term(pv_document *document, pv_element *terms, const char *term,
                 const char *definition)
{
    (void)pv_add(document, terms, PV_ELEMENT_TERM, term);
    (void)pv_add(document, terms, PV_ELEMENT_DEFINITION, definition);
}

pv_element *pv_add_table(pv_document *document, pv_element *parent,
                         const char *caption, const char *const *heading)
{
    pv_element *table = pv_add(document, parent, PV_ELEMENT_TABLE, caption);
    pv_element *row = pv_add(document, table, PV_ELEMENT_ROW, NULL);
    for (; *heading != NULL; heading++)
        (void)pv_add(document, row, PV_ELEMENT_CELL, *heading);
    return table;
}
