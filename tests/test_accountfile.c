#include "dp/accountfile.h"

#include "core/stream.h"
#include "dp/account.h"
#include "dp/ledger.h"
#include "dp_fixture.h"

#include <sys/wait.h>

static pv_error err;
static char *directory, *path;
static pv_account_terms terms;

static void set_up(void)
{
    cr_assert_eq(pv_crypto_init(&err), PV_OK);
    directory = temporary_directory();
    path = pv_sprintf_alloc("%s/account", directory);
    terms = (pv_account_terms){path, 1000, "add-remove", "row", "secure"};
}

static void tear_down(void)
{
    free(path);
    remove_tree(directory);
}

TestSuite(accountfile, .init = set_up, .fini = tear_down);

static pv_status reserve(const char *run, uint64_t units, uint64_t *total)
{
    pv_spend sum = {*total, 0};
    const pv_status status =
        pv_account_reserve(&terms, run, (pv_spend){units, 0}, &sum, &err);
    *total = sum.rho;
    return status;
}

static pv_status settle(const char *run, uint64_t units, uint64_t *total)
{
    pv_spend sum = {*total, 0};
    const pv_status status =
        pv_account_settle(&terms, run, (pv_spend){units, 0}, &sum, &err);
    *total = sum.rho;
    return status;
}

Test(accountfile, cap)
{
    uint64_t total = 0;
    cr_assert_eq(reserve("a", 600, &total), PV_OK, "%s", err.message);
    cr_assert_eq(total, 600);
    cr_assert_eq(reserve("b", 401, &total), PV_EBUDGET);
    cr_assert_eq(reserve("b", UINT64_MAX, &total), PV_EBUDGET);
    cr_assert_eq(reserve("b", 400, &total), PV_OK);
    cr_assert_eq(total, 1000);
    cr_assert_eq(reserve("c", 1, &total), PV_EBUDGET);
    cr_assert_eq(reserve("a", 600, &total), PV_OK); /* once is enough */
    cr_assert_eq(total, 1000);
}

/* A reservation does not stretch. */
Test(accountfile, no_more_than_reserved)
{
    uint64_t total = 0;
    cr_assert_eq(reserve("a", 10, &total), PV_OK);
    cr_assert_eq(reserve("a", 11, &total), PV_ETAMPER);
    cr_assert_eq(reserve("a", 900, &total), PV_ETAMPER);
    cr_assert_eq(reserve("a", 10, &total), PV_OK);
    cr_assert_eq(total, 10);
}

Test(accountfile, settle)
{
    uint64_t total = 0;
    cr_assert_eq(reserve("a", 600, &total), PV_OK);
    cr_assert_eq(reserve("b", 400, &total), PV_OK);
    cr_assert_eq(settle("a", 601, &total), PV_ETAMPER);
    cr_assert_eq(settle("x", 1, &total), PV_ETAMPER);
    cr_assert_eq(settle("a", 100, &total), PV_OK);
    cr_assert_eq(total, 500);
    /* settled is settled: not again, not lower, not higher */
    cr_assert_eq(settle("a", 100, &total), PV_OK);
    cr_assert_eq(settle("a", 50, &total), PV_OK);
    cr_assert_eq(total, 500);
    cr_assert_eq(settle("a", 101, &total),
                 PV_ETAMPER);
    /* nor does it reserve what it had before */
    cr_assert_eq(reserve("a", 600, &total), PV_ETAMPER);
    cr_assert_eq(reserve("a", 100, &total), PV_OK);
    cr_assert_eq(reserve("c", 500, &total), PV_OK);
    cr_assert_eq(total, 1000);
}

/* Delta is held to its reservation too, and adds up beside rho. */
Test(accountfile, delta)
{
    pv_spend total = {0, 0};
    cr_assert_eq(pv_account_reserve(&terms, "a", (pv_spend){10, 7}, &total, &err),
                 PV_OK);
    cr_assert(total.rho == 10 && total.delta == 7);
    cr_assert_eq(pv_account_reserve(&terms, "a", (pv_spend){10, 8}, &total, &err),
                 PV_ETAMPER);
    cr_assert_eq(pv_account_reserve(&terms, "b", (pv_spend){20, 0}, &total, &err),
                 PV_OK);
    cr_assert_eq(pv_account_reserve(&terms, "c", (pv_spend){1, 100}, &total,
                                    &err),
                 PV_OK);
    cr_assert(total.rho == 31 && total.delta == 107);
    cr_assert_eq(pv_account_settle(&terms, "a", (pv_spend){9, 8}, &total, &err),
                 PV_ETAMPER);
    cr_assert_eq(pv_account_settle(&terms, "a", (pv_spend){9, 3}, &total, &err),
                 PV_OK);
    cr_assert(total.rho == 30 && total.delta == 103);
    cr_assert_eq(pv_account_settle(&terms, "c", (pv_spend){1, 0}, &total, &err),
                 PV_OK);
    cr_assert(total.rho == 30 && total.delta == 3);
}

Test(accountfile, terms)
{
    uint64_t total = 0;
    terms.cap = 0;
    cr_assert_eq(reserve("a", 1, &total), PV_EBUDGET); /* none to join */
    cr_assert(!pv_file_exists(path));
    terms.cap = 1000;
    cr_assert_eq(reserve("a", 1, &total), PV_OK);
    terms.cap = 0;
    cr_assert_eq(reserve("b", 1, &total), PV_OK);
    terms.cap = 2000;
    cr_assert_eq(reserve("c", 1, &total), PV_EMISMATCH);
    terms.cap = 1000;
    terms.neighbours = "replace";
    cr_assert_eq(reserve("c", 1, &total), PV_EMISMATCH);
    terms.neighbours = "add-remove";
    terms.unit = "person, at most 2 rows";
    cr_assert_eq(reserve("c", 1, &total), PV_EMISMATCH);
    terms.unit = "row";
    terms.rng = "INSECURE-TEST";
    cr_assert_eq(reserve("c", 1, &total), PV_EMISMATCH);
    terms.rng = "secure";
    cr_assert_eq(reserve("c", 1, &total), PV_OK);
    cr_assert_eq(total, 3);
}

Test(accountfile, other_files)
{
    uint64_t total = 0;
    pv_ledger *ledger = NULL;
    cr_assert_eq(pv_ledger_open(path, false, &ledger, &err), PV_OK);
    cr_assert_eq(pv_ledger_append(ledger,
                                  json_pack("{s:s}", "kind", "open"), &err),
                 PV_OK);
    pv_ledger_close(ledger);
    cr_assert_eq(reserve("a", 1, &total), PV_EFORMAT);
    put_file(path, "no ledger\n", 10);
    cr_assert_eq(reserve("a", 1, &total), PV_ETAMPER);
}

/* What the lines of the account add up to, read by hand. */
static uint64_t sum_of_lines(size_t *runs)
{
    uint64_t sum = 0;
    pv_ledger *ledger = NULL;
    cr_assert_eq(pv_ledger_open(path, true, &ledger, &err), PV_OK);
    *runs = pv_ledger_lines(ledger) - 1;
    for (size_t i = 1; i < pv_ledger_lines(ledger); i++)
        sum += (uint64_t)json_integer_value(
            json_object_get(pv_ledger_line(ledger, i), "units"));
    pv_ledger_close(ledger);
    return sum;
}

/* Eight processes at once, each for 40 runs of 7: 142 of them fit. */
Test(accountfile, race)
{
    enum { processes = 8, runs = 40 };
    pid_t child[processes];
    int granted = 0;
    size_t lines;
    for (int p = 0; p < processes; p++) {
        child[p] = fork();
        if (child[p] != 0)
            continue;
        int mine = 0;
        for (int i = 0; i < runs; i++) {
            char name[32];
            uint64_t total = 0;
            (void)snprintf(name, sizeof name, "%d-%d", p, i);
            mine += reserve(name, 7, &total) == PV_OK && total <= 1000;
        }
        _exit(mine);
    }
    for (int p = 0; p < processes; p++) {
        int status;
        cr_assert_eq(waitpid(child[p], &status, 0), child[p]);
        cr_assert(WIFEXITED(status));
        granted += WEXITSTATUS(status);
    }
    cr_assert_eq(granted, 1000 / 7);
    cr_assert_eq(sum_of_lines(&lines), 7 * (uint64_t)granted);
    cr_assert_eq(lines, (size_t)granted);
}
