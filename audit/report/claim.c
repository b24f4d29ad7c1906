#include "audit/report/claim_internal.h"

#include "core/memory.h"
#include "dp/curator.h"
#include "dp/ledger.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char ledger_name[] = "the release's ledger";

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static json_int_t integer_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

pv_status pv_claim_object(pv_claim *claim, const char *problem, pv_error *err)
{
    if (claim->problem == NULL)
        claim->problem = pv_strdup(problem);
    return claim->problem != NULL ? PV_OK : pv_fail_memory(err, "the claim");
}

/* --- lines ---------------------------------------------------------------- */

/* "age x sex" of a list of names; free(). */
static char *clique_text(const json_t *clique)
{
    char *text = pv_strdup("");
    size_t i;
    const json_t *name;
    json_array_foreach (clique, i, name) {
        const char *column = json_string_value(name);
        char *longer = text == NULL
                           ? NULL
                           : pv_sprintf_alloc("%s%s%s", text,
                                              i > 0 ? " \xc3\x97 " : "",
                                              column != NULL ? column : "?");
        free(text);
        text = longer;
    }
    return text;
}

static char *describe(const json_t *question)
{
    const char *ask = text_of(question, "ask");
    const char *column = text_of(question, "column");
    const json_t *cliques = json_object_get(question, "cliques");
    const size_t count = json_array_size(cliques);
    if (strcmp(ask, "labels") == 0)
        return pv_sprintf_alloc("labels of %s, from a noisy count of %lld on",
                                column,
                                (long long)integer_of(question, "threshold"));
    if (strcmp(ask, "intervals") == 0)
        return pv_sprintf_alloc("counts of %lld intervals of %s",
                                (long long)integer_of(question, "count"),
                                column);
    if (strcmp(ask, "measure") != 0)
        return pv_sprintf_alloc("%s among %lld candidates", ask,
                                (long long)integer_of(question, "count"));
    char *first = clique_text(json_array_get(cliques, 0));
    char *text =
        first == NULL ? NULL
        : count == 1
            ? pv_sprintf_alloc("counts of %s", first)
            : pv_sprintf_alloc("counts of %zu marginals, the first %s", count,
                               first);
    free(first);
    return text;
}

static char *describe_noise(const json_t *question)
{
    const json_t *sigma2 = json_object_get(question, "sigma2");
    if (json_is_string(sigma2))
        return pv_sprintf_alloc("discrete Gaussian, \xcf\x83\xc2\xb2 = %s",
                                json_string_value(sigma2));
    if (json_array_size(sigma2) == 1)
        return pv_sprintf_alloc(
            "discrete Gaussian, \xcf\x83\xc2\xb2 = %s",
            json_string_value(json_array_get(sigma2, 0)));
    if (json_is_array(sigma2))
        return pv_sprintf_alloc("discrete Gaussian, %zu values of "
                                "\xcf\x83\xc2\xb2",
                                json_array_size(sigma2));
    return pv_sprintf_alloc("exponential mechanism, \xce\xb5 = %s",
                            text_of(question, "epsilon"));
}

/* epsilon of a sum; 0 for nothing spent. */
static double epsilon_of(double rho, double delta)
{
    return rho > 0 ? pv_zcdp_epsilon(rho, delta) : 0;
}

static pv_status take_line(pv_claim *claim, const json_t *body, double delta,
                           pv_error *err)
{
    const json_t *question = json_object_get(body, "question");
    pv_spend cost = {0, 0};
    pv_claim_line *line = &claim->line[claim->lines];
    if (!pv_question_cost(question, &cost))
        return PV_OK; /* the check below says so */
    claim->lines++;
    claim->rho += pv_units_to_rho(cost.rho);
    *line = (pv_claim_line){
        .sequence = (uint64_t)integer_of(body, "sequence"),
        .question = describe(question),
        .noise = describe_noise(question),
        .sensitivity2 = json_number_value(
            json_object_get(question, "sensitivity2")),
        .rho = pv_units_to_rho(cost.rho),
        .total = claim->rho,
        .epsilon = epsilon_of(claim->rho, delta)};
    if (line->sensitivity2 <= 0)
        line->sensitivity2 = NAN;
    return line->question != NULL && line->noise != NULL
               ? PV_OK
               : pv_fail_memory(err, "the claim");
}

static pv_status take_lines(pv_claim *claim, const json_t *bodies,
                            pv_error *err)
{
    size_t i;
    const json_t *body;
    claim->line =
        pv_array_calloc(json_array_size(bodies), sizeof *claim->line);
    if (claim->line == NULL)
        return pv_fail_memory(err, "the claim");
    json_array_foreach (bodies, i, body) {
        if (strcmp(text_of(body, "kind"), "reserve") != 0)
            continue;
        const pv_status status =
            take_line(claim, body, claim->epsilon_left, err);
        if (status != PV_OK)
            return status;
    }
    return PV_OK;
}

/* --- the statement --------------------------------------------------------- */

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fabs(b);
}

/* What the release states of itself against the first line and the sums. */
static const char *compare_statement(const pv_claim *claim, const json_t *head)
{
    const pv_release *r = claim->release;
    if (strcmp(r->neighbours, text_of(head, "neighbours")) != 0)
        return "the release states other neighbours than its ledger";
    if (strcmp(r->unit, text_of(head, "unit")) != 0)
        return "the release states another unit than its ledger";
    if (strcmp(r->rng, text_of(head, "rng")) != 0)
        return "the release states another source of noise than its ledger";
    if (!near(r->delta, json_number_value(json_object_get(head, "delta"))))
        return "the release states another delta than its ledger";
    if (!near(r->rho, claim->rho))
        return "the release states another rho than its ledger adds up to";
    if (!near(r->epsilon, claim->epsilon))
        return "the release states another epsilon than its ledger gives";
    return NULL;
}

static pv_status check_statement(pv_claim *claim, const json_t *bodies,
                                 pv_error *err)
{
    const pv_release *r = claim->release;
    const char *problem =
        compare_statement(claim, json_array_get(bodies, 0));
    if (problem == NULL)
        problem = pv_claim_answers(r, bodies);
    return problem == NULL ? PV_OK : pv_claim_object(claim, problem, err);
}

static pv_status check_ledger(pv_claim *claim, pv_error *err)
{
    pv_status status = PV_OK;
    json_t *bodies = NULL;
    pv_ledger_summary summary;
    pv_error why = PV_ERROR_INIT;
    const char *text = claim->release->ledger;
    if (pv_ledger_parse(text, strlen(text), ledger_name, &bodies, &why) !=
        PV_OK)
        return why.code == PV_ENOMEM ? pv_fail_memory(err, ledger_name)
                                     : pv_claim_object(claim, why.message, err);
    status = pv_ledger_check(bodies, &summary, &why);
    if (status != PV_OK)
        PV_TRY(pv_claim_object(claim, why.message, err));
    else
        claim->epsilon_left =
            pv_delta_left(claim->release->delta, summary.delta_spent);
    PV_TRY(take_lines(claim, bodies, err));
    claim->epsilon = epsilon_of(claim->rho, claim->epsilon_left);
    claim->measured_by = pv_strdup(text_of(json_array_get(bodies, 0), "method"));
    if (claim->measured_by == NULL)
        PV_TRY(pv_fail_memory(err, "the claim"));
    PV_TRY(check_statement(claim, bodies, err));
out:
    json_decref(bodies);
    return status;
}

pv_status pv_claim_check(pv_release *release, pv_claim **claim, pv_error *err)
{
    pv_status status = PV_OK;
    pv_claim *c = pv_array_calloc(1, sizeof *c);
    if (c == NULL) {
        pv_release_free(release);
        return pv_fail_memory(err, "the claim");
    }
    c->release = release;
    c->epsilon_left = release->delta;
    c->secure = strcmp(release->rng, "secure") == 0;
    /* a statement of others does not take a ledger's place */
    c->has_ledger = release->claim == NULL || *release->ledger != '\0';
    if (c->has_ledger)
        PV_TRY(check_ledger(c, err));
    *claim = c;
    c = NULL;
out:
    pv_claim_free(c);
    return status;
}

pv_status pv_claim_read(const char *path, pv_claim **claim, pv_error *err)
{
    pv_release *release = NULL;
    const pv_status status = pv_release_read(path, &release, err);
    return status == PV_OK ? pv_claim_check(release, claim, err) : status;
}

void pv_claim_free(pv_claim *claim)
{
    if (claim == NULL)
        return;
    for (size_t i = 0; i < claim->lines; i++) {
        free(claim->line[i].question);
        free(claim->line[i].noise);
    }
    free(claim->line);
    free(claim->problem);
    free(claim->measured_by);
    pv_release_free(claim->release);
    free(claim);
}
