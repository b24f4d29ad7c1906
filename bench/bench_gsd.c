/* The search of gsd by itself: answers of a table, noise as a one-shot run would have
 * it, rows fitted; F, the true error, and values scored a second. Noise is that of a
 * double here: nothing is released.
 *
 *   bench_gsd [TABLE SCHEMA [QUERIES [ROWS [EPSILON [fast|faithful [SEED]]]]]]
 *
 * Environment: EACH=1 a line a sweep; RAW=1 answers are not made to agree; CUT=1 and
 * cut off at 0 (of single layers); FLOOR=S ends at that share of the truth's own
 * distance; SWEEPS, PATIENCE. */
#include "bench/clock.h"
#include "core/memory.h"
#include "core/threads.h"
#include "dp/account.h"
#include "gen/gsd/search.h"
#include "gen/gsd/start.h"
#include "gen/gsd/targets.h"
#include "io/load.h"
#include "marginals/estimate.h"
#include "marginals/query_count.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct run {
    const pv_queries *queries;
    int64_t **truth;
    pv_gsd_state *state;
    double total, variance;
    bool each; /* print the true error of each sweep */
} run;

static double normal(pv_stream *stream)
{
    const double u = 1 - pv_stream_double(stream), v = pv_stream_double(stream);
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

static void fail(const pv_error *err)
{
    fprintf(stderr, "bench_gsd: %s\n", err->message);
    exit(1);
}

/* Mean absolute error of all answers, as shares, of the rows as they are. */
static double true_error(const run *r)
{
    double sum = 0;
    size_t n = 0;
    for (size_t g = 0; g < pv_queries_count(r->queries); g++) {
        const size_t cells = pv_queries_group(r->queries, g)->cells;
        double *own = pv_array_alloc(cells, sizeof *own);
        pv_gsd_counts(r->state, pv_queries_group(r->queries, g), own);
        for (size_t c = 0; c < cells; c++)
            sum += fabs(own[c] / (double)pv_gsd_rows(r->state) -
                        (double)r->truth[g][c] / r->total);
        n += cells;
        free(own);
    }
    return sum / (double)n;
}

static bool watch(void *context, const pv_gsd_progress *p)
{
    const run *r = context;
    if (r->each)
        printf("  sweep %zu: %.2f s, F %.5f, error %.3e, scored %.1f M, moved "
               "%.0f\n",
               p->sweeps, p->seconds, p->distance, true_error(r),
               (double)p->scored / 1e6, (double)p->moved);
    return true;
}

int main(int argc, char **argv)
{
    pv_error err = PV_ERROR_INIT;
    const char *shared = getenv("PRIVET_SHARED");
    char path[2][512];
    const char *spec = argc > 3 ? argv[3] : "marginals:2";
    const size_t rows = argc > 4 ? (size_t)atol(argv[4]) : 2000;
    const double epsilon = argc > 5 ? atof(argv[5]) : 1;
    const bool faithful = argc > 6 && strcmp(argv[6], "faithful") == 0;
    pv_schema *schema = NULL;
    pv_table *table = NULL;
    pv_queries *queries = NULL;
    pv_gsd_targets targets = {NULL};
    pv_gsd_progress progress;
    snprintf(path[0], sizeof path[0], "%s/data/adult/data.csv.gz",
             shared != NULL ? shared : "../shared");
    snprintf(path[1], sizeof path[1], "%s/data/adult/schema.json",
             shared != NULL ? shared : "../shared");
    const pv_load_options how = {.values = true, .ignore_extra = true};
    if (pv_crypto_init(&err) != PV_OK ||
        pv_schema_read(argc > 2 ? argv[2] : path[1], &schema, &err) != PV_OK ||
        pv_load(argc > 1 ? argv[1] : path[0], schema, &how, &table, NULL,
                &err) != PV_OK ||
        pv_queries_parse(spec, schema, (size_t)1 << 28, &queries, &err) !=
            PV_OK)
        fail(&err);
    run r = {.queries = queries, .total = (double)pv_table_rows(table),
             .each = getenv("EACH") != NULL};
    const size_t groups = pv_queries_count(queries);
    size_t *all = pv_array_alloc(groups, sizeof *all);
    r.truth = pv_array_alloc(groups, sizeof *r.truth);
    if (pv_gsd_targets_init(&targets, queries, &err) != PV_OK)
        fail(&err);
    double moved = 0;
    size_t cells = 0;
    for (size_t g = 0; g < groups; g++) {
        all[g] = g;
        r.truth[g] =
            pv_array_calloc(pv_queries_group(queries, g)->cells, sizeof(int64_t));
        moved += 2.0 * pv_queries_group(queries, g)->most; /* replacement */
        cells += pv_queries_group(queries, g)->cells;
    }
    if (pv_query_counts(queries, table, all, groups, r.truth, &err) != PV_OK)
        fail(&err);
    const double rho = pv_zcdp_rho(epsilon, 1 / (r.total * r.total));
    r.variance = moved / (2 * rho);
    pv_key key = {{0}};
    key.bytes[0] = (unsigned char)(argc > 7 ? atoi(argv[7]) : 0);
    pv_stream stream;
    pv_stream_init(&stream, &key, 1);
    double squares = 0;
    for (size_t g = 0; g < groups; g++) {
        const size_t here = pv_queries_group(queries, g)->cells;
        double *noisy = pv_array_alloc(here, sizeof *noisy);
        for (size_t c = 0; c < here; c++) {
            const double noise = sqrt(r.variance) * normal(&stream);
            noisy[c] = (double)r.truth[g][c] + noise;
            squares += noise * noise;
        }
        if (pv_gsd_targets_add(&targets, pv_queries_group(queries, g), noisy,
                               r.variance, &err) != PV_OK)
            fail(&err);
        free(noisy);
    }
    printf("%zu answers of %zu groups, sigma %.1f, rho %.6f, F(real) %.5f\n",
           cells, groups, sqrt(r.variance), rho, squares / r.total / r.total);
    const double began = bench_cpu_seconds();
    const bool agree = !faithful && getenv("RAW") == NULL;
    if (agree && pv_gsd_targets_agree(&targets, r.total, &err) != PV_OK)
        fail(&err);
    printf("agreed in %.2f s\n", bench_cpu_seconds() - began);
    for (size_t i = 0; getenv("CUT") != NULL && i < targets.groups; i++)
        pv_project_simplex(targets.group[i].answer,
                           targets.group[i].group->cells, r.total);
    double off = 0;
    for (size_t i = 0; i < targets.groups; i++)
        for (size_t c = 0;
             c < targets.group[i].group->cells; c++)
            off += pow(targets.group[i].answer[c] - (double)r.truth[i][c],
                       2);
    printf("the targets' own distance from the truth: %.5f\n",
           off / r.total / r.total);
    if (pv_gsd_alloc(queries, rows, &r.state, &err) != PV_OK)
        fail(&err);
    for (size_t i = 0; i < targets.groups; i++) {
        const size_t here = targets.group[i].group->cells;
        for (size_t c = 0; c < here; c++)
            targets.group[i].answer[c] *= (double)rows / r.total;
        if (pv_gsd_add(r.state, targets.group[i].group, targets.group[i].answer,
                       1, &err) != PV_OK)
            fail(&err);
    }
    if (pv_gsd_start(r.state, faithful ? NULL : &targets, &key, &err) != PV_OK)
        fail(&err);
    if (pv_gsd_begin(r.state, &err) != PV_OK)
        fail(&err);
    const pv_gsd_search_options options = {
        .scheme = faithful ? PV_GSD_FAITHFUL : PV_GSD_FAST,
        .key = key,
        .floor = getenv("FLOOR") != NULL
                     ? atof(getenv("FLOOR")) * off / r.total / r.total *
                           (double)rows * (double)rows
                     : 0,
        .patience = getenv("PATIENCE") != NULL ? atof(getenv("PATIENCE")) : 0,
        .most_sweeps =
            getenv("SWEEPS") != NULL ? (size_t)atol(getenv("SWEEPS")) : 0,
        .watch = watch,
        .watching = &r};
    const double start = bench_cpu_seconds();
    printf("start: F %.5f, error %.3e\n", pv_gsd_distance(r.state),
           true_error(&r));
    if (pv_gsd_search(r.state, &options, &progress, &err) != PV_OK)
        fail(&err);
    const double took = bench_cpu_seconds() - start;
    bool equal = false;
    if (pv_gsd_recount(r.state, &equal, &err) != PV_OK)
        fail(&err);
    printf("%s, %zu rows, %d threads: F %.5f in %.2f s, mean error %.3e, %.1f M "
           "scored/s, %zu sweeps, recount %s\n",
           faithful ? "faithful" : "fast", rows, pv_threads_get(),
           progress.distance, took, true_error(&r),
           (double)progress.scored / took / 1e6, progress.sweeps,
           equal ? "equal" : "DIFFERS");
    return equal ? 0 : 1;
}
