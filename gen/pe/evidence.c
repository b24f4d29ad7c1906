#include "gen/pe/evidence.h"

#include "core/memory.h"
#include "core/threads.h"
#include "marginals/factor.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Newton steps of a cell, and of one that is by itself; their lengths at most. */
enum { newton_steps = 6, lone_steps = 30 };
static const double newton_most = 1.5, step_most = 3, damped = 0.9;
static const double least_count = 1e-9;

typedef struct partition {
    size_t *first;
    double *noisy, *lambda;
    double sigma, strength;
} partition;

struct pv_evidence {
    size_t classes, count;
    double *rows;
    partition *part;
};

pv_status pv_evidence_alloc(size_t classes, const double *rows,
                            pv_evidence **evidence, pv_error *err)
{
    pv_evidence *e = pv_array_calloc(1, sizeof *e);
    *evidence = e;
    if (e == NULL)
        return pv_fail_memory(err, "the evidence");
    e->classes = classes;
    e->rows = pv_array_alloc(classes, sizeof *e->rows);
    if (e->rows == NULL) {
        pv_evidence_free(e);
        *evidence = NULL;
        return pv_fail_memory(err, "the evidence");
    }
    memcpy(e->rows, rows, classes * sizeof *rows);
    return PV_OK;
}

static void clear_partition(partition *p)
{
    free(p->first);
    free(p->noisy);
    free(p->lambda);
}

void pv_evidence_free(pv_evidence *e)
{
    if (e == NULL)
        return;
    for (size_t i = 0; i < e->count; i++)
        clear_partition(&e->part[i]);
    free(e->part);
    free(e->rows);
    free(e);
}

pv_status pv_evidence_add(pv_evidence *e, const size_t *first,
                          const double *noisy, double sigma, double strength,
                          pv_error *err)
{
    const size_t cells = first[e->classes];
    partition *part = pv_array_realloc(e->part, e->count + 1, sizeof *part);
    if (part == NULL)
        return pv_fail_memory(err, "the evidence");
    e->part = part;
    partition *p = &part[e->count];
    *p = (partition){
        .first = pv_array_alloc(e->classes + 1, sizeof *p->first),
        .noisy = pv_array_alloc(cells, sizeof *p->noisy),
        .lambda = pv_array_calloc(cells, sizeof *p->lambda),
        .sigma = sigma > 0 ? sigma : 1e-3,
        .strength = strength};
    if (p->first == NULL || p->noisy == NULL || p->lambda == NULL) {
        clear_partition(p);
        return pv_fail_memory(err, "the evidence");
    }
    memcpy(p->first, first, (e->classes + 1) * sizeof *first);
    memcpy(p->noisy, noisy, cells * sizeof *noisy);
    e->count++;
    return PV_OK;
}

size_t pv_evidence_count(const pv_evidence *e)
{
    return e->count;
}

const double *pv_evidence_lambda(const pv_evidence *e, size_t i)
{
    return e->part[i].lambda;
}

double pv_evidence_rows(const pv_evidence *e, size_t class)
{
    return e->rows[class];
}

static double clip(double x, double most)
{
    return x > most ? most : x < -most ? -most : x;
}

/* The ridge of a class: strength x rows a cell / sigma^2. */
static double ridge_of(const pv_evidence *e, const partition *p, size_t class)
{
    const double cells = (double)(p->first[class + 1] - p->first[class]);
    return p->strength * e->rows[class] / cells / (p->sigma * p->sigma);
}

/* Solves lambda + delta = ridge (noisy - count exp(delta)) for delta, cell by cell, by
 * Newton's steps; `power` is room. */
static void solve(const double *noisy, const double *count,
                  const double *lambda, size_t cells, double ridge,
                  size_t steps, double most, double *delta, double *power)
{
    memset(delta, 0, cells * sizeof *delta);
    for (size_t s = 0; s < steps; s++) {
        for (size_t j = 0; j < cells; j++)
            power[j] = delta[j] < -20 ? -20 : delta[j] > 4 ? 4 : delta[j];
        pv_exp_array(power, cells, 0);
        for (size_t j = 0; j < cells; j++) {
            const double fitted = count[j] * power[j];
            const double off =
                lambda[j] + delta[j] - ridge * (noisy[j] - fitted);
            delta[j] -= clip(off / (1 + ridge * fitted), most);
        }
    }
}

pv_status pv_evidence_begin(pv_evidence *e, size_t number, pv_error *err)
{
    partition *p = &e->part[number];
    const size_t cells = p->first[e->classes];
    double *room = pv_array_calloc(cells, 4 * sizeof *room);
    double *count = room + cells, *power = room + 2 * cells;
    double *zero = room + 3 * cells;
    if (room == NULL)
        return pv_fail_memory(err, "the evidence");
    for (size_t c = 0; c < e->classes; c++) {
        const size_t from = p->first[c], here = p->first[c + 1] - from;
        for (size_t j = 0; j < here; j++)
            count[j] = e->rows[c] / (double)here;
        if (here > 0)
            solve(p->noisy + from, count, zero, here, ridge_of(e, p, c),
                  lone_steps, 1, p->lambda + from, power);
    }
    free(room);
    return PV_OK;
}

/* --- the fit -------------------------------------------------------------------- */

typedef struct fitting {
    pv_evidence *evidence;
    const size_t *start;
    uint32_t *const *cell;
    const double *offset;
    size_t sweeps, most;  /* cells of a class in one partition, at most */
    double *weight;
    double *room;         /* 3 x most a class */
} fitting;

/* Weights in proportion to exp(weight), of the class's rows in all. */
static void normalise(double *weight, size_t points, double rows)
{
    const double top = pv_maximum(weight, points);
    pv_exp_array(weight, points, top);
    const double sum = pv_sum(weight, points);
    for (size_t i = 0; i < points; i++)
        weight[i] *= rows / sum;
}

/* One partition's turn: its cells' sums are brought to where its counts, against the
 * ridge, want them. */
static void take_turn(const fitting *f, size_t class, size_t number,
                      double *count, double *delta, double *power)
{
    partition *p = &f->evidence->part[number];
    const size_t from = p->first[class], cells = p->first[class + 1] - from;
    const size_t end = f->start[class + 1];
    const uint32_t *cell = f->cell[number];
    double *lambda = p->lambda + from, *weight = f->weight;
    for (size_t j = 0; j < cells; j++)
        count[j] = least_count;
    for (size_t i = f->start[class]; i < end; i++)
        count[cell[i] - from] += weight[i];
    solve(p->noisy + from, count, lambda, cells,
          ridge_of(f->evidence, p, class), newton_steps, newton_most, delta,
          power);
    for (size_t j = 0; j < cells; j++) {
        delta[j] = clip(damped * delta[j], step_most);
        lambda[j] += delta[j];
    }
    pv_exp_array(delta, cells, 0);
    for (size_t i = f->start[class]; i < end; i++)
        weight[i] *= delta[cell[i] - from];
}

/* A class may have no candidate in a round. */
static bool has_cells(const pv_evidence *e, size_t p, size_t class)
{
    return e->part[p].first[class + 1] > e->part[p].first[class];
}

static void fit_class(size_t class, void *context)
{
    const fitting *f = context;
    const pv_evidence *e = f->evidence;
    const size_t begin = f->start[class], points = f->start[class + 1] - begin;
    double *count = f->room + class * 3 * f->most;
    if (points == 0)
        return;
    memcpy(f->weight + begin, f->offset + begin, points * sizeof *f->weight);
    for (size_t p = 0; p < e->count; p++)
        for (size_t i = begin; has_cells(e, p, class) && i < begin + points; i++)
            f->weight[i] += e->part[p].lambda[f->cell[p][i]];
    normalise(f->weight + begin, points, e->rows[class]);
    for (size_t s = 0; s < f->sweeps; s++) {
        for (size_t p = 0; p < e->count; p++)
            if (has_cells(e, p, class))
                take_turn(f, class, p, count, count + f->most,
                          count + 2 * f->most);
        const double sum = pv_sum(f->weight + begin, points);
        for (size_t i = begin; sum > 0 && i < begin + points; i++)
            f->weight[i] *= e->rows[class] / sum;
    }
}

pv_status pv_evidence_fit(pv_evidence *e, const size_t *start,
                          uint32_t *const *cell, const double *offset,
                          size_t sweeps, double *weight, pv_error *err)
{
    fitting f = {.evidence = e,
                 .start = start,
                 .cell = cell,
                 .offset = offset,
                 .sweeps = sweeps,
                 .most = 1,
                 .weight = weight};
    for (size_t p = 0; p < e->count; p++)
        for (size_t c = 0; c < e->classes; c++) {
            const size_t cells =
                e->part[p].first[c + 1] - e->part[p].first[c];
            f.most = cells > f.most ? cells : f.most;
        }
    f.room = pv_array_alloc(3 * f.most * e->classes, sizeof *f.room);
    if (f.room == NULL)
        return pv_fail_memory(err, "the fit");
    pv_parallel_for(e->classes, fit_class, &f);
    free(f.room);
    return PV_OK;
}
