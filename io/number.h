/* io/number.h - numbers as text, whatever the locale (internal). */
#ifndef PV_IO_NUMBER_H
#define PV_IO_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* A decimal number with optional sign, fraction and exponent, blanks around
 * it allowed; correctly rounded. False for anything else: empty text, "nan",
 * "inf", hexadecimal, more than PV_NUMBER_TEXT bytes. Overflow gives the
 * infinity of its sign. */
bool pv_number_parse(const char *text, size_t length, double *value);

enum { PV_NUMBER_TEXT = 400, PV_NUMBER_ROOM = 32 };

/* The shortest of 15, 16 or 17 digits that reads back as the same number;
 * whole numbers up to 2^53 without exponent. Returns the length. */
size_t pv_number_format(double value, char text[PV_NUMBER_ROOM]);

#endif
