#include "dp/curator.h"

#include "dp_fixture.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static pv_error err;
static char *directory, *path;

static void set_up(void)
{
    cr_assert_eq(pv_crypto_init(&err), PV_OK);
    directory = temporary_directory();
    path = pv_sprintf_alloc("%s/ledger.jsonl", directory);
}

static void tear_down(void)
{
    free(path);
    remove_tree(directory);
}

TestSuite(ledger, .init = set_up, .fini = tear_down);

static json_t *opening_line(void)
{
    return json_pack("{s:s, s:I, s:f, s:s, s:s}", "kind", "open", "budget",
                     (json_int_t)1000, "delta", 1e-9, "neighbours",
                     "add-remove", "unit", "row");
}

static json_t *selection_line(json_int_t sequence)
{
    /* (20/2^20)^2/8 is 50 units */
    return json_pack("{s:s, s:I, s:{s:s, s:s}, s:I, s:I}", "kind", "reserve",
                     "sequence", sequence, "question", "ask", "select",
                     "epsilon", "20/1048576", "units", (json_int_t)50, "spent",
                     50 * sequence);
}

static json_t *commit_line(json_int_t sequence)
{
    return json_pack("{s:s, s:I, s:s}", "kind", "commit", "sequence", sequence,
                     "answer", "00");
}

/* Five lines. */
static void write_ledger(void)
{
    pv_ledger *ledger = NULL;
    cr_assert_eq(pv_ledger_open(path, false, &ledger, &err), PV_OK, "%s",
                 err.message);
    cr_assert_eq(pv_ledger_append(ledger, opening_line(), &err), PV_OK);
    for (json_int_t i = 1; i <= 2; i++) {
        cr_assert_eq(pv_ledger_append(ledger, selection_line(i), &err), PV_OK);
        cr_assert_eq(pv_ledger_append(ledger, commit_line(i), &err), PV_OK);
    }
    cr_assert_eq(pv_ledger_lines(ledger), 5);
    pv_ledger_close(ledger);
}

static unsigned char *read_all(size_t *size)
{
    unsigned char *text = NULL;
    cr_assert_eq(pv_file_read(path, 1 << 20, &text, size, &err), PV_OK);
    return text;
}

static pv_status open_status(size_t *lines)
{
    pv_ledger *ledger = NULL;
    const pv_status status = pv_ledger_open(path, false, &ledger, &err);
    *lines = ledger != NULL ? pv_ledger_lines(ledger) : 0;
    pv_ledger_close(ledger);
    return status;
}

static size_t count_lines(const unsigned char *text, size_t size)
{
    size_t lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    return lines;
}

Test(ledger, reads_back)
{
    pv_ledger *ledger = NULL;
    pv_ledger_summary s;
    size_t size;
    struct stat info;
    write_ledger();
    cr_assert_eq(stat(path, &info), 0);
    cr_assert_eq(info.st_mode & 0777, 0600);
    unsigned char *text = read_all(&size);
    cr_assert_eq(pv_ledger_open(path, false, &ledger, &err), PV_OK);
    cr_assert_eq(pv_ledger_lines(ledger), 5);
    char *again = pv_ledger_text(pv_ledger_bodies(ledger));
    cr_assert_eq(strlen(again), size);
    cr_assert_eq(memcmp(again, text, size), 0);
    cr_assert_eq(pv_ledger_check(pv_ledger_bodies(ledger), &s, &err), PV_OK,
                 "%s", err.message);
    cr_assert(s.budget == 1000 && s.spent == 100 && s.questions == 2 &&
              s.uncommitted == 0 && !s.finished);
    free(again);
    free(text);
    pv_ledger_close(ledger);
}

/* Every byte, changed in every bit: noticed, or the last line is torn. */
Test(ledger, every_byte_counts)
{
    size_t size, torn = 0;
    write_ledger();
    unsigned char *text = read_all(&size);
    for (size_t i = 0; i < size; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            json_t *bodies = NULL;
            text[i] ^= (unsigned char)(1u << bit);
            const pv_status status = pv_ledger_parse(
                (const char *)text, size, "test", &bodies, &err);
            cr_assert_eq(status, PV_ETAMPER, "byte %zu bit %u", i, bit);
            text[i] ^= (unsigned char)(1u << bit);
        }
    for (size_t i = 0; i < size; i++) {
        size_t lines;
        text[i] ^= 1;
        put_file(path, text, size);
        text[i] ^= 1;
        if (open_status(&lines) == PV_OK) {
            cr_assert_eq(i, size - 1, "byte %zu", i);
            cr_assert_eq(lines, 4);
            torn++;
        }
    }
    cr_assert_eq(torn, 1);
    free(text);
}

/* Cut anywhere: what was whole stays, the rest goes, and it can be written on. */
Test(ledger, torn_anywhere)
{
    size_t size;
    write_ledger();
    unsigned char *text = read_all(&size);
    for (size_t cut = 0; cut <= size; cut++) {
        size_t lines, left;
        put_file(path, text, cut);
        cr_assert_eq(open_status(&lines), PV_OK, "cut at %zu: %s", cut,
                     err.message);
        cr_assert_eq(lines, count_lines(text, cut));
        unsigned char *now = read_all(&left);
        cr_assert_eq(count_lines(now, left), lines);
        cr_assert(left == 0 || now[left - 1] == '\n');
        free(now);
        if (cut % 37 == 0) {
            pv_ledger *ledger = NULL;
            cr_assert_eq(pv_ledger_open(path, false, &ledger, &err), PV_OK);
            cr_assert_eq(pv_ledger_append(ledger, commit_line(9), &err), PV_OK);
            pv_ledger_close(ledger);
            cr_assert_eq(open_status(&left), PV_OK);
            cr_assert_eq(left, lines + 1);
        }
    }
    free(text);
}

/* Lines left out, swapped or repeated break the chain. */
Test(ledger, order_of_lines)
{
    static const int orders[][6] = {
        {0, 2, 1, 3, 4, -1}, {0, 1, 2, 4, -1},     {1, 2, 3, 4, -1},
        {0, 1, 1, 2, 3, 4},  {0, 1, 2, 3, 4, 4},   {1, 0, 2, 3, 4, -1},
        {0, 0, -1},          {0, 1, 3, -1}};
    size_t size, start[6] = {0}, n = 1;
    write_ledger();
    unsigned char *text = read_all(&size);
    for (size_t i = 0; i < size; i++)
        if (text[i] == '\n')
            start[n++] = i + 1;
    cr_assert_eq(n, 6);
    for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
        char *made = pv_array_alloc(2 * size, 1);
        size_t used = 0, lines;
        for (size_t i = 0; i < 6 && orders[o][i] >= 0; i++) {
            const size_t l = (size_t)orders[o][i];
            memcpy(made + used, text + start[l], start[l + 1] - start[l]);
            used += start[l + 1] - start[l];
        }
        put_file(path, made, used);
        cr_assert_eq(open_status(&lines), PV_ETAMPER, "order %zu", o);
        free(made);
    }
    free(text);
}

/* The same JSON in other words is another line. */
Test(ledger, text_is_exact)
{
    size_t size;
    json_t *bodies = NULL;
    write_ledger();
    unsigned char *text = read_all(&size);
    char *e = strstr((char *)text, "e-");
    cr_assert_not_null(e);
    *e = 'E';
    cr_assert_eq(pv_ledger_parse((char *)text, size, "test", &bodies, &err),
                 PV_ETAMPER);
    *e = 'e';
    char *spaced = pv_sprintf_alloc("{ %s", (char *)text + 1);
    cr_assert_eq(pv_ledger_parse(spaced, size + 1, "test", &bodies, &err),
                 PV_ETAMPER);
    free(spaced);
    free(text);
}

Test(ledger, locked_by_another_process)
{
    int ready[2], done[2];
    char byte;
    size_t lines;
    cr_assert(pipe(ready) == 0 && pipe(done) == 0);
    const pid_t child = fork();
    if (child == 0) {
        pv_ledger *ledger = NULL;
        const pv_status status = pv_ledger_open(path, false, &ledger, NULL);
        byte = status == PV_OK ? 'y' : 'n';
        (void)!write(ready[1], &byte, 1);
        (void)!read(done[0], &byte, 1);
        _exit(0);
    }
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    cr_assert_eq(byte, 'y');
    cr_assert_eq(open_status(&lines), PV_ELOCKED);
    cr_assert_eq(write(done[1], "x", 1), 1);
    cr_assert_eq(waitpid(child, NULL, 0), child);
    cr_assert_eq(open_status(&lines), PV_OK);
}

/* No room for a line: refused, nothing is left of it, and later all is well. */
Test(ledger, disk_full)
{
    size_t size, lines;
    struct rlimit limit, whole;
    pv_ledger *ledger = NULL;
    write_ledger();
    free(read_all(&size));
    cr_assert_eq(pv_ledger_open(path, false, &ledger, &err), PV_OK);
    (void)signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &whole), 0);
    limit = whole;
    limit.rlim_cur = size + 10;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_assert_eq(pv_ledger_append(ledger, selection_line(3), &err), PV_EIO);
    cr_assert_eq(pv_ledger_lines(ledger), 5);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &whole), 0);
    cr_assert_eq(pv_ledger_append(ledger, selection_line(3), &err), PV_OK);
    pv_ledger_close(ledger);
    cr_assert_eq(open_status(&lines), PV_OK);
    cr_assert_eq(lines, 6);
}

Test(ledger, no_such_place)
{
    size_t lines;
    char *there = path;
    path = pv_sprintf_alloc("%s/missing/ledger", directory);
    cr_assert_eq(open_status(&lines), PV_EIO);
    free(path);
    path = pv_sprintf_alloc("%s/link", directory);
    cr_assert_eq(symlink(there, path), 0);
    cr_assert_eq(open_status(&lines), PV_EIO); /* not through a link */
    free(path);
    path = there;
}

static pv_status check(json_t *bodies, pv_ledger_summary *s)
{
    const pv_status status = pv_ledger_check(bodies, s, &err);
    json_decref(bodies);
    return status;
}

static json_t *measure_line(const char *sigma2, json_int_t d2, json_int_t units)
{
    return json_pack(
        "{s:s, s:i, s:{s:s, s:[[s]], s:[s], s:I}, s:I, s:I}", "kind", "reserve",
        "sequence", 1, "question", "ask", "measure", "cliques", "a", "sigma2",
        sigma2, "sensitivity2", d2, "units", units, "spent", units);
}

/* 2^39/2^32 = 128 units; 2^39/2^31 = 256 */
Test(ledger, costs_are_recomputed)
{
    pv_ledger_summary s;
    cr_assert_eq(check(json_pack("[o, o]", opening_line(),
                                 measure_line("4294967296/1", 1, 128)),
                       &s),
                 PV_OK, "%s", err.message);
    cr_assert(s.spent == 128 && s.uncommitted == 1);
    static const char *const bad[] = {"-4294967296/1", "4294967296",
                                      "4294967296/1 ", "+4294967296/1",
                                      "4294967296/0",  "2147483648/1",
                                      "99999999999999999999999/1", ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_eq(check(json_pack("[o, o]", opening_line(),
                                     measure_line(bad[i], 1, 128)),
                           &s),
                     PV_ETAMPER, "%s", bad[i]);
    /* charged for less than the unit can change, and for more */
    cr_assert_eq(check(json_pack("[o, o]", opening_line(),
                                 measure_line("4294967296/1", 2, 256)),
                       &s),
                 PV_ETAMPER);
    json_t *replace = opening_line();
    (void)json_object_set_new(replace, "neighbours", json_string("replace"));
    cr_assert_eq(check(json_pack("[O, o]", replace,
                                 measure_line("4294967296/1", 1, 128)),
                       &s),
                 PV_ETAMPER);
    cr_assert_eq(check(json_pack("[O, o]", replace,
                                 measure_line("4294967296/1", 2, 256)),
                       &s),
                 PV_OK, "%s", err.message);
    (void)json_object_set_new(replace, "unit",
                              json_string("person, at most 3 rows"));
    cr_assert_eq(check(json_pack("[o, o]", replace,
                                 measure_line("38654705664/1", 18, 256)),
                       &s),
                 PV_OK, "%s", err.message);
}

Test(ledger, order_of_states)
{
    pv_ledger_summary s;
    json_t *close = json_pack("{s:s, s:i}", "kind", "close", "spent", 50);
    cr_assert_eq(check(json_pack("[o, o, o, O]", opening_line(),
                                 selection_line(1), commit_line(1), close),
                       &s),
                 PV_OK, "%s", err.message);
    cr_assert(s.closed);
    cr_assert_eq(check(json_pack("[o, o, o, O, o]", opening_line(),
                                 selection_line(1), commit_line(1), close,
                                 selection_line(2)),
                       &s),
                 PV_ETAMPER);
    cr_assert_eq(check(json_pack("[o, O]", opening_line(), close), &s),
                 PV_ETAMPER);
    cr_assert_eq(check(json_pack("[o, o]", opening_line(), commit_line(1)), &s),
                 PV_ETAMPER);
    cr_assert_eq(check(json_pack("[o, o]", opening_line(), selection_line(2)),
                       &s),
                 PV_ETAMPER);
    cr_assert_eq(check(json_pack("[o]", selection_line(1)), &s), PV_ETAMPER);
    json_t *poor = opening_line();
    (void)json_object_set_new(poor, "budget", json_integer(99));
    cr_assert_eq(check(json_pack("[o, o, o]", poor, selection_line(1),
                                 selection_line(2)),
                       &s),
                 PV_ETAMPER);
    json_decref(close);
}
