#include "audit/attack/terms.h"

#include "tests/infer_fixture.h"

static pv_error err;

static pv_table *with_codes(const pv_schema *schema, size_t column,
                            const uint32_t *code, size_t rows)
{
    pv_table *table = NULL;
    cr_assert_eq(pv_table_alloc(schema, rows, false, &table, &err), PV_OK);
    pv_table_put(table, column, 0, rows, code);
    return table;
}

static void check_classes(const pv_secret *s, const uint32_t *class,
                          uint32_t codes, uint32_t levels)
{
    cr_assert_eq(s->levels, levels, "%u levels", s->levels);
    for (uint32_t c = 0; c < codes; c++)
        cr_assert_eq(s->class[c], class[c], "code %u: %u, not %u", c,
                     s->class[c], class[c]);
}

Test(secret, labels_and_few_numbers_are_their_own_classes)
{
    pv_schema *schema = schema_of(mixed_schema);
    pv_table *t = random_table(schema, 20, 1);
    pv_secret s;
    cr_assert_eq(pv_secret_make(t, 1, 2, &s, &err), PV_OK, "%s", err.message);
    check_classes(&s, (const uint32_t[]){0, 1, 2, 3, 4}, 5, 5);
    uint32_t class_of[20];
    pv_secret_classes(&s, t, class_of);
    for (size_t r = 0; r < 20; r++)
        cr_assert_eq(class_of[r], code_at(t, 1, r));
    pv_secret_clear(&s);
    cr_assert_null(s.class);
    cr_assert_eq(pv_secret_make(t, 3, 3, &s, &err), PV_OK);
    check_classes(&s, (const uint32_t[]){0, 1, 2, 3}, 4, 4);
    pv_secret_clear(&s);
    pv_table_free(t);
    pv_schema_free(schema);
}

Test(secret, numbers_are_cut_where_the_rows_are)
{
    pv_schema *schema = schema_of(mixed_schema);
    /* 12 codes; half of the rows have the first */
    const uint32_t code[] = {0, 0, 0, 0, 1, 2, 5, 11};
    pv_table *t = with_codes(schema, 0, code, 8);
    pv_secret s;
    cr_assert_eq(pv_secret_make(t, 0, 2, &s, &err), PV_OK);
    check_classes(&s, (const uint32_t[]){0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
                  12, 2);
    pv_secret_clear(&s);
    cr_assert_eq(pv_secret_make(t, 0, 4, &s, &err), PV_OK);
    check_classes(&s, (const uint32_t[]){0, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2},
                  12, 3);
    pv_secret_clear(&s);
    pv_table_free(t);
    pv_schema_free(schema);
}

Test(secret, classes_have_about_equal_shares_and_keep_the_order)
{
    pv_schema *schema = schema_of(
        "{\"fields\":[{\"name\":\"x\",\"type\":\"integer\",\"constraints\":"
        "{\"minimum\":0,\"maximum\":999}}]}");
    pv_table *t = random_table(schema, 20000, 3);
    pv_secret s;
    size_t count[11] = {0};
    cr_assert_eq(pv_secret_make(t, 0, 10, &s, &err), PV_OK);
    cr_assert_eq(s.levels, 11);
    cr_assert_eq(s.class[1000], 10);
    for (uint32_t c = 1; c < 1000; c++)
        cr_assert(s.class[c] == s.class[c - 1] ||
                  s.class[c] == s.class[c - 1] + 1);
    for (size_t r = 0; r < 20000; r++)
        count[s.class[code_at(t, 0, r)]]++;
    for (size_t i = 0; i < 10; i++)
        cr_assert(count[i] > 1800 && count[i] < 2200, "%zu", count[i]);
    pv_secret_clear(&s);
    pv_table_free(t);
    pv_schema_free(schema);
}

Test(secret, a_guide_that_tells_nothing)
{
    pv_schema *schema = schema_of(mixed_schema);
    const uint32_t last[] = {11, 11}, half[] = {0, 0, 0, 0, 0, 0,
                                                1, 1, 1, 1, 1, 1};
    pv_secret s;
    pv_table *t = with_codes(schema, 0, last, 0);
    cr_assert_eq(pv_secret_make(t, 0, 2, &s, &err), PV_OK);
    check_classes(&s, half, 12, 2);
    pv_secret_clear(&s);
    pv_table_free(t);
    t = with_codes(schema, 0, last, 2); /* all in one code */
    cr_assert_eq(pv_secret_make(t, 0, 2, &s, &err), PV_OK);
    cr_assert_geq(s.levels, 2);
    pv_secret_clear(&s);
    pv_table_free(t);
    pv_schema_free(schema);
}

Test(secret, too_few_and_too_many_classes)
{
    pv_schema *schema = schema_of(
        "{\"fields\":[{\"name\":\"one\",\"type\":\"integer\",\"constraints\":"
        "{\"required\":true,\"minimum\":5,\"maximum\":5}},"
        "{\"name\":\"many\",\"type\":\"integer\",\"constraints\":"
        "{\"required\":true,\"minimum\":1,\"maximum\":65}}]}");
    pv_table *t = random_table(schema, 500, 1);
    pv_secret s;
    cr_assert_eq(pv_secret_make(t, 0, 8, &s, &err), PV_EUSAGE);
    cr_assert_not_null(strstr(err.message, "one"));
    cr_assert_eq(pv_secret_make(t, 1, 65, &s, &err), PV_EUSAGE);
    cr_assert_not_null(strstr(err.message, "many"));
    cr_assert_not_null(strstr(err.message, "--secret-bins"));
    cr_assert_eq(pv_secret_make(t, 1, 1, &s, &err), PV_EUSAGE);
    cr_assert_not_null(strstr(err.message, "--secret-bins"));
    cr_assert_eq(pv_secret_make(t, 1, 64, &s, &err), PV_OK);
    cr_assert_leq(s.levels, 64);
    pv_secret_clear(&s);
    pv_table_free(t);
    pv_schema_free(schema);
}
