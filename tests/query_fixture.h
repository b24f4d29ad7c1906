/* What the tests of queries share: tiny schemas, all rows that matter of one, and an
 * evaluator of groups that looks at one row and one answer at a time. */
#ifndef PV_TESTS_QUERY_FIXTURE_H
#define PV_TESTS_QUERY_FIXTURE_H

#include "marginals/queries.h"
#include "marginals/query_count.h"
#include "tests/io_fixture.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { most_columns = 4, plenty = 1 << 22 };

/* One row: a code and a number a column. */
typedef struct row {
    uint32_t code[most_columns];
    double number[most_columns];
} row;

/* Labels with missing; bins of whole numbers; a few integers; a number. */
static const char tiny_schema[] =
    "{\"fields\":["
    "{\"name\":\"hue\",\"type\":\"string\",\"categories\":[\"red\",\"blue\"]},"
    "{\"name\":\"age\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":0,\"maximum\":5},\"privet\":{\"bins\":[0,2,5]}},"
    "{\"name\":\"kin\",\"type\":\"integer\",\"constraints\":"
    "{\"minimum\":1,\"maximum\":3}},"
    "{\"name\":\"pay\",\"type\":\"number\",\"constraints\":"
    "{\"minimum\":-1,\"maximum\":1},\"privet\":{\"bins\":3}}]}";

static inline pv_queries *queries_of(const pv_schema *schema, const char *spec)
{
    pv_queries *q = NULL;
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(pv_queries_parse(spec, schema, plenty, &q, &err), PV_OK,
                 "%s: %s", spec, err.message);
    return q;
}

/* --- one row at a time ------------------------------------------------------- */

/* By looking at all edges in turn. */
static inline uint32_t naive_cell(const pv_queries *q, size_t column,
                                  const row *r)
{
    const pv_axis *axis = pv_queries_axis(q, column);
    const pv_column *c = pv_schema_column(pv_queries_schema(q), column);
    const uint32_t values = axis->cells - axis->missing;
    double x = r->number[column];
    if (!axis->numbers)
        return r->code[column];
    if (c->missing && r->code[column] == c->levels - 1)
        return values;
    if (isnan(x))
        x = pv_column_number(c, r->code[column]);
    for (uint32_t i = 0; i + 1 < values; i++)
        if (x >= axis->edge[i] && x < axis->edge[i + 1])
            return i;
    return values - 1;
}

static inline bool in_box(const pv_queries *q, const pv_box *box, const row *r)
{
    for (size_t i = 0; i < box->conditions; i++) {
        const pv_condition *c = &box->condition[i];
        if (!c->in[naive_cell(q, c->column, r)])
            return false;
    }
    return true;
}

static inline bool in_layer(const pv_queries *q, const pv_layer *layer,
                            size_t cell, const row *r)
{
    for (size_t i = layer->partitions; i-- > 0;) {
        const pv_partition *p = &layer->partition[i];
        if (p->map[naive_cell(q, p->column, r)] != cell % p->parts)
            return false;
        cell /= p->parts;
    }
    return true;
}

static inline bool in_plane(const pv_queries *q, const pv_group *g,
                            const row *r)
{
    double sum = 0;
    for (size_t t = 0; t < g->terms; t++) {
        const size_t j = g->term[t].column;
        sum += pv_plane_part(&g->term[t],
                             pv_schema_column(pv_queries_schema(q), j),
                             r->code[j], r->number[j]);
    }
    return sum > g->bound;
}

/* Whether the row is in answer i of the group. */
static inline bool naive_holds(const pv_queries *q, const pv_group *g, size_t i,
                               const row *r)
{
    if (g->kind == PV_GROUP_GRID) {
        size_t l = 0;
        while (i >= g->layer[l].cells)
            i -= g->layer[l++].cells;
        return in_layer(q, &g->layer[l], i, r);
    }
    if (g->cross >= 0 && naive_cell(q, (size_t)g->cross, r) != i % g->crossed)
        return false;
    return g->kind == PV_GROUP_PLANE ? in_plane(q, g, r)
                                     : in_box(q, &g->box[i / g->crossed], r);
}

/* --- all rows ---------------------------------------------------------------- */

/* Values of a column where any query can change its mind: both ends of each cell and
 * its middle, missing, and a code without a number. Returns how many. */
static inline size_t list_values(const pv_queries *q, size_t column,
                                 uint32_t *code, double *number)
{
    const pv_column *c = pv_schema_column(pv_queries_schema(q), column);
    const pv_axis *axis = pv_queries_axis(q, column);
    size_t n = 0;
    for (uint32_t i = 0; i < c->levels; i++) {
        code[n] = i;
        number[n++] = NAN;
    }
    for (uint32_t i = 0; axis->numbers && i < axis->cells - axis->missing; i++) {
        const double low = axis->edge[i], high = axis->edge[i + 1];
        const double end[] = {low, c->integer ? floor((low + high) / 2)
                                              : (low + high) / 2,
                              c->integer ? fmax(low, high - 1)
                                         : nextafter(high, low),
                              high};
        for (size_t k = 0; k < 4; k++) {
            number[n] = end[k];
            code[n++] = pv_column_encode_number(c, end[k]);
        }
    }
    return n;
}

/* Every combination of such values. */
static inline row *all_rows(const pv_queries *q, size_t *count)
{
    enum { room = 4096 };
    uint32_t code[most_columns][room];
    double number[most_columns][room];
    size_t n[most_columns], total = 1;
    const size_t columns = pv_schema_columns(pv_queries_schema(q));
    for (size_t c = 0; c < columns; c++) {
        n[c] = list_values(q, c, code[c], number[c]);
        total *= n[c];
    }
    row *rows = calloc(total, sizeof *rows);
    cr_assert_not_null(rows);
    for (size_t i = 0; i < total; i++) {
        size_t at = i;
        for (size_t c = 0; c < columns; at /= n[c++]) {
            rows[i].code[c] = code[c][at % n[c]];
            rows[i].number[c] = number[c][at % n[c]];
        }
    }
    *count = total;
    return rows;
}

/* How many answers of the group a row is in, at the most; every row looked at. */
static inline size_t brute_most(const pv_queries *q, const pv_group *g)
{
    size_t count, most = 0;
    row *rows = all_rows(q, &count);
    for (size_t r = 0; r < count; r++) {
        size_t in = 0;
        for (size_t i = 0; i < g->cells; i++)
            in += naive_holds(q, g, i, &rows[r]);
        most = in > most ? in : most;
    }
    free(rows);
    return most;
}

/* For each pair of rows the answers differ in at most min(2 most, cells). */
static inline void check_pairs(const pv_queries *q, const pv_group *g)
{
    size_t count;
    row *rows = all_rows(q, &count);
    const size_t step = count / 400 + 1;
    const size_t limit = 2 * (size_t)g->most < g->cells ? 2 * (size_t)g->most
                                                         : g->cells;
    bool *in = calloc(count * g->cells, sizeof *in);
    for (size_t r = 0; r < count; r += step)
        for (size_t i = 0; i < g->cells; i++)
            in[r * g->cells + i] = naive_holds(q, g, i, &rows[r]);
    for (size_t a = 0; a < count; a += step)
        for (size_t b = 0; b < a; b += step) {
            size_t apart = 0;
            for (size_t i = 0; i < g->cells; i++)
                apart += in[a * g->cells + i] != in[b * g->cells + i];
            cr_assert_leq(apart, limit);
        }
    free(in);
    free(rows);
}

#endif
