#include "core/memory.h"
#include "core/threads.h"
#include "io/rows.h"
#include "marginals/balance.h"
#include "marginals/model_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { item_rows = 8192, balanced_rows = 65536 };

/* One column being generated, given its parents. */
typedef struct step {
    pv_table *table;
    size_t column, levels;
    pv_balance *balance;    /* NULL: values stay in random order */
    pv_factor joint;        /* parents, then the column, fastest */
    const pv_key *key;
    uint64_t number;        /* of the step: its streams' upper half */
    size_t rows;
    uint32_t *group;        /* joint parent code by sorted position */
    uint32_t *row;          /* which row stands there */
    uint32_t *value;        /* the code drawn, by row */
    uint32_t *order;        /* scratch of the sort */
    size_t *first;          /* where each work item begins; items + 1 */
    size_t items;
    _Atomic bool failed;    /* some group had no mass */
} step;

/* Sorts positions by group, 16 bits a pass: stable, so independent of
 * everything but the codes. */
static void sort_rows(step *s, uint32_t *group_scratch)
{
    enum { radix = 1 << 16 };
    static const unsigned shifts[] = {0, 16};
    size_t *start = pv_array_alloc(radix + 1, sizeof *start);
    if (start == NULL) {
        s->failed = true;
        return;
    }
    const size_t groups = s->joint.cells / s->levels;
    for (size_t pass = 0; pass < 2; pass++) {
        if (pass == 1 && groups <= radix)
            break;
        memset(start, 0, (radix + 1) * sizeof *start);
        for (size_t i = 0; i < s->rows; i++)
            start[(s->group[i] >> shifts[pass] & 0xffff) + 1]++;
        for (size_t d = 0; d < radix; d++)
            start[d + 1] += start[d];
        for (size_t i = 0; i < s->rows; i++) {
            const size_t to = start[s->group[i] >> shifts[pass] & 0xffff]++;
            group_scratch[to] = s->group[i];
            s->order[to] = s->row[i];
        }
        memcpy(s->group, group_scratch, s->rows * sizeof *s->group);
        memcpy(s->row, s->order, s->rows * sizeof *s->row);
    }
    free(start);
}

static void code_groups(step *s)
{
    memset(s->group, 0, s->rows * sizeof *s->group);
    for (size_t i = 0; i < s->rows; i++)
        s->row[i] = (uint32_t)i;
    for (size_t a = 0; a + 1 < s->joint.rank; a++) {
        const pv_codes codes = pv_table_codes(s->table, s->joint.column[a]);
        const uint32_t levels = (uint32_t)s->joint.shape[a];
        for (size_t i = 0; i < s->rows; i++)
            s->group[i] = s->group[i] * levels + pv_codes_at(codes, i);
    }
}

/* Items of about `rows` rows that end where a group ends. */
static void cut_items(step *s, size_t rows)
{
    s->items = 0;
    s->first[0] = 0;
    for (size_t i = rows; i < s->rows; i += rows) {
        size_t end = i;
        if (end <= s->first[s->items])
            continue;
        while (end < s->rows && s->group[end] == s->group[end - 1])
            end++;
        s->first[++s->items] = end;
        if (end >= s->rows)
            return;
    }
    s->first[++s->items] = s->rows;
}

/* How often each level is drawn in a group of `count` rows: expected counts
 * floored; each fraction is then the probability of one more (systematic
 * sampling: one uniform, as many picks as the fractions add up to). */
static bool allot(const double *p, size_t levels, size_t count,
                  pv_stream *stream, uint32_t *drawn, double *fraction)
{
    const double mass = pv_sum(p, levels);
    if (!(mass > 0))
        return false;
    const double scale = (double)count / mass;
    size_t given = 0, last = 0;
    double left = 0;
    for (size_t v = 0; v < levels; v++) {
        const double expected = p[v] * scale;
        const double whole = floor(expected);
        drawn[v] = (uint32_t)whole;
        fraction[v] = expected - whole;
        given += drawn[v];
        left += fraction[v];
        if (p[v] > 0)
            last = v;
    }
    for (size_t v = 0; given > count; v++) /* the sum's rounding: a row back */
        if (drawn[v] > 0) {
            drawn[v]--;
            given--;
        }
    if (given == count)
        return true;
    const size_t more = count - given;
    const double stride = left / (double)more;
    double threshold = pv_stream_double(stream) * stride, passed = 0;
    size_t picks = 0;
    for (size_t v = 0; v < levels && picks < more; v++) {
        passed += fraction[v];
        if (fraction[v] > 0 && passed > threshold) {
            drawn[v]++;
            picks++;
            threshold += stride;
        }
    }
    drawn[last] += (uint32_t)(more - picks);
    return true;
}

static void draw_group(step *s, size_t from, size_t to, pv_stream *stream,
                       uint32_t *drawn, double *fraction)
{
    const double *p = s->joint.cell + (size_t)s->group[from] * s->levels;
    if (!allot(p, s->levels, to - from, stream, drawn, fraction)) {
        s->failed = true;
        return;
    }
    uint32_t *values = s->order + from;
    size_t at = 0;
    for (size_t v = 0; v < s->levels; v++)
        for (uint32_t i = 0; i < drawn[v]; i++)
            values[at++] = (uint32_t)v;
    /* without the shuffle, columns that share parents would be made alike */
    pv_stream_shuffle(stream, values, at);
    for (size_t i = from; i < to; i++)
        s->value[s->row[i]] = s->order[i];
}

static void draw_item(size_t item, void *context)
{
    step *s = context;
    pv_stream stream;
    uint32_t *drawn = pv_array_alloc(s->levels, sizeof *drawn);
    double *fraction = pv_array_alloc(s->levels, sizeof *fraction);
    if (drawn == NULL || fraction == NULL) {
        s->failed = true;
    } else {
        pv_stream_init(&stream, s->key, s->number << 32 | item);
        for (size_t i = s->first[item]; i < s->first[item + 1];) {
            size_t end = i + 1;
            while (end < s->first[item + 1] && s->group[end] == s->group[i])
                end++;
            draw_group(s, i, end, &stream, drawn, fraction);
            i = end;
        }
    }
    free(drawn);
    free(fraction);
}

static void balance_item(size_t item, void *context)
{
    step *s = context;
    const size_t from = s->first[item], to = s->first[item + 1];
    if (!pv_balance_deal(s->balance, s->joint.cell, s->group + from,
                         s->row + from, to - from, s->value))
        s->failed = true;
}

static pv_status run_step(const pv_model *model, size_t clique, step *s,
                          const pv_clique *parents, pv_error *err)
{
    pv_status status = PV_OK;
    pv_map map = {0};
    pv_clique all = *parents;
    pv_clique_add(&all, s->column);
    s->levels = model->domain.levels[s->column];
    PV_TRY(pv_factor_init(&s->joint, &model->domain, &all, parents, err));
    PV_TRY(pv_map_init(&map, &model->belief[clique], &s->joint, err));
    pv_map_project(&map, model->belief[clique].cell, s->joint.cell,
                   s->joint.cells);
    s->failed = false;
    code_groups(s);
    sort_rows(s, s->value);
    cut_items(s, item_rows);
    if (!s->failed)
        pv_parallel_for(s->items, draw_item, s);
    if (!s->failed && s->balance != NULL) {
        cut_items(s, balanced_rows);
        pv_parallel_for(s->items, balance_item, s);
    }
    if (s->failed) {
        status = pv_fail(err, PV_ENUMERIC,
                         "rows could not be drawn: a combination that the "
                         "model made has no continuation");
        goto out;
    }
    pv_table_put(s->table, s->column, 0, s->rows, s->value);
out:
    pv_map_clear(&map);
    pv_factor_clear(&s->joint);
    return status;
}

pv_status pv_model_sample(const pv_model *model, const pv_key *key,
                          pv_table *table, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t rows = pv_table_rows(table);
    step s = {.table = table, .key = key, .rows = rows};
    uint32_t earlier[PV_MAX_COLUMNS];
    size_t made_before = 0; /* of more than one level */
    if (rows >= UINT32_MAX)
        return pv_fail(err, PV_EINVAL, "at most 2^32 - 2 rows can be made");
    if (rows == 0)
        return PV_OK;
    s.group = pv_array_alloc(rows, sizeof *s.group);
    s.row = pv_array_alloc(rows, sizeof *s.row);
    s.value = pv_array_alloc(rows, sizeof *s.value);
    s.order = pv_array_alloc(rows, sizeof *s.order);
    s.first = pv_array_alloc(rows / item_rows + 3, sizeof *s.first);
    if (s.group == NULL || s.row == NULL || s.value == NULL ||
        s.order == NULL || s.first == NULL) {
        status = pv_fail_memory(err, "the synthetic rows");
        goto out;
    }
    for (size_t i = 0; i < model->tree.cliques; i++) {
        pv_clique made = model->tree.separator[i];
        const pv_clique fresh = pv_clique_minus(&model->tree.clique[i], &made);
        for (size_t c = pv_clique_next(&fresh, 0); c < PV_MAX_COLUMNS;
             c = pv_clique_next(&fresh, c + 1)) {
            s.column = c;
            PV_TRY(pv_balance_alloc(table, earlier, made_before,
                                    model->domain.levels[c], &s.balance, err));
            PV_TRY(run_step(model, i, &s, &made, err));
            pv_balance_free(s.balance);
            s.balance = NULL;
            s.number++;
            if (model->domain.levels[c] > 1)
                earlier[made_before++] = (uint32_t)c;
            pv_clique_add(&made, c);
        }
    }
out:
    pv_balance_free(s.balance);
    free(s.group);
    free(s.row);
    free(s.value);
    free(s.order);
    free(s.first);
    return status;
}

pv_status pv_model_codes(const pv_model *model, const pv_schema *schema,
                         size_t rows, const pv_key *key, uint32_t **codes,
                         pv_error *err)
{
    pv_status status = PV_OK;
    const size_t columns = pv_schema_columns(schema);
    pv_table *table = NULL;
    uint32_t *made = NULL;
    size_t cells;
    if (pv_size_mul(rows, columns, &cells))
        made = pv_array_alloc(cells, sizeof *made);
    if (made == NULL)
        return pv_fail_memory(err, "the synthetic rows");
    PV_TRY(pv_table_alloc(schema, rows, false, &table, err));
    PV_TRY(pv_model_sample(model, key, table, err));
    for (size_t c = 0; c < columns; c++) {
        const pv_codes from = pv_table_codes(table, c);
        for (size_t r = 0; r < rows; r++)
            made[r * columns + c] = pv_codes_at(from, r);
    }
    *codes = made;
    made = NULL;
out:
    free(made);
    pv_table_free(table);
    return status;
}
