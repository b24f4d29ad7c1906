/* What one unit can change in the answers of groups of queries, by brute force: all
 * tables of up to three rows, all pairs of neighbours. */
#include "curator_fixture.h"
#include "query_fixture.h"

/* A number of whole values, of which finer levels of a tree coincide; two integers;
 * a label that may be missing. All rows there are: 16 kinds. */
static const char small[] =
    "{\"fields\":["
    "{\"name\":\"x\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":0,\"maximum\":3},\"privet\":{\"bins\":[0,2,3]}}," INTEGER(
        "y", "1") ",{\"name\":\"l\",\"type\":\"string\",\"categories\":[\"p\"]}]}";
static const char boxes[] =
    "{\"schema\":\"privet/queries/1\",\"groups\":["
    "{\"queries\":[{},{\"x\":{\"below\":2}},{\"x\":{\"minimum\":1}},{\"y\":[1]}]},"
    "{\"queries\":[{\"x\":{\"below\":2}},{\"x\":{\"minimum\":1}},{\"y\":[1]}],"
    "\"cross\":\"l\"},"
    "{\"queries\":[{\"x\":[0,1]},{\"x\":[1,2]},{\"x\":[0,2]}]},"
    "{\"queries\":[{\"x\":[3]}]},"
    "{\"plane\":{\"x\":1,\"y\":1},\"above\":0.9},"
    "{\"plane\":{\"x\":1,\"y\":1},\"above\":0.9,\"cross\":\"l\"},"
    "{\"grid\":{\"x\":[0,1,3],\"l\":true}}]}";

enum { kinds = 16, rows_most = 3, tables_most = 1000, cells_most = 64 };
enum { boxes_groups = 7 };

typedef struct table {
    int held[kinds]; /* rows of each kind */
    int64_t answer[cells_most], all, furthest;
} table;

static table *tables;
static size_t table_count;
static pv_queries *queries;

static row kind_of(size_t k)
{
    const uint32_t x = (uint32_t)(k / 4);
    return (row){.code = {x >= 2, (uint32_t)(k / 2 % 2), (uint32_t)(k % 2)},
                 .number = {x, NAN, NAN}};
}

static bool next_table(int *held)
{
    for (size_t k = 0; k < kinds; k++) {
        int rows = 0;
        held[k]++;
        for (size_t i = 0; i < kinds; i++)
            rows += held[i];
        if (rows <= rows_most)
            return true;
        held[k] = 0;
    }
    return false;
}

static void open_tables(void)
{
    int held[kinds] = {0};
    fixture_open();
    use_schema(small);
    char *file = pv_sprintf_alloc("%s/boxes.json", f.directory);
    char *spec = pv_sprintf_alloc("marginals:2,tree:1:4,tree:2:4,prefix:8,"
                                  "halfspace:8,%s", file);
    put_file(file, boxes, strlen(boxes));
    queries = queries_of(f.schema, spec);
    tables = pv_array_calloc(tables_most, sizeof *tables);
    do {
        cr_assert_lt(table_count, tables_most);
        memcpy(tables[table_count++].held, held, sizeof held);
    } while (next_table(held));
    free(file);
    free(spec);
}

static void close_tables(void)
{
    free(tables);
    pv_queries_free(queries);
    fixture_close();
}

TestSuite(queries_moved, .init = open_tables, .fini = close_tables);

/* --- answers and distances ------------------------------------------------------ */

/* By the counting that a curator does. */
static void count_tables(size_t group)
{
    for (size_t i = 0; i < table_count; i++) {
        pv_table *t = NULL;
        size_t rows = 0;
        int64_t *into = tables[i].answer;
        cr_assert_eq(pv_table_alloc(f.schema, rows_most, true, &t, &f.err), PV_OK);
        for (size_t k = 0; k < kinds; k++)
            for (int n = 0; n < tables[i].held[k]; n++, rows++) {
                const row r = kind_of(k);
                for (size_t c = 0; c < 3; c++)
                    pv_table_put(t, c, rows, 1, &r.code[c]);
                pv_table_put_values(t, 0, rows, 1, &r.number[0]);
            }
        cr_assert_eq(pv_table_resize(t, rows, &f.err), PV_OK);
        cr_assert_eq(pv_query_counts(queries, t, &group, 1, &into, &f.err), PV_OK);
        pv_table_free(t);
    }
}

/* By looking at each answer and row alone: of groups made up by a test too. */
static void count_naively(const pv_group *g)
{
    int64_t in[kinds][cells_most] = {{0}};
    for (size_t k = 0; k < kinds; k++) {
        const row r = kind_of(k);
        for (size_t c = 0; c < g->cells; c++)
            in[k][c] = naive_holds(queries, g, c, &r);
    }
    for (size_t i = 0; i < table_count; i++)
        for (size_t c = 0; c < g->cells; c++) {
            tables[i].answer[c] = 0;
            for (size_t k = 0; k < kinds; k++)
                tables[i].answer[c] += tables[i].held[k] * in[k][c];
        }
}

/* Distances from an estimate out of reach, above what row `up` is in and below the
 * rest, where each row that leaves or comes moves all its answers one way. */
static void measure_distances(size_t cells, uint32_t weight, size_t up)
{
    double estimate[cells_most];
    const pv_candidate candidate = {
        .estimate = estimate, .bias = 0.3, .weight = weight};
    size_t only = 0;
    for (size_t i = 0; i < table_count; i++) {
        int rows = 0;
        for (size_t k = 0; k < kinds; k++)
            rows += tables[i].held[k];
        if (rows == 1 && tables[i].held[up] == 1)
            only = i;
    }
    for (size_t c = 0; c < cells; c++)
        estimate[c] = tables[only].answer[c] > 0 ? 100.3 : -100.00001;
    for (size_t i = 0; i < table_count; i++) {
        tables[i].all = pv_select_score(tables[i].answer, cells, &candidate);
        tables[i].furthest =
            pv_furthest_score(tables[i].answer, cells, &candidate);
    }
}

/* --- all neighbours --------------------------------------------------------------- */

typedef struct widest {
    uint64_t squared, all, furthest; /* distances in grid steps of 2^-16 */
} widest;

/* Whether b is a with one unit of at most k rows less, and with another, perhaps. */
static bool are_neighbours(const table *a, const table *b, int k,
                           pv_neighbours neighbours)
{
    int out = 0, in = 0;
    for (size_t i = 0; i < kinds; i++) {
        const int d = b->held[i] - a->held[i];
        out += d < 0 ? -d : 0;
        in += d > 0 ? d : 0;
    }
    return out <= k && in <= k && (neighbours == PV_REPLACE || out == 0 || in == 0);
}

static widest look(size_t cells, int k, pv_neighbours neighbours)
{
    widest w = {0, 0, 0};
    for (size_t i = 0; i < table_count; i++)
        for (size_t j = 0; j < i; j++) {
            const table *a = &tables[i], *b = &tables[j];
            if (!are_neighbours(a, b, k, neighbours))
                continue;
            uint64_t sum = 0;
            for (size_t c = 0; c < cells; c++) {
                const int64_t d = a->answer[c] - b->answer[c];
                sum += (uint64_t)(d * d);
            }
            const uint64_t all = (uint64_t)llabs(a->all - b->all);
            const uint64_t furthest = (uint64_t)llabs(a->furthest - b->furthest);
            w.squared = sum > w.squared ? sum : w.squared;
            w.all = all > w.all ? all : w.all;
            w.furthest = furthest > w.furthest ? furthest : w.furthest;
        }
    return w;
}

/* Of these the bounds are those of some rows: grids and prefix queries, which are
 * partitions, and for one row more (not one replaced) boxes. */
static bool is_tight(const pv_group *g, pv_neighbours neighbours)
{
    const bool prefix =
        strncmp(pv_queries_family(queries, g->family), "prefix", 6) == 0;
    return g->kind == PV_GROUP_GRID || prefix ||
           (g->kind == PV_GROUP_BOXES && neighbours == PV_ADD_REMOVE);
}

static void check_group(size_t group, int k, pv_neighbours neighbours)
{
    const uint64_t rows = (uint64_t)k;
    const pv_group *g = pv_queries_group(queries, group);
    const uint64_t moved = pv_group_moved(g, neighbours);
    const uint64_t charged =
        pv_queries_sensitivity2(queries, &group, 1, rows, neighbours);
    cr_assert_leq(g->cells, cells_most);
    cr_assert_eq(charged, rows * rows * moved);
    count_tables(group);
    measure_distances(g->cells, 3, 0);
    const widest w = look(g->cells, k, neighbours);
    cr_assert_leq(w.squared, charged, "group %zu", group);
    cr_assert_leq(w.all, pv_select_sensitivity(3, rows * moved), "group %zu", group);
    cr_assert_leq(w.furthest, pv_select_sensitivity(3, rows), "group %zu", group);
    if (!is_tight(g, neighbours))
        return;
    cr_assert_eq(w.squared, charged, "group %zu: %llu of %llu", group,
                 (unsigned long long)w.squared, (unsigned long long)charged);
    cr_assert_eq(w.furthest, pv_select_sensitivity(3, rows));
    if (g->kind == PV_GROUP_GRID)
        cr_assert_eq(w.all, pv_select_sensitivity(3, rows * moved));
}

static void check_all(int k, pv_neighbours neighbours)
{
    for (size_t i = 0; i < pv_queries_count(queries); i++)
        check_group(i, k, neighbours);
}

Test(queries_moved, by_a_row) { check_all(1, PV_ADD_REMOVE); }
Test(queries_moved, by_a_row_replaced) { check_all(1, PV_REPLACE); }
Test(queries_moved, by_a_person) { check_all(2, PV_ADD_REMOVE); }
Test(queries_moved, by_a_person_replaced) { check_all(2, PV_REPLACE); }

/* Answers of several groups, one of them twice, as one vector. */
Test(queries_moved, by_groups_together)
{
    const size_t first = pv_queries_count(queries) - boxes_groups;
    const size_t group[] = {first, first + 2, 4, first};
    for (int replace = 0; replace < 2; replace++) {
        const pv_neighbours neighbours = replace ? PV_REPLACE : PV_ADD_REMOVE;
        int64_t *sum = pv_array_calloc(table_count * cells_most, sizeof *sum);
        size_t at = 0;
        for (size_t g = 0; g < 4; g++) {
            const size_t cells = pv_queries_group(queries, group[g])->cells;
            cr_assert_leq(at + cells, cells_most);
            count_tables(group[g]);
            for (size_t i = 0; i < table_count; i++)
                memcpy(sum + i * cells_most + at, tables[i].answer,
                       cells * sizeof *sum);
            at += cells;
        }
        for (size_t i = 0; i < table_count; i++)
            memcpy(tables[i].answer, sum + i * cells_most, at * sizeof *sum);
        const uint64_t charged =
            pv_queries_sensitivity2(queries, group, 4, 2, neighbours);
        const uint64_t seen = look(at, 2, neighbours).squared;
        cr_assert_leq(seen, charged);
        if (!replace)
            cr_assert_eq(seen, charged);
        free(sum);
    }
}

/* Levels that coincide are one: of 2, 4, 8 and 16 parts of 0..3 two are left, of an
 * integer of two values one. One answer alone moves by one, replaced or not. */
Test(queries_moved, what_the_bounds_are)
{
    const size_t sets = 3, last = pv_queries_count(queries) - boxes_groups;
    static const uint32_t most[boxes_groups] = {4, 3, 2, 1, 1, 1, 1};
    cr_assert_eq(pv_queries_group(queries, sets)->most, 2);
    cr_assert_eq(pv_queries_group(queries, sets + 1)->most, 1);
    for (size_t i = 0; i < boxes_groups; i++)
        cr_assert_eq(pv_queries_group(queries, last + i)->most, most[i], "%zu", i);
    cr_assert_eq(pv_group_moved(pv_queries_group(queries, last), PV_REPLACE), 4);
    cr_assert_eq(pv_group_moved(pv_queries_group(queries, last + 3), PV_REPLACE), 1);
    cr_assert_eq(pv_group_moved(pv_queries_group(queries, last + 5), PV_REPLACE), 2);
}

/* --- what a wrong bound would show ---------------------------------------------------- */

static size_t a_tree(void)
{
    for (size_t i = 0; i < pv_queries_count(queries); i++) {
        const pv_group *g = pv_queries_group(queries, i);
        if (g->kind == PV_GROUP_GRID && g->layers > 1)
            return i;
    }
    cr_assert_fail("no tree");
    return 0;
}

/* A group is under-noised when its answers move by more than its bound says. */
static bool is_under_noised(const pv_group *g)
{
    bool found = false;
    count_naively(g);
    for (int replace = 0; replace < 2; replace++) {
        const pv_neighbours neighbours = replace ? PV_REPLACE : PV_ADD_REMOVE;
        found = found || look(g->cells, 1, neighbours).squared >
                             pv_group_moved(g, neighbours);
    }
    return found;
}

Test(queries_moved, a_bound_one_too_small_is_seen)
{
    for (size_t i = 0; i < pv_queries_count(queries); i++) {
        pv_group g = *pv_queries_group(queries, i);
        cr_assert(!is_under_noised(&g), "group %zu", i);
        g.most--;
        if (is_tight(&g, PV_ADD_REMOVE))
            cr_assert(is_under_noised(&g), "group %zu", i);
    }
}

/* A tree whose parts are written as ranges, from edges that each level overwrites for
 * the ones after it, as a published program had it: the last part of the first level
 * begins where the second's does, and both hold the largest numbers. A partition cannot
 * say so, being a map; boxes can, and their bound is looked for. */
Test(queries_moved, edges_that_are_overwritten_are_seen)
{
    static const bool in[2][4] = {{true, true, false, true}, {false, false, true, true}};
    static const bool sound[2][4] = {{true, true, false, false},
                                     {false, false, true, true}};
    const pv_axis *axis = pv_queries_axis(queries, 0);
    cr_assert_eq(axis->cells, 4);
    for (int wrong = 0; wrong < 2; wrong++) {
        pv_condition c[6];
        pv_box box[6];
        bool one[4][4] = {{false}};
        for (size_t i = 0; i < 6; i++) {
            if (i >= 2)
                one[i - 2][i - 2] = true;
            c[i] = (pv_condition){0, i >= 2 ? one[i - 2]
                                     : wrong ? in[i] : sound[i]};
            box[i] = (pv_box){1, &c[i]};
        }
        const pv_group tree = {.kind = PV_GROUP_BOXES, .cells = 6, .most = 2,
                               .cross = -1, .crossed = 1, .boxes = 6, .box = box};
        cr_assert_eq(is_under_noised(&tree), wrong == 1);
    }
    /* the tree itself, for comparison */
    cr_assert(!is_under_noised(pv_queries_group(queries, a_tree())));
}
