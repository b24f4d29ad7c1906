/* audit/fidelity/scale.h - what scores mean: those of samples of the real table.
 *
 * A score by itself says little. So the same metrics are taken of seeded samples
 * of 1, 5, 10, 20, ... 90 % of the real rows, three draws each, and of a table
 * with the real columns shuffled independently of each other. Then a synthetic
 * table's score reads "like that of a p % sample". */
#ifndef PV_AUDIT_FIDELITY_SCALE_H
#define PV_AUDIT_FIDELITY_SCALE_H

#include "audit/findings.h"
#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"
#include "io/table.h"

/* Measures a table in the synthetic one's place, with the probes that make a
 * scale (pv_probe.scale). */
typedef pv_status pv_scale_measure(void *context, const pv_table *table,
                                   pv_findings *findings, pv_error *err);

/* Adds to the findings, for each of their metrics without a scope whose id ends in
 * ".mean", ".max", ".score" or "_diff" and that is measured of every sample:
 *   yardstick.<id>      p: the score is that of a p % sample, by interpolation
 *                       between samples' means; `reason` where it is beyond the
 *                       first or the last
 *   <id>.independent    of the shuffled table
 * and the series yardstick.fraction, yardstick.<id>, yardstick.<id>.lo and .hi
 * (means, least and largest of the draws). Nothing without two real rows. */
PV_API PV_CHECKED pv_status pv_scale_add(const pv_table *real,
                                         const pv_key *key,
                                         pv_scale_measure *measure,
                                         void *context, pv_findings *findings,
                                         pv_error *err);

#endif
