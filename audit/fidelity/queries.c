/* Answers to queries of the user's choice (marginals/queries.h), family by family. */
#include "audit/fidelity/write.h"
#include "audit/probe.h"
#include "core/memory.h"
#include "marginals/query_count.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* The answers of one family from both tables: blocks of `cells` counts. */
typedef struct family {
    const pv_queries *queries;
    size_t groups, cells;
    size_t *group;
    int64_t **counts; /* where a group's begin */
    int64_t *real, *synthetic;
} family;

static pv_status open_family(const pv_queries *queries, size_t number,
                             family *f, pv_error *err)
{
    const size_t all = pv_queries_count(queries);
    *f = (family){.queries = queries};
    f->group = pv_array_alloc(all, sizeof *f->group);
    f->counts = pv_array_alloc(all, sizeof *f->counts);
    if (f->group == NULL || f->counts == NULL)
        return pv_fail_memory(err, "queries");
    for (size_t i = 0; i < all; i++) {
        const pv_group *group = pv_queries_group(queries, i);
        if (group->family != number)
            continue;
        f->group[f->groups++] = i;
        f->cells += group->cells;
    }
    f->real = pv_array_calloc(f->cells, sizeof *f->real);
    f->synthetic = pv_array_calloc(f->cells, sizeof *f->synthetic);
    return f->real != NULL && f->synthetic != NULL
               ? PV_OK
               : pv_fail_memory(err, "answers to queries");
}

static void close_family(family *f)
{
    pv_wipe_free(f->real, f->cells * sizeof *f->real);
    pv_wipe_free(f->synthetic, f->cells * sizeof *f->synthetic);
    free(f->counts);
    free(f->group);
}

static pv_status count(family *f, const pv_table *table, int64_t *answers,
                       pv_error *err)
{
    for (size_t i = 0; i < f->groups; i++) {
        f->counts[i] = answers;
        answers += pv_queries_group(f->queries, f->group[i])->cells;
    }
    return pv_query_counts(f->queries, table, f->group, f->groups, f->counts,
                           err);
}

static pv_status measure(const pv_probe_input *input, size_t number,
                         double *mean, double *most, pv_error *err)
{
    pv_status status = PV_OK;
    family f;
    const double n = (double)pv_table_rows(input->real);
    const double m = (double)pv_table_rows(input->synthetic);
    PV_TRY(open_family(input->queries, number, &f, err));
    PV_TRY(count(&f, input->real, f.real, err));
    PV_TRY(count(&f, input->synthetic, f.synthetic, err));
    *mean = *most = 0;
    for (size_t i = 0; i < f.cells; i++) {
        const double apart =
            fabs((double)f.real[i] / n - (double)f.synthetic[i] / m);
        *mean += apart;
        *most = fmax(*most, apart);
    }
    *mean /= (double)f.cells;
out:
    close_family(&f);
    return status;
}

static pv_status add(const pv_probe_input *input, pv_findings *findings,
                     size_t number, const char *name, double value,
                     const char *reason, pv_error *err)
{
    char id[64];
    (void)snprintf(id, sizeof id, "queries.%zu.%s", number + 1, name);
    const pv_metric metric = {
        .id = id,
        .value = value,
        .scope = {.rule = pv_queries_family(input->queries, number)},
        .status = reason == NULL ? PV_METRIC_OK : PV_METRIC_SKIPPED,
        .reason = reason};
    return pv_probe_add(input, findings, &metric, err);
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    const char *why = pv_no_rows(input);
    if (input->queries == NULL)
        return PV_OK;
    for (size_t i = 0; i < pv_queries_families(input->queries); i++) {
        double mean = NAN, most = NAN;
        if (why == NULL)
            PV_TRY(measure(input, i, &mean, &most, err));
        PV_TRY(add(input, findings, i, "mean", mean, why, err));
        PV_TRY(add(input, findings, i, "max", most, why, err));
    }
out:
    return status;
}

const pv_probe pv_probe_queries = {
    .name = "queries",
    .kind = "fidelity",
    .summary = "answers to queries of the user's choice",
    .yardstick = true,
    .run = run};
