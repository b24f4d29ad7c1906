/* audit/attack/terms.h - what an attacker knows, and what is secret.
 *
 * The attacker knows the quasi-identifiers of people and wants one column of
 * theirs, the secret. A secret has `levels` classes: its codes, or where it is
 * numeric with many codes, bins of them. Attacks share these terms. */
#ifndef PV_AUDIT_ATTACK_TERMS_H
#define PV_AUDIT_ATTACK_TERMS_H

#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"
#include "io/release.h"
#include "io/table.h"

#include <stddef.h>
#include <stdint.h>

/* class[code] is the class of each code of `column`, below `levels`; classes
 * follow the order of codes, and a missing level is a class of its own. */
typedef struct pv_secret {
    uint32_t column;
    uint32_t levels;
    uint32_t *class;
} pv_secret;

enum { PV_SECRET_MOST = 64 }; /* classes of a secret */

/* The secret `column`. Labels are their own classes; numeric columns of more
 * than `bins` codes are cut into at most `bins` classes of about equal shares
 * of the rows of `guide` (the synthetic table: the attacker has it). PV_EUSAGE
 * when there are fewer than 2 or more than PV_SECRET_MOST classes, naming the
 * column and --secret-bins. Clear it with pv_secret_clear. */
PV_API PV_CHECKED pv_status pv_secret_make(const pv_table *guide,
                                           uint32_t column, uint32_t bins,
                                           pv_secret *secret, pv_error *err);
PV_API void pv_secret_clear(pv_secret *secret);

/* The classes of all rows of a table: rows entries of `class_of`. */
PV_API void pv_secret_classes(const pv_secret *secret, const pv_table *table,
                              uint32_t *class_of);

/* Everything attacks agree on. */
typedef struct pv_attack_terms {
    const pv_secret *secret;
    const uint32_t *known;    /* the quasi-identifiers, increasing */
    size_t known_count;
    const pv_table *people;   /* those of the real table that the attacker of a
                                 reconstruction knows of; NULL: all */
    const pv_table *holdout;  /* people no generator saw; or NULL */
    size_t targets;           /* records attacked at most; 0: all */
    size_t attacks;           /* guesses of singling out and the like */
    unsigned orders;          /* reconstruction: bit k asks for conjunctions of
                                 k - 1 known values and the secret */
    size_t queries;           /* at most so many, drawn; 0: all there are */
    unsigned solvers;         /* bit i: solver i of pv_solvers */
    size_t memory;            /* bytes that queries may take; 0: no limit */
    const pv_key *key;        /* for draws: people, guesses, coins */
    const pv_measurement *measurement; /* noisy marginals that the release */
    size_t measurements;      /* publishes, in columns of the schema */
} pv_attack_terms;

#endif
