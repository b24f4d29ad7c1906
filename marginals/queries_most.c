/* How many boxes one row can be in.
 *
 * Conditions speak of one column each, and a row may have any cell of one column with
 * any cell of another (what structural zeros forbid is allowed here, which can only
 * raise the bound). So a set of boxes has a row in common if and only if in every
 * column their sets of cells, the missing one among them, have a cell in common: a
 * search over sets of boxes that are intersected column by column finds the largest
 * exactly. That two and two of them overlap would not do for sets of cells at large:
 * {a, b}, {b, c} and {a, c} have nothing in common.
 *
 * The search may take too long. Then the boxes are coloured, so that no two that
 * overlap have one colour. Boxes with a row in common overlap two by two, hence have
 * different colours: the number of colours is not below the true number. */
#include "core/memory.h"
#include "marginals/queries_internal.h"

#include <stdlib.h>
#include <string.h>

/* Words to be intersected before the search is given up: some hundredths of a
 * second. */
static const uint64_t most_work = 20000000;

/* Sets of cells as bits: of every box, all columns that any box speaks of. */
typedef struct cover {
    size_t boxes, columns, words;
    uint32_t *column;
    size_t *start; /* a column's first word, and the end of all */
    uint64_t *bits;
    uint64_t *depth; /* sets on the way: so many words for each box taken */
    uint32_t *colour;
    uint64_t work;
    uint32_t best;
} cover;

static void set_bits(const pv_queries *q, const cover *c, const pv_box *box,
                     uint64_t *bits)
{
    for (size_t k = 0; k < c->columns; k++) {
        const bool *in = NULL;
        for (size_t i = 0; i < box->conditions; i++)
            if (box->condition[i].column == c->column[k])
                in = box->condition[i].in;
        for (uint32_t cell = 0; cell < q->axis[c->column[k]].cells; cell++)
            if (in == NULL || in[cell])
                bits[c->start[k] + cell / 64] |= UINT64_C(1) << cell % 64;
    }
}

static pv_status prepare(const pv_queries *q, const pv_box *box, size_t boxes,
                         cover *c, pv_error *err)
{
    bool used[PV_MAX_COLUMNS] = {false};
    size_t bits;
    *c = (cover){.boxes = boxes};
    for (size_t b = 0; b < boxes; b++)
        for (size_t i = 0; i < box[b].conditions; i++)
            used[box[b].condition[i].column] = true;
    c->column = pv_array_alloc(q->columns, sizeof *c->column);
    c->start = pv_array_calloc(q->columns + 1, sizeof *c->start);
    c->colour = pv_array_calloc(boxes, sizeof *c->colour);
    if (c->column == NULL || c->start == NULL || c->colour == NULL)
        return pv_fail_memory(err, "the overlap of queries");
    for (uint32_t j = 0; j < q->columns; j++) {
        if (!used[j])
            continue;
        c->column[c->columns++] = j;
        c->words += (q->axis[j].cells + 63) / 64;
        c->start[c->columns] = c->words;
    }
    if (!pv_size_mul(boxes + 1, c->words, &bits))
        return pv_fail_memory(err, "the overlap of queries");
    c->bits = pv_array_calloc(bits, sizeof *c->bits);
    c->depth = pv_array_calloc(bits, sizeof *c->depth);
    if (c->bits == NULL || c->depth == NULL)
        return pv_fail_memory(err, "the overlap of queries");
    for (size_t b = 0; b < boxes; b++)
        set_bits(q, c, &box[b], c->bits + b * c->words);
    return PV_OK;
}

static void clear(cover *c)
{
    free(c->column);
    free(c->start);
    free(c->colour);
    free(c->bits);
    free(c->depth);
}

/* Whether every column has a cell that is in both; `both` gets them. */
static bool intersect(const cover *c, const uint64_t *a, const uint64_t *b,
                      uint64_t *both)
{
    for (size_t k = 0; k < c->columns; k++) {
        uint64_t any = 0;
        for (size_t w = c->start[k]; w < c->start[k + 1]; w++)
            any |= both[w] = a[w] & b[w];
        if (any == 0)
            return false;
    }
    return true;
}

/* Adds boxes from `next` on to the `taken` ones, whose common cells are
 * depth[taken]. False when it takes too long. */
static bool search(cover *c, size_t next, uint32_t taken)
{
    uint64_t *common = c->depth + taken * c->words;
    if (taken > c->best)
        c->best = taken;
    for (size_t b = next; b < c->boxes; b++) {
        if (taken + (c->boxes - b) <= c->best)
            return true;
        c->work += c->words + 1;
        if (c->work > most_work)
            return false;
        if (intersect(c, common, c->bits + b * c->words, common + c->words) &&
            !search(c, b + 1, taken + 1))
            return false;
    }
    return true;
}

/* Each box gets the first colour that no earlier box has which it overlaps. */
static uint32_t count_colours(cover *c, uint32_t *seen)
{
    uint32_t colours = 0;
    for (size_t b = 0; b < c->boxes; b++) {
        /* seen[k] is b + 1 when colour k is not to be had for b */
        for (size_t a = 0; a < b; a++)
            if (seen[c->colour[a]] != b + 1 &&
                intersect(c, c->bits + a * c->words, c->bits + b * c->words,
                          c->depth))
                seen[c->colour[a]] = (uint32_t)b + 1;
        uint32_t k = 0;
        while (k < colours && seen[k] == b + 1)
            k++;
        c->colour[b] = k;
        colours += k == colours;
    }
    return colours;
}

pv_status pv_boxes_most(const pv_queries *q, const pv_box *box, size_t boxes,
                        uint32_t *most, pv_error *err)
{
    pv_status status = PV_OK;
    cover c;
    uint32_t *seen = pv_array_calloc(boxes, sizeof *seen);
    PV_TRY(prepare(q, box, boxes, &c, err));
    if (seen == NULL) {
        status = pv_fail_memory(err, "the overlap of queries");
        goto out;
    }
    memset(c.depth, 0xff, c.words * sizeof *c.depth);
    *most = search(&c, 0, 0) ? c.best : count_colours(&c, seen);
out:
    free(seen);
    clear(&c);
    return status;
}
