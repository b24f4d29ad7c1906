/* How numbers lie, shares of columns, and the rows that a search begins with. */
#include "gen/gsd/start.h"
#include "gen/gsd/targets.h"

#include "tests/gsd_fixture.h"

#include <gsl/gsl_linalg.h>

/* --- shapes ----------------------------------------------------------------------- */

static const char wages[] =
    "{\"fields\":["
    "{\"name\":\"age\",\"type\":\"integer\",\"constraints\":"
    "{\"minimum\":0,\"maximum\":5},\"privet\":{\"bins\":[0,2,5]}},"
    "{\"name\":\"pay\",\"type\":\"number\",\"constraints\":"
    "{\"required\":true,\"minimum\":0,\"maximum\":1},\"privet\":{\"bins\":1}}]}";

/* The finest parts by least squares: the normal equations of all layers' counts. */
static double *direct_solution(const pv_gsd_noisy *g, uint32_t cells)
{
    const pv_layer *last = &g->group->layer[g->group->layers - 1];
    const uint32_t parts = last->partition->parts;
    gsl_matrix *a = gsl_matrix_calloc(parts, parts);
    gsl_vector *b = gsl_vector_calloc(parts), *x = gsl_vector_calloc(parts);
    const double *answer = g->answer;
    for (size_t l = 0; l < g->group->layers; l++) {
        const pv_partition *p = g->group->layer[l].partition;
        bool *in = calloc((size_t)p->parts * parts, sizeof *in);
        for (uint32_t c = 0; c < cells; c++)
            in[p->map[c] * parts + last->partition->map[c]] = true;
        for (uint32_t k = 0; k < p->parts; k++, answer++)
            for (uint32_t i = 0; i < parts; i++) {
                if (!in[k * parts + i])
                    continue;
                *gsl_vector_ptr(b, i) += *answer;
                for (uint32_t j = 0; j < parts; j++)
                    *gsl_matrix_ptr(a, i, j) += in[k * parts + j];
            }
        free(in);
    }
    cr_assert_eq(gsl_linalg_HH_solve(a, b, x), 0);
    double *solution = calloc(parts, sizeof *solution);
    for (uint32_t i = 0; i < parts; i++)
        solution[i] = gsl_vector_get(x, i);
    gsl_matrix_free(a);
    gsl_vector_free(b);
    gsl_vector_free(x);
    return solution;
}

/* Six whole numbers and missing: parts of one and of two, as branches come. */
Test(shape, is_least_squares)
{
    double share[8], sum = 0;
    pv_schema *schema = schema_of(wages);
    pv_queries *q = queries_of(schema, "tree:1:3");
    pv_gsd_targets t;
    const pv_group *g = pv_queries_group(q, 0);
    cr_assert_eq(g->layer[0].partition->column, 0);
    cr_assert_eq(g->layers, 3);
    cr_assert_eq(pv_queries_axis(q, 0)->cells, 7);
    static const double answer[] = {120, 175, 33,
                                    70, 44, 61, 110, 25,
                                    50, 31, 47, 52, 40, 63, 29};
    cr_assert_eq(g->cells, sizeof answer / sizeof *answer);
    cr_assert_eq(pv_gsd_targets_init(&t, q, &err), PV_OK);
    cr_assert_eq(pv_gsd_targets_add(&t, g, answer, 9, &err), PV_OK);
    double *direct = direct_solution(&t.group[0], 7);
    for (int i = 0; i < 7; i++)
        sum += direct[i];
    cr_assert(pv_gsd_shape(&t, 0, share));
    for (int i = 0; i < 7; i++) {
        cr_assert(direct[i] > 0);
        cr_assert_float_eq(share[i], direct[i] / sum, 1e-12);
    }
    cr_assert(!pv_gsd_shape(&t, 1, share));
    free(direct);
    pv_gsd_targets_clear(&t);
    pv_queries_free(q);
    pv_schema_free(schema);
}

/* Inside a part by the values there are: 5 of 6 whole numbers below 5, and nearly no
 * number is the maximum itself. */
Test(shares, by_width)
{
    static const char file[] =
        "{\"schema\":\"privet/queries/1\",\"groups\":[{\"queries\":"
        "[{\"age\":{\"minimum\":5},\"pay\":{\"minimum\":1}},{\"pay\":{\"below\":"
        "0.25}}]},{\"grid\":{\"age\":[0,5.5]}},{\"grid\":{\"pay\":true}}]}";
    char *path = file_with(file, strlen(file), ".json");
    pv_schema *schema = schema_of(wages);
    pv_queries *q = queries_of(schema, path);
    pv_gsd_targets t;
    double share[4];
    static const double age[] = {60, 40}, pay[] = {100};
    cr_assert_eq(pv_gsd_targets_init(&t, q, &err), PV_OK);
    cr_assert_eq(pv_gsd_targets_add(&t, pv_queries_group(q, 1), age, 1, &err),
                 PV_OK);
    cr_assert_eq(pv_gsd_targets_add(&t, pv_queries_group(q, 2), pay, 1, &err),
                 PV_OK);
    cr_assert_eq(pv_gsd_targets_shares(&t, 0, share, &err), PV_OK);
    cr_assert_eq(pv_queries_axis(q, 0)->cells, 4); /* 0-1, 2-4, 5, missing */
    cr_assert_float_eq(share[0], 0.6 * 2 / 6, 1e-12);
    cr_assert_float_eq(share[1], 0.6 * 3 / 6, 1e-12);
    cr_assert_float_eq(share[2], 0.6 / 6, 1e-12);
    cr_assert_float_eq(share[3], 0.4, 1e-12);
    cr_assert_eq(pv_gsd_targets_shares(&t, 1, share, &err), PV_OK);
    cr_assert_eq(pv_queries_axis(q, 1)->cells, 3); /* below 0.25, below 1, 1 */
    cr_assert_float_eq(share[0], 0.25, 1e-12);
    cr_assert_float_eq(share[1], 0.75, 1e-12);
    cr_assert_float_eq(share[2], 0, 1e-12);
    pv_gsd_targets_clear(&t);
    pv_queries_free(q);
    pv_schema_free(schema);
    remove_file(path);
}

static void check_shares(const char *spec, double scale)
{
    pv_schema *schema = schema_of(tiny_schema);
    pv_queries *q = queries_of(schema, spec);
    pv_gsd_targets t = noisy_targets(q, scale);
    for (size_t c = 0; c < most_columns; c++) {
        double share[2048], sum = 0;
        const uint32_t cells = pv_queries_axis(q, c)->cells;
        cr_assert_leq(cells, 2048);
        cr_assert_eq(pv_gsd_targets_shares(&t, c, share, &err), PV_OK);
        for (uint32_t i = 0; i < cells; i++) {
            cr_assert(share[i] >= 0);
            sum += share[i];
        }
        cr_assert_float_eq(sum, 1, 1e-9, "column %zu: %g", c, sum);
    }
    pv_gsd_targets_clear(&t);
    pv_queries_free(q);
    pv_schema_free(schema);
}

Test(shares, sum_to_1_and_are_not_negative)
{
    check_shares("marginals:1", 60);
    check_shares("tree:1:10", 60);
    check_shares("tree:2:3,prefix:20", 60);
    check_shares("prefix:20", 60);
    check_shares("marginals:1", -0.0);
    check_shares("marginals:2,tree:1:4", -60);
}

/* --- rows to begin with -------------------------------------------------------------- */

Test(start, has_the_shares)
{
    enum { rows = 333 };
    pv_schema *schema = schema_of(tiny_schema);
    aims a = random_aims(schema, "marginals:1,tree:1:4", 5);
    pv_gsd_state *s = state_of(&a, rows, 1);
    pv_gsd_targets t = noisy_targets(a.queries, 80);
    const pv_key key = key_of(6);
    cr_assert_eq(pv_gsd_start(s, &t, &key, &err), PV_OK);
    check_rows(a.queries, s);
    for (size_t p = 0; p < pv_gsd_columns(s); p++) {
        double share[2048], count[2048] = {0};
        cr_assert_eq(pv_gsd_targets_shares(&t, p, share, &err), PV_OK);
        for (size_t r = 0; r < rows; r++)
            count[pv_gsd_cell(s, r, p)]++;
        for (uint32_t c = 0; c < pv_gsd_cells(s, p); c++)
            cr_assert(fabs(count[c] - share[c] * rows) < 1 + 1e-9);
    }
    pv_gsd_targets_clear(&t);
    pv_gsd_free(s);
    drop_aims(&a);
    pv_schema_free(schema);
}

Test(start, codes_are_kept)
{
    enum { rows = 500 };
    pv_schema *schema = schema_of(tiny_schema);
    aims a = random_aims(schema, "tree:2:4,prefix:30", 5);
    pv_gsd_state *s = state_of(&a, rows, 1);
    pv_gsd_targets t = noisy_targets(a.queries, 80);
    const pv_key key = key_of(6);
    uint32_t codes[rows * most_columns];
    pv_stream stream;
    pv_stream_init(&stream, &key, 0);
    for (size_t i = 0; i < rows * most_columns; i++)
        codes[i] = (uint32_t)pv_stream_below(
            &stream, pv_schema_column(schema, i % most_columns)->levels);
    cr_assert_eq(pv_gsd_start_codes(s, &t, codes, &key, &err), PV_OK);
    check_rows(a.queries, s);
    for (size_t r = 0; r < rows; r++) {
        const row have = row_at(a.queries, s, r);
        for (size_t c = 0; c < most_columns; c++)
            cr_assert_eq(have.code[c], codes[r * most_columns + c]);
    }
    pv_gsd_targets_clear(&t);
    pv_gsd_free(s);
    drop_aims(&a);
    pv_schema_free(schema);
}

static void check_copies(const aims *a, size_t have, size_t rows)
{
    pv_gsd_state *from = state_of(a, have, 1), *s = state_of(a, rows, 2);
    const pv_key key = key_of(8);
    size_t taken[64] = {0}, least = SIZE_MAX, most = 0;
    for (size_t r = 0; r < have; r++) /* to be known by */
        pv_gsd_put(from, r, 3, 0, -1 + 1e-3 * (double)r);
    pv_gsd_start_from(s, from, &key);
    for (size_t r = 0; r < rows; r++) {
        const size_t source =
            (size_t)llround((pv_gsd_number(s, r, 3) + 1) * 1e3);
        cr_assert_lt(source, have);
        taken[source]++;
        for (size_t p = 0; p < pv_gsd_columns(s); p++)
            cr_assert_eq(pv_gsd_cell(s, r, p), pv_gsd_cell(from, source, p));
    }
    for (size_t r = 0; r < have; r++) {
        least = taken[r] < least ? taken[r] : least;
        most = taken[r] > most ? taken[r] : most;
    }
    cr_assert_leq(most - least, 1);
    pv_gsd_free(from);
    pv_gsd_free(s);
}

Test(start, from_others_takes_each_as_often)
{
    pv_schema *schema = schema_of(tiny_schema);
    aims a = random_aims(schema, "marginals:2", 5);
    check_copies(&a, 7, 7);
    check_copies(&a, 7, 3);
    check_copies(&a, 7, 30);
    check_copies(&a, 1, 5);
    check_copies(&a, 7, 0);
    drop_aims(&a);
    pv_schema_free(schema);
}

/* Of 4 x 4 x 4 rows so many are legal as there are with all columns equal, or none. */
static pv_schema *diagonal(bool none)
{
    char text[4096];
    size_t at = (size_t)snprintf(text, sizeof text, "{\"fields\":[");
    for (int c = 0; c < 3; c++)
        at += (size_t)snprintf(
            text + at, sizeof text - at,
            "%s{\"name\":\"%c\",\"type\":\"integer\",\"constraints\":"
            "{\"required\":true,\"minimum\":0,\"maximum\":3}}",
            c > 0 ? "," : "", 'a' + c);
    at += (size_t)snprintf(text + at, sizeof text - at,
                           "],\"privet\":{\"zeros\":[");
    for (int c = 0; c < 2; c++)
        for (int v = 0; v < 4; v++)
            at += (size_t)snprintf(
                text + at, sizeof text - at,
                "%s{\"when\":{\"%c\":[%d]},\"never\":{\"%c\":[%d,%d,%d%s]}}",
                c + v > 0 ? "," : "", 'a' + c, v, 'b' + c, (v + 1) % 4,
                (v + 2) % 4, (v + 3) % 4, none && c == 0 ? ",0,1,2,3" : "");
    (void)snprintf(text + at, sizeof text - at, "]}}");
    return schema_of(text);
}

Test(start, few_rows_are_legal)
{
    pv_schema *schema = diagonal(false);
    aims a = random_aims(schema, "marginals:2", 5);
    pv_gsd_state *s = state_of(&a, 300, 1);
    pv_gsd_targets t = noisy_targets(a.queries, 80);
    const pv_key key = key_of(6);
    check_rows(a.queries, s);
    cr_assert_eq(pv_gsd_start(s, &t, &key, &err), PV_OK);
    check_rows(a.queries, s);
    for (size_t r = 0; r < 300; r++)
        cr_assert_eq(pv_gsd_cell(s, r, 0), pv_gsd_cell(s, r, 2));
    pv_gsd_targets_clear(&t);
    pv_gsd_free(s);
    drop_aims(&a);
    pv_schema_free(schema);
}

Test(start, no_row_is_legal)
{
    pv_schema *schema = diagonal(true);
    pv_queries *q = queries_of(schema, "marginals:2");
    pv_gsd_state *s = NULL;
    const pv_key key = key_of(6);
    cr_assert_eq(pv_gsd_alloc(q, 10, &s, &err), PV_OK);
    cr_assert_eq(pv_gsd_start(s, NULL, &key, &err), PV_EUNSUPPORTED);
    cr_assert_not_null(strstr(err.message, "zero"));
    pv_gsd_free(s);
    pv_queries_free(q);
    pv_schema_free(schema);
}
