/* gen/gsd/model.h - the model that rows begin with. Internal to gen/. */
#ifndef PV_GEN_GSD_MODEL_H
#define PV_GEN_GSD_MODEL_H

#include "io/release.h"
#include "marginals/model.h"

#include <stdbool.h>

/* A model of all these marginals where it is small enough (`memory`, and a start need not
 * be better than it is quick), and *whole is set; else of the single columns and of the
 * tree of pairs that tells most. NULL when there are none to begin with. */
PV_CHECKED pv_status pv_gsd_model(const pv_schema *schema,
                                  const pv_measurement *measurements,
                                  size_t count, double total, size_t memory,
                                  pv_model **model, bool *whole, pv_error *err);

#endif
