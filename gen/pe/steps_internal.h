/* gen/pe/steps_internal.h - what steps*.c share. */
#ifndef PV_GEN_PE_STEPS_INTERNAL_H
#define PV_GEN_PE_STEPS_INTERNAL_H

#include "gen/pe/catalogue.h"
#include "gen/pe/steps.h"
#include "io/vectors.h"

struct pv_steps_source {
    pv_source source;
    char *directory;
    const pv_schema *schema;
    pv_vector_metric metric;
    pv_catalogue made;
};

/* A line of a request: a first candidate, or the children of a parent. */
typedef struct pv_wish {
    uint32_t class;
    uint64_t id;     /* parent_id in a response: the parent, or the line's number */
    size_t first;    /* where its children begin among all that are wanted */
    size_t children;
} pv_wish;

typedef struct pv_wishes {
    const pv_variation *how; /* NULL: first candidates */
    size_t count, children;  /* children: of all */
    pv_wish *wish;
} pv_wishes;

/* The text of request.jsonl; free() it. PV_ENOMEM. */
PV_CHECKED pv_status pv_steps_request(const pv_steps_source *steps,
                                      const pv_wishes *wishes, char **text,
                                      size_t *size, pv_error *err);

typedef struct pv_response {
    pv_vectors *v;
    size_t *row; /* of each child that is wanted: 1 + its row, 0 for none */
} pv_response;

/* Reads and checks the response to a request; digest is of all it says. */
PV_CHECKED pv_status pv_steps_response(const pv_steps_source *steps,
                                       const pv_wishes *wishes,
                                       const char *path,
                                       pv_response *response, pv_key *digest,
                                       pv_error *err);
void pv_response_clear(pv_response *response);

#endif
