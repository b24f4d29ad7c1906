/* Sensitivities by brute force: all small tables, all neighbours. */
#include "curator_fixture.h"

#include "marginals/count.h"

TestSuite(sensitivity, .init = fixture_open, .fini = fixture_close);

/* Two columns of 2 and 3 levels: six kinds of rows; tables are how many of
 * each there are, of at most `most` rows. */
enum { kinds = 6, most = 4, marginals = 3 };
static const char small[] =
    "{\"fields\":[" INTEGER("a", "1") "," INTEGER("b", "2") "]}";

typedef struct view {
    int64_t counts[marginals][kinds];
    int64_t score[marginals][2];
} view;

static const size_t cells[marginals] = {2, 3, 6};
static double estimate[kinds] = {0.4, 1.7, 2.00001, 0.5, -1, 3.25};

static pv_clique marginal(size_t i)
{
    return columns(i != 1, i != 0);
}

static view look(const unsigned *table)
{
    view v;
    size_t rows = 0;
    pv_table *t = NULL;
    cr_assert_eq(pv_table_alloc(f.schema, most + 1, false, &t, &f.err), PV_OK);
    for (uint32_t k = 0; k < kinds; k++)
        for (unsigned i = 0; i < table[k]; i++, rows++) {
            const uint32_t a = k / 3, b = k % 3;
            pv_table_put(t, 0, rows, 1, &a);
            pv_table_put(t, 1, rows, 1, &b);
        }
    cr_assert_eq(pv_table_resize(t, rows, &f.err), PV_OK);
    for (size_t m = 0; m < marginals; m++) {
        const pv_clique c = marginal(m);
        int64_t *into = v.counts[m];
        cr_assert_eq(pv_count(t, &c, 1, &into, &f.err), PV_OK);
        for (uint32_t w = 0; w < 2; w++) {
            const pv_candidate candidate = {c, estimate, 0.3, 1 + 6 * w};
            v.score[m][w] = pv_select_score(into, cells[m], &candidate);
        }
    }
    pv_table_free(t);
    return v;
}

/* The most that a count, squared and summed, and a score have changed. */
static void compare(const view *x, const view *y, int64_t *l2, int64_t *moved)
{
    for (size_t m = 0; m < marginals; m++) {
        int64_t sum = 0;
        for (size_t i = 0; i < cells[m]; i++) {
            const int64_t d = x->counts[m][i] - y->counts[m][i];
            sum += d * d;
        }
        *l2 = sum > *l2 ? sum : *l2;
        for (size_t w = 0; w < 2; w++) {
            const int64_t d =
                llabs(x->score[m][w] - y->score[m][w]) / (w == 0 ? 1 : 7);
            *moved = d > *moved ? d : *moved;
        }
    }
}

static bool next_table(unsigned *table)
{
    for (size_t k = 0; k < kinds; k++) {
        unsigned rows = 0;
        table[k]++;
        for (size_t i = 0; i < kinds; i++)
            rows += table[i];
        if (rows <= most)
            return true;
        table[k] = 0;
    }
    return false;
}

Test(sensitivity, of_a_row)
{
    unsigned table[kinds] = {0};
    int64_t l2_one = 0, moved_one = 0, l2_swap = 0, moved_swap = 0;
    use_schema(small);
    do {
        const view here = look(table);
        for (size_t out = 0; out < kinds; out++) {
            if (table[out] == 0)
                continue;
            table[out]--;
            const view less = look(table);
            compare(&here, &less, &l2_one, &moved_one);
            for (size_t in = 0; in < kinds; in++) {
                table[in]++;
                const view swapped = look(table);
                compare(&here, &swapped, &l2_swap, &moved_swap);
                table[in]--;
            }
            table[out]++;
        }
    } while (next_table(table));
    /* as charged, and attained */
    cr_assert_eq(l2_one, (int64_t)pv_sensitivity2(f.schema, PV_ADD_REMOVE));
    cr_assert_eq(l2_swap, (int64_t)pv_sensitivity2(f.schema, PV_REPLACE));
    cr_assert_eq(moved_one, 1 << 16);
    cr_assert_eq(moved_swap, 2 << 16);
}

/* What the curator scales a selection by: weight, k, and two to replace. */
static void assert_stated(const char *schema, pv_neighbours neighbours,
                          uint64_t wanted)
{
    double flat[2048] = {0};
    size_t chosen;
    use_schema(schema);
    f.options.neighbours = neighbours;
    open_well();
    const pv_candidate candidate[] = {{columns(true, false), flat, 0, 5},
                                      {columns(false, true), flat, 0, 3}};
    cr_assert_eq(pv_ask_select(f.curator, candidate, 2, 9, &chosen, &f.err),
                 PV_OK);
    const json_t *question = json_object_get(
        pv_ledger_line(f.curator->ledger, 1), "question");
    cr_assert_eq((uint64_t)json_integer_value(
                     json_object_get(question, "sensitivity")),
                 wanted);
}

Test(sensitivity, of_a_selection) { assert_stated(BY_ROW, PV_ADD_REMOVE, 5 << 16); }
Test(sensitivity, of_a_selection_replace) { assert_stated(BY_ROW, PV_REPLACE, 10 << 16); }

Test(sensitivity, of_a_selection_person)
{
    use_csv("a,b,who\n0,0,x\n1,1,y\n");
    assert_stated(BY_PERSON, PV_ADD_REMOVE, 15 << 16);
}

Test(sensitivity, of_a_selection_person_replace)
{
    use_csv("a,b,who\n0,0,x\n1,1,y\n");
    assert_stated(BY_PERSON, PV_REPLACE, 30 << 16);
}

/* Far out, scores are clamped, never wrapped, and still move as little. */
Test(sensitivity, scores_saturate)
{
    double far[2] = {1e300, -1e300};
    int64_t counts[2] = {INT64_C(1) << 40, 0};
    const pv_candidate c = {columns(true, false), far, -1e300, 4096};
    const int64_t here = pv_select_score(counts, 2, &c);
    counts[1] = 1;
    const int64_t there = pv_select_score(counts, 2, &c);
    cr_assert(here > 0 && here <= INT64_C(1) << 61);
    cr_assert_leq(llabs(here - there), INT64_C(4096) << 16);
    far[0] = NAN;
    far[1] = INFINITY;
    counts[0] = counts[1] = INT64_MAX / 2;
    cr_assert_eq(pv_select_score(counts, 2, &c), INT64_C(1) << 61);
}

/* ---- persons ----------------------------------------------------------- */

/* The kept rows of column a as counts of 2048, from a fresh run. */
static int64_t *kept(const char *csv)
{
    static unsigned run;
    const int64_t *counts;
    const pv_clique c = columns(true, false);
    int64_t *result = pv_array_alloc(2048, sizeof *result);
    char *place = pv_sprintf_alloc("%s/run%u", f.directory, run++);
    use_csv(csv);
    f.options.run_dir = place;
    open_well();
    cr_assert_eq(pv_curator_count(f.curator, &c, 1, &counts, &f.err), PV_OK);
    memcpy(result, counts, 2048 * sizeof *result);
    free(place);
    return result;
}

static int64_t total(const int64_t *counts)
{
    int64_t sum = 0;
    for (size_t i = 0; i < 2048; i++)
        sum += counts[i];
    return sum;
}

/* Person x has seven rows, of which three are kept: the same three wherever
 * they stand and whoever stands between. */
Test(sensitivity, truncation_is_of_the_person)
{
    static const char *const csv[] = {
        "a,b,who\n1,0,x\n2,0,x\n3,0,x\n4,0,x\n5,0,x\n6,0,x\n7,0,x\n",
        "a,b,who\n7,0,x\n6,0,x\n5,0,x\n4,0,x\n3,0,x\n2,0,x\n1,0,x\n",
        "a,b,who\n100,1,y\n4,0,x\n101,2,y\n2,0,x\n7,0,x\n102,2,y\n1,0,x\n"
        "103,2,y\n3,0,x\n6,0,x\n5,0,x\n104,0,z\n",
        "a,b,who\n4,0,x\n200,2,u\n6,0,x\n1,0,x\n201,2,v\n3,0,x\n7,0,x\n2,0,x\n"
        "5,0,x\n"};
    f.options.test_key = &f.seed;
    use_schema(BY_PERSON);
    int64_t *first = kept(csv[0]);
    cr_assert_eq(total(first), 3);
    for (size_t i = 1; i < sizeof csv / sizeof *csv; i++) {
        int64_t *other = kept(csv[i]);
        cr_assert_eq(memcmp(first, other, 8 * sizeof *first), 0, "table %zu",
                     i);
        free(other);
    }
    /* not the first three and not the least: by the key */
    f.seed.bytes[0]++;
    int64_t *otherwise = kept(csv[0]);
    f.seed.bytes[0]++;
    int64_t *still = kept(csv[0]);
    cr_assert(memcmp(first, otherwise, 2048 * sizeof *first) != 0 ||
              memcmp(first, still, 2048 * sizeof *first) != 0);
    free(first);
    free(otherwise);
    free(still);
}

/* A person more or less moves the kept rows by k at most, all in one cell. */
Test(sensitivity, of_a_person)
{
    f.options.test_key = &f.seed;
    use_schema(BY_PERSON);
    int64_t *without = kept("a,b,who\n1,0,x\n2,0,x\n3,0,x\n4,0,x\n5,0,y\n");
    int64_t *with = kept("a,b,who\n1,0,x\n9,0,w\n2,0,x\n9,0,w\n9,0,w\n3,0,x\n"
                         "9,0,w\n4,0,x\n9,0,w\n5,0,y\n");
    int64_t l2 = 0;
    for (size_t i = 0; i < 2048; i++)
        l2 += (with[i] - without[i]) * (with[i] - without[i]);
    cr_assert_eq(l2, (int64_t)pv_sensitivity2(f.schema, PV_ADD_REMOVE));
    cr_assert_eq(l2, 9);
    free(without);
    free(with);
}
