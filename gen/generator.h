/* gen/generator.h - what a generator is, and the registry of them.
 *
 * A generator is a pure function of the public request and of the curator's
 * noisy answers. It never sees a row, a true count or the true number of rows;
 * it includes no header that reads rows (tests/check-layers). Adding one is a
 * file with a `const pv_generator` and a line in the registry. */
#ifndef PV_GEN_GENERATOR_H
#define PV_GEN_GENERATOR_H

#include "core/api.h"
#include "core/status.h"
#include "dp/curator.h"
#include "io/table.h"
#include "marginals/estimate.h"
#include "marginals/queries.h"
#include "marginals/workload.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pv_generator pv_generator;

/* What a user asked for: public, all of it. */
typedef struct pv_request {
    const pv_generator *method;
    const pv_schema *schema;
    pv_neighbours neighbours;
    uint64_t budget;             /* units of 2^-40 rho */
    uint64_t kept;               /* of the run's budget: not this method's to spend */
    int64_t rows;                /* rows to write; -1: the noisy total */
    double rows_hint;            /* for plans: how many rows there may be */
    const pv_workload *workload; /* NULL: not given */
    size_t memory;               /* bytes for the model */
    double one_way_share;        /* of the budget, for one-way marginals */
    double select_share;         /* of the budget, for choosing marginals */
    size_t model_size;           /* bytes of the model's tables that a method
                                    which chooses goes up to; 0: by the budget */
    double columns_share;        /* of the budget, for finding the levels of
                                    columns that have none; it is taken first,
                                    the others are of what is left */
    uint64_t delta_labels;       /* units of 2^-60, for open columns */
    /* of methods that take queries; not looked at by others */
    const pv_queries *queries;
    const pv_generator *base;    /* the method whose marginals come first */
    double base_share;           /* of the budget, for those */
    bool shapes;                 /* the last family of queries is of single columns of
                                    numbers, and asked about first */
    double shape_share;          /* of the budget, for those */
    size_t rounds, picks;        /* of choosing groups, and groups a round; 0
                                    rounds: all are asked about at once */
    bool faithful;               /* the published search */
    const char *trace;           /* file for the search's progress, or NULL */
    /* of private evolution (gen/pe/options.h), which looks at `rounds` too */
    const struct pv_pe_options *pe;
    struct pv_pool_source *pool; /* gen/pe/pool.h; NULL: there is none */
    size_t pe_by;                /* the class's column, or PV_NO_COLUMN */
    const char *store;           /* directory for what a co-process answered */
    const char *payloads;        /* file for what row ids stand for; NULL: none */
    /* what a curator has to keep for it */
    bool numbers, vectors;
} pv_request;

/* One kind of answer that a plan foresees. */
typedef struct pv_plan_line {
    char what[160];
    double sigma;    /* of a cell, in rows */
    size_t cells;
    double error;    /* expected sum of |error| / rows_hint once fitted, for
                        rows spread over the cells by Zipf's law */
    double share;    /* of the budget */
} pv_plan_line;

typedef struct pv_plan {
    size_t count;
    pv_plan_line *line;
    size_t bytes;    /* of the model's tables and the counts */
    double seconds;  /* of CPU, roughly */
    const char *note; /* what the figures leave open; static */
} pv_plan;

/* Whether a method takes marginals to be good at. */
typedef enum pv_workload_use {
    PV_WORKLOAD_NONE,     /* it has its own */
    PV_WORKLOAD_OPTIONAL, /* without one: all-3way, or as many as there are;
                             all-2way of more than 62 columns */
    PV_WORKLOAD_REQUIRED
} pv_workload_use;

struct pv_generator {
    const char *name;
    const char *summary;     /* a line of text */
    pv_workload_use workload;
    double one_way_share;    /* what it spends on one-way marginals and on */
    double select_share;     /* choosing, unless asked otherwise; 0: nothing */
    pv_status (*plan)(const pv_request *request, pv_plan *plan, pv_error *err);
    /* Asks what it needs; pv_generate does the rest, fitting from `path`, where
     * the method's own last fit may leave off. NULL where there is `search`. */
    pv_status (*ask)(const pv_request *request, pv_curator *curator,
                     pv_fit_path *path, pv_error *err);
    bool queries;            /* it takes queries */
    bool evolves;            /* it takes the options of private evolution */
    /* NULL; or of a method whose rows are not drawn from a model: it asks what it needs
     * and gives what it makes rows of, which pv_fitted_rows asks it for as
     * pv_model_rows and pv_fitted_clear gives back. */
    pv_status (*search)(const pv_request *request, pv_curator *curator,
                        void **found, pv_error *err);
    pv_status (*rows)(void *found, const pv_schema *schema, int64_t rows,
                      const pv_key *key, pv_table **table, pv_error *err);
    void (*forget)(void *found);
};

/* The registry: NULL past the last; by name, NULL when there is none. */
PV_API const pv_generator *pv_generator_at(size_t i);
PV_API const pv_generator *pv_generator_find(const char *name);

/* The share of delta that finding labels takes, of a schema that has open
 * columns: in units of 2^-60; 0 for others. PV_EBUDGET when delta is too small
 * to be split. */
PV_API PV_CHECKED pv_status pv_label_delta(const pv_schema *schema,
                                           double delta, uint64_t *units,
                                           pv_error *err);

/* A complete run: finds levels where the schema has none, asks, fits, draws rows, publishes. */
PV_API PV_CHECKED pv_status pv_generate(const pv_request *request,
                                        pv_curator *curator, pv_error *err);

/* Rows from noisy marginals alone: fits a model and samples; `rows` as in
 * pv_request, `total` the public number of rows or 0, `key` for the sampling.
 * The fit begins at `path` (NULL: anew). The table is the caller's. */
PV_API PV_CHECKED pv_status pv_fit_rows(const pv_schema *schema,
                                        const pv_measurement *measurements,
                                        size_t count, int64_t rows,
                                        double total, size_t memory,
                                        pv_fit_path *path, const pv_key *key,
                                        pv_table **table, pv_error *err);

/* The same by a search for rows that have the marginals (gen/gsd). */
PV_API PV_CHECKED pv_status pv_search_rows(const pv_schema *schema,
                                           const pv_measurement *measurements,
                                           size_t count, int64_t rows,
                                           double total, size_t memory,
                                           bool faithful, const pv_key *key,
                                           pv_table **table, pv_error *err);

/* What a run would ask, spend and take; nothing is touched. Refuses what a run
 * could only refuse after spending: impossible zeros, too little memory, a
 * budget too small. */
PV_API PV_CHECKED pv_status pv_plan_make(const pv_request *request,
                                         pv_plan *plan, pv_error *err);
PV_API void pv_plan_clear(pv_plan *plan);
PV_API PV_CHECKED pv_status pv_plan_add(pv_plan *plan, const char *what,
                                        pv_rational sigma2, size_t cells,
                                        double share, double rows_hint,
                                        pv_error *err);

#endif
