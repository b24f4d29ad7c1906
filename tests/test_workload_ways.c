/* Workloads as users ask for them: degree, target, cells, weights, width. */
#include "io_fixture.h"
#include "marginals/workload.h"

#include <time.h>

/* `columns` columns c0, c1, ... of two levels; c1 has a single one when `flat`
 * is true, and c2 of four. */
static pv_schema *wide(size_t columns, bool flat)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    cr_assert_not_null(out);
    fprintf(out, "{\"fields\":[");
    for (size_t i = 0; i < columns; i++)
        fprintf(out,
                "%s{\"name\":\"c%zu\",\"type\":\"integer\",\"constraints\":"
                "{\"required\":true,\"minimum\":0,\"maximum\":%d}}",
                i > 0 ? "," : "", i, flat && i == 1 ? 0 : i == 2 ? 3 : 1);
    fprintf(out, "]}");
    fclose(out);
    pv_schema *schema = schema_of(text);
    free(text);
    return schema;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static pv_status make(pv_workload_spec spec, const pv_schema *s,
                      pv_workload *w, pv_error *err)
{
    return pv_workload_make(&spec, s, w, err);
}

static pv_status from_file(const char *json, size_t max_cells,
                           const pv_schema *s, pv_workload *w, pv_error *err)
{
    char *path = file_with(json, strlen(json), ".json");
    const pv_status status = make(
        (pv_workload_spec){.source = path, .max_cells = max_cells}, s, w, err);
    remove_file(path);
    return status;
}

Test(workload_ways, degree_and_target)
{
    pv_schema *s = wide(6, false);
    pv_workload w;
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(make((pv_workload_spec){0}, s, &w, &err), PV_OK);
    cr_expect_eq(w.count, 20, "three of six by default");
    pv_workload_clear(&w);
    cr_assert_eq(make((pv_workload_spec){.degree = 2}, s, &w, &err), PV_OK);
    cr_expect_eq(w.count, 15);
    pv_workload_clear(&w);
    cr_assert_eq(make((pv_workload_spec){.target = "c4"}, s, &w, &err), PV_OK);
    cr_expect_eq(w.count, 10);
    for (size_t i = 0; i < w.count; i++) {
        cr_expect(pv_clique_has(&w.clique[i], 4));
        cr_expect_eq(pv_clique_count(&w.clique[i]), 3);
        for (size_t j = 0; j < i; j++)
            cr_expect(!pv_clique_equal(&w.clique[i], &w.clique[j]));
    }
    pv_workload_clear(&w);
    cr_assert_eq(make((pv_workload_spec){.target = "c4", .degree = 1}, s, &w,
                      &err),
                 PV_OK);
    cr_assert_eq(w.count, 1);
    cr_expect_eq(pv_clique_count(&w.clique[0]), 1);
    pv_workload_clear(&w);
    cr_assert_eq(make((pv_workload_spec){.source = "all-2way",
                                         .target = "c2",
                                         .max_cells = 7},
                      s, &w, &err),
                 PV_EUSAGE);
    cr_expect_not_null(strstr(err.message, "--max-cells"), "%s", err.message);
    cr_assert_eq(make((pv_workload_spec){.degree = 2, .max_cells = 7}, s, &w,
                      &err),
                 PV_OK);
    cr_expect_eq(w.count, 10, "pairs with c2 have 8 cells");
    pv_workload_clear(&w);
    pv_schema_free(s);
}

Test(workload_ways, contradictions)
{
    pv_schema *s = wide(4, true);
    pv_workload w;
    pv_error err = PV_ERROR_INIT;
    cr_expect_eq(make((pv_workload_spec){.source = "all-2way", .degree = 3}, s,
                      &w, &err),
                 PV_EUSAGE);
    cr_expect_eq(make((pv_workload_spec){.degree = 5}, s, &w, &err), PV_EUSAGE);
    cr_expect_eq(make((pv_workload_spec){.target = "age"}, s, &w, &err),
                 PV_EUSAGE);
    cr_expect_not_null(strstr(err.message, "c0, c1, c2, c3"), "%s",
                       err.message);
    cr_expect_eq(make((pv_workload_spec){.target = "c1"}, s, &w, &err),
                 PV_EUSAGE);
    cr_expect_not_null(strstr(err.message, "single level"), "%s", err.message);
    cr_expect_eq(make((pv_workload_spec){.source = "/dev/null", .degree = 2},
                      s, &w, &err),
                 PV_EUSAGE);
    pv_schema_free(s);
}

Test(workload_ways, narrow_tables_have_what_there_is)
{
    pv_error err = PV_ERROR_INIT;
    pv_workload w;
    pv_schema *two = wide(2, false), *one = wide(1, false);
    pv_schema *flat = schema_of(
        "{\"fields\":[{\"name\":\"x\",\"type\":\"string\",\"categories\":"
        "[\"only\"],\"constraints\":{\"required\":true}}]}");
    cr_assert_eq(make((pv_workload_spec){0}, two, &w, &err), PV_OK);
    cr_expect_eq(w.count, 1);
    cr_expect_eq(pv_clique_count(&w.clique[0]), 2);
    pv_workload_clear(&w);
    cr_assert_eq(make((pv_workload_spec){0}, one, &w, &err), PV_OK);
    cr_expect_eq(w.count, 1);
    pv_workload_clear(&w);
    cr_assert_eq(make((pv_workload_spec){0}, flat, &w, &err), PV_OK);
    cr_assert_eq(w.count, 1);
    cr_expect_eq(pv_clique_count(&w.clique[0]), 1);
    pv_workload_clear(&w);
    pv_schema_free(two);
    pv_schema_free(one);
    pv_schema_free(flat);
}

Test(workload_ways, files_may_say_degree_target_cells_and_weights)
{
    pv_schema *s = wide(5, false);
    pv_workload w;
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(from_file("{\"degree\": 2, \"weights\": {\"c0\": 2, "
                           "\"c1\": 0.5}}",
                           0, s, &w, &err),
                 PV_OK, "%s", err.message);
    cr_assert_eq(w.count, 10);
    cr_expect_eq(w.weight[0], 1.0); /* c0 x c1 */
    cr_expect_eq(w.weight[1], 2.0); /* c0 x c2 */
    cr_expect_eq(w.weight[4], 0.5); /* c1 x c2 */
    cr_expect_eq(w.weight[9], 1.0); /* c3 x c4 */
    pv_workload_clear(&w);
    /* a list and all that include a target: together, weights added */
    cr_assert_eq(from_file("{\"marginals\": [[\"c3\"], {\"columns\": [\"c0\", "
                           "\"c3\"], \"weight\": 4}], \"target\": \"c3\", "
                           "\"degree\": 2}",
                           0, s, &w, &err),
                 PV_OK, "%s", err.message);
    cr_assert_eq(w.count, 5);
    cr_expect_eq(w.weight[0], 1.0);
    cr_expect_eq(w.weight[1], 5.0);
    pv_workload_clear(&w);
    cr_assert_eq(from_file("{\"degree\": 2, \"max_cells\": 4}", 0, s, &w, &err),
                 PV_OK);
    cr_expect_eq(w.count, 6);
    pv_workload_clear(&w);
    cr_assert_eq(from_file("{\"degree\": 2, \"max_cells\": 100}", 4, s, &w,
                           &err),
                 PV_OK);
    cr_expect_eq(w.count, 6, "the smaller limit holds");
    pv_workload_clear(&w);
    pv_schema_free(s);
}

Test(workload_ways, files_with_mistakes)
{
    static const char *const wrong[][2] = {
        {"{\"degree\": 0}", "degree"},
        {"{\"degree\": \"2\"}", "degree"},
        {"{\"degree\": 9}", "only 5"},
        {"{\"target\": \"x\"}", "c0, c1"},
        {"{\"target\": 1}", "target"},
        {"{\"degree\": 2, \"max_cells\": 1}", "max_cells"},
        {"{\"degree\": 2, \"weights\": {\"x\": 1}}", "c0, c1"},
        {"{\"degree\": 2, \"weights\": {\"c0\": 0}}", "weight of c0"},
        {"{\"degree\": 2, \"weights\": [1]}", "weights"},
        {"{\"degree\": 2, \"wieghts\": {}}", "wieghts"},
        {"{\"max_cells\": 4}", "no workload"},
    };
    pv_schema *s = wide(5, false);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        pv_workload w;
        pv_error err = PV_ERROR_INIT;
        const pv_status status = from_file(wrong[i][0], 0, s, &w, &err);
        cr_expect(status == PV_EFORMAT || status == PV_EUSAGE, "%s",
                  wrong[i][0]);
        cr_expect_not_null(strstr(err.message, wrong[i][1]), "%s: %s",
                           wrong[i][0], err.message);
        cr_expect_null(w.clique);
    }
    pv_schema_free(s);
}

Test(workload_ways, equal_cliques_of_a_long_list_are_merged)
{
    enum { entries = 5000 };
    pv_schema *s = wide(100, false);
    char *text = NULL;
    size_t size = 0;
    pv_workload w;
    pv_error err = PV_ERROR_INIT;
    FILE *out = open_memstream(&text, &size);
    cr_assert_not_null(out);
    fprintf(out, "{\"marginals\":[");
    for (size_t i = 0; i < entries; i++) /* each of 50 pairs a hundred times */
        fprintf(out, "%s[\"c%zu\",\"c%zu\"]", i > 0 ? "," : "", i % 50,
                50 + i % 50);
    fprintf(out, "]}");
    fclose(out);
    cr_assert_eq(from_file(text, 0, s, &w, &err), PV_OK, "%s", err.message);
    cr_assert_eq(w.count, 50);
    for (size_t i = 0; i < 50; i++) {
        cr_expect_eq(w.weight[i], 100.0);
        cr_expect(pv_clique_has(&w.clique[i], i));
    }
    pv_workload_clear(&w);
    free(text);
    pv_schema_free(s);
}

Test(workload_ways, wide_tables)
{
    pv_schema *hundred = wide(100, false), *widest = wide(1024, false);
    pv_workload w;
    pv_error err = PV_ERROR_INIT;
    const double start = seconds();
    cr_assert_eq(make((pv_workload_spec){.max_cells = 1000}, hundred, &w, &err),
                 PV_OK);
    const double took = seconds() - start;
    cr_expect_eq(w.count, 161700);
    cr_expect_lt(took, 1.0, "%g s", took);
    pv_workload_clear(&w);
    cr_assert_eq(make((pv_workload_spec){0}, widest, &w, &err), PV_ETOOBIG);
    cr_expect_not_null(strstr(err.message, "178433024"), "%s", err.message);
    cr_expect_not_null(strstr(err.message, "--degree 2"), "%s", err.message);
    cr_assert_eq(make((pv_workload_spec){.target = "c7"}, widest, &w, &err),
                 PV_OK);
    cr_expect_eq(w.count, 522753); /* 1023 * 1022 / 2 */
    pv_workload_clear(&w);
    pv_schema_free(hundred);
    pv_schema_free(widest);
}
