#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* htole64 */
#endif
#include "core/memory.h"
#include "dp/curator_internal.h"
#include "io/rows.h"

#include <endian.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { most_intervals = 1 << 22 };

/* The last interval that begins at or below the value; count when none does. */
static size_t place_of(const pv_interval *interval, size_t count, double value)
{
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (interval[middle].low <= value)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? low - 1 : count;
}

void pv_interval_counts(const pv_table *rows, size_t column,
                        const pv_interval *interval, size_t count,
                        int64_t *counts)
{
    const pv_codes codes = pv_table_codes(rows, column);
    const double *values = pv_table_values(rows, column);
    memset(counts, 0, count * sizeof *counts);
    for (size_t i = 0; i < pv_table_rows(rows); i++) {
        if (pv_codes_at(codes, i) != PV_RAW_VALUE)
            continue;
        const size_t at = place_of(interval, count, values[i]);
        if (at < count && values[i] < interval[at].high)
            counts[at]++;
    }
}

/* Disjoint: what the sensitivity rests on. */
static pv_status check(const pv_curator *curator, size_t column,
                       const pv_interval *interval, size_t count, pv_error *err)
{
    if (column >= pv_schema_columns(curator->schema) ||
        (pv_schema_column(curator->schema, column)->needs &
         (PV_NEEDS_BINS | PV_NEEDS_BOUNDS)) == 0)
        return pv_fail(err, PV_EINVAL,
                       "intervals are asked of numeric columns without levels");
    if (count == 0 || count > most_intervals)
        return pv_fail(err, PV_EINVAL,
                       "a question must be about 1 to %d intervals",
                       most_intervals);
    for (size_t i = 0; i < count; i++)
        if (!(interval[i].low < interval[i].high) ||
            (i > 0 && interval[i].low < interval[i - 1].high))
            return pv_fail(err, PV_EINVAL,
                           "intervals must be disjoint and increasing");
    return PV_OK;
}

/* The intervals as a digest of their limits' bits. */
static json_t *record_of(const pv_curator *curator, size_t column,
                         const pv_interval *interval, size_t count,
                         const pv_gaussian *gaussian)
{
    char hex[2 * PV_DIGEST_BYTES + 1], sigma2[64];
    unsigned char hash[PV_DIGEST_BYTES];
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (size_t i = 0; i < count; i++) {
        uint64_t bits[2];
        memcpy(&bits[0], &interval[i].low, sizeof *bits);
        memcpy(&bits[1], &interval[i].high, sizeof *bits);
        bits[0] = htole64(bits[0]);
        bits[1] = htole64(bits[1]);
        (void)crypto_generichash_update(&state, (const unsigned char *)bits,
                                        sizeof bits);
    }
    (void)crypto_generichash_final(&state, hash, sizeof hash);
    (void)sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    pv_question_sigma2(gaussian, sigma2);
    return json_pack("{s:s, s:s, s:I, s:s, s:s, s:I}", "ask", "intervals",
                     "column", pv_schema_column(curator->schema, column)->name,
                     "count", (json_int_t)count, "intervals", hex, "sigma2",
                     sigma2, "sensitivity2",
                     (json_int_t)pv_curator_sensitivity2(curator));
}

/* Truth plus noise; the truth is wiped. */
static pv_status draw(pv_curator *curator, const pv_question *question,
                      const pv_inquiry *asked, int64_t *answer, pv_error *err)
{
    pv_key key;
    const size_t count = asked->count;
    int64_t *truth = pv_array_alloc(count, sizeof *truth);
    if (truth == NULL)
        return pv_fail_memory(err, "the counts");
    pv_interval_counts(curator->rows, asked->column, asked->interval, count,
                       truth);
    pv_question_key(curator, question, "noise", &key);
    pv_question_noise(question, &key, asked->gaussian, truth, count, answer);
    pv_key_wipe(&key);
    pv_wipe_free(truth, count * sizeof *truth);
    return PV_OK;
}

pv_status pv_intervals_inquire(const pv_curator *curator, size_t column,
                               const pv_interval *interval, size_t count,
                               pv_rational sigma2, pv_inquiry *asked,
                               pv_error *err)
{
    pv_status status = PV_OK;
    *asked = (pv_inquiry){.draw = draw,
                          .size = count,
                          .count = count,
                          .interval = interval,
                          .column = column};
    PV_TRY(check(curator, column, interval, count, err));
    PV_TRY(pv_inquiry_noise(asked, sigma2, err));
    PV_TRY(pv_inquiry_charge(asked, pv_curator_sensitivity2(curator), err));
    asked->record =
        record_of(curator, column, interval, count, asked->gaussian);
out:
    return status;
}

pv_status pv_ask_intervals(pv_curator *curator, size_t column,
                           const pv_interval *interval, size_t count,
                           pv_rational sigma2, int64_t *counts, pv_error *err)
{
    pv_status status = PV_OK;
    pv_inquiry asked = {0};
    PV_TRY(pv_intervals_inquire(curator, column, interval, count, sigma2,
                                &asked, err));
    PV_TRY(pv_inquiry_answer(curator, &asked, counts, err));
out:
    pv_inquiry_clear(&asked);
    return status;
}
