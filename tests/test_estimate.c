#include "model_fixture.h"

static pv_error err;

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The textbook way: sort, find the threshold. */
static void project_by_sorting(double *y, size_t n, double sum)
{
    double *sorted = malloc(n * sizeof *sorted), passed = 0, threshold = 0;
    memcpy(sorted, y, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare);
    for (size_t k = 1; k <= n; k++) {
        passed += sorted[n - k];
        const double t = (passed - sum) / (double)k;
        if (sorted[n - k] > t)
            threshold = t;
    }
    for (size_t i = 0; i < n; i++)
        y[i] = y[i] > threshold ? y[i] - threshold : 0;
    free(sorted);
}

Test(estimate, simplex_projection_agrees_with_sorting)
{
    uint64_t seed = 3;
    for (int trial = 0; trial < 500; trial++) {
        double y[20], expected[20];
        const size_t n = 1 + (size_t)(uniform(&seed) * 19);
        for (size_t i = 0; i < n; i++)
            expected[i] = y[i] = 200 * uniform(&seed) - 100;
        pv_project_simplex(y, n, 50);
        project_by_sorting(expected, n, 50);
        for (size_t i = 0; i < n; i++)
            cr_assert_float_eq(y[i], expected[i], 1e-9);
    }
}

enum { max_targets = 8 };

typedef struct problem {
    pv_domain domain;
    size_t count;
    pv_target target[max_targets];
    int64_t *counts[max_targets];
    double *joint;
} problem;

/* Marginals of a random joint table, with Gaussian-like noise of sd sigma. */
static void make(problem *p, const pv_domain *domain, const unsigned *masks,
                 size_t count, double sigma, uint64_t seed)
{
    const size_t cells = joint_cells(domain);
    double *exact = malloc(cells * sizeof *exact);
    p->domain = *domain;
    p->count = count;
    p->joint = malloc(cells * sizeof *p->joint);
    for (size_t k = 0; k < cells; k++)
        p->joint[k] = floor(1000 * pow(uniform(&seed), 3));
    for (size_t i = 0; i < count; i++) {
        const pv_clique c = {{masks[i]}};
        const size_t n = pv_domain_cells(domain, &c);
        joint_marginal(domain, &c, p->joint, exact);
        p->counts[i] = malloc(n * sizeof(int64_t));
        for (size_t k = 0; k < n; k++) {
            double g = -6;
            for (int j = 0; j < 12; j++)
                g += uniform(&seed);
            p->counts[i][k] = llround(exact[k] + sigma * g);
        }
        p->target[i] = (pv_target){c, p->counts[i], sigma * sigma + 0.01, NULL};
    }
    free(exact);
}

static void clear(problem *p)
{
    for (size_t i = 0; i < p->count; i++)
        free(p->counts[i]);
    free(p->joint);
}

static double loss_of(const problem *p, const pv_model *model)
{
    double loss = 0, *mu = malloc(joint_cells(&p->domain) * sizeof *mu);
    for (size_t i = 0; i < p->count; i++) {
        cr_assert_eq(pv_model_answer(model, &p->target[i].clique, mu, &err),
                     PV_OK);
        for (size_t k = 0;
             k < pv_domain_cells(&p->domain, &p->target[i].clique); k++)
            loss += 0.5 * pow(mu[k] - (double)p->counts[i][k], 2) /
                    p->target[i].sigma2;
    }
    free(mu);
    return loss;
}

Test(estimate, exact_marginals_are_reproduced)
{
    const pv_domain domain = {4, {3, 4, 2, 3}};
    const unsigned masks[] = {1, 2, 4, 8, 3, 6, 12};
    problem p;
    pv_model *model = NULL;
    pv_fit_report report;
    make(&p, &domain, masks, 7, 0, 21);
    const pv_fit_options options = {.gap = 1e-9, .steps = 40};
    cr_assert_eq(pv_estimate(&domain, NULL, 0, p.target, 7, &options, NULL,
                             &model, &report, &err),
                 PV_OK, "%s", err.message);
    cr_assert(report.converged);
    cr_assert_lt(loss_of(&p, model), 1e-3);
    pv_model_free(model);
    clear(&p);
}

/* Many proximal steps approach the least loss: compared with exponentiated
 * gradient descent over the whole joint table, run very long. */
Test(estimate, many_steps_reach_the_least_loss)
{
    const pv_domain domain = {3, {3, 2, 3}};
    const unsigned masks[] = {3, 6, 1};
    problem p;
    make(&p, &domain, masks, 3, 60, 4);
    pv_model *model = NULL;
    const double total = 5000;
    const pv_fit_options options = {
        .gap = 1e-8, .steps = 400, .total = total, .max_iterations = 200000};
    cr_assert_eq(pv_estimate(&domain, NULL, 0, p.target, 3, &options, NULL,
                             &model, NULL, &err),
                 PV_OK, "%s", err.message);
    double q[18], least = INFINITY;
    for (size_t k = 0; k < 18; k++)
        q[k] = total / 18;
    for (int step = 0; step < 200000; step++) {
        double g[18] = {0}, loss = 0, z = 0;
        for (size_t i = 0; i < 3; i++) {
            double mu[18] = {0};
            joint_marginal(&domain, &p.target[i].clique, q, mu);
            for (size_t k = 0; k < 18; k++) {
                const size_t at =
                    marginal_cell(&domain, &p.target[i].clique, k);
                g[k] += (mu[at] - (double)p.counts[i][at]) /
                        p.target[i].sigma2;
            }
            for (size_t k = 0;
                 k < pv_domain_cells(&domain, &p.target[i].clique); k++)
                loss += 0.5 * pow(mu[k] - (double)p.counts[i][k], 2) /
                        p.target[i].sigma2;
        }
        least = loss < least ? loss : least;
        for (size_t k = 0; k < 18; k++)
            z += q[k] *= exp(-0.2 * g[k]);
        for (size_t k = 0; k < 18; k++)
            q[k] *= total / z;
    }
    const double reached = loss_of(&p, model);
    cr_assert_leq(reached, least * 1.001 + 1e-3, "%g, least known %g", reached,
                  least);
    pv_model_free(model);
    clear(&p);
}

Test(estimate, an_isolated_target_is_its_projection)
{
    const pv_domain domain = {2, {4, 3}};
    const int64_t y[] = {50, -20, 40, 10};
    const pv_target target = {{{1}}, y, 9, NULL};
    const pv_fit_options options = {.total = 90};
    pv_model *model = NULL;
    pv_fit_report report;
    double answer[4], expected[] = {50, -20, 40, 10};
    const pv_clique first = {{1}}, second = {{2}};
    cr_assert_eq(pv_estimate(&domain, NULL, 0, &target, 1, &options, NULL,
                             &model, &report, &err),
                 PV_OK);
    cr_assert_eq(report.iterations, 0);
    project_by_sorting(expected, 4, 90);
    cr_assert_eq(pv_model_answer(model, &first, answer, &err), PV_OK);
    for (size_t k = 0; k < 4; k++)
        cr_assert_float_eq(answer[k], expected[k], 1e-9);
    cr_assert_eq(pv_model_answer(model, &second, answer, &err), PV_OK);
    for (size_t k = 0; k < 3; k++)
        cr_assert_float_eq(answer[k], 30, 1e-9);
    pv_model_free(model);
}

Test(estimate, totals_and_merging_weigh_by_inverse_variance)
{
    const pv_domain domain = {2, {2, 2}};
    const int64_t a[] = {100, 100}, b[] = {200, 200}, c[] = {60, 60};
    /* sums 200 (variance 2) and 400 (variance 6), and 120 (variance 200) */
    const pv_target target[] = {
        {{{1}}, a, 1, NULL}, {{{1}}, b, 3, NULL}, {{{2}}, c, 100, NULL}};
    const pv_fit_options options = {0};
    pv_model *model = NULL;
    cr_assert_eq(pv_estimate(&domain, NULL, 0, target, 3, &options, NULL,
                             &model, NULL, &err),
                 PV_OK);
    const double merged = (200 / 2.0 + 400 / 6.0) / (1 / 2.0 + 1 / 6.0);
    const double weight = 1 / 1.5;
    cr_assert_float_eq(pv_model_total(model),
                       (merged * weight + 120 / 200.0) / (weight + 1 / 200.0),
                       1e-9);
    pv_model_free(model);
}

Test(estimate, structural_zeros_hold_and_sharpen)
{
    const pv_domain domain = {3, {3, 2, 3}};
    pair_zero zero;
    pv_model *model = NULL;
    double answer[6];
    pair_zero_init(&zero, 0, 1);
    zero.first[0] = zero.second[1] = true; /* (0, 1) cannot be */
    const int64_t pair[] = {40, 30, 20, 20, 20, 20}, other[] = {50, 40, 30};
    const pv_target target[] = {{{{3}}, pair, 25, NULL}, {{{4}}, other, 25, NULL}};
    const pv_fit_options options = {0};
    cr_assert_eq(pv_estimate(&domain, &zero.zero, 1, target, 2, &options, NULL,
                             &model, NULL, &err),
                 PV_OK, "%s", err.message);
    cr_assert_eq(pv_model_answer(model, &target[0].clique, answer, &err),
                 PV_OK);
    cr_assert_eq(answer[1], 0);
    /* the 30 that noise put into the impossible cell do not count */
    cr_assert_float_eq(pv_model_total(model), 120, 1e-9);
    pv_model_free(model);
}

Test(estimate, the_same_input_gives_the_same_bits_and_warm_starts_agree)
{
    const pv_domain domain = {4, {3, 4, 2, 3}};
    const unsigned masks[] = {1, 2, 4, 8, 3, 6, 12};
    problem p;
    pv_model *model[3] = {NULL};
    pv_fit_report cold, warm;
    pv_fit_path *path = NULL;
    double answer[3][72];
    const pv_clique all = {{15}};
    const pv_fit_options options = {.gap = 1e-6};
    make(&p, &domain, masks, 7, 20, 2);
    cr_assert_eq(pv_fit_path_alloc(&path, &err), PV_OK);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(pv_estimate(&domain, NULL, 0, p.target, 7, &options,
                                 i == 0 ? NULL : path, &model[i], &cold, &err),
                     PV_OK);
    cr_assert_eq(pv_estimate(&domain, NULL, 0, p.target, 7, &options, path,
                             &model[2], &warm, &err),
                 PV_OK);
    cr_assert_lt(2 * warm.iterations, cold.iterations);
    pv_fit_path_free(path);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(pv_model_answer(model[i], &all, answer[i], &err), PV_OK);
    cr_assert_eq(memcmp(answer[0], answer[1], sizeof answer[0]), 0);
    for (size_t k = 0; k < 72; k++)
        cr_assert_float_eq(answer[0][k], answer[2][k], 1);
    cr_assert(cold.converged && warm.converged);
    for (int i = 0; i < 3; i++)
        pv_model_free(model[i]);
    clear(&p);
}

/* Whatever the answers were, the model has the total and no negative cell. */
static void assert_sane(const pv_domain *domain, const pv_zero *zero,
                        size_t zeros, const pv_target *target, size_t targets,
                        double total)
{
    const pv_fit_options options = {.total = total};
    const pv_clique all = {{7}};
    pv_model *model = NULL;
    double answer[64];
    err.message[0] = '\0';
    cr_assert_eq(pv_estimate(domain, zero, zeros, target, targets, &options,
                             NULL, &model, NULL, &err),
                 PV_OK, "%zu targets of variance %g, total %g, %zu zeros: %s",
                 targets, targets > 0 ? target->sigma2 : 0, total, zeros,
                 err.message);
    const size_t cells = pv_domain_cells(domain, &all);
    cr_assert_eq(pv_model_answer(model, &all, answer, &err), PV_OK);
    double sum = 0;
    for (size_t k = 0; k < cells; k++) {
        cr_assert(answer[k] >= 0, "cell %zu is %g", k, answer[k]);
        sum += answer[k];
    }
    cr_assert_float_eq(sum, pv_model_total(model), 1e-9 * sum);
    cr_assert(total > 0 ? sum > 0.999 * total : sum > 0.999);
    pv_model_free(model);
}

Test(estimate, answers_at_the_edge_of_sense)
{
    const pv_domain domain = {3, {2, 1, 3}};
    const int64_t none[6] = {0}, negative[6] = {-7, -900, -3, -1, 0, -40};
    const int64_t some[6] = {500, -20, 3, 0, 100, 7};
    const int64_t huge[6] = {INT64_C(1) << 50, 0, 1, -5, 3, 9};
    const int64_t *const counts[] = {none, negative, some, huge};
    const double variance[] = {1e-2, 1, 1e10};
    const pv_clique pair = {{5}}, flat = {{2}}, last = {{6}}, every = {{7}};
    bool first_mask[] = {true, false}, last_mask[] = {true, true, false};
    bool *const masks[] = {first_mask, last_mask};
    const uint32_t columns[] = {0, 2};
    const pv_zero zero = {2, columns, masks, "a zero"};
    for (size_t i = 0; i < 4; i++)
        for (size_t v = 0; v < 3; v++)
            for (size_t zeros = 0; zeros < 2; zeros++) {
                const pv_target target[] = {
                    {pair, counts[i], variance[v], NULL},
                    {last, counts[(i + 1) % 4], variance[(v + 1) % 3], NULL},
                    {flat, counts[i], variance[(v + 2) % 3], NULL},
                    {every, counts[(i + 2) % 4], variance[v], NULL}};
                for (size_t n = 0; n <= 4; n++) {
                    assert_sane(&domain, &zero, zeros, target, n, 0);
                    assert_sane(&domain, &zero, zeros, target, n, 1);
                    assert_sane(&domain, &zero, zeros, target, n, 1e9);
                }
            }
}
