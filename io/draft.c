#include "io/draft.h"

#include "core/memory.h"
#include "io/csv_lex.h"
#include "io/date.h"
#include "io/textmap.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_LABELS = 200,
    MAX_LABEL_BYTES = 256,
    MAX_COLUMNS = 4096,
    MANY_INTEGERS = 64, /* a longer range gets bins */
    BINS = 32
};

static const char *const tokens[] = {"", "NA", "N", "?", "null"};
enum { TOKENS = sizeof tokens / sizeof *tokens };

typedef struct column {
    char *name;
    pv_textmap *labels; /* tokens included, "" not */
    char **label;
    size_t count;
    bool many; /* more labels than MAX_LABELS, or long ones */
    bool token[TOKENS];
    bool text, fraction; /* some value is no number, or not whole */
    bool other;          /* some value is no date */
    double first, last;  /* of the dates, in days */
    bool letters;        /* every label is one letter: "N" is one of them */
    double low, high;
    uint64_t values;
} column;

typedef struct draft {
    const char *path;
    column *columns;
    size_t count, room;
    bool header_done;
    uint64_t rows;
    bool missing[TOKENS];
} draft;

static ptrdiff_t token_of(const char *text, size_t length)
{
    for (size_t i = 0; i < TOKENS; i++)
        if (strlen(tokens[i]) == length && memcmp(tokens[i], text, length) == 0)
            return (ptrdiff_t)i;
    return -1;
}

static char *copy_text(const char *text, size_t length)
{
    char *copy = pv_array_alloc(length + 1, 1);
    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

static pv_status add_column(draft *d, const char *name, size_t length,
                            pv_error *err)
{
    if (d->count == MAX_COLUMNS)
        return pv_fail(err, PV_EFORMAT, "%s: line 1: more than %d columns",
                       d->path, MAX_COLUMNS);
    if (d->count == d->room) {
        const size_t room = d->room > 0 ? 2 * d->room : 32;
        column *columns = pv_array_realloc(d->columns, room, sizeof *columns);
        if (columns == NULL)
            return pv_fail_memory(err, "a draft");
        d->columns = columns;
        d->room = room;
    }
    column *c = &d->columns[d->count++];
    *c = (column){.letters = true, .low = INFINITY, .high = -INFINITY,
                  .first = INFINITY, .last = -INFINITY};
    c->name = copy_text(name, length);
    c->labels = pv_textmap_alloc();
    c->label = pv_array_calloc(MAX_LABELS, sizeof *c->label);
    if (c->name == NULL || c->labels == NULL || c->label == NULL)
        return pv_fail_memory(err, "a draft");
    return PV_OK;
}

static pv_status add_label(column *c, const char *text, size_t length,
                           pv_error *err)
{
    uint32_t held;
    if (pv_textmap_find(c->labels, text, length) != PV_TEXTMAP_NONE)
        return PV_OK;
    if (c->count == MAX_LABELS || length > MAX_LABEL_BYTES) {
        c->many = true;
        return PV_OK;
    }
    const pv_status status = pv_textmap_add(c->labels, text, length,
                                            (uint32_t)c->count, &held, err);
    if (status != PV_OK)
        return status;
    c->label[c->count] = copy_text(text, length);
    if (c->label[c->count] == NULL)
        return pv_fail_memory(err, "a draft");
    c->count++;
    return PV_OK;
}

static bool one_letter(const char *text, size_t length)
{
    return length == 1 && ((text[0] >= 'A' && text[0] <= 'Z') ||
                           (text[0] >= 'a' && text[0] <= 'z'));
}

static pv_status add_value(column *c, const char *text, size_t length,
                           pv_error *err)
{
    double number;
    const ptrdiff_t token = token_of(text, length);
    if (token >= 0)
        c->token[token] = true;
    if (token == 0)
        return PV_OK;
    if (token < 0) {
        c->values++;
        c->letters = c->letters && one_letter(text, length);
        c->other = c->other || !pv_date_parse(text, length, &number);
        if (!c->other) {
            c->first = fmin(c->first, number);
            c->last = fmax(c->last, number);
        }
        if (!pv_number_parse(text, length, &number) || !isfinite(number)) {
            c->text = true;
        } else {
            c->fraction = c->fraction || number != floor(number) ||
                          fabs(number) >= 9007199254740992.0;
            c->low = fmin(c->low, number);
            c->high = fmax(c->high, number);
        }
    }
    return c->many ? PV_OK : add_label(c, text, length, err);
}

static pv_status take_field(void *context, size_t field, const char *text,
                            size_t length, pv_error *err)
{
    draft *d = context;
    if (!d->header_done)
        return add_column(d, text, length, err);
    if (field >= d->count)
        return PV_OK; /* reported with the row */
    return add_value(&d->columns[field], text, length, err);
}

static pv_status take_row(void *context, size_t fields, uint64_t line,
                          pv_error *err)
{
    draft *d = context;
    if (d->header_done && fields != d->count)
        return pv_fail(err, PV_EFORMAT,
                       "%s: line %llu: %zu fields where the header has %zu; "
                       "quote fields that hold the delimiter",
                       d->path, (unsigned long long)line, fields, d->count);
    d->rows += d->header_done;
    d->header_done = true;
    return PV_OK;
}

/* A token is a missing value unless it looks like a label: "N" in a column of
 * single letters is No more often than not available. */
static void judge_tokens(draft *d)
{
    for (size_t t = 1; t < TOKENS; t++) {
        bool seen = false, label = false;
        for (size_t i = 0; i < d->count; i++) {
            const column *c = &d->columns[i];
            seen = seen || c->token[t];
            label = label || (c->token[t] && c->values > 0 && c->letters &&
                              one_letter(tokens[t], strlen(tokens[t])));
        }
        d->missing[t] = seen && !label;
    }
    d->missing[0] = true;
}

/* --- the draft as JSON --------------------------------------------------- */

/* Limits are rounded outward to half of a power of ten below the span: round
 * numbers say less about single rows than extremes do. */
static void round_outward(const column *c, double *low, double *high)
{
    const double span = c->high - c->low;
    *low = c->low;
    *high = c->high;
    if (!c->fraction && span <= MANY_INTEGERS)
        return;
    double step = pow(10, floor(log10(span > 0 ? span : 1))) / 2;
    if (!c->fraction)
        step = fmax(floor(step), 1);
    *low = floor(c->low / step) * step;
    *high = ceil(c->high / step) * step;
    if (*low == *high)
        *high += step;
}

static json_t *limit(const column *c, double value)
{
    if (!c->fraction && fabs(value) < 9e15)
        return json_integer((json_int_t)value);
    return json_real(value);
}

static bool has_missing(const draft *d, const column *c)
{
    for (size_t t = 0; t < TOKENS; t++)
        if (d->missing[t] && c->token[t])
            return true;
    return false;
}

static bool is_text(const draft *d, const column *c)
{
    for (size_t t = 1; t < TOKENS; t++)
        if (c->token[t] && !d->missing[t])
            return true;
    return c->text || c->values == 0;
}

static int compare_texts(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

static int describe_text(const draft *d, column *c, json_t *field)
{
    int failed = json_object_set_new(field, "type", json_string("string"));
    if (c->many && c->values == d->rows)
        return failed | json_object_set_new(field, "privet",
                                            json_pack("{s:s}", "role", "id"));
    if (c->many)
        return failed | json_object_set_new(field, "privet",
                                            json_pack("{s:b}", "open", 1));
    json_t *list = json_array();
    qsort(c->label, c->count, sizeof *c->label, compare_texts);
    for (size_t i = 0; i < c->count; i++) {
        const ptrdiff_t token = token_of(c->label[i], strlen(c->label[i]));
        if (token < 0 || !d->missing[token])
            failed |= json_array_append_new(list, json_string(c->label[i]));
    }
    if (json_array_size(list) == 0) /* nothing but missing values */
        failed |= json_array_append_new(list, json_string("(none seen)"));
    return failed | json_object_set_new(field, "categories", list);
}

static int describe_number(const column *c, json_t *field, json_t *constraints)
{
    double low, high;
    round_outward(c, &low, &high);
    int failed = json_object_set_new(
        field, "type", json_string(c->fraction ? "number" : "integer"));
    failed |= json_object_set_new(constraints, "minimum", limit(c, low));
    failed |= json_object_set_new(constraints, "maximum", limit(c, high));
    if (c->fraction || high - low > MANY_INTEGERS)
        failed |= json_object_set_new(field, "privet",
                                      json_pack("{s:i}", "bins", BINS));
    return failed;
}

static bool is_date(const draft *d, const column *c)
{
    for (size_t t = 1; t < TOKENS; t++)
        if (c->token[t] && !d->missing[t])
            return false;
    return c->values > 0 && !c->other;
}

/* Whole years: the first and the last date of one would say more. */
static int describe_date(const column *c, json_t *field, json_t *constraints)
{
    char first[PV_NUMBER_ROOM], last[PV_NUMBER_ROOM];
    (void)pv_date_format(c->first, first);
    (void)pv_date_format(c->last, last);
    return json_object_set_new(field, "type", json_string("date")) |
           json_object_set_new(constraints, "minimum",
                               json_sprintf("%.4s-01-01", first)) |
           json_object_set_new(constraints, "maximum",
                               json_sprintf("%.4s-12-31", last)) |
           json_object_set_new(field, "privet",
                               json_pack("{s:i}", "bins", BINS));
}

static json_t *describe(const draft *d, column *c)
{
    json_t *field = json_pack("{s:s}", "name", c->name);
    json_t *constraints = json_object();
    int failed = field == NULL || constraints == NULL;
    if (!failed)
        failed = is_date(d, c)   ? describe_date(c, field, constraints)
                 : is_text(d, c) ? describe_text(d, c, field)
                                 : describe_number(c, field, constraints);
    if (!failed && !has_missing(d, c) && d->rows > 0)
        failed = json_object_set_new(constraints, "required", json_true());
    if (!failed && json_object_size(constraints) > 0)
        failed = json_object_set(field, "constraints", constraints);
    json_decref(constraints);
    if (!failed)
        return field;
    json_decref(field);
    return NULL;
}

static pv_status assemble(draft *d, char **json, pv_error *err)
{
    json_t *missing = json_array(), *fields = json_array();
    int failed = 0;
    for (size_t t = 0; t < TOKENS; t++)
        if (d->missing[t])
            failed |= json_array_append_new(missing, json_string(tokens[t]));
    size_t bad = SIZE_MAX;
    for (size_t i = 0; i < d->count && bad == SIZE_MAX; i++)
        if (json_array_append_new(fields, describe(d, &d->columns[i])) != 0)
            bad = i;
    json_t *root = json_pack("{s:o, s:o}", "missingValues", missing, "fields",
                             fields);
    *json = failed || root == NULL ? NULL : json_dumps(root, JSON_INDENT(2));
    json_decref(root);
    if (bad != SIZE_MAX) {
        free(*json);
        return pv_fail(err, PV_EFORMAT,
                       "%s: column %zu: its name or a value is not UTF-8; "
                       "convert the file (iconv -t UTF-8)",
                       d->path, bad + 1);
    }
    if (*json == NULL)
        return pv_fail_memory(err, "a draft");
    return PV_OK;
}

static void clear(draft *d)
{
    for (size_t i = 0; i < d->count; i++) {
        column *c = &d->columns[i];
        free(c->name);
        pv_textmap_free(c->labels);
        for (size_t k = 0; c->label != NULL && k < c->count; k++)
            free(c->label[k]);
        free(c->label);
    }
    free(d->columns);
}

pv_status pv_schema_draft(const char *path, char delimiter, char **json,
                          pv_error *err)
{
    pv_status status = PV_OK;
    draft d = {.path = path};
    pv_csv_client client = {.path = path,
                            .delimiter = delimiter,
                            .context = &d,
                            .field = take_field,
                            .row = take_row};
    PV_TRY(pv_csv_lex(&client, err));
    if (!d.header_done) {
        status = pv_fail(err, PV_EFORMAT,
                         "%s: empty; the first line has to name the columns",
                         path);
        goto out;
    }
    judge_tokens(&d);
    PV_TRY(assemble(&d, json, err));
out:
    clear(&d);
    return status;
}
