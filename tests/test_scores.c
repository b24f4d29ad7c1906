/* Noisy distances: sensitivity by brute force, charge, replay, tampering. */
#include "curator_fixture.h"

#include <math.h>

TestSuite(scores, .init = fixture_open, .fini = fixture_close);

/* Tables over two columns of 2 and 3 levels, as how many rows of each of the six
 * kinds there are; their scores against estimates on and off the grid. */
enum { kinds = 6, marginals = 3, most = 3 };
static const size_t cells[marginals] = {2, 3, 6};
static const double estimate[kinds] = {0.4, 1.7, 2.00001, 0.5, -1, 3.25};

static void score_table(const int *table, int64_t *score)
{
    int64_t counts[marginals][kinds] = {{0}};
    for (size_t k = 0; k < kinds; k++) {
        counts[0][k / 3] += table[k];
        counts[1][k % 3] += table[k];
        counts[2][k] += table[k];
    }
    for (size_t m = 0; m < marginals; m++) {
        const pv_clique c = columns(m != 1, m != 0);
        score[m] = pv_distance_score(counts[m], cells[m], &c, estimate);
    }
}

static bool next_table(int *table, int rows)
{
    for (size_t k = 0; k < kinds; k++) {
        int sum = 0;
        table[k]++;
        for (size_t i = 0; i < kinds; i++)
            sum += table[i];
        if (sum <= rows)
            return true;
        table[k] = 0;
    }
    return false;
}

/* The most that one score, and all squared, move when `out` is taken from any
 * table and `in` is added, each of at most k rows. */
static void widest(int k, bool replace, int64_t *one, int64_t *squared)
{
    int table[kinds] = {0}, after[kinds];
    *one = *squared = 0;
    do {
        int64_t before_score[marginals], after_score[marginals];
        int in[kinds] = {0};
        score_table(table, before_score);
        do {
            int out[kinds] = {0};
            do {
                bool possible = true;
                int64_t sum = 0;
                for (size_t i = 0; i < kinds; i++) {
                    after[i] = table[i] - out[i] + in[i];
                    possible = possible && out[i] <= table[i];
                }
                if (!possible)
                    continue;
                score_table(after, after_score);
                for (size_t m = 0; m < marginals; m++) {
                    const int64_t d = llabs(after_score[m] - before_score[m]);
                    *one = d > *one ? d : *one;
                    sum += d * d;
                }
                *squared = sum > *squared ? sum : *squared;
            } while (replace && next_table(out, k));
        } while (next_table(in, k));
    } while (next_table(table, most));
}

static void assert_widest(int k, pv_neighbours neighbours)
{
    int64_t one, squared;
    const int64_t moved = neighbours == PV_REPLACE ? 2 * k : k;
    widest(k, neighbours == PV_REPLACE, &one, &squared);
    cr_assert_eq(one, moved); /* attained by one score */
    const uint64_t stated =
        pv_scores_sensitivity2((uint64_t)k, neighbours, marginals);
    cr_assert_eq(stated, (uint64_t)(marginals * moved * moved));
    cr_assert_eq((uint64_t)squared, stated); /* and by all together */
}

Test(scores, of_a_row) { assert_widest(1, PV_ADD_REMOVE); }
Test(scores, of_two_rows) { assert_widest(2, PV_ADD_REMOVE); }
Test(scores, of_a_row_replaced) { assert_widest(1, PV_REPLACE); }
Test(scores, of_two_rows_replaced) { assert_widest(2, PV_REPLACE); }

/* ---- asked of a curator ------------------------------------------------- */

static double flat[2048], two[3];
static const double *const estimates[2] = {flat, two};

static pv_status ask(uint64_t sigma2, int64_t *score)
{
    const pv_clique clique[] = {columns(true, false), columns(false, true)};
    const pv_rational s = {sigma2, 1};
    two[0] = 1;
    two[1] = 2.5;
    two[2] = 0;
    return pv_ask_scores(f.curator, clique, estimates, 2, s, score, &f.err);
}

static void assert_charged(const char *schema, pv_neighbours neighbours,
                           uint64_t d2)
{
    int64_t score[2];
    pv_spend cost;
    use_schema(schema);
    f.options.neighbours = neighbours;
    open_well();
    cr_assert_eq(ask(1000, score), PV_OK, "%s", f.err.message);
    const json_t *line = pv_ledger_line(f.curator->ledger, 1);
    const json_t *question = json_object_get(line, "question");
    cr_assert_eq((uint64_t)json_integer_value(
                     json_object_get(question, "sensitivity2")),
                 d2);
    /* D2 / 2000 in units of 2^-40, rounded up */
    const uint64_t units = ((d2 << 40) + 1999) / 2000;
    cr_assert_eq((uint64_t)json_integer_value(json_object_get(line, "units")),
                 units);
    cr_assert(pv_question_cost(question, &cost));
    cr_assert_eq(cost.rho, units);
    cr_assert_eq(cost.delta, 0);
    cr_assert_eq(pv_curator_remaining(f.curator), f.options.budget - units);
}

Test(scores, charged) { assert_charged(BY_ROW, PV_ADD_REMOVE, 2); }
Test(scores, charged_replace) { assert_charged(BY_ROW, PV_REPLACE, 8); }

Test(scores, charged_person)
{
    use_csv("a,b,who\n0,0,x\n1,1,y\n");
    assert_charged(BY_PERSON, PV_ADD_REMOVE, 18);
}

Test(scores, charged_person_replace)
{
    use_csv("a,b,who\n0,0,x\n1,1,y\n");
    assert_charged(BY_PERSON, PV_REPLACE, 72);
}

/* Rows a: 0, 1, 1, 2047 and b: 0, 1, 2, 1: distances 4 and 0 + 0.5 + 1. The mean of
 * 200 answers of sigma 4 is within 6 standard errors of the floors. */
Test(scores, distance_and_noise)
{
    double sum[2] = {0}, square = 0;
    f.options.budget = UINT64_C(100) << 40;
    f.options.test_key = &f.seed;
    open_well();
    for (size_t i = 0; i < 200; i++) {
        int64_t score[2];
        cr_assert_eq(ask(16, score), PV_OK, "%s", f.err.message);
        sum[0] += (double)(score[0] - 4);
        sum[1] += (double)(score[1] - 1);
        square += (double)((score[0] - 4) * (score[0] - 4));
    }
    cr_assert_lt(fabs(sum[0] / 200), 6 * 4 / sqrt(200));
    cr_assert_lt(fabs(sum[1] / 200), 6 * 4 / sqrt(200));
    cr_assert(square / 200 > 8 && square / 200 < 28, "%g", square / 200);
}

Test(scores, same_answers_on_resuming)
{
    int64_t first[2], again[2];
    open_well();
    cr_assert_eq(ask(1000, first), PV_OK);
    open_well();
    cr_assert_eq(ask(1000, again), PV_OK, "%s", f.err.message);
    cr_assert_eq(memcmp(first, again, sizeof first), 0);
    /* reserved, the answer not stored: the same noise */
    cut_lines(1);
    char *answer = in_run_dir("answers/000001.bin");
    cr_assert_eq(unlink(answer), 0);
    open_well();
    cr_assert_eq(ask(1000, again), PV_OK, "%s", f.err.message);
    cr_assert_eq(memcmp(first, again, sizeof first), 0);
    open_well();
    cr_assert_eq(ask(1001, again), PV_EDIVERGED);
    free(answer);
}

/* Estimates are no part of the question: their last bits may differ. */
Test(scores, estimates_may_differ_when_resumed)
{
    int64_t first[2], again[2];
    open_well();
    cr_assert_eq(ask(1000, first), PV_OK);
    flat[7] = 3.5;
    open_well();
    cr_assert_eq(ask(1000, again), PV_OK);
    flat[7] = 0;
    cr_assert_eq(memcmp(first, again, sizeof first), 0);
}

/* Asked again it would have the same noise, and with other estimates the
 * difference of the two would be exact. */
Test(scores, none_without_being_stored)
{
    int64_t score[2] = {-1, -2};
    size_t chosen = 77;
    const pv_candidate candidate[] = {{columns(true, false), flat, 0, 1},
                                      {columns(false, true), two, 0, 1}};
    open_well();
    char *answers = in_run_dir("answers");
    cr_assert_eq(rmdir(answers), 0);
    cr_assert_neq(ask(1000, score), PV_OK);
    cr_assert(score[0] == -1 && score[1] == -2);
    cr_assert_lt(pv_curator_remaining(f.curator), f.options.budget);
    cr_assert_neq(pv_ask_select(f.curator, candidate, 2, 1 << 10, &chosen,
                                &f.err),
                  PV_OK);
    cr_assert_eq(chosen, 77);
    free(answers);
}

Test(scores, sensitivity_that_does_not_fit)
{
    cr_assert_eq(pv_scores_sensitivity2((UINT64_C(1) << 32) + 1, PV_ADD_REMOVE,
                                        1),
                 0);
    cr_assert_eq(pv_scores_sensitivity2(UINT64_C(1) << 31, PV_REPLACE, 1), 0);
    cr_assert_eq(pv_scores_sensitivity2(1000000, PV_REPLACE, SIZE_MAX), 0);
    cr_assert_eq(pv_scores_sensitivity2(1000000, PV_REPLACE, 1000),
                 UINT64_C(4000000000000000));
}

Test(scores, refused)
{
    int64_t score[2];
    const pv_rational s = {1000, 1};
    const pv_clique none = columns(true, true);
    open_well();
    cr_assert_eq(pv_ask_scores(f.curator, &none, estimates, 0, s, score,
                               &f.err),
                 PV_EINVAL);
    f.options.budget = 1000; /* units: far too little */
    f.options.run_dir = f.directory;
    open_well();
    cr_assert_eq(ask(1000, score), PV_EBUDGET);
    cr_assert_eq(pv_curator_remaining(f.curator), 1000);
}

/* A ledger that says something else than what was charged does not hold. */
Test(scores, tampering)
{
    static const char *const change[][2] = {
        {"\"count\":2", "\"count\":1"},
        {"\"sensitivity2\":2", "\"sensitivity2\":1"},
        {"\"sigma2\":\"1000/1\"", "\"sigma2\":\"2000/1\""},
        {"add-remove", "replace"}};
    int64_t score[2];
    json_error_t why;
    open_well();
    cr_assert_eq(ask(1000, score), PV_OK);
    json_t *bodies = json_array();
    for (size_t i = 0; i < pv_ledger_lines(f.curator->ledger); i++)
        json_array_append(bodies,
                          (json_t *)(uintptr_t)pv_ledger_line(f.curator->ledger,
                                                              i));
    pv_ledger_summary summary;
    cr_assert_eq(pv_ledger_check(bodies, &summary, &f.err), PV_OK, "%s",
                 f.err.message);
    char *text = json_dumps(bodies, JSON_COMPACT);
    for (size_t i = 0; i < sizeof change / sizeof *change; i++) {
        const char *at = strstr(text, change[i][0]);
        cr_assert_not_null(at, "%s", change[i][0]);
        char *other = pv_sprintf_alloc("%.*s%s%s", (int)(at - text), text,
                                       change[i][1],
                                       at + strlen(change[i][0]));
        json_t *changed = json_loads(other, 0, &why);
        cr_assert_eq(pv_ledger_check(changed, &summary, &f.err), PV_ETAMPER,
                     "%s", change[i][1]);
        json_decref(changed);
        free(other);
    }
    free(text);
    json_decref(bodies);
}

/* Counted in blocks and forgotten; as many as one by one would be. */
Test(scores, many)
{
    enum { many = 3000 };
    double *zero = pv_array_calloc(2048 * 3, sizeof *zero);
    pv_clique *clique = pv_array_alloc(many, sizeof *clique);
    const double **each = pv_array_alloc(many, sizeof *each);
    int64_t *score = pv_array_alloc(many, sizeof *score);
    f.options.budget = UINT64_C(3000) << 40;
    open_well();
    for (size_t i = 0; i < many; i++) {
        clique[i] = columns(i % 3 != 1, i % 3 != 0);
        each[i] = zero;
    }
    cr_assert_eq(pv_ask_scores(f.curator, clique, each, many,
                               (pv_rational){1, 1}, score, &f.err),
                 PV_OK, "%s", f.err.message);
    for (size_t i = 0; i < many; i++) /* four rows, sigma 1 */
        cr_assert(llabs(score[i] - 4) < 12);
    cr_assert_eq(f.curator->truths, 0);
    free(zero);
    free(clique);
    free(each);
    free(score);
}
