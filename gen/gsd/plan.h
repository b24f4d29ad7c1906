/* gen/gsd/plan.h - what a run of gsd will ask. Internal to gen/. */
#ifndef PV_GEN_GSD_PLAN_H
#define PV_GEN_GSD_PLAN_H

#include "gen/generator.h"

/* One variance for all answers of these groups within `units`. PV_EBUDGET. */
PV_CHECKED pv_status pv_gsd_variance(const pv_request *request, uint64_t units,
                                     const size_t *group, size_t count,
                                     pv_rational *sigma2, pv_error *err);

/* The plan of the method; refuses what could only fail after spending. */
pv_status pv_gsd_plan(const pv_request *request, pv_plan *plan, pv_error *err);

/* Whether a group is of the shape of a number inside the schema's bins: integers
 * without bins have none, and are not asked about. */
bool pv_gsd_is_shape(const pv_request *request, size_t group);

#endif
