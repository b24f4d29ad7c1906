/* gen/pe/source.h - where candidates come from. Internal to gen/.
 *
 * A source makes candidates without ever seeing a private row: of the public schema, of
 * a public pool, or by a model that the user runs. What it is told of the private
 * table is which candidates were chosen by noisy votes. */
#ifndef PV_GEN_PE_SOURCE_H
#define PV_GEN_PE_SOURCE_H

#include "gen/generator.h"
#include "gen/pe/population.h"

/* How candidates are to be varied. */
typedef struct pv_variation {
    size_t step;   /* of the run: 0 makes the first candidates */
    double degree; /* 0 .. 1, how far from the parent: 1 is anywhere */
    size_t fold;   /* children of each parent */
    bool ahead;    /* only looked at, to place the parent: never released */
} pv_variation;

/* What a run ends with: how many private rows each record stands for. */
typedef struct pv_outcome {
    size_t count, room;
    uint32_t *class;
    uint64_t *item;
    uint32_t *generation;
    double *weight; /* >= 0 */
} pv_outcome;
void pv_outcome_clear(pv_outcome *outcome);
PV_CHECKED pv_status pv_outcome_add(pv_outcome *outcome, uint32_t class,
                                    uint64_t item, uint32_t generation,
                                    double weight, pv_error *err);

typedef struct pv_source pv_source;
struct pv_source {
    /* Adds wanted[c] candidates of each class c. */
    pv_status (*random)(pv_source *source, const size_t *wanted,
                        pv_population *into, pv_error *err);
    /* Adds `fold` children of each parent, in the order of parents; a source that has
     * none adds the parent itself. */
    pv_status (*vary)(pv_source *source, const pv_population *parents,
                      const pv_variation *how, pv_population *into,
                      pv_error *err);
    /* The table of `rows` rows of what is left, in proportion to weights; the same for
     * the same key. Its schema may be the source's, which must outlive it. */
    pv_status (*rows)(pv_source *source, const pv_outcome *outcome,
                      size_t rows, const pv_key *key, pv_table **table,
                      pv_error *err);
    void (*free)(pv_source *source);
    size_t width, classes;
    pv_key key; /* of what it draws */
};

void pv_source_free(pv_source *source); /* NULL is legal */

/* A stream for one parent (or class) of one step. */
void pv_source_stream(const pv_source *source, const char *purpose, size_t step,
                      size_t part, pv_stream *stream);

/* How often each record comes in a table of `rows` rows: its expected number, rounded
 * down, and what is left drawn systematically; in the order of records. All weights 0:
 * alike. copies has outcome->count entries. */
void pv_outcome_copies(const pv_outcome *outcome, size_t rows,
                       pv_stream *stream, uint32_t *copies);
/* The same by `key`, and the places of the `rows` copies in a drawn order: the first
 * record's come first. free() both arrays. */
PV_CHECKED pv_status pv_outcome_deal(const pv_outcome *outcome, size_t rows,
                                     const pv_key *key, uint32_t **copies,
                                     uint32_t **order, pv_error *err);

#endif
