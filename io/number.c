#include "io/number.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static locale_t c_locale;

static void make_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* What the digits of a number say, before they are put together. */
typedef struct decimal {
    uint64_t mantissa; /* exact while digits <= 19 */
    int digits;        /* significant ones */
    int decimals;      /* after the point */
    bool any, exponent, negative;
} decimal;

static const char *scan_digits(const char *s, const char *end, decimal *d,
                               bool fraction)
{
    for (; s < end && (unsigned)(*s - '0') <= 9; s++) {
        d->any = true;
        d->decimals += fraction;
        if (d->digits == 0 && *s == '0')
            continue;
        d->digits++;
        if (d->digits <= 19)
            d->mantissa = 10 * d->mantissa + (unsigned)(*s - '0');
    }
    return s;
}

/* Where the number's syntax ends, or NULL when it is none. */
static const char *scan(const char *s, const char *end, decimal *d)
{
    if (s < end && (*s == '-' || *s == '+'))
        d->negative = *s++ == '-';
    s = scan_digits(s, end, d, false);
    if (s < end && *s == '.')
        s = scan_digits(s + 1, end, d, true);
    if (!d->any)
        return NULL;
    if (s < end && (*s == 'e' || *s == 'E')) {
        decimal power = {0};
        d->exponent = true;
        s++;
        if (s < end && (*s == '-' || *s == '+'))
            s++;
        s = scan_digits(s, end, &power, false);
        if (!power.any)
            return NULL;
    }
    return s;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static double parse_slowly(const char *text, size_t length)
{
    char copy[PV_NUMBER_TEXT + 1];
    memcpy(copy, text, length);
    copy[length] = '\0';
    (void)pthread_once(&once, make_locale);
    if (c_locale == (locale_t)0)
        return strtod(copy, NULL);
    const locale_t before = uselocale(c_locale); /* of this thread */
    const double value = strtod(copy, NULL);
    (void)uselocale(before);
    return value;
}

bool pv_number_parse(const char *text, size_t length, double *value)
{
    /* a mantissa below 2^53 and a power of ten up to 10^22 are both exact, so
     * one division rounds correctly */
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,
                                   1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
                                   1e18, 1e19, 1e20, 1e21, 1e22};
    while (length > 0 && blank(text[0])) {
        text++;
        length--;
    }
    while (length > 0 && blank(text[length - 1]))
        length--;
    if (length == 0 || length > PV_NUMBER_TEXT)
        return false;
    decimal d = {0};
    if (scan(text, text + length, &d) != text + length)
        return false;
    if (!d.exponent && d.digits <= 19 && d.decimals <= 22 &&
        d.mantissa <= UINT64_C(1) << 53) {
        const double magnitude = (double)d.mantissa / power[d.decimals];
        *value = d.negative ? -magnitude : magnitude;
        return true;
    }
    *value = parse_slowly(text, length);
    return true;
}

/* A host program's locale may write another decimal point. */
static size_t print(char text[PV_NUMBER_ROOM], int digits, double value)
{
    const int length = snprintf(text, PV_NUMBER_ROOM, "%.*g", digits, value);
    const size_t n = length > 0 && length < PV_NUMBER_ROOM ? (size_t)length : 0;
    for (size_t i = 0; i < n; i++)
        if (strchr("0123456789+-einfa", text[i]) == NULL)
            text[i] = '.';
    return n;
}

size_t pv_number_format(double value, char text[PV_NUMBER_ROOM])
{
    if (fabs(value) <= 9007199254740992.0 && value == nearbyint(value)) {
        const int length =
            snprintf(text, PV_NUMBER_ROOM, "%lld", (long long)value);
        return length > 0 ? (size_t)length : 0;
    }
    for (int digits = 15; digits < 17; digits++) {
        double back;
        const size_t n = print(text, digits, value);
        if (pv_number_parse(text, n, &back) && back == value)
            return n;
    }
    return print(text, 17, value);
}
