/* gen/gsd/search_internal.h - the schemes of a search; gen/gsd/ alone. */
#ifndef PV_GEN_GSD_SEARCH_INTERNAL_H
#define PV_GEN_GSD_SEARCH_INTERNAL_H

#include "gen/gsd/search.h"

bool pv_gsd_stops(const pv_gsd_search_options *options);

/* Objective, distance and time into the progress. */
void pv_gsd_note(const pv_gsd_state *state, pv_gsd_progress *progress);

/* Tries that many random pairs of rows and of columns (of those given), each change made
 * when F falls by it: by how much it fell. */
double pv_gsd_pairs(pv_gsd_state *state, const uint32_t *place, size_t places,
                    bool swap, size_t tries, pv_stream *stream,
                    pv_gsd_progress *progress);

PV_CHECKED pv_status pv_gsd_search_faithful(
    pv_gsd_state *state, const pv_gsd_search_options *options,
    pv_gsd_progress *progress, pv_error *err);

#endif
