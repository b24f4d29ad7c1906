/* gen/gsd/search.h - rows that come to have the answers they should. Internal to
 * gen/.
 *
 * PV_GSD_FAST goes through the rows column by column and gives each row the best value
 * of that column, others as they are. Rows are taken in batches of a size that depends
 * on their number alone: each batch is scored against the same counts, by any number of
 * threads, and its moves are made one after the other, each checked again. So the
 * result is the same for any number of threads.
 *
 * PV_GSD_FAITHFUL is the published scheme (Liu, Tang, Vietri and Wu, ICML 2023, as its
 * authors' program has it): a generation is fifty children of the best rows so far,
 * each with one cell changed, or two swapped, by one operator; the best child takes its
 * parent's place when it is better. Operators are drawn by a bandit. */
#ifndef PV_GEN_GSD_SEARCH_H
#define PV_GEN_GSD_SEARCH_H

#include "gen/gsd/state.h"

typedef enum pv_gsd_scheme { PV_GSD_FAST, PV_GSD_FAITHFUL } pv_gsd_scheme;

/* Where a search is. */
typedef struct pv_gsd_progress {
    double objective;  /* F: weighted, in rows^2 of the population */
    double distance;   /* of fractions, without weights */
    uint64_t scored;   /* values or children that were scored */
    uint64_t moved;    /* and moves made */
    size_t sweeps;     /* or epochs of generations */
    double seconds;    /* of CPU of this process */
} pv_gsd_progress;

/* Called after each sweep; false ends the search. */
typedef bool pv_gsd_watch(void *context, const pv_gsd_progress *progress);

typedef struct pv_gsd_search_options {
    pv_gsd_scheme scheme;
    pv_key key;
    double floor;      /* F at which a fast search ends; 0: none */
    double patience;   /* it ends when a sweep gains less than this part of what is
                          above 0; 0: the default */
    size_t most_sweeps; /* 0: until it ends */
    pv_gsd_watch *watch; /* may be NULL */
    void *watching;
    bool (*stop)(void); /* asked many times a sweep: whether to give up; may be NULL */
} pv_gsd_search_options;

/* Searches from the state's rows; it is begun (pv_gsd_begin) already. PV_ESTOPPED when
 * `stop` said so, the rows being half way then; PV_ENOMEM. `progress` may be NULL. */
PV_CHECKED pv_status pv_gsd_search(pv_gsd_state *state,
                                   const pv_gsd_search_options *options,
                                   pv_gsd_progress *progress, pv_error *err);

#endif
