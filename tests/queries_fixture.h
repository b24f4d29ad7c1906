/* What the tests of queries share: people, a release, what is known. */
#ifndef PV_TESTS_QUERIES_FIXTURE_H
#define PV_TESTS_QUERIES_FIXTURE_H

#include "audit/attack/queries.h"

#include "tests/infer_fixture.h"

enum { users = 60, rows = 500, secret = 4, known_most = 8 };

static pv_error err;

static uint32_t class_three[] = {0, 1, 2};
static const pv_secret three = {secret, 3, class_three};

typedef struct fixture {
    pv_schema *schema;
    pv_table *people, *release;
    uint32_t known[known_most];
    size_t known_count;
} fixture;

static inline fixture make(uint64_t seed)
{
    fixture f = {.schema = schema_of(mixed_schema)};
    f.people = random_table(f.schema, users, seed);
    f.release = random_table(f.schema, rows, seed + 1);
    f.known_count = list_known(f.schema, secret, f.known);
    return f;
}

static inline void drop(fixture *f)
{
    pv_table_free(f->people);
    pv_table_free(f->release);
    pv_schema_free(f->schema);
}

#endif
