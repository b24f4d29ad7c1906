/* What specifications mean, and that no row is in more queries than is claimed. */
#include "tests/query_fixture.h"

static pv_schema *schema;

static void open_schema(void)
{
    schema = schema_of(tiny_schema);
}

static void close_schema(void)
{
    pv_schema_free(schema);
}

TestSuite(query_groups, .init = open_schema, .fini = close_schema);

/* --- known answers ------------------------------------------------------------ */

Test(query_groups, marginals_are_by_code)
{
    pv_queries *q = queries_of(schema, "marginals:2");
    cr_assert_eq(pv_queries_count(q), 6);
    cr_assert_eq(pv_queries_families(q), 1);
    cr_assert_str_eq(pv_queries_family(q, 0), "marginals:2");
    const pv_group *g = pv_queries_group(q, 0);
    cr_assert_eq(g->layers, 1);
    cr_assert_eq(g->most, 1);
    cr_assert_eq(g->cells, 6);     /* (2 + missing) x 2 */
    g = pv_queries_group(q, 5);    /* kin x pay, both may be missing */
    cr_assert_eq(g->cells, 4 * 4);
    char text[64];
    pv_queries_describe(q, 5, text, sizeof text);
    cr_assert_str_eq(text, "kin x pay");
    pv_queries_free(q);
}

Test(query_groups, trees_of_whole_numbers_round_up)
{
    pv_queries *q = queries_of(schema, "tree:1:3");
    cr_assert_eq(pv_queries_count(q), 3);
    const pv_axis *age = pv_queries_axis(q, 1);
    /* 0 to 5 in 2: 2.5; in 4: 1.25, 2.5, 3.75; in 8: 0.625, 1.25, 1.875, ... */
    static const double edge[] = {0, 1, 2, 3, 4, 5, 5};
    cr_assert_eq(age->cells, 6);
    for (size_t i = 0; i < 7; i++)
        cr_assert_eq(age->edge[i], edge[i]);
    const pv_group *g = pv_queries_group(q, 0);
    cr_assert_eq(g->layers, 3);
    cr_assert_eq(g->most, 3);
    cr_assert_eq(g->cells, 2 + 4 + 6);
    static const uint32_t half[] = {0, 0, 0, 1, 1, 1},
                          quarter[] = {0, 0, 1, 2, 3, 3};
    cr_assert_arr_eq(g->layer[0].partition->map, half, sizeof half);
    cr_assert_arr_eq(g->layer[1].partition->map, quarter, sizeof quarter);
    pv_queries_free(q);
}

Test(query_groups, equal_levels_are_one_layer)
{
    pv_queries *q = queries_of(schema, "tree:1:5");
    /* kin has three values: 2 parts, then 3, and no more; and the missing one */
    const pv_group *g = pv_queries_group(q, 1);
    cr_assert_eq(g->layers, 2);
    cr_assert_eq(g->most, 2);
    cr_assert_eq(g->cells, 3 + 4);
    static const uint32_t half[] = {0, 0, 1, 2};
    cr_assert_arr_eq(g->layer[0].partition->map, half, sizeof half);
    /* a number has all levels */
    cr_assert_eq(pv_queries_group(q, 2)->layers, 5);
    pv_queries_free(q);
    /* a set has as many as the column with the most */
    q = queries_of(schema, "tree:2:4");
    cr_assert_eq(pv_queries_count(q), 6);
    cr_assert_eq(pv_queries_group(q, 5)->layers, 4);
    pv_queries_free(q);
}

Test(query_groups, axes_have_the_limits_of_all)
{
    pv_queries *one = queries_of(schema, "marginals:1");
    pv_queries *both = queries_of(schema, "marginals:1,tree:1:1");
    cr_assert_eq(pv_queries_axis(one, 3)->cells, 3 + 1);
    cr_assert_eq(pv_queries_axis(both, 3)->cells, 4 + 1); /* 0 splits a bin */
    cr_assert_eq(pv_queries_families(both), 2);
    cr_assert_eq(pv_queries_group(both, 4)->family, 1);
    pv_queries_free(one);
    pv_queries_free(both);
}

Test(query_groups, columns_of_one_value_have_one_layer)
{
    pv_schema *s = schema_of(
        "{\"fields\":[{\"name\":\"n\",\"type\":\"integer\",\"constraints\":"
        "{\"required\":true,\"minimum\":7,\"maximum\":7}}]}");
    pv_queries *q = queries_of(s, "tree:1");
    cr_assert_eq(pv_queries_group(q, 0)->cells, 1);
    pv_queries_free(q);
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(pv_queries_parse("prefix:3", s, plenty, &q, &err), PV_EUSAGE);
    pv_schema_free(s);
}

/* --- random families ---------------------------------------------------------- */

static bool same_group(const pv_queries *a, size_t i, const pv_queries *b,
                       size_t j)
{
    unsigned char one[32], other[32];
    pv_queries_digest(a, i, one);
    pv_queries_digest(b, j, other);
    return memcmp(one, other, sizeof one) == 0;
}

Test(query_groups, random_families_depend_on_the_seed_alone)
{
    static const char *const family[] = {"prefix:20", "halfspace:20"};
    for (size_t f = 0; f < 2; f++) {
        char text[64];
        pv_queries *q = queries_of(schema, family[f]);
        snprintf(text, sizeof text, "%s:1", family[f]);
        pv_queries *again = queries_of(schema, text);
        snprintf(text, sizeof text, "%s:2", family[f]);
        pv_queries *other = queries_of(schema, text);
        cr_assert_eq(pv_queries_count(q), 20);
        size_t equal = 0;
        for (size_t i = 0; i < 20; i++) {
            cr_assert(same_group(q, i, again, i));
            equal += same_group(q, i, other, i);
        }
        cr_assert_eq(equal, 0);
        pv_queries_free(q);
        pv_queries_free(again);
        pv_queries_free(other);
    }
}

/* The same on every machine, and in years to come: ledgers name them so. */
Test(query_groups, digests_do_not_change)
{
    static const char *const wanted[] = {"7a2b7bf02bbd9b61", "51601b56bec29d32", "84134fbdba1fd109"};
    static const char *const spec[] = {"prefix:1", "halfspace:1", "tree:2:3"};
    for (size_t i = 0; i < 3; i++) {
        pv_queries *q = queries_of(schema, spec[i]);
        unsigned char digest[32];
        char hex[17];
        pv_queries_digest(q, 0, digest);
        for (size_t k = 0; k < 8; k++)
            snprintf(hex + 2 * k, 3, "%02x", digest[k]);
        cr_assert_str_eq(hex, wanted[i]);
        pv_queries_free(q);
    }
}

Test(query_groups, prefixes_have_what_columns_there_are)
{
    pv_queries *q = queries_of(schema, "prefix:30");
    for (size_t i = 0; i < 30; i++) {
        const pv_group *g = pv_queries_group(q, i);
        cr_assert_eq(g->cells, 3); /* hue and its missing level */
        cr_assert_eq(g->cross, 0);
        cr_assert_eq(g->boxes, 1);
        cr_assert_eq(g->box->conditions, 2);
        cr_assert_lt(g->box->condition[0].column, g->box->condition[1].column);
    }
    pv_queries_free(q);
    pv_schema *s = schema_of(
        "{\"fields\":[{\"name\":\"n\",\"type\":\"integer\",\"constraints\":"
        "{\"required\":true,\"minimum\":0,\"maximum\":3}}]}");
    q = queries_of(s, "prefix:4");
    cr_assert_eq(pv_queries_group(q, 0)->cross, -1);
    cr_assert_eq(pv_queries_group(q, 0)->cells, 1);
    cr_assert_eq(pv_queries_group(q, 0)->box->conditions, 1);
    pv_queries_free(q);
    pv_schema_free(s);
}

Test(query_groups, weights_are_on_their_grid)
{
    pv_queries *q = queries_of(schema, "halfspace:5");
    for (size_t i = 0; i < 5; i++) {
        const pv_group *g = pv_queries_group(q, i);
        cr_assert_eq(g->terms, 4);
        for (size_t t = 0; t < 4; t++) {
            const double w = g->term[t].weight != NULL ? g->term[t].weight[0]
                                                       : g->term[t].slope;
            cr_assert_eq(w * 0x1p20, floor(w * 0x1p20));
            cr_assert_neq(w, 0);
        }
    }
    pv_queries_free(q);
}

/* --- no row is in more than `most` --------------------------------------------- */

static void check_most(const pv_schema *s, const char *spec)
{
    pv_queries *q = queries_of(s, spec);
    for (size_t i = 0; i < pv_queries_count(q); i++) {
        const pv_group *g = pv_queries_group(q, i);
        cr_assert_eq(brute_most(q, g), g->most, "%s, group %zu: %zu, not %u",
                     spec, i, brute_most(q, g), g->most);
        check_pairs(q, g);
    }
    pv_queries_free(q);
}

static const char label_and_number[] =
    "{\"fields\":["
    "{\"name\":\"hue\",\"type\":\"string\",\"categories\":[\"red\",\"blue\"]},"
    "{\"name\":\"pay\",\"type\":\"number\",\"constraints\":"
    "{\"minimum\":0,\"maximum\":1},\"privet\":{\"bins\":[0,0.25,1]}}]}";

static const char two_numbers[] =
    "{\"fields\":["
    "{\"name\":\"age\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":0,\"maximum\":5},\"privet\":{\"bins\":[0,2,5]}},"
    "{\"name\":\"kin\",\"type\":\"integer\",\"constraints\":"
    "{\"minimum\":1,\"maximum\":3}}]}";

Test(query_groups, no_row_is_in_more_than_is_claimed)
{
    static const char *const text[] = {label_and_number, two_numbers};
    static const char *const spec[] = {
        "marginals:1", "marginals:2", "tree:1:3",      "tree:2:1",
        "tree:2:3",    "prefix:12",   "halfspace:12", "tree:2:2,marginals:1"};
    for (size_t s = 0; s < 2; s++) {
        pv_schema *tiny = schema_of(text[s]);
        for (size_t i = 0; i < sizeof spec / sizeof *spec; i++)
            check_most(tiny, spec[i]);
        pv_schema_free(tiny);
    }
}

/* What another program did: the edges of a coarse level were written over those of a
 * finer one, so that a bin reached up to the maximum and the last ones lay in it. As
 * boxes, for a partition cannot say it. */
Test(query_groups, the_search_finds_bins_that_overlap)
{
    enum { bins = 8 };
    pv_schema *s = schema_of(label_and_number);
    pv_queries *q = queries_of(s, "tree:1:3");
    const pv_group *tree = pv_queries_group(q, 0);
    const pv_partition *finest = tree->layer[2].partition;
    const uint32_t cells = pv_queries_axis(q, 1)->cells;
    bool in[bins][64] = {{false}};
    pv_condition condition[bins];
    pv_box box[bins];
    for (uint32_t b = 0; b < bins; b++) {
        for (uint32_t c = 0; c + 1 < cells; c++)
            in[b][c] = finest->map[c] == b;
        condition[b] = (pv_condition){1, in[b]};
        box[b] = (pv_box){1, &condition[b]};
    }
    pv_group g = {.kind = PV_GROUP_BOXES, .cells = bins, .most = 1,
                  .cross = -1, .crossed = 1, .boxes = bins, .box = box};
    cr_assert_eq(brute_most(q, &g), g.most);
    for (uint32_t c = 0; c + 1 < cells; c++)
        in[5][c] = finest->map[c] >= 5;
    cr_assert_eq(brute_most(q, &g), 2);
    cr_assert_gt(brute_most(q, &g), g.most);
    pv_queries_free(q);
    pv_schema_free(s);
}

/* --- refusals ------------------------------------------------------------------ */

Test(query_groups, malformed_specifications_are_refused)
{
    static const char *const wrong[] = {
        "",          "tree",        "tree:",        "tree:0",     "tree:5",
        "tree:2:0",  "tree:2:11",   "tree:2:",      "tree:2:3:4", "tree:-1",
        "tree: 2",   "prefix",      "prefix:0",     "prefix:5:",  "prefix:5:x",
        "marginals:", "marginals:2:1", "marginals:9", "halfspace:1:2:3",
        "tree:2,",   ",tree:2",     "nonsense:3",   "prefix:5:99999999999999999999",
        "prefix:99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        pv_queries *q = NULL;
        pv_error err = PV_ERROR_INIT;
        cr_assert_eq(pv_queries_parse(wrong[i], schema, plenty, &q, &err),
                     PV_EUSAGE, "\"%s\"", wrong[i]);
        cr_assert_null(q);
        cr_assert_neq(err.message[0], '\0');
    }
}

Test(query_groups, too_many_answers_are_refused)
{
    static const char *const spec[] = {"prefix:1000", "halfspace:1000",
                                       "marginals:4", "tree:4:10",
                                       "prefix:100000000"};
    for (size_t i = 0; i < sizeof spec / sizeof *spec; i++) {
        pv_queries *q = NULL;
        pv_error err = PV_ERROR_INIT;
        cr_assert_eq(pv_queries_parse(spec[i], schema, 90, &q, &err),
                     PV_ETOOBIG, "%s", spec[i]);
    }
}

Test(query_groups, needs_are_refused)
{
    pv_schema *s = schema_of(
        "{\"fields\":[{\"name\":\"n\",\"type\":\"number\",\"constraints\":"
        "{\"minimum\":0,\"maximum\":1},\"privet\":{\"bins\":\"private\"}}]}");
    pv_queries *q = NULL;
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(pv_queries_parse("tree:1", s, plenty, &q, &err), PV_EUSAGE);
    cr_assert(strstr(err.message, "release") != NULL);
    pv_schema_free(s);
}
