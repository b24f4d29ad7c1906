/* gen/pe/cells.h - which candidate of a class a public row is nearest to. Internal to
 * gen/.
 *
 * For the many rows that a fit looks at, over and over: floats alone, no exact ties.
 * Private rows are placed by the curator, exactly. */
#ifndef PV_GEN_PE_CELLS_H
#define PV_GEN_PE_CELLS_H

#include "gen/pe/population.h"

typedef struct pv_cells pv_cells;

/* Of a settled population, by squared distance. */
PV_CHECKED pv_status pv_cells_alloc(const pv_population *population,
                                    pv_cells **cells, pv_error *err);
void pv_cells_free(pv_cells *cells); /* NULL is legal */

/* The candidate's place in the population; the class must have some. */
uint32_t pv_cells_find(const pv_cells *cells, size_t class,
                       const float *vector);

#endif
