#include "gen/gsd/fit_internal.h"

#include "core/log.h"
#include "core/memory.h"
#include "gen/budget.h"
#include "gen/gsd/start.h"
#include "io/numbers.h"

#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

pv_status pv_gsd_fit_alloc(const pv_queries *queries, pv_gsd_scheme scheme,
                           pv_gsd_fit **fit, pv_error *err)
{
    pv_status status = PV_OK;
    pv_gsd_fit *f = pv_array_calloc(1, sizeof *f);
    if (f == NULL)
        return pv_fail_memory(err, "a fit");
    f->queries = queries;
    f->scheme = scheme;
    PV_TRY(pv_gsd_targets_init(&f->known, queries, err));
    PV_TRY(pv_gsd_targets_init(&f->target, queries, err));
    *fit = f;
    f = NULL;
out:
    pv_gsd_fit_free(f);
    return status;
}

void pv_gsd_fit_free(pv_gsd_fit *f)
{
    if (f == NULL)
        return;
    pv_gsd_targets_clear(&f->known);
    pv_gsd_targets_clear(&f->target);
    pv_model_free(f->model);
    free(f);
}

pv_status pv_gsd_fit_add(pv_gsd_fit *f, size_t group, const int64_t *answer,
                         pv_rational sigma2, const double *estimate,
                         pv_error *err)
{
    const double variance = (double)sigma2.num / (double)sigma2.den;
    const pv_group *g = pv_queries_group(f->queries, group);
    /* what the largest of so many draws of noise may be */
    const double told =
        sqrt(variance) * fmax(2, sqrt(2 * log(2 * (double)g->cells)));
    double *value = pv_array_alloc(g->cells, sizeof *value);
    if (value == NULL)
        return pv_fail_memory(err, "the targets");
    for (size_t c = 0; c < g->cells; c++)
        value[c] = estimate != NULL &&
                           fabs((double)answer[c] - estimate[c]) <= told
                       ? estimate[c]
                       : (double)answer[c];
    const pv_status status =
        pv_gsd_targets_add(&f->known, g, value, variance, err);
    free(value);
    return status;
}

double pv_gsd_fit_total(const pv_gsd_fit *f)
{
    return f->total;
}

/* The truth is `noise` away from the targets, and rows that come nearer follow the
 * noise. They may come a little nearer, since they can follow some of it and not tell:
 * the best share lay between 0.8 and 0.95 on Adult (doc/gsd.md). */
static const double floor_share = 0.93;

static double floor_of(const pv_gsd_fit *f, double rows)
{
    const double scale = rows / f->total;
    return floor_share * f->noise * scale * scale;
}

/* --- searching ------------------------------------------------------------------------ */

static pv_status add_targets(const pv_gsd_fit *f, pv_gsd_state *state,
                             pv_error *err)
{
    pv_status status = PV_OK;
    const bool faithful = f->scheme == PV_GSD_FAITHFUL;
    const double scale = (double)pv_gsd_rows(state) / f->total;
    double *scaled = NULL;
    for (size_t i = 0; i < f->target.groups; i++) {
        const pv_gsd_noisy *g = &f->target.group[i];
        free(scaled);
        scaled = pv_array_alloc(g->group->cells, sizeof *scaled);
        if (scaled == NULL) {
            status = pv_fail_memory(err, "the targets");
            goto out;
        }
        for (size_t c = 0; c < g->group->cells; c++)
            scaled[c] = g->answer[c] * scale;
        PV_TRY(pv_gsd_add(state, g->group, scaled,
                          faithful ? 1 : f->least / g->variance, err));
    }
out:
    free(scaled);
    return status;
}

static pv_status start_rows(const pv_gsd_fit *f, pv_gsd_state *state,
                            const pv_gsd_state *from, const pv_key *key,
                            pv_error *err)
{
    pv_status status = PV_OK;
    uint32_t *codes = NULL;
    pv_key own;
    pv_key_derive(key, "start", NULL, 0, &own);
    if (from != NULL) {
        pv_gsd_start_from(state, from, &own);
    } else if (f->model != NULL) {
        PV_TRY(pv_model_codes(f->model, pv_queries_schema(f->queries),
                              pv_gsd_rows(state), &own, &codes, err));
        PV_TRY(pv_gsd_start_codes(state, &f->target, codes, &own, err));
    } else {
        PV_TRY(pv_gsd_start(state,
                            f->scheme == PV_GSD_FAITHFUL ? NULL : &f->target,
                            &own, err));
    }
out:
    free(codes);
    return status;
}

pv_status pv_gsd_fit_search(const pv_gsd_fit *f, size_t rows,
                            const pv_gsd_state *from, const pv_key *key,
                            pv_gsd_watch *watch, void *watching,
                            pv_gsd_state **result, pv_gsd_progress *progress,
                            pv_error *err)
{
    pv_status status = PV_OK;
    pv_gsd_state *state = NULL;
    pv_gsd_search_options options = {.scheme = f->scheme,
                                     .floor = floor_of(f, (double)rows),
                                     .watch = watch,
                                     .watching = watching,
                                     .stop = pv_curator_stopping};
    pv_key_derive(key, "search", NULL, 0, &options.key);
    PV_TRY(pv_gsd_alloc(f->queries, rows, &state, err));
    PV_TRY(add_targets(f, state, err));
    PV_TRY(start_rows(f, state, from, key, err));
    PV_TRY(pv_gsd_begin(state, err));
    PV_TRY(pv_gsd_search(state, &options, progress, err));
    *result = state;
    state = NULL;
out:
    pv_gsd_free(state);
    return status;
}

/* --- the table -------------------------------------------------------------------------- */

enum { block_rows = 4096 };

static void put_column(const pv_gsd_state *state, const pv_gsd_fit *f,
                       size_t place, bool numbers, pv_table *table)
{
    uint32_t code[block_rows];
    double number[block_rows];
    const uint32_t column = pv_gsd_column(state, place);
    const pv_schema *schema = pv_queries_schema(f->queries);
    const pv_axis *axis = pv_queries_axis(f->queries, column);
    for (size_t from = 0; from < pv_gsd_rows(state); from += block_rows) {
        const size_t left = pv_gsd_rows(state) - from;
        const size_t n = left < block_rows ? left : block_rows;
        for (size_t i = 0; i < n; i++) {
            code[i] =
                pv_axis_code(axis, pv_schema_column(schema, column),
                             pv_gsd_cell(state, from + i, place));
            number[i] = pv_gsd_number(state, from + i, place);
        }
        if (numbers)
            pv_table_put_values(table, column, from, n, number);
        else
            pv_table_put(table, column, from, n, code);
    }
}

/* The search's own numbers stay; those of determined columns follow. */
static pv_status write_rows(const pv_gsd_fit *f, const pv_gsd_state *state,
                            const pv_key *key, pv_table *table, pv_error *err)
{
    pv_status status = PV_OK;
    pv_key own;
    pv_key_derive(key, "numbers", NULL, 0, &own);
    for (size_t p = 0; p < pv_gsd_columns(state); p++)
        put_column(state, f, p, false, table);
    PV_TRY(pv_table_determine(table, err));
    PV_TRY(pv_numbers_fill(table, &own, err));
    for (size_t p = 0; p < pv_gsd_columns(state); p++)
        if (pv_queries_axis(f->queries, pv_gsd_column(state, p))->numbers)
            put_column(state, f, p, true, table);
out:
    return status;
}

/* --- telling how it goes ------------------------------------------------------------------ */

typedef struct telling {
    double floor;
    FILE *trace; /* or NULL */
} telling;

void pv_gsd_fit_trace(pv_gsd_fit *f, const char *path)
{
    f->trace = path;
}

/* For its owner alone, as all in a run's directory. */
static FILE *open_trace(const char *path)
{
    const int fd = path != NULL ? open(path, O_WRONLY | O_CREAT | O_TRUNC |
                                                 O_CLOEXEC, 0600)
                                : -1;
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file == NULL && fd >= 0)
        (void)close(fd);
    if (file != NULL)
        (void)fputs("sweep,cpu_seconds,objective,floor,distance,scored,moved\n",
                    file);
    else if (path != NULL)
        pv_log_warning("%s: cannot be written; the search is not traced", path);
    return file;
}

static void close_trace(FILE *file, const char *path)
{
    if (file == NULL)
        return;
    const bool failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed)
        pv_log_warning("%s: not all of it could be written", path);
}

static bool tell(void *context, const pv_gsd_progress *p)
{
    const telling *t = context;
    pv_progress_update(p->sweeps);
    pv_log_detail("sweep %zu: objective %.4g, its noise floor %.4g, %.1f s",
                  p->sweeps, p->objective, t->floor, p->seconds);
    if (t->trace != NULL) {
        (void)fprintf(t->trace, "%zu,%.3f,%.9g,%.9g,%.9g,%" PRIu64 ",%" PRIu64
                                "\n",
                      p->sweeps, p->seconds, p->objective, t->floor,
                      p->distance, p->scored, p->moved);
        (void)fflush(t->trace); /* to be looked at while it grows */
    }
    return true;
}

pv_status pv_gsd_fit_rows(const pv_gsd_fit *f, const pv_schema *schema,
                          int64_t rows, const pv_key *key, pv_table **result,
                          pv_error *err)
{
    pv_status status = PV_OK;
    pv_gsd_state *state = NULL;
    pv_table *table = NULL;
    const double n = rows >= 0 ? (double)rows : round(f->total);
    telling t = {.floor = floor_of(f, n)};
    PV_TRY(pv_check_rows(schema, n, err));
    t.trace = open_trace(f->trace);
    pv_progress_begin("searching rows, sweeps", 0);
    status = pv_gsd_fit_search(f, (size_t)n, NULL, key, tell, &t, &state, NULL,
                               err);
    pv_progress_end();
    close_trace(t.trace, f->trace);
    PV_TRY(status);
    PV_TRY(pv_table_alloc(schema, (size_t)n, true, &table, err));
    PV_TRY(write_rows(f, state, key, table, err));
    *result = table;
    table = NULL;
out:
    pv_table_free(table);
    pv_gsd_free(state);
    return status;
}
