/* gen/pe/particles.h - rows of a schema, drawn from what the evidence says. Internal to
 * gen/.
 *
 * Particles are public rows with weights: as many in each class. They are drawn from
 * the laws of single columns, weighted by all noisy counts, drawn anew by weight, and
 * moved by Metropolis steps that leave the fitted density as it is. So any number of
 * rows, all different, comes from a density that is known by its logarithm alone. */
#ifndef PV_GEN_PE_PARTICLES_H
#define PV_GEN_PE_PARTICLES_H

#include "embeddings/space.h"
#include "gen/pe/axes.h"
#include "gen/pe/cells.h"
#include "gen/pe/evidence.h"
#include "io/table.h"

/* What particles are compared by; it must outlive them. */
typedef struct pv_ground {
    const pv_schema *schema;
    size_t by, classes;          /* the class's column or PV_NO_COLUMN */
    const pv_axes *axes;
    const pv_space *space;
    pv_evidence *evidence;       /* the axes' marginals first, then votes */
    size_t marginals;            /* how many of the former: all axes, or none */
    pv_cells **votes;            /* of each vote */
    size_t vote_count;
} pv_ground;

typedef struct pv_particles pv_particles;

/* each[c] of class c, by the laws of the axes; none breaks a structural zero.
 * PV_EUNSUPPORTED when no such row of a class is found. */
PV_CHECKED pv_status pv_particles_draw(const pv_ground *ground,
                                       const size_t *each, const pv_key *key,
                                       pv_particles **particles, pv_error *err);
void pv_particles_free(pv_particles *particles); /* NULL is legal */

/* Finds the cells of partitions that came since, and fits. */
PV_CHECKED pv_status pv_particles_fit(pv_particles *particles, size_t sweeps,
                                      pv_error *err);

/* each[c] particles of class c, drawn by weight (systematically), then `moves`
 * Metropolis steps; a new set, whose weights are alike until it is fitted. */
PV_CHECKED pv_status pv_particles_renew(const pv_particles *particles,
                                        const size_t *each, size_t moves,
                                        const pv_key *key,
                                        pv_particles **renewed, pv_error *err);

/* Adds each[c] of class c, drawn by weight, to a population. */
PV_CHECKED pv_status pv_particles_choose(const pv_particles *particles,
                                         const size_t *each, const pv_key *key,
                                         uint32_t generation,
                                         pv_population *into, pv_error *err);

/* All of them, as rows of a table in a drawn order, complete with determined columns
 * and numbers. */
PV_CHECKED pv_status pv_particles_table(const pv_particles *particles,
                                        const pv_key *key, pv_table **table,
                                        pv_error *err);

#endif
