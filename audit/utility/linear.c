#include "audit/utility/linear.h"

#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { most_steps = 50 };
static const double pivot_least = 1e-9;

void pv_linear_clear(pv_linear *fit)
{
    free(fit->coefficient);
    free(fit->error);
    free(fit->aliased);
    memset(fit, 0, sizeof *fit);
}

typedef struct work {
    const pv_design *design;
    const pv_table *table;
    const uint32_t *row;
    size_t count;
    const double *y;
    bool logistic;
    double ridge;
    double *cross;    /* terms x terms: X'WX, later its inverse */
    double *right;    /* X'W z */
    double *next;     /* coefficients */
    uint32_t *index;
    double *value;
    double squares;   /* sum of squared residuals, or deviance */
    double furthest;  /* largest |linear predictor| */
} work;

static bool work_alloc(work *w)
{
    const size_t terms = w->design->terms;
    size_t cells;
    w->index = pv_array_alloc(w->design->columns + 1, sizeof *w->index);
    w->value = pv_array_alloc(w->design->columns + 1, sizeof *w->value);
    w->right = pv_array_calloc(terms, sizeof *w->right);
    w->next = pv_array_calloc(terms, sizeof *w->next);
    if (pv_size_mul(terms, terms, &cells))
        w->cross = pv_array_calloc(cells, sizeof *w->cross);
    return w->index != NULL && w->value != NULL && w->right != NULL &&
           w->next != NULL && w->cross != NULL;
}

static void work_free(work *w)
{
    free(w->cross);
    free(w->right);
    free(w->next);
    free(w->index);
    free(w->value);
}

static double predictor(const double *coefficient, size_t n,
                        const uint32_t *index, const double *value)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += coefficient[index[i]] * value[i];
    return sum;
}

/* Weight and gradient of a row at the present coefficients. */
static void weigh(work *w, double y, double at, double *weight, double *slope)
{
    *weight = 1;
    *slope = y - at;
    if (!w->logistic) {
        w->squares += *slope * *slope;
        return;
    }
    const double p = 1 / (1 + exp(-at));
    *weight = p * (1 - p);
    *slope = y - p;
    w->squares -= 2 * log(fmax(y > 0.5 ? p : 1 - p, 1e-300));
    w->furthest = fmax(w->furthest, fabs(at));
}

/* The normal equations of a step from the fit's coefficients; returns the rows
 * that take part. */
static size_t accumulate(work *w, const pv_linear *fit)
{
    size_t rows = 0;
    const size_t terms = fit->terms;
    memset(w->cross, 0, terms * terms * sizeof *w->cross);
    memset(w->right, 0, terms * sizeof *w->right);
    w->squares = w->furthest = 0;
    for (size_t k = 0; k < w->count; k++) {
        const size_t row = w->row != NULL ? w->row[k] : k;
        if (isnan(w->y[row]))
            continue;
        const size_t n =
            pv_design_row(w->design, w->table, row, w->index, w->value);
        double weight, slope;
        if (n == 0)
            continue;
        rows++;
        weigh(w, w->y[row],
              predictor(fit->coefficient, n, w->index, w->value), &weight,
              &slope);
        for (size_t i = 0; i < n; i++) {
            double *line = w->cross + w->index[i] * terms;
            const double x = weight * w->value[i];
            for (size_t j = 0; j <= i; j++)
                line[w->index[j]] += x * w->value[j];
            w->right[w->index[i]] += slope * w->value[i];
        }
    }
    for (size_t i = 1; i < terms; i++) {
        w->cross[i * terms + i] += w->ridge;
        w->right[i] -= w->ridge * fit->coefficient[i];
        for (size_t j = 0; j < i; j++)
            w->cross[j * terms + i] = w->cross[i * terms + j];
    }
    return rows;
}

/* Sweeps a symmetric matrix pivot by pivot, which leaves minus its inverse; terms
 * whose pivot has vanished are aliased and left out. */
static void sweep(work *w, pv_linear *fit, double *diagonal)
{
    double *a = w->cross;
    const size_t n = fit->terms;
    for (size_t i = 0; i < n; i++)
        diagonal[i] = a[i * n + i];
    fit->rank = 0;
    for (size_t k = 0; k < n; k++) {
        const double pivot = a[k * n + k];
        fit->aliased[k] = !(pivot > pivot_least * diagonal[k]) || pivot <= 0;
        if (fit->aliased[k])
            continue;
        fit->rank++;
        for (size_t i = 0; i < n; i++) {
            const double factor = a[i * n + k] / pivot;
            if (i == k || factor == 0)
                continue;
            for (size_t j = 0; j < n; j++)
                if (j != k)
                    a[i * n + j] -= factor * a[k * n + j];
            a[i * n + k] = factor;
        }
        for (size_t j = 0; j < n; j++)
            if (j != k)
                a[k * n + j] /= pivot;
        a[k * n + k] = -1 / pivot;
    }
}

/* The step that the swept matrix gives; returns how far the furthest coefficient
 * goes, in standard errors (with a ridge: of the diagonal's scale). */
static double step(work *w, pv_linear *fit)
{
    double furthest = 0;
    const size_t n = fit->terms;
    for (size_t i = 0; i < n; i++) {
        double move = 0;
        for (size_t j = 0; !fit->aliased[i] && j < n; j++)
            if (!fit->aliased[j])
                move -= w->cross[i * n + j] * w->right[j];
        w->next[i] = move;
        const double variance = -w->cross[i * n + i];
        if (!fit->aliased[i] && variance > 0)
            furthest = fmax(furthest, fabs(move) / sqrt(variance));
    }
    for (size_t i = 0; i < n; i++)
        fit->coefficient[i] += w->next[i];
    return furthest;
}

static void take_errors(const work *w, pv_linear *fit)
{
    const size_t n = fit->terms;
    const double freedom =
        fit->rows > fit->rank ? (double)(fit->rows - fit->rank) : NAN;
    const double variance = w->logistic ? 1 : w->squares / freedom;
    for (size_t i = 0; i < n; i++)
        fit->error[i] = fit->aliased[i] || w->ridge > 0
                            ? NAN
                            : sqrt(-w->cross[i * n + i] * variance);
}

/* Predictors beyond this are certainties: exp(-30) of a row's chance is left. */
static const double certain = 30;

static pv_status iterate(work *w, pv_linear *fit, double *diagonal,
                         pv_error *err)
{
    const double enough = 1e-9;
    for (int i = 0; i < (w->logistic ? most_steps : 2); i++) {
        fit->rows = accumulate(w, fit);
        if (fit->rows == 0)
            return pv_fail(err, PV_EINVAL, "no row has all values of the model");
        if (w->furthest > certain && w->ridge <= 0) {
            fit->separated = true;
            return PV_OK;
        }
        sweep(w, fit, diagonal);
        fit->converged = step(w, fit) <= enough;
        if (fit->converged)
            break;
    }
    fit->rows = accumulate(w, fit); /* residuals and errors at the end */
    sweep(w, fit, diagonal);
    take_errors(w, fit);
    fit->converged |= !w->logistic;
    return PV_OK;
}

pv_status pv_linear_fit(const pv_design *design, const pv_table *table,
                        const uint32_t *row, size_t count, const double *y,
                        bool logistic, double ridge, pv_linear *fit,
                        pv_error *err)
{
    pv_status status = PV_OK;
    work w = {.design = design, .table = table, .row = row, .count = count,
              .y = y, .logistic = logistic, .ridge = ridge};
    double *diagonal = pv_array_calloc(design->terms, sizeof *diagonal);
    *fit = (pv_linear){
        .terms = design->terms,
        .coefficient = pv_array_calloc(design->terms, sizeof(double)),
        .error = pv_array_calloc(design->terms, sizeof(double)),
        .aliased = pv_array_calloc(design->terms, sizeof(bool))};
    if (!work_alloc(&w) || diagonal == NULL || fit->coefficient == NULL ||
        fit->error == NULL || fit->aliased == NULL) {
        status = pv_fail_memory(err, "a regression");
        goto out;
    }
    PV_TRY(iterate(&w, fit, diagonal, err));
out:
    work_free(&w);
    free(diagonal);
    if (status != PV_OK)
        pv_linear_clear(fit);
    return status;
}

double pv_linear_predict(const pv_linear *fit, const pv_design *design,
                         const pv_table *table, size_t row, uint32_t *index,
                         double *value)
{
    const size_t n = pv_design_row(design, table, row, index, value);
    return n > 0 ? predictor(fit->coefficient, n, index, value) : NAN;
}
