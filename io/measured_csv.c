/* A noisy marginal as CSV: a row for each cell. */
#include "io/measured.h"

#include "core/memory.h"
#include "io/csv_lex.h"
#include "io/number.h"
#include "io/release_internal.h"
#include "io/schema_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FIELDS = PV_MAX_COLUMNS + 2, MAX_CELLS = 1 << 27 };
#define COUNT_FIELD (PV_MAX_COLUMNS + 1)
#define SIGMA2_FIELD (PV_MAX_COLUMNS + 2)

typedef struct reading {
    pv_csv_client client;
    const pv_schema *schema;
    pv_measurement *m;
    bool header;              /* it has been read */
    size_t fields;            /* of the header, so far or in all */
    size_t what[MAX_FIELDS];  /* a column, COUNT_FIELD or SIGMA2_FIELD */
    uint64_t dims[PV_MAX_COLUMNS];
    unsigned char *seen;      /* by cell */
    size_t rows;
    /* of the row under way */
    size_t cell;
    double value, variance;
    const char *mistake;      /* static; told once the line is known */
    size_t mistaken;          /* the field that it is in */
} reading;

static pv_status header_field(reading *r, const char *text, size_t length,
                              pv_error *err)
{
    char name[PV_MAX_LABEL_BYTES + 1], shown[PV_SHOWN_ROOM];
    if (r->fields == MAX_FIELDS || length >= sizeof name)
        return pv_csv_fail_at(&r->client, 1, "too many or too long columns",
                              err);
    memcpy(name, text, length);
    name[length] = '\0';
    const ptrdiff_t c = pv_schema_find(r->schema, name);
    size_t what = (size_t)c;
    if (strcmp(name, "count") == 0)
        what = COUNT_FIELD;
    else if (strcmp(name, "sigma2") == 0)
        what = SIGMA2_FIELD;
    else if (c < 0)
        return pv_fail(err, PV_EFORMAT,
                       "%s: line 1: the column '%s' is not in the schema; a "
                       "marginal has columns of the schema, \"count\" and "
                       "\"sigma2\"",
                       r->client.path, pv_shown(name, shown));
    for (size_t i = 0; i < r->fields; i++)
        if (r->what[i] == what)
            return pv_fail(err, PV_EFORMAT,
                           "%s: line 1: the column '%s' is there twice",
                           r->client.path, pv_shown(name, shown));
    r->what[r->fields++] = what;
    return PV_OK;
}

static size_t find_field(const reading *r, size_t what)
{
    size_t i = 0;
    while (i < r->fields && r->what[i] != what)
        i++;
    return i;
}

/* The header is complete: the marginal's shape and its tables. */
static pv_status open_marginal(reading *r, pv_error *err)
{
    pv_measurement *m = r->m;
    if (find_field(r, COUNT_FIELD) == r->fields ||
        find_field(r, SIGMA2_FIELD) == r->fields || r->fields < 3)
        return pv_csv_fail_at(&r->client, 1,
                              "a marginal needs a column of the schema, "
                              "\"count\" and \"sigma2\"; write all three into "
                              "the header",
                              err);
    m->column = pv_array_alloc(r->fields - 2, sizeof *m->column);
    if (m->column == NULL)
        return pv_fail_memory(err, "a marginal");
    m->cells = 1;
    for (size_t i = 0; i < r->fields; i++) {
        if (r->what[i] >= PV_MAX_COLUMNS)
            continue;
        const pv_column *c = pv_schema_column(r->schema, r->what[i]);
        r->dims[m->columns] = c->levels;
        m->column[m->columns++] = (uint32_t)r->what[i];
        if (c->levels == 0)
            return pv_fail(err, PV_EFORMAT,
                           "%s: column '%s' has no public levels",
                           r->client.path, c->name);
        if (!pv_size_mul(m->cells, c->levels, &m->cells) ||
            m->cells > MAX_CELLS || m->columns > H5S_MAX_RANK)
            return pv_fail(err, PV_ETOOBIG,
                           "%s: a marginal of more than %d cells or %d "
                           "columns; write it as HDF5, or measure a smaller "
                           "one",
                           r->client.path, MAX_CELLS, H5S_MAX_RANK);
    }
    m->values = pv_array_calloc(m->cells, sizeof *m->values);
    r->seen = pv_array_calloc(m->cells, 1);
    return m->values != NULL && r->seen != NULL
               ? PV_OK
               : pv_fail_memory(err, "a marginal");
}

static void mistake(reading *r, size_t field, const char *what)
{
    if (r->mistake == NULL) {
        r->mistake = what;
        r->mistaken = field;
    }
}

static void read_value(reading *r, size_t field, const char *text,
                       size_t length)
{
    double *to = r->what[field] == COUNT_FIELD ? &r->value : &r->variance;
    if (!pv_number_parse(text, length, to))
        mistake(r, field, "is not a number");
}

static void read_level(reading *r, size_t field, const char *text,
                       size_t length)
{
    const size_t column = r->what[field];
    const uint32_t levels = pv_schema_column(r->schema, column)->levels;
    uint64_t outside = 0;
    const uint32_t code = pv_column_encode(r->schema, column, text, length,
                                           &outside, NULL);
    if (outside > 0 || code == PV_NO_LEVEL)
        mistake(r, field, "is not a level of the column");
    else
        r->cell = r->cell * levels + code;
}

static pv_status on_field(void *context, size_t field, const char *text,
                          size_t length, pv_error *err)
{
    reading *r = context;
    if (!r->header)
        return header_field(r, text, length, err);
    if (field == 0) {
        r->cell = 0;
        r->mistake = NULL;
    }
    if (field >= r->fields)
        return PV_OK; /* told at the end of the row */
    if (r->what[field] >= PV_MAX_COLUMNS)
        read_value(r, field, text, length);
    else
        read_level(r, field, text, length);
    return PV_OK;
}

static pv_status check_row(reading *r, size_t fields, uint64_t line,
                           pv_error *err)
{
    if (fields != r->fields)
        return pv_csv_fail_at(&r->client, line,
                              "another number of fields than the header", err);
    if (r->mistake != NULL) {
        const size_t what = r->what[r->mistaken];
        return pv_fail(err, PV_EFORMAT,
                       "%s: line %llu: the value of \"%s\" %s", r->client.path,
                       (unsigned long long)line,
                       what == COUNT_FIELD    ? "count"
                       : what == SIGMA2_FIELD ? "sigma2"
                           : pv_schema_column(r->schema, what)->name,
                       r->mistake);
    }
    if (r->seen[r->cell])
        return pv_csv_fail_at(&r->client, line,
                              "this cell was there before; write each once",
                              err);
    if (r->rows > 0 && r->variance != r->m->variance)
        return pv_csv_fail_at(&r->client, line,
                              "\"sigma2\" is another than in the rows before; "
                              "a marginal has one",
                              err);
    return PV_OK;
}

static pv_status on_row(void *context, size_t fields, uint64_t line,
                        pv_error *err)
{
    reading *r = context;
    if (!r->header) {
        r->header = true;
        return open_marginal(r, err);
    }
    const pv_status status = check_row(r, fields, line, err);
    if (status != PV_OK)
        return status;
    r->m->variance = r->variance;
    r->m->values[r->cell] = r->value;
    r->seen[r->cell] = 1;
    r->rows++;
    return PV_OK;
}

/* Empty cells are cells: a noisy marginal tells of them too. */
static pv_status absent_cell(const reading *r, pv_error *err)
{
    char text[512] = "", level[128];
    size_t used = 0;
    size_t cell = (size_t)((unsigned char *)memchr(r->seen, 0, r->m->cells) -
                           r->seen);
    uint32_t code[H5S_MAX_RANK];
    for (size_t i = r->m->columns; i-- > 0;) {
        code[i] = (uint32_t)(cell % r->dims[i]);
        cell /= (size_t)r->dims[i];
    }
    for (size_t i = 0; i < r->m->columns && used < sizeof text; i++) {
        const pv_column *c = pv_schema_column(r->schema, r->m->column[i]);
        pv_column_describe(c, code[i], level, sizeof level);
        const int n = snprintf(text + used, sizeof text - used, "%s%s = %s",
                               i > 0 ? ", " : "", c->name, level);
        used += n < 0 ? sizeof text : (size_t)n;
    }
    return pv_fail(err, PV_EFORMAT,
                   "%s: %zu of the %zu cells are not there, the first %s; "
                   "write the noisy count of each, of empty ones too",
                   r->client.path, r->m->cells - r->rows, r->m->cells, text);
}

pv_status pv_measured_read_csv(const char *path, const pv_schema *schema,
                               pv_measurement *m, pv_error *err)
{
    pv_status status = PV_OK;
    reading *r = pv_array_calloc(1, sizeof *r);
    *m = (pv_measurement){0};
    if (r == NULL)
        return pv_fail_memory(err, "a marginal");
    r->client = (pv_csv_client){
        .path = path, .context = r, .field = on_field, .row = on_row};
    r->schema = schema;
    r->m = m;
    PV_TRY(pv_csv_lex(&r->client, err));
    if (!r->header) {
        status = pv_fail(err, PV_EFORMAT, "%s: empty; a marginal has a header",
                         path);
        goto out;
    }
    if (r->rows < m->cells) {
        status = absent_cell(r, err);
        goto out;
    }
    if (!pv_measurement_sane(m)) {
        status = pv_fail(err, PV_EFORMAT,
                         "%s: \"sigma2\" must be above 0, and counts within "
                         "%g of it",
                         path, PV_MEASURED_LIMIT);
        goto out;
    }
    if (!pv_measurement_sort(m, r->dims))
        status = pv_fail_memory(err, "a marginal");
out:
    free(r->seen);
    free(r);
    if (status != PV_OK)
        pv_measurement_clear(m);
    return status;
}
