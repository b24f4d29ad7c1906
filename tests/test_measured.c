/* Marginals measured elsewhere: CSV, minimal HDF5, what they state. */
#include "io_fixture.h"
#include "io/hdf5_internal.h"
#include "io/measured.h"
#include "marginals/estimate.h"

#include <math.h>
#include <sys/stat.h>

static const char json[] =
    "{\"fields\":[{\"name\":\"a\",\"categories\":[\"x\",\"y, \\\"z\\\"\"]},"
    "{\"name\":\"b\",\"type\":\"number\",\"constraints\":{\"required\":true,"
    "\"minimum\":0,\"maximum\":40},\"privet\":{\"bins\":2}},"
    "{\"name\":\"c\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":1,\"maximum\":2}}]}";

static pv_status read_csv(const char *text, pv_measurement *m, pv_error *err)
{
    pv_schema *s = schema_of(json);
    char *path = file_with(text, strlen(text), ".csv");
    const pv_status status = pv_measured_read_csv(path, s, m, err);
    remove_file(path);
    pv_schema_free(s);
    return status;
}

Test(measured, csv_in_any_order_of_rows_and_columns)
{
    pv_measurement m;
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(read_csv("count,b,sigma2,a\n"
                          "1.5,5,2.25,x\n-3,39,2.25,x\n"
                          "2,25,2.25,\"y, \"\"z\"\"\"\n4e1,0,2.25,"
                          "\"y, \"\"z\"\"\"\n"
                          "0.25,0,2.25,\n7,40,2.25,\n",
                          &m, &err),
                 PV_OK, "%s", err.message);
    cr_assert_eq(m.columns, 2);
    cr_expect_eq(m.column[0], 0);
    cr_expect_eq(m.column[1], 1);
    cr_assert_eq(m.cells, 6);
    cr_expect_null(m.counts);
    static const double expected[] = {1.5, -3, 40, 2, 0.25, 7};
    for (size_t i = 0; i < 6; i++)
        cr_expect_eq(m.values[i], expected[i], "cell %zu: %g", i, m.values[i]);
    cr_expect_eq(pv_measurement_variance(&m), 2.25);
    pv_measurement_clear(&m);
}

Test(measured, csv_mistakes_are_named)
{
    static const char *const wrong[][2] = {
        {"", "empty"},
        {"c,count\n1,2\n", "\"sigma2\"; write all three"},
        {"count,sigma2\n1,2\n", "needs a column of the schema"},
        {"c,d,count,sigma2\n", "'d' is not in the schema"},
        {"c,c,count,sigma2\n", "'c' is there twice"},
        {"c,count,sigma2\n1,2,1\n", "1 of the 2 cells are not there, the first "
                                    "c = 2"},
        {"c,count,sigma2\n1,2,1\n2,2,1\n1,2,1\n", "line 4: this cell was there"},
        {"c,count,sigma2\n1,2,1\n3,2,1\n", "line 3: the value of \"c\" is not a "
                                           "level"},
        {"c,count,sigma2\n1,2,1\n2,2,4\n", "line 3: \"sigma2\" is another"},
        {"c,count,sigma2\n1,two,1\n", "the value of \"count\" is not a number"},
        {"c,count,sigma2\n1,2,0\n2,2,0\n", "above 0"},
        {"c,count,sigma2\n1,2,-1\n2,2,-1\n", "above 0"},
        {"c,count,sigma2\n1,1e16,1\n2,2,1\n", "within"},
        {"c,count,sigma2\n1,2\n", "another number of fields"},
        {"b,count,sigma2\n50,2,1\n", "\"b\" is not a level"},
        {"a,count,sigma2\nq,2,1\n", "\"a\" is not a level"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        pv_measurement m;
        pv_error err = PV_ERROR_INIT;
        cr_expect_neq(read_csv(wrong[i][0], &m, &err), PV_OK, "%s",
                      wrong[i][0]);
        cr_expect_not_null(strstr(err.message, wrong[i][1]), "%s: %s",
                           wrong[i][0], err.message);
        cr_expect_null(m.values);
    }
}

/* Without `names`, columns by number; without `sigma2`, none. */
typedef struct foreign {
    const char *names[2];
    bool numbers, no_sigma2, epsilon, wrong_shape;
} foreign;

static char *write_foreign(const foreign *f)
{
    char *path = temporary_path(".h5");
    const double variance = 4.5, epsilon = 0.5, delta = 0;
    const uint32_t number[] = {2, 0};
    static const double values[] = {10.5, 1, 2, 3, 4, 5};
    const hsize_t dims[] = {2, f->wrong_shape ? 2 : 3}, two = 2;
    pv_h5_quiet();
    const hid_t file = pv_h5_create_file(path);
    const hid_t privacy = pv_h5_create_group(file, "privacy");
    const hid_t all = pv_h5_create_group(privacy, "measurements");
    const hid_t group = pv_h5_create_group(all, "0000");
    cr_assert(pv_h5_put_document(file, "schema", json));
    if (f->epsilon) {
        cr_assert(pv_h5_put_number(file, "epsilon", H5T_NATIVE_DOUBLE, &epsilon));
        cr_assert(pv_h5_put_number(file, "delta", H5T_NATIVE_DOUBLE, &delta));
    }
    if (f->numbers) {
        cr_assert(pv_h5_put_numbers(group, "column_numbers", H5T_NATIVE_UINT32,
                                    2, number));
    } else { /* texts of fixed length, ASCII, as h5py writes dtype "S" */
        char texts[2][8] = {{0}};
        for (size_t i = 0; i < 2; i++)
            memcpy(texts[i], f->names[i], strlen(f->names[i]));
        const hid_t type = H5Tcopy(H5T_C_S1);
        cr_assert_geq(H5Tset_size(type, 8), 0);
        cr_assert_geq(H5Tset_strpad(type, H5T_STR_NULLPAD), 0);
        const hid_t space = H5Screate_simple(1, &two, NULL);
        const hid_t attribute = H5Acreate2(group, "columns", type, space,
                                           H5P_DEFAULT, H5P_DEFAULT);
        cr_assert_geq(H5Awrite(attribute, type, texts), 0);
        H5Aclose(attribute);
        H5Sclose(space);
        H5Tclose(type);
    }
    if (!f->no_sigma2)
        cr_assert(
            pv_h5_put_number(group, "sigma2", H5T_NATIVE_DOUBLE, &variance));
    const hid_t dataset =
        pv_h5_create_dataset(group, "counts", H5T_IEEE_F64LE, 2, dims);
    cr_assert_geq(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL,
                           H5P_DEFAULT, values),
                  0);
    H5Dclose(dataset);
    H5Gclose(group);
    H5Gclose(all);
    H5Gclose(privacy);
    H5Fclose(file);
    return path;
}

Test(measured, minimal_hdf5_by_name_or_number)
{
    for (int by_number = 0; by_number < 2; by_number++) {
        const foreign f = {.names = {"c", "a"}, .numbers = by_number != 0};
        char *path = write_foreign(&f);
        pv_release *r = NULL;
        pv_error err = PV_ERROR_INIT;
        cr_assert_eq(pv_measured_read(path, NULL, NULL, &r, &err), PV_OK, "%s",
                     err.message);
        cr_assert_eq(r->count, 1);
        const pv_measurement *m = &r->measurements[0];
        cr_assert_eq(m->columns, 2);
        cr_expect_eq(m->column[0], 0);
        cr_expect_eq(m->column[1], 2);
        /* given as c x a, wanted as a x c */
        static const double expected[] = {10.5, 3, 1, 4, 2, 5};
        cr_expect_arr_eq(m->values, expected, sizeof expected);
        cr_expect_eq(pv_measurement_variance(m), 4.5);
        cr_expect_str_eq(r->claim, "unknown: measured elsewhere");
        cr_expect(isnan(r->epsilon) && isnan(r->rho));
        cr_expect_eq(r->public_rows, -1);
        pv_release_free(r);
        remove_file(path);
    }
}

Test(measured, what_the_source_states_is_its_own)
{
    const foreign f = {.names = {"c", "a"}, .epsilon = true};
    char *path = write_foreign(&f);
    pv_release *r = NULL;
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(pv_measured_read(path, NULL, "by Laplace noise", &r, &err),
                 PV_OK, "%s", err.message);
    cr_expect_eq(r->epsilon, 0.5);
    cr_expect_not_null(strstr(r->claim, "the source's own statement: epsilon "
                                        "0.5"),
                       "%s", r->claim);
    cr_expect_not_null(strstr(r->claim, "by Laplace noise"));
    pv_release_free(r);
    remove_file(path);
}

Test(measured, foreign_files_with_mistakes)
{
    static const foreign wrong[] = {
        {.names = {"c", "q"}},
        {.names = {"c", "c"}},
        {.names = {"c", "a"}, .no_sigma2 = true},
        {.names = {"c", "a"}, .wrong_shape = true},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char *path = write_foreign(&wrong[i]);
        pv_release *r = NULL;
        pv_error err = PV_ERROR_INIT;
        cr_expect_eq(pv_measured_read(path, NULL, NULL, &r, &err), PV_EFORMAT,
                     "%zu", i);
        cr_expect_null(r);
        remove_file(path);
    }
}

Test(measured, a_directory_of_csv)
{
    static const char one[] = "c,count,sigma2\n1,2.5,1\n2,3.5,1\n";
    static const char two[] = "b,count,sigma2\n0,1.5,2\n30,4.25,2\n";
    pv_release *r = NULL;
    pv_error err = PV_ERROR_INIT;
    char *dir = temporary_path("");
    char *schema = file_with(json, strlen(json), ".json");
    char *first = pv_sprintf_alloc("%s/1.csv", dir);
    char *second = pv_sprintf_alloc("%s/2.csv", dir);
    cr_assert_eq(mkdir(dir, 0700), 0);
    cr_assert_eq(pv_measured_read(dir, schema, NULL, &r, &err), PV_EFORMAT);
    cr_assert_eq(pv_file_write_atomic(second, two, strlen(two), 0600, &err),
                 PV_OK);
    cr_assert_eq(pv_file_write_atomic(first, one, strlen(one), 0600, &err),
                 PV_OK);
    cr_assert_eq(pv_measured_read(dir, NULL, NULL, &r, &err), PV_EUSAGE);
    cr_assert_eq(pv_measured_read(dir, schema, "e = 1", &r, &err), PV_OK, "%s",
                 err.message);
    cr_assert_eq(r->count, 2);
    cr_expect_eq(r->measurements[0].column[0], 2);
    cr_expect_eq(r->measurements[1].column[0], 1);
    cr_expect_eq(r->measurements[1].values[1], 4.25);
    cr_expect_str_eq(r->claim, "the source's own statement: e = 1");
    pv_release_free(r);
    remove_file(first);
    remove_file(second);
    remove_file(schema);
    (void)rmdir(dir);
    free(dir);
}

Test(measured, real_numbers_survive_a_release)
{
    pv_schema *s = schema_of(json);
    pv_table *t = NULL;
    pv_release *r = NULL;
    pv_error err = PV_ERROR_INIT;
    uint32_t c = 2;
    double values[] = {0.1, -7.25};
    const pv_measurement m = {.columns = 1,
                              .column = &c,
                              .cells = 2,
                              .values = values,
                              .variance = 0.3};
    const pv_release_info info = {.method = "mst from measurements",
                                  .tool_version = "0",
                                  .neighbours = "unknown",
                                  .unit = "unknown",
                                  .rng = "unknown",
                                  .epsilon = NAN,
                                  .delta = NAN,
                                  .rho = NAN,
                                  .public_rows = -1,
                                  .claim = "unknown: measured elsewhere"};
    char *path = temporary_path(".h5");
    cr_assert_eq(pv_table_alloc(s, 3, false, &t, &err), PV_OK);
    cr_assert_eq(pv_release_write(path, t, &info, "", &m, 1, &err), PV_OK, "%s",
                 err.message);
    cr_assert_eq(pv_release_read(path, &r, &err), PV_OK, "%s", err.message);
    cr_expect_str_eq(r->claim, info.claim);
    cr_expect(isnan(r->epsilon));
    cr_assert_eq(r->count, 1);
    cr_expect_null(r->measurements[0].counts);
    cr_expect_arr_eq(r->measurements[0].values, values, sizeof values);
    cr_expect_eq(pv_measurement_variance(&r->measurements[0]), 0.3);
    pv_release_free(r);
    remove_file(path);
    pv_table_free(t);
    pv_schema_free(s);
}

Test(measured, a_fit_takes_real_numbers)
{
    pv_schema *s = schema_of(json);
    pv_domain domain;
    pv_model *whole = NULL, *real = NULL;
    pv_error err = PV_ERROR_INIT;
    static const int64_t counts[] = {60, 40};
    static const double same[] = {60, 40}, values[] = {60.5, 39.25};
    const uint32_t column = 2;
    const pv_clique clique = pv_clique_of(&column, 1);
    pv_target target = {.clique = clique, .counts = counts, .sigma2 = 1};
    double a[2], b[2];
    pv_domain_of_model(s, &domain);
    const pv_fit_options options = {0};
    cr_assert_eq(pv_estimate(&domain, NULL, 0, &target, 1, &options, NULL,
                             &whole, NULL, &err),
                 PV_OK);
    target.values = same;
    target.counts = NULL;
    cr_assert_eq(pv_estimate(&domain, NULL, 0, &target, 1, &options, NULL,
                             &real, NULL, &err),
                 PV_OK);
    cr_assert_eq(pv_model_answer(whole, &clique, a, &err), PV_OK);
    cr_assert_eq(pv_model_answer(real, &clique, b, &err), PV_OK);
    cr_expect_arr_eq(a, b, sizeof a);
    pv_model_free(real);
    target.values = values;
    cr_assert_eq(pv_estimate(&domain, NULL, 0, &target, 1, &options, NULL,
                             &real, NULL, &err),
                 PV_OK);
    cr_assert_eq(pv_model_answer(real, &clique, b, &err), PV_OK);
    cr_expect_float_eq(b[0], 60.5, 1e-9);
    cr_expect_float_eq(pv_model_total(real), 99.75, 1e-9);
    pv_model_free(whole);
    pv_model_free(real);
    pv_schema_free(s);
}
