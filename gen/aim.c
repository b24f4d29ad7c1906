#include "core/log.h"
#include "core/memory.h"
#include "gen/budget.h"
#include "gen/candidates.h"
#include "gen/methods.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* AIM (McKenna, Mullins, Sheldon and Miklau 2022): one-way marginals, then
 * round after round the marginal that the model so far gets most wrong, beyond
 * what its noise would be, is chosen by the exponential mechanism, measured,
 * and the model fitted again. Where this differs from the paper, and what each
 * difference gave, is in doc/methods.md. */

enum {
    rounds_a_column = 3, /* that the budget would pay at the first noise */
    annealing = 4,       /* times the budget of a round, once it pays little */
    rounds_left = 8,     /* that annealing leaves the budget for, at least */
    many_columns = 40    /* beyond which method tree is the better choice */
};

static const double between_gap = 0.2; /* of the fits between rounds */

typedef struct aim {
    const pv_request *request;
    pv_curator *curator;
    pv_fit_path *path;
    pv_candidates candidates;
    pv_zero *zeros;
    size_t zero_count;
    pv_clique *have;    /* zeros, then what was measured */
    size_t haves, room;
    pv_model *model;
    uint64_t total;     /* units when it began */
    double round_units; /* of a round: choosing and measuring */
    double limit;       /* cells of the model in the end */
} aim;

/* One round's terms. */
typedef struct terms {
    bool last;
    uint64_t epsilon; /* of the choice, in 2^-20 */
    pv_rational sigma2;
    double sigma;
} terms;

static void clear(aim *a)
{
    pv_candidates_clear(&a->candidates);
    pv_model_free(a->model);
    free(a->zeros);
    free(a->have);
}

static pv_status add_have(aim *a, const pv_clique *clique, pv_error *err)
{
    if (a->haves == a->room) {
        const size_t room = 2 * a->room + 64;
        pv_clique *have = pv_array_realloc(a->have, room, sizeof *have);
        if (have == NULL)
            return pv_fail_memory(err, "the marginals");
        a->have = have;
        a->room = room;
    }
    a->have[a->haves++] = *clique;
    return PV_OK;
}

static pv_status refit(aim *a, pv_error *err)
{
    pv_status status = PV_OK;
    pv_target *targets = NULL;
    pv_model *model = NULL;
    pv_fit_report report;
    const pv_measurement *measurements;
    size_t rows = 0;
    const size_t count = pv_curator_measurements(a->curator, &measurements);
    (void)pv_curator_public_rows(a->curator, &rows);
    const pv_fit_options options = {.total = (double)rows,
                                    .gap = between_gap,
                                    .memory = a->request->memory};
    PV_TRY(pv_targets_of(measurements, count, &targets, err));
    PV_TRY(pv_estimate(&a->candidates.domain, a->zeros, a->zero_count, targets,
                       count, &options, a->path, &model, &report, err));
    pv_model_free(a->model);
    a->model = model;
    pv_log_detail("%zu marginals fitted in %zu passes over %zu cells", count,
                  report.iterations, pv_model_cells(model));
out:
    free(targets);
    return status;
}

/* How many cells a model is worth: in proportion to (rows / sigma)^(2/3),
 * sigma what one measurement with all the budget would have. The factor is
 * where larger models stopped paying for their time (doc/methods.md). */
static double size_limit(const pv_request *r, double rows, uint64_t d2)
{
    const double least = 8192, most = 4194304;
    const double sigma =
        sqrt((double)d2 / (2 * pv_units_to_rho(r->budget)));
    double limit = 1600 * pv_power(rows / sigma < 1 ? 1 : rows / sigma,
                                   2.0 / 3.0);
    limit = limit < least ? least : limit > most ? most : limit;
    if (r->model_size > 0)
        limit = (double)(r->model_size / sizeof(double));
    /* a fit keeps about as much again for its own use */
    if (r->memory > 0 && limit > (double)(r->memory / (3 * sizeof(double))))
        limit = (double)(r->memory / (3 * sizeof(double)));
    return limit;
}

static pv_status plan_round(const aim *a, terms *t, pv_error *err)
{
    const double left = (double)pv_budget_left(a->request, a->curator);
    const double share = a->request->select_share /
                         (1 - a->request->one_way_share);
    t->last = left < 2 * a->round_units;
    const double units = t->last ? left : a->round_units;
    t->epsilon = pv_epsilon_for_units((uint64_t)(units * share));
    const pv_status status = pv_sigma2_for_units(
        (uint64_t)(units * (1 - share)), pv_curator_sensitivity2(a->curator),
        &t->sigma2, err);
    if (status == PV_OK)
        t->sigma = sqrt((double)t->sigma2.num / (double)t->sigma2.den);
    return status;
}

/* Chooses a marginal; *expected is what the model says of it. */
static pv_status choose(aim *a, const terms *t, size_t *chosen,
                        double **expected, pv_error *err)
{
    pv_status status = PV_OK;
    size_t at;
    pv_candidates *c = &a->candidates;
    const double used =
        1 - (t->last ? 0
                     : ((double)pv_budget_left(a->request, a->curator) -
                        a->round_units) /
                           (double)a->total);
    const pv_candidates_round round = {.have = a->have,
                                       .haves = a->haves,
                                       .limit = a->limit * used,
                                       .sigma = t->sigma,
                                       .memory = a->request->memory / 2};
    PV_TRY(pv_candidates_open(c, a->model, &round, err));
    PV_TRY(pv_ask_select(a->curator, c->ask, c->open, t->epsilon, &at, err));
    *chosen = c->index[at];
    *expected = pv_array_alloc(c->cells[*chosen], sizeof **expected);
    if (*expected == NULL)
        status = pv_fail_memory(err, "the marginals");
    else
        memcpy(*expected, c->ask[at].estimate,
               c->cells[*chosen] * sizeof **expected);
out:
    return status;
}

/* The model moved by less than the noise that is left in the measurement: at
 * this noise there is little more to learn. */
static pv_status anneal(aim *a, const terms *t, size_t chosen,
                        const double *before, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t cells = a->candidates.cells[chosen];
    double moved = 0;
    double *now = pv_array_alloc(cells, sizeof *now);
    if (now == NULL)
        return pv_fail_memory(err, "the marginals");
    PV_TRY(pv_model_answer(a->model, &a->candidates.clique[chosen], now, err));
    for (size_t k = 0; k < cells; k++)
        moved += fabs(now[k] - before[k]);
    if (moved <= pv_noise_left(before, cells, t->sigma)) {
        const double most =
            (double)pv_budget_left(a->request, a->curator) / rounds_left;
        const double more = annealing * a->round_units;
        if (most > a->round_units)
            a->round_units = more < most ? more : most;
    }
out:
    free(now);
    return status;
}

static pv_status run_round(aim *a, size_t number, bool *last, pv_error *err)
{
    pv_status status = PV_OK;
    terms t;
    size_t chosen;
    double *expected = NULL;
    char name[160];
    const pv_measurement *answer;
    PV_TRY(plan_round(a, &t, err));
    *last = t.last;
    PV_TRY(choose(a, &t, &chosen, &expected, err));
    const pv_clique *clique = &a->candidates.clique[chosen];
    pv_clique_describe(clique, a->request->schema, name, sizeof name);
    pv_log_detail("round %zu: %s, sigma %.3g, of %zu candidates", number + 1,
                  name, t.sigma, a->candidates.open);
    PV_TRY(pv_ask_measure(a->curator, clique, &t.sigma2, 1, &answer, err));
    PV_TRY(add_have(a, clique, err));
    if (!t.last) { /* after the last the final fit follows */
        PV_TRY(refit(a, err));
        PV_TRY(anneal(a, &t, chosen, expected, err));
    }
    pv_progress_update(100 - (uint64_t)(100 *
                                        (double)pv_budget_left(a->request, a->curator) /
                                        (double)a->total));
out:
    free(expected);
    return status;
}

static pv_status begin(aim *a, const pv_workload *single, pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(pv_candidates_init(&a->candidates, a->request, err));
    PV_TRY(pv_schema_zero_array(a->request->schema, &a->zeros, &a->zero_count,
                                err));
    for (size_t i = 0; i < a->zero_count; i++) {
        const pv_clique c =
            pv_clique_of(a->zeros[i].column, a->zeros[i].columns);
        PV_TRY(add_have(a, &c, err));
    }
    for (size_t i = 0; i < single->count; i++)
        PV_TRY(add_have(a, &single->clique[i], err));
    PV_TRY(pv_measure_split(
        a->curator, pv_budget_part(a->total, a->request->one_way_share),
        single->clique, NULL, single->count, err));
    PV_TRY(refit(a, err));
    a->round_units =
        (double)a->total / (double)(rounds_a_column * single->count);
    a->limit = size_limit(a->request, pv_model_total(a->model),
                          pv_curator_sensitivity2(a->curator));
    pv_log_detail("the model may grow to %.0f cells", a->limit);
out:
    return status;
}

static pv_status ask(const pv_request *request, pv_curator *curator,
                     pv_fit_path *path, pv_error *err)
{
    pv_status status = PV_OK;
    aim a = {.request = request,
             .curator = curator,
             .path = path,
             .total = request->budget};
    pv_workload single = {0};
    bool last = false;
    PV_TRY(pv_one_way(request->schema, &single, err));
    if (single.count == 1) { /* one column has nothing to choose */
        PV_TRY(pv_measure_split(curator, request->budget, single.clique, NULL,
                                1, err));
        goto out;
    }
    PV_TRY(begin(&a, &single, err));
    pv_progress_begin("choosing marginals", 100);
    for (size_t round = 0; !last && status == PV_OK; round++)
        status = run_round(&a, round, &last, err);
    pv_progress_end();
out:
    pv_workload_clear(&single);
    clear(&a);
    return status;
}

/* --- the plan --------------------------------------------------------------- */

/* A line for the typical candidate of `columns` columns, measured with `share`
 * of the budget. */
static pv_status plan_average(const pv_request *request,
                              const pv_candidates *c, size_t columns,
                              double share, const char *when, pv_plan *out,
                              pv_error *err)
{
    pv_status status = PV_OK;
    double cells = 0, count = 0;
    char what[160];
    pv_rational sigma2;
    for (size_t i = 0; i < c->count; i++)
        if (pv_clique_count(&c->clique[i]) == columns) {
            cells += log((double)c->cells[i]); /* the geometric mean */
            count++;
        }
    if (count == 0)
        return PV_OK;
    PV_TRY(pv_sigma2_for_units(
        pv_budget_part(request->budget, share),
        pv_sensitivity2(request->schema, request->neighbours), &sigma2, err));
    (void)snprintf(what, sizeof what,
                   "a chosen marginal of %zu columns, typical size, in %s",
                   columns, when);
    PV_TRY(pv_plan_add(out, what, sigma2, (size_t)exp(cells / count), share,
                       request->rows_hint, err));
out:
    return status;
}

/* Measured on four tables of 9 to 24 columns, epsilon 0.3 to 10: about two rounds
 * a column, each of which answers all candidates. The fits and what answers
 * take on the way grow with the square of the limit: less noise makes larger
 * models, and more passes over each. */
static void plan_cost(const pv_request *request, const pv_candidates *c,
                      size_t columns, pv_plan *out)
{
    const double rounds = 2.0 * (double)columns;
    const double room = request->memory > 0 ? (double)request->memory / 32
                                            : INFINITY;
    double cells = 0;
    for (size_t i = 0; i < c->count; i++)
        cells += (double)c->cells[i];
    /* small marginals make no large model */
    const double limit =
        fmin(35 * cells,
             size_limit(request, request->rows_hint,
                        pv_sensitivity2(request->schema, request->neighbours)));
    const double passing = fmin(6e-5 * limit * limit, 100e6);
    cells = cells < room ? cells : room;
    out->bytes += (size_t)(8 * cells + 2 * sizeof(double) * limit + passing);
    out->seconds +=
        1.2e-13 * limit * limit * rounds + cells * rounds * 5e-9;
}

static pv_status plan(const pv_request *request, pv_plan *out, pv_error *err)
{
    pv_status status = PV_OK;
    pv_workload single = {0};
    pv_candidates c = {0};
    const size_t before = out->count;
    const uint64_t first =
        pv_budget_part(request->budget, request->one_way_share);
    const double measured = 1 - request->select_share / (1 - request->one_way_share);
    PV_TRY(pv_one_way(request->schema, &single, err));
    const bool alone = single.count == 1;
    PV_TRY(pv_plan_cliques(request, single.clique, NULL, single.count,
                           alone ? request->budget : first, out, err));
    if (alone)
        goto out;
    for (size_t i = before; i < out->count; i++)
        out->line[i].error *= 0.5; /* what later rounds tell of it, measured */
    PV_TRY(pv_candidates_init(&c, request, err));
    const double early =
        measured / (double)(rounds_a_column * single.count);
    const double late =
        measured * (1 - request->one_way_share) / (2 * rounds_left);
    PV_TRY(plan_average(request, &c, 2, early, "the first rounds", out, err));
    PV_TRY(plan_average(request, &c, 2, late > early ? late : early,
                        "the last rounds", out, err));
    PV_TRY(plan_average(request, &c, 3, late > early ? late : early,
                        "the last rounds", out, err));
    plan_cost(request, &c, single.count, out);
    out->note = single.count > many_columns
                    ? "marginals are chosen privately when the run asks; for so "
                      "many columns method tree is faster and as good"
                    : "marginals are chosen privately when the run asks; what "
                      "is not chosen follows from the model";
out:
    pv_candidates_clear(&c);
    pv_workload_clear(&single);
    return status;
}

const pv_generator pv_generator_aim = {
    .name = "aim",
    .summary = "marginals chosen one by one where the model is most wrong",
    .workload = PV_WORKLOAD_OPTIONAL,
    .one_way_share = 0.1,
    .select_share = 0.09,
    .plan = plan,
    .ask = ask};
