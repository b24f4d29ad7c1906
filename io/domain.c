/* Values to codes and back. */
#include "io/schema_internal.h"

#include "io/date.h"
#include "io/rows.h"

#include <float.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* The last bin that starts at or below the value; halving without branches
 * that depend on it. */
static uint32_t bin_of(const pv_column *column, double value)
{
    const double *base = column->edges;
    uint32_t n = column->levels - column->missing;
    while (n > 1) {
        const uint32_t half = n / 2;
        base += base[half] <= value ? half : 0;
        n -= half;
    }
    return (uint32_t)(base - column->edges);
}

static inline uint32_t encode_number(const pv_column *column, double value)
{
    if (!(value > column->minimum))
        value = column->minimum;
    else if (value > column->maximum)
        value = column->maximum;
    if (column->kind == PV_COLUMN_INTEGERS)
        return (uint32_t)(value - column->minimum);
    return bin_of(column, value);
}

uint32_t pv_column_encode_number(const pv_column *column, double value)
{
    return encode_number(column, value);
}

/* What to do with a value that has no level. */
static uint32_t redirect(const pv_column *column, uint64_t *outside)
{
    const uint32_t code = column->missing && column->rest == NULL
                              ? column->levels - 1
                              : column->other;
    *outside += code != PV_NO_LEVEL;
    return code;
}

/* A label that looks like a whole number, from tools that write it as "1.0". */
static uint32_t find_whole(const pv_textmap *map, const char *text,
                           size_t length)
{
    const size_t sign = length > 0 && text[0] == '-';
    if (length < sign + 3 || memcmp(text + length - 2, ".0", 2) != 0)
        return PV_TEXTMAP_NONE;
    for (size_t i = sign; i < length - 2; i++)
        if (text[i] < '0' || text[i] > '9')
            return PV_TEXTMAP_NONE;
    return pv_textmap_find(map, text, length - 2);
}

static inline uint32_t encode_label(const pv_textmap *map,
                                    const pv_column *column, const char *text,
                                    size_t length, uint64_t *outside)
{
    uint32_t code = pv_textmap_find(map, text, length);
    if (code == PV_TEXTMAP_NONE)
        code = find_whole(map, text, length);
    return code != PV_TEXTMAP_NONE ? code : redirect(column, outside);
}

/* The common case of a numeric cell: up to 15 digits and nothing else. */
static inline bool small_integer(const char *text, size_t length, double *value)
{
    if (length - 1 <= 1) {
        /* one or two digits, by arithmetic: a branch on which is as good as
         * random in a table of small codes */
        const unsigned first = (unsigned)(text[0] - '0');
        const unsigned last = (unsigned)(text[length - 1] - '0');
        *value = (double)(int)((unsigned)(length - 1) * 10 * first + last);
        return (first <= 9) & (last <= 9);
    }
    const bool negative = length > 0 && text[0] == '-';
    uint64_t n = 0;
    size_t i = negative;
    if (length - i - 1 >= 15) /* wraps for no digits */
        return false;
    for (; i < length; i++) {
        const unsigned digit = (unsigned)(text[i] - '0');
        if (digit > 9)
            return false;
        n = 10 * n + digit;
    }
    *value = negative ? -(double)(int64_t)n : (double)(int64_t)n;
    return true;
}

static bool is_missing(const pv_schema *schema, const char *text, size_t length)
{
    return pv_schema_missing_index(schema, text, length) >= 0;
}

/* The number of a cell; false, and its code, when it has none. */
static bool slow_number(const pv_schema *schema, const pv_column *column,
                        const char *text, size_t length, double *number,
                        uint64_t *outside, uint32_t *code)
{
    if (column->missing && is_missing(schema, text, length)) {
        *code = column->levels - 1;
        return false;
    }
    if (!is_missing(schema, text, length) &&
        pv_column_parse(column, text, length, number))
        return true;
    *code = redirect(column, outside);
    return false;
}

static inline uint32_t encode_numeric(const pv_schema *schema,
                                      const pv_column *column, const char *text,
                                      size_t length, uint64_t *outside,
                                      double *value)
{
    double number;
    uint32_t code;
    *value = NAN;
    if ((schema->missing_looks_numeric || column->date ||
         !small_integer(text, length, &number)) &&
        !slow_number(schema, column, text, length, &number, outside, &code))
        return code;
    if (number < column->minimum || number > column->maximum) {
        number = number < column->minimum ? column->minimum : column->maximum;
        ++*outside;
    }
    *value = number;
    return encode_number(column, number);
}

uint32_t pv_column_encode(const pv_schema *schema, size_t index,
                          const char *text, size_t length, uint64_t *outside,
                          double *value)
{
    const pv_column *column = &schema->column[index];
    double number = NAN;
    uint32_t code = PV_NO_LEVEL;
    if (column->levels > 0 && column->kind == PV_COLUMN_LABELS)
        code = encode_label(schema->label_index[index], column, text, length,
                            outside);
    else if (column->levels > 0)
        code = encode_numeric(schema, column, text, length, outside, &number);
    if (value != NULL)
        *value = number;
    return code;
}

/* The widest range of numbers: where only a paid question can say more. */
static double widest(const pv_column *column)
{
    return column->date      ? PV_DATE_LAST
           : column->integer ? 0x1p53 - 1
                             : DBL_MAX;
}

uint32_t pv_column_raw_number(const pv_column *column, double number,
                              uint64_t *outside, double *value)
{
    const bool bound = (column->needs & PV_NEEDS_BOUNDS) == 0;
    const double high = bound ? column->maximum : widest(column);
    const double low = bound          ? column->minimum
                       : column->date ? PV_DATE_FIRST
                                      : -widest(column);
    *outside += number < low || number > high;
    number = number < low ? low : number > high ? high : number;
    *value = number == 0 ? 0.0 : number; /* one zero, not two */
    return PV_RAW_VALUE;
}

/* UTF-8 without NUL, so that a schema can hold it. */
static bool is_label(const char *text, size_t length)
{
    size_t plain = 0;
    if (length > PV_MAX_LABEL_BYTES || memchr(text, '\0', length) != NULL)
        return false;
    while (plain < length && (unsigned char)text[plain] < 0x80)
        plain++;
    if (plain == length)
        return true;
    json_t *string = json_stringn(text, length);
    if (string == NULL)
        return false;
    /* the copy may be private */
    sodium_memzero((void *)(uintptr_t)json_string_value(string), length);
    json_decref(string);
    return true;
}

uint32_t pv_column_encode_raw(const pv_schema *schema, size_t index,
                              const char *text, size_t length,
                              uint64_t *outside, double *value)
{
    const pv_column *column = &schema->column[index];
    const bool missing = is_missing(schema, text, length);
    const bool labels = column->kind == PV_COLUMN_LABELS;
    double number;
    *value = NAN;
    if (!missing && labels && is_label(text, length))
        return PV_RAW_TEXT;
    if (!missing && !labels && pv_column_parse(column, text, length, &number))
        return pv_column_raw_number(column, number, outside, value);
    if (missing && column->missing)
        return PV_RAW_MISSING;
    ++*outside;
    if (labels)
        return PV_RAW_REST;
    return column->missing ? PV_RAW_MISSING : PV_NO_LEVEL;
}

void pv_column_count_outside(const pv_column *column, uint32_t code,
                             pv_load_report *report)
{
    if (column->missing && code == column->levels - 1)
        report->to_missing++;
    else if (column->kind == PV_COLUMN_LABELS)
        report->to_other++;
    else
        report->clamped++;
}

size_t pv_column_encode_cells(const pv_schema *schema, size_t index,
                              const pv_cells *cells, uint32_t *codes,
                              double *values, pv_load_report *report)
{
    const pv_column *column = &schema->column[index];
    const pv_textmap *map = schema->label_index[index];
    const uint32_t *end = cells->end;
    uint64_t outside = 0, before = 0;
    for (size_t row = 0; row < cells->rows; row++, end += cells->stride) {
        const char *text = cells->text + end[0];
        const size_t length = end[1] - end[0];
        codes[row] =
            column->kind == PV_COLUMN_LABELS
                ? encode_label(map, column, text, length, &outside)
                : encode_numeric(schema, column, text, length, &outside,
                                 &values[row]);
        if (codes[row] == PV_NO_LEVEL)
            return row;
        if (outside != before)
            pv_column_count_outside(column, codes[row], report);
        before = outside;
    }
    return cells->rows;
}

double pv_column_number(const pv_column *column, uint32_t code)
{
    const uint32_t values = column->levels - column->missing;
    if (code >= values || column->kind == PV_COLUMN_LABELS)
        return NAN;
    if (column->kind == PV_COLUMN_INTEGERS)
        return column->minimum + code;
    const bool last = code + 1 == values;
    const double low = column->edges[code], high = column->edges[code + 1];
    if (column->integer)
        return floor(low + (high - low - (last ? 0 : 1)) / 2);
    const double middle = low / 2 + high / 2;
    /* in the narrowest of bins the midpoint rounds to an edge */
    return middle < low || (middle >= high && !last) ? low : middle;
}

uint32_t pv_column_find_label(const pv_schema *schema, size_t index,
                              const char *text, size_t length)
{
    const pv_column *column = &schema->column[index];
    if (schema->label_index[index] == NULL)
        return PV_NO_LEVEL;
    const uint32_t code =
        pv_textmap_find(schema->label_index[index], text, length);
    return code < column->levels - column->missing ? code : PV_NO_LEVEL;
}

static void describe_bin(const pv_column *column, uint32_t code, char *text,
                         size_t size)
{
    const bool last = code + 1 == column->levels - column->missing;
    const double low = column->edges[code], high = column->edges[code + 1];
    char from[PV_NUMBER_ROOM], to[PV_NUMBER_ROOM];
    from[pv_column_format(column, low, from)] = '\0';
    to[pv_column_format(column, high, to)] = '\0';
    if (low == high || (column->integer && !last && low + 1 == high))
        (void)snprintf(text, size, "%s", from);
    else
        (void)snprintf(text, size, "[%s, %s%c", from, to, last ? ']' : ')');
}

static void describe_day(const pv_column *column, uint32_t code, char *text,
                         size_t size)
{
    char date[PV_NUMBER_ROOM];
    date[pv_date_format(column->minimum + code, date)] = '\0';
    (void)snprintf(text, size, "%s", date);
}

void pv_column_describe(const pv_column *column, uint32_t code, char *text,
                        size_t size)
{
    if (code >= column->levels)
        (void)snprintf(text, size, "(no level)");
    else if (column->missing && code == column->levels - 1)
        (void)snprintf(text, size, "(missing)");
    else if (column->kind == PV_COLUMN_LABELS)
        (void)snprintf(text, size, "%s", column->labels[code]);
    else if (column->kind == PV_COLUMN_INTEGERS && !column->date)
        (void)snprintf(text, size, "%.0f", column->minimum + code);
    else if (column->kind == PV_COLUMN_INTEGERS)
        describe_day(column, code, text, size);
    else
        describe_bin(column, code, text, size);
}
