#include "core/memory.h"
#include "gen/budget.h"
#include "gen/methods.h"

#include <stdlib.h>

/* All one-way marginals with the whole budget. */

static pv_status plan(const pv_request *request, pv_plan *out, pv_error *err)
{
    pv_status status = PV_OK;
    pv_workload single = {0};
    PV_TRY(pv_one_way(request->schema, &single, err));
    PV_TRY(pv_plan_cliques(request, single.clique, NULL, single.count,
                           request->budget, out, err));
    out->note = "columns are drawn independently: no relation is kept";
out:
    pv_workload_clear(&single);
    return status;
}

static pv_status ask(const pv_request *request, pv_curator *curator,
                     pv_fit_path *path, pv_error *err)
{
    (void)path;
    pv_status status = PV_OK;
    pv_workload single = {0};
    PV_TRY(pv_one_way(request->schema, &single, err));
    PV_TRY(pv_measure_split(curator, request->budget, single.clique, NULL,
                            single.count, err));
out:
    pv_workload_clear(&single);
    return status;
}

const pv_generator pv_generator_independent = {
    .name = "independent",
    .summary = "one-way marginals alone; columns are independent",
    .plan = plan,
    .ask = ask};
