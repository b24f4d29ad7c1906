#include "tests/io_fixture.h"

#include "io/hdf5.h"
#include "io/release.h"

static const char json[] =
    "{\"fields\":[{\"name\":\"a\",\"categories\":[\"x\",\"y\"]},"
    "{\"name\":\"b\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":1,\"maximum\":4}},"
    "{\"name\":\"c\",\"categories\":[\"u\",\"v\"],\"constraints\":"
    "{\"required\":true}}]}";

static const pv_release_info info = {.method = "mst",
                                     .tool_version = "0.1.0",
                                     .neighbours = "add-remove",
                                     .unit = "row",
                                     .rng = "secure",
                                     .epsilon = 1.0000000000000002,
                                     .delta = 1e-9,
                                     .rho = 0.0123,
                                     .public_rows = -1,
                                     .dataset_rho = "17/1099511627776"};

static const char ledger[] = "{\"seq\":1}\n{\"seq\":2}\n";

/* Two noisy marginals: (a, b) and (c). */
static void make(pv_measurement m[2])
{
    static uint32_t ab[] = {0, 1}, c[] = {2};
    static int64_t twelve[] = {-3, 4, 5, 0, 1, 2, 3, 4, 5, 6, 7, 1000000000000};
    static int64_t two[] = {9, -9};
    m[0] = (pv_measurement){2, ab, 12, twelve, 3, 7, NULL, 0};
    m[1] = (pv_measurement){1, c, 2, two, UINT64_MAX, 1, NULL, 0};
}

static void write_to(const char *path, const pv_schema *s)
{
    pv_table *t = NULL;
    pv_measurement m[2];
    pv_error err = PV_ERROR_INIT;
    make(m);
    cr_assert_eq(pv_table_alloc(s, 5, false, &t, &err), PV_OK);
    cr_assert_eq(pv_release_write(path, t, &info, ledger, m, 2, &err), PV_OK,
                 "%s", err.message);
    pv_table_free(t);
}

Test(release, round_trip)
{
    pv_schema *s = schema_of(json);
    pv_release *r = NULL;
    pv_table *t = NULL;
    pv_measurement m[2];
    pv_error err = PV_ERROR_INIT;
    char *path = temporary_path(".h5");
    make(m);
    write_to(path, s);
    cr_assert_eq(pv_release_read(path, &r, &err), PV_OK, "%s", err.message);
    cr_expect_str_eq(r->method, "mst");
    cr_expect_str_eq(r->unit, "row");
    cr_expect_str_eq(r->rng, "secure");
    cr_expect_str_eq(r->ledger, ledger);
    cr_expect_str_eq(r->dataset_rho, info.dataset_rho);
    cr_expect_eq(r->epsilon, info.epsilon);
    cr_expect_eq(r->delta, info.delta);
    cr_expect_eq(r->rho, info.rho);
    cr_expect_eq(r->public_rows, -1);
    cr_expect_str_eq(pv_schema_json(r->schema), pv_schema_json(s));
    cr_assert_eq(r->count, 2);
    for (size_t i = 0; i < 2; i++) {
        const pv_measurement *got = &r->measurements[i];
        cr_assert_eq(got->columns, m[i].columns);
        cr_assert_eq(got->cells, m[i].cells);
        cr_expect_arr_eq(got->column, m[i].column,
                         m[i].columns * sizeof *m[i].column);
        cr_expect_arr_eq(got->counts, m[i].counts,
                         m[i].cells * sizeof *m[i].counts);
        cr_expect_eq(got->sigma2_num, m[i].sigma2_num);
        cr_expect_eq(got->sigma2_den, m[i].sigma2_den);
    }
    cr_expect_eq(pv_hdf5_load(path, r->schema, NULL, &t, NULL, &err), PV_OK,
                 "%s", err.message);
    cr_expect_eq(pv_table_rows(t), 5);
    pv_table_free(t);
    pv_release_free(r);
    pv_release_free(NULL);
    pv_schema_free(s);
    remove_file(path);
}

Test(release, same_arguments_same_bytes)
{
    pv_schema *s = schema_of(json);
    char *a = temporary_path(".h5"), *b = temporary_path(".h5");
    write_to(a, s);
    (void)sleep(2);
    write_to(b, s);
    cr_expect(same_bytes(a, b));
    pv_schema_free(s);
    remove_file(a);
    remove_file(b);
}

Test(release, wrong_measurements_leave_no_file)
{
    pv_schema *s = schema_of(json);
    pv_table *t = NULL;
    pv_measurement m[2];
    char *path = temporary_path(".h5");
    cr_assert_eq(pv_table_alloc(s, 5, false, &t, NULL), PV_OK);
    make(m);
    m[0].cells = 11;
    cr_expect_neq(pv_release_write(path, t, &info, ledger, m, 2, NULL), PV_OK);
    cr_expect_not(pv_file_exists(path));
    pv_table_free(t);
    pv_schema_free(s);
    remove_file(path);
}

Test(release, a_table_is_not_a_release)
{
    pv_schema *s = schema_of(json);
    pv_table *t = NULL;
    pv_release *r = NULL;
    pv_error err = PV_ERROR_INIT;
    char *path = temporary_path(".h5");
    cr_assert_eq(pv_table_alloc(s, 5, false, &t, NULL), PV_OK);
    cr_assert_eq(pv_hdf5_write(t, path, false, NULL), PV_OK);
    cr_expect_eq(pv_release_read(path, &r, &err), PV_EFORMAT);
    cr_expect_not_null(strstr(err.message, "not a release"));
    cr_expect_eq(pv_release_read("/nonexistent.h5", &r, &err), PV_EIO);
    pv_table_free(t);
    pv_schema_free(s);
    remove_file(path);
}

Test(release, damage_anywhere_is_survived)
{
    pv_schema *s = schema_of(json);
    char *path = temporary_path(".h5");
    unsigned char *bytes = NULL;
    size_t size = 0;
    write_to(path, s);
    cr_assert_eq(pv_file_read(path, 1 << 24, &bytes, &size, NULL), PV_OK);
    for (size_t i = 0; i < size; i += 17) {
        pv_release *r = NULL;
        bytes[i] ^= 0x55;
        cr_assert_eq(pv_file_write_atomic(path, bytes, size, 0600, NULL),
                     PV_OK);
        bytes[i] ^= 0x55;
        if (pv_release_read(path, &r, NULL) == PV_OK)
            pv_release_free(r);
    }
    free(bytes);
    pv_schema_free(s);
    remove_file(path);
}
