#include "audit/attack/instance_file.h"
#include "audit/attack/solve.h"

#include "core/atomicfile.h"
#include "core/stream.h"
#include "core/threads.h"
#include "tests/infer_fixture.h"

#include <stdio.h>

enum { l1, pdhg, ls, wls };

static pv_error err;

/* Random queries of one user or more; everyone is in one at least. */
static pv_incidence random_matrix(size_t queries, size_t users, uint64_t seed)
{
    size_t *start = pv_array_alloc(queries + 1, sizeof *start);
    uint32_t *user = pv_array_alloc(queries * users, sizeof *user);
    pv_incidence a;
    size_t entries = 0;
    for (size_t i = 0; i < queries; i++) {
        start[i] = entries;
        for (uint32_t j = 0; j < users; j++)
            if (i % users == j || draw_below(&seed, 4) == 0)
                user[entries++] = j;
    }
    start[queries] = entries;
    cr_assert_eq(pv_incidence_make(queries, users, start, user, &a, &err),
                 PV_OK);
    return a;
}

static double noise(uint64_t *seed)
{
    return (double)draw_below(seed, 2001) / 1000 - 1;
}

/* The objective that a solver minimises, at any t. */
static double objective_of(size_t solver, const pv_instance *in,
                           const double *t)
{
    const pv_incidence *a = in->incidence;
    double sum = 0, total = 0;
    for (size_t i = 0; i < a->queries; i++)
        total += 1 / (double)(a->query_start[i + 1] - a->query_start[i]);
    for (size_t i = 0; i < a->queries; i++) {
        const double size =
            (double)(a->query_start[i + 1] - a->query_start[i]);
        const double weight = solver == wls
                                  ? (double)a->queries / size / total
                                  : 1;
        for (size_t l = 0; l < in->levels; l++) {
            double r = -in->answer[i * in->levels + l];
            for (size_t e = a->query_start[i]; e < a->query_start[i + 1]; e++)
                r += t[a->user[e] * in->levels + l];
            sum += solver < ls ? fabs(r) : weight * r * r / 2;
        }
    }
    return sum;
}

/* The least objective over a grid, by trying all of it. */
static double least_on_grid(size_t solver, const pv_instance *in, int steps)
{
    double t[4], least = INFINITY;
    int at[4] = {0};
    const size_t users = in->incidence->users;
    for (;;) {
        for (size_t j = 0; j < users; j++)
            t[j] = (double)at[j] / steps;
        least = fmin(least, objective_of(solver, in, t));
        size_t j = 0;
        while (j < users && ++at[j] > steps)
            at[j++] = 0;
        if (j == users)
            return least;
    }
}

Test(solve, tiny_instances_reach_the_best_of_a_fine_grid)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        uint64_t state = seed;
        pv_incidence a = random_matrix(6, 4, seed);
        double b[6];
        for (size_t i = 0; i < 6; i++)
            b[i] = draw_below(&state, 3) + noise(&state);
        const pv_instance in = {.incidence = &a, .levels = 1, .answer = b};
        const pv_solve_options fine = {.gap = 1e-7, .most = 100000};
        for (size_t s = 0; s < PV_SOLVERS; s++) {
            pv_solution found;
            cr_assert_eq(pv_solve(s, &in, &fine, &found, &err), PV_OK, "%s",
                         err.message);
            const double grid = least_on_grid(s, &in, 20);
            cr_assert_leq(found.objective, grid + 1e-6 * grid + 1e-6,
                          "%s: %g, grid %g", pv_solver_at(s)->name,
                          found.objective, grid);
            cr_assert_leq(found.bound, found.objective + 1e-9);
            cr_assert_leq(found.bound, grid + 1e-9);
            cr_assert_float_eq(objective_of(s, &in, found.t), found.objective,
                               1e-9 + 1e-9 * found.objective, "%s: %.12g",
                               pv_solver_at(s)->name, found.objective);
            for (size_t j = 0; j < 4; j++)
                cr_assert(found.t[j] >= 0 && found.t[j] <= 1);
            pv_solution_clear(&found);
        }
        pv_incidence_clear(&a);
    }
}

Test(solve, certified_gaps_hold_and_are_reached)
{
    uint64_t state = 5;
    pv_incidence a = random_matrix(300, 60, 3);
    double b[300], truth[60];
    pv_solution exact, found;
    for (size_t j = 0; j < 60; j++)
        truth[j] = draw_below(&state, 2);
    pv_incidence_sums(&a, 1, truth, b);
    for (size_t i = 0; i < 300; i++)
        b[i] += 3 * noise(&state);
    const pv_instance in = {.incidence = &a, .levels = 1, .answer = b};
    cr_assert_eq(pv_solve(l1, &in, NULL, &exact, &err), PV_OK);
    cr_assert(exact.converged);
    cr_assert_float_eq(exact.bound, exact.objective, 1e-9 * exact.objective);
    for (int digits = 1; digits <= 5; digits++) {
        const pv_solve_options how = {.gap = pow(10, -digits)};
        cr_assert_eq(pv_solve(pdhg, &in, &how, &found, &err), PV_OK);
        cr_assert(found.converged, "gap 1e-%d", digits);
        cr_assert_leq(found.bound, exact.objective + 1e-9);
        cr_assert_geq(found.objective, exact.objective - 1e-9);
        cr_assert_leq(found.objective - found.bound,
                      how.gap * found.objective);
        pv_solution_clear(&found);
    }
    pv_solution_clear(&exact);
    pv_incidence_clear(&a);
}

Test(solve, exact_answers_give_everyone_away)
{
    uint64_t state = 8;
    pv_incidence a = random_matrix(200, 50, 4);
    double b[600];
    uint32_t truth[50];
    const uint32_t levels[] = {2, 3};
    for (size_t which = 0; which < 2; which++) {
        const uint32_t n = levels[which];
        memset(b, 0, sizeof b);
        for (size_t j = 0; j < 50; j++)
            truth[j] = draw_below(&state, n);
        for (size_t i = 0; i < 200; i++)
            for (size_t e = a.query_start[i]; e < a.query_start[i + 1]; e++)
                b[i * n + truth[a.user[e]]]++;
        const pv_instance in = {.incidence = &a, .levels = n, .answer = b};
        for (size_t s = 0; s < PV_SOLVERS; s++) {
            pv_solution found;
            cr_assert_eq(pv_solve(s, &in, NULL, &found, &err), PV_OK);
            for (size_t j = 0; j < 50; j++) {
                double sum = 0;
                for (uint32_t l = 0; l < n; l++) {
                    sum += found.t[j * n + l];
                    cr_assert(l == truth[j] ||
                                  found.t[j * n + l] <
                                      found.t[j * n + truth[j]],
                              "%s, %u levels", pv_solver_at(s)->name, n);
                }
                cr_assert_float_eq(sum, 1, 1e-9);
            }
            pv_solution_clear(&found);
        }
    }
    pv_incidence_clear(&a);
}

Test(solve, shares_of_levels_sum_to_one)
{
    uint64_t state = 12;
    pv_incidence a = random_matrix(80, 30, 5);
    double b[320];
    for (size_t k = 0; k < 320; k++)
        b[k] = 2 + 2 * noise(&state);
    const pv_instance in = {.incidence = &a, .levels = 4, .answer = b};
    for (size_t s = 0; s < PV_SOLVERS; s++) {
        pv_solution found;
        cr_assert_eq(pv_solve(s, &in, NULL, &found, &err), PV_OK);
        cr_assert_leq(found.bound, found.objective);
        cr_assert_float_eq(objective_of(s, &in, found.t), found.objective,
                           1e-9 * found.objective);
        for (size_t j = 0; j < 30; j++) {
            double sum = 0;
            for (size_t l = 0; l < 4; l++) {
                cr_assert_geq(found.t[4 * j + l], 0);
                sum += found.t[4 * j + l];
            }
            cr_assert_float_eq(sum, 1, 1e-9, "%s: %g", pv_solver_at(s)->name,
                               sum);
        }
        pv_solution_clear(&found);
    }
    pv_incidence_clear(&a);
}

Test(solve, who_is_in_no_query_is_half_believed_and_queries_of_nobody_count)
{
    /* users 0 and 2 in one query each, 1 in none; the second query is empty */
    size_t *start = pv_array_alloc(4, sizeof *start);
    uint32_t *user = pv_array_alloc(2, sizeof *user);
    const double b[] = {1, 3, 0};
    const size_t starts[] = {0, 1, 1, 2};
    pv_incidence a;
    memcpy(start, starts, sizeof starts);
    user[0] = 0;
    user[1] = 2;
    cr_assert_eq(pv_incidence_make(3, 3, start, user, &a, &err), PV_OK);
    const pv_instance in = {.incidence = &a, .levels = 1, .answer = b};
    for (size_t s = 0; s < PV_SOLVERS; s++) {
        pv_solution found;
        cr_assert_eq(pv_solve(s, &in, NULL, &found, &err), PV_OK);
        cr_assert_float_eq(found.t[0], 1, 1e-6);
        cr_assert_float_eq(found.t[1], .5, 0, "%s", pv_solver_at(s)->name);
        cr_assert_float_eq(found.t[2], 0, 1e-6);
        cr_assert(s == wls || found.bound > 2);
        pv_solution_clear(&found);
    }
    pv_incidence_clear(&a);
}

Test(solve, no_bound_is_above_its_objective_where_answers_are_exact)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        uint64_t state = seed;
        pv_incidence a = random_matrix(40, 12, seed);
        double secret[12], b[40];
        for (size_t j = 0; j < 12; j++)
            secret[j] = (double)draw_below(&state, 11) / 10;
        pv_incidence_sums(&a, 1, secret, b);
        const pv_instance in = {.incidence = &a, .levels = 1, .answer = b};
        for (size_t s = 0; s < PV_SOLVERS; s++) {
            pv_solution found;
            cr_assert_eq(pv_solve(s, &in, NULL, &found, &err), PV_OK);
            cr_assert_leq(found.bound, found.objective, "%s: %g, %g",
                          pv_solver_at(s)->name, found.bound, found.objective);
            pv_solution_clear(&found);
        }
        pv_incidence_clear(&a);
    }
}

Test(solve, no_result_depends_on_threads)
{
    uint64_t state = 6;
    pv_incidence a = random_matrix(2000, 300, 9);
    double *b = pv_array_alloc(2000, sizeof *b);
    for (size_t i = 0; i < 2000; i++)
        b[i] = 40 + 10 * noise(&state);
    const pv_instance in = {.incidence = &a, .levels = 1, .answer = b};
    for (size_t s = pdhg; s < PV_SOLVERS; s++) {
        pv_solution one, two;
        pv_threads_set(1);
        cr_assert_eq(pv_solve(s, &in, NULL, &one, &err), PV_OK);
        pv_threads_set(3);
        cr_assert_eq(pv_solve(s, &in, NULL, &two, &err), PV_OK);
        cr_assert_eq(memcmp(one.t, two.t, 300 * sizeof(double)), 0);
        pv_solution_clear(&one);
        pv_solution_clear(&two);
    }
    free(b);
    pv_incidence_clear(&a);
}

Test(solve, solvers_are_named)
{
    unsigned set = 0;
    cr_assert_eq(pv_solvers_parse("ls,l1", &set, &err), PV_OK);
    cr_assert_eq(set, 1U << ls | 1U << l1);
    cr_assert_eq(pv_solvers_parse("all", &set, &err), PV_OK);
    cr_assert_eq(set, (1U << PV_SOLVERS) - 1);
    cr_assert_eq(pv_solvers_parse("ls,", &set, &err), PV_EUSAGE);
    cr_assert_eq(pv_solvers_parse("l", &set, &err), PV_EUSAGE);
    cr_assert_null(pv_solver_at(PV_SOLVERS));
}

/* --- reference instances -------------------------------------------------- */

static bool open_reference(const char *name, pv_instance_file *file)
{
    const char *shared = getenv("PRIVET_SHARED");
    char *path = pv_sprintf_alloc("%s/vectors/lp/%s.bin",
                                  shared != NULL ? shared : "../shared", name);
    const bool there = pv_file_exists(path);
    if (there)
        cr_assert_eq(pv_instance_read(path, file, &err), PV_OK, "%s",
                     err.message);
    else
        cr_log_warn("SKIPPED: no %s", path);
    free(path);
    return there;
}

static void check_reference(const char *name, double optimum)
{
    pv_instance_file file = {0};
    pv_solution s;
    if (!open_reference(name, &file))
        cr_skip("no reference instances: nothing compared");
    const pv_instance in = {.incidence = &file.incidence,
                            .levels = 1,
                            .answer = file.answer};
    cr_assert_eq(pv_solve(l1, &in, NULL, &s, &err), PV_OK);
    cr_assert_float_eq(s.objective, optimum, 1e-6 * optimum);
    pv_solution_clear(&s);
    cr_assert_eq(pv_solve(pdhg, &in, NULL, &s, &err), PV_OK);
    cr_assert(s.converged);
    cr_assert(s.bound <= optimum * (1 + 1e-9) && s.objective >= optimum);
    cr_assert_geq(s.bound, 0.99 * s.objective);
    pv_solution_clear(&s);
    pv_instance_file_clear(&file);
}

Test(solve, reference_instance_of_nearly_exact_answers)
{
    check_reference("s1k", 46.09302916);
}

Test(solve, reference_instance_of_noisy_answers)
{
    check_reference("g4k", 9947.710794);
}

/* --- files ---------------------------------------------------------------- */

/* Two queries, {0, 1} and {1}, of two users. */
static size_t small_file(unsigned char *bytes)
{
    const int64_t head[] = {2, 2, 3, 0, 2, 3};
    const int32_t user[] = {1, 0, 1};
    const double b[] = {1.5, 1};
    memcpy(bytes, head, sizeof head);
    memcpy(bytes + sizeof head, user, sizeof user);
    memcpy(bytes + sizeof head + sizeof user, b, sizeof b);
    return sizeof head + sizeof user + sizeof b;
}

Test(instance, a_file_is_read)
{
    unsigned char bytes[128];
    pv_instance_file file = {0};
    const size_t size = small_file(bytes);
    cr_assert_eq(pv_instance_parse(bytes, size, "x", &file, &err), PV_OK, "%s",
                 err.message);
    cr_assert_eq(file.incidence.queries, 2);
    cr_assert_eq(file.incidence.users, 2);
    cr_assert_eq(file.incidence.user[0], 0); /* sorted */
    cr_assert_eq(file.incidence.user_start[1], 1);
    cr_assert_float_eq(file.answer[0], 1.5, 0);
    pv_instance_file_clear(&file);
}

/* A copy with the 8-byte word (or 4-byte one, beyond the head) changed. */
static void refused(size_t offset, size_t width, uint64_t word, const char *why)
{
    unsigned char bytes[128];
    pv_instance_file file = {0};
    const size_t size = small_file(bytes);
    memcpy(bytes + offset, &word, width);
    cr_assert_eq(pv_instance_parse(bytes, size, "x", &file, &err), PV_EFORMAT);
    cr_assert_not_null(strstr(err.message, why), "%s", err.message);
}

Test(instance, damaged_files_are_refused)
{
    unsigned char bytes[128];
    pv_instance_file file = {0};
    const size_t size = small_file(bytes);
    const uint64_t nan = UINT64_C(0x7ff8000000000000);
    for (size_t cut = 0; cut < size; cut++)
        cr_assert_eq(pv_instance_parse(bytes, cut, "x", &file, &err),
                     PV_EFORMAT);
    refused(0, 8, 3, "do not go with");
    refused(0, 8, UINT64_C(1) << 60, "do not go with");
    refused(8, 8, 0, "do not go with");
    refused(8, 8, 1U << 25, "do not go with");
    refused(16, 8, UINT64_MAX, "do not go with");
    refused(24, 8, 1, "query 0");
    refused(32, 8, 4, "query 1");
    refused(40, 8, 2, "query 2");
    refused(48, 4, 2, "query 0");
    refused(48, 4, 0, "query 0 names a user twice");
    refused(60, 8, nan, "answer of query 0");
}
