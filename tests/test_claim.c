#include "tests/dp_fixture.h"

#include "audit/report/claim.h"
#include "dp/account.h"
#include "dp/ledger.h"

#include <jansson.h>
#include <sodium.h>

static pv_error err;

static const char schema_json[] =
    "{\"fields\":[{\"name\":\"a\",\"categories\":[\"x\",\"y\"],\"constraints\":"
    "{\"required\":true}},{\"name\":\"b\",\"categories\":[\"u\",\"v\"],"
    "\"constraints\":{\"required\":true}}]}";

static const int64_t answered[] = {7, -2, 5, 1, 0, 3};

static const char *answered_hash(void)
{
    static char hex[2 * crypto_generichash_BYTES + 1];
    unsigned char hash[crypto_generichash_BYTES];
    (void)crypto_generichash(hash, sizeof hash, (const unsigned char *)answered,
                             sizeof answered, NULL, 0);
    return sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
}

/* A ledger of one measurement of a and of (a, b), and one selection. */
static json_t *sound_bodies(void)
{
    uint64_t one, two, chosen;
    cr_assert(pv_cost_gaussian(1, (pv_rational){100, 1}, &one));
    cr_assert(pv_cost_gaussian(1, (pv_rational){401, 2}, &two));
    cr_assert(pv_cost_selection(30000, &chosen));
    json_t *bodies = json_pack(
        "[{s:s, s:i, s:I, s:f, s:I, s:s, s:s, s:s, s:s, s:s},"
        " {s:s, s:I, s:I, s:I, s:{s:s, s:[[s],[s,s]], s:[s,s], s:i}},"
        " {s:s, s:I, s:s},"
        " {s:s, s:I, s:I, s:I, s:{s:s, s:I, s:s, s:s, s:i}},"
        " {s:s, s:I, s:s}]",
        "kind", "open", "format", 1, "budget", (json_int_t)1 << 40, "delta", 1e-9,
        "delta_labels", (json_int_t)0, "neighbours", "add-remove", "unit", "row",
        "rng", "secure", "method", "mst", "settings", "none", "kind", "reserve",
        "sequence", (json_int_t)1, "units", (json_int_t)(one + two), "spent",
        (json_int_t)(one + two), "question", "ask", "measure", "cliques", "a", "a",
        "b", "sigma2", "100/1", "401/2", "sensitivity2", 1, "kind", "commit",
        "sequence", (json_int_t)1, "answer", answered_hash(), "kind", "reserve", "sequence",
        (json_int_t)2, "units", (json_int_t)chosen, "spent",
        (json_int_t)(one + two + chosen), "question", "ask", "select", "count",
        (json_int_t)3, "epsilon", "30000/1048576", "candidates", "00",
        "sensitivity", 65536, "kind", "commit", "sequence", (json_int_t)2, "answer",
        "00");
    cr_assert_not_null(bodies);
    return bodies;
}

static double sound_rho(void)
{
    uint64_t one, two, chosen;
    cr_assert(pv_cost_gaussian(1, (pv_rational){100, 1}, &one));
    cr_assert(pv_cost_gaussian(1, (pv_rational){401, 2}, &two));
    cr_assert(pv_cost_selection(30000, &chosen));
    return pv_units_to_rho(one + two + chosen);
}

/* The marginals of a and of (a, b), as they were answered. */
static void publish_answers(pv_release *r)
{
    r->measurements = pv_array_calloc(2, sizeof *r->measurements);
    r->count = 2;
    for (size_t i = 0; i < 2; i++) {
        pv_measurement *m = &r->measurements[i];
        m->columns = i + 1;
        m->cells = i == 0 ? 2 : 4;
        m->column = pv_array_calloc(m->columns, sizeof *m->column);
        m->column[i] = (uint32_t)i;
        m->counts = pv_array_calloc(m->cells, sizeof *m->counts);
        memcpy(m->counts, answered + 2 * i, m->cells * sizeof *m->counts);
        m->sigma2_num = i == 0 ? 100 : 401;
        m->sigma2_den = i == 0 ? 1 : 2;
    }
}

/* A release that states what such a ledger gives; takes the bodies. */
static pv_release *release_of(json_t *bodies)
{
    pv_release *r = pv_array_calloc(1, sizeof *r);
    r->method = pv_strdup("mst");
    r->tool_version = pv_strdup("0");
    r->neighbours = pv_strdup("add-remove");
    r->unit = pv_strdup("row");
    r->rng = pv_strdup("secure");
    r->ledger = pv_ledger_text(bodies);
    r->rho = sound_rho();
    r->delta = 1e-9;
    r->epsilon = pv_zcdp_epsilon(r->rho, r->delta);
    r->public_rows = -1;
    publish_answers(r);
    cr_assert_eq(pv_schema_parse(schema_json, strlen(schema_json), "s",
                                 &r->schema, &err),
                 PV_OK, "%s", err.message);
    json_decref(bodies);
    return r;
}

static pv_claim *check(pv_release *release)
{
    pv_claim *claim = NULL;
    cr_assert_eq(pv_claim_check(release, &claim, &err), PV_OK, "%s",
                 err.message);
    return claim;
}

/* The state of "claim.ledger": 1, 0, or -1 for skipped. */
static int ledger_state(const pv_claim *claim)
{
    pv_findings *f = NULL;
    cr_assert_eq(pv_findings_new("t", "c", &f, &err), PV_OK);
    cr_assert_eq(pv_claim_findings(claim, f, &err), PV_OK);
    const pv_metric *m = pv_findings_find(f, "claim.ledger");
    const int state = m->status == PV_METRIC_OK ? (int)m->value : -1;
    pv_findings_free(f);
    return state;
}

Test(claim, a_sound_ledger_gives_what_is_stated)
{
    pv_claim *c = check(release_of(sound_bodies()));
    cr_assert_null(c->problem, "%s", c->problem);
    cr_assert_eq(c->lines, 2);
    cr_assert(near(c->rho, sound_rho(), 1e-12));
    cr_assert(near(c->epsilon, pv_zcdp_epsilon(sound_rho(), 1e-9), 1e-12));
    cr_assert(near(c->line[0].rho, 1 / 200. + 1 / 401., 1e-9));
    cr_assert_eq(c->line[0].sensitivity2, 1.0);
    cr_assert(isnan(c->line[1].sensitivity2));
    cr_assert_eq(c->line[1].total, c->rho);
    cr_assert_not_null(strstr(c->line[0].question, "2 marginals"));
    cr_assert_eq(ledger_state(c), 1);
    pv_claim_free(c);
}

/* The question of the first reserve line. */
static json_t *question_of(json_t *bodies)
{
    return json_object_get(json_array_get(bodies, 1), "question");
}

static void change(json_t *bodies, int what)
{
    json_t *sigma2 = json_object_get(question_of(bodies), "sigma2");
    json_t *open = json_array_get(bodies, 0);
    switch (what) {
    case 0: /* more noise on paper than was paid for */
        json_array_set_new(sigma2, 0, json_string("50/1"));
        break;
    case 1:
        json_object_set_new(question_of(bodies), "sensitivity2", json_integer(2));
        break;
    case 2:
        json_object_set_new(json_array_get(bodies, 1), "spent", json_integer(1));
        break;
    case 3: /* a question taken out */
        json_array_remove(bodies, 1);
        json_array_remove(bodies, 1);
        break;
    case 4:
        json_object_set_new(open, "budget", json_integer(10));
        break;
    case 5:
        json_object_set_new(open, "neighbours", json_string("replace"));
        break;
    case 6:
        json_object_set_new(open, "rng", json_string("INSECURE-TEST"));
        break;
    case 7:
        json_object_set_new(open, "delta", json_real(1e-6));
        break;
    case 8: /* the answer of another question */
        json_object_set_new(json_array_get(bodies, 2), "answer",
                            json_string("00"));
        break;
    default:
        json_array_remove(bodies, 0);
    }
}

/* Each with hashes that fit: who forges a ledger can compute them. */
Test(claim, a_changed_ledger_does_not_hold)
{
    for (int what = 0; what <= 9; what++) {
        json_t *bodies = sound_bodies();
        change(bodies, what);
        pv_claim *c = check(release_of(bodies));
        cr_assert_not_null(c->problem, "change %d", what);
        cr_assert_eq(ledger_state(c), 0);
        pv_claim_free(c);
    }
}

Test(claim, a_changed_byte_breaks_the_chain)
{
    pv_release *sound = release_of(sound_bodies());
    const size_t size = strlen(sound->ledger);
    for (size_t i = 0; i < size; i += 7) {
        pv_release *r = release_of(sound_bodies());
        r->ledger[i] ^= 1;
        pv_claim *c = check(r);
        cr_assert_not_null(c->problem, "byte %zu", i);
        pv_claim_free(c);
    }
    pv_release_free(sound);
}

Test(claim, a_statement_of_its_own_does_not_hold)
{
    for (int what = 0; what < 4; what++) {
        pv_release *r = release_of(sound_bodies());
        if (what == 0)
            r->epsilon /= 2;
        else if (what == 1)
            r->rho *= 0.99;
        else if (what == 2)
            r->delta = 1e-6;
        else
            r->unit[0] = 'R';
        pv_claim *c = check(r);
        cr_assert_not_null(c->problem, "change %d", what);
        pv_claim_free(c);
    }
}

static void swap_measurements(pv_release *r)
{
    const pv_measurement first = r->measurements[0];
    r->measurements[0] = r->measurements[1];
    r->measurements[1] = first;
}

static void change_marginals(pv_release *r, int what)
{
    pv_measurement *m = r->measurements;
    switch (what) {
    case 0: /* more noise on paper than was paid for */
        m[0].sigma2_num = 99;
        break;
    case 1: /* another marginal than the one that was charged */
        m[0].column[0] = 1;
        break;
    case 2:
        m[1].counts[3]++;
        break;
    case 3: /* two answers of the same shape, one charge */
        r->measurements =
            pv_array_realloc(r->measurements, 3, sizeof *r->measurements);
        memset(&r->measurements[2], 0, sizeof *r->measurements);
        r->measurements[2].columns = 1;
        r->measurements[2].column = pv_array_calloc(1, sizeof(uint32_t));
        r->measurements[2].cells = 2;
        r->measurements[2].counts = pv_array_calloc(2, sizeof(int64_t));
        r->measurements[2].sigma2_num = 100;
        r->measurements[2].sigma2_den = 1;
        r->count = 3;
        break;
    case 4:
        pv_measurement_clear(&r->measurements[1]);
        r->count = 1;
        break;
    default:
        swap_measurements(r);
    }
}

Test(claim, every_published_count_was_answered_to_a_question)
{
    for (int what = 0; what <= 5; what++) {
        pv_release *r = release_of(sound_bodies());
        change_marginals(r, what);
        pv_claim *c = check(r);
        cr_assert_not_null(c->problem, "change %d", what);
        pv_claim_free(c);
    }
}

/* Rows fitted by another method to the same marginals have the same privacy. */
Test(claim, another_method_may_fit_what_one_has_asked)
{
    pv_release *r = release_of(sound_bodies());
    free(r->method);
    r->method = pv_strdup("tree from measurements");
    pv_claim *c = check(r);
    cr_assert_null(c->problem, "%s", c->problem);
    cr_assert_str_eq(c->measured_by, "mst");
    pv_claim_free(c);
}

Test(claim, without_a_release_or_a_ledger_nothing_is_known)
{
    cr_assert_eq(ledger_state(NULL), -1);
    pv_release *r = release_of(sound_bodies());
    r->claim = pv_strdup("unknown: measured elsewhere");
    free(r->ledger);
    r->ledger = pv_strdup("");
    pv_claim *c = check(r);
    cr_assert_eq(ledger_state(c), -1);
    cr_assert_not(c->has_ledger);
    pv_claim_free(c);
}

/* A text that anyone may write does not take the place of a ledger. */
Test(claim, a_statement_does_not_hide_a_ledger)
{
    pv_release *r = release_of(sound_bodies());
    r->claim = pv_strdup("measured elsewhere");
    r->ledger[strlen(r->ledger) / 2] ^= 1;
    pv_claim *c = check(r);
    cr_assert(c->has_ledger);
    cr_assert_not_null(c->problem);
    pv_claim_free(c);
}

/* Against two laws that have exactly this epsilon and delta: a coin of delta shows
 * all, else randomised response. */
Test(claim, no_attack_is_better_than_the_bounds_and_some_are_as_good)
{
    static const double epsilons[] = {0.1, 1, 3}, deltas[] = {0, 1e-3, 0.1};
    for (int i = 0; i < 9; i++) {
        const double e = epsilons[i / 3], delta = deltas[i % 3];
        const double p = exp(e) / (1 + exp(e));
        const double tpr = delta + (1 - delta) * p, fpr = (1 - delta) * (1 - p);
        cr_assert_float_eq(pv_attack_power(e, delta, fpr), tpr, 1e-12);
        cr_assert_float_eq(pv_attack_success(e, delta), (1 + tpr - fpr) / 2,
                           1e-12);
        cr_assert_float_eq(pv_attack_power(e, delta, 0), delta, 1e-12);
        cr_assert_float_eq(pv_attack_power(e, delta, 1), 1, 1e-12);
    }
}

/* A Gaussian of mean sqrt(2 rho) has rho-zCDP: its best test is below the bound. */
Test(claim, the_bound_of_rho_holds_for_a_gaussian)
{
    for (double rho = 1e-4; rho < 10; rho *= 7)
        for (double t = -4; t < 6; t += 0.5) {
            const double mu = sqrt(2 * rho);
            const double fpr = erfc(t / sqrt(2)) / 2;
            const double tpr = erfc((t - mu) / sqrt(2)) / 2;
            cr_assert_leq(tpr, pv_attack_power_rho(rho, 0, fpr) + 1e-12);
            cr_assert_leq((1 + tpr - fpr) / 2,
                          pv_attack_success_rho(rho, 0) + 1e-12);
            cr_assert_leq(pv_attack_power_rho(rho, 0, fpr),
                          pv_attack_power_rho(rho, 0.01, fpr) + 1e-12);
        }
}
