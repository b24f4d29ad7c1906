#include <config.h>

#include "audit/attack/predicate.h"

#include "io/rows.h"

#include <string.h>

enum { block_rows = 1024 };

bool pv_predicate_equal(const pv_predicate *a, const pv_predicate *b)
{
    if (a->ranges != b->ranges)
        return false;
    for (size_t i = 0; i < a->ranges; i++)
        if (a->range[i].column != b->range[i].column ||
            a->range[i].low != b->range[i].low ||
            a->range[i].high != b->range[i].high)
            return false;
    return true;
}

/* hit[r] &= code[r] is within: one comparison, as unsigned numbers wrap. */
#define KEEP_WITHIN(name, type)                                                \
    PV_WIDE static void name(uint8_t *restrict hit, const type *restrict code, \
                             size_t rows, type low, type span)                 \
    {                                                                          \
        for (size_t r = 0; r < rows; r++)                                      \
            hit[r] &= (type)(code[r] - low) <= span;                           \
    }
KEEP_WITHIN(keep8, uint8_t)
KEEP_WITHIN(keep16, uint16_t)
KEEP_WITHIN(keep32, uint32_t)

static void keep_within(uint8_t *hit, pv_codes codes, size_t first, size_t rows,
                        const pv_range *range)
{
    const uint32_t span = range->high - range->low;
    if (codes.width == 1)
        keep8(hit, (const uint8_t *)codes.data + first, rows,
              (uint8_t)range->low, (uint8_t)span);
    else if (codes.width == 2)
        keep16(hit, (const uint16_t *)codes.data + first, rows,
               (uint16_t)range->low, (uint16_t)span);
    else
        keep32(hit, (const uint32_t *)codes.data + first, rows, range->low,
               span);
}

bool pv_predicate_isolates(const pv_predicate *predicate, const pv_table *table)
{
    const size_t rows = pv_table_rows(table);
    uint8_t hit[block_rows];
    size_t count = 0;
    for (size_t first = 0; first < rows && count < 2; first += block_rows) {
        const size_t n = rows - first < block_rows ? rows - first : block_rows;
        memset(hit, 1, n);
        for (size_t i = 0; i < predicate->ranges; i++)
            keep_within(hit, pv_table_codes(table, predicate->range[i].column),
                        first, n, &predicate->range[i]);
        for (size_t r = 0; r < n; r++)
            count += hit[r];
    }
    return count == 1;
}
