#include "core/log.h"
#include "core/memory.h"
#include "gen/budget.h"
#include "gen/methods.h"
#include "marginals/factor.h"
#include "marginals/jtree.h"

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

typedef struct aim {
    const pv_request *request;
    pv_curator *curator;
    pv_domain domain;
    pv_zero *zeros;
    size_t zero_count;
    pv_workload closure;
    uint32_t *weight;
    double **answer;
    pv_model *model;
    pv_fit_path *path;
    pv_candidate *open;
    size_t *index;
    double *grown;
    double t_fit, t_ans, t_size, t_sel;
} aim;

static int by_clique(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(pv_clique));
}

static pv_status close_down(aim *a, pv_error *err)
{
    const pv_workload *w = a->request->workload;
    size_t n = 0, room = 0;
    pv_clique *all = NULL;
    for (size_t i = 0; i < w->count; i++) {
        uint32_t c[PV_MAX_COLUMNS];
        const size_t k = pv_clique_columns(&w->clique[i], c, PV_MAX_COLUMNS);
        for (size_t mask = 1; mask < (size_t)1 << k; mask++) {
            if (n == room) {
                room = 2 * room + 64;
                all = pv_array_realloc(all, room, sizeof *all);
            }
            pv_clique q = pv_clique_empty();
            for (size_t j = 0; j < k; j++)
                if (mask >> j & 1)
                    pv_clique_add(&q, c[j]);
            all[n++] = q;
        }
    }
    qsort(all, n, sizeof *all, by_clique);
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        if (m == 0 || !pv_clique_equal(&all[i], &all[m - 1]))
            all[m++] = all[i];
    a->closure.clique = all;
    a->closure.count = m;
    a->closure.weight = pv_array_calloc(m, sizeof(double));
    a->weight = pv_array_calloc(m, sizeof *a->weight);
    a->answer = pv_array_calloc(m, sizeof *a->answer);
    a->open = pv_array_calloc(m, sizeof *a->open);
    a->index = pv_array_calloc(m, sizeof *a->index);
    double top = 0;
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < w->count; j++) {
            const pv_clique s = pv_clique_intersection(&all[i], &w->clique[j]);
            a->closure.weight[i] += w->weight[j] * (double)pv_clique_count(&s);
        }
        top = fmax(top, a->closure.weight[i]);
    }
    for (size_t i = 0; i < m; i++) {
        const double s = round(4096 * a->closure.weight[i] / top);
        a->weight[i] = s < 1 ? 1 : (uint32_t)s;
        a->answer[i] = pv_array_alloc(
            pv_domain_cells(&a->domain, &all[i]), sizeof(double));
    }
    (void)err;
    return PV_OK;
}

static pv_status refit(aim *a, pv_error *err)
{
    pv_status status = PV_OK;
    pv_target *targets = NULL;
    const pv_measurement *measurements;
    size_t rows = 0;
    pv_model *next = NULL;
    pv_fit_report report;
    const double t0 = now();
    const size_t count = pv_curator_measurements(a->curator, &measurements);
    (void)pv_curator_public_rows(a->curator, &rows);
    const pv_fit_options options = {.total = (double)rows,
                                    .gap = P("A_GAP", 0.02),
                                    .steps = (size_t)P("A_STEPS", 4),
                                    .weight = P("A_WEIGHT", 4),
                                    .memory = a->request->memory};
    PV_TRY(pv_targets_of(measurements, count, &targets, err));
    PV_TRY(pv_estimate(&a->domain, a->zeros, a->zero_count, targets, count,
                       &options, a->path, &next, &report, err));
    pv_model_free(a->model);
    a->model = next;
    a->t_fit += now() - t0;
    pv_log_detail("fit %zu measured, %zu iterations, %zu cells, %.2f s", count,
                  report.iterations, pv_model_cells(next), now() - t0);
out:
    free(targets);
    return status;
}

static size_t list_open(aim *a, const pv_clique *have, size_t haves,
                        double sigma, double limit_cells)
{
    size_t n = 0;
    if (a->grown == NULL) a->grown = pv_array_calloc(a->closure.count, 8);
    const double size_now = (double)pv_model_cells(a->model);
    pv_clique *all = pv_array_alloc(haves + a->zero_count + 1, sizeof *all);
    memcpy(all, have, haves * sizeof *all);
    for (size_t i = 0; i < a->zero_count; i++)
        all[haves + i] =
            pv_clique_of(a->zeros[i].column, a->zeros[i].columns);
    for (size_t i = 0; i < a->closure.count; i++) {
        const pv_clique *q = &a->closure.clique[i];
        bool inside = false;
        for (size_t j = 0; j < haves && !inside; j++)
            inside = pv_clique_subset(q, &have[j]);
        a->grown[n] = 0;
        if (!inside) {
            all[haves + a->zero_count] = *q;
            const double size = (double)pv_jtree_size(&a->domain, all,
                                      haves + a->zero_count + 1);
            if (size > limit_cells)
                continue;
            a->grown[n] = (size - size_now) / limit_cells;
            if (a->grown[n] < 0) a->grown[n] = 0;
        }
        a->open[n] = (pv_candidate){
            .clique = *q,
            .estimate = a->answer[i],
            .bias = P("A_BIAS", 1) * 0.7978845608 * sigma *
                    (double)pv_domain_cells(&a->domain, q),
            .weight = a->weight[i]};
        a->index[n++] = i;
    }
    free(all);
    return n;
}

static pv_status answer_all(aim *a, const size_t *which, size_t n,
                            double **into, pv_error *err)
{
    pv_clique *q = pv_array_alloc(n, sizeof *q);
    double **to = pv_array_alloc(n, sizeof *to);
    const double t0 = now();
    for (size_t i = 0; i < n; i++) {
        q[i] = a->closure.clique[which[i]];
        to[i] = into[i];
    }
    const pv_status s = pv_model_answers(a->model, q, n, to, err);
    free(q);
    free(to);
    a->t_ans += now() - t0;
    return s;
}

static pv_status ask(const pv_request *request, pv_curator *curator,
                     pv_fit_path *path, pv_error *err)
{
    pv_status status = PV_OK;
    aim a = {.request = request, .curator = curator};
    pv_workload single = {0};
    pv_domain_of_model(request->schema, &a.domain);
    PV_TRY(pv_schema_zero_array(request->schema, &a.zeros, &a.zero_count, err));
    a.path = path;
    PV_TRY(close_down(&a, err));
    PV_TRY(pv_one_way(request->schema, &single, err));
    const uint64_t total = pv_curator_remaining(curator);
    const double d = (double)single.count;
    PV_TRY(pv_measure_split(curator,
                            pv_budget_part(total, P("A_ONE", 0.1)),
                            single.clique, NULL, single.count, err));
    PV_TRY(refit(&a, err));
    pv_clique *have = pv_array_alloc(4096, sizeof *have);
    size_t haves = single.count;
    memcpy(have, single.clique, haves * sizeof *have);
    double unit = (double)total / (P("A_T", 16) * d);
    const double share = P("A_SEL", 0.1);
    const size_t picks = (size_t)P("A_PICKS", 1);
    const uint64_t d2 = pv_curator_sensitivity2(curator);
    bool last = false;
    for (size_t round = 0; !last; round++) {
        const double left = (double)pv_curator_remaining(curator) -
                            (double)total * P("A_FINAL", 0);
        double use = unit * (double)picks;
        if (left < 2 * use) {
            use = left;
            last = true;
        }
        const uint64_t sel = (uint64_t)(use * share / (double)picks);
        const uint64_t mea = (uint64_t)(use * (1 - share) / (double)picks);
        pv_rational sigma2;
        PV_TRY(pv_sigma2_for_units(mea, d2, &sigma2, err));
        const double sigma = sqrt((double)sigma2.num / (double)sigma2.den);
        const double used = 1 - (left - use) / (double)total;
        double t0 = now();
        size_t n = list_open(&a, have, haves, sigma,
                             P("A_MB", 80) * 131072 * used);
        a.t_size += now() - t0;
        double **to = pv_array_alloc(n, sizeof *to);
        for (size_t i = 0; i < n; i++)
            to[i] = a.answer[a.index[i]];
        PV_TRY(answer_all(&a, a.index, n, to, err));
        free(to);
        double *sig = pv_array_alloc(n + 1, sizeof *sig);
        uint64_t *mu = pv_array_alloc(n + 1, sizeof *mu);
        const double price = P("A_PRICE", 0), ratio = P("A_RATIO", 0);
        const double K = P("A_K", 1e9), K0 = P("A_K0", 0), B = P("A_BIAS", 1);
        double topw = 0;
        double *wt = pv_array_alloc(n + 1, sizeof *wt);
        for (size_t i = 0; i < n; i++) {
            double sum = 0;
            const size_t cells = pv_domain_cells(&a.domain, &a.open[i].clique);
            double b = last ? 1 : pow((double)cells / P("A_REF", 150), price);
            b = fmin(P("A_HI", 8), fmax(P("A_LO", 0.125), b));
            mu[i] = (uint64_t)((double)mea * b);
            sig[i] = sqrt((double)d2 / (2 * (double)mu[i] / 0x1p40));
            for (size_t k = 0; k < cells; k++)
                sum += fmin(0.7978845608 * sig[i],
                            K * a.open[i].estimate[k] + K0 * sig[i]);
            a.open[i].bias = B * sum;
            wt[i] = a.closure.weight[a.index[i]] * pow(b, -ratio) *
                    pow(1 + P("A_GC", 20) * a.grown[i], -P("A_SIZE", 0));
            topw = fmax(topw, wt[i]);
        }
        for (size_t i = 0; i < n; i++) {
            const double w = floor(0.5 + 4096 * wt[i] / topw);
            a.open[i].weight = w < 1 ? 1 : (uint32_t)w;
        }
        pv_clique chosen[64];
        size_t which[64];
        double bias[64];
        pv_rational s2[64];
        t0 = now();
        for (size_t p = 0; p < picks; p++) {
            size_t c;
            PV_TRY(pv_ask_select(curator, a.open, n, pv_epsilon_for_units(sel),
                                 &c, err));
            chosen[p] = a.open[c].clique;
            which[p] = a.index[c];
            bias[p] = a.open[c].bias;
            PV_TRY(pv_sigma2_for_units(mu[c], d2, &s2[p], err));
            mu[c] = mu[n - 1];
            a.open[c] = a.open[n - 1];
            a.index[c] = a.index[n - 1];
            n--;
        }
        a.t_sel += now() - t0;
        const pv_measurement *m;
        PV_TRY(pv_ask_measure(curator, chosen, s2, picks, &m, err));
        size_t small = 0;
        double *before[64];
        for (size_t p = 0; p < picks; p++) {
            char name[200];
            const size_t cells = pv_domain_cells(&a.domain, &chosen[p]);
            before[p] = pv_array_alloc(cells, sizeof(double));
            memcpy(before[p], a.answer[which[p]], cells * sizeof(double));
            have[haves++] = chosen[p];
            pv_clique_describe(&chosen[p], request->schema, name, sizeof name);
            pv_log_detail("round %zu: sigma %.1f, %zu open, %s (%zu cells)",
                          round, sigma, n, name, cells);
        }
        if (last)
            break;
        PV_TRY(refit(&a, err));
        double *to2[64];
        for (size_t p = 0; p < picks; p++)
            to2[p] = a.answer[which[p]];
        PV_TRY(answer_all(&a, which, picks, to2, err));
        for (size_t p = 0; p < picks; p++) {
            const size_t cells = pv_domain_cells(&a.domain, &chosen[p]);
            double l1 = 0;
            for (size_t k = 0; k < cells; k++)
                l1 += fabs(before[p][k] - to2[p][k]);
            if (l1 <= P("A_ANN", 1) * bias[p])
                small++;
            free(before[p]);
        }
        if (2 * small >= picks)
            {
                const double rest = (double)pv_curator_remaining(curator);
                const double more = fmin(unit * P("A_FACTOR", 4), rest / P("A_CAP", 1));
                if (more > unit) unit = more;
            }
    }
    if (P("A_FINAL", 0) > 0)
        PV_TRY(pv_measure_split(curator, pv_curator_remaining(curator) / 100 * 98,
                                have + single.count, NULL,
                                haves - single.count, err));
    pv_log_detail("fit %.2f answers %.2f size %.2f select %.2f", a.t_fit,
                  a.t_ans, a.t_size, a.t_sel);
out:
    return status;
}

static pv_status plan(const pv_request *request, pv_plan *out, pv_error *err)
{
    (void)request;
    (void)err;
    out->note = "";
    return PV_OK;
}

const pv_generator pv_generator_aim = {
    .name = "aim",
    .summary = "marginals chosen one by one against the model so far",
    .workload = PV_WORKLOAD_OPTIONAL,
    .plan = plan,
    .ask = ask};
