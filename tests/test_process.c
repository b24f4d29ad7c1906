#define _GNU_SOURCE /* memmem */
/* A co-process: the conversation, its faults, the store. */
#include "gen/pe/process.h"
#include "dp/curator.h"
#include "sources_fixture.h"

#include <criterion/redirect.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <time.h>

static const size_t wanted[labels] = {3, 2};
enum { firsts = 5 };

static pv_process_source *process;
static char *store, *log_path;
static double timeout;

static pv_source *source(void)
{
    return pv_process_source_of(process);
}

static void use(const char *command, pv_vector_metric metric)
{
    if (process != NULL)
        pv_source_free(source());
    process = NULL;
    MUST(pv_process_open(command, store, schema, width, metric, timeout,
                         &process, &err));
    source()->key = master;
}

/* The program of tests/coprocess.c. */
static void open_by(const char *kind, const char *fault, pv_vector_metric metric)
{
    const char *top = getenv("top_builddir");
    char *command =
        pv_sprintf_alloc("'%s/tests/coprocess' %s '%s' '%s'",
                         top != NULL ? top : ".", kind, fault, log_path);
    cr_assert_not_null(command);
    use(command, metric);
    free(command);
}

static void begin(void)
{
    begin_place();
    (void)signal(SIGPIPE, SIG_IGN);
    store = in_place("store");
    log_path = in_place("log");
    timeout = 60;
    process = NULL;
    open_by("utf8", "", PV_VECTOR_L2);
}

static void end(void)
{
    pv_source_free(source());
    free(store);
    free(log_path);
    end_place();
}

TestSuite(process, .init = begin, .fini = end, .timeout = 60);

static size_t logged(const char *start)
{
    size_t found = 0;
    if (!pv_file_exists(log_path))
        return 0;
    char *text = text_of(log_path);
    for (const char *at = text; at != NULL && *at != '\0';
         at = strchr(at, '\n') + 1)
        found += strncmp(at, start, strlen(start)) == 0;
    free(text);
    return found;
}

/* The `k`th request of this op, as it came. */
static json_t *heard(const char *op, size_t k)
{
    const size_t lines = lines_of(log_path);
    for (size_t i = 0; i < lines; i++) {
        json_t *line = line_of(log_path, i);
        if (line != NULL && strcmp(words(line, "op"), op) == 0 && k-- == 0)
            return line;
        json_decref(line);
    }
    cr_assert_fail("no such request");
    return NULL;
}

static pv_status first(pv_population *p)
{
    *p = nobody();
    return source()->random(source(), wanted, p, &err);
}

static pv_population begun(void)
{
    pv_population p;
    MUST(first(&p));
    return p;
}

static pv_status vary_by(const pv_population *parents, pv_variation how,
                         pv_population *p)
{
    *p = nobody();
    return source()->vary(source(), parents, &how, p, &err);
}

static void alike(const pv_population *p, const pv_population *q)
{
    cr_assert_eq(p->count, q->count);
    for (size_t i = 0; i < p->count; i++) {
        cr_expect_eq(p->class[i], q->class[i]);
        cr_expect_eq(p->item[i], q->item[i]);
        cr_expect_eq(p->generation[i], q->generation[i]);
    }
    cr_expect_eq(memcmp(p->vector, q->vector,
                        p->count * width * sizeof *p->vector),
                 0);
}

/* --- the conversation -------------------------------------------------------------- */

Test(process, first_candidates)
{
    pv_population p = begun();
    cr_assert_eq(p.count, firsts);
    json_t *hello = heard("hello", 0), *one = heard("random", 0),
           *two = heard("random", 1);
    cr_expect_eq(whole(hello, "abi"), 1);
    cr_expect_eq(whole(hello, "d"), width);
    cr_expect_str_eq(words(hello, "metric"), "l2");
    cr_expect_eq(whole(one, "n"), 3);
    cr_expect_str_eq(words(one, "label"), "circle");
    cr_expect_eq(whole(one, "label_code"), 0);
    cr_expect_eq(whole(one, "fold"), 1);
    cr_expect_eq(whole(one, "bytes"), 0);
    cr_expect_eq(whole(two, "n"), 2);
    cr_expect_str_eq(words(two, "label"), "a \"square\"");
    cr_expect_neq(whole(one, "seed"), whole(two, "seed"));
    cr_expect_lt(whole(one, "seed"), (json_int_t)1 << 53);
    const json_int_t seed[2] = {whole(one, "seed"), whole(two, "seed")};
    for (size_t i = 0; i < firsts; i++) {
        cr_expect_eq(p.class[i], i < 3 ? 0 : 1);
        cr_expect_eq(p.item[i], i);
        cr_expect_eq(p.generation[i], 0);
        cr_expect_eq(p.vector[i * width + 2],
                     (float)(seed[i / 3] % 4096 + 1) +
                         (float)(100 * (i % 3) + 2));
    }
    json_decref(hello);
    json_decref(one);
    json_decref(two);
    pv_population_clear(&p);
    cr_expect_eq(mode_of(store), 0700);
    pv_source_free(source());
    process = NULL;
    cr_expect_eq(logged("bye"), 1);
    open_by("utf8", "", PV_VECTOR_L2);
}

Test(process, children_with_payloads_or_vectors_of_parents)
{
    static const char *const kind[] = {"utf8", "bytes", "none"};
    const pv_variation how = {2, 0.125, 2, false};
    for (size_t k = 0; k < 3; k++) {
        pv_scratch_remove(store);
        (void)unlink(log_path);
        open_by(kind[k], "", PV_VECTOR_L2);
        pv_population p = begun(), q;
        MUST(vary_by(&p, how, &q));
        cr_assert_eq(q.count, 2 * firsts);
        json_t *first_class = heard("vary", 0), *second = heard("vary", 1);
        const json_int_t seed = whole(second, "seed");
        cr_expect_eq(whole(first_class, "n"), 3);
        cr_expect_eq(whole(first_class, "fold"), 2);
        cr_expect_eq(json_real_value(json_object_get(second, "degree")), 0.125);
        if (k == 2)
            cr_expect_eq(whole(second, "bytes"), 2 * width * 4);
        else
            cr_expect_gt(whole(second, "bytes"), 2 * 4 + 6);
        for (size_t i = 0; i < q.count; i++) {
            cr_expect_eq(q.class[i], i < 6 ? 0 : 1);
            cr_expect_eq(q.item[i], firsts + i);
            cr_expect_eq(q.generation[i], 2);
        }
        cr_expect_eq(q.vector[7 * width],
                     (float)(seed % 4096 + 1) + 100.0F);
        json_decref(first_class);
        json_decref(second);
        pv_population_clear(&p);
        pv_population_clear(&q);
    }
}

Test(process, batches_of_at_most_256)
{
    static const size_t many[labels] = {300, 0};
    pv_population p = nobody(), q;
    MUST(source()->random(source(), many, &p, &err));
    MUST(vary_by(&p, (pv_variation){1, 0.5, 1, false}, &q));
    cr_assert_eq(q.count, 300);
    for (size_t k = 0; k < 2; k++) {
        json_t *random = heard("random", k), *vary = heard("vary", k);
        cr_expect_eq(whole(random, "n"), k == 0 ? 256 : 44);
        cr_expect_eq(whole(vary, "n"), k == 0 ? 256 : 44);
        json_decref(random);
        json_decref(vary);
    }
    for (size_t i = 0; i < 300; i++)
        cr_expect_eq(q.item[i], 300 + i);
    pv_population_clear(&p);
    pv_population_clear(&q);
}

Test(process, answers_larger_than_a_pipe_before_requests_are_read)
{
    const char *top = getenv("top_builddir");
    char *command =
        pv_sprintf_alloc("'%s/tests/coprocess' bytes early '%s' 300000",
                         top != NULL ? top : ".", log_path);
    use(command, PV_VECTOR_L2);
    pv_population p = begun(), q;
    MUST(vary_by(&p, (pv_variation){1, 0.5, 2, false}, &q));
    cr_expect_eq(q.count, 2 * firsts);
    pv_population_clear(&p);
    pv_population_clear(&q);
    free(command);
}

Test(process, nothing_is_asked_for_nothing)
{
    pv_population p = nobody(), q;
    MUST(vary_by(&p, (pv_variation){1, 1, 3, false}, &q));
    cr_expect_eq(p.count + q.count, 0);
    cr_expect_eq(logged("{\"op\":\"vary"), 0);
    pv_population_clear(&p);
    pv_population_clear(&q);
}

Test(process, under_cosine)
{
    open_by("none", "", PV_VECTOR_COSINE);
    pv_population p = begun();
    double square = 0;
    for (size_t k = 0; k < width; k++)
        square += (double)p.vector[k] * (double)p.vector[k];
    cr_expect_float_eq(square, 1, 1e-6);
    pv_population_clear(&p);
}

/* --- the store --------------------------------------------------------------------- */

/* A run of three steps; what it makes. */
static void run(pv_population made[3])
{
    made[0] = begun();
    MUST(vary_by(&made[0], (pv_variation){1, 0.5, 2, true}, &made[1]));
    MUST(vary_by(&made[0], (pv_variation){1, 0.5, 2, false}, &made[2]));
}

static void clear(pv_population made[3])
{
    for (size_t k = 0; k < 3; k++)
        pv_population_clear(&made[k]);
}

Test(process, a_resumed_run_starts_nothing)
{
    pv_population before[3], after[3];
    run(before);
    cr_expect_eq(logged("start"), 1);
    use("/nonexistent/program", PV_VECTOR_L2);
    run(after);
    for (size_t k = 0; k < 3; k++)
        alike(&before[k], &after[k]);
    cr_expect_neq(before[1].vector[0], before[2].vector[0],
                  "what is looked at has seeds of its own");
    clear(before);
    clear(after);
}

Test(process, what_was_not_answered_is_asked_as_it_would_have_been)
{
    pv_population before[3], after[3];
    run(before);
    char *path = pv_sprintf_alloc("%s/vary_001_00001.answer", store);
    cr_assert_eq(unlink(path), 0);
    const size_t asked = logged("{\"op\":\"vary");
    open_by("utf8", "", PV_VECTOR_L2);
    run(after);
    for (size_t k = 0; k < 3; k++)
        alike(&before[k], &after[k]);
    cr_expect_eq(logged("start"), 2);
    cr_expect_eq(logged("{\"op\":\"vary"), asked + 1);
    json_t *one = heard("vary", 3), *again = heard("vary", 4);
    cr_expect(json_equal(one, again));
    json_decref(one);
    json_decref(again);
    clear(before);
    clear(after);
    free(path);
}

Test(process, a_store_of_another_run_is_refused)
{
    pv_population p = begun();
    pv_population_clear(&p);
    open_by("utf8", "", PV_VECTOR_L2);
    source()->key = (pv_key){{'o'}};
    fails(first(&p), PV_EDIVERGED,
          "random_000_00000.answer: answers another request");
    pv_population_clear(&p);
}

Test(process, a_store_of_other_embeddings_is_refused)
{
    pv_population p = begun();
    pv_population_clear(&p);
    open_by("utf8", "", PV_VECTOR_COSINE);
    fails(first(&p), PV_EDIVERGED, "hello.json: is of a run with other");
    pv_population_clear(&p);
}

Test(process, a_command_with_other_payloads_is_refused)
{
    pv_population p = begun();
    pv_population_clear(&p);
    open_by("bytes", "", PV_VECTOR_L2);
    char *path = pv_sprintf_alloc("%s/random_000_00000.answer", store);
    cr_assert_eq(unlink(path), 0);
    fails(first(&p), PV_EDIVERGED, "its payloads are \"bytes\", but ");
    pv_population_clear(&p);
    free(path);
}

Test(process, a_damaged_answer_is_refused)
{
    unsigned char *data = NULL;
    size_t size = 0;
    pv_population p = begun();
    pv_population_clear(&p);
    char *path = pv_sprintf_alloc("%s/random_000_00000.answer", store);
    MUST(pv_file_read(path, 1 << 20, &data, &size, &err));
    data[size - 1] ^= 1;
    MUST(pv_file_write_atomic(path, data, size, 0600, &err));
    open_by("utf8", "", PV_VECTOR_L2);
    fails(first(&p), PV_ETAMPER, "random_000_00000.answer: is damaged");
    pv_population_clear(&p);
    MUST(pv_file_write_atomic(path, data, size - 1, 0600, &err));
    open_by("utf8", "", PV_VECTOR_L2);
    fails(first(&p), PV_ETAMPER, "random_000_00000.answer: is damaged");
    pv_population_clear(&p);
    free(data);
    free(path);
}

/* --- faults ------------------------------------------------------------------------ */

static void refused_under(pv_vector_metric metric, const char *kind,
                          const char *fault, pv_status expected,
                          const char *message)
{
    pv_population p;
    open_by(kind, fault, metric);
    fails(first(&p), expected, message);
    cr_expect_not_null(strstr(err.message, "tests/coprocess: "), "%s",
                       err.message);
    cr_expect_eq(p.count, 0);
    pv_population_clear(&p);
    char *path = pv_sprintf_alloc("%s/random_000_00000.answer", store);
    cr_expect_not(pv_file_exists(path), "a wrong answer was stored");
    free(path);
}

static void refused(const char *kind, const char *fault, pv_status expected,
                    const char *message)
{
    refused_under(PV_VECTOR_L2, kind, fault, expected, message);
}

Test(process, no_such_program)
{
    pv_population p;
    use("/nonexistent/program 1", PV_VECTOR_L2);
    fails(first(&p), PV_EIO,
          "/nonexistent/program: cannot be run: No such file");
    pv_population_clear(&p);
}

Test(process, no_command)
{
    pv_process_source *other = NULL;
    fails(pv_process_open(" ", store, schema, width, PV_VECTOR_L2, 1, &other,
                          &err),
          PV_EUSAGE, "empty");
    fails(pv_process_open("a | b", store, schema, width, PV_VECTOR_L2, 1,
                          &other, &err),
          PV_EUSAGE, "there is no shell");
    cr_expect_null(other);
}

Test(process, dies)
{
    refused("utf8", "dies", PV_EIO,
            "random (id 1): ended with exit status 3 before it had answered");
    cr_expect_eq(logged("start"), 2, "once more");
    cr_expect_eq(logged("{\"op\":\"random"), 2);
}

Test(process, is_killed)
{
    refused("utf8", "aborts", PV_EIO, "was killed by signal 9");
}

Test(process, dies_once)
{
    pv_population p, q;
    open_by("utf8", "dies-once", PV_VECTOR_L2);
    MUST(first(&p));
    cr_expect_eq(logged("start"), 2);
    json_t *one = heard("random", 0), *again = heard("random", 1);
    cr_expect(json_equal(one, again), "asked the same");
    json_decref(one);
    json_decref(again);
    pv_scratch_remove(store);
    open_by("utf8", "", PV_VECTOR_L2);
    MUST(first(&q));
    alike(&p, &q);
    pv_population_clear(&p);
    pv_population_clear(&q);
}

Test(process, dies_in_the_middle_of_an_answer)
{
    pv_population p;
    open_by("utf8", "half-once", PV_VECTOR_L2);
    MUST(first(&p));
    cr_expect_eq(p.count, firsts);
    pv_population_clear(&p);
}

Test(process, closes_its_output)
{
    refused("utf8", "closes", PV_EIO, "closed its output before");
}

Test(process, hangs)
{
    const time_t begun_at = time(NULL);
    timeout = 0.3;
    refused("utf8", "hangs", PV_EIO,
            "gave no answer within 0.3 seconds and was killed");
    cr_expect_lt(time(NULL) - begun_at, 20);
    cr_expect_eq(logged("start"), 1, "it is not asked again");
    char *text = text_of(log_path);
    const char *at = strstr(text, "pid ");
    cr_assert_not_null(at);
    const pid_t other = (pid_t)atol(at + 4);
    bool gone = false;
    for (int i = 0; i < 200 && !gone; i++) { /* its new parent takes its status */
        char path[64], state = 'Z';
        (void)snprintf(path, sizeof path, "/proc/%ld/stat", (long)other);
        FILE *file = fopen(path, "r");
        if (file != NULL) {
            (void)fscanf(file, "%*d (%*[^)]) %c", &state);
            (void)fclose(file);
        }
        gone = file == NULL || state == 'Z';
        (void)nanosleep(&(struct timespec){0, 10000000}, NULL);
    }
    cr_expect(gone, "its group lives on");
    free(text);
}

Test(process, messages_are_passed_through)
{
    cr_redirect_stderr();
    pv_population p;
    open_by("utf8", "says", PV_VECTOR_L2);
    MUST(first(&p));
    pv_population_clear(&p);
    cr_assert_stderr_eq_str("one word\none word\n");
}

Test(process, a_flood_of_messages_is_cut)
{
    pv_population p;
    char *path = in_place("stderr");
    const int saved = dup(2);
    FILE *to = fopen(path, "w");
    cr_assert_not_null(to);
    (void)dup2(fileno(to), 2);
    pv_log_init("test", PV_LOG_NORMAL);
    open_by("utf8", "floods", PV_VECTOR_L2);
    MUST(first(&p));
    (void)fflush(stderr);
    (void)dup2(saved, 2);
    (void)close(saved);
    (void)fclose(to);
    unsigned char *data = NULL;
    size_t size = 0;
    MUST(pv_file_read(path, 1 << 24, &data, &size, &err));
    cr_expect_leq(size, 2 * (65536 + 400), "%zu bytes", size);
    cr_expect_geq(size, 2 * 65536);
    cr_expect_not_null(memmem(data, size, "bytes more of its messages", 26));
    free(data);
    free(path);
    pv_population_clear(&p);
}

#define FAULT(name, kind, fault, status, message)                              \
    Test(process, name)                                                        \
    {                                                                          \
        refused(kind, fault, status, message);                                 \
    }

FAULT(answers_in_garbage, "utf8", "garbage", PV_EFORMAT,
      "\"thinking about it\" is no line of JSON")
FAULT(answers_without_lines, "utf8", "no-newline", PV_EFORMAT,
      "without the end of a line")
FAULT(answers_another_op, "utf8", "op", PV_EFORMAT,
      "the answer's \"op\" is \"else\"; wanted: \"random\"")
FAULT(answers_another_request, "utf8", "id", PV_EFORMAT,
      "the answer's \"id\" is 2; wanted: 1")
FAULT(answers_too_many, "utf8", "too-many", PV_EFORMAT,
      "the answer's \"n\" is 4; wanted: 3")
FAULT(answers_in_another_width, "none", "width", PV_EFORMAT,
      "the answer's \"d\" is 4; wanted: 3")
FAULT(answers_nan, "utf8", "nan", PV_EFORMAT,
      "vector 1 (from 0) is not finite")
FAULT(answers_above_a_gigabyte, "utf8", "claims-2G", PV_EFORMAT,
      "\"bytes\" is 2147483648, above 1 GiB")
FAULT(claims_less_than_vectors_need, "utf8", "claims-less", PV_EFORMAT,
      "3 vectors of 3 float32 and as many payloads are at least 48")
FAULT(claims_more_than_vectors_need, "none", "claims-more", PV_EFORMAT,
      "3 vectors of 3 float32 are 36")
FAULT(says_more_than_it_claims, "utf8", "says-more", PV_EFORMAT,
      "\"bytes\"")
FAULT(payload_beyond_the_end, "utf8", "payload-beyond", PV_EFORMAT,
      "payload 2 of 3 (from 0) ends beyond")
FAULT(payloads_before_the_end, "utf8", "payload-left", PV_EFORMAT,
      "1 bytes follow the last of the answer's 3 payloads")
FAULT(answers_an_error, "utf8", "error", PV_EIO, "answers: out of paint")
FAULT(greets_by_another_id, "utf8", "hello-id", PV_EFORMAT,
      "hello: the answer's \"id\" is 7")
FAULT(greets_by_another_abi, "utf8", "hello-abi", PV_EFORMAT,
      "hello: the answer's \"abi\" is 2; wanted: 1")
FAULT(greets_in_another_width, "utf8", "hello-width", PV_EFORMAT,
      "hello: the answer's \"d\" is 4; wanted: 3")
FAULT(greets_in_another_metric, "utf8", "hello-metric", PV_EFORMAT,
      "hello: the answer's \"metric\" is")
FAULT(greets_with_unknown_payloads, "utf8", "hello-kind", PV_EFORMAT,
      "hello: the answer's \"payload\" must be")
FAULT(dies_before_it_greets, "utf8", "hello-dies", PV_EIO,
      "hello: ended with exit status 5")

Test(process, zero_under_cosine)
{
    refused_under(PV_VECTOR_COSINE, "utf8", "zero", PV_EFORMAT,
                  "vector 1 (from 0) is zero");
}

Test(process, claims_more_than_it_says)
{
    timeout = 0.3;
    refused("utf8", "claims-more", PV_EIO, "gave no answer within");
}

Test(process, never_greets)
{
    timeout = 0.3;
    refused("utf8", "hello-hangs", PV_EIO, "hello: gave no answer within");
}

Test(process, dies_once_before_it_greets)
{
    pv_population p;
    open_by("utf8", "hello-dies-once", PV_VECTOR_L2);
    MUST(first(&p));
    cr_expect_eq(logged("start"), 2);
    pv_population_clear(&p);
}

Test(process, stops_between_requests)
{
    pv_population p = begun(), q;
    pv_curator_request_stop();
    fails(vary_by(&p, (pv_variation){1, 0.5, 1, false}, &q), PV_ESTOPPED,
          "run the same command again");
    cr_expect_eq(logged("{\"op\":\"vary"), 0);
    pv_population_clear(&p);
    pv_population_clear(&q);
}

static void stop(int number)
{
    (void)number;
    pv_curator_request_stop();
}

Test(process, stops_while_it_waits)
{
    pv_population p;
    open_by("utf8", "hangs", PV_VECTOR_L2);
    (void)signal(SIGALRM, stop);
    (void)alarm(1);
    const time_t begun_at = time(NULL);
    fails(first(&p), PV_ESTOPPED, "stopped");
    cr_expect_lt(time(NULL) - begun_at, 20);
    pv_population_clear(&p);
}

/* --- rows and what they stand for -------------------------------------------------- */

static char *payloads_of(pv_population *p)
{
    pv_outcome o = {0};
    pv_table *table = NULL;
    const pv_key key = {{'r'}};
    *p = begun();
    MUST(pv_outcome_add(&o, 0, 0, 0, 3, &err));
    MUST(pv_outcome_add(&o, 0, 1, 0, 0, &err));
    MUST(pv_outcome_add(&o, 1, 4, 0, 1, &err));
    MUST(source()->rows(source(), &o, 8, &key, &table, &err));
    cr_expect_eq(pv_table_rows(table), 8);
    char *path = in_place("payloads.jsonl");
    MUST(pv_process_write_payloads(source(), &o, path, &err));
    cr_expect_eq(lines_of(path), 2);
    pv_outcome_clear(&o);
    pv_table_free(table);
    return path;
}

Test(process, payloads_as_text)
{
    pv_population p;
    char *path = payloads_of(&p), expected[64];
    json_t *line = line_of(path, 1), *asked = heard("random", 1);
    cr_expect_eq(whole(line, "row_id"), 4);
    cr_expect_str_eq(words(line, "label"), "a \"square\"");
    (void)snprintf(expected, sizeof expected, "%lld/1",
                   (long long)whole(asked, "seed"));
    cr_expect_str_eq(words(line, "payload"), expected);
    json_decref(line);
    json_decref(asked);
    pv_population_clear(&p);
    free(path);
}

Test(process, payloads_that_are_no_text)
{
    pv_population p;
    open_by("utf8", "no-utf8", PV_VECTOR_L2);
    char *path = payloads_of(&p);
    json_t *line = line_of(path, 0);
    cr_expect_str_eq(words(line, "payload_base64"), "//4q");
    json_decref(line);
    pv_population_clear(&p);
    free(path);
}

Test(process, without_payloads)
{
    pv_population p;
    open_by("none", "", PV_VECTOR_L2);
    char *path = payloads_of(&p);
    json_t *line = line_of(path, 0);
    cr_expect(json_is_null(json_object_get(line, "payload")));
    json_decref(line);
    pv_population_clear(&p);
    free(path);
}

Test(process, what_was_looked_at_can_be_no_parent)
{
    pv_population p = begun(), ahead, q;
    MUST(vary_by(&p, (pv_variation){1, 0.5, 1, true}, &ahead));
    fails(vary_by(&ahead, (pv_variation){2, 0.5, 1, false}, &q), PV_EINTERNAL,
          "only looked at");
    pv_population_clear(&p);
    pv_population_clear(&q);
    pv_population_clear(&ahead);
}
