/* Embeddings as private rows: labels, persons, what is refused and what is said of it. */
#include "embedded_fixture.h"

static void begin(void)
{
    fixture_open();
    (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    f.options.vectors = true;
    use_schema(of_rows);
}

TestSuite(embedded, .init = begin, .fini = fixture_close);

static const int64_t label[] = {0, 0, 1, 1, 0};
static const embedded five = {5,
                              {{0.1F, 0.2F}, {0.9F, 0}, {2, 2}, {0, 0}, {1, 1}},
                              label, NULL};

Test(embedded, rows_vote_in_the_class_of_their_label)
{
    use_embedded(&five);
    open_well();
    cr_assert_eq(pv_curator_width(f.curator), width);
    assert_votes((int64_t[]){1, 1, 0, 1, 1, 1});
}

/* Nobody else's vote changes. */
Test(embedded, a_vector_that_is_not_finite_casts_no_vote)
{
    embedded e = five;
    e.value[1][1] = NAN;
    e.value[2][0] = INFINITY;
    use_embedded(&e);
    open_well();
    assert_votes((int64_t[]){1, 0, 0, 1, 1, 0});
}

Test(embedded, nobody)
{
    static const int64_t none[1] = {0};
    use_embedded(&(embedded){0, {{0}}, none, NULL});
    open_well();
    assert_votes((int64_t[]){0, 0, 0, 0, 0, 0});
}

/* --- labels -------------------------------------------------------------------- */

static const int64_t odd[] = {0, -7777, 1, 7777, 0};

Test(embedded, labels_beyond_a_range_are_clamped)
{
    embedded e = five;
    e.label = odd;
    use_schema("{\"fields\":[" INTEGER("kind", "1") "]}");
    use_embedded(&e);
    open_well();
    assert_votes((int64_t[]){1, 1, 0, 1, 1, 1}); /* -7777 is 0, 7777 is 1 */
}

Test(embedded, labels_of_no_level_are_missing)
{
    static const size_t none_of_them[4] = {0, 4, 6, 6};
    int64_t got[candidates];
    embedded e = five;
    pv_ballot b = by_label;
    e.label = odd;
    use_schema("{\"fields\":[{\"name\":\"kind\",\"categories\":[\"a\",\"b\"]}]}");
    use_embedded(&e);
    open_well();
    b.first = none_of_them;
    b.classes = 3;
    cr_assert_eq(pv_curator_votes(f.curator, &b, got, &f.err), PV_OK);
    const int64_t wanted[candidates] = {1, 0, 0, 1, 0, 1};
    cr_assert_arr_eq(got, wanted, sizeof got);
}

/* What is said of private rows: no value, and not how many there are. */
static void assert_refused(pv_status status)
{
    static const char *const secret[] = {"7777", "0.25", "13", "17"};
    cr_assert_eq(open_anew(), status, "%s", f.err.message);
    cr_assert_null(f.curator);
    const char *said = strstr(f.err.message, f.input) != NULL
                           ? strstr(f.err.message, f.input) + strlen(f.input)
                           : f.err.message;
    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++)
        cr_assert_null(strstr(said, secret[i]), "%s", f.err.message);
}

Test(embedded, labels_of_no_level_are_refused)
{
    embedded e = five;
    e.label = odd;
    use_embedded(&e);
    assert_refused(PV_EDOMAIN);
    static const int64_t negative[] = {0, 0, 0, 0, -1};
    e.label = negative;
    use_embedded(&e);
    assert_refused(PV_EDOMAIN);
}

Test(embedded, labels_are_needed_where_there_are_several)
{
    embedded e = five;
    e.label = NULL;
    use_embedded(&e);
    assert_refused(PV_EFORMAT);
    use_schema("{\"fields\":[" INTEGER("kind", "0") "]}");
    open_anew_well();
}

Test(embedded, schemas_that_are_not_of_a_label)
{
    use_embedded(&five);
    use_schema("{\"fields\":[" INTEGER("a", "1") "," INTEGER("b", "1") "]}");
    assert_refused(PV_ESCHEMA);
    use_schema("{\"fields\":[{\"name\":\"x\",\"type\":\"number\",\"constraints\":"
               "{\"minimum\":0,\"maximum\":1},\"privet\":{\"bins\":4}}]}");
    assert_refused(PV_ESCHEMA);
}

Test(embedded, labels_that_are_not_known_yet)
{
    use_embedded(&five);
    use_schema("{\"fields\":[{\"name\":\"x\",\"type\":\"string\",\"privet\":"
               "{\"open\":true,\"levels\":8}}]}");
    assert_refused(PV_ESCHEMA);
}

/* --- files that are not right ----------------------------------------------------- */

/* Seventeen rows, thirteen labels: neither number is told. */
Test(embedded, sets_of_other_shapes)
{
    static const float values[17 * width] = {0.25F};
    static const int64_t labels[17] = {0};
    const hsize_t wide[2] = {17, width}, flat[1] = {17}, none[2] = {17, 0};
    hid_t file, group = make_file(&file);
    put_set(group, "embedding", H5T_NATIVE_FLOAT, 2, wide, values);
    put_integers(group, "label", 13, labels);
    close_file(file, group);
    assert_refused(PV_EFORMAT);
    group = make_file(&file);
    put_set(group, "embedding", H5T_NATIVE_FLOAT, 1, flat, values);
    close_file(file, group);
    assert_refused(PV_EFORMAT);
    group = make_file(&file);
    put_set(group, "embedding", H5T_NATIVE_FLOAT, 2, none, values);
    close_file(file, group);
    assert_refused(PV_EFORMAT);
    group = make_file(&file);
    put_set(group, "embedding", H5T_NATIVE_FLOAT, 2, wide, values);
    put_set(group, "label", H5T_NATIVE_FLOAT, 1, flat, values);
    close_file(file, group);
    assert_refused(PV_EFORMAT);
    use_csv("a,b\n0,0\n");
    assert_refused(PV_EFORMAT);
}

/* What is of responses alone is left alone. */
Test(embedded, payloads_of_private_rows_are_not_read)
{
    static const int64_t unit[] = {1, 1, 1, 1, 1};
    embedded e = five;
    hid_t file;
    const hid_t group = make_file(&file);
    e.unit = unit;
    put_embedded(group, &e);
    put_integers(group, "fold", 5, unit);
    put_integers(group, "parent_id", 5, unit);
    close_file(file, group);
    use_schema(of_persons);
    open_well();
    cr_assert_eq(pv_table_rows(f.curator->rows), 3);
    cr_assert_null(f.curator->vectors->fold);
}

/* --- the question -------------------------------------------------------------- */

static void assert_unpaid(const pv_ballot *b)
{
    int64_t got[candidates];
    cr_assert_eq(pv_ask_votes(f.curator, b, (pv_rational){9, 1}, got, &f.err),
                 PV_EINVAL);
    cr_assert_eq(f.curator->spent, 0);
}

Test(embedded, ballots_of_other_vectors_are_refused_unpaid)
{
    static const size_t one[2] = {0, 6};
    use_embedded(&five);
    open_well();
    pv_ballot b = by_label;
    b.width = 1;
    assert_unpaid(&b);
    b = by_label;
    b.by = 1;
    assert_unpaid(&b);
    b = by_label;
    b.classes = 1;
    assert_unpaid(&b);
    b.by = PV_NO_COLUMN;
    b.first = one;
    int64_t got[candidates];
    cr_assert_eq(pv_ask_votes(f.curator, &b, (pv_rational){9, 1}, got, &f.err),
                 PV_OK, "%s", f.err.message);
}

/* A run is of its rows: a coordinate's last bit, a label. */
Test(embedded, other_rows_do_not_resume)
{
    int64_t got[candidates];
    embedded e = five;
    use_embedded(&e);
    open_well();
    cr_assert_eq(pv_ask_votes(f.curator, &by_label, (pv_rational){9, 1}, got,
                              &f.err), PV_OK, "%s", f.err.message);
    cr_assert_eq(reopen(), PV_OK);
    e.value[4][1] = nextafterf(1, 2);
    use_embedded(&e);
    cr_assert_eq(reopen(), PV_EMISMATCH);
    e = five;
    e.label = (const int64_t[]){0, 0, 1, 1, 1};
    use_embedded(&e);
    cr_assert_eq(reopen(), PV_EMISMATCH);
    use_embedded(&five);
    cr_assert_eq(reopen(), PV_OK, "%s", f.err.message);
}
