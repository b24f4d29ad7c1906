/* What the curator answers, and what it charges. */
#include "curator_fixture.h"

TestSuite(curator, .init = fixture_open, .fini = fixture_close);

/* Truth of column a in the fixture's table. */
static int64_t truth_of_a(size_t cell)
{
    return cell == 0 || cell == 2047 ? 1 : cell == 1 ? 2 : 0;
}

Test(curator, noise_of_a_measurement)
{
    double sum = 0, square = 0, cross = 0;
    open_well();
    int64_t *answer = measure_well(columns(true, false), 100);
    for (size_t i = 0; i < 2048; i++) {
        const double noise = (double)(answer[i] - truth_of_a(i));
        sum += noise;
        square += noise * noise;
        if (i < 1024)
            cross += noise * (double)(answer[i + 1024] - truth_of_a(i + 1024));
    }
    cr_assert_float_eq(sum / 2048, 0, 5 * 10 / sqrt(2048));
    cr_assert_float_eq(square / 2048, 100, 100 * 6 * sqrt(2.0 / 2048));
    /* the two chunks have noise of their own */
    cr_assert_float_eq(cross / 1024, 0, 100 * 6 / sqrt(1024));
    free(answer);
}

/* The same column twice in one question, and in two: four draws. */
Test(curator, no_noise_twice)
{
    const pv_clique twice[] = {columns(true, false), columns(true, false)};
    const pv_rational s[] = {{100, 1}, {100, 1}};
    const pv_measurement *m;
    int64_t noise[4][2048];
    open_well();
    for (size_t ask = 0; ask < 2; ask++) {
        cr_assert_eq(pv_ask_measure(f.curator, twice, s, 2, &m, &f.err), PV_OK);
        for (size_t k = 0; k < 2; k++)
            for (size_t i = 0; i < 2048; i++)
                noise[2 * ask + k][i] = m[k].counts[i] - truth_of_a(i);
    }
    for (size_t x = 0; x < 4; x++)
        for (size_t y = 0; y < x; y++) {
            double cross = 0;
            for (size_t i = 0; i < 2048; i++)
                cross += (double)(noise[x][i] * noise[y][i]);
            cr_assert_float_eq(cross / 2048, 0, 100 * 6 / sqrt(2048));
        }
    cr_assert_eq(pv_curator_measurements(f.curator, &m), 4);
}

/* One question's noise says nothing of the next's, even at the same place: the
 * key is of the question's record, not of its number alone. */
Test(curator, noise_belongs_to_the_question)
{
    f.options.test_key = &f.seed;
    open_well();
    int64_t *first = measure_well(columns(true, false), 100);
    pv_curator_close(f.curator);
    f.curator = NULL;
    char *again = pv_sprintf_alloc("%s/run2", f.directory);
    f.options.run_dir = again;
    open_well();
    int64_t *other = measure_well(columns(true, false), 101);
    double cross = 0;
    for (size_t i = 0; i < 2048; i++)
        cross += (double)((first[i] - truth_of_a(i)) *
                          (other[i] - truth_of_a(i)));
    cr_assert_float_eq(cross / 2048, 0, 100 * 6 / sqrt(2048));
    free(first);
    free(other);
    free(again);
}

/* As above for the input: other rows, other noise, though the seed is one. */
Test(curator, noise_belongs_to_the_input)
{
    f.options.test_key = &f.seed;
    open_well();
    int64_t *first = measure_well(columns(true, false), 100);
    pv_curator_close(f.curator);
    f.curator = NULL;
    use_csv("a,b\n0,0\n1,1\n1,2\n2047,1\n5,2\n");
    char *again = pv_sprintf_alloc("%s/run2", f.directory);
    f.options.run_dir = again;
    open_well();
    int64_t *other = measure_well(columns(true, false), 100);
    size_t equal = 0;
    for (size_t i = 0; i < 2048; i++)
        equal += first[i] == other[i];
    cr_assert_lt(equal, 200);
    free(first);
    free(other);
    free(again);
}

static void assert_cost(const char *schema, pv_neighbours neighbours,
                        uint64_t d2)
{
    use_schema(schema);
    f.options.neighbours = neighbours;
    open_well();
    cr_assert_eq(pv_curator_sensitivity2(f.curator), d2);
    free(measure_well(columns(false, true), 100));
    /* d2/(2 100) of 2^40, up */
    const uint64_t cost = (d2 * (UINT64_C(1) << 39) + 99) / 100;
    cr_assert_eq(pv_curator_remaining(f.curator), f.options.budget - cost);
    char *ledger = slurp(f.ledger);
    char *wanted = pv_sprintf_alloc("\"sensitivity2\":%llu,",
                                    (unsigned long long)d2);
    cr_assert_not_null(strstr(ledger, wanted), "%s", ledger);
    free(wanted);
    free(ledger);
}

Test(curator, cost_add_remove) { assert_cost(BY_ROW, PV_ADD_REMOVE, 1); }
Test(curator, cost_replace) { assert_cost(BY_ROW, PV_REPLACE, 2); }

Test(curator, cost_person)
{
    use_csv("a,b,who\n0,0,x\n1,1,y\n");
    assert_cost(BY_PERSON, PV_ADD_REMOVE, 9);
}

Test(curator, cost_person_replace)
{
    use_csv("a,b,who\n0,0,x\n1,1,y\n");
    assert_cost(BY_PERSON, PV_REPLACE, 18);
}

static pv_candidate candidates[2];
static double flat[2048];

static size_t select_well(uint64_t epsilon)
{
    size_t chosen = 99;
    candidates[0] = (pv_candidate){columns(true, false), flat, 0, 1};
    candidates[1] = (pv_candidate){columns(false, true), flat, 0, 2};
    cr_assert_eq(pv_ask_select(f.curator, candidates, 2, epsilon, &chosen,
                               &f.err),
                 PV_OK, "%s", f.err.message);
    return chosen;
}

/* Scores are 4 and 8 (weight 2), sensitivity 2, or 4 for replacement: the odds
 * are exp(epsilon 4/(2 D)). */
static void assert_odds(pv_neighbours neighbours, double odds)
{
    enum { asked = 400 };
    size_t second = 0;
    f.options.neighbours = neighbours;
    f.options.test_key = &f.seed;
    f.options.budget = UINT64_C(1) << 50;
    open_well();
    for (size_t i = 0; i < asked; i++)
        second += select_well(PV_EPSILON_DEN * 3 / 2);
    const double p = odds / (1 + odds);
    cr_assert_float_eq((double)second / asked, p,
                       5 * sqrt(p * (1 - p) / asked));
    /* (3/2)^2/8 each */
    cr_assert_eq(pv_curator_remaining(f.curator),
                 f.options.budget - asked * (UINT64_C(9) << 40) / 32);
}

Test(curator, selection) { assert_odds(PV_ADD_REMOVE, exp(1.5)); }
Test(curator, selection_replace) { assert_odds(PV_REPLACE, exp(0.75)); }

Test(curator, selection_refusals)
{
    size_t chosen = 7;
    open_well();
    candidates[0] = (pv_candidate){columns(true, false), flat, 0, 0};
    cr_assert_eq(pv_ask_select(f.curator, candidates, 1, 1, &chosen, &f.err),
                 PV_EINVAL);
    candidates[0].weight = 4097;
    cr_assert_eq(pv_ask_select(f.curator, candidates, 1, 1, &chosen, &f.err),
                 PV_EINVAL);
    candidates[0].weight = 1;
    cr_assert_eq(pv_ask_select(f.curator, candidates, 0, 1, &chosen, &f.err),
                 PV_EINVAL);
    cr_assert_eq(pv_ask_select(f.curator, candidates, 1, 0, &chosen, &f.err),
                 PV_EBUDGET);
    cr_assert_eq(pv_ask_select(f.curator, candidates, 1, UINT64_C(1) << 32,
                               &chosen, &f.err),
                 PV_EBUDGET);
    cr_assert_eq(chosen, 7);
    cr_assert_eq(pv_curator_remaining(f.curator), f.options.budget);
}

/* Too dear: refused, and the ledger is untouched. */
Test(curator, over_budget)
{
    int64_t *answer;
    open_well();
    free(measure_well(columns(false, true), 1)); /* a half */
    char *before = slurp(f.ledger);
    const pv_clique two[] = {columns(true, false), columns(false, true)};
    const pv_rational s[] = {{1, 1}, {UINT64_C(1) << 30, 1}};
    const pv_measurement *m;
    cr_assert_eq(pv_ask_measure(f.curator, two, s, 2, &m, &f.err), PV_EBUDGET);
    cr_assert_eq(pv_status_exit(PV_EBUDGET), 5);
    char *after = slurp(f.ledger);
    cr_assert_str_eq(before, after);
    free(after);
    /* to the last unit it is allowed, and not one more */
    cr_assert_eq(measure(columns(false, true), 1, &answer), PV_OK);
    free(answer);
    cr_assert_eq(pv_curator_remaining(f.curator), 0);
    cr_assert_eq(measure(columns(false, true), UINT64_C(1) << 35, &answer),
                 PV_EBUDGET);
    free(before);
}

Test(curator, public_rows)
{
    size_t rows = 0;
    open_well();
    cr_assert(!pv_curator_public_rows(f.curator, &rows));
    f.options.neighbours = PV_REPLACE;
    f.options.run_dir = f.directory;
    open_well();
    cr_assert(pv_curator_public_rows(f.curator, &rows));
    cr_assert_eq(rows, 4);
    use_schema(BY_PERSON);
    use_csv("a,b,who\n0,0,x\n1,1,y\n");
    char *other = in_run_dir("..person");
    f.options.run_dir = other;
    open_well();
    cr_assert(!pv_curator_public_rows(f.curator, &rows));
    free(other);
}
