/* Stopping, going on, and all that must then be refused. */
#include "curator_fixture.h"

#include <sys/stat.h>

TestSuite(replay, .init = fixture_open, .fini = fixture_close);

static const pv_clique *one_column(bool a)
{
    static pv_clique c;
    c = columns(a, !a);
    return &c;
}

static void refused(pv_status wanted, const char *word)
{
    cr_assert_eq(reopen(), wanted, "%d: %s", (int)f.err.code, f.err.message);
    cr_assert_null(f.curator);
    cr_assert_not_null(strstr(f.err.message, word), "%s", f.err.message);
}

Test(replay, same_answers_without_the_rows)
{
    open_well();
    int64_t *first = measure_well(*one_column(true), 100);
    const uint64_t left = pv_curator_remaining(f.curator);
    char *before = slurp(f.ledger);
    open_well();
    cr_assert_eq(pv_curator_remaining(f.curator), f.options.budget);
    int64_t *again = measure_well(*one_column(true), 100);
    cr_assert_eq(f.curator->truths, 0); /* nothing was counted */
    cr_assert_eq(memcmp(first, again, 2048 * sizeof *first), 0);
    cr_assert_eq(pv_curator_remaining(f.curator), left);
    char *after = slurp(f.ledger);
    cr_assert_str_eq(before, after);
    free(first);
    free(again);
    free(before);
    free(after);
}

/* Reserved and not committed: asked again, the same noise, no second charge. */
Test(replay, reserved_is_answered_the_same)
{
    open_well();
    int64_t *first = measure_well(*one_column(true), 100);
    const uint64_t left = pv_curator_remaining(f.curator);
    cut_lines(1);
    char *answer = in_run_dir("answers/000001.bin");
    cr_assert_eq(unlink(answer), 0);
    open_well();
    int64_t *again = measure_well(*one_column(true), 100);
    cr_assert_eq(memcmp(first, again, 2048 * sizeof *first), 0);
    cr_assert_eq(pv_curator_remaining(f.curator), left);
    /* and with the answer stored, the line alone missing */
    cut_lines(1);
    open_well();
    free(again);
    again = measure_well(*one_column(true), 100);
    cr_assert_eq(memcmp(first, again, 2048 * sizeof *first), 0);
    free(first);
    free(again);
    free(answer);
}

Test(replay, selection_is_answered_the_same)
{
    double flat[2048] = {0};
    size_t chosen, again;
    const pv_candidate candidate[] = {{*one_column(true), flat, 0, 1},
                                      {*one_column(false), flat, 0, 1}};
    for (unsigned round = 0; round < 8; round++) {
        open_well();
        for (unsigned i = 0; i < round; i++)
            cr_assert_eq(pv_ask_select(f.curator, candidate, 2, 9, &chosen,
                                       &f.err),
                         PV_OK);
        cr_assert_eq(pv_ask_select(f.curator, candidate, 2, 9, &chosen,
                                   &f.err),
                     PV_OK);
        cut_lines(1);
        open_well();
        for (unsigned i = 0; i <= round; i++)
            cr_assert_eq(pv_ask_select(f.curator, candidate, 2, 9, &again,
                                       &f.err),
                         PV_OK);
        cr_assert_eq(chosen, again);
    }
}

/* The answer is on disk before the ledger says that it is. */
Test(replay, commit_follows_the_answer)
{
    int64_t *answer;
    open_well();
    char *place = in_run_dir("answers/000001.bin.tmp");
    cr_assert_eq(mkdir(place, 0700), 0); /* it cannot be stored */
    cr_assert_neq(measure(*one_column(true), 100, &answer), PV_OK);
    char *ledger = slurp(f.ledger);
    cr_assert_not_null(strstr(ledger, "\"reserve\""));
    cr_assert_null(strstr(ledger, "\"commit\""));
    cr_assert_eq(rmdir(place), 0);
    free(ledger);
    free(place);
}

Test(replay, another_question_diverges)
{
    int64_t *answer;
    open_well();
    free(measure_well(*one_column(true), 100));
    const uint64_t left = pv_curator_remaining(f.curator);
    char *before = slurp(f.ledger);
    open_well();
    cr_assert_eq(measure(*one_column(false), 100, &answer), PV_EDIVERGED);
    cr_assert_eq(measure(*one_column(true), 101, &answer), PV_EDIVERGED);
    const pv_clique both[] = {columns(true, false), columns(false, true)};
    const pv_rational s[] = {{100, 1}, {100, 1}};
    const pv_measurement *m;
    cr_assert_eq(pv_ask_measure(f.curator, both, s, 2, &m, &f.err),
                 PV_EDIVERGED);
    char *after = slurp(f.ledger);
    cr_assert_str_eq(before, after);
    free(measure_well(*one_column(true), 100));
    cr_assert_eq(pv_curator_remaining(f.curator), left);
    free(before);
    free(after);
}

Test(replay, what_may_not_change)
{
    open_well();
    free(measure_well(*one_column(true), 100));
    const pv_curator_options before = f.options;
    use_csv("a,b\n0,0\n1,1\n1,2\n2047,2\n");
    refused(PV_EMISMATCH, "input");
    use_csv("a,b\n1,1\n0,0\n1,2\n2047,1\n"); /* the order of rows as well */
    refused(PV_EMISMATCH, "input");
    use_csv("a,b\n0,0\n1,1\n1,2\n2047,1\n");
    f.options.budget++;
    refused(PV_EMISMATCH, "budget");
    f.options = before;
    f.options.delta = 1e-8;
    refused(PV_EMISMATCH, "delta");
    f.options = before;
    f.options.neighbours = PV_REPLACE;
    refused(PV_EMISMATCH, "neighbors");
    f.options = before;
    f.options.method = "other";
    refused(PV_EMISMATCH, "method");
    f.options = before;
    f.options.settings = "other";
    refused(PV_EMISMATCH, "options");
    f.options = before;
    f.options.test_key = &f.seed;
    refused(PV_EMISMATCH, "seed");
    f.options = before;
    use_schema("{\"fields\":[" INTEGER("a", "2047") "," INTEGER("b", "3") "]}");
    refused(PV_EMISMATCH, "schema");
    f.options = before;
    open_well();
}

Test(replay, test_run_is_not_a_secret_one)
{
    f.options.test_key = &f.seed;
    open_well();
    free(measure_well(*one_column(true), 100));
    f.options.test_key = NULL;
    refused(PV_EMISMATCH, "seed");
    pv_key other = {{'x'}};
    f.options.test_key = &other; /* another seed is another input's digest */
    refused(PV_EMISMATCH, "input");
}

Test(replay, in_use)
{
    pv_curator *second = NULL;
    open_well();
    cr_assert_eq(pv_curator_open(&f.options, &second, &f.err), PV_ELOCKED);
    cr_assert_null(second);
}

Test(replay, damaged_answer)
{
    int64_t *answer;
    open_well();
    int64_t *first = measure_well(*one_column(true), 100);
    char *place = in_run_dir("answers/000001.bin");
    first[5]++;
    put_file(place, first, 2048 * sizeof *first);
    open_well();
    cr_assert_eq(measure(*one_column(true), 100, &answer), PV_ETAMPER);
    put_file(place, first, 8);
    cr_assert_eq(measure(*one_column(true), 100, &answer), PV_ETAMPER);
    cr_assert_eq(unlink(place), 0);
    cr_assert_eq(measure(*one_column(true), 100, &answer), PV_EIO);
    free(first);
    free(place);
}

Test(replay, ledger_cut_short)
{
    int64_t *answer;
    open_well();
    free(measure_well(*one_column(true), 100));
    cut_lines(2); /* the answer is there and its question is not */
    open_well();
    cr_assert_eq(measure(*one_column(true), 100, &answer), PV_ETAMPER);
}

Test(replay, key)
{
    open_well();
    free(measure_well(*one_column(true), 100));
    char *key = in_run_dir("key");
    struct stat info;
    cr_assert_eq(stat(key, &info), 0);
    cr_assert_eq(info.st_mode & 0777, 0600);
    cr_assert_eq(info.st_size, 32);
    put_file(key, "short", 5);
    refused(PV_ETAMPER, "key");
    cr_assert_eq(unlink(key), 0);
    refused(PV_ETAMPER, "key");
    free(key);
}

Test(replay, open_directory)
{
    cr_assert_eq(mkdir(f.run_dir, 0755), 0);
    cr_assert_eq(chmod(f.run_dir, 0755), 0);
    refused(PV_EIO, "chmod 700");
    cr_assert_eq(chmod(f.run_dir, 0700), 0);
    open_well();
}

static void publish_well(void)
{
    pv_table *table = NULL;
    cr_assert_eq(pv_table_alloc(f.schema, 3, true, &table, &f.err), PV_OK);
    cr_assert_eq(pv_curator_publish(f.curator, table, &f.err), PV_OK, "%s",
                 f.err.message);
    pv_table_free(table);
}

Test(replay, finished)
{
    char *key = in_run_dir("key");
    open_well();
    free(measure_well(*one_column(true), 100));
    const size_t digest_length = strlen(f.curator->digest);
    char digest[2 * PV_DIGEST_BYTES + 1];
    memcpy(digest, f.curator->digest, sizeof digest);
    publish_well();
    cr_assert_eq(digest_length, 64);
    cr_assert_null(f.curator->rows);
    cr_assert(!pv_file_exists(key));
    pv_release *release = NULL;
    cr_assert_eq(pv_release_read(f.output, &release, &f.err), PV_OK);
    cr_assert_null(strstr(release->ledger, digest));
    cr_assert_null(strstr(release->ledger, "\"input\""));
    cr_assert_null(strstr(release->ledger, f.directory));
    cr_assert_eq(release->rho, ldexp(ceil(0x1p39 / 100), -40));
    pv_release_free(release);
    cr_assert_eq(reopen(), PV_OK, "%s", f.err.message);
    cr_assert_null(f.curator); /* nothing to do */
    f.options.budget++;
    refused(PV_EMISMATCH, "budget");
    f.options.budget--;
    cr_assert_eq(unlink(f.output), 0);
    refused(PV_EMISMATCH, "finished");
    free(key);
}

/* Stopped between the last line and the last rename. */
Test(replay, finished_but_not_in_place)
{
    char *marked = pv_sprintf_alloc("%s/out.NOT-PRIVATE.h5", f.directory);
    char *partial = pv_sprintf_alloc("%s.partial", marked);
    f.options.test_key = &f.seed;
    open_well();
    free(measure_well(*one_column(true), 100));
    publish_well();
    char *ledger = slurp(f.ledger);
    cr_assert_eq(rename(marked, partial), 0);
    cr_assert_eq(unlink(f.output), 0);
    f.options.test_key = NULL;
    refused(PV_EMISMATCH, "seed"); /* it would bear no mark in its name */
    cr_assert(!pv_file_exists(f.output));
    f.options.test_key = &f.seed;
    cr_assert_eq(reopen(), PV_OK);
    cr_assert(pv_file_exists(marked) && pv_file_exists(f.output));
    cr_assert_eq(unlink(f.output), 0); /* nor linked */
    cr_assert_eq(reopen(), PV_OK);
    cr_assert_null(f.curator);
    cr_assert(pv_file_exists(f.output));
    char *after = slurp(f.ledger);
    cr_assert_str_eq(ledger, after);
    free(ledger);
    free(after);
    free(partial);
    free(marked);
}

/* The account was told the sum: nothing more may be asked. */
Test(replay, nothing_after_the_close)
{
    int64_t *answer;
    f.options.account = pv_sprintf_alloc("%s/account", f.directory);
    f.options.account_cap = f.options.budget;
    open_well();
    free(measure_well(*one_column(true), 100));
    publish_well();
    cut_lines(1); /* the final line; the key, as if not wiped yet */
    char *key = in_run_dir("key");
    put_file(key, f.curator->key.bytes, 32);
    cr_assert_eq(unlink(f.output), 0);
    open_well();
    free(measure_well(*one_column(true), 100));
    cr_assert_eq(measure(*one_column(false), 100, &answer), PV_EDIVERGED);
    /* settled, and the ledger lost: not another budget on the old key */
    pv_curator_close(f.curator);
    f.curator = NULL;
    cr_assert_eq(unlink(f.ledger), 0);
    refused(PV_ETAMPER, "stands for");
    free(key);
}

/* A reservation stands for one budget, one input, one set of options. */
Test(replay, account_is_not_fooled)
{
    pv_spend total = {0, 0};
    char *account = pv_sprintf_alloc("%s/account", f.directory);
    f.options.account = account;
    f.options.account_cap = 3 * f.options.budget;
    open_well();
    pv_curator_close(f.curator);
    f.curator = NULL;
    cr_assert_eq(unlink(f.ledger), 0); /* as if killed before its first line */
    open_well();
    const pv_account_terms terms = {account, f.options.account_cap,
                                    "add-remove", "row", "secure"};
    cr_assert_eq(pv_account_reserve(&terms, f.curator->run_id,
                                    (pv_spend){1, 0}, &total,
                                    &f.err),
                 PV_OK);
    cr_assert_eq(total.rho, f.options.budget); /* the same run */
    cr_assert_eq(unlink(f.ledger), 0);
    f.options.budget *= 2;
    open_well();
    cr_assert_eq(pv_account_reserve(&terms, f.curator->run_id,
                                    (pv_spend){1, 0}, &total,
                                    &f.err),
                 PV_OK);
    cr_assert_eq(total.rho, 3 * f.options.budget / 2); /* another */
    cr_assert_eq(unlink(f.ledger), 0);
    f.options.settings = "other";
    refused(PV_EBUDGET, "cap");
    free(account);
}

/* An account taken away under a run is noticed before anything is drawn. */
Test(replay, account_gone)
{
    char *account = pv_sprintf_alloc("%s/account", f.directory);
    f.options.account = account;
    f.options.account_cap = f.options.budget;
    open_well();
    f.options.account_cap = 0;
    open_well();
    cr_assert_eq(unlink(account), 0);
    refused(PV_EBUDGET, "no such account");
    free(account);
}

Test(replay, stop_request)
{
    int64_t *answer;
    open_well();
    char *before = slurp(f.ledger);
    pv_curator_request_stop();
    cr_assert_eq(measure(*one_column(true), 100, &answer), PV_ESTOPPED);
    cr_assert_eq(pv_status_exit(PV_ESTOPPED), 75);
    char *after = slurp(f.ledger);
    cr_assert_str_eq(before, after);
    free(before);
    free(after);
}
