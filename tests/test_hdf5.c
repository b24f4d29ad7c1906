#include "tests/io_fixture.h"

#include "io/hdf5.h"

#include <hdf5.h>
#include <math.h>

static const char every_kind[] =
    "{\"title\":\"all\",\"missingValues\":[\"\",\"NA\"],\"fields\":["
    "{\"name\":\"sex\",\"categories\":[\"F\",\"M\",\"\xc3\xa4\"],"
    "\"constraints\":{\"required\":true}},"
    "{\"name\":\"a/b\",\"categories\":[\"x\",\"y\"]},"
    "{\"name\":\"age\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":0,\"maximum\":120},\"privet\":{\"bins\":7}},"
    "{\"name\":\"kids\",\"type\":\"integer\",\"constraints\":{\"minimum\":0,"
    "\"maximum\":400}},"
    "{\"name\":\"wage\",\"type\":\"number\",\"constraints\":{\"minimum\":-5,"
    "\"maximum\":1e6},\"privet\":{\"bins\":9}},"
    "{\"name\":\"big\",\"type\":\"integer\",\"constraints\":{\"minimum\":0,"
    "\"maximum\":9007199254740991},\"privet\":{\"bins\":300}}]}";

/* A table of every kind of column, its codes a function of the row. */
static pv_table *sample(const pv_schema *s, size_t rows, bool values)
{
    pv_table *t = NULL;
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(pv_table_alloc(s, rows, values, &t, &err), PV_OK, "%s",
                 err.message);
    for (size_t c = 0; c < pv_schema_columns(s); c++) {
        const pv_column *column = pv_schema_column(s, c);
        for (size_t r = 0; r < rows; r++) {
            const uint32_t code = (uint32_t)((r * 7 + r / 3 + c) % column->levels);
            const double v = pv_column_number(column, code);
            pv_table_put(t, c, r, 1, &code);
            if (values && column->kind == PV_COLUMN_BINS)
                pv_table_put_values(t, c, r, 1, &v);
        }
    }
    return t;
}

static void write_and_read(size_t rows, bool values)
{
    pv_schema *s = schema_of(every_kind), *stored = NULL;
    pv_table *t = sample(s, rows, values), *back = NULL;
    pv_error err = PV_ERROR_INIT;
    const pv_load_options options = {.values = values};
    pv_load_report report;
    char *path = temporary_path(".h5");
    cr_assert_eq(pv_hdf5_write(t, path, false, &err), PV_OK, "%s", err.message);
    cr_expect(pv_hdf5_detect(path));
    cr_expect_eq(pv_hdf5_write(t, path, false, &err), PV_EEXIST);
    cr_assert_eq(pv_hdf5_load(path, s, &options, &back, &report, &err), PV_OK,
                 "%s", err.message);
    cr_expect(same_rows(t, back));
    cr_expect_eq(report.rows, rows);
    cr_expect_eq(report.clamped + report.to_missing + report.to_other, 0);
    cr_assert_eq(pv_hdf5_read_schema(path, &stored, &err), PV_OK, "%s",
                 err.message);
    cr_expect_str_eq(pv_schema_json(stored), pv_schema_json(s));
    pv_schema_free(stored);
    pv_table_free(t);
    pv_table_free(back);
    pv_schema_free(s);
    remove_file(path);
}

Test(hdf5, round_trip)
{
    write_and_read(1000, true);
    write_and_read(1000, false);
}

Test(hdf5, round_trip_over_chunks)
{
    write_and_read(70000, true);
}

Test(hdf5, round_trip_of_no_rows)
{
    write_and_read(0, false);
}

Test(hdf5, equal_tables_give_equal_bytes)
{
    pv_schema *s = schema_of(every_kind);
    pv_table *t = sample(s, 5000, true);
    pv_error err = PV_ERROR_INIT;
    char *a = temporary_path(".h5"), *b = temporary_path(".h5");
    char *c = temporary_path(".h5"), *d = temporary_path(".h5");
    cr_assert_eq(pv_hdf5_write(t, a, false, &err), PV_OK);
    cr_assert_eq(pv_hdf5_write_pytables(t, c, false, &err), PV_OK, "%s",
                 err.message);
    (void)sleep(2); /* a time stamp would differ */
    cr_assert_eq(pv_hdf5_write(t, b, false, &err), PV_OK);
    cr_assert_eq(pv_hdf5_write_pytables(t, d, false, &err), PV_OK);
    cr_expect(same_bytes(a, b));
    cr_expect(same_bytes(c, d));
    pv_table_free(t);
    pv_schema_free(s);
    remove_file(a);
    remove_file(b);
    remove_file(c);
    remove_file(d);
}

Test(hdf5, persons_travel)
{
    static const char json[] =
        "{\"fields\":[{\"name\":\"a\",\"categories\":[\"x\"]}],\"privet\":"
        "{\"unit\":{\"column\":\"who\",\"max_rows\":2}}}";
    pv_schema *s = schema_of(json);
    pv_table *t = NULL, *back = NULL;
    pv_error err = PV_ERROR_INIT;
    pv_load_options options = {.unit = true};
    char *path = temporary_path(".h5");
    uint32_t *persons = malloc(4 * sizeof *persons);
    cr_assert_not_null(persons);
    memcpy(persons, (uint32_t[]){0, 1, 0, 2}, 4 * sizeof *persons);
    cr_assert_eq(pv_table_alloc(s, 4, false, &t, &err), PV_OK);
    pv_table_set_persons(t, persons, 3);
    cr_assert_eq(pv_hdf5_write(t, path, false, &err), PV_OK);
    cr_assert_eq(pv_hdf5_load(path, s, &options, &back, NULL, &err), PV_OK,
                 "%s", err.message);
    cr_expect_eq(pv_table_person_count(back), 3);
    cr_expect_arr_eq(pv_table_persons(back), persons, 4 * sizeof *persons);
    pv_table_free(back);
    options.unit = false;
    cr_assert_eq(pv_hdf5_load(path, s, &options, &back, NULL, &err), PV_OK);
    cr_expect_null(pv_table_persons(back));
    pv_table_free(back);
    pv_table_free(t);
    pv_schema_free(s);
    remove_file(path);
}

/* --- another schema than the file was written with ------------------------ */

static pv_status load_as(const char *json, bool ignore_extra,
                         pv_load_report *report, pv_error *err)
{
    static const char written[] =
        "{\"fields\":[{\"name\":\"a\",\"categories\":[\"x\",\"y\",\"z\"],"
        "\"constraints\":{\"required\":true}},{\"name\":\"n\",\"type\":"
        "\"integer\",\"constraints\":{\"minimum\":0,\"maximum\":9}}]}";
    pv_schema *s = schema_of(written), *other = schema_of(json);
    pv_table *t = sample(s, 30, false), *back = NULL;
    const pv_load_options options = {.ignore_extra = ignore_extra};
    char *path = temporary_path(".h5");
    cr_assert_eq(pv_hdf5_write(t, path, false, err), PV_OK);
    const pv_status status =
        pv_hdf5_load(path, other, &options, &back, report, err);
    pv_table_free(t);
    pv_table_free(back);
    pv_schema_free(s);
    pv_schema_free(other);
    remove_file(path);
    return status;
}

#define A(rest) "{\"name\":\"a\",\"categories\":[\"x\",\"y\"]" rest "}"
#define N(low, high, rest) \
    "{\"name\":\"n\",\"type\":\"integer\",\"constraints\":{\"minimum\":" low \
    ",\"maximum\":" high rest "}}"

Test(hdf5, another_schema)
{
    pv_load_report report = {0};
    pv_error err = PV_ERROR_INIT;
    cr_expect_eq(load_as("{\"fields\":[" N("0", "9", "") "," A("") "]}", false,
                         &report, &err),
                 PV_OK, "%s", err.message);
    cr_expect_gt(report.to_missing, 0);
    cr_expect_eq(load_as("{\"fields\":[" N("0", "5", "") ","
                         A(",\"constraints\":{\"required\":true},\"privet\":"
                           "{\"other\":\"y\"}") "]}",
                         false, &report, &err),
                 PV_OK, "%s", err.message);
    cr_expect_gt(report.to_other, 0);
    cr_expect_gt(report.clamped, 0);
    cr_expect_eq(load_as("{\"fields\":[" N("0", "9", "") ","
                         A(",\"constraints\":{\"required\":true}") "]}",
                         false, &report, &err),
                 PV_EDOMAIN);
    cr_expect_eq(load_as("{\"fields\":[" A("") "]}", false, &report, &err),
                 PV_EFORMAT);
    cr_expect_not_null(strstr(err.message, "'n' is not in the schema"));
    cr_expect_eq(load_as("{\"fields\":[" A("") "]}", true, &report, &err),
                 PV_OK);
    cr_expect_eq(load_as("{\"fields\":[" A("") "," N("0", "9", "")
                         ",{\"name\":\"m\",\"categories\":[\"q\"]}]}",
                         false, &report, &err),
                 PV_EFORMAT);
    cr_expect_not_null(strstr(err.message, "lacks the schema's column 'm'"));
}

/* --- hostile and foreign files -------------------------------------------- */

static const char one_label[] =
    "{\"fields\":[{\"name\":\"a\",\"categories\":[\"x\",\"y\"]}]}";

static void expect_refused(const char *path, const char *says)
{
    pv_schema *s = schema_of(one_label);
    pv_table *t = NULL;
    pv_error err = PV_ERROR_INIT;
    const pv_status status = pv_hdf5_load(path, s, NULL, &t, NULL, &err);
    cr_expect(status == PV_EFORMAT || status == PV_EDOMAIN, "%s: %s", says,
              pv_status_text(status));
    cr_expect_not_null(strstr(err.message, says), "%s", err.message);
    pv_table_free(t);
    pv_schema_free(s);
}

static char *written(void)
{
    pv_schema *s = schema_of(one_label);
    pv_table *t = sample(s, 10, false);
    char *path = temporary_path(".h5");
    cr_assert_eq(pv_hdf5_write(t, path, false, NULL), PV_OK);
    pv_table_free(t);
    pv_schema_free(s);
    return path;
}

/* Replaces an object of a good file by an array of `rows` bytes of `value`. */
static void replace(const char *path, const char *link, hid_t type,
                    hsize_t rows, hsize_t chunk, bool fill)
{
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(1, &rows, NULL);
    const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
    cr_assert(H5Pset_chunk(how, 1, &chunk) >= 0);
    cr_assert(H5Pset_deflate(how, 1) >= 0);
    cr_assert(H5Ldelete(file, link, H5P_DEFAULT) >= 0);
    const hid_t set = H5Dcreate2(file, link, type, space, H5P_DEFAULT, how,
                                 H5P_DEFAULT);
    cr_assert(set >= 0);
    if (fill) {
        signed char *bytes = malloc(rows);
        cr_assert_not_null(bytes);
        memset(bytes, 77, rows);
        cr_assert(H5Dwrite(set, H5T_NATIVE_SCHAR, H5S_ALL, H5S_ALL,
                           H5P_DEFAULT, bytes) >= 0);
        free(bytes);
    }
    H5Dclose(set);
    H5Pclose(how);
    H5Sclose(space);
    H5Fclose(file);
}

Test(hdf5, codes_beyond_the_categories)
{
    char *path = written();
    replace(path, "/table/a/codes", H5T_STD_I8LE, 10, 10, true);
    expect_refused(path, "codes without a category");
    remove_file(path);
}

Test(hdf5, a_small_file_that_claims_many_rows)
{
    char *path = written();
    replace(path, "/table/a/codes", H5T_STD_I8LE, (hsize_t)1 << 40, 1 << 16,
            false);
    expect_refused(path, "not stored as the native layout");
    remove_file(path);
}

Test(hdf5, a_chunk_larger_than_memory)
{
    char *path = written();
    replace(path, "/table/a/codes", H5T_STD_I64LE, (hsize_t)1 << 28,
            (hsize_t)1 << 28, false);
    expect_refused(path, "not stored as the native layout");
    remove_file(path);
}

Test(hdf5, an_external_link)
{
    char *path = written();
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    cr_assert(H5Ldelete(file, "/table/a", H5P_DEFAULT) >= 0);
    cr_assert(H5Lcreate_external("/etc/passwd", "/x", file, "/table/a",
                                 H5P_DEFAULT, H5P_DEFAULT) >= 0);
    H5Fclose(file);
    expect_refused(path, "not stored as the native layout");
    remove_file(path);
}

Test(hdf5, an_external_file)
{
    char *path = written();
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    const hsize_t rows = 10;
    const hid_t space = H5Screate_simple(1, &rows, NULL);
    const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
    cr_assert(H5Pset_external(how, "/etc/passwd", 0, 10) >= 0);
    cr_assert(H5Ldelete(file, "/table/a/codes", H5P_DEFAULT) >= 0);
    const hid_t set = H5Dcreate2(file, "/table/a/codes", H5T_STD_I8LE, space,
                                 H5P_DEFAULT, how, H5P_DEFAULT);
    cr_assert(set >= 0);
    H5Dclose(set);
    H5Pclose(how);
    H5Sclose(space);
    H5Fclose(file);
    expect_refused(path, "not stored as the native layout");
    remove_file(path);
}

Test(hdf5, not_hdf5)
{
    char *path = file_with("hello", 5, ".h5");
    expect_refused(path, "not an HDF5 file");
    cr_expect_not(pv_hdf5_detect(path));
    remove_file(path);
}

Test(hdf5, damage_anywhere_is_survived)
{
    pv_schema *s = schema_of(one_label);
    char *path = written();
    unsigned char *bytes = NULL;
    size_t size = 0;
    cr_assert_eq(pv_file_read(path, 1 << 24, &bytes, &size, NULL), PV_OK);
    for (size_t i = 0; i < size; i += 13) {
        pv_table *t = NULL;
        unsigned char *copy = malloc(size);
        cr_assert_not_null(copy);
        memcpy(copy, bytes, size);
        copy[i] ^= (unsigned char)(1 + i % 255);
        cr_assert_eq(pv_file_write_atomic(path, copy, size, 0600, NULL), PV_OK);
        free(copy);
        if (pv_hdf5_load(path, s, NULL, &t, NULL, NULL) == PV_OK)
            pv_table_free(t);
    }
    for (size_t n = 0; n < size; n += 97) {
        pv_table *t = NULL;
        cr_assert_eq(pv_file_write_atomic(path, bytes, n, 0600, NULL), PV_OK);
        if (pv_hdf5_load(path, s, NULL, &t, NULL, NULL) == PV_OK)
            pv_table_free(t);
    }
    free(bytes);
    remove_file(path);
    pv_schema_free(s);
}

Test(hdf5, real_tables)
{
    static const char *const real[] = {"adult", "national2019"};
    for (size_t i = 0; i < 2; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "%s/schema.json", real[i]);
        char *schema_path = shared_file(name);
        (void)snprintf(name, sizeof name, "%s/data.csv.gz", real[i]);
        char *data = shared_file(name);
        if (schema_path == NULL || data == NULL)
            cr_skip_test("real tables are absent");
        pv_schema *s = NULL;
        pv_table *t = NULL, *back = NULL;
        pv_error err = PV_ERROR_INIT;
        const pv_load_options options = {.values = true};
        char *path = temporary_path(".h5");
        cr_assert_eq(pv_schema_read(schema_path, &s, &err), PV_OK);
        cr_assert_eq(pv_csv_load(data, s, &options, &t, NULL, &err), PV_OK,
                     "%s", err.message);
        cr_assert_eq(pv_hdf5_write(t, path, false, &err), PV_OK);
        cr_assert_eq(pv_load(path, s, &options, &back, NULL, &err), PV_OK,
                     "%s", err.message);
        cr_expect(same_rows(t, back), "%s", real[i]);
        pv_table_free(t);
        pv_table_free(back);
        pv_schema_free(s);
        remove_file(path);
        free(schema_path);
        free(data);
    }
}
