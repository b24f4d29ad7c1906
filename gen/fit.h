/* gen/fit.h - the parts of a run: asking, fitting, drawing rows. Internal to gen/.
 *
 * pv_generate is these one after the other; a mechanism that is tried many times
 * (gen/mechanism.h) draws several releases from one fit. */
#ifndef PV_GEN_FIT_H
#define PV_GEN_FIT_H

#include "gen/generator.h"
#include "marginals/model.h"

/* A model of noisy marginals; `total`, `memory` and `path` as in pv_fit_rows.
 * PV_EINVAL when there are none. pv_model_free() it. */
PV_CHECKED pv_status pv_fit_model(const pv_schema *schema,
                                  const pv_measurement *measurements,
                                  size_t count, double total, size_t memory,
                                  pv_fit_path *path, pv_model **model,
                                  pv_error *err);

/* Rows of a model, -1 for its own total, complete with determined columns and
 * numbers. The same key and number of rows give the same table. */
PV_CHECKED pv_status pv_model_rows(const pv_model *model,
                                   const pv_schema *schema, int64_t rows,
                                   const pv_key *key, pv_table **table,
                                   pv_error *err);

/* What a run knows when it has spent: a model, or what the method found. */
typedef struct pv_fitted {
    pv_model *model;
    const pv_generator *method;
    void *found;
} pv_fitted;
void pv_fitted_clear(pv_fitted *fitted);

/* Everything of a run that spends: finds levels, asks what the method asks, and
 * fits, over pv_curator_schema. Clear `fitted` in any case. */
PV_CHECKED pv_status pv_ask_and_fit(const pv_request *request,
                                    pv_curator *curator, pv_fitted *fitted,
                                    pv_error *err);

/* Rows of it, as pv_model_rows. */
PV_CHECKED pv_status pv_fitted_rows(const pv_fitted *fitted,
                                    const pv_schema *schema, int64_t rows,
                                    const pv_key *key, pv_table **table,
                                    pv_error *err);

#endif
