/* gen/pe/run.h - what all ways of Private Evolution share: how many private rows there
 * are of each class, how the budget is spent on votes, and what is found. Internal to
 * gen/. */
#ifndef PV_GEN_PE_RUN_H
#define PV_GEN_PE_RUN_H

#include "gen/generator.h"
#include "gen/pe/options.h"
#include "gen/pe/population.h"

/* What a run found: rows come from it. */
typedef struct pv_pe_found pv_pe_found;
struct pv_pe_found {
    pv_status (*rows)(pv_pe_found *found, size_t rows, const pv_key *key,
                      pv_table **table, pv_error *err);
    void (*free)(pv_pe_found *found);
    double total; /* rows that the answers speak for */
};

/* The run at hand. */
typedef struct pv_pe_run {
    const pv_request *request;
    pv_curator *curator;
    size_t by, classes;
    double *rows;       /* of each class: noisy, at least 1 */
    double rows_sigma;  /* of one; 0: they are known */
    size_t rounds, asked;
    pv_key key;         /* of all that is drawn after the answers */
} pv_pe_run;

/* Asks for the classes' sizes with `share` of the budget; clear it in any case. */
PV_CHECKED pv_status pv_pe_begin(const pv_request *request, pv_curator *curator,
                                 double share, pv_pe_run *run, pv_error *err);
void pv_pe_end(pv_pe_run *run);
double pv_pe_total(const pv_pe_run *run);

/* A key for a purpose in a round. */
void pv_pe_key(const pv_pe_run *run, const char *purpose, size_t round,
               pv_key *key);

/* The noise of one round of votes, as rows: with what is left for as many rounds as
 * are to come. */
PV_CHECKED pv_status pv_pe_noise(const pv_pe_run *run, pv_rational *sigma2,
                                 double *sigma, pv_error *err);

/* Has the population voted on, with that noise: votes[] in rows, of each candidate, and
 * their standard deviation. `space` as in pv_ballot. */
PV_CHECKED pv_status pv_pe_vote(pv_pe_run *run, const pv_space *space,
                                const pv_population *population, double *votes,
                                double *sigma, pv_error *err);

/* `wanted` dealt to classes in proportion to their rows, by largest remainders. */
PV_CHECKED pv_status pv_pe_deal(const double *rows, size_t classes,
                                size_t wanted, size_t *each, pv_error *err);

/* How many candidates of each class there are to be: those that were asked for, in
 * proportion, else as many as can be told apart: about one standard deviation of noise
 * for each, within `least` and `most`. */
PV_CHECKED pv_status pv_pe_candidates(const pv_pe_run *run, double sigma,
                                      size_t least, size_t most, size_t *each,
                                      pv_error *err);
/* Warns where noise is more than the votes that there are. */
void pv_pe_warn_drowned(const pv_pe_run *run, double sigma, const size_t *each);

#endif
