/* gen/methods.h - the generators, for the registry. Internal to gen/. */
#ifndef PV_GEN_METHODS_H
#define PV_GEN_METHODS_H

#include "gen/generator.h"

extern const pv_generator pv_generator_independent;
extern const pv_generator pv_generator_direct;
extern const pv_generator pv_generator_mst;
extern const pv_generator pv_generator_aim;
extern const pv_generator pv_generator_tree;
extern const pv_generator pv_generator_gsd;
extern const pv_generator pv_generator_pe;

/* Every modelled column alone: those of a single level need no measurement,
 * unless there is nothing else to tell the number of rows. */
PV_CHECKED pv_status pv_one_way(const pv_schema *schema, pv_workload *single,
                                pv_error *err);

#endif
