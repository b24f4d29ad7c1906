/* Votes of private rows on a public population: who is voted for, by brute force, and
 * by how much a unit changes the counts, over all small tables and neighbours. */
#include "votes_fixture.h"

TestSuite(votes, .init = begin_rows, .fini = end);
TestSuite(person_votes, .init = begin_persons, .fini = end);

/* What the text says: the nearest of the class, the first of equals. */
static size_t voted(int a, int b)
{
    size_t best = first[b];
    for (size_t j = first[b]; j < first[b + 1]; j++)
        if (fabs(place[j] - a) < fabs(place[best] - a))
            best = j;
    return best;
}

static int64_t distance2(const ballots *x, const ballots *y)
{
    int64_t sum = 0;
    for (size_t j = 0; j < candidates; j++)
        sum += (x->count[j] - y->count[j]) * (x->count[j] - y->count[j]);
    return sum;
}

Test(votes, are_of_the_nearest)
{
    ballots wanted = {{0}};
    char text[512] = "a,b\n";
    for (int a = 0; a < 6; a++)
        for (int b = 0; b < 3; b++) {
            char line[16];
            (void)snprintf(line, sizeof line, "%d,%d\n", a, b);
            strcat(text, line);
            wanted.count[voted(a, b)]++;
        }
    use_csv(text);
    open_well();
    const ballots got = votes_now();
    cr_assert_eq(distance2(&wanted, &got), 0);
    /* a tie and duplicates: 2 is as far from 0 as from 4 */
    cr_assert_eq(got.count[0], 3);
    cr_assert_eq(got.count[2], 0);
    cr_assert_eq(got.count[5], 0);
}

/* A unit is a few rows; a table, a few units. */
typedef struct unit {
    size_t rows;
    int a[3], b[3];
} unit;

/* The votes of a table of such units, by the curator's own code on a file. */
static ballots votes_of(const unit *units, size_t count, bool persons)
{
    char text[1024];
    int at = snprintf(text, sizeof text, persons ? "a,b,who\n" : "a,b\n");
    for (size_t i = 0; i < count; i++)
        for (size_t r = 0; r < units[i].rows; r++)
            at += persons ? snprintf(text + at, sizeof text - (size_t)at,
                                     "%d,%d,p%zu\n", units[i].a[r],
                                     units[i].b[r], i)
                          : snprintf(text + at, sizeof text - (size_t)at,
                                     "%d,%d\n", units[i].a[r], units[i].b[r]);
    put_file(f.input, text, (size_t)at);
    pv_curator_close(f.curator);
    f.curator = NULL;
    remove_tree(f.run_dir);
    f.run_dir = pv_sprintf_alloc("%s/run", f.directory);
    f.options.run_dir = f.run_dir;
    cr_assert_eq(pv_curator_open(&f.options, &f.curator, &f.err), PV_OK, "%s",
                 f.err.message);
    return votes_now();
}

static unit row_unit(int kind)
{
    return (unit){1, {kind / 3}, {kind % 3}};
}

/* All kinds of rows, added to and put in the place of each other in tables of up to two
 * others. */
Test(votes, sensitivity_of_a_row)
{
    enum { kinds = 18 };
    ballots alone[kinds], with[kinds];
    int64_t added = 0, replaced = 0;
    for (int k = 0; k < kinds; k++) {
        const unit one = row_unit(k);
        alone[k] = votes_of(&one, 1, false);
    }
    for (int other = 0; other < kinds; other += 5) {
        for (int k = 0; k < kinds; k++) {
            const unit both[2] = {row_unit(other), row_unit(k)};
            with[k] = votes_of(both, 2, false);
            const int64_t d = distance2(&with[k], &alone[other]);
            added = d > added ? d : added;
        }
        for (int k = 0; k < kinds; k++)
            for (int l = 0; l < kinds; l++) {
                const int64_t d = distance2(&with[k], &with[l]);
                replaced = d > replaced ? d : replaced;
            }
    }
    cr_assert_eq(added, (int64_t)pv_votes_sensitivity2(1, PV_ADD_REMOVE));
    cr_assert_eq(replaced, (int64_t)pv_votes_sensitivity2(1, PV_REPLACE));
}

/* Persons of 1 to 3 rows of six kinds: two of each class, so in several classes too. */
static size_t person_units(unit *units)
{
    static const int a[6] = {0, 5, 1, 4, 1, 5}, b[6] = {0, 0, 1, 1, 2, 2};
    size_t n = 0;
    for (int i = 0; i < 6; i++)
        for (int j = i - 1; j < 6; j++)
            for (int k = j < i ? j : j - 1; k < 6; k++) {
                unit u = {1, {a[i]}, {b[i]}};
                if (j < i && k >= i)
                    continue;
                if (j >= i) {
                    u.a[u.rows] = a[j];
                    u.b[u.rows++] = b[j];
                    if (k >= j) {
                        u.a[u.rows] = a[k];
                        u.b[u.rows++] = b[k];
                    }
                }
                units[n++] = u;
            }
    return n;
}

Test(person_votes, sensitivity_of_a_person)
{
    enum { most = 256 };
    static unit units[most];
    static ballots with[most];
    const size_t n = person_units(units);
    const unit other = {3, {1, 2, 5}, {0, 1, 2}};
    const int64_t g2 = (int64_t)PV_VOTE_GRID * PV_VOTE_GRID;
    int64_t added = 0, replaced = 0, of_three = 0;
    cr_assert(n > 50 && n < most);
    const ballots before = votes_of(&other, 1, true);
    for (size_t i = 0; i < n; i++) {
        const unit both[2] = {other, units[i]};
        with[i] = votes_of(both, 2, true);
        const int64_t d = distance2(&with[i], &before);
        added = d > added ? d : added;
        if (units[i].rows == 3)
            of_three = d > of_three ? d : of_three;
        cr_assert_leq(d, g2);
        /* rounding takes little away */
        cr_assert_gt(d, g2 - 4 * PV_VOTE_GRID);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            const int64_t d = distance2(&with[i], &with[j]);
            replaced = d > replaced ? d : replaced;
        }
    cr_assert_eq(added, g2);
    cr_assert_eq(replaced, 2 * g2);
    cr_assert_eq((uint64_t)added, pv_votes_sensitivity2(3, PV_ADD_REMOVE));
    cr_assert_eq((uint64_t)replaced, pv_votes_sensitivity2(3, PV_REPLACE));
}

/* Three rows in three classes: each a vote of 1/sqrt(3), rounded down. */
Test(person_votes, are_scaled_over_classes)
{
    const unit one = {3, {0, 1, 5}, {0, 1, 2}};
    const ballots v = votes_of(&one, 1, true);
    const int64_t each = (int64_t)floor(PV_VOTE_GRID / sqrt(3));
    cr_assert_eq(v.count[0], each);
    cr_assert_eq(v.count[3], each);
    cr_assert_eq(v.count[6], each);
    cr_assert_eq(v.count[1] + v.count[2] + v.count[4] + v.count[5], 0);
}

/* Two rows for one candidate and one for another: 2 and 1 over sqrt(5). */
Test(person_votes, keep_their_proportion)
{
    const unit one = {3, {0, 1, 5}, {0, 0, 2}};
    const ballots v = votes_of(&one, 1, true);
    cr_assert_eq(v.count[0], (int64_t)floor(2 * PV_VOTE_GRID / sqrt(5)));
    cr_assert_eq(v.count[6], (int64_t)floor(PV_VOTE_GRID / sqrt(5)));
}

Test(votes, of_a_class_without_candidates_are_none)
{
    static const size_t none[classes + 1] = {0, 3, 3, 6};
    ballots v;
    ballot.first = none;
    use_csv("a,b\n0,1\n5,1\n0,0\n");
    open_well();
    cr_assert_eq(pv_curator_votes(f.curator, &ballot, v.count, &f.err), PV_OK);
    for (size_t j = 0; j < 6; j++)
        cr_assert_eq(v.count[j], j == 0);
}
