/* Dates; tables whose columns have no levels yet; schemas that get them. */
#include "tests/io_fixture.h"

#include "io/csv.h"
#include "io/date.h"
#include "io/draft.h"
#include "io/hdf5.h"
#include "io/numbers.h"
#include "io/rows.h"

#include <math.h>
#include <sys/stat.h>

static pv_error err;

static char *temporary_directory(void)
{
    char *path = temporary_path(".d");
    cr_assert_eq(mkdir(path, 0700), 0);
    return path;
}

static void remove_tree(char *path)
{
    char *command = pv_sprintf_alloc("rm -rf '%s'", path);
    cr_assert_eq(system(command), 0);
    free(command);
    free(path);
}

static void put_file(const char *path, const void *bytes, size_t size)
{
    cr_assert_eq(pv_file_write_atomic(path, bytes, size, 0600, &err), PV_OK);
}

/* ---- dates --------------------------------------------------------------- */

static bool date(const char *text, double *days)
{
    return pv_date_parse(text, strlen(text), days);
}

Test(date, of_the_calendar)
{
    static const char *const bad[] = {
        "",           "2020-2-03",   "2020-02-30", "2021-02-29", "1900-02-29",
        "2020-13-01", "2020-00-01",  "2020-01-00", "2020-04-31", "20200101",
        "2020/01/01", "2020-01-01 ", " 2020-01-01", "2020-01-0a", "-020-01-01"};
    double days;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert(!date(bad[i], &days), "%s", bad[i]);
    cr_assert(date("1970-01-01", &days));
    cr_assert_eq(days, 0);
    cr_assert(date("2000-02-29", &days));
    cr_assert_eq(days, 11016);
    cr_assert(date("1969-12-31", &days));
    cr_assert_eq(days, -1);
    cr_assert(date("0000-01-01", &days));
    cr_assert_eq(days, PV_DATE_FIRST);
    cr_assert(date("9999-12-31", &days));
    cr_assert_eq(days, PV_DATE_LAST);
}

/* Every day there is, one after the other, and back. */
Test(date, every_day)
{
    char before[PV_NUMBER_ROOM] = "", text[PV_NUMBER_ROOM];
    for (int d = PV_DATE_FIRST; d <= PV_DATE_LAST; d++) {
        double back;
        const size_t n = pv_date_format(d, text);
        cr_assert(n == 10 && pv_date_parse(text, n, &back) && back == d);
        text[n] = '\0';
        cr_assert_gt(strcmp(text, before), 0);
        memcpy(before, text, sizeof before);
    }
}

#define DAY(privet)                                                            \
    "{\"fields\":[{\"name\":\"d\",\"type\":\"date\",\"constraints\":{"         \
    "\"minimum\":\"2020-01-01\",\"maximum\":\"2020-12-31\"}" privet "},"        \
    "{\"name\":\"s\",\"categories\":[\"a\",\"b\"]}]"

/* Dates in, dates out, by CSV and by HDF5; clamped at the range. */
Test(date, files)
{
    static const char in[] = "d,s\n2020-02-29,a\n,b\n2019-05-05,a\nnone,a\n"
                             "2020-12-31,a\n";
    static const char out[] = "d,s\n2020-02-29,a\n,b\n2020-01-01,a\n,a\n"
                              "2020-12-31,a\n";
    pv_schema *s = schema_of(DAY(",\"privet\":{\"bins\":[\"2020-01-01\","
                                 "\"2020-03-01\",\"2020-12-31\"]}") "}");
    pv_table *t = NULL, *again = NULL;
    char *directory = temporary_directory(), text[64];
    char *csv = pv_sprintf_alloc("%s/t.csv", directory);
    char *h5 = pv_sprintf_alloc("%s/t.h5", directory);
    const pv_load_options values = {.values = true};
    put_file(csv, in, strlen(in));
    cr_assert_eq(pv_csv_load(csv, s, &values, &t, NULL, &err), PV_OK, "%s",
                 err.message);
    cr_assert_eq(pv_hdf5_write(t, h5, false, &err), PV_OK);
    cr_assert_eq(pv_hdf5_load(h5, s, &values, &again, NULL, &err), PV_OK);
    cr_assert(same_rows(t, again));
    cr_assert_eq(pv_csv_write(again, csv, true, &err), PV_OK);
    unsigned char *back = NULL;
    size_t size = 0;
    cr_assert_eq(pv_file_read(csv, 1 << 20, &back, &size, &err), PV_OK);
    cr_assert(size == strlen(out) && memcmp(back, out, size) == 0);
    pv_column_describe(pv_schema_column(s, 0), 0, text, sizeof text);
    cr_assert_str_eq(text, "[2020-01-01, 2020-03-01)");
    free(back);
    free(csv);
    free(h5);
    pv_table_free(t);
    pv_table_free(again);
    pv_schema_free(s);
    remove_tree(directory);
}

/* A rule's dates are edges; a list names days. */
Test(date, zeros)
{
    pv_schema *s = schema_of(
        DAY(",\"privet\":{\"bins\":2}") ",\"privet\":{\"zeros\":[{\"when\":{"
        "\"d\":{\"maximum\":\"2020-02-10\"}},\"never\":{\"s\":[\"b\"]}},"
        "{\"when\":{\"d\":[\"2020-06-01\"]},\"never\":{\"s\":[\"a\"]}}]}}");
    const pv_column *c = pv_schema_column(s, 0);
    char text[64];
    cr_assert_eq(pv_schema_zeros(s), 2);
    cr_assert_eq(c->levels, 6);
    pv_column_describe(c, 0, text, sizeof text);
    cr_assert_str_eq(text, "[2020-01-01, 2020-02-11)");
    cr_assert(pv_schema_zero(s, 0)->mask[0][0]);
    cr_assert(!pv_schema_zero(s, 0)->mask[0][1]);
    pv_column_describe(c, 2, text, sizeof text);
    cr_assert_str_eq(text, "2020-06-01");
    pv_schema_free(s);
    /* days without bins are levels */
    s = schema_of(DAY("") "}");
    cr_assert_eq(pv_schema_column(s, 0)->levels, 367);
    pv_column_describe(pv_schema_column(s, 0), 59, text, sizeof text);
    cr_assert_str_eq(text, "2020-02-29");
    pv_schema_free(s);
}

Test(date, draft)
{
    char *directory = temporary_directory(), *json = NULL;
    char *csv = pv_sprintf_alloc("%s/t.csv", directory);
    static const char in[] = "d,e\n2001-05-06,2001-05-06\n,x\n2010-01-02,y\n";
    put_file(csv, in, strlen(in));
    cr_assert_eq(pv_schema_draft(csv, 0, &json, &err), PV_OK);
    pv_schema *s = schema_of(json);
    double low, high;
    cr_assert(date("2001-01-01", &low) && date("2010-12-31", &high));
    cr_assert(pv_schema_column(s, 0)->date && pv_schema_column(s, 0)->missing);
    cr_assert_eq(pv_schema_column(s, 0)->minimum, low);
    cr_assert_eq(pv_schema_column(s, 0)->maximum, high);
    cr_assert_eq(pv_schema_column(s, 1)->kind, PV_COLUMN_LABELS);
    pv_schema_free(s);
    free(json);
    free(csv);
    remove_tree(directory);
}

/* ---- tables without levels ------------------------------------------------ */

static const char needy[] =
    "{\"missingValues\":[\"\",\"NA\"],\"fields\":["
    "{\"name\":\"x\",\"type\":\"number\",\"constraints\":{\"minimum\":-5,"
    "\"maximum\":100},\"privet\":{\"bins\":\"private\"}},"
    "{\"name\":\"n\",\"type\":\"integer\",\"privet\":{\"bins\":\"private\","
    "\"bounds\":\"private\"}},"
    "{\"name\":\"l\",\"type\":\"string\",\"constraints\":{\"required\":true},"
    "\"privet\":{\"open\":true,\"other\":\"rest\"}},"
    "{\"name\":\"d\",\"type\":\"date\",\"privet\":{\"bins\":4,"
    "\"bounds\":\"private\"}},"
    "{\"name\":\"k\",\"categories\":[\"u\",\"v\"]}],"
    "\"privet\":{\"zeros\":[{\"when\":{\"n\":{\"minimum\":40}},\"never\":{"
    "\"l\":[\"seldom\",\"often\"],\"k\":[\"u\"]}},"
    "{\"when\":{\"d\":{\"maximum\":\"1999-12-31\"}},\"never\":{\"x\":{"
    "\"minimum\":50}}}]}}";
static const char needy_rows[] =
    "x,n,l,d,k\n1.5,7,often,2001-02-03,u\n-9,1e300,NA,NA,v\nNA,oops,b,,\n"
    "-0,-3,\xff,2001-01-01,u\n1e999,2.5,often,1990-01-01,u\n";

static const pv_found *findings(pv_found found[4])
{
    static const double x[] = {-5, 0, 5e-324, 100}, n[] = {0, 5, 5};
    static double d[3];
    static const char *const labels[] = {"often", "b"};
    cr_assert(date("2000-06-01", &d[0]) && date("2001-02-01", &d[1]) &&
              date("2002-01-01", &d[2]));
    found[0] = (pv_found){.column = 0, .edges = x, .edge_count = 4};
    found[1] = (pv_found){.column = 1, .edges = n, .edge_count = 3};
    found[2] = (pv_found){.column = 2, .labels = labels, .label_count = 2};
    found[3] = (pv_found){.column = 3, .edges = d, .edge_count = 3};
    return found;
}

Test(raw, load)
{
    pv_schema *s = schema_of(needy);
    pv_table *t = NULL;
    char *directory = temporary_directory();
    char *csv = pv_sprintf_alloc("%s/t.csv", directory);
    const pv_load_options options = {.raw = true};
    put_file(csv, needy_rows, strlen(needy_rows));
    cr_assert_eq(pv_csv_load(csv, s, NULL, &t, NULL, &err), PV_ESCHEMA);
    cr_assert_eq(pv_csv_load(csv, s, &options, &t, NULL, &err), PV_OK, "%s",
                 err.message);
    /* clamped where the range is public, and to what is exact where not */
    static const double x[] = {1.5, -5, NAN, 0, 100};
    static const double n[] = {7, 9007199254740991, NAN, -3, NAN};
    static const uint32_t l[] = {PV_RAW_TEXT, PV_RAW_REST, PV_RAW_TEXT + 1,
                                 PV_RAW_REST, PV_RAW_TEXT};
    for (size_t r = 0; r < 5; r++) {
        const double a = pv_table_values(t, 0)[r], b = pv_table_values(t, 1)[r];
        cr_assert(a == x[r] || (isnan(a) && isnan(x[r])), "x %zu", r);
        cr_assert(b == n[r] || (isnan(b) && isnan(n[r])), "n %zu", r);
        cr_assert_eq(pv_codes_at(pv_table_codes(t, 2), r), l[r]);
        cr_assert_eq(pv_codes_at(pv_table_codes(t, 0), r) == PV_RAW_MISSING,
                     isnan(x[r]) != 0);
    }
    cr_assert(!signbit(pv_table_values(t, 0)[3]));
    cr_assert_eq(pv_table_texts(t, 2), 2);
    cr_assert(!pv_table_is_raw(t, 4));
    pv_table_free(t);
    pv_schema_free(s);
    free(csv);
    remove_tree(directory);
}

Test(raw, resolve)
{
    pv_found found[4];
    pv_schema *s = schema_of(needy), *r = NULL, *again;
    cr_assert(pv_schema_has_needs(s));
    cr_assert_eq(pv_schema_zeros(s), 0); /* they wait */
    cr_assert_eq(pv_schema_resolve(s, findings(found), 4, &r, &err), PV_OK,
                 "%s", err.message);
    cr_assert(!pv_schema_has_needs(r));
    /* labels in order, those of the zeros too, the rest last */
    static const char *const labels[] = {"b", "often", "seldom", "rest"};
    const pv_column *l = pv_schema_column(r, 2);
    cr_assert_eq(l->levels, 4);
    for (size_t i = 0; i < 4; i++)
        cr_assert_str_eq(l->labels[i], labels[i]);
    cr_assert_eq(l->other, 3);
    /* 50 is an edge of x; the range of n reaches 40, that of d 1999-12-31 */
    static const double x[] = {-5, 0, 5e-324, 50, 100}, n[] = {0, 5, 6, 40, 40};
    const pv_column *c = pv_schema_column(r, 0);
    cr_assert_eq(c->levels, 5);
    cr_assert_eq(memcmp(c->edges, x, sizeof x), 0);
    c = pv_schema_column(r, 1);
    cr_assert_eq(c->levels, 5);
    cr_assert_eq(memcmp(c->edges, n, sizeof n), 0);
    char text[64];
    pv_column_describe(pv_schema_column(r, 3), 0, text, sizeof text);
    cr_assert_str_eq(text, "1999-12-31");
    cr_assert_eq(pv_schema_zeros(r), 4 - 1);
    /* it stands alone */
    again = schema_of(pv_schema_json(r));
    cr_assert_str_eq(pv_schema_json(again), pv_schema_json(r));
    pv_schema_free(again);
    pv_schema_free(r);
    pv_schema_free(s);
}

static void resolve_and_recode(const char *file, const pv_schema *s,
                               pv_schema **resolved, pv_table **t)
{
    pv_found found[4];
    const pv_load_options options = {.raw = true, .ignore_extra = true};
    cr_assert_eq(pv_load(file, s, &options, t, NULL, &err), PV_OK, "%s",
                 err.message);
    cr_assert_eq(pv_schema_resolve(s, findings(found), 4, resolved, &err),
                 PV_OK);
    cr_assert_eq(pv_table_recode(t, *resolved, &err), PV_OK);
}

/* Encoded later is encoded at once under the resolved schema, but for labels:
 * one without a level of its own goes to the rest, not to missing. From HDF5
 * made under another schema the same codes come. */
Test(raw, recode)
{
    static const uint32_t l[] = {1, 3, 0, 3, 1};
    static const char public[] =
        "{\"missingValues\":[\"\",\"NA\"],\"fields\":["
        "{\"name\":\"d\",\"type\":\"date\",\"constraints\":{\"minimum\":"
        "\"1980-01-01\",\"maximum\":\"2010-01-01\"},\"privet\":{\"bins\":9}},"
        "{\"name\":\"l\",\"categories\":[\"often\",\"b\",\"never seen\",\"?\"],"
        "\"privet\":{\"other\":\"?\"}},"
        "{\"name\":\"k\",\"categories\":[\"v\",\"u\"]},"
        "{\"name\":\"n\",\"type\":\"integer\",\"constraints\":{\"minimum\":"
        "-9007199254740991,\"maximum\":9007199254740991},"
        "\"privet\":{\"bins\":3}},"
        "{\"name\":\"x\",\"type\":\"number\",\"constraints\":{\"minimum\":-1000,"
        "\"maximum\":1000},\"privet\":{\"bins\":2}}]}";
    pv_schema *s = schema_of(needy), *other = schema_of(public);
    pv_schema *r = NULL, *r5 = NULL;
    pv_table *t = NULL, *at_once = NULL, *from_h5 = NULL;
    const pv_load_options values = {.values = true};
    char *directory = temporary_directory();
    char *csv = pv_sprintf_alloc("%s/t.csv", directory);
    char *h5 = pv_sprintf_alloc("%s/t.h5", directory);
    put_file(csv, needy_rows, strlen(needy_rows));
    resolve_and_recode(csv, s, &r, &t);
    cr_assert_eq(pv_load(csv, r, NULL, &at_once, NULL, &err), PV_OK, "%s",
                 err.message);
    cr_assert(same_rows(t, at_once));
    for (size_t i = 0; i < 5; i++)
        cr_assert_eq(pv_codes_at(pv_table_codes(t, 2), i), l[i], "label %zu", i);
    pv_table *imported = NULL;
    cr_assert_eq(pv_load(csv, other, &values, &imported, NULL, &err), PV_OK,
                 "%s", err.message);
    cr_assert_eq(pv_hdf5_write(imported, h5, false, &err), PV_OK);
    resolve_and_recode(h5, s, &r5, &from_h5);
    for (size_t c = 0; c < 5; c++)
        for (size_t i = 0; i < 5; i++)
            if (c != 2 || l[i] != 3) /* import had no place for those */
                cr_assert_eq(pv_codes_at(pv_table_codes(from_h5, c), i),
                             pv_codes_at(pv_table_codes(t, c), i),
                             "column %zu, row %zu", c, i);
    pv_table_free(imported);
    pv_table_free(t);
    pv_table_free(at_once);
    pv_table_free(from_h5);
    pv_schema_free(r);
    pv_schema_free(r5);
    pv_schema_free(s);
    pv_schema_free(other);
    free(csv);
    free(h5);
    remove_tree(directory);
}

/* A value that has no meaning and no missing level is refused before anything
 * else, as for public columns, and without a word about it. */
Test(raw, refused)
{
    static const char required[] =
        "{\"fields\":[{\"name\":\"n\",\"type\":\"integer\",\"constraints\":{"
        "\"required\":true},\"privet\":{\"bins\":\"private\","
        "\"bounds\":\"private\"}}]}";
    pv_schema *s = schema_of(required);
    pv_table *t = NULL;
    char *directory = temporary_directory();
    char *csv = pv_sprintf_alloc("%s/t.csv", directory);
    const pv_load_options options = {.raw = true, .private_rows = true};
    put_file(csv, "n\n1\n77x7\n", 9);
    cr_assert_eq(pv_load(csv, s, &options, &t, NULL, &err), PV_EDOMAIN);
    cr_assert(strstr(err.message, "77x7") == NULL);
    pv_schema_free(s);
    free(csv);
    remove_tree(directory);
}

/* Of found labels a value without one is the rest, not missing; elsewhere a
 * missing level comes first. */
Test(raw, rest_before_missing)
{
    static const char *const privet[] = {"\"other\":\"b\",\"found\":true",
                                         "\"other\":\"b\"",
                                         "\"other\":\"b\",\"found\":false"};
    for (size_t i = 0; i < 3; i++) {
        uint64_t outside = 0;
        char *json = pv_sprintf_alloc("{\"fields\":[{\"name\":\"l\","
                                      "\"categories\":[\"a\",\"b\"],"
                                      "\"privet\":{%s}}]}", privet[i]);
        pv_schema *s = schema_of(json);
        cr_assert_eq(pv_column_encode(s, 0, "zz", 2, &outside, NULL),
                     i == 0 ? 1 : 2);
        cr_assert_eq(outside, 1);
        cr_assert_eq(pv_column_encode(s, 0, "", 0, &outside, NULL), 2);
        cr_assert_eq(outside, 1);
        pv_schema_free(s);
        free(json);
    }
}

/* Bins of one value give that value back exactly. */
Test(raw, points_are_exact)
{
    pv_schema *s = schema_of(
        "{\"fields\":[{\"name\":\"x\",\"type\":\"number\",\"constraints\":{"
        "\"required\":true},\"privet\":{\"bins\":[-1,0,5e-324,40.1,"
        "40.10000000000001,100,100]}}]}");
    const pv_column *c = pv_schema_column(s, 0);
    const double want[] = {NAN, 0, NAN, 40.1, NAN, 100};
    pv_table *t = NULL;
    pv_key key = {{1}};
    cr_assert_eq(c->levels, 6);
    cr_assert_eq(pv_table_alloc(s, 600, true, &t, &err), PV_OK);
    for (uint32_t r = 0; r < 600; r++) {
        const uint32_t code = r % 6;
        pv_table_put(t, 0, r, 1, &code);
    }
    cr_assert_eq(pv_numbers_fill(t, &key, &err), PV_OK);
    for (size_t r = 0; r < 600; r++) {
        const double v = pv_table_values(t, 0)[r];
        cr_assert(isnan(want[r % 6]) || v == want[r % 6]);
        cr_assert_eq(pv_column_encode_number(c, v), r % 6);
    }
    pv_table_free(t);
    pv_schema_free(s);
}
