/* audit/attack/published.h - the noisy marginals that a release publishes. */
#ifndef PV_AUDIT_ATTACK_PUBLISHED_H
#define PV_AUDIT_ATTACK_PUBLISHED_H

#include "core/api.h"
#include "core/status.h"
#include "io/release.h"
#include "io/schema.h"

#include <stddef.h>

/* Marginals in the columns of an audit's schema. */
typedef struct pv_published {
    pv_release *release;       /* NULL: the file is none */
    pv_measurement *measurement; /* some of the release's; columns renumbered,
                                  in its order, so not always rising; the
                                  counts are the release's */
    size_t count;
    size_t left_out;           /* of columns that the schema has otherwise */
} pv_published;

/* Those of the file at `path`, none when it is no release. A marginal counts
 * when its columns are in `schema` by name with the same levels. */
PV_API PV_CHECKED pv_status pv_published_read(const char *path,
                                              const pv_schema *schema,
                                              pv_published *published,
                                              pv_error *err);
PV_API void pv_published_clear(pv_published *published);

#endif
