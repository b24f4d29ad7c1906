/* Files of queries, and the bound of boxes. */
#include "marginals/queries_internal.h"
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

TestSuite(query_file, .init = open_schema, .fini = close_schema);

static pv_status parse_groups(const pv_schema *s, const char *groups,
                              pv_queries **q, pv_error *err)
{
    char *json = pv_sprintf_alloc(
        "{\"schema\": \"privet/queries/1\", \"groups\": [%s]}", groups);
    char *path = file_with(json, strlen(json), ".json");
    const pv_status status = pv_queries_parse(path, s, plenty, q, err);
    remove_file(path);
    free(json);
    return status;
}

static pv_queries *groups_of(const char *groups)
{
    pv_queries *q = NULL;
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(parse_groups(schema, groups, &q, &err), PV_OK, "%s",
                 err.message);
    return q;
}

/* hue, age, kin, pay */
static row row_of(uint32_t hue, double age, uint32_t kin, double pay)
{
    return (row){.code = {hue,
                          pv_column_encode_number(pv_schema_column(schema, 1),
                                                  age),
                          kin,
                          isnan(pay) ? 3
                                     : pv_column_encode_number(
                                           pv_schema_column(schema, 3), pay)},
                 .number = {NAN, age, NAN, pay}};
}

Test(query_file, boxes_mean_what_they_say)
{
    pv_queries *q = groups_of(
        "{\"name\": \"young\", \"queries\": ["
        "{\"age\": {\"minimum\": 1, \"below\": 4}, \"hue\": [\"red\", null]},"
        "{\"pay\": {\"below\": 0.25}}, {\"pay\": [null], \"kin\": [1, 3]}, {}],"
        "\"cross\": \"kin\"}");
    const pv_group *g = pv_queries_group(q, 0);
    cr_assert_eq(g->cells, 4 * 4);
    cr_assert_eq(g->most, 3);
    cr_assert_eq(brute_most(q, g), 3);
    char text[32];
    pv_queries_describe(q, 0, text, sizeof text);
    cr_assert_str_eq(text, "young");
    const row a = row_of(0, 1, 0, 0.2), b = row_of(2, 4, 2, 0.25),
              c = row_of(1, 3, 1, NAN), d = row_of(2, 3, 3, NAN),
              e = row_of(0, 0, 0, NAN);
    cr_assert(naive_holds(q, g, 0, &a));
    cr_assert(!naive_holds(q, g, 1, &a));
    cr_assert(naive_holds(q, g, 4, &a));
    cr_assert(!naive_holds(q, g, 2, &b));
    cr_assert(!naive_holds(q, g, 6, &b));
    cr_assert(naive_holds(q, g, 14, &b));
    cr_assert(!naive_holds(q, g, 1, &c));
    cr_assert(!naive_holds(q, g, 9, &c));
    cr_assert(naive_holds(q, g, 3, &d));
    cr_assert(naive_holds(q, g, 8, &e));
    pv_queries_free(q);
}

Test(query_file, grids_and_planes_mean_what_they_say)
{
    pv_queries *q = groups_of(
        "{\"grid\": {\"age\": [-5, 0.5, 3, 60, 99], \"hue\": true}},"
        "{\"plane\": {\"age\": 1.5, \"hue\": {\"blue\": 0.5}}, \"above\": 0.9,"
        " \"cross\": \"hue\"}");
    const pv_group *g = pv_queries_group(q, 0);
    /* below 1, below 3, the others; 60 is above all there is */
    cr_assert_eq(g->cells, 3 * 3);
    cr_assert_eq(g->most, 1);
    cr_assert_eq(brute_most(q, g), 1);
    const row a = row_of(1, 0, 0, 0), b = row_of(2, 2, 0, 0),
              c = row_of(0, 5, 0, 0), d = row_of(1, 2, 0, 0);
    cr_assert(naive_holds(q, g, 3, &a)); /* hue comes first */
    cr_assert(naive_holds(q, g, 7, &b));
    cr_assert(naive_holds(q, g, 2, &c));
    g = pv_queries_group(q, 1);
    cr_assert_eq(g->cells, 3);
    cr_assert_eq(brute_most(q, g), 1);
    cr_assert(!naive_holds(q, g, 1, &a));  /* 0.5 */
    cr_assert(!naive_holds(q, g, 2, &b));  /* 0.6 */
    cr_assert(naive_holds(q, g, 0, &c));   /* 1.5 */
    cr_assert(naive_holds(q, g, 1, &d));   /* 0.6 + 0.5 */
    char text[32];
    pv_queries_describe(q, 1, text, sizeof text);
    cr_assert_str_eq(text, "group 2");
    pv_queries_free(q);
}

Test(query_file, the_same_definition_has_the_same_digest)
{
    static const char *const text[] = {
        "{\"queries\": [{\"age\": [1], \"hue\": [\"red\"]}]}",
        "{\"name\": \"x\", \"queries\": [{\"hue\": [\"red\"], \"age\": [1]}]}",
        "{\"queries\": [{\"age\": [1], \"hue\": [\"blue\"]}]}",
        "{\"queries\": [{\"age\": [1], \"hue\": [\"red\"]}], \"cross\": \"hue\"}"};
    unsigned char digest[4][32];
    for (size_t i = 0; i < 4; i++) {
        pv_queries *q = groups_of(text[i]);
        pv_queries_digest(q, 0, digest[i]);
        pv_queries_free(q);
    }
    cr_assert_arr_eq(digest[0], digest[1], 32);
    cr_assert_neq(memcmp(digest[0], digest[2], 32), 0);
    cr_assert_neq(memcmp(digest[0], digest[3], 32), 0);
}

/* --- how many boxes one row can be in ------------------------------------------- */

static uint64_t state = 3;

static uint32_t below(uint32_t n)
{
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)((state >> 33) % n);
}

/* A random condition on one of the columns. */
static void write_condition(char *text, size_t size)
{
    static const char *const hue[] = {"\"red\"", "\"blue\"", "null",
                                      "\"red\",\"blue\"", "\"blue\",null",
                                      "\"red\",null"};
    static const char *const kin[] = {"1", "2", "null", "1,2", "2,3", "1,3",
                                      "3,null"};
    const uint32_t a = below(6), b = below(6 - a) + 1;
    switch (below(3)) {
    case 0:
        snprintf(text, size, "\"hue\": [%s]", hue[below(6)]);
        break;
    case 1:
        snprintf(text, size, "\"kin\": [%s]", kin[below(7)]);
        break;
    default:
        snprintf(text, size, "\"age\": {\"minimum\": %u, \"below\": %u}", a,
                 a + b);
    }
}

Test(query_file, overlapping_boxes_are_counted_exactly)
{
    for (size_t trial = 0; trial < 60; trial++) {
        char text[4096] = "{\"queries\": [", one[128];
        const uint32_t boxes = 1 + below(12);
        for (uint32_t b = 0; b < boxes; b++) {
            write_condition(one, sizeof one);
            snprintf(text + strlen(text), sizeof text - strlen(text),
                     "%s{%s}", b == 0 ? "" : ",", one);
        }
        strcat(text, "]}");
        pv_queries *q = groups_of(text);
        const pv_group *g = pv_queries_group(q, 0);
        cr_assert_eq(g->most, brute_most(q, g), "%s", text);
        check_pairs(q, g);
        pv_queries_free(q);
    }
}

Test(query_file, pairs_that_overlap_need_no_common_row)
{
    pv_queries *q = groups_of(
        "{\"queries\": [{\"kin\": [1, 2]}, {\"kin\": [2, 3]}, "
        "{\"kin\": [1, 3]}]}");
    cr_assert_eq(pv_queries_group(q, 0)->most, 2);
    pv_queries_free(q);
}

/* Too many for the search: the bound holds all the same. */
Test(query_file, many_boxes_are_bounded)
{
    enum { boxes = 600 };
    char *text = calloc(boxes, 64), *at = text;
    at += sprintf(at, "{\"queries\": [");
    for (uint32_t b = 0; b < boxes; b++) {
        const uint32_t low = below(1500);
        at += sprintf(at, "%s{\"n\": {\"minimum\": %u, \"below\": %u}}",
                      b == 0 ? "" : ",", low, low + 1 + below(900));
    }
    sprintf(at, "]}");
    pv_schema *s = schema_of(
        "{\"fields\":[{\"name\":\"n\",\"type\":\"integer\",\"constraints\":"
        "{\"required\":true,\"minimum\":0,\"maximum\":2000}}]}");
    pv_queries *q = NULL;
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(parse_groups(s, text, &q, &err), PV_OK, "%s", err.message);
    const pv_group *g = pv_queries_group(q, 0);
    const size_t most = brute_most(q, g);
    cr_assert_geq(g->most, most);
    cr_assert_lt(g->most, boxes);
    cr_assert_gt(most, 1);
    pv_queries_free(q);
    pv_schema_free(s);
    free(text);
}

/* --- refusals -------------------------------------------------------------------- */

Test(query_file, wrong_groups_are_refused)
{
    static const struct {
        const char *group, *says;
    } wrong[] = {
        {"7", "group 1"},
        {"{}", "asks nothing"},
        {"{\"queries\": [{}], \"corss\": \"hue\"}", "name, queries, cross"},
        {"{\"queries\": []}", "1 to 4096"},
        {"{\"queries\": [3]}", "query 1"},
        {"{\"queries\": [{}, {\"ages\": [1]}]}", "query 2"},
        {"{\"queries\": [{\"ages\": [1]}]}", "hue, age, kin, pay"},
        {"{\"queries\": [{\"hue\": [\"rde\"]}]}", "\"red\", \"blue\""},
        {"{\"queries\": [{\"hue\": [1]}]}", "a text"},
        {"{\"queries\": [{\"hue\": []}]}", "no value"},
        {"{\"queries\": [{\"hue\": {\"below\": 1}}]}", "list of them"},
        {"{\"queries\": [{\"hue\": \"red\"}]}", "nor a list"},
        {"{\"queries\": [{\"age\": [null]}]}", "never missing"},
        {"{\"queries\": [{\"age\": [1.5]}]}", "whole"},
        {"{\"queries\": [{\"age\": [6]}]}", "range"},
        {"{\"queries\": [{\"pay\": [0]}]}", "minimum"},
        {"{\"queries\": [{\"pay\": {}}]}", "empty"},
        {"{\"queries\": [{\"pay\": {\"above\": 1}}]}", "minimum, below"},
        {"{\"queries\": [{\"pay\": {\"below\": \"1\"}}]}", "not a number"},
        {"{\"queries\": [{\"pay\": {\"below\": -1}}]}", "no value"},
        {"{\"queries\": [{\"pay\": {\"minimum\": 0.5, \"below\": 0.1}}]}",
         "no value"},
        {"{\"queries\": [{}], \"cross\": \"age\"}", "bins"},
        {"{\"queries\": [{}], \"cross\": 3}", "name"},
        {"{\"name\": 3, \"queries\": [{}]}", "text"},
        {"{\"plane\": {}, \"above\": 1}", "WEIGHT"},
        {"{\"plane\": {\"age\": 1}}", "above"},
        {"{\"plane\": {\"age\": \"x\"}, \"above\": 1}", "weight"},
        {"{\"plane\": {\"age\": 1e7}, \"above\": 1}", "weight"},
        {"{\"plane\": {\"hue\": 1}, \"above\": 1}", "LABEL"},
        {"{\"plane\": {\"hue\": {\"x\": 1}}, \"above\": 1}", "no label"},
        {"{\"grid\": {}}", "EDGES"},
        {"{\"grid\": {\"age\": [1]}}", "edges"},
        {"{\"grid\": {\"age\": [1, 1]}}", "increase"},
        {"{\"grid\": {\"age\": [1, \"x\"]}}", "increase"},
        {"{\"grid\": {\"age\": false}}", "true"},
        {"{\"grid\": {\"hue\": [1, 2]}}", "true"},
        {"{\"grid\": {\"hue\": true}, \"cross\": \"kin\"}", "name, grid"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        pv_queries *q = NULL;
        pv_error err = PV_ERROR_INIT;
        cr_assert_eq(parse_groups(schema, wrong[i].group, &q, &err), PV_EFORMAT,
                     "%s", wrong[i].group);
        cr_assert(strstr(err.message, wrong[i].says) != NULL, "%s: %s",
                  wrong[i].group, err.message);
        cr_assert(strstr(err.message, ".json: ") != NULL, "%s", err.message);
        cr_assert(strstr(err.message, "group 1") != NULL, "%s", err.message);
    }
}

Test(query_file, wrong_files_are_refused)
{
    static const char *const wrong[] = {
        "", "[]", "{", "{\"groups\": []}",
        "{\"schema\": \"privet/queries/2\", \"groups\": [{\"grid\": {}}]}",
        "{\"schema\": \"privet/queries/1\"}",
        "{\"schema\": \"privet/queries/1\", \"groups\": []}",
        "{\"schema\": \"privet/queries/1\", \"groups\": [{}], \"more\": 1}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        pv_queries *q = NULL;
        pv_error err = PV_ERROR_INIT;
        char *path = file_with(wrong[i], strlen(wrong[i]), ".json");
        cr_assert_eq(pv_queries_parse(path, schema, plenty, &q, &err),
                     PV_EFORMAT, "%s", wrong[i]);
        cr_assert(strstr(err.message, path) != NULL);
        remove_file(path);
    }
    pv_queries *q = NULL;
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(pv_queries_parse("/nowhere/q.json", schema, plenty, &q, &err),
                 PV_EIO);
}

Test(query_file, determined_columns_are_refused_and_left_out)
{
    pv_schema *s = schema_of(
        "{\"fields\":["
        "{\"name\":\"town\",\"type\":\"string\",\"categories\":[\"a\",\"b\"],"
        "\"constraints\":{\"required\":true}},"
        "{\"name\":\"land\",\"type\":\"string\",\"categories\":[\"x\",\"y\"],"
        "\"constraints\":{\"required\":true}},"
        "{\"name\":\"n\",\"type\":\"integer\",\"constraints\":"
        "{\"minimum\":0,\"maximum\":3}}],"
        "\"privet\":{\"functions\":[{\"of\":\"town\",\"gives\":\"land\","
        "\"map\":{\"a\":\"x\",\"b\":\"y\"}}]}}");
    pv_queries *q = NULL;
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(parse_groups(s, "{\"queries\": [{\"land\": [\"x\"]}]}", &q,
                              &err),
                 PV_EFORMAT);
    cr_assert(strstr(err.message, "\"town\"") != NULL, "%s", err.message);
    static const char *const spec[] = {"marginals:1", "tree:2", "prefix:9",
                                       "halfspace:3"};
    static const size_t groups[] = {2, 1, 9, 3};
    for (size_t i = 0; i < 4; i++) {
        q = queries_of(s, spec[i]);
        cr_assert_eq(pv_queries_count(q), groups[i]);
        for (size_t g = 0; g < groups[i]; g++) {
            cr_assert_neq(pv_queries_group(q, g)->cross, 1);
            for (size_t t = 0; t < pv_queries_group(q, g)->terms; t++)
                cr_assert_neq(pv_queries_group(q, g)->term[t].column, 1);
        }
        pv_queries_free(q);
    }
    pv_schema_free(s);
}
