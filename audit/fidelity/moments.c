#include "audit/fidelity/moments.h"

#include <math.h>

enum { deciles = 10 };

static double median_of(const pv_numbers *n, const uint64_t *count,
                        uint64_t present)
{
    const uint64_t low = (present - 1) / 2, high = present / 2;
    double below = NAN;
    uint64_t seen = 0;
    for (size_t i = 0; i < n->count; i++) {
        const uint64_t end = seen + count[i];
        if (low >= seen && low < end)
            below = n->value[i];
        if (high >= seen && high < end)
            return below + (n->value[i] - below) / 2;
        seen = end;
    }
    return NAN;
}

pv_moments pv_moments_of(const pv_numbers *n, const uint64_t *count)
{
    pv_moments m = {0};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n->count; i++) {
        m.present += count[i];
        sum += (double)count[i] * n->value[i];
    }
    m.mean = sum / (double)m.present;
    for (size_t i = 0; i < n->count; i++) {
        const double off = n->value[i] - m.mean;
        squares += (double)count[i] * off * off;
    }
    m.sd = m.present > 1 ? sqrt(squares / ((double)m.present - 1)) : NAN;
    m.median = m.present > 0 ? median_of(n, count, m.present) : NAN;
    return m;
}

/* Adds `other` numbers whose real rows have the ranks first .. end of `real` (end
 * == first: none has) to the tenths: a tenth is `real` tenths of a rank long. */
static void spread(uint64_t first, uint64_t end, uint64_t real, uint64_t other,
                   double *share)
{
    const uint64_t low = deciles * first, high = deciles * end;
    uint64_t d = low / real;
    if (first == end) {
        share[d < deciles ? d : deciles - 1] += (double)other;
        return;
    }
    for (; d < deciles && d * real < high; d++) {
        const uint64_t from = d * real > low ? d * real : low;
        const uint64_t to = (d + 1) * real < high ? (d + 1) * real : high;
        share[d] += (double)other * ((double)(to - from) / (double)(high - low));
    }
}

double pv_decile_error(const pv_numbers *n, uint64_t *const *count)
{
    double share[deciles] = {0}, error = 0;
    uint64_t of[2] = {0, 0}, below = 0;
    for (size_t i = 0; i < n->count; i++)
        for (size_t t = 0; t < 2; t++)
            of[t] += count[t][i];
    for (size_t i = 0; i < n->count; i++) {
        spread(below, below + count[0][i], of[0], count[1][i], share);
        below += count[0][i];
    }
    for (size_t d = 0; d < deciles; d++) {
        const double off = share[d] / (double)of[1] - 1.0 / deciles;
        error += off * off / deciles;
    }
    return error;
}
