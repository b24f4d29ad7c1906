/* gen/pe/process.h - candidates from a co-process. Internal to gen/.
 * doc/pe-sources.md is for those who write one.
 *
 * A command of the user's, run without a shell, is asked over its standard input and
 * answers on its standard output (gen/pe/frame.h). It is told what noisy votes chose and
 * nothing else of the private table.
 *
 * Requests are batches of at most 256 candidates, or parents of one class, fewer where
 * their vectors or payloads are large. Their seeds are of the source's key, by step and
 * batch. Every answer is stored, with a digest of its request, before it is used: a run
 * that is resumed reads it from there, and starts the command only for what was never
 * answered. A stored answer to another request is PV_EDIVERGED.
 *
 * One that dies is started again and asked the same, once a request; one that gives no
 * answer in time is killed. Payloads are held in memory; those of candidates that are
 * only looked at are not kept. */
#ifndef PV_GEN_PE_PROCESS_H
#define PV_GEN_PE_PROCESS_H

#include "gen/pe/source.h"

typedef struct pv_process_source pv_process_source;

/* `command` is split into words (core/words.h); `store` is made with mode 0700 where it
 * is missing; `schema` is of one column and must outlive the source; vectors have `width`
 * numbers; `timeout` is in seconds an answer (0: no limit). Nothing is started yet. The
 * caller sets the key of pv_process_source_of() before it is asked for anything.
 * PV_EUSAGE for a command that is none, PV_EIO.
 *
 * Calls of the source: PV_EIO when the command cannot be run, died twice or took too long;
 * PV_EFORMAT for an answer that is wrong; PV_EDIVERGED; PV_ETAMPER for a stored answer that
 * is damaged; PV_ETOOBIG; PV_ESTOPPED once pv_curator_stopping(). */
PV_CHECKED pv_status pv_process_open(const char *command, const char *store,
                                     const pv_schema *schema, size_t width,
                                     pv_vector_metric metric, double timeout,
                                     pv_process_source **process,
                                     pv_error *err);
pv_source *pv_process_source_of(pv_process_source *process);

/* What the row ids of rows() stand for: pv_catalogue_write (gen/pe/catalogue.h) with the
 * payloads themselves. `source` is one of pv_process_source_of. */
PV_CHECKED pv_status pv_process_write_payloads(const pv_source *source,
                                               const pv_outcome *outcome,
                                               const char *path, pv_error *err);

#endif
