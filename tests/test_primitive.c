/* The audit of the curator's questions: it lets them pass, sees enough of them to
 * accuse if they were worse (tests/mutants.sh makes them worse), and does not
 * depend on the number of processes. */
#include "audit/epsilon/primitive_internal.h"
#include "audit/stop.h"
#include "core/log.h"
#include "core/threads.h"
#include "dp_fixture.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <signal.h>
#include <string.h>

static pv_error err;
static pv_findings *findings;
static pv_primitive_options options;
static char *scratch;

static void set_up(void)
{
    cr_assert_eq(pv_crypto_init(&err), PV_OK);
    (void)gsl_set_error_handler_off();
    pv_log_init("test", PV_LOG_QUIET);
    pv_threads_set(1);
    scratch = temporary_directory();
    options = (pv_primitive_options){.runs = 20000,
                                     .cells = 20,
                                     .candidates = 8,
                                     .rows = 3,
                                     .epsilon = 2,
                                     .delta = 1e-5,
                                     .delta_labels = 0.05,
                                     .alpha = 1e-4,
                                     .key = {{'p'}},
                                     .workers = 2,
                                     .scratch = scratch};
    cr_assert_eq(pv_findings_new("test", "epsilon", &findings, &err), PV_OK);
}

static void tear_down(void)
{
    pv_findings_free(findings);
    char *left = pv_sprintf_alloc("rmdir '%s'", scratch); /* nothing is left */
    cr_assert_eq(system(left), 0);
    free(left);
    free(scratch);
}

TestSuite(primitive, .init = set_up, .fini = tear_down);

static const pv_metric *metric(const char *table, const char *id)
{
    for (size_t i = 0; i < pv_findings_count(findings); i++) {
        const pv_metric *m = pv_findings_metric(findings, i);
        if (strcmp(m->scope.table, table) == 0 && strcmp(m->id, id) == 0)
            return m;
    }
    cr_assert_fail("no %s of %s", id, table);
    return NULL;
}

/* A case passes, with its bound on rho between `least` of the charge and it. */
static void assert_passes(const pv_primitive_case *c, double least)
{
    char table[PV_CASE_NAME];
    bool violated = true;
    pv_primitive_case_name(c, options.rows, table);
    cr_assert_eq(pv_primitive_audit(c, &options, findings, &violated, &err),
                 PV_OK, "%s", err.message);
    const pv_metric *violation = metric(table, "primitive.violation");
    cr_assert(!violated && violation->value <= 0, "%s: %s", table,
              violation->reason);
    if (c->primitive == PV_PRIMITIVE_LABELS && c->other)
        return; /* its promise is of delta */
    const double shown = metric(table, "primitive.rho.lo")->value;
    const double charged = metric(table, "primitive.rho.claim")->value;
    cr_assert(shown > least * charged && shown <= charged, "%s: %g of %g",
              table, shown, charged);
}

static void assert_all_pass(pv_primitive primitive, double least)
{
    pv_primitive_case c[PV_PRIMITIVE_CASES];
    const size_t count = pv_primitive_cases(primitive, c);
    cr_assert_eq(count, primitive == PV_PRIMITIVE_MEASURE ||
                                primitive == PV_PRIMITIVE_LABELS ||
                                primitive == PV_PRIMITIVE_GROUP ||
                                primitive == PV_PRIMITIVE_VOTES
                            ? 8
                            : 4);
    for (size_t i = 0; i < count; i++)
        assert_passes(&c[i], least);
}

Test(primitive, measure) { assert_all_pass(PV_PRIMITIVE_MEASURE, 0.35); }
Test(primitive, select) { assert_all_pass(PV_PRIMITIVE_SELECT, 0.5); }
Test(primitive, scores) { assert_all_pass(PV_PRIMITIVE_SCORES, 0.35); }
Test(primitive, intervals) { assert_all_pass(PV_PRIMITIVE_INTERVALS, 0.35); }
Test(primitive, labels) { assert_all_pass(PV_PRIMITIVE_LABELS, 0.25); }

Test(primitive, queries) { assert_all_pass(PV_PRIMITIVE_QUERIES, 0.35); }
Test(primitive, group) { assert_all_pass(PV_PRIMITIVE_GROUP, 0.2); }

Test(primitive, votes) { assert_all_pass(PV_PRIMITIVE_VOTES, 0.35); }

/* Persons of one row, whose votes are on no grid, of two, and of more than there are
 * classes; two candidates a class. */
Test(primitive, votes_of_few_and_of_many_rows)
{
    static const uint64_t rows[] = {1, 2, 7};
    options.cells = 2;
    for (size_t i = 0; i < 3; i++) {
        options.rows = rows[i];
        assert_all_pass(PV_PRIMITIVE_VOTES, 0.3);
        pv_findings_free(findings);
        cr_assert_eq(pv_findings_new("test", "epsilon", &findings, &err), PV_OK);
    }
}

/* Levels that coincide are asked for once: of three values 2 and 3 parts, of two one
 * level. */
Test(primitive, queries_of_few_values)
{
    const pv_primitive_case c[] = {
        {.primitive = PV_PRIMITIVE_QUERIES},
        {.primitive = PV_PRIMITIVE_GROUP, .other = true}};
    for (options.cells = 2; options.cells <= 3; options.cells++)
        for (size_t i = 0; i < 2; i++)
            assert_passes(&c[i], 0.2);
}

/* Little noise: a threshold that is too low by the unit's own rows lets its label
 * out most of the time. */
Test(primitive, labels_of_one_unit)
{
    const pv_primitive_case c = {
        .primitive = PV_PRIMITIVE_LABELS, .person = true, .other = true};
    options.sigma2 = (pv_rational){1, 1};
    options.delta_labels = 0.01;
    assert_passes(&c, 0);
}

/* Marginals and intervals of two chunks. */
Test(primitive, chunks)
{
    const pv_primitive_case c[] = {{.primitive = PV_PRIMITIVE_MEASURE},
                                   {.primitive = PV_PRIMITIVE_INTERVALS}};
    options.cells = 1100;
    options.runs = 1000;
    options.alpha = 0.01;
    for (size_t i = 0; i < 2; i++) {
        char table[PV_CASE_NAME];
        assert_passes(&c[i], 0.1);
        pv_primitive_case_name(&c[i], options.rows, table);
        cr_assert_eq(metric(table, "primitive.noise.chunks.z")->status,
                     PV_METRIC_OK);
    }
}

/* Little noise, of which one threshold sees the more: a charge that forgets that
 * two rows change when one is replaced is half of the true one. */
Test(primitive, replaced)
{
    const pv_primitive_case c[] = {
        {.primitive = PV_PRIMITIVE_MEASURE, .neighbours = PV_REPLACE},
        {.primitive = PV_PRIMITIVE_INTERVALS, .neighbours = PV_REPLACE}};
    options.sigma2 = (pv_rational){1, 4};
    options.cells = 2;
    for (size_t i = 0; i < 2; i++)
        assert_passes(&c[i], 0.6);
}

/* Wide noise, and narrow: the law's moments are those of the discrete one. */
Test(primitive, other_noise)
{
    const pv_primitive_case c = {.primitive = PV_PRIMITIVE_INTERVALS};
    options.sigma2 = (pv_rational){1, 4};
    assert_passes(&c, 0.2);
    options.sigma2 = (pv_rational){100, 1};
    assert_passes(&c, 0.1);
}

static char *json_of(int workers)
{
    pv_primitive_case c[PV_PRIMITIVE_CASES];
    char *text = NULL;
    bool violated;
    options.runs = 1500; /* no whole number of blocks */
    options.workers = workers;
    pv_findings_free(findings);
    findings = NULL;
    cr_assert_eq(pv_findings_new("test", "epsilon", &findings, &err), PV_OK);
    for (int p = 0; p < PV_PRIMITIVES; p++) {
        const size_t count = pv_primitive_cases((pv_primitive)p, c);
        for (size_t i = 0; i < count; i++)
            cr_assert_eq(pv_primitive_audit(&c[i], &options, findings,
                                            &violated, &err),
                         PV_OK, "%s", err.message);
    }
    cr_assert_eq(pv_findings_json(findings, &text, &err), PV_OK);
    return text;
}

Test(primitive, any_number_of_processes)
{
    char *one = json_of(1), *three = json_of(3);
    cr_assert_str_eq(one, three);
    options.key.bytes[0]++;
    char *other = json_of(3);
    cr_assert_str_neq(one, other);
    free(one);
    free(three);
    free(other);
}

Test(primitive, stopped)
{
    const pv_primitive_case c = {.primitive = PV_PRIMITIVE_MEASURE};
    bool violated = false;
    pv_stop_on_signals();
    cr_assert_eq(raise(SIGTERM), 0);
    cr_assert_eq(pv_primitive_audit(&c, &options, findings, &violated, &err),
                 PV_ESTOPPED);
    cr_assert_eq(pv_status_exit(PV_ESTOPPED), 75);
    cr_assert(!violated);
    cr_assert_eq(pv_findings_count(findings), 0);
}

Test(primitive, labels_out_of_reach)
{
    const pv_primitive_case c = {.primitive = PV_PRIMITIVE_LABELS};
    bool violated;
    options.sigma2 = (pv_rational){UINT64_C(1) << 34, 1};
    cr_assert_eq(pv_primitive_audit(&c, &options, findings, &violated, &err),
                 PV_EINVAL);
    cr_assert_not_null(strstr(err.message, "--sigma2"));
}

/* ---- the law ------------------------------------------------------------- */

Test(primitive, moments)
{
    double variance, fourth;
    /* by hand: P(1)/P(0) = exp(-2), P(2)/P(0) = exp(-8), at sigma2 = 1/4 */
    pv_case_moments(0.25, &variance, &fourth);
    const double one = 2 * exp(-2), two = 2 * exp(-8), three = 2 * exp(-18);
    const double all = 1 + one + two + three;
    cr_assert_float_eq(variance, (one + 4 * two + 9 * three) / all, 1e-12);
    cr_assert_float_eq(fourth, (one + 16 * two + 81 * three) / all, 1e-11);
    cr_assert_float_eq(pv_case_tail(0.25, 1), (one + two + three) / 2 / all,
                       1e-12);
    cr_assert_float_eq(pv_case_tail(0.25, -1), 1 - (two + three) / 2 / all,
                       1e-12);
    /* a wide one is like the continuous */
    pv_case_moments(400, &variance, &fourth);
    cr_assert_float_eq(variance, 400, 1e-9);
    cr_assert_float_eq(fourth, 3 * 400 * 400, 1e-5);
}

/* Why mu may not accuse: with sigma2 = 1 the best threshold tells a count from the
 * next better than with Gaussian noise, whose mu is 1. */
Test(primitive, more_than_gaussian)
{
    double best = 0;
    for (int64_t t = -3; t <= 4; t++)
        best = fmax(best, gsl_cdf_ugaussian_Qinv(pv_case_tail(1, t)) -
                              gsl_cdf_ugaussian_Pinv(1 - pv_case_tail(1, t - 1)));
    cr_assert_float_eq(best, 1.046, 5e-4, "%.6f", best);
}

/* Runs of a case whose stated noise is another than was drawn, or whose truth is
 * off: the deviations say so, those that should and no others. */
static size_t noise_of(pv_case *c, pv_case_z *z)
{
    pv_case_runs runs;
    cr_assert_eq(pv_case_run(c, &runs, &err), PV_OK, "%s", err.message);
    const size_t count = pv_case_noise(c, &runs, z);
    pv_case_runs_clear(&runs);
    return count;
}

static void make(const pv_primitive_case *which, pv_case *c)
{
    cr_assert_eq(pv_case_tables(which, &options, scratch, &options.key, c,
                                &err),
                 PV_OK, "%s", err.message);
    cr_assert_eq(pv_case_ask(c, &err), PV_OK, "%s", err.message);
}

static void clean(pv_case *c)
{
    pv_case_clear(c);
    char *left = pv_sprintf_alloc("rm -rf '%s'/*", scratch);
    cr_assert_eq(system(left), 0);
    free(left);
}

Test(primitive, noise_that_is_not_of_its_law)
{
    const pv_primitive_case which = {.primitive = PV_PRIMITIVE_MEASURE,
                                     .other = true};
    pv_case_z z[PV_CASE_Z_MOST];
    pv_case c;
    options.runs = 2000;
    make(&which, &c);
    cr_assert_eq(noise_of(&c, z), PV_NOISE_SUMS);
    for (size_t i = 0; i < PV_NOISE_SUMS; i++)
        cr_assert_lt(fabs(z[i].z), 6, "%s %g", z[i].id, z[i].z);
    const pv_rational drawn = c.sigma2;
    c.sigma2 = (pv_rational){11 * drawn.num, 10 * drawn.den};
    (void)noise_of(&c, z);
    cr_assert_lt(z[PV_NOISE_VARIANCE].z, -6);
    cr_assert_lt(fabs(z[PV_NOISE_MEAN].z), 6);
    c.sigma2 = drawn;
    c.world[PV_IN].truth[0] -= 20;
    (void)noise_of(&c, z);
    cr_assert_gt(z[PV_NOISE_MEAN].z, 6);
    clean(&c);
}

Test(primitive, choices_that_are_not_of_their_law)
{
    const pv_primitive_case which = {.primitive = PV_PRIMITIVE_SELECT};
    pv_case_z z[PV_CASE_Z_MOST];
    pv_case c;
    options.runs = 4000;
    make(&which, &c);
    cr_assert_eq(noise_of(&c, z), 1);
    cr_assert_lt(fabs(z->z), 6);
    for (size_t i = 0; i < c.outcomes; i++) /* as if nobody came */
        c.world[PV_IN].law[i] = c.world[PV_OUT].law[i];
    cr_assert_eq(noise_of(&c, z), 1);
    cr_assert_gt(z->z, 6);
    c.world[PV_OUT].law[3] = 0; /* what cannot be has come out */
    (void)noise_of(&c, z);
    cr_assert_gt(z->z, 30);
    clean(&c);
}

Test(primitive, too_few_draws_say_nothing)
{
    const pv_primitive_case which = {.primitive = PV_PRIMITIVE_INTERVALS};
    pv_case_z z[PV_CASE_Z_MOST];
    pv_case c;
    options.runs = 100;
    options.cells = 5;
    make(&which, &c);
    (void)noise_of(&c, z);
    for (size_t i = 0; i < PV_NOISE_SUMS; i++)
        cr_assert(isnan(z[i].z), "%s", z[i].id);
    clean(&c);
}
