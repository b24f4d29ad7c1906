/* Embeddings of persons: whose rows they are, which are kept, and what they weigh. */
#include "embedded_fixture.h"

static void begin(void)
{
    fixture_open();
    (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    f.options.vectors = true;
    use_schema(of_persons);
}

TestSuite(embedded_persons, .init = begin, .fini = fixture_close);

/* The second person has rows one, three and four: 256 / sqrt(3), of two classes. */
static const int64_t label[] = {0, 0, 1, 1, 0}, unit[] = {-4, 9, -4, 9, 9};
static const embedded five = {5,
                              {{0, 0}, {1, 0}, {0.1F, 0}, {1, 1}, {0, 1}},
                              label, unit};

Test(embedded_persons, are_scaled_over_classes)
{
    use_embedded(&five);
    open_well();
    cr_assert_eq(pv_table_person_count(f.curator->rows), 2);
    assert_votes((int64_t[]){181, 147, 147, 0, 181, 147});
}

Test(embedded_persons, vectors_without_a_vote_weigh_nothing)
{
    embedded e = five;
    e.value[3][1] = NAN;
    use_embedded(&e);
    open_well();
    assert_votes((int64_t[]){181, 181, 181, 0, 181, 0});
}

Test(embedded_persons, need_their_identities)
{
    embedded e = five;
    e.unit = NULL;
    use_embedded(&e);
    cr_assert_eq(reopen(), PV_EFORMAT);
    cr_assert_not_null(strstr(f.err.message, "unit_id"));
}

Test(embedded_persons, other_persons_do_not_resume)
{
    embedded e = five;
    use_embedded(&e);
    open_well();
    e.unit = (const int64_t[]){-4, 9, -4, 9, -4};
    use_embedded(&e);
    cr_assert_eq(reopen(), PV_EMISMATCH);
    e.unit = (const int64_t[]){3, 8, 3, 8, 8}; /* the same under other names */
    use_embedded(&e);
    cr_assert_eq(reopen(), PV_OK, "%s", f.err.message);
}

/* Hashes, beyond what a signed number holds: they do not become one person. */
Test(embedded_persons, unsigned_identities_stay_apart)
{
    static const uint64_t hash[] = {UINT64_MAX, UINT64_C(1) << 63, UINT64_MAX,
                                    (UINT64_C(1) << 63) + 5, UINT64_MAX};
    const hsize_t dims[1] = {5};
    hid_t file;
    const hid_t group = make_file(&file);
    embedded e = five;
    e.unit = NULL;
    put_embedded(group, &e);
    put_set(group, "unit_id", H5T_NATIVE_UINT64, 1, dims, hash);
    close_file(file, group);
    open_well();
    cr_assert_eq(pv_table_person_count(f.curator->rows), 3);
    assert_votes((int64_t[]){147, 256, 147, 0, 147, 256});
}

/* --- at most three rows ----------------------------------------------------------- */

/* Eight rows of one person, each for another place and class, among others' rows. */
enum { own = 8 };
static const float at[own][width] = {{0, 0}, {1, 0}, {0, 1},    {1, 1},
                                     {0, 0}, {1, 1}, {0, 0.1F}, {1, 0.1F}};
static const int64_t of[own] = {0, 0, 0, 0, 1, 1, 0, 0};

/* The rows of that person by `order`, with `others` before, between and after. */
static void use_crowd(const size_t order[own], size_t others)
{
    static int64_t labels[rows_most], units[rows_most];
    embedded e = {0, {{0}}, labels, units};
    for (size_t i = 0; i < own; i++) {
        if (i < others) {
            e.value[e.rows][0] = (float)i;
            labels[e.rows] = 0;
            units[e.rows++] = 100 + (int64_t)i;
        }
        memcpy(e.value[e.rows], at[order[i]], sizeof e.value[0]);
        labels[e.rows] = of[order[i]];
        units[e.rows++] = 7;
    }
    use_embedded(&e);
}

/* What the person adds to the votes. */
static votes share_of(const size_t order[own], size_t others)
{
    static const float x[own] = {0, 1, 2, 3, 4, 5, 6, 7};
    use_crowd(order, others);
    open_anew_well();
    cr_assert_eq(pv_table_rows(f.curator->rows), 3 + others);
    cr_assert_eq(f.curator->vectors->count, 3 + others);
    votes v = votes_now();
    for (size_t i = 0; i < others; i++)
        v.of[x[i] > 0.5F ? 1 : 0] -= PV_VOTE_GRID;
    return v;
}

/* Of eight rows three count, the same ones whoever else is there and in whatever order
 * they lie; under another key they are others. */
Test(embedded_persons, rows_are_cut_down_by_themselves_alone)
{
    static const size_t forth[own] = {0, 1, 2, 3, 4, 5, 6, 7},
                        back[own] = {7, 6, 5, 4, 3, 2, 1, 0},
                        mixed[own] = {3, 0, 7, 4, 1, 6, 2, 5};
    f.options.test_key = &f.seed;
    size_t kinds = 0;
    votes before = {{0}};
    for (uint8_t key = 0; key < 8; key++) {
        f.seed.bytes[0] = key;
        const votes alone = share_of(forth, 0);
        int64_t norm2 = 0;
        for (size_t j = 0; j < candidates; j++)
            norm2 += alone.of[j] * alone.of[j];
        cr_assert(norm2 > 60000 && norm2 <= 65536, "%lld", (long long)norm2);
        for (size_t others = 0; others <= own; others += 4) {
            const votes again = share_of(others % 8 == 0 ? back : mixed, others);
            cr_assert_arr_eq(again.of, alone.of, sizeof alone.of);
        }
        kinds += memcmp(&alone, &before, sizeof alone) != 0;
        before = alone;
    }
    cr_assert_gt(kinds, 3);
}

/* --- what they cost ------------------------------------------------------------- */

static void assert_charged(uint64_t d2)
{
    int64_t got[candidates];
    uint64_t units;
    const pv_rational sigma2 = {1 << 20, 1};
    use_embedded(&five);
    open_well();
    cr_assert_eq(pv_ask_votes(f.curator, &by_label, sigma2, got, &f.err), PV_OK,
                 "%s", f.err.message);
    cr_assert(pv_cost_gaussian(d2, sigma2, &units));
    cr_assert_eq(f.curator->spent, units);
}

Test(embedded_persons, are_charged) { assert_charged(65536); }

Test(embedded_persons, are_charged_when_replaced)
{
    f.options.neighbours = PV_REPLACE;
    assert_charged(131072);
}
