#include "core/memory.h"
#include "dp/curator_internal.h"
#include "io/rows.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* True votes: of each private row the nearest candidate of its class. */

typedef struct polling {
    const pv_curator *curator;
    const pv_ballot *ballot;
    uint32_t *order; /* rows by class, in the order of the input */
    size_t *start;   /* classes + 1: where the rows of each begin */
    uint32_t *choice; /* of order[i]: a candidate, or PV_VECTOR_NONE */
    size_t class;    /* being polled */
} polling;

static uint32_t class_of(const polling *p, size_t row)
{
    return p->ballot->by == PV_NO_COLUMN
               ? 0
               : pv_codes_at(pv_table_codes(p->curator->rows, p->ballot->by),
                             row);
}

static void sort_by_class(polling *p)
{
    const size_t rows = pv_table_rows(p->curator->rows);
    const size_t classes = p->ballot->classes;
    for (size_t i = 0; i < rows; i++)
        p->start[class_of(p, i) + 1]++;
    for (size_t c = 0; c < classes; c++)
        p->start[c + 1] += p->start[c];
    for (size_t i = 0; i < rows; i++)
        p->order[p->start[class_of(p, i)]++] = (uint32_t)i;
    for (size_t c = classes; c > 0; c--)
        p->start[c] = p->start[c - 1];
    p->start[0] = 0;
}

static void embed_row(const polling *p, size_t row, uint32_t *code,
                      double *value, float *vector)
{
    const pv_table *rows = p->curator->rows;
    for (size_t c = 0; c < pv_schema_columns(p->curator->schema); c++) {
        const double *values = pv_table_values(rows, c);
        code[c] = pv_codes_at(pv_table_codes(rows, c), row);
        value[c] = values != NULL ? values[row] : NAN;
    }
    pv_space_embed(p->ballot->space, code, value, vector);
}

/* Vectors of the rows order[start + first ..] of the class. */
static void fill(void *context, size_t first, size_t count, float *vector)
{
    const polling *p = context;
    const size_t width = p->ballot->width;
    const uint32_t *row = p->order + p->start[p->class] + first;
    uint32_t code[PV_MAX_COLUMNS];
    double value[PV_MAX_COLUMNS];
    for (size_t i = 0; i < count; i++)
        if (p->ballot->space != NULL)
            embed_row(p, row[i], code, value, vector + i * width);
        else
            memcpy(vector + i * width,
                   p->curator->vectors->value + row[i] * width,
                   width * sizeof *vector);
    sodium_memzero(code, sizeof code);
    sodium_memzero(value, sizeof value);
}

static pv_status poll_class(polling *p, size_t class, pv_error *err)
{
    const pv_ballot *b = p->ballot;
    const size_t rows = p->start[class + 1] - p->start[class];
    const size_t candidates = b->first[class + 1] - b->first[class];
    uint32_t *choice = p->choice + p->start[class];
    p->class = class;
    if (candidates == 0) {
        for (size_t i = 0; i < rows; i++)
            choice[i] = PV_VECTOR_NONE;
        return PV_OK;
    }
    const pv_status status =
        pv_vectors_nearest(b->metric, b->vector + b->first[class] * b->width,
                   candidates, b->width, fill, p, rows, choice, err);
    if (status != PV_OK)
        return status;
    for (size_t i = 0; i < rows; i++)
        if (choice[i] != PV_VECTOR_NONE)
            choice[i] += (uint32_t)b->first[class];
    return PV_OK;
}

/* --- counting ------------------------------------------------------------------- */

static void count_rows(const polling *p, int64_t *votes)
{
    const size_t rows = pv_table_rows(p->curator->rows);
    for (size_t i = 0; i < rows; i++)
        if (p->choice[i] != PV_VECTOR_NONE)
            votes[p->choice[i]]++;
}

static int compare_choices(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* A person's votes, c_j of them for candidate j: each gets floor(G c_j / sqrt(sum of
 * c^2)), so the sum of squares is G^2 at most. Which rows they came from does not
 * matter, nor who else voted. */
static void count_person(uint32_t *choice, size_t count, int64_t *votes)
{
    uint64_t norm2 = 0;
    qsort(choice, count, sizeof *choice, compare_choices);
    while (count > 0 && choice[count - 1] == PV_VECTOR_NONE)
        count--;
    for (size_t i = 0, j; i < count; i = j) {
        for (j = i; j < count && choice[j] == choice[i]; j++)
            ;
        norm2 += (uint64_t)(j - i) * (j - i);
    }
    for (size_t i = 0, j; i < count; i = j) {
        for (j = i; j < count && choice[j] == choice[i]; j++)
            ;
        const pv_u128 scaled = (pv_u128)PV_VOTE_GRID * (j - i);
        votes[choice[i]] += (int64_t)pv_isqrt(scaled * scaled / norm2);
    }
}

/* The choices by person, then person by person. */
static pv_status count_persons(const polling *p, int64_t *votes, pv_error *err)
{
    const pv_table *table = p->curator->rows;
    const size_t rows = pv_table_rows(table);
    const uint32_t *person = pv_table_persons(table);
    const size_t persons = pv_table_person_count(table);
    size_t *start = pv_array_calloc(persons + 1, sizeof *start);
    uint32_t *choice = pv_array_alloc(rows, sizeof *choice);
    pv_status status = PV_OK;
    if (start == NULL || choice == NULL) {
        status = pv_fail_memory(err, "the votes");
        goto out;
    }
    for (size_t i = 0; i < rows; i++)
        start[person[p->order[i]] + 1]++;
    for (size_t i = 0; i < persons; i++)
        start[i + 1] += start[i];
    for (size_t i = 0; i < rows; i++)
        choice[start[person[p->order[i]]]++] = p->choice[i];
    for (size_t i = 0, from = 0; i < persons; i++) {
        count_person(choice + from, start[i] - from, votes);
        from = start[i];
    }
out:
    if (start != NULL)
        pv_wipe_free(start, (persons + 1) * sizeof *start);
    if (choice != NULL)
        pv_wipe_free(choice, rows * sizeof *choice);
    return status;
}

static pv_status make_polling(polling *p, pv_error *err)
{
    const size_t rows = pv_table_rows(p->curator->rows);
    p->order = pv_array_alloc(rows, sizeof *p->order);
    p->choice = pv_array_alloc(rows, sizeof *p->choice);
    p->start = pv_array_calloc(p->ballot->classes + 1, sizeof *p->start);
    return p->order != NULL && p->choice != NULL && p->start != NULL
               ? PV_OK
               : pv_fail_memory(err, "the votes");
}

static void clear_polling(polling *p)
{
    const size_t rows = pv_table_rows(p->curator->rows);
    if (p->order != NULL)
        pv_wipe_free(p->order, rows * sizeof *p->order);
    if (p->choice != NULL)
        pv_wipe_free(p->choice, rows * sizeof *p->choice);
    if (p->start != NULL)
        pv_wipe_free(p->start, (p->ballot->classes + 1) * sizeof *p->start);
}

pv_status pv_curator_votes(const pv_curator *curator, const pv_ballot *ballot,
                           int64_t *votes, pv_error *err)
{
    pv_status status = PV_OK;
    polling p = {.curator = curator, .ballot = ballot};
    memset(votes, 0, ballot->first[ballot->classes] * sizeof *votes);
    PV_TRY(make_polling(&p, err));
    sort_by_class(&p);
    for (size_t c = 0; c < ballot->classes; c++)
        PV_TRY(poll_class(&p, c, err));
    if (pv_votes_grid(curator->rows_per_unit) == 1)
        count_rows(&p, votes);
    else
        PV_TRY(count_persons(&p, votes, err));
out:
    clear_polling(&p);
    return status;
}
