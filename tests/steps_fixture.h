/* What the tests of generation directories share: a run of five first candidates. */
#ifndef PV_TESTS_STEPS_FIXTURE_H
#define PV_TESTS_STEPS_FIXTURE_H

#include "gen/pe/steps.h"
#include "response_fixture.h"

enum { firsts = 5 };
static const size_t wanted[labels] = {3, 2};
static const int64_t own[firsts] = {0, 1, 2, 3, 4}, zero[firsts] = {0};
static const float value[firsts * width] = {1, 0, 0, 0, 2, 0, 0, 0,
                                            3, 4, 4, 4, 5, 0, 5};
static const char *const reference[firsts] = {"a.png", "b.png", "c.png",
                                              "d \"4\"", "e.png"};

static pv_steps_source *steps;
static char *directory;

static inline pv_source *source(void)
{
    return pv_steps_source_of(steps);
}

static inline void reopen(pv_vector_metric metric)
{
    if (steps != NULL)
        pv_source_free(source());
    MUST(pv_steps_open(directory, schema, width, metric, &steps, &err));
    source()->key = master;
}

static inline void begin(void)
{
    begin_place();
    directory = in_place("steps");
    steps = NULL;
    reopen(PV_VECTOR_L2);
}

static inline void end(void)
{
    pv_source_free(source());
    free(directory);
    end_place();
}

static inline char *file_of(const char *generation, const char *name)
{
    char *path = pv_sprintf_alloc("%s/%s/%s", directory, generation, name);
    cr_assert_not_null(path);
    return path;
}

static inline void answer(const char *generation, const response *r)
{
    char *path = file_of(generation, "response.h5");
    put_response(path, r);
    free(path);
}

static inline response usual(void)
{
    return (response){.count = firsts,
                      .width = width,
                      .value = value,
                      .parent = own,
                      .fold = zero,
                      .reference = reference};
}

static inline pv_status first(pv_population *p)
{
    *p = nobody();
    return source()->random(source(), wanted, p, &err);
}

/* The first candidates, with a usual response. */
static inline pv_population begun(void)
{
    pv_population p;
    fails(first(&p), PV_ESTOPPED, "gen_000/request.jsonl waits for ");
    pv_population_clear(&p);
    const response r = usual();
    answer("gen_000", &r);
    MUST(first(&p));
    return p;
}

static inline pv_status vary_by(const pv_population *parents, pv_variation how,
                         pv_population *p)
{
    *p = nobody();
    return source()->vary(source(), parents, &how, p, &err);
}

#endif
