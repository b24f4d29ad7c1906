/* Groups of queries: runs that are resumed, and ledgers that were changed. */
#include "ask_fixture.h"

TestSuite(ask_replay, .init = set_up, .fini = tear_down);

Test(ask_replay, same_answers_on_resuming)
{
    int64_t first[answers_most], again[answers_most];
    size_t chosen, other;
    const size_t bytes = cells_of(three, 3) * sizeof *first;
    open_well();
    cr_assert_eq(ask(three, 3, sixteen, first), PV_OK);
    cr_assert_eq(choose(three, 3, 1, PV_ALL, 1 << 10, &chosen), PV_OK);
    const uint64_t left = pv_curator_remaining(f.curator);
    open_well();
    cr_assert_eq(ask(three, 3, sixteen, again), PV_OK, "%s", f.err.message);
    cr_assert_eq(memcmp(first, again, bytes), 0);
    cr_assert_eq(choose(three, 3, 1, PV_ALL, 1 << 10, &other), PV_OK);
    cr_assert_eq(chosen, other);
    cr_assert_null(f.curator->query_truth); /* nothing was counted */
    cr_assert_eq(pv_curator_remaining(f.curator), left);
    /* reserved, the answer not stored: the same noise */
    cut_lines(3);
    char *answers[] = {in_run_dir("answers/000001.bin"),
                       in_run_dir("answers/000002.bin")};
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(unlink(answers[i]), 0);
        free(answers[i]);
    }
    open_well();
    cr_assert_eq(ask(three, 3, sixteen, again), PV_OK, "%s", f.err.message);
    cr_assert_eq(memcmp(first, again, bytes), 0);
}

static void assert_diverged(void)
{
    int64_t answer[answers_most];
    size_t chosen;
    const size_t fewer[] = {0, 1};
    cr_assert_eq(ask(turned, 3, sixteen, answer), PV_EDIVERGED);
    cr_assert_eq(ask(fewer, 2, sixteen, answer), PV_EDIVERGED);
    cr_assert_eq(ask(three, 3, (pv_rational){17, 1}, answer), PV_EDIVERGED);
    cr_assert_eq(choose(three, 3, 1, PV_ALL, 1 << 10, &chosen), PV_EDIVERGED);
    cr_assert_eq(ask(three, 3, sixteen, answer), PV_OK);
    cr_assert_eq(choose(turned, 3, 1, PV_ALL, 1 << 10, &chosen), PV_EDIVERGED);
    cr_assert_eq(choose(three, 3, 2, PV_ALL, 1 << 10, &chosen), PV_EDIVERGED);
    cr_assert_eq(choose(three, 3, 1, PV_FURTHEST, 1 << 10, &chosen), PV_EDIVERGED);
    cr_assert_eq(choose(three, 3, 1, PV_ALL, 1 << 11, &chosen), PV_EDIVERGED);
    cr_assert_eq(choose(three, 3, 1, PV_ALL, 1 << 10, &chosen), PV_OK);
}

/* Committed, or charged alone: neither may be another question. */
Test(ask_replay, another_question_is_refused)
{
    int64_t answer[answers_most];
    size_t chosen;
    open_well();
    cr_assert_eq(ask(three, 3, sixteen, answer), PV_OK);
    cr_assert_eq(choose(three, 3, 1, PV_ALL, 1 << 10, &chosen), PV_OK);
    open_well();
    assert_diverged();
    cut_lines(1);
    open_well();
    assert_diverged();
}

/* Which candidate has which, even where the heaviest is as heavy. */
Test(ask_replay, weights_are_part_of_a_question)
{
    size_t chosen;
    pv_group_candidate candidate[] = {{0, flat, 0, 1}, {1, flat, 0, 2}};
    open_well();
    cr_assert_eq(pv_ask_group(f.curator, queries, candidate, 2, PV_FURTHEST,
                              1 << 10, &chosen, &f.err),
                 PV_OK);
    candidate[0].weight = 2;
    open_well();
    cr_assert_eq(pv_ask_group(f.curator, queries, candidate, 2, PV_FURTHEST,
                              1 << 10, &chosen, &f.err),
                 PV_EDIVERGED);
}

/* The definition counts, not the number: other limits on an axis are other cells. */
Test(ask_replay, other_definitions_are_refused)
{
    int64_t answer[answers_most];
    open_well();
    cr_assert_eq(ask(three, 3, sixteen, answer), PV_OK);
    pv_queries_free(queries);
    cr_assert_eq(pv_queries_parse("tree:1:3,prefix:4:2", f.schema, 1 << 20,
                                  &queries, &f.err),
                 PV_OK);
    open_well();
    cr_assert_eq(ask(three, 3, sixteen, answer), PV_EDIVERGED);
}

/* As with distances: the same noise on two truths would give their difference. */
Test(ask_replay, none_without_being_stored)
{
    int64_t answer[answers_most] = {-7, -8};
    size_t chosen = 77;
    open_well();
    char *answers = in_run_dir("answers");
    cr_assert_eq(rmdir(answers), 0);
    cr_assert_neq(ask(three, 3, sixteen, answer), PV_OK);
    cr_assert(answer[0] == -7 && answer[1] == -8);
    cr_assert_lt(pv_curator_remaining(f.curator), f.options.budget);
    cr_assert_neq(choose(three, 3, 1, PV_ALL, 1 << 10, &chosen), PV_OK);
    cr_assert_eq(chosen, 77);
    free(answers);
}

/* --- ledgers ----------------------------------------------------------------- */

static void assert_tampered(const char *text, const char *was, const char *now)
{
    pv_ledger_summary summary;
    json_error_t why;
    const char *at = strstr(text, was);
    cr_assert_not_null(at, "%s", was);
    char *other = pv_sprintf_alloc("%.*s%s%s", (int)(at - text), text, now,
                                   at + strlen(was));
    json_t *changed = json_loads(other, 0, &why);
    cr_assert_not_null(changed);
    cr_assert_eq(pv_ledger_check(changed, &summary, &f.err), PV_ETAMPER, "%s",
                 now);
    json_decref(changed);
    free(other);
}

/* What a ledger can be held against: its own sums, and the least there can be. */
Test(ask_replay, tampering)
{
    static const char *const change[][2] = {
        {"\"count\":3", "\"count\":7"},
        {"\"sensitivity2\":54", "\"sensitivity2\":27"},
        {"\"sensitivity2\":54", "\"sensitivity2\":18"},
        {"\"sigma2\":\"16/1\"", "\"sigma2\":\"32/1\""},
        {"\"ask\":\"queries\"", "\"ask\":\"group\""},
        {"\"ask\":\"queries\"", "\"ask\":\"intervals\""},
        {"at most 3 rows", "at most 4 rows"},
        {"at most 3 rows", "at most 30 rows"},
        {"\"sensitivity\":589824", "\"sensitivity\":65536"},
        {"\"sensitivity\":589824", "\"sensitivity\":589823"},
        {"\"epsilon\":\"1024/1048576\"", "\"epsilon\":\"1023/1048576\""}};
    int64_t answer[answers_most];
    size_t chosen;
    pv_ledger_summary summary;
    prepare(MIXED_PERSON);
    open_well();
    cr_assert_eq(ask(three, 3, sixteen, answer), PV_OK);
    cr_assert_eq(choose(three, 3, 1, PV_ALL, 1 << 10, &chosen), PV_OK);
    json_t *bodies = json_array();
    for (size_t i = 0; i < pv_ledger_lines(f.curator->ledger); i++)
        json_array_append(bodies, (json_t *)(uintptr_t)pv_ledger_line(
                                      f.curator->ledger, i));
    cr_assert_eq(pv_ledger_check(bodies, &summary, &f.err), PV_OK, "%s",
                 f.err.message);
    char *text = json_dumps(bodies, JSON_COMPACT);
    for (size_t i = 0; i < sizeof change / sizeof *change; i++)
        assert_tampered(text, change[i][0], change[i][1]);
    free(text);
    json_decref(bodies);
}
