/* gen/pe/embedded.h - Private Evolution of whatever a source makes. Internal to gen/.
 *
 * One loop for candidates from a pool, from files of a batch job, from a co-process, and
 * for rows of the schema by the published scheme. */
#ifndef PV_GEN_PE_EMBEDDED_H
#define PV_GEN_PE_EMBEDDED_H

#include "gen/pe/pool.h"
#include "gen/pe/run.h"
#include "gen/pe/source.h"

PV_CHECKED pv_status pv_pe_embedded(const pv_request *request,
                                    pv_curator *curator, pv_pe_found **found,
                                    pv_error *err);

/* The parts, each for a run that has asked for the classes' sizes. They fill the
 * outcome. */

/* The published loop: votes choose parents, by lot or the best, whose variations are
 * voted on next (loop.c). */
PV_CHECKED pv_status pv_pe_loop(pv_pe_run *run, const pv_space *space,
                                pv_source *source, pv_outcome *outcome,
                                pv_error *err);
/* Weights of all that was ever there, fitted to all votes (finite.c). `pool` is the
 * source's, or NULL. */
PV_CHECKED pv_status pv_pe_finite(pv_pe_run *run, pv_source *source,
                                  pv_pool_source *pool, pv_outcome *outcome,
                                  pv_error *err);
/* One histogram over cells of a pool (oneshot.c). */
PV_CHECKED pv_status pv_pe_one_shot(pv_pe_run *run, pv_pool_source *pool,
                                    pv_outcome *outcome, pv_error *err);

/* Cells for one histogram: one and a quarter standard deviations of noise a cell, of
 * the rows of a class. */
size_t pv_pe_cells(double rows, double classes, double sigma);

#endif
