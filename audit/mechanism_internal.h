/* The inside of subjects and trainings, for audit/mechanism*.c alone. */
#ifndef PV_AUDIT_MECHANISM_INTERNAL_H
#define PV_AUDIT_MECHANISM_INTERNAL_H

#include "audit/mechanism.h"

struct pv_subject {
    pv_subject_kind kind;
    pv_subject_options options;
    char **word;
    pv_mechanism *ours;
    double sigma;
};

struct pv_trained {
    const pv_subject *subject;
    const pv_table *people;
    pv_key key;
    char *scratch;       /* its directory; NULL: none */
    pv_training *ours;
    pv_table *written;   /* by a program */
    uint64_t outside;    /* values in it that are none of the schema's */
};

/* Trains by running the program on the CSV `in`, with its files in the training's
 * scratch; what it wrote becomes t->written. */
pv_status pv_program_train(pv_trained *t, const char *in, size_t most,
                           pv_error *err);

#endif
