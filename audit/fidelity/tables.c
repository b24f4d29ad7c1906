/* Two-way tables as the statisticians of synthpop compare them: Voas and
 * Williamson's statistic of each, Freeman and Tukey's and the likelihood ratio, each
 * over its degrees of freedom, the cell that is furthest off; and the mutual information of pairs (Raab, Nowok and
 * Dibben 2021). */
#include "audit/fidelity/write.h"
#include "core/memory.h"
#include "marginals/count.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { worst_pairs = 10 };

/* Pairs with more cells than this are left out, and said to be. */
static const size_t cells_most = (size_t)1 << 22;

typedef struct pair_result {
    uint32_t column[2];
    double ratio, furthest, information; /* information: of synthetic - real */
    double freeman_tukey, likelihood;    /* over their degrees of freedom; the
                                            latter NAN: too few shared cells */
} pair_result;

typedef struct tables {
    const pv_probe_input *input;
    pv_domain domain;
    pair_result *pair;
    size_t pairs, left_out;
} tables;

/* Of a table's cells: sum n ln n, for its mutual information. */
static double entropy_term(const int64_t *count, size_t cells)
{
    double sum = 0;
    for (size_t i = 0; i < cells; i++)
        if (count[i] > 0)
            sum += (double)count[i] * log((double)count[i]);
    return sum;
}

/* Mutual information in nats, from the cells and both margins. */
static double information(const int64_t *cell, size_t a, size_t b, double n)
{
    double rows = 0, columns = 0;
    for (size_t i = 0; i < a; i++) {
        double sum = 0;
        for (size_t j = 0; j < b; j++)
            sum += (double)cell[i * b + j];
        rows += sum > 0 ? sum * log(sum) : 0;
    }
    for (size_t j = 0; j < b; j++) {
        double sum = 0;
        for (size_t i = 0; i < a; i++)
            sum += (double)cell[i * b + j];
        columns += sum > 0 ? sum * log(sum) : 0;
    }
    return (entropy_term(cell, a * b) - rows - columns + n * log(n)) / n;
}

/* VW = sum (s - t r)^2 / ((s + t) c), r = n2 / n1 and c = n2 / (n1 + n2); a cell's
 * z is the root of its part. Degrees of freedom: cells that somebody is in, less
 * one. */
static void compare(const int64_t *real, const int64_t *synthetic, size_t cells,
                    double n1, double n2, pair_result *result)
{
    const double r = n2 / n1, c = n2 / (n1 + n2);
    double sum = 0;
    size_t used = 0;
    for (size_t i = 0; i < cells; i++) {
        const double t = (double)real[i], s = (double)synthetic[i];
        if (s + t <= 0)
            continue;
        const double part = (s - t * r) * (s - t * r) / ((s + t) * c);
        sum += part;
        used++;
        result->furthest = fmax(result->furthest, sqrt(part));
    }
    result->ratio = used > 1 ? sum / (double)(used - 1) : 0;
}

/* Freeman and Tukey's 4 sum (root s - root (t r))^2 over its degrees of freedom,
 * as VW's. */
static double freeman_tukey(const int64_t *real, const int64_t *synthetic,
                            size_t cells, double r)
{
    double sum = 0;
    size_t used = 0;
    for (size_t i = 0; i < cells; i++) {
        const double off = sqrt((double)synthetic[i]) - sqrt((double)real[i] * r);
        sum += 4 * off * off;
        used += (real[i] | synthetic[i]) != 0;
    }
    return used > 1 ? sum / (double)(used - 1) : 0;
}

/* The likelihood ratio 2 sum s ln(s / (t r)) of the cells that both tables have,
 * r of these cells alone so that it is never below 0, over their number less one.
 * A cell of one table alone would make it infinite. */
static double likelihood(const int64_t *real, const int64_t *synthetic,
                         size_t cells)
{
    double t = 0, s = 0, sum = 0;
    size_t used = 0;
    for (size_t i = 0; i < cells; i++)
        if (real[i] > 0 && synthetic[i] > 0) {
            t += (double)real[i];
            s += (double)synthetic[i];
            used++;
        }
    for (size_t i = 0; i < cells; i++)
        if (real[i] > 0 && synthetic[i] > 0)
            sum += 2 * (double)synthetic[i] *
                   log((double)synthetic[i] * t / ((double)real[i] * s));
    return used > 1 ? fmax(sum, 0) / (double)(used - 1) : NAN;
}

static pv_status measure_pair(tables *t, uint32_t a, uint32_t b, pv_error *err)
{
    pv_status status = PV_OK;
    const uint32_t column[] = {a, b};
    const pv_clique clique = pv_clique_of(column, 2);
    const size_t cells = pv_domain_cells(&t->domain, &clique);
    const double n1 = (double)pv_table_rows(t->input->real);
    const double n2 = (double)pv_table_rows(t->input->synthetic);
    if (cells > cells_most) {
        t->left_out++;
        return PV_OK;
    }
    int64_t *real = pv_array_alloc(cells, sizeof *real);
    int64_t *synthetic = pv_array_alloc(cells, sizeof *synthetic);
    if (real == NULL || synthetic == NULL) {
        status = pv_fail_memory(err, "a two-way table");
        goto out;
    }
    PV_TRY(pv_count(t->input->real, &clique, 1, &real, err));
    PV_TRY(pv_count(t->input->synthetic, &clique, 1, &synthetic, err));
    pair_result *result = &t->pair[t->pairs++];
    *result = (pair_result){.column = {a, b}};
    compare(real, synthetic, cells, n1, n2, result);
    result->freeman_tukey = freeman_tukey(real, synthetic, cells, n2 / n1);
    result->likelihood = likelihood(real, synthetic, cells);
    const size_t wide = t->domain.levels[a], high = t->domain.levels[b];
    result->information = information(synthetic, wide, high, n2) -
                          information(real, wide, high, n1);
out:
    free(real);
    free(synthetic);
    return status;
}

/* <prefix>.mean and .max of a member over the pairs that have it. */
static pv_status write_ratio(const tables *t, const pv_writing *w,
                             const char *prefix,
                             double (*value)(const pair_result *),
                             const char *remark, pv_error *err)
{
    static const char none[] = "no two columns share two cells in both tables";
    static const char some[] = "without pairs that share fewer than two cells";
    pv_status status = PV_OK;
    double sum = 0;
    size_t n = 0, most = 0;
    for (size_t i = 0; i < t->pairs; i++) {
        const double x = value(&t->pair[i]);
        if (isnan(x))
            continue;
        sum += x;
        if (n++ == 0 || x > value(&t->pair[most]))
            most = i;
    }
    if (n < t->pairs)
        remark = n > 0 ? some : none;
    PV_TRY(pv_write(w, prefix, "mean", n > 0 ? sum / (double)n : NAN, remark,
                    NULL, 0, err));
    PV_TRY(pv_write(w, prefix, "max", n > 0 ? value(&t->pair[most]) : NAN,
                    remark, t->pair[most].column, n > 0 ? 2 : 0, err));
out:
    return status;
}

static double freeman_tukey_of(const pair_result *p)
{
    return p->freeman_tukey;
}

static double likelihood_of(const pair_result *p)
{
    return p->likelihood;
}

static int by_ratio(const void *left, const void *right)
{
    const pair_result *a = left, *b = right;
    if (a->ratio < b->ratio || a->ratio > b->ratio)
        return a->ratio > b->ratio ? -1 : 1;
    return a->column[0] != b->column[0]
               ? (a->column[0] > b->column[0]) - (a->column[0] < b->column[0])
               : (a->column[1] > b->column[1]) - (a->column[1] < b->column[1]);
}

static pv_status write_all(tables *t, const pv_writing *w, pv_error *err)
{
    static const char left_out[] =
        "without pairs of more than 4,194,304 cells";
    pv_status status = PV_OK;
    double ratio = 0, apart = 0, most = 0, z = 0;
    const char *remark = t->left_out > 0 ? left_out : NULL;
    for (size_t i = 0; i < t->pairs; i++) {
        ratio += t->pair[i].ratio / (double)t->pairs;
        apart += fabs(t->pair[i].information) / (double)t->pairs;
        most = fmax(most, fabs(t->pair[i].information));
        z = fmax(z, t->pair[i].furthest);
    }
    PV_TRY(write_ratio(t, w, "ft.ratio", freeman_tukey_of, remark, err));
    PV_TRY(write_ratio(t, w, "g2.ratio", likelihood_of, remark, err));
    qsort(t->pair, t->pairs, sizeof *t->pair, by_ratio);
    PV_TRY(pv_write(w, "vw", "ratio.mean", ratio, remark, NULL, 0, err));
    PV_TRY(pv_write(w, "vw", "ratio.max", t->pair[0].ratio, remark,
                    t->pair[0].column, 2, err));
    PV_TRY(pv_write(w, "vw", "z.max", z, remark, NULL, 0, err));
    for (size_t i = 0; i < t->pairs && i < worst_pairs; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "worst.%zu", i + 1);
        PV_TRY(pv_write(w, "vw", name, t->pair[i].ratio, NULL,
                        t->pair[i].column, 2, err));
    }
    PV_TRY(pv_write(w, "information", "mean_abs_diff", apart, remark, NULL, 0,
                    err));
    PV_TRY(pv_write(w, "information", "max_abs_diff", most, remark, NULL, 0,
                    err));
out:
    return status;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    static const char *const ids[] = {"vw.ratio", "ft.ratio", "g2.ratio"};
    pv_status status = PV_OK;
    const pv_writing w = {input, findings};
    const size_t columns = pv_schema_columns(input->schema);
    tables t = {.input = input};
    const char *why = pv_no_rows(input);
    pv_domain_of_schema(input->schema, &t.domain);
    t.pair = pv_array_calloc(columns * columns / 2 + 1, sizeof *t.pair);
    if (t.pair == NULL)
        return pv_fail_memory(err, "two-way tables");
    for (uint32_t a = 0; why == NULL && a < columns; a++)
        for (uint32_t b = a + 1; b < columns; b++)
            PV_TRY(measure_pair(&t, a, b, err));
    if (why == NULL && t.pairs == 0)
        why = "there are no two columns to compare";
    for (size_t i = 0; why != NULL && i < sizeof ids / sizeof *ids; i++)
        PV_TRY(pv_write(&w, ids[i], "mean", NAN, why, NULL, 0, err));
    if (why == NULL)
        PV_TRY(write_all(&t, &w, err));
out:
    free(t.pair);
    return status;
}

const pv_probe pv_probe_tables = {
    .name = "tables",
    .kind = "fidelity",
    .summary = "two-way tables: Voas-Williamson, Freeman-Tukey, likelihood ratio, "
               "mutual information",
    .yardstick = true,
    .distances = true,
    .run = run};
