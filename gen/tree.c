#include "core/log.h"
#include "core/memory.h"
#include "gen/budget.h"
#include "gen/choice.h"
#include "gen/methods.h"
#include "marginals/estimate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double P(const char *name, double d)
{
    const char *t = getenv(name);
    return t != NULL ? strtod(t, NULL) : d;
}
static double now(void) { return (double)clock() / CLOCKS_PER_SEC; }

typedef struct tree {
    const pv_request *request;
    pv_curator *curator;
    pv_domain domain;
    pv_zero *zeros;
    size_t zero_count;
    pv_choice pool;
    pv_clique *clique;
    double **estimate;
    double *block;
    int64_t *score;
    pv_model *model;
    pv_fit_path *path;
    pv_clique *have;
    size_t haves;
} tree;

static pv_status refit(tree *t, double gap, pv_error *err)
{
    pv_status status = PV_OK;
    pv_target *targets = NULL;
    const pv_measurement *measurements;
    size_t rows = 0;
    pv_model *next = NULL;
    pv_fit_report report;
    const double t0 = now();
    const size_t count = pv_curator_measurements(t->curator, &measurements);
    (void)pv_curator_public_rows(t->curator, &rows);
    const pv_fit_options options = {.total = (double)rows,
                                    .gap = gap,
                                    .memory = t->request->memory};
    PV_TRY(pv_targets_of(measurements, count, &targets, err));
    PV_TRY(pv_estimate(&t->domain, t->zeros, t->zero_count, targets, count,
                       &options, t->path, &next, &report, err));
    pv_model_free(t->model);
    t->model = next;
    pv_log_detail("fit %zu measured, %zu iterations, %zu cells, %.2f s", count,
                  report.iterations, pv_model_cells(next), now() - t0);
out:
    free(targets);
    return status;
}

static pv_status make_pool(tree *t, size_t degree, pv_error *err)
{
    pv_status status = PV_OK;
    pv_workload pairs = {0}, triples = {0};
    size_t cells = 0;
    PV_TRY(pv_workload_varying(&t->domain, 2, 0, &pairs, err));
    if (degree > 2)
        PV_TRY(pv_workload_varying(&t->domain, 3, 0, &triples, err));
    const size_t n = pairs.count + triples.count;
    t->pool.count = n;
    t->pool.item = pv_array_calloc(n, sizeof *t->pool.item);
    t->clique = pv_array_calloc(n, sizeof *t->clique);
    t->estimate = pv_array_calloc(n, sizeof *t->estimate);
    t->score = pv_array_calloc(n, sizeof *t->score);
    for (size_t i = 0; i < n; i++) {
        t->clique[i] = i < pairs.count ? pairs.clique[i]
                                       : triples.clique[i - pairs.count];
        t->pool.item[i].clique = t->clique[i];
        t->pool.item[i].weight = degree == 2 || i >= pairs.count;
        cells += pv_domain_cells(&t->domain, &t->clique[i]);
    }
    PV_TRY(pv_choice_link(&t->pool, &t->domain, err));
    t->block = pv_array_alloc(cells, sizeof *t->block);
    cells = 0;
    for (size_t i = 0; i < n; i++) {
        t->estimate[i] = t->block + cells;
        cells += t->pool.item[i].cells;
    }
out:
    pv_workload_clear(&pairs);
    pv_workload_clear(&triples);
    return status;
}

static pv_status one_round(tree *t, size_t round, uint64_t score_units,
                           uint64_t measure_units, size_t limit, pv_error *err)
{
    pv_status status = PV_OK;
    pv_rational sigma2;
    const uint64_t d2 = pv_curator_sensitivity2(t->curator);
    double t0 = now();
    PV_TRY(pv_model_answers(t->model, t->clique, t->pool.count, t->estimate,
                            err));
    double t1 = now();
    PV_TRY(pv_sigma2_for_units(
        score_units,
        pv_scores_sensitivity2(pv_schema_unit_rows(t->request->schema),
                               t->request->neighbours, t->pool.count),
        &sigma2, err));
    const double score_sigma = sqrt((double)sigma2.num / (double)sigma2.den);
    PV_TRY(pv_ask_scores(t->curator, t->clique,
                         (const double *const *)t->estimate, t->pool.count,
                         sigma2, t->score, err));
    double t2 = now();
    double sigma[PV_CHOICE_LEVELS];
    const double F = P("T_F", 1), K = P("T_K", 2), K0 = P("T_K0", 0.2),
                 Z = P("T_Z", 0);
    for (int l = 0; l < PV_CHOICE_LEVELS; l++)
        sigma[l] = sqrt((double)d2 / 2 / ((double)measure_units / 0x1p40) *
                        (double)(1 << l));
    for (size_t i = 0; i < t->pool.count; i++) {
        pv_choice_item *q = &t->pool.item[i];
        const double e = (double)t->score[i] - Z * score_sigma;
        q->error = e > 0 ? e : 0;
        for (int l = 0; l < PV_CHOICE_LEVELS; l++) {
            double sum = 0;
            for (size_t k = 0; k < q->cells; k++) {
                const double a = 0.7978845608 * sigma[l],
                             b = K * t->estimate[i][k] + K0 * sigma[l];
                sum += a < b ? a : b;
            }
            q->noise[l] = F * sum;
        }
    }
    double t3 = now();
    PV_TRY(pv_choose(&t->pool, &t->domain, t->have, t->haves, limit, err));
    double t4 = now();
    double total = 0;
    size_t n = 0;
    pv_clique *chosen = pv_array_alloc(t->pool.count, sizeof *chosen);
    pv_rational *s2 = pv_array_alloc(t->pool.count, sizeof *s2);
    for (size_t i = 0; i < t->pool.count; i++)
        total += t->pool.item[i].share;
    for (size_t i = 0; i < t->pool.count; i++) {
        const pv_choice_item *q = &t->pool.item[i];
        if (q->share <= 0)
            continue;
        char name[160];
        PV_TRY(pv_sigma2_for_units(
            pv_budget_part(measure_units, q->share / total), d2, &s2[n], err));
        chosen[n++] = q->clique;
        pv_clique_describe(&q->clique, t->request->schema, name, sizeof name);
        if (P("T_V", 0) > 0)
            pv_log_detail("  %s (%zu cells) error %.0f share %.5f", name,
                          q->cells, q->error, q->share);
    }
    double before = 0;
    for (size_t i = 0; i < t->pool.count; i++)
        before += t->pool.item[i].weight * t->pool.item[i].error;
    pv_log_detail("round %zu: score sigma %.0f, %zu chosen, used %.3f; now %.4f expect %.4f; "
                  "answers %.2f scores %.2f noise %.2f choose %.2f",
                  round, score_sigma, n, total, before / 48842 / 455,
                  pv_choice_value(&t->pool) / 48842 / 455, t1 - t0, t2 - t1,
                  t3 - t2, t4 - t3);
    const pv_measurement *m;
    if (n > 0)
        PV_TRY(pv_ask_measure(t->curator, chosen, s2, n, &m, err));
    memcpy(t->have + t->haves, chosen, n * sizeof *chosen);
    t->haves += n;
    free(chosen);
    free(s2);
out:
    return status;
}

static pv_status ask(const pv_request *request, pv_curator *curator,
                     pv_fit_path *path, pv_error *err)
{
    pv_status status = PV_OK;
    tree t = {.request = request, .curator = curator, .path = path};
    pv_workload single = {0};
    pv_domain_of_model(request->schema, &t.domain);
    PV_TRY(pv_schema_zero_array(request->schema, &t.zeros, &t.zero_count, err));
    PV_TRY(pv_one_way(request->schema, &single, err));
    const uint64_t total = pv_curator_remaining(curator);
    PV_TRY(pv_measure_split(curator, pv_budget_part(total, P("T_ONE", 0.1)),
                            single.clique, NULL, single.count, err));
    PV_TRY(refit(&t, 0.02, err));
    PV_TRY(make_pool(&t, (size_t)P("T_DEG", 3), err));
    t.have = pv_array_alloc(single.count + t.zero_count + 16 * t.pool.count,
                            sizeof *t.have);
    memcpy(t.have, single.clique, single.count * sizeof *t.have);
    t.haves = single.count;
    for (size_t i = 0; i < t.zero_count; i++)
        t.have[t.haves++] =
            pv_clique_of(t.zeros[i].column, t.zeros[i].columns);
    const size_t rounds = (size_t)P("T_R", 2);
    for (size_t r = 0; r < rounds; r++) {
        char name[16];
        const bool last = r + 1 == rounds;
        (void)snprintf(name, sizeof name, "T_M%zu", r);
        const double m = P(name, 0.2);
        (void)snprintf(name, sizeof name, "T_S%zu", r);
        const uint64_t score = pv_budget_part(total, P(name, 0.05));
        const uint64_t left = pv_curator_remaining(curator) - score;
        (void)snprintf(name, sizeof name, "T_MB%zu", r);
        PV_TRY(one_round(&t, r, score, last ? left : pv_budget_part(total, m),
                         (size_t)(P(name, 8) * 131072), err));
        if (!last)
            PV_TRY(refit(&t, P("T_GAP", 0.02), err));
    }
out:
    pv_workload_clear(&single);
    return status;
}

static pv_status plan(const pv_request *request, pv_plan *out, pv_error *err)
{
    (void)request;
    (void)err;
    out->note = "";
    return PV_OK;
}

const pv_generator pv_generator_tree = {
    .name = "tree",
    .summary = "marginals on a junction tree, chosen in two rounds",
    .workload = PV_WORKLOAD_OPTIONAL,
    .selects = true,
    .plan = plan,
    .ask = ask};
