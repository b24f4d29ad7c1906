/* Both schemes of the search: what they reach, and that nothing but the key matters. */
#include "gen/gsd/search.h"

#include "core/threads.h"
#include "tests/gsd_fixture.h"

static const char all[] = "marginals:2,tree:2:3,prefix:10,halfspace:5";

typedef struct diary {
    double before;
    size_t sweeps, most;
} diary;

static bool never_rises(void *context, const pv_gsd_progress *p)
{
    diary *l = context;
    cr_assert(p->objective <= l->before * (1 + 1e-12), "sweep %zu: %g after %g",
              p->sweeps, p->objective, l->before);
    cr_assert_eq(p->sweeps, l->sweeps + 1);
    l->before = p->objective;
    l->sweeps = p->sweeps;
    return l->most == 0 || l->sweeps < l->most;
}

static pv_gsd_progress search(pv_gsd_state *s, pv_gsd_scheme scheme,
                              unsigned key, diary *l)
{
    pv_gsd_progress progress;
    const pv_gsd_search_options options = {.scheme = scheme,
                                           .key = key_of(key),
                                           .watch = never_rises,
                                           .watching = l};
    l->before = pv_gsd_objective(s);
    cr_assert_eq(pv_gsd_search(s, &options, &progress, &err), PV_OK, "%s",
                 err.message);
    return progress;
}

/* The rows that these make of a start and a search, one after the other. */
static uint32_t *search_rows(const aims *a, pv_gsd_scheme scheme, size_t rows,
                             unsigned key, int threads)
{
    diary l = {.most = 3};
    pv_threads_set(threads);
    pv_gsd_state *s = state_of(a, rows, 1);
    const double before = pv_gsd_objective(s);
    const pv_gsd_progress p = search(s, scheme, key, &l);
    pv_threads_set(1);
    bool equal = false;
    cr_assert_eq(pv_gsd_recount(s, &equal, &err), PV_OK);
    cr_assert(equal);
    cr_assert(p.objective < before);
    cr_assert(p.moved > 0 && p.scored >= p.moved);
    cr_assert_eq(p.objective, pv_gsd_objective(s));
    check_rows(a->queries, s);
    uint32_t *cells = calloc(rows * 2 * most_columns, sizeof *cells);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < most_columns; c++) {
            const double number = pv_gsd_number(s, r, c);
            cells[r * 8 + 2 * c] = pv_gsd_cell(s, r, c);
            cells[r * 8 + 2 * c + 1] =
                isnan(number) ? 7 : (uint32_t)((number + 1) * 1e8);
        }
    pv_gsd_free(s);
    return cells;
}

static void check_threads(const char *json, pv_gsd_scheme scheme, size_t rows)
{
    const size_t bytes = rows * 2 * most_columns * sizeof(uint32_t);
    pv_schema *schema = schema_of(json);
    aims a = random_aims(schema, all, (double)rows / 10);
    uint32_t *one = search_rows(&a, scheme, rows, 1, 1);
    for (int threads = 2; threads <= 4; threads++) {
        uint32_t *more = search_rows(&a, scheme, rows, 1, threads);
        cr_assert_eq(memcmp(one, more, bytes), 0, "%d threads", threads);
        free(more);
    }
    uint32_t *other = search_rows(&a, scheme, rows, 2, 1);
    cr_assert_neq(memcmp(one, other, bytes), 0);
    free(other);
    free(one);
    drop_aims(&a);
    pv_schema_free(schema);
}

Test(search, same_rows_for_any_threads)
{
    /* batches of several chunks: of 64 rows, 64 batches a sweep */
    check_threads(tiny_schema, PV_GSD_FAST, 20000);
    check_threads(zeros_schema, PV_GSD_FAST, 20000);
}

Test(search, faithful_same_rows_for_any_threads)
{
    check_threads(zeros_schema, PV_GSD_FAITHFUL, 2000);
}

/* Answers of rows that there are: a third of them alike. */
static void aim_at_rows(aims *a, const pv_schema *schema, size_t rows)
{
    pv_gsd_state *s = NULL;
    const pv_key key = key_of(31);
    cr_assert_eq(pv_gsd_alloc(a->queries, rows, &s, &err), PV_OK);
    cr_assert_eq(pv_gsd_start(s, NULL, &key, &err), PV_OK);
    for (size_t r = 0; r < rows / 3; r++)
        for (size_t p = 0; p < pv_gsd_columns(s); p++)
            pv_gsd_put(s, r, p, pv_gsd_cell(s, 0, p), pv_gsd_number(s, 0, p));
    check_rows(a->queries, s);
    for (size_t g = 0; g < pv_queries_count(a->queries); g++)
        pv_gsd_counts(s, pv_queries_group(a->queries, g), a->target[g]);
    cr_assert_eq(pv_queries_schema(a->queries), schema);
    pv_gsd_free(s);
}

/* How near F comes, per row, to the answers of as many rows. */
static double reached(const char *json, const char *spec, size_t rows,
                      pv_gsd_scheme scheme)
{
    diary l = {.most = 500};
    pv_schema *schema = schema_of(json);
    aims a = random_aims(schema, spec, 1);
    aim_at_rows(&a, schema, rows);
    pv_gsd_state *s = state_of(&a, rows, 1);
    const pv_gsd_progress p = search(s, scheme, 1, &l);
    check_rows(a.queries, s);
    cr_assert(p.sweeps < l.most, "it does not end");
    cr_assert_float_eq(p.objective, naive_objective(&a, s),
                       1e-9 * (1 + p.objective));
    pv_gsd_free(s);
    drop_aims(&a);
    pv_schema_free(schema);
    return p.objective / (double)(rows > 0 ? rows : 1);
}

/* Of 300 rows: all that is wrong, squared and added up, against the number of rows. At
 * random F a row is 8 for pairs alone. */
Test(search, comes_near_exact_answers)
{
    const struct {
        const char *schema, *spec;
        pv_gsd_scheme scheme;
        double most;
    } each[] = {{tiny_schema, "marginals:2", PV_GSD_FAST, 0.03},
                {zeros_schema, "marginals:2,tree:2:3", PV_GSD_FAST, 0.2},
                {tiny_schema, "marginals:2,prefix:20", PV_GSD_FAST, 0.1},
                {tiny_schema, "halfspace:20", PV_GSD_FAST, 0.01},
                {tiny_schema, "marginals:2", PV_GSD_FAITHFUL, 0.06},
                {zeros_schema, all, PV_GSD_FAITHFUL, 0.3}};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        const double f = reached(each[i].schema, each[i].spec, 300,
                                 each[i].scheme);
        cr_assert(f < each[i].most, "%s: F a row is %g", each[i].spec, f);
    }
}

/* The answers of one row, of none, and of none for rows that there are. */
Test(search, small_tables)
{
    for (int scheme = 0; scheme < 2; scheme++) {
        cr_assert_eq(reached(tiny_schema, "marginals:1", 1, scheme), 0);
        cr_assert_eq(reached(tiny_schema, "marginals:2", 0, scheme), 0);
        cr_assert_eq(reached(tiny_schema, "halfspace:3", 0, scheme), 0);
    }
}

Test(search, total_of_0)
{
    pv_schema *schema = schema_of(tiny_schema);
    aims a = random_aims(schema, "marginals:2", 0);
    for (int scheme = 0; scheme < 2; scheme++) {
        diary l = {0};
        pv_gsd_state *s = state_of(&a, 50, 1);
        const pv_gsd_progress p = search(s, scheme, 1, &l);
        /* of each pair of columns all 50 rows are too many: even ones are least */
        cr_assert(p.objective > 0);
        cr_assert_float_eq(p.objective, naive_objective(&a, s), 1e-6);
        pv_gsd_free(s);
    }
    drop_aims(&a);
    pv_schema_free(schema);
}

static bool at_once(void)
{
    return true;
}

Test(search, stops_when_asked)
{
    pv_schema *schema = schema_of(tiny_schema);
    aims a = random_aims(schema, "marginals:2", 40);
    for (int scheme = 0; scheme < 2; scheme++) {
        pv_gsd_progress p;
        const pv_gsd_search_options o = {
            .scheme = scheme, .key = key_of(1), .stop = at_once};
        pv_gsd_state *s = state_of(&a, 200, 1);
        cr_assert_eq(pv_gsd_search(s, &o, &p, &err), PV_ESTOPPED);
        cr_assert_not_null(strstr(err.message, "same command"));
        pv_gsd_free(s);
    }
    drop_aims(&a);
    pv_schema_free(schema);
}

Test(search, ends_when_told)
{
    pv_schema *schema = schema_of(tiny_schema);
    aims a = random_aims(schema, "marginals:2", 40);
    for (int scheme = 0; scheme < 2; scheme++) {
        pv_gsd_progress p;
        pv_gsd_search_options o = {.scheme = scheme, .key = key_of(1),
                                   .most_sweeps = 2};
        pv_gsd_state *s = state_of(&a, 200, 1);
        const double before = pv_gsd_objective(s);
        cr_assert_eq(pv_gsd_search(s, &o, &p, &err), PV_OK);
        cr_assert_eq(p.sweeps, 2);
        pv_gsd_free(s);
        s = state_of(&a, 200, 1);
        diary l = {.most = 1};
        cr_assert_eq(search(s, scheme, 1, &l).sweeps, 1);
        pv_gsd_free(s);
        /* at the floor at once */
        if (scheme == PV_GSD_FAST) {
            s = state_of(&a, 200, 1);
            o.floor = before;
            cr_assert_eq(pv_gsd_search(s, &o, &p, &err), PV_OK);
            cr_assert_eq(p.moved, 0);
            cr_assert_eq(p.objective, before);
            pv_gsd_free(s);
        }
    }
    drop_aims(&a);
    pv_schema_free(schema);
}
