#include "marginals/clique.h"

#include <criterion/criterion.h>
#include <string.h>

static pv_schema *schema_of(const char *text)
{
    pv_schema *schema = NULL;
    pv_error err = PV_ERROR_INIT;
    const pv_status status =
        pv_schema_parse(text, strlen(text), "test", &schema, &err);
    cr_assert_eq(status, PV_OK, "%s", err.message);
    return schema;
}

static const char three[] =
    "{\"fields\":["
    "{\"name\":\"age\",\"type\":\"integer\",\"constraints\":"
    "{\"required\":true,\"minimum\":0,\"maximum\":9}},"
    "{\"name\":\"job\",\"type\":\"integer\",\"constraints\":"
    "{\"minimum\":1,\"maximum\":4}},"
    "{\"name\":\"wage\",\"type\":\"integer\",\"constraints\":"
    "{\"required\":true,\"minimum\":0,\"maximum\":1}}]}";

Test(clique, columns_come_back_in_order)
{
    const uint32_t in[] = {1023, 0, 63, 64, 500};
    const pv_clique c = pv_clique_of(in, 5);
    uint32_t out[6] = {7, 7, 7, 7, 7, 7};
    cr_assert_eq(pv_clique_columns(&c, out, 6), 5);
    const uint32_t sorted[] = {0, 63, 64, 500, 1023, 7};
    for (int i = 0; i < 6; i++)
        cr_assert_eq(out[i], sorted[i]);
    cr_assert_eq(pv_clique_count(&c), 5);
}

Test(clique, columns_write_no_more_than_the_room)
{
    const uint32_t in[] = {3, 5, 9};
    const pv_clique c = pv_clique_of(in, 3);
    uint32_t out[2] = {7, 7};
    cr_assert_eq(pv_clique_columns(&c, out, 1), 3);
    cr_assert_eq(out[0], 3);
    cr_assert_eq(out[1], 7);
    cr_assert_eq(pv_clique_columns(&c, NULL, 0), 3);
}

Test(clique, combinations)
{
    static const size_t expected[] = {1, 5, 10, 10, 5, 1};
    for (size_t k = 0; k <= 5; k++) {
        uint32_t column[5] = {0, 1, 2, 3, 4};
        size_t n = 1;
        while (pv_combination_next(column, k, 5))
            n++;
        cr_assert_eq(n, expected[k]);
        for (size_t i = 0; i < k; i++)
            cr_assert_eq(column[i], 5 - k + i);
    }
}

Test(clique, set_operations)
{
    const uint32_t a_in[] = {1, 2, 70}, b_in[] = {2, 70, 900};
    const pv_clique a = pv_clique_of(a_in, 3), b = pv_clique_of(b_in, 3);
    const pv_clique both = pv_clique_intersection(&a, &b);
    const pv_clique any = pv_clique_union(&a, &b);
    const pv_clique only = pv_clique_minus(&a, &b);
    cr_assert_eq(pv_clique_count(&both), 2);
    cr_assert_eq(pv_clique_count(&any), 4);
    cr_assert_eq(pv_clique_next(&only, 0), 1);
    cr_assert_eq(pv_clique_next(&only, 2), PV_MAX_COLUMNS);
    cr_assert(pv_clique_subset(&both, &a));
    cr_assert_not(pv_clique_subset(&a, &both));
    const pv_clique empty = pv_clique_empty();
    cr_assert(pv_clique_subset(&empty, &both));
    cr_assert_eq(pv_clique_columns(&empty, NULL, 0), 0);
}

Test(clique, cells_of_a_domain)
{
    pv_schema *schema = schema_of(three);
    pv_domain domain;
    pv_domain_of_schema(schema, &domain);
    cr_assert_eq(domain.columns, 3);
    cr_assert_eq(domain.levels[1], 5); /* 1..4 and missing */
    pv_clique c = pv_clique_empty();
    cr_assert_eq(pv_domain_cells(&domain, &c), 1);
    pv_clique_add(&c, 0);
    pv_clique_add(&c, 1);
    pv_clique_add(&c, 2);
    cr_assert_eq(pv_domain_cells(&domain, &c), 100);
    pv_schema_free(schema);
}

Test(clique, cells_that_do_not_fit)
{
    static pv_domain domain;
    domain.columns = 5;
    pv_clique c = pv_clique_empty();
    for (size_t i = 0; i < 5; i++) {
        domain.levels[i] = 65536;
        pv_clique_add(&c, i);
    }
    cr_assert_eq(pv_domain_cells(&domain, &c), SIZE_MAX);
    pv_clique_remove(&c, 4);
    cr_assert_eq(pv_domain_cells(&domain, &c), SIZE_MAX);
    pv_clique_remove(&c, 3);
    cr_assert_eq(pv_domain_cells(&domain, &c), (size_t)1 << 48);
    domain.levels[0] = 0; /* not yet known: nothing to count */
    cr_assert_eq(pv_domain_cells(&domain, &c), 0);
}

Test(clique, description_is_cut_to_size)
{
    pv_schema *schema = schema_of(three);
    const uint32_t in[] = {0, 1, 2};
    const pv_clique c = pv_clique_of(in, 3), empty = pv_clique_empty();
    char text[64];
    pv_clique_describe(&c, schema, text, sizeof text);
    cr_assert_str_eq(text, "age x job x wage");
    pv_clique_describe(&c, schema, text, sizeof "age x job x wage");
    cr_assert_str_eq(text, "age x job x wage");
    pv_clique_describe(&c, schema, text, 13);
    cr_assert_str_eq(text, "age x job...");
    pv_clique_describe(&c, schema, text, 2);
    cr_assert_lt(strlen(text), 2);
    pv_clique_describe(&empty, schema, text, sizeof text);
    cr_assert_str_eq(text, "");
    pv_schema_free(schema);
}
