/* audit/fidelity/alpha.h - precision and recall of the typical rows, and how many
 * synthetic rows are nearer to a real one than its own kind (Alaa et al. 2022), on
 * distances as they are. */
#ifndef PV_AUDIT_FIDELITY_ALPHA_H
#define PV_AUDIT_FIDELITY_ALPHA_H

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

typedef struct pv_alpha {
    size_t rows[2];          /* real, synthetic */
    const uint32_t *apart;   /* synthetic x real */
    const uint32_t *closest; /* of each real row: its nearest other real row */
    size_t centre[2];        /* each table's medoid */
    const uint32_t *within[2]; /* of each row, from its own table's medoid */
    double precision, recall, authenticity; /* results */
} pv_alpha;

/* A table's medoid from the distances of all its rows (rows x rows): the row whose
 * distances have the least sum, of equals the first. */
size_t pv_medoid(const uint32_t *distance, size_t rows);

PV_CHECKED pv_status pv_alpha_measure(pv_alpha *alpha, pv_error *err);

#endif
