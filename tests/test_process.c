/* A co-process: the conversation, the store, what rows stand for. */
#include "dp/curator.h"
#include "process_fixture.h"

#include <time.h>

TestSuite(process, .init = begin, .fini = end, .timeout = 60);

static pv_status vary_by(const pv_population *parents, pv_variation how,
                         pv_population *p)
{
    *p = nobody();
    return source()->vary(source(), parents, &how, p, &err);
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

/* --- stopping -------------------------------------------------------------------- */

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
