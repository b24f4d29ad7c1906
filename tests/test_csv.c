#include "tests/io_fixture.h"

#include "core/stream.h"

#include <math.h>
#include <zlib.h>

/* a: labels with a missing level, b: required integers 0..9, c: binned numbers */
static const char two_and_one[] =
    "{\"missingValues\":[\"\",\"NA\"],\"fields\":["
    "{\"name\":\"a\",\"categories\":[\"x\",\"y\",\"long label, with comma\","
    "\"q\\\"q\",\"l\\nl\",\" s \"]},"
    "{\"name\":\"b\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":0,\"maximum\":9}},"
    "{\"name\":\"c\",\"type\":\"number\",\"constraints\":{\"minimum\":-1e6,"
    "\"maximum\":1e6},\"privet\":{\"bins\":10}},"
    "{\"name\":\"id\",\"privet\":{\"role\":\"id\"}}]}";

static const char with_unit[] =
    "{\"fields\":[{\"name\":\"b\",\"type\":\"integer\",\"constraints\":"
    "{\"minimum\":0,\"maximum\":9}}],\"privet\":{\"unit\":{\"column\":\"who\","
    "\"max_rows\":2}}}";

static pv_status load_bytes(const char *json, const void *bytes, size_t size,
                            const pv_load_options *options, pv_schema **s,
                            pv_table **t, pv_load_report *report, pv_error *err)
{
    char *path = file_with(bytes, size, ".csv");
    *s = schema_of(json);
    *t = NULL;
    const pv_status status = pv_csv_load(path, *s, options, t, report, err);
    if (status != PV_OK)
        cr_expect_not_null(strstr(err->message, path), "%s", err->message);
    remove_file(path);
    return status;
}

static void expect_codes(const char *text, const pv_load_options *options,
                         size_t rows, const uint32_t *a, const uint32_t *b)
{
    pv_schema *s;
    pv_table *t;
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(load_bytes(two_and_one, text, strlen(text), options, &s, &t,
                            NULL, &err),
                 PV_OK, "%s", err.message);
    cr_assert_eq(pv_table_rows(t), rows, "%zu rows", pv_table_rows(t));
    for (size_t r = 0; r < rows; r++) {
        cr_expect_eq(pv_codes_at(pv_table_codes(t, 0), r), a[r], "a %zu", r);
        cr_expect_eq(pv_codes_at(pv_table_codes(t, 1), r), b[r], "b %zu", r);
    }
    pv_table_free(t);
    pv_schema_free(s);
}

Test(csv, dialects)
{
    static const char *const same[] = {
        "a,b,c\nx,1,2\ny,2,3\n",
        "a,b,c\r\nx,1,2\r\ny,2,3\r\n",
        "a,b,c\rx,1,2\ry,2,3\r",
        "a,b,c\nx,1,2\ny,2,3",
        "\xef\xbb\xbf" "a,b,c\nx,1,2\ny,2,3\n",
        "a;b;c\nx;1;2\ny;2;3\n",
        "a\tb\tc\nx\t1\t2\ny\t2\t3\n",
        "a|b|c\nx|1|2\ny|2|3\n",
        "c,b,a\n2,1,x\n3,2,y\n",
        "c,id,b,a\n2,secret,1,x\n3,z,2,y\n",
        "\"a\",\"b\",\"c\"\n\"x\",\"1\",\"2\"\n\"y\",2,3\n",
        "a, b, c\nx, 1, 2\n y , 2 , 3 \n",
        "a,b,c\n\nx,1,2\n\n\ny,2,3\n\n",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        expect_codes(same[i], NULL, 2, (uint32_t[]){0, 1}, (uint32_t[]){1, 2});
}

Test(csv, quoting)
{
    expect_codes("a,b,c\n\"long label, with comma\",1,\n\"q\"\"q\",2,\n"
                 "\"l\nl\",3,\n\" s \",4,\n\"\",5,\nNA,6,\n",
                 NULL, 6, (uint32_t[]){2, 3, 4, 5, 6, 6},
                 (uint32_t[]){1, 2, 3, 4, 5, 6});
}

Test(csv, header_alone_is_no_rows)
{
    expect_codes("a,b,c\n", NULL, 0, NULL, NULL);
    expect_codes("a,b,c", NULL, 0, NULL, NULL);
}

Test(csv, extra_columns_on_request)
{
    const pv_load_options options = {.ignore_extra = true};
    expect_codes("a,z,b,c,z\nx,\"s,\n\",1,2,9\n", &options, 1, (uint32_t[]){0},
                 (uint32_t[]){1});
}

Test(csv, given_delimiter)
{
    const pv_load_options options = {.delimiter = '!'};
    expect_codes("a!b!c\nx!1!2\n", &options, 1, (uint32_t[]){0},
                 (uint32_t[]){1});
}

Test(csv, report_and_values)
{
    static const char text[] = "a,b,c\nx,12,5.5\nzz,-1,1e9\n,3,oops\n";
    const pv_load_options options = {.values = true};
    pv_load_report report;
    pv_schema *s;
    pv_table *t;
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(load_bytes(two_and_one, text, strlen(text), &options, &s, &t,
                            &report, &err),
                 PV_OK, "%s", err.message);
    cr_expect_eq(report.rows, 3);
    cr_expect_eq(report.clamped, 3);
    cr_expect_eq(report.to_missing, 2);
    cr_expect_eq(report.to_other, 0);
    cr_expect_eq(pv_table_values(t, 2)[0], 5.5);
    cr_expect_eq(pv_table_values(t, 2)[1], 1e6);
    cr_expect(isnan(pv_table_values(t, 2)[2]));
    pv_table_free(t);
    pv_schema_free(s);
}

Test(csv, persons)
{
    static const char text[] = "who,b\nann,1\nbob,2\nann,3\n\"c,d\",4\nbob,5\n";
    const pv_load_options options = {.unit = true};
    pv_schema *s;
    pv_table *t;
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(load_bytes(with_unit, text, strlen(text), &options, &s, &t,
                            NULL, &err),
                 PV_OK, "%s", err.message);
    cr_expect_eq(pv_table_person_count(t), 3);
    cr_expect_arr_eq(pv_table_persons(t), ((uint32_t[]){0, 1, 0, 2, 1}),
                     5 * sizeof(uint32_t));
    pv_table_free(t);
    pv_schema_free(s);
    /* unread, the column is skipped in silence */
    cr_assert_eq(load_bytes(with_unit, text, strlen(text), NULL, &s, &t, NULL,
                            &err),
                 PV_OK);
    cr_expect_null(pv_table_persons(t));
    pv_table_free(t);
    pv_schema_free(s);
}

Test(csv, many_persons)
{
    enum { rows = 30000 };
    char *text = malloc(rows * 16 + 16);
    const pv_load_options options = {.unit = true};
    pv_schema *s;
    pv_table *t;
    pv_error err = PV_ERROR_INIT;
    cr_assert_not_null(text);
    size_t n = (size_t)sprintf(text, "b,who\n");
    for (unsigned r = 0; r < rows; r++)
        n += (size_t)sprintf(text + n, "%u,p%u\n", r % 10, r * 7919u % 20011);
    cr_assert_eq(load_bytes(with_unit, text, n, &options, &s, &t, NULL, &err),
                 PV_OK, "%s", err.message);
    cr_expect_eq(pv_table_person_count(t), 20011);
    for (unsigned r = 20011; r < rows; r++)
        cr_assert_eq(pv_table_persons(t)[r], pv_table_persons(t)[r - 20011]);
    pv_table_free(t);
    pv_schema_free(s);
    free(text);
}

/* --- what is refused ------------------------------------------------------- */

#define TEXT(literal) literal, sizeof literal - 1

static const struct {
    const char *text;
    size_t size;
    pv_status status;
    const char *says;
} malformed[] = {
    {TEXT(""), PV_EFORMAT, "empty"},
    {TEXT("\n\n\n"), PV_EFORMAT, "empty"},
    {TEXT("\xef\xbb\xbf"), PV_EFORMAT, "empty"},
    {TEXT("a,b\nx,1\n"), PV_EFORMAT, "lacks 1 of the schema's columns: 'c'"},
    {TEXT("x,1,2\ny,2,3\n"), PV_EFORMAT, "line 1: the header lacks 3"},
    {TEXT("a,b,c,d\nx,1,2,3\n"), PV_EFORMAT, "column 4 'd' is not in the schema"},
    {TEXT("a,b,c,\nx,1,2,3\n"), PV_EFORMAT, "column 4 ''"},
    {TEXT("a,b,a,c\nx,1,x,2\n"), PV_EFORMAT, "column 'a' stands twice"},
    {TEXT("a,b,c\nx,1\n"), PV_EFORMAT, "line 2: 2 fields where the header has 3"},
    {TEXT("a,b,c\nx,1,2\ny,2,3,4\n"), PV_EFORMAT, "line 3: 4 fields"},
    {TEXT("a,b,c\r\nx,1,2\r\n\r\ny,2\r\n"), PV_EFORMAT, "line 4: 2 fields"},
    {TEXT("a,b,c\n\"l\nl\",1,2\ny\n"), PV_EFORMAT, "line 4: 1 fields"},
    {TEXT("a,b,c\nx,11,2\ny,z,3\n"), PV_EDOMAIN, "line 3: column 'b': 'z'"},
    {TEXT("a,b,c\nx,,2\n"), PV_EDOMAIN, "line 2: column 'b': '' is outside"},
    {TEXT("a,b,c\nx,1.5,2\n"), PV_EDOMAIN, "'1.5'"},
    {TEXT("a,b,c\nx,\x1b[31m,2\n"), PV_EDOMAIN, "'?[31m'"},
    {TEXT("a,b,c\n\"x,1,2\n"), PV_EFORMAT, "left open"},
    {TEXT("\"a,b,c\n"), PV_EFORMAT, "left open"},
    {TEXT("a,b,c\nx\"y,1,2\n"), PV_EFORMAT, "line 2: a quote where none"},
    {TEXT("a,b,c\n\"x\"y,1,2\n"), PV_EFORMAT, "line 2: a quote where none"},
    {TEXT("a,b,c\nx,1\0,2\n"), PV_EFORMAT, "zero byte"},
    {TEXT("\xff\xfe" "a\0,\0"), PV_EFORMAT, "UTF-16"},
    {TEXT("\x1f\x8b\x08\x00 broken"), PV_EFORMAT, "gzip data is damaged"},
};

Test(csv, malformed)
{
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        pv_schema *s;
        pv_table *t;
        pv_error err = PV_ERROR_INIT;
        const pv_status status =
            load_bytes(two_and_one, malformed[i].text, malformed[i].size, NULL,
                       &s, &t, NULL, &err);
        cr_expect_eq(status, malformed[i].status, "%zu: %s", i, err.message);
        cr_expect_not_null(strstr(err.message, malformed[i].says),
                           "%zu: expected '%s' in '%s'", i, malformed[i].says,
                           err.message);
        cr_expect_null(t);
        pv_schema_free(s);
    }
}

/* Of private rows no message repeats a value, a count or a line. */
Test(csv, private_rows_are_not_quoted)
{
    static const char *const texts[] = {
        "a,b,c\nx,1,2\nx,4711,2\ny,z4711,3\n", "a,b,c\nx,1,2\ny,4711\n",
        "a,b,c\nx,1,2\ny,1,2,4711\n",          "a,b,c\nx,1,2\n\"4711\"x,1,2\n",
        "4711,b,c\nx,1,2\n",                   "a,b,c,4711\nx,1,2,1\n",
        "a,b,c\nx,1,2\n\"4711,1,2\n"};
    const pv_load_options options = {.private_rows = true};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        pv_schema *s;
        pv_table *t;
        pv_error err = PV_ERROR_INIT;
        cr_expect_neq(load_bytes(two_and_one, texts[i], strlen(texts[i]),
                                 &options, &s, &t, NULL, &err),
                      PV_OK);
        const char *message = strstr(err.message, ".csv");
        cr_assert_not_null(message);
        cr_expect_null(strstr(message, "4711"), "%s", message);
        const char *line = strstr(message, "line ");
        cr_expect(line == NULL || strncmp(line, "line 1:", 7) == 0, "%s",
                  message);
        pv_schema_free(s);
    }
}

Test(csv, persons_are_required)
{
    static const char *const texts[] = {"who,b\nann,1\n,2\n", "b\n1\n"};
    const pv_load_options options = {.unit = true};
    for (size_t i = 0; i < 2; i++) {
        pv_schema *s;
        pv_table *t;
        pv_error err = PV_ERROR_INIT;
        cr_expect_neq(load_bytes(with_unit, texts[i], strlen(texts[i]),
                                 &options, &s, &t, NULL, &err),
                      PV_OK);
        cr_expect_not_null(strstr(err.message, "'who'"), "%s", err.message);
        pv_schema_free(s);
    }
}

Test(csv, an_open_quote_does_not_swallow_the_memory)
{
    const size_t size = 3u << 20;
    char *text = malloc(size);
    pv_schema *s;
    pv_table *t;
    pv_error err = PV_ERROR_INIT;
    cr_assert_not_null(text);
    memset(text, 'x', size);
    memcpy(text, "a,b,c\n\"", 7);
    cr_expect_eq(load_bytes(two_and_one, text, size, NULL, &s, &t, NULL, &err),
                 PV_EFORMAT);
    cr_expect_not_null(strstr(err.message, "line 2: a field of more than"));
    pv_schema_free(s);
    free(text);
}

Test(csv, absent_file)
{
    pv_schema *s = schema_of(two_and_one);
    pv_table *t = NULL;
    pv_error err = PV_ERROR_INIT;
    cr_expect_eq(pv_csv_load("/nonexistent.csv", s, NULL, &t, NULL, &err),
                 PV_EIO);
    cr_expect_eq(pv_csv_load("/tmp", s, NULL, &t, NULL, &err), PV_EIO);
    pv_schema_free(s);
}

/* --- round trips ------------------------------------------------------------ */

/* Rows at random, labels that need quotes and numbers that need all digits
 * among them. */
static pv_table *random_table(const pv_schema *s, size_t rows, uint64_t seed)
{
    pv_table *t = NULL;
    pv_stream stream;
    pv_key key = {{0}};
    pv_stream_init(&stream, &key, seed);
    cr_assert_eq(pv_table_alloc(s, rows, true, &t, NULL), PV_OK);
    for (size_t c = 0; c < pv_schema_columns(s); c++) {
        const pv_column *column = pv_schema_column(s, c);
        const uint32_t bins = column->levels - column->missing;
        for (size_t r = 0; r < rows; r++) {
            uint32_t code = (uint32_t)pv_stream_below(&stream, column->levels);
            if (column->kind == PV_COLUMN_BINS && code < bins) {
                const double v = column->minimum +
                                 pv_stream_double(&stream) *
                                     (column->maximum - column->minimum);
                code = pv_column_encode_number(column, v);
                pv_table_put_values(t, c, r, 1, &v);
            }
            pv_table_put(t, c, r, 1, &code);
        }
    }
    return t;
}

static void round_trip(const char *suffix, size_t rows)
{
    pv_schema *s = schema_of(two_and_one);
    pv_table *t = random_table(s, rows, rows), *back = NULL;
    pv_error err = PV_ERROR_INIT;
    const pv_load_options options = {.values = true};
    char *path = temporary_path(suffix);
    cr_assert_eq(pv_csv_write(t, path, false, &err), PV_OK, "%s", err.message);
    cr_expect_eq(pv_csv_write(t, path, false, &err), PV_EEXIST);
    cr_expect_eq(pv_csv_write(t, path, true, &err), PV_OK);
    cr_assert_eq(pv_load(path, s, &options, &back, NULL, &err), PV_OK, "%s",
                 err.message);
    cr_expect(same_rows(t, back));
    pv_table_free(t);
    pv_table_free(back);
    pv_schema_free(s);
    remove_file(path);
}

Test(csv, round_trip)
{
    round_trip(".csv", 0);
    round_trip(".csv", 1);
    round_trip(".csv", 1023);
    round_trip(".csv", 1024);
    round_trip(".csv", 40000);
}

Test(csv, round_trip_gzip)
{
    round_trip(".csv.gz", 20000);
}

Test(csv, one_column_that_is_missing)
{
    pv_schema *s = schema_of("{\"fields\":[{\"name\":\"a\",\"categories\":"
                             "[\"x\"]}]}");
    pv_table *t = NULL, *back = NULL;
    const uint32_t codes[] = {0, 1, 1, 0};
    char *path = temporary_path(".csv");
    cr_assert_eq(pv_table_alloc(s, 4, false, &t, NULL), PV_OK);
    pv_table_put(t, 0, 0, 4, codes);
    cr_assert_eq(pv_csv_write(t, path, false, NULL), PV_OK);
    cr_assert_eq(pv_csv_load(path, s, NULL, &back, NULL, NULL), PV_OK);
    cr_expect(same_rows(t, back));
    pv_table_free(t);
    pv_table_free(back);
    pv_schema_free(s);
    remove_file(path);
}

Test(csv, codes_alone_write_numbers_of_their_bin)
{
    pv_schema *s = schema_of(two_and_one);
    pv_table *t = NULL, *back = NULL;
    char *path = temporary_path(".csv");
    cr_assert_eq(pv_table_alloc(s, 11, false, &t, NULL), PV_OK);
    for (uint32_t r = 0; r < 11; r++)
        pv_table_put(t, 2, r, 1, &r);
    cr_assert_eq(pv_csv_write(t, path, false, NULL), PV_OK);
    cr_assert_eq(pv_csv_load(path, s, NULL, &back, NULL, NULL), PV_OK);
    cr_expect(same_rows(t, back));
    pv_table_free(t);
    pv_table_free(back);
    pv_schema_free(s);
    remove_file(path);
}

Test(csv, a_truncated_gzip_is_refused_wherever_it_ends)
{
    pv_schema *s = schema_of(two_and_one);
    pv_table *t = random_table(s, 200, 7);
    unsigned char *bytes = NULL;
    size_t size = 0;
    char *path = temporary_path(".csv.gz");
    cr_assert_eq(pv_csv_write(t, path, false, NULL), PV_OK);
    cr_assert_eq(pv_file_read(path, 1 << 20, &bytes, &size, NULL), PV_OK);
    for (size_t n = 2; n < size; n += 11) {
        pv_table *back = NULL;
        cr_assert_eq(pv_file_write_atomic(path, bytes, n, 0600, NULL), PV_OK);
        cr_expect_neq(pv_csv_load(path, s, NULL, &back, NULL, NULL), PV_OK,
                      "%zu of %zu bytes", n, size);
        pv_table_free(back);
    }
    free(bytes);
    pv_table_free(t);
    pv_schema_free(s);
    remove_file(path);
}

/* A row breaks a zero when it has a code of the mask in every column. */
static size_t violations(const pv_table *t)
{
    const pv_schema *s = pv_table_schema(t);
    size_t broken = 0;
    for (size_t i = 0; i < pv_schema_zeros(s); i++) {
        const pv_zero *z = pv_schema_zero(s, i);
        for (size_t r = 0; r < pv_table_rows(t); r++) {
            bool all = true;
            for (size_t k = 0; all && k < z->columns; k++)
                all = z->mask[k][pv_codes_at(
                    pv_table_codes(t, z->column[k]), r)];
            broken += all;
        }
    }
    return broken;
}

Test(csv, the_example_keeps_its_zeros)
{
    const char *root = getenv("top_srcdir");
    char schema_path[1024], data[1024];
    if (root == NULL)
        cr_skip_test("top_srcdir is not set: run by make check");
    (void)snprintf(schema_path, sizeof schema_path,
                   "%s/examples/people.schema.json", root);
    (void)snprintf(data, sizeof data, "%s/examples/people.csv.gz", root);
    pv_schema *s = NULL;
    pv_table *t = NULL;
    pv_load_report report;
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(pv_schema_read(schema_path, &s, &err), PV_OK, "%s",
                 err.message);
    cr_assert_eq(pv_load(data, s, NULL, &t, &report, &err), PV_OK, "%s",
                 err.message);
    cr_expect_eq(report.clamped + report.to_missing + report.to_other, 0);
    cr_expect_gt(pv_schema_zeros(s), 0);
    cr_expect_eq(violations(t), 0);
    pv_table_free(t);
    pv_schema_free(s);
}

Test(csv, real_tables)
{
    static const struct {
        const char *name, *file;
        size_t rows;
    } real[] = {{"adult", "data.csv.gz", 48842},
                {"adult_raw", "train.csv.gz", 32561},
                {"adult_raw", "test.csv.gz", 16281},
                {"acs", "data.csv.gz", 47461},
                {"national2019", "data.csv.gz", 27253},
                {"titanic", "data.csv.gz", 1304}};
    for (size_t i = 0; i < sizeof real / sizeof *real; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "%s/schema.json", real[i].name);
        char *schema_path = shared_file(name);
        (void)snprintf(name, sizeof name, "%s/%s", real[i].name, real[i].file);
        char *data = shared_file(name);
        if (schema_path == NULL || data == NULL)
            cr_skip_test("real tables are absent");
        pv_schema *s = NULL;
        pv_table *t = NULL;
        pv_error err = PV_ERROR_INIT;
        pv_load_report report;
        cr_assert_eq(pv_schema_read(schema_path, &s, &err), PV_OK);
        cr_assert_eq(pv_load(data, s, NULL, &t, &report, &err), PV_OK, "%s",
                     err.message);
        cr_expect_eq(pv_table_rows(t), real[i].rows, "%s", data);
        cr_expect_eq(report.clamped + report.to_missing + report.to_other, 0,
                     "%s", data);
        pv_table_free(t);
        pv_schema_free(s);
        free(schema_path);
        free(data);
    }
}
