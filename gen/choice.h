/* gen/choice.h - which marginals to measure, and how exactly, given how wrong
 * a model is thought to be about each. Internal to gen/; no data, no privacy
 * cost: everything here is made of public figures and of noisy answers.
 *
 * Errors are L1 distances in rows. An item is a marginal of two columns or
 * three; those of weight > 0 are wanted. Measuring an item with precision p (1 /
 * variance of a cell's noise) tells each marginal i inside it p cells_i /
 * cells; precisions add up. Known with precision p, item i is off by noise_i(p),
 * or by what it was off before when that is less. A wanted triple that is not
 * measured itself is off by
 *     sqrt(rest^2 + part sum of its pairs' errors^2),
 * rest and part such that without any measurement this is its error now: the
 * pairs explain up to all of it. pv_choose spends the budget step by step,
 * each time where the sum of weight x error falls most for what it costs. All of
 * it is plain arithmetic and square roots, the same on any processor. */
#ifndef PV_GEN_CHOICE_H
#define PV_GEN_CHOICE_H

#include "core/api.h"
#include "core/status.h"
#include "marginals/clique.h"

#include <stdbool.h>
#include <stddef.h>

/* Precisions considered for an item: the whole budget, half of it, a quarter ... */
enum { PV_CHOICE_LEVELS = 14, PV_CHOICE_PARTS = 3 };

typedef struct pv_choice_item {
    pv_clique clique;              /* of two columns or three */
    size_t cells;
    double weight;                 /* 0: not wanted for itself */
    double error;                  /* now, in rows */
    double noise[PV_CHOICE_LEVELS]; /* its error when it is measured with
                                      2^-level of the budget: decreasing */
    size_t part[PV_CHOICE_PARTS];  /* a triple's pairs, places in the pool */
    size_t parts;                  /* 0 or 3 */
    size_t *whole;                 /* a pair's wanted triples */
    size_t wholes;
    double share;                  /* of the budget: what pv_choose gives it */
} pv_choice_item;

/* Items in a fixed order, pairs before triples. */
typedef struct pv_choice {
    size_t count;
    pv_choice_item *item;
} pv_choice;

/* Links pairs and triples; PV_EINVAL when a triple's pair is not there. */
PV_API PV_CHECKED pv_status pv_choice_link(pv_choice *choice,
                                           const pv_domain *domain,
                                           pv_error *err);
PV_API void pv_choice_clear(pv_choice *choice);

/* The sum of weight x expected error when each item gets its share. */
PV_API double pv_choice_value(const pv_choice *choice);

/* Sets the shares: at most 1 together. The junction tree of `fixed` and of all
 * items that get a share has at most `limit` cells, or no more than that of
 * `fixed`. An item that makes it larger is judged as if it cost `price` x
 * (growth / limit) of the budget more: at 0 room is free until there is none. */
PV_API PV_CHECKED pv_status pv_choose(pv_choice *choice,
                                      const pv_domain *domain,
                                      const pv_clique *fixed, size_t fixed_count,
                                      size_t limit, double price,
                                      pv_error *err);

#endif
