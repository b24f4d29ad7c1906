/* Counts, potentials and scores of rows under search against looking at each row. */
#include "tests/gsd_fixture.h"

static size_t below(pv_stream *stream, size_t n)
{
    return (size_t)pv_stream_below(stream, n);
}

/* So many different columns of a row to any other cells. */
static size_t draw_changes(const pv_gsd_state *s, pv_stream *stream,
                           pv_gsd_change change[3])
{
    const size_t columns = pv_gsd_columns(s), n = 1 + below(stream, 3);
    size_t place = below(stream, columns);
    for (size_t i = 0; i < n; i++) {
        change[i].place = place;
        change[i].cell = (uint32_t)below(stream, pv_gsd_cells(s, place));
        change[i].number = pv_gsd_inside(s, place, change[i].cell, stream);
        place = (place + 1) % columns;
    }
    return n;
}

static row changed_row(const pv_queries *q, pv_gsd_state *s, size_t at,
                       const pv_gsd_change *change, size_t changes)
{
    row r = row_at(q, s, at);
    for (size_t i = 0; i < changes; i++) {
        const uint32_t c = pv_gsd_column(s, change[i].place);
        r.code[c] = pv_axis_code(pv_queries_axis(q, c),
                                 pv_schema_column(pv_queries_schema(q), c),
                                 change[i].cell);
        r.number[c] = change[i].number;
    }
    return r;
}

static void check_all(const aims *a, const pv_gsd_state *s)
{
    bool equal = false;
    const double f = naive_objective(a, s);
    cr_assert_eq(pv_gsd_recount(s, &equal, &err), PV_OK);
    cr_assert(equal);
    cr_assert_float_eq(pv_gsd_objective(s), f, 1e-9 * f);
    check_rows(a->queries, s);
    for (size_t g = 0; g < pv_queries_count(a->queries); g++) {
        const pv_group *group = pv_queries_group(a->queries, g);
        double *count = naive_counts(a->queries, s, group);
        double *own = calloc(group->cells, sizeof *own);
        pv_gsd_counts(s, group, own);
        for (size_t c = 0; c < group->cells; c++)
            cr_assert_eq(own[c], count[c], "group %zu, answer %zu", g, c);
        free(count);
        free(own);
    }
}

static void check_moves(const char *json, const char *spec, size_t moves)
{
    enum { rows = 60 };
    pv_schema *schema = schema_of(json);
    aims a = random_aims(schema, spec, 8);
    pv_gsd_state *s = state_of(&a, rows, 1);
    const pv_key key = key_of(2);
    size_t broken = 0;
    pv_stream stream;
    pv_stream_init(&stream, &key, 0);
    for (size_t i = 0; i < moves; i++) {
        pv_gsd_change change[3];
        const size_t at = below(&stream, rows);
        const size_t n = draw_changes(s, &stream, change);
        const double delta = pv_gsd_delta(s, at, change, n);
        const row r = changed_row(a.queries, s, at, change, n);
        const bool breaks = naive_breaks(schema, &r);
        cr_assert_eq(breaks, isinf(delta) != 0);
        broken += breaks;
        if (breaks)
            continue;
        const bool look = i % 97 == 0;
        const double before = look ? pv_gsd_objective(s) : 0;
        pv_gsd_apply(s, at, change, n);
        if (look)
            cr_assert_float_eq(pv_gsd_objective(s) - before, delta,
                               1e-9 * before);
        if (i % (moves / 4) == 0)
            check_all(&a, s);
    }
    check_all(&a, s);
    cr_assert_eq(broken > 0, pv_schema_model_zeros(schema) > 0);
    pv_gsd_free(s);
    drop_aims(&a);
    pv_schema_free(schema);
}

/* Whether pv_gsd_best has the best cell of each column of each row by trying all. */
static void check_best(const char *json, const char *spec, bool planes)
{
    enum { rows = 40 };
    pv_schema *schema = schema_of(json);
    aims a = random_aims(schema, spec, 6);
    pv_gsd_state *s = state_of(&a, rows, 3);
    pv_gsd_scratch *scratch = NULL;
    uint64_t scored = 0;
    size_t gains = 0;
    const pv_key key = key_of(4);
    pv_stream stream;
    pv_stream_init(&stream, &key, 0);
    cr_assert_eq(pv_gsd_scratch_alloc(s, &scratch, &err), PV_OK);
    for (size_t r = 0; r < rows; r++)
        for (size_t p = 0; p < pv_gsd_columns(s); p++) {
            pv_gsd_change best;
            double least = 0;
            const double gain =
                pv_gsd_best(s, r, p, scratch, &stream, &best, &scored);
            if (isnan(best.number))
                best.number = pv_gsd_inside(s, p, best.cell, &stream);
            const double delta = pv_gsd_delta(s, r, &best, 1);
            cr_assert(gain >= 0);
            cr_assert_float_eq(-delta, gain, 1e-3, "row %zu, %zu: %g, not %g",
                               r, p, gain, -delta);
            for (uint32_t c = 0; !planes && c < pv_gsd_cells(s, p); c++) {
                const pv_gsd_change to = {
                    p, c, pv_gsd_inside(s, p, c, &stream)};
                least = fmin(least, pv_gsd_delta(s, r, &to, 1));
            }
            if (!planes)
                cr_assert_float_eq(-least, gain, 1e-3,
                                   "row %zu, %zu: %g, not %g", r, p, gain,
                                   -least);
            gains += gain > 0;
        }
    cr_assert(gains > rows);
    cr_assert(scored >= gains);
    pv_gsd_scratch_free(scratch);
    pv_gsd_free(s);
    drop_aims(&a);
    pv_schema_free(schema);
}

static const char grids[] = "marginals:2,marginals:3,tree:2:3";
static const char drawn[] = "prefix:40:3,halfspace:15:2";
static const char all[] = "marginals:2,tree:2:4,prefix:10,halfspace:5";

Test(moves, grids)
{
    check_moves(tiny_schema, grids, 100000);
    check_moves(zeros_schema, grids, 100000);
}

Test(moves, prefix_and_halfspace)
{
    check_moves(tiny_schema, drawn, 100000);
    check_moves(zeros_schema, drawn, 100000);
}

Test(moves, boxes_of_a_file)
{
    char *path, *spec = with_boxes("", &path);
    check_moves(tiny_schema, spec, 100000);
    check_moves(zeros_schema, spec, 100000);
    free(spec);
    remove_file(path);
}

Test(moves, a_million)
{
    char *path, *spec = with_boxes(all, &path);
    check_moves(zeros_schema, spec, 1000000);
    free(spec);
    remove_file(path);
}

Test(best, is_the_best_of_all)
{
    check_best(tiny_schema, grids, false);
    check_best(zeros_schema, grids, false);
    check_best(tiny_schema, "prefix:60:3", false);
    check_best(zeros_schema, "tree:3:2,prefix:60:3", false);
}

/* With conditions on what a group is crossed with. */
Test(best, boxes_of_a_file)
{
    static const char no_planes[] =
        "{\"schema\":\"privet/queries/1\",\"groups\":["
        "{\"queries\":[{\"hue\":[\"red\",null],\"pay\":{\"minimum\":-0.3,"
        "\"below\":0.4}},{\"age\":{\"minimum\":1},\"hue\":[\"blue\"]},"
        "{\"kin\":[1,3,null]}],\"cross\":\"hue\"},"
        "{\"queries\":[{\"kin\":[1,2],\"age\":[0,3,5]},{},{\"kin\":[3]}],"
        "\"cross\":\"kin\"},"
        "{\"queries\":[{\"pay\":{\"minimum\":1}},{\"pay\":[null]}]}]}";
    char *path = file_with(no_planes, strlen(no_planes), ".json");
    check_best(tiny_schema, path, false);
    check_best(zeros_schema, path, false);
    remove_file(path);
}

Test(best, by_planes_is_never_worse_than_staying)
{
    char *path, *spec = with_boxes(drawn, &path);
    check_best(tiny_schema, spec, true);
    check_best(zeros_schema, spec, true);
    free(spec);
    remove_file(path);
}

/* A column of one cell, and one that no query speaks of, do not stand in the way. */
Test(best, columns_that_do_not_matter)
{
    pv_schema *schema = schema_of(
        "{\"fields\":[{\"name\":\"a\",\"type\":\"string\",\"categories\":"
        "[\"only\"],\"constraints\":{\"required\":true}},"
        "{\"name\":\"b\",\"type\":\"string\",\"categories\":[\"x\",\"y\"]},"
        "{\"name\":\"c\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
        "\"minimum\":0,\"maximum\":3}}]}");
    static const char file[] =
        "{\"schema\":\"privet/queries/1\",\"groups\":[{\"grid\":{\"a\":true,"
        "\"b\":true}}]}";
    char *path = file_with(file, strlen(file), ".json");
    aims a = random_aims(schema, path, 5);
    pv_gsd_state *s = state_of(&a, 20, 1);
    cr_assert(pv_gsd_touched(s, 0));
    cr_assert_eq(pv_gsd_cells(s, 0), 1);
    cr_assert(pv_gsd_touched(s, 1));
    cr_assert(!pv_gsd_touched(s, 2));
    const pv_gsd_change free_one = {2, 3, 3};
    cr_assert_eq(pv_gsd_delta(s, 0, &free_one, 1), 0);
    pv_gsd_apply(s, 0, &free_one, 1);
    cr_assert_eq(pv_gsd_cell(s, 0, 2), 3);
    check_all(&a, s);
    pv_gsd_free(s);
    drop_aims(&a);
    pv_schema_free(schema);
    remove_file(path);
}

Test(numbers, lie_in_their_cells)
{
    pv_schema *schema = schema_of(tiny_schema);
    aims a = random_aims(schema, "tree:1:10,prefix:100", 5);
    pv_gsd_state *s = state_of(&a, 10, 1);
    const pv_key key = key_of(9);
    pv_stream stream;
    pv_stream_init(&stream, &key, 0);
    for (int i = 0; i < 50; i++)
        for (size_t p = 0; p < pv_gsd_columns(s); p++)
            for (uint32_t c = 0; c < pv_gsd_cells(s, p); c++) {
                pv_gsd_put(s, 0, p, c, pv_gsd_inside(s, p, c, &stream));
                const row r = row_at(a.queries, s, 0);
                cr_assert_eq(naive_cell(a.queries, pv_gsd_column(s, p), &r), c);
                if (pv_gsd_column(s, p) == 1)
                    cr_assert_eq(r.number[1], floor(r.number[1]));
            }
    for (size_t p = 1; p < pv_gsd_columns(s); p++)
        for (double x = -1; x <= 5; x += 0.125) {
            pv_gsd_change to;
            double low, high;
            pv_gsd_range(s, p, &low, &high);
            pv_gsd_change_to_number(s, p, fmin(fmax(x, low), high), &to);
            pv_gsd_put(s, 0, p, to.cell, to.number);
            const row r = row_at(a.queries, s, 0);
            cr_assert_eq(naive_cell(a.queries, pv_gsd_column(s, p), &r), to.cell);
            cr_assert(to.number <= fmin(fmax(x, low), high));
        }
    pv_gsd_free(s);
    drop_aims(&a);
    pv_schema_free(schema);
}

static pv_group wide_group(pv_partition *part, pv_layer *layer, size_t columns)
{
    static const uint32_t map[16] = {0};
    for (size_t k = 0; k < columns; k++)
        part[k] = (pv_partition){0, 1, map};
    *layer = (pv_layer){columns, part, 1};
    return (pv_group){.kind = PV_GROUP_GRID, .cells = 1, .most = 1, .layers = 1,
                      .layer = layer, .cross = -1, .crossed = 1};
}

Test(add, refuses_what_is_too_wide)
{
    pv_schema *schema = schema_of(tiny_schema);
    aims a = random_aims(schema, "marginals:1", 5);
    pv_gsd_state *s = state_of(&a, 3, 1);
    pv_partition part[PV_GSD_MOST_COLUMNS + 1];
    pv_layer layer;
    const pv_group wide = wide_group(part, &layer, PV_GSD_MOST_COLUMNS + 1);
    const double target = 1;
    pv_gsd_targets targets;
    cr_assert_eq(pv_gsd_add(s, &wide, &target, 1, &err), PV_ETOOBIG);
    cr_assert_eq(pv_gsd_targets_init(&targets, a.queries, &err), PV_OK);
    cr_assert_eq(pv_gsd_targets_add(&targets, &wide, &target, 1, &err),
                 PV_ETOOBIG);
    pv_gsd_targets_clear(&targets);
    pv_gsd_free(s);
    drop_aims(&a);
    pv_schema_free(schema);
}
