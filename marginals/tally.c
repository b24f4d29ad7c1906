#include "marginals/tally.h"

#include <string.h>

/* Rows a step: stem and indices of a bundle (16 bits: 5 buffers of 4 KiB) stay
 * in the first-level cache beside the histograms. */
enum { step_rows = 2048 };

/* out = in * levels + code, for each width of index and of code. Indices wrap
 * only on the way: the result is below the cells, which the width can hold. */
#define PV_EXTEND(index, code)                                                 \
    static void extend_##index##_##code(                                       \
        const index *restrict in, const code *restrict codes, index levels,    \
        size_t n, index *restrict out)                                         \
    {                                                                          \
        for (size_t i = 0; i < n; i++)                                         \
            out[i] = (index)((index)(in[i] * levels) + codes[i]);              \
    }

/* Moves the stem in `in` (all 0 before the first column) on by one column. */
#define PV_EXTEND_ANY(index)                                                   \
    PV_EXTEND(index, uint8_t)                                                  \
    PV_EXTEND(index, uint16_t)                                                 \
    PV_EXTEND(index, uint32_t)                                                 \
    static void extend_##index(const index *in, const pv_tally_rows *table,    \
                               uint32_t column, size_t first, size_t n,        \
                               index *out)                                     \
    {                                                                          \
        const pv_codes c = table->codes[column];                               \
        const index levels = (index)table->levels[column];                     \
        if (c.width == 1)                                                      \
            extend_##index##_uint8_t(in, (const uint8_t *)c.data + first,      \
                                     levels, n, out);                          \
        else if (c.width == 2)                                                 \
            extend_##index##_uint16_t(in, (const uint16_t *)c.data + first,    \
                                      levels, n, out);                         \
        else                                                                   \
            extend_##index##_uint32_t(in, (const uint32_t *)c.data + first,    \
                                      levels, n, out);                         \
    }

#define PV_INCREMENT(index)                                                    \
    static void increment_##index(index at[][step_rows], size_t leaves,        \
                                  int64_t *const *counts, size_t n)            \
    {                                                                          \
        size_t l = 0;                                                          \
        for (; l + 4 <= leaves; l += 4) {                                      \
            int64_t *const c0 = counts[l], *const c1 = counts[l + 1];          \
            int64_t *const c2 = counts[l + 2], *const c3 = counts[l + 3];      \
            for (size_t i = 0; i < n; i++) {                                   \
                c0[at[l][i]]++;                                                \
                c1[at[l + 1][i]]++;                                            \
                c2[at[l + 2][i]]++;                                            \
                c3[at[l + 3][i]]++;                                            \
            }                                                                  \
        }                                                                      \
        for (; l + 2 <= leaves; l += 2) {                                      \
            int64_t *const c0 = counts[l], *const c1 = counts[l + 1];          \
            for (size_t i = 0; i < n; i++) {                                   \
                c0[at[l][i]]++;                                                \
                c1[at[l + 1][i]]++;                                            \
            }                                                                  \
        }                                                                      \
        for (; l < leaves; l++)                                                \
            for (size_t i = 0; i < n; i++)                                     \
                counts[l][at[l][i]]++;                                         \
    }

#define PV_TALLY_WITH(index)                                                   \
    PV_EXTEND_ANY(index)                                                       \
    PV_INCREMENT(index)                                                        \
    static void tally_##index(const pv_tally_rows *table,                      \
                              const pv_tally_bundle *bundle, size_t first,     \
                              size_t rows)                                     \
    {                                                                          \
        index stem[2][step_rows], at[PV_TALLY_BUNDLE][step_rows];              \
        for (size_t done = 0; done < rows; done += step_rows) {                \
            const size_t left = rows - done, from = first + done;              \
            const size_t n = left < step_rows ? left : step_rows;              \
            memset(stem[0], 0, sizeof stem[0]);                                \
            for (size_t i = 0; i < bundle->stem_columns; i++)                  \
                extend_##index(stem[i % 2], table, bundle->stem[i], from, n,   \
                               stem[(i + 1) % 2]);                             \
            for (size_t l = 0; l < bundle->leaves; l++)                        \
                extend_##index(stem[bundle->stem_columns % 2], table,          \
                               bundle->leaf[l], from, n, at[l]);               \
            increment_##index(at, bundle->leaves, bundle->counts, n);          \
        }                                                                      \
    }

PV_TALLY_WITH(uint16_t)
PV_TALLY_WITH(uint32_t)
PV_TALLY_WITH(uint64_t)

void pv_tally(const pv_tally_rows *table, const pv_tally_bundle *bundle,
              size_t first, size_t rows)
{
    switch (pv_tally_width(bundle->cells[0])) {
    case 2:
        tally_uint16_t(table, bundle, first, rows);
        break;
    case 4:
        tally_uint32_t(table, bundle, first, rows);
        break;
    default:
        tally_uint64_t(table, bundle, first, rows);
    }
}
