#include "audit/fidelity/alpha.h"

#include "core/memory.h"

#include <math.h>
#include <stdlib.h>

enum { steps = 30 };

size_t pv_medoid(const uint32_t *distance, size_t rows)
{
    uint64_t least = UINT64_MAX;
    size_t medoid = 0;
    for (size_t i = 0; i < rows; i++) {
        uint64_t sum = 0;
        for (size_t j = 0; j < rows; j++)
            sum += distance[i * rows + j];
        if (sum < least) {
            least = sum;
            medoid = i;
        }
    }
    return medoid;
}

static int rising(const void *left, const void *right)
{
    const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* How many of the sorted distances are at most `radius`. */
static size_t inside(const uint32_t *sorted, size_t n, uint32_t radius)
{
    size_t low = 0, high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (sorted[middle] <= radius)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* 1 - sum |share of own - share of other| / sum share of own, over the balls that
 * reach to the k / 30 quantile of `own`. With ties a ball holds more than k / 30 of
 * its own table: by what it does hold, a copy gets 1. `own` and `other` are sorted;
 * `of` is what shares of `other` are of. */
static double agreement(const uint32_t *own, size_t n, const uint32_t *other,
                        size_t m, size_t of)
{
    double apart = 0, all = 0;
    for (size_t k = 1; k <= steps; k++) {
        const size_t last = (k * n + steps - 1) / steps - 1; /* from 0 */
        const uint32_t radius = own[last];
        const double mine = (double)inside(own, n, radius) / (double)n;
        const double its = (double)inside(other, m, radius) / (double)of;
        apart += fabs(mine - its);
        all += mine;
    }
    return 1 - apart / all;
}

static uint32_t *copy_sorted(const uint32_t *from, size_t n)
{
    uint32_t *to = pv_array_alloc(n, sizeof *to);
    for (size_t i = 0; to != NULL && i < n; i++)
        to[i] = from[i];
    if (to != NULL)
        qsort(to, n, sizeof *to, rising);
    return to;
}

/* Of the real rows that have a synthetic one no farther than their nearest real one,
 * how far that is from the synthetic centre (of several, the most central);
 * returns how many there are. */
static size_t find_recalled(const pv_alpha *a, uint32_t *found)
{
    const size_t n = a->rows[0];
    size_t recalled = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t nearest = UINT32_MAX, central = UINT32_MAX;
        for (size_t j = 0; j < a->rows[1]; j++) {
            const uint32_t d = a->apart[j * n + i], c = a->within[1][j];
            if (d < nearest || (d == nearest && c < central))
                central = c;
            nearest = d < nearest ? d : nearest;
        }
        if (nearest <= a->closest[i])
            found[recalled++] = central;
    }
    return recalled;
}

/* A synthetic row is a likely copy when it is no farther from a real row nearest to
 * it than that row's own nearest is. */
static double authentic(const pv_alpha *a)
{
    const size_t n = a->rows[0], m = a->rows[1];
    size_t copies = 0;
    for (size_t j = 0; j < m; j++) {
        const uint32_t *d = &a->apart[j * n];
        uint32_t nearest = UINT32_MAX;
        bool copy = false;
        for (size_t i = 0; i < n; i++)
            nearest = d[i] < nearest ? d[i] : nearest;
        for (size_t i = 0; i < n; i++)
            copy = copy || (d[i] == nearest && nearest <= a->closest[i]);
        copies += copy;
    }
    return (double)(m - copies) / (double)m;
}

pv_status pv_alpha_measure(pv_alpha *a, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t n = a->rows[0], m = a->rows[1];
    uint32_t *own[2] = {copy_sorted(a->within[0], n),
                        copy_sorted(a->within[1], m)};
    uint32_t *other = pv_array_alloc(m, sizeof *other);
    uint32_t *found = pv_array_alloc(n, sizeof *found);
    if (own[0] == NULL || own[1] == NULL || other == NULL || found == NULL) {
        status = pv_fail_memory(err, "neighbours");
        goto out;
    }
    for (size_t j = 0; j < m; j++)
        other[j] = a->apart[j * n + a->centre[0]];
    qsort(other, m, sizeof *other, rising);
    a->precision = agreement(own[0], n, other, m, m);
    const size_t recalled = find_recalled(a, found);
    qsort(found, recalled, sizeof *found, rising);
    a->recall = agreement(own[1], m, found, recalled, n);
    a->authenticity = authentic(a);
out:
    free(own[0]);
    free(own[1]);
    free(other);
    free(found);
    return status;
}
