/* gen/pe/axes.h - the columns that rows are made of. Internal to gen/.
 *
 * Each column that is not the class and follows from no other is cut into bins: its
 * levels, or for numbers of more levels neighbouring ones together; a missing level is a
 * bin of its own. A law over the bins, for each class, draws values; inside a bin all
 * are alike. */
#ifndef PV_GEN_PE_AXES_H
#define PV_GEN_PE_AXES_H

#include "core/status.h"
#include "core/stream.h"
#include "io/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pv_axes pv_axes;

/* `by`: the class's column, or PV_NO_COLUMN; `classes` its levels, or 1. Numbers get
 * `most` bins at most. All laws are uniform at first: over the schema's range. */
PV_CHECKED pv_status pv_axes_alloc(const pv_schema *schema, size_t by,
                                   size_t classes, size_t most, pv_axes **axes,
                                   pv_error *err);
void pv_axes_free(pv_axes *axes); /* NULL is legal */

size_t pv_axes_count(const pv_axes *axes);
size_t pv_axes_column(const pv_axes *axes, size_t axis);
size_t pv_axes_bins(const pv_axes *axes, size_t axis);
/* The bin of a code. */
uint32_t pv_axes_bin(const pv_axes *axes, size_t axis, uint32_t code);

/* Sets the law: share[c * bins + b], positive; they need not add up to 1. */
void pv_axes_set_law(pv_axes *axes, size_t axis, const double *share);

/* A value by the class's law, and its density against the schema's uniform law, in
 * logarithms, by its code. */
void pv_axes_draw(const pv_axes *axes, size_t axis, size_t class,
                  pv_stream *stream, uint32_t *code, double *value);
double pv_axes_density(const pv_axes *axes, size_t axis, size_t class,
                       uint32_t code);

/* A number moved by `shift` of its range, reflected at the ends; false for labels and
 * what is missing. A whole number is rounded. */
bool pv_axes_shift(const pv_axes *axes, size_t axis, double shift,
                   uint32_t *code, double *value);
/* A value drawn alike from the column's levels: of numbers from their range. */
void pv_axes_draw_alike(const pv_axes *axes, size_t axis, pv_stream *stream,
                        uint32_t *code, double *value);

/* How far apart values are, for distances: of numbers the standard deviation as a share
 * of the range, of labels the square root of 1 - sum of squared shares; by the laws of
 * all classes, rows[c] of each. */
double pv_axes_spread(const pv_axes *axes, size_t axis, const double *rows);
bool pv_axes_is_number(const pv_axes *axes, size_t axis);

#endif
