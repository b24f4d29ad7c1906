#include "tests/io_fixture.h"

#include <math.h>

static const char three_widths[] =
    "{\"fields\":[{\"name\":\"a\",\"categories\":[\"x\",\"y\"]},"
    "{\"name\":\"b\",\"type\":\"integer\",\"constraints\":{\"minimum\":0,"
    "\"maximum\":999}},"
    "{\"name\":\"c\",\"type\":\"integer\",\"constraints\":{\"minimum\":0,"
    "\"maximum\":65535}},"
    "{\"name\":\"d\",\"type\":\"number\",\"constraints\":{\"minimum\":0,"
    "\"maximum\":1},\"privet\":{\"bins\":4}}]}";

Test(table, widths_and_growth)
{
    pv_schema *s = schema_of(three_widths);
    pv_table *t = NULL;
    cr_assert_eq(pv_table_alloc(s, 0, true, &t, NULL), PV_OK);
    cr_expect_eq(pv_table_width(t, 0), 1);
    cr_expect_eq(pv_table_width(t, 1), 2);
    cr_expect_eq(pv_table_width(t, 2), 4);
    for (uint32_t row = 0; row < 3000; row++) {
        const uint32_t codes[] = {row % 3, row % 1001, row * 21 % 65537};
        const double v = row / 3000.0;
        cr_assert_eq(pv_table_resize(t, row + 1, NULL), PV_OK);
        cr_assert(isnan(pv_table_values(t, 3)[row]));
        for (size_t c = 0; c < 3; c++)
            pv_table_put(t, c, row, 1, &codes[c]);
        pv_table_put_values(t, 3, row, 1, &v);
    }
    cr_expect_eq(pv_table_rows(t), 3000);
    cr_expect_null(pv_table_values(t, 1));
    for (uint32_t row = 0; row < 3000; row++) {
        cr_assert_eq(pv_codes_at(pv_table_codes(t, 0), row), row % 3);
        cr_assert_eq(pv_codes_at(pv_table_codes(t, 1), row), row % 1001);
        cr_assert_eq(pv_codes_at(pv_table_codes(t, 2), row), row * 21 % 65537);
        cr_assert_eq(pv_table_values(t, 3)[row], row / 3000.0);
    }
    pv_table_free(t);
    pv_schema_free(s);
}

Test(table, shrinking_forgets)
{
    pv_schema *s = schema_of(three_widths);
    pv_table *t = NULL;
    const uint32_t two = 2;
    cr_assert_eq(pv_table_alloc(s, 4, false, &t, NULL), PV_OK);
    pv_table_put(t, 0, 3, 1, &two);
    cr_assert_eq(pv_table_resize(t, 2, NULL), PV_OK);
    cr_assert_eq(pv_table_resize(t, 4, NULL), PV_OK);
    cr_expect_eq(pv_codes_at(pv_table_codes(t, 0), 3), 0);
    pv_table_free(t);
    pv_schema_free(s);
}

Test(table, filter_keeps_order_and_persons)
{
    pv_schema *s = schema_of(three_widths);
    pv_table *t = NULL;
    const uint32_t a[] = {0, 1, 2, 1, 0}, b[] = {10, 11, 12, 13, 14};
    const double d[] = {0.1, 0.2, 0.3, 0.4, 0.5};
    uint32_t *persons = malloc(sizeof a);
    cr_assert_not_null(persons);
    memcpy(persons, a, sizeof a);
    cr_assert_eq(pv_table_alloc(s, 5, true, &t, NULL), PV_OK);
    pv_table_put(t, 0, 0, 5, a);
    pv_table_put(t, 1, 0, 5, b);
    pv_table_put_values(t, 3, 0, 5, d);
    pv_table_set_persons(t, persons, 3);
    pv_table_filter(t, (bool[]){false, true, false, true, true});
    cr_assert_eq(pv_table_rows(t), 3);
    cr_expect_eq(pv_codes_at(pv_table_codes(t, 1), 0), 11);
    cr_expect_eq(pv_codes_at(pv_table_codes(t, 1), 2), 14);
    cr_expect_eq(pv_codes_at(pv_table_codes(t, 0), 1), 1);
    cr_expect_eq(pv_table_values(t, 3)[1], 0.4);
    cr_expect_eq(pv_table_persons(t)[2], 0);
    cr_expect_eq(pv_table_person_count(t), 3);
    pv_table_free(t);
    pv_schema_free(s);
}

Test(table, private_levels_are_refused)
{
    pv_schema *s = schema_of("{\"fields\":[{\"name\":\"o\",\"privet\":"
                             "{\"open\":true}}]}");
    pv_table *t = NULL;
    pv_error err = PV_ERROR_INIT;
    cr_expect_eq(pv_table_alloc(s, 0, false, &t, &err), PV_ESCHEMA);
    cr_expect_not_null(strstr(err.message, "'o'"));
    pv_schema_free(s);
}

Test(table, too_many_rows_fail_cleanly)
{
    pv_schema *s = schema_of(three_widths);
    pv_table *t = NULL;
    cr_assert_eq(pv_table_alloc(s, 2, true, &t, NULL), PV_OK);
    cr_expect_eq(pv_table_resize(t, SIZE_MAX / 4, NULL), PV_ENOMEM);
    cr_expect_eq(pv_table_rows(t), 2);
    cr_expect_eq(pv_table_resize(t, 100, NULL), PV_OK);
    pv_table_free(t);
    pv_table_free(NULL);
    pv_schema_free(s);
}
