#include "audit/probe.h"

#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

static const pv_probe *const registry[] = {
    &pv_probe_validity,
    &pv_probe_marginals,
    &pv_probe_oneway,
    &pv_probe_correlation,
    &pv_probe_cramersv,
    &pv_probe_propensity,
    &pv_probe_tree,
    &pv_probe_pca,
    &pv_probe_neighbours,
    &pv_probe_matches,
    &pv_probe_subgroups,
    &pv_probe_kmarginal,
    &pv_probe_tables,
    &pv_probe_queries,
    &pv_probe_regression,
    &pv_probe_transfer,
    &pv_probe_survival,
    &pv_probe_reconstruction,
    &pv_probe_singling,
    &pv_probe_linkability,
    &pv_probe_inference,
    &pv_probe_membership,
    &pv_probe_distance,
};

const pv_probe *const *pv_probes(size_t *count)
{
    *count = sizeof registry / sizeof *registry;
    return registry;
}

static pv_status run_all(const char *kind, const pv_probe_input *input,
                         bool scale, pv_findings *findings, pv_error *err)
{
    for (size_t i = 0; i < sizeof registry / sizeof *registry; i++) {
        const pv_probe *probe = registry[i];
        if (strcmp(probe->kind, kind) != 0 ||
            (input->yardstick && !probe->yardstick) ||
            (scale && !probe->scale))
            continue;
        const bool binned = probe->distances && input->binned != NULL;
        const pv_status status =
            probe->run(binned ? input->binned : input, findings, err);
        if (status != PV_OK)
            return pv_fail_context(err, status, "%s", probe->name);
    }
    return PV_OK;
}

pv_status pv_probes_run(const char *kind, const pv_probe_input *input,
                        pv_findings *findings, pv_error *err)
{
    return run_all(kind, input, false, findings, err);
}

pv_status pv_probes_scale(const char *kind, const pv_probe_input *input,
                          pv_findings *findings, pv_error *err)
{
    return run_all(kind, input, true, findings, err);
}

pv_status pv_probe_add(const pv_probe_input *input, pv_findings *findings,
                       const pv_metric *metric, pv_error *err)
{
    if (!input->yardstick)
        return pv_findings_add(findings, metric, err);
    pv_metric marked = *metric;
    char *id = pv_sprintf_alloc("%s.holdout", metric->id);
    if (id == NULL)
        return pv_fail_memory(err, "a metric's id");
    marked.id = id;
    marked.scope.table = "holdout";
    const pv_status status = pv_findings_add(findings, &marked, err);
    free(id);
    return status;
}
