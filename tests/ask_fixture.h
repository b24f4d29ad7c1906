/* A curator that is asked about groups of queries. */
#ifndef PV_TESTS_ASK_FIXTURE_H
#define PV_TESTS_ASK_FIXTURE_H

#include "curator_fixture.h"

#include <math.h>

/* A number with bins, a few integers, labels that may be missing. */
#define NUMBER_FIELD                                                           \
    "{\"name\":\"x\",\"type\":\"number\",\"constraints\":{\"required\":true,"  \
    "\"minimum\":0,\"maximum\":8},\"privet\":{\"bins\":[0,4,8]}}"
#define LABEL_FIELD                                                            \
    "{\"name\":\"l\",\"type\":\"string\",\"categories\":[\"p\",\"q\"]}"
#define MIXED "{\"fields\":[" NUMBER_FIELD "," INTEGER("y", "3") "," LABEL_FIELD
#define MIXED_ROW MIXED "]}"
#define MIXED_PERSON                                                           \
    MIXED ",{\"name\":\"who\",\"type\":\"string\",\"privet\":{\"role\":"       \
          "\"id\"}}],\"privet\":{\"unit\":{\"column\":\"who\",\"max_rows\":3}}}"
static const char rows_of_people[] = "x,y,l,who\n0.5,0,p,a\n3.5,1,q,a\n7.5,3,,b\n"
                                     "8,2,p,c\n4,1,q,d\n";

/* Groups 0.. of the trees (most 3), then four prefix queries (most 1). */
static const char spec[] = "tree:1:3,prefix:4";
enum { cells_most = 64, answers_most = 256 };

static pv_queries *queries;
static double flat[cells_most];

static inline void prepare(const char *schema)
{
    use_schema(schema);
    f.options.numbers = true;
    pv_queries_free(queries);
    cr_assert_eq(pv_queries_parse(spec, f.schema, 1 << 20, &queries, &f.err),
                 PV_OK, "%s", f.err.message);
}

static inline void set_up(void)
{
    fixture_open();
    use_csv(rows_of_people);
    f.options.ignore_extra = true;
    f.options.budget = UINT64_C(100) << 40;
    prepare(MIXED_ROW);
}

static inline void tear_down(void)
{
    pv_queries_free(queries);
    queries = NULL;
    fixture_close();
}

static const size_t three[] = {0, 1, 3}, turned[] = {1, 0, 3};
static const pv_rational next_to_none = {1, 256}, sixteen = {16, 1};

static inline pv_status ask(const size_t *group, size_t count, pv_rational sigma2,
                     int64_t *answer)
{
    return pv_ask_queries(f.curator, queries, group, count, sigma2, answer,
                          &f.err);
}

static inline pv_status choose(const size_t *group, size_t count, uint32_t weight,
                        pv_group_distance distance, uint64_t epsilon,
                        size_t *chosen)
{
    pv_group_candidate candidate[4];
    for (size_t i = 0; i < count; i++)
        candidate[i] = (pv_group_candidate){group[i], flat, 0, weight};
    return pv_ask_group(f.curator, queries, candidate, count, distance, epsilon,
                        chosen, &f.err);
}

static inline size_t cells_of(const size_t *group, size_t count)
{
    size_t cells = 0;
    for (size_t i = 0; i < count; i++)
        cells += pv_queries_group(queries, group[i])->cells;
    return cells;
}

static inline const json_t *question(size_t line)
{
    return json_object_get(pv_ledger_line(f.curator->ledger, line), "question");
}

static inline uint64_t member(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

#endif
