#include "tests/io_fixture.h"

#include <math.h>

#define FIELDS(...) "{\"fields\":[" __VA_ARGS__ "]}"
#define SEX "{\"name\":\"sex\",\"categories\":[\"F\",\"M\"],\"constraints\":{\"required\":true}}"
#define AGE "{\"name\":\"age\",\"type\":\"integer\",\"constraints\":{\"minimum\":0,\"maximum\":9}}"
#define WAGE(bins) "{\"name\":\"wage\",\"type\":\"number\",\"constraints\":{\"required\":true,\"minimum\":0,\"maximum\":10},\"privet\":{\"bins\":" bins "}}"
#define ZEROS(rule) "{\"fields\":[" SEX "," AGE "," WAGE("2") "],\"privet\":{\"zeros\":[" rule "]}}"

static uint32_t code(const pv_schema *s, size_t column, const char *text)
{
    uint64_t outside = 0;
    return pv_column_encode(s, column, text, strlen(text), &outside, NULL);
}

static uint64_t outside_of(const pv_schema *s, size_t column, const char *text)
{
    uint64_t outside = 0;
    (void)pv_column_encode(s, column, text, strlen(text), &outside, NULL);
    return outside;
}

Test(schema, labels)
{
    pv_schema *s = schema_of("{\"title\":\"T\",\"missingValues\":[\"NA\",\"?\"],"
                             "\"fields\":[" SEX ",{\"name\":\"job\",\"type\":"
                             "\"string\",\"categories\":[{\"value\":\"a\","
                             "\"label\":\"A\"},\"\",\"a long label here\"]}]}");
    const pv_column *sex = pv_schema_column(s, 0), *job = pv_schema_column(s, 1);
    cr_expect_eq(pv_schema_columns(s), 2);
    cr_expect_str_eq(pv_schema_title(s), "T");
    cr_expect_eq(sex->levels, 2);
    cr_expect_not(sex->missing);
    cr_expect_eq(job->levels, 4);
    cr_expect(job->missing);
    cr_expect_eq(code(s, 0, "M"), 1);
    cr_expect_eq(code(s, 0, "m"), PV_NO_LEVEL);
    cr_expect_eq(code(s, 0, "NA"), PV_NO_LEVEL);
    cr_expect_eq(code(s, 1, "a"), 0);
    cr_expect_eq(code(s, 1, ""), 1);
    cr_expect_eq(code(s, 1, "a long label here"), 2);
    cr_expect_eq(code(s, 1, "a long label her"), 3);
    cr_expect_eq(code(s, 1, "?"), 3);
    cr_expect_eq(outside_of(s, 1, "?"), 0);
    cr_expect_eq(outside_of(s, 1, "x"), 1);
    cr_expect_eq(pv_column_find_label(s, 1, "?", 1), PV_NO_LEVEL);
    cr_expect_eq(pv_schema_find(s, "job"), 1);
    cr_expect_eq(pv_schema_find(s, "jo"), -1);
    cr_expect_str_eq(pv_schema_missing_value(s, 0), "NA");
    pv_schema_free(s);
}

Test(schema, other_label_takes_what_is_unknown)
{
    pv_schema *s = schema_of(FIELDS(
        "{\"name\":\"a\",\"categories\":[1,2.5,\"rest\"],\"constraints\":"
        "{\"required\":true},\"privet\":{\"other\":\"rest\"}}"));
    cr_expect_eq(code(s, 0, "1"), 0);
    cr_expect_eq(code(s, 0, "2.5"), 1);
    cr_expect_eq(code(s, 0, "7"), 2);
    cr_expect_eq(outside_of(s, 0, "7"), 1);
    pv_schema_free(s);
}

Test(schema, whole_numbers_written_as_fractions_are_labels_too)
{
    pv_schema *s = schema_of(FIELDS(
        "{\"name\":\"a\",\"categories\":[1,\"-2\",\"3\",\"3.0\",\"x\"]}"));
    cr_expect_eq(code(s, 0, "1.0"), 0);
    cr_expect_eq(code(s, 0, "-2.0"), 1);
    cr_expect_eq(code(s, 0, "3.0"), 3);
    cr_expect_eq(outside_of(s, 0, "1.0"), 0);
    const char *outside[] = {"1.00", "1.", ".0", "-.0", "x.0", "7.0", "1.5"};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        cr_expect_eq(outside_of(s, 0, outside[i]), 1, "%s", outside[i]);
    pv_schema_free(s);
}

Test(schema, integers)
{
    pv_schema *s = schema_of(FIELDS(
        "{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"minimum\":-2,"
        "\"maximum\":7}}," SEX));
    const struct {
        const char *text;
        uint32_t code;
        uint64_t outside;
    } cases[] = {{"-2", 0, 0},     {"7", 9, 0},     {"+3", 5, 0},
                 {" 3 ", 5, 0},    {"3.0", 5, 0},   {"3.5", 10, 1},
                 {"-3", 0, 1},     {"99999999999999999999", 9, 1},
                 {"1e300", 9, 1},  {"3e0", 5, 0},   {"", 10, 0},
                 {"x", 10, 1},     {"-", 10, 1},    {"0x3", 10, 1},
                 {"nan", 10, 1},   {"inf", 10, 1},  {"-0", 2, 0},
                 {"007", 9, 0},    {"1e", 10, 1},   {".", 10, 1},
                 {"1 2", 10, 1},   {"1,5", 10, 1},  {"-1e999", 0, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(code(s, 0, cases[i].text), cases[i].code, "'%s' is %u",
                     cases[i].text, code(s, 0, cases[i].text));
        cr_expect_eq(outside_of(s, 0, cases[i].text), cases[i].outside, "'%s'",
                     cases[i].text);
    }
    pv_schema_free(s);
}

Test(schema, numeric_missing_text_wins_over_the_number)
{
    pv_schema *s = schema_of("{\"missingValues\":[\"-9\"],\"fields\":["
                             "{\"name\":\"a\",\"type\":\"integer\","
                             "\"constraints\":{\"minimum\":-10,\"maximum\":0}},"
                             "{\"name\":\"b\",\"type\":\"integer\","
                             "\"constraints\":{\"required\":true,"
                             "\"minimum\":-10,\"maximum\":0}}]}");
    cr_expect_eq(code(s, 0, "-9"), 11);
    cr_expect_eq(code(s, 0, "-8"), 2);
    cr_expect_eq(code(s, 1, "-9"), PV_NO_LEVEL);
    pv_schema_free(s);
}

static void expect_edges(const pv_column *c, const double *edges, size_t count)
{
    cr_assert_eq(c->levels - c->missing + 1, count, "%u levels", c->levels);
    for (size_t i = 0; i < count; i++)
        cr_expect_eq(c->edges[i], edges[i], "edge %zu is %g", i, c->edges[i]);
}

Test(schema, equal_bins)
{
    pv_schema *s = schema_of(FIELDS(
        "{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"minimum\":0,"
        "\"maximum\":9},\"privet\":{\"bins\":4}},"
        "{\"name\":\"b\",\"type\":\"integer\",\"constraints\":{\"minimum\":0,"
        "\"maximum\":2},\"privet\":{\"bins\":50}}," WAGE("4")));
    /* ceil(i * 10 / 4) = 0, 3, 5, 8 */
    expect_edges(pv_schema_column(s, 0), (double[]){0, 3, 5, 8, 9}, 5);
    expect_edges(pv_schema_column(s, 1), (double[]){0, 1, 2, 2}, 4);
    expect_edges(pv_schema_column(s, 2), (double[]){0, 2.5, 5, 7.5, 10}, 5);
    cr_expect_eq(code(s, 0, "2"), 0);
    cr_expect_eq(code(s, 0, "3"), 1);
    cr_expect_eq(code(s, 0, "9"), 3);
    cr_expect_eq(code(s, 0, "12"), 3);
    cr_expect_eq(code(s, 1, "2"), 2);
    cr_expect_eq(code(s, 2, "10"), 3);
    cr_expect_eq(code(s, 2, "7.4999"), 2);
    cr_expect_eq(code(s, 2, "x"), PV_NO_LEVEL);
    pv_schema_free(s);
}

Test(schema, listed_bins)
{
    pv_schema *s = schema_of(FIELDS(
        "{\"name\":\"a\",\"type\":\"integer\",\"privet\":{\"bins\":[0,18,65,120]}}"));
    const pv_column *c = pv_schema_column(s, 0);
    expect_edges(c, (double[]){0, 18, 65, 120}, 4);
    cr_expect_eq(c->minimum, 0);
    cr_expect_eq(c->maximum, 120);
    cr_expect_eq(code(s, 0, "17"), 0);
    cr_expect_eq(code(s, 0, "18"), 1);
    cr_expect_eq(code(s, 0, "120"), 2);
    pv_schema_free(s);
}

Test(schema, bins_hold_exactly_their_numbers)
{
    /* against a walk along the edges */
    pv_schema *s = schema_of(FIELDS(
        "{\"name\":\"a\",\"type\":\"number\",\"constraints\":{\"minimum\":-3,"
        "\"maximum\":11},\"privet\":{\"bins\":37}}"));
    const pv_column *c = pv_schema_column(s, 0);
    for (double v = -4; v < 12; v += 0.001953125) {
        uint32_t walk = 0;
        while (walk + 2 < c->levels && c->edges[walk + 1] <= v)
            walk++;
        cr_assert_eq(pv_column_encode_number(c, v), walk, "%g", v);
    }
    pv_schema_free(s);
}

Test(schema, values_kept_beside_codes)
{
    pv_schema *s = schema_of(FIELDS(WAGE("4")));
    uint64_t outside = 0;
    double v;
    (void)pv_column_encode(s, 0, "3.14159", 7, &outside, &v);
    cr_expect_eq(v, 3.14159);
    (void)pv_column_encode(s, 0, "99", 2, &outside, &v);
    cr_expect_eq(v, 10);
    (void)pv_column_encode(s, 0, "", 0, &outside, &v);
    cr_expect(isnan(v));
    pv_schema_free(s);
}

Test(schema, booleans)
{
    pv_schema *s = schema_of(FIELDS(
        "{\"name\":\"a\",\"type\":\"boolean\"},{\"name\":\"b\",\"type\":"
        "\"boolean\",\"trueValues\":[\"yes\",\"y\"],\"falseValues\":[\"no\"]}"));
    cr_expect_eq(code(s, 0, "0"), 0);
    cr_expect_eq(code(s, 0, "TRUE"), 1);
    cr_expect_eq(code(s, 0, ""), 2);
    cr_expect_eq(code(s, 1, "y"), 1);
    cr_expect_str_eq(pv_schema_column(s, 1)->labels[1], "yes");
    pv_schema_free(s);
}

Test(schema, needs)
{
    pv_schema *s = schema_of(FIELDS(
        "{\"name\":\"a\",\"type\":\"number\",\"constraints\":{\"minimum\":0,"
        "\"maximum\":1},\"privet\":{\"bins\":\"private\",\"levels\":20}},"
        "{\"name\":\"b\",\"type\":\"integer\",\"privet\":{\"bins\":8,"
        "\"bounds\":\"private\"}},"
        "{\"name\":\"c\",\"type\":\"string\",\"privet\":{\"open\":true}}"));
    const pv_column *a = pv_schema_column(s, 0), *b = pv_schema_column(s, 1),
                    *c = pv_schema_column(s, 2);
    cr_expect_eq(a->needs, PV_NEEDS_BINS);
    cr_expect_eq(a->private_levels, 20);
    cr_expect_eq(a->levels, 0);
    cr_expect_eq(b->needs, PV_NEEDS_BOUNDS);
    cr_expect_eq(b->private_levels, 8);
    cr_expect_eq(c->needs, PV_NEEDS_LABELS);
    cr_expect_eq(c->levels, 0);
    cr_expect_eq(code(s, 0, "0.5"), PV_NO_LEVEL);
    pv_schema_free(s);
}

Test(schema, ids_and_unit)
{
    pv_schema *s = schema_of(
        "{\"fields\":[{\"name\":\"who\",\"type\":\"date\",\"privet\":{\"role\":"
        "\"id\"}}," SEX "],\"privet\":{\"unit\":{\"column\":\"person\","
        "\"max_rows\":3}}}");
    cr_expect_eq(pv_schema_columns(s), 1);
    cr_expect(pv_schema_is_id(s, "who"));
    cr_expect(pv_schema_is_id(s, "person"));
    cr_expect_not(pv_schema_is_id(s, "sex"));
    cr_expect_str_eq(pv_schema_unit(s), "person");
    cr_expect_eq(pv_schema_unit_rows(s), 3);
    pv_schema_free(s);
}

Test(schema, zeros_split_bins)
{
    pv_schema *s = schema_of(ZEROS(
        "{\"when\":{\"wage\":{\"maximum\":3}},\"never\":{\"sex\":[\"M\"],"
        "\"age\":{\"minimum\":8}}}"));
    const double above = nextafter(3, INFINITY);
    expect_edges(pv_schema_column(s, 2), (double[]){0, above, 5, 10}, 4);
    cr_assert_eq(pv_schema_zeros(s), 2);
    const pv_zero *z = pv_schema_zero(s, 0);
    cr_assert_eq(z->columns, 2);
    cr_expect_eq(z->column[0], 0);
    cr_expect_eq(z->column[1], 2);
    cr_expect(!z->mask[0][0] && z->mask[0][1]);
    cr_expect(z->mask[1][0] && !z->mask[1][1] && !z->mask[1][2]);
    z = pv_schema_zero(s, 1);
    cr_expect_eq(z->column[0], 1);
    cr_expect(!z->mask[0][7] && z->mask[0][8] && z->mask[0][9]);
    cr_expect_not(z->mask[0][10], "missing never meets a range");
    pv_schema_free(s);
}

Test(schema, zeros_of_integer_bins_and_missing)
{
    pv_schema *s = schema_of(
        "{\"missingValues\":[\"\",\"NA\"],\"fields\":["
        "{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"minimum\":0,"
        "\"maximum\":99},\"privet\":{\"bins\":5}},{\"name\":\"b\","
        "\"categories\":[\"x\"]}],\"privet\":{\"zeros\":[{\"when\":{\"a\":"
        "{\"maximum\":14}},\"never\":{\"b\":[\"NA\"]}},{\"when\":{\"b\":"
        "[\"x\"]},\"never\":{\"a\":[50,99]}}]}}");
    const pv_column *a = pv_schema_column(s, 0);
    expect_edges(a, (double[]){0, 15, 20, 40, 50, 51, 60, 80, 99, 99}, 10);
    const pv_zero *z = pv_schema_zero(s, 0);
    cr_expect(z->mask[0][0] && !z->mask[0][1]);
    cr_expect(!z->mask[1][0] && z->mask[1][1]);
    z = pv_schema_zero(s, 1);
    cr_expect(z->mask[0][4] && z->mask[0][8] && !z->mask[0][7]);
    cr_expect_eq(code(s, 0, "50"), 4);
    cr_expect_eq(code(s, 0, "51"), 5);
    cr_expect_eq(code(s, 0, "99"), 8);
    cr_expect_eq(code(s, 0, "98"), 7);
    pv_schema_free(s);
}

Test(schema, zero_on_one_column_twice_is_an_intersection)
{
    pv_schema *s = schema_of(ZEROS(
        "{\"when\":{\"age\":{\"minimum\":3}},\"never\":{\"age\":[2,3,4]}}"));
    const pv_zero *z = pv_schema_zero(s, 0);
    cr_expect_eq(z->columns, 1);
    cr_expect(!z->mask[0][2] && z->mask[0][3] && z->mask[0][4] &&
              !z->mask[0][5]);
    pv_schema_free(s);
}

Test(schema, canonical_json)
{
    pv_schema *a = schema_of(" { \"x\" : 1.5, \"fields\" : [ " SEX " ] } ");
    pv_schema *b = schema_of(pv_schema_json(a));
    cr_expect_str_eq(pv_schema_json(a), pv_schema_json(b));
    cr_expect_str_eq(pv_schema_json(a),
                     "{\"fields\":[{\"categories\":[\"F\",\"M\"],"
                     "\"constraints\":{\"required\":true},\"name\":\"sex\"}],"
                     "\"x\":1.5}");
    pv_schema_free(a);
    pv_schema_free(b);
}

Test(schema, description)
{
    pv_schema *s = schema_of(FIELDS(AGE "," WAGE("2") "," SEX));
    char text[40];
    pv_column_describe(pv_schema_column(s, 0), 3, text, sizeof text);
    cr_expect_str_eq(text, "3");
    pv_column_describe(pv_schema_column(s, 0), 10, text, sizeof text);
    cr_expect_str_eq(text, "(missing)");
    pv_column_describe(pv_schema_column(s, 1), 0, text, sizeof text);
    cr_expect_str_eq(text, "[0, 5)");
    pv_column_describe(pv_schema_column(s, 1), 1, text, sizeof text);
    cr_expect_str_eq(text, "[5, 10]");
    pv_column_describe(pv_schema_column(s, 2), 1, text, sizeof text);
    cr_expect_str_eq(text, "M");
    pv_schema_free(s);
}

Test(schema, limits)
{
    pv_schema *s = schema_of(FIELDS(
        "{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"required\":"
        "true,\"minimum\":-9007199254740991,\"maximum\":9007199254740991},"
        "\"privet\":{\"bins\":65536}},"
        "{\"name\":\"b\",\"type\":\"integer\",\"constraints\":{\"minimum\":0,"
        "\"maximum\":65535}}"));
    const pv_column *a = pv_schema_column(s, 0);
    cr_expect_eq(a->levels, 65536);
    for (uint32_t i = 0; i < a->levels; i++)
        cr_assert_lt(a->edges[i], a->edges[i + 1]);
    cr_expect_eq(pv_schema_column(s, 1)->levels, PV_MAX_LEVELS);
    cr_expect_eq(code(s, 1, "65535"), 65535);
    cr_expect_eq(code(s, 1, ""), 65536);
    pv_schema_free(s);
}

/* --- what is refused, and what is said -------------------------------- */

#define ONE(rest) "{\"fields\":[{\"name\":\"a\"" rest "}]}"
#define INTEGER(rest) ONE(",\"type\":\"integer\",\"constraints\":{\"minimum\":0,\"maximum\":9}" rest)
#define LABELS(rest) ONE(",\"categories\":[\"x\",\"y\"]" rest)
#define UNIT(unit) "{\"fields\":[" SEX "],\"privet\":{\"unit\":" unit "}}"

static const struct {
    const char *json, *says;
} malformed[] = {
    {"", "line 1"},
    {"{", "not valid JSON"},
    {"[]", "not a Table Schema"},
    {"{}", "no fields"},
    {"{\"fields\":3}", "no fields"},
    {"{\"fields\":[]}", "no fields"},
    {"{\"fields\":[1]}", "field 1: write an object"},
    {"{\"fields\":[{}]}", "no \"name\""},
    {"{\"fields\":[{\"name\":\"\"}]}", "no \"name\""},
    {"{\"a\":1,\"a\":2}", "not valid JSON"},
    {FIELDS(SEX "," SEX), "field 1 has the same name"},
    {ONE(""), "no categories"},
    {ONE(",\"type\":7"), "\"type\" is not a text"},
    {ONE(",\"type\":\"datetime\""), "not supported yet: bin it beforehand"},
    {ONE(",\"type\":\"date\""), "no \"minimum\""},
    {ONE(",\"type\":\"date\",\"format\":\"%d.%m.%Y\""), "can only be \"default\""},
    {ONE(",\"type\":\"date\",\"constraints\":{\"minimum\":0}"), "not a date"},
    {ONE(",\"type\":\"date\",\"constraints\":{\"minimum\":\"2021-02-29\"}"), "not a date"},
    {ONE(",\"type\":\"geojson\""), "is not supported"},
    {ONE(",\"type\":\"number\""), "no \"minimum\""},
    {ONE(",\"type\":\"number\",\"constraints\":{\"minimum\":0}"), "no \"maximum\""},
    {ONE(",\"type\":\"number\",\"constraints\":{\"minimum\":0,\"maximum\":1}"), "a number without \"bins\""},
    {ONE(",\"type\":\"number\",\"constraints\":{\"minimum\":1,\"maximum\":0}"), "not below"},
    {ONE(",\"type\":\"integer\",\"constraints\":{\"minimum\":0.5,\"maximum\":3}"), "not a whole number"},
    {ONE(",\"type\":\"integer\",\"constraints\":{\"minimum\":\"0\",\"maximum\":3}"), "\"minimum\" is not a number"},
    {ONE(",\"type\":\"integer\",\"constraints\":{\"minimum\":0,\"maximum\":65536}"), "\"bins\": 64"},
    {ONE(",\"constraints\":3"), "\"constraints\" is not an object"},
    {ONE(",\"constraints\":{\"required\":1},\"categories\":[\"x\"]"), "\"required\""},
    {ONE(",\"privet\":[]"), "\"privet\" is not an object"},
    {INTEGER(",\"privet\":{\"bin\":3}"), "unknown key 'bin'"},
    {INTEGER(",\"privet\":{\"bins\":0}"), "not from 1"},
    {INTEGER(",\"privet\":{\"bins\":65537}"), "not from 1"},
    {INTEGER(",\"privet\":{\"bins\":\"many\"}"), "neither a whole number"},
    {INTEGER(",\"privet\":{\"bins\":[0]}"), "list of 1 edges"},
    {INTEGER(",\"privet\":{\"bins\":[0,5,5,9]}"), "edge 3 is not above"},
    {INTEGER(",\"privet\":{\"bins\":[0,4.5,9]}"), "edge 2 is not a whole"},
    {INTEGER(",\"privet\":{\"bins\":[0,5]}"), "start the edges at the minimum"},
    {INTEGER(",\"privet\":{\"open\":true}"), "\"open\" is for strings"},
    {INTEGER(",\"privet\":{\"levels\":4}"), "\"levels\" belongs to"},
    {INTEGER(",\"privet\":{\"bounds\":\"private\",\"bins\":4}"), "remove one"},
    {INTEGER(",\"privet\":{\"bounds\":1}"), "\"bounds\" can only be"},
    {INTEGER(",\"privet\":{\"other\":\"x\"}"), "\"other\" belongs to"},
    {INTEGER(",\"privet\":{\"role\":\"boss\"}"), "unknown \"role\""},
    {ONE(",\"type\":\"integer\",\"privet\":{\"bounds\":\"private\"}"), "without \"bins\""},
    {ONE(",\"privet\":{\"open\":true,\"levels\":1}"), "from 2 to"},
    {ONE(",\"privet\":{\"open\":1}"), "neither true nor false"},
    {LABELS(",\"privet\":{\"open\":true}"), "both categories and"},
    {LABELS(",\"privet\":{\"other\":\"z\"}"), "add it"},
    {LABELS(",\"privet\":{\"bins\":3}"), "\"bins\" belongs to"},
    {ONE(",\"categories\":[]"), "at least one"},
    {ONE(",\"categories\":[\"x\",\"x\"]"), "'x' is listed twice"},
    {ONE(",\"categories\":[\"x\",null]"), "category 2 is neither"},
    {ONE(",\"categories\":[\"\"]"), "one of missingValues"},
    {"{\"missingValues\":[],\"fields\":[" SEX "]}", "missingValues"},
    {"{\"missingValues\":\"NA\",\"fields\":[" SEX "]}", "missingValues"},
    {"{\"missingValues\":[3],\"fields\":[" SEX "]}", "entry 1 is not a text"},
    {"{\"privet\":{\"units\":1},\"fields\":[" SEX "]}", "unknown key 'units'"},
    {"{\"privet\":[],\"fields\":[" SEX "]}", "privet: write an object"},
    {"{\"fields\":[{\"name\":\"a\",\"privet\":{\"role\":\"id\"}}]}", "every field is an id"},
    {"{\"fields\":[{\"name\":\"a\",\"privet\":{\"role\":\"id\",\"bins\":2}}]}", "never released"},
    {UNIT("3"), "write {\"column\""},
    {UNIT("{\"column\":\"p\"}"), "max_rows"},
    {UNIT("{\"column\":\"p\",\"max_rows\":0}"), "max_rows"},
    {UNIT("{\"max_rows\":1}"), "privet.unit.column"},
    {UNIT("{\"column\":\"p\",\"max_rows\":1,\"k\":1}"), "unknown key 'k'"},
    {ZEROS("3"), "\"when\" names no column"},
    {ZEROS("{\"when\":{\"sex\":[\"M\"]}}"), "\"never\" names no column"},
    {ZEROS("{\"when\":{\"sexx\":[\"M\"]},\"never\":{\"age\":[1]}}"), "no modelled field 'sexx'"},
    {ZEROS("{\"when\":{\"sex\":[\"X\"]},\"never\":{\"age\":[1]}}"), "not one of the column's categories"},
    {ZEROS("{\"when\":{\"sex\":{\"minimum\":1}},\"never\":{\"age\":[1]}}"), "a range on labels"},
    {ZEROS("{\"when\":{\"sex\":[]},\"never\":{\"age\":[1]}}"), "at least one entry"},
    {ZEROS("{\"when\":{\"sex\":[\"M\"]},\"never\":{\"age\":[10]}}"), "outside the column's range"},
    {ZEROS("{\"when\":{\"sex\":[\"M\"]},\"never\":{\"age\":{\"min\":1}}}"), "unknown key 'min'"},
    {ZEROS("{\"when\":{\"sex\":[\"M\"]},\"never\":{\"age\":{\"minimum\":10}}}"), "holds for no value"},
    {ZEROS("{\"when\":{\"sex\":[\"M\"]},\"never\":{\"age\":{\"minimum\":4,\"maximum\":3}}}"), "above the maximum"},
    {ZEROS("{\"when\":{\"sex\":[\"\"]},\"never\":{\"age\":[1]}}"), "the column is required"},
    {ZEROS("{\"when\":{\"age\":[1]},\"never\":{\"age\":[2]}}"), "contradict"},
    {ZEROS("{\"then\":{},\"when\":{\"age\":[1]},\"never\":{\"sex\":[\"M\"]}}"), "unknown key 'then'"},
};

Test(schema, malformed)
{
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        pv_schema *s = NULL;
        pv_error err = PV_ERROR_INIT;
        const pv_status status =
            pv_schema_parse(malformed[i].json, strlen(malformed[i].json),
                            "s.json", &s, &err);
        cr_expect_eq(status, PV_ESCHEMA, "%s: %s", malformed[i].json,
                     pv_status_text(status));
        cr_expect_null(s);
        cr_expect_not_null(strstr(err.message, malformed[i].says), "%s\n  %s",
                           malformed[i].json, err.message);
        cr_expect_not_null(strstr(err.message, "s.json"), "%s", err.message);
        pv_schema_free(s);
    }
}

Test(schema, every_truncation_is_refused_cleanly)
{
    const char *json = ZEROS("{\"when\":{\"wage\":{\"maximum\":3}},\"never\":"
                             "{\"sex\":[\"M\"]}}");
    for (size_t n = 0; n < strlen(json); n++) {
        pv_schema *s = NULL;
        cr_assert_neq(pv_schema_parse(json, n, "s", &s, NULL), PV_OK);
    }
}

Test(schema, control_characters_stay_off_the_terminal)
{
    const char *json = "{\"fields\":[{\"name\":\"a\\u001b[31m\"}]}";
    pv_schema *s = NULL;
    pv_error err = PV_ERROR_INIT;
    cr_expect_eq(pv_schema_parse(json, strlen(json), "s", &s, &err),
                 PV_ESCHEMA);
    cr_expect_null(strchr(err.message, '\033'));
}

Test(schema, real_schemas)
{
    static const struct {
        const char *file;
        size_t columns;
    } real[] = {{"adult/schema.json", 15},
                {"adult_raw/schema.json", 15},
                {"acs/schema.json", 23},
                {"national2019/schema.json", 24},
                {"titanic/schema.json", 9}};
    for (size_t i = 0; i < sizeof real / sizeof *real; i++) {
        char *path = shared_file(real[i].file);
        if (path == NULL)
            cr_skip_test("real schemas are absent");
        pv_schema *s = NULL;
        pv_error err = PV_ERROR_INIT;
        cr_expect_eq(pv_schema_read(path, &s, &err), PV_OK, "%s", err.message);
        if (s != NULL)
            cr_expect_eq(pv_schema_columns(s), real[i].columns);
        pv_schema_free(s);
        free(path);
    }
}
