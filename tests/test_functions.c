/* Columns that follow from others: schemas, zeros, workloads, tables. */
#include "io_fixture.h"
#include "io/numbers.h"
#include "marginals/workload.h"

static const char fields[] =
    "{\"fields\":["
    "{\"name\":\"edu\",\"type\":\"string\",\"categories\":"
    "[\"school\",\"college\",\"phd\"]},"
    "{\"name\":\"years\",\"type\":\"integer\",\"constraints\":"
    "{\"minimum\":1,\"maximum\":20}},"
    "{\"name\":\"level\",\"type\":\"string\",\"categories\":[\"low\",\"high\"],"
    "\"constraints\":{\"required\":true}},"
    "{\"name\":\"pay\",\"type\":\"number\",\"constraints\":"
    "{\"required\":true,\"minimum\":0,\"maximum\":100},\"privet\":{\"bins\":4}},"
    "{\"name\":\"sex\",\"type\":\"string\",\"categories\":[\"f\",\"m\"],"
    "\"constraints\":{\"required\":true}}],";

static const char years[] =
    "{\"of\":\"edu\",\"gives\":\"years\",\"map\":"
    "{\"school\":9,\"college\":\"13\",\"phd\":16}}";
static const char level[] =
    "{\"of\":\"years\",\"gives\":\"level\",\"map\":{"
    "\"1\":\"low\",\"2\":\"low\",\"3\":\"low\",\"4\":\"low\",\"5\":\"low\","
    "\"6\":\"low\",\"7\":\"low\",\"8\":\"low\",\"9\":\"low\",\"10\":\"low\","
    "\"11\":\"low\",\"12\":\"low\",\"13\":\"high\",\"14\":\"high\","
    "\"15\":\"high\",\"16\":\"high\",\"17\":\"high\",\"18\":\"high\","
    "\"19\":\"high\",\"20\":\"high\",\"\":\"low\"}}";

static pv_status parse(pv_schema **schema, const char *functions,
                       const char *zeros, pv_error *err)
{
    char *text = pv_sprintf_alloc("%s\"privet\":{\"functions\":[%s]%s%s}}",
                                  fields, functions,
                                  zeros != NULL ? ",\"zeros\":" : "",
                                  zeros != NULL ? zeros : "");
    cr_assert_not_null(text);
    *schema = NULL;
    const pv_status status =
        pv_schema_parse(text, strlen(text), "s.json", schema, err);
    free(text);
    return status;
}

static pv_schema *good(const char *functions, const char *zeros)
{
    pv_schema *s = NULL;
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(parse(&s, functions, zeros, &err), PV_OK, "%s", err.message);
    return s;
}

static void bad(const char *functions, const char *part)
{
    pv_schema *s = NULL;
    pv_error err = PV_ERROR_INIT;
    cr_expect_eq(parse(&s, functions, NULL, &err), PV_ESCHEMA, "%s",
                 functions);
    cr_expect_not_null(strstr(err.message, part), "no \"%s\" in: %s", part,
                       err.message);
    pv_schema_free(s);
}

Test(functions, a_map_and_its_missing_level)
{
    pv_schema *s = good(years, NULL);
    cr_assert_eq(pv_schema_functions(s), 1);
    cr_expect_eq(pv_schema_root(s, 0), 0);
    cr_expect_eq(pv_schema_root(s, 1), 0);
    cr_expect_eq(pv_schema_root(s, 4), 4);
    cr_expect_null(pv_schema_map(s, 0));
    const uint32_t *map = pv_schema_map(s, 1);
    cr_assert_not_null(map);
    cr_expect_eq(map[0], 8);  /* 9 */
    cr_expect_eq(map[1], 12); /* 13 */
    cr_expect_eq(map[2], 15);
    cr_expect_eq(map[3], 20); /* missing */
    pv_domain whole, model;
    pv_domain_of_schema(s, &whole);
    pv_domain_of_model(s, &model);
    cr_expect_eq(whole.levels[1], 21);
    cr_expect_eq(model.levels[1], 1);
    cr_expect_eq(model.levels[0], 4);
    pv_schema_free(s);
}

Test(functions, without_any_nothing_changes)
{
    pv_schema *s = good("", "[{\"when\":{\"edu\":[\"phd\"]},\"never\":"
                            "{\"level\":[\"low\"]}}]");
    cr_expect_eq(pv_schema_functions(s), 0);
    cr_expect_eq(pv_schema_root(s, 1), 1);
    cr_expect_null(pv_schema_map(s, 1));
    cr_expect_eq(pv_schema_model_zeros(s), 1);
    cr_expect_eq(pv_schema_model_zero(s, 0)->mask, pv_schema_zero(s, 0)->mask);
    pv_schema_free(s);
}

Test(functions, chains_are_composed_in_either_order)
{
    for (int order = 0; order < 2; order++) {
        char *both = order == 0 ? pv_sprintf_alloc("%s,%s", years, level)
                                : pv_sprintf_alloc("%s,%s", level, years);
        pv_schema *s = good(both, NULL);
        cr_expect_eq(pv_schema_root(s, 2), 0);
        const uint32_t *map = pv_schema_map(s, 2);
        cr_assert_not_null(map);
        cr_expect_eq(map[0], 0);
        cr_expect_eq(map[1], 1);
        cr_expect_eq(map[2], 1);
        cr_expect_eq(map[3], 0); /* missing years: "low", as written */
        pv_schema_free(s);
        free(both);
    }
}

Test(functions, targets_with_bins_take_a_number_inside)
{
    pv_schema *s = good("{\"of\":\"sex\",\"gives\":\"pay\",\"map\":"
                        "{\"f\":100,\"m\":30.5}}",
                        "[{\"when\":{\"pay\":{\"minimum\":28}},\"never\":"
                        "{\"edu\":[\"phd\"]}}]");
    const uint32_t *map = pv_schema_map(s, 3);
    /* the rule's limit is an edge: 0 25 28 50 75 100 */
    cr_expect_eq(map[0], 4);
    cr_expect_eq(map[1], 2);
    /* and synthetic rows have that number, not another of its bin */
    pv_table *t = NULL;
    pv_error err = PV_ERROR_INIT;
    const pv_key key = {{1}};
    static const uint32_t sex[] = {1, 0, 1};
    cr_assert_eq(pv_table_alloc(s, 3, true, &t, &err), PV_OK);
    pv_table_put(t, 4, 0, 3, sex);
    cr_assert_eq(pv_table_determine(t, &err), PV_OK);
    cr_assert_eq(pv_numbers_fill(t, &key, &err), PV_OK);
    const double *pay = pv_table_values(t, 3);
    cr_expect(pay[0] == 30.5 && pay[1] == 100 && pay[2] == 30.5);
    cr_expect_null(pv_schema_map_numbers(s, 0));
    pv_table_free(t);
    pv_schema_free(s);
}

Test(functions, zeros_are_rewritten_over_the_root)
{
    /* years 1..12 with "m": over edu that is school with "m" */
    pv_schema *s = good(years, "[{\"when\":{\"years\":{\"maximum\":12}},"
                               "\"never\":{\"sex\":[\"m\"]}},"
                               "{\"when\":{\"edu\":[\"school\",\"phd\"]},"
                               "\"never\":{\"years\":{\"minimum\":10}}},"
                               "{\"when\":{\"edu\":[\"school\"]},"
                               "\"never\":{\"years\":{\"minimum\":10}}}]");
    cr_assert_eq(pv_schema_zeros(s), 3);
    cr_expect_eq(pv_schema_zero(s, 0)->column[0], 1, "as written");
    /* the third: the function sees to it */
    cr_assert_eq(pv_schema_model_zeros(s), 2);
    const pv_zero *z = pv_schema_model_zero(s, 0);
    cr_assert_eq(z->columns, 2);
    cr_expect_eq(z->column[0], 0);
    cr_expect_eq(z->column[1], 4);
    static const bool school[] = {true, false, false, false};
    cr_expect_arr_eq(z->mask[0], school, sizeof school);
    cr_expect(!z->mask[1][0] && z->mask[1][1]);
    /* edu in school or phd, and years of 10 or more: phd cannot be */
    z = pv_schema_model_zero(s, 1);
    cr_assert_eq(z->columns, 1);
    cr_expect_eq(z->column[0], 0);
    static const bool phd[] = {false, false, true, false};
    cr_expect_arr_eq(z->mask[0], phd, sizeof phd);
    pv_schema_free(s);
}

Test(functions, mistakes_are_named)
{
    bad("{\"of\":\"edu\",\"gives\":\"years\",\"map\":{\"school\":9,"
        "\"phd\":16}}",
        "nothing for level 'college' of 'edu'; write \"college\": VALUE");
    bad("{\"of\":\"edu\",\"gives\":\"years\",\"map\":{\"school\":9,"
        "\"college\":21,\"phd\":16}}",
        "the value for 'college' is not a level of 'years'");
    bad("{\"of\":\"edu\",\"gives\":\"years\",\"map\":{\"school\":9.5}}",
        "not a level");
    bad("{\"of\":\"edu\",\"gives\":\"years\",\"map\":{\"kinder\":9}}",
        "'kinder' is not a level of 'edu'");
    bad("{\"of\":\"edu\",\"gives\":\"sex\",\"map\":{\"school\":\"f\","
        "\"college\":\"f\",\"phd\":\"f\"}}",
        "where 'edu' is missing, and 'sex' is required; write \"\": VALUE");
    bad("{\"of\":\"edu\",\"gives\":\"nobody\",\"map\":{}}",
        "no modelled field 'nobody'");
    bad("{\"of\":\"pay\",\"gives\":\"sex\",\"map\":{}}", "'pay' has bins");
    bad("{\"of\":\"edu\",\"gives\":\"years\"}", "no \"map\"");
    bad("{\"of\":\"edu\",\"give\":\"years\",\"map\":{}}", "unknown key 'give'");
    bad("{\"of\":\"sex\",\"gives\":\"level\",\"map\":{\"f\":\"low\","
        "\"m\":\"high\"}},"
        "{\"of\":\"sex\",\"gives\":\"level\",\"map\":{\"f\":\"low\","
        "\"m\":\"high\"}}",
        "given by function 1 already");
    bad("{\"of\":\"sex\",\"gives\":\"sex\",\"map\":{\"f\":\"f\",\"m\":\"m\"}}",
        "circle");
    bad("{\"of\":\"sex\",\"gives\":\"level\",\"map\":{\"f\":\"low\","
        "\"m\":\"high\"}},"
        "{\"of\":\"level\",\"gives\":\"sex\",\"map\":{\"low\":\"f\","
        "\"high\":\"m\"}}",
        "circle");
    bad("{\"of\":\"years\",\"gives\":\"sex\",\"map\":{\"3\":\"f\","
        "\"3.0\":\"m\"}}",
        "has already");
    bad("1", "no \"of\"");
}

Test(functions, workloads_go_to_the_root)
{
    pv_schema *s = good(years, NULL);
    pv_workload w;
    pv_error err = PV_ERROR_INIT;
    static const char json[] =
        "{\"marginals\":[[\"sex\",\"years\"],[\"years\"],"
        "{\"columns\":[\"edu\",\"sex\"],\"weight\":3},"
        "[\"edu\",\"years\"],[\"edu\",\"pay\"]]}";
    char *path = file_with(json, strlen(json), ".json");
    cr_assert_eq(pv_workload_parse(path, s, &w, &err), PV_OK, "%s",
                 err.message);
    /* edu x sex (1 + 3), edu (1 + 1), edu x pay */
    cr_assert_eq(w.count, 3);
    cr_expect_eq(w.weight[0], 4);
    cr_expect(pv_clique_has(&w.clique[0], 0) && pv_clique_has(&w.clique[0], 4));
    cr_expect_eq(w.weight[1], 2);
    cr_expect_eq(pv_clique_count(&w.clique[1]), 1);
    cr_expect_eq(w.weight[2], 1);
    for (size_t i = 0; i < w.count; i++)
        cr_expect_eq(pv_clique_modelled(&w.clique[i], s, &err), PV_OK);
    pv_workload_clear(&w);
    cr_assert_eq(pv_workload_parse("all-2way", s, &w, &err), PV_OK);
    cr_expect_eq(w.count, 6, "pairs of four columns that are left");
    pv_workload_clear(&w);
    remove_file(path);
    pv_schema_free(s);
}

Test(functions, what_is_determined_is_not_asked)
{
    pv_schema *s = good(years, NULL);
    pv_error err = PV_ERROR_INIT;
    static const uint32_t column[] = {1, 4};
    const pv_clique c = pv_clique_of(column, 2);
    cr_expect_eq(pv_clique_modelled(&c, s, &err), PV_EINVAL);
    cr_expect_not_null(strstr(err.message, "\"years\" follows from \"edu\""),
                       "%s", err.message);
    pv_schema_free(s);
}

Test(functions, tables_are_completed)
{
    enum { rows = 10000 };
    char *both = pv_sprintf_alloc("%s,%s", level, years);
    pv_schema *s = good(both, NULL);
    pv_table *t = NULL;
    pv_error err = PV_ERROR_INIT;
    uint32_t *codes = pv_array_alloc(rows, sizeof *codes);
    cr_assert_eq(pv_table_alloc(s, rows, true, &t, &err), PV_OK);
    for (uint32_t r = 0; r < rows; r++)
        codes[r] = r % 4;
    pv_table_put(t, 0, 0, rows, codes);
    cr_assert_eq(pv_table_determine(t, &err), PV_OK);
    static const uint32_t of_years[] = {8, 12, 15, 20}, of_level[] = {0, 1, 1, 0};
    for (size_t r = 0; r < rows; r++) {
        cr_assert_eq(pv_codes_at(pv_table_codes(t, 1), r), of_years[r % 4]);
        cr_assert_eq(pv_codes_at(pv_table_codes(t, 2), r), of_level[r % 4]);
        cr_assert_eq(pv_codes_at(pv_table_codes(t, 4), r), 0);
    }
    pv_table_free(t);
    free(codes);
    free(both);
    pv_schema_free(s);
}
