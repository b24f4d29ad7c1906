#include "audit/report/xhtml.h"

#include "audit/report/markup.h"
#include "core/memory.h"

#include <libxml/xmlwriter.h>
#include <string.h>

static void put_children(pv_markup *m, const pv_element *parent);

static const char *text_of(const pv_element *e)
{
    return e->text != NULL ? e->text : "";
}

static const char *result_class(const char *text)
{
    if (strncmp(text, "PASS", 4) == 0)
        return "result pass";
    if (strncmp(text, "FAIL", 4) == 0)
        return "result fail";
    return strncmp(text, "WARN", 4) == 0 ? "result warn" : "result idle";
}

/* `like` is what decides on the place of the text: the cell itself, or for a
 * heading the first cell below it. */
static void put_cell(pv_markup *m, const pv_element *cell,
                     const pv_element *like, bool heading, bool first)
{
    enum { wide = 30 };
    pv_markup_open(m, heading || first ? "th" : "td");
    if (heading || first)
        pv_markup_set(m, "scope", heading ? "col" : "row");
    if (like != NULL && like->kind == PV_ELEMENT_NUMBER)
        pv_markup_set(m, "class", "number");
    else if (cell->kind == PV_ELEMENT_RESULT)
        pv_markup_set(m, "class", result_class(text_of(cell)));
    else if (strlen(text_of(cell)) > wide)
        pv_markup_set(m, "class", "wide");
    pv_markup_set(m, "dir", "auto");
    pv_markup_text(m, text_of(cell));
    pv_markup_close(m);
}

static void put_row(pv_markup *m, const pv_element *row, bool heading)
{
    const pv_element *below =
        heading && row->next != NULL ? row->next->first : NULL;
    pv_markup_open(m, "tr");
    for (const pv_element *c = row->first; c != NULL; c = c->next) {
        put_cell(m, c, heading ? below : c, heading, c == row->first);
        below = below != NULL ? below->next : NULL;
    }
    pv_markup_close(m);
}

/* What is wider than the page scrolls by itself, by keys too. */
static void open_scroll(pv_markup *m, const char *label)
{
    pv_markup_open(m, "div");
    pv_markup_set(m, "class", "scroll");
    pv_markup_set(m, "role", "group");
    pv_markup_set(m, "aria-label", label);
    pv_markup_set(m, "tabindex", "0");
}

static void put_table(pv_markup *m, const pv_element *table)
{
    open_scroll(m, text_of(table));
    pv_markup_open(m, "table");
    pv_markup_leaf(m, "caption", NULL, text_of(table));
    pv_markup_open(m, "thead");
    if (table->first != NULL)
        put_row(m, table->first, true);
    pv_markup_close(m);
    pv_markup_open(m, "tbody");
    for (const pv_element *r = table->first; r != NULL; r = r->next)
        if (r != table->first)
            put_row(m, r, false);
    pv_markup_close(m);
    pv_markup_close(m);
    pv_markup_close(m);
}

static void put_figure(pv_markup *m, const pv_element *figure)
{
    pv_markup_open(m, "figure");
    pv_markup_open(m, "figcaption");
    pv_markup_set(m, "dir", "auto");
    pv_markup_text(m, text_of(figure));
    pv_markup_close(m);
    open_scroll(m, text_of(figure));
    pv_svg(m, figure->drawing, text_of(figure),
           figure->description != NULL ? figure->description : "");
    pv_markup_close(m);
    put_children(m, figure);
    pv_markup_close(m);
}

static void put_section(pv_markup *m, const pv_element *section)
{
    pv_markup_open(m, "section");
    pv_markup_set(m, "id", section->id);
    pv_markup_format(m, "aria-labelledby", "%s-title", section->id);
    pv_markup_open(m, "h2");
    pv_markup_format(m, "id", "%s-title", section->id);
    pv_markup_text(m, text_of(section));
    pv_markup_close(m);
    put_children(m, section);
    pv_markup_close(m);
}

/* An element that is opened, has its text, and closed. */
static void put_plain(pv_markup *m, const pv_element *e)
{
    static const struct {
        pv_element_kind kind;
        const char *element, *style;
    } plain[] = {{PV_ELEMENT_PARAGRAPH, "p", NULL},
                 {PV_ELEMENT_NOTE, "p", "note"},
                 {PV_ELEMENT_FORMULA, "p", "formula"},
                 {PV_ELEMENT_TERM, "dt", NULL},
                 {PV_ELEMENT_DEFINITION, "dd", NULL}};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (plain[i].kind == e->kind) {
            pv_markup_open(m, plain[i].element);
            if (plain[i].style != NULL)
                pv_markup_set(m, "class", plain[i].style);
            pv_markup_set(m, "dir", "auto");
            pv_markup_text(m, text_of(e));
            pv_markup_close(m);
        }
}

static void put_list(pv_markup *m, const pv_element *list)
{
    pv_markup_open(m, "ul");
    for (const pv_element *c = list->first; c != NULL; c = c->next) {
        pv_markup_open(m, "li");
        pv_markup_text(m, text_of(c));
        pv_markup_close(m);
    }
    pv_markup_close(m);
}

static void put_part(pv_markup *m, const pv_element *part)
{
    if (part->text != NULL)
        pv_markup_leaf(m, "h3", NULL, part->text);
    pv_markup_open(m, "div");
    if (part->text == NULL) /* small figures side by side */
        pv_markup_set(m, "class", "grid");
    put_children(m, part);
    pv_markup_close(m);
}

static void put_details(pv_markup *m, const pv_element *details)
{
    pv_markup_open(m, "details");
    pv_markup_leaf(m, "summary", NULL, text_of(details));
    put_children(m, details);
    pv_markup_close(m);
}

static void put_verdict(pv_markup *m, const pv_element *verdict)
{
    const char *result = result_class(text_of(verdict));
    pv_markup_open(m, "p");
    pv_markup_format(m, "class", "verdict %s", strchr(result, ' ') + 1);
    pv_markup_text(m, text_of(verdict));
    pv_markup_close(m);
}

static void put_element(pv_markup *m, const pv_element *e)
{
    switch (e->kind) {
    case PV_ELEMENT_SECTION:
        put_section(m, e);
        break;
    case PV_ELEMENT_PART:
        put_part(m, e);
        break;
    case PV_ELEMENT_LIST:
        put_list(m, e);
        break;
    case PV_ELEMENT_TERMS:
        pv_markup_open(m, "dl");
        put_children(m, e);
        pv_markup_close(m);
        break;
    case PV_ELEMENT_TABLE:
        put_table(m, e);
        break;
    case PV_ELEMENT_FIGURE:
        put_figure(m, e);
        break;
    case PV_ELEMENT_DETAILS:
        put_details(m, e);
        break;
    case PV_ELEMENT_VERDICT:
        put_verdict(m, e);
        break;
    case PV_ELEMENT_ROOT:
    case PV_ELEMENT_ROW:
    case PV_ELEMENT_CELL:
    case PV_ELEMENT_NUMBER:
    case PV_ELEMENT_RESULT:
        break; /* never apart from their table */
    case PV_ELEMENT_PARAGRAPH:
    case PV_ELEMENT_NOTE:
    case PV_ELEMENT_FORMULA:
    case PV_ELEMENT_TERM:
    case PV_ELEMENT_DEFINITION:
        put_plain(m, e);
        break;
    }
}

static void put_children(pv_markup *m, const pv_element *parent)
{
    for (const pv_element *c = parent->first; c != NULL; c = c->next)
        put_element(m, c);
}

static void put_meta(pv_markup *m, const char *attribute, const char *name,
                     const char *content)
{
    pv_markup_open(m, "meta");
    pv_markup_set(m, attribute, name);
    if (content != NULL)
        pv_markup_set(m, "content", content);
    pv_markup_close_void(m);
}

static void put_head(pv_markup *m, const pv_document *document)
{
    pv_markup_open(m, "head");
    put_meta(m, "charset", "utf-8", NULL);
    put_meta(m, "http-equiv", "Content-Security-Policy",
             "default-src 'none'; style-src 'unsafe-inline'");
    put_meta(m, "name", "viewport", "width=device-width, initial-scale=1");
    put_meta(m, "name", "referrer", "no-referrer");
    pv_markup_leaf(m, "title", NULL, pv_document_title(document));
    pv_markup_leaf(m, "style", NULL, pv_page_style);
    pv_markup_close(m);
}

static void put_contents(pv_markup *m, const pv_document *document)
{
    pv_markup_open(m, "nav");
    pv_markup_set(m, "aria-label", "Contents");
    pv_markup_open(m, "ol");
    pv_markup_set(m, "start", "0");
    for (const pv_element *s = pv_document_root(document)->first; s != NULL;
         s = s->next) {
        pv_markup_open(m, "li");
        pv_markup_open(m, "a");
        pv_markup_format(m, "href", "#%s", s->id);
        /* the list counts by itself */
        const char *blank = strchr(text_of(s), ' ');
        pv_markup_text(m, blank != NULL ? blank + 1 : text_of(s));
        pv_markup_close(m);
        pv_markup_close(m);
    }
    pv_markup_close(m);
    pv_markup_close(m);
}

static void put_body(pv_markup *m, const pv_document *document)
{
    const char *marking = pv_document_marking(document);
    pv_markup_open(m, "body");
    pv_markup_open(m, "a");
    pv_markup_set(m, "class", "skip");
    pv_markup_set(m, "href", "#main");
    pv_markup_text(m, "To the verdict");
    pv_markup_close(m);
    pv_markup_open(m, "header");
    if (marking != NULL)
        pv_markup_leaf(m, "p", "marking", marking);
    pv_markup_leaf(m, "h1", NULL, pv_document_title(document));
    pv_markup_close(m);
    put_contents(m, document);
    pv_markup_open(m, "main");
    pv_markup_set(m, "id", "main");
    put_children(m, pv_document_root(document));
    pv_markup_close(m);
    pv_markup_open(m, "footer");
    pv_markup_leaf(m, "p", NULL,
                   marking != NULL ? marking : "Made by privet-audit report.");
    pv_markup_close(m);
    pv_markup_close(m);
}

static void put_page(pv_markup *m, const pv_document *document)
{
    m->failed = xmlTextWriterWriteDTD(m->writer, BAD_CAST "html", NULL, NULL,
                                      NULL) < 0;
    pv_markup_open(m, "html");
    pv_markup_set(m, "xmlns", "http://www.w3.org/1999/xhtml");
    pv_markup_set(m, "lang", "en");
    pv_markup_set(m, "xml:lang", "en");
    put_head(m, document);
    put_body(m, document);
    pv_markup_close(m);
    m->failed = xmlTextWriterEndDocument(m->writer) < 0 || m->failed;
}

pv_status pv_xhtml(const pv_document *document, char **text, size_t *size,
                   pv_error *err)
{
    pv_status status = PV_OK;
    xmlBufferPtr buffer = xmlBufferCreate();
    pv_markup m = {.writer =
                       buffer != NULL ? xmlNewTextWriterMemory(buffer, 0) : NULL};
    *text = NULL;
    if (m.writer == NULL) {
        status = pv_fail_memory(err, "the page");
        goto out;
    }
    put_page(&m, document);
    (void)xmlTextWriterFlush(m.writer);
    if (!m.failed) {
        *size = (size_t)xmlBufferLength(buffer);
        *text = pv_strdup((const char *)xmlBufferContent(buffer));
    }
    if (*text == NULL)
        status = pv_fail_memory(err, "the page");
out:
    if (m.writer != NULL)
        xmlFreeTextWriter(m.writer);
    if (buffer != NULL)
        xmlBufferFree(buffer);
    return status;
}
