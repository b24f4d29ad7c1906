/* core: messages, memory, files, threads, log. */
#include "core/atomicfile.h"
#include "core/log.h"
#include "core/memory.h"
#include "core/status.h"
#include "core/threads.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- status ------------------------------------------------------------ */

Test(status, codes_have_texts_and_documented_exits)
{
    cr_assert_str_eq(pv_status_text(PV_OK), "success");
    cr_assert_str_eq(pv_status_text((pv_status)999), "unknown status");
    cr_assert_eq(pv_status_exit(PV_OK), 0);
    cr_assert_eq(pv_status_exit(PV_EIO), 1);
    cr_assert_eq(pv_status_exit(PV_EUSAGE), 2);
    cr_assert_eq(pv_status_exit(PV_EBUDGET), 5);
    cr_assert_eq(pv_status_exit(PV_ESTOPPED), 75);
    cr_assert_eq(pv_status_exit((pv_status)999), 1);
}

Test(status, context_goes_before_the_message)
{
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(pv_fail(&err, PV_EFORMAT, "line %d", 7), PV_EFORMAT);
    cr_assert_eq(pv_fail_context(&err, PV_ESCHEMA, "%s", "a.json"),
                 PV_ESCHEMA);
    cr_assert_eq(err.code, PV_ESCHEMA);
    cr_assert_str_eq(err.message, "a.json: line 7");
}

Test(status, errno_is_that_of_the_call)
{
    pv_error err = PV_ERROR_INIT;
    errno = ENOENT;
    cr_assert_eq(pv_fail_errno(&err, PV_EIO, "x"), PV_EIO);
    cr_assert_str_eq(err.message, "x: No such file or directory");
}

Test(status, an_absent_error_is_allowed)
{
    cr_assert_eq(pv_fail(NULL, PV_EIO, "x"), PV_EIO);
    cr_assert_eq(pv_fail_errno(NULL, PV_EIO, "x"), PV_EIO);
    cr_assert_eq(pv_fail_context(NULL, PV_EIO, "x"), PV_EIO);
}

Test(status, long_messages_are_cut_and_ended)
{
    pv_error err = PV_ERROR_INIT;
    char text[3 * sizeof err.message];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    (void)pv_fail(&err, PV_EIO, "%s", text);
    cr_assert_eq(strlen(err.message), sizeof err.message - 1);
    errno = EIO;
    (void)pv_fail_errno(&err, PV_EIO, "%s", text);
    cr_assert_eq(strlen(err.message), sizeof err.message - 1);
    (void)pv_fail_context(&err, PV_EIO, "file");
    cr_assert_eq(strlen(err.message), sizeof err.message - 1);
    cr_assert_eq(strncmp(err.message, "file: aaa", 9), 0);
    (void)pv_fail_context(&err, PV_EIO, "%s", text);
    cr_assert_eq(strlen(err.message), sizeof err.message - 1);
    cr_assert_eq(err.message[0], 'a');
}

/* ---- memory ------------------------------------------------------------ */

Test(memory, products_that_overflow_are_refused)
{
    size_t n = 1;
    cr_assert_null(pv_array_alloc(SIZE_MAX / 2, 3));
    cr_assert_null(pv_array_calloc(SIZE_MAX / 2, 3));
    cr_assert_null(pv_aligned_alloc(SIZE_MAX / 2, 3));
    cr_assert_null(pv_aligned_alloc(SIZE_MAX - 8, 1), "rounded up past the end");
    char *kept = pv_array_alloc(4, 1);
    cr_assert_not_null(kept);
    memcpy(kept, "abc", 4);
    cr_assert_null(pv_array_realloc(kept, SIZE_MAX / 2, 3));
    cr_assert_str_eq(kept, "abc", "a refused realloc leaves the block");
    free(kept);
    cr_assert(!pv_size_mul(SIZE_MAX, 2, &n));
    cr_assert(!pv_size_add(SIZE_MAX, 1, &n));
    cr_assert(pv_size_mul(6, 7, &n));
    cr_assert_eq(n, 42);
    cr_assert(pv_size_add(40, 2, &n));
    cr_assert_eq(n, 42);
}

Test(memory, none_is_a_block_and_blocks_are_aligned)
{
    void *const none[] = {pv_array_alloc(0, 8), pv_array_calloc(0, 8),
                          pv_array_realloc(NULL, 0, 8), pv_aligned_alloc(0, 8)};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        cr_assert_not_null(none[i]);
        free(none[i]);
    }
    for (size_t n = 1; n < 200; n += 7) {
        unsigned char *block = pv_aligned_alloc(n, 1);
        cr_assert_eq((uintptr_t)block % 64, 0);
        memset(block, 1, n);
        free(block);
    }
    uint32_t *zero = pv_array_calloc(100, sizeof *zero);
    for (size_t i = 0; i < 100; i++)
        cr_assert_eq(zero[i], 0);
    free(zero);
}

Test(memory, texts)
{
    char *copy = pv_strdup("abc"), *made = pv_sprintf_alloc("%s-%d", "x", 5);
    cr_assert_str_eq(copy, "abc");
    cr_assert_str_eq(made, "x-5");
    free(copy);
    pv_wipe_free(made, strlen(made));
    pv_wipe_free(NULL, 8);
}

/* ---- files ------------------------------------------------------------- */

static char dir[64];

static void enter(void)
{
    (void)snprintf(dir, sizeof dir, "/tmp/privet-core-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    cr_assert_eq(chdir(dir), 0);
}

static void leave(void)
{
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf %s", dir);
    cr_assert_eq(system(command), 0);
}

static void assert_content(const char *path, const char *wanted)
{
    unsigned char *data = NULL;
    size_t size = 0;
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(pv_file_read(path, 1 << 20, &data, &size, &err), PV_OK, "%s",
                 err.message);
    cr_assert_eq(size, strlen(wanted));
    cr_assert_str_eq((char *)data, wanted);
    free(data);
}

TestSuite(files, .init = enter, .fini = leave);

Test(files, written_whole_with_their_mode)
{
    struct stat info;
    cr_assert_eq(pv_file_write_atomic("a", "one", 3, 0600, NULL), PV_OK);
    cr_assert_eq(pv_file_write_atomic("a", "three", 5, 0600, NULL), PV_OK);
    assert_content("a", "three");
    cr_assert_eq(stat("a", &info), 0);
    cr_assert_eq(info.st_mode & 0777, 0600);
    cr_assert(!pv_file_exists("a.tmp"));
}

Test(files, a_failed_write_leaves_the_old_file_and_no_temporary)
{
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(mkdir("taken", 0700), 0); /* rename onto it must fail */
    cr_assert_eq(pv_file_write_atomic("taken", "x", 1, 0600, &err), PV_EIO);
    cr_assert(!pv_file_exists("taken.tmp"));
    cr_assert_not_null(strstr(err.message, "taken"));
    cr_assert_eq(pv_file_write_atomic("no/where", "x", 1, 0600, &err), PV_EIO);

    cr_assert_eq(pv_file_write_atomic("a", "old", 3, 0600, NULL), PV_OK);
    cr_assert_eq(mkdir("a.tmp", 0700), 0); /* the temporary cannot be made */
    cr_assert_eq(pv_file_write_atomic("a", "new", 3, 0600, &err), PV_EIO);
    assert_content("a", "old");
}

Test(files, publish_replaces_by_force_alone)
{
    cr_assert_eq(pv_file_write_atomic("old", "old", 3, 0600, NULL), PV_OK);
    cr_assert_eq(pv_file_write_atomic("new", "new", 3, 0600, NULL), PV_OK);
    cr_assert_eq(pv_file_publish("new", "old", false, NULL), PV_EEXIST);
    assert_content("old", "old");
    assert_content("new", "new");
    cr_assert_eq(pv_file_publish("new", "old", true, NULL), PV_OK);
    assert_content("old", "new");
    cr_assert(!pv_file_exists("new"));
    cr_assert_eq(pv_file_publish("new", "third", false, NULL), PV_EIO);
    cr_assert(!pv_file_exists("third"));
}

Test(files, reading_stops_at_the_limit)
{
    unsigned char *data = NULL;
    size_t size = 0;
    pv_error err = PV_ERROR_INIT;
    char *large = pv_array_calloc(300000, 1);
    cr_assert_eq(pv_file_write_atomic("a", large, 300000, 0600, NULL), PV_OK);
    cr_assert_eq(pv_file_read("a", 299999, &data, &size, &err), PV_ETOOBIG);
    cr_assert_null(data);
    cr_assert_eq(pv_file_read("a", 300000, &data, &size, &err), PV_OK);
    cr_assert_eq(size, 300000);
    cr_assert_eq(data[size], 0);
    cr_assert_eq(pv_file_read("b", 10, &data, &size, &err), PV_EIO);
    cr_assert_not_null(strstr(err.message, "b: "));
    free(data);
    free(large);
}

Test(files, outputs_are_checked_beforehand)
{
    pv_error err = PV_ERROR_INIT;
    cr_assert_eq(pv_output_check("new", false, &err), PV_OK);
    cr_assert(!pv_file_exists("new"), "a check makes nothing");
    cr_assert_eq(pv_file_write_atomic("a", "x", 1, 0600, NULL), PV_OK);
    cr_assert_eq(pv_output_check("a", false, &err), PV_EEXIST);
    cr_assert_not_null(strstr(err.message, "--force"));
    cr_assert_eq(pv_output_check("a", true, &err), PV_OK);
    cr_assert_eq(pv_output_check("no/a", true, &err), PV_EIO);
    cr_assert_eq(pv_output_check("", true, &err), PV_EIO);
    cr_assert_eq(pv_output_check(dir, true, &err), PV_EIO);
    cr_assert_not_null(strstr(err.message, "directory"));
    cr_assert_eq(symlink("nowhere", "dangling"), 0);
    cr_assert_eq(pv_output_check("dangling", false, &err), PV_EEXIST);
    if (geteuid() != 0) { /* root may write anywhere */
        cr_assert_eq(mkdir("locked", 0500), 0);
        cr_assert_eq(pv_output_check("locked/a", true, &err), PV_EIO);
    }
}

Test(files, one_file_by_two_names)
{
    cr_assert_eq(pv_file_write_atomic("a", "x", 1, 0600, NULL), PV_OK);
    cr_assert_eq(pv_file_write_atomic("b", "x", 1, 0600, NULL), PV_OK);
    cr_assert_eq(symlink("a", "link"), 0);
    cr_assert(pv_file_same("a", "./a"));
    cr_assert(pv_file_same("a", "link"));
    cr_assert(!pv_file_same("a", "b"));
    cr_assert(!pv_file_same("none", "none"));
}

/* ---- threads ----------------------------------------------------------- */

/* What pv_threads_resolve gives in a process with this environment. */
static int resolved(int requested, const char *omp, const char *slurm)
{
    int status = 0;
    const pid_t child = fork();
    if (child == 0) {
        (void)unsetenv("OMP_NUM_THREADS");
        (void)unsetenv("SLURM_CPUS_PER_TASK");
        if (omp != NULL)
            (void)setenv("OMP_NUM_THREADS", omp, 1);
        if (slurm != NULL)
            (void)setenv("SLURM_CPUS_PER_TASK", slurm, 1);
        const int threads = pv_threads_resolve(requested);
        _exit(threads < 255 ? threads : 255);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

Test(threads, the_environment_in_order)
{
#ifdef _OPENMP
    const int machine = resolved(0, NULL, NULL);
    cr_assert_geq(machine, 1);
    cr_assert_eq(resolved(3, "5", "7"), 3);
    cr_assert_eq(resolved(0, "5", "7"), 5);
    cr_assert_eq(resolved(0, NULL, "7"), 7);
    cr_assert_eq(resolved(0, "6,2", "7"), 6, "a list by nesting level");
    static const char *const wrong[] = {"", "x", "0", "-3", "5x",
                                        "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_assert_eq(resolved(0, wrong[i], "7"), 7, "%s", wrong[i]);
        cr_assert_eq(resolved(0, NULL, wrong[i]), machine, "%s", wrong[i]);
    }
#else
    cr_assert_eq(resolved(3, "5", "7"), 1);
#endif
}

enum { items = 1000, inner_items = 7 };

typedef struct tally {
    atomic_int runs[items];
    atomic_int inner[items];
} tally;

typedef struct place {
    tally *tally;
    size_t item;
} place;

static void inner(size_t item, void *context)
{
    const place *p = context;
    p->tally->inner[p->item] += 1 << (4 * item);
}

static void outer(size_t item, void *context)
{
    place p = {context, item};
    p.tally->runs[item]++;
    pv_parallel_for(inner_items, inner, &p);
}

Test(threads, each_item_once_also_nested)
{
    for (int threads = 1; threads <= 4; threads++) {
        tally *t = pv_array_calloc(1, sizeof *t);
        pv_threads_set(threads);
        cr_assert_eq(pv_threads_get(), threads);
        pv_parallel_for(items, outer, t);
        for (size_t i = 0; i < items; i++) {
            cr_assert_eq(t->runs[i], 1);
            cr_assert_eq(t->inner[i], 0x1111111);
        }
        pv_parallel_for(0, outer, t);
        cr_assert_eq(t->runs[0], 1, "no items, no runs");
        free(t);
    }
    pv_threads_set(-2);
    cr_assert_eq(pv_threads_get(), 1);
}

/* ---- log --------------------------------------------------------------- */

static void say_all(pv_log_level level)
{
    pv_log_init("prog", level);
    pv_log_error("E%d", 1);
    pv_log_warning("W");
    pv_log_info("I");
    pv_log_detail("D");
    (void)fflush(stderr);
}

Test(log, quiet_leaves_errors, .init = cr_redirect_stderr)
{
    say_all(PV_LOG_QUIET);
    cr_assert_stderr_eq_str("prog: error: E1\n");
}

Test(log, normal_leaves_details_out, .init = cr_redirect_stderr)
{
    say_all(PV_LOG_NORMAL);
    cr_assert_stderr_eq_str("prog: error: E1\nprog: warning: W\nprog: I\n");
}

Test(log, verbose_says_all, .init = cr_redirect_stderr)
{
    say_all(PV_LOG_VERBOSE);
    cr_assert_eq(pv_log_get_level(), PV_LOG_VERBOSE);
    cr_assert_stderr_eq_str(
        "prog: error: E1\nprog: warning: W\nprog: I\nprog: D\n");
}

Test(log, names_do_not_steer_the_terminal, .init = cr_redirect_stderr)
{
    pv_log_init("prog", PV_LOG_NORMAL);
    pv_log_info("%s", "a\033[2J\x7f\tb");
    (void)fflush(stderr);
    cr_assert_stderr_eq_str("prog: a?[2J?\tb\n");
}

/* Not a terminal: nothing before a minute has passed, no bar and no escapes. */
Test(log, progress_in_a_file_is_silent_for_a_minute,
     .init = cr_redirect_stderr)
{
    pv_log_init("prog", PV_LOG_NORMAL);
    pv_progress_begin("counting", 10);
    for (uint64_t i = 0; i <= 10; i++)
        pv_progress_update(i);
    pv_progress_end();
    pv_log_info("done");
    (void)fflush(stderr);
    cr_assert_stderr_eq_str("prog: done\n");
}
