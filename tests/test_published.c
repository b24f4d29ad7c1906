#include "audit/attack/published.h"

#include "tests/infer_fixture.h"

static const char one_order[] =
    "{\"fields\":[{\"name\":\"a\",\"categories\":[\"x\",\"y\"]},"
    "{\"name\":\"b\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":1,\"maximum\":4}},"
    "{\"name\":\"c\",\"categories\":[\"u\",\"v\"],\"constraints\":"
    "{\"required\":true}}]}";
/* Column a is last, and c has another level. */
static const char another[] =
    "{\"fields\":[{\"name\":\"b\",\"type\":\"integer\",\"constraints\":"
    "{\"required\":true,\"minimum\":1,\"maximum\":4}},"
    "{\"name\":\"c\",\"categories\":[\"u\",\"v\",\"w\"],\"constraints\":"
    "{\"required\":true}},"
    "{\"name\":\"a\",\"categories\":[\"x\",\"y\"]}]}";

static pv_error err;

/* A release of three rows with the marginals (a, b) and (b, c). */
static char *write_release(const pv_schema *schema)
{
    static const pv_release_info info = {.method = "mst",
                                         .tool_version = "0.1.0",
                                         .neighbours = "add-remove",
                                         .unit = "row",
                                         .rng = "secure",
                                         .epsilon = 1,
                                         .delta = 1e-9,
                                         .rho = 0.01,
                                         .public_rows = -1};
    uint32_t ab[] = {0, 1}, bc[] = {1, 2};
    int64_t twelve[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, eight[8] = {0};
    const pv_measurement m[] = {{.columns = 2, .column = ab, .cells = 12,
                                 .counts = twelve, .sigma2_num = 1,
                                 .sigma2_den = 1},
                                {.columns = 2, .column = bc, .cells = 8,
                                 .counts = eight, .sigma2_num = 1,
                                 .sigma2_den = 1}};
    pv_table *table = NULL;
    char *path = temporary_path(".h5");
    cr_assert_eq(pv_table_alloc(schema, 3, false, &table, &err), PV_OK);
    cr_assert_eq(pv_release_write(path, table, &info, "", m, 2, &err), PV_OK,
                 "%s", err.message);
    pv_table_free(table);
    return path;
}

Test(published, columns_are_found_by_name_in_any_order)
{
    pv_schema *from = schema_of(one_order), *to = schema_of(another);
    char *path = write_release(from);
    pv_published p;
    cr_assert_eq(pv_published_read(path, to, &p, &err), PV_OK);
    cr_assert_eq(p.count, 1);
    cr_assert_eq(p.left_out, 1, "c has other levels");
    cr_assert_eq(p.measurement[0].columns, 2);
    cr_assert_eq(p.measurement[0].column[0], 2);
    cr_assert_eq(p.measurement[0].column[1], 0);
    cr_assert_eq(p.measurement[0].counts[5], 6);
    pv_published_clear(&p);
    cr_assert_eq(pv_published_read(path, from, &p, &err), PV_OK);
    cr_assert_eq(p.count, 2);
    cr_assert_eq(p.left_out, 0);
    pv_published_clear(&p);
    remove(path);
    free(path);
    pv_schema_free(from);
    pv_schema_free(to);
}

Test(published, a_table_publishes_nothing)
{
    pv_schema *schema = schema_of(one_order);
    char *path = temporary_path(".csv");
    pv_published p;
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs("a,b,c\nx,1,u\n", file);
    fclose(file);
    cr_assert_eq(pv_published_read(path, schema, &p, &err), PV_OK);
    cr_assert_eq(p.count, 0);
    pv_published_clear(&p);
    remove(path);
    free(path);
    pv_schema_free(schema);
}
