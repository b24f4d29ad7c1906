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

/* The rows of a unit, from the opening; 0 when it does not say. */
static uint64_t rows_of(const json_t *opening)
{
    static const char person[] = "person, at most ";
    const char *unit = text_of(opening, "unit");
    uint64_t k = 1;
    if (strncmp(unit, person, strlen(person)) == 0) {
        unit += strlen(person);
        if (!parse_digits(&unit, &k) || strcmp(unit, " rows") != 0 ||
            k > UINT32_MAX / 2)
            return 0;
    } else if (strcmp(unit, "row") != 0) {
        return 0;
    }
    return k;
}

/* The squared sensitivity that the opening's neighbours and unit call for. */
static uint64_t sensitivity2_of(const json_t *opening)
{
    const char *neighbours = text_of(opening, "neighbours");
    const uint64_t k = rows_of(opening);
    uint64_t factor;
    if (strcmp(neighbours, "add-remove") == 0)
        factor = 1;
    else
        factor = strcmp(neighbours, "replace") == 0 ? 2 : 0;
    return factor * k * k;
}

/* Labels come out at the threshold that their delta and the unit call for. */
static bool threshold_fits(const json_t *opening, const json_t *question)
{
    pv_rational sigma2;
    uint64_t threshold;
    return parse_rational(text_of(question, "sigma2"), &sigma2) &&
           pv_label_threshold(sigma2, rows_of(opening),
                              integer(question, "delta"), &threshold) &&
           integer(question, "threshold") == threshold;
}

/* As many scores as asked for, each moved by what a unit can move. */
static uint64_t scores_sensitivity2(const json_t *opening,
                                    const json_t *question)
{
    const bool replace = strcmp(text_of(opening, "neighbours"), "replace") == 0;
    return pv_scores_sensitivity2(rows_of(opening),
                                  replace ? PV_REPLACE : PV_ADD_REMOVE,
                                  (size_t)integer(question, "count"));
}

/* The definitions of the groups are not in the ledger. Each has one answer that a
 * unit moves by all its rows, at least. */
static bool queries_fit(const json_t *opening, const json_t *question)
{
    const uint64_t k = rows_of(opening), d2 = integer(question, "sensitivity2");
    const uint64_t count = integer(question, "count");
    uint64_t least;
    return k > 0 && count > 0 && !__builtin_mul_overflow(k * k, count, &least) &&
           d2 >= least && d2 % (k * k) == 0;
}

/* Of a choice among groups the weight, and what a row moves a distance by, are 1 at
 * least. */
static bool group_fits(const json_t *opening, const json_t *question)
{
    const uint64_t least = rows_of(opening) << 16;
    const uint64_t sensitivity = integer(question, "sensitivity");
    return least > 0 && sensitivity >= least && sensitivity % least == 0;
}

/* Votes on the grid that the unit calls for. */
static bool votes_fit(const json_t *opening, const json_t *question)
{
    const bool replace = strcmp(text_of(opening, "neighbours"), "replace") == 0;
    const uint64_t k = rows_of(opening);
    return k > 0 && integer(question, "grid") == pv_votes_grid(k) &&
           integer(question, "sensitivity2") ==
               pv_votes_sensitivity2(k, replace ? PV_REPLACE : PV_ADD_REMOVE);
}

/* No noisy count charged for less than a unit can change. (What a selection
 * costs does not depend on its sensitivity, which scales its draw.) */
static bool sensitivity_fits(const json_t *opening, const json_t *question)
{
    const uint64_t d2 = sensitivity2_of(opening);
    const char *ask = text_of(question, "ask");
    if (d2 == 0 || (strcmp(ask, "labels") == 0 &&
                    !threshold_fits(opening, question)))
        return false;
    if (strcmp(ask, "queries") == 0)
        return queries_fit(opening, question);
    if (strcmp(ask, "scores") == 0)
        return integer(question, "sensitivity2") > 0 &&
               integer(question, "sensitivity2") ==
                   scores_sensitivity2(opening, question);
    if (strcmp(ask, "group") == 0)
        return group_fits(opening, question);
    if (strcmp(ask, "vote") == 0)
        return votes_fit(opening, question);
    return strcmp(ask, "select") == 0 ||
           integer(question, "sensitivity2") == d2;
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

/* All with one variance: disjoint counts, of intervals or of labels, at
 * a marginal's cost, and scores. */
static bool counts_cost(const json_t *question, uint64_t *units)
{
    pv_rational sigma2;
    const uint64_t d2 = integer(question, "sensitivity2");
    return d2 > 0 && parse_rational(text_of(question, "sigma2"), &sigma2) &&
           pv_cost_gaussian(d2, sigma2, units);
}

bool pv_question_cost(const json_t *question, pv_spend *cost)
{
    pv_rational epsilon;
    const char *ask = text_of(question, "ask");
    *cost = (pv_spend){0, 0};
    if (strcmp(ask, "measure") == 0)
        return measure_cost(question, &cost->rho);
    if (strcmp(ask, "select") == 0 || strcmp(ask, "group") == 0)
        return parse_rational(text_of(question, "epsilon"), &epsilon) &&
               epsilon.den == PV_EPSILON_DEN && epsilon.num <= UINT32_MAX &&
               pv_cost_selection(epsilon.num, &cost->rho);
    if (strcmp(ask, "intervals") == 0 || strcmp(ask, "scores") == 0 ||
        strcmp(ask, "queries") == 0 || strcmp(ask, "vote") == 0)
        return counts_cost(question, &cost->rho);
    cost->delta = integer(question, "delta");
    return strcmp(ask, "labels") == 0 && cost->delta > 0 &&
           counts_cost(question, &cost->rho);
}

static pv_status inconsistent(size_t line, const char *what, pv_error *err)
{
    return pv_fail(err, PV_ETAMPER, "ledger line %zu: %s", line + 1, what);
}

/* Delta stands in the lines that spend some, and in no other. */
static bool delta_adds_up(const json_t *body, uint64_t cost,
                          pv_ledger_summary *s)
{
    if (cost == 0)
        return json_object_get(body, "delta_units") == NULL &&
               json_object_get(body, "delta_spent") == NULL;
    if (integer(body, "delta_units") != cost ||
        cost > s->delta_budget - s->delta_spent)
        return false;
    s->delta_spent += cost;
    return integer(body, "delta_spent") == s->delta_spent;
}

static pv_status check_reserve(const json_t *opening, const json_t *body,
                               size_t line, pv_ledger_summary *s,
                               pv_error *err)
{
    const uint64_t units = integer(body, "units");
    const json_t *question = json_object_get(body, "question");
    pv_spend cost;
    if (s->closed)
        return inconsistent(line, "asks after the run was closed", err);
    if (integer(body, "sequence") != s->questions + 1)
        return inconsistent(line, "a question is missing or out of order", err);
    if (units == 0 || units > s->budget - s->spent)
        return inconsistent(line, "spends what the budget does not hold", err);
    if (!sensitivity_fits(opening, question))
        return inconsistent(line, "is of another sensitivity than the unit and "
                                  "the neighbours have, or of another "
                                  "threshold than its delta", err);
    if (!pv_question_cost(question, &cost) || cost.rho != units)
        return inconsistent(line, "does not cost what it says", err);
    if (!delta_adds_up(body, cost.delta, s))
        return inconsistent(line, "does not spend the delta it says", err);
    s->questions++;
    s->uncommitted++;
    s->spent += units;
    if (integer(body, "spent") != s->spent)
        return inconsistent(line, "the running total does not add up", err);
    return PV_OK;
}

/* What labels may spend of delta must leave some to state epsilon at. */
static bool delta_is_left(const json_t *opening)
{
    const uint64_t labels = integer(opening, "delta_labels");
    const double delta = json_number_value(json_object_get(opening, "delta"));
    return labels == 0 || (labels >> PV_DELTA_BITS == 0 &&
                           pv_delta_left(delta, labels) > 0);
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
            summary->delta_budget = integer(body, "delta_labels");
            if (strcmp(kind_of(body), "open") != 0 || summary->budget == 0 ||
                summary->budget > PV_UNITS_MAX || !delta_is_left(body))
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
