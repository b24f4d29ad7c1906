/* Generation directories: what is asked, what is answered. */
#include "steps_fixture.h"

TestSuite(steps, .init = begin, .fini = end);

static void item_is(const pv_population *p, size_t i, uint32_t class,
                    uint64_t item, uint32_t generation, float x)
{
    cr_assert_lt(i, p->count);
    cr_expect_eq(p->class[i], class, "class of %zu: %u", i, p->class[i]);
    cr_expect_eq(p->item[i], item, "item of %zu: %zu", i, (size_t)p->item[i]);
    cr_expect_eq(p->generation[i], generation);
    cr_expect_eq(p->vector[i * width], x, "vector of %zu", i);
}

/* --- requests ---------------------------------------------------------------------- */

Test(steps, first_request)
{
    pv_population p;
    char *path = file_of("gen_000", "request.jsonl");
    fails(first(&p), PV_ESTOPPED, "gen_000/response.h5; have a job write that, "
                                  "then run the same command again");
    cr_expect_eq(pv_status_exit(PV_ESTOPPED), 75);
    cr_assert_eq(lines_of(path), firsts);
    for (size_t i = 0; i < firsts; i++) {
        json_t *line = line_of(path, i);
        cr_expect_eq(whole(line, "req_id"), (json_int_t)i);
        cr_expect_str_eq(words(line, "op"), "random");
        cr_expect(json_is_null(json_object_get(line, "parent_id")));
        cr_expect(json_is_null(json_object_get(line, "parent_payload_ref")));
        cr_expect(json_is_null(json_object_get(line, "degree")));
        cr_expect_str_eq(words(line, "label"),
                         i < 3 ? "circle" : "a \"square\"");
        cr_expect_eq(whole(line, "label_code"), i < 3 ? 0 : 1);
        cr_expect_eq(whole(line, "n_var"), 1);
        cr_expect_geq(whole(line, "seed"), 0);
        cr_expect_lt(whole(line, "seed"), (json_int_t)1 << 53);
        cr_expect_eq(json_object_size(line), 9);
        json_decref(line);
    }
    cr_expect_eq(mode_of(path), 0600);
    cr_expect_eq(mode_of(directory), 0700);
    pv_population_clear(&p);
    free(path);
}

Test(steps, seeds_differ_by_line_step_and_key_and_are_no_key)
{
    pv_population p = begun(), q;
    char *one = file_of("gen_000", "request.jsonl");
    char *two = file_of("gen_001", "request.jsonl");
    char *ahead = file_of("gen_001_ahead", "request.jsonl");
    json_int_t seed[4];
    fails(vary_by(&p, (pv_variation){1, 0.5, 1, false}, &q), PV_ESTOPPED, "");
    pv_population_clear(&q);
    fails(vary_by(&p, (pv_variation){1, 0.5, 1, true}, &q), PV_ESTOPPED, "");
    pv_population_clear(&q);
    const char *const path[4] = {one, one, two, ahead};
    for (size_t i = 0; i < 4; i++) {
        json_t *line = line_of(path[i], i == 1);
        seed[i] = whole(line, "seed");
        json_decref(line);
        for (size_t j = 0; j < i; j++)
            cr_expect_neq(seed[i], seed[j], "seeds %zu and %zu", i, j);
    }
    char *text = text_of(one);
    cr_expect_null(strstr(text, "master"));
    free(text);
    pv_population_clear(&p);
    free(one);
    free(two);
    free(ahead);
}

Test(steps, a_request_is_written_once_and_again_the_same)
{
    pv_population p = begun();
    char *path = file_of("gen_000", "request.jsonl");
    char *before = text_of(path);
    pv_population_clear(&p);
    reopen(PV_VECTOR_L2);
    (void)unlink(path);
    char *response_path = file_of("gen_000", "response.h5");
    (void)unlink(response_path);
    fails(first(&p), PV_ESTOPPED, "");
    char *after = text_of(path);
    cr_expect_str_eq(before, after);
    pv_population_clear(&p);
    free(before);
    free(after);
    free(path);
    free(response_path);
}

Test(steps, a_request_of_another_run_is_refused)
{
    pv_population p = begun();
    pv_population_clear(&p);
    reopen(PV_VECTOR_L2);
    source()->key = (pv_key){{'o'}};
    fails(first(&p), PV_EDIVERGED, "it belongs to another run");
    pv_population_clear(&p);
}

Test(steps, a_changed_request_is_refused)
{
    pv_population p = begun();
    char *path = file_of("gen_000", "request.jsonl");
    char *text = text_of(path);
    char *longer = pv_sprintf_alloc("%s\n", text);
    pv_population_clear(&p);
    MUST(pv_file_write_atomic(path, longer, strlen(longer), 0600, &err));
    fails(first(&p), PV_EDIVERGED, "gen_000/request.jsonl");
    pv_population_clear(&p);
    MUST(pv_file_write_atomic(path, text, strlen(text) - 1, 0600, &err));
    fails(first(&p), PV_EDIVERGED, "gen_000/request.jsonl");
    pv_population_clear(&p);
    text[strlen(text) / 2] ^= 1;
    MUST(pv_file_write_atomic(path, text, strlen(text), 0600, &err));
    fails(first(&p), PV_EDIVERGED, "gen_000/request.jsonl");
    pv_population_clear(&p);
    free(longer);
    free(text);
    free(path);
}

Test(steps, a_response_before_its_request_is_refused)
{
    pv_population p;
    char *inner = file_of("gen_000", "");
    cr_assert_eq(mkdir(inner, 0700), 0);
    const response r = usual();
    answer("gen_000", &r);
    fails(first(&p), PV_EDIVERGED, "answers no request of this run");
    pv_population_clear(&p);
    free(inner);
}

Test(steps, a_response_that_is_not_in_place_is_not_read)
{
    pv_population p;
    fails(first(&p), PV_ESTOPPED, "");
    pv_population_clear(&p);
    const response r = usual();
    char *path = file_of("gen_000", "response.h5.tmp");
    put_response(path, &r);
    fails(first(&p), PV_ESTOPPED, "");
    pv_population_clear(&p);
    free(path);
}

Test(steps, a_directory_that_is_a_file_is_refused)
{
    pv_steps_source *other = NULL;
    char *path = in_place("file");
    MUST(pv_file_write_atomic(path, "", 0, 0600, &err));
    fails(pv_steps_open(path, schema, width, PV_VECTOR_L2, &other, &err),
          PV_EIO, "is no directory");
    cr_expect_null(other);
    free(path);
}

/* --- responses --------------------------------------------------------------------- */

Test(steps, first_candidates)
{
    pv_population p = begun();
    cr_assert_eq(p.count, firsts);
    for (size_t i = 0; i < firsts; i++)
        item_is(&p, i, i < 3 ? 0 : 1, i, 0, value[i * width]);
    pv_population_clear(&p);
}

Test(steps, candidates_are_numbered_by_the_request)
{
    static const int64_t turned[firsts] = {4, 2, 0, 1, 3};
    pv_population p;
    response r = usual();
    fails(first(&p), PV_ESTOPPED, "");
    pv_population_clear(&p);
    r.parent = turned;
    r.fixed = true;
    r.metric = "l2";
    answer("gen_000", &r);
    MUST(first(&p));
    item_is(&p, 0, 0, 0, 0, value[2 * width]);
    item_is(&p, 4, 1, 4, 0, value[0]);
    pv_population_clear(&p);
}

Test(steps, some_first_candidates_may_be_missing)
{
    static const int64_t some[2] = {1, 3};
    pv_population p;
    response r = usual();
    fails(first(&p), PV_ESTOPPED, "");
    pv_population_clear(&p);
    r.count = 2;
    r.parent = some;
    answer("gen_000", &r);
    MUST(first(&p));
    cr_assert_eq(p.count, 2);
    item_is(&p, 0, 0, 0, 0, value[0]);
    item_is(&p, 1, 1, 1, 0, value[width]);
    pv_population_clear(&p);
}

Test(steps, children_and_parents_in_their_place)
{
    /* of parents 4 (twice) and 1, folds of 2: 4's folds 0, 1 and 3, 1's fold 1 */
    static const int64_t parent[4] = {1, 4, 4, 4}, fold[4] = {1, 3, 0, 1};
    static const float child[4 * width] = {11, 0, 0, 43, 0, 0,
                                           40, 0, 0, 41, 0, 0};
    static const char *const name[4] = {"11", "43", "40", "41"};
    const pv_variation how = {3, 0.25, 2, false};
    pv_population p = begun(), parents = nobody(), q;
    MUST(pv_population_copy(&parents, &p, 4, &err));
    MUST(pv_population_copy(&parents, &p, 1, &err));
    MUST(pv_population_copy(&parents, &p, 4, &err));
    fails(vary_by(&parents, how, &q), PV_ESTOPPED, "gen_003/request.jsonl");
    pv_population_clear(&q);
    char *path = file_of("gen_003", "request.jsonl");
    cr_assert_eq(lines_of(path), 2);
    json_t *line = line_of(path, 0);
    cr_expect_str_eq(words(line, "op"), "vary");
    cr_expect_eq(whole(line, "parent_id"), 4);
    cr_expect_str_eq(words(line, "parent_payload_ref"), "e.png");
    cr_expect_eq(json_real_value(json_object_get(line, "degree")), 0.25);
    cr_expect_eq(whole(line, "n_var"), 4);
    json_decref(line);
    const response r = {4, width, child, parent, fold, name, false, NULL};
    answer("gen_003", &r);
    MUST(vary_by(&parents, how, &q));
    cr_assert_eq(q.count, 6);
    item_is(&q, 0, 1, 5, 3, 40);
    item_is(&q, 1, 1, 6, 3, 41);
    item_is(&q, 2, 0, 1, 0, value[width]);
    item_is(&q, 3, 0, 7, 3, 11);
    item_is(&q, 4, 1, 4, 0, value[4 * width]);
    item_is(&q, 5, 1, 8, 3, 43);
    pv_population_clear(&p);
    pv_population_clear(&q);
    pv_population_clear(&parents);
    free(path);
}

Test(steps, of_no_children_the_parents_are_left)
{
    const pv_variation how = {1, 0.5, 2, false};
    pv_population p = begun(), q;
    fails(vary_by(&p, how, &q), PV_ESTOPPED, "");
    pv_population_clear(&q);
    response r = usual();
    r.count = 0;
    answer("gen_001", &r);
    MUST(vary_by(&p, how, &q));
    cr_assert_eq(q.count, 2 * firsts);
    for (size_t i = 0; i < q.count; i++)
        item_is(&q, i, p.class[i / 2], i / 2, 0, value[i / 2 * width]);
    pv_population_clear(&p);
    pv_population_clear(&q);
}

Test(steps, nothing_is_asked_for_nothing)
{
    static const size_t none[labels] = {0};
    pv_population p = nobody(), q;
    MUST(source()->random(source(), none, &p, &err));
    MUST(vary_by(&p, (pv_variation){1, 1, 3, false}, &q));
    cr_expect_eq(p.count + q.count, 0);
    pv_population_clear(&p);
    pv_population_clear(&q);
}

Test(steps, vectors_are_brought_to_length_one_under_cosine)
{
    pv_population p;
    reopen(PV_VECTOR_COSINE);
    fails(first(&p), PV_ESTOPPED, "");
    pv_population_clear(&p);
    const response r = usual();
    answer("gen_000", &r);
    MUST(first(&p));
    for (size_t i = 0; i < firsts; i++) {
        double square = 0;
        for (size_t k = 0; k < width; k++)
            square += (double)p.vector[i * width + k] *
                      (double)p.vector[i * width + k];
        cr_expect_float_eq(square, 1, 1e-6);
    }
    pv_population_clear(&p);
    MUST(first(&p)); /* its digest is of the file, not of what became of it */
    pv_population_clear(&p);
}

Test(steps, another_response_than_before_is_refused)
{
    float other[firsts * width];
    pv_population p = begun();
    pv_population_clear(&p);
    memcpy(other, value, sizeof other);
    other[7] = 0.5F;
    response r = usual();
    r.value = other;
    answer("gen_000", &r);
    reopen(PV_VECTOR_L2);
    fails(first(&p), PV_EDIVERGED, "is not the response that the run went on");
    pv_population_clear(&p);
    static const char *const renamed[firsts] = {"a.png", "b.png", "c.png",
                                                "d", "e.png"};
    r = usual();
    r.reference = renamed;
    answer("gen_000", &r);
    fails(first(&p), PV_EDIVERGED, "put that one back");
    pv_population_clear(&p);
    r = usual();
    answer("gen_000", &r);
    MUST(first(&p));
    pv_population_clear(&p);
}

/* --- rows and what they stand for -------------------------------------------------- */

Test(steps, rows_and_payloads)
{
    enum { count = 40 };
    pv_population p = begun();
    pv_outcome o = {0};
    pv_table *table = NULL;
    const pv_key key = {{'r'}};
    MUST(pv_outcome_add(&o, 0, 2, 0, 30, &err));
    MUST(pv_outcome_add(&o, 1, 4, 0, 0, &err));
    MUST(pv_outcome_add(&o, 1, 3, 0, 10, &err));
    MUST(source()->rows(source(), &o, count, &key, &table, &err));
    cr_assert_eq(pv_table_rows(table), count);
    const double *id = pv_table_values(table, 1);
    cr_assert_not_null(id);
    size_t seen[firsts] = {0};
    for (size_t i = 0; i < count; i++)
        seen[(size_t)id[i]]++;
    cr_expect_eq(seen[2], 30);
    cr_expect_eq(seen[3], 10);
    char *path = in_place("payloads.jsonl");
    MUST(pv_steps_write_payloads(source(), &o, path, &err));
    char *text = text_of(path);
    cr_expect_str_eq(
        text,
        "{\"row_id\":2,\"label\":\"circle\",\"generation\":0,"
        "\"payload_ref\":\"c.png\"}\n"
        "{\"row_id\":3,\"label\":\"a \\\"square\\\"\",\"generation\":0,"
        "\"payload_ref\":\"d \\\"4\\\"\"}\n");
    free(text);
    for (size_t i = 0; i < o.count; i++)
        o.weight[i] = 0;
    MUST(pv_steps_write_payloads(source(), &o, path, &err));
    cr_expect_eq(lines_of(path), 3, "rows come of all when no weight is left");
    pv_table_free(table);
    pv_outcome_clear(&o);
    pv_population_clear(&p);
    free(path);
}

Test(steps, without_references)
{
    pv_population p;
    pv_outcome o = {0};
    response r = usual();
    fails(first(&p), PV_ESTOPPED, "");
    pv_population_clear(&p);
    r.reference = NULL;
    answer("gen_000", &r);
    MUST(first(&p));
    MUST(pv_outcome_add(&o, 0, 1, 0, 1, &err));
    char *path = in_place("payloads.jsonl");
    MUST(pv_steps_write_payloads(source(), &o, path, &err));
    json_t *line = line_of(path, 0);
    cr_expect(json_is_null(json_object_get(line, "payload_ref")));
    json_decref(line);
    pv_outcome_clear(&o);
    pv_population_clear(&p);
    free(path);
}
