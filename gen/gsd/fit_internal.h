/* gen/gsd/fit_internal.h - the inside of a fit; gen/gsd/ alone. */
#ifndef PV_GEN_GSD_FIT_INTERNAL_H
#define PV_GEN_GSD_FIT_INTERNAL_H

#include "gen/gsd/fit.h"

struct pv_gsd_fit {
    const pv_queries *queries;
    pv_gsd_scheme scheme;
    pv_gsd_targets known;  /* answers of groups as they were given */
    pv_gsd_targets target; /* those and the marginals, made to agree */
    pv_model *model;       /* what rows begin with */
    size_t fitted;         /* marginals that there were when it was made */
    bool whole;            /* it is of all of them */
    double total;
    double least;          /* variance of the most precise target */
    double noise;          /* what the truth would be away from the targets, weighted,
                              in rows^2 */
    const char *trace;     /* or NULL */
};

#endif
