#include "dp/curator.h"

#include <string.h>

static const char *text_of(const json_t *body, const char *key)
{
    const char *text = json_string_value(json_object_get(body, key));
    return text != NULL ? text : "";
}

static const char *kind_of(const json_t *body)
{
    return text_of(body, "kind");
}

static uint64_t integer(const json_t *body, const char *key)
{
    const json_int_t v = json_integer_value(json_object_get(body, key));
    return v > 0 ? (uint64_t)v : 0;
}

/* Digits alone: a sign or a blank, which strtoull takes, is not our text. */
static bool parse_digits(const char **text, uint64_t *value)
{
    const char *from = *text;
    *value = 0;
    for (; **text >= '0' && **text <= '9'; (*text)++)
        if (__builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, (uint64_t)(**text - '0'), value))
            return false;
    return *text > from && *value > 0;
}

static bool parse_rational(const char *text, pv_rational *value)
{
    return text != NULL && parse_digits(&text, &value->num) &&
           *text++ == '/' && parse_digits(&text, &value->den) && *text == '\0';
}

/* The squared sensitivity that the opening's neighbours and unit call for. */
static uint64_t sensitivity2_of(const json_t *opening)
{
    static const char person[] = "person, at most ";
    const char *unit = text_of(opening, "unit");
    const char *neighbours = text_of(opening, "neighbours");
    uint64_t k = 1, factor;
    if (strncmp(unit, person, strlen(person)) == 0) {
        unit += strlen(person);
        if (!parse_digits(&unit, &k) || strcmp(unit, " rows") != 0 ||
            k > UINT32_MAX / 2)
            return 0;
    } else if (strcmp(unit, "row") != 0) {
        return 0;
    }
    if (strcmp(neighbours, "add-remove") == 0)
        factor = 1;
    else
        factor = strcmp(neighbours, "replace") == 0 ? 2 : 0;
    return factor * k * k;
}

/* No measurement charged for less than a unit can change. (What a selection
 * costs does not depend on its sensitivity, which scales its draw.) */
static bool sensitivity_fits(const json_t *opening, const json_t *question)
{
    const uint64_t d2 = sensitivity2_of(opening);
    if (strcmp(text_of(question, "ask"), "measure") == 0)
        return d2 > 0 && integer(question, "sensitivity2") == d2;
    return d2 > 0;
}

static bool measure_cost(const json_t *question, uint64_t *units)
{
    size_t i;
    const json_t *text;
    const json_t *variances = json_object_get(question, "sigma2");
    const uint64_t d2 = integer(question, "sensitivity2");
    *units = 0;
    if (d2 == 0 || json_array_size(variances) == 0 ||
        json_array_size(variances) !=
            json_array_size(json_object_get(question, "cliques")))
        return false;
    json_array_foreach (variances, i, text) {
        pv_rational sigma2;
        uint64_t one;
        if (!parse_rational(json_string_value(text), &sigma2) ||
            !pv_cost_gaussian(d2, sigma2, &one) ||
            __builtin_add_overflow(*units, one, units))
            return false;
    }
    return true;
}

bool pv_question_cost(const json_t *question, uint64_t *units)
{
    pv_rational epsilon;
    const char *ask = text_of(question, "ask");
    if (strcmp(ask, "measure") == 0)
        return measure_cost(question, units);
    if (strcmp(ask, "select") == 0)
        return parse_rational(text_of(question, "epsilon"), &epsilon) &&
               epsilon.den == PV_EPSILON_DEN && epsilon.num <= UINT32_MAX &&
               pv_cost_selection(epsilon.num, units);
    return false;
}

static pv_status inconsistent(size_t line, const char *what, pv_error *err)
{
    return pv_fail(err, PV_ETAMPER, "ledger line %zu: %s", line + 1, what);
}

static pv_status check_reserve(const json_t *opening, const json_t *body,
                               size_t line, pv_ledger_summary *s,
                               pv_error *err)
{
    const uint64_t units = integer(body, "units");
    const json_t *question = json_object_get(body, "question");
    uint64_t cost;
    if (s->closed)
        return inconsistent(line, "asks after the run was closed", err);
    if (integer(body, "sequence") != s->questions + 1)
        return inconsistent(line, "a question is missing or out of order", err);
    if (units == 0 || units > s->budget - s->spent)
        return inconsistent(line, "spends what the budget does not hold", err);
    if (!sensitivity_fits(opening, question))
        return inconsistent(line, "is of another sensitivity than the unit and "
                                  "the neighbours have", err);
    if (!pv_question_cost(question, &cost) || cost != units)
        return inconsistent(line, "does not cost what it says", err);
    s->questions++;
    s->uncommitted++;
    s->spent += units;
    if (integer(body, "spent") != s->spent)
        return inconsistent(line, "the running total does not add up", err);
    return PV_OK;
}

pv_status pv_ledger_check(const json_t *bodies, pv_ledger_summary *summary,
                          pv_error *err)
{
    size_t i;
    const json_t *body;
    memset(summary, 0, sizeof *summary);
    json_array_foreach (bodies, i, body) {
        pv_status status = PV_OK;
        if (i == 0) {
            summary->budget = integer(body, "budget");
            if (strcmp(kind_of(body), "open") != 0 || summary->budget == 0 ||
                summary->budget > PV_UNITS_MAX)
                status = inconsistent(i, "is not the opening of a run", err);
        } else if (strcmp(kind_of(body), "reserve") == 0) {
            status = check_reserve(json_array_get(bodies, 0), body, i,
                                   summary, err);
        } else if (strcmp(kind_of(body), "commit") == 0) {
            if (summary->uncommitted == 0 ||
                integer(body, "sequence") != summary->questions)
                status = inconsistent(i, "answers a question not asked", err);
            else
                summary->uncommitted--;
        } else if (strcmp(kind_of(body), "close") == 0) {
            summary->closed = true;
            if (integer(body, "spent") != summary->spent)
                status = inconsistent(i, "closes at another sum", err);
        } else if (strcmp(kind_of(body), "final") == 0) {
            summary->closed = true;
            summary->finished = true;
        } else {
            status = inconsistent(i, "is of an unknown kind", err);
        }
        if (status != PV_OK)
            return status;
    }
    return PV_OK;
}
