#include "audit/attack/match.h"

#include "tests/infer_fixture.h"

static pv_error err;

static uint32_t count_equal(const pv_people *rows, const pv_table *table,
                            size_t row, const uint32_t *column, size_t columns)
{
    uint32_t count = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const size_t r = rows->row != NULL ? rows->row[i] : i;
        bool equal = true;
        for (size_t j = 0; j < columns; j++)
            equal = equal && code_at(table, column[j], row) ==
                                 code_at(rows->table, column[j], r);
        count += equal;
    }
    return count;
}

static void check_sets(pv_schema *schema, const uint32_t (*set)[16],
                       const size_t *columns, size_t sets)
{
    pv_table *a = random_table(schema, 1500, 1);
    pv_table *b = random_table(schema, 90, 2);
    pv_table *t = random_table(schema, 2100, 3);
    uint32_t row[40], some[1100], count[1540];
    for (uint32_t i = 0; i < 40; i++)
        row[i] = 89 - 2 * i;
    for (uint32_t i = 0; i < 1100; i++)
        some[i] = 2 * i % 2100;
    const pv_people group[] = {{a, NULL, 1500}, {b, row, 40}};
    const pv_people asked[] = {{t, NULL, 2100}, {t, some, 1100}, {t, NULL, 0}};
    pv_match *match = NULL;
    size_t matched = 0;
    cr_assert_eq(pv_match_new(1540, &match, &err), PV_OK);
    for (size_t i = 0; i < sets * 3; i++) {
        const uint32_t *column = set[i / 3];
        const pv_people *rows = &asked[i % 3];
        pv_match_people(match, group, 2, column, columns[i / 3]);
        pv_match_count(match, rows, count);
        for (size_t p = 0; p < 1540; p += 7) {
            const pv_table *of = p < 1500 ? a : b;
            const size_t r = p < 1500 ? p : row[p - 1500];
            cr_assert_eq(count[p],
                         count_equal(rows, of, r, column, columns[i / 3]));
            matched += count[p] > 0;
        }
    }
    cr_assert_gt(matched, 100);
    pv_match_free(match);
    pv_table_free(a);
    pv_table_free(b);
    pv_table_free(t);
}

Test(match, by_all_rows)
{
    static const uint32_t set[][16] = {{0}, {1, 3}, {4, 0, 2}, {0, 1, 2, 3, 4}};
    static const size_t columns[] = {1, 2, 3, 5};
    pv_schema *schema = schema_of(mixed_schema);
    check_sets(schema, set, columns, 4);
    pv_schema_free(schema);
}

/* Five columns of 65,537 levels need 80 bits. */
Test(match, combinations_that_need_more_than_64_bits)
{
    static const uint32_t set[][16] = {{0, 1, 2, 3, 4, 5}, {5, 1, 4}, {6, 5}};
    static const size_t columns[] = {6, 3, 2};
    char text[2048] = "{\"fields\":[";
    for (int c = 0; c < 7; c++)
        sprintf(text + strlen(text),
                "%s{\"name\":\"c%d\",\"type\":\"integer\",\"constraints\":"
                "{\"minimum\":0,\"maximum\":%d}}",
                c > 0 ? "," : "", c, c < 5 ? 65535 : 3);
    strcat(text, "]}");
    pv_schema *schema = schema_of(text);
    check_sets(schema, set, columns, 3);
    pv_schema_free(schema);
}

Test(match, nobody)
{
    static const uint32_t column[] = {0, 1};
    pv_schema *schema = schema_of(mixed_schema);
    pv_table *t = random_table(schema, 10, 1);
    const pv_people none = {t, NULL, 0}, all = {t, NULL, 10};
    pv_match *match = NULL;
    cr_assert_eq(pv_match_new(0, &match, &err), PV_OK);
    pv_match_people(match, &none, 1, column, 2);
    pv_match_count(match, &all, NULL);
    pv_match_free(match);
    pv_table_free(t);
    pv_schema_free(schema);
}
