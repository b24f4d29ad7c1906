#include "io/date.h"

#include <math.h>
#include <stdio.h>

/* Days of the civil calendar by eras of 400 years that begin in March, so that
 * the leap day ends a year. All integer arithmetic. */
enum { ERA_YEARS = 400, ERA_DAYS = 146097, EPOCH = 719468 };

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

static int days_from_civil(int year, int month, int day)
{
    const int y = month <= 2 ? year - 1 : year;
    const int era = (y >= 0 ? y : y - (ERA_YEARS - 1)) / ERA_YEARS;
    const int of_era = y - era * ERA_YEARS;
    const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
           EPOCH;
}

static bool digits(const char *text, size_t count, int *value)
{
    *value = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *value = 10 * *value + (text[i] - '0');
    }
    return true;
}

bool pv_date_parse(const char *text, size_t length, double *days)
{
    int year, month, day;
    if (length != 10 || text[4] != '-' || text[7] != '-' ||
        !digits(text, 4, &year) || !digits(text + 5, 2, &month) ||
        !digits(text + 8, 2, &day) || month < 1 || month > 12 || day < 1 ||
        day > days_of_month(year, month))
        return false;
    *days = days_from_civil(year, month, day);
    return true;
}

size_t pv_date_format(double days, char text[PV_NUMBER_ROOM])
{
    const int z = (int)days + EPOCH;
    const int era = (z >= 0 ? z : z - (ERA_DAYS - 1)) / ERA_DAYS;
    const int of_era = z - era * ERA_DAYS;
    const int years = (of_era - of_era / 1460 + of_era / 36524 -
                       of_era / (ERA_DAYS - 1)) / 365;
    const int of_year = of_era - (365 * years + years / 4 - years / 100);
    const int m = (5 * of_year + 2) / 153;
    const int day = of_year - (153 * m + 2) / 5 + 1;
    const int month = m < 10 ? m + 3 : m - 9;
    const int year = years + era * ERA_YEARS + (month <= 2);
    const int n = snprintf(text, PV_NUMBER_ROOM, "%04d-%02d-%02d", year, month,
                           day);
    return n > 0 && n < PV_NUMBER_ROOM ? (size_t)n : 0;
}

size_t pv_column_format(const pv_column *column, double value,
                        char text[PV_NUMBER_ROOM])
{
    return column->date ? pv_date_format(value, text)
                        : pv_number_format(value, text);
}

bool pv_column_parse(const pv_column *column, const char *text, size_t length,
                     double *value)
{
    if (column->date)
        return pv_date_parse(text, length, value);
    return pv_number_parse(text, length, value) &&
           (!column->integer || *value == floor(*value));
}

bool pv_column_json_number(const pv_column *column, const json_t *json,
                           double *value)
{
    if (column->date)
        return json_is_string(json) &&
               pv_date_parse(json_string_value(json), json_string_length(json),
                             value);
    *value = json_number_value(json);
    return json_is_number(json) && isfinite(*value);
}

json_t *pv_column_number_json(const pv_column *column, double value)
{
    char text[PV_NUMBER_ROOM];
    if (column->date)
        return json_stringn(text, pv_date_format(value, text));
    return column->integer ? json_integer((json_int_t)value)
                           : json_real(value);
}
