#include "audit/report/text.h"

#include "core/memory.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char replacement[] = "\xef\xbf\xbd";
static const char isolate[] = "\xe2\x81\xa8", pop[] = "\xe2\x81\xa9";

/* The next code point and its length; -1 for a byte that starts none. */
static int32_t decode(const unsigned char *s, size_t *length)
{
    static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    *length = 1;
    if (*s < 0x80)
        return *s;
    const size_t n = *s >= 0xf0 ? 4 : *s >= 0xe0 ? 3 : *s >= 0xc0 ? 2 : 0;
    if (n == 0 || *s > 0xf4)
        return -1;
    int32_t c = *s & (0x7f >> n);
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return -1;
        c = c << 6 | (s[i] & 0x3f);
    }
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return -1;
    *length = n;
    return c;
}

static bool reorders(int32_t c)
{
    return c == 0x061c || c == 0x200e || c == 0x200f ||
           (c >= 0x202a && c <= 0x202e) || c == 0x2066 || c == 0x2067;
}

static bool unprintable(int32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c & 0xfffe) == 0xfffe ||
           c == 0x2028 || c == 0x2029;
}

/* Copies to `to`, of 3 bytes for one of `text` and some more; `name` when the
 * marks that isolate are the text's own, and go too. */
static void copy_clean(const char *text, size_t most, bool name, char *to)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t length, count = 0;
    for (; *s != '\0'; s += length, count++) {
        const int32_t c = decode(s, &length);
        if (count + 1 == most && s[length] != '\0') {
            to += sprintf(to, "\xe2\x80\xa6");
            break;
        }
        if (c == '\n' || c == '\t' || c == '\r')
            *to++ = ' ';
        else if (c < 0 || unprintable(c) || reorders(c) ||
                 (name && (c == 0x2068 || c == 0x2069)))
            to += sprintf(to, "%s", replacement);
        else {
            memcpy(to, s, length);
            to += length;
        }
    }
    *to = '\0';
}

static char *clean(const char *text, size_t most, bool name)
{
    char *copy = pv_array_alloc(strlen(text) + 2, 3);
    if (copy != NULL)
        copy_clean(text, most, name, copy);
    return copy;
}

char *pv_text_clean(const char *text)
{
    return clean(text, SIZE_MAX, false);
}

char *pv_text_clip(const char *text, size_t most)
{
    return clean(text, most, false);
}

/* text = text + joint + isolated name; false on short memory. */
static bool join(char **text, const char *joint, const char *name)
{
    enum { most_name = 120 };
    char *cleaned = clean(name, most_name, true);
    char *longer =
        cleaned == NULL || *text == NULL
            ? NULL
            : pv_sprintf_alloc("%s%s%s%s%s", *text, **text != '\0' ? joint : "",
                               isolate, cleaned, pop);
    free(cleaned);
    free(*text);
    *text = longer;
    return longer != NULL;
}

char *pv_text_scope(const pv_scope *scope)
{
    char *text = pv_strdup("");
    for (size_t i = 0; i < scope->columns; i++)
        (void)join(&text, " \xc3\x97 ", scope->column[i]);
    const char *const more[] = {scope->rule, scope->table, scope->attack};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        if (more[i] != NULL)
            (void)join(&text, "; ", more[i]);
    return text;
}

const char *pv_text_number(double value, int digits, char text[PV_NUMBER_ROOM])
{
    const double size = fabs(value);
    if (!isfinite(value)) {
        (void)snprintf(text, PV_NUMBER_ROOM, "\xe2\x80\x93");
    } else if (size == 0) {
        (void)snprintf(text, PV_NUMBER_ROOM, "0"); /* without a minus */
    } else if (size >= 1e9 || size < 1e-4) {
        (void)snprintf(text, PV_NUMBER_ROOM, "%.*g", digits, value);
    } else {
        /* as many decimals as the digits leave, without zeros behind */
        const int before = size >= 1 ? (int)floor(log10(size)) + 1 : 0;
        const int lead = size < 1 ? (int)-floor(log10(size)) - 1 : 0;
        int decimals = digits - before + lead;
        decimals = decimals < 0 ? 0 : decimals;
        (void)snprintf(text, PV_NUMBER_ROOM, "%.*f", decimals, value);
        if (strchr(text, '.') != NULL) {
            size_t end = strlen(text);
            while (text[end - 1] == '0')
                text[--end] = '\0';
            if (text[end - 1] == '.')
                text[--end] = '\0';
        }
    }
    return text;
}
