/* gen/gsd/start.h - the rows that a search begins with. Internal to gen/. */
#ifndef PV_GEN_GSD_START_H
#define PV_GEN_GSD_START_H

#include "gen/gsd/state.h"
#include "gen/gsd/targets.h"

/* Rows whose columns are independent: with `targets` each as the targets say (rounded
 * by lot to whole numbers of rows), without (NULL) even over its cells. No row breaks a
 * zero; PV_EUNSUPPORTED when no legal row is found. */
PV_CHECKED pv_status pv_gsd_start(pv_gsd_state *state,
                                  const pv_gsd_targets *targets,
                                  const pv_key *key, pv_error *err);

/* Rows of a model (pv_model_codes): numbers fall into the cells of their bins as the
 * targets say of the column alone (pv_gsd_targets_shares). */
PV_CHECKED pv_status pv_gsd_start_codes(pv_gsd_state *state,
                                        const pv_gsd_targets *targets,
                                        const uint32_t *codes,
                                        const pv_key *key, pv_error *err);

/* Rows of another search over the same queries: each taken as often as any other, but
 * for a rest by lot. `from` has at least one row. */
void pv_gsd_start_from(pv_gsd_state *state, const pv_gsd_state *from,
                       const pv_key *key);

#endif
