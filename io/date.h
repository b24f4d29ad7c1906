/* io/date.h - dates as days since 1970-01-01 (internal).
 *
 * A date is YYYY-MM-DD (ISO 8601, the proleptic Gregorian calendar, years 0000
 * to 9999) and nothing else: no blanks, no time, no zone. Inside it is a whole
 * number of days, so a date column is an integer column that is read and
 * written in another way. */
#ifndef PV_IO_DATE_H
#define PV_IO_DATE_H

#include "io/number.h"
#include "io/schema.h"

#include <jansson.h>

/* 0000-01-01 and 9999-12-31 */
enum { PV_DATE_FIRST = -719528, PV_DATE_LAST = 2932896 };

/* False when the text is no date of the calendar. */
bool pv_date_parse(const char *text, size_t length, double *days);

/* Writes the date of `days`, which must lie within the range above; returns
 * the length (10). */
size_t pv_date_format(double days, char text[PV_NUMBER_ROOM]);

/* A number of this column as its files hold it: a date, or a decimal number.
 * Not terminated; returns the length. */
size_t pv_column_format(const pv_column *column, double value,
                        char text[PV_NUMBER_ROOM]);

/* The text of a cell of this column as a number: false when it is none, or not
 * whole where the column is. */
bool pv_column_parse(const pv_column *column, const char *text, size_t length,
                     double *value);

/* A limit or an edge in a schema: a number, or for dates a text. */
bool pv_column_json_number(const pv_column *column, const json_t *json,
                           double *value);
/* The other way round: a new reference, NULL on short memory. */
json_t *pv_column_number_json(const pv_column *column, double value);

#endif
