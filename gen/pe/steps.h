/* gen/pe/steps.h - candidates from jobs that run between two calls of the program.
 * Internal to gen/. doc/pe-sources.md is for those who write such a job.
 *
 * For each step there is a directory: DIR/gen_000 for the first candidates, DIR/gen_003
 * for the variations of step 3, DIR/gen_003_ahead for those that are only looked at. The
 * program writes request.jsonl into it and stops (PV_ESTOPPED); a job writes its answer
 * as response.h5.tmp or wherever it likes and renames it to response.h5; the
 * program, called again, reads that and goes on. What is called anything else is
 * ignored.
 *
 * request.jsonl, an object a line:
 *   req_id             the line's number, from 0
 *   op                 "random": a first candidate; "vary": children of a parent
 *   parent_id          the parent's number (random: null)
 *   parent_payload_ref what the response that brought the parent said of it, or null
 *   label, label_code  the class, as text and as a number
 *   degree             0 .. 1, how far from the parent (random: null)
 *   n_var              how many are wanted: 1 for random
 *   seed               a whole number below 2^53; the same run has the same ones
 *
 * response.h5, a row a candidate, in any order (layout: io/vectors.h, group "/"):
 *   embedding   (m, d) as wide as the private ones, finite (not zero under cosine)
 *   parent_id   (m)    as in the request; for random the line's req_id
 *   fold        (m)    0 .. n_var-1, each at most once a parent
 *   payload_ref (m)    UTF-8 texts; may be left out
 * Children that are not there are replaced by their parent, first candidates by
 * nothing. Attribute metric, where it is there, must be the run's.
 *
 * A parent that was chosen more than once has one line, with more children.
 *
 * Requests hold what noisy votes chose and nothing else of the private table. They are
 * the same for the same key: one that is there already and is another, or a response
 * that is not the one that the run went on with (response.digest), is
 * PV_EDIVERGED. */
#ifndef PV_GEN_PE_STEPS_H
#define PV_GEN_PE_STEPS_H

#include "gen/pe/source.h"

typedef struct pv_steps_source pv_steps_source;

/* In `directory`, made with mode 0700 where it is missing; for labels of a schema of one
 * column, which must outlive the source, and vectors of `width` numbers. The caller
 * sets the key of pv_steps_source_of() before it is asked for anything. PV_EIO. Its
 * calls give PV_ESTOPPED while a response is missing, PV_EFORMAT for one that is
 * wrong, naming file, row and remedy. */
PV_CHECKED pv_status pv_steps_open(const char *directory,
                                   const pv_schema *schema, size_t width,
                                   pv_vector_metric metric,
                                   pv_steps_source **steps, pv_error *err);
pv_source *pv_steps_source_of(pv_steps_source *steps);

/* What the row ids of rows() stand for: pv_catalogue_write (gen/pe/catalogue.h) with
 * references. `source` is one of pv_steps_source_of. */
PV_CHECKED pv_status pv_steps_write_payloads(const pv_source *source,
                                             const pv_outcome *outcome,
                                             const char *path, pv_error *err);

#endif
