#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "marginals/balance.h"

#include "core/memory.h"
#include "io/rows.h"
#include "io/schema.h"
#include "marginals/factor.h"

#include <stdlib.h>
#include <string.h>

enum {
    most_columns = 64,
    most_work = 1 << 14,           /* table lines times levels, a row */
    most_cells = 1 << 24,          /* of all tables, four bytes each */
    rows_with_pairs = 1 << 19,     /* more rows: single columns alone */
    rows_at_all = 1 << 21
};

/* Table t is over column first[t] and, unless it is the same, second[t]. */
struct pv_balance {
    size_t levels, columns, tables, cells;
    uint32_t size[most_columns];
    pv_codes codes[most_columns];
    uint32_t *first, *second;
    size_t *base; /* first line of the table; a line has `levels` cells */
};

/* Lines of the tables over single columns, or also pairs. */
static size_t count_lines(const pv_balance *b, bool pairs)
{
    size_t lines = 0;
    for (size_t i = 0; i < b->columns; i++) {
        lines += b->size[i];
        for (size_t j = 0; pairs && j < i; j++)
            lines += (size_t)b->size[i] * b->size[j];
    }
    return lines;
}

static bool affordable(const pv_balance *b, size_t tables, bool pairs)
{
    return tables * b->levels <= most_work &&
           count_lines(b, pairs) <= (size_t)most_cells / b->levels;
}

static void add_table(pv_balance *b, size_t i, size_t j)
{
    b->first[b->tables] = (uint32_t)i;
    b->second[b->tables] = (uint32_t)j;
    b->base[b->tables++] = b->cells / b->levels;
    b->cells +=
        (i == j ? b->size[i] : (size_t)b->size[i] * b->size[j]) * b->levels;
}

static pv_status add_tables(pv_balance *b, bool pairs, pv_error *err)
{
    const size_t most = b->columns * (b->columns + 1) / 2;
    b->first = pv_array_alloc(most, sizeof *b->first);
    b->second = pv_array_alloc(most, sizeof *b->second);
    b->base = pv_array_alloc(most, sizeof *b->base);
    if (b->first == NULL || b->second == NULL || b->base == NULL)
        return pv_fail_memory(err, "the synthetic rows");
    for (size_t i = 0; i < b->columns; i++)
        for (size_t j = pairs ? 0 : i; j <= i; j++)
            add_table(b, i, j);
    return PV_OK;
}

pv_status pv_balance_alloc(const pv_table *table, const uint32_t *made,
                           size_t count, size_t levels, pv_balance **balance,
                           pv_error *err)
{
    pv_status status = PV_OK;
    const size_t rows = pv_table_rows(table);
    *balance = NULL;
    if (count == 0 || count > most_columns || levels < 2 ||
        levels > most_work || rows > rows_at_all)
        return PV_OK;
    pv_balance *b = pv_array_calloc(1, sizeof *b);
    if (b == NULL)
        return pv_fail_memory(err, "the synthetic rows");
    b->levels = levels;
    b->columns = count;
    for (size_t i = 0; i < count; i++) {
        b->size[i] =
            pv_schema_column(pv_table_schema(table), made[i])->levels;
        b->codes[i] = pv_table_codes(table, made[i]);
    }
    const bool pairs = rows <= rows_with_pairs &&
                       affordable(b, count * (count + 1) / 2, true);
    if (pairs || affordable(b, count, false)) {
        status = add_tables(b, pairs, err);
        if (status == PV_OK) {
            *balance = b;
            return PV_OK;
        }
    }
    pv_balance_free(b);
    return status;
}

void pv_balance_free(pv_balance *b)
{
    if (b == NULL)
        return;
    free(b->first);
    free(b->second);
    free(b->base);
    free(b);
}

/* What one work item needs to remember. */
typedef struct sheet {
    float *ahead;   /* counts less expectations, of the rows so far */
    float *score, *expected;
    uint32_t *left; /* values of the group not dealt out yet */
    size_t *line;   /* the row's cells, by table */
} sheet;

static bool sheet_init(sheet *l, const pv_balance *b)
{
    l->ahead = pv_array_calloc(b->cells, sizeof *l->ahead);
    l->score = pv_array_alloc(b->levels, sizeof *l->score);
    l->expected = pv_array_alloc(b->levels, sizeof *l->expected);
    l->left = pv_array_alloc(b->levels, sizeof *l->left);
    l->line = pv_array_alloc(b->tables, sizeof *l->line);
    return l->ahead != NULL && l->score != NULL && l->expected != NULL &&
           l->left != NULL && l->line != NULL;
}

static void sheet_clear(sheet *l)
{
    free(l->ahead);
    free(l->score);
    free(l->expected);
    free(l->left);
    free(l->line);
}

static void find_lines(const pv_balance *b, size_t row, size_t *line)
{
    uint32_t code[most_columns];
    for (size_t i = 0; i < b->columns; i++)
        code[i] = pv_codes_at(b->codes[i], row);
    for (size_t t = 0; t < b->tables; t++) {
        const uint32_t i = b->first[t], j = b->second[t];
        const size_t at =
            i == j ? code[i] : (size_t)code[i] * b->size[j] + code[j];
        line[t] = (b->base[t] + at) * b->levels;
    }
}

/* A row of the group comes: every line it lies on expects its share more. */
PV_WIDE static void expect_row(const pv_balance *b, const sheet *l)
{
    const size_t levels = b->levels;
    float *restrict score = l->score;
    const float *restrict expected = l->expected;
    memset(score, 0, levels * sizeof *score);
    for (size_t t = 0; t < b->tables; t++) {
        float *restrict a = l->ahead + l->line[t];
        for (size_t v = 0; v < levels; v++) {
            a[v] -= expected[v];
            score[v] += a[v];
        }
    }
}

static size_t furthest_behind(const sheet *l, size_t levels)
{
    size_t best = levels;
    for (size_t v = 0; v < levels; v++)
        if (l->left[v] > 0 && (best == levels || l->score[v] < l->score[best]))
            best = v;
    return best;
}

static void deal_group(const pv_balance *b, const sheet *l, const double *p,
                       const uint32_t *row, size_t rows, uint32_t *value)
{
    const double mass = pv_sum(p, b->levels);
    memset(l->left, 0, b->levels * sizeof *l->left);
    for (size_t v = 0; v < b->levels; v++)
        l->expected[v] = (float)(p[v] / mass);
    for (size_t i = 0; i < rows; i++)
        l->left[value[row[i]]]++;
    for (size_t i = 0; i < rows; i++) {
        find_lines(b, row[i], l->line);
        expect_row(b, l);
        const size_t v = furthest_behind(l, b->levels);
        l->left[v]--;
        value[row[i]] = (uint32_t)v;
        for (size_t t = 0; t < b->tables; t++)
            l->ahead[l->line[t] + v] += 1.0f;
    }
}

bool pv_balance_deal(const pv_balance *b, const double *p,
                     const uint32_t *group, const uint32_t *row, size_t rows,
                     uint32_t *value)
{
    sheet l = {0};
    const bool ready = sheet_init(&l, b);
    for (size_t i = 0; ready && i < rows;) {
        size_t end = i + 1;
        while (end < rows && group[end] == group[i])
            end++;
        deal_group(b, &l, p + (size_t)group[i] * b->levels, row + i, end - i,
                   value);
        i = end;
    }
    sheet_clear(&l);
    return ready;
}
