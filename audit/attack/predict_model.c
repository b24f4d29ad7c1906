/* Averaged one-dependence estimators. The chance of class y and values x is
 *
 *     mean over i of P(y, x_i) * product over j of P(x_j | y, x_i)
 *
 * over those i whose value x_i was seen at least once (Webb, Boughton and Wang
 * 2005); where there is none, naive Bayes P(y) * product of P(x_j | y).
 *
 * Rates are drawn towards coarser ones, as if `weight` more rows of those had
 * been seen: P(x_j | y, x_i) towards P(x_j | y), this towards P(x_j), this
 * towards 1 / levels. So a pair of columns too wide to count leaves naive
 * Bayes for this pair, and nothing is ever 0.
 *
 * One parent i at a time, a few children j at a time: memory is bounded by
 * these counts and two numbers for each person and class. */
#include "audit/attack/predict.h"

#include "core/memory.h"
#include "core/threads.h"
#include "io/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    children = 8,          /* counted together */
    most_cells = 1 << 22,  /* of a pair and the class */
    block_people = 1024
};

static const double weight = 10;

/* What is counted for a child: rows by its value and class, and by the
 * parent's value, its value and class (NULL: too wide, or no parent). */
typedef struct tally {
    uint32_t column, levels;
    uint32_t *single, *pair;
} tally;

typedef struct model {
    const pv_table *synthetic, *people;
    size_t rows;
    uint32_t classes;
    uint32_t *class_of, *prior; /* of synthetic rows; rows of each class */
    ptrdiff_t parent;           /* column, or -1 */
    uint32_t *parent_count;     /* rows by the parent's value and class */
    tally child[children];
    size_t count; /* children at hand */
    double *part; /* logarithms for this parent: people x classes */
} model;

/* --- counts --------------------------------------------------------------- */

static uint32_t levels_of(const model *m, size_t column)
{
    return pv_schema_column(pv_table_schema(m->synthetic), column)->levels;
}

/* NULL on short memory. */
static uint32_t *count_single(const model *m, size_t column)
{
    const pv_codes codes = pv_table_codes(m->synthetic, column);
    uint32_t *count =
        pv_array_calloc((size_t)levels_of(m, column) * m->classes,
                        sizeof *count);
    for (size_t r = 0; count != NULL && r < m->rows; r++)
        count[(size_t)pv_codes_at(codes, r) * m->classes + m->class_of[r]]++;
    return count;
}

static void count_pair(const model *m, const tally *t)
{
    const pv_codes a = pv_table_codes(m->synthetic, (size_t)m->parent);
    const pv_codes b = pv_table_codes(m->synthetic, t->column);
    for (size_t r = 0; r < m->rows; r++) {
        const size_t cell =
            (size_t)pv_codes_at(a, r) * t->levels + pv_codes_at(b, r);
        t->pair[cell * m->classes + m->class_of[r]]++;
    }
}

/* Leaves `single` NULL on short memory. */
static void count_child(size_t item, void *context)
{
    model *m = context;
    tally *t = &m->child[item];
    t->levels = levels_of(m, t->column);
    t->single = count_single(m, t->column);
    t->pair = NULL;
    if (m->parent < 0 || t->single == NULL)
        return;
    const size_t cells = (size_t)levels_of(m, (size_t)m->parent) * t->levels;
    if (cells > most_cells / m->classes)
        return;
    t->pair = pv_array_calloc(cells * m->classes, sizeof *t->pair);
    if (t->pair != NULL)
        count_pair(m, t);
}

static void drop_children(model *m)
{
    for (size_t i = 0; i < m->count; i++) {
        free(m->child[i].single);
        free(m->child[i].pair);
    }
    m->count = 0;
}

/* --- one person ----------------------------------------------------------- */

/* Counts of a value (all NULL: none seen) in each class. */
typedef struct seen {
    const uint32_t *single, *pair, *parent;
} seen;

/* product[y] *= P(value | y, parent's value). */
static void multiply(const model *m, const tally *t, const seen *s,
                     double *product)
{
    const uint32_t classes = m->classes;
    double whole = 0;
    for (uint32_t y = 0; y < classes; y++)
        whole += s->single[y];
    const double base =
        (whole + weight / t->levels) / ((double)m->rows + weight);
    for (uint32_t y = 0; y < classes; y++) {
        double p = (s->single[y] + weight * base) / (m->prior[y] + weight);
        if (s->pair != NULL)
            p = (s->pair[y] + weight * p) / (s->parent[y] + weight);
        product[y] *= p;
    }
}

static void add_children(const model *m, const pv_codes *codes,
                         pv_codes parent, size_t row)
{
    double product[PV_SECRET_MOST];
    double *part = m->part + row * m->classes;
    const size_t above = m->parent >= 0 ? pv_codes_at(parent, row) : 0;
    for (uint32_t y = 0; y < m->classes; y++)
        product[y] = 1;
    for (size_t i = 0; i < m->count; i++) {
        const tally *t = &m->child[i];
        const size_t value = pv_codes_at(codes[i], row);
        seen s = {.single = t->single + value * m->classes};
        if (t->pair != NULL) {
            s.pair = t->pair + (above * t->levels + value) * m->classes;
            s.parent = m->parent_count + above * m->classes;
        }
        multiply(m, t, &s, product);
    }
    /* at most `children` factors, each above 1e-34: far from underflow */
    for (uint32_t y = 0; y < m->classes; y++)
        part[y] += log(product[y]);
}

static void add_block(size_t block, void *context)
{
    const model *m = context;
    const size_t people = pv_table_rows(m->people);
    const size_t first = block * block_people;
    const size_t end =
        people - first < block_people ? people : first + block_people;
    pv_codes codes[children], parent = {0};
    for (size_t i = 0; i < m->count; i++)
        codes[i] = pv_table_codes(m->people, m->child[i].column);
    if (m->parent >= 0)
        parent = pv_table_codes(m->people, (size_t)m->parent);
    for (size_t row = first; row < end; row++)
        add_children(m, codes, parent, row);
}

/* --- one parent ----------------------------------------------------------- */

/* part = log P(y, parent's value), or log P(y) without a parent. */
static void start_part(const model *m)
{
    const size_t people = pv_table_rows(m->people);
    pv_codes codes = {0};
    double levels = 1;
    if (m->parent >= 0) {
        codes = pv_table_codes(m->people, (size_t)m->parent);
        levels = levels_of(m, (size_t)m->parent);
    }
    const double rows = (double)m->rows;
    for (size_t p = 0; p < people; p++)
        for (uint32_t y = 0; y < m->classes; y++) {
            const uint32_t n =
                m->parent < 0
                    ? m->prior[y]
                    : m->parent_count[(size_t)pv_codes_at(codes, p) *
                                          m->classes + y];
            m->part[p * m->classes + y] =
                log((n + weight / (levels * m->classes)) / (rows + weight));
        }
}

static pv_status add_chunk(model *m, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t people = pv_table_rows(m->people);
    pv_parallel_for(m->count, count_child, m);
    for (size_t i = 0; i < m->count; i++)
        if (m->child[i].single == NULL) {
            status = pv_fail_memory(err, "counts of a model");
            goto out;
        }
    pv_parallel_for((people + block_people - 1) / block_people, add_block, m);
out:
    drop_children(m);
    return status;
}

static pv_status fill_part(model *m, const pv_attack_terms *terms,
                           pv_error *err)
{
    pv_status status = PV_OK;
    start_part(m);
    for (size_t i = 0; i < terms->known_count; i++) {
        if (terms->known[i] != m->parent)
            m->child[m->count++].column = terms->known[i];
        if (m->count == children || i + 1 == terms->known_count)
            PV_TRY(add_chunk(m, err));
    }
out:
    return status;
}

/* sum = log(exp(sum) + exp(part)) for those whose value was seen. */
static void add_part(const model *m, double *sum)
{
    const pv_codes codes = pv_table_codes(m->people, (size_t)m->parent);
    const uint32_t classes = m->classes;
    for (size_t p = 0; p < pv_table_rows(m->people); p++) {
        const size_t at = (size_t)pv_codes_at(codes, p) * classes;
        uint64_t rows = 0;
        for (uint32_t y = 0; y < classes; y++)
            rows += m->parent_count[at + y];
        for (uint32_t y = 0; rows > 0 && y < classes; y++) {
            double *s = &sum[p * classes + y];
            const double x = m->part[p * classes + y];
            *s = *s > x ? *s + log1p(exp(x - *s)) : x + log1p(exp(*s - x));
        }
    }
}

static pv_status add_parents(model *m, const pv_attack_terms *terms,
                             double *sum, pv_error *err)
{
    pv_status status = PV_OK;
    for (size_t i = 0; i < terms->known_count; i++) {
        m->parent = terms->known[i];
        m->parent_count = count_single(m, terms->known[i]);
        if (m->parent_count == NULL)
            return pv_fail_memory(err, "counts of a model");
        status = fill_part(m, terms, err);
        if (status == PV_OK)
            add_part(m, sum);
        free(m->parent_count);
        if (status != PV_OK)
            return status;
    }
    return PV_OK;
}

/* --- beliefs -------------------------------------------------------------- */

/* Logarithms to shares. Where no parent was seen (all -INFINITY) those of
 * naive Bayes, which are in m->part. */
static void normalise(const model *m, double *belief)
{
    const uint32_t classes = m->classes;
    for (size_t p = 0; p < pv_table_rows(m->people); p++) {
        double *b = belief + p * classes, most = -INFINITY, total = 0;
        if (isinf(b[0]))
            memcpy(b, m->part + p * classes, classes * sizeof *b);
        for (uint32_t y = 0; y < classes; y++)
            most = b[y] > most ? b[y] : most;
        for (uint32_t y = 0; y < classes; y++)
            total += b[y] = exp(b[y] - most);
        for (uint32_t y = 0; y < classes; y++)
            b[y] /= total;
    }
}

static pv_status alloc_model(model *m, const pv_attack_terms *terms,
                             pv_error *err)
{
    const size_t cells = pv_table_rows(m->people) * m->classes;
    m->class_of = pv_array_alloc(m->rows, sizeof *m->class_of);
    m->prior = pv_array_calloc(m->classes, sizeof *m->prior);
    m->part = pv_array_alloc(cells, sizeof *m->part);
    if (m->class_of == NULL || m->prior == NULL || m->part == NULL)
        return pv_fail_memory(err, "a model");
    pv_secret_classes(terms->secret, m->synthetic, m->class_of);
    for (size_t r = 0; r < m->rows; r++)
        m->prior[m->class_of[r]]++;
    return PV_OK;
}

pv_status pv_predict_model(const pv_table *synthetic,
                           const pv_attack_terms *terms, const pv_table *people,
                           double *belief, pv_error *err)
{
    pv_status status = PV_OK;
    model m = {.synthetic = synthetic,
               .people = people,
               .rows = pv_table_rows(synthetic),
               .classes = terms->secret->levels};
    const size_t cells = pv_table_rows(people) * m.classes;
    for (size_t i = 0; i < cells; i++)
        belief[i] = m.rows > 0 ? -INFINITY : 1.0 / m.classes;
    if (m.rows == 0)
        return PV_OK;
    PV_TRY(alloc_model(&m, terms, err));
    PV_TRY(add_parents(&m, terms, belief, err));
    m.parent = -1;
    PV_TRY(fill_part(&m, terms, err));
    normalise(&m, belief);
out:
    free(m.class_of);
    free(m.prior);
    free(m.part);
    return status;
}
