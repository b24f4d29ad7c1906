#include "audit/attack/describe.h"

#include "audit/attack/people.h"
#include "core/memory.h"
#include "core/threads.h"
#include "io/rows.h"

#include <stdlib.h>

enum {
    tries_each = 2000,  /* drawn rows a description asked for, at most */
    patience = 1 << 15, /* tries in a row that bring nothing new */
    batch = 4096,       /* descriptions that are tested together */
    share = 256         /* of them that share a stream */
};

void pv_descriptions_clear(pv_descriptions *found)
{
    free(found->predicate);
    *found = (pv_descriptions){0};
}

/* Unless it is among those from number `from` on. */
static pv_status keep(pv_descriptions *f, size_t from, const pv_predicate *p,
                      pv_error *err)
{
    for (size_t i = from; i < f->count; i++)
        if (pv_predicate_equal(&f->predicate[i], p))
            return PV_OK;
    if (f->count == f->room) {
        const size_t room = 2 * f->room + 64;
        pv_predicate *more =
            pv_array_realloc(f->predicate, room, sizeof *more);
        if (more == NULL)
            return pv_fail_memory(err, "descriptions of rows");
        f->predicate = more;
        f->room = room;
    }
    f->predicate[f->count++] = *p;
    return PV_OK;
}

/* Codes that are not missing. */
static uint32_t present(const pv_column *c)
{
    return c->levels - c->missing;
}

/* Rows with each code; NULL on short memory. */
static uint64_t *count_codes(const pv_table *table, uint32_t column)
{
    const pv_codes codes = pv_table_codes(table, column);
    uint64_t *count = pv_array_calloc(
        pv_schema_column(pv_table_schema(table), column)->levels,
        sizeof *count);
    for (size_t r = 0; count != NULL && r < pv_table_rows(table); r++)
        count[pv_codes_at(codes, r)]++;
    return count;
}

/* --- one column ----------------------------------------------------------- */

/* "at most the least" and "at least the greatest" of a numeric column, where
 * one row alone has it. */
static pv_status describe_ends(pv_descriptions *f, uint32_t column,
                               const pv_column *c, const uint64_t *count,
                               pv_error *err)
{
    pv_status status = PV_OK;
    const size_t from = f->count;
    const uint32_t end = present(c);
    uint32_t least = 0, most = end;
    while (least < end && count[least] == 0)
        least++;
    while (most > 0 && count[most - 1] == 0)
        most--;
    if (least == end)
        return PV_OK;
    if (count[least] == 1) {
        const pv_predicate p = {1, {{column, 0, least}}};
        PV_TRY(keep(f, from, &p, err));
    }
    if (count[most - 1] == 1) {
        const pv_predicate p = {1, {{column, most - 1, end - 1}}};
        PV_TRY(keep(f, from, &p, err));
    }
out:
    return status;
}

/* The single codes that are not described as an end (from number `ends` on).
 * They differ from each other and are not compared: there may be millions. */
static pv_status describe_codes(pv_descriptions *f, size_t ends,
                                uint32_t column, const pv_column *c,
                                const uint64_t *count, pv_error *err)
{
    const size_t first = f->count;
    pv_status status = PV_OK;
    for (uint32_t code = 0; code < c->levels; code++) {
        const pv_predicate p = {1, {{column, code, code}}};
        bool had = count[code] != 1;
        for (size_t i = ends; i < first; i++)
            had = had || pv_predicate_equal(&f->predicate[i], &p);
        if (!had)
            PV_TRY(keep(f, f->count, &p, err));
    }
out:
    return status;
}

static pv_status describe_column(pv_descriptions *f, const pv_table *synthetic,
                                 uint32_t column, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t ends = f->count;
    const pv_column *c = pv_schema_column(pv_table_schema(synthetic), column);
    uint64_t *count = count_codes(synthetic, column);
    if (count == NULL)
        return pv_fail_memory(err, "counts of a column");
    if (c->kind != PV_COLUMN_LABELS)
        PV_TRY(describe_ends(f, column, c, count, err));
    PV_TRY(describe_codes(f, ends, column, c, count, err));
out:
    free(count);
    return status;
}

pv_status pv_describe_by_one(const pv_table *table, size_t asked,
                             const pv_key *key, pv_descriptions *f,
                             pv_error *err)
{
    pv_status status = PV_OK;
    pv_stream stream;
    *f = (pv_descriptions){0};
    for (uint32_t c = 0; c < pv_schema_columns(pv_table_schema(table)); c++)
        PV_TRY(describe_column(f, table, c, err));
    if (f->count <= asked)
        return PV_OK;
    pv_people_stream(key, "singling-out-univariate", &stream);
    for (size_t i = 0; i < asked; i++) {
        const size_t j = i + (size_t)pv_stream_below(&stream, f->count - i);
        const pv_predicate taken = f->predicate[j];
        f->predicate[j] = f->predicate[i];
        f->predicate[i] = taken;
    }
    pv_stream_wipe(&stream);
    f->count = asked;
out:
    if (status != PV_OK)
        pv_descriptions_clear(f);
    return status;
}

/* --- several columns ------------------------------------------------------ */

typedef struct drawing {
    const pv_table *synthetic;
    pv_key key;
    size_t columns, each; /* of the table, of a description */
    const uint32_t *middle; /* the median code of each column */
    size_t first;           /* number of the batch's first try */
    pv_predicate predicate[batch];
    bool isolates[batch];
} drawing;

/* Medians of the codes that are not missing. */
static pv_status find_medians(const pv_table *synthetic, uint32_t *middle,
                              pv_error *err)
{
    const pv_schema *schema = pv_table_schema(synthetic);
    for (uint32_t c = 0; c < pv_schema_columns(schema); c++) {
        const uint32_t end = present(pv_schema_column(schema, c));
        uint64_t *count = count_codes(synthetic, c), total = 0, below = 0;
        if (count == NULL)
            return pv_fail_memory(err, "counts of a column");
        for (uint32_t code = 0; code < end; code++)
            total += count[code];
        for (middle[c] = 0; middle[c] + 1 < end; middle[c]++) {
            below += count[middle[c]];
            if (2 * below >= total)
                break;
        }
        free(count);
    }
    return PV_OK;
}

/* What a description says of a row's code: the very label or missing; numbers
 * as far out as this one. */
static pv_range describe_code(const drawing *d, uint32_t column, uint32_t code)
{
    const pv_column *c =
        pv_schema_column(pv_table_schema(d->synthetic), column);
    if (c->kind == PV_COLUMN_LABELS || code >= present(c))
        return (pv_range){column, code, code};
    if (code > d->middle[column])
        return (pv_range){column, code, present(c) - 1};
    return (pv_range){column, 0, code};
}

static void sort_ranges(pv_predicate *p)
{
    for (size_t i = 1; i < p->ranges; i++)
        for (size_t j = i; j > 0; j--)
            if (p->range[j].column < p->range[j - 1].column) {
                const pv_range other = p->range[j];
                p->range[j] = p->range[j - 1];
                p->range[j - 1] = other;
            }
}

/* A random row by random columns. */
static void draw_predicate(const drawing *d, pv_stream *stream, pv_predicate *p)
{
    const size_t row =
        (size_t)pv_stream_below(stream, pv_table_rows(d->synthetic));
    *p = (pv_predicate){0};
    while (p->ranges < d->each) {
        const uint32_t column = (uint32_t)pv_stream_below(stream, d->columns);
        bool had = false;
        for (size_t i = 0; i < p->ranges; i++)
            had = had || p->range[i].column == column;
        if (!had)
            p->range[p->ranges++] = describe_code(
                d, column,
                pv_codes_at(pv_table_codes(d->synthetic, column), row));
    }
    sort_ranges(p);
}

static void draw_item(size_t item, void *context)
{
    drawing *d = context;
    pv_stream stream;
    pv_stream_init(&stream, &d->key, d->first / share + item);
    for (size_t i = item * share; i < (item + 1) * share; i++) {
        draw_predicate(d, &stream, &d->predicate[i]);
        d->isolates[i] = pv_predicate_isolates(&d->predicate[i], d->synthetic);
    }
    pv_stream_wipe(&stream);
}

/* Draws until there are enough, or nothing new comes. */
static pv_status draw_many(drawing *d, size_t asked, pv_descriptions *f,
                           pv_error *err)
{
    pv_status status = PV_OK;
    const size_t end = d->first + tries_each * asked;
    for (size_t last = d->first; f->count < asked && d->first < end &&
                                 d->first - last <= patience;
         d->first += batch) {
        const size_t before = f->count;
        pv_parallel_for(batch / share, draw_item, d);
        for (size_t i = 0; i < batch && f->count < asked; i++)
            if (d->isolates[i])
                PV_TRY(keep(f, 0, &d->predicate[i], err));
        if (f->count > before)
            last = d->first;
    }
out:
    return status;
}

pv_status pv_describe_by_many(const pv_table *table, size_t asked,
                              const pv_key *key, pv_descriptions *f,
                              pv_error *err)
{
    pv_status status = PV_OK;
    const size_t columns = pv_schema_columns(pv_table_schema(table));
    uint32_t *middle = pv_array_alloc(columns, sizeof *middle);
    drawing *d = pv_array_calloc(1, sizeof *d);
    *f = (pv_descriptions){0};
    if (middle == NULL || d == NULL) {
        status = pv_fail_memory(err, "descriptions of rows");
        goto out;
    }
    d->synthetic = table;
    d->columns = columns;
    d->middle = middle;
    pv_key_derive(key, "singling-out-multivariate", NULL, 0, &d->key);
    PV_TRY(find_medians(table, middle, err));
    if (pv_table_rows(table) == 0 || columns < 2)
        goto out;
    for (size_t each = 3; each <= PV_PREDICATE_MOST; each *= 2) {
        d->each = each < columns ? each : columns;
        PV_TRY(draw_many(d, asked, f, err));
        if (each >= columns)
            break;
    }
out:
    free(middle);
    free(d);
    if (status != PV_OK)
        pv_descriptions_clear(f);
    return status;
}
