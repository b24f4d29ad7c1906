/* gen/pe/population.h - candidates of Private Evolution. Internal to gen/.
 *
 * All of it is public: candidates come from sources that saw noisy answers alone. */
#ifndef PV_GEN_PE_POPULATION_H
#define PV_GEN_PE_POPULATION_H

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

/* `count` candidates. Once sorted, those of class c are first[c] .. first[c+1]-1. */
typedef struct pv_population {
    size_t width, classes, count, room;
    size_t *first;        /* classes + 1 */
    uint32_t *class;
    uint64_t *item;       /* what the source knows it by */
    uint32_t *generation; /* the step that made it */
    float *vector;        /* count x width */
} pv_population;

PV_CHECKED pv_status pv_population_make(size_t width, size_t classes,
                                        pv_population *population,
                                        pv_error *err);
/* Frees what it holds; one that is all zeros is legal. */
void pv_population_clear(pv_population *population);
void pv_population_swap(pv_population *a, pv_population *b);

/* Adds one, whose vector is copied. */
PV_CHECKED pv_status pv_population_add(pv_population *population,
                                       uint32_t class, uint64_t item,
                                       uint32_t generation,
                                       const float *vector, pv_error *err);
/* Adds candidate `i` of another. */
PV_CHECKED pv_status pv_population_copy(pv_population *population,
                                        const pv_population *from, size_t i,
                                        pv_error *err);

/* Brings them in order of classes, else as they were, and merges those of a class that
 * have the same vector, bit for bit, into the first: a row would vote for that alone.
 * PV_ENOMEM. */
PV_CHECKED pv_status pv_population_settle(pv_population *population,
                                          pv_error *err);

#endif
