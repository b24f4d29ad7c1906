/* marginals/model.h - a graphical model over a domain: inference and answers.
 *
 * p(x) is proportional to exp(sum of potentials over cliques), zero where a
 * structural zero forbids x. Potentials live at the cliques they were made
 * for; beliefs are dense tables at the maximal cliques of the junction tree,
 * scaled so that each sums to `total`.
 *
 * Inference is belief propagation on the junction forest in linear space, each
 * message scaled by its maximum: one pass to the roots, one back in which a
 * belief's separator marginal is divided by the message it came from. Cells of
 * zero mass stay zero (0/0 = 0), so the result is that of Shafer and Shenoy,
 * whose products it never has to form again; Koller and Friedman 2009,
 * sections 10.2 and 10.3. */
#ifndef PV_MARGINALS_MODEL_H
#define PV_MARGINALS_MODEL_H

#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"
#include "io/table.h"
#include "marginals/clique.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pv_model pv_model;

/* A model over `domain` with one potential (all 0) for each of the `cliques`
 * and the given structural zeros (masks over the domain's codes; copied).
 * Nothing is calibrated yet. PV_ETOOBIG when tables and messages would take
 * more than `memory` bytes (0: no limit): the message gives both figures. */
PV_API PV_CHECKED pv_status pv_model_alloc(const pv_domain *domain,
                                           const pv_zero *zero, size_t zeros,
                                           const pv_clique *clique,
                                           size_t cliques, double total,
                                           size_t memory, pv_model **model,
                                           pv_error *err);
PV_API void pv_model_free(pv_model *model);

/* Bytes that pv_model_alloc would need for the tables; SIZE_MAX on overflow. */
PV_API size_t pv_model_bytes(const pv_domain *domain, const pv_zero *zero,
                             size_t zeros, const pv_clique *clique,
                             size_t cliques);

/* PV_ETOOBIG, with the figures, when pv_model_alloc would refuse: for asking
 * before anything is paid. */
PV_API PV_CHECKED pv_status pv_model_fits(const pv_domain *domain,
                                          const pv_zero *zero, size_t zeros,
                                          const pv_clique *clique,
                                          size_t cliques, size_t memory,
                                          pv_error *err);

PV_API const pv_domain *pv_model_domain(const pv_model *model);
PV_API double pv_model_total(const pv_model *model);
PV_API size_t pv_model_cells(const pv_model *model); /* at maximal cliques */
PV_API size_t pv_model_cliques(const pv_model *model);
/* Whether one maximal clique has all these columns. */
PV_API bool pv_model_holds(const pv_model *model, const pv_clique *clique);

/* The log potential of clique i, row-major with increasing columns; free to
 * change, then calibrate. */
PV_API double *pv_model_potential(pv_model *model, size_t i, size_t *cells);

/* True when potential i alone makes up a component of the forest: its beliefs
 * may be set outright. */
PV_API bool pv_model_isolated(const pv_model *model, size_t i);

/* Beliefs from potentials; *log_z (may be NULL) gets the sum of ln Z over the
 * components. PV_ENUMERIC when nothing has mass (all rows forbidden, or
 * potentials out of range). */
PV_API PV_CHECKED pv_status pv_model_calibrate(pv_model *model, double *log_z,
                                               pv_error *err);

/* The calibrated marginal over potential i's clique into mu (its cells). */
PV_API void pv_model_project(const pv_model *model, size_t i, double *mu);

/* The calibrated marginal over any clique (row-major, increasing columns, its
 * cells), whether or not a maximal clique holds it. */
PV_API PV_CHECKED pv_status pv_model_answer(const pv_model *model,
                                            const pv_clique *clique,
                                            double *answer, pv_error *err);

/* The same for many cliques at once: what they share is computed once, so that
 * all triples of a table cost little more than writing them. answer[i] has room
 * for the cells of clique i. */
PV_API PV_CHECKED pv_status pv_model_answers(const pv_model *model,
                                             const pv_clique *clique,
                                             size_t count,
                                             double *const *answer,
                                             pv_error *err);

/* The largest table, in cells, that an answer takes: more than the clique's own
 * where its columns lie on both sides of a large separator. */
PV_API size_t pv_model_answer_size(const pv_model *model,
                                   const pv_clique *clique);

/* Writes rows drawn from the calibrated model into a table of as many rows
 * over the same domain: expected counts floored, remainders drawn without
 * replacement by their fractions, order shuffled inside each group of equal
 * parents, each column conditional on all earlier ones that share a maximal
 * clique with it. No forbidden row is ever written. The result depends on
 * the model, the key and the number of rows alone. */
PV_API PV_CHECKED pv_status pv_model_sample(const pv_model *model,
                                            const pv_key *key, pv_table *table,
                                            pv_error *err);

/* The same rows as codes, row after row, all columns of the schema (determined ones
 * have code 0): made-up rows, for methods that go on from them. free() them. */
PV_API PV_CHECKED pv_status pv_model_codes(const pv_model *model,
                                           const pv_schema *schema, size_t rows,
                                           const pv_key *key, uint32_t **codes,
                                           pv_error *err);

#endif
