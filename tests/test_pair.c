#include "audit/epsilon/pair.h"
#include "dp_fixture.h"
#include "io/load.h"
#include "io/rows.h"

#include <stdint.h>

static pv_error err;
static char *dir;
static pv_schema *schema;
static pv_pair pair;

static void set_up(void)
{
    dir = temporary_directory();
}

static void tear_down(void)
{
    pv_pair_clear(&pair);
    pv_schema_free(schema);
    remove_tree(dir);
}

TestSuite(pair, .init = set_up, .fini = tear_down);

static void must(pv_status status)
{
    cr_assert_eq(status, PV_OK, "%s", err.message);
}

/* A row as one number: codes are small here. */
static uint64_t row_key(const pv_table *table, size_t row)
{
    uint64_t key = 0;
    for (size_t c = 0; c < pv_schema_columns(pv_table_schema(table)); c++)
        key = key * 16 + pv_codes_at(pv_table_codes(table, c), row);
    return key;
}

static size_t count_of(const pv_table *table, uint64_t key)
{
    size_t n = 0;
    for (size_t i = 0; i < pv_table_rows(table); i++)
        n += row_key(table, i) == key;
    return n;
}

/* Rows of `a` that `b` has not, with their numbers. */
static size_t surplus(const pv_table *a, const pv_table *b)
{
    size_t n = 0;
    for (size_t i = 0; i < pv_table_rows(a); i++) {
        const uint64_t key = row_key(a, i);
        bool first = true;
        for (size_t k = 0; k < i; k++)
            first = first && row_key(a, k) != key;
        const size_t in_a = count_of(a, key), in_b = count_of(b, key);
        n += first && in_a > in_b ? in_a - in_b : 0;
    }
    return n;
}

static uint64_t target_key(void)
{
    uint64_t key = 0;
    for (size_t c = 0; c < pv_schema_columns(schema); c++)
        key = key * 16 + pair.target[c];
    return key;
}

/* The files say what the tables do, but for a person's rows beyond the limit. */
static void check_files(size_t dropped)
{
    for (size_t w = 0; w < 2; w++) {
        pv_table *read = NULL;
        const pv_load_options how = {.unit = pv_schema_unit(schema) != NULL};
        must(pv_load(pair.path[w], schema, &how, &read, NULL, &err));
        cr_expect_eq(surplus(pair.table[w], read), 0);
        cr_expect_eq(surplus(read, pair.table[w]), w == 1 ? dropped : 0);
        pv_table_free(read);
    }
}

static void check_pair(const pv_pair_terms *terms, const char *name,
                       size_t unit, size_t dropped)
{
    pv_pair_clear(&pair);
    must(pv_pair_worst(terms, name, &pair, &err));
    cr_expect_str_eq(pair.name, name);
    cr_expect_eq(surplus(pair.table[1], pair.table[0]), unit, "%s", name);
    cr_expect_eq(surplus(pair.table[0], pair.table[1]),
                 terms->replace ? unit : 0, "%s", name);
    cr_expect_eq(count_of(pair.table[1], target_key()),
                 count_of(pair.table[0], target_key()) + unit, "%s", name);
    check_files(dropped);
}

Test(pair, neighbours_differ_by_one_unit)
{
    static const char *const name[] = {"single", "mixed", "repeated",
                                       "boundary"};
    for (size_t columns = 1; columns <= 4; columns++)
        for (int replace = 0; replace < 2; replace++) {
            pv_schema_free(schema);
            must(pv_pair_schema(columns, 3, 0, &schema, &err));
            const pv_pair_terms terms = {.schema = schema, .made_up = true,
                                         .replace = replace != 0, .copies = 4,
                                         .dir = dir};
            for (size_t i = 0; i < 4; i++)
                check_pair(&terms, name[i], 1, 0);
        }
}

/* Persons of the tables are those of the files: others have one row each. */
Test(pair, persons_are_named)
{
    must(pv_pair_schema(3, 2, 5, &schema, &err));
    const pv_pair_terms terms = {.schema = schema, .made_up = true,
                                 .replace = true, .dir = dir};
    must(pv_pair_worst(&terms, "mixed", &pair, &err));
    for (size_t w = 0; w < 2; w++) {
        pv_table *read = NULL;
        must(pv_load(pair.path[w], schema, &(pv_load_options){.unit = true},
                     &read, NULL, &err));
        cr_expect_eq(pv_table_person_count(pair.table[w]), 4);
        cr_expect_eq(pv_table_person_count(read), 4);
        cr_assert_eq(pv_table_rows(read), 8);
        for (size_t i = 0; i < 8; i++)
            cr_expect_eq(pv_table_persons(pair.table[w])[i],
                         pv_table_persons(read)[i]);
        pv_table_free(read);
    }
}

Test(pair, persons_bring_all_their_rows)
{
    must(pv_pair_schema(3, 2, 5, &schema, &err));
    const pv_pair_terms terms = {.schema = schema, .made_up = true, .dir = dir};
    check_pair(&terms, "mixed", 5, 0);
    check_pair(&terms, "flood", 5, 10);
}

/* The target is unlike the first of the others everywhere, and values outside
 * are where the schema puts them. */
Test(pair, the_target_stands_out)
{
    must(pv_pair_schema(4, 2, 0, &schema, &err));
    const pv_pair_terms terms = {.schema = schema, .made_up = true, .dir = dir};
    must(pv_pair_worst(&terms, "mixed", &pair, &err));
    for (size_t c = 0; c < 4; c++)
        cr_expect_neq(pv_codes_at(pv_table_codes(pair.table[0], c), 0),
                      pair.target[c]);
    pv_pair_clear(&pair);
    must(pv_pair_worst(&terms, "boundary", &pair, &err));
    cr_expect_eq(pair.target[0], 1);
    cr_expect_eq(pair.target[3], 2, "the missing level");
    pv_load_report report;
    pv_table *read = NULL;
    must(pv_load(pair.path[1], schema, &(pv_load_options){0}, &read, &report,
                 &err));
    cr_expect_eq(report.clamped + report.to_missing, 2);
    pv_table_free(read);
}

Test(pair, names_go_with_the_schema)
{
    must(pv_pair_schema(2, 2, 0, &schema, &err));
    pv_pair_terms terms = {.schema = schema, .made_up = true, .dir = dir};
    cr_expect_str_eq(pv_pair_name(&terms, true, 0), "single");
    cr_expect_str_eq(pv_pair_name(&terms, false, 0), "mixed");
    cr_expect_null(pv_pair_name(&terms, true, 4));
    terms.replace = true;
    cr_expect_str_eq(pv_pair_name(&terms, false, 0), "single");
    terms.made_up = false;
    cr_expect_null(pv_pair_name(&terms, true, 3));
    cr_expect_eq(pv_pair_worst(&terms, "boundary", &pair, &err), PV_EUSAGE);
    cr_expect_eq(pv_pair_worst(&terms, "flood", &pair, &err), PV_EUSAGE);
    cr_expect_eq(pv_pair_worst(&terms, "none", &pair, &err), PV_EUSAGE);
}

/* A table of likes, and one who is like nobody. */
Test(pair, the_most_vulnerable_is_like_nobody)
{
    enum { rows = 40, odd = 23 };
    pv_table *real = NULL;
    size_t row = 0;
    const pv_key key = {{1}};
    must(pv_pair_schema(3, 4, 0, &schema, &err));
    must(pv_table_alloc(schema, rows, false, &real, &err));
    for (size_t i = 0; i < rows; i++)
        for (size_t c = 0; c < 3; c++) {
            const uint32_t code = i == odd ? 3 : (uint32_t)(i >> c & 1);
            pv_table_put(real, c, i, 1, &code);
        }
    must(pv_pair_vulnerable(real, &key, &row, &err));
    cr_expect_eq(row, odd);
    must(pv_pair_real(real, row, false, dir, &pair, &err));
    cr_expect_eq(surplus(pair.table[1], pair.table[0]), 1);
    cr_expect_eq(surplus(pair.table[0], pair.table[1]), 0);
    cr_expect_eq(count_of(pair.table[0], target_key()), 0);
    check_files(0);
    pv_pair_clear(&pair);
    must(pv_pair_real(real, row, true, dir, &pair, &err));
    cr_expect_eq(pv_table_rows(pair.table[0]), rows);
    cr_expect_eq(surplus(pair.table[0], pair.table[1]), 1);
    pv_table_free(real);
}
