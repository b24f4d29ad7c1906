#include "gen/budget.h"
#include "gen/methods.h"

/* The user's own list of marginals with the whole budget. */

static pv_status plan(const pv_request *request, pv_plan *out, pv_error *err)
{
    out->note = "errors are of the noise alone; marginals that are not listed "
                "follow from those that are";
    const pv_workload *w = request->workload;
    return pv_plan_cliques(request, w->clique, w->weight, w->count,
                           request->budget, out, err);
}

static pv_status ask(const pv_request *request, pv_curator *curator,
                     pv_fit_path *path, pv_error *err)
{
    (void)path;
    const pv_workload *w = request->workload;
    return pv_measure_split(curator, request->budget, w->clique, w->weight,
                            w->count, err);
}

const pv_generator pv_generator_direct = {
    .name = "direct",
    .summary = "the marginals of --workload, each measured once",
    .workload = PV_WORKLOAD_REQUIRED,
    .plan = plan,
    .ask = ask};
