#include "audit/fidelity/logistic.h"

#include "core/memory.h"
#include "core/threads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows are summed in so many blocks, whatever the number of threads. */
enum { blocks = 16, most_steps = 200, most_halvings = 40 };

/* A coefficient follows from those before it when no more than this part of
 * its column's sum of squares is left beside them; and in a later step, when
 * rounding is all that is left. */
static const double aliased = 1e-10, exhausted = 1e-13;

/* The likelihood's own, relative: no reason to halve a step. */
static const double rounding = 1e-12;

typedef struct sums {
    double likelihood;
    double *gradient; /* p */
    double *matrix; /* p x p, the upper triangle: minus the second derivative*/
    pv_status status;
} sums;

typedef struct fitting {
    const pv_effects *effects;
    const pv_logistic *fit;
    const double *beta;
    sums part[blocks];
} fitting;

/* --- likelihood ----------------------------------------------------------- */

static void add_row(const fitting *f, size_t row, uint16_t *which,
                    double *value, sums *s)
{
    const size_t p = f->effects->coefficients;
    const double score = pv_effects_score(f->effects, f->beta, row);
    const double e = exp(-fabs(score)), near = 1 / (1 + e), far = e / (1 + e);
    const bool synthetic = row >= f->effects->real;
    const bool positive = score >= 0;
    const double residual =
        synthetic ? (positive ? far : near) : -(positive ? near : far);
    const double weight = near * far;
    const size_t n = pv_effects_row(f->effects, row, which, value);
    s->likelihood -= log1p(e) + (synthetic == positive ? 0 : fabs(score));
    for (size_t a = 0; a < n; a++) {
        const double mine = weight * value[a];
        double *to = s->matrix + which[a] * p;
        s->gradient[which[a]] += residual * value[a];
        for (size_t b = a; b < n; b++)
            to[which[b]] += mine * value[b];
    }
}

static void add_block(size_t block, void *context)
{
    fitting *f = context;
    const pv_effects *d = f->effects;
    const size_t p = d->coefficients;
    const size_t most = 1 + d->numbers + d->lists;
    const size_t first = d->rows / blocks * block;
    const size_t end =
        block + 1 == blocks ? d->rows : d->rows / blocks * (block + 1);
    sums *s = &f->part[block];
    uint16_t *which = pv_array_alloc(most, sizeof *which);
    double *value = pv_array_alloc(most, sizeof *value);
    s->status = which == NULL || value == NULL ? PV_ENOMEM : PV_OK;
    s->likelihood = 0;
    memset(s->gradient, 0, p * sizeof *s->gradient);
    memset(s->matrix, 0, p * p * sizeof *s->matrix);
    for (size_t r = first; s->status == PV_OK && r < end; r++)
        if (f->fit->fold == NULL || f->fit->fold[r] != f->fit->left_out)
            add_row(f, r, which, value, s);
    free(which);
    free(value);
}

/* Everything into the first part, the penalty with it. */
static pv_status add_all(fitting *f, pv_error *err)
{
    const size_t p = f->effects->coefficients;
    sums *all = &f->part[0];
    pv_parallel_for(blocks, add_block, f);
    for (size_t b = 0; b < blocks; b++)
        if (f->part[b].status != PV_OK)
            return pv_fail_memory(err, "a regression");
    for (size_t b = 1; b < blocks; b++) {
        all->likelihood += f->part[b].likelihood;
        for (size_t i = 0; i < p; i++)
            all->gradient[i] += f->part[b].gradient[i];
        for (size_t i = 0; i < p * p; i++)
            all->matrix[i] += f->part[b].matrix[i];
    }
    const double ridge = f->fit->ridge;
    for (size_t i = 1; i < p; i++) {
        all->likelihood -= ridge / 2 * f->beta[i] * f->beta[i];
        all->gradient[i] -= ridge * f->beta[i];
        all->matrix[i * p + i] += ridge;
    }
    return PV_OK;
}

/* --- a step --------------------------------------------------------------- */

/* LDL' in place, row by row, in the order of the coefficients so that it is the
 * later one of two that is left out. Clears kept[i] where the pivot is gone. */
static void factor(double *a, size_t p, double least, bool *kept)
{
    double *whole = a + p * p;
    for (size_t i = 0; i < p; i++)
        whole[i] = a[i * p + i];
    for (size_t k = 0; k < p; k++) {
        const double *pivot = a + k * p;
        kept[k] = kept[k] && pivot[k] > least * whole[k];
        if (!kept[k])
            continue;
        for (size_t i = k + 1; i < p; i++) {
            const double f = pivot[i] / pivot[k];
            double *to = a + i * p;
            if (f != 0)
                for (size_t j = i; j < p; j++)
                    to[j] -= f * pivot[j];
        }
    }
}

/* Solves for the step, 0 for what is left out; returns gradient'step. */
static double solve(const double *a, size_t p, const bool *kept,
                    const double *gradient, double *step)
{
    double gain = 0;
    memcpy(step, gradient, p * sizeof *step);
    for (size_t k = 0; k < p; k++) {
        if (!kept[k])
            continue;
        for (size_t j = k + 1; j < p; j++)
            step[j] -= a[k * p + j] / a[k * p + k] * step[k];
    }
    for (size_t k = p; k-- > 0;) {
        if (!kept[k]) {
            step[k] = 0;
            continue;
        }
        for (size_t j = k + 1; j < p; j++)
            step[k] -= a[k * p + j] * step[j];
        step[k] /= a[k * p + k];
        gain += gradient[k] * step[k];
    }
    return gain;
}

static pv_status new_sums(fitting *f, pv_error *err)
{
    const size_t p = f->effects->coefficients;
    for (size_t b = 0; b < blocks; b++) {
        f->part[b].gradient = pv_array_alloc(p, sizeof(double));
        /* and the diagonal, which factor() keeps */
        f->part[b].matrix = pv_array_alloc(p * (p + 1), sizeof(double));
        if (f->part[b].gradient == NULL || f->part[b].matrix == NULL)
            return pv_fail_memory(err, "a regression");
    }
    return PV_OK;
}

static void free_sums(fitting *f)
{
    for (size_t b = 0; b < blocks; b++) {
        free(f->part[b].gradient);
        free(f->part[b].matrix);
    }
}

/* Newton's steps, each halved until the likelihood grows. */
static pv_status climb(fitting *f, pv_logistic *fit, double *step, bool *kept,
                       pv_error *err)
{
    pv_status status = PV_OK;
    const size_t p = f->effects->coefficients;
    const sums *all = &f->part[0];
    double last = -INFINITY;
    unsigned halvings = 0;
    while (fit->steps < most_steps && halvings < most_halvings) {
        PV_TRY(add_all(f, err));
        if (all->likelihood < last - rounding * fabs(last)) {
            halvings++;
            for (size_t i = 0; i < p; i++) {
                step[i] /= 2;
                fit->beta[i] -= step[i];
            }
            continue;
        }
        last = all->likelihood;
        halvings = 0;
        bool now[PV_EFFECTS_MOST];
        memcpy(now, kept, p * sizeof *now);
        factor(all->matrix, p, fit->steps == 0 ? aliased : exhausted, now);
        if (fit->steps++ == 0)
            memcpy(kept, now, p * sizeof *now);
        const double gain = solve(all->matrix, p, now, all->gradient, step);
        for (size_t i = 0; i < p; i++)
            fit->beta[i] += step[i];
        if (gain < fit->tolerance) {
            fit->ended = true;
            break;
        }
    }
out:
    return status;
}

pv_status pv_logistic_fit(const pv_effects *effects, pv_logistic *fit,
                          pv_error *err)
{
    pv_status status = PV_OK;
    const size_t p = effects->coefficients;
    fitting f = {.effects = effects, .fit = fit, .beta = fit->beta};
    double *step = pv_array_calloc(p, sizeof *step);
    bool *kept = pv_array_alloc(p, sizeof *kept);
    if (step == NULL || kept == NULL) {
        status = pv_fail_memory(err, "a regression");
        goto out;
    }
    PV_TRY(new_sums(&f, err));
    for (size_t i = 0; i < p; i++) {
        fit->beta[i] = 0;
        kept[i] = true;
    }
    fit->steps = 0;
    fit->ended = false;
    fit->rank = 0;
    PV_TRY(climb(&f, fit, step, kept, err));
    for (size_t i = 0; i < p; i++)
        fit->rank += kept[i];
out:
    free_sums(&f);
    free(step);
    free(kept);
    return status;
}
