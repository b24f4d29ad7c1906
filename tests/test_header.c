/* Which columns a file has, and the schema of those. */
#include "io_fixture.h"

#include "io/hdf5.h"
#include "io/header.h"
#include "io/load.h"

static const char json[] =
    "{\"missingValues\":[\"\",\"NA\"],\"fields\":["
    "{\"name\":\"key\",\"privet\":{\"role\":\"id\"}},"
    "{\"name\":\"a\",\"categories\":[\"x\",\"y\"]},"
    "{\"name\":\"b\",\"type\":\"integer\",\"constraints\":{\"minimum\":0,"
    "\"maximum\":9}},"
    "{\"name\":\"c\",\"categories\":[\"u\",\"v\"]}],"
    "\"privet\":{\"zeros\":[{\"when\":{\"a\":[\"x\"]},\"never\":{\"b\":[3],"
    "\"c\":[\"u\"]}},{\"when\":{\"b\":[1]},\"never\":{\"c\":[\"v\"]}}],"
    "\"functions\":[{\"of\":\"c\",\"gives\":\"a\",\"map\":{\"u\":\"y\","
    "\"v\":\"x\"}}]}}";

static pv_status read_header(const char *text, const char *suffix,
                             pv_schema *schema, pv_header *h, pv_error *err)
{
    char *path = file_with(text, strlen(text), suffix);
    const pv_status status = pv_header_read(path, schema, h, err);
    remove_file(path);
    return status;
}

Test(header, says_what_is_there_what_is_not_and_what_else)
{
    pv_schema *s = schema_of(json);
    pv_header h;
    cr_assert_eq(read_header("c,more,key,a,\"an\nother\"\n1,2,3,4,5\n\"open",
                             ".csv", s, &h, NULL),
                 PV_OK);
    cr_expect(h.present[0]);
    cr_expect_not(h.present[1]);
    cr_expect(h.present[2]);
    cr_assert_eq(h.absent, 1);
    cr_assert_eq(h.extras, 2);
    cr_expect_str_eq(h.extra[0], "more");
    cr_expect_str_eq(h.extra[1], "an\nother");
    pv_header_clear(&h);
    pv_schema_free(s);
}

Test(header, of_a_column_that_stands_twice_or_a_file_of_one_line)
{
    pv_schema *s = schema_of(json);
    pv_header h;
    cr_assert_eq(read_header("a;a;b", ".csv", s, &h, NULL), PV_OK);
    cr_expect_eq(h.absent, 1);
    cr_expect_eq(h.extras, 0);
    pv_header_clear(&h);
    pv_schema_free(s);
}

Test(header, of_what_is_no_table)
{
    static const struct {
        const char *text;
        pv_status status;
    } rule[] = {{"", PV_EFORMAT}, {"\"a", PV_EFORMAT}};
    pv_schema *s = schema_of(json);
    pv_error err = PV_ERROR_INIT;
    pv_header h;
    for (size_t i = 0; i < sizeof rule / sizeof *rule; i++) {
        cr_expect_eq(read_header(rule[i].text, ".csv", s, &h, &err),
                     rule[i].status, "case %zu", i);
        pv_header_clear(&h);
    }
    cr_expect_eq(pv_header_read("/nowhere/at/all.csv", s, &h, &err), PV_EIO);
    pv_header_clear(&h);
    pv_schema_free(s);
}

Test(header, of_the_native_layout)
{
    static const char rows[] = "a,b,c\nx,1,v\n";
    static const bool keep[] = {true, true, false};
    pv_schema *s = schema_of(json), *part = NULL;
    pv_table *table = NULL;
    pv_header h;
    char *csv = file_with(rows, strlen(rows), ".csv");
    char *path = temporary_path(".h5");
    cr_assert_eq(pv_schema_part(s, keep, &part, NULL), PV_OK);
    const pv_load_options how = {.ignore_extra = true};
    cr_assert_eq(pv_load(csv, part, &how, &table, NULL, NULL), PV_OK);
    cr_assert_eq(pv_hdf5_write(table, path, true, NULL), PV_OK);
    cr_assert_eq(pv_header_read(path, s, &h, NULL), PV_OK);
    cr_expect(h.present[0] && h.present[1]);
    cr_expect_not(h.present[2]);
    cr_expect_eq(h.absent, 1);
    cr_expect_eq(h.extras, 0);
    pv_header_clear(&h);
    pv_table_free(table);
    pv_schema_free(part);
    pv_schema_free(s);
    remove_file(csv);
    remove_file(path);
}

/* A rule goes only when nothing is left of it. */
Test(part, has_the_columns_that_are_kept_and_the_rules_about_them)
{
    static const struct {
        bool keep[3];
        size_t columns, zeros, functions;
    } rule[] = {{{true, true, true}, 3, 3, 1},
                {{true, true, false}, 2, 1, 0},
                {{true, false, true}, 2, 1, 1},
                {{false, true, true}, 2, 1, 0},
                {{false, false, true}, 1, 0, 0}};
    pv_schema *s = schema_of(json), *part = NULL;
    for (size_t i = 0; i < sizeof rule / sizeof *rule; i++) {
        cr_assert_eq(pv_schema_part(s, rule[i].keep, &part, NULL), PV_OK);
        cr_expect_eq(pv_schema_columns(part), rule[i].columns, "case %zu", i);
        cr_expect_eq(pv_schema_zeros(part), rule[i].zeros, "case %zu", i);
        cr_expect_eq(pv_schema_functions(part), rule[i].functions, "case %zu",
                     i);
        for (size_t c = 0; c < 3; c++) {
            const char *name = pv_schema_column(s, c)->name;
            cr_expect_eq(pv_schema_find(part, name) >= 0, rule[i].keep[c]);
            cr_expect_eq(pv_schema_is_id(part, name), !rule[i].keep[c]);
        }
        cr_expect(pv_schema_is_id(part, "key"));
        cr_expect_eq(pv_schema_missing_values(part), 2);
        pv_schema_free(part);
    }
    pv_schema_free(s);
}

Test(part, of_nothing_is_refused)
{
    static const bool keep[3] = {false, false, false};
    pv_schema *s = schema_of(json), *part = NULL;
    cr_expect_eq(pv_schema_part(s, keep, &part, NULL), PV_ESCHEMA);
    pv_schema_free(s);
}
