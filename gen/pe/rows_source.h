/* gen/pe/rows_source.h - rows of the schema as candidates of the published loop. Internal
 * to gen/.
 *
 * The first are drawn column by column, by the laws of the axes. A variation at degree r
 * redraws each label with probability r, and moves each number by up to r of its range
 * (Tran et al. 2026). No row breaks a structural zero: a variation that would is drawn
 * again, and in the end is its parent. */
#ifndef PV_GEN_PE_ROWS_SOURCE_H
#define PV_GEN_PE_ROWS_SOURCE_H

#include "embeddings/space.h"
#include "gen/pe/axes.h"
#include "gen/pe/source.h"

/* Schema, space and axes must outlive it. `by` as in pv_ground. */
PV_CHECKED pv_status pv_rows_source_alloc(const pv_schema *schema, size_t by,
                                          size_t classes, const pv_axes *axes,
                                          const pv_space *space,
                                          const pv_key *key,
                                          pv_source **source, pv_error *err);

#endif
