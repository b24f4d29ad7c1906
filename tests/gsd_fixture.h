/* What the tests of gsd share: schemas with and without zeros, queries of all families,
 * and an account of the rows that looks at one row and one answer at a time. */
#ifndef PV_TESTS_GSD_FIXTURE_H
#define PV_TESTS_GSD_FIXTURE_H

#include "gen/gsd/targets.h"
#include "gen/gsd/start.h"
#include "gen/gsd/state.h"
#include "tests/query_fixture.h"

#define PV_TESTS_FIELDS \
    "{\"fields\":[" \
    "{\"name\":\"hue\",\"type\":\"string\",\"categories\":[\"red\",\"blue\"]}," \
    "{\"name\":\"age\",\"type\":\"integer\",\"constraints\":{\"required\":true," \
    "\"minimum\":0,\"maximum\":5},\"privet\":{\"bins\":[0,2,5]}}," \
    "{\"name\":\"kin\",\"type\":\"integer\",\"constraints\":" \
    "{\"minimum\":1,\"maximum\":3}}," \
    "{\"name\":\"pay\",\"type\":\"number\",\"constraints\":" \
    "{\"minimum\":-1,\"maximum\":1},\"privet\":{\"bins\":3}}]"

/* The tiny schema, with a zero of two columns and one of three. */
static const char zeros_schema[] = PV_TESTS_FIELDS
    ",\"privet\":{\"zeros\":["
    "{\"when\":{\"age\":{\"maximum\":1}},\"never\":{\"hue\":[\"red\"]}},"
    "{\"when\":{\"age\":{\"minimum\":2},\"kin\":[2,3]},"
    "\"never\":{\"hue\":[\"blue\"]}}]}}";

/* Conditions on several columns, on what the group is crossed with, on nothing, and at
 * the maximum; planes crossed with a column of theirs and with none. */
static const char boxes_file[] =
    "{\"schema\":\"privet/queries/1\",\"groups\":["
    "{\"name\":\"own cross\",\"queries\":["
    "{\"hue\":[\"red\",null],\"pay\":{\"minimum\":-0.3,\"below\":0.4}},"
    "{\"age\":{\"minimum\":1},\"hue\":[\"blue\"]},{\"kin\":[1,3,null]}],"
    "\"cross\":\"hue\"},"
    "{\"name\":\"whole\",\"queries\":[{\"kin\":[1,2],\"age\":[0,3,5]},{},"
    "{\"kin\":[3]}],\"cross\":\"kin\"},"
    "{\"name\":\"bare\",\"queries\":[{\"pay\":{\"minimum\":1}},{\"age\":[5],"
    "\"pay\":{\"below\":0.9}},{\"pay\":[null]}]},"
    "{\"name\":\"plane\",\"plane\":{\"pay\":1.5,\"kin\":-1,\"hue\":"
    "{\"red\":0.5}},\"above\":0.1,\"cross\":\"hue\"},"
    "{\"name\":\"slope\",\"plane\":{\"pay\":-1,\"age\":0.75},\"above\":-0.2},"
    "{\"name\":\"grid\",\"grid\":{\"age\":[0,1,4,5],\"pay\":[-1,0.2,1],"
    "\"hue\":true}}]}";

static pv_error err;

static inline char *with_boxes(const char *before, char **path)
{
    *path = file_with(boxes_file, strlen(boxes_file), ".json");
    char *spec = pv_sprintf_alloc("%s%s%s", before, *before != '\0' ? "," : "",
                                  *path);
    cr_assert_not_null(spec);
    return spec;
}

static inline pv_key key_of(unsigned number)
{
    pv_key key = {{0}};
    key.bytes[0] = (unsigned char)number;
    key.bytes[1] = (unsigned char)(number >> 8);
    return key;
}

/* --- the rows under search, as the table of them would be ----------------------- */

static inline row row_at(const pv_queries *q, const pv_gsd_state *s, size_t at)
{
    row r = {{0}, {0}};
    for (size_t p = 0; p < pv_gsd_columns(s); p++) {
        const uint32_t c = pv_gsd_column(s, p);
        r.code[c] = pv_axis_code(pv_queries_axis(q, c),
                                 pv_schema_column(pv_queries_schema(q), c),
                                 pv_gsd_cell(s, at, p));
        r.number[c] = pv_gsd_number(s, at, p);
    }
    return r;
}

static inline bool naive_breaks(const pv_schema *schema, const row *r)
{
    for (size_t z = 0; z < pv_schema_model_zeros(schema); z++) {
        const pv_zero *zero = pv_schema_model_zero(schema, z);
        bool all = true;
        for (uint32_t k = 0; k < zero->columns; k++)
            all = all && zero->mask[k][r->code[zero->column[k]]];
        if (all)
            return true;
    }
    return false;
}

/* Whether all rows are what a table may hold: their cells and numbers agree, and none
 * breaks a zero. */
static inline void check_rows(const pv_queries *q, const pv_gsd_state *s)
{
    for (size_t i = 0; i < pv_gsd_rows(s); i++) {
        const row r = row_at(q, s, i);
        cr_assert(!naive_breaks(pv_queries_schema(q), &r), "row %zu", i);
        for (size_t p = 0; p < pv_gsd_columns(s); p++)
            cr_assert_eq(naive_cell(q, pv_gsd_column(s, p), &r),
                         pv_gsd_cell(s, i, p), "row %zu, column %zu", i, p);
    }
}

static inline double *naive_counts(const pv_queries *q, const pv_gsd_state *s,
                                   const pv_group *g)
{
    double *count = calloc(g->cells, sizeof *count);
    for (size_t i = 0; i < pv_gsd_rows(s); i++) {
        const row r = row_at(q, s, i);
        for (size_t c = 0; c < g->cells; c++)
            count[c] += naive_holds(q, g, c, &r);
    }
    return count;
}

/* --- targets ---------------------------------------------------------------------- */

typedef struct aims {
    pv_queries *queries;
    double **target;
    double *weight;
} aims;

/* Any numbers about `mean`, and weights that differ. */
static inline aims random_aims(const pv_schema *schema, const char *spec,
                               double mean)
{
    pv_stream stream;
    const pv_key key = key_of(77);
    aims a = {.queries = queries_of(schema, spec)};
    const size_t groups = pv_queries_count(a.queries);
    a.target = calloc(groups, sizeof *a.target);
    a.weight = calloc(groups, sizeof *a.weight);
    pv_stream_init(&stream, &key, 0);
    for (size_t g = 0; g < groups; g++) {
        const size_t cells = pv_queries_group(a.queries, g)->cells;
        a.target[g] = calloc(cells, sizeof **a.target);
        for (size_t c = 0; c < cells; c++)
            a.target[g][c] = mean * (3 * pv_stream_double(&stream) - 0.5);
        a.weight[g] = 1.0 / (double)(1 + g % 3);
    }
    return a;
}

static inline void drop_aims(aims *a)
{
    for (size_t g = 0; g < pv_queries_count(a->queries); g++)
        free(a->target[g]);
    free(a->target);
    free(a->weight);
    pv_queries_free(a->queries);
}

/* Rows at random that break no zero, with these targets. */
static inline pv_gsd_state *state_of(const aims *a, size_t rows, unsigned key)
{
    pv_gsd_state *s = NULL;
    const pv_key own = key_of(key);
    cr_assert_eq(pv_gsd_alloc(a->queries, rows, &s, &err), PV_OK);
    for (size_t g = 0; g < pv_queries_count(a->queries); g++)
        cr_assert_eq(pv_gsd_add(s, pv_queries_group(a->queries, g),
                                a->target[g], a->weight[g], &err),
                     PV_OK, "%s", err.message);
    cr_assert_eq(pv_gsd_start(s, NULL, &own, &err), PV_OK, "%s", err.message);
    cr_assert_eq(pv_gsd_begin(s, &err), PV_OK);
    return s;
}

/* F of the rows, counted one by one. */
static inline double naive_objective(const aims *a, const pv_gsd_state *s)
{
    double sum = 0;
    for (size_t g = 0; g < pv_queries_count(a->queries); g++) {
        const pv_group *group = pv_queries_group(a->queries, g);
        double *count = naive_counts(a->queries, s, group);
        for (size_t c = 0; c < group->cells; c++)
            sum += a->weight[g] * (a->target[g][c] - count[c]) *
                   (a->target[g][c] - count[c]);
        free(count);
    }
    return sum;
}

/* Answers about what they would be, and noise that leaves few of them above 0. */
static inline pv_gsd_targets noisy_targets(const pv_queries *q, double scale)
{
    pv_gsd_targets t;
    pv_stream stream;
    const pv_key key = key_of(5);
    pv_stream_init(&stream, &key, 0);
    cr_assert_eq(pv_gsd_targets_init(&t, q, &err), PV_OK);
    for (size_t g = 0; g < pv_queries_count(q); g++) {
        const pv_group *group = pv_queries_group(q, g);
        double *answer = calloc(group->cells, sizeof *answer);
        for (size_t c = 0; c < group->cells; c++)
            answer[c] = scale * (pv_stream_double(&stream) - 0.4);
        cr_assert_eq(pv_gsd_targets_add(&t, group, answer, 1.0 + (double)(g % 4),
                                        &err),
                     PV_OK);
        free(answer);
    }
    return t;
}

#endif
