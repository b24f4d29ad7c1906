/* The page, read back by libxml2. */
#include "audit/report/chart.h"
#include "audit/report/document.h"
#include "audit/report/markup.h"
#include "audit/report/text.h"
#include "audit/report/xhtml.h"

#include <criterion/criterion.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pv_error err;

static const char *const hostile[] = {
    "<script>alert(1)</script>",
    "\"'&<>]]>",
    "</style><img src=x onerror=alert(1)>",
    "a\nb\tc\rd",
    "\x01\x02\x1b[31m",
    "\xff\xfe\xc3",
    "\xed\xa0\x80 surrogate",
    "\xef\xbf\xbe\xef\xbf\xbf",
    "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
    "\xe2\x80\xae" "drowssap",
    "\xe2\x81\xa9\xe2\x81\xa9\xe2\x81\xa6",
    "javascript:alert(1)",
    "&amp;&lt;",
    "]]>-->",
    "\xf0\x9f\x98\x80",
    ""};

enum { hostiles = sizeof hostile / sizeof *hostile };

/* A document with the text in every place that takes one. */
static pv_document *document_of(const char *text)
{
    const char *heading[] = {text, "n", NULL}, *label[] = {text, "b"};
    const double value[] = {0.5, 0.25, 0.25, 0.5};
    pv_document *d = NULL;
    cr_assert_eq(pv_document_new(text, text, &d, &err), PV_OK);
    pv_element *s = pv_add_section(d, "one", text);
    pv_element *part = pv_add(d, s, PV_ELEMENT_PART, text);
    static const pv_element_kind kind[] = {PV_ELEMENT_PARAGRAPH, PV_ELEMENT_NOTE,
                                           PV_ELEMENT_FORMULA,
                                           PV_ELEMENT_VERDICT};
    for (size_t i = 0; i < sizeof kind / sizeof *kind; i++)
        (void)pv_add(d, part, kind[i], text);
    (void)pv_add(d, pv_add(d, part, PV_ELEMENT_LIST, NULL), PV_ELEMENT_PARAGRAPH,
                 text);
    pv_add_term(d, pv_add(d, part, PV_ELEMENT_TERMS, NULL), text, text);
    pv_element *table = pv_add_table(d, part, text, heading);
    pv_element *row = pv_add(d, table, PV_ELEMENT_ROW, NULL);
    (void)pv_add(d, row, PV_ELEMENT_CELL, text);
    (void)pv_add(d, row, PV_ELEMENT_NUMBER, text);
    pv_element *figure = pv_add_figure(d, part, text, text,
                                       pv_chart_bars(label, value, value, 2));
    (void)pv_add(d, figure, PV_ELEMENT_DETAILS, text);
    (void)pv_add_figure(d, part, text, text, pv_chart_matrix(label, value, 2, 1));
    (void)pv_add_figure(d, part, text, text,
                        pv_chart_ranks(label, value, 2, 0));
    cr_assert_eq(pv_document_check(d, &err), PV_OK);
    return d;
}

static xmlDocPtr page_of(const pv_document *d, char **text)
{
    size_t size;
    cr_assert_eq(pv_xhtml(d, text, &size, &err), PV_OK);
    cr_assert_eq(strlen(*text), size);
    xmlDocPtr page = xmlReadMemory(*text, (int)size, "page", NULL,
                                   XML_PARSE_NONET | XML_PARSE_PEDANTIC);
    cr_assert_not_null(page);
    return page;
}

static int count(xmlDocPtr page, const char *path)
{
    xmlXPathContextPtr context = xmlXPathNewContext(page);
    xmlXPathRegisterNs(context, BAD_CAST "h",
                       BAD_CAST "http://www.w3.org/1999/xhtml");
    xmlXPathRegisterNs(context, BAD_CAST "s",
                       BAD_CAST "http://www.w3.org/2000/svg");
    xmlXPathObjectPtr found = xmlXPathEvalExpression((const xmlChar *)path, context);
    cr_assert_not_null(found, "%s", path);
    const int nodes = found->nodesetval != NULL ? found->nodesetval->nodeNr : 0;
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    return nodes;
}

/* The structure is that of a harmless text, whatever the text. */
Test(page, hostile_texts_stay_texts)
{
    char *text;
    pv_document *plain = document_of("plain");
    xmlDocPtr model = page_of(plain, &text);
    const int elements = count(model, "//*"), attributes = count(model, "//@*");
    free(text);
    for (int i = 0; i < hostiles; i++) {
        pv_document *d = document_of(hostile[i]);
        xmlDocPtr page = page_of(d, &text);
        cr_assert_eq(count(page, "//*"), elements, "text %d", i);
        /* a long cell gets a class of its own */
        cr_assert(abs(count(page, "//@*") - attributes) <= 8, "text %d", i);
        cr_assert_eq(count(page, "//h:script|//h:img|//h:link|//h:iframe|//@src|"
                                 "//@onerror|//h:a[not(starts-with(@href,'#'))]"),
                     0);
        /* it is there, as it was cleaned */
        char *clean = pv_text_clean(hostile[i]);
        xmlChar *title = NULL;
        xmlXPathContextPtr context = xmlXPathNewContext(page);
        xmlXPathObjectPtr o = xmlXPathEvalExpression(
            BAD_CAST "string(//*[local-name()='title'])", context);
        title = o->stringval;
        cr_assert_str_eq((const char *)title, clean, "text %d", i);
        xmlXPathFreeObject(o);
        xmlXPathFreeContext(context);
        free(clean);
        xmlFreeDoc(page);
        pv_document_free(d);
        free(text);
    }
    xmlFreeDoc(model);
    pv_document_free(plain);
}

Test(page, what_makes_a_page_usable_is_there)
{
    static const struct {
        const char *path;
        int wanted;
    } rule[] = {
        {"/h:html[@lang='en']/h:head/h:title", 1},
        {"//h:meta[@http-equiv='Content-Security-Policy']"
         "[@content=\"default-src 'none'; style-src 'unsafe-inline'\"]",
         1},
        {"//h:meta[@charset='utf-8']", 1},
        {"//h:body/h:header", 1},
        {"//h:body/h:nav[@aria-label]", 1},
        {"//h:body/h:main[@id='main']", 1},
        {"//h:body/h:footer", 1},
        {"//h:body/*[1][self::h:a][@href='#main']", 1},
        {"//h:h1", 1},
        {"//h:section[not(@aria-labelledby=h:h2/@id)]", 0},
        {"//h:table[not(h:caption)]", 0},
        {"//h:th[not(@scope)]", 0},
        {"//s:svg[not(@role='img')]", 0},
        {"//s:svg[not(s:title) or not(s:desc)]", 0},
        {"//s:svg[not(contains(@aria-labelledby, s:title/@id))]", 0},
        {"//*[@id][@id=following::*/@id]", 0},
        {"//h:a[@href][not(substring(@href,2)=//@id)]", 0},
    };
    char *text;
    pv_document *d = document_of("plain");
    xmlDocPtr page = page_of(d, &text);
    for (size_t i = 0; i < sizeof rule / sizeof *rule; i++)
        cr_assert_eq(count(page, rule[i].path), rule[i].wanted, "%s: %d",
                     rule[i].path, count(page, rule[i].path));
    /* HTML would take these for elements that are never ended */
    static const char *const open[] = {"<p/>",    "<td/>",    "<div/>",
                                       "<dd/>",   "<title/>", "<tbody/>",
                                       "<desc/>", "<a/>"};
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        cr_assert_null(strstr(text, open[i]));
    /* a style sheet is no place for escapes */
    cr_assert_null(strpbrk(pv_page_style, "<>&\"'"));
    xmlFreeDoc(page);
    pv_document_free(d);
    free(text);
}

/* --- contrast ------------------------------------------------------------------ */

static double channel(const char *hex)
{
    const char pair[] = {hex[0], hex[1], '\0'};
    const double c = (double)strtol(pair, NULL, 16) / 255;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

/* The luminance of a colour by its name in one scheme's block. */
static double luminance(const char *block, const char *name)
{
    char key[32];
    (void)snprintf(key, sizeof key, "--%s:#", name);
    const char *at = strstr(block, key);
    cr_assert_not_null(at, "%s", name);
    at += strlen(key);
    return 0.2126 * channel(at) + 0.7152 * channel(at + 2) +
           0.0722 * channel(at + 4);
}

Test(page, texts_have_contrast_in_every_scheme)
{
    static const char *const start[] = {":root{color-scheme", "dark){:root{",
                                        "print{:root{"};
    static const char *const text[] = {"text", "soft", "link", "pass",
                                       "fail", "warn", "idle"};
    for (size_t s = 0; s < 3; s++) {
        const char *block = strstr(pv_page_style, start[s]);
        cr_assert_not_null(block);
        const double ground = luminance(block, "ground");
        const double panel = luminance(block, "panel");
        for (size_t i = 0; i < 7; i++) {
            const double l = luminance(block, text[i]);
            const double on[] = {ground, panel};
            for (int j = 0; j < 2; j++) {
                const double ratio =
                    (fmax(l, on[j]) + 0.05) / (fmin(l, on[j]) + 0.05);
                cr_assert_geq(ratio, 4.5, "%s in scheme %zu: %g", text[i], s,
                              ratio);
            }
        }
    }
}

Test(page, numbers_are_written_as_people_do)
{
    static const struct {
        double value;
        int digits;
        const char *text;
    } rule[] = {{0, 4, "0"},          {-0.0, 4, "0"},      {1, 4, "1"},
                {0.5, 4, "0.5"},      {0.12345, 4, "0.1235"}, {-0.25, 4, "-0.25"},
                {12345.6, 4, "12346"}, {0.00012345, 3, "0.000123"},
                {1e-9, 3, "1e-09"},   {1234, 4, "1234"},   {99.96, 3, "100"},
                {NAN, 4, "\xe2\x80\x93"}, {INFINITY, 4, "\xe2\x80\x93"}};
    for (size_t i = 0; i < sizeof rule / sizeof *rule; i++) {
        char text[PV_NUMBER_ROOM];
        cr_assert_str_eq(pv_text_number(rule[i].value, rule[i].digits, text),
                         rule[i].text);
    }
}

Test(page, names_are_isolated_and_cut)
{
    const char *names[] = {"\xe2\x81\xa9x", "b"};
    char *text = pv_text_scope(&(pv_scope){.columns = 2, .column = names});
    cr_assert_str_eq(text, "\xe2\x81\xa8\xef\xbf\xbdx\xe2\x81\xa9 \xc3\x97 "
                           "\xe2\x81\xa8"
                           "b\xe2\x81\xa9");
    free(text);
    text = pv_text_clip("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 3);
    cr_assert_str_eq(text, "\xc3\xa9\xc3\xa9\xe2\x80\xa6");
    free(text);
    text = pv_text_clip("abc", 3);
    cr_assert_str_eq(text, "abc");
    free(text);
}
