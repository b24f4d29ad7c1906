/* What the tests of models share: a small domain whose joint table is written
 * out, and the slow way to everything. */
#ifndef PV_TESTS_MODEL_FIXTURE_H
#define PV_TESTS_MODEL_FIXTURE_H

#include "marginals/estimate.h"
#include "marginals/model.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static inline double uniform(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-53;
}

/* The cell of the marginal over `clique` that joint cell k falls into. */
static inline size_t marginal_cell(const pv_domain *domain,
                                   const pv_clique *clique, size_t k)
{
    size_t digit[PV_MAX_COLUMNS], at = 0;
    for (size_t c = domain->columns; c-- > 0;) {
        digit[c] = k % domain->levels[c];
        k /= domain->levels[c];
    }
    for (size_t c = 0; c < domain->columns; c++)
        if (pv_clique_has(clique, c))
            at = at * domain->levels[c] + digit[c];
    return at;
}

static inline size_t joint_cells(const pv_domain *domain)
{
    size_t cells = 1;
    for (size_t c = 0; c < domain->columns; c++)
        cells *= domain->levels[c];
    return cells;
}

static inline void joint_marginal(const pv_domain *domain,
                                  const pv_clique *clique, const double *joint,
                                  double *out)
{
    memset(out, 0, pv_domain_cells(domain, clique) * sizeof *out);
    for (size_t k = 0; k < joint_cells(domain); k++)
        out[marginal_cell(domain, clique, k)] += joint[k];
}

/* One zero over two columns: forbidden where both masks are true. */
typedef struct pair_zero {
    uint32_t column[2];
    bool first[16], second[16];
    bool *mask[2];
    pv_zero zero;
} pair_zero;

static inline void pair_zero_init(pair_zero *z, uint32_t a, uint32_t b)
{
    memset(z, 0, sizeof *z);
    z->column[0] = a;
    z->column[1] = b;
    z->mask[0] = z->first;
    z->mask[1] = z->second;
    z->zero = (pv_zero){2, z->column, (bool *const *)z->mask, "test"};
}

static inline bool joint_forbidden(const pv_domain *domain,
                                   const pair_zero *z, size_t k)
{
    pv_clique a = pv_clique_of(&z->column[0], 1),
              b = pv_clique_of(&z->column[1], 1);
    return z->first[marginal_cell(domain, &a, k)] &&
           z->second[marginal_cell(domain, &b, k)];
}

#endif
