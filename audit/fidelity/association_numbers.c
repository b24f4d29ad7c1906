#include "audit/fidelity/association.h"
#include "core/memory.h"
#include "core/threads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A table of places of at most so many cells for each row takes the place of
 * the rows: the sums are the same, and whole numbers stay whole. */
enum { cells_per_row = 1, block_rows = 1024 };

typedef struct working {
    const pv_numbers *numbers;
    size_t columns, t, rows;
    pv_rank_association *matrix;
    pv_status *status; /* of each column's item */
} working;

/* One side of a pair. */
typedef struct side {
    const pv_numbers *numbers;
    uint32_t *place; /* of each row that has both numbers */
    uint32_t *count; /* of each place, among those rows */
    double *off;     /* of each place: a value less the mean of all */
    double square;   /* sum of off^2 over rows */
    int64_t tied;    /* pairs of rows in one place */
} side;

/* What an item needs; rows and places at most as many as there are. */
typedef struct scratch {
    side x, y;
    uint32_t *order; /* rows by rising x */
    size_t ordered;
    size_t n;        /* rows that have both numbers, in rising x */
    uint32_t *table; /* of cells, or NULL */
    uint32_t *tree;  /* for counting, of one more than places of y */
    int64_t *below;  /* of each place of y */
} scratch;

/* --- sums over the rows of a pair ----------------------------------------- */

static double add_products(const scratch *s)
{
    double sum = 0;
    if (s->table != NULL) {
        const size_t width = s->y.numbers->count;
        for (size_t i = 0; i < s->x.numbers->count; i++) {
            double part = 0;
            for (size_t j = 0; j < width; j++)
                part += s->table[i * width + j] * s->y.off[j];
            sum += part * s->x.off[i];
        }
        return sum;
    }
    for (size_t first = 0; first < s->n; first += block_rows) {
        const size_t end =
            s->n - first < block_rows ? s->n : first + block_rows;
        double part = 0;
        for (size_t r = first; r < end; r++)
            part += s->x.off[s->x.place[r]] * s->y.off[s->y.place[r]];
        sum += part;
    }
    return sum;
}

/* Sets off[] from values already there. */
static void centre(side *a, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < a->numbers->count; i++)
        sum += a->count[i] * a->off[i];
    const double mean = sum / (double)n;
    a->square = 0;
    for (size_t i = 0; i < a->numbers->count; i++) {
        a->off[i] -= mean;
        a->square += a->count[i] * a->off[i] * a->off[i];
    }
}

static double correlation(const scratch *s)
{
    const double r = add_products(s) / (sqrt(s->x.square) * sqrt(s->y.square));
    return fmax(-1, fmin(1, r));
}

static void use_values(side *a, size_t n)
{
    memcpy(a->off, a->numbers->value, a->numbers->count * sizeof *a->off);
    centre(a, n);
}

/* Ranks, equals sharing the mean of theirs. */
static void use_ranks(side *a, size_t n)
{
    double before = 0;
    for (size_t i = 0; i < a->numbers->count; i++) {
        a->off[i] = before + (a->count[i] + 1.0) / 2;
        before += a->count[i];
    }
    centre(a, n);
}

/* --- Kendall -------------------------------------------------------------- */

/* Concordant less discordant pairs of rows, from the table of places. */
static int64_t balance_table(const scratch *s)
{
    const size_t width = s->y.numbers->count;
    int64_t balance = 0, all_below = 0;
    memset(s->below, 0, width * sizeof *s->below);
    for (size_t i = 0; i < s->x.numbers->count; i++) {
        const uint32_t *row = s->table + i * width;
        int64_t less = 0;
        for (size_t j = 0; j < width; j++) {
            const int64_t more = all_below - less - s->below[j];
            balance += row[j] * (less - more);
            less += s->below[j];
        }
        for (size_t j = 0; j < width; j++) {
            s->below[j] += row[j];
            all_below += row[j];
        }
    }
    return balance;
}

static uint32_t tree_sum(const uint32_t *tree, size_t places)
{
    uint32_t sum = 0;
    for (; places > 0; places &= places - 1)
        sum += tree[places];
    return sum;
}

/* The same from rows in rising x, by a tree of partial sums over y. */
static int64_t balance_rows(const scratch *s)
{
    const size_t width = s->y.numbers->count;
    int64_t balance = 0;
    memset(s->tree, 0, (width + 1) * sizeof *s->tree);
    for (size_t first = 0, end; first < s->n; first = end) {
        for (end = first; end < s->n && s->x.place[end] == s->x.place[first];
             end++) {
            const uint32_t y = s->y.place[end];
            const int64_t less = tree_sum(s->tree, y);
            const int64_t up_to = tree_sum(s->tree, (size_t)y + 1);
            balance += less - ((int64_t)first - up_to);
        }
        for (size_t r = first; r < end; r++)
            for (size_t k = (size_t)s->y.place[r] + 1; k <= width; k += k & -k)
                s->tree[k]++;
    }
    return balance;
}

static double kendall(const scratch *s)
{
    const double pairs = (double)s->n * ((double)s->n - 1) / 2;
    const int64_t balance =
        s->table != NULL ? balance_table(s) : balance_rows(s);
    return (double)balance /
           (sqrt(pairs - (double)s->x.tied) * sqrt(pairs - (double)s->y.tied));
}

/* --- a pair --------------------------------------------------------------- */

static void count_places(side *a, size_t n)
{
    memset(a->count, 0, a->numbers->count * sizeof *a->count);
    for (size_t r = 0; r < n; r++)
        a->count[a->place[r]]++;
    a->tied = 0;
    for (size_t i = 0; i < a->numbers->count; i++)
        a->tied += (int64_t)a->count[i] * ((int64_t)a->count[i] - 1) / 2;
}

/* Takes the rows of the pair, and their table where it is small. */
static pv_status take_rows(scratch *s, size_t t)
{
    const uint32_t *x = s->x.numbers->place[t], *y = s->y.numbers->place[t];
    const size_t width = s->y.numbers->count;
    size_t cells;
    s->n = 0;
    for (size_t i = 0; i < s->ordered; i++) {
        const uint32_t row = s->order[i];
        if (y[row] == PV_NO_PLACE)
            continue;
        s->x.place[s->n] = x[row];
        s->y.place[s->n++] = y[row];
    }
    if (!pv_size_mul(s->x.numbers->count, width, &cells) ||
        cells / cells_per_row > s->n)
        return PV_OK;
    s->table = pv_array_calloc(cells, sizeof *s->table);
    if (s->table == NULL)
        return PV_ENOMEM;
    for (size_t r = 0; r < s->n; r++)
        s->table[s->x.place[r] * width + s->y.place[r]]++;
    return PV_OK;
}

static pv_status new_side(side *a, const pv_numbers *numbers, size_t rows)
{
    *a = (side){.numbers = numbers};
    a->place = pv_array_alloc(rows, sizeof *a->place);
    a->count = pv_array_alloc(numbers->count, sizeof *a->count);
    a->off = pv_array_alloc(numbers->count, sizeof *a->off);
    return a->place != NULL && a->count != NULL && a->off != NULL ? PV_OK
                                                                  : PV_ENOMEM;
}

static void clear_side(side *a)
{
    free(a->place);
    free(a->count);
    free(a->off);
}

static pv_status associate_pair(scratch *s, size_t t, size_t rows,
                                pv_rank_association *result)
{
    const size_t width = s->y.numbers->count;
    pv_status status = PV_OK;
    PV_TRY(new_side(&s->y, s->y.numbers, rows));
    s->tree = pv_array_alloc(width + 1, sizeof *s->tree);
    s->below = pv_array_alloc(width, sizeof *s->below);
    if (s->tree == NULL || s->below == NULL) {
        status = PV_ENOMEM;
        goto out;
    }
    PV_TRY(take_rows(s, t));
    count_places(&s->x, s->n);
    count_places(&s->y, s->n);
    const int64_t pairs = (int64_t)s->n * ((int64_t)s->n - 1) / 2;
    if (s->n < 2 || s->x.tied == pairs || s->y.tied == pairs)
        goto out; /* a constant has no correlation */
    use_values(&s->x, s->n);
    use_values(&s->y, s->n);
    result->pearson = correlation(s);
    use_ranks(&s->x, s->n);
    use_ranks(&s->y, s->n);
    result->spearman = correlation(s);
    result->kendall = kendall(s);
out:
    clear_side(&s->y);
    free(s->table);
    free(s->tree);
    free(s->below);
    s->table = s->tree = NULL;
    s->below = NULL;
    return status;
}

/* Rows by rising x, without those that have none. */
static pv_status order_rows(const pv_numbers *x, size_t t, size_t rows,
                            scratch *s)
{
    uint32_t *start = pv_array_calloc(x->count + 1, sizeof *start);
    s->order = pv_array_alloc(rows, sizeof *s->order);
    if (start == NULL || s->order == NULL) {
        free(start);
        return PV_ENOMEM;
    }
    for (size_t r = 0; r < rows; r++)
        if (x->place[t][r] != PV_NO_PLACE)
            start[x->place[t][r] + 1]++;
    for (size_t i = 0; i < x->count; i++)
        start[i + 1] += start[i];
    s->ordered = start[x->count];
    for (size_t r = 0; r < rows; r++)
        if (x->place[t][r] != PV_NO_PLACE)
            s->order[start[x->place[t][r]]++] = (uint32_t)r;
    free(start);
    return PV_OK;
}

/* All pairs whose first column is `i`. */
static void associate_column(size_t i, void *context)
{
    const working *w = context;
    scratch s = {0};
    pv_status status = PV_OK;
    if (w->numbers[i].count == 0)
        return;
    PV_TRY(new_side(&s.x, &w->numbers[i], w->rows));
    PV_TRY(order_rows(&w->numbers[i], w->t, w->rows, &s));
    for (size_t j = i + 1; j < w->columns; j++) {
        if (w->numbers[j].count == 0)
            continue;
        s.y.numbers = &w->numbers[j];
        PV_TRY(
            associate_pair(&s, w->t, w->rows, &w->matrix[i * w->columns + j]));
    }
out:
    clear_side(&s.x);
    free(s.order);
    w->status[i] = status;
}

pv_status pv_associate_numbers(const pv_numbers *numbers, size_t columns,
                               size_t t, size_t rows,
                               pv_rank_association *matrix, pv_error *err)
{
    pv_status status = PV_OK;
    working w = {numbers, columns, t, rows, matrix, NULL};
    w.status = pv_array_calloc(columns, sizeof *w.status);
    if (w.status == NULL)
        return pv_fail_memory(err, "correlations");
    for (size_t i = 0; i < columns * columns; i++)
        matrix[i] = (pv_rank_association){NAN, NAN, NAN};
    pv_parallel_for(columns, associate_column, &w);
    for (size_t i = 0; i < columns && status == PV_OK; i++)
        if (w.status[i] != PV_OK)
            status = pv_fail_memory(err, "correlations");
    free(w.status);
    return status;
}
