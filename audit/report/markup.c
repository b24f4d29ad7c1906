#include "audit/report/markup.h"

#include <stdarg.h>
#include <stdint.h>

static const xmlChar *xml(const char *text)
{
    return (const xmlChar *)(uintptr_t)text;
}

static void note(pv_markup *m, int result)
{
    m->failed = m->failed || result < 0;
}

void pv_markup_open(pv_markup *m, const char *element)
{
    note(m, xmlTextWriterStartElement(m->writer, xml(element)));
}

void pv_markup_close(pv_markup *m)
{
    note(m, xmlTextWriterFullEndElement(m->writer));
}

void pv_markup_close_void(pv_markup *m)
{
    note(m, xmlTextWriterEndElement(m->writer));
}

void pv_markup_set(pv_markup *m, const char *attribute, const char *value)
{
    note(m, xmlTextWriterWriteAttribute(m->writer, xml(attribute), xml(value)));
}

void pv_markup_format(pv_markup *m, const char *attribute, const char *format,
                      ...)
{
    va_list arguments;
    va_start(arguments, format);
    note(m, xmlTextWriterWriteVFormatAttribute(m->writer, xml(attribute),
                                               format, arguments));
    va_end(arguments);
}

void pv_markup_text(pv_markup *m, const char *text)
{
    note(m, xmlTextWriterWriteString(m->writer, xml(text)));
}

void pv_markup_leaf(pv_markup *m, const char *element, const char *style,
                    const char *text)
{
    pv_markup_open(m, element);
    if (style != NULL)
        pv_markup_set(m, "class", style);
    pv_markup_text(m, text);
    pv_markup_close(m);
}
