#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "marginals/contract.h"

#include <string.h>

pv_clique pv_factor_clique(const pv_factor *factor)
{
    return pv_clique_of(factor->column, factor->rank);
}

pv_status pv_factor_sum(const pv_factor *from, pv_factor *to, pv_error *err)
{
    pv_map map;
    const pv_status status = pv_map_init(&map, from, to, err);
    if (status == PV_OK)
        pv_map_project(&map, from->cell, to->cell, to->cells);
    pv_map_clear(&map);
    return status;
}

/* out[x][y] = sum over z of left[x][z] right[z][y]; four z at a time, so that
 * a line of out is read and written a quarter as often. */
PV_WIDE static void product(const double *restrict left,
                            const double *restrict right, double *restrict out,
                            size_t xs, size_t zs, size_t ys)
{
    memset(out, 0, xs * ys * sizeof *out);
    for (size_t x = 0; x < xs; x++, left += zs, out += ys) {
        const double *r = right;
        size_t z = 0;
        for (; z + 4 <= zs; z += 4, r += 4 * ys) {
            const double a = left[z], b = left[z + 1], c = left[z + 2],
                         d = left[z + 3];
            for (size_t y = 0; y < ys; y++)
                out[y] += (a * r[y] + b * r[ys + y]) +
                          (c * r[2 * ys + y] + d * r[3 * ys + y]);
        }
        for (; z < zs; z++, r += ys)
            for (size_t y = 0; y < ys; y++)
                out[y] += left[z] * r[y];
    }
}

/* A copy with its axes in the order of the parts. */
static pv_status reorder(const pv_domain *domain, const pv_factor *from,
                         pv_clique first, pv_clique second, pv_clique third,
                         pv_factor *to, pv_error *err)
{
    const pv_clique part[] = {first, second, third};
    const pv_status status = pv_factor_order(to, domain, part, 3, err);
    return status == PV_OK ? pv_factor_sum(from, to, err) : status;
}

pv_status pv_contract(const pv_domain *domain, const pv_factor *a,
                      const pv_factor *b, const pv_clique *retain,
                      pv_factor *result, pv_error *err)
{
    pv_status status = PV_OK;
    pv_factor left = {0}, right = {0};
    const pv_clique of_a = pv_factor_clique(a), of_b = pv_factor_clique(b);
    const pv_clique shared = pv_clique_intersection(&of_a, &of_b);
    const pv_clique both = pv_clique_intersection(&shared, retain);
    const pv_clique summed = pv_clique_minus(&shared, retain);
    const pv_clique a_alone = pv_clique_minus(&of_a, &shared);
    const pv_clique b_alone = pv_clique_minus(&of_b, &shared);
    const size_t as = pv_domain_cells(domain, &a_alone);
    const size_t bs = pv_domain_cells(domain, &b_alone);
    const size_t zs = pv_domain_cells(domain, &summed);
    const bool swap = as > bs; /* the longer lines go to the right */
    const size_t xs = swap ? bs : as, ys = swap ? as : bs;
    const pv_clique parts[] = {both, swap ? b_alone : a_alone,
                               swap ? a_alone : b_alone};
    PV_TRY(reorder(domain, swap ? b : a, both, parts[1], summed, &left, err));
    PV_TRY(reorder(domain, swap ? a : b, both, summed, parts[2], &right, err));
    PV_TRY(pv_factor_order(result, domain, parts, 3, err));
    for (size_t h = 0; h < pv_domain_cells(domain, &both); h++)
        product(left.cell + h * xs * zs, right.cell + h * zs * ys,
                result->cell + h * xs * ys, xs, zs, ys);
out:
    pv_factor_clear(&left);
    pv_factor_clear(&right);
    return status;
}
