/* Singling out: descriptions that fit exactly one synthetic row, and whether
 * they fit exactly one real one (Giomi et al. 2023).
 *
 * A description isolates more or less often in a table of another size, so the
 * control compares tables of the same size: of the real table and the holdout
 * the larger gives a sample as large as the smaller. No curve is fitted. */
#include "audit/attack/people.h"
#include "audit/attack/predicate.h"
#include "audit/attack/terms.h"
#include "audit/attack/tries.h"
#include "audit/probe.h"
#include "core/memory.h"
#include "core/threads.h"
#include "io/rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    default_attacks = 500,
    tries_each = 2000,  /* drawn rows a description asked for, at most */
    patience = 1 << 15, /* tries in a row that bring nothing new */
    batch = 1024,       /* descriptions that are tested together */
    share = 64          /* of them that share a stream */
};

static const char none_found[] =
    "no description fits exactly one synthetic row";

/* Descriptions that isolate a synthetic row, all different. */
typedef struct found {
    size_t count, room;
    pv_predicate *predicate;
} found;

static pv_status keep(found *f, const pv_predicate *p, pv_error *err)
{
    for (size_t i = 0; i < f->count; i++)
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
static pv_status describe_ends(found *f, uint32_t column, const pv_column *c,
                               const uint64_t *count, pv_error *err)
{
    pv_status status = PV_OK;
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
        PV_TRY(keep(f, &p, err));
    }
    if (count[most - 1] == 1) {
        const pv_predicate p = {1, {{column, most - 1, end - 1}}};
        PV_TRY(keep(f, &p, err));
    }
out:
    return status;
}

static pv_status describe_column(found *f, const pv_table *synthetic,
                                 uint32_t column, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_column *c = pv_schema_column(pv_table_schema(synthetic), column);
    uint64_t *count = count_codes(synthetic, column);
    if (count == NULL)
        return pv_fail_memory(err, "counts of a column");
    if (c->kind != PV_COLUMN_LABELS)
        PV_TRY(describe_ends(f, column, c, count, err));
    for (uint32_t code = 0; code < c->levels; code++)
        if (count[code] == 1) {
            const pv_predicate p = {1, {{column, code, code}}};
            PV_TRY(keep(f, &p, err));
        }
out:
    free(count);
    return status;
}

/* All there are, and of these as many as asked for, drawn. */
static pv_status find_univariate(const pv_probe_input *in, size_t asked,
                                 found *f, pv_error *err)
{
    pv_status status = PV_OK;
    pv_stream stream;
    for (uint32_t c = 0; c < pv_schema_columns(in->schema); c++)
        PV_TRY(describe_column(f, in->synthetic, c, err));
    if (f->count <= asked)
        return PV_OK;
    pv_people_stream(in->attack->key, "singling-out-univariate", &stream);
    for (size_t i = 0; i < asked; i++) {
        const size_t j = i + (size_t)pv_stream_below(&stream, f->count - i);
        const pv_predicate taken = f->predicate[j];
        f->predicate[j] = f->predicate[i];
        f->predicate[i] = taken;
    }
    pv_stream_wipe(&stream);
    f->count = asked;
out:
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

static pv_status find_multivariate(const pv_probe_input *in, size_t asked,
                                   found *f, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t columns = pv_schema_columns(in->schema);
    uint32_t *middle = pv_array_alloc(columns, sizeof *middle);
    drawing *d = pv_array_calloc(1, sizeof *d);
    if (middle == NULL || d == NULL) {
        status = pv_fail_memory(err, "descriptions of rows");
        goto out;
    }
    d->synthetic = in->synthetic;
    d->columns = columns;
    d->each = columns < PV_PREDICATE_MOST ? columns : PV_PREDICATE_MOST;
    d->middle = middle;
    pv_key_derive(in->attack->key, "singling-out-multivariate", NULL, 0,
                  &d->key);
    PV_TRY(find_medians(in->synthetic, middle, err));
    for (size_t last = 0; f->count < asked && d->first < tries_each * asked &&
                          d->first - last <= patience;
         d->first += batch) {
        const size_t before = f->count;
        pv_parallel_for(batch / share, draw_item, d);
        for (size_t i = 0; i < batch && f->count < asked; i++)
            if (d->isolates[i])
                PV_TRY(keep(f, &d->predicate[i], err));
        if (f->count > before)
            last = d->first;
    }
out:
    free(middle);
    free(d);
    return status;
}

/* --- success -------------------------------------------------------------- */

typedef struct testing {
    const pv_predicate *predicate;
    const pv_table *table;
    bool *isolates;
} testing;

static void test_item(size_t item, void *context)
{
    const testing *t = context;
    t->isolates[item] = pv_predicate_isolates(&t->predicate[item], t->table);
}

static pv_status test(const found *f, const pv_table *table, pv_tries *tries,
                      pv_error *err)
{
    testing t = {f->predicate, table, NULL};
    t.isolates = pv_array_calloc(f->count, sizeof *t.isolates);
    if (t.isolates == NULL)
        return pv_fail_memory(err, "descriptions of rows");
    pv_parallel_for(f->count, test_item, &t);
    *tries = (pv_tries){.trials = f->count};
    for (size_t i = 0; i < f->count; i++)
        tries->successes += t.isolates[i];
    free(t.isolates);
    return PV_OK;
}

/* Tables of equal size: samples of the larger one. */
typedef struct equals {
    const pv_table *real, *holdout;
    pv_table *sample; /* owned: one of the two, or NULL */
    const char *reason; /* why there are none */
} equals;

static pv_status make_equals(const pv_probe_input *in, equals *e, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_table *holdout = in->attack->holdout;
    pv_people people;
    uint32_t *drawn = NULL;
    *e = (equals){.real = in->real, .holdout = holdout};
    if (holdout == NULL || pv_table_rows(holdout) == 0) {
        e->reason = holdout == NULL ? pv_no_holdout : "the holdout has no rows";
        return PV_OK;
    }
    const size_t n = pv_table_rows(in->real), h = pv_table_rows(holdout);
    if (n == h)
        return PV_OK;
    PV_TRY(pv_people_draw(in->attack->key, "singling-out-sample",
                          n > h ? in->real : holdout, n > h ? h : n, &people,
                          &drawn, err));
    PV_TRY(pv_people_copy(&people, &e->sample, err));
    *(n > h ? &e->real : &e->holdout) = e->sample;
out:
    free(drawn);
    return status;
}

/* --- metrics -------------------------------------------------------------- */

static pv_status add_attacks(pv_findings *findings, const char *prefix,
                             const found *f, size_t asked, pv_error *err)
{
    char fewer[128];
    snprintf(fewer, sizeof fewer,
             "of %zu asked for: no more descriptions that fit exactly one "
             "synthetic row were found",
             asked);
    return pv_tries_add_value(findings, prefix, "attacks", (double)f->count,
                              NULL, f->count < asked ? fewer : NULL, err);
}

static pv_status add_metrics(const pv_probe_input *in, const equals *e,
                             const found *f, size_t asked, const char *prefix,
                             pv_findings *findings, pv_error *err)
{
    pv_status status = PV_OK;
    pv_tries whole = {.reason = none_found}, attack = whole, control = whole;
    if (f->count > 0)
        PV_TRY(test(f, in->real, &whole, err));
    attack = whole;
    if (f->count > 0 && e->reason != NULL)
        control.reason = e->reason;
    if (f->count > 0 && e->reason == NULL) {
        PV_TRY(test(f, e->holdout, &control, err));
        PV_TRY(test(f, e->real, &attack, err));
    }
    PV_TRY(add_attacks(findings, prefix, f, asked, err));
    PV_TRY(pv_tries_add(findings, prefix, "rate", NULL, &whole, err));
    if (e->real != in->real && f->count > 0)
        PV_TRY(pv_tries_add(findings, prefix, "rate.sample", NULL, &attack,
                            err));
    PV_TRY(pv_tries_add(findings, prefix, "control", "holdout", &control, err));
    PV_TRY(pv_tries_add_risk(findings, prefix, &attack, &control, err));
out:
    return status;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    const size_t asked =
        input->attack->attacks > 0 ? input->attack->attacks : default_attacks;
    const bool rows = pv_table_rows(input->synthetic) > 0;
    found univariate = {0}, multivariate = {0};
    equals e;
    PV_TRY(make_equals(input, &e, err));
    PV_TRY(find_univariate(input, asked, &univariate, err));
    PV_TRY(add_metrics(input, &e, &univariate, asked, "singling_out.univariate",
                       findings, err));
    if (rows && pv_schema_columns(input->schema) > 1)
        PV_TRY(find_multivariate(input, asked, &multivariate, err));
    PV_TRY(add_metrics(input, &e, &multivariate, asked,
                       "singling_out.multivariate", findings, err));
out:
    pv_table_free(e.sample);
    free(univariate.predicate);
    free(multivariate.predicate);
    return status;
}

const pv_probe pv_probe_singling = {
    .name = "singling-out",
    .kind = "attack",
    .summary = "descriptions of one synthetic row that fit one real person",
    .run = run};
