/* marginals/model_internal.h - the inside of a model, for marginals/ alone. */
#ifndef PV_MARGINALS_MODEL_INTERNAL_H
#define PV_MARGINALS_MODEL_INTERNAL_H

#include "marginals/factor.h"
#include "marginals/jtree.h"
#include "marginals/model.h"

/* A function of some columns, and where it enters the model. */
typedef struct pv_potential {
    pv_clique clique;
    pv_factor factor; /* log scale; a structural zero's holds 0 and -inf */
    size_t home;      /* the maximal clique that contains it */
    size_t group;
    pv_map map;       /* group's table onto factor */
} pv_potential;

/* Potentials of one home that are multiplied together before they enter its
 * table, and whose marginals are taken from one of the group: the table, which
 * may be a thousand times larger, is walked once for them all. */
typedef struct pv_group {
    pv_clique clique;
    size_t home;
    pv_factor factor; /* a product on the way in; calibrated: its marginal */
    pv_map map;       /* home table onto factor */
} pv_group;

struct pv_model {
    pv_domain domain;
    double total;
    pv_jtree tree;
    pv_clique *below;    /* columns of each clique's subtree */
    pv_factor *belief;   /* a table a maximal clique, separator axes first */
    pv_factor *up;       /* message to the parent, over the separator */
    pv_map *own_map;     /* own table onto the separator */
    pv_map *parent_map;  /* parent's table onto the separator */
    double *up_top;      /* what the message was divided by */
    double *scratch;     /* largest separator */
    double *exponentials; /* largest potential */
    size_t potentials;
    pv_potential *potential;
    size_t zeros;
    pv_potential *zero;
    size_t groups;
    pv_group *group;
};

/* Puts potentials and zeros, whose homes are known, into groups. */
PV_CHECKED pv_status pv_model_group(pv_model *model, pv_error *err);

/* The first maximal clique that contains `clique`, or SIZE_MAX. */
size_t pv_model_home(const pv_model *model, const pv_clique *clique);

#endif
