/* Answers: how the rows that match each query divide into classes. */
#include "audit/attack/queries_internal.h"
#include "core/memory.h"
#include "core/threads.h"
#include "io/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void pv_answers_clear(pv_answers *answers)
{
    free(answers->value);
    free(answers->variance);
    *answers = (pv_answers){0};
}

pv_status pv_answers_alloc(size_t queries, size_t levels, pv_answers *answers,
                           pv_error *err)
{
    *answers = (pv_answers){
        .queries = queries,
        .levels = levels,
        .value = pv_array_calloc(queries, levels * sizeof(double)),
        .variance = pv_array_calloc(queries, sizeof(double))};
    if (answers->value != NULL && answers->variance != NULL)
        return PV_OK;
    pv_answers_clear(answers);
    return pv_fail_memory(err, "the answers");
}

/* --- rows as ranks and classes -------------------------------------------- */

typedef struct counting {
    const pv_clauses *q;
    size_t rows, levels;
    uint16_t **rank;     /* known x rows */
    uint8_t *class_of;   /* rows */
    uint32_t *matched;   /* cells of all sets x levels */
    pv_status *status;   /* an item */
} counting;

static void free_counting(counting *c)
{
    for (size_t k = 0; c->rank != NULL && k < c->q->known; k++)
        free(c->rank[k]);
    free(c->rank);
    free(c->class_of);
    free(c->matched);
    free(c->status);
}

static bool alloc_counting(const pv_clauses *q, size_t rows, size_t levels,
                           counting *c)
{
    *c = (counting){.q = q, .rows = rows, .levels = levels};
    c->rank = pv_array_calloc(q->known, sizeof *c->rank);
    if (c->rank == NULL)
        return false;
    for (size_t k = 0; k < q->known; k++)
        if ((c->rank[k] = pv_array_alloc(rows, sizeof **c->rank)) == NULL)
            return false;
    c->class_of = pv_array_alloc(rows, 1);
    c->matched = pv_array_calloc(q->first_cell[q->sets],
                                 levels * sizeof *c->matched);
    c->status = pv_array_calloc(q->prefixes, sizeof *c->status);
    return c->class_of != NULL && c->matched != NULL && c->status != NULL;
}

typedef struct translation {
    const pv_table *table;
    const pv_secret *secret;
    counting *c;
} translation;

/* One column of the rows: a known one, or after the last of them the secret. */
static void translate_item(size_t item, void *context)
{
    const translation *t = context;
    counting *c = t->c;
    const bool known = item < c->q->known;
    const uint32_t column =
        known ? c->q->ranked[item].column : t->secret->column;
    const pv_codes codes = pv_table_codes(t->table, column);
    for (size_t row = 0; row < c->rows; row++) {
        const uint32_t code = pv_codes_at(codes, row);
        if (known)
            c->rank[item][row] = c->q->ranked[item].of_code[code];
        else
            c->class_of[row] = (uint8_t)t->secret->class[code];
    }
}

/* --- counting ------------------------------------------------------------- */

/* Rows of a set by cell and class. The last cell is of those that match no
 * user. Two histograms take turns: rows in a row are often alike, and adding to
 * one counter twice at once has to wait. */
static void count_rows(const counting *c, const uint32_t *prefix,
                       const uint16_t *single, const uint16_t *last,
                       const pv_cell_map *map, uint32_t *histogram)
{
    const size_t levels = c->levels, stride = map->ranks + 1;
    uint32_t *const second = histogram + (map->cells + 1) * levels;
    memset(histogram, 0, 2 * (map->cells + 1) * levels * sizeof *histogram);
    for (size_t row = 0; row < c->rows; row++) {
        const uint32_t p = prefix != NULL   ? prefix[row]
                           : single != NULL ? single[row]
                                            : 0;
        const uint32_t cell = map->dense ? map->table[p * stride + last[row]]
                                         : pv_cell_find(map, p, last[row]);
        ((row & 1) != 0 ? second : histogram)[cell * levels +
                                              c->class_of[row]]++;
    }
}

/* The same by key where the table of keys is small: no look-up a row. */
static void count_keys(const counting *c, const uint16_t *single,
                       const uint16_t *last, const pv_cell_map *map,
                       uint32_t *by_key, uint32_t *histogram)
{
    const size_t levels = c->levels, stride = (map->ranks + 1) * levels;
    const size_t keys = (map->prefix_cells + 1) * (map->ranks + 1);
    uint32_t *const second = by_key + keys * levels;
    size_t row = 0;
    memset(by_key, 0, 2 * keys * levels * sizeof *by_key);
    for (; row + 1 < c->rows; row += 2) {
        by_key[single[row] * stride + last[row] * levels + c->class_of[row]]++;
        second[single[row + 1] * stride + last[row + 1] * levels +
               c->class_of[row + 1]]++;
    }
    if (row < c->rows)
        by_key[single[row] * stride + last[row] * levels + c->class_of[row]]++;
    memset(histogram, 0, 2 * (map->cells + 1) * levels * sizeof *histogram);
    for (size_t key = 0; key < keys; key++)
        for (size_t l = 0; l < levels; l++)
            histogram[map->table[key] * levels + l] +=
                by_key[key * levels + l] + second[key * levels + l];
}

typedef struct buffers {
    pv_cell_map map;
    uint32_t *user_prefix; /* users */
    uint32_t *row_prefix;  /* rows; NULL for prefixes of fewer than 2 columns */
    uint32_t *histogram;   /* 2 x (users + 1) x levels */
    uint32_t *by_key;      /* 2 x keys_most x levels */
} buffers;

enum { keys_most = 16384 };

static bool alloc_buffers(const counting *c, const pv_prefix *p, buffers *b)
{
    *b = (buffers){
        .user_prefix = pv_array_calloc(c->q->users, sizeof(uint32_t)),
        .histogram = pv_array_alloc(2 * (c->q->users + 1) * c->levels,
                                    sizeof(uint32_t)),
        .by_key = pv_array_alloc(2 * (size_t)keys_most * c->levels,
                                 sizeof(uint32_t))};
    if (p->count > 1) {
        b->row_prefix = pv_array_alloc(c->rows, sizeof(uint32_t));
        if (b->row_prefix == NULL)
            return false;
    }
    return b->user_prefix != NULL && b->histogram != NULL && b->by_key != NULL;
}

static void free_buffers(buffers *b)
{
    pv_cell_map_free(&b->map);
    free(b->user_prefix);
    free(b->row_prefix);
    free(b->histogram);
    free(b->by_key);
}

/* Cells of the prefix, of users and, where it has several columns, of rows;
 * a single column's cells are its ranks. */
static pv_status prefix_cells(const counting *c, const pv_prefix *p, buffers *b,
                              size_t *cells)
{
    const pv_clauses *q = c->q;
    *cells = 1;
    if (p->count == 1) {
        const pv_ranked *r = &q->ranked[p->member[0]];
        for (size_t j = 0; j < q->users; j++)
            b->user_prefix[j] = r->of_user[j];
        *cells = r->ranks;
        return PV_OK;
    }
    for (uint32_t i = 0; i < p->count; i++) {
        const uint16_t *rank = c->rank[p->member[i]];
        const pv_status status =
            pv_cells_extend(q, b->user_prefix, *cells,
                            &q->ranked[p->member[i]], &b->map, b->user_prefix,
                            NULL);
        if (status != PV_OK)
            return status;
        for (size_t row = 0; row < c->rows; row++)
            b->row_prefix[row] = pv_cell_find(
                &b->map, i == 0 ? 0 : b->row_prefix[row], rank[row]);
        *cells = b->map.cells;
    }
    return PV_OK;
}

/* The map of a set whose cells are known: keys of users to their cells. */
static pv_status set_map(const pv_clauses *q, size_t set, size_t cells,
                         const pv_ranked *last, buffers *b)
{
    const uint32_t *cell = q->cell_of_user + set * q->users;
    const pv_status status =
        pv_cell_map_reset(&b->map, cells, last->ranks, q->users, NULL);
    if (status != PV_OK)
        return status;
    /* added in order of users, the cells get the numbers they have */
    for (size_t j = 0; j < q->users; j++)
        PV_CHECK(pv_cell_add(&b->map, b->user_prefix[j], last->of_user[j]) ==
                 cell[j]);
    pv_cell_map_close(&b->map);
    return PV_OK;
}

static void count_item(size_t item, void *context)
{
    const counting *c = context;
    const pv_clauses *q = c->q;
    const pv_prefix *p = &q->prefix[item];
    pv_status status = PV_OK;
    size_t cells;
    buffers b;
    if (!alloc_buffers(c, p, &b)) {
        status = PV_ENOMEM;
        goto out;
    }
    PV_TRY(prefix_cells(c, p, &b, &cells));
    const uint16_t *single = p->count == 1 ? c->rank[p->member[0]] : NULL;
    for (size_t k = p->first_last; k < q->known; k++) {
        const size_t set = p->first_set + k - p->first_last;
        PV_TRY(set_map(q, set, cells, &q->ranked[k], &b));
        if (single != NULL && b.map.dense &&
            (cells + 1) * (b.map.ranks + 1) <= keys_most)
            count_keys(c, single, c->rank[k], &b.map, b.by_key, b.histogram);
        else
            count_rows(c, b.row_prefix, single, c->rank[k], &b.map,
                       b.histogram);
        uint32_t *matched = c->matched + q->first_cell[set] * c->levels;
        const size_t n = b.map.cells * c->levels;
        for (size_t i = 0; i < n; i++)
            matched[i] = b.histogram[i] + b.histogram[n + c->levels + i];
    }
out:
    c->status[item] = status;
    free_buffers(&b);
}

static pv_status count_all(counting *c, const pv_table *release,
                           const pv_secret *secret, pv_error *err)
{
    translation t = {.table = release, .secret = secret, .c = c};
    pv_parallel_for(c->q->known + 1, translate_item, &t);
    pv_parallel_for(c->q->prefixes, count_item, c);
    for (size_t i = 0; i < c->q->prefixes; i++)
        if (c->status[i] != PV_OK)
            return pv_fail_memory(err, "counting the release's rows");
    return PV_OK;
}

/* --- answers -------------------------------------------------------------- */

/* Adds one cell's answer: shares of classes by the rows that match, times the
 * people. Its variance is what drawing those rows leaves in all classes
 * together, two rows of the overall shares having been seen before. */
static void add_cell(const counting *c, size_t cell, const double *overall,
                     pv_answers *answers)
{
    const size_t levels = c->levels, i = c->q->query[cell];
    const uint32_t *matched = c->matched + cell * levels;
    const double size = c->q->size[cell];
    double rows = 0, spread = 0;
    for (size_t l = 0; l < levels; l++)
        rows += matched[l];
    for (size_t l = 0; l < levels; l++) {
        const double share = (matched[l] + 2 * overall[l]) / (rows + 2);
        spread += share * (1 - share);
    }
    const double precision =
        (rows + 2) / (size * size * fmax(spread, 1e-9));
    answers->variance[i] += precision;
    for (size_t l = 0; l < levels; l++)
        answers->value[i * levels + l] +=
            precision * size *
            (rows > 0 ? matched[l] / rows : overall[l]);
}

static void finish_answers(const pv_clauses *q, const uint32_t *merged,
                           pv_answers *answers)
{
    for (size_t i = 0; i < q->incidence.queries; i++) {
        const double precision = answers->variance[i];
        for (size_t l = 0; l < answers->levels; l++)
            answers->value[i * answers->levels + l] /= precision;
        /* merged answers come from rows that overlap: they make the value
         * steadier, but are counted as one */
        answers->variance[i] = merged[i] / precision;
    }
}

pv_status pv_clauses_answer(const pv_clauses *q, const pv_table *release,
                            const pv_secret *secret, pv_answers *answers,
                            pv_error *err)
{
    pv_status status = PV_OK;
    counting c;
    double overall[PV_SECRET_MOST] = {0};
    uint32_t *merged = pv_array_calloc(q->incidence.queries, sizeof *merged);
    *answers = (pv_answers){0};
    if (!alloc_counting(q, pv_table_rows(release), secret->levels, &c) ||
        merged == NULL) {
        status = pv_fail_memory(err, "the answers");
        goto out;
    }
    PV_TRY(pv_answers_alloc(q->incidence.queries, secret->levels, answers,
                            err));
    PV_TRY(count_all(&c, release, secret, err));
    for (size_t row = 0; row < c.rows; row++)
        overall[c.class_of[row]] += 1 / (double)c.rows;
    for (uint32_t l = 0; l < secret->levels && c.rows == 0; l++)
        overall[l] = 1 / (double)secret->levels;
    for (size_t cell = 0; cell < q->first_cell[q->sets]; cell++)
        if (q->query[cell] != PV_NO_QUERY) {
            add_cell(&c, cell, overall, answers);
            merged[q->query[cell]]++;
        }
    finish_answers(q, merged, answers);
out:
    free_counting(&c);
    free(merged);
    if (status != PV_OK)
        pv_answers_clear(answers);
    return status;
}

pv_status pv_clauses_truth(const pv_clauses *q, const uint32_t *class_of,
                           uint32_t levels, pv_answers *answers, pv_error *err)
{
    const pv_status status = pv_answers_alloc(q->incidence.queries, levels, answers, err);
    if (status != PV_OK)
        return status;
    for (size_t i = 0; i < q->incidence.queries; i++) {
        answers->variance[i] = 1;
        for (size_t e = q->incidence.query_start[i];
             e < q->incidence.query_start[i + 1]; e++)
            answers->value[i * levels +
                           class_of[q->incidence.user[e]]]++;
    }
    return PV_OK;
}
