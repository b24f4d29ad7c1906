/* Groups of queries asked of a curator: charge, law, refusals, numbers. What one unit can
 * change is in test_queries_moved.c. */
#include "ask_fixture.h"

#include "dp/trial.h"

TestSuite(ask_queries, .init = set_up, .fini = tear_down);

/* --- charge ------------------------------------------------------------------ */

/* x has trees of 2, 4 and 8 parts, y of 2 and 4 (its 8 are the 4): with a prefix query
 * one row moves 3 + 2 + 1 answers by one, a replaced one twice as many. */
static void assert_charged(const char *schema, pv_neighbours neighbours,
                           uint64_t d2)
{
    int64_t answer[answers_most];
    pv_spend cost;
    prepare(schema);
    f.options.neighbours = neighbours;
    open_well();
    cr_assert_eq(pv_queries_group(queries, 0)->most, 3);
    cr_assert_eq(pv_queries_group(queries, 1)->most, 2);
    cr_assert_eq(ask(three, 3, (pv_rational){7, 2}, answer), PV_OK, "%s",
                 f.err.message);
    cr_assert_eq(member(question(1), "sensitivity2"), d2);
    cr_assert_eq(member(question(1), "answers"), cells_of(three, 3));
    /* D2 / (2 * 7/2) in units of 2^-40, rounded up */
    const uint64_t units = ((d2 << 40) + 6) / 7;
    cr_assert_eq(member(pv_ledger_line(f.curator->ledger, 1), "units"), units);
    cr_assert(pv_question_cost(question(1), &cost));
    cr_assert(cost.rho == units && cost.delta == 0);
    cr_assert_eq(pv_curator_remaining(f.curator), f.options.budget - units);
    cr_assert_eq(pv_queries_sensitivity2(queries, three, 3,
                                         pv_schema_unit_rows(f.schema),
                                         neighbours),
                 d2);
}

Test(ask_queries, charged) { assert_charged(MIXED_ROW, PV_ADD_REMOVE, 6); }
Test(ask_queries, charged_replace) { assert_charged(MIXED_ROW, PV_REPLACE, 12); }
Test(ask_queries, charged_person) { assert_charged(MIXED_PERSON, PV_ADD_REMOVE, 54); }
Test(ask_queries, charged_person_replace) { assert_charged(MIXED_PERSON, PV_REPLACE, 108); }

/* A group twice is counted twice; what does not fit is no sensitivity. */
Test(ask_queries, sensitivity)
{
    const size_t twice[] = {0, 0};
    cr_assert_eq(pv_queries_sensitivity2(queries, twice, 2, 1, PV_ADD_REMOVE), 6);
    cr_assert_eq(pv_queries_sensitivity2(queries, twice, 2, UINT32_MAX,
                                         PV_ADD_REMOVE),
                 0);
    cr_assert_eq(pv_queries_sensitivity2(queries, twice, 2, UINT32_MAX / 2,
                                         PV_REPLACE),
                 0);
}

/* The heaviest weight, by k for the answer furthest off, by k most for all. */
static void assert_chosen(const char *schema, pv_neighbours neighbours,
                          uint64_t furthest, uint64_t all)
{
    size_t chosen;
    pv_spend cost;
    prepare(schema);
    f.options.neighbours = neighbours;
    open_well();
    cr_assert_eq(choose(three, 3, 5, PV_FURTHEST, 1 << 20, &chosen), PV_OK,
                 "%s", f.err.message);
    cr_assert_lt(chosen, 3);
    cr_assert_eq(choose(three, 3, 5, PV_ALL, 9, &chosen), PV_OK);
    cr_assert_eq(member(question(1), "sensitivity"), (5 * furthest) << 16);
    cr_assert_eq(member(question(3), "sensitivity"), (5 * all) << 16);
    cr_assert(pv_question_cost(question(1), &cost));
    cr_assert_eq(cost.rho, UINT64_C(1) << 37); /* epsilon^2 / 8 */
    cr_assert_eq(member(pv_ledger_line(f.curator->ledger, 3), "units"), 11);
}

Test(ask_queries, chosen) { assert_chosen(MIXED_ROW, PV_ADD_REMOVE, 1, 3); }
Test(ask_queries, chosen_replace) { assert_chosen(MIXED_ROW, PV_REPLACE, 1, 6); }
Test(ask_queries, chosen_person) { assert_chosen(MIXED_PERSON, PV_ADD_REMOVE, 3, 9); }
Test(ask_queries, chosen_person_replace) { assert_chosen(MIXED_PERSON, PV_REPLACE, 3, 18); }

/* --- answers ----------------------------------------------------------------- */

/* x: 0.5 3.5 7.5 8 4, whose eighths are 0 3 7 7 4: with so little noise they are
 * seen, and the numbers are not those of bins' middles. */
Test(ask_queries, truth)
{
    static const int64_t eighths[] = {1, 0, 0, 1, 1, 0, 0, 2};
    const size_t x = 0;
    int64_t answer[cells_most];
    f.options.budget = UINT64_C(1) << 60;
    open_well();
    cr_assert_eq(ask(&x, 1, next_to_none, answer), PV_OK, "%s", f.err.message);
    cr_assert(answer[0] == 2 && answer[1] == 3); /* halves */
    cr_assert_eq(memcmp(answer + 2 + 4, eighths, sizeof eighths), 0);
    /* asked about again with others, from memory */
    cr_assert_eq(ask(turned, 3, next_to_none, answer), PV_OK);
    const size_t y = pv_queries_group(queries, 1)->cells;
    cr_assert(answer[0] == 3 && answer[1] == 2);
    cr_assert_eq(memcmp(answer + y + 2 + 4, eighths, sizeof eighths), 0);
}

/* Mean and variance of 300 answers of sigma 4, and nothing that they share. */
Test(ask_queries, noise)
{
    enum { asked = 300 };
    int64_t truth[answers_most], answer[answers_most];
    double sum = 0, square = 0, neighbours = 0;
    f.options.test_key = &f.seed;
    f.options.budget = UINT64_C(1) << 60;
    open_well();
    const size_t cells = cells_of(three, 3);
    cr_assert_eq(ask(three, 3, next_to_none, truth), PV_OK);
    for (size_t i = 0; i < asked; i++) {
        cr_assert_eq(ask(three, 3, sixteen, answer), PV_OK, "%s", f.err.message);
        for (size_t c = 0; c < cells; c++) {
            const double d = (double)(answer[c] - truth[c]);
            sum += d;
            square += d * d;
            if (c > 0)
                neighbours += d * (double)(answer[c - 1] - truth[c - 1]);
        }
    }
    const double n = (double)cells * asked;
    cr_assert_lt(fabs(sum / n), 6 * 4 / sqrt(n));
    cr_assert_lt(fabs(square / n - 16), 6 * 16 * sqrt(2 / n), "%g", square / n);
    cr_assert_lt(fabs(neighbours / n), 6 * 16 / sqrt(n));
}

/* Against estimates that one group's truth is far from. */
Test(ask_queries, choices_lean_to_what_is_far_off)
{
    static double far[cells_most];
    size_t chosen;
    far[1] = 1000;
    open_well();
    for (int distance = PV_FURTHEST; distance <= PV_ALL; distance++) {
        const pv_group_candidate candidate[] = {
            {0, flat, 0, 1}, {1, far, 0, 1}, {3, flat, 0, 1}};
        cr_assert_eq(pv_ask_group(f.curator, queries, candidate, 3,
                                  (pv_group_distance)distance, 2 << 20, &chosen,
                                  &f.err),
                     PV_OK);
        cr_assert_eq(chosen, 1);
    }
}

/* Trials cost what is charged, are of the same truth, and have noise of their own. */
Test(ask_queries, trials)
{
    pv_trial *noisy, *choice;
    int64_t tried[2][answers_most], answer[answers_most], chosen;
    const pv_group_candidate candidate[] = {{0, flat, 0, 1}, {1, flat, 0, 1}};
    f.options.test_key = &f.seed;
    open_well();
    cr_assert_eq(pv_trial_queries(f.curator, queries, three, 3, sixteen, &noisy,
                                  &f.err),
                 PV_OK, "%s", f.err.message);
    cr_assert_eq(pv_trial_group(f.curator, queries, candidate, 2, PV_FURTHEST,
                                1 << 20, &choice, &f.err),
                 PV_OK, "%s", f.err.message);
    cr_assert_eq(pv_trial_size(noisy), cells_of(three, 3));
    cr_assert_eq(pv_trial_size(choice), 1);
    cr_assert_eq(pv_trial_cost(noisy).rho, UINT64_C(6) << 35);
    cr_assert_eq(pv_trial_cost(choice).rho, UINT64_C(1) << 37);
    for (uint64_t i = 0; i < 2; i++) {
        cr_assert_eq(pv_trial_draw(noisy, i, tried[i], &f.err), PV_OK);
        cr_assert_eq(pv_trial_draw(choice, i, &chosen, &f.err), PV_OK);
        cr_assert(chosen == 0 || chosen == 1);
    }
    cr_assert_eq(pv_curator_remaining(f.curator), f.options.budget);
    cr_assert_eq(ask(three, 3, sixteen, answer), PV_OK);
    const size_t bytes = cells_of(three, 3) * sizeof *answer;
    cr_assert_neq(memcmp(tried[0], tried[1], bytes), 0);
    cr_assert_neq(memcmp(tried[0], answer, bytes), 0);
    pv_trial_free(noisy);
    pv_trial_free(choice);
}

/* --- refusals ---------------------------------------------------------------- */

Test(ask_queries, refused)
{
    int64_t answer[answers_most];
    size_t chosen;
    const size_t none[] = {0, 1000};
    pv_queries *other;
    open_well();
    cr_assert_eq(ask(none, 2, sixteen, answer), PV_EINVAL);
    cr_assert_eq(ask(none, 0, sixteen, answer), PV_EINVAL);
    cr_assert_eq(ask(three, 3, (pv_rational){0, 1}, answer), PV_EINVAL);
    cr_assert_eq(choose(none, 2, 1, PV_ALL, 9, &chosen), PV_EINVAL);
    cr_assert_eq(choose(three, 0, 1, PV_ALL, 9, &chosen), PV_EINVAL);
    cr_assert_eq(choose(three, 3, 0, PV_ALL, 9, &chosen), PV_EINVAL);
    cr_assert_eq(choose(three, 3, 4097, PV_ALL, 9, &chosen), PV_EINVAL);
    cr_assert_eq(choose(three, 3, 1, PV_ALL, 0, &chosen), PV_EBUDGET);
    cr_assert_eq(pv_curator_remaining(f.curator), f.options.budget);
    cr_assert_null(f.curator->query_truth);
    /* another object, once there was one */
    cr_assert_eq(ask(three, 3, sixteen, answer), PV_OK);
    cr_assert_eq(pv_queries_parse(spec, f.schema, 1 << 20, &other, &f.err), PV_OK);
    cr_assert_eq(pv_ask_queries(f.curator, other, three, 3, sixteen, answer,
                                &f.err),
                 PV_EINVAL);
    pv_queries_free(other);
}

Test(ask_queries, of_another_schema_or_without_numbers)
{
    int64_t answer[answers_most];
    pv_queries *own = queries;
    queries = NULL;
    prepare(MIXED_ROW); /* the same text, another object */
    f.options.schema = pv_queries_schema(own);
    open_well();
    cr_assert_eq(ask(three, 3, sixteen, answer), PV_EINVAL);
    pv_queries_free(own);
    f.options.schema = f.schema;
    f.options.numbers = false;
    char *place = pv_sprintf_alloc("%s/again", f.directory);
    f.options.run_dir = place;
    open_well();
    cr_assert_eq(ask(three, 3, sixteen, answer), PV_EINVAL);
    free(place);
}

/* Nothing is counted, drawn or written. */
Test(ask_queries, over_budget)
{
    int64_t answer[answers_most] = {-7};
    size_t chosen = 77;
    f.options.budget = 1000;
    open_well();
    char *before = slurp(f.ledger);
    cr_assert_eq(ask(three, 3, sixteen, answer), PV_EBUDGET);
    cr_assert_eq(choose(three, 3, 1, PV_ALL, 1 << 20, &chosen), PV_EBUDGET);
    char *after = slurp(f.ledger), *stored = in_run_dir("answers/000001.bin");
    cr_assert_str_eq(before, after);
    cr_assert(answer[0] == -7 && chosen == 77);
    cr_assert_null(f.curator->query_truth);
    cr_assert_neq(access(stored, F_OK), 0);
    free(before);
    free(after);
    free(stored);
}

/* The rows and answers are wiped without a look at the queries. */
Test(ask_queries, queries_may_go_before_the_curator)
{
    int64_t answer[answers_most];
    open_well();
    cr_assert_eq(ask(three, 3, sixteen, answer), PV_OK);
    pv_queries_free(queries);
    queries = NULL;
    pv_curator_wipe_rows(f.curator);
    cr_assert_null(f.curator->query_truth);
    cr_assert_eq(f.curator->query_truths, 0);
}

/* --- numbers ----------------------------------------------------------------- */

/* The eighths of x that are kept of person a, who has six rows in one bin: three, the
 * same wherever they stand and whoever else there is. */
Test(ask_queries, rows_kept_by_their_numbers)
{
    static const char *const csv[] = {
        "x,y,l,who\n0.5,0,p,a\n1.5,0,p,a\n2.5,0,p,a\n3.5,0,p,a\n0.6,0,p,a\n"
        "1.6,0,p,a\n",
        "x,y,l,who\n1.6,0,p,a\n3.5,0,p,a\n7,0,p,b\n0.6,0,p,a\n2.5,0,p,a\n"
        "7.5,1,q,b\n6.5,2,,c\n1.5,0,p,a\n0.5,0,p,a\n"};
    const size_t x = 0;
    int64_t answer[2][cells_most], sum = 0;
    f.options.budget = UINT64_C(1) << 60;
    f.options.test_key = &f.seed;
    prepare(MIXED_PERSON);
    for (size_t i = 0; i < 2; i++) {
        char *place = pv_sprintf_alloc("%s/run%zu", f.directory, i);
        use_csv(csv[i]);
        f.options.run_dir = place;
        open_well();
        cr_assert_eq(ask(&x, 1, next_to_none, answer[i]), PV_OK);
        free(place);
    }
    for (size_t i = 6; i < 6 + 4; i++) { /* below 4: a's alone */
        cr_assert_eq(answer[0][i], answer[1][i]);
        sum += answer[0][i];
    }
    cr_assert_eq(sum, 3);
}

/* Another number in the same bin is another input. */
Test(ask_queries, numbers_are_in_the_digest)
{
    open_well();
    use_csv("x,y,l\n0.25,0,p\n3.5,1,q\n7.5,3,\n8,2,p\n4,1,q\n");
    cr_assert_eq(reopen(), PV_EMISMATCH);
    use_csv("x,y,l\n0.5,0,p\n3.5,1,q\n7.5,3,\n8,2,p\n4,1,q\n");
    open_well();
}
