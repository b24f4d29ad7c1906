#include "audit/epsilon/pair.h"

#include "core/memory.h"
#include "io/csv.h"
#include "io/rows.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char person_column[] = "person";
static const char outside_label[] = "elsewhere";

void pv_pair_clear(pv_pair *pair)
{
    for (int w = 0; w < 2; w++) {
        pv_table_free(pair->table[w]);
        free(pair->path[w]);
    }
    free(pair->target);
    memset(pair, 0, sizeof *pair);
}

/* --- the made-up schema --------------------------------------------------- */

static json_t *label_field(size_t column, uint32_t levels, bool required)
{
    char name[32];
    json_t *labels = json_array();
    (void)snprintf(name, sizeof name, "c%zu", column + 1);
    for (uint32_t i = 0; i < levels; i++) {
        char label[16];
        (void)snprintf(label, sizeof label, "v%u", i);
        (void)json_array_append_new(labels, json_string(label));
    }
    return json_pack("{s:s, s:s, s:o, s:{s:b}}", "name", name, "type", "string",
                     "categories", labels, "constraints", "required", required);
}

static json_t *number_field(uint32_t levels)
{
    return json_pack("{s:s, s:s, s:{s:b, s:i, s:i}, s:{s:i}}", "name", "c1",
                     "type", "number", "constraints", "required", 1, "minimum",
                     0, "maximum", (int)levels, "privet", "bins", (int)levels);
}

pv_status pv_pair_schema(size_t columns, uint32_t levels,
                         uint32_t rows_per_person, pv_schema **schema,
                         pv_error *err)
{
    json_t *fields = json_array(), *root = NULL;
    for (size_t c = 0; c < columns; c++)
        (void)json_array_append_new(
            fields, c == 0 ? number_field(levels)
                           : label_field(c, levels, c + 1 < columns));
    if (rows_per_person > 0) {
        (void)json_array_append_new(
            fields, json_pack("{s:s, s:s, s:{s:s}}", "name", person_column,
                              "type", "string", "privet", "role", "id"));
        root = json_pack("{s:o, s:{s:{s:s, s:I}}}", "fields", fields, "privet",
                         "unit", "column", person_column, "max_rows",
                         (json_int_t)rows_per_person);
    } else {
        root = json_pack("{s:o}", "fields", fields);
    }
    char *text = root != NULL ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    if (text == NULL)
        return pv_fail_memory(err, "the schema");
    const pv_status status = pv_schema_parse(text, strlen(text),
                                             "the made-up schema", schema, err);
    free(text);
    return status;
}

/* --- rows ----------------------------------------------------------------- */

/* Codes of a row that takes the target's value in the columns where `like` has
 * a bit of their number's last two, and another elsewhere. The target's values
 * are the first and the last level in turn. What is determined follows. */
static void fill_row(const pv_schema *schema, unsigned like, uint32_t *code)
{
    const size_t columns = pv_schema_columns(schema);
    for (size_t c = 0; c < columns; c++) {
        const pv_column *column = pv_schema_column(schema, c);
        const uint32_t last = column->levels - column->missing - 1;
        const bool target = like >> c % 2 & 1;
        code[c] = target == (c % 2 == 0) ? last : 0;
    }
    for (size_t c = 0; c < columns; c++)
        if (pv_schema_root(schema, c) != c)
            code[c] = pv_schema_map(schema, c)[code[pv_schema_root(schema, c)]];
}

enum { unlike = 0, like_even = 1, like_odd = 2, alike = 3 };

/* Rows of a worst case, as kinds of the above, and whose they are. */
typedef struct cast {
    unsigned char *kind;
    size_t count;
} cast;

static void play(cast *c, unsigned kind)
{
    c->kind[c->count++] = (unsigned char)kind;
}

static bool is(const char *name, const char *other)
{
    return strcmp(name, other) == 0;
}

/* Everybody but the target. */
static pv_status cast_others(const pv_pair_terms *terms, const char *name,
                             cast *c, pv_error *err)
{
    enum { most_others = 3 };
    *c = (cast){.kind = pv_array_calloc(terms->copies + most_others,
                                        sizeof *c->kind)};
    if (c->kind == NULL)
        return pv_fail_memory(err, "a pair");
    if (is(name, "repeated")) {
        play(c, unlike);
        for (size_t i = 0; i < terms->copies; i++)
            play(c, alike);
    } else if (!is(name, "single")) {
        play(c, unlike);
        play(c, like_even);
        play(c, like_odd);
    }
    return PV_OK;
}

/* Numbers of the target beyond the range, as a schema clamps them. */
static void put_clamped(pv_table *table, size_t row)
{
    const pv_schema *schema = pv_table_schema(table);
    for (size_t c = 0; c < pv_schema_columns(schema); c++) {
        const pv_column *column = pv_schema_column(schema, c);
        if (pv_table_values(table, c) != NULL)
            pv_table_put_values(table, c, row, 1, &column->maximum);
    }
}

/* Whose a row is: everybody has one, and the extra ones are one person's. */
static pv_status name_persons(const cast *c, size_t extra, pv_table *table,
                              pv_error *err)
{
    const size_t rows = c->count + extra;
    uint32_t *person = pv_array_alloc(rows, sizeof *person);
    if (person == NULL)
        return pv_fail_memory(err, "a pair");
    for (size_t i = 0; i < rows; i++)
        person[i] = (uint32_t)(i < c->count ? i : c->count);
    pv_table_set_persons(table, person,
                         (uint32_t)(c->count + (extra > 0 ? 1 : 0)));
    return PV_OK;
}

/* The table of `count` rows of these kinds, and `extra` of kind `last`. Where they
 * are outside of the schema, numbers are kept: a bin's middle is not the value. */
static pv_status make_table(const pv_pair_terms *terms, const cast *c,
                            unsigned last, size_t extra, bool outside,
                            const uint32_t *target, pv_table **table,
                            pv_error *err)
{
    const pv_schema *schema = terms->schema;
    const size_t columns = pv_schema_columns(schema);
    uint32_t *code = pv_array_alloc(columns, sizeof *code);
    if (code == NULL)
        return pv_fail_memory(err, "a pair");
    pv_status status =
        pv_table_alloc(schema, c->count + extra, outside, table, err);
    for (size_t i = 0; status == PV_OK && i < c->count + extra; i++) {
        fill_row(schema, i < c->count ? c->kind[i] : last, code);
        if (i >= c->count && last == alike)
            memcpy(code, target, columns * sizeof *code);
        for (size_t k = 0; k < columns; k++)
            pv_table_put(*table, k, i, 1, &code[k]);
        if (i >= c->count && outside)
            put_clamped(*table, i);
    }
    if (status == PV_OK && pv_schema_unit(schema) != NULL)
        status = name_persons(c, extra, *table, err);
    free(code);
    return status;
}

/* --- files ---------------------------------------------------------------- */

static pv_status write_table(const pv_table *table, const char *path,
                             pv_error *err)
{
    const mode_t before = umask(077);
    const pv_status status = pv_csv_write(table, path, true, err);
    (void)umask(before);
    return status;
}

/* A cell of the made-up schema. */
static void put_cell(FILE *out, const pv_column *column, uint32_t code)
{
    if (column->kind == PV_COLUMN_BINS)
        (void)fprintf(out, "%.17g", pv_column_number(column, code));
    else if (!column->missing || code + 1 < column->levels)
        (void)fputs(column->labels[code], out);
}

/* The target's values where the schema has none: far above the range, and no
 * label where a missing level will take it. */
static void put_outside(FILE *out, const pv_column *column, uint32_t code)
{
    if (column->kind == PV_COLUMN_BINS)
        (void)fputs("1e9", out);
    else if (column->missing)
        (void)fputs(outside_label, out);
    else
        put_cell(out, column, code);
}

typedef struct file_terms {
    const pv_pair_terms *terms;
    const cast *cast;
    unsigned last;   /* kind of the extra rows */
    size_t extra;    /* rows of one person */
    bool outside;    /* they hold what the schema has not */
} file_terms;

static void put_row(FILE *out, const file_terms *f, size_t i, uint32_t *code)
{
    const pv_schema *schema = f->terms->schema;
    const bool extra = i >= f->cast->count;
    fill_row(schema, extra ? f->last : f->cast->kind[i], code);
    for (size_t c = 0; c < pv_schema_columns(schema); c++) {
        if (c > 0)
            (void)putc(',', out);
        (extra && f->outside ? put_outside : put_cell)(
            out, pv_schema_column(schema, c), code[c]);
    }
    if (pv_schema_unit(schema) != NULL)
        (void)fprintf(out, ",p%zu", extra ? f->cast->count : i);
    (void)putc('\n', out);
}

/* By hand, with what a table of codes cannot hold: persons, and values outside
 * of the schema. */
static pv_status write_made_up(const file_terms *f, const char *path,
                               pv_error *err)
{
    uint32_t code[PV_MAX_COLUMNS];
    const pv_schema *schema = f->terms->schema;
    const mode_t before = umask(077);
    FILE *out = fopen(path, "w");
    (void)umask(before);
    if (out == NULL)
        return pv_fail_errno(err, PV_EIO, "%s: cannot make it", path);
    for (size_t c = 0; c < pv_schema_columns(schema); c++)
        (void)fprintf(out, "%s%s", c > 0 ? "," : "",
                      pv_schema_column(schema, c)->name);
    if (pv_schema_unit(schema) != NULL)
        (void)fprintf(out, ",%s", pv_schema_unit(schema));
    (void)putc('\n', out);
    for (size_t i = 0; i < f->cast->count + f->extra; i++)
        put_row(out, f, i, code);
    const bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed)
        return pv_fail_errno(err, PV_EIO, "%s: cannot be written", path);
    return PV_OK;
}

static char *path_of(const char *dir, const char *name, int world)
{
    return pv_sprintf_alloc("%s/%s-%s.csv", dir, name, world ? "in" : "out");
}

/* --- worst cases ---------------------------------------------------------- */

static const char *const worst[] = {"single", "mixed", "repeated", "boundary",
                                    "flood"};

static bool goes_with(const pv_pair_terms *terms, const char *name)
{
    return is(name, "boundary") ? terms->made_up
           : is(name, "flood")
               ? terms->made_up && pv_schema_unit(terms->schema) != NULL
               : true;
}

const char *pv_pair_name(const pv_pair_terms *terms, bool empty, size_t i)
{
    for (size_t k = 0; k < sizeof worst / sizeof *worst; k++) {
        const bool needs_empty = is(worst[k], "single") && !terms->replace;
        if (goes_with(terms, worst[k]) && (empty || !needs_empty) && i-- == 0)
            return worst[k];
    }
    return NULL;
}

static pv_status find_name(const pv_pair_terms *terms, const char *text,
                           const char **name, pv_error *err)
{
    for (size_t k = 0; k < sizeof worst / sizeof *worst; k++)
        if (is(worst[k], text)) {
            *name = worst[k];
            return goes_with(terms, text)
                       ? PV_OK
                       : pv_fail(err, PV_EUSAGE,
                                 "the pair \"%s\" is of made-up tables%s alone",
                                 text,
                                 is(text, "flood") ? " of persons with several "
                                                     "rows"
                                                   : "");
        }
    return pv_fail(err, PV_EUSAGE,
                   "there is no pair \"%s\": there are single, mixed, repeated, "
                   "boundary and flood",
                   text);
}

/* The target's codes as the schema reads its row. */
static void read_target(const pv_pair_terms *terms, bool outside,
                        uint32_t *code)
{
    fill_row(terms->schema, alike, code);
    for (size_t c = 0; outside && c < pv_schema_columns(terms->schema); c++) {
        const pv_column *column = pv_schema_column(terms->schema, c);
        if (column->kind == PV_COLUMN_BINS)
            code[c] = column->levels - 1;
        else if (column->missing)
            code[c] = column->levels - 1;
    }
}

static pv_status make_world(const pv_pair_terms *terms, const cast *c,
                            int world, pv_pair *pair, pv_error *err)
{
    const bool persons = pv_schema_unit(terms->schema) != NULL;
    const bool flood = is(pair->name, "flood");
    const size_t counted = persons ? pv_schema_unit_rows(terms->schema) : 1;
    const size_t present = world == 1 || terms->replace;
    const file_terms f = {
        .terms = terms,
        .cast = c,
        .last = world == 1 ? alike : unlike,
        .extra = present * counted * (flood && world == 1 ? 3 : 1),
        .outside = world == 1 && is(pair->name, "boundary")};
    const pv_status status =
        make_table(terms, c, f.last, present * counted, f.outside,
                   pair->target, &pair->table[world], err);
    if (status != PV_OK)
        return status;
    return terms->made_up ? write_made_up(&f, pair->path[world], err)
                          : write_table(pair->table[world], pair->path[world],
                                        err);
}

pv_status pv_pair_worst(const pv_pair_terms *terms, const char *name,
                        pv_pair *pair, pv_error *err)
{
    pv_status status = PV_OK;
    cast c = {0};
    memset(pair, 0, sizeof *pair);
    PV_TRY(find_name(terms, name, &pair->name, err));
    PV_TRY(cast_others(terms, name, &c, err));
    pair->target =
        pv_array_alloc(pv_schema_columns(terms->schema), sizeof *pair->target);
    for (int w = 0; w < 2; w++)
        pair->path[w] = path_of(terms->dir, name, w);
    if (pair->target == NULL || pair->path[0] == NULL || pair->path[1] == NULL) {
        status = pv_fail_memory(err, "a pair");
        goto out;
    }
    read_target(terms, is(name, "boundary"), pair->target);
    for (int w = 0; w < 2; w++)
        PV_TRY(make_world(terms, &c, w, pair, err));
out:
    free(c.kind);
    if (status != PV_OK)
        pv_pair_clear(pair);
    return status;
}
