/* gen/pe/options.h - what a user asks of Private Evolution. Internal to gen/. */
#ifndef PV_GEN_PE_OPTIONS_H
#define PV_GEN_PE_OPTIONS_H

#include "core/status.h"
#include "embeddings/nearest.h"
#include "io/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum pv_pe_api {
    PV_PE_TABLE,  /* rows of the schema */
    PV_PE_POOL,   /* a file */
    PV_PE_STEPS,  /* a directory */
    PV_PE_COMMAND /* a co-process */
} pv_pe_api;

typedef enum pv_pe_select {
    PV_PE_FIT,    /* all votes of all rounds are fitted together */
    PV_PE_SAMPLE,
    PV_PE_RANK
} pv_pe_select;

#define PV_PE_AUTO SIZE_MAX
/* Rounds of votes unless asked otherwise: of rows, and of a pool. */
enum { PV_PE_ROUNDS = 10, PV_PE_POOL_ROUNDS = 4, PV_PE_MOST_ROUNDS = 1000 };

/* As given; strings point into the command line. */
typedef struct pv_pe_options {
    bool given;             /* any of them */
    pv_pe_api api;
    const char *where;      /* the file, directory or command */
    size_t one_shot;        /* clusters; 0: no, PV_PE_AUTO: by the budget */
    size_t candidates;      /* of all classes; 0: by the budget */
    size_t children;        /* 0: by the selection */
    size_t lookahead;
    pv_pe_select select;
    bool select_given, degree_given;
    int keep;               /* parents stay: 1 or 0; -1: by the selection */
    double threshold;       /* in sigma; negative: by the selection */
    double degree[2];       /* first and last; negative: 0.5 and 0.01 */
    int init;               /* 1: begin from noisy one-way marginals, 0: from the schema
                               alone; -1: by the selection */
    bool marginals;         /* what that comes to */
    bool metric_given;
    pv_vector_metric metric;
    double timeout;         /* of a co-process, in seconds */
} pv_pe_options;

extern const pv_pe_options pv_pe_defaults;

/* "--api": reads its word and, of all but table, the next one, which *index is then
 * behind. */
PV_CHECKED pv_status pv_pe_take_api(pv_pe_options *options, const char *text,
                                    int argc, char **argv, int *index,
                                    pv_error *err);

/* "l2", "cosine" or "ip"; `where` says whose word it is. */
PV_CHECKED pv_status pv_pe_metric(const char *text, const char *where,
                                  pv_vector_metric *metric, pv_error *err);

/* What was left open follows from the rest. PV_EUSAGE for what does not go
 * together. */
PV_CHECKED pv_status pv_pe_settle(pv_pe_options *options, pv_error *err);

#endif
