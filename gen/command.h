/* gen/command.h - the commands of privet-gen. Internal to gen/: what is PV_API
 * here is for the program of that name, the rest of it being in the library. */
#ifndef PV_GEN_COMMAND_H
#define PV_GEN_COMMAND_H

#include "gen/generator.h"
#include "gen/pe/options.h"
#include "gen/pe/pool.h"

#include <jansson.h>
#include <stdbool.h>

/* Everything the command line can say. Strings point into argv. */
typedef struct pv_command {
    const char *input, *schema, *output, *run_dir, *account, *workload, *target;
    const char *from_measurements, *claim, *test_seed;
    double epsilon, delta, rho;    /* 0: not given */
    double sigma;                  /* of account; 0: not given */
    double account_cap;            /* rho; 0: not given */
    double rows_hint;
    double one_way_share, select_share, columns_share; /* negative: not given */
    int64_t rows;                  /* -1: noisy */
    size_t memory;                 /* bytes */
    size_t model_size;             /* bytes; 0: by the budget */
    const char *queries, *base;    /* of gsd */
    double base_share;             /* negative: not given */
    int64_t rounds, picks;         /* negative: not given */
    bool faithful;
    pv_pe_options pe;
    size_t degree, max_cells;      /* of a workload; 0: not given */
    const char *marginal[64];      /* of the command answer */
    size_t marginals, replicates;
    int threads;
    bool replace, ignore_extra, force, json;
    int log_level;
    char **rest;                   /* positional arguments */
    int rest_count;
} pv_command;

/* What --help prints. */
extern const char pv_command_usage[];

/* Parses argv[1..]; prints help or version itself and sets *done. For a second
 * command line set optind to 0 before. */
PV_API PV_CHECKED pv_status pv_command_parse(int argc, char **argv,
                                             pv_command *command, bool *done,
                                             pv_error *err);

/* The budget of a run on this schema. */
typedef struct pv_command_terms {
    uint64_t budget;       /* units */
    double delta;          /* at which epsilon is stated */
    uint64_t delta_labels; /* of it, for open columns, in units of 2^-60 */
} pv_command_terms;

/* From --rho, or --epsilon and --delta: epsilon at what labels leave of
 * delta. */
PV_API PV_CHECKED pv_status pv_command_budget(const pv_command *command,
                                              const pv_schema *schema,
                                              pv_command_terms *terms,
                                              pv_error *err);

/* What a request points to. */
typedef struct pv_command_parts {
    pv_workload workload;
    pv_queries *queries;
    pv_pe_options pe;
    pv_pool_source *pool;
} pv_command_parts;
PV_API void pv_command_parts_clear(pv_command_parts *parts);

/* Request from the command line; the parts are the caller's to clear. */
PV_API PV_CHECKED pv_status pv_command_request(const pv_command *command,
                                               const pv_generator *method,
                                               const pv_schema *schema,
                                               const pv_command_terms *terms,
                                               pv_command_parts *parts,
                                               pv_request *request,
                                               pv_error *err);

/* Prints a document (a new reference, stolen; NULL: short memory) to stdout; and makes
 * sure that what was printed is out. */
pv_status pv_command_json(json_t *object, pv_error *err);
pv_status pv_command_flush(pv_error *err);

pv_status pv_command_run(const pv_command *command, const pv_generator *method,
                         pv_error *err);
pv_status pv_command_from_measurements(const pv_command *command,
                                       const pv_generator *method,
                                       pv_error *err);
pv_status pv_command_answer(const pv_command *command, pv_error *err);
pv_status pv_command_plan(const pv_command *command, pv_error *err);
pv_status pv_command_account(const pv_command *command, pv_error *err);
pv_status pv_command_ledger(const pv_command *command, pv_error *err);
pv_status pv_command_methods(const pv_command *command, pv_error *err);

#endif
