/* gen/answers.h - marginals with standard errors, from noisy measurements.
 *
 * A model is fitted to the measurements; every marginal is read off it, so that
 * answers agree with one another. The standard error of a cell is that of the
 * privacy noise: a parametric bootstrap fits the same plan of measurements to
 * fresh noise (normal, of the stated variances) around the fitted model's own
 * answers, and takes the root mean square of how far the refits fall from them:
 * the spread, and what the fit's smoothing adds. It is not sampling error
 * (how the people came into the table), and not the error of a model that leaves
 * out what was not measured: `support` says when that may matter. */
#ifndef PV_GEN_ANSWERS_H
#define PV_GEN_ANSWERS_H

#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"
#include "io/release.h"
#include "marginals/clique.h"

#include <stddef.h>

typedef enum pv_support {
    PV_SUPPORT_MEASURED, /* the marginal itself was measured */
    PV_SUPPORT_INSIDE,   /* it is a sum of one that was */
    PV_SUPPORT_MODEL     /* only the model relates its columns: its error beyond
                            the noise is unknown */
} pv_support;

typedef struct pv_answer {
    pv_clique clique;
    size_t cells;   /* of the schema's levels, determined columns' too */
    double *count;  /* row-major, increasing columns */
    double *error;  /* standard error of each */
    pv_support support;
} pv_answer;

typedef struct pv_answer_options {
    size_t replicates; /* from 2; 0: 20 */
    size_t memory;     /* bytes for the model; 0: no limit */
    pv_key key;        /* of the bootstrap: the same key, the same errors */
} pv_answer_options;

/* answers[i] for clique[i]; clear each. Cliques may have determined columns.
 * PV_ETOOBIG for a marginal of more than 2^26 cells, PV_EINVAL for
 * measurements that name determined columns. */
PV_API PV_CHECKED pv_status pv_answer_marginals(
    const pv_schema *schema, const pv_measurement *measurements, size_t count,
    double total, const pv_clique *clique, size_t cliques,
    const pv_answer_options *options, pv_answer *answers, pv_error *err);
PV_API void pv_answer_clear(pv_answer *answer);

/* "measured", "inside a measured one", "model-based". */
PV_API const char *pv_support_text(pv_support support);

#endif
