#include "audit/attack/people.h"
#include "audit/attack/predicate.h"
#include "audit/probe.h"
#include "core/threads.h"
#include "tests/infer_fixture.h"

#include <stdio.h>

static pv_error err;

enum { features = 12 };

/* Twelve columns of 16 levels that hang together by a kind of person, and the
 * secret, which follows from the kind but for chance. */
static pv_schema *people_schema(void)
{
    char text[4096] = "{\"fields\":[";
    for (int c = 0; c < features; c++)
        sprintf(text + strlen(text),
                "{\"name\":\"c%d\",\"type\":\"integer\",\"constraints\":"
                "{\"minimum\":0,\"maximum\":14}},",
                c);
    strcat(text, "{\"name\":\"s\",\"type\":\"string\",\"categories\":"
                 "[\"x\",\"y\",\"z\"],\"constraints\":{\"required\":true}}]}");
    return schema_of(text);
}

static pv_table *people_table(const pv_schema *schema, size_t rows,
                              uint64_t seed)
{
    pv_table *table = NULL;
    cr_assert_eq(pv_table_alloc(schema, rows, false, &table, &err), PV_OK);
    for (size_t r = 0; r < rows; r++) {
        const uint32_t kind = draw_below(&seed, 5);
        for (uint32_t c = 0; c <= features; c++) {
            const uint32_t noise = draw_below(&seed, 8);
            uint32_t code = (kind * (c + 3) + noise) % 16;
            if (c == features)
                code = noise > 2 ? kind % 3 : draw_below(&seed, 3);
            pv_table_put(table, c, r, 1, &code);
        }
    }
    return table;
}

typedef struct stage {
    pv_schema *schema;
    pv_table *real, *holdout, *synthetic;
    pv_secret secret;
    uint32_t known[64];
    pv_key key;
    pv_attack_terms terms;
    pv_probe_input input;
} stage;

static void set_stage(stage *s, pv_schema *schema, pv_table *real,
                      pv_table *holdout, pv_table *synthetic)
{
    const uint32_t column = (uint32_t)pv_schema_columns(schema) - 1;
    cr_assert_eq(pv_crypto_init(&err), PV_OK);
    *s = (stage){.schema = schema,
                 .real = real,
                 .holdout = holdout,
                 .synthetic = synthetic,
                 .key = {{7}}};
    cr_assert_eq(pv_secret_make(synthetic, column, 3, &s->secret, &err), PV_OK);
    s->terms = (pv_attack_terms){
        .secret = &s->secret,
        .known = s->known,
        .known_count = list_known(schema, column, s->known),
        .holdout = holdout,
        .attacks = 400,
        .key = &s->key};
    s->input = (pv_probe_input){.schema = schema,
                                .real = real,
                                .synthetic = synthetic,
                                .attack = &s->terms};
}

/* Real people and a holdout; the synthetic rows are independent, or a copy. */
static void make_stage(stage *s, size_t rows, size_t holdout, bool copy,
                       uint64_t seed)
{
    pv_schema *schema = people_schema();
    set_stage(s, schema, people_table(schema, rows, seed),
              people_table(schema, holdout, seed + 1),
              people_table(schema, rows, copy ? seed : seed + 2));
}

static void strike(stage *s)
{
    pv_secret_clear(&s->secret);
    pv_table_free(s->real);
    pv_table_free(s->holdout);
    pv_table_free(s->synthetic);
    pv_schema_free(s->schema);
}

/* By so many threads: several wait for each other where tests share cores. */
static pv_findings *attack_by(const stage *s, int threads)
{
    static const pv_probe *const probe[] = {
        &pv_probe_singling, &pv_probe_linkability, &pv_probe_inference,
        &pv_probe_membership, &pv_probe_distance};
    pv_findings *findings = NULL;
    pv_threads_set(threads);
    cr_assert_eq(pv_findings_new("test", "attack", &findings, &err), PV_OK);
    for (size_t i = 0; i < sizeof probe / sizeof *probe; i++)
        cr_assert_eq(probe[i]->run(&s->input, findings, &err), PV_OK, "%s: %s",
                     probe[i]->name, err.message);
    return findings;
}

static pv_findings *attack(const stage *s)
{
    return attack_by(s, 1);
}

static const pv_metric *metric(const pv_findings *f, const char *id)
{
    const pv_metric *m = pv_findings_find(f, id);
    cr_assert_not_null(m, "%s", id);
    return m;
}

static double value(const pv_findings *f, const char *id)
{
    const pv_metric *m = metric(f, id);
    cr_assert_eq(m->status, PV_METRIC_OK, "%s: %s", id, m->reason);
    return m->value;
}

static void skipped(const pv_findings *f, const char *id, const char *reason)
{
    const pv_metric *m = metric(f, id);
    cr_assert_eq(m->status, PV_METRIC_SKIPPED, "%s: %f", id, m->value);
    cr_assert_not_null(strstr(m->reason, reason), "%s: %s", id, m->reason);
}

/* --- independent rows and a copy ------------------------------------------ */

static void no_risk(const pv_findings *f, const char *id)
{
    const pv_metric *m = metric(f, id);
    cr_assert_eq(m->status, PV_METRIC_OK, "%s: %s", id, m->reason);
    cr_assert(m->has_ci && m->ci[0] < 0.02 && m->ci[1] < 0.5, "%s: [%g, %g]",
              id, m->ci[0], m->ci[1]);
}

static void no_area(const pv_findings *f, const char *id)
{
    const pv_metric *m = metric(f, id);
    cr_assert(m->has_ci && m->ci[0] < 0.53 && m->ci[1] > 0.47, "%s: [%g, %g]",
              id, m->ci[0], m->ci[1]);
}

Test(attacks, independent_rows_are_no_risk)
{
    static const uint64_t seed[] = {100, 200, 300};
    for (size_t i = 0; i < 3; i++) {
        stage s;
        make_stage(&s, 1500, 1500, false, seed[i]);
        pv_findings *f = attack(&s);
        no_risk(f, "singling_out.multivariate.risk");
        no_risk(f, "linkability.risk");
        no_risk(f, "inference.nearest.risk");
        no_area(f, "membership.density.auc");
        no_area(f, "membership.counts.auc");
        const pv_metric *m = metric(f, "membership.density.advantage");
        cr_assert(m->ci[0] < 0.03 && m->ci[1] > -0.03);
        /* the kind tells the secret of anyone: this is no risk of theirs */
        cr_assert_gt(value(f, "inference.nearest.control"),
                     value(f, "inference.nearest.baseline") + 0.1);
        pv_findings_free(f);
        strike(&s);
    }
}

Test(attacks, a_copy_gives_people_away)
{
    stage s;
    make_stage(&s, 1500, 1500, true, 100);
    pv_findings *f = attack(&s);
    cr_assert_eq(value(f, "singling_out.multivariate.attacks"), 400);
    cr_assert_eq(value(f, "singling_out.multivariate.rate"), 1);
    cr_assert_gt(metric(f, "singling_out.multivariate.risk")->ci[0], 0.9);
    cr_assert_gt(value(f, "linkability.rate"), 0.95);
    cr_assert_lt(value(f, "linkability.control"), 0.1);
    cr_assert_gt(metric(f, "linkability.risk")->ci[0], 0.9);
    cr_assert_float_eq(value(f, "linkability.baseline"), 1.0 / 1500, 1e-15);
    cr_assert_eq(value(f, "inference.nearest.rate"), 1);
    cr_assert_gt(metric(f, "inference.nearest.risk")->ci[0], 0.9);
    cr_assert_gt(metric(f, "membership.density.auc")->ci[0], 0.8);
    cr_assert_gt(metric(f, "membership.density.advantage")->ci[0], 0.4);
    cr_assert_gt(metric(f, "membership.counts.auc")->ci[0], 0.95);
    cr_assert_eq(value(f, "diagnostic.dcr.median"), 0);
    cr_assert_eq(value(f, "diagnostic.exact_match.share"), 1);
    cr_assert_gt(value(f, "diagnostic.dcr.median.holdout"), 0.01);
    cr_assert_eq(value(f, "diagnostic.exact_match.share.holdout"), 0);
    pv_findings_free(f);
    strike(&s);
}

Test(attacks, threads_make_no_difference)
{
    stage s;
    char *one = NULL, *four = NULL;
    make_stage(&s, 700, 500, false, 1);
    pv_findings *f = attack_by(&s, 1);
    cr_assert_eq(pv_findings_json(f, &one, &err), PV_OK);
    pv_findings_free(f);
    f = attack_by(&s, 4);
    cr_assert_eq(pv_findings_json(f, &four, &err), PV_OK);
    cr_assert_str_eq(one, four);
    free(one);
    free(four);
    pv_findings_free(f);
    strike(&s);
}

/* --- singling out --------------------------------------------------------- */

Test(predicate, isolates_by_definition)
{
    pv_schema *schema = schema_of(mixed_schema);
    uint64_t state = 3;
    size_t isolated = 0;
    for (size_t round = 0; round < 400; round++) {
        pv_table *t = random_table(schema, 1 + round * 7 % 1500, round);
        pv_predicate p = {.ranges = 1 + round % 3};
        size_t count = 0;
        for (uint32_t i = 0; i < p.ranges; i++) {
            const uint32_t levels = pv_schema_column(schema, i)->levels;
            p.range[i].column = i;
            p.range[i].low = draw_below(&state, levels);
            p.range[i].high =
                p.range[i].low + draw_below(&state, levels - p.range[i].low);
        }
        for (size_t r = 0; r < pv_table_rows(t); r++) {
            bool in = true;
            for (uint32_t i = 0; i < p.ranges; i++)
                in = in && p.range[i].low <= code_at(t, i, r) &&
                     code_at(t, i, r) <= p.range[i].high;
            count += in;
        }
        isolated += count == 1;
        cr_assert_eq(pv_predicate_isolates(&p, t), count == 1);
        pv_table_free(t);
    }
    cr_assert_gt(isolated, 5);
    pv_schema_free(schema);
}

/* Three rows: numbers 2, 5, 5 (least 2 alone), labels b, b, c (c alone). */
Test(singling, one_column_at_a_time)
{
    pv_schema *schema = schema_of(
        "{\"fields\":[{\"name\":\"n\",\"type\":\"integer\",\"constraints\":"
        "{\"required\":true,\"minimum\":0,\"maximum\":9}},"
        "{\"name\":\"l\",\"type\":\"string\",\"categories\":"
        "[\"a\",\"b\",\"c\"],\"constraints\":{\"required\":true}}]}");
    const uint32_t n[] = {2, 5, 5}, l[] = {1, 1, 2};
    const uint32_t real_n[] = {1, 2, 7}, real_l[] = {1, 2, 2};
    pv_table *synthetic = NULL, *real = NULL;
    cr_assert_eq(pv_table_alloc(schema, 3, false, &synthetic, &err), PV_OK);
    cr_assert_eq(pv_table_alloc(schema, 3, false, &real, &err), PV_OK);
    pv_table_put(synthetic, 0, 0, 3, n);
    pv_table_put(synthetic, 1, 0, 3, l);
    pv_table_put(real, 0, 0, 3, real_n);
    pv_table_put(real, 1, 0, 3, real_l);
    stage s;
    set_stage(&s, schema, real, NULL, synthetic);
    pv_findings *f = attack(&s);
    /* n <= 2 fits two real rows, n = 2 one, l = c two */
    cr_assert_eq(value(f, "singling_out.univariate.attacks"), 3);
    cr_assert_float_eq(value(f, "singling_out.univariate.rate"), 1.0 / 3,
                       1e-15);
    cr_assert_not_null(
        strstr(metric(f, "singling_out.univariate.attacks")->reason, "400"));
    skipped(f, "singling_out.univariate.control", "no holdout");
    skipped(f, "singling_out.univariate.risk", "no holdout");
    pv_findings_free(f);
    strike(&s);
}

/* Three of twenty yes-or-no columns fit dozens of 300 rows; more are taken. */
Test(singling, columns_of_two_levels)
{
    char text[4096] = "{\"fields\":[";
    for (int c = 0; c < 20; c++)
        sprintf(text + strlen(text),
                "%s{\"name\":\"c%d\",\"type\":\"integer\",\"constraints\":"
                "{\"required\":true,\"minimum\":0,\"maximum\":1}}",
                c > 0 ? "," : "", c);
    strcat(text, "]}");
    pv_schema *schema = schema_of(text);
    stage s;
    set_stage(&s, schema, random_table(schema, 300, 1), NULL,
              random_table(schema, 300, 1));
    pv_findings *f = attack(&s);
    cr_assert_eq(value(f, "singling_out.multivariate.attacks"), 400);
    cr_assert_eq(value(f, "singling_out.multivariate.rate"), 1);
    cr_assert_null(metric(f, "singling_out.multivariate.attacks")->reason);
    pv_findings_free(f);
    strike(&s);
}

/* With a smaller holdout the risk compares samples of equal size. */
Test(singling, tables_of_different_size)
{
    stage s;
    make_stage(&s, 1500, 500, true, 100);
    pv_findings *f = attack(&s);
    cr_assert_eq(value(f, "singling_out.multivariate.rate"), 1);
    const double sample = value(f, "singling_out.multivariate.rate.sample");
    cr_assert(sample > 0.25 && sample < 0.42, "%g", sample);
    pv_findings_free(f);
    strike(&s);
    make_stage(&s, 500, 1500, false, 100);
    f = attack(&s);
    cr_assert_null(
        pv_findings_find(f, "singling_out.multivariate.rate.sample"));
    no_risk(f, "singling_out.multivariate.risk");
    pv_findings_free(f);
    strike(&s);
}

/* --- little to go by ------------------------------------------------------ */

static const char *const all_ids[] = {"singling_out.univariate.attacks",
                                      "singling_out.univariate.rate",
                                      "singling_out.univariate.control",
                                      "singling_out.univariate.risk",
                                      "singling_out.multivariate.attacks",
                                      "singling_out.multivariate.rate",
                                      "singling_out.multivariate.control",
                                      "singling_out.multivariate.risk",
                                      "linkability.rate",
                                      "linkability.control",
                                      "linkability.baseline",
                                      "linkability.risk",
                                      "inference.nearest.rate",
                                      "inference.nearest.control",
                                      "inference.nearest.baseline",
                                      "inference.nearest.risk",
                                      "membership.density.auc",
                                      "membership.density.advantage",
                                      "membership.counts.auc",
                                      "diagnostic.dcr.median",
                                      "diagnostic.dcr.p05",
                                      "diagnostic.exact_match.share",
                                      "diagnostic.dcr.median.holdout",
                                      "diagnostic.dcr.p05.holdout",
                                      "diagnostic.exact_match.share.holdout"};

/* Every metric is there: a number, or skipped with a reason. */
static void check_complete(const pv_findings *f)
{
    for (size_t i = 0; i < sizeof all_ids / sizeof *all_ids; i++) {
        const pv_metric *m = metric(f, all_ids[i]);
        cr_assert_neq(m->status, PV_METRIC_ERROR, "%s: %s", m->id, m->reason);
        if (m->status == PV_METRIC_OK)
            cr_assert(isfinite(m->value), "%s", m->id);
        else
            cr_assert_not_null(m->reason, "%s", m->id);
        if (strncmp(m->id, "diagnostic", 10) == 0)
            cr_assert_not_null(m->reason, "%s", m->id);
    }
}

Test(attacks, few_rows_of_any_table)
{
    static const size_t real_rows[] = {0, 1, 2, 9};
    static const size_t holdout_rows[] = {0, 1, 3, 4};
    static const size_t synthetic_rows[] = {0, 1, 9};
    for (size_t i = 0; i < 48; i++) {
        const size_t held = holdout_rows[i / 4 % 4];
        const size_t made = synthetic_rows[i / 16];
        pv_schema *schema = schema_of(mixed_schema);
        pv_table *real = random_table(schema, real_rows[i % 4], 1);
        pv_table *holdout = random_table(schema, held, 2);
        pv_table *synthetic = random_table(schema, made, 3);
        stage s;
        set_stage(&s, schema, real, holdout, synthetic);
        s.terms.attacks = 10;
        pv_findings *f = attack(&s);
        check_complete(f);
        if (made == 0) {
            skipped(f, "linkability.rate", "synthetic");
            skipped(f, "inference.nearest.baseline", "synthetic");
        }
        if (held == 0)
            skipped(f, "diagnostic.dcr.p05.holdout", "no rows");
        pv_findings_free(f);
        strike(&s);
    }
}

/* Constant columns, one known column or none, one column in all. */
Test(attacks, poor_columns)
{
    pv_schema *schema = schema_of(mixed_schema);
    pv_table *flat = NULL;
    cr_assert_eq(pv_table_alloc(schema, 50, false, &flat, &err), PV_OK);
    stage s;
    set_stage(&s, schema, random_table(schema, 50, 1),
              random_table(schema, 50, 2), flat);
    for (size_t known = 0; known < 4; known++) {
        s.terms.known_count = known;
        pv_findings *f = attack(&s);
        check_complete(f);
        if (known < 2)
            skipped(f, "linkability.risk", "known columns");
        pv_findings_free(f);
    }
    strike(&s);
    schema = schema_of(
        "{\"fields\":[{\"name\":\"n\",\"type\":\"integer\",\"constraints\":"
        "{\"required\":true,\"minimum\":0,\"maximum\":1}}]}");
    set_stage(&s, schema, random_table(schema, 50, 1),
              random_table(schema, 50, 2), random_table(schema, 50, 3));
    pv_findings *f = attack(&s);
    check_complete(f);
    skipped(f, "membership.counts.auc", "fewer than 2 columns");
    skipped(f, "singling_out.multivariate.rate", "exactly one");
    pv_findings_free(f);
    strike(&s);
}

/* A number of their own for everyone, and more columns than fit 64 bits. */
Test(attacks, unique_and_wide_columns)
{
    char text[8192] = "{\"fields\":[";
    for (int c = 0; c < 40; c++)
        sprintf(text + strlen(text),
                "{\"name\":\"c%d\",\"type\":\"integer\",\"constraints\":"
                "{\"minimum\":0,\"maximum\":%d}},",
                c, c < 3 ? 65535 : 3);
    strcat(text, "{\"name\":\"s\",\"type\":\"string\",\"categories\":"
                 "[\"x\",\"y\"]}]}");
    pv_schema *schema = schema_of(text);
    stage s;
    set_stage(&s, schema, random_table(schema, 300, 1),
              random_table(schema, 300, 2), random_table(schema, 300, 3));
    pv_findings *f = attack(&s);
    check_complete(f);
    no_area(f, "membership.density.auc");
    no_area(f, "membership.counts.auc");
    pv_findings_free(f);
    strike(&s);
}
