#include "gen/candidates.h"

#include "core/memory.h"
#include "gen/budget.h"
#include "marginals/jtree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- the closure ---------------------------------------------------------- */

typedef struct closure {
    pv_clique *clique;
    size_t count, room;
} closure;

static pv_status add_subsets(closure *c, const pv_clique *clique,
                             pv_error *err)
{
    enum { widest = 16 };
    uint32_t column[widest];
    const size_t k = pv_clique_count(clique);
    if (k > widest)
        return pv_fail(err, PV_ETOOBIG,
                       "a marginal of the workload has %zu columns; the "
                       "methods that choose take at most %d",
                       k, widest);
    (void)pv_clique_columns(clique, column, widest);
    for (size_t subset = 1; subset < (size_t)1 << k; subset++) {
        if (c->count == c->room) {
            c->room = 2 * c->room + 256;
            pv_clique *more =
                pv_array_realloc(c->clique, c->room, sizeof *more);
            if (more == NULL)
                return pv_fail_memory(err, "the candidates");
            c->clique = more;
        }
        pv_clique *q = &c->clique[c->count++];
        *q = pv_clique_empty();
        for (size_t j = 0; j < k; j++)
            if ((subset >> j & 1) != 0)
                pv_clique_add(q, column[j]);
    }
    return PV_OK;
}

static int by_columns(const void *a, const void *b)
{
    const pv_clique *x = a, *y = b;
    for (size_t i = 0; i < PV_CLIQUE_WORDS; i++)
        if (x->word[i] != y->word[i])
            return x->word[i] < y->word[i] ? -1 : 1;
    return 0;
}

static void drop_repeated(closure *c)
{
    size_t kept = 0;
    qsort(c->clique, c->count, sizeof *c->clique, by_columns);
    for (size_t i = 0; i < c->count; i++)
        if (kept == 0 || !pv_clique_equal(&c->clique[i], &c->clique[kept - 1]))
            c->clique[kept++] = c->clique[i];
    c->count = kept;
}

static pv_status close_down(closure *c, const pv_workload *w, pv_error *err)
{
    enum { most = 1000000 };
    pv_status status = PV_OK;
    size_t checked = 0;
    for (size_t i = 0; i < w->count; i++) {
        PV_TRY(add_subsets(c, &w->clique[i], err));
        if (c->count < 2 * checked + 65536 && i + 1 < w->count)
            continue;
        drop_repeated(c); /* now and then, so that it stays small */
        checked = c->count;
        if (c->count > most) {
            status = pv_fail(err, PV_ETOOBIG,
                             "the workload and its subsets are more than %d "
                             "marginals; use --degree 2, fewer columns, or "
                             "method tree",
                             most);
            goto out;
        }
    }
out:
    return status;
}

/* The sum over the workload of weight(s) |r and s| is a sum over r's columns
 * of the weight that the workload puts on each. */
static void weigh(pv_candidates *c, const pv_workload *w)
{
    double of_column[PV_MAX_COLUMNS] = {0}, top = 0;
    for (size_t i = 0; i < w->count; i++)
        for (size_t k = pv_clique_next(&w->clique[i], 0); k < PV_MAX_COLUMNS;
             k = pv_clique_next(&w->clique[i], k + 1))
            of_column[k] += w->weight[i];
    for (size_t i = 0; i < c->count; i++) {
        c->weight[i] = 0;
        for (size_t k = pv_clique_next(&c->clique[i], 0); k < PV_MAX_COLUMNS;
             k = pv_clique_next(&c->clique[i], k + 1))
            c->weight[i] += of_column[k];
        if (c->weight[i] > top)
            top = c->weight[i];
    }
    for (size_t i = 0; i < c->count; i++)
        c->weight[i] /= top;
}

pv_status pv_candidates_init(pv_candidates *c, const pv_request *request,
                             pv_error *err)
{
    pv_status status = PV_OK;
    closure all = {0};
    memset(c, 0, sizeof *c);
    pv_domain_of_model(request->schema, &c->domain);
    status = close_down(&all, request->workload, err);
    c->clique = all.clique;
    c->count = all.count;
    if (status != PV_OK)
        goto out;
    c->weight = pv_array_alloc(c->count, sizeof *c->weight);
    c->cells = pv_array_alloc(c->count, sizeof *c->cells);
    c->ask = pv_array_alloc(c->count, sizeof *c->ask);
    c->index = pv_array_alloc(c->count, sizeof *c->index);
    c->growth = pv_array_alloc(c->count, sizeof *c->growth);
    c->priority = pv_array_alloc(c->count, sizeof *c->priority);
    if (c->weight == NULL || c->cells == NULL || c->ask == NULL ||
        c->index == NULL || c->growth == NULL || c->priority == NULL) {
        status = pv_fail_memory(err, "the candidates");
        goto out;
    }
    for (size_t i = 0; i < c->count; i++)
        c->cells[i] = pv_domain_cells(&c->domain, &c->clique[i]);
    weigh(c, request->workload);
out:
    if (status != PV_OK)
        pv_candidates_clear(c);
    return status;
}

void pv_candidates_clear(pv_candidates *c)
{
    free(c->clique);
    free(c->weight);
    free(c->cells);
    free(c->ask);
    free(c->index);
    free(c->growth);
    free(c->priority);
    free(c->answer);
    memset(c, 0, sizeof *c);
}

/* An answer may take a table of this many cells on the way; the few candidates
 * that would take more wait for a model that has them nearer together. */
static const size_t widest_table = 1 << 21;

/* --- a round -------------------------------------------------------------- */

/* Those that keep the model under its limit and that are not hopeless: too
 * large for the noise to leave anything of them, whatever the rows are. */
static pv_status list_open(pv_candidates *c, const pv_model *model,
                           const pv_candidates_round *r, pv_error *err)
{
    pv_jtree_sizer *sizer = NULL;
    const double now = (double)pv_model_cells(model);
    const double hopeless = 10 * pv_model_total(model) / r->sigma;
    const pv_status status =
        pv_jtree_sizer_alloc(&c->domain, r->have, r->haves, &sizer, err);
    c->open = 0;
    for (size_t i = 0; status == PV_OK && i < c->count; i++) {
        double growth = 0;
        if ((double)c->cells[i] > hopeless && pv_clique_count(&c->clique[i]) > 1)
            continue;
        if (!pv_model_holds(model, &c->clique[i])) {
            const double size =
                (double)pv_jtree_sizer_with(sizer, &c->clique[i]);
            if (size > r->limit && size > now)
                continue;
            growth = size > now ? (size - now) / r->limit : 0;
        }
        if (pv_model_answer_size(model, &c->clique[i]) > widest_table)
            continue;
        c->index[c->open] = i;
        c->growth[c->open++] = growth;
    }
    pv_jtree_sizer_free(sizer);
    return status;
}

/* Leaves out the largest while counts and answers would not fit. */
static size_t fit_memory(pv_candidates *c, size_t memory)
{
    const size_t each = sizeof(double) + sizeof(int64_t);
    for (;;) {
        size_t total = 0, largest = 0, kept = 0;
        for (size_t i = 0; i < c->open; i++) {
            total += c->cells[c->index[i]];
            if (c->cells[c->index[i]] > largest)
                largest = c->cells[c->index[i]];
        }
        if (memory == 0 || total <= memory / each || c->open <= 1)
            return total;
        for (size_t i = 0; i < c->open; i++)
            if (c->cells[c->index[i]] < largest) {
                c->index[kept] = c->index[i];
                c->growth[kept++] = c->growth[i];
            }
        c->open = kept;
    }
}

static pv_status answer(pv_candidates *c, const pv_model *model, size_t cells,
                        pv_error *err)
{
    pv_status status = PV_OK;
    double **to = pv_array_alloc(c->open, sizeof *to);
    pv_clique *query = pv_array_alloc(c->open, sizeof *query);
    free(c->answer);
    c->answer = pv_array_alloc(cells, sizeof *c->answer);
    if (to == NULL || query == NULL || c->answer == NULL) {
        status = pv_fail_memory(err, "the candidates");
        goto out;
    }
    double *at = c->answer;
    for (size_t i = 0; i < c->open; i++) {
        query[i] = c->clique[c->index[i]];
        to[i] = at;
        at += c->cells[c->index[i]];
        c->ask[i] = (pv_candidate){.clique = query[i], .estimate = to[i]};
    }
    PV_TRY(pv_model_answers(model, query, c->open, to, err));
out:
    free(to);
    free(query);
    return status;
}

/* Of the noise that a marginal alone would keep: others that are measured too
 * make some of it good. */
static const double heeded = 0.7;

static void price(pv_candidates *c, double sigma)
{
    enum { heaviest = 4096 };
    double top = 0;
    for (size_t i = 0; i < c->open; i++) {
        c->priority[i] =
            c->weight[c->index[i]] * pv_power(1 + 20 * c->growth[i], -0.15);
        if (c->priority[i] > top)
            top = c->priority[i];
    }
    for (size_t i = 0; i < c->open; i++) {
        const double w = floor(heaviest * (c->priority[i] / top) + 0.5);
        c->ask[i].weight = w < 1 ? 1 : (uint32_t)w;
        c->ask[i].bias = heeded * pv_noise_left(c->ask[i].estimate,
                                                c->cells[c->index[i]], sigma);
    }
}

pv_status pv_candidates_open(pv_candidates *c, const pv_model *model,
                             const pv_candidates_round *round, pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(list_open(c, model, round, err));
    const size_t cells = fit_memory(c, round->memory);
    if (c->open == 0) {
        status = pv_fail(err, PV_EBUDGET,
                         "no marginal of the workload can be measured within "
                         "the budget and the memory; raise --epsilon or "
                         "--memory, or use coarser columns");
        goto out;
    }
    PV_TRY(answer(c, model, cells, err));
    price(c, round->sigma);
out:
    return status;
}
