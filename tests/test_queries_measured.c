#include "tests/queries_fixture.h"

Test(queries_measured, published_marginals_are_sums_over_their_people)
{
    fixture f = make(17);
    uint32_t column[] = {1, 3, secret}, other[] = {0, 1};
    const uint32_t levels[] = {pv_schema_column(f.schema, 1)->levels,
                               pv_schema_column(f.schema, 3)->levels, 3};
    const size_t cells = (size_t)levels[0] * levels[1] * 3;
    int64_t *counts = calloc(cells, sizeof *counts), none = 0;
    const pv_measurement m[] = {
        {.columns = 2, .column = other, .cells = 1, .counts = &none,
         .sigma2_num = 4, .sigma2_den = 1},
        {.columns = 3, .column = column, .cells = cells, .counts = counts,
         .sigma2_num = 9, .sigma2_den = 1}};
    pv_clauses *q = NULL;
    pv_answers answers;
    for (size_t j = 0; j < users; j++)
        counts[(code_at(f.people, 1, j) * levels[1] + code_at(f.people, 3, j)) *
                   3 +
               code_at(f.people, secret, j)]++;
    cr_assert_eq(pv_clauses_measured(f.people, &three, f.known, f.known_count,
                                     m, 2, &q, &answers, &err),
                 PV_OK, "%s", err.message);
    const pv_incidence *a = pv_clauses_incidence(q);
    cr_assert_eq(a->entries, users);
    for (size_t i = 0; i < a->queries; i++) {
        double wanted[3] = {0};
        for (size_t e = a->query_start[i]; e < a->query_start[i + 1]; e++)
            wanted[code_at(f.people, secret, a->user[e])]++;
        for (int l = 0; l < 3; l++)
            cr_assert_float_eq(answers.value[3 * i + (size_t)l], wanted[l],
                               1e-12);
        cr_assert_float_eq(answers.variance[i], 9, 1e-6);
    }
    pv_answers_clear(&answers);
    pv_clauses_free(q);
    cr_assert_eq(pv_clauses_measured(f.people, &three, f.known, f.known_count,
                                     m, 1, &q, &answers, &err),
                 PV_EINVAL);
    free(counts);
    drop(&f);
}

/* The marginal of columns 3, the secret and 1, in an order of its own. */
static void count_marginal(const fixture *f, int64_t *counts)
{
    const uint32_t levels = pv_schema_column(f->schema, 1)->levels;
    for (size_t j = 0; j < users; j++)
        counts[(code_at(f->people, 3, j) * 3 + code_at(f->people, secret, j)) *
                   levels + code_at(f->people, 1, j)]++;
}

Test(queries_measured, published_marginals_tell_by_known_columns_alone)
{
    fixture f = make(23);
    uint32_t column[] = {3, secret, 1};
    const uint32_t known[] = {1}, other[] = {0};
    const size_t levels = pv_schema_column(f.schema, 1)->levels;
    const size_t rest = pv_schema_column(f.schema, 3)->levels;
    int64_t *counts = calloc(levels * rest * 3, sizeof *counts);
    const pv_measurement m = {.columns = 3, .column = column,
                              .cells = levels * rest * 3, .counts = counts,
                              .sigma2_num = 4, .sigma2_den = 1};
    pv_clauses *q = NULL;
    pv_answers answers;
    count_marginal(&f, counts);
    cr_assert_eq(pv_clauses_measured(f.people, &three, known, 1, &m, 1, &q,
                                     &answers, &err),
                 PV_OK, "%s", err.message);
    const pv_incidence *a = pv_clauses_incidence(q);
    cr_assert_leq(a->queries, levels);
    for (size_t i = 0; i < a->queries; i++) {
        double wanted[3] = {0};
        const uint32_t value = code_at(f.people, 1, a->user[a->query_start[i]]);
        for (size_t j = 0; j < users; j++)
            wanted[code_at(f.people, secret, j)] +=
                code_at(f.people, 1, j) == value;
        for (size_t l = 0; l < 3; l++)
            cr_assert_float_eq(answers.value[3 * i + l], wanted[l], 1e-12);
        cr_assert_float_eq(answers.variance[i], 4.0 * (double)rest, 1e-6);
    }
    pv_answers_clear(&answers);
    pv_clauses_free(q);
    cr_assert_eq(pv_clauses_measured(f.people, &three, other, 1, &m, 1, &q,
                                     &answers, &err),
                 PV_EINVAL);
    free(counts);
    drop(&f);
}
