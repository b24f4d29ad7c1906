#include "core/memory.h"
#include "marginals/factor.h"
#include "marginals/jtree.h"

#include <stdlib.h>
#include <string.h>

/* The same elimination as pv_jtree_build, on words of 64 columns: a choice
 * among hundreds of candidates asks for hundreds of sizes. */

enum { narrow = 64 };

struct pv_jtree_sizer {
    pv_domain domain;
    pv_clique *clique; /* the fixed ones, and room for one more */
    size_t cliques;
    bool is_narrow;
    double log_levels[narrow];
    uint64_t near[narrow]; /* neighbours by the fixed cliques */
};

static void connect(uint64_t *near, uint64_t clique)
{
    for (uint64_t left = clique; left != 0; left &= left - 1) {
        const int i = __builtin_ctzll(left);
        near[i] |= clique & ~(UINT64_C(1) << i);
    }
}

static double cost_of(const pv_jtree_sizer *s, const uint64_t *near, size_t i)
{
    double cost = s->log_levels[i];
    for (uint64_t left = near[i]; left != 0; left &= left - 1)
        cost += s->log_levels[__builtin_ctzll(left)];
    return cost;
}

static bool add_cells(const pv_domain *domain, uint64_t clique, size_t *total)
{
    size_t cells = 1;
    for (; clique != 0; clique &= clique - 1)
        if (!pv_size_mul(cells, domain->levels[__builtin_ctzll(clique)],
                         &cells))
            return false;
    return pv_size_add(*total, cells, total);
}

/* Adds the clique unless an earlier one holds it. */
static bool keep_maximal(const pv_domain *domain, uint64_t *kept,
                         size_t *count, uint64_t made, size_t *total)
{
    for (size_t i = 0; i < *count; i++)
        if ((made & ~kept[i]) == 0)
            return true;
    kept[(*count)++] = made;
    return add_cells(domain, made, total);
}

static size_t eliminate(const pv_jtree_sizer *s, uint64_t *near)
{
    double cost[narrow];
    uint64_t kept[narrow];
    const size_t columns = s->domain.columns;
    size_t count = 0, total = 0;
    uint64_t left = columns == narrow ? ~UINT64_C(0)
                                      : (UINT64_C(1) << columns) - 1;
    for (size_t i = 0; i < columns; i++)
        cost[i] = cost_of(s, near, i);
    while (left != 0) {
        size_t best = (size_t)__builtin_ctzll(left);
        for (uint64_t rest = left; rest != 0; rest &= rest - 1) {
            const size_t i = (size_t)__builtin_ctzll(rest);
            if (cost[i] < cost[best] - 1e-9) /* as pv_jtree_build */
                best = i;
        }
        const uint64_t around = near[best], bit = UINT64_C(1) << best;
        if (!keep_maximal(&s->domain, kept, &count, around | bit, &total))
            return SIZE_MAX;
        connect(near, around);
        left &= ~bit;
        for (uint64_t rest = around; rest != 0; rest &= rest - 1) {
            const size_t i = (size_t)__builtin_ctzll(rest);
            near[i] &= ~bit;
            cost[i] = cost_of(s, near, i);
        }
    }
    return total;
}

pv_status pv_jtree_sizer_alloc(const pv_domain *domain,
                               const pv_clique *clique, size_t cliques,
                               pv_jtree_sizer **sizer, pv_error *err)
{
    pv_jtree_sizer *s = pv_array_calloc(1, sizeof *s);
    if (s != NULL)
        s->clique = pv_array_alloc(cliques + 1, sizeof *s->clique);
    if (s == NULL || s->clique == NULL) {
        free(s);
        return pv_fail_memory(err, "a junction tree");
    }
    s->domain = *domain;
    s->cliques = cliques;
    if (cliques > 0)
        memcpy(s->clique, clique, cliques * sizeof *s->clique);
    s->is_narrow = domain->columns <= narrow;
    for (size_t i = 0; s->is_narrow && i < domain->columns; i++)
        s->log_levels[i] = pv_log((double)domain->levels[i]);
    for (size_t i = 0; s->is_narrow && i < cliques; i++)
        connect(s->near, clique[i].word[0]);
    *sizer = s;
    return PV_OK;
}

void pv_jtree_sizer_free(pv_jtree_sizer *s)
{
    if (s == NULL)
        return;
    free(s->clique);
    free(s);
}

size_t pv_jtree_sizer_with(const pv_jtree_sizer *s, const pv_clique *clique)
{
    uint64_t near[narrow];
    if (!s->is_narrow) {
        s->clique[s->cliques] = *clique;
        return pv_jtree_size(&s->domain, s->clique, s->cliques + 1);
    }
    memcpy(near, s->near, sizeof near);
    connect(near, clique->word[0]);
    return eliminate(s, near);
}
