/* audit/epsilon/pair.h - neighbouring tables to tell apart.
 *
 * A pair is two tables, "out" (0) and "in" (1), that differ by one unit: by
 * adding it, or by putting it in another's place. Worst cases are tiny, and the
 * target differs from the others wherever it can, so that every marginal tells of
 * it: an attacker of differential privacy may choose everybody else. Realistic
 * pairs are a table without and with one of its own records. */
#ifndef PV_AUDIT_EPSILON_PAIR_H
#define PV_AUDIT_EPSILON_PAIR_H

#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"
#include "io/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PV_PAIR_COPIES_MOST = 100000 };

typedef struct pv_pair {
    const char *name;    /* static */
    pv_table *table[2];  /* as the schema reads them; of a unit with its rows'
                            persons, without those of a person that are too many */
    char *path[2];       /* CSV files that mechanisms are given */
    uint32_t *target;    /* the target's codes, a column each */
} pv_pair;
PV_API void pv_pair_clear(pv_pair *pair); /* files stay */

/* A schema for worst cases: `columns` (1 to 32) columns of `levels` (2 to 1000)
 * levels: the first of numbers from 0 to `levels`, in bins; the last with a
 * missing level; between them labels. With rows_per_person > 0 the unit is a
 * person of at most so many rows. */
PV_API PV_CHECKED pv_status pv_pair_schema(size_t columns, uint32_t levels,
                                           uint32_t rows_per_person,
                                           pv_schema **schema, pv_error *err);

typedef struct pv_pair_terms {
    const pv_schema *schema;
    bool made_up;   /* the schema is that of pv_pair_schema */
    bool replace;   /* neighbours replace a unit; else they add one */
    size_t copies;  /* of `repeated`: 0 to PV_PAIR_COPIES_MOST */
    const char *dir; /* for the files */
} pv_pair_terms;

/* Worst cases by name:
 *   single    nobody, and the target
 *   mixed     three others: one unlike the target in every column, two that are
 *             like it in every other one; and the target
 *   repeated  one other and `copies` rows like the target's, and one more
 *   boundary  as mixed, the target's values outside of the schema: a number far
 *             beyond the range, a label that there is not (made-up schema only)
 *   flood     as mixed, the target a person with thrice the rows that count
 *             (made-up schema with persons only)
 * When units are replaced, "out" has one more that is unlike the target in every
 * column. PV_EUSAGE for another name, or one that does not go with the schema. */
PV_API PV_CHECKED pv_status pv_pair_worst(const pv_pair_terms *terms,
                                          const char *name, pv_pair *pair,
                                          pv_error *err);

/* The names above that go with the schema. `empty` tells whether a mechanism
 * takes a table without rows. NULL ends them. */
PV_API const char *pv_pair_name(const pv_pair_terms *terms, bool empty,
                                size_t i);

/* The table without row `row`, or with a copy of the next row in its place, and
 * the table itself. Rows are units. */
PV_API PV_CHECKED pv_status pv_pair_real(const pv_table *real, size_t row,
                                         bool replace, const char *dir,
                                         pv_pair *pair, pv_error *err);

/* The row that is the most vulnerable: of at most 20,000 rows (drawn by the key
 * when there are more) the one with the largest mean distance to its five
 * nearest rows (Meeus et al., "Achilles' Heels", 2023, with Gower's distance;
 * audit/attack/nearest.h). */
PV_API PV_CHECKED pv_status pv_pair_vulnerable(const pv_table *real,
                                               const pv_key *key, size_t *row,
                                               pv_error *err);

#endif
