#include "model_fixture.h"

static pv_error err;

/* All cliques at once, in a mixed order, against the joint table. */
static void check_sweep(const pv_domain *domain, const pv_model *model,
                        const double *joint)
{
    const size_t count = (size_t)1 << domain->columns;
    pv_clique *q = calloc(count, sizeof *q);
    double **answer = calloc(count, sizeof *answer);
    double *expected = calloc(joint_cells(domain), sizeof *expected);
    for (size_t i = 0; i < count; i++) {
        q[i] = (pv_clique){{(37 * i + 11) % count}};
        answer[i] = malloc(pv_domain_cells(domain, &q[i]) * sizeof **answer);
    }
    cr_assert_eq(pv_model_answers(model, q, count, answer, &err), PV_OK);
    for (size_t i = 0; i < count; i++) {
        joint_marginal(domain, &q[i], joint, expected);
        for (size_t k = 0; k < pv_domain_cells(domain, &q[i]); k++)
            cr_assert_float_eq(answer[i][k], expected[k],
                               1e-9 * pv_model_total(model),
                               "query %zu cell %zu", i, k);
        free(answer[i]);
    }
    free(expected);
    free(answer);
    free(q);
}

/* A random model against its joint table, cell by cell, for every clique. */
static void check_model(const pv_domain *domain, const pv_clique *clique,
                        size_t count, const pair_zero *zero, uint64_t seed)
{
    pv_model *model = NULL;
    const double total = 1000;
    const size_t cells = joint_cells(domain);
    double *joint = calloc(cells, sizeof *joint), log_z, z = 0;
    double *answer = malloc(cells * sizeof *answer);
    double *expected = malloc(cells * sizeof *expected);
    cr_assert_eq(pv_model_alloc(domain, zero ? &zero->zero : NULL,
                                zero ? 1 : 0, clique, count, total, 0, &model,
                                &err),
                 PV_OK, "%s", err.message);
    for (size_t i = 0; i < count; i++) {
        size_t n;
        double *theta = pv_model_potential(model, i, &n);
        for (size_t k = 0; k < n; k++)
            theta[k] = 6 * uniform(&seed) - 3;
        for (size_t k = 0; k < cells; k++)
            joint[k] += theta[marginal_cell(domain, &clique[i], k)];
    }
    for (size_t k = 0; k < cells; k++) {
        joint[k] = zero && joint_forbidden(domain, zero, k) ? 0 : exp(joint[k]);
        z += joint[k];
    }
    for (size_t k = 0; k < cells; k++)
        joint[k] *= total / z;
    cr_assert_eq(pv_model_calibrate(model, &log_z, &err), PV_OK, "%s",
                 err.message);
    /* columns outside every clique are uniform: they add ln(levels) to ln Z
     * in the joint and in the model alike */
    cr_assert_float_eq(log_z, log(z), 1e-10 * fabs(log(z)) + 1e-10);
    for (unsigned mask = 0; mask < 1u << domain->columns; mask++) {
        const pv_clique q = {{mask}};
        const size_t n = pv_domain_cells(domain, &q);
        cr_assert_eq(pv_model_answer(model, &q, answer, &err), PV_OK);
        joint_marginal(domain, &q, joint, expected);
        for (size_t k = 0; k < n; k++)
            cr_assert_float_eq(answer[k], expected[k], 1e-9 * total,
                               "clique %u cell %zu: %g not %g", mask, k,
                               answer[k], expected[k]);
    }
    check_sweep(domain, model, joint);
    free(joint);
    free(answer);
    free(expected);
    pv_model_free(model);
}

Test(model, answers_are_those_of_the_joint_table)
{
    const pv_domain domain = {6, {3, 2, 4, 2, 3, 2}};
    uint64_t seed = 11;
    for (int trial = 0; trial < 60; trial++) {
        pv_clique clique[6];
        const size_t count = (size_t)(uniform(&seed) * 6);
        for (size_t i = 0; i < count; i++)
            clique[i].word[0] = 0;
        for (size_t i = 0; i < count; i++) {
            clique[i] = pv_clique_empty();
            for (int k = 0; k < 3; k++)
                pv_clique_add(&clique[i], (size_t)(uniform(&seed) * 6));
        }
        check_model(&domain, clique, count, NULL, seed);
    }
}

Test(model, structural_zeros_are_exact)
{
    const pv_domain domain = {5, {3, 2, 4, 2, 3}};
    uint64_t seed = 5;
    pair_zero zero;
    for (int trial = 0; trial < 40; trial++) {
        pair_zero_init(&zero, 0, 2 + (uint32_t)(trial % 3));
        for (int k = 0; k < 2; k++)
            zero.first[(size_t)(uniform(&seed) * 3)] = true;
        zero.second[(size_t)(uniform(&seed) * 2)] = true;
        const pv_clique clique[] = {{{3}}, {{6}}, {{24}}, {{1}}};
        check_model(&domain, clique, 1 + (size_t)trial % 4, &zero, seed);
    }
}

Test(model, forbidding_every_row_is_an_error)
{
    const pv_domain domain = {2, {2, 2}};
    pair_zero zero;
    pv_model *model = NULL;
    pair_zero_init(&zero, 0, 1);
    zero.first[0] = zero.first[1] = zero.second[0] = zero.second[1] = true;
    cr_assert_eq(pv_model_alloc(&domain, &zero.zero, 1, NULL, 0, 10, 0, &model,
                                &err),
                 PV_OK);
    cr_assert_eq(pv_model_calibrate(model, NULL, &err), PV_ENUMERIC);
    pv_model_free(model);
}

Test(model, extreme_potentials_do_not_break_it)
{
    const pv_domain domain = {3, {2, 2, 2}};
    const pv_clique clique[] = {{{3}}, {{6}}};
    pv_model *model = NULL;
    double answer[4];
    cr_assert_eq(pv_model_alloc(&domain, NULL, 0, clique, 2, 100, 0, &model,
                                &err),
                 PV_OK);
    double *theta = pv_model_potential(model, 0, NULL);
    theta[0] = 5000; /* all mass at 0, 0 */
    theta[3] = -5000;
    cr_assert_eq(pv_model_calibrate(model, NULL, &err), PV_OK);
    cr_assert_eq(pv_model_answer(model, &clique[0], answer, &err), PV_OK);
    cr_assert_float_eq(answer[0], 100, 1e-9);
    cr_assert_eq(answer[3], 0);
    cr_assert_eq(pv_model_answer(model, &clique[1], answer, &err), PV_OK);
    cr_assert_float_eq(answer[0] + answer[1], 100, 1e-9);
    pv_model_free(model);
}

Test(model, the_memory_limit_is_kept_and_named)
{
    pv_domain domain = {3, {100, 100, 100}};
    const pv_clique clique = {{7}};
    pv_model *model = NULL;
    cr_assert_eq(pv_model_alloc(&domain, NULL, 0, &clique, 1, 1, 1000000,
                                &model, &err),
                 PV_ETOOBIG);
    cr_assert(strstr(err.message, "--memory") != NULL);
    cr_assert_eq(pv_model_bytes(&domain, NULL, 0, &clique, 1), 8000000);
    cr_assert_eq(pv_model_fits(&domain, NULL, 0, &clique, 1, 8000000, NULL),
                 PV_OK);
    cr_assert_eq(pv_model_fits(&domain, NULL, 0, &clique, 1, 0, NULL), PV_OK);
    cr_assert_eq(pv_model_fits(&domain, NULL, 0, &clique, 1, 7999999, NULL),
                 PV_ETOOBIG);
}
