/* gen/pe/plan.h - what a run of private evolution would ask. Internal to gen/. */
#ifndef PV_GEN_PE_PLAN_H
#define PV_GEN_PE_PLAN_H

#include "gen/generator.h"

PV_CHECKED pv_status pv_pe_plan(const pv_request *request, pv_plan *plan,
                                pv_error *err);

#endif
