/* gen/pe/process_internal.h - what process*.c share. */
#ifndef PV_GEN_PE_PROCESS_INTERNAL_H
#define PV_GEN_PE_PROCESS_INTERNAL_H

#include "gen/pe/catalogue.h"
#include "gen/pe/child.h"
#include "gen/pe/frame.h"
#include "gen/pe/process.h"

struct pv_process_source {
    pv_source source;
    char *store;
    char **word;
    const pv_schema *schema;
    pv_vector_metric metric;
    double timeout;
    pv_child child;       /* pid 0: not running */
    bool greeted;         /* the kind is known */
    pv_payload_kind kind;
    uint64_t asked;       /* requests so far, stored ones too: their ids */
    pv_catalogue made;
};

/* A batch: its request but for the id, and its name in the store. */
typedef struct pv_batch {
    pv_frame_request request;
    pv_bytes body;
    const char *purpose;
    size_t step, number;
} pv_batch;

/* Answers to it, checked. */
typedef struct pv_reply {
    size_t count;
    unsigned char *body; /* what came, in which payloads lie */
    size_t size;
    float *vector;
    pv_payload *payload; /* places of length 0 when the kind is none */
} pv_reply;
void pv_reply_clear(pv_reply *reply); /* one that is all zeros is legal */

/* Finds out the kind of payloads, which bodies depend on: from the store, or by
 * starting the command. */
PV_CHECKED pv_status pv_process_greet(pv_process_source *process,
                                      pv_error *err);
/* The answer, from the store or asked for and stored. */
PV_CHECKED pv_status pv_process_ask(pv_process_source *process, pv_batch *batch,
                                    pv_reply *reply, pv_error *err);

/* The command's answer to `frame` as it came, whose line and bytes were held against
 * `wanted`; free() it. Starts and restarts the command. */
PV_CHECKED pv_status pv_process_converse(pv_process_source *process,
                                         const pv_bytes *frame,
                                         const pv_wanted *wanted,
                                         unsigned char **body, size_t *size,
                                         pv_error *err);
/* Has it running, its hello heard and held against the store's. */
PV_CHECKED pv_status pv_process_start(pv_process_source *process,
                                      pv_error *err);

/* --- the store --------------------------------------------------------------------- */

/* False: there is none yet. */
PV_CHECKED pv_status pv_store_find_hello(const pv_process_source *process,
                                         bool *found, pv_payload_kind *kind,
                                         pv_error *err);
/* Stores it, or holds it against the one there is. */
PV_CHECKED pv_status pv_store_hello(const pv_process_source *process,
                                    pv_payload_kind kind, pv_error *err);
/* *body is NULL when there is none. */
PV_CHECKED pv_status pv_store_find(const pv_process_source *process,
                                   const pv_batch *batch, const pv_bytes *frame,
                                   unsigned char **body, size_t *size,
                                   pv_error *err);
PV_CHECKED pv_status pv_store_put(const pv_process_source *process,
                                  const pv_batch *batch, const pv_bytes *frame,
                                  const unsigned char *body, size_t size,
                                  pv_error *err);

#endif
