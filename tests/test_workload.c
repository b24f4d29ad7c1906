#include "marginals/workload.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char text[] =
    "{\"fields\":["
    "{\"name\":\"a\",\"type\":\"integer\",\"constraints\":"
    "{\"required\":true,\"minimum\":0,\"maximum\":1}},"
    "{\"name\":\"b\",\"type\":\"integer\",\"constraints\":"
    "{\"required\":true,\"minimum\":0,\"maximum\":2}},"
    "{\"name\":\"c\",\"type\":\"integer\",\"constraints\":"
    "{\"required\":true,\"minimum\":0,\"maximum\":3}},"
    "{\"name\":\"d\",\"type\":\"integer\",\"constraints\":"
    "{\"required\":true,\"minimum\":0,\"maximum\":9}}]}";

static pv_schema *schema;
static pv_domain domain;
static pv_error err;

static void open_schema(void)
{
    cr_assert_eq(pv_schema_parse(text, strlen(text), "test", &schema, &err),
                 PV_OK);
    pv_domain_of_schema(schema, &domain);
}

static void close_schema(void)
{
    pv_schema_free(schema);
}

TestSuite(workload, .init = open_schema, .fini = close_schema);

/* Parses `json` as a workload file. */
static pv_status parse_file(const char *json, pv_workload *workload)
{
    char path[] = "/tmp/privet-workload-XXXXXX";
    const int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, json, strlen(json)), (int64_t)strlen(json));
    close(fd);
    const pv_status status = pv_workload_parse(path, schema, workload, &err);
    unlink(path);
    return status;
}

Test(workload, all_pairs_in_order)
{
    pv_workload w;
    cr_assert_eq(pv_workload_all(&domain, 2, 0, &w, &err), PV_OK);
    cr_assert_eq(w.count, 6);
    static const uint32_t pairs[6][2] = {{0, 1}, {0, 2}, {0, 3},
                                         {1, 2}, {1, 3}, {2, 3}};
    for (size_t i = 0; i < 6; i++) {
        const pv_clique c = pv_clique_of(pairs[i], 2);
        cr_assert(pv_clique_equal(&w.clique[i], &c));
        cr_assert_eq(w.weight[i], 1.0);
    }
    pv_workload_clear(&w);
    cr_assert_eq(w.count, 0);
}

Test(workload, every_order)
{
    static const size_t expected[] = {1, 4, 6, 4, 1, 0};
    for (size_t k = 0; k <= 5; k++) {
        pv_workload w;
        cr_assert_eq(pv_workload_all(&domain, k, 0, &w, &err), PV_OK);
        cr_assert_eq(w.count, expected[k]);
        for (size_t i = 0; i < w.count; i++)
            cr_assert_eq(pv_clique_count(&w.clique[i]), k);
        pv_workload_clear(&w);
    }
}

Test(workload, large_marginals_are_left_out)
{
    pv_workload w;
    cr_assert_eq(pv_workload_all(&domain, 2, 12, &w, &err), PV_OK);
    cr_assert_eq(w.count, 3); /* 6, 8 and 12 cells; not 20, 30, 40 */
    pv_workload_clear(&w);
}

Test(workload, parses_the_names)
{
    pv_workload w;
    cr_assert_eq(pv_workload_parse("all-3way", schema, &w, &err), PV_OK);
    cr_assert_eq(w.count, 4);
    pv_workload_clear(&w);
    cr_assert_eq(pv_workload_parse("all-5way", schema, &w, &err), PV_EUSAGE);
    cr_assert_eq(pv_workload_parse("all-0way", schema, &w, &err), PV_EUSAGE);
    cr_assert_eq(pv_workload_parse("no such file", schema, &w, &err),
                 PV_EUSAGE);
}

Test(workload, parses_a_file)
{
    pv_workload w;
    cr_assert_eq(parse_file("{\"marginals\": [[\"d\", \"a\"], {\"columns\": "
                            "[\"b\"], \"weight\": 2.5}]}",
                            &w),
                 PV_OK, "%s", err.message);
    cr_assert_eq(w.count, 2);
    cr_assert(pv_clique_has(&w.clique[0], 0));
    cr_assert(pv_clique_has(&w.clique[0], 3));
    cr_assert_eq(w.weight[0], 1.0);
    cr_assert_eq(pv_clique_count(&w.clique[1]), 1);
    cr_assert_eq(w.weight[1], 2.5);
    pv_workload_clear(&w);
}

Test(workload, refuses_what_it_cannot_read)
{
    static const char *const wrong[] = {
        "",
        "[]",
        "{}",
        "{\"marginals\": []}",
        "{\"marginals\": [[]]}",
        "{\"marginals\": [7]}",
        "{\"marginals\": [[7]]}",
        "{\"marginals\": [[\"a\", \"a\"]]}",
        "{\"marginals\": [{\"weight\": 1}]}",
        "{\"marginals\": [{\"columns\": [\"a\"], \"weight\": -1}]}",
        "{\"marginals\": [{\"columns\": [\"a\"], \"weight\": 0}]}",
        "{\"marginals\": [{\"columns\": [\"a\"], \"weight\": 1e300}]}",
        "{\"marginals\": [{\"columns\": [\"a\"], \"wieght\": 2}]}",
        "{\"marginals\": [{\"columns\": [\"a\"], \"weight\": \"2\"}]}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        pv_workload w;
        cr_assert_eq(parse_file(wrong[i], &w), PV_EFORMAT, "%s", wrong[i]);
        cr_assert_null(w.clique);
    }
}

Test(workload, names_the_entry_and_the_columns)
{
    pv_workload w;
    cr_assert_eq(parse_file("{\"marginals\": [[\"a\"], [\"x\"]]}", &w),
                 PV_EFORMAT);
    cr_assert_not_null(strstr(err.message, "marginals[1]"));
    cr_assert_not_null(strstr(err.message, "\"x\""));
    cr_assert_not_null(strstr(err.message, "a, b, c, d"));
}
