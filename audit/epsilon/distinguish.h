/* audit/epsilon/distinguish.h - from outputs in two worlds to counts of errors.
 *
 * A run of a mechanism on one of two neighbouring tables, "in" with the target
 * and "out" without, is described by features. A distinguisher is a weighted sum
 * of them and a threshold. It is learned on some runs and counted on others: a
 * threshold chosen on the runs that are counted would make every bound too
 * high. */
#ifndef PV_AUDIT_EPSILON_DISTINGUISH_H
#define PV_AUDIT_EPSILON_DISTINGUISH_H

#include "audit/epsilon/estimate.h"
#include "core/api.h"
#include "core/status.h"

#include <stddef.h>

/* Runs in the order in which they are to be split; both worlds alternate, or
 * are in random order. */
typedef struct pv_runs {
    size_t count, width;
    const char *const *name;    /* of each feature: width of them */
    const unsigned char *world; /* 1: in, 0: out; count of them */
    const double *feature;      /* count x width, finite */
} pv_runs;

/* What a distinguisher is chosen for. */
typedef enum pv_aim_of {
    PV_FOR_EPSILON, /* a large epsilon at delta: far from chance in one rate */
    PV_FOR_RHO      /* a large rho of zCDP, or mu: far from chance in both */
} pv_aim_of;

typedef struct pv_distinguisher {
    char name[80];    /* the feature, or "linear: " and which features */
    size_t width;
    double *weight;   /* of each feature; free() by pv_distinguisher_clear */
    double threshold; /* "in" when the weighted sum is above it */
} pv_distinguisher;
PV_API void pv_distinguisher_clear(pv_distinguisher *distinguisher);

/* Columns [from, from + count) of the features, which a linear distinguisher is
 * learned of: those that an attacker of some kind can see. */
typedef struct pv_feature_group {
    const char *name;
    size_t from, count;
} pv_feature_group;

/* Learns on runs [from, to): tries each feature alone, and for each group
 * Fisher's linear discriminant (within-world covariance, regularised), each with
 * thresholds at quantiles and in the tails, in both directions; keeps the one
 * whose lower bound by Wilson's intervals at level alpha is the largest for what
 * is aimed at. With nothing that tells the worlds apart it keeps the first
 * feature. PV_EINVAL when a world has no run there. */
PV_API PV_CHECKED pv_status pv_distinguisher_learn(
    const pv_runs *runs, size_t from, size_t to, const pv_feature_group *group,
    size_t groups, pv_aim_of aim, double delta, double alpha,
    pv_distinguisher *distinguisher, pv_error *err);

/* The counts of a distinguisher on runs [from, to). */
PV_API pv_confusion pv_distinguisher_count(
    const pv_distinguisher *distinguisher, const pv_runs *runs, size_t from,
    size_t to);

#endif
