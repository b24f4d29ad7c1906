/* Rows of one number in three classes, and a population that they vote on. */
#ifndef PV_TESTS_VOTES_FIXTURE_H
#define PV_TESTS_VOTES_FIXTURE_H

#include "curator_fixture.h"
#include "dp/trial.h"

#include <math.h>

/* Class b of 3 levels; a number a of 0..8, whose coordinates are exact. */
static const char row_schema[] =
    "{\"fields\":[" INTEGER("a", "8") "," INTEGER("b", "2") "]}";
static const char person_schema[] =
    "{\"fields\":[" INTEGER("a", "8") "," INTEGER("b", "2")
    ",{\"name\":\"who\",\"type\":\"string\",\"privet\":{\"role\":\"id\"}}],"
    "\"privet\":{\"unit\":{\"column\":\"who\",\"max_rows\":3}}}";

enum { classes = 3, candidates = 7 };
/* Class 0: a tie at 2, and the second one is a duplicate of the third. Class 1 has one
 * candidate, class 2 three, of which two are the same. */
static const double place[candidates] = {0, 4, 4, 3, 1, 1, 5};
static const size_t first[classes + 1] = {0, 3, 4, 7};

static pv_space *space;
static float vector[candidates];
static pv_ballot ballot;

static inline void begin(const char *schema)
{
    fixture_open();
    use_schema(schema);
    f.options.numbers = true;
    cr_assert_eq(pv_space_alloc(f.schema, 1, &space, &f.err), PV_OK);
    cr_assert_eq(pv_space_width(space), 1);
    for (size_t j = 0; j < candidates; j++) {
        const uint32_t code[2] = {(uint32_t)place[j], 0};
        pv_space_embed(space, code, NULL, &vector[j]);
    }
    ballot = (pv_ballot){.space = space,
                         .metric = PV_VECTOR_L2,
                         .by = 1,
                         .classes = classes,
                         .first = first,
                         .width = 1,
                         .vector = vector};
}

static inline void begin_rows(void) { begin(row_schema); }
static inline void begin_persons(void) { begin(person_schema); }

static inline void end(void)
{
    pv_space_free(space);
    fixture_close();
}

typedef struct ballots {
    int64_t count[candidates];
} ballots;

static inline ballots votes_now(void)
{
    ballots v;
    cr_assert_eq(pv_curator_votes(f.curator, &ballot, v.count, &f.err), PV_OK,
                 "%s", f.err.message);
    return v;
}

#endif
