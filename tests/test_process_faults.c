#define _GNU_SOURCE /* memmem */
/* Co-processes that die, hang, flood and lie. */
#include "process_fixture.h"

#include <criterion/redirect.h>
#include <stdio.h>
#include <time.h>

TestSuite(process_faults, .init = begin, .fini = end, .timeout = 60);

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

Test(process_faults, no_such_program)
{
    pv_population p;
    use("/nonexistent/program 1", PV_VECTOR_L2);
    fails(first(&p), PV_EIO,
          "/nonexistent/program: cannot be run: No such file");
    pv_population_clear(&p);
}

Test(process_faults, no_command)
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

Test(process_faults, dies)
{
    refused("utf8", "dies", PV_EIO,
            "random (id 1): ended with exit status 3 before it had answered");
    cr_expect_eq(logged("start"), 2, "once more");
    cr_expect_eq(logged("{\"op\":\"random"), 2);
}

Test(process_faults, is_killed)
{
    refused("utf8", "aborts", PV_EIO, "was killed by signal 9");
}

Test(process_faults, dies_once)
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

Test(process_faults, dies_in_the_middle_of_an_answer)
{
    pv_population p;
    open_by("utf8", "half-once", PV_VECTOR_L2);
    MUST(first(&p));
    cr_expect_eq(p.count, firsts);
    pv_population_clear(&p);
}

Test(process_faults, closes_its_output)
{
    refused("utf8", "closes", PV_EIO, "closed its output before");
}

Test(process_faults, hangs)
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

Test(process_faults, messages_are_passed_through)
{
    cr_redirect_stderr();
    pv_population p;
    open_by("utf8", "says", PV_VECTOR_L2);
    MUST(first(&p));
    pv_population_clear(&p);
    cr_assert_stderr_eq_str("one word\none word\n");
}

Test(process_faults, a_flood_of_messages_is_cut)
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
    Test(process_faults, name)                                                        \
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

Test(process_faults, zero_under_cosine)
{
    refused_under(PV_VECTOR_COSINE, "utf8", "zero", PV_EFORMAT,
                  "vector 1 (from 0) is zero");
}

Test(process_faults, claims_more_than_it_says)
{
    timeout = 0.3;
    refused("utf8", "claims-more", PV_EIO, "gave no answer within");
}

Test(process_faults, never_greets)
{
    timeout = 0.3;
    refused("utf8", "hello-hangs", PV_EIO, "hello: gave no answer within");
}

Test(process_faults, dies_once_before_it_greets)
{
    pv_population p;
    open_by("utf8", "hello-dies-once", PV_VECTOR_L2);
    MUST(first(&p));
    cr_expect_eq(logged("start"), 2);
    pv_population_clear(&p);
}
