#include "core/memory.h"
#include "gen/tree.h"

#include <stdlib.h>
#include <string.h>

/* Where the weights of pairs add up, and triples are listed. */
typedef struct listing {
    const pv_domain *domain;
    double *pair;         /* columns x columns, first < second; < 0: none */
    pv_choice_item *triple;
    size_t triples;
} listing;

/* The columns of a marginal that vary; how many. */
static size_t varying(const pv_clique *clique, const pv_domain *domain,
                      uint32_t *column)
{
    size_t n = 0;
    for (size_t c = pv_clique_next(clique, 0); c < domain->columns;
         c = pv_clique_next(clique, c + 1))
        if (domain->levels[c] > 1)
            column[n++] = (uint32_t)c;
    return n;
}

/* Triples of the workload counted with repetition: SIZE_MAX past a million. */
static size_t count_triples(const pv_workload *w, const pv_domain *domain)
{
    uint32_t c[PV_MAX_COLUMNS];
    size_t sum = 0;
    for (size_t i = 0; i < w->count; i++) {
        const size_t n = varying(&w->clique[i], domain, c);
        sum += n < 3 ? 0 : n * (n - 1) * (n - 2) / 6;
        if (sum > 1000000)
            return SIZE_MAX;
    }
    return sum;
}

static void list_pairs(listing *l, const uint32_t *c, size_t n, double weight)
{
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++) {
            double *at = &l->pair[c[a] * l->domain->columns + c[b]];
            *at = (*at < 0 ? 0 : *at) + weight;
        }
}

static void list_triples(listing *l, const uint32_t *c, size_t n, double weight)
{
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++)
            for (size_t d = b + 1; d < n; d++) {
                const uint32_t three[3] = {c[a], c[b], c[d]};
                l->triple[l->triples++] = (pv_choice_item){
                    .clique = pv_clique_of(three, 3), .weight = weight};
            }
}

/* Lexicographic by columns: the first column that only one has decides. */
static int by_clique(const void *a, const void *b)
{
    const pv_choice_item *x = a, *y = b;
    for (size_t i = 0; i < PV_CLIQUE_WORDS; i++) {
        const uint64_t one = x->clique.word[i] ^ y->clique.word[i];
        if (one != 0)
            return (x->clique.word[i] & (one & (~one + 1))) != 0 ? -1 : 1;
    }
    /* equal ones by weight, so that every libc adds them up in one order */
    return (x->weight > y->weight) - (x->weight < y->weight);
}

static void merge_triples(listing *l)
{
    size_t n = 0;
    qsort(l->triple, l->triples, sizeof *l->triple, by_clique);
    for (size_t i = 0; i < l->triples; i++) {
        if (n > 0 && pv_clique_equal(&l->triple[n - 1].clique,
                                     &l->triple[i].clique))
            l->triple[n - 1].weight += l->triple[i].weight;
        else
            l->triple[n++] = l->triple[i];
    }
    l->triples = n;
}

static void list_all(listing *l, const pv_workload *w, bool triples)
{
    uint32_t c[PV_MAX_COLUMNS];
    for (size_t i = 0; i < w->count; i++) {
        const size_t n = varying(&w->clique[i], l->domain, c);
        const double pairs = 0.5 * (double)n * (double)(n - 1);
        const bool down = triples && n >= 3;
        list_pairs(l, c, n, down ? 0 : w->weight[i] / pairs);
        if (down)
            list_triples(l, c, n,
                         w->weight[i] * 3 / (pairs * (double)(n - 2)));
    }
}

static pv_status fill(listing *l, pv_choice *pool, pv_error *err)
{
    const size_t n = l->domain->columns;
    size_t pairs = 0;
    for (size_t i = 0; i < n * n; i++)
        pairs += l->pair[i] >= 0;
    pool->count = pairs + l->triples;
    pool->item = pv_array_calloc(pool->count, sizeof *pool->item);
    if (pool->item == NULL)
        return pv_fail_memory(err, "the candidates");
    pv_choice_item *item = pool->item;
    for (uint32_t a = 0; a < n; a++)
        for (uint32_t b = a + 1; b < n; b++)
            if (l->pair[a * n + b] >= 0)
                *item++ = (pv_choice_item){
                    .clique = pv_clique_of((uint32_t[]){a, b}, 2),
                    .weight = l->pair[a * n + b]};
    if (l->triples > 0)
        memcpy(item, l->triple, l->triples * sizeof *item);
    return pv_choice_link(pool, l->domain, err);
}

pv_status pv_tree_candidates(const pv_workload *workload,
                             const pv_domain *domain, pv_choice *pool,
                             pv_error *err)
{
    pv_status status = PV_OK;
    const size_t n = domain->columns;
    pv_workload all = {0};
    listing l = {domain, pv_array_alloc(n * n, sizeof *l.pair), NULL, 0};
    memset(pool, 0, sizeof *pool);
    if (l.pair == NULL)
        return pv_fail_memory(err, "the candidates");
    if (workload == NULL) {
        const size_t k = n < 3 ? n : 3;
        PV_TRY(pv_workload_varying(domain, k, 0, &all, err));
        workload = &all;
    }
    for (size_t i = 0; i < n * n; i++)
        l.pair[i] = -1;
    const size_t listed = count_triples(workload, domain);
    if (listed != SIZE_MAX && listed > 0) {
        l.triple = pv_array_alloc(listed, sizeof *l.triple);
        if (l.triple == NULL) {
            status = pv_fail_memory(err, "the candidates");
            goto out;
        }
        list_all(&l, workload, true);
        merge_triples(&l);
    }
    if (l.triples == 0 || l.triples > PV_TREE_TRIPLES) {
        for (size_t i = 0; i < n * n; i++)
            l.pair[i] = -1;
        l.triples = 0;
        list_all(&l, workload, false);
    }
    PV_TRY(fill(&l, pool, err));
out:
    pv_workload_clear(&all);
    free(l.pair);
    free(l.triple);
    if (status != PV_OK)
        pv_choice_clear(pool);
    return status;
}

size_t pv_tree_cells(const pv_choice *pool)
{
    size_t sum = 0;
    for (size_t i = 0; i < pool->count; i++)
        if (!pv_size_add(sum, pool->item[i].cells, &sum))
            return SIZE_MAX;
    return sum;
}

/* Measured on Adult, whose average tree has 4,705 cells: a first model of 1.4
 * times that and a last one of 60 times; larger ones gain little and take
 * longer in proportion. */
size_t pv_tree_limit(const pv_choice *pool, const pv_domain *domain,
                     size_t memory, size_t round)
{
    const double bytes_per_cell = 64, least = 280000, most = 4e6;
    uint32_t column[PV_MAX_COLUMNS];
    double pairs = 0, cells = 0;
    const double n = (double)pv_domain_varying(domain, column);
    for (size_t i = 0; i < pool->count && pool->item[i].parts == 0; i++) {
        pairs++;
        cells += (double)pool->item[i].cells;
    }
    const double tree = pairs > 0 ? cells / pairs * (n - 1) : 0;
    double limit = 1.4 * tree;
    if (round + 1 == PV_TREE_ROUNDS) {
        const double full = 60 * tree < most ? 60 * tree : most;
        limit = 2 * limit > full ? 2 * limit : full;
        limit = limit > least ? limit : least;
    }
    if (memory > 0 && limit > (double)memory / bytes_per_cell)
        limit = (double)memory / bytes_per_cell;
    return (size_t)limit;
}
