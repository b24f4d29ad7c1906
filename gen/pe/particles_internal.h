/* gen/pe/particles_internal.h - the inside of particles, for gen/pe/particles*.c. */
#ifndef PV_GEN_PE_PARTICLES_INTERNAL_H
#define PV_GEN_PE_PARTICLES_INTERNAL_H

#include "gen/pe/particles.h"

#include <stdbool.h>

enum { PV_PARTICLE_CHUNK = 512 };

/* Particles of one class, whose randomness is one stream's. */
typedef struct pv_particle_chunk {
    size_t class, first, end;
} pv_particle_chunk;

struct pv_particles {
    const pv_ground *ground;
    size_t columns, count;
    size_t *start;          /* classes + 1 */
    uint32_t *code;         /* count x columns */
    double *value;          /* count x columns, NAN where there is no number */
    double *offset, *weight;
    uint32_t **cell;        /* of each partition, each particle's cell */
    size_t partitions;
    pv_particle_chunk *chunk;
    size_t chunks;
};

PV_CHECKED pv_status pv_particles_alloc(const pv_ground *ground,
                                        const size_t *each,
                                        pv_particles **particles,
                                        pv_error *err);
bool pv_particle_legal(const pv_ground *ground, const uint32_t *code);
/* The cell of a row in a partition; vector is room for one. */
uint32_t pv_particle_cell(const pv_ground *ground, size_t partition,
                          size_t class, const uint32_t *code,
                          const float *vector);
/* Finds cells of the partitions that came since. */
PV_CHECKED pv_status pv_particles_place(pv_particles *particles, pv_error *err);
/* Moves all of them `moves` times; their offsets are then less what they have. */
PV_CHECKED pv_status pv_particles_move(pv_particles *particles, size_t moves,
                                       const pv_key *key, pv_error *err);

#endif
