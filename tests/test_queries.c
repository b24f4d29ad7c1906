#include "tests/queries_fixture.h"

static pv_clauses *queries_of(const fixture *f, unsigned orders, bool distinct,
                              size_t most)
{
    static const pv_key key = {{7}};
    const pv_query_spec spec = {.known = f->known,
                                .known_count = f->known_count,
                                .orders = orders,
                                .distinct = distinct,
                                .most = most,
                                .key = &key};
    pv_clauses *q = NULL;
    cr_assert_eq(pv_clauses_make(f->people, &spec, &q, &err), PV_OK, "%s",
                 err.message);
    return q;
}

static bool covers(const pv_incidence *a, size_t query, uint32_t user)
{
    for (size_t e = a->query_start[query]; e < a->query_start[query + 1]; e++)
        if (a->user[e] == user)
            return true;
    return false;
}

/* --- an oracle: conjunctions by comparing everyone with everyone ----------- */

static bool agree(const pv_table *a, size_t row_a, const pv_table *b,
                  size_t row_b, const fixture *f, unsigned set)
{
    for (size_t k = 0; k < f->known_count; k++)
        if ((set >> k & 1) != 0 &&
            code_at(a, f->known[k], row_a) != code_at(b, f->known[k], row_b))
            return false;
    return true;
}

/* The query of user `j` for a set of columns: the one that covers exactly those
 * who agree with j; its number or SIZE_MAX. */
static size_t query_of(const fixture *f, const pv_incidence *a, uint32_t j,
                       unsigned set)
{
    for (size_t e = a->user_start[j]; e < a->user_start[j + 1]; e++) {
        bool same = true;
        for (uint32_t u = 0; u < users && same; u++)
            same = covers(a, a->query[e], u) ==
                   agree(f->people, j, f->people, u, f, set);
        if (same)
            return a->query[e];
    }
    return SIZE_MAX;
}

static void check_orders(unsigned orders)
{
    fixture f = make(orders);
    pv_clauses *q = queries_of(&f, orders, false, 0);
    const pv_incidence *a = pv_clauses_incidence(q);
    size_t sets = 0;
    for (unsigned set = 1; set < 1U << f.known_count; set++) {
        const unsigned k = (unsigned)__builtin_popcount(set) + 1;
        if ((orders >> k & 1) == 0)
            continue;
        sets++;
        for (uint32_t j = 0; j < users; j++)
            cr_assert_neq(query_of(&f, a, j, set), SIZE_MAX,
                          "no query of set %x for user %u", set, j);
    }
    cr_assert_eq(a->entries, sets * users);
    pv_clauses_free(q);
    drop(&f);
}

Test(queries, every_user_is_in_one_query_of_each_set)
{
    check_orders(1U << 2);
    check_orders(1U << 3);
    check_orders(1U << 4);
    check_orders(1U << 2 | 1U << 3 | 1U << 5);
}

Test(queries, rows_and_columns_of_the_matrix_agree)
{
    fixture f = make(3);
    pv_clauses *q = queries_of(&f, 1U << 3, false, 0);
    const pv_incidence *a = pv_clauses_incidence(q);
    double t[users], sums[4096], gathered[users], wanted[users] = {0};
    cr_assert_lt(a->queries, 4096);
    for (uint32_t j = 0; j < users; j++)
        t[j] = j * 0.25;
    pv_incidence_sums(a, 1, t, sums);
    for (size_t i = 0; i < a->queries; i++) {
        double sum = 0;
        for (uint32_t j = 0; j < users; j++)
            sum += covers(a, i, j) ? t[j] : 0;
        cr_assert_float_eq(sums[i], sum, 1e-9);
        for (uint32_t j = 0; j < users; j++)
            wanted[j] += covers(a, i, j) ? sums[i] : 0;
    }
    pv_incidence_gather(a, 1, sums, gathered);
    for (uint32_t j = 0; j < users; j++)
        cr_assert_float_eq(gathered[j], wanted[j], 1e-6);
    pv_clauses_free(q);
    drop(&f);
}

/* --- answers --------------------------------------------------------------- */

static void check_answers(unsigned orders)
{
    fixture f = make(40 + orders);
    pv_clauses *q = queries_of(&f, orders, false, 0);
    const pv_incidence *a = pv_clauses_incidence(q);
    pv_answers answers;
    double overall[3] = {0};
    cr_assert_eq(pv_clauses_answer(q, f.release, &three, &answers, &err),
                 PV_OK);
    for (size_t r = 0; r < rows; r++)
        overall[code_at(f.release, secret, r)] += 1.0 / rows;
    for (unsigned set = 1; set < 1U << f.known_count; set++) {
        if ((orders >> ((unsigned)__builtin_popcount(set) + 1) & 1) == 0)
            continue;
        for (uint32_t j = 0; j < users; j++) {
            const size_t i = query_of(&f, a, j, set);
            const double size =
                (double)(a->query_start[i + 1] - a->query_start[i]);
            double match[3] = {0}, all = 0;
            for (size_t r = 0; r < rows; r++)
                if (agree(f.people, j, f.release, r, &f, set)) {
                    match[code_at(f.release, secret, r)]++;
                    all++;
                }
            /* queries of other sets may cover the same users: then the answer
             * may be theirs */
            bool found = false;
            for (size_t e = a->user_start[j]; e < a->user_start[j + 1]; e++) {
                const double *value = answers.value + 3 * (size_t)a->query[e];
                bool same = true;
                for (int l = 0; l < 3; l++) {
                    const double share =
                        all > 0 ? match[l] / all : overall[l];
                    same &= fabs(value[l] - size * share) < 1e-9;
                }
                found |= same;
            }
            cr_assert(found, "set %x, user %u", set, j);
        }
    }
    for (size_t i = 0; i < answers.queries; i++)
        cr_assert(answers.variance[i] > 0 && isfinite(answers.variance[i]));
    pv_answers_clear(&answers);
    pv_clauses_free(q);
    drop(&f);
}

Test(queries, answers_are_shares_of_matching_rows)
{
    check_answers(1U << 2);
    check_answers(1U << 3);
    check_answers(1U << 4);
    check_answers(1U << 5);
}

Test(queries, a_release_of_the_people_answers_with_the_truth)
{
    fixture f = make(9);
    pv_clauses *q = queries_of(&f, 1U << 2 | 1U << 3, true, 0);
    uint32_t class_of[users];
    pv_answers answers, truth;
    for (size_t j = 0; j < users; j++)
        class_of[j] = code_at(f.people, secret, j);
    cr_assert_eq(pv_clauses_answer(q, f.people, &three, &answers, &err), PV_OK);
    cr_assert_eq(pv_clauses_truth(q, class_of, 3, &truth, &err), PV_OK);
    for (size_t k = 0; k < 3 * truth.queries; k++)
        cr_assert_float_eq(answers.value[k], truth.value[k], 1e-9);
    pv_answers_clear(&answers);
    pv_answers_clear(&truth);
    pv_clauses_free(q);
    drop(&f);
}

Test(queries, a_release_without_rows_believes_all_classes_alike)
{
    fixture f = make(5);
    pv_table *empty = take_rows(f.release, 1, 0, 0);
    pv_clauses *q = queries_of(&f, 1U << 3, false, 0);
    const pv_incidence *a = pv_clauses_incidence(q);
    pv_answers answers;
    cr_assert_eq(pv_clauses_answer(q, empty, &three, &answers, &err), PV_OK);
    for (size_t i = 0; i < a->queries; i++)
        cr_assert_float_eq(answers.value[3 * i],
                           (double)(a->query_start[i + 1] - a->query_start[i]) /
                               3,
                           1e-12);
    pv_answers_clear(&answers);
    pv_clauses_free(q);
    pv_table_free(empty);
    drop(&f);
}

/* --- merging and drawing --------------------------------------------------- */

static bool same_users(const pv_incidence *a, size_t i, size_t j)
{
    const size_t n = a->query_start[i + 1] - a->query_start[i];
    return n == a->query_start[j + 1] - a->query_start[j] &&
           memcmp(a->user + a->query_start[i], a->user + a->query_start[j],
                  n * sizeof *a->user) == 0;
}

Test(queries, distinct_ones_cover_different_people)
{
    fixture f = make(11);
    pv_clauses *all = queries_of(&f, 1U << 3 | 1U << 4, false, 0);
    pv_clauses *some = queries_of(&f, 1U << 3 | 1U << 4, true, 0);
    const pv_incidence *a = pv_clauses_incidence(all);
    const pv_incidence *b = pv_clauses_incidence(some);
    size_t different = 0;
    for (size_t i = 0; i < a->queries; i++) {
        bool before = false;
        for (size_t j = 0; j < i && !before; j++)
            before = same_users(a, i, j);
        different += !before;
    }
    cr_assert_lt(different, a->queries);
    cr_assert_eq(b->queries, different);
    for (size_t i = 0; i < b->queries; i++)
        for (size_t j = 0; j < i; j++)
            cr_assert_not(same_users(b, i, j));
    pv_clauses_free(all);
    pv_clauses_free(some);
    drop(&f);
}

Test(queries, a_draw_is_without_replacement)
{
    fixture f = make(13);
    pv_clauses *some = queries_of(&f, 1U << 3, true, 25);
    const pv_incidence *a = pv_clauses_incidence(some);
    cr_assert_eq(a->queries, 25);
    for (size_t i = 0; i < a->queries; i++) {
        cr_assert_lt(a->query_start[i], a->query_start[i + 1]);
        for (size_t j = 0; j < i; j++)
            cr_assert_not(same_users(a, i, j));
    }
    pv_clauses_free(some);
    drop(&f);
}

/* --- no small tables: the hashed maps -------------------------------------- */

Test(queries, columns_unique_to_everyone)
{
    enum { many = 3000 };
    pv_schema *schema = schema_of(
        "{\"fields\":["
        "{\"name\":\"id\",\"type\":\"integer\",\"constraints\":{\"required\":"
        "true,\"minimum\":0,\"maximum\":2999}},"
        "{\"name\":\"two\",\"type\":\"integer\",\"constraints\":{\"required\":"
        "true,\"minimum\":0,\"maximum\":2999}},"
        "{\"name\":\"s\",\"type\":\"integer\",\"constraints\":{\"required\":"
        "true,\"minimum\":0,\"maximum\":1}}]}");
    const uint32_t known[] = {0, 1};
    uint32_t class_two[] = {0, 1};
    const pv_secret of = {2, 2, class_two};
    const pv_query_spec spec = {.known = known,
                                .known_count = 2,
                                .orders = 1U << 2 | 1U << 3,
                                .distinct = true};
    pv_table *table = NULL;
    pv_clauses *q = NULL;
    pv_answers answers;
    cr_assert_eq(pv_table_alloc(schema, many, false, &table, &err), PV_OK);
    for (uint32_t j = 0; j < many; j++) {
        const uint32_t code[] = {j, j * 7 % many, j % 3 == 0};
        for (size_t c = 0; c < 3; c++)
            pv_table_put(table, c, j, 1, &code[c]);
    }
    cr_assert_eq(pv_clauses_make(table, &spec, &q, &err), PV_OK, "%s",
                 err.message);
    const pv_incidence *a = pv_clauses_incidence(q);
    cr_assert_eq(a->queries, many);
    cr_assert_eq(pv_clauses_answer(q, table, &of, &answers, &err), PV_OK);
    for (size_t i = 0; i < a->queries; i++) {
        cr_assert_eq(a->query_start[i + 1] - a->query_start[i], 1);
        cr_assert_float_eq(answers.value[2 * i + 1],
                           a->user[a->query_start[i]] % 3 == 0, 1e-12);
    }
    pv_answers_clear(&answers);
    pv_clauses_free(q);
    pv_table_free(table);
    pv_schema_free(schema);
}

/* --- refusals -------------------------------------------------------------- */

Test(queries, what_cannot_be_asked_is_said)
{
    fixture f = make(19);
    pv_clauses *q = NULL;
    pv_query_spec spec = {.known = f.known,
                          .known_count = 1,
                          .orders = 1U << 3};
    cr_assert_eq(pv_clauses_make(f.people, &spec, &q, &err), PV_EUSAGE);
    spec.orders = 0;
    cr_assert_eq(pv_clauses_make(f.people, &spec, &q, &err), PV_EUSAGE);
    spec = (pv_query_spec){.known = f.known,
                           .known_count = f.known_count,
                           .orders = 1U << 3,
                           .memory = 100};
    cr_assert_eq(pv_clauses_make(f.people, &spec, &q, &err), PV_ETOOBIG);
    /* enough for the matrix, not for answers of so many classes */
    spec.memory = 12 * 6 * users + 100000;
    spec.levels = 64;
    cr_assert_eq(pv_clauses_make(f.people, &spec, &q, &err), PV_ETOOBIG);
    spec.levels = 2;
    cr_assert_eq(pv_clauses_make(f.people, &spec, &q, &err), PV_OK);
    pv_clauses_free(q);
    q = NULL;
    pv_table *none = take_rows(f.people, 1, 0, 0);
    spec.memory = 0;
    cr_assert_eq(pv_clauses_make(none, &spec, &q, &err), PV_EINVAL);
    cr_assert_null(q);
    pv_table_free(none);
    drop(&f);
}
