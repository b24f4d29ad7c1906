/* dp/accountfile.h - the total over all releases of one dataset.
 *
 * A ledger file (dp/ledger.h) that runs share: its first line states the cap,
 * the neighbouring relation and the unit; each run reserves its whole budget
 * before its own ledger begins, and when it ends settles for what it spent. A
 * reservation never settled counts in full. Spending is never refunded. */
#ifndef PV_DP_ACCOUNTFILE_H
#define PV_DP_ACCOUNTFILE_H

#include "core/api.h"
#include "core/status.h"

#include <stdint.h>

typedef struct pv_account_terms {
    const char *path;
    uint64_t cap;            /* units; 0: as the file says (it must exist) */
    const char *neighbours;  /* must agree between runs, like the unit: */
    const char *unit;        /* budgets of different promises do not add; */
    const char *rng;         /* and a run that is NOT PRIVATE has no budget */
} pv_account_terms;

/* What is spent, in both currencies: units of 2^-40 rho and of 2^-60 delta (of
 * approximate zCDP). The cap is on rho; delta is added up to be stated. */
typedef struct pv_spend {
    uint64_t rho, delta;
} pv_spend;

/* Reserves `spend` for the run, waiting for other processes. Reserving again
 * for a run that has a reservation, or has settled, changes nothing; one that
 * stands for less than `spend` is PV_ETAMPER. *total is the sum after. PV_EBUDGET
 * when the cap would be passed, PV_EMISMATCH on other terms. */
PV_API PV_CHECKED pv_status pv_account_reserve(const pv_account_terms *terms,
                                               const char *run, pv_spend spend,
                                               pv_spend *total, pv_error *err);

/* Replaces the run's reservation by what it spent (at most that). */
PV_API PV_CHECKED pv_status pv_account_settle(const pv_account_terms *terms,
                                              const char *run, pv_spend spend,
                                              pv_spend *total, pv_error *err);

#endif
