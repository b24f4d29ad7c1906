#include "audit/probe.h"

#include "audit/attack/people.h"
#include "audit/attack/shift.h"
#include "core/threads.h"
#include "tests/infer_fixture.h"

static pv_error err;

/* Five numbers of six levels and a bit, the secret. */
static const char bits_schema[] =
    "{\"fields\":["
    "{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":0,\"maximum\":5}},"
    "{\"name\":\"b\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":0,\"maximum\":5}},"
    "{\"name\":\"c\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":0,\"maximum\":5}},"
    "{\"name\":\"d\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":0,\"maximum\":5}},"
    "{\"name\":\"e\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":0,\"maximum\":5}},"
    "{\"name\":\"s\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":0,\"maximum\":1}}]}";

enum { secret_column = 5 };

/* Values drawn alike and independently; the secret a coin, or where `follows`
 * it mostly follows from the first column. */
static pv_table *people(const pv_schema *schema, size_t rows, uint64_t seed,
                        bool follows)
{
    pv_table *t = NULL;
    pv_stream stream;
    const pv_key key = {{9}};
    cr_assert_eq(pv_table_alloc(schema, rows, false, &t, &err), PV_OK);
    pv_stream_init(&stream, &key, seed);
    for (size_t r = 0; r < rows; r++) {
        uint32_t code[6];
        for (size_t c = 0; c < 5; c++)
            code[c] = (uint32_t)pv_stream_below(&stream, 6);
        code[5] = follows && pv_stream_below(&stream, 10) > 0
                      ? code[0] >= 3
                      : (uint32_t)pv_stream_below(&stream, 2);
        for (size_t c = 0; c < 6; c++)
            pv_table_put(t, c, r, 1, &code[c]);
    }
    return t;
}

typedef struct audit {
    uint32_t known[8], class[2];
    pv_secret secret;
    pv_key key;
    pv_attack_terms terms;
} audit;

static void ready(audit *a, const pv_schema *schema, const pv_table *holdout)
{
    *a = (audit){.class = {0, 1}, .key = {{1}}};
    a->secret = (pv_secret){secret_column, 2, a->class};
    a->terms = (pv_attack_terms){.secret = &a->secret,
                                 .known = a->known,
                                 .holdout = holdout,
                                 .orders = 1U << 3,
                                 .solvers = 1U << 2 | 1U << 3,
                                 .attacks = 50,
                                 .key = &a->key};
    a->terms.known_count = list_known(schema, secret_column, a->known);
}

static pv_findings *attack(const pv_schema *schema, const pv_table *real,
                           const pv_table *synthetic,
                           const pv_attack_terms *terms)
{
    pv_findings *f = NULL;
    const pv_probe_input input = {.schema = schema,
                                  .real = real,
                                  .synthetic = synthetic,
                                  .attack = terms};
    pv_threads_set(1);
    cr_assert_eq(pv_crypto_init(&err), PV_OK);
    cr_assert_eq(pv_findings_new("t", "attack", &f, &err), PV_OK);
    cr_assert_eq(pv_probe_reconstruction.run(&input, f, &err), PV_OK, "%s",
                 err.message);
    return f;
}

static const pv_metric *metric(const pv_findings *f, const char *id)
{
    const pv_metric *m = pv_findings_find(f, id);
    cr_assert_not_null(m, "no %s", id);
    cr_assert_eq(m->status, PV_METRIC_OK, "%s: %s", id, m->reason);
    return m;
}

static double value(const pv_findings *f, const char *id)
{
    return metric(f, id)->value;
}

Test(reconstruction, a_copy_gives_people_away_and_not_those_outside)
{
    pv_schema *schema = schema_of(bits_schema);
    pv_table *real = people(schema, 400, 1, false);
    pv_table *holdout = people(schema, 400, 2, false);
    audit a;
    ready(&a, schema, holdout);
    pv_findings *f = attack(schema, real, real, &a.terms);
    cr_assert_gt(value(f, "attack.best.accuracy"), 0.9);
    cr_assert_gt(value(f, "attack.ls.accuracy"), 0.9);
    cr_assert_gt(value(f, "attack.wls.auc"), 0.95);
    cr_assert_gt(value(f, "attack.nearest.accuracy"), 0.95);
    cr_assert_lt(value(f, "attack.control.accuracy"), 0.6);
    cr_assert_gt(metric(f, "attack.leakage")->ci[0], 0.2);
    cr_assert_gt(metric(f, "attack.leakage.adjusted")->ci[0], 0.2);
    cr_assert_gt(metric(f, "attack.risk")->ci[0], 0.5);
    cr_assert_eq(pv_findings_find(f, "attack.whitebox.accuracy"), NULL);
    pv_findings_free(f);
    pv_table_free(real);
    pv_table_free(holdout);
    pv_schema_free(schema);
}

/* What is true of people in general is no leak: all are guessed well, and those
 * outside as well as those inside. */
Test(reconstruction, what_follows_for_everyone_is_no_leak)
{
    pv_schema *schema = schema_of(bits_schema);
    pv_table *real = people(schema, 1500, 3, true);
    pv_table *other = people(schema, 4000, 4, true);
    pv_table *holdout = people(schema, 1500, 5, true);
    audit a;
    ready(&a, schema, holdout);
    pv_findings *f = attack(schema, real, other, &a.terms);
    cr_assert_gt(value(f, "attack.best.accuracy"), 0.85);
    cr_assert_gt(value(f, "attack.control.accuracy"), 0.85);
    cr_assert_gt(value(f, "attack.model.accuracy"), 0.85);
    const pv_metric *leakage = metric(f, "attack.leakage.adjusted");
    cr_assert(leakage->ci[0] < 0 && leakage->ci[1] > 0, "%g (%g to %g)",
              leakage->value, leakage->ci[0], leakage->ci[1]);
    pv_findings_free(f);
    pv_table_free(real);
    pv_table_free(other);
    pv_table_free(holdout);
    pv_schema_free(schema);
}

/* Coins that the release knows nothing of: 20 repetitions, their accuracies
 * within 95 % intervals of one half (3 may miss, once in 60 such tests more). */
Test(reconstruction, independent_coins_are_not_guessed)
{
    pv_schema *schema = schema_of(bits_schema);
    audit a;
    int outside[2] = {0};
    static const char *const id[] = {"attack.ls.accuracy",
                                     "attack.wls.accuracy"};
    ready(&a, schema, NULL);
    for (uint64_t seed = 0; seed < 20; seed++) {
        pv_table *real = people(schema, 300, 100 + seed, false);
        pv_table *other = people(schema, 1000, 200 + seed, false);
        pv_findings *f = attack(schema, real, other, &a.terms);
        for (size_t i = 0; i < 2; i++) {
            const pv_metric *m = metric(f, id[i]);
            outside[i] += m->ci[0] > 0.5 || m->ci[1] < 0.5;
        }
        cr_assert_eq(pv_findings_find(f, "attack.leakage")->status,
                     PV_METRIC_SKIPPED);
        pv_findings_free(f);
        pv_table_free(real);
        pv_table_free(other);
    }
    cr_assert_leq(outside[0], 3);
    cr_assert_leq(outside[1], 3);
    pv_schema_free(schema);
}

/* The winner is chosen by the first fifth of the targets and reported by the
 * others, as every other attacker is. */
Test(reconstruction, reported_targets_are_others_than_those_chosen_by)
{
    pv_schema *schema = schema_of(bits_schema);
    pv_table *real = people(schema, 300, 7, true);
    pv_table *other = people(schema, 300, 70, true);
    audit a;
    ready(&a, schema, NULL);
    a.terms.targets = 100;
    pv_findings *f = attack(schema, real, other, &a.terms);
    cr_assert_lt(value(f, "attack.best.accuracy"), 1);
    const double right = 80 * value(f, "attack.best.accuracy");
    cr_assert_float_eq(right, round(right), 1e-9);
    cr_assert_not_null(strstr(metric(f, "attack.best.accuracy")->reason,
                              "chosen on 20 other targets"));
    pv_findings_free(f);
    a.terms.solvers = 1U << 2;
    f = attack(schema, real, other, &a.terms);
    cr_assert_not_null(pv_findings_find(f, "attack.ls.accuracy"));
    cr_assert_null(pv_findings_find(f, "attack.wls.accuracy"));
    pv_findings_free(f);
    pv_table_free(other);
    pv_table_free(real);
    pv_schema_free(schema);
}

Test(reconstruction, odd_tables)
{
    pv_schema *schema = schema_of(bits_schema);
    pv_table *real = people(schema, 40, 8, false);
    pv_table *one = people(schema, 1, 9, false);
    pv_table *none = people(schema, 0, 9, false);
    pv_table *same = people(schema, 40, 10, false);
    const uint32_t zero[40] = {0};
    audit a;
    pv_table_put(same, secret_column, 0, 40, zero);
    const struct {
        const pv_table *real, *synthetic, *holdout;
    } odd[] = {{real, none, NULL}, {real, one, one},  {one, real, real},
               {one, one, none},   {same, real, same}, {real, same, real}};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        ready(&a, schema, odd[i].holdout);
        pv_findings *f = attack(schema, odd[i].real, odd[i].synthetic,
                                &a.terms);
        const pv_metric *m = metric(f, "attack.best.accuracy");
        cr_assert(m->ci[0] <= m->value && m->value <= m->ci[1]);
        cr_assert_lt(m->ci[0], m->ci[1]);
        pv_findings_free(f);
    }
    pv_table_free(real);
    pv_table_free(one);
    pv_table_free(none);
    pv_table_free(same);
    pv_schema_free(schema);
}

/* A holdout that is easier to guess shows as shift, not as leakage. */
Test(reconstruction, another_population_is_told_from_leakage)
{
    pv_schema *schema = schema_of(bits_schema);
    pv_table *real = people(schema, 2000, 11, true);
    pv_table *other = people(schema, 2000, 12, true);
    pv_table *holdout = people(schema, 2000, 13, false);
    pv_shift shift;
    audit a;
    ready(&a, schema, holdout);
    cr_assert_eq(pv_shift_measure(real, &a.terms, &shift, &err), PV_OK);
    cr_assert_eq(shift.real_of, 2000);
    cr_assert_eq(shift.holdout_of, 2000);
    cr_assert_gt(shift.real, 1700);
    cr_assert_lt(shift.holdout, 1150);
    pv_findings *f = attack(schema, real, other, &a.terms);
    cr_assert_gt(metric(f, "attack.leakage")->ci[0], 0.2);
    cr_assert_lt(metric(f, "attack.leakage.adjusted")->ci[0], 0);
    pv_findings_free(f);
    pv_table_free(real);
    pv_table_free(other);
    pv_table_free(holdout);
    pv_schema_free(schema);
}

/* A published marginal of everyone's values without noise gives all away. */
Test(reconstruction, published_marginals_are_attacked)
{
    pv_schema *schema = schema_of(bits_schema);
    pv_table *real = people(schema, 300, 14, false);
    pv_table *other = people(schema, 300, 15, false);
    uint32_t column[] = {0, 1, 2, 3, 4, 5};
    const size_t cells = 6 * 6 * 6 * 6 * 6 * 2;
    int64_t *counts = calloc(cells, sizeof *counts);
    const pv_measurement m = {.columns = 6, .column = column, .cells = cells,
                              .counts = counts, .sigma2_num = 1,
                              .sigma2_den = 1000000};
    audit a;
    for (size_t r = 0; r < 300; r++) {
        size_t cell = 0;
        for (size_t i = 0; i < 6; i++)
            cell = cell * (i < 5 ? 6 : 2) + code_at(real, column[i], r);
        counts[cell]++;
    }
    ready(&a, schema, NULL);
    a.terms.measurement = &m;
    a.terms.measurements = 1;
    pv_findings *f = attack(schema, real, other, &a.terms);
    cr_assert_gt(value(f, "attack.whitebox.accuracy"), 0.9);
    cr_assert_lt(value(f, "attack.ls.accuracy"), 0.65);
    pv_findings_free(f);
    const pv_measurement without = {.columns = 4, .column = column,
                                    .cells = 1296, .counts = counts,
                                    .sigma2_num = 1, .sigma2_den = 1};
    a.terms.measurement = &without;
    f = attack(schema, real, other, &a.terms);
    cr_assert_eq(pv_findings_find(f, "attack.whitebox.accuracy")->status,
                 PV_METRIC_SKIPPED);
    pv_findings_free(f);
    free(counts);
    pv_table_free(real);
    pv_table_free(other);
    pv_schema_free(schema);
}
