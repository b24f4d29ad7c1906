/* Rows that are in both tables, and rows that repeat another. */
#include "audit/fidelity/numbers.h"
#include "audit/fidelity/write.h"
#include "core/memory.h"
#include "core/threads.h"
#include "io/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { block_rows = 4096 };

static const uint32_t no_row = UINT32_MAX;

typedef struct matching {
    const pv_probe_input *input;
    size_t columns, real, rows; /* of both tables, the real ones first */
    bool *values;   /* of each column: the numbers beside the codes count */
    uint64_t *hash; /* of each row */
    uint32_t *slot; /* hash table: the first row of each kind */
    size_t slots;
    uint32_t *count[2]; /* of each first row: rows like it in either table */
} matching;

static const pv_table *table_of(const matching *m, size_t row)
{
    return row < m->real ? m->input->real : m->input->synthetic;
}

static uint64_t mix(uint64_t hash, uint64_t part)
{
    uint64_t x = (hash ^ part) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 32)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 29);
}

static uint64_t bits_of(double number)
{
    uint64_t bits;
    const double unsigned_zero = number + 0.0; /* -0 and 0 are equal */
    memcpy(&bits, &unsigned_zero, sizeof bits);
    return isnan(number) ? UINT64_MAX : bits;
}

static uint64_t part_of(const matching *m, const pv_table *table, size_t column,
                        size_t row)
{
    return m->values[column] ? bits_of(pv_table_values(table, column)[row])
                             : pv_codes_at(pv_table_codes(table, column), row);
}

static void hash_block(size_t block, void *context)
{
    const matching *m = context;
    const size_t first = block * block_rows;
    for (size_t r = first; r < first + block_rows && r < m->rows; r++) {
        const pv_table *table = table_of(m, r);
        const size_t row = r < m->real ? r : r - m->real;
        uint64_t hash = 0;
        for (size_t c = 0; c < m->columns; c++)
            hash = mix(hash + c, part_of(m, table, c, row));
        m->hash[r] = hash;
    }
}

/* Equal hashes alone prove nothing. */
static bool is_equal(const matching *m, size_t a, size_t b)
{
    if (m->hash[a] != m->hash[b])
        return false;
    const pv_table *of_a = table_of(m, a), *of_b = table_of(m, b);
    const size_t row_a = a < m->real ? a : a - m->real;
    const size_t row_b = b < m->real ? b : b - m->real;
    for (size_t c = 0; c < m->columns; c++)
        if (part_of(m, of_a, c, row_a) != part_of(m, of_b, c, row_b))
            return false;
    return true;
}

/* The first row that is equal to `row`, perhaps itself. */
static uint32_t find_first(matching *m, uint32_t row)
{
    size_t at = (size_t)m->hash[row] & (m->slots - 1);
    while (m->slot[at] != no_row && !is_equal(m, m->slot[at], row))
        at = (at + 1) & (m->slots - 1);
    if (m->slot[at] == no_row)
        m->slot[at] = row;
    return m->slot[at];
}

static pv_status count_rows(matching *m, pv_error *err)
{
    m->slots = 16;
    while (m->slots < 2 * m->rows)
        m->slots *= 2;
    m->hash = pv_array_alloc(m->rows, sizeof *m->hash);
    m->slot = pv_array_alloc(m->slots, sizeof *m->slot);
    for (size_t t = 0; t < 2; t++)
        m->count[t] = pv_array_calloc(m->rows, sizeof *m->count[t]);
    if (m->hash == NULL || m->slot == NULL || m->count[0] == NULL ||
        m->count[1] == NULL)
        return pv_fail_memory(err, "rows to match");
    for (size_t i = 0; i < m->slots; i++)
        m->slot[i] = no_row;
    pv_parallel_for((m->rows + block_rows - 1) / block_rows, hash_block, m);
    for (size_t r = 0; r < m->rows; r++)
        m->count[r >= m->real][find_first(m, (uint32_t)r)]++;
    return PV_OK;
}

typedef struct totals {
    uint64_t unique;      /* real rows without an equal in the real table */
    uint64_t matched;     /* those of them that the synthetic table has */
    uint64_t rows;        /* synthetic rows that the real table has */
    uint64_t repeated[2]; /* rows beyond the first of each kind */
} totals;

static totals add_up(const matching *m)
{
    totals sum = {0};
    for (size_t r = 0; r < m->rows; r++) {
        const uint32_t here[2] = {m->count[0][r], m->count[1][r]};
        sum.unique += here[0] == 1;
        sum.matched += here[0] == 1 && here[1] > 0;
        sum.rows += here[0] > 0 ? here[1] : 0;
        for (size_t t = 0; t < 2; t++)
            sum.repeated[t] += here[t] > 0 ? here[t] - 1 : 0;
    }
    return sum;
}

static pv_status write_duplicates(const pv_writing *w, const matching *m,
                                  const totals *sum, const char *none,
                                  pv_error *err)
{
    pv_status status = PV_OK;
    static const char *const name[] = {"real", "synthetic"};
    const size_t rows[2] = {m->real, m->rows - m->real};
    for (size_t t = w->input->yardstick; t < 2; t++)
        PV_TRY(pv_write(
            w, "duplicates", name[t],
            none == NULL ? (double)sum->repeated[t] / (double)rows[t] : NAN,
            none, NULL, 0, err));
out:
    return status;
}

/* `prefix`.unique, .unique.share and .rows. */
static pv_status write_matches(const pv_writing *w, const char *prefix,
                               const matching *m, const totals *sum,
                               const char *none, pv_error *err)
{
    pv_status status = PV_OK;
    const bool any = none == NULL;
    const double synthetic = (double)(m->rows - m->real);
    PV_TRY(pv_write(w, prefix, "unique", any ? (double)sum->matched : NAN, none,
                    NULL, 0, err));
    PV_TRY(pv_write(w, prefix, "rows",
                    any ? (double)sum->rows / synthetic : NAN, none, NULL, 0,
                    err));
    if (any && sum->unique == 0)
        none = "no row is unique in the real table";
    PV_TRY(pv_write(w, prefix, "unique.share",
                    none == NULL ? (double)sum->matched / (double)sum->unique
                                 : NAN,
                    none, NULL, 0, err));
out:
    return status;
}

/* With the numbers beside the codes, or by codes alone. */
static pv_status match(const pv_writing *w, bool numbers, pv_error *err)
{
    const pv_probe_input *input = w->input;
    pv_status status = PV_OK;
    matching m = {.input = input,
                  .columns = pv_schema_columns(input->schema),
                  .real = pv_table_rows(input->real)};
    totals sum = {0};
    const char *none = pv_no_rows(input);
    m.rows = m.real + pv_table_rows(input->synthetic);
    m.values = pv_array_calloc(m.columns, sizeof *m.values);
    if (m.values == NULL)
        return pv_fail_memory(err, "rows to match");
    for (size_t c = 0; c < m.columns; c++)
        m.values[c] = numbers && pv_table_values(input->real, c) != NULL &&
                      pv_table_values(input->synthetic, c) != NULL;
    if (none == NULL && m.rows >= no_row)
        none = "too many rows to match: audit a sample";
    if (none == NULL) {
        PV_TRY(count_rows(&m, err));
        sum = add_up(&m);
    }
    PV_TRY(write_matches(w, numbers ? "exact_match" : "exact_match.codes", &m,
                         &sum, none, err));
    if (numbers)
        PV_TRY(write_duplicates(w, &m, &sum, none, err));
out:
    free(m.values);
    free(m.hash);
    free(m.slot);
    free(m.count[0]);
    free(m.count[1]);
    return status;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    const pv_writing w = {input, findings};
    PV_TRY(match(&w, true, err));
    PV_TRY(match(&w, false, err));
out:
    return status;
}

const pv_probe pv_probe_matches = {
    .name = "matches",
    .kind = "fidelity",
    .summary = "rows that are in both tables, and rows that repeat another",
    .yardstick = true,
    .run = run};
