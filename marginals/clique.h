/* marginals/clique.h - attribute sets as bitsets.
 *
 * A clique is a set of column numbers below PV_MAX_COLUMNS. Cliques are plain
 * values: copy, compare and pass them freely. */
#ifndef PV_MARGINALS_CLIQUE_H
#define PV_MARGINALS_CLIQUE_H

#include "core/api.h"
#include "core/status.h"
#include "io/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PV_CLIQUE_WORDS = PV_MAX_COLUMNS / 64 };

typedef struct pv_clique {
    uint64_t word[PV_CLIQUE_WORDS];
} pv_clique;

static inline pv_clique pv_clique_empty(void)
{
    return (pv_clique){{0}};
}

static inline void pv_clique_add(pv_clique *c, size_t column)
{
    c->word[column / 64] |= UINT64_C(1) << column % 64;
}

static inline void pv_clique_remove(pv_clique *c, size_t column)
{
    c->word[column / 64] &= ~(UINT64_C(1) << column % 64);
}

static inline bool pv_clique_has(const pv_clique *c, size_t column)
{
    return (c->word[column / 64] >> column % 64 & 1) != 0;
}

static inline pv_clique pv_clique_of(const uint32_t *column, size_t count)
{
    pv_clique c = pv_clique_empty();
    for (size_t i = 0; i < count; i++)
        pv_clique_add(&c, column[i]);
    return c;
}

static inline pv_clique pv_clique_union(const pv_clique *a, const pv_clique *b)
{
    pv_clique c;
    for (size_t i = 0; i < PV_CLIQUE_WORDS; i++)
        c.word[i] = a->word[i] | b->word[i];
    return c;
}

static inline pv_clique pv_clique_intersection(const pv_clique *a,
                                               const pv_clique *b)
{
    pv_clique c;
    for (size_t i = 0; i < PV_CLIQUE_WORDS; i++)
        c.word[i] = a->word[i] & b->word[i];
    return c;
}

static inline pv_clique pv_clique_minus(const pv_clique *a, const pv_clique *b)
{
    pv_clique c;
    for (size_t i = 0; i < PV_CLIQUE_WORDS; i++)
        c.word[i] = a->word[i] & ~b->word[i];
    return c;
}

static inline bool pv_clique_equal(const pv_clique *a, const pv_clique *b)
{
    uint64_t difference = 0;
    for (size_t i = 0; i < PV_CLIQUE_WORDS; i++)
        difference |= a->word[i] ^ b->word[i];
    return difference == 0;
}

/* True when every column of `a` is in `b`. */
static inline bool pv_clique_subset(const pv_clique *a, const pv_clique *b)
{
    uint64_t outside = 0;
    for (size_t i = 0; i < PV_CLIQUE_WORDS; i++)
        outside |= a->word[i] & ~b->word[i];
    return outside == 0;
}

static inline size_t pv_clique_count(const pv_clique *c)
{
    int n = 0;
    for (size_t i = 0; i < PV_CLIQUE_WORDS; i++)
        n += __builtin_popcountll(c->word[i]);
    return (size_t)n;
}

/* The smallest column >= from, or PV_MAX_COLUMNS. Walk a clique with
 * for (c = next(&q, 0); c < PV_MAX_COLUMNS; c = next(&q, c + 1)). */
static inline size_t pv_clique_next(const pv_clique *c, size_t from)
{
    for (size_t i = from / 64; i < PV_CLIQUE_WORDS; i++) {
        uint64_t w = c->word[i];
        if (i == from / 64)
            w &= ~UINT64_C(0) << from % 64;
        if (w != 0)
            return 64 * i + (size_t)__builtin_ctzll(w);
    }
    return PV_MAX_COLUMNS;
}

/* Writes the columns in increasing order into column[], at most `room`;
 * returns how many there are. */
PV_API size_t pv_clique_columns(const pv_clique *c, uint32_t *column,
                                size_t room);

/* Moves column[0..k-1], increasing numbers below n, to the next combination in
 * lexicographic order; false, and no change, after the last. Start with 0, 1,
 * ..., k - 1. There is one combination of none. */
PV_API bool pv_combination_next(uint32_t *column, size_t k, size_t n);

/* A domain: the number of levels of each column. */
typedef struct pv_domain {
    size_t columns;
    uint32_t levels[PV_MAX_COLUMNS];
} pv_domain;

PV_API void pv_domain_of_schema(const pv_schema *schema, pv_domain *domain);

/* The domain that models are made over: determined columns (io/schema.h) have
 * one level. */
PV_API void pv_domain_of_model(const pv_schema *schema, pv_domain *domain);

/* PV_EINVAL, naming the column, when the clique has a determined one: a model
 * knows nothing of it. */
PV_API PV_CHECKED pv_status pv_clique_modelled(const pv_clique *c,
                                               const pv_schema *schema,
                                               pv_error *err);

/* Cells of the marginal over `c`; SIZE_MAX when it does not fit. */
PV_API size_t pv_domain_cells(const pv_domain *domain, const pv_clique *c);

/* "age x job" with the schema's names, cut with "..." when it does not fit. */
PV_API void pv_clique_describe(const pv_clique *c, const pv_schema *schema,
                               char *text, size_t size);

#endif
