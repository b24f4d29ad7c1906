/* embeddings/space.h - rows of a schema as vectors.
 *
 * A number is one coordinate, (x - minimum) / (maximum - minimum) of the schema. A
 * label is a coordinate a level, 1/3 on its own and 0 elsewhere (of two levels one
 * coordinate, 0 or sqrt(2)/3, which has the same distances). A column that may be
 * missing has one coordinate more, sqrt(2)/3 where it is, the number then in the middle.
 * So two labels are sqrt(2)/3 apart, where numbers are 1 at most (Tran et al., "DP
 * synthetic data via APIs 4", 2026). Determined columns are left out, and the
 * class is. All of it is public; nothing is computed by libm. */
#ifndef PV_EMBEDDINGS_SPACE_H
#define PV_EMBEDDINGS_SPACE_H

#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"
#include "io/schema.h"

#include <stddef.h>
#include <stdint.h>

#define PV_NO_COLUMN SIZE_MAX

typedef struct pv_space pv_space;

/* Of all columns but `without` (PV_NO_COLUMN: all). `schema`, whose columns must have
 * levels, must outlive it. PV_ESCHEMA when no coordinate is left. */
PV_API PV_CHECKED pv_status pv_space_alloc(const pv_schema *schema,
                                           size_t without, pv_space **space,
                                           pv_error *err);
PV_API void pv_space_free(pv_space *space); /* NULL is legal */

/* Has a column count for more or less than the others: its coordinates are multiplied by
 * `factor`, positive and finite; 1 at first. What has no coordinate stays without. */
PV_API void pv_space_stretch(pv_space *space, size_t column, double factor);
PV_API double pv_space_factor(const pv_space *space, size_t column);

/* Coordinates of a vector. */
PV_API size_t pv_space_width(const pv_space *space);
PV_API size_t pv_space_without(const pv_space *space);
PV_API const pv_schema *pv_space_schema(const pv_space *space);

/* One row: code[] and value[] by column, both of all the schema's columns. A value
 * that is not a number (value NULL: none is given) is the middle of its bin. Writes
 * `width` floats. */
PV_API void pv_space_embed(const pv_space *space, const uint32_t *code,
                           const double *value, float *vector);

#endif
