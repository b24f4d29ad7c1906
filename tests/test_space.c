/* Rows as vectors: ranges, labels, what is missing, and what is left out. */
#include "embeddings/space.h"
#include "io_fixture.h"

#include <math.h>

static pv_schema *schema;
static pv_space *space;
static pv_error err = PV_ERROR_INIT;

static void make(const char *json, size_t without)
{
    cr_assert_eq(pv_schema_parse(json, strlen(json), "s", &schema, &err), PV_OK,
                 "%s", err.message);
    cr_assert_eq(pv_space_alloc(schema, without, &space, &err), PV_OK, "%s",
                 err.message);
}

static void end(void)
{
    pv_space_free(space);
    pv_schema_free(schema);
    space = NULL;
    schema = NULL;
}

TestSuite(space, .fini = end);

static const char mixed[] =
    "{\"fields\":["
    "{\"name\":\"n\",\"type\":\"number\",\"constraints\":{\"minimum\":-10,"
    "\"maximum\":30},\"privet\":{\"bins\":4}},"
    "{\"name\":\"i\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":2,\"maximum\":6}},"
    "{\"name\":\"two\",\"type\":\"string\",\"categories\":[\"x\",\"y\"],"
    "\"constraints\":{\"required\":true}},"
    "{\"name\":\"l\",\"type\":\"string\",\"categories\":[\"a\",\"b\",\"c\"],"
    "\"constraints\":{\"required\":true}},"
    "{\"name\":\"one\",\"type\":\"string\",\"categories\":[\"a\"],"
    "\"constraints\":{\"required\":true}}]}";

static double apart(const uint32_t *a, const double *av, const uint32_t *b,
                    const double *bv)
{
    float x[16], y[16];
    double sum = 0;
    cr_assert_leq(pv_space_width(space), 16);
    pv_space_embed(space, a, av, x);
    pv_space_embed(space, b, bv, y);
    for (size_t i = 0; i < pv_space_width(space); i++)
        sum += ((double)x[i] - y[i]) * ((double)x[i] - y[i]);
    return sum;
}

Test(space, coordinates)
{
    make(mixed, PV_NO_COLUMN);
    /* n and its missing level, i, two, three labels; nothing for one level */
    cr_assert_eq(pv_space_width(space), 2 + 1 + 1 + 3);
    const uint32_t code[5] = {1, 3, 1, 2, 0};
    const double value[5] = {5, NAN, NAN, NAN, NAN};
    float v[7];
    pv_space_embed(space, code, value, v);
    cr_assert_float_eq(v[0], 15.0 / 40, 1e-7);
    cr_assert_eq(v[1], 0);
    cr_assert_float_eq(v[2], 0.75, 1e-7);
    cr_assert_float_eq(v[3], sqrt(2) / 3, 1e-7);
    cr_assert_float_eq(v[4] + v[5], 0, 0);
    cr_assert_float_eq(v[6], 1.0 / 3, 1e-7);
}

/* Without a number, the middle of its bin; a missing one in the middle of all. */
Test(space, numbers_that_are_not_given)
{
    make(mixed, PV_NO_COLUMN);
    const uint32_t code[5] = {1, 2, 0, 0, 0}, missing[5] = {4, 2, 0, 0, 0};
    float v[7];
    pv_space_embed(space, code, NULL, v);
    cr_assert_float_eq(v[0], 15.0 / 40, 1e-7);
    pv_space_embed(space, missing, NULL, v);
    cr_assert_eq(v[0], 0.5F);
    cr_assert_float_eq(v[1], sqrt(2) / 3, 1e-7);
}

Test(space, labels_are_as_far_apart_in_pairs_as_in_more)
{
    make(mixed, PV_NO_COLUMN);
    const uint32_t a[5] = {0, 0, 0, 0, 0}, b[5] = {0, 0, 1, 0, 0},
                   c[5] = {0, 0, 0, 2, 0};
    cr_assert_float_eq(apart(a, NULL, b, NULL), 2.0 / 9, 1e-6);
    cr_assert_float_eq(apart(a, NULL, c, NULL), 2.0 / 9, 1e-6);
}

Test(space, leaves_out_the_class)
{
    make(mixed, 3);
    const uint32_t a[5] = {0, 0, 0, 0, 0}, c[5] = {0, 0, 0, 2, 0};
    cr_assert_eq(pv_space_width(space), 4);
    cr_assert_eq(pv_space_without(space), 3);
    cr_assert_eq(apart(a, NULL, c, NULL), 0);
}

Test(space, columns_may_count_for_more)
{
    make(mixed, PV_NO_COLUMN);
    const uint32_t a[5] = {0, 0, 0, 0, 0}, b[5] = {0, 0, 1, 0, 0},
                   c[5] = {0, 4, 0, 2, 0}, missing[5] = {4, 0, 0, 0, 0};
    float v[7];
    pv_space_stretch(space, 0, 4);
    pv_space_stretch(space, 2, 3);
    pv_space_stretch(space, 3, 0.5);
    pv_space_stretch(space, 4, 7); /* has no coordinate */
    cr_assert_eq(pv_space_factor(space, 2), 3);
    cr_assert_eq(pv_space_factor(space, 1), 1);
    cr_assert_eq(pv_space_factor(space, 4), 1);
    cr_assert_float_eq(apart(a, NULL, b, NULL), 2, 1e-6);
    cr_assert_float_eq(apart(a, NULL, c, NULL), 1 + 0.5 / 9, 1e-6);
    pv_space_embed(space, missing, NULL, v);
    cr_assert_eq(v[0], 2);
    cr_assert_float_eq(v[1], 4 * sqrt(2) / 3, 1e-6);
}

Test(space, of_nothing_is_refused)
{
    static const char alone[] =
        "{\"fields\":[{\"name\":\"c\",\"type\":\"integer\",\"constraints\":{"
        "\"required\":true,\"minimum\":0,\"maximum\":9}}]}";
    cr_assert_eq(pv_schema_parse(alone, strlen(alone), "s", &schema, &err),
                 PV_OK);
    cr_assert_eq(pv_space_alloc(schema, 0, &space, &err), PV_ESCHEMA);
}
